"""Exits that nobody saw, head counts and crossings on a database."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select, true, update

from screening.clock import start_of_day
from screening.errors import RecordError
from screening.figures.occupancy import EndedVisit, LearntStays, OpenVisit, recount
from screening.office.facts import Mode, OfficeFacts
from screening.queue.tickets import TicketState, put_back
from screening.record.chain import Detail, canonical
from screening.record.days import read_count, write_count
from screening.record.engine import Database
from screening.record.figures import newest_state
from screening.record.journal import begin, let_out, make_room_for_today, row_of_visit, visit_of
from screening.record.office import RecordedOffice
from screening.record.rows import read_text, ticket_of, to_visit
from screening.record.state import IS_INSIDE, Seated, State
from screening.record.tables import (
    DetailRow,
    EntryRow,
    TicketRow,
    VisitRow,
    is_attempt,
    is_kind_by_index,
)
from screening.record.text import clean
from screening.record.tickets import read_ticket
from screening.record.writer import Transaction, Writer
from screening.visits import CONCLUDED_TODAY, SEEN, EntryKind, ExitHow, HeadCount, Visit
from screening.waiting_room.leaving import (
    EndedVisits,
    InsideVisit,
    KnownVisit,
    RoomNow,
    inside_visits,
    walked_out,
)

MOST_LEARNT = 20_000
"""The newest visits say how long people stay; more would only take longer to be read."""

LATELY = timedelta(hours=2)
"""Whose exit was concluded longer ago is surely out."""


class SqlLeaving:
    """LeavingBook on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        self._database = database
        self._office = office
        self._writer = writer

    def room(self, *, at: datetime) -> RoomNow:
        """What is known of leaving, as of the newest commit of any process."""
        office = self._office
        state = newest_state(self._database, office, self._writer, at)
        facts = office.facts.newest
        day = state.days.get(office.local_day(at))
        today = office.day_began(at)
        counted = None if day is None else day.counted
        since = max(at - LATELY, today, today if counted is None else counted.at)
        return RoomNow(
            visits=_visits(state, facts, office, at),
            concluded=self._concluded(since, facts),
            ended=() if facts.counters else self._ended_today(today, at),
            occupancy=0 if day is None else max(0, day.inside + day.extra),
            counted=counted,
            crossings=(0, 0) if day is None else day.crossings,
        )

    def ended(self, *, since: datetime, until: datetime, every: int = 1) -> EndedVisits:
        """Ended visits of the days between, by service, at most the newest MOST_LEARNT.

        Each of them, or one of ``every`` so many.
        """
        query = (
            select(
                VisitRow.entered_at,
                VisitRow.left_at,
                VisitRow.left_how,
                VisitRow.service,
                TicketRow.ticket,
            )
            .outerjoin(TicketRow, TicketRow.visit_id == VisitRow.visit_id)
            .where(
                VisitRow.site == self._office.site,
                VisitRow.entered_at >= since,
                VisitRow.entered_at < until,
                VisitRow.left_at.is_not(None),
                VisitRow.annulled_at.is_(None),
                VisitRow.visit_id % every == 0 if every > 1 else true(),
            )
            .order_by(VisitRow.entered_at.desc())
            .limit(MOST_LEARNT)
        )
        days: defaultdict[date, defaultdict[str, list[EndedVisit]]] = defaultdict(
            lambda: defaultdict(list)
        )
        unmatched = select(func.count()).where(
            EntryRow.site == self._office.site,
            EntryRow.at >= since,
            EntryRow.at < until,
            EntryRow.kind == EntryKind.EXIT_UNMATCHED.value,
            is_kind_by_index(EntryRow),
        )
        with self._database.reading() as session:
            for row in session.execute(query):
                day = self._office.local_day(row.entered_at)
                days[day][row.service or ""].append(self._ended(row))
            unmatched_exits = session.scalar(unmatched) or 0
        return EndedVisits(tuple(days[day] for day in sorted(days)), unmatched_exits)

    def asked(self, visit_ids: Collection[int]) -> list[KnownVisit]:
        """Those of these visits that go on, first entered first."""
        return self._known(
            and_(VisitRow.visit_id.in_(list(visit_ids)), IS_INSIDE),
            VisitRow.entered_at,
            VisitRow.visit_id,
        )

    def left_lately(self, *, at: datetime, limit: int) -> list[KnownVisit]:
        """Visits of today that ended, newest end first."""
        today = self._office.day_began(at)
        ended = and_(
            VisitRow.left_at >= today,
            VisitRow.entered_at >= today,
            VisitRow.annulled_at.is_(None),
        )
        return self._known(ended, VisitRow.left_at.desc(), VisitRow.visit_id.desc(), limit=limit)

    def _known(
        self, condition: ColumnElement[bool], *order: Any, limit: int | None = None
    ) -> list[KnownVisit]:
        query = (
            select(VisitRow, DetailRow)
            .join(
                EntryRow,
                and_(EntryRow.site == VisitRow.site, EntryRow.attempt_id == VisitRow.attempt_id),
            )
            .outerjoin(
                DetailRow,
                and_(
                    DetailRow.site == EntryRow.site,
                    DetailRow.entry_id == EntryRow.entry_id,
                    DetailRow.kind == Detail.HOLDER,
                ),
            )
            .where(
                VisitRow.site == self._office.site,
                condition,
                is_attempt(EntryRow),
            )
            .order_by(*order)
            .limit(limit)
        )
        with self._database.reading() as session:
            return [
                KnownVisit(
                    visit_id=visit.visit_id,
                    attempt_id=visit.attempt_id,
                    label=ticket_of(visit.queue, visit.ticket_number),
                    name=read_text(name),
                    entered_at=visit.entered_at,
                    left_at=visit.left_at,
                )
                for visit, name in session.execute(query)
            ]

    def see_out(self, *, at: datetime) -> list[Visit]:
        """End the visits that are done at the last counter and have had time to walk out."""
        state = newest_state(self._database, self._office, self._writer, at)
        if not _walked_out(state, self._office.facts.newest, self._office, at):
            return []

        def see_out(transaction: Transaction) -> list[Visit]:
            _begin_today(transaction, at)
            due = _walked_out(transaction.state, transaction.facts, transaction.office, at)
            return _let_out(transaction, due, ExitHow.SERVED, at=at)

        return self._writer.do(see_out)

    def estimate(
        self, visit_ids: Collection[int], *, at: datetime, operator: str | None = None
    ) -> list[Visit]:
        """End those that go on and whom no counter expects; in an outbreak only by a person."""

        def estimate(transaction: Transaction) -> list[Visit]:
            _begin_today(transaction, at)
            facts = transaction.facts
            if facts.mode is Mode.OUTBREAK and operator is None:
                return []
            visits = _visits(transaction.state, facts, transaction.office, at)
            free = {one.visit_id for one in visits if not one.is_expected}
            chosen = free.intersection(visit_ids)
            return _let_out(transaction, chosen, ExitHow.ESTIMATED, operator=operator, at=at)

        return self._writer.do(estimate)

    def still_here(self, visit_id: int, *, operator: str, at: datetime) -> bool:
        """Somebody saw the visitor; False where that visit does not go on."""

        def still_here(transaction: Transaction) -> bool:
            _begin_today(transaction, at)
            (visit,) = _inside(transaction, [visit_id]) or (None,)
            if visit is None:
                return False
            day = transaction.day(transaction.office.local_day(visit.entered_at))
            day.here[visit_id] = at
            facts = {"visit": visit_id}
            transaction.append(
                row_of_visit(
                    visit, EntryKind.STILL_HERE, facts, gate=None, operator=operator, at=at
                )
            )
            return True

        return self._writer.do(still_here)

    def put_back(self, attempt_id: str, *, operator: str, at: datetime) -> Visit | None:
        """That visit had not ended; None where that cannot be."""

        def back(transaction: Transaction) -> Visit | None:
            _begin_today(transaction, at)
            visit = visit_of(transaction, attempt_id)
            if visit is None or not _can_go_on(transaction, visit, at):
                return None
            return _put_back(transaction, visit, operator=operator, at=at)

        return self._writer.do(back)

    def count_heads(
        self,
        people: int,
        *,
        learnt: LearntStays,
        gate: str | None = None,
        operator: str,
        at: datetime,
    ) -> HeadCount:
        """So many people are inside; see LeavingBook."""

        def count(transaction: Transaction) -> HeadCount:
            _begin_today(transaction, at)
            office, facts = transaction.office, transaction.facts
            before = transaction.day(office.local_day(at)).counted
            over: tuple[int, ...] = ()
            if facts.mode is Mode.EVERYDAY:
                visits = _visits(transaction.state, facts, office, at)
                over = _least_likely(learnt, visits, people, office, at)
            _let_out(transaction, over, ExitHow.COUNTED, gate=gate, operator=operator, at=at)
            day = transaction.day(office.local_day(at))
            found = HeadCount(
                people=people,
                at=at,
                by=clean(operator) or "",
                extra=people - day.inside,
                still_open=day.inside,
                entry_id=transaction.state.head.entry_id + 1,
            )
            day.counted = found
            facts_of_row = {
                "people": people,
                "over": list(over),
                "count": write_count(found),
                "before": write_count(before),
            }
            transaction.append(
                {
                    "kind": EntryKind.HEAD_COUNT,
                    "at": at,
                    "gate": clean(gate),
                    "operator": clean(operator),
                    "facts": canonical(facts_of_row),
                }
            )
            return found

        return self._writer.do(count)

    def undo_count(self, *, operator: str, at: datetime) -> bool:
        """The newest head count of the day was wrong; False where there is none."""

        def undo(transaction: Transaction) -> bool:
            _begin_today(transaction, at)
            office = transaction.office
            newest = transaction.figures(office.local_day(at)).counted
            if newest is None:
                return False
            told = _facts_of(transaction, newest.entry_id)
            for visit in _rows(transaction, told["over"]):
                if visit.left_how == ExitHow.COUNTED and _can_go_on(transaction, visit, at):
                    _put_back(transaction, visit, operator=operator, at=at)
            before = _recalled(transaction, read_count(told["before"]), at)
            transaction.day(office.local_day(at)).counted = before
            transaction.append(
                {
                    "kind": EntryKind.HEAD_COUNT_UNDONE,
                    "at": at,
                    "operator": clean(operator),
                    "facts": canonical({"undone": newest.entry_id, "count": write_count(before)}),
                }
            )
            return True

        return self._writer.do(undo)

    def crossed(self, gate: str, *, entered: int, left: int, at: datetime) -> None:
        """A counter at a gate saw so many people go in and out."""

        def crossed(transaction: Transaction) -> None:
            _begin_today(transaction, at)
            transaction.day(transaction.office.local_day(at)).cross(entered, left)
            transaction.append(
                {
                    "kind": EntryKind.CROSSINGS,
                    "at": at,
                    "gate": clean(gate),
                    "facts": canonical({"in": entered, "out": left}),
                }
            )

        self._writer.do(crossed)

    def _concluded(self, since: datetime, facts: OfficeFacts) -> tuple[InsideVisit, ...]:
        walking = timedelta(minutes=facts.walking_minutes or 0)
        query = select(
            VisitRow.visit_id,
            VisitRow.entered_at,
            VisitRow.left_at,
            VisitRow.left_how,
            VisitRow.service,
        ).where(
            VisitRow.site == self._office.site,
            VisitRow.left_at >= since,
            VisitRow.left_how.in_([how.value for how in CONCLUDED_TODAY]),
            VisitRow.annulled_at.is_(None),
        )
        with self._database.reading() as session:
            return tuple(
                InsideVisit(
                    visit_id=row.visit_id,
                    service=row.service or "",
                    entered_at=row.entered_at,
                    is_expected=False,
                    over_at=row.left_at - walking if row.left_how == ExitHow.SERVED else None,
                )
                for row in session.execute(query)
            )

    def _ended_today(self, today: datetime, at: datetime) -> tuple[EndedVisit, ...]:
        found = self.ended(since=today, until=at)
        return tuple(one for day in found.days for visits in day.values() for one in visits)

    def _ended(self, row: Any) -> EndedVisit:
        midnight = start_of_day(row.entered_at, self._office.zone)
        over = None if row.ticket is None else _over_at(row.ticket)
        return EndedVisit(
            entered_s=(row.entered_at - midnight).total_seconds(),
            over_s=None if over is None else (over - midnight).total_seconds(),
            left_s=(row.left_at - midnight).total_seconds() if row.left_how in SEEN else None,
        )


def _begin_today(transaction: Transaction, at: datetime) -> None:
    begin(transaction, at)
    make_room_for_today(transaction, at)
    transaction.flush()


def _visits(
    state: State, facts: OfficeFacts, office: RecordedOffice, at: datetime
) -> tuple[InsideVisit, ...]:
    """Those who came today."""
    queue = state.queue.since(office.day_began(at))
    day = state.days.get(office.local_day(at))
    here: Mapping[int, datetime] = {} if day is None else day.here
    return inside_visits(queue.tickets.values(), here, facts)


def _walked_out(
    state: State, facts: OfficeFacts, office: RecordedOffice, at: datetime
) -> frozenset[int]:
    return walked_out(_visits(state, facts, office, at), facts.walking_minutes, at=at)


def _least_likely(
    learnt: LearntStays,
    visits: Collection[InsideVisit],
    people: int,
    office: RecordedOffice,
    at: datetime,
) -> tuple[int, ...]:
    """The visits that a count of so many heads ends: never one that a counter expects."""
    midnight = start_of_day(at, office.zone)
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
    return tuple(visit_id for visit_id in found.over if visit_id not in expected)


def _inside(transaction: Transaction, visit_ids: Collection[int]) -> list[Row[Any]]:
    return [
        row
        for row in _rows(transaction, visit_ids)
        if row.left_at is None and row.annulled_at is None
    ]


def _rows(transaction: Transaction, visit_ids: Collection[int]) -> list[Row[Any]]:
    if not visit_ids:
        return []
    transaction.flush()
    query = (
        select(VisitRow.__table__)
        .where(VisitRow.visit_id.in_(list(visit_ids)), VisitRow.site == transaction.office.site)
        .order_by(VisitRow.entered_at, VisitRow.visit_id)
    )
    return list(transaction.connection.execute(query))


def _let_out(
    transaction: Transaction,
    visit_ids: Collection[int],
    how: ExitHow,
    *,
    gate: str | None = None,
    operator: str | None = None,
    at: datetime,
) -> list[Visit]:
    return [
        let_out(transaction, visit, how=how, gate=gate, operator=operator, at=at)
        for visit in _inside(transaction, visit_ids)
    ]


def _can_go_on(transaction: Transaction, visit: Row[Any], at: datetime) -> bool:
    """Whether its end can be taken back: it is of today, and nobody has come in with it again."""
    is_over = visit.left_at is not None and visit.left_how != ExitHow.CLOSING
    if not is_over or visit.annulled_at is not None:
        return False
    if visit.entered_at < transaction.office.day_began(at):
        return False
    if visit.receipt_number is None:
        return True
    query = select(VisitRow.visit_id).where(
        VisitRow.issuer == visit.issuer,
        VisitRow.receipt_number == visit.receipt_number,
        VisitRow.returned_from == visit.visit_id,
        VisitRow.annulled_at.is_(None),
    )
    return transaction.connection.execute(query).first() is None


def _put_back(transaction: Transaction, visit: Row[Any], *, operator: str, at: datetime) -> Visit:
    state = transaction.state
    seat = visit.seat if visit.seat is not None and visit.seat not in state.seated else None
    transaction.connection.execute(
        update(VisitRow)
        .where(VisitRow.visit_id == visit.visit_id)
        .values(left_at=None, left_how=None, seat=seat)
    )
    if seat is not None:
        receipt = None
        if visit.receipt_number is not None:
            receipt = (visit.issuer, visit.receipt_number)
        state.seated[seat] = Seated(visit.visit_id, receipt, visit.entered_at)
    day = transaction.day(transaction.office.local_day(visit.entered_at))
    day.put_back(visit.visit_id, entered_at=visit.entered_at, at=at)
    _put_ticket_back(transaction, visit.visit_id, at)
    facts = {"visit": visit.visit_id, "seat": seat, "was": visit.left_how}
    transaction.append(
        row_of_visit(visit, EntryKind.EXIT_UNDONE, facts, gate=None, operator=operator, at=at)
    )
    return to_visit(visit, left_at=None, left_how=None, seat=seat)


def _put_ticket_back(transaction: Transaction, visit_id: int, at: datetime) -> None:
    transaction.flush()
    query = select(TicketRow.ticket, TicketRow.overtaken).where(TicketRow.visit_id == visit_id)
    row = transaction.connection.execute(query).first()
    if row is not None:
        ended = read_ticket(row.ticket, visit_id=visit_id, overtaken=row.overtaken)
        transaction.put_ticket(put_back(ended, at))


def _facts_of(transaction: Transaction, entry_id: int) -> dict[str, Any]:
    query = select(EntryRow.facts).where(
        EntryRow.site == transaction.office.site, EntryRow.entry_id == entry_id
    )
    text = transaction.connection.execute(query).scalar()
    if text is None:
        raise RecordError(f"there is no entry {entry_id}")
    found: dict[str, Any] = json.loads(text)
    return found


def _recalled(transaction: Transaction, before: HeadCount | None, at: datetime) -> HeadCount | None:
    """The count before the newest one, with the visits that still go on."""
    if before is None:
        return None
    transaction.flush()
    query = select(func.count()).where(
        VisitRow.site == transaction.office.site,
        VisitRow.entered_at >= transaction.office.day_began(at),
        VisitRow.entered_at <= before.at,
        IS_INSIDE,
    )
    still_open = transaction.connection.execute(query).scalar() or 0
    extra = max(before.extra, -still_open)
    return HeadCount(
        people=before.people,
        at=before.at,
        by=before.by,
        extra=extra,
        still_open=still_open,
        entry_id=before.entry_id,
    )


def _over_at(ticket: str) -> datetime | None:
    """When it was done; None of a ticket whose holder left before."""
    values = json.loads(ticket)
    if values.get("state") != TicketState.DONE:
        return None
    return datetime.fromisoformat(values["state_since"])
