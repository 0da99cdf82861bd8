"""TeraRanger Evo Thermal 33 and 90 of Terabee: 32 x 32 pixels, USB serial port or UART backboard.

Wire (vendor's own driver; USB 115200 baud nominal, UART 460800), little-endian words::

    0      2       2050     2052        2066
    000D   pixels  PTAT     7 reserved  CRC-32       2070 bytes
           1024 words       words       two words, the HIGH one first

Pixels come row by row. They and PTAT, the sensor's own temperature, are tenths of a kelvin without
a sign; 0 and FFFF are pixels that are not known, and a picture of nothing else is a fault.
CRC-32/MPEG-2 (polynomial 04C11DB7, begins with all ones, nothing reflected, nothing added at the
end) over the 2064 bytes behind the header. Bytes 0D 00 also occur inside pictures: only header,
length and CRC together make a frame.

Commands are acknowledged by ``14 05 00 48`` (done) or ``14 05 FF BB`` (refused); these are passed
over between frames. One that was put into the middle of a frame breaks that frame's CRC: the frame
is lost, the next is read.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivers.thermometer.deci_kelvin import celsius_of, words_of
from drivers.thermometer.frames import Decoded, DecodedArray, MalformedFrame, is_chip_temperature
from drivers.thermometer.resync import Found, LongFrameDecoder
from screening.readings import FaultReason

ROWS = 32
COLUMNS = 32

START_COMMAND = bytes.fromhex("00 52 02 01 DF")
ACKNOWLEDGED = bytes.fromhex("14 05 00 48")
REFUSED = bytes.fromhex("14 05 FF BB")

_HEADER = bytes.fromhex("0D 00")
_LENGTH = 2070
_CRC_AT = 2066
_CHECKED = _CRC_AT - len(_HEADER)
_ALL_ONES = 0xFFFFFFFF
_PIXELS = ROWS * COLUMNS
_KELVIN = 273.15
_ROOM_CELSIUS = 25.0
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class _Wire:
    header = _HEADER
    # a header or an answer, or as much of one as the end of the stream leaves
    begins = re.compile(rb"\r(?=\x00|\Z)|\x14(?=\Z|\x05(?:\Z|\x00(?:\x48|\Z)|\xff(?:\xbb|\Z)))")
    longest = _LENGTH
    is_contested = False  # 32 bits of CRC do not fit by chance, and 0D 00 is common in pictures

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        if not stream.startswith(_HEADER, start):
            return _answer(stream, start)
        if len(stream) < start + _LENGTH:
            return None
        # Headers without frames come here every two bytes: no copy but the one that is needed.
        stated = _stated_crc(stream[start + _CRC_AT : start + _LENGTH])
        if crc32_mpeg2(stream[start + len(_HEADER) : start + _CRC_AT]) != stated:
            return FaultReason.BAD_CHECKSUM
        return Found(_LENGTH, _picture(bytes(stream[start : start + _LENGTH])))

    def first_intact(self, stream: bytearray, starts: Sequence[int]) -> int | None:
        """By the CRC of all from the first start on, of which a frame's own is a difference.

        A CRC that was something else before a frame is behind it the frame's own, changed by what
        it was, moved as far.
        """
        mirrored = stream.translate(_REVERSED)
        at = starts[0] + len(_HEADER)
        crc_before, crc_behind = 0, binascii.crc32(mirrored[at : at + _CHECKED])
        before, behind = [], []
        for start in starts:
            begin = start + len(_HEADER)
            crc_before = binascii.crc32(mirrored[at:begin], crc_before)
            crc_behind = binascii.crc32(mirrored[at + _CHECKED : begin + _CHECKED], crc_behind)
            before.append(crc_before)
            behind.append(crc_behind)
            at = begin
        own = np.array(behind, np.uint32) ^ _moved(np.array(before, "<u4")) ^ np.uint32(_ALL_ONES)
        end = np.asarray(starts)[:, None] + (_CRC_AT + np.array((1, 0, 3, 2)))
        stated = np.frombuffer(mirrored, np.uint8)[end].view("<u4")[:, 0]
        intact = np.flatnonzero(own == stated)
        return starts[int(intact[0])] if len(intact) else None


def _moved(crcs: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """What is left of them behind the checked bytes of a frame, were these all zero."""
    table = _TABLE_OF_MOVED
    low, second, third, high = crcs.view(np.uint8).reshape(-1, 4).T
    moved: NDArray[np.uint32] = table[0, low] ^ table[1, second] ^ table[2, third] ^ table[3, high]
    return moved


def _behind_zeros(crc: int) -> int:
    return binascii.crc32(bytes(_CHECKED), crc ^ _ALL_ONES) ^ _ALL_ONES


# For each byte of a CRC, the lowest first, and for each value of that byte.
_TABLE_OF_MOVED = np.array(
    [[_behind_zeros(value << shift) for value in range(256)] for shift in (0, 8, 16, 24)], np.uint32
)


class TerabeeEvoThermalDecoder(LongFrameDecoder):
    """Bytes of the camera to pictures; see the header of this module for the wire."""

    def __init__(self) -> None:
        super().__init__(_Wire())


def encode(frame: DecodedArray) -> bytes:
    """The camera's frame for this picture of 32 x 32; 25 degC where it tells no ambient."""
    if frame.shape != (ROWS, COLUMNS):
        raise ValueError(f"the array has {ROWS} x {COLUMNS} pixels, not {frame.shape}")
    ambient = _ROOM_CELSIUS if frame.ambient_celsius is None else frame.ambient_celsius
    words = np.zeros(_CHECKED // 2, "<u2")
    words[:_PIXELS] = words_of(frame.celsius).ravel()
    words[_PIXELS] = round((ambient + _KELVIN) * 10)
    body = words.tobytes()
    crc = crc32_mpeg2(body)
    return _HEADER + body + (crc >> 16).to_bytes(2, "little") + (crc & 0xFFFF).to_bytes(2, "little")


def crc32_mpeg2(checked: bytes | bytearray) -> int:
    """As a mirror of the reflected CRC-32 that the standard library computes in C."""
    reflected = binascii.crc32(checked.translate(_REVERSED)) ^ _ALL_ONES
    return int.from_bytes(reflected.to_bytes(4, "little").translate(_REVERSED), "big")


def _stated_crc(words: bytearray) -> int:
    return int.from_bytes(words[:2], "little") << 16 | int.from_bytes(words[2:], "little")


def _answer(stream: bytearray, start: int) -> Found | FaultReason | None:
    """An acknowledgement; None where these could be the first bytes of one or of a frame."""
    head = bytes(stream[start : start + len(ACKNOWLEDGED)])
    for answer in (ACKNOWLEDGED, REFUSED):
        if answer.startswith(head):
            return Found(len(answer), None) if head == answer else None
    return None if _HEADER.startswith(head) else FaultReason.BAD_HEADER


def _picture(frame: bytes) -> Decoded:
    words = np.frombuffer(frame, "<u2", _PIXELS + 1, len(_HEADER))
    celsius = celsius_of(words[:_PIXELS].reshape(ROWS, COLUMNS))
    if celsius is None:
        return MalformedFrame(FaultReason.SENSOR_ERROR, frame)
    ambient = round(int(words[_PIXELS]) / 10 - _KELVIN, 2)
    return DecodedArray(celsius, ambient if is_chip_temperature(ambient) else None)
