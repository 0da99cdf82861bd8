"""Arduino or ESP board with an MLX90614 that prints its temperatures as lines of text.

Wire (8N1, 9600 baud), every line told by itself::

    Ambient = 23.45*C<TAB>Object = 36.12*C   Adafruit library, mlxtest; then the same in *F
    Object: 97.02°F                          SparkFun library, Serial_Demo: two lines for one
    Ambient: 74.21°F                         measurement, a blank line behind
    Ambiente: 23,4 °C  74,1 °F               local variants: labels, decimal comma, both units
    Suhu Tubuh: 36,5 derajat Celcius         (Indonesian: object, ambient is Suhu Ruangan)
    \u4f53\u6e29: 36.5\u2103                             (Chinese, UTF-8 or GBK)

What a line tells is read by ``printed_line.py``, which knows the spellings.

The object temperature makes the reading. On one line it takes the ambient value with it. On lines
of their own the two are paired within a run: a run that begins with an object takes the ambient of
the line behind, a run that begins with an ambient gives it to the object of the line behind, and a
blank line ends the run. A value whose partner was lost stays alone; it never takes its neighbour's.
Adafruit's sketch prints each measurement in degC and once more in degF, others do so on two lines
or four: a line that is the same as one of the three before it but for unit and numbers, and tells
the same values, is no reading of its own.

A bare ``Suhu`` on the line beside one of humidity is the room's.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto

from drivers.thermometer.frames import Decoded, DecodedTemperature, MalformedFrame
from drivers.thermometer.printed_line import Measured, is_again, read_line, wording
from screening.readings import FaultReason

_LINES_BETWEEN_UNITS = 3
_MAX_LINE = 128  # the longest known line has 50 characters


class _Order(Enum):
    """Which of the two lines of a measurement comes first in this run."""

    UNKNOWN = auto()
    OBJECT_FIRST = auto()
    AMBIENT_FIRST = auto()


class ArduinoMlx90614Decoder:
    """Lines of text to temperatures; see the header of this module for the dialects."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._overflowed = False
        self._after_carriage_return = False
        self._order = _Order.UNKNOWN
        self._object: float | None = None
        self._ambient: float | None = None
        self._is_bare = False  # the object that waits is labelled *temperature* and no more
        self._is_behind_room = False
        self._before: deque[tuple[bytes, Measured]] = deque(maxlen=_LINES_BETWEEN_UNITS)

    def feed(self, chunk: bytes) -> list[Decoded]:
        decoded: list[Decoded] = []
        for byte in chunk:
            self._take(byte, decoded)
        return decoded

    def idle(self) -> list[Decoded]:
        """An object value whose ambient line did not follow at once stands alone."""
        decoded: list[Decoded] = []
        self._settle(decoded)
        return decoded

    def flush(self) -> list[Decoded]:
        decoded: list[Decoded] = []
        self._end_line(decoded, ended=True)
        self._settle(decoded)
        return decoded

    def _take(self, byte: int, decoded: list[Decoded]) -> None:
        if byte in b"\r\n":
            if not (byte == 0x0A and self._after_carriage_return):
                self._end_line(decoded, ended=False)
        elif not self._overflowed:
            self._line.append(byte)
            if len(self._line) > _MAX_LINE:
                self._settle(decoded)
                decoded.append(MalformedFrame(FaultReason.OVERFLOW, bytes(self._line)))
                self._overflowed = True
        else:
            self._line.append(byte)
            del self._line[:-_MAX_LINE]  # a good line may stand at the end of endless noise
        self._after_carriage_return = byte == 0x0D

    def _end_line(self, decoded: list[Decoded], *, ended: bool) -> None:
        line, overflowed = bytes(self._line), self._overflowed
        self._line.clear()
        self._overflowed = False
        if overflowed:
            self._end_overflowed(line, decoded, ended=ended)
            return
        if not line.strip():
            self._settle(decoded)
            self._before.clear()
            if not ended:
                self._order = _Order.UNKNOWN
            return
        noise, told = read_line(line, ended=ended)
        if noise:
            self._settle(decoded)
            decoded.append(MalformedFrame(FaultReason.UNPARSABLE, line[: len(noise)]))
        if isinstance(told, FaultReason):
            self._settle(decoded)
            self._before.clear()
            decoded.append(MalformedFrame(told, line[len(noise) :]))
        elif told.is_of_room:
            self._end_with_room(told, decoded)
        elif told.is_bare and self._is_behind_room:
            self._is_behind_room = False
        elif ended and told.object_celsius is None and told.ambient_celsius is not None:
            self._end_with_ambient(told.ambient_celsius, line, decoded)
        elif not self._is_again(line, told):
            self._is_behind_room = False
            self._pair(told, decoded)

    def _end_with_room(self, told: Measured, decoded: list[Decoded]) -> None:
        """A bare temperature on the line before was the room's as well."""
        if self._is_bare:
            self._object = None
        self._is_behind_room = True
        if told.object_celsius is not None or told.ambient_celsius is not None:
            self._pair(told, decoded)

    def _is_again(self, line: bytes, told: Measured) -> bool:
        """Whether a line before told the same in another unit; it does so for one line."""
        for before in self._before:
            if is_again(line, told, *before):
                self._before.remove(before)
                return True
        if told == Measured():
            self._before.clear()
            return False
        for before in [one for one in self._before if wording(one[0]) == wording(line)]:
            self._before.remove(before)  # the same line again: another measurement has begun
        self._before.append((line, told))
        return False

    def _end_overflowed(self, tail: bytes, decoded: list[Decoded], *, ended: bool) -> None:
        """The line was reported when it grew too long; only a measurement at its end is news."""
        self._before.clear()
        _, told = read_line(tail, ended=ended)
        if isinstance(told, Measured) and told.object_celsius is not None:
            self._pair(told, decoded)

    def _pair(self, told: Measured, decoded: list[Decoded]) -> None:
        if told.object_celsius is None:
            if told.ambient_celsius is None:
                self._settle(decoded)
            else:
                self._take_ambient(told.ambient_celsius, decoded)
        elif told.ambient_celsius is None:
            self._take_object(told.object_celsius, decoded, is_bare=told.is_bare)
        else:
            self._settle(decoded)
            decoded.append(DecodedTemperature(told.object_celsius, told.ambient_celsius))

    def _take_object(self, found: float, decoded: list[Decoded], *, is_bare: bool) -> None:
        if self._order is _Order.AMBIENT_FIRST:
            decoded.append(DecodedTemperature(found, self._ambient))
            self._ambient = None
            return
        self._settle(decoded)
        self._order = _Order.OBJECT_FIRST
        self._object, self._is_bare = found, is_bare

    def _take_ambient(self, ambient: float, decoded: list[Decoded]) -> None:
        if self._object is not None:
            decoded.append(DecodedTemperature(self._object, ambient))
            self._object, self._is_bare = None, False
        elif self._order is not _Order.OBJECT_FIRST:
            self._order = _Order.AMBIENT_FIRST
            self._ambient = ambient

    def _end_with_ambient(self, ambient: float, line: bytes, decoded: list[Decoded]) -> None:
        """A last line without its end is whole behind its object, and half a line when alone."""
        if self._object is None:
            decoded.append(MalformedFrame(FaultReason.TRUNCATED, line))
        else:
            self._take_ambient(ambient, decoded)

    def _settle(self, decoded: list[Decoded]) -> None:
        if self._object is not None:
            decoded.append(DecodedTemperature(self._object, None))
        self._object = self._ambient = None
        self._is_bare = False


def encode(frame: DecodedTemperature) -> bytes:
    """The Celsius line of the Adafruit sketch."""
    return _adafruit_line(frame.object_celsius, frame.ambient_celsius, "C")


def encode_fahrenheit(frame: DecodedTemperature) -> bytes:
    """The line that the sketch prints behind it: the same measurement in Fahrenheit."""
    ambient = frame.ambient_celsius
    return _adafruit_line(
        frame.object_celsius * 1.8 + 32, None if ambient is None else ambient * 1.8 + 32, "F"
    )


def _adafruit_line(found: float, ambient: float | None, unit: str) -> bytes:
    before = "" if ambient is None else f"Ambient = {ambient:.2f}*{unit}\t"
    return f"{before}Object = {found:.2f}*{unit}\r\n".encode("ascii")
