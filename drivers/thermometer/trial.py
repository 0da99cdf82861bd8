"""What a codec goes through before it is trusted: garbage by the million bytes, from a seed.

A round is a stream of ``ROUND_BYTES`` or more: garbage, then a good frame, over and over. Garbage
is random bytes, bytes of the format's own alphabet, headers without frames, and good frames that
were cut, glued, flipped, stretched and mixed. Of each round is asked that

- nothing raises (the error carries a note with model, seed and round);
- every reading is a number (of a picture: some pixels are, and none is infinite);
- the good frame behind every piece of garbage is read;
- the result is the same however the stream was cut;
- no more memory is held than a few frames need.

Some wires cannot promise that the *first* good frame is read, and are asked for what they can.
Lines of text, where garbage may glue itself to the line, and bursts, whose end is the next one's
beginning: one of two good frames. Answers without header and checksum, where only silence tells
where one begins: the answer behind the silence.
"""

from __future__ import annotations

import math
import random
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from drivers.thermometer.frames import (
    Decoded,
    DecodedArray,
    DecodedTemperature,
    MalformedFrame,
    TemperatureDecoder,
)
from drivers.thermometer.models import ThermometerModel

ROUND_BYTES = 1_000_000
MOST_CHUNK = 64
LEAST_MEMORY = 256 * 1024  # Python keeps so much of freed tuples for itself, and it is counted
FRAMES_OF_MEMORY = 16
"""So many of a format's longest frames, and ``LEAST_MEMORY``, may be held: a hoarder of a round's
bytes is far above."""

_SECOND = ("arduino-mlx90614", "raytek-mi3", "optris-burst")
_UNMARKED = ("optris", "optris-hs", "gd60914")
_GOOD_FRAMES = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that arrive in one go; ``is_quiet`` where the line then falls silent."""

    wire: bytes
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """A stream, and the readings that must be among what is decoded, in this order."""

    pieces: tuple[Piece, ...]
    expected: tuple[Decoded, ...]

    @property
    def length(self) -> int:
        """Bytes."""
        return sum(len(piece.wire) for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class TrialReport:
    """How one codec did; ``failures`` are sentences that name the round, empty when all was well.

    ``held_bytes`` is the most memory that decoding took at any time.
    """

    model: str
    seed: int
    rounds: int
    fed_bytes: int
    good_frames: int
    malformed: int
    held_bytes: int
    allowed_bytes: int
    failures: tuple[str, ...]


class Trial:
    """Rounds for one model, the same for the same seed."""

    def __init__(
        self, model: ThermometerModel, *, seed: int, round_bytes: int = ROUND_BYTES
    ) -> None:
        self._model = model
        self._seed = seed
        self._round_bytes = round_bytes
        self._sent = _good_frames(model)
        self._garbled = [wire for wire, _ in _good_frames(model, shift=0.37)]

    def run(self, least_bytes: int, *, told: Callable[[int], None] = lambda _: None) -> TrialReport:
        """Rounds until at least so many bytes were fed; ``told`` hears the bytes after each."""
        fed = rounds = good = malformed = held = 0
        failures: list[str] = []
        while fed < least_bytes:
            stream = self.round(rounds)
            try:
                whole, most = self._judge(stream, rounds, failures)
            except BaseException as error:
                error.add_note(f"fuzzing {self._model.name}, seed {self._seed}, round {rounds}")
                raise
            held = max(held, most)
            malformed += sum(isinstance(one, MalformedFrame) for one in whole)
            good += len(stream.expected)
            fed += stream.length
            rounds += 1
            told(fed)
        allowed = self.allowed_bytes
        if held > allowed:
            failures.append(f"{held} bytes of memory were held; {allowed} are allowed")
        return TrialReport(
            self._model.name,
            self._seed,
            rounds,
            fed,
            good,
            malformed,
            held,
            allowed,
            tuple(failures),
        )

    @property
    def allowed_bytes(self) -> int:
        """Memory that decoding may take."""
        return LEAST_MEMORY + FRAMES_OF_MEMORY * max(len(wire) for wire, _ in self._sent)

    def round(self, number: int) -> Round:
        """The stream of this round."""
        rng = random.Random(f"{self._seed}/{self._model.name}/{number}")
        pieces: list[Piece] = []
        expected: list[Decoded] = []
        length = 0
        while length < self._round_bytes:
            wire, frame = rng.choice(self._sent)
            garbage = self.garbage(rng)
            if self._model.name in _UNMARKED:
                pieces += [Piece(garbage, is_quiet=True), Piece(wire, is_quiet=True)]
            elif self._model.name in _SECOND:
                pieces.append(Piece(garbage + wire + wire))
            else:
                pieces.append(Piece(garbage + wire))
            expected.append(frame)
            length += len(garbage) + len(wire)
        return Round(tuple(pieces), tuple(expected))

    def garbage(self, rng: random.Random) -> bytes:
        """Of any kind, from nothing to a few frames long."""
        kinds = (self._random, self._alphabet, self._headers, self._one_byte, self._mutated)
        return b"".join(rng.choice(kinds)(rng) for _ in range(rng.choice((0, 1, 1, 2, 3))))

    def _length(self, rng: random.Random) -> int:
        most = 2 * len(rng.choice(self._garbled))
        return rng.randrange(rng.choice((4, 40, most)) + 1)

    def _random(self, rng: random.Random) -> bytes:
        return rng.randbytes(self._length(rng))

    def _alphabet(self, rng: random.Random) -> bytes:
        """The bytes that frames are made of, in any order."""
        frame = rng.choice(self._garbled)
        return bytes(rng.choices(frame[:24], k=self._length(rng)))

    def _headers(self, rng: random.Random) -> bytes:
        """Beginnings of frames, one behind the other."""
        begin = rng.choice(self._garbled)[: rng.randrange(1, 13)]
        return begin * (self._length(rng) // len(begin) + 1)

    def _one_byte(self, rng: random.Random) -> bytes:
        return bytes((rng.choice(rng.choice(self._garbled)[:8]),)) * self._length(rng)

    def _mutated(self, rng: random.Random) -> bytes:
        """A good frame with bits flipped, bytes lost, put in or repeated, cut at either end."""
        frame = bytearray(rng.choice(self._garbled))
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            at = rng.randrange(len(frame))
            match rng.randrange(6):
                case 0:
                    frame[at] ^= 1 << rng.randrange(8)
                case 1:
                    del frame[at : at + rng.randrange(1, 5)]
                case 2:
                    frame[at:at] = rng.randbytes(rng.randrange(1, 5))
                case 3:
                    frame[at:at] = frame[: rng.randrange(1, len(frame) + 1)]
                case 4:
                    del frame[at:]
                case _:
                    del frame[:at]
            if not frame:
                break
        return bytes(frame)

    def _judge(self, stream: Round, number: int, failures: list[str]) -> tuple[list[Decoded], int]:
        """Everything that is decoded, and the most memory it took."""
        whole = list(decode(self._model.decoder(), stream.pieces))
        rng = random.Random(f"{self._seed}/{self._model.name}/{number}/cuts")
        cut = tuple(_cut(stream.pieces, rng))
        decoder = self._model.decoder()
        is_same, most = True, 0
        rest = iter(whole)
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for one in decode(decoder, cut):
                is_same = is_same and one == next(rest, None)
            _, peak = tracemalloc.get_traced_memory()
            most = peak - before
        finally:
            tracemalloc.stop()
        if not is_same or next(rest, None) is not None:
            failures.append(f"round {number}: the result depends on how the stream was cut")
        if not all(map(_is_number, whole)):
            failures.append(f"round {number}: a reading is no number")
        missed = _first_missed(whole, stream.expected)
        if missed is not None:
            failures.append(f"round {number}: good frame {missed} was not read")
        return whole, most


def decode(decoder: TemperatureDecoder, pieces: Sequence[Piece]) -> Iterator[Decoded]:
    """What is decoded of these pieces and their end."""
    for piece in pieces:
        yield from decoder.feed(piece.wire)
        if piece.is_quiet:
            yield from decoder.flush()
    yield from decoder.flush()


def _cut(pieces: Sequence[Piece], rng: random.Random) -> Iterator[Piece]:
    """The same bytes in chunks of random length; often of one byte."""
    for piece in pieces:
        at = 0
        while at < len(piece.wire):
            length = rng.randrange(1, rng.choice((2, 8, MOST_CHUNK + 1)))
            yield Piece(piece.wire[at : at + length])
            at += length
        if piece.is_quiet:
            yield Piece(b"", is_quiet=True)


def _is_number(one: Decoded) -> bool:
    if isinstance(one, DecodedTemperature):
        ambient = one.ambient_celsius
        return math.isfinite(one.object_celsius) and (ambient is None or math.isfinite(ambient))
    if isinstance(one, DecodedArray):
        return math.isfinite(one.coldest_celsius) and math.isfinite(one.hottest_celsius)
    return True


def _first_missed(decoded: Sequence[Decoded], expected: Sequence[Decoded]) -> int | None:
    """Which of ``expected`` is not among ``decoded`` in their order."""
    readings = (one for one in decoded if not isinstance(one, MalformedFrame))
    for index, one in enumerate(expected):
        if not any(one == found for found in readings):
            return index
    return None


def _good_frames(model: ThermometerModel, shift: float = 0.0) -> list[tuple[bytes, Decoded]]:
    """Frames of warm faces, and what is read of each."""
    if model.picture is None:
        spots = [DecodedTemperature(35 + 0.4 * n + shift, 24.5) for n in range(_GOOD_FRAMES)]
        return [_as_read(model, model.encode(spot)) for spot in spots]
    rng = np.random.default_rng(round(shift * 100))
    shape = (model.picture.rows, model.picture.columns)
    return [
        _as_read(
            model,
            model.picture.encode(
                DecodedArray(rng.normal(24 + n, 2, shape).astype(np.float32), 30.0 + n)
            ),
        )
        for n in range(_GOOD_FRAMES)
    ]


def _as_read(model: ThermometerModel, wire: bytes) -> tuple[bytes, Decoded]:
    return wire, model.decoder().feed(wire + wire)[0]
