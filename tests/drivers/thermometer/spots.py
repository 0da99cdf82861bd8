"""What the tests of spot thermometers share: whole streams decoded, and streams of anything."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from drivers.thermometer.frames import Decoded, DecodedTemperature
from drivers.thermometer.models import find_model


def decode(model: str, *chunks: bytes) -> list[Decoded]:
    """Everything that a new decoder of this model tells of the chunks and their end."""
    decoder = find_model(model).decoder()
    return [item for chunk in chunks for item in decoder.feed(chunk)] + decoder.flush()


def readings(items: Sequence[Decoded]) -> list[DecodedTemperature]:
    """Without the malformed pieces."""
    return [item for item in items if isinstance(item, DecodedTemperature)]


def noisy(parts: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Random bytes, ``parts`` whole and cut, in any order."""
    cut = st.sampled_from(parts).flatmap(
        lambda part: st.integers(0, len(part)).map(lambda end: part[:end])
    )
    piece = st.one_of(st.binary(max_size=12), cut, st.sampled_from(parts))
    return st.lists(piece, max_size=12).map(b"".join)
