"""Whether two ranges of days differ by more than days differ from each other anyway. Pure.

What is compared is a ratio of sums over days: people a day, refusals of attempts, minutes a wait.
The earlier days are weighed so that each weekday has the share it has now: five Mondays instead of
four are no change. How far a ratio may lie from the truth follows from how much days of the same
weekday scatter, but is never taken for less than what counting itself leaves open (Poisson,
binomial). Of a few days the scatter is that of the range they are compared with. A difference
counts where its interval leaves out zero; with ``CHANCE`` for each of the six measures, about
three of a hundred comparisons of days that are alike say that something changed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from screening.temperature.statistics import student_quantile

CHANCE = 0.005
FEWEST_BEFORE = 5
"""Days to compare with; and as many of its own must a range have for a scatter of its own."""
_FINEST_MINUTES = 0.05


class Measure(StrEnum):
    """What is compared."""

    VISITORS = "visitors"
    REFUSED = "refused"
    REFERRED = "referred"
    NO_SHOW = "no_show"
    WAIT = "wait"
    SERVICE = "service"


SHARES = frozenset({Measure.REFUSED, Measure.REFERRED, Measure.NO_SHOW})
"""Measures from none to all; ``VISITORS`` are people a day, the others minutes."""


class Verdict(StrEnum):
    """What a comparison says."""

    MORE = "more"
    LESS = "less"
    NO_CHANGE = "no_change"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DayPart:
    """A day's share of both sums, and which weekday it is."""

    above: float
    below: float
    weekday: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """``now`` and ``before`` are None without a day that counts, ``before`` is as its days are;
    ``low`` to ``high`` is where the difference lies with weekdays weighed alike, both 0 where the
    verdict is unknown."""

    measure: Measure
    verdict: Verdict
    now: float | None
    before: float | None
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True, slots=True)
class _Side:
    """A range: its ratio, the variance of that, and the degrees of freedom of the variance."""

    ratio: float
    variance: float
    degrees: int


def compare(measure: Measure, now: Sequence[DayPart], before: Sequence[DayPart]) -> Change:
    """What changed from ``before`` to ``now``; days whose lower part is zero do not count."""
    here = [part for part in now if part.below > 0]
    there = [part for part in before if part.below > 0]
    ratio, earlier = _ratio(here), _ratio(there)
    if ratio is None or earlier is None or len(there) < FEWEST_BEFORE:
        return Change(measure, Verdict.UNKNOWN, ratio, earlier)
    floor = _floor(measure, [*here, *there])
    usual = _Scatter.of(there)
    first = _expected(here, there, usual, floor)
    if len(here) >= FEWEST_BEFORE:
        second = _observed(here, _Scatter.of(here), floor)
    else:
        second = _few(here, there, usual, floor)
    half = _quantile(_degrees(first, second)) * math.sqrt(first.variance + second.variance)
    difference = second.ratio - first.ratio
    low, high = difference - half, difference + half
    verdict = Verdict.MORE if low > 0 else Verdict.LESS if high < 0 else Verdict.NO_CHANGE
    return Change(measure, verdict, ratio, earlier, low, high)


def _ratio(parts: Sequence[DayPart]) -> float | None:
    below = math.fsum(part.below for part in parts)
    return math.fsum(part.above for part in parts) / below if below else None


def _floor(measure: Measure, parts: Sequence[DayPart]) -> float:
    """The least variance of what one unit of the lower sum tells."""
    above = math.fsum(part.above for part in parts)
    below = math.fsum(part.below for part in parts)
    if measure in SHARES:
        share = (above + 1) / (below + 2)
        return share * (1 - share)
    return above / below if measure is Measure.VISITORS else _FINEST_MINUTES**2


@dataclass(frozen=True, slots=True)
class _Scatter:
    """How days of the same weekday scatter: the variance of a day's upper part."""

    variance: float
    degrees: int

    @classmethod
    def of(cls, parts: Sequence[DayPart]) -> _Scatter:
        """All days as one weekday where there are too few to tell weekdays apart."""
        strata = _by_weekday(parts)
        if len(parts) - len(strata) < FEWEST_BEFORE - 1:
            strata = {0: list(parts)}
        squares = math.fsum(
            (part.above - ratio * part.below) ** 2
            for days in strata.values()
            for ratio in (_sums(days)[0],)
            for part in days
        )
        degrees = len(parts) - len(strata)
        return cls(squares / degrees, degrees)


def _expected(
    now: Sequence[DayPart], before: Sequence[DayPart], scatter: _Scatter, floor: float
) -> _Side:
    """What the days before let expect of days with the weekdays of now; as all of them together
    for a weekday that they do not have."""
    strata = _by_weekday(before)
    whole = sum(part.below for part in now)
    ratio = variance = 0.0
    weights: dict[int | None, float] = {}
    for part in now:
        known = part.weekday if part.weekday in strata else None
        weights[known] = weights.get(known, 0.0) + part.below / whole
    for weekday, weight in weights.items():
        days = before if weekday is None else strata[weekday]
        found, below = _sums(days)
        ratio += weight * found
        variance += weight**2 * max(scatter.variance * len(days) / below**2, floor / below)
    return _Side(ratio, variance, scatter.degrees)


def _observed(parts: Sequence[DayPart], scatter: _Scatter, floor: float) -> _Side:
    ratio, below = _sums(parts)
    variance = len(parts) * scatter.variance / below**2
    return _Side(ratio, max(variance, floor / below), scatter.degrees)


def _few(
    parts: Sequence[DayPart], others: Sequence[DayPart], scatter: _Scatter, floor: float
) -> _Side:
    """A few days, taken to scatter as the others do; smaller days scatter more."""
    ratio, below = _sums(parts)
    usual = _sums(others)[1] / len(others)
    variance = scatter.variance / usual**2 / len(parts) * max(1.0, usual * len(parts) / below)
    return _Side(ratio, max(variance, floor / below), scatter.degrees)


def _by_weekday(parts: Sequence[DayPart]) -> dict[int, list[DayPart]]:
    found: dict[int, list[DayPart]] = {}
    for part in parts:
        found.setdefault(part.weekday, []).append(part)
    return found


def _sums(parts: Sequence[DayPart]) -> tuple[float, float]:
    below = math.fsum(part.below for part in parts)
    return math.fsum(part.above for part in parts) / below, below


def _degrees(first: _Side, second: _Side) -> int:
    """After Welch and Satterthwaite, rounded down."""
    together = (first.variance + second.variance) ** 2
    each = first.variance**2 / first.degrees + second.variance**2 / second.degrees
    return max(1, math.floor(together / each))


@lru_cache(maxsize=512)
def _quantile(degrees: int) -> float:
    return student_quantile(CHANCE, degrees)
