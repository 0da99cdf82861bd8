"""Tells a thermometer that draws readings toward the normal, or makes them up.

Seven deployed kiosks were found to pull what they read toward the mean (Healy 2021, J Biomed Opt
26:043009), and published kiosk software puts random values between 36.0 and 36.3 in the place of
others. A linearity run shows the first, the values of many visitors the second.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from statistics import fmean, stdev

from screening.temperature.frozen import FALSE_ALARM, FrozenVisitors, chance_of_one_value
from screening.temperature.instrument.commissioning import Comparison
from screening.temperature.sites import MeasuringSite
from screening.temperature.statistics import (
    Interval,
    binomial_tail,
    chi_squared_tail,
    student_quantile,
)
from screening.temperature.window import CelsiusRange

MIN_POINTS = 4
MIN_SPAN_CELSIUS = 3.0
FEBRILE_POINT_CELSIUS = 38.0
"""Four points over 3 degC and one of them here at least: what is drawn to the normal is seen best
where it is drawn furthest."""

DECIDING_CELSIUS = CelsiusRange(37.0, 37.5)
"""Where the presets' first thresholds lie, and one point has to be. A module may be honest below
and above and still hold everything in between at a normal value; between points a degree apart it
would not be seen."""

SLOPE_CHANCE = 0.01
"""An honest line's slope lies outside its interval so seldom."""

LEAST_SLOPE = 0.9
LARGEST_SLOPE = 1.1
"""Of raw value over reference. A surface of emissivity 0.95 that shows some of the room gives 0.95
to a module set to 0.98; published normalising devices have 0.3 to 0.7."""

LARGEST_RESIDUAL_CELSIUS = 0.3
"""Of a point from the line: three times what a stable value of a working module scatters."""

LEAST_SCATTER_CELSIUS = 0.02
"""What points on one straight line may scatter unseen: the step of the finest module."""

PLATEAU_STEP_CELSIUS = 1.0
PLATEAU_SHARE = 0.3
"""Where the reference rises by a step and the raw value by less than this share of it: an honest
rise of 0.9 with a scatter of 0.14 would come so low once in 100 000 steps."""


VISITORS = 100
"""So many last visitors are looked at: a morning's."""

MODULI = (10, 5, 2)
"""Last digits are counted in tens where visitors spread over twice as many steps, else in fives or
twos: within a narrow spread even honest tenths are not all as common."""


FEWEST_FOR_FAHRENHEIT = 10
ROUNDED_FAHRENHEIT = 0.1
"""Tenths of degF that were rounded to hundredths of degC are this near to tenths again, in tenths;
ten different values of another device are so by chance once in ten million."""


class LinearityVerdict(StrEnum):
    """What a linearity run says. Published: add, never rename."""

    HONEST = "honest"
    NORMALISES = "normalises"
    NOT_LINEAR = "not_linear"
    """Neither: the points scatter too much, or lie on a line of another slope; repeat the run."""
    TOO_FEW_POINTS = "too_few_points"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linearity:
    """A line through raw values over references (degC), and what it says of the thermometer.

    ``slope_interval`` is the slope's 99 % interval (Student's t, residuals of at least what the
    device's hundredths allow). Everything but ``points`` and ``verdict`` is None where there were
    too few different references to draw a line.
    """

    points: int
    verdict: LinearityVerdict
    slope: float | None = None
    slope_interval: Interval | None = None
    largest_residual_celsius: float | None = None
    has_plateau: bool | None = None


def linearity(points: Sequence[Comparison]) -> Linearity:
    """The least-squares line of a run with a black body or a thermos flask at several heights."""
    finite = [p for p in points if math.isfinite(p.raw_celsius + p.reference_celsius)]
    references = [point.reference_celsius for point in finite]
    if len(set(references)) < MIN_POINTS - 1:
        return Linearity(points=len(finite), verdict=LinearityVerdict.TOO_FEW_POINTS)
    middle, height = fmean(references), fmean(point.raw_celsius for point in finite)
    squares = sum((reference - middle) ** 2 for reference in references)
    slope = sum((p.reference_celsius - middle) * (p.raw_celsius - height) for p in finite) / squares
    residuals = [p.raw_celsius - height - slope * (p.reference_celsius - middle) for p in finite]
    degrees = len(finite) - 2
    scatter = max(LEAST_SCATTER_CELSIUS, math.sqrt(sum(r * r for r in residuals) / degrees))
    half = student_quantile(SLOPE_CHANCE, degrees) * scatter / math.sqrt(squares)
    found = Linearity(
        points=len(finite),
        verdict=LinearityVerdict.TOO_FEW_POINTS,
        slope=slope,
        slope_interval=(slope - half, slope + half),
        largest_residual_celsius=max(abs(residual) for residual in residuals),
        has_plateau=_has_plateau(finite),
    )
    is_enough = (
        len(finite) >= MIN_POINTS
        and max(references) - min(references) >= MIN_SPAN_CELSIUS
        and max(references) >= FEBRILE_POINT_CELSIUS
    )
    verdict = _verdict(found)
    is_where_it_decides = any(reference in DECIDING_CELSIUS for reference in references)
    if verdict is LinearityVerdict.HONEST and not is_where_it_decides:
        return found
    return replace(found, verdict=verdict) if is_enough else found


def _verdict(found: Linearity) -> LinearityVerdict:
    assert found.slope is not None
    assert found.slope_interval is not None
    assert found.largest_residual_celsius is not None
    if found.has_plateau or found.slope_interval[1] < LEAST_SLOPE:
        return LinearityVerdict.NORMALISES
    is_straight = found.largest_residual_celsius <= LARGEST_RESIDUAL_CELSIUS
    if is_straight and LEAST_SLOPE <= found.slope <= LARGEST_SLOPE:
        return LinearityVerdict.HONEST
    return LinearityVerdict.NOT_LINEAR


def _has_plateau(points: Sequence[Comparison]) -> bool:
    """Whether the raw value stands still between two points a step or more apart."""
    ordered = sorted(points, key=lambda point: point.reference_celsius)
    return any(
        higher.raw_celsius - lower.raw_celsius
        < PLATEAU_SHARE * (higher.reference_celsius - lower.reference_celsius)
        for place, lower in enumerate(ordered)
        for higher in ordered[place + 1 :]
        if higher.reference_celsius - lower.reference_celsius >= PLATEAU_STEP_CELSIUS
    )


class MadeUp(StrEnum):
    """What makes visitors' values look made up. Published: add, never rename."""

    SPREAD_TOO_SMALL = "spread_too_small"
    DIGITS_UNEVEN = "digits_uneven"
    VALUE_REPEATED = "value_repeated"


class RunningCheck:
    """The stable raw values (degC) of the last visitors, one each, measured at ``site``."""

    def __init__(self, site: MeasuringSite) -> None:
        self._least_spread = site.least_spread_celsius
        self._celsius: deque[float] = deque(maxlen=VISITORS)
        self._frozen = FrozenVisitors(site.least_spread_celsius)

    def add(self, raw_celsius: float) -> None:
        """One more visitor's first stable value."""
        self._celsius.append(raw_celsius)
        self._frozen.add(raw_celsius)

    @property
    def newest_celsius(self) -> float | None:
        """The last visitor's."""
        return self._celsius[-1] if self._celsius else None

    def forget(self) -> None:
        """Begin anew, after somebody has checked the thermometer."""
        self._celsius.clear()
        self._frozen.forget()

    def findings(self) -> tuple[MadeUp, ...]:
        """What is wrong; before there were enough visitors, only a value that stands still."""
        if len(self._celsius) < VISITORS:
            return (MadeUp.VALUE_REPEATED,) if self._frozen.is_frozen else ()
        steps, spread = _Steps.of(self._celsius), stdev(self._celsius)
        tests = {  # the gravest first
            MadeUp.VALUE_REPEATED: _chance_of_repeats(steps, max(spread, self._least_spread)),
            MadeUp.SPREAD_TOO_SMALL: _chance_of_spread(
                spread, self._least_spread, len(self._celsius)
            ),
            MadeUp.DIGITS_UNEVEN: _chance_of_digits(steps, spread),
        }
        if self._frozen.is_frozen:  # sooner than it outweighs what came before
            tests[MadeUp.VALUE_REPEATED] = 0.0
        return tuple(found for found, chance in tests.items() if chance < FALSE_ALARM)


def step_of(celsius: Sequence[float]) -> float | None:
    """The smallest step (degC) between a device's values; None before two different ones."""
    return _Steps.of(celsius).step_celsius if len(set(celsius)) > 1 else None


@dataclass(frozen=True, slots=True)
class _Steps:
    """Values counted in a device's own steps: 0.01, 0.02 or 0.1 degC, or 0.1 degF."""

    numbers: tuple[int, ...]
    step_celsius: float

    @classmethod
    def of(cls, celsius: Sequence[float]) -> _Steps:
        fahrenheit = [value * 18 + 320 for value in celsius]
        if len(set(celsius)) > FEWEST_FOR_FAHRENHEIT and all(
            abs(value - round(value)) < ROUNDED_FAHRENHEIT for value in fahrenheit
        ):
            return cls(tuple(round(value) for value in fahrenheit), 1 / 18)
        hundredths = [round(value * 100) for value in celsius]
        lowest = min(hundredths)
        step = reduce(math.gcd, (value - lowest for value in hundredths), 0) or 1
        return cls(tuple((value - lowest) // step for value in hundredths), step / 100)


def _chance_of_spread(spread: float, least: float, visitors: int) -> float:
    """Of a spread so small, were people's as small as it ever is (chi squared)."""
    degrees = visitors - 1
    return 1 - chi_squared_tail(degrees * (spread / least) ** 2, degrees)


def _chance_of_digits(steps: _Steps, spread: float) -> float:
    """Of last digits so uneven, were each as common (chi squared)."""
    modulus = next((m for m in MODULI if m * steps.step_celsius <= 2 * spread), None)
    if modulus is None:
        return 1.0
    expected = len(steps.numbers) / modulus
    digits = Counter(number % modulus for number in steps.numbers)
    squares = sum((digits[digit] - expected) ** 2 / expected for digit in range(modulus))
    return chi_squared_tail(squares, modulus - 1)


def _chance_of_repeats(steps: _Steps, spread: float) -> float:
    """Of any value coming so often, were they spread like people (binomial, all values)."""
    single = chance_of_one_value(steps.step_celsius, spread)
    most = max(Counter(steps.numbers).values())
    return min(1.0, binomial_tail(most, len(steps.numbers), single) / single)
