"""Figures of any days: cells kept of those that are over, today counted on in memory.

A day is counted once when it is over, and again where a later row of the log changes it: an
admission that is annulled the next morning, a booking given up afterwards, rows of a clock that was
wrong. Which rows do so is found by reading each row of the log once. The cells of a day name the
row of the log as of which they hold; they count only while no later row has touched that day. How
far the log was looked through is kept, too, and cells as of an earlier row are refused from then
on, so that processes that count at once cannot undo each other's work.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from screening.decision import DecisionKind
from screening.figures.roll_ups import (
    COLUMNS,
    WHOLE_DAY,
    By,
    CountedVisit,
    DayCount,
    FigureRow,
    FiguresRun,
    Kept,
    figure_rows,
    hour_key,
    kept_of,
    steps_of,
    total_of,
)
from screening.queue.tickets import FinishedStep, Ticket, TicketState
from screening.record.days import read_bookings
from screening.record.engine import Database
from screening.record.office import RecordedOffice
from screening.record.past_cells import PastCells, PastDay, rows_of
from screening.record.rows import read_time
from screening.record.tables import (
    DayRow,
    EntryRow,
    ReceiptRow,
    RolledDayRow,
    RollUpRow,
    RollUpRunRow,
    SiteRow,
    TicketRow,
    VisitRow,
    is_attempt,
)
from screening.record.tickets import read_finished
from screening.visits import EntryKind
from screening.waiting_room.admission import REFUSED

CHECK_S = 40.0
"""So long a nightly run compares days with the log, those compared longest ago first; the others
have their turn in the nights after."""

TRIES = 5
"""To count a day that rows of the log touch meanwhile."""

PAUSE_S = 0.02
"""Between two days, so that gates get their turn."""

_FOLLOWED = 5000
"""Rows of the log read at once."""

_ASKED_TOGETHER = 500
_ONE_DAY_EACH = (By.DAY, By.HOUR)
"""Keys that are of one day alone."""
_BOOKING = (EntryKind.BOOKED, EntryKind.ISSUED, EntryKind.BOOKING_CHANGED)
_TOUCHING = (EntryKind.ATTEMPT, EntryKind.ANNUL, EntryKind.QUEUE, EntryKind.REVOKE, *_BOOKING)
_FINAL = (DecisionKind.ADMIT, *REFUSED)
_ONE_DAY = timedelta(days=1)

_VISIT = (
    select(
        VisitRow.visit_id,
        VisitRow.entered_at,
        VisitRow.service,
        VisitRow.gate,
        VisitRow.issuer,
        VisitRow.receipt_number,
        VisitRow.place,
        VisitRow.returned_from,
        VisitRow.annulled_at,
        TicketRow.ticket,
        EntryRow.reason,
    )
    .outerjoin(TicketRow, TicketRow.visit_id == VisitRow.visit_id)
    .outerjoin(
        EntryRow,
        and_(
            EntryRow.site == VisitRow.site,
            EntryRow.attempt_id == VisitRow.attempt_id,
            is_attempt(EntryRow),
        ),
    )
)

_log = logging.getLogger(__name__)


class SqlRollUps:
    """Figures on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice) -> None:
        self._database = database
        self._office = office
        self._following = threading.Lock()
        self._seen: int | None = None
        self._kept_seen = 0
        self._touched: dict[date, int] = {}
        self._past = PastCells()
        self._today: tuple[date, DayCount] | None = None
        self._newest_run: FiguresRun | None = None

    def rows(self, first: date, last: date, by: By) -> list[FigureRow]:
        """Those of both days and all between, today as of the newest commit."""
        if by not in _ONE_DAY_EACH:
            return figure_rows(self.cells(first, last, by))
        rows = rows_of(self._past_days(first, last, by))
        rest = self._cells_from_today(first, last, by)
        if by is By.HOUR:
            return rows + figure_rows(_in_order(rest))
        known = {row.key: row for row in rows}
        nothing = [one for one in _empty_days(first, last) if one.key not in known]
        known |= {row.key: row for row in figure_rows([*nothing, *rest])}
        return [known[key] for key in sorted(known)]

    def total(self, first: date, last: date) -> FigureRow:
        """All of those days in one row, whose key is empty."""
        return total_of(self.cells(first, last, By.DAY))

    def cells(self, first: date, last: date, by: By) -> list[Kept]:
        """What the rows are made of."""
        past = [one for day in self._past_days(first, last, by) for one in day.cells]
        rest = self._cells_from_today(first, last, by)
        if by is By.DAY:
            return [*_empty_days(first, last), *past, *rest]
        if by is By.HOUR:
            return past + _in_order(rest)
        return sorted(past + rest, key=lambda one: one.key)

    def newest_run(self) -> FiguresRun | None:
        """The newest nightly run that this process knows of, None before; a memory read."""
        return self._newest_run

    def keep_up(self) -> None:
        """Read what was written since the last look, so that no later look has much to read."""
        with self._following, self._database.reading() as session:
            self._count_today(session.connection())
            run = session.get(RollUpRunRow, self._office.site)
            if run is not None and run.ended_at is not None:
                found = FiguresRun(run.ended_at, run.rolled, run.checked, run.differing)
                self._newest_run = found
            is_far = (self._seen or 0) - self._kept_seen > _FOLLOWED
        if is_far:
            self._note_seen()

    def run(
        self,
        at: datetime,
        *,
        pause: Callable[[float], bool] = lambda _: False,
        check_s: float = CHECK_S,
    ) -> FiguresRun:
        """The night's work before the day of ``at``: count what is not counted, compare the rest.

        A day that differs from the log is told, and counted anew. ``pause`` is called between two
        days with how long to wait; where it says True the run ends early.
        """
        today = self._office.local_day(at)
        rolled = checked = differing = 0
        for day in self._missing(date.min, today - _ONE_DAY):
            rolled += self._roll(day)
            if pause(PAUSE_S):
                break
        until_s = self._office.clock.monotonic_s() + check_s
        done: list[date] = []
        for day in self._to_check(today):
            if self._office.clock.monotonic_s() > until_s or pause(PAUSE_S):
                break
            is_same = self._is_as_the_log_says(day)
            done.append(day)
            checked += 1
            if not is_same:
                differing += 1
                _log.warning("the figures of %s were not what the log says; counted anew", day)
                self._roll(day)
        self._note_seen()
        run = FiguresRun(self._office.clock.now(), rolled, checked, differing)
        self._note_run(run, done)
        self._newest_run = run
        return run

    def _key(self, by: By, day: date, key: str) -> str:
        if by is By.DAY:
            return day.isoformat()
        if by is not By.HOUR:
            return key
        return _hour_text(self._office.zone, day, int(key))

    def _past_days(self, first: date, last: date, by: By) -> list[PastDay]:
        """Those of the range that are over, in order, as their rows in the record have them."""
        yesterday = self._office.local_day(self._office.clock.now()) - _ONE_DAY
        versions = self._versions(first, min(last, yesterday))
        missing = sorted(day for day, version in versions.items() if version is None)
        for day in missing:
            self._roll(day)
        if missing:
            versions |= self._versions(missing[0], missing[-1])
        found = {day: self._past.get(by, day, versions[day]) for day in sorted(versions)}
        new = [day for day, one in found.items() if one is None]
        cells = self._read_cells(new[0], new[-1], by) if new else {}
        for day in new:  # also those without any, which would be read at each look
            read = found[day] = PastDay(tuple(cells.get(day, ())), versions[day])
            self._past.put(by, day, read)
        return [one for one in found.values() if one is not None]

    def _read_cells(self, first: date, last: date, by: By) -> dict[date, list[Kept]]:
        query = (
            select(RollUpRow.__table__)
            .where(
                RollUpRow.site == self._office.site,
                RollUpRow.grain == by.value,
                RollUpRow.day.between(first, last),
            )
            .order_by(RollUpRow.day, RollUpRow.key)
        )
        found: defaultdict[date, list[Kept]] = defaultdict(list)
        with self._database.reading() as session:
            for _, _, day, key, *numbers, waits, services in session.execute(query):
                cell = Kept(self._key(by, day, key), tuple(numbers), waits, services)
                found[day].append(cell)
        return found

    def _cells_from_today(self, first: date, last: date, by: By) -> list[Kept]:
        """Of today and the days to come."""
        today = self._office.local_day(self._office.clock.now())
        cells: list[Kept] = []
        if first <= today <= last:
            with self._following, self._database.reading() as session:
                cells += self._cells_of_today(session.connection(), by)
        if last >= today:
            cells += self._cells_ahead(max(first, today + _ONE_DAY), last, by)
            cells += self._bookings(max(first, today), last, by)
        return cells

    def _cells_of_today(self, connection: Connection, by: By) -> list[Kept]:
        return self._named(by, *self._count_today(connection))

    def _count_today(self, connection: Connection) -> tuple[date, DayCount]:
        """Today as of the newest commit; ``_following`` is held."""
        self._follow(connection)
        if self._today is None:
            today = self._office.local_day(self._office.clock.now())
            self._today = (today, count_entered(connection, self._office, today))
        return self._today

    def _named(self, by: By, day: date, count: DayCount) -> list[Kept]:
        """A day's cells under the keys that people read."""
        return [
            Kept(self._key(by, day, one.key), one.numbers, one.waits, one.services)
            for one in kept_of(count.cells())[by]
        ]

    def _cells_ahead(self, first: date, last: date, by: By) -> list[Kept]:
        """What a clock that was ahead wrote for days that have not come."""
        office = self._office
        began = office.hour_after(first, 0)
        newest = select(func.max(EntryRow.at)).where(
            EntryRow.site == office.site, EntryRow.at >= began
        )
        cells: list[Kept] = []
        with self._database.reading() as session:
            connection = session.connection()
            until = connection.scalar(newest)
            if until is None:
                return []
            for n in range((min(last, office.local_day(until)) - first).days + 1):
                day = first + n * _ONE_DAY
                cells += self._named(by, day, count_entered(connection, office, day))
        return cells

    def _bookings(self, first: date, last: date, by: By) -> list[Kept]:
        """Bookings of days that are not over, from the figures that are kept with each row."""
        query = select(DayRow.day, DayRow.bookings).where(
            DayRow.site == self._office.site, DayRow.day.between(first, last)
        )
        found: list[Kept] = []
        with self._database.reading() as session:
            rows = session.execute(query.order_by(DayRow.day)).all()
        for day, bookings in rows:
            count = DayCount()
            for service, booked in read_bookings(bookings).items():
                at_times = 0
                for start, people in booked.starts.items():
                    hour = _hour_of(self._office, day, f"{start:%H:%M}")
                    count.book(hour=hour, service=service, people=people)
                    at_times += people
                rest = booked.people - at_times
                if rest:
                    count.book(hour=WHOLE_DAY, service=service, people=rest)
            found += [
                Kept(self._key(by, day, one.key), one.numbers) for one in kept_of(count.cells())[by]
            ]
        return found

    def _missing(self, first: date, last: date) -> list[date]:
        """Days between that have figures, but no cells that hold."""
        versions = self._versions(first, last)
        return sorted(day for day, version in versions.items() if version is None)

    def _versions(self, first: date, last: date) -> dict[date, Hashable | None]:
        """Of each day between that has figures what its cells are as of, None where none hold."""
        if first > last:
            return {}
        with self._following, self._database.reading() as session:
            self._follow(session.connection())
            return self._held(session, first, last)

    def _held(self, session: Session, first: date, last: date) -> dict[date, Hashable | None]:
        days = select(DayRow.day).where(
            DayRow.site == self._office.site, DayRow.day.between(first, last)
        )
        rolled = select(
            RolledDayRow.day, RolledDayRow.entry_id, RolledDayRow.zone, RolledDayRow.checked_at
        ).where(RolledDayRow.site == self._office.site, RolledDayRow.day.between(first, last))
        found: dict[date, Hashable | None] = dict.fromkeys(session.scalars(days))
        for day, entry_id, zone, checked_at in session.execute(rolled):
            holds = self._holds(day, entry_id, zone)
            found[day] = (entry_id, zone, checked_at) if holds else None
        return found

    def _holds(self, day: date, entry_id: int, zone: str) -> bool:
        return entry_id >= self._touched.get(day, 0) and zone == self._office.zone.key

    def _roll(self, day: date) -> bool:
        """Count a day that is over, and keep its cells; False where it is touched all the time."""
        return any(self._keep(day, *self._counted(day)) for _ in range(TRIES))

    def _counted(self, day: date) -> tuple[int, dict[By, list[Kept]]]:
        with self._database.reading() as session:
            connection = session.connection()
            head = _head(connection, self._office.site)
            return head, kept_of(count_day(connection, self._office, day).cells())

    def _keep(self, day: date, entry_id: int, cells: dict[By, list[Kept]]) -> bool:
        site = self._office.site
        rows = [
            {
                "site": site,
                "grain": by.value,
                "day": day,
                "key": one.key,
                **dict(zip(COLUMNS, one.numbers, strict=True)),
                "waits": one.waits,
                "services": one.services,
            }
            for by, found in cells.items()
            for one in found
        ]
        with self._database.writing() as (session, _):
            run = session.get(RollUpRunRow, site)
            if run is None:
                session.execute(insert(RollUpRunRow), [_first_run(site, entry_id)])
            elif run.entry_id > entry_id:
                return False
            for table in (RollUpRow, RolledDayRow):
                session.execute(_of_day(table, site, day))
            if rows:
                session.execute(insert(RollUpRow), rows)
            rolled = {"site": site, "day": day, "zone": self._office.zone.key, "checked_at": None}
            session.execute(insert(RolledDayRow), [{**rolled, "entry_id": entry_id}])
        self._past.forget(day)
        return True

    def _to_check(self, today: date) -> list[date]:
        """Days with cells that hold, compared longest ago first."""
        query = (
            select(RolledDayRow)
            .where(RolledDayRow.site == self._office.site, RolledDayRow.day < today)
            .order_by(
                RolledDayRow.checked_at.is_not(None), RolledDayRow.checked_at, RolledDayRow.day
            )
        )
        with self._following, self._database.reading() as session:
            return [
                row.day
                for row in session.scalars(query)
                if self._holds(row.day, row.entry_id, row.zone)
            ]

    def _is_as_the_log_says(self, day: date) -> bool:
        """Whether the cells of a day are; also where it was touched meanwhile."""
        with self._following, self._database.reading() as session:
            self._follow(session.connection())
            if self._is_missing(session, day):
                return True
        with self._database.reading() as session:
            kept_cells = cells_kept(session, self._office.site, day)
            counted = kept_of(count_day(session.connection(), self._office, day).cells())
        if kept_cells == counted:
            return True
        with self._following, self._database.reading() as session:
            self._follow(session.connection())
            return self._is_missing(session, day)

    def _is_missing(self, session: Session, day: date) -> bool:
        return None in self._held(session, day, day).values()

    def _note_seen(self) -> None:
        """Keep how far the log was read; cells that it has outdated go."""
        site = self._office.site
        with self._following:
            seen = self._seen
            if seen is None:
                return
            with self._database.writing() as (session, _):
                for day, entry_id in self._touched.items():
                    session.execute(
                        _of_day(RolledDayRow, site, day).where(RolledDayRow.entry_id < entry_id)
                    )
                run = session.get(RollUpRunRow, site)
                if run is None:
                    session.execute(insert(RollUpRunRow), [_first_run(site, seen)])
                else:
                    run.entry_id = max(run.entry_id, seen)
            self._touched.clear()
            self._kept_seen = seen

    def _note_run(self, run: FiguresRun, checked: Sequence[date]) -> None:
        site = self._office.site
        with self._database.writing() as (session, _):
            session.execute(
                update(RollUpRunRow)
                .where(RollUpRunRow.site == site)
                .values(
                    ended_at=run.ended,
                    rolled=run.rolled,
                    checked=run.checked,
                    differing=run.differing,
                )
            )
            for start in range(0, len(checked), _ASKED_TOGETHER):
                some = checked[start : start + _ASKED_TOGETHER]
                session.execute(
                    update(RolledDayRow)
                    .where(RolledDayRow.site == site, RolledDayRow.day.in_(some))
                    .values(checked_at=run.ended)
                )

    def _follow(self, connection: Connection) -> None:
        """Read the rows written since the last look; ``_following`` is held."""
        site = self._office.site
        today = self._office.local_day(self._office.clock.now())
        if self._today is not None and self._today[0] != today:
            self._today = None
        head = _head(connection, site)
        if self._seen is None or self._seen > head:
            known = select(RollUpRunRow.entry_id).where(RollUpRunRow.site == site)
            self._seen = self._kept_seen = min(connection.scalar(known) or head, head)
            self._today = None
        while self._seen < head:
            until = min(self._seen + _FOLLOWED, head)
            query = select(
                EntryRow.entry_id,
                EntryRow.kind,
                EntryRow.at,
                EntryRow.gate,
                EntryRow.decision,
                EntryRow.reason,
                EntryRow.service,
                EntryRow.issuer,
                EntryRow.receipt_number,
                EntryRow.facts,
            ).where(
                EntryRow.site == site,
                EntryRow.entry_id > self._seen,
                EntryRow.entry_id <= until,
                EntryRow.kind.in_(_TOUCHING),
                or_(EntryRow.kind != EntryKind.ATTEMPT, EntryRow.decision.in_(_FINAL)),
            )
            self._take(connection, connection.execute(query).all())
            self._seen = until

    def _take(self, connection: Connection, rows: Sequence[Any]) -> None:
        """What these rows of the log change: today in memory, or an earlier day's cells."""
        visits: dict[int, int] = {}
        for row in rows:
            facts = {} if row.facts is None else json.loads(row.facts)
            if row.kind == EntryKind.ATTEMPT and row.decision in REFUSED:
                self._refuse(row)
            elif row.kind == EntryKind.REVOKE:
                is_it = (ReceiptRow.issuer == row.issuer, ReceiptRow.number == row.receipt_number)
                self._touch(connection.scalar(select(ReceiptRow.day).where(*is_it)), row.entry_id)
            elif row.kind in _BOOKING:
                for day in _booked_days(facts):
                    self._touch(day, row.entry_id)
            elif isinstance(facts.get("visit"), int):
                visits[facts["visit"]] = row.entry_id
        found = _visits(connection, self._office, visits)
        for visit_day, visit in _counted_visits(connection, self._office, found):
            if self._today is not None and self._today[0] == visit_day:
                self._today[1].put(visit)
            else:
                self._touch(visit_day, visits[visit.visit_id])

    def _refuse(self, row: Any) -> None:
        day = self._office.local_day(row.at)
        if self._today is not None and self._today[0] == day:
            _count_refusal(self._today[1], self._office, row)
        else:
            self._touch(day, row.entry_id)

    def _touch(self, day: date | None, entry_id: int) -> None:
        if day is not None:
            self._touched[day] = max(entry_id, self._touched.get(day, 0))


class FiguresReplay:
    """What the cells of each day must be, if the log is all that happened.

    Rows are stepped through before the tickets', which ``ticket`` tells of the day that goes on. A
    day is counted when the next one begins. Of one that a later row touches, or whose tickets an
    older version wrote, the tables are asked, which are held against the log as well.
    """

    def __init__(
        self,
        office: RecordedOffice,
        *,
        ticket: Callable[[int], Ticket | None],
        entered_at: Callable[[int], datetime | None],
    ) -> None:
        self._office = office
        self._ticket = ticket
        self._entered_at = entered_at
        self._day: date | None = None
        self._is_sure = True
        self._count = DayCount()
        self._visits: dict[int, CountedVisit] = {}
        self._inherited: dict[int, int] = {}
        self._digests: dict[date, str | None] = {}
        self._touched: dict[date, int] = {}
        self._bookings: dict[tuple[str, str], tuple[date, str, str, int]] = {}
        self._booked: defaultdict[date, set[tuple[str, str]]] = defaultdict(set)

    def step(self, row: EntryRow) -> None:
        """A row of the log, in order."""
        facts = {} if row.facts is None else json.loads(row.facts)
        key = (str(row.issuer), str(row.receipt_number))
        if row.kind == EntryKind.REVOKE:
            self._give_up(key, row.entry_id)
        elif row.kind in _BOOKING:
            self._give_up(key, row.entry_id)
            self._book(key, row, facts.get("after", facts))
        elif row.kind == EntryKind.ATTEMPT and row.decision in _FINAL:
            self._attempt(row, facts)
        elif row.kind in (EntryKind.ANNUL, EntryKind.QUEUE):
            self._change(row, facts.get("visit"))

    def differing(self, session: Session) -> date | None:
        """The first day whose kept cells are not as the log says; call once, in the end."""
        self._close()
        site = self._office.site
        rolled = select(RolledDayRow).where(
            RolledDayRow.site == site, RolledDayRow.zone == self._office.zone.key
        )
        for row in session.scalars(rolled.order_by(RolledDayRow.day)).all():
            if row.entry_id < self._touched.get(row.day, 0):
                continue  # it will be counted anew
            expected = self._digests.get(row.day)
            if expected is None:
                count = count_day(session.connection(), self._office, row.day)
                expected = _digest(kept_of(count.cells()))
            if _digest(cells_kept(session, site, row.day)) != expected:
                return row.day
        return None

    def _attempt(self, row: EntryRow, facts: dict[str, Any]) -> None:
        day = self._office.local_day(row.at)
        if day != self._day:
            self._close()
            self._day, self._is_sure = day, day not in self._digests
        self._touch(day, row.entry_id)
        if row.decision in REFUSED:
            _count_refusal(self._count, self._office, row)
        elif isinstance(facts.get("visit"), int):
            self._come_in(row, facts)

    def _come_in(self, row: EntryRow, facts: dict[str, Any]) -> None:
        number, continues = facts["visit"], facts["continues"]
        if continues is not None:
            before = self._ticket(continues)
            self._is_sure &= before is not None
            self._inherited[number] = _count_done(() if before is None else before.finished)
        self._visits[number] = CountedVisit(
            visit_id=number,
            hour=self._office.hour_of_day(row.at),
            service=row.service or "",
            gate=row.gate or "",
            reason=row.reason or "",
            returned_from=continues,
            receipt=_receipt(row),
            place=facts["place"],
        )

    def _change(self, row: EntryRow, visit_id: Any) -> None:
        """An annulment, or an act at a counter."""
        visit = self._visits.get(visit_id)
        if visit is not None and self._day is not None:
            self._touch(self._day, row.entry_id)
            if row.kind == EntryKind.ANNUL:
                self._visits[visit_id] = replace(visit, is_annulled=True)
            return
        entered = self._entered_at(visit_id)
        if entered is not None:
            self._touch(self._office.local_day(entered), row.entry_id)

    def _book(self, key: tuple[str, str], row: EntryRow, facts: dict[str, Any]) -> None:
        if "day" not in facts:
            return
        day = date.fromisoformat(facts["day"])
        hour = _hour_of(self._office, day, facts["start"])
        self._bookings[key] = (day, hour, str(row.service), facts["people"])
        self._booked[day].add(key)
        self._touch(day, row.entry_id)

    def _give_up(self, key: tuple[str, str], entry_id: int) -> None:
        booking = self._bookings.pop(key, None)
        if booking is not None:
            self._booked[booking[0]].discard(key)
            self._touch(booking[0], entry_id)

    def _touch(self, day: date, entry_id: int) -> None:
        self._touched[day] = max(entry_id, self._touched.get(day, 0))
        if day in self._digests:
            self._digests[day] = None

    def _close(self) -> None:
        """The day that went on is over, as far as the log has come."""
        if self._day is None:
            return
        for number, visit in self._visits.items():
            ticket = self._ticket(number)
            if ticket is None:
                self._is_sure = False
                break
            steps = steps_of(
                ticket.finished,
                inherited=self._inherited.get(number, 0),
                hour_of=_within(self._office, self._day, visit.hour),
            )
            is_done = ticket.state is TicketState.DONE and bool(steps)
            self._count.put(replace(visit, steps=steps, is_done=is_done))
        for key in self._booked.pop(self._day, ()):
            _, hour, service, people = self._bookings[key]
            self._count.book(hour=hour, service=service, people=people, receipt=key)
        cells = kept_of(self._count.cells())
        self._digests[self._day] = _digest(cells) if self._is_sure else None
        self._day, self._count = None, DayCount()
        self._visits, self._inherited = {}, {}


def _digest(cells: dict[By, list[Kept]]) -> str:
    return hashlib.sha256(repr(cells).encode()).hexdigest()


def _receipt(row: Any) -> tuple[str, str] | None:
    return None if row.receipt_number is None else (row.issuer or "", row.receipt_number)


def _count_done(steps: Iterable[FinishedStep]) -> int:
    return sum(step.state is TicketState.DONE for step in steps)


def count_day(connection: Connection, office: RecordedOffice, day: date) -> DayCount:
    """A day that is over, counted from the rows of visits, tickets, receipts and the log."""
    count = count_entered(connection, office, day)
    query = select(
        ReceiptRow.issuer,
        ReceiptRow.number,
        ReceiptRow.service,
        ReceiptRow.party_size,
        ReceiptRow.slot,
    ).where(
        ReceiptRow.site == office.site,
        ReceiptRow.day == day,
        ReceiptRow.revoked_at.is_(None),
    )
    for row in connection.execute(query):
        count.book(
            hour=_hour_of(office, day, row.slot),
            service=row.service,
            people=row.party_size,
            receipt=(row.issuer, row.number),
        )
    return count


def count_entered(connection: Connection, office: RecordedOffice, day: date) -> DayCount:
    """The same without the bookings."""
    began, ended = office.hour_after(day, 0), office.hour_after(day + _ONE_DAY, 0)
    rows = connection.execute(
        _VISIT.where(
            VisitRow.site == office.site, VisitRow.entered_at >= began, VisitRow.entered_at < ended
        )
    ).all()
    count = DayCount()
    for _, visit in _counted_visits(connection, office, rows):
        count.put(visit)
    refused = select(
        EntryRow.at, EntryRow.gate, EntryRow.service, EntryRow.reason, EntryRow.decision
    ).where(
        EntryRow.site == office.site,
        EntryRow.at >= began,
        EntryRow.at < ended,
        EntryRow.kind == EntryKind.ATTEMPT,
        EntryRow.decision.in_(REFUSED),
    )
    for row in connection.execute(refused):
        _count_refusal(count, office, row)
    return count


def cells_kept(session: Session, site: str, day: date) -> dict[By, list[Kept]]:
    """The cells of a day as they are kept."""
    found: dict[By, list[Kept]] = {by: [] for by in By}
    query = select(RollUpRow.__table__).where(
        RollUpRow.site == site,
        RollUpRow.grain.in_([by.value for by in By]),
        RollUpRow.day == day,
    )
    for _, grain, _, key, *numbers, waits, services in session.execute(query):
        found[By(grain)].append(Kept(key, tuple(numbers), waits, services))
    for one in found.values():
        one.sort(key=lambda cell: cell.key)
    return found


@lru_cache(maxsize=20_000)
def _hour_text(zone: ZoneInfo, day: date, minutes: int) -> str:
    """The start of that hour of the day, as people there write it."""
    began = datetime.combine(day, time(), zone).astimezone(UTC) + timedelta(minutes=minutes)
    return began.astimezone(zone).isoformat(timespec="minutes")


def _empty_days(first: date, last: date) -> list[Kept]:
    """A cell without anything for each day, in order."""
    none = (0,) * len(COLUMNS)
    days = (first + n * _ONE_DAY for n in range((last - first).days + 1))
    return [Kept(day.isoformat(), none) for day in days]


def _in_order(cells: list[Kept]) -> list[Kept]:
    """Hours by their moment; their texts are not in order where clocks are set back."""
    return sorted(cells, key=lambda one: datetime.fromisoformat(one.key))


def _count_refusal(count: DayCount, office: RecordedOffice, row: Any) -> None:
    count.refuse(
        hour=office.hour_of_day(row.at),
        service=row.service or "",
        gate=row.gate or "",
        reason=row.reason or "",
        decision=row.decision,
    )


def _booked_days(facts: Mapping[str, Any]) -> list[date]:
    """Which days a row about a booking changes."""
    parts = (facts, facts.get("before"), facts.get("after"))
    return [date.fromisoformat(part["day"]) for part in parts if part and "day" in part]


def _hour_of(office: RecordedOffice, day: date, start: str | None) -> str:
    """The hour in which a booked time begins."""
    began = read_time(start)
    if began is None:
        return WHOLE_DAY
    return hour_key(office.hour_of_day(datetime.combine(day, began, office.zone)))


def _visits(
    connection: Connection, office: RecordedOffice, visit_ids: Collection[int]
) -> list[Any]:
    found: list[Any] = []
    wanted = sorted(visit_ids)
    for start in range(0, len(wanted), _ASKED_TOGETHER):
        some = wanted[start : start + _ASKED_TOGETHER]
        query = _VISIT.where(VisitRow.visit_id.in_(some), VisitRow.site == office.site)
        found += connection.execute(query).all()
    return found


def _counted_visits(
    connection: Connection, office: RecordedOffice, rows: Sequence[Any]
) -> Iterable[tuple[date, CountedVisit]]:
    """In the order in which they came in, each with its day."""
    read = {row.visit_id: _finished(row.ticket) for row in rows}
    earlier = {row.returned_from for row in rows if row.returned_from is not None} - read.keys()
    for one in earlier:
        ticket = select(TicketRow.ticket).where(TicketRow.visit_id == one)
        read[one] = _finished(connection.scalar(ticket))
    for row in sorted(rows, key=lambda row: row.visit_id):
        day, hour = office.local_day(row.entered_at), office.hour_of_day(row.entered_at)
        finished, is_done = read[row.visit_id]
        before = read.get(row.returned_from, ((), False))[0]
        steps = steps_of(
            finished,
            inherited=_count_done(before),
            hour_of=_within(office, day, hour),
        )
        yield (
            day,
            CountedVisit(
                visit_id=row.visit_id,
                hour=hour,
                service=row.service or "",
                gate=row.gate,
                reason=row.reason or "",
                returned_from=row.returned_from,
                receipt=_receipt(row),
                place=row.place,
                is_annulled=row.annulled_at is not None,
                steps=steps,
                is_done=is_done and bool(steps),
            ),
        )


def _within(office: RecordedOffice, day: date, hour: int) -> Callable[[datetime], int]:
    """The hour of a moment of that day; of any other, which only a wrong clock tells, ``hour``."""
    return lambda at: office.hour_of_day(at) if office.local_day(at) == day else hour


def _finished(ticket: str | None) -> tuple[Sequence[FinishedStep], bool]:
    return ((), False) if ticket is None else read_finished(ticket)


def _head(connection: Connection, site: str) -> int:
    query = select(SiteRow.head_entry_id).where(SiteRow.code == site)
    return connection.scalar(query) or 0


def _first_run(site: str, entry_id: int) -> dict[str, Any]:
    counts = {"ended_at": None, "rolled": 0, "checked": 0, "differing": 0}
    return {"site": site, "entry_id": entry_id, **counts}


def _of_day(table: type[RollUpRow | RolledDayRow], site: str, day: date) -> Any:
    statement = delete(table).where(table.site == site, table.day == day)
    if table is RollUpRow:
        statement = statement.where(RollUpRow.grain.in_([by.value for by in By]))
    return statement
