"""GY-MCU90614 and GY-MCU90615: MLX90614/15 with a microcontroller that streams binary frames.

Wire (vendor's module description, 8N1, 9600 baud for the 90614, 115200 for the 90615)::

    0   1   2     3       4 5      6 7      8
    5A  5A  type  length  TO (BE)  TA (BE)  sum      sum = low byte of the sum of bytes 0 to 7

``type`` 45 carries temperatures: object TO and the sensor's own housing TA, signed, in hundredths
of a degree Celsius. Documented example: ``5A 5A 45 04 0C 78 0D 19 A7`` is 31.92 and 33.53.
A frame is ``length`` + 5 bytes; second-version boards append bytes to the payload, so the length
byte is believed and a longer temperature payload is read by its first four bytes. Types 25
(emissivity) and 35 (temperature offset) answer settings and are passed over when their sum is
right. Anything else after ``5A 5A`` is no frame of this module.

Synchronisation: a candidate that fails loses ONE byte and the search goes on from the next, so that
a good frame behind or inside a broken one is found. Rejected bytes that follow each other come out
as one malformed item; a candidate that got as far as its length byte starts a new one.

A false frame with a matching sum can be made of a cut frame and the beginning of the good one
behind it. So a frame gives way to a temperature that begins inside it, and a sum of 5A, which may
have been the first byte of the next frame instead, is looked at once more. A good frame that ends
in ``5A 5A`` waits for one byte more; every other comes out with its last byte.
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

CONTINUOUS_COMMAND = bytes.fromhex("A5 45 EA")  # stream by itself, about ten frames a second

_SYNC = 0x5A
_TEMPERATURE = 0x45
_EMISSIVITY = 0x25
_OFFSET = 0x35
_OVERHEAD = 5  # two header bytes, type, length, sum
_TEMPERATURE_PAYLOAD = 4
# Longest payload believed. With 8 a false header (4 bytes) plus one good frame (9) is always enough
# to decide the false one, so noise never delays a good frame.
_MAX_PAYLOAD = 8
_MAX_MALFORMED = 64  # a longer stretch of noise is reported in pieces of this size
_SHORTEST_PAYLOAD = {_TEMPERATURE: _TEMPERATURE_PAYLOAD, _EMISSIVITY: 1, _OFFSET: 1}
_DEAD_SENSOR = b"\xff\xff\xff\xff"  # both words all ones: the module read a bus nobody drives


class GyMcu90614Decoder:
    """Bytes of the module to temperatures; see the header of this module for the wire."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._rejected = bytearray()
        self._rejected_for = FaultReason.BAD_HEADER
        self._sum_kept = False  # the buffer begins with the sum, 5A, of the frame handed on last

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
            found = _candidate(self._buffer)
            if isinstance(found, bytes):
                found = _unless_contested(found, self._buffer, ended=ended)
            if found is None and ended:
                found = FaultReason.TRUNCATED
            if found is None:
                return
            if self._sum_kept and not _is_temperature(found):
                del self._buffer[0]
                self._sum_kept = False
            elif isinstance(found, FaultReason):
                self._reject_byte(found, decoded)
            else:
                self._accept(found, decoded)

    def _accept(self, frame: bytes, decoded: list[Decoded]) -> None:
        self._report_rejected(decoded)
        self._sum_kept = frame[-1] == _SYNC
        del self._buffer[: len(frame) - self._sum_kept]
        if frame[2] == _TEMPERATURE:
            decoded.append(_temperature(frame))

    def _reject_byte(self, reason: FaultReason, decoded: list[Decoded]) -> None:
        continues = reason is FaultReason.BAD_HEADER or (
            reason is self._rejected_for is FaultReason.TRUNCATED
        )
        if not continues:
            self._report_rejected(decoded)
        if not self._rejected:
            self._rejected_for = reason
        self._rejected.append(self._buffer.pop(0))
        if len(self._rejected) == _MAX_MALFORMED:
            self._report_rejected(decoded)

    def _report_rejected(self, decoded: list[Decoded]) -> None:
        if self._rejected:
            decoded.append(MalformedFrame(self._rejected_for, bytes(self._rejected)))
            self._rejected.clear()


def encode(frame: DecodedTemperature) -> bytes:
    """The module's frame for these values; it always tells an ambient (25 degC where None)."""
    ambient = 25.0 if frame.ambient_celsius is None else frame.ambient_celsius
    body = bytes((_SYNC, _SYNC, _TEMPERATURE, _TEMPERATURE_PAYLOAD)) + struct.pack(
        ">hh", round(frame.object_celsius * 100), round(ambient * 100)
    )
    return body + bytes((sum(body) & 0xFF,))


def _candidate(buffer: bytearray) -> bytes | FaultReason | None:
    """The frame ``buffer`` begins with, why there is none, or None where more bytes must tell."""
    if buffer[0] != _SYNC or (len(buffer) > 1 and buffer[1] != _SYNC):
        return FaultReason.BAD_HEADER
    if len(buffer) > 2 and buffer[2] not in _SHORTEST_PAYLOAD:
        return FaultReason.BAD_HEADER
    if len(buffer) < 4:
        return None
    length = buffer[3]
    if not _SHORTEST_PAYLOAD[buffer[2]] <= length <= _MAX_PAYLOAD:
        return FaultReason.BAD_LENGTH
    frame = bytes(buffer[: length + _OVERHEAD])
    if len(frame) < length + _OVERHEAD:
        return None
    return frame if sum(frame[:-1]) & 0xFF == frame[-1] else FaultReason.BAD_CHECKSUM


def _unless_contested(
    frame: bytes, buffer: bytearray, *, ended: bool
) -> bytes | FaultReason | None:
    """``frame``, unless a temperature begins inside it; None where more bytes must tell."""
    inner = [_candidate(buffer[start:]) for start in range(1, len(frame) - 1)]
    if any(_is_temperature(found) for found in inner):
        return FaultReason.BAD_CHECKSUM
    return None if None in inner and not ended else frame


def _is_temperature(found: bytes | FaultReason | None) -> bool:
    return (
        isinstance(found, bytes)
        and found[2] == _TEMPERATURE
        and isinstance(_temperature(found), DecodedTemperature)
    )


def _temperature(frame: bytes) -> Decoded:
    if frame[4:8] == _DEAD_SENSOR:
        return MalformedFrame(FaultReason.SENSOR_ERROR, frame)
    object_centi, ambient_centi = struct.unpack(">hh", frame[4:8])
    measured = DecodedTemperature(object_centi / 100, ambient_centi / 100)
    if not MLX90614_RANGE.contains(measured):
        return MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, frame)
    return measured
