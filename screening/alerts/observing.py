"""Looks at the office for the rules: from memory, and in a few short questions to the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from screening.alerts.book import AlertBook
from screening.alerts.rules import GONE_WITHIN, BackupAge, Situation
from screening.alerts.unusual import LOOK_BACK_DAYS, DayCounts
from screening.clock import Clock
from screening.gate.commands import Gates
from screening.office.changes import OfficeBook
from screening.queue.book import QueueBook
from screening.queue.tickets import FinishedStep
from screening.waiting_room.live import LiveRoom

FINISHED_EVERY_S = 30.0
DAYS_EVERY_S = 3600.0
"""Earlier days seldom change: an annulment, a backup that is put back."""


class Observer:
    """Reads nothing twice that changes slowly. ``backup`` is a memory read."""

    def __init__(
        self,
        *,
        facts: OfficeBook,
        room: LiveRoom,
        queue: QueueBook,
        gates: Gates,
        book: AlertBook,
        clock: Clock,
        zone: ZoneInfo,
        machine: str,
        backup: Callable[[datetime], BackupAge | None] = lambda _: None,
    ) -> None:
        self._facts = facts
        self._room = room
        self._queue = queue
        self._gates = gates
        self._book = book
        self._clock = clock
        self._zone = zone
        self._machine = machine
        self._backup = backup
        self._finished: tuple[float, Sequence[FinishedStep]] | None = None
        self._days: tuple[float, date, Sequence[DayCounts]] | None = None

    def look(self) -> Situation:
        """The office now. Raises RecordError."""
        at, facts = self._clock.now(), self._facts.current()
        here = at.astimezone(self._zone)
        today = facts.opening(here.date(), language="id")
        running = {name: self._gates.running(name) for name in self._gates.names()}
        return Situation(
            at=at,
            zone=self._zone,
            facts=facts,
            figures=self._room.current().figures,
            queue=self._queue.view(at=at),
            is_open=today.is_open_at(here.time()),
            finished=self._newest_finished(at),
            gates={name: None if gate is None else gate.view() for name, gate in running.items()},
            machine=self._machine,
            backup=self._backup(at),
            days=self._earlier_days(here.date()),
        )

    def _newest_finished(self, at: datetime) -> Sequence[FinishedStep]:
        now_s = self._clock.monotonic_s()
        if self._finished is None or now_s - self._finished[0] >= FINISHED_EVERY_S:
            self._finished = now_s, self._queue.finished(since=at - GONE_WITHIN)
        return self._finished[1]

    def _earlier_days(self, today: date) -> Sequence[DayCounts]:
        now_s, known = self._clock.monotonic_s(), self._days
        if known is None or known[1] != today or now_s - known[0] >= DAYS_EVERY_S:
            since = today - timedelta(days=LOOK_BACK_DAYS)
            self._days = known = now_s, today, self._book.day_counts(since, today)
        return known[2]
