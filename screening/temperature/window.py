"""One stable value out of many readings: never from one lucky sample.

The newest readings are taken back in time for as long as they agree; that run is stable when it
has enough readings over enough time. Both a module with ten readings a second and a board with
two lines a second get there: six readings in 0.5 s, three lines in 1 s.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import fmean, median_high

from screening.decision import Reason
from screening.readings import TemperatureReading

MAX_READING_AGE_S = 2.5
"""An older reading never counts: after that another person may stand there. Five lines of the
slowest supported device (one every 0.5 s), so two lost lines do not end a measurement."""

MIN_READINGS = 3
"""Fewer cannot tell an outlier from the value."""

MIN_SPAN_S = 0.5
"""Shorter, and all readings may be of one moment of a face that is still moving."""

MAX_SPREAD_CELSIUS = 0.4
"""A face at rest stays within this: readings of one person differ by SD 0.11 to 0.24 (published
data)."""


HOTTEST_OBJECT_CELSIUS = 150.0
"""A lamp or a cup at an entrance is below; above the sensor itself is wrong (1037.55 is a known
fault of one). One single hot value may be a fault as well."""


@dataclass(frozen=True, slots=True)
class CelsiusRange:
    """Both ends belong to it; NaN does not."""

    low: float
    high: float

    def __contains__(self, celsius: float) -> bool:
        return self.low <= celsius <= self.high

    def before(self, least_celsius: float, most_celsius: float) -> CelsiusRange:
        """The values that may belong to it once so much is added to them."""
        return CelsiusRange(self.low - most_celsius, self.high - least_celsius)


MEASURABLE_CELSIUS = CelsiusRange(28.0, 45.0)
"""Raw values worth comparing with a reference: skin in a cool room, a flask of 40 degC, and half
of what a module may be off. An empty lane is colder."""


@dataclass(frozen=True, slots=True)
class StableValue:
    """The upper median of a stable run (degC, raw) and when its newest reading was taken.

    ``repeatability_celsius`` is the standard deviation within the run, which begins at
    ``begun_at_s``.
    """

    celsius: float
    taken_at_s: float
    repeatability_celsius: float = field(default=0.0, compare=False)
    begun_at_s: float = field(default=math.inf, compare=False)


class StableTemperature:
    """The readings of one visitor. Only raw values inside ``plausible`` can make a value."""

    def __init__(self, plausible: CelsiusRange) -> None:
        self._plausible = plausible
        self._readings: deque[TemperatureReading] = deque()
        self._newest_s = -math.inf
        self._moment = CelsiusRange(math.inf, -math.inf)
        self._not_before_s = -math.inf

    def add(self, reading: TemperatureReading) -> None:
        """Take one more; a repeated or late one, or one from before ``forget``, does not count.

        Of several of one moment, as a driver hands them on that were waiting, those count that
        differ most: together they are one reading, and none of them hides another.
        """
        if reading.taken_at_s < self._not_before_s or reading.taken_at_s < self._newest_s:
            return
        celsius = reading.object_celsius
        if reading.taken_at_s == self._newest_s:
            if not (celsius < self._moment.low or celsius > self._moment.high):
                return
            low, high = min(celsius, self._moment.low), max(celsius, self._moment.high)
            self._moment = CelsiusRange(low, high)
        else:
            self._newest_s = reading.taken_at_s
            self._moment = CelsiusRange(celsius, celsius)
        self._readings.append(reading)
        while reading.taken_at_s - self._readings[0].taken_at_s > MAX_READING_AGE_S:
            self._readings.popleft()

    def hold_to(self, plausible: CelsiusRange) -> None:
        """From now on only raw values inside this range can make a value."""
        self._plausible = plausible

    def forget(self, *, until_s: float) -> None:
        """Drop what is there; readings taken before ``until_s`` do not count later either."""
        self._readings.clear()
        self._not_before_s = max(self._not_before_s, until_s)

    def value(self, now_s: float) -> StableValue | Reason:
        """The stable value of now, or what the visitor has to do to get one."""
        fresh = [r for r in self._readings if 0 <= now_s - r.taken_at_s <= MAX_READING_AGE_S]
        if not fresh:
            return Reason.STAND_STILL
        newest = fresh[-1]
        if newest.object_celsius < self._plausible.low:
            return Reason.STEP_CLOSER
        if len(fresh) > 1 and all(self._is_hot(reading) for reading in fresh[-2:]):
            return Reason.HOT_OBJECT
        run = self._agreeing(fresh)
        moments = len({reading.taken_at_s for reading in run})
        if moments < MIN_READINGS or newest.taken_at_s - run[-1].taken_at_s < MIN_SPAN_S:
            return Reason.STAND_STILL
        values = [reading.object_celsius for reading in run]
        begun_at_s = run[-1].taken_at_s
        return StableValue(median_high(values), newest.taken_at_s, _spread(values), begun_at_s)

    def _is_hot(self, reading: TemperatureReading) -> bool:
        return self._plausible.high < reading.object_celsius <= HOTTEST_OBJECT_CELSIUS

    def _agreeing(self, fresh: list[TemperatureReading]) -> list[TemperatureReading]:
        """The newest plausible readings that agree with each other, newest first."""
        run: list[TemperatureReading] = []
        low, high = math.inf, -math.inf
        for reading in reversed(fresh):
            low, high = min(low, reading.object_celsius), max(high, reading.object_celsius)
            if reading.object_celsius not in self._plausible or high - low > MAX_SPREAD_CELSIUS:
                break
            run.append(reading)
        return run


def _spread(values: list[float]) -> float:
    mean = fmean(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
