"""FakeFigures: figures in memory, counted anew at each call from what happened."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from screening.figures.roll_ups import (
    COLUMNS,
    WHOLE_DAY,
    By,
    CountedVisit,
    DayCount,
    FigureRow,
    Figures,
    FiguresRun,
    Kept,
    figure_rows,
    hour_key,
    kept_of,
    steps_of,
    total_of,
)
from screening.queue.tickets import TicketState
from screening.waiting_room.admission import REFUSED, key_of, service_of

if TYPE_CHECKING:
    from tests.fakes.record import FakeVisitLog, VisitInMemory


class FakeFigures(Figures):
    """Figures of the same record's log. Its zone has whole hours and no summer time."""

    def __init__(self, log: FakeVisitLog, zone: ZoneInfo) -> None:
        self._log, self._zone = log, zone
        self.run: FiguresRun | None = None

    def rows(self, first: date, last: date, by: By) -> list[FigureRow]:
        return figure_rows(self.cells(first, last, by))

    def cells(self, first: date, last: date, by: By) -> list[Kept]:
        cells = self._cells(first, last, by)
        if by is not By.DAY:
            return sorted(cells, key=lambda one: one.key)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [*(Kept(day.isoformat(), (0,) * len(COLUMNS)) for day in days), *cells]

    def total(self, first: date, last: date) -> FigureRow:
        return total_of(self._cells(first, last, By.DAY))

    def newest_run(self) -> FiguresRun | None:
        return self.run

    def _cells(self, first: date, last: date, by: By) -> list[Kept]:
        found = []
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            for one in kept_of(self._count(day).cells())[by]:
                key = self._key(day, one.key, by)
                found.append(Kept(key, one.numbers, one.waits, one.services))
        return found

    def _key(self, day: date, key: str, by: By) -> str:
        if by is By.HOUR:
            began = datetime.combine(day, datetime.min.time(), self._zone)
            return (began + timedelta(minutes=int(key))).isoformat(timespec="minutes")
        return day.isoformat() if by is By.DAY else key

    def _count(self, day: date) -> DayCount:
        count, log = DayCount(), self._log
        with log.lock:
            for row in log.rows():
                if self._day(row.visit.entered_at) == day:
                    count.put(self._visit(row))
            for attempt, written in log.attempts():
                if written.decision in REFUSED and self._day(attempt.at) == day:
                    count.refuse(
                        hour=self._hour(attempt.at),
                        service=service_of(attempt) or "",
                        gate=attempt.gate,
                        reason=written.reason,
                        decision=written.decision,
                    )
            is_over = day < self._day(log.now())
            for key, registration in log.registrations.items():
                booking = registration.booking
                if booking is None or booking.cancelled_at is not None or key in log.revoked:
                    continue
                if booking.place.day == day:
                    start = booking.place.start
                    count.book(
                        hour=WHOLE_DAY if start is None else hour_key(start.hour * 60),
                        service=booking.place.service,
                        people=booking.party_size,
                        receipt=key if is_over else None,
                    )
        return count

    def _visit(self, row: VisitInMemory) -> CountedVisit:
        visit, tickets = row.visit, self._log.queue.all_tickets()
        ticket, before = tickets[visit.visit_id], tickets.get(row.continues or 0)
        done = (
            [step for step in before.finished if step.state is TicketState.DONE] if before else []
        )
        return CountedVisit(
            visit_id=visit.visit_id,
            hour=self._hour(visit.entered_at),
            service=visit.service or "",
            gate=visit.gate,
            reason=self._log.reason(visit.attempt_id),
            returned_from=row.continues,
            receipt=key_of(row.receipt),
            place=visit.place,
            is_annulled=visit.annulled_at is not None,
            steps=steps_of(ticket.finished, inherited=len(done), hour_of=self._hour),
            is_done=ticket.state is TicketState.DONE,
        )

    def _hour(self, at: datetime) -> int:
        return at.astimezone(self._zone).hour * 60

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()
