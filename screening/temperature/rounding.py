"""Hundredths of a degree, in decimals: a sum that is printed is the sum that is compared."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

HUNDREDTH = Decimal("0.01")

BINARY_DUST = 9
"""Decimals beyond which a float's digits are its own and nobody's."""


def hundredths(celsius: float) -> float:
    """To the nearest hundredth of a degree, halves to the even one."""
    return float(Decimal(str(celsius)).quantize(HUNDREDTH))


def hundredths_up(celsius: float) -> float:
    """To the next hundredth of a degree that is not below."""
    exact = Decimal(str(round(celsius, BINARY_DUST)))
    return float(exact.quantize(HUNDREDTH, rounding=ROUND_CEILING))
