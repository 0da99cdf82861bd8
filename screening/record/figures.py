"""The room and the day in figures, from what is kept with each row; no rows are counted."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select

from screening.decision import Reason
from screening.record.engine import Database
from screening.record.office import Office
from screening.record.rows import to_visit
from screening.record.state import IS_INSIDE, State, gather
from screening.record.tables import EntryRow, VisitRow
from screening.record.writer import Writer
from screening.visits import DayFigures, EntryKind, SeatState, Visit, known
from screening.waiting_room.admission import REFUSED, count_waiting

WAITS_AT_MOST = timedelta(hours=1)
"""Who was told to wait and has not come back for so long is taken to have gone home."""


class SqlFigures:
    """RoomFigures on a database; safe to use from any thread."""

    _database: Database
    _office: Office
    _writer: Writer

    def figures(self, *, since: datetime, at: datetime) -> DayFigures:
        """Counts since ``since``, the start of a day; who came before is not counted as inside."""
        return self._figures(self._state(since), since=since, at=at)

    def seats(self) -> list[SeatState]:
        """Every seat of the plan in reading order, with today's visit on it."""
        now = self._office.clock.now()
        return self._seats(self._state(now), now)

    def glance(self, *, at: datetime) -> tuple[DayFigures, list[SeatState]] | None:
        """Figures and seats as of this process's last commit, without asking the database.

        None before its first commit of the day of ``at``.
        """
        state = self._writer.remembered
        if state is None or self._office.local_day(at) not in state.known_days:
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
            occupancy=sum(one.inside for one in days),
            capacity=office.capacity,
            admitted=sum(one.admitted for one in days),
            refused=refused.total(),
            refused_by_reason={known(Reason, reason): number for reason, number in refused.items()},
            waiting_outside=count_waiting(
                state.waits.values(), since=max(since, at - WAITS_AT_MOST)
            ),
            updated_at=at,
        )

    def _seats(self, state: State, at: datetime) -> list[SeatState]:
        today = self._office.local_day(at)
        taken = {
            label: seated.visit_id for label, seated in state.seated.items() if seated.day >= today
        }
        return [
            SeatState(
                label=seat.label,
                row=seat.row,
                column=seat.column,
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

    def hourly(self, *, since: datetime) -> list[tuple[datetime, int, int]]:
        """(start of the site's hour as UTC, admitted, refused), oldest first."""
        office = self._office
        entered = select(VisitRow.entered_at).where(
            VisitRow.site == office.site,
            VisitRow.entered_at >= since,
            VisitRow.annulled_at.is_(None),
            VisitRow.returned_from.is_(None),
        )
        refused = select(EntryRow.at).where(
            EntryRow.site == office.site,
            EntryRow.at >= since,
            EntryRow.kind == EntryKind.ATTEMPT,
            EntryRow.decision.in_([decision.value for decision in REFUSED]),
        )
        with self._database.reading() as session:
            came = Counter(office.hour_began(at) for at in session.scalars(entered))
            went = Counter(office.hour_began(at) for at in session.scalars(refused))
        return [(hour, came[hour], went[hour]) for hour in sorted(came.keys() | went.keys())]

    def _state(self, at: datetime) -> State:
        """The room as of the newest commit of any process."""
        day, remembered = self._office.local_day(at), self._writer.remembered
        is_known = remembered is not None and day in remembered.known_days
        with self._database.reading() as session:
            found = gather(session.connection(), self._office.site, day, with_state=not is_known)
            if found.state is not None:
                return found.state
            if remembered is not None and remembered.head.hash == found.head.hash:
                return remembered
            again = gather(session.connection(), self._office.site, day, with_state=True)
        assert again.state is not None
        return again.state
