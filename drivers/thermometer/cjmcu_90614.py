"""CJMCU-90614: an MLX90614 with a microcontroller of another maker than the GY boards.

Wire (8N1, 115200 baud as delivered; 9600 and 57600 can be set), big-endian words::

    0   1   2     3   4 5          6 7          8
    66  66  mode  04  temperature1 temperature2 sum       mode 01 continuous, 02 asked for

Both temperatures are signed, in hundredths of a degree Celsius. The text of the shops does not say
which is which; the one public driver that gives them names has the sensor's own housing first and
the object second (the GY boards have them the other way round), and so it is read here.
``sum`` is "all data accumulated, low 8 bits",
which may mean bytes 0 to 7 or only the four of data, 4 to 7. Either is believed until the last
``_LEARNING`` frames agreed; from then on the other is a bad sum, unless a whole run of such frames
tells that the first ones were chance.

Commands are ``66 66 command 56``.
"""

from __future__ import annotations

import re

from drivers.thermometer import mlx90614_words as words
from drivers.thermometer.frames import Decoded, DecodedTemperature
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.readings import FaultReason

CONTINUOUS_COMMAND = bytes.fromhex("66 66 01 56")

_HEADER = b"\x66\x66"
_MODES = (0x01, 0x02)
_LENGTH = 9
_LEARNING = 20
_SUMMED_FROM = (0, 4)  # the first byte that the sum counts, in its two readings


class _Wire:
    header = _HEADER
    begins = re.compile(rb"ff|f\Z")  # f is 66
    longest = _LENGTH
    is_contested = True

    def __init__(self) -> None:
        self.learnt: int | None = None

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        frame = bytes(stream[start : start + _LENGTH])
        if not _HEADER.startswith(frame[:2]) or (len(frame) > 2 and frame[2] not in _MODES):
            return FaultReason.BAD_HEADER
        if len(frame) > 3 and frame[3] != words.LENGTH:
            return FaultReason.BAD_LENGTH
        if len(frame) < _LENGTH:
            return None
        summed_from = _summed_from(frame)
        if summed_from is None or self.learnt not in (None, summed_from):
            return FaultReason.BAD_CHECKSUM
        return Found(_LENGTH, words.temperature(frame[6:8], frame[4:6], frame))


class Cjmcu90614Decoder(ResyncDecoder):
    """Bytes of the module to temperatures; see the header of this module for the wire."""

    def __init__(self) -> None:
        self._wire = _Wire()
        self._agreed = 0  # so many frames in a row had their sum from ``_last``
        self._last: int | None = None
        super().__init__(self._wire)

    @property
    def summed_from(self) -> int | None:
        """0 or 4: the first byte that this module's sum counts, as soon as that is known."""
        return self._wire.learnt

    def _accept(self, frame: Found, decoded: list[Decoded]) -> None:
        self._learn(bytes(self._buffer[: frame.length]))
        super()._accept(frame, decoded)

    def _reject(self, reason: FaultReason, decoded: list[Decoded]) -> None:
        if reason is FaultReason.BAD_CHECKSUM:
            self._learn(bytes(self._buffer[:_LENGTH]))
        super()._reject(reason, decoded)

    def _learn(self, frame: bytes) -> None:
        told = _summed_from(frame)
        if told is None:
            return
        self._agreed = self._agreed + 1 if told == self._last else 1
        self._last = told
        if self._agreed >= _LEARNING:
            self._wire.learnt = told


def encode(frame: DecodedTemperature, *, summed_from: int = 0) -> bytes:
    """The module's frame in continuous mode; it always tells an ambient (25 degC where None)."""
    body = _HEADER + bytes((_MODES[0], words.LENGTH))
    body += words.word(frame.ambient_celsius) + words.word(frame.object_celsius)
    return words.with_sum(body, summed_from=summed_from)


def _summed_from(frame: bytes) -> int | None:
    return next((at for at in _SUMMED_FROM if sum(frame[at:-1]) & 0xFF == frame[-1]), None)
