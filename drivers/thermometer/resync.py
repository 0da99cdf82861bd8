"""The search for frames in a stream of bytes that may be cut, broken or noise.

A format says what begins at a place (``FrameFormat.examine``); this finds the frames. A candidate
that fails loses ONE byte and the search goes on from the next, so that a good frame behind or
inside a broken one is found. Rejected bytes that follow each other come out as one malformed item,
long stretches in pieces.

Two more rules keep a good frame from being eaten by a false one that was made of a cut frame and
the beginning of the good one: a frame, or an answer that is no reading, gives way to a reading that
begins inside it (where the format's checksum is short enough for that to happen), and the last
bytes of a frame, where they could be the first of the next, are looked at once more.

A long frame of fixed length can hold hundreds of false beginnings. So what fails inside a long
frame that failed is told together with it, and its beginnings are tried all at once
(``LongFrameDecoder``): with a checksum that slides, a stream of nothing but headers costs little
more for each of them than a look.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from drivers.thermometer.frames import (
    Decoded,
    DecodedArray,
    DecodedTemperature,
    MalformedFrame,
)
from screening.readings import FaultReason

LEAST_PIECE = 64
"""Bytes of a stretch of noise that are reported together, however short a format's frames are."""


@dataclass(frozen=True, slots=True)
class Found:
    """A whole frame of ``length`` bytes; ``decoded`` is None for an answer that is no reading."""

    length: int
    decoded: Decoded | None


class FrameFormat(Protocol):
    """One wire format; every value is a constant of the format."""

    @property
    def header(self) -> bytes:
        """What a reading begins with."""

    @property
    def begins(self) -> re.Pattern[bytes]:
        """Where any frame may begin, also one whose first bytes are the last of the stream."""

    @property
    def longest(self) -> int:
        """Bytes of the longest frame that is believed."""

    @property
    def is_contested(self) -> bool:
        """Whether the checksum is so short that a frame inside a frame decides."""

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        """What begins at ``start``, why it is no frame, or None where more bytes must tell."""


class ResyncDecoder:
    """A ``TemperatureDecoder`` for any ``FrameFormat``; holds two of its longest frames at most."""

    def __init__(self, wire: FrameFormat) -> None:
        self._format = wire
        self._buffer = bytearray()
        self._rejected = bytearray()
        self._rejected_for = FaultReason.BAD_HEADER
        self._kept = 0  # so many first bytes of the buffer are the last of the frame before
        self._contested: Found | None = None  # the frame at the front, while others in it may win
        self._looked_inside = 1

    def feed(self, chunk: bytes) -> list[Decoded]:
        decoded: list[Decoded] = []
        self._buffer += chunk
        self._drain(decoded, ended=False)
        return decoded

    def idle(self) -> list[Decoded]:
        decoded: list[Decoded] = []
        self._report_rejected(decoded)
        return decoded

    def flush(self) -> list[Decoded]:
        decoded: list[Decoded] = []
        self._drain(decoded, ended=True)
        self._report_rejected(decoded)
        return decoded

    def _drain(self, decoded: list[Decoded], *, ended: bool) -> None:
        while self._buffer:
            found = self._examine(ended=ended)
            if found is None and not ended:
                return
            is_reading = isinstance(found, Found) and found.decoded is not None
            if self._kept and not is_reading:
                del self._buffer[0]
                self._kept -= 1
            elif isinstance(found, Found):
                self._accept(found, decoded)
            else:
                self._reject(found or FaultReason.TRUNCATED, decoded)

    def _examine(self, *, ended: bool) -> Found | FaultReason | None:
        """What begins the buffer; None where more bytes must tell."""
        if self._contested is not None:
            return self._unless_contested(self._contested, ended=ended)
        found = self._format.examine(self._buffer, 0)
        if isinstance(found, Found) and self._format.is_contested:
            return self._unless_contested(found, ended=ended)
        return found

    def _unless_contested(self, frame: Found, *, ended: bool) -> Found | FaultReason | None:
        """``frame``, unless a reading begins inside it.

        Where that is still to come, it goes on from that place when there is more.
        """
        header = self._format.header
        start = self._buffer.find(header, self._looked_inside, frame.length)
        while start != -1:
            inner = self._format.examine(self._buffer, start)
            if inner is None and not ended:
                self._contested, self._looked_inside = frame, start
                return None
            if isinstance(inner, Found) and isinstance(
                inner.decoded, DecodedTemperature | DecodedArray
            ):
                self._contested, self._looked_inside = None, 1
                return FaultReason.BAD_CHECKSUM
            start = self._buffer.find(header, start + 1, frame.length)
        self._contested, self._looked_inside = None, 1
        return frame

    def _accept(self, frame: Found, decoded: list[Decoded]) -> None:
        self._report_rejected(decoded)
        self._kept = self._begun_at_the_end_of(frame.length)
        if frame.decoded is not None:
            decoded.append(frame.decoded)
        del self._buffer[: frame.length - self._kept]

    def _begun_at_the_end_of(self, length: int) -> int:
        """How many of the frame's last bytes the next header could begin with."""
        header = self._format.header
        for count in range(len(header) - 1, 0, -1):
            if self._buffer[length - count : length] == header[:count]:
                return count
        return 0

    def _reject(self, reason: FaultReason, decoded: list[Decoded]) -> None:
        """The first byte, and with it all behind it up to where a frame may begin again."""
        if not self._continues(reason):
            self._report_rejected(decoded)
        if not self._rejected:
            self._rejected_for = reason
        end = self._next_begin(reason)
        self._rejected += self._buffer[:end]
        del self._buffer[:end]
        most = max(LEAST_PIECE, self._format.longest)
        while len(self._rejected) >= most:
            decoded.append(MalformedFrame(self._rejected_for, bytes(self._rejected[:most])))
            del self._rejected[:most]
            # What is left is bytes behind the one that failed, at which no frame can begin.
            self._rejected_for = FaultReason.BAD_HEADER

    def _continues(self, reason: FaultReason) -> bool:
        """Whether what fails is told together with what failed before it."""
        return reason is FaultReason.BAD_HEADER or (
            reason is self._rejected_for
            and reason in (FaultReason.TRUNCATED, FaultReason.OUT_OF_DEVICE_RANGE)
        )

    def _next_begin(self, reason: FaultReason) -> int:
        """Where a frame may begin behind the first byte, which failed for this reason."""
        begin = self._format.begins.search(self._buffer, 1)
        return len(self._buffer) if begin is None else begin.start()

    def _report_rejected(self, decoded: list[Decoded]) -> None:
        if self._rejected:
            decoded.append(MalformedFrame(self._rejected_for, bytes(self._rejected)))
            self._rejected.clear()


class LongFrameFormat(FrameFormat, Protocol):
    """A format whose readings all have ``longest`` bytes."""

    def first_intact(self, stream: bytearray, starts: Sequence[int]) -> int | None:
        """The first of ``starts``, ascending and each with ``longest`` bytes behind it, whose
        checksum is right."""


class LongFrameDecoder(ResyncDecoder):
    """For frames so long that a false one of them may hold many more."""

    def __init__(self, wire: LongFrameFormat) -> None:
        super().__init__(wire)
        self._long = wire
        self._claimed = 0  # so many first bytes of the buffer are inside a frame that failed

    def _examine(self, *, ended: bool) -> Found | FaultReason | None:
        found = super()._examine(ended=ended)
        if self._claimed and isinstance(found, Found) and found.decoded is None:
            return FaultReason.BAD_HEADER  # only a reading is looked for in what has failed
        return found

    def _accept(self, frame: Found, decoded: list[Decoded]) -> None:
        self._claimed = 0
        super()._accept(frame, decoded)

    def _continues(self, reason: FaultReason) -> bool:
        if reason is FaultReason.BAD_CHECKSUM and self._claimed:
            return True
        return super()._continues(reason)

    def _next_begin(self, reason: FaultReason) -> int:
        if reason is FaultReason.BAD_CHECKSUM and not self._claimed:
            self._claimed = self._format.longest
        end = self._behind_false_headers(super()._next_begin(reason))
        self._claimed = max(0, self._claimed - end)
        return end

    def _behind_false_headers(self, begin: int) -> int:
        """``begin``, or behind it the first beginning that is not known to fail as those before."""
        last = min(self._claimed, len(self._buffer) - self._format.longest + 1)
        starts: list[int] = []
        for found in self._format.begins.finditer(self._buffer, begin):
            start = found.start()
            if start >= last:
                break
            if self._buffer.startswith(self._format.header, start):
                starts.append(start)
        else:
            start = len(self._buffer)
        if len(starts) < 2:
            return begin
        intact = self._long.first_intact(self._buffer, starts)
        return start if intact is None else intact
