"""How good the figures are, measured on simulated days that they have not seen.

The days come one after the other, as in an office: each is asked for with what the days before it
taught, and only then learnt from. The first ``LEARNT_DAYS`` are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from screening.errors import ScreeningError
from screening.figures.day_model import DayHabits, DayPlan, PlannedCounter, Visitor, plan_day
from screening.figures.day_run import PlainHouse, PlayedDay, Stay, call_order, play_day
from screening.figures.line_waits import until_called_in
from screening.figures.occupancy import (
    EndedVisit,
    LearntStays,
    OpenVisit,
    occupancy,
    probably_over,
    recount,
)
from screening.figures.waits import (
    LEAST_TOLD,
    Correction,
    CounterNow,
    Interval,
    LearntWaits,
    PastDay,
    StepTimes,
    ToldWait,
    hit_rate,
)

LEARNT_DAYS = 20
"""An office's month: so many days are learnt from before the first one counts."""

FIRST_DAY = date(2026, 1, 5)

_TAIL = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitScore:
    """What told intervals came to, beside the baseline on the same tickets; widths in minutes.

    The baseline is a typed average × the people ahead and oneself ÷ the open counters that take the
    service, between the 10th and the 90th
    percentile of its own errors on the days before: of what is added to it, or of what it is
    multiplied with, whichever is narrower.
    """

    visits: int
    days: int
    told: int
    hit_rate: float
    width_minutes: float
    median_width_minutes: float
    score_minutes: float
    baseline_hit_rate: float
    baseline_width_minutes: float
    baseline_median_width_minutes: float
    baseline_score_minutes: float
    day_hit_rates: tuple[float, float]
    mean_wait_minutes: float


@dataclass(slots=True)
class _Asked:
    number: int
    plain: Interval
    told: Interval
    baseline_s: float


class _AskingHouse(PlainHouse):
    """Asks how long for every ``every``-th who comes and finds no counter free."""

    def __init__(
        self,
        plan: DayPlan,
        learnt: LearntWaits,
        correction: Correction,
        *,
        typed_s: dict[str, float],
        every: int,
    ) -> None:
        super().__init__()
        self.asked: list[_Asked] = []
        self.finished: list[StepTimes] = []
        self._plan = plan
        self._learnt = learnt
        self._correction = correction
        self._typed_s = typed_s
        self._every = every
        self._came_s: dict[int, float] = {}
        self._ended_s: dict[str, float] = {}

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        super().enter(visitor, at_s)
        self._came_s[visitor.number] = at_s
        if visitor.entry_is_seen and visitor.number % self._every == 0:
            self._ask(visitor, at_s)
        return True

    def done(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        self._ends(counter, visitor, at_s)

    def missed(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        self._ends(counter, visitor, at_s)

    def _ends(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        _, called_s = self.busy.pop(counter.name)
        self._ended_s[counter.name] = at_s
        self.finished.append(
            StepTimes(
                service=visitor.service,
                counter=counter.name,
                since_s=self._came_s[visitor.number],
                called_s=called_s,
                ended_s=at_s,
                is_priority=visitor.is_priority,
            )
        )

    def _ask(self, visitor: Visitor, at_s: float) -> None:
        counters = [self._now(counter, at_s) for counter in self._plan.counters]
        taking = [one for one in counters if one.is_open and visitor.service in one.services]
        line = call_order(self.waiting.values(), self.overtaken)
        ahead = line[: line.index(visitor)]
        together = frozenset[str]().union(*(one.services for one in taking))
        of_them = sum(one.service in together for one in ahead)
        if not taking or (not of_them and any(one.busy_with is None for one in taking)):
            return  # nothing is told to whom nobody keeps waiting
        services = [one.service for one in (*ahead, visitor)]
        pace = self._learnt.pace(self.finished)
        found = self._learnt.plain(services, counters, at_s=at_s, pace=pace)[-1]
        if isinstance(found, Interval):
            told = self._correction.applied(found)
            baseline_s = self._typed_s[visitor.service] * (of_them + 1) / len(taking)
            self.asked.append(_Asked(visitor.number, found, told, baseline_s))

    def _now(self, counter: PlannedCounter, at_s: float) -> CounterNow:
        called, called_s = self.busy.get(counter.name, (None, 0.0))
        is_open = counter.is_open(at_s)
        edges = [edge for span in counter.open for edge in (span.from_s, span.to_s)]
        return CounterNow(
            name=counter.name,
            services=counter.services,
            is_open=is_open,
            since_s=max((edge for edge in edges if edge <= at_s), default=0.0),
            busy_with=None if called is None else called.service,
            called_s=called_s,
            ended_s=self._ended_s.get(counter.name, -math.inf),
        )


def evaluate_waits(
    visits: int, *, days: int = 30, seed: int = 0, learnt_days: int = LEARNT_DAYS, every: int = 1
) -> WaitScore:
    """Tell and count every ``every``-th ticket that waits, on so many days after those learnt.

    Raises ScreeningError where too few wait to measure anything.
    """
    habits = DayHabits.of(visits)
    past: list[PastDay] = []
    told: list[ToldWait] = []
    baseline: list[tuple[float, float]] = []
    counted_told: list[ToldWait] = []
    counted_baseline: list[tuple[float, float, float]] = []
    day_rates: list[float] = []
    begins_at = learnt_days // 2
    for number in range(learnt_days + days):
        plan = plan_day(habits, seed + number)
        learnt = LearntWaits.of(past[-learnt_days:])
        house = _AskingHouse(
            plan,
            learnt,
            Correction.of(told),
            typed_s=_typed_averages(past),
            every=every if number >= begins_at else habits.visits + 1,
        )
        day = play_day(plan, house)
        came_out = [
            (asked, waited_s)
            for asked in house.asked
            if (waited_s := _waited_s(day.stays[asked.number - 1])) is not None
        ]
        day_told = [ToldWait(asked.told, asked.plain, waited) for asked, waited in came_out]
        if number == learnt_days and len(told) < LEAST_TOLD:
            raise ScreeningError(
                f"only {len(told)} tickets waited: more visits, or a lower --every"
            )
        if number >= learnt_days:
            bands = _bands(baseline)
            counted_told += day_told
            day_rates.append(hit_rate(day_told) or 0.0)
            counted_baseline += [
                (*_band_of(asked.baseline_s, bands), waited_s) for asked, waited_s in came_out
            ]
        told += day_told
        baseline += [(asked.baseline_s, waited_s) for asked, waited_s in came_out]
        past.append(
            PastDay(day=FIRST_DAY + timedelta(number), steps=tuple(house.finished), open=day.open)
        )
    return _score(habits.visits, days, counted_told, counted_baseline, day_rates)


def _score(
    visits: int,
    days: int,
    told: Sequence[ToldWait],
    baseline: Sequence[tuple[float, float, float]],
    day_rates: Sequence[float],
) -> WaitScore:
    own = np.array([(*one.told.minutes, one.waited_s / 60) for one in told])
    other = np.array(baseline) / 60
    low, high = np.quantile(day_rates, (0.1, 0.9))
    return WaitScore(
        visits=visits,
        days=days,
        told=len(told),
        hit_rate=hit_rate(told) or 0.0,
        width_minutes=float(np.mean(own[:, 1] - own[:, 0])),
        median_width_minutes=float(np.median(own[:, 1] - own[:, 0])),
        score_minutes=_interval_score(own),
        baseline_hit_rate=float(np.mean(_is_held(other))),
        baseline_width_minutes=float(np.mean(other[:, 1] - other[:, 0])),
        baseline_median_width_minutes=float(np.median(other[:, 1] - other[:, 0])),
        baseline_score_minutes=_interval_score(other),
        day_hit_rates=(float(low), float(high)),
        mean_wait_minutes=float(np.mean(own[:, 2])),
    )


def _is_held(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = (rows[:, 0] <= rows[:, 2]) & (rows[:, 2] <= rows[:, 1])
    return held


def _interval_score(rows: NDArray[np.float64]) -> float:
    """Mean of the width and ten times the distance by which it was missed; less is better.

    For an 80 % interval (Gneiting and Raftery, Journal of the American Statistical Association
    102, 2007): no interval that is narrow by missing the long waits scores well.
    """
    low, high, waited = rows.T
    missed = np.maximum(0.0, low - waited) + np.maximum(0.0, waited - high)
    return float(np.mean(high - low + missed / _TAIL))


def _typed_averages(past: Sequence[PastDay]) -> dict[str, float]:
    """What an officer would type: how long each service took on the days before, in seconds."""
    times: dict[str, list[float]] = {}
    for day in past:
        for step in day.steps:
            times.setdefault(step.service, []).append(step.ended_s - step.called_s)
    return {service: float(np.mean(one)) for service, one in times.items()}


Bands = tuple[bool, float, float]


def _bands(known: Sequence[tuple[float, float]]) -> Bands:
    """Whether errors are factors, and their 10th and 90th percentile."""
    guessed, waited = np.array(known).T
    factors = np.quantile(waited / guessed, (_TAIL, 1 - _TAIL))
    added = np.quantile(waited - guessed, (_TAIL, 1 - _TAIL))
    factor_width = float(np.mean(guessed * (factors[1] - factors[0])))
    added_width = float(np.mean(guessed + added[1] - np.maximum(0.0, guessed + added[0])))
    if factor_width <= added_width:
        return True, float(factors[0]), float(factors[1])
    return False, float(added[0]), float(added[1])


def _band_of(guessed_s: float, bands: Bands) -> tuple[float, float]:
    are_factors, low, high = bands
    if are_factors:
        return guessed_s * low, guessed_s * high
    return max(0.0, guessed_s + low), max(0.0, guessed_s + high)


def _waited_s(stay: Stay) -> float | None:
    """From coming in to being called; None for who gave up."""
    if stay.called_s is None or stay.entered_s is None:
        return None
    return stay.called_s - stay.entered_s


@dataclass(frozen=True, slots=True, kw_only=True)
class LineScore:
    """How often whoever stood outside a full room was called in when they were told, 0 to 1.

    ``told`` counts who was told anything, of ``waited``; widths and waits are minutes on average.
    """

    visits: int
    days: int
    capacity: int
    waited: int
    told: int
    hit_rate: float | None
    width_minutes: float | None
    mean_wait_minutes: float | None


class _FullHouse(PlainHouse):
    """Lets nobody in beyond its capacity, and tells whoever waits outside how long it takes."""

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self.told: dict[int, tuple[float, Interval | None]] = {}
        self._capacity = capacity
        self._inside: set[int] = set()
        self._outside: set[int] = set()
        self._left_s: list[float] = []

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        """Who slips in is not counted, and told nothing."""
        if visitor.entry_is_seen and len(self._inside) >= self._capacity:
            self._outside.add(visitor.number)
            if visitor.number not in self.told:
                places = len(self._outside) + len(self._inside) - self._capacity
                told = until_called_in(places, self._left_s, at_s=at_s)
                self.told[visitor.number] = (at_s, told)
            return False
        self._outside.discard(visitor.number)
        if visitor.entry_is_seen:
            self._inside.add(visitor.number)
        return super().enter(visitor, at_s)

    def leave(self, visitor: Visitor, at_s: float) -> None:
        super().leave(visitor, at_s)
        if visitor.number in self._inside:
            self._inside.discard(visitor.number)
            self._left_s.append(at_s)


def evaluate_line(visits: int, *, capacity: int, days: int = 30, seed: int = 0) -> LineScore:
    """Tell everybody who finds the room full how long it takes, and see when they came in."""
    habits = DayHabits.of(visits)
    held: list[tuple[float, float, float]] = []
    waited = 0
    for number in range(days):
        house = _FullHouse(capacity)
        day = play_day(plan_day(habits, seed + number), house)
        for stay in day.stays:
            asked_s, told = house.told.get(stay.visitor.number, (0.0, None))
            if stay.visitor.number not in house.told or stay.entered_s is None:
                continue
            waited += 1
            if told is not None:
                held.append((*told.minutes, (stay.entered_s - asked_s) / 60))
    rows = np.array(held, dtype=np.float64)
    return LineScore(
        visits=visits,
        days=days,
        capacity=capacity,
        waited=waited,
        told=len(held),
        hit_rate=float(np.mean(_is_held(rows))) if held else None,
        width_minutes=float(np.mean(rows[:, 1] - rows[:, 0])) if held else None,
        mean_wait_minutes=float(np.mean(rows[:, 2])) if held else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupancyScore:
    """How often the true number of people was inside what was told, 0 to 1, and how wide that was.

    ``narrow_rate`` is how often it was at most 3 or a tenth of the number. ``wrong_exits`` is the
    share of visits taken to be over whose holders were still inside.
    """

    visits: int
    days: int
    told: int
    hit_rate: float
    narrow_rate: float
    give_or_take: float
    estimated_exits: int
    wrong_exits: float


LOOK_EVERY_S = 300.0


def evaluate_occupancy(
    visits: int,
    *,
    days: int = 30,
    seed: int = 0,
    learnt_days: int = 5,
    has_tickets: bool = True,
    counts_at_s: Sequence[float] = (),
) -> OccupancyScore:
    """Tell it every five minutes from opening until half an hour after the doors are closed.

    Without tickets only entries and exits are known. ``counts_at_s`` are when heads are counted.
    """
    habits = DayHabits.of(visits)
    ended: list[list[EndedVisit]] = []
    unmatched = 0
    looks: list[_Look] = []
    for number in range(learnt_days + days):
        day = play_day(plan_day(habits, seed + number), PlainHouse())
        if number >= learnt_days:
            learnt = LearntStays.of(ended, unmatched_exits=unmatched)
            looks += _OccupancyDay(day, learnt, has_tickets=has_tickets).looks(counts_at_s)
        ended.append(
            [
                _ended(stay, has_tickets=has_tickets)
                for stay in day.stays
                if stay.visitor.entry_is_seen
            ]
        )
        unmatched += sum(
            stay.visitor.exit_is_seen for stay in day.stays if not stay.visitor.entry_is_seen
        )
    over = sum(look.over for look in looks)
    return OccupancyScore(
        visits=visits,
        days=days,
        told=len(looks),
        hit_rate=float(np.mean([abs(one.truly - one.people) <= one.give_or_take for one in looks])),
        narrow_rate=float(
            np.mean([one.give_or_take <= max(3.0, 0.1 * one.people) for one in looks])
        ),
        give_or_take=float(np.mean([one.give_or_take for one in looks])),
        estimated_exits=over,
        wrong_exits=sum(look.wrongly_over for look in looks) / max(over, 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    truly: int
    people: int
    give_or_take: int
    over: int
    wrongly_over: int


class _OccupancyDay:
    """What the rows of a played day tell, moment by moment."""

    def __init__(self, day: PlayedDay, learnt: LearntStays, *, has_tickets: bool) -> None:
        self._day = day
        self._learnt = learnt
        self._has_tickets = has_tickets
        self._over: set[int] = set()
        self._unseen: list[OpenVisit] = []
        self._ended = [
            _ended(stay, has_tickets=has_tickets)
            for stay in day.stays
            if stay.visitor.entry_is_seen and stay.visitor.exit_is_seen
        ]
        self._counted_s = -math.inf

    def looks(self, counts_at_s: Sequence[float]) -> Iterator[_Look]:
        habits = self._day.plan.habits
        for at_s in np.arange(habits.opens_s, habits.closes_s + 1800, LOOK_EVERY_S).tolist():
            over = probably_over(
                self._learnt,
                self._open(at_s),
                at_s=at_s,
                counted_s=self._counted_s,
                ended=self._ended,
            )
            self._over |= set(over)
            truly = self._day.truly_inside(at_s)
            if any(at_s <= count_s < at_s + LOOK_EVERY_S for count_s in counts_at_s):
                self._count(truly, at_s)
            told = occupancy(
                self._learnt,
                self._open(at_s),
                at_s=at_s,
                counted_s=self._counted_s,
                ended=self._ended,
            )
            yield _Look(
                truly=truly,
                people=told.people,
                give_or_take=told.give_or_take or 0,
                over=len(over),
                wrongly_over=sum(
                    self._day.stays[number - 1].is_inside(at_s) for number in over if number > 0
                ),
            )

    def _count(self, people: int, at_s: float) -> None:
        found = recount(self._learnt, self._open(at_s), people, at_s=at_s)
        self._over |= set(found.over)
        first = -len(self._unseen) - 1
        self._unseen += [
            OpenVisit(visit_id=first - number, entered_s=at_s) for number in range(found.unseen)
        ]
        self._counted_s = at_s

    def _open(self, at_s: float) -> list[OpenVisit]:
        seen = [
            _open_visit(stay, at_s, has_tickets=self._has_tickets)
            for stay in self._day.stays
            if stay.visitor.entry_is_seen
            and stay.entered_s is not None
            and stay.entered_s <= at_s
            and not (stay.visitor.exit_is_seen and (stay.left_s or 0.0) <= at_s)
        ]
        return [one for one in (*seen, *self._unseen) if one.visit_id not in self._over]


def _over_s(stay: Stay) -> float | None:
    return stay.missed_s if stay.done_s is None else stay.done_s


def _ended(stay: Stay, *, has_tickets: bool) -> EndedVisit:
    return EndedVisit(
        entered_s=stay.entered_s or 0.0,
        over_s=_over_s(stay) if has_tickets else None,
        left_s=stay.left_s if stay.visitor.exit_is_seen else None,
    )


def _open_visit(stay: Stay, at_s: float, *, has_tickets: bool) -> OpenVisit:
    over_s = _over_s(stay)
    is_over = over_s is not None and over_s <= at_s
    return OpenVisit(
        visit_id=stay.visitor.number,
        entered_s=stay.entered_s or 0.0,
        is_called_for=has_tickets and not is_over,
        over_s=over_s if has_tickets and is_over else None,
    )
