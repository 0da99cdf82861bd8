"""What a planned day is assumed to be like: learnt where past days tell, else usual. Pure.

Each number says where it comes from and how sure it is. Days differ more than the people of a day
do, so that uncertainty is measured between days: a number learnt from few days is unsure however
many people came on them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from screening.figures.day_model import ARRIVAL_WEIGHTS, HOUR_S, MINUTE_S, QUARTER_S
from screening.figures.occupancy import EndedVisit
from screening.figures.waits import PastDay, StepTimes

LEAST_DAYS = 5
"""Of fewer days nobody knows how different days are."""

LEAST_OF_A_WEEKDAY = 4
"""So many of a weekday speak for it alone; with fewer, all days speak."""

LEAST_TIMES = 30
"""So many times of a service, or of walking out, are learnt from."""

QUARTERS = 96
"""Of a day."""

_BREAK_S = 20 * MINUTE_S
"""A counter that is closed for longer between two openings has its break."""

_AT_ONCE_S = 600.0
"""An officer who takes longer to call somebody who waits is doing something else."""

_CLOSE = 1.96
_UNSURE = 0.3
_WORTH = 10
"""What is usual of days' differences counts as so many days."""

_BREAK_FROM_S = 11.5 * HOUR_S

Numbers = NDArray[np.float64]


class Source(StrEnum):
    """Where a number comes from: past days, what is usual elsewhere, or somebody who typed it."""

    LEARNT = "learnt"
    DEFAULT = "default"
    GIVEN = "given"


class Comes(StrEnum):
    """When those with a booking come: around the time they booked, or as people always came."""

    BOOKED_TIME = "booked_time"
    HABIT = "habit"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, and its standard ``error``; learnt from so many ``days``."""

    value: float
    error: float = 0.0
    source: Source = Source.DEFAULT
    days: int = 0

    @property
    def interval(self) -> tuple[float, float]:
        """Holds the true number in 19 of 20 cases, and never is below zero."""
        reach = self._reach * self.error
        return max(0.0, self.value - reach), self.value + reach

    @property
    def _reach(self) -> float:
        """Of few days the error itself is unsure (Student's t, 97.5 %, to within a hundredth)."""
        if self.days < 2:
            return _CLOSE
        free = self.days - 1
        return _CLOSE + 2.37 / free + 2.82 / free**2 + 2.56 / free**3

    def at(self, deviations: Numbers) -> Numbers:
        """What it may truly be, so many deviations from the usual.

        Of few days it may be farther away (Student's t; Fisher and Cornish, 1960).
        """
        noise = deviations
        if self.days >= 2:
            free = self.days - 1
            noise = noise + (noise**3 + noise) / (4 * free)
            noise = noise + (5 * deviations**5 + 16 * deviations**3 + 3 * deviations) / (
                96 * free**2
            )
        return self.value + self.error * np.clip(noise, -4.0, 4.0)


@dataclass(frozen=True, slots=True)
class Variation:
    """How different days are: a standard deviation, beside what chance alone makes of it.

    ``seen`` is the variance between days, of which ``by_chance`` is no difference of theirs; both
    were learnt with so many degrees of freedom (``free``), none where nobody learnt them.
    """

    seen: float
    by_chance: float = 0.0
    free: int = 0
    is_sure: bool = False

    @classmethod
    def usual(cls, value: float) -> Variation:
        """What is usual elsewhere, give or take a third."""
        return cls(seen=value**2)

    @classmethod
    def known(cls, value: float) -> Variation:
        """One that is not in doubt."""
        return cls(seen=value**2, is_sure=True)

    @property
    def value(self) -> float:
        """The standard deviation that is not chance."""
        return math.sqrt(max(0.0, self.seen - self.by_chance))

    def learnt(self, seen: float, by_chance: float, free: int) -> Variation:
        """What days told, with what was thought before, which counts as ``_WORTH`` of them."""
        expected = by_chance + self.value**2
        return Variation(
            (free * seen + _WORTH * expected) / (free + _WORTH), by_chance, free + _WORTH
        )

    def at(self, deviations: Numbers) -> Numbers:
        """What it may truly be, so many deviations from the usual.

        Learnt variances are as sure as chi-squared makes them (Wilson and Hilferty, 1931).
        """
        if self.is_sure:
            return np.full(len(deviations), self.value)
        if not self.free:
            return self.value * np.exp(_UNSURE * deviations)
        width = 2 / (9 * self.free)
        seen = self.seen / np.maximum(0.05, 1 - width - deviations * math.sqrt(width)) ** 3
        return np.sqrt(np.maximum(0.0, seen - self.by_chance))


def given(value: float) -> Estimate:
    """What somebody is sure of."""
    return Estimate(value, source=Source.GIVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A log-normal time. ``log_mean`` is the mean of the logarithms of its seconds."""

    log_mean: Estimate
    sigma: float

    @classmethod
    def of_minutes(cls, minutes: float, *, sigma: float = 0.5, error: float = 0.25) -> Time:
        """The usual time whose mean is so long, give or take a share of ``error``."""
        return cls(
            log_mean=Estimate(math.log(minutes * MINUTE_S) - sigma**2 / 2, error), sigma=sigma
        )

    @property
    def minutes(self) -> float:
        """The mean in minutes."""
        return math.exp(self.log_mean.value + self.sigma**2 / 2) / MINUTE_S

    @property
    def interval(self) -> tuple[float, float]:
        """Of the mean, in minutes."""
        reach = self.log_mean.interval[1] - self.log_mean.value
        return self.minutes * math.exp(-reach), self.minutes * math.exp(reach)

    def with_minutes(self, minutes: float) -> Time:
        """As spread out, with a mean that somebody is sure of."""
        return Time(
            log_mean=given(math.log(minutes * MINUTE_S) - self.sigma**2 / 2), sigma=self.sigma
        )


USUAL_SERVING = Time.of_minutes(7.5)
USUAL_LEAVING = Time.of_minutes(2.4, sigma=0.6)
USUAL_STAY = Time.of_minutes(35, sigma=0.6)
USUAL_TURNING = Estimate(24.0, 8.0)
USUAL_NO_SHOW = Estimate(0.12, 0.04)
USUAL_BREAK_MINUTES = Estimate(52.0, 5.0)
_USUAL_NO_SHOW_SIGMA = Variation.usual(0.03)
_USUAL_WALK_IN_SIGMA = Variation.usual(0.15)
_USUAL_QUARTER_SIGMA = Variation.usual(0.26)
_USUAL_DAY_SIGMA = Variation.usual(0.08)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedService:
    """What some come for: its share of them, and how long it takes from the call to the end."""

    code: str
    share: float
    serving: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCounter:
    """A counter and the services it takes; none for all of them."""

    name: str
    services: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """All that a planned day is assumed to be like. Shares are from 0 to 1.

    ``walk_ins`` are people a day who come without a booking. ``quarters`` say how many come in each
    quarter of an hour of the day, in any measure, or were counted on ``quarters_days`` days in all.
    Days differ: in how long services take by ``day_sigma``, in those who come without a booking by
    ``walk_in_sigma``, in a quarter by ``quarter_sigma`` (of logarithms or shares of the number); in
    the share of those who do not come by ``no_show_sigma``. Where people come around their booked
    time they are ``early_minutes`` before it, give or take ``early_spread``. ``slots`` begin then.
    Each counter has a break of ``break_minutes``, one half of them after the other, unless the
    office closes (``closed``, from when until when). ``turning_s`` is from one person's end to the
    next one's call; after the counter it takes ``leaving`` to be out. Without counters, people stay
    for ``stay``. A gate lets in one person in ``gate_s``.
    """

    opens_s: float
    closes_s: float
    slots: tuple[float, ...]
    slot_minutes: int
    services: tuple[PlannedService, ...]
    counters: tuple[OpenCounter, ...]
    comes: Comes = Comes.HABIT
    no_show: Estimate = USUAL_NO_SHOW
    no_show_sigma: Variation = _USUAL_NO_SHOW_SIGMA
    walk_ins: Estimate = Estimate(0.0)
    walk_in_sigma: Variation = _USUAL_WALK_IN_SIGMA
    quarters: tuple[float, ...] = ()
    quarters_days: int = 0
    quarters_source: Source = Source.DEFAULT
    quarter_sigma: Variation = _USUAL_QUARTER_SIGMA
    early_minutes: Estimate = Estimate(5.0, 2.0)
    early_spread: float = 10.0
    day_sigma: Variation = _USUAL_DAY_SIGMA
    turning_s: Estimate = USUAL_TURNING
    leaving: Time = USUAL_LEAVING
    stay: Time = USUAL_STAY
    break_minutes: Estimate = USUAL_BREAK_MINUTES
    gate_s: Estimate = Estimate(15.0, 5.0)
    closed: tuple[tuple[float, float], ...] = ()


def slots_from(opens_s: float, closes_s: float, minutes: int) -> tuple[float, ...]:
    """When the slots of a day without a break begin."""
    count = max(1, int((closes_s - opens_s) // (minutes * MINUTE_S)))
    return tuple(opens_s + number * minutes * MINUTE_S for number in range(count))


def usual_quarters(opens_s: float, closes_s: float) -> tuple[float, ...]:
    """How many come in each quarter of a day with these hours, where nobody has counted: most of
    them early, and few at the end."""
    found = [0.0] * QUARTERS
    first, last = (
        int(opens_s // QUARTER_S),
        max(int(opens_s // QUARTER_S) + 1, int(closes_s // QUARTER_S)),
    )
    usual = np.interp(
        np.linspace(0, 1, last - first), np.linspace(0, 1, len(ARRIVAL_WEIGHTS)), ARRIVAL_WEIGHTS
    )
    for place, weight in zip(range(first, min(last, QUARTERS)), usual.tolist(), strict=False):
        found[place] = weight
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDay:
    """A past day as the record knows it: its visits by service, and its bookings in people."""

    day: date
    visits: Mapping[str, Sequence[EndedVisit]] = field(default_factory=dict)
    booked: int = 0
    no_show: int = 0
    came: int = 0


def learn(
    usual: Assumptions, known: Sequence[KnownDay], served: Sequence[PastDay], *, day: date
) -> Assumptions:
    """The assumptions for ``day`` with everything that past days tell put in their place.

    Its weekday counts as far as it was different from the others; ``usual`` holds for the rest.
    Counters stay those of ``usual``.
    """
    known = [one for one in known if one.visits or one.booked]
    found = usual
    if len(known) >= LEAST_DAYS:
        found = _with_no_shows(_with_walk_ins(found, known, day), known)
        found = replace(
            _with_quarters(found, known, day),
            leaving=_learnt_time(usual.leaving, [list(_leavings(one)) for one in known]),
            stay=_learnt_time(usual.stay, [list(_stays(one)) for one in known]),
        )
    return _with_services(found, served)


def _with_walk_ins(usual: Assumptions, days: Sequence[KnownDay], day: date) -> Assumptions:
    """The weekday's mean, drawn to that of all days as far as weekdays do not differ."""
    came = {one.day: float(max(0, one.came - (one.booked - one.no_show))) for one in days}
    mean = fmean(came.values())
    by_weekday: dict[int, list[float]] = defaultdict(list)
    for one, number in came.items():
        by_weekday[one.weekday()].append(number)
    free = len(came) - len(by_weekday)
    own = by_weekday.get(day.weekday(), [])
    if free < LEAST_DAYS or not own or mean == 0:
        seen = float(np.var(list(came.values()), ddof=1))
        value, error = mean, math.sqrt(seen / len(came))
        free = len(came) - 1
    else:
        seen = sum((x - fmean(some)) ** 2 for some in by_weekday.values() for x in some) / free
        means = [fmean(some) for some in by_weekday.values()]
        by_chance = fmean(seen / len(some) for some in by_weekday.values())
        between = max(0.0, float(np.var(means, ddof=1)) - by_chance) if len(means) > 1 else 0.0
        weight = between / (between + seen / len(own)) if seen else 1.0
        value = weight * fmean(own) + (1 - weight) * mean
        error = math.sqrt(weight * seen / len(own) + (1 - weight) * seen / len(came))
    if value <= 0:
        return replace(usual, walk_ins=Estimate(0.0, 0.0, Source.LEARNT, len(came)))
    return replace(
        usual,
        walk_ins=Estimate(value, error, Source.LEARNT, free + 1),
        walk_in_sigma=usual.walk_in_sigma.learnt(seen / mean**2, 1 / mean, free),
    )


def _with_quarters(usual: Assumptions, days: Sequence[KnownDay], day: date) -> Assumptions:
    """How a day's people are spread over it: the weekday's own way, drawn to that of all days as
    far as chance explains the difference (James and Stein, 1961)."""
    counted = np.array([_by_quarter(one) for one in days], float)
    counted = counted[counted.sum(axis=1) > 0]
    if len(counted) < LEAST_DAYS or counted.sum() < LEAST_TIMES:
        return usual
    totals = counted.sum(axis=1, keepdims=True)
    spread = counted * totals.mean() / totals
    mean = spread.mean(axis=0)
    rest = ((spread - mean) ** 2).sum(axis=0) / (len(spread) - 1)
    own = np.array([one.day.weekday() == day.weekday() for one in days if _by_quarter(one).any()])
    weight, number = 0.0, float(len(spread))
    if LEAST_OF_A_WEEKDAY <= own.sum() < len(own):
        own_mean = spread[own].mean(axis=0)
        by_chance = float(rest.sum()) * (1 / own.sum() - 1 / len(spread))
        weight = max(0.0, 1 - by_chance / max(1e-9, float(((own_mean - mean) ** 2).sum())))
        mean = weight * own_mean + (1 - weight) * mean
        number = 1 / (weight / float(own.sum()) + (1 - weight) / len(spread))
    busy = mean >= 1
    squares = float((mean[busy] ** 2).sum()) or 1.0
    free = max(1, (len(spread) - 1) * max(1, int(busy.sum()) - 1))
    by_chance = float((mean[busy] * (1 - mean[busy] / mean.sum())).sum()) / squares
    return replace(
        usual,
        quarters=tuple((mean * number).tolist()),
        quarters_days=round(number),
        quarters_source=Source.LEARNT,
        quarter_sigma=usual.quarter_sigma.learnt(
            float(rest[busy].sum()) / squares, by_chance, free
        ),
    )


def _with_no_shows(usual: Assumptions, days: Sequence[KnownDay]) -> Assumptions:
    with_bookings = [one for one in days if one.booked]
    booked = sum(one.booked for one in with_bookings)
    if len(with_bookings) < LEAST_DAYS or booked < LEAST_TIMES:
        return usual
    share = sum(one.no_show for one in with_bookings) / booked
    shares = [one.no_show / one.booked for one in with_bookings]
    mean_booked = booked / len(with_bookings)
    by_chance = share * (1 - share) / mean_booked
    error = max(_error(shares), math.sqrt(by_chance / len(shares)))
    return replace(
        usual,
        no_show=Estimate(share, error, Source.LEARNT, len(shares)),
        no_show_sigma=usual.no_show_sigma.learnt(
            float(np.var(shares, ddof=1)), by_chance, len(shares) - 1
        ),
    )


def _with_services(usual: Assumptions, days: Sequence[PastDay]) -> Assumptions:
    if len(days) < LEAST_DAYS:
        return usual
    times: dict[str, list[list[float]]] = defaultdict(list)
    for one in days:
        of_day: dict[str, list[float]] = defaultdict(list)
        for step in one.steps:
            of_day[step.service].append(step.ended_s - step.called_s)
        for code, lasted in of_day.items():
            times[code].append(lasted)
    number = sum(len(one.steps) for one in days)
    before = {one.code: one.serving for one in usual.services}
    services, differences = [], []
    for code, lasted_each in sorted(times.items()):
        serving = _learnt_time(before.get(code, USUAL_SERVING), lasted_each)
        share = sum(len(lasted) for lasted in lasted_each) / number
        services.append(PlannedService(code=code, share=share, serving=serving))
        differences += _between_days(lasted_each, serving.sigma)
    found = replace(usual, services=tuple(services) or usual.services)
    if differences:
        found = replace(
            found,
            day_sigma=usual.day_sigma.learnt(
                fmean(one.seen for one in differences),
                fmean(one.by_chance for one in differences),
                sum(one.free for one in differences),
            ),
        )
    return _with_breaks(_with_turning(found, days), days)


def _with_turning(usual: Assumptions, days: Sequence[PastDay]) -> Assumptions:
    by_day = [gaps for one in days if (gaps := list(_turnings(one.steps)))]
    if sum(len(gaps) for gaps in by_day) < LEAST_TIMES or len(by_day) < LEAST_DAYS:
        return usual
    means = [fmean(gaps) for gaps in by_day]
    return replace(
        usual, turning_s=Estimate(fmean(means), _error(means), Source.LEARNT, len(means))
    )


def _with_breaks(usual: Assumptions, days: Sequence[PastDay]) -> Assumptions:
    """Of all counters of a day in the mean, also of those that have none."""
    minutes = [sum(_breaks(one)) / MINUTE_S / len(one.open) for one in days if one.open]
    if len(minutes) < LEAST_DAYS or not any(minutes):
        return usual
    return replace(
        usual, break_minutes=Estimate(fmean(minutes), _error(minutes), Source.LEARNT, len(minutes))
    )


def usual_counters(days: Sequence[PastDay]) -> list[str]:
    """The counters that worked on past days, those most often at work first; as many as on the
    middle one of these days."""
    if len(days) < LEAST_DAYS:
        return []
    often = Counter(name for one in days for name in one.open)
    number = sorted(len(one.open) for one in days)[len(days) // 2]
    return [name for name, _ in often.most_common(number)]


def _learnt_time(usual: Time, days: Sequence[Sequence[float]]) -> Time:
    """Learnt between days: each speaks by its own mean."""
    logs = [np.log(np.maximum(lasted, 1.0)) for lasted in days if len(lasted)]
    count = sum(len(one) for one in logs)
    if len(logs) < LEAST_DAYS or count < LEAST_TIMES:
        return usual
    weights = np.array([len(one) for one in logs], float)
    means = np.array([one.mean() for one in logs])
    mean = float(np.average(means, weights=weights))
    within = sum(float(((one - own) ** 2).sum()) for one, own in zip(logs, means, strict=True))
    sigma = math.sqrt(within / max(1, count - len(logs)))
    share = weights / weights.sum()
    between = float((share * (means - mean) ** 2).sum()) / max(1e-9, 1 - float((share**2).sum()))
    error = math.sqrt(between * float((share**2).sum()))
    return Time(
        log_mean=Estimate(mean, max(error, sigma / math.sqrt(count)), Source.LEARNT, len(logs)),
        sigma=sigma,
    )


def _between_days(days: Sequence[Sequence[float]], sigma: float) -> list[Variation]:
    """How different days' means of the logarithms are; nothing of too few days."""
    logs = [np.log(np.maximum(lasted, 1.0)) for lasted in days if len(lasted) > 1]
    if len(logs) < LEAST_DAYS:
        return []
    seen = float(np.var([one.mean() for one in logs], ddof=1))
    return [Variation(seen, fmean(sigma**2 / len(one) for one in logs), len(logs) - 1)]


def _turnings(steps: Sequence[StepTimes]) -> Iterable[float]:
    """Seconds between an end and the next call of somebody who waited already."""
    last: dict[str, float] = {}
    for step in sorted(steps, key=lambda one: one.called_s):
        ended_s = last.get(step.counter)
        if ended_s is not None and step.since_s < ended_s <= step.called_s < ended_s + _AT_ONCE_S:
            yield step.called_s - ended_s
        last[step.counter] = step.ended_s


def _breaks(day: PastDay) -> Iterable[float]:
    for spans in day.open.values():
        for before, after in pairwise(spans):
            if after.from_s - before.to_s >= _BREAK_S:
                yield after.from_s - before.to_s


def _by_quarter(day: KnownDay) -> NDArray[np.int64]:
    places = [
        int(visit.entered_s // QUARTER_S) for visits in day.visits.values() for visit in visits
    ]
    return np.bincount(np.array(places, np.int64), minlength=QUARTERS)[:QUARTERS]


def _leavings(day: KnownDay) -> Iterable[float]:
    for visits in day.visits.values():
        for one in visits:
            if one.left_s is not None and one.over_s is not None and one.left_s > one.over_s:
                yield one.left_s - one.over_s


def _stays(day: KnownDay) -> Iterable[float]:
    for visits in day.visits.values():
        for one in visits:
            if one.left_s is not None:
                yield one.left_s - one.entered_s


def _error(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    return math.sqrt(float(np.var(values, ddof=1)) / len(values))


def break_begins_s(place: int) -> float:
    """When the counter with this place in the list begins its break: one half after the other."""
    return _BREAK_FROM_S + (0.0 if place % 2 else HOUR_S)
