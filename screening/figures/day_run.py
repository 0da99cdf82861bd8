"""Plays a drawn day in an office: people come, are called, served, and leave, event by event.

The office is a ``House``: the model's own ``PlainHouse``, or the deployed rules of a real record.
Only the house decides who comes in and who is called; the run decides when people act.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Protocol

from screening.figures.day_model import DayPlan, PlannedCounter, Visitor
from screening.figures.spans import Span

CALL_UNANSWERED_S = 90.0
"""An officer waits so long for whoever was called, then takes the next one."""

MOST_OVERTAKES = 3
"""Nobody is overtaken by priority more often."""


class House(Protocol):
    """What an office does with the people of a day, at moments that never go back."""

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        """Whether they are let in; else they wait outside until somebody leaves."""

    def call_next(self, counter: PlannedCounter, at_s: float) -> Visitor | None:
        """Who is called to the counter; None when nobody waits whom it takes."""

    def arrived(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Whom the counter called stands before it."""

    def done(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Served."""

    def missed(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        """Called, and did not come."""

    def leave(self, visitor: Visitor, at_s: float) -> None:
        """Goes out of the door. A house that does not see it may still call them, in vain."""


@dataclass(slots=True, kw_only=True)
class Stay:
    """What became of somebody; None is what did not happen. Seconds since midnight.

    Whoever left unseen may be called and missed afterwards.
    """

    visitor: Visitor
    entered_s: float | None = None
    counter: str | None = None
    called_s: float | None = None
    arrived_s: float | None = None
    done_s: float | None = None
    missed_s: float | None = None
    left_s: float | None = None

    def is_inside(self, at_s: float) -> bool:
        """Whether they truly were inside then."""
        left_s = math.inf if self.left_s is None else self.left_s
        return self.entered_s is not None and self.entered_s <= at_s < left_s


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedDay:
    """What happened: each one's stay in the order of coming, and when counters were open."""

    plan: DayPlan
    stays: tuple[Stay, ...]
    open: dict[str, tuple[Span, ...]]

    def truly_inside(self, at_s: float) -> int:
        """How many people were inside, seen or not."""
        return sum(stay.is_inside(at_s) for stay in self.stays)


def play_day(plan: DayPlan, house: House) -> PlayedDay:
    """Play the day to its end, when the last one has left."""
    return _DayRun(plan, house).play()


def call_order(
    waiting: Iterable[Visitor], overtaken: dict[int, int] | None = None
) -> list[Visitor]:
    """Those who wait in the order of being called if nobody came any more.

    Priority first, except before whoever was overtaken so often that they may not be again.
    """
    times = overtaken or {}
    in_order = sorted(waiting, key=lambda one: one.number)
    bound = [one for one in in_order if times.get(one.number, 0) >= MOST_OVERTAKES]
    last_bound = bound[-1].number if bound else 0
    before = [one for one in in_order if one.number <= last_bound]
    after = [one for one in in_order if one.number > last_bound]
    return [*before, *sorted(after, key=lambda one: (not one.is_priority, one.number))]


class PlainHouse:
    """Lets everybody in, and calls by arrival with bounded priority; keeps who waits in memory."""

    def __init__(self) -> None:
        self.waiting: dict[int, Visitor] = {}
        self.busy: dict[str, tuple[Visitor, float]] = {}
        self.overtaken: dict[int, int] = {}

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        """Everybody; who slips past the gate has no ticket and is with somebody else."""
        if visitor.entry_is_seen:
            self.waiting[visitor.number] = visitor
        return True

    def call_next(self, counter: PlannedCounter, at_s: float) -> Visitor | None:
        """The first in ``call_order`` whom the counter takes."""
        line = call_order(
            (one for one in self.waiting.values() if one.service in counter.services),
            self.overtaken,
        )
        if not line:
            return None
        called = line[0]
        if called.is_priority:
            for one in line:
                if one.number < called.number:
                    self.overtaken[one.number] = self.overtaken.get(one.number, 0) + 1
        del self.waiting[called.number]
        self.busy[counter.name] = (called, at_s)
        return called

    def arrived(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None: ...

    def done(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        del self.busy[counter.name]

    def missed(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        del self.busy[counter.name]

    def leave(self, visitor: Visitor, at_s: float) -> None:
        self.waiting.pop(visitor.number, None)


class _DayRun:
    def __init__(self, plan: DayPlan, house: House) -> None:
        self._plan = plan
        self._house = house
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._now_s = 0.0
        self._idle: dict[str, PlannedCounter] = {}
        self._stays = {one.number: Stay(visitor=one) for one in plan.visitors}
        self._outside: deque[Visitor] = deque()
        self._working: set[str] = set()
        self._last_done: dict[str, float] = {}

    def play(self) -> PlayedDay:
        for visitor in self._plan.visitors:
            self._at(visitor.comes_s, partial(self._comes, visitor))
        for counter in self._plan.counters:
            for span in counter.open:
                self._at(span.from_s, partial(self._opens, counter))
        while self._events:
            self._now_s, _, act = heapq.heappop(self._events)
            act()
        return PlayedDay(
            plan=self._plan,
            stays=tuple(self._stays.values()),
            open={one.name: self._was_open(one) for one in self._plan.counters},
        )

    def _at(self, at_s: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at_s, next(self._order), act))

    # People

    def _comes(self, visitor: Visitor, *, is_first: bool = False) -> None:
        """Whoever is not let in waits outside; who stood ``is_first`` there is so again."""
        if not self._house.enter(visitor, self._now_s):
            (self._outside.appendleft if is_first else self._outside.append)(visitor)
            return
        stay = self._stays[visitor.number]
        stay.entered_s = self._now_s
        if not visitor.entry_is_seen:
            alone_s = visitor.walking_s + 3 * visitor.serving_s + visitor.leaving_s
            self._at(self._now_s + alone_s, lambda: self._leaves(stay))
            return
        if visitor.gives_up_s < math.inf:
            self._at(self._now_s + visitor.gives_up_s, lambda: self._gives_up(stay))
        self._call_the_idle(visitor.service)

    def _gives_up(self, stay: Stay) -> None:
        if stay.called_s is None:
            self._leaves(stay)

    def _leaves(self, stay: Stay) -> None:
        stay.left_s = self._now_s
        self._house.leave(stay.visitor, self._now_s)
        if self._outside:
            self._comes(self._outside.popleft(), is_first=True)

    # Counters

    def _opens(self, counter: PlannedCounter) -> None:
        if counter.name not in self._working:
            self._is_free(counter)

    def _is_free(self, counter: PlannedCounter) -> None:
        self._idle.pop(counter.name, None)
        self._working.discard(counter.name)
        if not counter.is_open(self._now_s):
            return
        self._working.add(counter.name)
        goes_on_s = counter.pause_end_s(self._now_s)
        if goes_on_s > self._now_s:
            self._at(goes_on_s, lambda: self._is_free(counter))
            return
        visitor = self._house.call_next(counter, self._now_s)
        if visitor is None:
            self._idle[counter.name] = counter
            return
        self._called(counter, self._stays[visitor.number])

    def _call_the_idle(self, service: str) -> None:
        for counter in list(self._idle.values()):
            if service in counter.services:
                self._is_free(counter)

    def _called(self, counter: PlannedCounter, stay: Stay) -> None:
        visitor, now_s = stay.visitor, self._now_s
        stay.called_s, stay.counter = now_s, counter.name
        if visitor.misses_call or stay.left_s is not None:
            self._at(now_s + CALL_UNANSWERED_S, lambda: self._missed(counter, stay))
            return
        stay.arrived_s = now_s + visitor.walking_s
        served_s = stay.arrived_s + visitor.serving_s * counter.pace
        self._at(stay.arrived_s, lambda: self._house.arrived(counter, visitor, self._now_s))
        self._at(served_s, lambda: self._done(counter, stay))

    def _done(self, counter: PlannedCounter, stay: Stay) -> None:
        stay.done_s = self._now_s
        self._house.done(counter, stay.visitor, self._now_s)
        self._at(self._now_s + stay.visitor.leaving_s, lambda: self._leaves(stay))
        self._turns(counter, stay.visitor)

    def _missed(self, counter: PlannedCounter, stay: Stay) -> None:
        stay.missed_s = self._now_s
        self._house.missed(counter, stay.visitor, self._now_s)
        if stay.left_s is None:
            self._leaves(stay)
        self._turns(counter, stay.visitor)

    def _turns(self, counter: PlannedCounter, visitor: Visitor) -> None:
        self._last_done[counter.name] = self._now_s
        self._at(self._now_s + visitor.turning_s, lambda: self._is_free(counter))

    def _was_open(self, counter: PlannedCounter) -> tuple[Span, ...]:
        closed_s = max(self._plan.habits.closes_s, self._last_done.get(counter.name, 0.0))
        return tuple(_ended(counter.open, closed_s))


def _ended(spans: Sequence[Span], closed_s: float) -> list[Span]:
    return [Span(span.from_s, min(span.to_s, closed_s)) for span in spans]
