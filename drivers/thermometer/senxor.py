"""SenXor cameras of Meridian (MI08: 80 x 62 pixels, MI16: 160 x 120), over their USB serial port.

Wire (vendor's own library, USB-CDC, 115200 baud nominal), both ways::

    3 spaces, "#", 4 hex digits, body          body = 4 letters, data, 4 hex digits
                   its length                         command      checksum

The checksum is the sum of the bytes of length, command and data, modulo 65536. Towards the device
it may be the letters XXXX; from the device that is no checksum and the message is refused.
Documented: ``#000CWREGB102XXXX`` starts the stream, ``#0008WREG01FD`` answers with a right sum.

Pictures come as GFRA. The size is known by the length of the data, in bytes::

    10240   80 x 62     160 reserved, 160 header,  9920 pixels      10080 without the header
    39680  160 x 120    960 reserved, 320 header, 38400 pixels      39360 without the header
     5200   50 x 50     100 + 100 + 5000 (MI05; with and without a header have one length)

Pixels are uint16 little-endian, tenths of a kelvin, row by row from the top left as they come; 0
and FFFF are pixels that are not known, and a picture of nothing else is a fault.
Word 2 of the header is the die in hundredths of a kelvin: the ambient value of a reading, several
degrees above the room. It is None without a header, for 50 x 50, and where the word is no
temperature of a running chip. Word 7, a checksum whose rule is not known to us, is not looked at.

Answers to other commands are passed over when their checksum is right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from drivers.thermometer.deci_kelvin import celsius_of, words_of
from drivers.thermometer.frames import Decoded, DecodedArray, MalformedFrame, is_chip_temperature
from drivers.thermometer.resync import Found, ResyncDecoder
from screening.readings import FaultReason

ROWS = 62
COLUMNS = 80

START_COMMAND = b"   #000CWREGB102XXXX"
"""Register B1, bit 1: send pictures one after the other, with their header."""

MODE_QUESTION = b"   #000ARREGB1XXXX"
"""Reads register B1; changes nothing."""

_HEADER = b"   #"
_LENGTH_END = 8
_COMMAND_END = 12
_CHECKSUM = 4
_PICTURE = b"GFRA"
_LONGEST_ANSWER = 1024  # of a body that is no picture: all registers at once are far below
_KELVIN = 273.15
_DIE_WORD = 2
_ROOM_CELSIUS = 25.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the pixels are in the data of a picture; sizes in bytes."""

    rows: int
    columns: int
    reserved: int
    header: int

    @property
    def data_length(self) -> int:
        return self.reserved + self.header + 2 * self.rows * self.columns


_WITH_HEADER = MappingProxyType(
    {(62, 80): _Layout(62, 80, 160, 160), (120, 160): _Layout(120, 160, 960, 320)}
)
_LAYOUTS = MappingProxyType(
    {
        layout.data_length: layout
        for layout in (
            *_WITH_HEADER.values(),
            _Layout(62, 80, 160, 0),
            _Layout(120, 160, 960, 0),
            _Layout(50, 50, 200, 0),
        )
    }
)


class _Wire:
    header = _HEADER
    begins = re.compile(rb" {3}#| {1,3}\Z")
    longest = _LENGTH_END + max(_LAYOUTS) + 2 * _CHECKSUM
    is_contested = True  # a sum of 16 bits; a pixel like the header would have 550 degC

    def examine(self, stream: bytearray, start: int) -> Found | FaultReason | None:
        head = bytes(stream[start : start + _COMMAND_END])
        if not _is_head(head):
            return FaultReason.BAD_HEADER
        if len(head) < _COMMAND_END:
            return None
        body_length = int(head[4:_LENGTH_END], 16)
        data_length = body_length - 2 * _CHECKSUM
        layout = _LAYOUTS.get(data_length) if head[_LENGTH_END:] == _PICTURE else None
        if layout is None and (
            head[_LENGTH_END:] == _PICTURE or not 0 <= data_length <= _LONGEST_ANSWER
        ):
            return FaultReason.BAD_LENGTH
        message = bytes(stream[start : start + _LENGTH_END + body_length])
        if len(message) < _LENGTH_END + body_length:
            return None
        if message[-_CHECKSUM:].upper() != _checksum(message[4:-_CHECKSUM]):
            return FaultReason.BAD_CHECKSUM
        return Found(len(message), None if layout is None else _picture(message, layout))


class SenXorDecoder(ResyncDecoder):
    """Bytes of the camera to pictures; see the header of this module for the wire."""

    def __init__(self) -> None:
        super().__init__(_Wire())


def encode(frame: DecodedArray) -> bytes:
    """The camera's message for this picture of 62 x 80 or 120 x 160, with its header."""
    layout = _WITH_HEADER.get(frame.shape)
    if layout is None:
        raise ValueError(f"no SenXor with a header has {frame.shape} pixels")
    die = _ROOM_CELSIUS if frame.ambient_celsius is None else frame.ambient_celsius
    pixels = words_of(frame.celsius)
    header = np.zeros(layout.header // 2, "<u2")
    header[_DIE_WORD] = round((die + _KELVIN) * 100)
    header[5], header[6] = pixels.max(), pixels.min()
    return encode_message(_PICTURE, bytes(layout.reserved) + header.tobytes() + pixels.tobytes())


def encode_message(command: bytes, data: bytes) -> bytes:
    """Any message of the camera, with its checksum."""
    summed = b"%04X" % (len(data) + 2 * _CHECKSUM) + command + data
    return _HEADER + summed + _checksum(summed)


def _picture(message: bytes, layout: _Layout) -> Decoded:
    begin = _COMMAND_END + layout.reserved
    count = layout.rows * layout.columns
    pixels = np.frombuffer(message, "<u2", count, begin + layout.header)
    celsius = celsius_of(pixels.reshape(layout.rows, layout.columns))
    if celsius is None:
        return MalformedFrame(FaultReason.SENSOR_ERROR, message)
    ambient = None
    if layout.header:
        at = begin + 2 * _DIE_WORD
        die = round(int.from_bytes(message[at : at + 2], "little") / 100 - _KELVIN, 2)
        ambient = die if is_chip_temperature(die) else None
    return DecodedArray(celsius, ambient)


def _checksum(summed: bytes) -> bytes:
    total = int(np.frombuffer(summed, np.uint8).sum(dtype=np.uint32))
    return b"%04X" % (total & 0xFFFF)


def _is_head(head: bytes) -> bool:
    """Whether ``head`` is, as far as it goes, what a message begins with."""
    length, command = head[4:_LENGTH_END], head[_LENGTH_END:]
    return (
        _HEADER.startswith(head[:4])
        and all(digit in b"0123456789ABCDEFabcdef" for digit in length)
        and all(0x41 <= letter <= 0x5A for letter in command)
    )
