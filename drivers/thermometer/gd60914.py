"""GD60914: a forehead thermometer board that answers when asked, in text.

Wire (8N1, 9600 baud; one public driver, no manual): A1 once chooses single measurements, then one
byte asks, AA for the object, AB for its estimate of the body, AC for the wrist. The answer is seven
ASCII bytes whose leading digits are tenths of a degree Celsius. Only AA is ever asked: the other
two are conversions nobody has published. The answer does not say which question it is to.

How the seven bytes are filled and ended is not documented. So a run of digits is an answer when CR,
LF, NUL or a blank ends it, or when it is seven bytes long; these four mean nothing themselves.
There is no header and no sum, and a run of digits is never searched for a good value inside:
``0010375`` is 1037.5 and a fault, not 37.5 behind noise. Only eight digits and more, which no
answer can have, are moved along by one digit until seven of them tell a value.

Values outside 10...99.9 degC are faults. That range is ours, not the maker's: inside it exactly
three digits count, so that seven digits shifted by one are never taken for an answer.
"""

from __future__ import annotations

import re

from drivers.thermometer.frames import Decoded, DecodedTemperature, DeviceRange, MalformedFrame
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.readings import FaultReason

SINGLE_MEASUREMENTS_COMMAND = b"\xa1"
OBJECT_COMMAND = b"\xaa"
RANGE = DeviceRange(10.0, 99.9, -40.0, 125.0)

_ANSWER_LENGTH = 7
_ENDS = b"\r\n\x00 "
_RUN = re.compile(rb"(?:[+-][0-9]{0,6}|[0-9]{1,7})")


class _Wire:
    header = b""
    begins = re.compile(rb"[+\-0-9\r\n\x00 ]")
    longest = 64  # of malformed bytes, told in pieces of this size
    is_contested = False

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        if stream[start] in _ENDS:
            return Found(1, None)
        found = _RUN.match(stream, start)
        if found is None:
            return FaultReason.BAD_HEADER
        digits = bytes(found[0])
        following = bytes(stream[found.end() : found.end() + 1])
        return _answer(digits, following)


class Gd60914Decoder(ResyncDecoder):
    """Bytes of the board to temperatures; see the header of this module for the wire."""

    def __init__(self) -> None:
        super().__init__(_Wire())


def encode(frame: DecodedTemperature) -> bytes:
    """An answer of five digits and a line end; the board tells no ambient."""
    return f"{round(frame.object_celsius * 10):05d}\r\n".encode("ascii")


def _answer(digits: bytes, following: bytes) -> Found | FaultReason | None:
    """What a run of digits is, seen with the byte behind it; None where that is still to come."""
    is_full = len(digits) == _ANSWER_LENGTH
    told = _temperature(digits)
    if is_full and isinstance(told, DecodedTemperature):
        return Found(_ANSWER_LENGTH, told)
    if not following:
        return None
    if is_full and following.isdigit():
        return FaultReason.OUT_OF_DEVICE_RANGE
    if not is_full and following not in _ENDS:
        told = MalformedFrame(FaultReason.UNPARSABLE, digits)
    return Found(len(digits), told)


def _temperature(digits: bytes) -> Decoded:
    if digits in (b"+", b"-"):
        return MalformedFrame(FaultReason.UNPARSABLE, digits)
    measured = DecodedTemperature(int(digits) / 10, None)
    if not RANGE.contains(measured):
        return MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, digits)
    return measured
