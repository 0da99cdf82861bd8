"""The model of an office's day: who comes when, for what, and how long each part takes.

One model for every use: simulated days, the demonstration, and planning. ``plan_day`` draws a day
of it; the same habits and seed are the same day. Times are seconds since the site's midnight.
``screening.figures.day_run`` plays a drawn day in an office.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from screening.figures.spans import Span

HOUR_S = 3600.0
MINUTE_S = 60.0
QUARTER_S = 900.0

ARRIVAL_WEIGHTS = (
    *(9.0, 6.0, 5.5, 5.5, 6.0, 6.0, 5.5, 5.0, 5.0, 4.5, 4.5, 4.0),  # 08:00 to 11:00
    *(4.0, 3.5, 3.0, 2.5, 2.0, 2.0, 2.5, 3.0, 3.5, 3.5, 3.0, 2.5),  # 11:00 to 14:00
    *(2.0, 1.0),  # until 14:30
)
"""How many come in each quarter of an hour from the opening: first those who queued before it."""

_WORKED_SHARE = 0.85
"""Of the opening time, what is left to a counter after lunch and pauses."""

_LOAD = 1.0
"""An office has as many counters as keep each of them busy for this share of its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A log-normal time: half of all take longer than ``median_s``; ``sigma`` of its logarithm."""

    median_s: float
    sigma: float

    @property
    def mean_s(self) -> float:
        """The mean in seconds."""
        return self.median_s * math.exp(self.sigma**2 / 2)

    def draw_s(self, chance: random.Random) -> float:
        """One of them, in seconds."""
        return self.median_s * math.exp(chance.gauss(0.0, self.sigma))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHabit:
    """A service: its share of the visits, and how long it takes at a counter."""

    code: str
    share: float
    serving: Spread


SERVICES = (
    ServiceHabit(code="KTP", share=0.35, serving=Spread(median_s=330, sigma=0.45)),
    ServiceHabit(code="KK", share=0.25, serving=Spread(median_s=390, sigma=0.5)),
    ServiceHabit(code="AKTA", share=0.2, serving=Spread(median_s=480, sigma=0.55)),
    ServiceHabit(code="PINDAH", share=0.1, serving=Spread(median_s=420, sigma=0.5)),
    ServiceHabit(code="LEGALISIR", share=0.1, serving=Spread(median_s=150, sigma=0.4)),
)

SHARED_COUNTERS = (("KTP", "KK"), ("AKTA", "PINDAH"), ("LEGALISIR", "KTP"))
"""Which services a counter takes, the first ones being those it is there for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterHabit:
    """A counter and the services it takes."""

    name: str
    services: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayHabits:
    """What an office's days have in common. Shares are of visits, counters and days, from 0 to 1.

    ``visits`` people come; ``no_show`` more have a receipt and do not. Somebody of a party comes
    with the others, and the others' errands take ``companion_share`` of the time. Who
    ``misses_call`` or ``gives_up`` leaves unserved.

    ``day_pace`` and ``officer_pace`` are the sigmas of how much slower a day or an officer is than
    others. ``pauses`` a counter has a day, which nobody announces; ``closes_early`` is the chance
    that a day loses a counter for hours, ``standstill`` that no counter can work for a while.
    """

    visits: int
    counters: tuple[CounterHabit, ...]
    services: tuple[ServiceHabit, ...] = SERVICES
    opens_s: float = 8 * HOUR_S
    closes_s: float = 15 * HOUR_S
    arrival_weights: tuple[float, ...] = ARRIVAL_WEIGHTS
    no_show: float = 0.12
    party_sizes: tuple[tuple[int, float], ...] = ((1, 0.86), (2, 0.1), (3, 0.04))
    companion_share: float = 0.5
    priority: float = 0.06
    misses_call: float = 0.04
    gives_up: float = 0.02
    forgotten_exit: float = 0.05
    missed_entry: float = 0.02
    walking: Spread = Spread(median_s=30, sigma=0.4)
    turning: Spread = Spread(median_s=20, sigma=0.6)
    leaving: Spread = Spread(median_s=120, sigma=0.6)
    day_pace: float = 0.08
    officer_pace: float = 0.12
    lulls: int = 2
    pauses: float = 1.5
    closes_early: float = 0.5
    standstill: float = 0.15

    @classmethod
    def of(cls, visits: int) -> DayHabits:
        """An office with as many counters as so many visits a day need."""
        return cls(visits=visits, counters=enough_counters(visits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody of a drawn day, with all that does not depend on the others.

    ``number`` counts from 1 in the order of coming; ``party`` is the number of the party's first.
    ``serving_s`` is at an officer of usual pace, ``gives_up_s`` the longest wait they bear.
    """

    number: int
    party: int
    party_size: int
    service: str
    comes_s: float
    is_priority: bool
    walking_s: float
    serving_s: float
    turning_s: float
    leaving_s: float
    misses_call: bool
    gives_up_s: float
    entry_is_seen: bool
    exit_is_seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCounter:
    """A counter on a drawn day: when it is open, when nobody works there all the same.

    ``pace`` is by how much its officer takes longer than usual. The last ``open`` span has no end:
    whoever is inside at closing time is served.
    """

    name: str
    services: frozenset[str]
    pace: float
    open: tuple[Span, ...]
    pauses: tuple[Span, ...]

    def is_open(self, at_s: float) -> bool:
        """Whether it takes people then."""
        return any(span.holds(at_s) for span in self.open)

    def pause_end_s(self, at_s: float) -> float:
        """When work goes on there: the moment itself unless it lies in a pause."""
        for span in self.pauses:
            if span.holds(at_s):
                return span.to_s
        return at_s


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """A drawn day: everybody who comes, in order, how many do not, and the counters."""

    habits: DayHabits
    visitors: tuple[Visitor, ...]
    no_shows: int
    counters: tuple[PlannedCounter, ...]


def enough_counters(visits: int) -> tuple[CounterHabit, ...]:
    """Counters for so many visits a day, each kind as many as its services' load needs."""
    worked_s = 7 * HOUR_S * _WORKED_SHARE * _LOAD
    by_code = {service.code: service for service in SERVICES}
    numbers = count(1)
    found: list[CounterHabit] = []
    taken: set[str] = set()
    for kind in SHARED_COUNTERS:
        own = [by_code[code] for code in kind if code not in taken]
        taken |= set(kind)
        load_s = sum(visits * one.share * (one.serving.mean_s + MINUTE_S) for one in own)
        needed = max(1, math.ceil(load_s / worked_s))
        found += [
            CounterHabit(name=str(next(numbers)), services=frozenset(kind)) for _ in range(needed)
        ]
    return tuple(found)


def draw_service(
    chance: random.Random, services: Sequence[ServiceHabit] = SERVICES
) -> ServiceHabit:
    """What somebody comes for, by the services' shares."""
    return chance.choices(services, [one.share for one in services])[0]


def plan_day(habits: DayHabits, seed: int) -> DayPlan:
    """Draw a day. The same habits and seed are the same day."""
    chance = random.Random(f"day {seed} of {habits.visits}")
    day_pace = Spread(median_s=1.0, sigma=habits.day_pace)
    pace = {service.code: day_pace.draw_s(chance) for service in habits.services}
    visitors = tuple(_visitors(habits, chance, pace))
    no_shows = sum(chance.random() < habits.no_show for _ in visitors)
    return DayPlan(
        habits=habits,
        visitors=visitors,
        no_shows=no_shows,
        counters=_counters(habits, chance),
    )


def _visitors(
    habits: DayHabits, chance: random.Random, pace: dict[str, float]
) -> Iterator[Visitor]:
    comings = sorted(_comings(habits, chance))
    sizes, shares = zip(*habits.party_sizes, strict=True)
    number = 1
    while number <= habits.visits:
        size = min(chance.choices(sizes, shares)[0], habits.visits + 1 - number)
        comes_s = comings[number - 1]
        service = draw_service(chance, habits.services)
        is_priority = chance.random() < habits.priority
        for place in range(size):
            serving_s = service.serving.draw_s(chance) * pace[service.code]
            yield Visitor(
                number=number + place,
                party=number,
                party_size=size,
                service=service.code,
                comes_s=comes_s,
                is_priority=is_priority,
                walking_s=habits.walking.draw_s(chance),
                serving_s=serving_s * (habits.companion_share if place else 1.0),
                turning_s=habits.turning.draw_s(chance),
                leaving_s=habits.leaving.draw_s(chance),
                misses_call=chance.random() < habits.misses_call,
                gives_up_s=_patience_s(habits, chance),
                entry_is_seen=chance.random() >= habits.missed_entry,
                exit_is_seen=chance.random() >= habits.forgotten_exit,
            )
        number += size


def _patience_s(habits: DayHabits, chance: random.Random) -> float:
    if chance.random() < habits.gives_up:
        return chance.uniform(5 * MINUTE_S, HOUR_S)
    return math.inf


def _comings(habits: DayHabits, chance: random.Random) -> list[float]:
    """Moments of coming, by the quarter's weight, with lulls in which a third comes."""
    weights = list(habits.arrival_weights)
    for _ in range(habits.lulls):
        begin = chance.randrange(len(weights))
        for quarter in range(begin, min(begin + chance.randint(1, 3), len(weights))):
            weights[quarter] /= 3
    quarters = chance.choices(range(len(weights)), weights, k=habits.visits)
    return [habits.opens_s + (quarter + chance.random()) * QUARTER_S for quarter in quarters]


def _counters(habits: DayHabits, chance: random.Random) -> tuple[PlannedCounter, ...]:
    loses = _lost_counter(habits, chance)
    still: list[Span] = []
    if chance.random() < habits.standstill:
        begins_s = chance.uniform(habits.opens_s, habits.closes_s - HOUR_S)
        still = [Span(begins_s, begins_s + chance.uniform(8, 20) * MINUTE_S)]
    return tuple(
        PlannedCounter(
            name=counter.name,
            services=counter.services,
            pace=Spread(median_s=1.0, sigma=habits.officer_pace).draw_s(chance),
            open=_open(habits, chance, place, is_lost=place == loses),
            pauses=tuple(sorted([*still, *_pauses(habits, chance)], key=_begins_s)),
        )
        for place, counter in enumerate(habits.counters)
    )


def _lost_counter(habits: DayHabits, chance: random.Random) -> int | None:
    """Whose officer is called away: not the only one's who takes a service."""
    kinds = [counter.services for counter in habits.counters]
    shared = [place for place, kind in enumerate(kinds) if kinds.count(kind) > 1]
    return chance.choice(shared) if shared and chance.random() < habits.closes_early else None


def _open(
    habits: DayHabits, chance: random.Random, place: int, *, is_lost: bool
) -> tuple[Span, ...]:
    """Open but for lunch, which one half of the counters takes after the other.

    The lost one is closed for an hour or two more, in the morning or in the afternoon.
    """
    begins_s = habits.opens_s + chance.uniform(0, 5) * MINUTE_S
    lunch_s = (11.5 if place % 2 else 12.5) * HOUR_S + chance.uniform(-5, 10) * MINUTE_S
    back_s = lunch_s + chance.uniform(45, 60) * MINUTE_S
    away = [Span(lunch_s, back_s)]
    if is_lost:
        gone_s = chance.choice([chance.uniform(8.5, 9.5), chance.uniform(13.6, 14)]) * HOUR_S
        away = sorted([*away, Span(gone_s, gone_s + chance.uniform(1, 2) * HOUR_S)], key=_begins_s)
    edges = [begins_s, *(edge for span in away for edge in (span.from_s, span.to_s)), math.inf]
    return tuple(Span(from_s, to_s) for from_s, to_s in zip(edges[::2], edges[1::2], strict=True))


def _begins_s(span: Span) -> float:
    return span.from_s


def _pauses(habits: DayHabits, chance: random.Random) -> Sequence[Span]:
    wanted = int(habits.pauses) + (chance.random() < habits.pauses % 1)
    begins = [chance.uniform(habits.opens_s, habits.closes_s) for _ in range(wanted)]
    return [Span(begin_s, begin_s + chance.uniform(4, 9) * MINUTE_S) for begin_s in begins]
