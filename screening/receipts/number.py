"""Receipt numbers people can type: Crockford's base32 (no I, L, O, U) and a check character.

Nine random symbols (45 bits) and one check symbol by Luhn's algorithm modulo 32, which tells every
single wrong symbol and nearly every pair that was swapped. Shown in two groups: ``7KQ2M-9XV4T``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from screening.receipts.pasted import LONG_DASH, clean

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 9
GROUP = 5

MAX_FOREIGN_NUMBER = 32
_FOREIGN = re.compile(rf"(?=.{{1,{MAX_FOREIGN_NUMBER}}}$)[0-9A-Z]+(?:[./_-][0-9A-Z]+)*")

_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})
_WORD = re.compile(r"[0-9A-Za-z]+")
_APART = re.compile(rf"[\s\-{LONG_DASH}._*~`'\"\u2018-\u201f\u2039\u203a\u00ab\u00bb>|=]{{0,12}}")
"""What may stand between the symbols of one number: blanks, hyphens, marks and quotes."""
_BETWEEN_GROUPS = re.compile(r"[^0-9A-Za-z]{1,4}")
"""What else somebody or a program may have put for the hyphen: ``/``, a bullet, broken UTF-8."""
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DASHED = re.compile(rf"[-{LONG_DASH}]")
_ADDRESS = re.compile(r"/r/\s*$", re.IGNORECASE)
"""What stands before the number in the address of a receipt's page."""
_NO_NUMBER = 4
"""The rank of what looks like no number."""


def new_number() -> str:
    """A number nobody can guess, without separator."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    return body + _check_symbol(body)


def parse_number(typed: str) -> str | None:
    """The one number in what was typed or pasted, as it is stored; None without, or with more."""
    numbers = numbers_in(clean(typed))
    return numbers[0] if len(numbers) == 1 else None


def numbers_in(text: str) -> tuple[str, ...]:
    """The different numbers in a ``clean`` text, as they are stored.

    Words of a sentence pass the check symbol once in 32 times, so only what looks most like a
    number counts: first the one in the address of a receipt's page, then the printed form, then
    any that is whole or in two groups, then one in other pieces.
    """
    text = _ESCAPED.sub(lambda escaped: clean(unquote(escaped[0])), text)
    words = list(_WORD.finditer(text))
    found: dict[int, list[str]] = {}
    for spot in _spots(text, words):
        number = _stored(spot.joined)
        if number is not None:
            found.setdefault(spot.rank(text, is_all=len(spot.words) == len(words)), []).append(
                number
            )
    best = min((rank for rank in found if rank < _NO_NUMBER), default=None)
    return () if best is None else tuple(dict.fromkeys(found[best]))


def foreign_number(text: str) -> str | None:
    """The whole text as a number that another system gave, as it is stored; None for any other.

    Letters and digits, in capitals, with a dot, slash, hyphen or underline between them.
    """
    number = text.strip().upper()
    return number if _FOREIGN.fullmatch(number) else None


def show_number(number: str) -> str:
    """The number in groups, for a page or a printed receipt."""
    return "-".join(number[start : start + GROUP] for start in range(0, len(number), GROUP))


def _check_symbol(body: str) -> str:
    total = 0
    for position, symbol in enumerate(reversed(body)):
        value = ALPHABET.index(symbol) * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


@dataclass(frozen=True)
class _Spot:
    """Neighbouring words that have as many symbols as a number."""

    words: tuple[re.Match[str], ...]
    between: tuple[str, ...]

    @property
    def joined(self) -> str:
        return "".join(word[0] for word in self.words)

    def rank(self, text: str, *, is_all: bool) -> int:
        """How much it looks like a number: 0 most, ``_NO_NUMBER`` not at all."""
        has_digit = any(symbol.isdigit() for symbol in self.joined)
        is_mixed = has_digit and not self.joined.isdigit()  # a telephone number has digits only
        is_in_groups = _is_pair(self.words) and _APART.fullmatch(self.between[0]) is not None
        is_dashed = is_in_groups and _DASHED.search(self.between[0]) is not None
        is_whole = len(self.words) == 1
        if (is_whole or is_dashed) and _ADDRESS.search(text, 0, self.words[0].start()):
            return 0
        if is_dashed or (is_whole and is_mixed):
            return 1
        if is_in_groups and is_mixed and self.joined.isupper():
            return 1
        if is_all or is_whole or (is_in_groups and has_digit):
            return 2
        return 3 if has_digit else _NO_NUMBER


def _spots(text: str, words: list[re.Match[str]]) -> Iterator[_Spot]:
    for first in range(len(words)):
        size = 0
        between: list[str] = []
        for last in range(first, min(first + RANDOM_SYMBOLS + 1, len(words))):
            if last > first:
                apart = text[words[last - 1].end() : words[last].start()]
                is_pair = _is_pair(words[first : last + 1])
                if not (_APART.fullmatch(apart) or (is_pair and _BETWEEN_GROUPS.fullmatch(apart))):
                    break
                between.append(apart)
            size += len(words[last][0])
            if size == RANDOM_SYMBOLS + 1:
                yield _Spot(tuple(words[first : last + 1]), tuple(between))
            if size > RANDOM_SYMBOLS:
                break


def _is_pair(words: Sequence[re.Match[str]]) -> bool:
    """Whether they are the two groups in which a number is shown."""
    return [len(word[0]) for word in words] == [GROUP, GROUP]


def _stored(symbols: str) -> str | None:
    """The number that ten symbols stand for; None where one is no symbol or the check fails."""
    number = symbols.upper().translate(_MEANT)
    if any(symbol not in ALPHABET for symbol in number):
        return None
    return number if _check_symbol(number[:-1]) == number[-1] else None
