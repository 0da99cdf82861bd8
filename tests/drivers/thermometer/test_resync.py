from __future__ import annotations

import re

from drivers.thermometer.frames import DecodedTemperature
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.readings import FaultReason

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
