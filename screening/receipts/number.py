"""Receipt numbers people can type: Crockford's base32 (no I, L, O, U) and a check character.

Nine random symbols (45 bits) and one check symbol by Luhn's algorithm modulo 32, which tells every
single wrong symbol and nearly every pair that was swapped. Shown in two groups: ``7KQ2M-9XV4T``.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_SYMBOLS = 9
GROUP = 5

_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", "–": "", ".": "", "_": "", " ": ""})


def new_number() -> str:
    """A number nobody can guess, without separator."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    return body + _check_symbol(body)


def parse_number(typed: str) -> str | None:
    """The number as it is stored, from however it was typed; None where its check fails."""
    number = "".join(typed.upper().split()).translate(_MEANT)
    if len(number) != RANDOM_SYMBOLS + 1 or any(symbol not in ALPHABET for symbol in number):
        return None
    return number if _check_symbol(number[:-1]) == number[-1] else None


def show_number(number: str) -> str:
    """The number in groups, for a page or a printed receipt."""
    return "-".join(number[start : start + GROUP] for start in range(0, len(number), GROUP))


def _check_symbol(body: str) -> str:
    total = 0
    for position, symbol in enumerate(reversed(body)):
        value = ALPHABET.index(symbol) * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]
