"""How fast a codec is on one core, as a multiple of what its line can bring.

Measured in processor seconds of this process, so that a busy machine does not look like a slow
codec; the best of several runs, since nothing makes code faster than it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.thermometer.frames import DecodedTemperature
from drivers.thermometer.models import ThermometerModel
from drivers.thermometer.trial import Trial

STREAM_BYTES = 200_000
CHUNK_BYTES = 256  # about what a port hands over at once
BEST_OF = 5
BITS_A_BYTE = 10  # 8N1: a start and a stop bit besides
LEAST_TIMES_LINE_RATE = 20
"""A slower codec would not be trusted beside a camera and a mask check on the same core."""

_LONGEST_HEADER = 12


@dataclass(frozen=True, slots=True)
class Pace:
    """One codec on one kind of stream."""

    model: str
    stream: str
    baud_rate: int
    bytes_a_second: float

    def times(self, baud_rate: int) -> float:
        """How many lines at that rate one core could read."""
        return self.bytes_a_second / (baud_rate / BITS_A_BYTE)


def measure(
    model: ThermometerModel,
    *,
    cpu_s: Callable[[], float],
    best_of: int = BEST_OF,
    length: int = STREAM_BYTES,
) -> list[Pace]:
    """The pace on good frames and on every kind of stream that makes a search work hard.

    ``headers`` is the slowest of streams that repeat the first bytes of a frame, for every number
    of them up to 12.
    """
    paces: dict[str, float] = {}
    for name, wire in streams(model, length=length).items():
        kind = name.partition(" ")[0]
        pace = max(_bytes_a_second(model, wire, cpu_s) for _ in range(best_of))
        paces[kind] = min(paces.get(kind, pace), pace)
    return [Pace(model.name, kind, model.baud_rate, pace) for kind, pace in paces.items()]


def streams(model: ThermometerModel, *, length: int = STREAM_BYTES) -> Mapping[str, bytes]:
    """What is measured, by name."""
    frame = model.encode(DecodedTemperature(36.5, 24.5))
    broken = frame[:-1] + bytes((frame[-1] ^ 1,))
    parts = {
        "good frames": frame,
        "broken frames": broken,
        "cut frames": frame[:-1],
        **{f"headers {n}": frame[:n] for n in range(1, min(len(frame), _LONGEST_HEADER) + 1)},
        "noise": random.Random(1).randbytes(length),
    }
    whole = {name: (part * (length // len(part) + 1))[:length] for name, part in parts.items()}
    garbled = Trial(model, seed=1, round_bytes=length).round(0)
    return {**whole, "garbled frames": b"".join(piece.wire for piece in garbled.pieces)}


def _bytes_a_second(model: ThermometerModel, wire: bytes, cpu_s: Callable[[], float]) -> float:
    decoder = model.decoder()
    begun_s = cpu_s()
    for at in range(0, len(wire), CHUNK_BYTES):
        decoder.feed(wire[at : at + CHUNK_BYTES])
    decoder.flush()
    return len(wire) / max(cpu_s() - begun_s, 1e-9)
