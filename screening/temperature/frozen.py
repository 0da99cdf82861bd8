"""Tells a frozen sensor: it says the same again and again where a living one says something else.

what comes again          of a living sensor            then
a thermal picture         never, for its noise          it is no new measurement
a value, whoever comes    for less than two minutes     no reading of it counts
every visitor's value     once in a million visitors    the thermometer has to be checked
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from screening.readings import TemperatureReading
from screening.temperature.window import MEASURABLE_CELSIUS

Said = TypeVar("Said")

FROZEN_S = 120.0
"""Longer than a visitor stands there, and when one goes and the next comes a living sensor sees
something else in between, if only by the tenth of a degree that the coarsest tells. One that
averages over seconds may show somebody who waits and keeps still the same tenth for half a minute;
with 350 visitors a day a frozen one is found within two of them."""

READINGS = 50
"""So many at least: a slow board's in that time."""

FALSE_ALARM = 1e-6
"""The chance of each test at each visitor for an honest thermometer. Three tests at 350 visitors a
day, were they independent, would raise one false alarm in 950 days; they overlap, so it is less."""

COARSEST_STEP_CELSIUS = 0.1
"""Of the modules that are read: boards that send tenths."""

PEAKED = 1.5
"""How much more often than in a normal distribution the commonest value may come."""


class Repeats(Generic[Said]):
    """How often in a row a sensor said the same."""

    def __init__(self, is_same: Callable[[Said, Said], object] = operator.eq) -> None:
        self._is_same = is_same
        self._said: list[Said] = []  # what was said last, once it was
        self.times = 0
        """Of the newest, itself included; 0 before the first."""

    def add(self, said: Said) -> int:
        """What it said next; ``times`` with it."""
        is_again = bool(self._said) and bool(self._is_same(self._said[0], said))
        self._said = [said]
        self.times = self.times + 1 if is_again else 1
        return self.times

    def forget(self) -> None:
        """Begin anew."""
        self._said, self.times = [], 0


def repeated_pictures() -> Repeats[NDArray[np.float32]]:
    """Counts pictures that are equal pixel by pixel; one of another size is another one."""
    return Repeats(lambda one, other: np.array_equal(one, other, equal_nan=True))


class FrozenWatch:
    """Follows one thermometer's readings, whoever stands there."""

    def __init__(self) -> None:
        self._repeats: Repeats[float] = Repeats()
        self._celsius = math.nan
        self._since_s = self._newest_s = 0.0

    def add(self, reading: TemperatureReading) -> bool:
        """Whether with this one more it has become clear that it is frozen."""
        was_frozen = self.is_frozen
        if self._repeats.add(reading.object_celsius) == 1:
            self._since_s = reading.taken_at_s
        self._celsius, self._newest_s = reading.object_celsius, reading.taken_at_s
        return self.is_frozen and not was_frozen

    @property
    def is_frozen(self) -> bool:
        """Whether nothing but one value came for so long: it may be of a visitor before.

        A wall's is nobody's; it may well be the same all night.
        """
        is_long = self._repeats.times >= READINGS and self._newest_s - self._since_s > FROZEN_S
        return is_long and self._celsius in MEASURABLE_CELSIUS


class FrozenVisitors:
    """Follows each visitor's first value; ``least_spread_celsius`` is how little people differ.

    Equal values do not tell a device's step, so the coarsest is taken for it.
    """

    def __init__(self, least_spread_celsius: float) -> None:
        self._repeats: Repeats[float] = Repeats()
        self._chance = chance_of_one_value(COARSEST_STEP_CELSIUS, least_spread_celsius)

    def add(self, celsius: float) -> None:
        """One more visitor's."""
        self._repeats.add(celsius)

    def forget(self) -> None:
        """Begin anew, after somebody has checked the thermometer."""
        self._repeats.forget()

    @property
    def is_frozen(self) -> bool:
        """Whether the newest visitors all have one value: eleven of a face, eight of a forehead."""
        times = self._repeats.times
        return times > 0 and self._chance ** (times - 1) < FALSE_ALARM


def chance_of_one_value(step_celsius: float, spread_celsius: float) -> float:
    """That one visitor has the commonest value, of a device that tells steps of that size."""
    return min(1.0, PEAKED * step_celsius / (math.sqrt(2 * math.pi) * spread_celsius))
