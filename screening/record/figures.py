"""The room and the day in figures, from what is kept with each row; no rows are counted."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import and_, select

from screening.decision import Check, Reason
from screening.record.engine import Database
from screening.record.office import RecordedOffice
from screening.record.rows import read_results, to_visit
from screening.record.state import IS_INSIDE, State, gather
from screening.record.tables import EntryRow, VisitRow, has_clinical_reading, is_attempt
from screening.record.writer import Writer
from screening.visits import CheckResult, DayFigures, EvidenceSource, SeatState, Visit, known
from screening.waiting_room.admission import count_waiting

WAITS_AT_MOST = timedelta(hours=1)
"""Who waits without a place in the line, and has not come back for so long, has gone home."""


class SqlFigures:
    """RoomFigures on a database; safe to use from any thread."""

    _database: Database
    _office: RecordedOffice
    _writer: Writer

    def figures(self, *, since: datetime, at: datetime) -> DayFigures:
        """Counts since ``since``, the start of a day; who came before is not counted as inside."""
        state = newest_state(self._database, self._office, self._writer, since)
        return self._figures(state, since=since, at=at)

    def seats(self) -> list[SeatState]:
        """Every seat of the plan in reading order, with today's visit on it."""
        now = self._office.clock.now()
        return self._seats(newest_state(self._database, self._office, self._writer, now), now)

    def glance(self, *, at: datetime) -> tuple[DayFigures, list[SeatState]] | None:
        """Figures and seats as of this process's last commit, without asking the database.

        None before its first commit of the day of ``at``.
        """
        state = remembered_state(self._office, self._writer, at)
        if state is None:
            return None
        since = self._office.day_began(at)
        return self._figures(state, since=since, at=at), self._seats(state, at)

    def _figures(self, state: State, *, since: datetime, at: datetime) -> DayFigures:
        office = self._office
        day = office.local_day(since)
        days = [figures for key, figures in state.days.items() if key >= day]
        refused: Counter[str] = Counter()
        for one in days:
            refused.update(one.refused)
        return DayFigures(
            since=since,
            occupancy=max(0, sum(one.inside + one.extra for one in days)),
            capacity=office.capacity,
            admitted=sum(one.admitted for one in days),
            refused=refused.total(),
            refused_by_reason={known(Reason, reason): number for reason, number in refused.items()},
            waiting_outside=count_waiting(
                list(state.waits.values()),
                day_began=since,
                since=max(since, at - WAITS_AT_MOST),
                at=at,
            ),
            queue_waiting=state.queue.count_waiting(since),
            still_to_come=state.days[day].still_to_come(office.facts.newest.services)
            if day in state.days
            else 0,
            counted=state.days[day].counted if day in state.days else None,
            updated_at=at,
        )

    def _seats(self, state: State, at: datetime) -> list[SeatState]:
        day_began = self._office.day_began(at)
        taken = {
            label: seated.visit_id
            for label, seated in state.seated.items()
            if seated.entered_at >= day_began
        }
        return [
            SeatState(
                label=seat.label,
                x=seat.chair.x,
                y=seat.chair.y,
                room=seat.chair.room,
                kind=seat.kind,
                is_sealed=seat.is_sealed,
                visit_id=taken.get(seat.label),
            )
            for seat in self._office.plan.seats
        ]

    def visits_inside(self) -> list[Visit]:
        """Who came in today and has not left, longest inside first."""
        today = self._office.day_began(self._office.clock.now())
        query = (
            select(VisitRow)
            .where(VisitRow.site == self._office.site, VisitRow.entered_at >= today, IS_INSIDE)
            .order_by(VisitRow.entered_at, VisitRow.visit_id)
        )
        with self._database.reading() as session:
            return [to_visit(row) for row in session.scalars(query)]

    def visits_of(self, issuer: str, number: str) -> list[Visit]:
        """Who came in with this receipt, first entered first, without those that were annulled."""
        query = (
            select(VisitRow)
            .where(
                VisitRow.issuer == issuer,
                VisitRow.receipt_number == number,
                VisitRow.site == self._office.site,
                VisitRow.annulled_at.is_(None),
            )
            .order_by(VisitRow.entered_at, VisitRow.visit_id)
        )
        with self._database.reading() as session:
            return [to_visit(row) for row in session.scalars(query)]

    def unmeasured(self) -> list[Visit]:
        """Of those inside, whom a device's temperature let pass and no officer has measured."""
        today = self._office.day_began(self._office.clock.now())
        query = (
            select(VisitRow, EntryRow.results)
            .join(
                EntryRow,
                and_(EntryRow.site == VisitRow.site, EntryRow.attempt_id == VisitRow.attempt_id),
            )
            .where(
                VisitRow.site == self._office.site,
                VisitRow.entered_at >= today,
                IS_INSIDE,
                is_attempt(EntryRow),
                ~has_clinical_reading(EntryRow),
            )
            .order_by(VisitRow.entered_at, VisitRow.visit_id)
        )
        with self._database.reading() as session:
            return [
                to_visit(visit)
                for visit, results in session.execute(query)
                if any(_is_passed_by_device(result) for result in read_results(results))
            ]

    def hourly(self, *, since: datetime) -> list[tuple[datetime, int, int, int]]:
        """(start of the site's hour as UTC, admitted, refused, referred) of the day of ``since``.

        In order; also of later days that have people inside: a clock may have been ahead.
        """
        office = self._office
        state = newest_state(self._database, office, self._writer, since)
        return [
            (office.hour_after(day, minutes), *counts)
            for day, figures in sorted(state.days.items())
            if day >= office.local_day(since)
            for minutes, counts in sorted(figures.hours.items())
        ]


def remembered_state(office: RecordedOffice, writer: Writer, at: datetime) -> State | None:
    """The room as of this process's last commit; None before its first one of that day."""
    state = writer.remembered
    if state is None or office.local_day(at) not in state.known_days:
        return None
    return state


def newest_state(database: Database, office: RecordedOffice, writer: Writer, at: datetime) -> State:
    """The room as of the newest commit of any process."""
    day, remembered = office.local_day(at), remembered_state(office, writer, at)
    with database.reading() as session:
        found = gather(session.connection(), office.site, day, with_state=remembered is None)
        if found.state is not None:
            return found.state
        if remembered is not None and remembered.head.hash == found.head.hash:
            return remembered
        again = gather(session.connection(), office.site, day, with_state=True)
    assert again.state is not None
    return again.state


def _is_passed_by_device(result: CheckResult) -> bool:
    return (
        result.check is Check.TEMPERATURE
        and result.source is EvidenceSource.DEVICE
        and result.outcome == "passed"
    )
