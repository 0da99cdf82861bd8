"""FakeLeaving: exits that nobody saw and head counts in memory, held to the databases' contract."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from screening.clock import start_of_day
from screening.figures.occupancy import EndedVisit, LearntStays, OpenVisit, recount
from screening.office.facts import Mode
from screening.queue.tickets import TicketState
from screening.visits import CONCLUDED_TODAY, SEEN, EntryKind, ExitHow, HeadCount, Visit
from screening.waiting_room.leaving import (
    EndedVisits,
    InsideVisit,
    KnownVisit,
    LeavingBook,
    RoomNow,
    inside_visits,
    walked_out,
)

if TYPE_CHECKING:
    from tests.fakes.record import FakeVisitLog, VisitInMemory


class FakeLeaving(LeavingBook):
    """LeavingBook in memory, beside the log of visits that it was made with."""

    def __init__(self, log: FakeVisitLog) -> None:
        self._log = log
        self._here: dict[int, datetime] = {}
        self._crossings: dict[datetime, tuple[int, int]] = {}
        self._over: dict[int, tuple[list[int], HeadCount | None]] = {}

    def room(self, *, at: datetime) -> RoomNow:
        today = self._log.day_began(at)
        return RoomNow(
            visits=self._visits(at),
            concluded=tuple(
                InsideVisit(
                    visit_id=row.visit.visit_id,
                    service=row.visit.service or "",
                    entered_at=row.visit.entered_at,
                    is_expected=False,
                )
                for row in self._log.rows()
                if row.visit.left_how in CONCLUDED_TODAY
                and row.visit.left_at is not None
                and row.visit.left_at >= at - timedelta(hours=2)
            ),
            occupancy=self._log.figures(since=today, at=at).occupancy,
            counted=self._log.counted_on(at),
            crossings=self._crossings.get(today, (0, 0)),
        )

    def ended(self, *, since: datetime, until: datetime, every: int = 1) -> EndedVisits:
        days: defaultdict[datetime, defaultdict[str, list[EndedVisit]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in self._log.rows():
            visit = row.visit
            is_asked = since <= visit.entered_at < until and visit.visit_id % every == 0
            if is_asked and visit.left_at is not None:
                midnight = self._log.day_began(visit.entered_at)
                ticket = self._log.queue.ended(visit.visit_id)
                is_done = ticket is not None and ticket.state is TicketState.DONE
                over = ticket.state_since if ticket is not None and is_done else None
                days[midnight][visit.service or ""].append(
                    EndedVisit(
                        entered_s=(visit.entered_at - midnight).total_seconds(),
                        over_s=None if over is None else (over - midnight).total_seconds(),
                        left_s=(visit.left_at - midnight).total_seconds()
                        if visit.left_how in SEEN
                        else None,
                    )
                )
        unmatched = sum(
            row.kind is EntryKind.EXIT_UNMATCHED and since <= row.at < until
            for row in self._log.export()
        )
        return EndedVisits(tuple(days[day] for day in sorted(days)), unmatched)

    def asked(self, visit_ids: Collection[int]) -> list[KnownVisit]:
        return [
            _known(row)
            for row in self._log.rows()
            if row.is_inside and row.visit.visit_id in visit_ids
        ]

    def left_lately(self, *, at: datetime, limit: int) -> list[KnownVisit]:
        today = self._log.day_began(at)
        ended = [
            row
            for row in self._log.rows()
            if row.visit.left_at is not None
            and min(row.visit.left_at, row.visit.entered_at) >= today
            and row.visit.annulled_at is None
        ]
        ended.sort(key=lambda row: (row.visit.left_at or at, row.visit.visit_id), reverse=True)
        return [_known(row) for row in ended[:limit]]

    def see_out(self, *, at: datetime) -> list[Visit]:
        with self._log.lock:
            self._log.close_day(at)
            due = walked_out(self._visits(at), self._log.facts.current().walking_minutes, at=at)
            return self._end(due, ExitHow.SERVED, None, None, at)

    def estimate(
        self, visit_ids: Collection[int], *, at: datetime, operator: str | None = None
    ) -> list[Visit]:
        with self._log.lock:
            self._log.close_day(at)
            if self._log.facts.current().mode is Mode.OUTBREAK and operator is None:
                return []
            free = {one.visit_id for one in self._visits(at) if not one.is_expected}
            return self._end(free.intersection(visit_ids), ExitHow.ESTIMATED, None, operator, at)

    def still_here(self, visit_id: int, *, operator: str, at: datetime) -> bool:
        with self._log.lock:
            row = self._row(visit_id)
            if row is None or not row.is_inside:
                return False
            self._here[visit_id] = at
            self._write(row, EntryKind.STILL_HERE, operator, at)
            return True

    def put_back(self, attempt_id: str, *, operator: str, at: datetime) -> Visit | None:
        with self._log.lock:
            row = next((r for r in self._log.rows() if r.visit.attempt_id == attempt_id), None)
            if row is None or not self._can_go_on(row, at):
                return None
            return self._put_back(row, operator, at)

    def count_heads(
        self,
        people: int,
        *,
        learnt: LearntStays,
        gate: str | None = None,
        operator: str,
        at: datetime,
    ) -> HeadCount:
        with self._log.lock:
            self._log.close_day(at)
            before, over = self._log.counted_on(at), list[int]()
            if self._log.facts.current().mode is Mode.EVERYDAY:
                over = self._least_likely(learnt, people, at)
            self._end(over, ExitHow.COUNTED, gate, operator, at)
            inside = len(self._visits(at))
            entry = self._log.append(
                EntryKind.HEAD_COUNT, at, gate=gate, operator=operator, remark=str(people)
            )
            count = HeadCount(
                people=people,
                at=at,
                by=operator,
                extra=people - inside,
                still_open=inside,
                entry_id=entry.entry_id,
            )
            self._over[entry.entry_id] = (over, before)
            self._log.counts[self._log.day_began(at)] = count
            return count

    def undo_count(self, *, operator: str, at: datetime) -> bool:
        with self._log.lock:
            newest = self._log.counted_on(at)
            if newest is None:
                return False
            over, before = self._over[newest.entry_id]
            for visit_id in over:
                row = self._row(visit_id)
                if row is not None and row.visit.left_how is ExitHow.COUNTED:
                    self._put_back(row, operator, at)
            if before is not None:
                still_open = sum(
                    row.is_inside and row.visit.entered_at <= before.at for row in self._log.rows()
                )
                extra = max(before.extra, -still_open)
                before = replace(before, still_open=still_open, extra=extra)
            self._log.counts[self._log.day_began(at)] = before
            self._log.append(EntryKind.HEAD_COUNT_UNDONE, at, operator=operator)
            return True

    def crossed(self, gate: str, *, entered: int, left: int, at: datetime) -> None:
        with self._log.lock:
            today = self._log.day_began(at)
            before = self._crossings.get(today, (0, 0))
            self._crossings[today] = (before[0] + entered, before[1] + left)
            told = f"+{entered} −{left}"
            self._log.append(EntryKind.CROSSINGS, at, gate=gate, remark=told)

    def _visits(self, at: datetime) -> tuple[InsideVisit, ...]:
        tickets = self._log.queue.tickets(since=self._log.day_began(at))
        return inside_visits(tickets, self._here, self._log.facts.current())

    def _least_likely(self, learnt: LearntStays, people: int, at: datetime) -> list[int]:
        visits, midnight = self._visits(at), start_of_day(at, self._log.zone)
        opened = [
            OpenVisit(
                visit_id=one.visit_id,
                entered_s=(one.entered_at - midnight).total_seconds(),
                is_called_for=one.is_expected,
                over_s=None if one.over_at is None else (one.over_at - midnight).total_seconds(),
            )
            for one in visits
        ]
        expected = {one.visit_id for one in visits if one.is_expected}
        found = recount(learnt, opened, people, at_s=(at - midnight).total_seconds())
        return [visit_id for visit_id in found.over if visit_id not in expected]

    def _end(
        self,
        visit_ids: Collection[int],
        how: ExitHow,
        gate: str | None,
        operator: str | None,
        at: datetime,
    ) -> list[Visit]:
        ended = []
        for row in self._log.rows():
            if row.is_inside and row.visit.visit_id in visit_ids:
                self._here.pop(row.visit.visit_id, None)
                ended.append(self._log.let_out(row, how, gate, operator, at))
        return ended

    def _can_go_on(self, row: VisitInMemory, at: datetime) -> bool:
        visit = row.visit
        if visit.left_at is None or visit.left_how is ExitHow.CLOSING:
            return False
        came_again = any(
            other.continues == visit.visit_id and other.visit.annulled_at is None
            for other in self._log.rows()
        )
        is_today = visit.entered_at >= self._log.day_began(at)
        return is_today and visit.annulled_at is None and not came_again

    def _put_back(self, row: VisitInMemory, operator: str, at: datetime) -> Visit:
        taken = {other.visit.seat for other in self._log.rows() if other.is_inside}
        seat = None if row.visit.seat in taken else row.visit.seat
        row.visit = replace(row.visit, left_at=None, left_how=None, seat=seat)
        self._here[row.visit.visit_id] = at
        self._log.queue.put_back(row.visit.visit_id, at)
        self._log.counts_return(row.visit.entered_at)
        self._write(row, EntryKind.EXIT_UNDONE, operator, at)
        return row.visit

    def _row(self, visit_id: int) -> VisitInMemory | None:
        return next((row for row in self._log.rows() if row.visit.visit_id == visit_id), None)

    def _write(self, row: VisitInMemory, kind: EntryKind, operator: str, at: datetime) -> None:
        self._log.append(
            kind,
            at,
            operator=operator,
            attempt_id=row.visit.attempt_id,
            receipt_number=row.visit.receipt_number,
            service=row.visit.service,
        )


def _known(row: VisitInMemory) -> KnownVisit:
    return KnownVisit(
        visit_id=row.visit.visit_id,
        attempt_id=row.visit.attempt_id,
        label=row.visit.ticket,
        name=row.receipt.holder if row.receipt is not None else None,
        entered_at=row.visit.entered_at,
        left_at=row.visit.left_at,
    )
