"""Commissionings of thermometers and daily checks that tests are made of.

Every keyword can be replaced.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from screening.temperature.instrument.commissioning import (
    CheckOutcome,
    Commissioning,
    ThermometerCheck,
)

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""Nine o'clock in Jakarta."""


def of_an_array(**changes: Any) -> Commissioning:
    """A thermal array that measures a face's hottest point."""
    values: dict[str, Any] = {
        "gate": "utama",
        "at": MORNING,
        "by": "rina",
        "model": "gy-mcu90640",
        "site": "face-max",
        "room_celsius": 24.0,
        "staff": 10,
        "offset_celsius": 1.2,
        "offset_uncertainty_celsius": 0.16,
        "person_spread_celsius": 0.2,
        "median_celsius": 36.9,
    }
    return Commissioning(**{**values, **changes})


def of_a_spot(**changes: Any) -> Commissioning:
    """A sensor of one spot, the middle of a forehead."""
    values: dict[str, Any] = {
        "model": "gy-mcu90614",
        "site": "forehead-spot",
        "room_celsius": 24.5,
        "staff": 7,
        "offset_celsius": 2.38,
        "offset_uncertainty_celsius": 0.21,
        "person_spread_celsius": 0.4,
        "median_celsius": 36.6,
    }
    return of_an_array(**{**values, **changes})


def daily_check(**changes: Any) -> ThermometerCheck:
    """A check that passed."""
    values: dict[str, Any] = {
        "gate": "utama",
        "at": MORNING,
        "by": "budi",
        "room_celsius": 24.0,
        "difference_celsius": 0.1,
        "outcome": CheckOutcome.PASSED,
    }
    return ThermometerCheck(**{**values, **changes})
