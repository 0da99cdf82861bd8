"""How often the told waits of past days held: each is worked out anew and compared. Pure.

What somebody is told on coming in follows from the days before and from who was there, and the
record keeps both. So nothing has to be kept of what was told: a day is gone through once more with
what was known then, and every wait that is told meets the call that followed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from screening.figures.spans import Span
from screening.figures.waits import (
    LEAST_DAYS,
    Correction,
    CounterNow,
    Interval,
    LearntWaits,
    PastDay,
    StepTimes,
    ToldWait,
)

ASKED_A_DAY = 30
"""Tickets of a day that are gone through again, spread evenly: enough for a correction in a week,
and a month of large days is gone through in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTicket:
    """What somebody was told who came on that day for that service, and how it came out."""

    day: date
    service: str
    told: ToldWait


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWaits:
    """Of the week that begins on ``week``, a Monday: how many waits were looked at, and how many of
    them held. ``service`` is empty for all together."""

    week: date
    service: str
    told: int
    held: int

    @property
    def rate(self) -> float:
        """Which share held, 0 to 1."""
        return self.held / self.told


def tell_again(
    days: Sequence[PastDay], services: Mapping[str, frozenset[str]]
) -> Iterator[list[ToldTicket]]:
    """What was told on each of these days, in their order; nothing on the first ones.

    ``services`` says which services a counter takes; one that is not there any more took what it
    finished.
    """
    told: list[ToldWait] = []
    for number, day in enumerate(days):
        if number < LEAST_DAYS:
            yield []
            continue
        learnt = LearntWaits.of(days[:number])
        found = list(_told(day, learnt, Correction.of(told), services))
        told += [one.told for one in found]
        yield found


def held_waits(tickets: Iterable[ToldTicket]) -> list[HeldWaits]:
    """By week and service, the newest week first and in each all services together first."""
    told: Counter[tuple[date, str]] = Counter()
    held: Counter[tuple[date, str]] = Counter()
    for one in tickets:
        week = one.day - timedelta(days=one.day.weekday())
        for service in {"", one.service}:
            told[week, service] += 1
            held[week, service] += one.told.is_hit
    keys = sorted(told, key=lambda key: (-key[0].toordinal(), key[1]))
    return [
        HeldWaits(week=week, service=service, told=told[week, service], held=held[week, service])
        for week, service in keys
    ]


def last_weeks(held: Iterable[HeldWaits], weeks: int = 4) -> dict[str, HeldWaits]:
    """The newest weeks put together, by service; ``week`` is the oldest of them."""
    kept = list(held)
    newest = sorted({one.week for one in kept})[-weeks:]
    found = {}
    for service in sorted({one.service for one in kept}):
        own = [one for one in kept if one.service == service and one.week in newest]
        if own:
            found[service] = HeldWaits(
                week=newest[0],
                service=service,
                told=sum(one.told for one in own),
                held=sum(one.held for one in own),
            )
    return found


def _told(
    day: PastDay,
    learnt: LearntWaits,
    correction: Correction,
    services: Mapping[str, frozenset[str]],
) -> Iterator[ToldTicket]:
    finished: dict[str, list[StepTimes]] = defaultdict(list)
    for step in day.steps:
        finished[step.counter].append(step)
    desks = [
        _Desk(
            name=name,
            services=services.get(name, frozenset()) | {step.service for step in own},
            open=day.open.get(name, ()),
            steps=tuple(own),
        )
        for name, own in finished.items()
    ]
    waited = [step for step in day.steps if step.service in learnt.shares]
    every = max(1, -(-len(waited) // ASKED_A_DAY))
    for step in waited[::every]:
        found = _asked(step, day, learnt, desks)
        if found is not None:
            told = correction.applied(found)
            yield ToldTicket(
                day=day.day,
                service=step.service,
                told=ToldWait(told, found, step.called_s - step.since_s),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """A counter of a past day: what it took, when it was open, and what it finished."""

    name: str
    services: frozenset[str]
    open: tuple[Span, ...]
    steps: tuple[StepTimes, ...]

    def at(self, at_s: float) -> CounterNow:
        busy = next((one for one in self.steps if one.called_s < at_s < one.ended_s), None)
        edges = [edge for one in self.open for edge in (one.from_s, one.to_s) if edge <= at_s]
        ended = [one.ended_s for one in self.steps if one.ended_s <= at_s]
        return CounterNow(
            name=self.name,
            services=self.services,
            is_open=any(span.holds(at_s) for span in self.open),
            since_s=max(edges, default=0.0),
            busy_with=None if busy is None else busy.service,
            called_s=0.0 if busy is None else busy.called_s,
            ended_s=max(ended, default=-math.inf),
        )


def _asked(
    step: StepTimes, day: PastDay, learnt: LearntWaits, desks: Sequence[_Desk]
) -> Interval | None:
    """What whoever had this step was told on coming; None where nobody kept them waiting."""
    at_s = step.since_s
    ahead = [
        one
        for one in day.steps
        if one.since_s <= at_s < one.called_s
        and one is not step
        and (one.is_priority or not step.is_priority)
    ]
    ahead.sort(key=lambda one: (not one.is_priority, one.since_s))
    counters = [one.at(at_s) for one in desks]
    taking = [one for one in counters if one.is_open and step.service in one.services]
    together = frozenset[str]().union(*(one.services for one in taking))
    is_first = not any(one.service in together for one in ahead)
    if not taking or (is_first and any(one.busy_with is None for one in taking)):
        return None
    finished = [one for one in day.steps if one.ended_s <= at_s]
    line = [*(one.service for one in ahead), step.service]
    found = learnt.plain(line, counters, at_s=at_s, pace=learnt.pace(finished))[-1]
    return found if isinstance(found, Interval) else None
