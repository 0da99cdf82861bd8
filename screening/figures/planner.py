"""Plans a day: how many to book, and what counters, distance and gates bring. Pure.

A day is played many times. What is assumed is unsure, so it is drawn as well: each of ``DRAWS``
offices that the past may speak of plays its share of the days. How often the room is full differs
from one of these offices to the next, and the interval of a risk says by how much. Whatever is
compared is played with the same people at the same moments (common random numbers), so that only
what is compared differs. The quota is searched for with other days than those that its risk is
told from: whoever takes the best of many trials sees it too well.

Left out: priority, which changes who waits more than how long; people who give up; and what the
gate holds back, since that only makes the room emptier.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from screening.figures.assumptions import (
    QUARTERS,
    Assumptions,
    Comes,
    Estimate,
    Numbers,
    OpenCounter,
    Variation,
    break_begins_s,
    given,
    usual_quarters,
)
from screening.figures.day_model import MINUTE_S, QUARTER_S
from screening.figures.many_days import (
    Claims,
    Counts,
    Kinds,
    Seconds,
    call_times,
    inside_at,
    is_full,
    one_by_one,
)
from screening.waiting_room.chairs import Chair

FULL_RISK = 0.05
"""A room that is full on one day in twenty is what most offices bear."""

DRAWS = 40
"""Offices that the past may speak of."""

MOST_BOOKED = 3000
"""A day has no more places than this; such an office has more than one room."""

GATE_WAIT_S = 300.0
"""Nine of ten should pass the gate sooner; else a second one opens."""

_SEARCHED, _TOLD = 15, 120
"""Days that each office plays while the quota is searched for, and when its risk is told."""

_SMALL_DAY = 1500
"""People times counters from which on fewer days are played, so that a plan stays quick."""

_PLAYED_KEPT = 4
_SOLVER_S = 1.5
_OFFICES = 7
"""The same offices play whatever is searched for and told; only their days are others."""

_BLOCK = 128
_WALK_IN_ROWS = 1_000_000
_GATE_ROWS = 2_000_000

Chances = NDArray[np.float32]
_SURE = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Told:
    """A number and what it lies between in nine of ten cases."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Waits:
    """Minutes until the call that half, and nine of ten, do not exceed."""

    p50: Told
    p90: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many may be inside at ``distance_m``, and how many could be booked then."""

    distance_m: float
    seats: int
    booked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What comes of a day on which ``capacity`` people may be inside. Moments are seconds since
    midnight.

    ``quota`` is how many are booked in the slot that begins then, ``booked`` their sum.
    ``full_risk`` is the chance that the room is full at any moment. ``inside`` is how many are
    inside at each quarter of an hour on a usual day, and on one in twenty. ``waits`` are None
    without counters; ``more_waits`` are those with one more, ``saved`` what that saves.
    ``second_gate`` is from when until when one gate is not enough. ``overbooked`` of the booked
    places are there because some do not come. ``rooms`` compare distances. ``runs`` days were
    played.
    """

    capacity: int
    quota: Mapping[int, int]
    booked: int
    full_risk: Told
    inside: Sequence[tuple[int, int, int]]
    waits: Waits | None
    more_waits: Waits | None
    saved: Waits | None
    second_gate: tuple[int, int] | None
    overbooked: int
    rooms: Sequence[Room]
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: the day as it is assumed to be, and how many may be inside.

    They are ``capacity``, or with ``distance_m`` the seats of ``chairs`` at that distance, though
    not more than ``most_inside``. The distances ``compared`` are told beside. ``risk`` is the
    chance of a full room that is borne.
    """

    assumptions: Assumptions
    capacity: int
    chairs: tuple[Chair, ...] = ()
    distance_m: float | None = None
    compared: tuple[float, ...] = ()
    most_inside: int | None = None
    risk: float = FULL_RISK
    seed: int = 1

    def seats(self, distance_m: float) -> int:
        """How many may be inside at that distance."""
        from screening.waiting_room.optimum import most_open  # the solver takes time to load

        found = most_open(self.chairs, distance_m, limit_s=_SOLVER_S).count
        return found if self.most_inside is None else min(found, self.most_inside)


Progress = Callable[[float], None]


def plan(question: Question, progress: Progress = lambda _: None) -> Plan:
    """Answer it. ``progress`` is told from 0 to 1 what is done, and may raise to end it."""
    asked, capacity = question.assumptions, question.capacity
    if question.distance_m is not None:
        capacity = question.seats(question.distance_m)
    each = _days_each(asked, capacity)
    search = _Search(asked, question, progress, each=each[0])
    booked = search.most_booked(capacity, asked, until=0.4)
    all_come = replace(asked, no_show=given(0.0), no_show_sigma=Variation.known(0.0))
    without = search.most_booked(capacity, all_come, until=0.5)
    rooms = []
    for distance in question.compared if question.chairs else ():
        seats = question.seats(distance)
        most = search.most_booked(seats, asked, until=0.6)
        rooms.append(Room(distance_m=distance, seats=seats, booked=most))
    del search  # what it played is large, and played no more
    days = Days(asked, seed=question.seed + 1, each=each[1])
    while True:
        played = days.play(booked)
        full = is_full(played.comes, played.leaves_in_order, capacity)
        risk = _risk(full, days.draws)
        progress(0.75)
        if risk.value < question.risk or booked == 0:
            break
        booked -= _step(asked, booked)
    waits = more = saved = None
    if asked.counters:
        waits = _waits(played, days.draws)
        helped = replace(asked, counters=(*asked.counters, OpenCounter(name="+1")))
        with_more = days.play(booked, of=helped)
        more = _waits(with_more, days.draws)
        saved = _saved(played, with_more, days.draws)
    progress(0.95)
    gate = _gate(days, played)
    found = Plan(
        capacity=capacity,
        quota=quota_of(asked, booked),
        booked=booked,
        full_risk=risk,
        inside=_inside(asked, played),
        waits=waits,
        more_waits=more,
        saved=saved,
        second_gate=_second_gate(gate),
        overbooked=max(0, booked - without),
        rooms=rooms,
        runs=days.runs,
    )
    progress(1.0)
    return found


def quota_of(asked: Assumptions, booked: int) -> dict[int, int]:
    """How many of ``booked`` each slot takes: as many in each where people come at their time, else
    as they always came."""
    slots = asked.slots
    if asked.comes is Comes.BOOKED_TIME:
        shares = np.full(len(slots), 1 / len(slots))
    else:
        quarters, length_s = _profile(asked), asked.slot_minutes * MINUTE_S
        edges = np.array([*slots, math.inf]) if len(slots) > 1 else np.array([0, math.inf])
        middles = (np.arange(len(quarters)) + 0.5) * QUARTER_S
        place = np.clip(np.searchsorted(edges, middles, side="right") - 1, 0, len(slots) - 1)
        if length_s < QUARTER_S:
            middles = np.array(slots) + length_s / 2
            place = np.arange(len(slots))
            quarters = quarters[(middles // QUARTER_S).astype(int)]
        shares = np.bincount(place, weights=quarters, minlength=len(slots))
        shares = shares / shares.sum()
    exact = shares * booked
    whole = np.floor(exact).astype(int)
    for place in np.argsort(whole - exact, kind="stable")[: booked - int(whole.sum())]:
        whole[place] += 1
    return {int(slot): int(number) for slot, number in zip(slots, whole, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Days that were played: people in rows in the order of coming, days in columns.

    Where there are counters, people were ``called`` to one and ``ended`` there; ``kinds`` are the
    places of their services in the assumptions.
    """

    comes: Seconds
    leaves: Seconds
    leaves_in_order: Seconds
    called: Seconds | None = None
    ended: Seconds | None = None
    kinds: Kinds | None = None


class Days:
    """Days of an office, drawn from what is assumed of it; the same seed draws the same people.

    ``each`` of the ``draws`` offices that the assumptions speak of plays so many days.
    """

    def __init__(self, asked: Assumptions, *, seed: int, each: int, draws: int = DRAWS) -> None:
        self.draws = draws
        self.runs = draws * each
        self._seed = seed
        self._each = each
        self._blocks: dict[int, _People] = {}
        chance = np.random.default_rng([seed, 0])
        self._no_show_noise = chance.standard_normal(self.runs)
        self._walk_in_noise = chance.standard_normal(self.runs)
        self._pace_noise = chance.standard_normal((len(asked.services), self.runs))
        self._break_noise = chance.uniform(-1, 1, (self.runs, 64))
        self._drawn(asked)

    def play(self, booked: int, *, of: Assumptions | None = None) -> Played:
        """The days on which so many have a booking; ``of`` what is assumed otherwise."""
        asked = self._asked
        if of is not None and of is not asked:
            other = Days.__new__(Days)
            other.__dict__.update(self.__dict__)
            other._drawn(of)
            return other.play(booked)
        people = self._people(0, booked)
        comes = self._booked_come(people, booked)
        walk_ins = self.walk_ins()
        most = int(walk_ins.max(initial=0))
        if most:
            more = self._people(_WALK_IN_ROWS, most)
            others = self._by_habit(more.moment)
            others[np.arange(most)[:, None] >= walk_ins[None, :]] = math.inf
            comes = np.vstack([comes, others])
            people = people.and_then(more)
        order = comes.argsort(axis=0, kind="stable")
        comes = np.take_along_axis(comes, order, axis=0)
        number = int(np.isfinite(comes).sum(axis=0).max(initial=0))
        comes, order = comes[:number], order[:number]
        return self._served(comes, people.in_order(order))

    def gate_times(self, people: int) -> Seconds:
        """How long the gate takes for each of so many, on each day."""
        noise = self._people(_GATE_ROWS, people).serving
        sigma = 0.5
        return np.exp(np.log(self._of_each("gate_s")) - sigma**2 / 2 + sigma * noise)

    def _drawn(self, asked: Assumptions) -> None:
        """Draw what is unsure; each number has its own chance, whatever else is assumed."""
        self._asked = asked
        unsure: dict[str, Estimate | Variation] = {
            "no_show": asked.no_show,
            "walk_ins": asked.walk_ins,
            "early_minutes": asked.early_minutes,
            "turning_s": asked.turning_s,
            "break_minutes": asked.break_minutes,
            "gate_s": asked.gate_s,
            "leaving": asked.leaving.log_mean,
            "stay": asked.stay.log_mean,
            "no_show_sigma": asked.no_show_sigma,
            "walk_in_sigma": asked.walk_in_sigma,
            "day_sigma": asked.day_sigma,
            "quarter_sigma": asked.quarter_sigma,
        }
        unsure |= {f"serving {one.code}": one.serving.log_mean for one in asked.services}
        self._values: dict[str, Numbers] = {}
        for name, estimate in unsure.items():
            chance = np.random.default_rng([_OFFICES, *name.encode()])
            drawn = estimate.at(_evenly_drawn(chance, self.draws))
            self._values[name] = np.repeat(drawn, self._each)
        chance = np.random.default_rng(_OFFICES)
        quarters = _profile(asked)
        self._profiles = np.tile(quarters / quarters.sum(), (self.draws, 1))
        if asked.quarters_days:
            # What days differ in makes many people of few days tell less than as many apart.
            as_many = 1 + asked.quarter_sigma.value**2 * quarters / asked.quarters_days
            sure = np.maximum(quarters / as_many, 1e-9)
            drawn = chance.standard_gamma(np.broadcast_to(sure, (self.draws, QUARTERS))) / sure
            self._profiles = self._profiles * drawn
        self._come_before = self._shares_before()

    def _of_each(self, name: str, least: float = 1e-3) -> Numbers:
        return np.maximum(self._values[name], least)

    def _people(self, first: int, number: int) -> _People:
        found: _People | None = None
        for block in range(first // _BLOCK, (first + max(0, number - 1)) // _BLOCK + 1):
            if block not in self._blocks:
                self._blocks[block] = _People.drawn(
                    np.random.default_rng([self._seed, 3, block]), self.runs
                )
            one = self._blocks[block]
            found = one if found is None else found.and_then(one)
        assert found is not None
        return found.first(number)

    def _booked_come(self, people: _People, booked: int) -> Seconds:
        asked = self._asked
        usual = self._of_each("no_show", 0.0)
        sigma = np.minimum(self._values["no_show_sigma"], usual / 2)
        share = np.clip(usual + sigma * self._no_show_noise, 0.0, 1.0)
        if asked.comes is Comes.BOOKED_TIME:
            slots = np.array(asked.slots)
            slot = slots[np.arange(booked) % len(slots)]
            early = self._values["early_minutes"] * MINUTE_S
            spread = asked.early_spread * MINUTE_S
            comes = np.maximum(asked.opens_s, slot[:, None] - early + spread * people.early)
        else:
            comes = self._by_habit(people.moment)
        return np.where(people.shows < share[None, :], math.inf, comes)

    def _by_habit(self, moment: Chances) -> Seconds:
        """Moments of coming by each day's profile; ``moment`` is the share of people before it."""
        edges = np.arange(QUARTERS + 1) * QUARTER_S
        found = np.empty(moment.shape)
        for day in range(self.runs):
            found[:, day] = np.interp(moment[:, day], self._come_before[day], edges)
        return found

    def _shares_before(self) -> Numbers:
        """Of those who come by habit, the share before each quarter of an hour, on each day."""
        sigma = np.maximum(self._values["quarter_sigma"], 1e-3)[:, None]
        chance = np.random.default_rng([self._seed, 5])
        shape = sigma**-2
        factors = chance.standard_gamma(np.broadcast_to(shape, (self.runs, QUARTERS))) / shape
        weights = np.repeat(self._profiles, self._each, axis=0) * factors
        total = np.zeros((self.runs, QUARTERS + 1))
        np.cumsum(weights, axis=1, out=total[:, 1:])
        return total / total[:, -1:]

    def walk_ins(self) -> Counts:
        """How many come without a booking, on each day."""
        sigma = self._values["walk_in_sigma"]
        mean = self._of_each("walk_ins", 0.0) * np.exp(sigma * self._walk_in_noise - sigma**2 / 2)
        return np.random.default_rng([self._seed, 4]).poisson(mean)

    def _served(self, comes: Seconds, people: _People) -> Played:
        asked = self._asked
        leaving = np.exp(self._values["leaving"] + asked.leaving.sigma * people.leaving)
        if not asked.counters:
            leaves = comes + np.exp(self._values["stay"] + asked.stay.sigma * people.serving)
            return Played(comes=comes, leaves=leaves, leaves_in_order=np.sort(leaves, axis=0))
        shares = np.cumsum([one.share for one in asked.services])
        kinds = np.searchsorted(shares / shares[-1], people.kind, side="right")
        kinds = np.minimum(kinds, len(asked.services) - 1)
        means = np.array([self._values[f"serving {one.code}"] for one in asked.services])
        means = means + self._values["day_sigma"] * self._pace_noise[: len(means)]
        sigmas = np.array([one.serving.sigma for one in asked.services])
        days = np.arange(comes.shape[1])
        serving = np.exp(means[kinds, days[None, :]] + sigmas[kinds] * people.serving)
        turning = self._of_each("turning_s", 0.0) * np.exp(0.6 * people.turning - 0.18)
        called = call_times(
            comes,
            serving + turning,
            kinds,
            takes(asked),
            breaks=self._breaks(),
            opens_s=asked.opens_s,
        )
        ended = called + serving
        leaves = ended + leaving
        return Played(
            comes=comes,
            leaves=leaves,
            leaves_in_order=np.sort(leaves, axis=0),
            called=called,
            ended=ended,
            kinds=kinds,
        )

    def _breaks(self) -> Seconds | None:
        """When counters call nobody."""
        asked = self._asked
        number = len(asked.counters)
        if asked.closed:
            every = np.array(asked.closed, float)
            return np.broadcast_to(every, (self.runs, number, *every.shape))
        begins = np.array([break_begins_s(place) for place in range(number)])
        if number < 2 or asked.break_minutes.value <= 0 or asked.closes_s < begins.max():
            return None
        noise = self._break_noise[:, np.arange(number) % self._break_noise.shape[1]]
        begin = begins[None, :] + 5 * MINUTE_S * noise
        length = self._of_each("break_minutes", 0.0)[:, None] * MINUTE_S
        return np.stack([begin, begin + length], axis=-1)[:, :, None, :]


@dataclass(frozen=True, slots=True)
class _People:
    """What chance gives each person of each day; all of it independent of what is assumed."""

    shows: Chances
    moment: Chances
    kind: Chances
    early: Chances
    serving: Chances
    turning: Chances
    leaving: Chances

    @classmethod
    def drawn(cls, chance: np.random.Generator, runs: int) -> _People:
        uniform = [chance.random((_BLOCK, runs), dtype=np.float32) for _ in range(3)]
        normal = [chance.standard_normal((_BLOCK, runs), dtype=np.float32) for _ in range(4)]
        return cls(*uniform, *normal)

    def _each(self, of: Callable[[Chances], Chances]) -> _People:
        return _People(*(of(getattr(self, name)) for name in self.__slots__))

    def and_then(self, more: _People) -> _People:
        return _People(
            *(np.vstack([getattr(self, name), getattr(more, name)]) for name in self.__slots__)
        )

    def first(self, number: int) -> _People:
        return self._each(lambda one: one[:number])

    def in_order(self, order: Kinds) -> _People:
        return self._each(lambda one: np.take_along_axis(one, order, axis=0))


class _Search:
    def __init__(
        self, asked: Assumptions, question: Question, progress: Progress, *, each: int
    ) -> None:
        self._days = Days(asked, seed=question.seed, each=each)
        self._risk = question.risk
        self._progress = progress
        self._done = 0.0
        self._played: dict[tuple[int, int], Played] = {}
        self._slots = len(asked.slots)
        self._is_by_slot = asked.comes is Comes.BOOKED_TIME

    def most_booked(self, capacity: int, asked: Assumptions, *, until: float) -> int:
        """The most places for which the room is full seldom enough."""
        each = self._slots if self._is_by_slot else 1
        low, high = 0, max(1, capacity // each or 1)
        while high * each <= MOST_BOOKED and self._is_seldom(high * each, capacity, asked):
            low, high = high, 2 * high
            self._tell(until)
        while high - low > max(1, low // 100):
            middle = (low + high) // 2
            if self._is_seldom(middle * each, capacity, asked):
                low = middle
            else:
                high = middle
            self._tell(until)
        return low * each

    def _is_seldom(self, booked: int, capacity: int, asked: Assumptions) -> bool:
        if booked > MOST_BOOKED:
            return False
        key = (booked, id(asked))
        if key not in self._played:
            if len(self._played) > _PLAYED_KEPT:
                self._played.clear()
            self._played[key] = self._days.play(booked, of=asked)
        played = self._played[key]
        full = is_full(played.comes, played.leaves_in_order, capacity)
        return float(full.mean()) < self._risk

    def _tell(self, until: float) -> None:
        self._done += (until - self._done) / 6
        self._progress(self._done)


def _step(asked: Assumptions, booked: int) -> int:
    """By how many places a day differs from the next smaller one."""
    if asked.comes is Comes.BOOKED_TIME:
        return min(booked, len(asked.slots))
    return min(booked, max(1, round(booked / 100)))


def _evenly_drawn(chance: np.random.Generator, number: int) -> Numbers:
    """Normal deviations, one of each part of the distribution, in any order (McKay, 1979)."""
    shares = (chance.permutation(number) + chance.random(number)) / number
    normal = NormalDist()
    return np.array([normal.inv_cdf(share) for share in shares.tolist()])


def takes(asked: Assumptions) -> Claims:
    """Which service (rows) each counter (columns) takes; what none takes, all take."""
    found = np.array(
        [
            [not counter.services or one.code in counter.services for counter in asked.counters]
            for one in asked.services
        ]
    )
    found[~found.any(axis=1)] = True
    return found


def _days_each(asked: Assumptions, capacity: int) -> tuple[int, int]:
    size = max(1.0, 6.0 * capacity * max(1, len(asked.counters)) / _SMALL_DAY)
    return max(5, int(_SEARCHED / size**0.5)), max(20, int(_TOLD / size**0.5))


def _profile(asked: Assumptions) -> Numbers:
    quarters = asked.quarters or usual_quarters(asked.opens_s, asked.closes_s)
    return np.array(quarters, float)


def _risk(full: Claims, draws: int) -> Told:
    """How often the room is full; the interval is that of the true office's own chance.

    Each office's share is a chance of its own, blurred by the number of its days: that part is
    taken off the spread. What remains is known no better than from so many offices, so that its
    standard error is added. A beta distribution is as wide.
    """
    by_office = full.reshape(draws, -1)
    each = by_office.shape[1]
    shares = by_office.mean(axis=1)
    mean = float((full.sum() + 0.5) / (full.size + 1))
    blurred = float((shares * (1 - shares)).mean()) / max(1, each - 1)
    spread = float(shares.var(ddof=1))
    between = max(0.0, spread - blurred) + spread * math.sqrt(2 / (draws - 1))
    variance = between * (1 + 1 / draws) + mean * (1 - mean) / full.size
    variance = min(variance, 0.9 * mean * (1 - mean))
    size = mean * (1 - mean) / variance - 1
    drawn = np.random.default_rng(0).beta(mean * size, (1 - mean) * size, 20_000)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Told(float(full.mean()), float(low), float(high))


def _minutes(played: Played) -> Numbers:
    assert played.called is not None
    has_come = np.isfinite(played.comes)
    waits: Numbers = np.full(played.comes.shape, np.nan)
    np.subtract(played.called, played.comes, out=waits, where=has_come)
    return waits / MINUTE_S


def _quantiles(waits: Numbers, draws: int) -> Numbers:
    """p50 and p90 of all days (first row) and of each office."""
    by_office = waits.reshape(waits.shape[0], draws, -1).transpose(1, 0, 2).reshape(draws, -1)
    rows = [np.nanquantile(one, (0.5, 0.9)) for one in (waits.ravel(), *by_office)]
    return np.array(rows)


def _waits(played: Played, draws: int) -> Waits | None:
    if not len(played.comes):
        return None
    return _between(_quantiles(_minutes(played), draws))


def _saved(played: Played, more: Played, draws: int) -> Waits | None:
    if not len(played.comes):
        return None
    return _between(_quantiles(_minutes(played), draws) - _quantiles(_minutes(more), draws))


def _between(rows: Numbers) -> Waits:
    low, high = np.quantile(rows[1:], _SURE, axis=0)
    p50, p90 = (
        Told(float(rows[0, column]), float(low[column]), float(high[column])) for column in (0, 1)
    )
    return Waits(p50, p90)


def _inside(asked: Assumptions, played: Played) -> list[tuple[int, int, int]]:
    first, last = int(asked.opens_s // QUARTER_S), int(asked.closes_s // QUARTER_S) + 3
    moments = [number * QUARTER_S for number in range(first, last + 1)]
    some = slice(0, None, max(1, played.comes.shape[1] // 800))
    inside = inside_at(played.comes[:, some], played.leaves[:, some], moments)
    usual, many = np.quantile(inside, (0.5, 0.95), axis=1)
    return [
        (int(at), round(middle), round(high))
        for at, middle, high in zip(moments, usual.tolist(), many.tolist(), strict=True)
    ]


def _gate(days: Days, played: Played) -> list[tuple[int, float]]:
    """What nine of ten who come in each quarter wait at most to pass a single gate, in seconds."""
    people = len(played.comes)
    if not people:
        return []
    keeps = days.gate_times(people)
    passed = one_by_one(played.comes, keeps)
    has_come = np.isfinite(played.comes)
    waits = passed[has_come] - keeps[has_come] - played.comes[has_come]
    quarter = (played.comes[has_come] // QUARTER_S).astype(int)
    found = []
    for number in np.unique(quarter).tolist():
        some = waits[quarter == number]
        if some.size >= days.runs / 2:
            found.append(
                (int(number * QUARTER_S), max(0.0, round(float(np.quantile(some, 0.9)), 1)))
            )
    return found


def _second_gate(gate: Sequence[tuple[int, float]]) -> tuple[int, int] | None:
    late = [at for at, wait_s in gate if wait_s > GATE_WAIT_S]
    if not late:
        return None
    return late[0], late[-1] + int(QUARTER_S)
