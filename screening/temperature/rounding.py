"""Hundredths of a degree, in decimals: a sum that is printed is the sum that is compared.

What goes into a temperature or is compared with a limit is rounded away from the normal, by up to a
hundredth: corrections up, a check's difference away from 0 and its allowance down. What is only
told (an uncertainty, a spread) is rounded to the nearest.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_UP, Decimal

HUNDREDTH = Decimal("0.01")

BINARY_DUST = 9
"""Decimals beyond which a float's digits are its own and nobody's."""


def hundredths(celsius: float) -> float:
    """To the nearest hundredth of a degree, halves to the even one."""
    return float(Decimal(str(celsius)).quantize(HUNDREDTH))


def hundredths_up(celsius: float) -> float:
    """To the next hundredth of a degree that is not below."""
    return _rounded(celsius, ROUND_CEILING)


def hundredths_down(celsius: float) -> float:
    """To the next hundredth of a degree that is not above."""
    return _rounded(celsius, ROUND_FLOOR)


def hundredths_away(celsius: float) -> float:
    """To the next hundredth of a degree that is not nearer to 0."""
    return _rounded(celsius, ROUND_UP)


def _rounded(celsius: float, rounding: str) -> float:
    exact = Decimal(str(round(celsius, BINARY_DUST)))
    return float(exact.quantize(HUNDREDTH, rounding=rounding))
