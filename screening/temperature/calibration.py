"""What is added to a raw value so that it may be compared with a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from screening.visits import MeasuredTemperature

OFFSET = "offset"
"""Name of the constant correction in the record; published, never renamed."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The constant skin-to-reference offset (degC) found at commissioning."""

    offset_celsius: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.offset_celsius):
            raise ValueError("offset_celsius must be a finite number")

    def correct(self, raw_celsius: float) -> MeasuredTemperature:
        """The device's value with its corrections.

        The offset is always listed, also when it is 0: then it was zero, not forgotten. The sum
        is made in decimals, so that 36.1 + 1.2 is 37.3 and not 37.300000000000004, which would be
        above 37.3.
        """
        corrected = Decimal(str(raw_celsius)) + Decimal(str(self.offset_celsius))
        return MeasuredTemperature(
            raw_celsius=raw_celsius,
            corrections=((OFFSET, float(self.offset_celsius)),),
            corrected_celsius=float(corrected),
        )


def entered_by_hand(celsius: float, *, entered_by: str) -> MeasuredTemperature:
    """A handheld thermometer's value: it is used as typed, the gate's own offset is not its own."""
    return MeasuredTemperature(
        raw_celsius=celsius, corrections=(), corrected_celsius=celsius, entered_by=entered_by
    )
