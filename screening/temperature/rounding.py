"""Hundredths of a degree, in decimals: a sum that is printed is the sum that is compared."""

from __future__ import annotations

from decimal import Decimal

HUNDREDTH = Decimal("0.01")


def hundredths(celsius: float) -> float:
    """To the nearest hundredth of a degree, halves to the even one."""
    return float(Decimal(str(celsius)).quantize(HUNDREDTH))
