"""GY-614V3: a forehead thermometer module of registers that streams its own read answer.

Wire (8N1, 9600 baud), like Modbus to look at and not Modbus: one byte of sum, big-endian words::

    0   1   2   3   4  5 6  7 8  9 10  11
    A4  03  07  07  E  TO   TA   BO    sum        sum = low byte of the sum of bytes 0 to 10

Id, function (read), first register, number of bytes; then emissivity in hundredths, the object, the
module's own temperature and its estimate of the body, signed, in hundredths of a degree Celsius.
Two sources agree on bytes 4 to 11 and on the sum; bytes 0 to 2 were inferred from the register
table, so a module with another id than A4 as delivered is not read.

TO is the reading. BO is a conversion that nobody has published, so it is not used at all. An answer
that covers registers 08 to 0D or 08 to 0B (``A4 03 08 06`` and ``A4 03 08 04``) is read in the same
way; other answers, and ``A4 06 register value sum`` to a setting, are passed over when their sum is
right.
"""

from __future__ import annotations

import re

from drivers.thermometer import mlx90614_words as words
from drivers.thermometer.frames import Decoded, DecodedTemperature
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.readings import FaultReason

CONTINUOUS_COMMAND = bytes.fromhex("A4 06 03 00 AD")  # not saved: at power-up it is as it was set

OTHER_RATES = (2400, 4800, 19200, 38400, 57600, 115200, 230400)  # of register 01

READ_QUESTION = bytes.fromhex("A4 03 07 07 B5")
"""Registers 07 to 0D, which the module also streams; changes nothing."""

_ID = 0xA4
_READ = 0x03
_WRITE = 0x06
_OVERHEAD = 5  # id, function, first register, number of bytes, sum
_LONGEST_PAYLOAD = 16  # the registers 00 to 0F
_WRITE_LENGTH = 5
_FIRST_OF_STREAM = 0x07
_STREAM_PAYLOAD = 7
_OBJECT_REGISTER = 0x08


class _Wire:
    header = bytes((_ID, _READ))
    begins = re.compile(rb"\xa4(?:[\x03\x06]|\Z)")
    longest = _LONGEST_PAYLOAD + _OVERHEAD
    is_contested = True

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        head = stream[start : start + 4]
        if head[0] != _ID or (len(head) > 1 and head[1] not in (_READ, _WRITE)):
            return FaultReason.BAD_HEADER
        if len(head) < 4:
            return None
        length = _WRITE_LENGTH
        if head[1] == _READ:
            if not 1 <= head[3] <= _LONGEST_PAYLOAD:
                return FaultReason.BAD_LENGTH
            length = head[3] + _OVERHEAD
        frame = words.whole_frame(stream, start, length)
        if not isinstance(frame, bytes):
            return frame
        return Found(length, _temperature(frame) if head[1] == _READ else None)


class Gy614V3Decoder(ResyncDecoder):
    """Bytes of the module to temperatures; see the header of this module for the wire."""

    def __init__(self) -> None:
        super().__init__(_Wire())


def encode(frame: DecodedTemperature) -> bytes:
    """The module's frame at emissivity 0.98; 25 degC where no ambient is told, BO like TO."""
    found = words.word(frame.object_celsius)
    return words.with_sum(
        bytes((_ID, _READ, _FIRST_OF_STREAM, _STREAM_PAYLOAD, 98))
        + found
        + words.word(frame.ambient_celsius)
        + found
    )


def _temperature(frame: bytes) -> Decoded | None:
    first, payload = frame[2], frame[4:-1]
    told = payload[_OBJECT_REGISTER - first :] if first <= _OBJECT_REGISTER else b""
    if len(told) < words.LENGTH:
        return None
    return words.temperature(told[:2], told[2:4], frame)
