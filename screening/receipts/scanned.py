"""A receipt's number as scanners send it: behind the kind of its symbol, or twice in one."""

from __future__ import annotations

import re

from screening.receipts.number import RANDOM_SYMBOLS, parse_number

_LENGTH = RANDOM_SYMBOLS + 1
# "]" and two characters tell the kind of symbol by ISO/IEC 15424; makers' own marks are letters,
# of which a QR code has Q or QR.
_KIND = re.compile(r"^[^\w\]]*(?:\][A-Za-z][0-9A-Za-z]|QR?(?=[0-9A-Za-z\W]{10}))\W*", re.IGNORECASE)
_MARKS = re.compile(r"[^0-9A-Za-z]")


def scanned_number(code: str) -> str | None:
    """The number in what a scanner sent, of two the last; None where its check fails.

    For codes in which nothing else was found: a number by itself is not looked for here.
    """
    symbols = _MARKS.sub("", code)
    marked = _MARKS.sub("", _KIND.sub("", code, count=1))
    for twice in (symbols, marked):
        if len(twice) == 2 * _LENGTH and parse_number(twice[:_LENGTH]):
            return parse_number(twice[_LENGTH:])
    if len(marked) != _LENGTH or len(symbols) == _LENGTH or parse_number(symbols[:_LENGTH]):
        return None  # of two that it could be, which was meant is not known
    return parse_number(marked)
