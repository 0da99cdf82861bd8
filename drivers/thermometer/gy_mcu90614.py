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

How frames are found among noise is told in ``resync``. The sum is so short that a false frame with
a matching one can be made of a cut frame and the beginning of the good one behind it, so a frame
gives way to a temperature that begins inside it.
"""

from __future__ import annotations

import re

from drivers.thermometer import mlx90614_words as words
from drivers.thermometer.frames import DecodedTemperature
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.readings import FaultReason

CONTINUOUS_COMMAND = bytes.fromhex("A5 45 EA")  # stream by itself, about ten frames a second

ONE_SHOT_QUESTION = bytes.fromhex("A5 15 BA")
"""One frame of a module that does not stream; changes nothing."""

_SYNC = 0x5A
_TEMPERATURE = 0x45
_EMISSIVITY = 0x25
_OFFSET = 0x35
_OVERHEAD = 5  # two header bytes, type, length, sum
# Longest payload believed. With 8 a false header (4 bytes) plus one good frame (9) is always enough
# to decide the false one, so noise never delays a good frame.
_MAX_PAYLOAD = 8
_SHORTEST_PAYLOAD = {_TEMPERATURE: words.LENGTH, _EMISSIVITY: 1, _OFFSET: 1}


class _Wire:
    header = bytes((_SYNC, _SYNC))
    begins = re.compile(rb"ZZ[\x45\x25\x35]|ZZ?\Z")
    longest = _MAX_PAYLOAD + _OVERHEAD
    is_contested = True

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        head = stream[start : start + 4]
        is_ours = self.header.startswith(head[:2]) and (
            len(head) < 3 or head[2] in _SHORTEST_PAYLOAD
        )
        if not is_ours:
            return FaultReason.BAD_HEADER
        if len(head) < 4:
            return None
        if not _SHORTEST_PAYLOAD[head[2]] <= head[3] <= _MAX_PAYLOAD:
            return FaultReason.BAD_LENGTH
        length = head[3] + _OVERHEAD
        frame = words.whole_frame(stream, start, length)
        if not isinstance(frame, bytes):
            return frame
        is_temperature = frame[2] == _TEMPERATURE
        told = words.temperature(frame[4:6], frame[6:8], frame) if is_temperature else None
        return Found(length, told)


class GyMcu90614Decoder(ResyncDecoder):
    """Bytes of the module to temperatures; see the header of this module for the wire."""

    def __init__(self) -> None:
        super().__init__(_Wire())


def encode(frame: DecodedTemperature) -> bytes:
    """The module's frame for these values; it always tells an ambient (25 degC where None)."""
    return words.with_sum(
        bytes((_SYNC, _SYNC, _TEMPERATURE, words.LENGTH))
        + words.word(frame.object_celsius)
        + words.word(frame.ambient_celsius)
    )
