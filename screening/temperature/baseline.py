"""What the last visitors tell of a drifting sensor: the median of many healthy faces stays put."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from statistics import median

from screening.temperature.calibration import BASELINE
from screening.temperature.rounding import hundredths_away, hundredths_up
from screening.visits import Attempt, MeasuredTemperature

VISITORS = 30
"""So many last visitors make the baseline: their median has a standard error of 0.09 degC (SD 0.40
of faces and sensor, times 1.25 for a median), and a morning's drift is followed in an hour."""

FIRST_VISITORS = 10
"""Fewer do not make a median worth trusting: until then the commissioning's baseline holds."""

LARGEST_SHIFT_CELSIUS = 1.5
"""A sensor further off than this is not corrected any more but checked by a person: three times the
day-to-day SD of 0.5 degC of cheap modules."""


class RollingBaseline:
    """One gate's last visitors of the day, from their first readings without this correction.

    Somebody who was referred does not count. The first ten visitors all do: a sensor that reads
    high in the morning refers everybody, and the baseline would never learn of it. Without them a
    sensor whose days differ by 1 degC (SD) refers 34 well visitors a day instead of 6, and on its
    worst days 348 of 350; one whose days differ by 0.5 refers 4.2 instead of 3.3. They cost no
    fever there: a median of ten stands up to four (docs/temperature-evaluation.md).
    """

    def __init__(self, commissioning_median_celsius: float) -> None:
        self._commissioning_celsius = commissioning_median_celsius
        self._celsius: deque[float] = deque(maxlen=VISITORS)

    def add(self, celsius: float, *, is_referred: bool) -> None:
        """A visitor's first reading with every correction but this one, and how it ended."""
        if not is_referred or len(self._celsius) < FIRST_VISITORS:
            self._celsius.append(celsius)

    def take(self, first: MeasuredTemperature, *, is_referred: bool) -> None:
        """The same from a visitor's first reading as it was judged."""
        self.add(without_baseline(first), is_referred=is_referred)

    @property
    def visitors(self) -> int:
        """How many it is made of now."""
        return len(self._celsius)

    @property
    def correction_celsius(self) -> float:
        """What to add to the next visitor's readings, in hundredths, rounded up; 0 for the first
        ten."""
        return hundredths_up(self._shift_celsius)

    @property
    def is_sensor_in_doubt(self) -> bool:
        """Whether the sensor is so far off that a person has to look at it."""
        return hundredths_away(abs(self._shift_celsius)) > LARGEST_SHIFT_CELSIUS

    @property
    def _shift_celsius(self) -> float:
        if len(self._celsius) < FIRST_VISITORS:
            return 0.0
        return self._commissioning_celsius - median(self._celsius)


def first_of_device(attempt: Attempt) -> MeasuredTemperature | None:
    """The device's first reading of a visitor whose measuring began with this attempt."""
    first = next(iter(attempt.temperatures), None)
    is_one = attempt.resumes is None and first is not None and first.entered_by is None
    return first if is_one else None


def without_baseline(first: MeasuredTemperature) -> float:
    """The reading (degC) with every correction but the rolling baseline."""
    added = dict(first.corrections).get(BASELINE, 0.0)
    return float(Decimal(str(first.corrected_celsius)) - Decimal(str(added)))
