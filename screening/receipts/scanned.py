"""A receipt's number as scanners send it: behind the kind of its symbol, or twice in one."""

from __future__ import annotations

import re

from screening.receipts.number import RANDOM_SYMBOLS, parse_number

_LENGTH = RANDOM_SYMBOLS + 1
# "]" and two characters tell the kind of symbol by ISO/IEC 15424; makers' own marks are letters,
# of which a QR code has Q or QR.
_KIND = re.compile(r"^[^\w\]]*(?:\][A-Za-z][0-9A-Za-z]|QR?(?=[0-9A-Za-z\W]{10}))\W*", re.IGNORECASE)
_MARKS = re.compile(r"[^0-9A-Za-z]")


def scanned_numbers(code: str) -> tuple[str, ...]:
    """The number in what a scanner sent, of two the last; none where its check fails.

    A mark may also be a number's first symbol: then it has both readings, the likelier one first,
    and which was meant is known to whoever issued them. For codes in which nothing else was found:
    a number by itself is not looked for here.
    """
    symbols = _MARKS.sub("", code)
    marked = _MARKS.sub("", _KIND.sub("", code, count=1))
    for twice in (symbols, marked):
        if len(twice) == 2 * _LENGTH and parse_number(twice[:_LENGTH]):
            last = parse_number(twice[_LENGTH:])
            return () if last is None else (last,)
    if len(marked) != _LENGTH or len(symbols) == _LENGTH:
        return ()
    found = (parse_number(marked), parse_number(symbols[:_LENGTH]))
    return tuple(number for number in found if number is not None) if found[0] else ()
