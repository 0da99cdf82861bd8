"""GY-MCU90640: an MLX90640 array of 32 x 24 pixels behind a microcontroller that sends frames.

Wire (vendor's manual, 8N1, 115200 baud, 16-bit words, little-endian throughout)::

    0  2      4 ... 1539              1540     1542
    5A5A 0206 768 x int16, degC/100   TA       sum       1544 bytes

``sum`` is the sum of the 771 WORDS before it, modulo 65536; a byte sum is wrong. Pixels and TA, the
sensor's own temperature, are signed (public drivers read TA as unsigned). Pixels come row by row,
and the first of a row is at the right of the picture, so each row is turned round here.

The answer to "which emissivity" begins with the same two bytes and has four::

    5A 5A XX sum8           5A 5A 5F 13 is 0.95; XX is at most 64 (1.00)

It can be told from a frame: its sum would have to be B6 where XX is 02, and a frame has 06 there.
Commands are ``A5 cmd value sum8``.

A pixel outside the range of the vendor's manual, -40...300 degC, is not known (NaN), and a frame
without a single one inside is a fault; so is one of nothing but 0000 and FFFF. Whether a pixel
inside the range is broken is for those to tell who see more than one frame.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivers.thermometer.frames import Decoded, DecodedArray, MalformedFrame, is_chip_temperature
from drivers.thermometer.resync import Found, LongFrameDecoder
from screening.readings import FaultReason

ROWS = 24
COLUMNS = 32
LOWEST_CELSIUS = -40.0
HIGHEST_CELSIUS = 300.0

CONTINUOUS_COMMAND = bytes.fromhex("A5 35 02 DC")
FOUR_A_SECOND_COMMAND = bytes.fromhex("A5 25 03 CD")
"""54 % of the line at 115200 baud. Lost at power-off: only A5 65 01 0B would save it."""

EMISSIVITY_QUESTION = bytes.fromhex("A5 55 01 FB")
"""Answered by ``encode_emissivity``; changes nothing."""

_HEADER = bytes.fromhex("5A 5A 02 06")
_LENGTH = 1544
_SUM_AT = 1542
_ANSWER_LENGTH = 4
_HIGHEST_EMISSIVITY = 100
_PIXELS = ROWS * COLUMNS
_ROOM_CELSIUS = 25.0
_NOT_KNOWN = -0x8000
_EMPTY, _FULL = 0, -1  # no living array sees 0.00 or -0.01 degC with every pixel


def encode_emissivity(percent: int) -> bytes:
    """The module's answer to the question for its emissivity."""
    body = bytes((0x5A, 0x5A, percent))
    return body + bytes((sum(body) & 0xFF,))


_ANSWERS = frozenset(encode_emissivity(percent) for percent in range(1, _HIGHEST_EMISSIVITY + 1))
_BEHIND_ZZ = [re.escape(whole[2:]) for whole in (_HEADER, *sorted(_ANSWERS))]


class _Wire:
    header = _HEADER
    # 5A is Z; a header or an answer, or as much of one as the end of the stream leaves
    begins = re.compile(rb"Z(?=\Z|Z(?:\Z|[\x01-\x64]\Z|" + b"|".join(_BEHIND_ZZ) + rb"))")
    longest = _LENGTH
    is_contested = True  # a sum of 16 bits fits by chance once in 65536 cut frames

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        if not stream.startswith(_HEADER, start):
            return _answer(stream, start)
        if len(stream) < start + _LENGTH:
            return None
        frame = bytes(stream[start : start + _LENGTH])
        words = np.frombuffer(frame, dtype="<u2")
        if np.add.reduce(words[:-1], dtype=np.uint16) != words[-1]:  # modulo 65536 by its type
            return FaultReason.BAD_CHECKSUM
        return Found(_LENGTH, _picture(frame))

    def first_intact(self, stream: bytearray, starts: Sequence[int]) -> int | None:
        """By the sums of the words from the first start on, of which a frame's is a difference."""
        begin, end = starts[0], starts[-1] + _LENGTH
        wire = np.frombuffer(stream[begin:end] + bytes(1 + (end - begin) % 2), np.uint8)
        words = wire[:-1] | wire[1:].astype(np.uint16) << 8  # at every byte: two rows of sums
        sums = np.zeros(2 + len(words), np.uint16)  # modulo 65536 by its type
        np.cumsum(words.reshape(-1, 2), axis=0, dtype=np.uint16, out=sums[2:].reshape(-1, 2))
        at = np.asarray(starts) - begin
        intact = np.flatnonzero(sums[at + _SUM_AT] - sums[at] == words[at + _SUM_AT])
        return starts[int(intact[0])] if len(intact) else None


class GyMcu90640Decoder(LongFrameDecoder):
    """Bytes of the module to pictures; see the header of this module for the wire."""

    def __init__(self) -> None:
        super().__init__(_Wire())


def encode(frame: DecodedArray) -> bytes:
    """The module's frame for this picture of 24 x 32; 25 degC where it tells no ambient."""
    if frame.shape != (ROWS, COLUMNS):
        raise ValueError(f"the array has {ROWS} x {COLUMNS} pixels, not {frame.shape}")
    ambient = _ROOM_CELSIUS if frame.ambient_celsius is None else frame.ambient_celsius
    body = _HEADER + _centi(np.fliplr(frame.celsius)) + _centi(np.array([ambient]))
    total = int(np.frombuffer(body, dtype="<u2").sum(dtype=np.uint32)) & 0xFFFF
    return body + total.to_bytes(2, "little")


def _answer(stream: bytearray, start: int) -> Found | FaultReason | None:
    """The emissivity; None where these could be the first bytes of it or of a frame."""
    head = stream[start : start + _ANSWER_LENGTH]
    if not _HEADER.startswith(head[:2]):
        return FaultReason.BAD_HEADER
    if len(head) > 2 and not 1 <= head[2] <= _HIGHEST_EMISSIVITY:  # a frame's is 2
        return FaultReason.BAD_HEADER
    if len(head) < _ANSWER_LENGTH:
        return None
    return Found(_ANSWER_LENGTH, None) if bytes(head) in _ANSWERS else FaultReason.BAD_HEADER


def _picture(frame: bytes) -> Decoded:
    words = np.frombuffer(frame, dtype="<i2", offset=len(_HEADER))
    celsius = words[:_PIXELS].reshape(ROWS, COLUMNS)[:, ::-1].astype(np.float32) / np.float32(100)
    if ((words[:_PIXELS] == _EMPTY) | (words[:_PIXELS] == _FULL)).all():
        return MalformedFrame(FaultReason.SENSOR_ERROR, frame)
    is_known = (celsius >= LOWEST_CELSIUS) & (celsius <= HIGHEST_CELSIUS)
    if not is_known.any():
        return MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, frame)
    celsius[~is_known] = np.nan
    ambient = int(words[_PIXELS]) / 100
    return DecodedArray(celsius, ambient if is_chip_temperature(ambient) else None)


def _centi(celsius: NDArray[np.floating]) -> bytes:
    centi = np.rint(celsius.astype(np.float64) * 100)
    return np.nan_to_num(centi, nan=_NOT_KNOWN).astype("<i2").tobytes()
