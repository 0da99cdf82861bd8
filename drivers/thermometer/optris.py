"""Optris CT, CTlaser, CS, CSmicro and CX (Micro-Epsilon thermoMETER): the binary protocol.

Wire (8N1, 115200 baud as delivered): one byte asks, 01 for the filtered object temperature, and two
bytes answer, a big-endian word; behind neither is there a header, an end or a sum::

    01  ->  04 D3      (04D3 - 1000) / 10  = 23.5 degC
    01  ->  30 3E      (303E - 10000) / 100 = 23.50 degC    heads of high resolution ("hs")

Which of the two scales a head uses cannot be told from the wire, and guessing would make one
temperature of another, so they are two models: ``optris`` and ``optris-hs``.

Since nothing marks an answer, only silence does: a question is asked when the line is quiet, and a
half answer is thrown away before the next. A word outside the range of the heads loses one byte, so
a shifted stream falls into step soon. The ASCII protocol is not read.

On RS-485 a byte B0 + address goes before each question: ``B5 01`` asks the head with address 5. The
answer has no address; B0 alone is for settings that go to all and is never sent.

In burst mode (CS; configured with the maker's software) a head sends without being asked::

    AA AA 03 B8      03B8 is -4.8 degC

The string may hold more values, and nothing tells which. So a value is read only where it stands
alone: between one ``AA AA`` and the next. That is the model ``optris-burst``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from drivers.thermometer.frames import DecodedTemperature, DeviceRange
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.readings import FaultReason

TARGET_COMMAND = b"\x01"
SERIAL_COMMAND = b"\x0e"  # three bytes answer
FIRMWARE_COMMAND = b"\x0f"  # two bytes answer
OTHER_RATES = (9600, 19200, 38400, 57600)
ADDRESSES = range(1, 80)  # B0 + 79 is FF

_ADDRESS_ZERO = 0xB0
_SYNC = b"\xaa\xaa"
_BURST_LENGTH = 4
# Heads for the temperatures of a gate (recalled, not seen in a manual): LT, and LT of high
# resolution. A narrow range is the only thing that tells an answer from noise here.
RANGE = DeviceRange(-50.0, 975.0, -40.0, 125.0)
HIGH_RESOLUTION_RANGE = DeviceRange(-20.0, 150.0, -40.0, 125.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A word is ``zero`` at 0 degC and has ``steps`` a degree."""

    zero: int
    steps: int
    device_range: DeviceRange

    def encode(self, frame: DecodedTemperature) -> bytes:
        """The answer to the question for the object; the head's own temperature is another."""
        return (round(frame.object_celsius * self.steps) + self.zero).to_bytes(2, "big")


TENTHS = Scale(1000, 10, RANGE)
HUNDREDTHS = Scale(10000, 100, HIGH_RESOLUTION_RANGE)


class _Wire:
    header = b""
    begins = re.compile(rb".", re.DOTALL)
    longest = 64  # of malformed bytes, told in pieces of this size
    is_contested = False

    def __init__(self, scale: Scale) -> None:
        self._scale = scale

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        if len(stream) < start + 2:
            return None
        word = int.from_bytes(stream[start : start + 2], "big")
        measured = DecodedTemperature((word - self._scale.zero) / self._scale.steps, None)
        if not self._scale.device_range.contains(measured):
            return FaultReason.OUT_OF_DEVICE_RANGE
        return Found(2, measured)


class OptrisDecoder(ResyncDecoder):
    """Answers to the question for the object; see the header of this module for the wire."""

    def __init__(self, scale: Scale = TENTHS) -> None:
        super().__init__(_Wire(scale))


class _BurstWire:
    header = _SYNC
    begins = re.compile(rb"\xaa(?:\xaa(?!\xaa)|\Z)")
    longest = _BURST_LENGTH + len(_SYNC)
    is_contested = False  # no value of the range begins with AA

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        frame = bytes(stream[start : start + self.longest])
        if not _SYNC.startswith(frame[:2]) or frame[2:3] == _SYNC[:1]:
            return FaultReason.BAD_HEADER
        if len(frame) < _BURST_LENGTH:
            return None
        word = int.from_bytes(frame[2:_BURST_LENGTH], "big")
        measured = DecodedTemperature((word - TENTHS.zero) / TENTHS.steps, None)
        if not TENTHS.device_range.contains(measured):
            return FaultReason.OUT_OF_DEVICE_RANGE
        if not _SYNC.startswith(frame[_BURST_LENGTH:]):
            return FaultReason.BAD_LENGTH
        return Found(_BURST_LENGTH, measured) if len(frame) == self.longest else None


class OptrisBurstDecoder(ResyncDecoder):
    """Burst strings that hold the object temperature alone, each told when the next begins."""

    def __init__(self) -> None:
        super().__init__(_BurstWire())


def at_address(address: int, question: bytes) -> bytes:
    """``question`` to one head of a shared line."""
    return bytes((_ADDRESS_ZERO + address,)) + question


def encode_burst(frame: DecodedTemperature) -> bytes:
    """One burst string."""
    return _SYNC + TENTHS.encode(frame)
