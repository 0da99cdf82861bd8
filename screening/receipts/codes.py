"""Receipt codes in whatever text they come: a scan, a chat, a mail, a cell of a spreadsheet.

A token tells its own length, so what stands around it does not matter. Inside it, a blank that
became an end of line, or the reverse, cannot be told from one that was put in, so each way in
which it may have been is tried; a wrong one nearly always breaks a group of base45 (three symbols
that stand for two bytes) within a few symbols. Which of the rest is right the signature tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from screening.receipts.number import numbers_in
from screening.receipts.pasted import LONG_DASH, clean
from screening.receipts.token import MAX_CODE_CHARACTERS, PREFIX, is_whole, length_of

MAX_READINGS: Final = 8
"""So many ways to read one token are handed on, each of which costs a signature's check."""
_MAX_STEPS: Final = 12_000
"""Far above what a torn token needs; some hundredths of a second."""
_STEPS_OF_A_CHECK: Final = 100
_LESS_WHEN_FOUND: Final = 4
"""Fewer steps, by this factor, once there is a reading that may be the right one."""
_MAX_PLACES: Final = 4
_SHORTEST: Final = 96
"""Characters of base45 for a signature alone: nothing shorter is a token."""

_MARKER = re.compile(r"G\n?B\n?1\n?:")
_DAMAGED = re.compile(r"^GB1:[0-9A-Z $%*+\-./:\n]{20,}")
"""What is left of a token: some ten symbols in it may look like a number."""
_APART: Final = "\n;\n"
_PIECE = re.compile(r"[ \n]+|.")
_SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # RFC 9285, table 1
_VALUE: Final = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_LARGEST: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class FoundCodes:
    """The different codes in one text.

    ``tokens`` has each token's possible readings, likeliest first; all of them are whole by their
    form. ``numbers`` are outside the tokens, as they are stored, and pass their check.
    """

    tokens: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the text has no code at all."""
        return not self.tokens and not self.numbers


def find_codes(text: str) -> FoundCodes:
    """The receipt tokens and numbers in a text; a code that comes twice is one. Never raises."""
    if len(text) > MAX_CODE_CHARACTERS:
        return FoundCodes()
    plain = clean(text)
    capitals = "".join(c.upper() if c.isascii() else c for c in plain)
    tokens: list[tuple[str, ...]] = []
    markers = list(_MARKER.finditer(capitals))[:_MAX_PLACES]
    ends = [marker.start() for marker in markers[1:]] + [len(plain)]
    beside = [plain[: markers[0].start() if markers else None]]
    for marker, end in zip(markers, ends, strict=False):
        text = capitals[marker.end() : end]
        codes = tuple(PREFIX + one for one in _readings(text, _MAX_STEPS // len(markers)))
        if not codes:
            beside.append(_DAMAGED.sub("", plain[marker.start() : end]))
            continue
        if not any(set(codes) & set(earlier) for earlier in tokens):
            tokens.append(codes)
        beside.append(plain[marker.end() + _extent(codes[0][len(PREFIX) :], text) : end])
    return FoundCodes(tuple(tokens), numbers_in(_APART.join(beside)))


def _readings(text: str, max_steps: int) -> list[str]:
    """The first ``MAX_READINGS`` whole tokens, without prefix, that ``text`` may begin with."""
    pieces = _PIECE.findall(text)
    # Most often one thing was done to all of it; of other ways there may be too many to try.
    alike = (_whole_token(_readable(text.replace("\n", way))) for way in ("", " "))
    found = dict.fromkeys(whole for whole in alike if whole is not None)
    if found:
        max_steps //= _LESS_WHEN_FOUND
    # How many pieces are read, and as which symbols. The next to go on with is the last.
    waiting: list[tuple[int, str]] = [(0, "")]
    steps = 0
    while waiting and len(found) < MAX_READINGS and steps < max_steps:
        read, symbols = waiting.pop()
        longer = [symbols]
        while longer and read < len(pieces):
            longer = [symbols + way for way in _ways(pieces[read]) if _goes_on(symbols, way)]
            read += 1
            steps += 1
            if longer:
                symbols = longer[0]
                waiting.extend((read, other) for other in reversed(longer[1:]))
        if len(symbols) < _SHORTEST:
            continue
        steps += _STEPS_OF_A_CHECK
        whole = _whole_token(symbols)
        if whole is not None:
            found.setdefault(whole)
    return list(found)


def _ways(piece: str) -> tuple[str, ...]:
    """The symbols that a piece of text may have been, likeliest first."""
    if piece == LONG_DASH:
        return ("-", "--")
    if not piece.isspace():
        return (piece,) if piece in _VALUE else ()
    blanks = piece.count(" ")
    # Some programs show two blanks as one, and some put one in for the end of a line.
    usual = ("", " ", "  ") if "\n" in piece else (" ", "  ", "")
    return tuple(dict.fromkeys((" " * blanks, *usual)))


def _readable(text: str) -> str:
    """As much of the beginning as can stand for bytes."""
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        if not all(symbol in _VALUE for symbol in group) or _sum(group) > _LARGEST:
            return text[:at]
    return text


def _goes_on(symbols: str, way: str) -> bool:
    """Whether the groups of three that ``way`` completes can stand for two bytes."""
    start = len(symbols) // 3 * 3
    text = symbols[start:] + way
    return all(_sum(text[at : at + 3]) <= _LARGEST for at in range(0, len(text) - 2, 3))


def _sum(group: str) -> int:
    return sum(_VALUE[symbol] * 45**place for place, symbol in enumerate(group))


def _whole_token(symbols: str) -> str | None:
    """The token at the beginning, without prefix and what follows; None where there is none."""
    groups = len(symbols) // 3
    data = b"".join(_sum(symbols[at : at + 3]).to_bytes(2, "big") for at in range(0, groups * 3, 3))
    last = _sum(symbols[groups * 3 : groups * 3 + 2])
    if len(symbols) % 3 == 2 and last <= 0xFF:  # two symbols are one byte
        data += bytes((last,))
    length = length_of(data)
    if length is None:
        return None
    whole = symbols[: length // 2 * 3 + length % 2 * 2]
    return whole if is_whole(PREFIX + whole) else None


def _extent(symbols: str, text: str) -> int:
    """How far into ``text`` these symbols go; blanks and hyphens may differ in number."""
    left = sum(symbol not in " -" for symbol in symbols)
    for place, character in enumerate(text):
        if left == 0:
            return place
        left -= character not in f" \n-{LONG_DASH}"
    return len(text)
