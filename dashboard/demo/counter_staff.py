"""Works at the demonstration's counters as officers would, and sees out whoever is done.

It acts on what the queue shows, whoever brought it there: a person at a browser may call, park or
close at any counter. ``YOURS`` is left alone, so that somebody can try it.
"""

from __future__ import annotations

import heapq
import logging
import random
import threading
from datetime import datetime
from typing import Protocol

from dashboard.bootstrap import RunningOffice
from dashboard.demo.papers import OPERATOR
from screening.errors import ScreeningError
from screening.office.changes import with_counter
from screening.office.counters import Counter
from screening.queue.queue import Order, QueueView
from screening.queue.tickets import Act, Ticket, TicketState

PLAYED = ("1", "2")
YOURS = "3"

COUNTERS = {
    "1": {"services": "all", "place": "Loket 1"},
    "2": {"services": "KTP,KK,AKTA", "place": "Loket 2"},
    YOURS: {"services": "all", "place": "Loket 3"},
}

SERVED_EVERY = 3
"""While the room fills, somebody is called for every third admission."""

WALK_S = 6.0
"""From the call until the visitor stands there, or is called again."""

SERVE_S = 20.0
HURRIED_S = 6.0
"""At the counter: while the room fills, and while it is emptied."""

LEAVING_S = 4.0
"""From the counter to the door."""

MISSED_S = 40.0
"""Whoever did not hear the call asks an officer after so long."""

MISSES = 0.12
"""The share of those who do not come when they are called."""

LEAST_S = 0.5
LOOK_S = 0.25

_log = logging.getLogger(__name__)


class Door(Protocol):
    """What the staff know of the entrance."""

    @property
    def admitted(self) -> int:
        """How many were let in so far."""

    @property
    def is_emptying(self) -> bool:
        """Whether people were turned away, so that it is time to hurry."""

    def see_out(self, ticket: Ticket) -> None:
        """Whose ticket this is goes out of the door."""


def add_counters(running: RunningOffice) -> None:
    """The counters, on first use of the folder."""
    facts = running.record.facts
    for name, values in COUNTERS.items():
        if name not in facts.current().counters:
            facts.change(with_counter(name, values), operator=OPERATOR, at=running.clock.now())


class CounterStaff:
    """Plays the counters in a thread of its own until closed, ``speed`` times as fast."""

    def __init__(
        self,
        running: RunningOffice,
        door: Door,
        *,
        speed: float,
        chance: random.Random,
        closing: threading.Event | None = None,
    ) -> None:
        self._running = running
        self._door = door
        self._speed = speed
        self._chance = chance
        self._called = 0
        self._absent: set[str] = set()
        self._heard: set[str] = set()
        self._seen: dict[int, Ticket] = {}
        self._leaving: list[tuple[float, int, Ticket]] = []
        self._closing = closing or threading.Event()
        self._working = threading.Lock()
        self._is_paused = False
        self._thread = threading.Thread(target=self._play, name="counter-staff", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """Everybody goes home."""
        self._closing.set()
        self._thread.join()

    def pause(self) -> None:
        """Nobody is called any more; returns once nothing is under way."""
        self._is_paused = True
        with self._working:
            pass

    def resume(self) -> None:
        """Work goes on; whoever was inside has left meanwhile."""
        with self._working:
            self._seen = {}
            self._leaving = []
        self._is_paused = False

    def look(self) -> None:
        """Do what is due, unless paused. Raises ScreeningError."""
        with self._working:
            if not self._is_paused:
                self._look()

    def _look(self) -> None:
        now = self._running.clock.now()
        view = self._running.record.queue.view(at=now)
        self._notice_who_is_done(view)
        for counter, ticket in view.counters:
            if counter.name in PLAYED:
                self._work(counter, ticket, now)
        for ticket in view.missed:
            if self._is_over(ticket.state_since, MISSED_S, now):
                self._act(Act.TAKE_BACK, PLAYED[0], now, ticket=ticket.label)
        while self._leaving and self._leaving[0][0] <= self._running.clock.monotonic_s():
            self._door.see_out(heapq.heappop(self._leaving)[2])

    def _play(self) -> None:
        while not self._closing.wait(LOOK_S):
            try:
                self.look()
            except ScreeningError as error:
                _log.info("demonstration: %s", error)
            except Exception:  # noqa: BLE001 (supervisor: whatever it was, the show goes on)
                _log.exception("demonstration: this call came to nothing, the next one comes")

    def _notice_who_is_done(self, view: QueueView) -> None:
        """Who was at any counter and is in the queue no more has been served."""
        everybody = (*view.called, *view.waiting, *view.parked, *view.missed)
        here = {ticket.visit_id for ticket in everybody}
        due_s = self._running.clock.monotonic_s() + self._scaled(LEAVING_S)
        for visit_id, ticket in self._seen.items():
            if visit_id not in here:
                heapq.heappush(self._leaving, (due_s, visit_id, ticket))
        self._seen = {ticket.visit_id: ticket for ticket in view.called}

    def _work(self, counter: Counter, ticket: Ticket | None, now: datetime) -> None:
        if ticket is None:
            if counter.is_open:
                self._call(counter, now)
        elif ticket.state is TicketState.SERVING:
            serve_s = HURRIED_S if self._door.is_emptying else SERVE_S
            if self._is_over(ticket.state_since, serve_s, now):
                self._act(Act.DONE, counter.name, now)
        elif self._is_over(ticket.recalled_at or ticket.state_since, WALK_S, now):
            self._act(self._after_the_walk(ticket), counter.name, now)

    def _call(self, counter: Counter, now: datetime) -> None:
        due = self._door.admitted // SERVED_EVERY
        is_due = self._door.is_emptying or self._called < due
        if is_due and self._act(Act.CALL_NEXT, counter.name, now):
            self._called = min(self._called + 1, due)

    def _after_the_walk(self, ticket: Ticket) -> Act:
        if ticket.label not in self._heard:
            self._heard.add(ticket.label)
            if self._chance.random() < MISSES:
                self._absent.add(ticket.label)
        if ticket.label not in self._absent:
            return Act.ARRIVED
        if ticket.calls == 1:
            return Act.RECALL
        self._absent.remove(ticket.label)  # next time they listen
        return Act.MISSED

    def _act(self, act: Act, counter: str, now: datetime, *, ticket: str | None = None) -> bool:
        """Whether it was done: not where nobody waits or somebody at a browser was quicker."""
        order = Order(act=act, counter=counter, by=OPERATOR, ticket=ticket)
        return isinstance(self._running.record.queue.act(order, at=now), Ticket)

    def _is_over(self, began: datetime, seconds: float, now: datetime) -> bool:
        return (now - began).total_seconds() >= self._scaled(seconds)

    def _scaled(self, seconds: float) -> float:
        return max(LEAST_S, seconds / self._speed)
