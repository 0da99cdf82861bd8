"""What is told now about waiting: worked out once for everybody who shows it.

A thread of its own looks at the queue after each row, a second apart at most, and every few seconds
without one. Pages and interfaces read the newest result from memory, so the same ticket is told
the same everywhere, and however many look, nobody waits for it and nothing is worked out twice.
Once a day, and at the start, it learns from the past days of the record, then goes through them
again a day at a time to see how often what was told held.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.figures.line_waits import WINDOW_S, until_called_in
from screening.figures.past_days import midnight, past_days, step_times
from screening.figures.told_waits import HeldWaits, ToldTicket, held_waits, tell_again
from screening.figures.waits import (
    Correction,
    CounterNow,
    Forecast,
    Interval,
    LearntWaits,
    PastDay,
    StepTimes,
    WaitEstimate,
)
from screening.loop import Loop, Trouble
from screening.office.counters import Counter
from screening.office.facts import OfficeFacts
from screening.office.services import Channel
from screening.queue.book import QueueBook
from screening.queue.policy import call_order
from screening.queue.queue import QueueView
from screening.queue.tickets import Ticket
from screening.waiting_room.line import LineBook, LineView, PlaceState, ReceiptKey

READ_DAYS = 35
"""Calendar days that are read back: five weeks hold a month of working days."""

ENOUGH_TICKETS, LEAST_READ_DAYS = 20_000, 10
"""Of an office with many visitors fewer days say as much; each weekday is among them."""

LEARNT_DAYS = 24
"""So many days on which somebody was served are learnt from."""

SHORTEST_INTERVAL_S = 1.0
"""More often nobody reads a time that is told in minutes."""

LONGEST_INTERVAL_S = 15.0
"""Times pass, and other processes write, also without a row of this one."""

TODAY_EVERY_S = 60.0
"""Today's finished steps, of which the pace is, are read again after this time."""

OLD_AFTER_S = 120.0
"""What was worked out so long ago is told no more: the record does not answer."""

AT_MOST_OF_THE_TIME = 0.1
"""The share of one processor that a large queue may keep busy."""

CLOSING_S = 2.0

NO_VISIT = frozenset({Channel.ONLINE_ONLY, Channel.CLOSED})
"""Nobody comes for such a service."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedWaits:
    """What is told at a moment.

    ``tickets`` are by visit, of those who wait to be called, whose numbers are ``labels``.
    ``newcomers`` are for who would come now, by the service they come for, ``anybody`` whatever
    they come for. All are empty, and that is None, where the office has no counter, or nothing was
    learnt yet. ``outside`` are by receipt, of those in the line outside, until they are called in;
    ``newcomer_outside`` is for who would come now, None while there is room. ``version`` grows
    whenever anything else is told than before.
    """

    at: datetime
    tickets: Mapping[int, WaitEstimate] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)
    newcomers: Mapping[str, WaitEstimate] = field(default_factory=dict)
    anybody: WaitEstimate | None = None
    outside: Mapping[ReceiptKey, Interval] = field(default_factory=dict)
    newcomer_outside: Interval | None = None
    version: int = 0

    def moments(self, visit_id: int) -> tuple[datetime, datetime] | None:
        """Between which whole minutes (aware UTC) the call of this visit's ticket is expected.

        None for who does not wait, and where no time can be told.
        """
        return self.moments_of(self.tickets.get(visit_id))

    def moments_of(self, wait: WaitEstimate | None) -> tuple[datetime, datetime] | None:
        """The same of one of these waits."""
        if not isinstance(wait, Interval):
            return None
        low, high = wait.minutes
        began = _whole_minute(self.at)
        return began + timedelta(minutes=low), began + timedelta(minutes=high)

    def of_label(self, label: str | None) -> WaitEstimate | None:
        """How long whoever has this number waits; None for a number that does not wait."""
        visit_id = self.labels.get(label or "")
        return None if visit_id is None else self.tickets[visit_id]


@dataclass(slots=True)
class _Today:
    """What is remembered of a day: when counters were done with the last one, and since when each
    is open or closed."""

    day: date
    began: datetime
    steps: tuple[StepTimes, ...] = ()
    read_s: float = -math.inf
    ended_s: dict[str, float] = field(default_factory=dict)
    switched_s: dict[str, float] = field(default_factory=dict)
    is_open: dict[str, bool] = field(default_factory=dict)
    busy: frozenset[str] = frozenset()


class LiveWaits:
    """Works out ``ExpectedWaits`` and keeps the newest; safe to use from any thread."""

    def __init__(
        self,
        queue: QueueBook,
        facts: Callable[[], OfficeFacts],
        clock: Clock,
        zone: ZoneInfo,
        line: LineBook | None = None,
    ) -> None:
        self._queue = queue
        self._line = line
        self._left: tuple[float, list[datetime]] = (-math.inf, [])
        self._facts = facts
        self._clock = clock
        self._zone = zone
        self._lock = threading.Lock()
        self._loop = Loop(
            "live-waits",
            self._look,
            trouble=Trouble(
                _log,
                "how long people wait cannot be worked out",
                over="how long people wait can be worked out again",
            ),
            every_s=LONGEST_INTERVAL_S,
        )
        self._newest: ExpectedWaits | None = None
        self._worked_s = -math.inf
        self._key: object = None
        self._learnt: LearntWaits | None = None
        self._learnt_on: date | None = None
        self._correction = Correction()
        self._again: Iterator[list[ToldTicket]] = iter(())
        self._told: list[ToldTicket] = []
        self._held: tuple[HeldWaits, ...] = ()
        self._today: _Today | None = None

    def current(self) -> ExpectedWaits:
        """What is told now; nothing where it is not known, or not any more.

        Once started it is told from memory and never waits; until then it is worked out. Raises
        RecordError only before it is started.
        """
        if not self._loop.is_started:
            return self.refresh()
        newest = self._newest
        if newest is None or self._clock.monotonic_s() - self._worked_s > OLD_AFTER_S:
            return ExpectedWaits(at=self._clock.now())
        return newest

    @property
    def version(self) -> int:
        """It grows whenever anything else is told than before."""
        return -1 if self._newest is None else self._newest.version

    @property
    def held(self) -> tuple[HeldWaits, ...]:
        """How often what was told held, by week and service; empty until that is known."""
        return self._held

    def touch(self) -> None:
        """Something was written or changed: look again soon. Never waits."""
        self._loop.wake()

    def refresh(self) -> ExpectedWaits:
        """Learn if it is time, and work out what is told now. Raises RecordError."""
        with self._lock:
            self._learn_if_due()
            return self._work_out()

    def catch_up(self) -> bool:
        """Go through one more past day again; False when all are done."""
        with self._lock:
            told = next(self._again, None)
            if told is None:
                return False
            self._told += told
            self._correction = Correction.of([one.told for one in self._told])
            self._held = tuple(held_waits(self._told))
            return True

    def start(self) -> None:
        """Begin to watch the queue."""
        self._loop.start()

    def close(self) -> None:
        """Stop watching."""
        self._loop.close(CLOSING_S)

    def _learn_if_due(self) -> None:
        day = self._clock.now().astimezone(self._zone).date()
        if self._learnt_on == day:
            return
        days = days_before(day, self._queue, self._facts(), self._zone)
        self._learnt, self._learnt_on = LearntWaits.of(days), day
        self._told, self._held, self._correction = [], (), Correction()
        self._again = tell_again(days, services_of(self._facts()))

    def _work_out(self) -> ExpectedWaits:
        facts, now = self._facts(), self._clock.now()
        view = self._queue.view(at=now)
        line = None if self._line is None else self._line.glance(at=now)
        key = (facts.version, now, view, line, self._learnt_on, self._correction)
        if self._newest is not None and key == self._key:
            return self._newest
        found = self._with_outside(self._expected(facts, view, now), line)
        before = self._newest
        if before is not None:
            is_same = _told(before) == _told(found)
            found = replace(found, version=before.version + (not is_same))
        self._key, self._newest, self._worked_s = key, found, self._clock.monotonic_s()
        return found

    def _expected(self, facts: OfficeFacts, view: QueueView, now: datetime) -> ExpectedWaits:
        if not view.counters or self._learnt is None:
            return ExpectedWaits(at=now)
        today = self._look_at_today(view, now)
        at_s = (now - today.began).total_seconds()
        line = call_order(view.waiting, most_overtakes=facts.queue_overtakes)
        first_steps = {
            code: service.steps[0] if service.steps else code
            for code, service in facts.services.items()
            if service.channel not in NO_VISIT
        }
        found = self._learnt.forecast(
            [ticket.service for ticket in line],
            self._counters(facts, view, today, at_s),
            at_s=at_s,
            pace=self._learnt.pace([one for one in today.steps if one.ended_s <= at_s]),
            newcomers=sorted({*first_steps.values()}),
            correction=self._correction,
        )
        return ExpectedWaits(
            at=now,
            tickets=_by_visit(line, found),
            labels={ticket.label: ticket.visit_id for ticket in line},
            newcomers={code: found.newcomers[first] for code, first in first_steps.items()},
            anybody=found.anybody,
        )

    def _with_outside(self, found: ExpectedWaits, view: LineView | None) -> ExpectedWaits:
        """The same with those outside; whoever left is read again now and then while somebody is
        there."""
        if self._line is None or view is None:
            return found
        waiting = [one for one in view.places if one.state(view.at) is PlaceState.WAITING]
        newcomer = view.places_until(None)
        if not waiting and not newcomer:
            return found
        now_s = self._clock.monotonic_s()
        if now_s - self._left[0] >= LONGEST_INTERVAL_S:
            since = found.at - timedelta(seconds=2 * WINDOW_S)
            self._left = (now_s, self._line.left(since=since))
        at_s = found.at.timestamp()
        left_s = [one.timestamp() for one in self._left[1]]

        def told(places: int) -> Interval | None:
            return until_called_in(places, left_s, at_s=at_s)

        outside = {one.receipt: told(view.places_until(one)) for one in waiting}
        return replace(
            found,
            outside={key: wait for key, wait in outside.items() if wait is not None},
            newcomer_outside=told(newcomer) if newcomer else None,
        )

    def _counters(
        self, facts: OfficeFacts, view: QueueView, today: _Today, at_s: float
    ) -> list[CounterNow]:
        every = frozenset(facts.services) | {ticket.service for ticket in view.waiting} | {""}
        return [
            self._counter(counter, ticket, every, today, at_s) for counter, ticket in view.counters
        ]

    def _counter(
        self,
        counter: Counter,
        ticket: Ticket | None,
        every: frozenset[str],
        today: _Today,
        at_s: float,
    ) -> CounterNow:
        """A clock that was set back makes nothing later than now."""
        name, began = counter.name, today.began
        since_s = min(today.switched_s.get(name, 0.0), at_s)
        called = None if ticket is None else ticket.called_at
        called_s = at_s if called is None else min(at_s, (called - began).total_seconds())
        ended_s = today.ended_s.get(name, -math.inf)
        return CounterNow(
            name=name,
            services=frozenset(counter.services) | {""} if counter.services else every,
            is_open=counter.is_open and not self._is_early(name, ticket, today, at_s),
            since_s=since_s,
            busy_with=None if ticket is None else ticket.service,
            called_s=called_s,
            ended_s=min(ended_s, at_s),
        )

    def _is_early(self, name: str, ticket: Ticket | None, today: _Today, at_s: float) -> bool:
        """Whether it was only left open over night, and nobody has begun there today."""
        has_begun = ticket is not None or name in today.ended_s or name in today.switched_s
        learnt = self._learnt
        return not has_begun and learnt is not None and at_s < learnt.opens_s(name)

    def _look_at_today(self, view: QueueView, now: datetime) -> _Today:
        began, now_s = start_of_day(now, self._zone), self._clock.monotonic_s()
        today = self._today
        if today is None or today.began != began:
            today = _Today(day=now.astimezone(self._zone).date(), began=began)
            for one in self._queue.switches(since=began):
                today.switched_s[one.counter] = (one.at - began).total_seconds()
            self._today = today
        at_s = (now - began).total_seconds()
        if now_s - today.read_s >= TODAY_EVERY_S:
            today.steps = step_times(self._queue.finished(since=began), began)
            today.read_s = now_s
            for step in today.steps:
                known_s = today.ended_s.get(step.counter, -math.inf)
                today.ended_s[step.counter] = max(known_s, step.ended_s)
        busy = frozenset(one.name for one, ticket in view.counters if ticket is not None)
        today.ended_s |= dict.fromkeys(today.busy - busy, at_s)
        today.busy = busy
        is_open = {one.name: one.is_open for one, _ in view.counters}
        for name, now_open in is_open.items():
            if today.is_open.get(name, now_open) != now_open:
                today.switched_s[name] = at_s
        today.is_open = is_open
        return today

    def _look(self) -> None:
        began_s = self._clock.monotonic_s()
        try:
            self.refresh()
            if self.catch_up():
                self._loop.wake()
        finally:
            took_s = self._clock.monotonic_s() - began_s
            rest_s = min(took_s / AT_MOST_OF_THE_TIME, LONGEST_INTERVAL_S)
            self._loop.rest(max(SHORTEST_INTERVAL_S, rest_s))


def days_before(day: date, queue: QueueBook, facts: OfficeFacts, zone: ZoneInfo) -> list[PastDay]:
    """The newest past days of the record that are learnt from. Raises RecordError."""
    since = midnight(day - timedelta(days=READ_DAYS), zone)
    enough = queue.ended_since(ENOUGH_TICKETS)
    if enough is not None:
        whole = enough.astimezone(zone).date() + timedelta(days=1)
        since = max(since, midnight(min(whole, day - timedelta(days=LEAST_READ_DAYS)), zone))
    found = past_days(
        queue.finished(since=since),
        queue.switches(since=since),
        {name: counter.is_open for name, counter in facts.counters.items()},
        before=day,
        zone=zone,
    )
    return found[-LEARNT_DAYS:]


def services_of(facts: OfficeFacts) -> dict[str, frozenset[str]]:
    """Which services each counter takes, by its name."""
    return {
        name: frozenset(counter.services or facts.services)
        for name, counter in facts.counters.items()
    }


def _by_visit(line: list[Ticket], found: Forecast) -> dict[int, WaitEstimate]:
    return {ticket.visit_id: wait for ticket, wait in zip(line, found.line, strict=True)}


def _told(waits: ExpectedWaits) -> tuple[object, ...]:
    """What of it anybody sees."""

    def told(wait: WaitEstimate | None) -> object:
        return wait.minutes if isinstance(wait, Interval) else wait

    return (
        _whole_minute(waits.at) if waits.tickets else None,
        {visit_id: told(wait) for visit_id, wait in waits.tickets.items()},
        {service: told(wait) for service, wait in waits.newcomers.items()},
        told(waits.anybody),
        {receipt: told(wait) for receipt, wait in waits.outside.items()},
        told(waits.newcomer_outside),
    )


def _whole_minute(at: datetime) -> datetime:
    """The nearest one."""
    return (at + timedelta(seconds=30)).replace(second=0, microsecond=0)
