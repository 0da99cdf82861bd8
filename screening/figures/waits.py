"""How long somebody will wait: an 80 % interval, learnt from finished steps. Pure.

``LearntWaits`` knows of past days how long each service keeps a counter, by hour, how different
days are from each other, and when counters close and open. For a line as it is now it plays what
may come ``PATHS`` times: each path takes the closings of one past day, today's pace as far as it is
known, and for everybody ahead a time that the service really took. The counters share the line as
the real ones do. A ticket's interval is the shortest that holds in 80 % of the paths. What they do
not know of (people who give up, officers who are slow) shows in how past intervals came out, and
widens or narrows the next ones (split conformal prediction: Lei et al., Journal of the American
Statistical Association 113, 2018).

Times are seconds since the site's midnight, or seconds.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from screening.figures.spans import Span

PATHS = 200
"""Played for each question: the ends of the interval then vary by about a tenth of its width."""

HELD = 0.8
"""Told intervals hold in so many cases."""

LEAST_DAYS = 5
"""Of fewer days nobody knows how different days are."""

LEAST_STEPS = 30
"""Of fewer steps there is no 10th and 90th percentile worth telling."""

LEAST_TOLD = 100
"""So many intervals have come out before their hit rate corrects the next ones."""

MOST_TOLD = 3000
"""Older ones say nothing of the office as it is."""

LONGEST_GAP_S = 1800.0
"""A counter that calls nobody for longer, though somebody waits, is closed, whatever it says."""

PACE_STEPS = 60
"""Today's pace is that of so many newest steps."""

_LEAST_PACE = 0.02
_LEAST_SIDE_S = 30.0
_LATE_S = 3600.0
_NOT_YET_S = 1800.0
_NEVER = (math.inf, math.inf)

Times = NDArray[np.float64]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTimes:
    """A ticket was called to a counter, and is done there or was missed, at ``ended_s``.

    ``since_s`` is when it began to wait.
    """

    service: str
    counter: str
    since_s: float
    called_s: float
    ended_s: float
    is_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDay:
    """A day's finished steps, and when each counter was open."""

    day: date
    steps: tuple[StepTimes, ...]
    open: Mapping[str, tuple[Span, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterNow:
    """A counter at this moment; ``since_s`` is when it was opened or closed.

    ``busy_with`` is the service of whom it called at ``called_s``, None while nobody is there;
    then ``ended_s`` is when it was done with the last one.
    """

    name: str
    services: frozenset[str]
    is_open: bool
    since_s: float
    busy_with: str | None = None
    called_s: float = 0.0
    ended_s: float = -math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low_s`` to ``high_s`` seconds, with the middle of what may happen."""

    low_s: float
    mid_s: float
    high_s: float

    @property
    def minutes(self) -> tuple[int, int]:
        """As it is told, in whole minutes, the later one never the same."""
        low = round(self.low_s / 60)
        return low, max(low + 1, round(self.high_s / 60))


@dataclass(frozen=True, slots=True)
class TooLittle:
    """Nothing can be told yet: what is known, and what is needed."""

    days: int
    steps: int
    needed_days: int = LEAST_DAYS


@dataclass(frozen=True, slots=True)
class NoCounter:
    """No counter that takes the service is open, and past days do not say that one will be."""


WaitEstimate = Interval | TooLittle | NoCounter


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is told at a moment: to each one of the line, in its order, and to who would come now.

    ``newcomers`` are by service, ``anybody`` is for whoever comes, whatever for.
    """

    line: tuple[WaitEstimate, ...]
    newcomers: Mapping[str, WaitEstimate]
    anybody: WaitEstimate


@dataclass(frozen=True, slots=True)
class ToldWait:
    """An interval and how it came out. ``plain`` is the interval before it was corrected."""

    told: Interval
    plain: Interval
    waited_s: float

    @property
    def is_hit(self) -> bool:
        """Whether the call came within the minutes that were told, not a second outside."""
        low, high = self.told.minutes
        return low <= self.waited_s / 60 <= high


def hit_rate(told: Sequence[ToldWait]) -> float | None:
    """Which share of the intervals held, 0 to 1; None where none has come out."""
    return sum(one.is_hit for one in told) / len(told) if told else None


@dataclass(frozen=True, slots=True)
class Correction:
    """By how much both sides of an interval are stretched; 1 leaves it as it is."""

    stretch: float = 1.0

    @classmethod
    def of(cls, told: Sequence[ToldWait]) -> Correction:
        """So that 80 % of these intervals would have held."""
        newest = told[-MOST_TOLD:]
        if len(newest) < LEAST_TOLD:
            return cls()
        needed = [_needed_stretch(one.plain, one.waited_s) for one in newest]
        return cls(float(np.quantile(needed, HELD)))

    def applied(self, plain: Interval) -> Interval:
        """The interval with its sides stretched; nobody waits less than nothing."""
        below_s, above_s = _sides_s(plain)
        return Interval(
            max(0.0, plain.mid_s - self.stretch * below_s),
            plain.mid_s,
            plain.mid_s + self.stretch * above_s,
        )


def _sides_s(plain: Interval) -> tuple[float, float]:
    return (
        max(plain.mid_s - plain.low_s, _LEAST_SIDE_S),
        max(plain.high_s - plain.mid_s, _LEAST_SIDE_S),
    )


def _needed_stretch(plain: Interval, waited_s: float) -> float:
    below_s, above_s = _sides_s(plain)
    return max((plain.mid_s - waited_s) / below_s, (waited_s - plain.mid_s) / above_s)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much longer steps take today than on other days: the best guess, and its deviation."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntWaits:
    """What past days say. ``occupied`` are seconds a counter was kept, in order, by service.

    ``by_hour`` are the same by service and hour of the call, where there are enough of them.
    ``day_pace`` is the standard deviation of days' paces, ``step_spread`` that of one step, both
    as shares. ``gaps`` are seconds from one visitor's end to the call of the next who waited, in
    order; ``priority_rates`` say how many priority visitors come in a second, by service and hour.
    ``shares`` say which part of all steps was for each service. ``closed`` has for each past day
    the spans in which a counter was closed.
    """

    days: int
    steps: int
    occupied: Mapping[str, Times] = field(default_factory=dict)
    by_hour: Mapping[tuple[str, int], Times] = field(default_factory=dict)
    all_occupied: Times = field(default_factory=lambda: np.empty(0))
    gaps: Times = field(default_factory=lambda: np.zeros(1))
    priority_rates: Mapping[tuple[str, int], float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    day_pace: float = 0.0
    step_spread: float = 1.0
    closed: tuple[Mapping[str, tuple[Span, ...]], ...] = ()

    @classmethod
    def of(cls, days: Sequence[PastDay]) -> LearntWaits:
        """Learn from these days."""
        worked = [day for day in days if day.steps]
        steps = sum(len(day.steps) for day in worked)
        if not steps:
            return cls(days=0, steps=0)
        gaps = _gaps(worked)
        gap_s = float(np.median(gaps))
        kept = [pair for day in worked for pair in _occupied(day.steps, gap_s).items()]
        everything = np.array(sorted(seconds for _, seconds in kept))
        services: dict[str, list[float]] = defaultdict(list)
        hours: dict[tuple[str, int], list[float]] = defaultdict(list)
        for step, seconds in kept:
            services[step.service].append(seconds)
            hours[step.service, _hour(step.called_s)].append(seconds)
        return cls(
            days=len(worked),
            steps=steps,
            occupied=_enough(services),
            by_hour=_enough(hours),
            all_occupied=everything,
            gaps=gaps,
            priority_rates=_priority_rates(worked),
            shares={service: len(one) / steps for service, one in services.items()},
            closed=tuple(_closed(day) for day in worked),
        )._with_paces(worked)

    def pace(self, today: Sequence[StepTimes]) -> Pace:
        """Today's pace after these steps, drawn to that of other days while they are few."""
        if not self.steps:
            return Pace(1.0, self.day_pace)
        newest = sorted(today, key=lambda step: step.ended_s)[-PACE_STEPS:]
        occupied = _occupied(newest, float(np.median(self.gaps)))
        mean_s = cache(self._mean_s)
        expected_s = sum(mean_s(step.service, _hour(step.called_s)) for step in newest)
        if not expected_s or not self.day_pace:
            return Pace(1.0, self.day_pace)
        measured = sum(occupied.values()) / expected_s
        worth = (self.step_spread / self.day_pace) ** 2  # so many steps tell as much as other days
        mean = (worth + len(newest) * measured) / (worth + len(newest))
        return Pace(mean, self.day_pace * math.sqrt(worth / (worth + len(newest))))

    def forecast(
        self,
        line: Sequence[str],
        counters: Sequence[CounterNow],
        *,
        at_s: float,
        pace: Pace,
        newcomers: Iterable[str] = (),
        correction: Correction | None = None,
    ) -> Forecast:
        """How long from ``at_s`` on each of the line waits, and who comes now for ``newcomers``.

        ``line`` are the services of those who wait, in the order of being called. The same
        question always gets the same answer. Of a service that no past day knows nothing is told:
        ``TooLittle``.
        """
        services = tuple(newcomers)
        if self.days < LEAST_DAYS or self.steps < LEAST_STEPS:
            return self._unlearnt(line, counters, services)
        corrected = correction or Correction()
        paths = _Paths(self, line, counters, at_s=at_s, pace=pace)
        called = [paths.called_s(service) for service in line]
        coming = {service: paths.next_s(service) for service in services}
        known = [service for service in services if self.shares.get(service)]
        anybody = np.full(PATHS, math.inf)
        takers = [one for one in known if not np.isinf(coming[one]).all()]
        if takers:
            weights = np.array([self.shares[one] for one in takers])
            drawn = np.random.default_rng(1).choice(
                len(takers), size=PATHS, p=weights / weights.sum()
            )
            anybody = np.array([coming[one] for one in takers])[drawn, np.arange(PATHS)]
        found = [
            corrected.applied(one) if isinstance(one, Interval) else one
            for one in _intervals(np.array([*called, *coming.values(), anybody]) - at_s)
        ]
        untold = TooLittle(self.days, 0)
        told = [
            untold if isinstance(one, Interval) and service not in self.shares else one
            for service, one in zip([*line, *services], found[:-1], strict=True)
        ]
        return Forecast(
            tuple(told[: len(line)]),
            dict(zip(services, told[len(line) :], strict=True)),
            found[-1],
        )

    def _unlearnt(
        self, line: Sequence[str], counters: Sequence[CounterNow], services: Sequence[str]
    ) -> Forecast:
        """What can be told without any experience: that no counter is open."""
        served = frozenset[str]().union(*(one.services for one in counters if one.is_open))

        def told(service: str) -> WaitEstimate:
            return TooLittle(self.days, self.steps) if service in served else NoCounter()

        return Forecast(
            tuple(map(told, line)),
            {service: told(service) for service in services},
            TooLittle(self.days, self.steps) if served else NoCounter(),
        )

    def opens_s(self, counter: str) -> float:
        """The earliest that this counter was opened on a past day; 0.0 where none is known."""
        opened = [
            span.to_s
            for closings in self.closed
            for span in closings.get(counter, ())
            if span.from_s == -math.inf
        ]
        return min(opened, default=0.0)

    def plain(
        self, line: Sequence[str], counters: Sequence[CounterNow], *, at_s: float, pace: Pace
    ) -> list[Interval | NoCounter]:
        """The intervals of a forecast's line before their correction."""
        paths = _Paths(self, line, counters, at_s=at_s, pace=pace)
        called_s = [paths.called_s(service) for service in line]
        return _intervals(np.array(called_s).reshape(-1, PATHS) - at_s)

    def times(self, service: str, at_s: float) -> Times:
        """How long the service keeps a counter at that hour, in order; of all if it is new."""
        found = self.by_hour.get((service, _hour(at_s)))
        return self.occupied.get(service, self.all_occupied) if found is None else found

    def _mean_s(self, service: str, hour: int) -> float:
        return float(self.times(service, hour * 3600.0).mean())

    def _with_paces(self, days: Sequence[PastDay]) -> LearntWaits:
        """The same with how different steps, and days beyond their steps, are."""
        mean_s = cache(self._mean_s)
        ratios = [
            np.array(
                [
                    seconds / mean_s(step.service, _hour(step.called_s))
                    for step, seconds in _occupied(day.steps, float(np.median(self.gaps))).items()
                ]
            )
            for day in days
        ]
        spread = float(np.concatenate(ratios).std())
        means = np.array([day.mean() for day in ratios])
        by_chance = float(np.mean([spread**2 / len(day) for day in ratios]))
        between = math.sqrt(max(0.0, float(means.var()) - by_chance))
        return replace(self, day_pace=max(between, _LEAST_PACE), step_spread=spread)


class _Paths:
    """What may come, ``PATHS`` times: when each counter is free next, as people are called."""

    def __init__(
        self,
        learnt: LearntWaits,
        line: Sequence[str],
        counters: Sequence[CounterNow],
        *,
        at_s: float,
        pace: Pace,
    ) -> None:
        self._learnt = learnt
        self._at_s = at_s
        self._chance = np.random.default_rng(len(counters))
        self._pace = np.maximum(0.2, self._chance.normal(pace.mean, pace.deviation, PATHS))
        days = self._chance.integers(len(learnt.closed), size=PATHS)
        self._counters = counters
        self._closed = self._closings(days)
        self._free_s = np.array(
            [
                self._free_next_s(place, is_awaited=not counter.services.isdisjoint(line))
                for place, counter in enumerate(counters)
            ]
        )
        self._overtaking = np.array([self._overtakers(counter) for counter in counters])
        self._usual_s = float(learnt.all_occupied.mean())
        self._who = np.arange(PATHS)

    def next_s(self, service: str) -> Times:
        """When whoever comes behind the line would be called, in each path; infinite where nobody
        calls."""
        places = self._places(service)
        if not places:
            return np.full(PATHS, math.inf)
        next_s: Times = self._free_s[places].min(axis=0)
        return next_s

    def called_s(self, service: str) -> Times:
        """When the next one of the line is called, in each path; infinite where nobody calls."""
        places = self._places(service)
        if not places:
            return np.full(PATHS, math.inf)
        chosen = np.array(places)[np.argmin(self._free_s[places], axis=0)]
        called_s: Times = self._free_s[chosen, self._who]
        times = self._learnt.times(service, self._at_s)
        kept_s = times[self._chance.integers(len(times), size=PATHS)] * self._pace
        overtakers = self._chance.poisson(self._overtaking[chosen] * kept_s)
        kept_s = kept_s + overtakers * self._usual_s
        closings = self._closed[chosen, self._who]
        self._free_s[chosen, self._who] = _after_closings(called_s + kept_s, closings)
        return called_s

    def _places(self, service: str) -> list[int]:
        return [
            place for place, counter in enumerate(self._counters) if service in counter.services
        ]

    def _free_next_s(self, place: int, *, is_awaited: bool) -> Times:
        """When the counter can call, in each path.

        One that is awaited and calls nobody is between two visitors, or its officer is away.
        """
        counter, at_s = self._counters[place], self._at_s
        free_s = np.full(PATHS, at_s)
        if counter.is_open and counter.busy_with is not None:
            times = self._learnt.times(counter.busy_with, counter.called_s)
            free_s = at_s + self._left_s(times, at_s - counter.called_s, self._pace)
        elif counter.is_open and is_awaited and counter.ended_s > -math.inf:
            free_s = at_s + self._left_s(self._learnt.gaps, at_s - counter.ended_s, np.ones(PATHS))
        return _after_closings(free_s, self._closed[place])

    def _left_s(self, times: Times, passed_s: float, pace: Times) -> Times:
        """What is left of a time of which so much has passed; some time of whatever is longest."""
        first = np.searchsorted(times, passed_s / pace, side="right")
        drawn = self._chance.random(PATHS)
        index = np.minimum(first + (drawn * (len(times) - first)).astype(int), len(times) - 1)
        left_s = times[index] * pace - passed_s
        return np.maximum(0.0, np.where(first < len(times), left_s, -60.0 * np.log1p(-drawn)))

    def _overtakers(self, counter: CounterNow) -> float:
        """How many priority visitors a second come to this counter, of those who may go to more."""
        hour = _hour(self._at_s)
        return sum(
            self._learnt.priority_rates.get((service, hour), 0.0)
            / max(1, sum(one.is_open and service in one.services for one in self._counters))
            for service in counter.services
        )

    def _closings(self, days: NDArray[np.int64]) -> Times:
        """(counter, path, closing, (from, to)) of the past day that each path takes."""
        fitted = [
            [
                self._fitted(counter, closings.get(counter.name, ()))
                for closings in self._learnt.closed
            ]
            for counter in self._counters
        ]
        most = max((len(one) for counter in fitted for one in counter), default=0)
        table = np.array(
            [
                [
                    [(one.from_s, one.to_s) for one in day] + [_NEVER] * (most - len(day))
                    for day in counter
                ]
                for counter in fitted
            ]
        ).reshape(len(fitted), len(self._learnt.closed), most, 2)
        found: Times = table[:, days]
        return found

    def _fitted(self, counter: CounterNow, closings: Sequence[Span]) -> list[Span]:
        """The closings still to come; what should have begun and did not begins now."""
        at_s = self._at_s
        coming = [span for span in closings if span.from_s > at_s]
        current = next((span for span in closings if span.holds(at_s)), None)
        if not counter.is_open:
            begun = Span(-math.inf, math.inf if current is None else current.to_s)
            return [begun, *coming]
        if current is not None and counter.since_s < current.from_s - _NOT_YET_S:
            return [Span(at_s, at_s + current.to_s - current.from_s), *coming]
        return coming


def _after_closings(free_s: Times, closings: Times) -> Times:
    """When the counter can call: a moment in a closing waits for its end."""
    for number in range(closings.shape[1]):
        begins_s, ends_s = closings[:, number, 0], closings[:, number, 1]
        free_s = np.where((free_s >= begins_s) & (free_s < ends_s), ends_s, free_s)
    return free_s


def _intervals(waits_s: Times) -> list[Interval | NoCounter]:
    """One a row of waits: the shortest that holds in ``HELD`` of the paths."""
    in_order = np.sort(waits_s, axis=1)
    holds = round(HELD * PATHS)
    return [NoCounter() if math.isinf(row[holds]) else _shortest(row, holds) for row in in_order]


def _shortest(waits_s: Times, holds: int) -> Interval:
    first = int(np.argmin(waits_s[holds:] - waits_s[:-holds]))
    return Interval(
        float(waits_s[first]), float(waits_s[len(waits_s) // 2]), float(waits_s[first + holds])
    )


def _hour(at_s: float) -> int:
    return int(at_s // 3600)


def _enough(times: Mapping[Key, Sequence[float]]) -> dict[Key, Times]:
    return {key: np.array(sorted(one)) for key, one in times.items() if len(one) >= LEAST_STEPS}


def _by_counter(steps: Iterable[StepTimes]) -> list[list[StepTimes]]:
    found: dict[str, list[StepTimes]] = defaultdict(list)
    for step in sorted(steps, key=lambda one: one.called_s):
        found[step.counter].append(step)
    return list(found.values())


def _gap_s(step: StepTimes, after: StepTimes) -> float | None:
    """Until the counter called the next one; None unless that one waited for it all the time."""
    gap_s = after.called_s - step.ended_s
    return gap_s if after.since_s <= step.ended_s and 0 <= gap_s <= LONGEST_GAP_S else None


def _gaps(days: Sequence[PastDay]) -> Times:
    gaps = [
        gap_s
        for day in days
        for steps in _by_counter(day.steps)
        for step, after in pairwise(steps)
        if (gap_s := _gap_s(step, after)) is not None
    ]
    return np.array(sorted(gaps) or [0.0])


def _priority_rates(days: Sequence[PastDay]) -> dict[tuple[str, int], float]:
    came = Counter(
        (step.service, _hour(step.since_s))
        for day in days
        for step in day.steps
        if step.is_priority
    )
    return {key: times / len(days) / 3600.0 for key, times in came.items()}


def _occupied(steps: Sequence[StepTimes], gap_s: float) -> dict[StepTimes, float]:
    """For how long each step kept its counter, until that could call the next one."""
    found: dict[StepTimes, float] = {}
    for at_counter in _by_counter(steps):
        for step, after in pairwise(at_counter):
            gap = _gap_s(step, after)
            found[step] = step.ended_s - step.called_s + (gap_s if gap is None else gap)
        last = at_counter[-1]
        found[last] = last.ended_s - last.called_s + gap_s
    return found


def _closed(day: PastDay) -> dict[str, tuple[Span, ...]]:
    """When each counter was closed. Closing at the day's end is none: who is inside is served."""
    last_s = max((span.to_s for spans in day.open.values() for span in spans), default=0.0)
    found: dict[str, tuple[Span, ...]] = {}
    for name, spans in day.open.items():
        in_order = sorted(spans, key=lambda span: span.from_s)
        closings = [Span(one.to_s, other.from_s) for one, other in pairwise(in_order)]
        if in_order:
            closings.insert(0, Span(-math.inf, in_order[0].from_s))
            if in_order[-1].to_s < last_s - _LATE_S:
                closings.append(Span(in_order[-1].to_s, math.inf))
        found[name] = tuple(closings)
    return found
