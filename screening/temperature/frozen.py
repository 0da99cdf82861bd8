"""Notices a thermometer that goes on sending the value it had when it stopped measuring."""

from __future__ import annotations

import math

from screening.readings import TemperatureReading
from screening.temperature.fitting import MEASURABLE_CELSIUS

FROZEN_S = 120.0
"""Longer than a visitor stands there, and when one goes and the next comes a living sensor sees
something else in between, if only by the tenth of a degree that the coarsest tells. One that
averages over seconds may show somebody who waits and keeps still the same tenth for half a minute;
with 350 visitors a day a frozen one is found within two of them."""

READINGS = 50
"""So many at least: a slow board's in that time."""


class FrozenWatch:
    """Follows one thermometer's readings, whoever stands there."""

    def __init__(self) -> None:
        self._celsius = math.nan
        self._since_s = 0.0
        self._count = 0
        self._newest_s = 0.0

    def add(self, reading: TemperatureReading) -> bool:
        """Whether with this one more it has become clear that it is frozen."""
        was_frozen = self.is_frozen
        if reading.object_celsius != self._celsius:
            self._celsius, self._since_s = reading.object_celsius, reading.taken_at_s
            self._count = 0
        self._count += 1
        self._newest_s = reading.taken_at_s
        return self.is_frozen and not was_frozen

    @property
    def is_frozen(self) -> bool:
        """Whether nothing but one value came for so long: it may be of a visitor before.

        A wall's is nobody's; it may well be the same all night.
        """
        is_long = self._count >= READINGS and self._newest_s - self._since_s > FROZEN_S
        return is_long and self._celsius in MEASURABLE_CELSIUS
