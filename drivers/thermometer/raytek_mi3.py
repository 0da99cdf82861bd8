"""Fluke and Raytek MI3 (also MI and Compact Connect): ASCII questions and answers.

Wire (8N1, 9600 baud), every question ends with CR, every answer with CR LF::

    ?T  ->  !T036.5       the object          ?U  ->  !UC or !UF    the unit of all temperatures
    ?1T ->  !1T036.5      the same of head 1  024?T  ->  024!T036.5  box 24 on RS-485
    anything else  ->  *Syntax Error

The number of digits varies, so a number is read as a number. A value carries no unit: until the
instrument has told it, degC is taken, which is how it is delivered, and after ``!UF`` its values
are converted. Answers to other questions are passed over, and so is the head's own temperature,
which is never asked for. Every head of a box counts as the same sensor: connect one.

With an address (1 to 32, three digits) only the answers of that box count. The question itself,
which some RS-485 adapters echo, is passed over.

In burst mode (``V=B``) lines come without being asked. What they hold is set by ``$=UTIE``, and
each value has its letter before it, which is how a sister instrument's manual shows such a line::

    UC T0150.3 I0027.1 E0.950

A line with exactly one T is read; its U tells the unit of the line and of those behind it, its I is
the ambient value. A line without letters (``$=$`` of other models) or with several heads is not.
"""

from __future__ import annotations

import re

from drivers.thermometer.frames import Decoded, DecodedTemperature, DeviceRange, MalformedFrame
from screening.readings import FaultReason

OBJECT_QUESTION = b"?T\r"
UNIT_QUESTION = b"?U\r"
LINE_END = b"\r\n"
# The range of the LT heads (recalled, not seen in a manual): what a gate would use.
RANGE = DeviceRange(-40.0, 600.0, -40.0, 125.0)

_MAX_LINE = 64  # the longest known answer has 14 characters
ADDRESSES = range(1, 33)

_ANSWER = re.compile(r"(\d{3})?!\d?(XI|[A-Z])([^!]*)")
_QUESTION = re.compile(r"(?:\d{3})?\?\d?[A-Z]{1,2}")
_BURST_ITEM = r"(?:[A-Z]{1,2}[+-]?[0-9.]+|U[CF])"
_BURST = re.compile(rf"{_BURST_ITEM}(?: +{_BURST_ITEM})*")
_LEAST_BURST = 2  # a T alone may be an answer that has lost its first byte, or more
_NUMBER = re.compile(r" ?[+-]?\d{1,5}(?:\.\d{1,3})?")
_OTHER_VALUE = re.compile(r"[ -~]{0,32}")


class RaytekMi3Decoder:
    """Lines of the instrument to temperatures; see the header of this module for the wire."""

    def __init__(self, address: int | None = None) -> None:
        self._box = None if address is None else f"{address:03d}"
        self._line = bytearray()
        self._is_fahrenheit = False

    def feed(self, chunk: bytes) -> list[Decoded]:
        decoded: list[Decoded] = []
        for byte in chunk:
            if byte in LINE_END:
                self._end_line(decoded)
                continue
            self._line.append(byte)
            if len(self._line) > _MAX_LINE:
                # A good answer may stand at the end of endless noise: its beginning is kept.
                cut = self._line.rfind(b"!", 1)
                cut = len(self._line) if cut < 0 else cut
                decoded.append(MalformedFrame(FaultReason.OVERFLOW, bytes(self._line[:cut])))
                del self._line[:cut]
        return decoded

    def idle(self) -> list[Decoded]:
        """Nothing: an answer is told when its line ends."""
        return []

    def flush(self) -> list[Decoded]:
        """What is left has no line end: digits may be missing."""
        line = bytes(self._line)
        self._line.clear()
        return [MalformedFrame(FaultReason.TRUNCATED, line)] if line else []

    def _end_line(self, decoded: list[Decoded]) -> None:
        line = bytes(self._line)
        self._line.clear()
        if not line:
            return
        text = line.decode("latin-1")
        if _QUESTION.fullmatch(text):
            return
        begin = 0
        answer = _ANSWER.fullmatch(text)
        if answer is None:
            # A cut line or noise before the answer: what stands behind the last ! may be whole.
            begin = max(text.rfind("!"), 0)
            answer = _ANSWER.fullmatch(text, begin)
        told = self._read(answer, text, line[begin:])
        if begin and not isinstance(told, MalformedFrame):
            decoded.append(MalformedFrame(FaultReason.UNPARSABLE, line[:begin]))
        elif isinstance(told, MalformedFrame):
            decoded.append(MalformedFrame(told.reason, line))
        if isinstance(told, DecodedTemperature):
            decoded.append(told)

    def _read(self, answer: re.Match[str] | None, text: str, line: bytes) -> Decoded | None:
        """An answer, a burst line, or None for what is neither a reading nor malformed."""
        if answer is None:
            burst = self._read_burst(text, line) if _BURST.fullmatch(text) else None
            return burst or MalformedFrame(FaultReason.UNPARSABLE, line)
        if self._box is None or answer[1] == self._box:
            return self._told(answer[2], answer[3], line)
        # Behind noise the digits of the address may be lost; without them it may be anybody's.
        return None if answer[1] else MalformedFrame(FaultReason.UNPARSABLE, line)

    def _read_burst(self, text: str, line: bytes) -> Decoded | None:
        names = [item.rstrip("+-.0123456789") for item in text.split()]
        items = dict(zip(names, text.split(), strict=True))
        is_one = len(items) == len(names) >= _LEAST_BURST and "T" in items
        if self._box is not None or not is_one:  # nobody tells whose a burst on a shared line is
            return None
        for unit in ("UC", "UF"):
            if unit in items:
                self._told("U", unit[1], line)
        found = self._told("T", items["T"][1:], line)
        ambient = self._told("T", items["I"][1:], line) if "I" in items else None
        if isinstance(found, DecodedTemperature) and isinstance(ambient, DecodedTemperature):
            return DecodedTemperature(found.object_celsius, ambient.object_celsius)
        return found

    def _told(self, name: str, value: str, line: bytes) -> Decoded | None:
        if name == "U" and value in ("C", "F"):
            self._is_fahrenheit = value == "F"
            return None
        if name != "T":
            is_text = _OTHER_VALUE.fullmatch(value) is not None
            return None if is_text else MalformedFrame(FaultReason.UNPARSABLE, line)
        if _NUMBER.fullmatch(value) is None:
            return MalformedFrame(FaultReason.NOT_A_NUMBER, line)
        number = float(value)
        celsius = (number - 32) / 1.8 if self._is_fahrenheit else number
        measured = DecodedTemperature(round(celsius, 2), None)
        if not RANGE.contains(measured):
            return MalformedFrame(FaultReason.OUT_OF_DEVICE_RANGE, line)
        return measured


def encode(frame: DecodedTemperature) -> bytes:
    """The answer to ?T in degC, in tenths of a degree."""
    sign = "-" if frame.object_celsius < 0 else ""
    return f"!T{sign}{abs(frame.object_celsius):05.1f}".encode("ascii") + LINE_END


def at_address(address: int | None, question: bytes) -> bytes:
    """``question`` to one box of a shared line."""
    return question if address is None else f"{address:03d}".encode("ascii") + question


def encode_burst(frame: DecodedTemperature) -> bytes:
    """A line of burst mode with unit, object, head and emissivity; 25 degC for an unknown head."""
    head = 25.0 if frame.ambient_celsius is None else frame.ambient_celsius
    return f"UC T{frame.object_celsius:06.1f} I{head:06.1f} E0.980".encode("ascii") + LINE_END
