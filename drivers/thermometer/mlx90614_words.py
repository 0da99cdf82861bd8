"""What the microcontrollers around an MLX90614 have in common, whatever their frames look like.

Two big-endian words, signed, in hundredths of a degree Celsius: the object and the sensor's own
housing. And a sum of one byte: the low byte of the sum of the bytes before it.
"""

from __future__ import annotations

import struct

from drivers.thermometer.frames import (
    MLX90614_RANGE,
    Decoded,
    DecodedTemperature,
    MalformedFrame,
)
from screening.readings import FaultReason

LENGTH = 4
"""Bytes of both words."""

ROOM_CELSIUS = 25.0
"""What a simulated housing has where no ambient is told."""

_DEAD_SENSOR = b"\xff" * LENGTH  # the microcontroller read a bus nobody drives


def temperature(found: bytes, ambient: bytes, frame: bytes) -> Decoded:
    """What the two words of ``frame`` tell."""
    if found + ambient == _DEAD_SENSOR:
        return MalformedFrame(FaultReason.SENSOR_ERROR, frame)
    found_centi, ambient_centi = struct.unpack(">hh", found + ambient)
    measured = DecodedTemperature(found_centi / 100, ambient_centi / 100)
    if not MLX90614_RANGE.contains(measured):
        return MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, frame)
    return measured


def word(celsius: float | None) -> bytes:
    """The word of a temperature, of a room's where it is None."""
    return struct.pack(">h", round((ROOM_CELSIUS if celsius is None else celsius) * 100))


def whole_frame(stream: bytearray, start: int, length: int) -> bytes | FaultReason | None:
    """The ``length`` bytes from ``start`` on, the last of which is the sum of the others; why they
    are no frame, or None where they are not all there."""
    frame = bytes(stream[start : start + length])
    if len(frame) < length:
        return None
    return frame if sum(frame[:-1]) & 0xFF == frame[-1] else FaultReason.BAD_CHECKSUM


def with_sum(body: bytes, *, summed_from: int = 0) -> bytes:
    """``body`` and the low byte of the sum of its bytes from ``summed_from`` on."""
    return body + bytes((sum(body[summed_from:]) & 0xFF,))
