"""What the tests of thermal arrays share: pictures, streams cut in pieces, and their checks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import strategies as st

from drivers.thermometer.frames import Decoded, DecodedArray, TemperatureDecoder

MakeDecoder = Callable[[], TemperatureDecoder]


def picture(
    rows: int, columns: int, *, seed: int = 1, step: float = 0.01, ambient: float | None = 31.5
) -> DecodedArray:
    """A scene with a warm middle and noise, rounded to what the wire carries."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    celsius = 24 + 11 * (x**2 + y**2 < 0.3) + rng.normal(0, 0.2, (rows, columns))
    return DecodedArray((np.rint(celsius / step) * step).astype(np.float32), ambient)


def decode(make: MakeDecoder, *chunks: bytes) -> list[Decoded]:
    decoder = make()
    return [item for chunk in chunks for item in decoder.feed(chunk)] + decoder.flush()


def pieces(wire: bytes, cuts: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    return [wire[a:b] for a, b in itertools.pairwise(edges)]


def noisy(parts: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Random bytes, ``parts`` whole and cut, in any order."""
    cut = st.sampled_from(parts).flatmap(
        lambda part: st.integers(0, len(part)).map(lambda end: part[:end])
    )
    return st.lists(st.one_of(st.binary(max_size=12), cut, st.sampled_from(parts)), max_size=8).map(
        b"".join
    )
