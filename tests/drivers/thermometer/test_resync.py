from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from drivers.thermometer.frames import Decoded, DecodedTemperature, MalformedFrame
from drivers.thermometer.resync import Found, LongFrameDecoder, ResyncDecoder
from screening.readings import FaultReason
from tests.drivers.thermometer.arrays import pieces

LENGTH = 64
READ = DecodedTemperature(36.5, None)


class CountedFormat:
    """A frame is 64 bytes from ``#`` to ``.``; counts how often a place is looked at."""

    header = b"#"
    begins = re.compile(rb"#")
    longest = LENGTH
    is_contested = True

    def __init__(self) -> None:
        self.looked = 0

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        self.looked += 1
        if stream[start] != 0x23:
            return FaultReason.BAD_HEADER
        if len(stream) < start + LENGTH:
            return None
        is_ended = stream[start + LENGTH - 1] == 0x2E
        return Found(LENGTH, READ) if is_ended else FaultReason.BAD_CHECKSUM


def test_a_frame_full_of_headers_costs_one_look_a_header_and_one_a_byte_that_arrives() -> None:
    counted = CountedFormat()
    decoder = ResyncDecoder(counted)
    wire = b"#" * (LENGTH - 1) + b"." + b"x" * LENGTH
    told = [item for byte in wire for item in decoder.feed(bytes((byte,)))]
    assert READ in told
    assert counted.looked <= 3 * len(wire)


def test_headers_without_frames_cost_one_look_each() -> None:
    counted = CountedFormat()
    decoder = ResyncDecoder(counted)
    decoder.feed(b"#" * 5000)
    assert counted.looked <= 5000


class CountedLongFormat(CountedFormat):
    """The same frames, tried many at once; ``?`` is an answer that is no reading."""

    begins = re.compile(rb"[#?]")

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        if stream[start] == 0x3F:
            return Found(1, None)
        return super().examine(stream, start)

    def first_intact(self, stream: bytearray, starts: Sequence[int]) -> int | None:
        return next((start for start in starts if stream[start + LENGTH - 1] == 0x2E), None)


GOOD = b"#" + b"x" * (LENGTH - 2) + b"."
BROKEN = b"#" + b"x" * (LENGTH - 2) + b","


def long(*chunks: bytes) -> list[Decoded]:
    decoder = LongFrameDecoder(CountedLongFormat())
    return [item for chunk in chunks for item in decoder.feed(chunk)] + decoder.flush()


def test_headers_without_frames_are_tried_all_at_once_where_frames_are_long() -> None:
    counted = CountedLongFormat()
    decoder = LongFrameDecoder(counted)
    for _ in range(40):
        decoder.feed(b"#" * 256)
    assert counted.looked <= 40 * 256 / LENGTH + 3 * 40


def test_what_fails_inside_a_long_frame_that_failed_is_told_with_it() -> None:
    full = b"#" * (LENGTH - 1) + b","
    assert long(full + GOOD) == [MalformedFrame(FaultReason.BAD_CHECKSUM, full), READ]


def test_two_broken_long_frames_are_told_as_two() -> None:
    assert long(BROKEN + BROKEN + GOOD) == [
        MalformedFrame(FaultReason.BAD_CHECKSUM, BROKEN),
        MalformedFrame(FaultReason.BAD_CHECKSUM, BROKEN),
        READ,
    ]


@pytest.mark.parametrize("kept", range(1, LENGTH))
def test_a_good_frame_is_read_wherever_it_begins_in_one_that_was_cut(kept: int) -> None:
    cut = (b"#" * LENGTH)[:kept]
    assert long(cut + GOOD) == [MalformedFrame(FaultReason.BAD_CHECKSUM, cut), READ]


def test_an_answer_is_not_looked_for_in_what_has_failed() -> None:
    cut = b"#" + b"?" * 9
    assert long(cut + GOOD) == [MalformedFrame(FaultReason.BAD_CHECKSUM, cut), READ]
    assert long(b"?" + GOOD + b"?" + GOOD) == [READ, READ]


@pytest.mark.parametrize("size", [1, 2, 7, 63, 64, 65, 1000])
def test_what_is_told_of_long_frames_does_not_depend_on_chunks(size: int) -> None:
    wire = b"#" * 150 + b"?" + GOOD + BROKEN + b"#?" * 50 + BROKEN[:-3] + GOOD + b"##" * 70
    assert long(*pieces(wire, range(0, len(wire), size))) == long(wire)
