"""A counter of people at a door: two light beams, and a board that tells its totals as lines.

Wire (8N1, 9600 baud), framed as proprietary sentences are in NMEA 0183:

    $PGBPC,<in>,<out>*<hh>CR LF

``in`` and ``out`` are decimal totals since the board was switched on, 1 to 9 digits without a sign;
``hh`` is the exclusive or of the bytes between ``$`` and ``*`` as two hexadecimal digits. The board
sends a line at once after each crossing and otherwise every second. Totals, not crossings, are
sent: a line that is lost or comes twice changes nothing, and what passed while the cable was out is
in the next one. After a loss of power they begin at 0 again.

A line that is cut, glued to another or changed by noise fails its seal and is told as malformed;
the next ``$`` begins a new one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import xor

BAUD_RATE = 9600

_MOST_BYTES = 64
"""The longest line has 31."""

_LINE = re.compile(rb"\$(PGBPC,([0-9]{1,9}),([0-9]{1,9}))\*([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Totals:
    """People who went in and out since the board was switched on."""

    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class MalformedLine:
    """Bytes that are no line of this wire."""

    raw: bytes


class BeamLineDecoder:
    """Bytes of the board to totals; how they arrive in pieces changes nothing."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def restart(self) -> None:
        """The connection was lost: what was half there is gone."""
        self._buffer.clear()

    def feed(self, chunk: bytes) -> list[Totals | MalformedLine]:
        """The lines that ``chunk`` completes, in order."""
        found: list[Totals | MalformedLine] = []
        for byte in chunk:
            if byte in b"\r\n":
                self._end(found)
            elif byte == ord("$"):
                self._end(found)
                self._buffer.append(byte)
            else:
                self._buffer.append(byte)
                if len(self._buffer) > _MOST_BYTES:
                    self._end(found)
        return found

    def _end(self, found: list[Totals | MalformedLine]) -> None:
        raw = bytes(self._buffer)
        self._buffer.clear()
        if raw:
            found.append(decode(raw))


def decode(line: bytes) -> Totals | MalformedLine:
    """One line without its end."""
    told = _LINE.fullmatch(line)
    if told is None or seal(told[1]) != int(told[4], 16):
        return MalformedLine(line)
    return Totals(int(told[2]), int(told[3]))


def encode(totals: Totals) -> bytes:
    """The line as the board sends it."""
    body = f"PGBPC,{totals.entered},{totals.left}".encode("ascii")
    return b"$%s*%02X\r\n" % (body, seal(body))


def seal(body: bytes) -> int:
    """The exclusive or of all bytes."""
    return reduce(xor, body, 0)
