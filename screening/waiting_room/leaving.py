"""Who has left without being seen to: whose visit ends, who is asked about, how sure the number is.

A visit whose ticket is done at the last step ends after the time to walk out. One that lasts longer
than others ends as *estimated*: in everyday mode by itself, in an outbreak once a guard says so.
Neither happens while the ticket waits, walks, is served or is parked. Where an office has no
counter nobody is ever called, so there a waiting ticket holds nobody inside.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.errors import OutcomeUnknown, RecordError
from screening.figures.occupancy import (
    EndedVisit,
    LearntStays,
    OpenVisit,
    occupancy,
    probably_over,
)
from screening.loop import Loop, Trouble
from screening.office.facts import Mode, OfficeFacts
from screening.queue.tickets import Ticket, TicketState
from screening.visits import HeadCount, Visit

LOOK_S = 10.0
"""A place is given back at most so long after the visitor is taken to be out."""

LEARNT_DAYS = 28
"""Stays of the last four weeks: each weekday counts, and a new habit is soon learnt."""

LEAST_STAYS_ON = 0.5
"""Where the counters at the doors saw more people leave than the rows know, a visit is one of those
once fewer of the past stays were longer."""

MOST_LEFT = 4
"""A wrong exit is seen soon; the list is of the last ones only."""

MOST_ASKED = 8
"""A guard looks at a short list only; the others follow once these are answered."""

_EXPECTED = frozenset(
    {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED}
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideVisit:
    """A visit that goes on. ``is_expected``: somebody at a counter will call, or serves.

    ``over_at`` is when its ticket was done or missed, None before. ``here_at`` is when a person
    said last that its holder is here.
    """

    visit_id: int
    service: str
    entered_at: datetime
    is_expected: bool
    over_at: datetime | None = None
    is_done: bool = False
    here_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVisit:
    """A visit as a guard knows it; ``name`` is the shortened one, ``left_at`` None while it goes
    on."""

    visit_id: int
    attempt_id: str
    label: str
    name: str | None
    entered_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNow:
    """What the record knows of leaving. ``concluded`` have ended lately without being seen to.

    ``crossings`` are people whom counters at the doors saw go in and out today.
    """

    visits: tuple[InsideVisit, ...] = ()
    concluded: tuple[InsideVisit, ...] = ()
    ended: tuple[EndedVisit, ...] = ()
    occupancy: int = 0
    counted: HeadCount | None = None
    crossings: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class EndedVisits:
    """Ended visits of past days, by service, and exits of people whom nobody saw come in."""

    days: tuple[Mapping[str, Sequence[EndedVisit]], ...] = ()
    unmatched_exits: int = 0


class LeavingBook(Protocol):
    """Where exits that nobody saw are kept. Any method may raise RecordError."""

    def room(self, *, at: datetime) -> RoomNow: ...

    def ended(self, *, since: datetime, until: datetime, every: int = 1) -> EndedVisits: ...

    def asked(self, visit_ids: Collection[int]) -> list[KnownVisit]:
        """Those of these visits that go on, first entered first."""

    def left_lately(self, *, at: datetime, limit: int) -> list[KnownVisit]:
        """Visits of today that ended and can be put back as far as is known, newest end first."""

    def see_out(self, *, at: datetime) -> list[Visit]:
        """End the visits that are done at the last counter and have had time to walk out."""

    def estimate(
        self, visit_ids: Collection[int], *, at: datetime, operator: str | None = None
    ) -> list[Visit]:
        """End those of these visits that go on and whom no counter expects.

        In an outbreak only where ``operator`` says so.
        """

    def still_here(self, visit_id: int, *, operator: str, at: datetime) -> bool:
        """Somebody saw the visitor; False where that visit does not go on."""

    def put_back(self, attempt_id: str, *, operator: str, at: datetime) -> Visit | None:
        """That visit had not ended: its seat is its own again if it is free.

        None where it goes on, came on an earlier day, was annulled, or the holder came in again.
        """

    def count_heads(
        self,
        people: int,
        *,
        learnt: LearntStays,
        gate: str | None = None,
        operator: str,
        at: datetime,
    ) -> HeadCount:
        """So many people are inside. Fewer than the rows say: in everyday mode the visits most
        likely over end, as far as no counter expects them; the rest is taken off the number."""

    def undo_count(self, *, operator: str, at: datetime) -> bool:
        """The newest head count of the day was wrong; False where there is none."""

    def crossed(self, gate: str, *, entered: int, left: int, at: datetime) -> None:
        """A counter at a gate saw so many people go in and out."""


def is_expected(ticket: Ticket, facts: OfficeFacts) -> bool:
    """Whether somebody at a counter will call the visitor, or serves."""
    return ticket.is_at_a_counter or (bool(facts.counters) and ticket.state in _EXPECTED)


def inside_visits(
    tickets: Iterable[Ticket], here: Mapping[int, datetime], facts: OfficeFacts
) -> tuple[InsideVisit, ...]:
    """The visits of these tickets, as far as leaving concerns them."""
    return tuple(_inside(ticket, here.get(ticket.visit_id), facts) for ticket in tickets)


def walked_out(
    visits: Iterable[InsideVisit], minutes: int | None, *, at: datetime
) -> frozenset[int]:
    """The visits that are done and have had ``minutes`` to walk out; none where it is None."""
    if minutes is None:
        return frozenset()
    walked = timedelta(minutes=minutes)
    return frozenset(
        one.visit_id
        for one in visits
        if one.is_done
        and one.over_at is not None
        and at - max(one.over_at, one.here_at or one.over_at) >= walked
    )


@dataclass(frozen=True, slots=True)
class Learnt:
    """How long people stay, and of each service that enough people came for."""

    stays: LearntStays = field(default_factory=LearntStays)
    by_service: Mapping[str, LearntStays] = field(default_factory=dict)

    @classmethod
    def of(cls, ended: EndedVisits) -> Learnt:
        """From past days."""
        everybody = [[one for visits in day.values() for one in visits] for day in ended.days]
        by_service: defaultdict[str, list[Sequence[EndedVisit]]] = defaultdict(list)
        for day in ended.days:
            for service, visits in day.items():
                by_service[service].append(visits)
        of_each = {
            service: LearntStays.of(days, unmatched_exits=0) for service, days in by_service.items()
        }
        return cls(
            LearntStays.of(everybody, unmatched_exits=ended.unmatched_exits),
            {service: one for service, one in of_each.items() if one.is_enough},
        )

    def over(self, room: RoomNow, facts: OfficeFacts, zone: ZoneInfo, *, at: datetime) -> list[int]:
        """The visits whose holders have probably left, first entered first.

        By the stays of their service, else by all stays, else by the office's longest stay.
        """
        at_s = _seconds(at, zone, at)
        counted_s = _counted_s(room, zone, at)
        over: list[int] = []
        if not self.stays.is_enough:
            over = [one.visit_id for one in room.visits if _is_too_long(one, facts, at)]
        else:
            by_service: defaultdict[str, list[InsideVisit]] = defaultdict(list)
            for one in room.visits:
                by_service[one.service if one.service in self.by_service else ""].append(one)
            for service, visits in by_service.items():
                over += probably_over(
                    self.by_service.get(service, self.stays),
                    [_open(one, zone, at) for one in visits],
                    at_s=at_s,
                    counted_s=counted_s,
                    ended=room.ended,
                )
        came = {one.visit_id: one.entered_at for one in room.visits}
        return sorted(over, key=lambda visit_id: (came[visit_id], visit_id))

    def gone_by_the_doors(
        self, room: RoomNow, people: int, zone: ZoneInfo, *, at: datetime
    ) -> list[int]:
        """At most so many visits whose exits only the counters at the doors saw, longest over
        first: those that last longer than most did. None of whom a counter expects."""
        if people <= 0 or not self.stays.is_enough:
            return []
        at_s, counted_s = _seconds(at, zone, at), _counted_s(room, zone, at)
        unseen = replace(self.stays, forgotten=1.0)  # how likely if nobody's exit were seen
        gone = [
            one
            for one in room.visits
            if not one.is_expected
            and unseen.inside(_open(one, zone, at), at_s=at_s, counted_s=counted_s) < LEAST_STAYS_ON
        ]
        gone.sort(key=lambda one: (one.over_at or one.entered_at, one.visit_id))
        return [one.visit_id for one in gone[:people]]

    def give_or_take(self, room: RoomNow, zone: ZoneInfo, *, at: datetime) -> int | None:
        """How far off the number inside may be, in nine of ten cases; None where nobody knows."""
        if not self.stays.is_enough:
            return None
        at_s = _seconds(at, zone, at)
        counted_s = _counted_s(room, zone, at)
        visits = [_open(one, zone, at) for one in room.visits]
        extra = 0 if room.counted is None else room.counted.extra
        if extra > 0:
            visits += [OpenVisit(visit_id=-1, entered_s=counted_s) for _ in range(extra)]
        elif extra < 0:
            visits.sort(key=lambda one: self.stays.inside(one, at_s=at_s, counted_s=counted_s))
            visits = visits[-extra:]
        return occupancy(
            self.stays,
            visits,
            at_s=at_s,
            counted_s=counted_s,
            ended=room.ended,
            concluded=[_open(one, zone, at) for one in room.concluded],
        ).give_or_take


class LeavingWatch:
    """Ends visits whose holders have left unseen, and knows how sure the number inside is.

    In a thread of its own, every ten seconds. ``counts_every_door``: each gate has a counter of
    people; then what they saw and the rows may not differ by more than is told.
    """

    def __init__(
        self,
        book: LeavingBook,
        clock: Clock,
        zone: ZoneInfo,
        facts: Callable[[], OfficeFacts],
        *,
        counts_every_door: bool = False,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._book = book
        self._clock = clock
        self._zone = zone
        self._facts = facts
        self._counts_every_door = counts_every_door
        self._on_change = on_change
        self._learnt = Learnt()
        self._learnt_on: datetime | None = None
        self._asked: tuple[KnownVisit, ...] = ()
        self._left: tuple[KnownVisit, ...] = ()
        self._give_or_take: int | None = None
        self._missing = 0
        self._looking = threading.Lock()
        self._counting = threading.Lock()
        self._crossings: dict[str, tuple[int, int]] = {}
        self._loop = Loop(
            "leaving",
            self.look,
            trouble=Trouble(_log, "nobody is seen out", over="visitors are seen out again"),
            every_s=LOOK_S,
        )

    @property
    def asked(self) -> tuple[KnownVisit, ...]:
        """Whom a guard is asked about, as of the last look; a memory read."""
        return self._asked

    @property
    def left_lately(self) -> tuple[KnownVisit, ...]:
        """The last exits of the day, newest first, as of the last look; a memory read."""
        return self._left

    @property
    def give_or_take(self) -> int | None:
        """How far off the number inside may be, as of the last look; a memory read."""
        return self._give_or_take

    def ended(self, *, since: datetime, until: datetime, every: int = 1) -> EndedVisits:
        """Ended visits of the days between, by service; or one of ``every`` so many of them.

        Raises RecordError.
        """
        return self._book.ended(since=since, until=until, every=every)

    def has_left(self, visit_id: int, *, operator: str) -> bool:
        """A person says that this visitor is out. False where the visit goes on all the same.

        Raises RecordError.
        """
        found = self._book.estimate([visit_id], at=self._clock.now(), operator=operator)
        self._answered(visit_id)
        return bool(found)

    def still_here(self, visit_id: int, *, operator: str) -> bool:
        """A person sees this visitor. Raises RecordError."""
        found = self._book.still_here(visit_id, operator=operator, at=self._clock.now())
        self._answered(visit_id)
        return found

    def put_back(self, attempt_id: str, *, operator: str) -> Visit | None:
        """That exit was none. Raises RecordError."""
        found = self._book.put_back(attempt_id, operator=operator, at=self._clock.now())
        self._left = tuple(one for one in self._left if one.attempt_id != attempt_id)
        self._loop.wake()
        return found

    def count_heads(self, people: int, *, operator: str, gate: str | None = None) -> HeadCount:
        """So many people are inside. Raises RecordError."""
        count = self._book.count_heads(
            people,
            learnt=self._learnt.stays,
            gate=gate,
            operator=operator,
            at=self._clock.now(),
        )
        self._loop.wake()
        return count

    def undo_count(self, *, operator: str) -> bool:
        """The newest head count was wrong. Raises RecordError."""
        found = self._book.undo_count(operator=operator, at=self._clock.now())
        self._loop.wake()
        return found

    def crossed(self, gate: str, entered: int, left: int) -> None:
        """A counter at a gate saw so many people pass. Never waits: the next look writes it."""
        if not entered and not left:
            return
        with self._counting:
            before = self._crossings.get(gate, (0, 0))
            self._crossings[gate] = (before[0] + entered, before[1] + left)

    def wake(self) -> None:
        """Look soon: somebody has left. Never waits."""
        self._loop.wake()

    def look(self) -> None:
        """End what is over and see how sure the number is. Raises RecordError."""
        with self._looking:
            self._look(self._clock.now())

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def close(self) -> None:
        """Stop."""
        self._loop.close()
        if not self._loop.is_started:
            return
        try:
            self._write_crossings(self._clock.now())
        except RecordError as error:
            _log.warning("the last crossings are not written: %s", error)

    def _look(self, now: datetime) -> None:
        self._learn(now)
        facts = self._facts()
        self._write_crossings(now)
        self._book.see_out(at=now)
        room = self._book.room(at=now)
        over = self._learnt.over(room, facts, self._zone, at=now)
        over += self._gone_by_the_doors(room, over, now)
        asked: tuple[KnownVisit, ...] = ()
        if over and facts.mode is Mode.EVERYDAY:
            self._book.estimate(over, at=now)
            room = self._book.room(at=now)
        elif over:
            asked = tuple(self._book.asked(over[:MOST_ASKED]))
        left = tuple(self._book.left_lately(at=now, limit=MOST_LEFT))
        found = (asked, left, self._sure(room, now))
        if found != (self._asked, self._left, self._give_or_take):
            self._asked, self._left, self._give_or_take = found
            self._on_change()

    def _learn(self, now: datetime) -> None:
        """Once a day: yesterday's stays are known then."""
        today = start_of_day(now, self._zone)
        if self._learnt_on != today:
            since = today - timedelta(days=LEARNT_DAYS)
            self._learnt = Learnt.of(self._book.ended(since=since, until=today))
            self._learnt_on = today

    def _write_crossings(self, now: datetime) -> None:
        """A row a gate; what cannot be written is kept for the next look."""
        for gate in list(self._crossings):
            with self._counting:
                entered, left = self._crossings.pop(gate)
            try:
                self._book.crossed(gate, entered=entered, left=left, at=now)
            except OutcomeUnknown:
                raise  # it may be written: nobody is counted twice
            except RecordError:
                self.crossed(gate, entered, left)
                raise

    def _gone_by_the_doors(self, room: RoomNow, over: Sequence[int], now: datetime) -> list[int]:
        """Visits that end since fewer people are inside by the counters at the doors.

        Only what two looks have found: somebody may stand between a gate and its counter. After a
        head count the day's crossings tell nothing any more.
        """
        entered, left = room.crossings
        tells = self._counts_every_door and room.counted is None and bool(entered or left)
        missing = room.occupancy - (entered - left) if tells else 0
        before, self._missing = self._missing, missing
        known = min(missing, before) - len(over)
        others = replace(room, visits=tuple(one for one in room.visits if one.visit_id not in over))
        return self._learnt.gone_by_the_doors(others, known, self._zone, at=now)

    def _sure(self, room: RoomNow, now: datetime) -> int | None:
        told = self._learnt.give_or_take(room, self._zone, at=now)
        if told is None or not self._counts_every_door:
            return told
        entered, left = room.crossings
        return max(told, abs(room.occupancy - (entered - left)))

    def _answered(self, visit_id: int) -> None:
        self._asked = tuple(one for one in self._asked if one.visit_id != visit_id)
        self._loop.wake()


def _inside(ticket: Ticket, here_at: datetime | None, facts: OfficeFacts) -> InsideVisit:
    expected = is_expected(ticket, facts)
    is_over = ticket.state in (TicketState.DONE, TicketState.MISSED)
    # Whoever came back in waits since then, though the ticket is older.
    waits_alone = ticket.state is TicketState.WAITING and not expected
    return InsideVisit(
        visit_id=ticket.visit_id,
        service=ticket.service,
        entered_at=ticket.state_since if waits_alone else ticket.since,
        is_expected=expected,
        over_at=ticket.state_since if is_over else None,
        is_done=ticket.state is TicketState.DONE,
        here_at=here_at,
    )


def _is_too_long(one: InsideVisit, facts: OfficeFacts, at: datetime) -> bool:
    if one.is_expected or facts.stay_minutes is None:
        return False
    since = max(one.over_at or one.entered_at, one.here_at or one.entered_at)
    return at - since >= timedelta(minutes=facts.stay_minutes)


def _open(one: InsideVisit, zone: ZoneInfo, at: datetime) -> OpenVisit:
    """Whoever was seen here is taken to have begun to stay then."""
    here_at = one.here_at or one.entered_at
    over = None if one.over_at is None else max(one.over_at, here_at)
    return OpenVisit(
        visit_id=one.visit_id,
        entered_s=_seconds(max(one.entered_at, here_at), zone, at),
        is_called_for=one.is_expected,
        over_s=None if over is None else _seconds(over, zone, at),
    )


def _seconds(moment: datetime, zone: ZoneInfo, at: datetime) -> float:
    """Since the midnight before ``at``."""
    return (moment - start_of_day(at, zone)).total_seconds()


def _counted_s(room: RoomNow, zone: ZoneInfo, at: datetime) -> float:
    return float("-inf") if room.counted is None else _seconds(room.counted.at, zone, at)
