"""Searching the log on a database: in order of time, never through more than a few thousand rows.

A search takes the rows of the days asked for by the index that leaves fewest, at most ``WINDOW`` of
them, and keeps those that fit the rest. Where that is less than a page it says how far it has come,
so that whoever asked may go on from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from screening.log_search import EntryStory, FoundEntries, LogQuery
from screening.queue.tickets import TicketState
from screening.record.engine import Database
from screening.record.log import LAST_ENTRY
from screening.record.office import RecordedOffice
from screening.record.rows import details_of, load_entries, to_entry, to_visit
from screening.record.tables import (
    EntryRow,
    TicketRow,
    VisitRow,
    is_attempt,
    is_kind_by_index,
    is_later_about_an_attempt,
    is_of_an_attempt,
    is_reason_by_index,
)
from screening.record.text import clean
from screening.record.tickets import read_finished
from screening.visits import EntryKind, LogEntry

WINDOW = 10_000
"""Rows looked through at once: some hundredths of a second of a database's time."""

FIRST_WINDOW = 500
"""So many are looked through before; mostly a page is full by then."""

TICKET_DAYS = 400
"""So many days are looked through for a ticket's number, which begins anew each day."""

TICKETS = 10
"""Visits whose rows are gathered at once."""

ERASURES = 2000
"""Rows of erasures looked through for the one that names a row; a large office writes some dozens a
day, each with at most some hundred rows' numbers."""

LATER = 200
"""Rows shown about one attempt."""

_TICKET = re.compile(r"(?P<queue>.{1,40})-(?P<number>\d{3,9})")


class SqlLogSearch:
    """LogSearch on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice) -> None:
        self._database = database
        self._office = office

    def find(self, query: LogQuery, *, before: int | None = None, limit: int = 50) -> FoundEntries:
        """At most ``limit`` rows, of those older than the row ``before`` where it is given."""
        with self._database.reading() as session:
            start = None if before is None else self._place(session, before)
            if before is not None and start is None:
                return FoundEntries(entries=())
            if query.number is not None or query.ticket is not None:
                found, end = self._of_number(session, query, start, limit)
            else:
                found, end = self._of_days(session, query, start, limit)
            entries = load_entries(session, self._rows_with([one for _, one in found[:limit]]))
            entries.sort(key=lambda one: (one.at, one.entry_id), reverse=True)
            annulled = self._annulled(session, entries)
        is_full = len(found) > limit
        return FoundEntries(
            entries=tuple(entries),
            older=found[limit - 1][1] if is_full else None if end is None else end[1],
            looked_back_to=None if is_full or end is None else end[0],
            annulled=annulled,
        )

    def story(self, entry_id: int) -> EntryStory | None:
        """That row with all that belongs to it, None where there is none."""
        if not 0 < entry_id <= LAST_ENTRY:
            return None
        with self._database.reading() as session:
            row = session.get(EntryRow, (self._office.site, entry_id))
            if row is None:
                return None
            details = details_of(session, [row]).get(entry_id, {})
            erased = tuple(sorted(set(json.loads(row.digests or "{}")) - set(details)))
            visit = self._visit(session, row)
            attempt_id = visit.attempt_id if visit is not None else row.attempt_id
            about = () if attempt_id is None else self._about(session, attempt_id, visit)
            attempt = next((one for one in about if one.kind is EntryKind.ATTEMPT), None)
            return EntryStory(
                entry=to_entry(row, details),
                attempt=None if row.kind == EntryKind.ATTEMPT else attempt,
                later=tuple(one for one in about if one.entry_id not in _ids(entry_id, attempt)),
                visit=None if visit is None else to_visit(visit),
                was_served=visit is not None and _was_served(session, visit.visit_id),
                facts=json.loads(row.facts or "{}"),
                erased=erased,
                erased_by=self._erased_by(session, row) if erased else None,
            )

    def _of_days(
        self, session: Session, query: LogQuery, start: _Place | None, limit: int
    ) -> tuple[list[_Place], _Place | None]:
        """Rows in order of time by the index that leaves fewest, and where the search ended."""
        lead, rest = _conditions(query)
        rows = self._older(query, start).where(*lead)
        if not rest:
            return _places(session, rows.limit(limit + 1)), None
        found: list[_Place] = []
        end: list[_Place] = []
        for window in (FIRST_WINDOW, WINDOW):
            found = _places(session, _fitting(rows, rest, window).limit(limit + 1))
            end = _places(session, rows.offset(window - 1).limit(1))
            if len(found) > limit or not end:
                return found, None
        return found, end[0]

    def _of_number(
        self, session: Session, query: LogQuery, start: _Place | None, limit: int
    ) -> tuple[list[_Place], _Place | None]:
        """Rows of a receipt's number, and of a ticket's; they are few."""
        places: set[_Place] = set()
        if query.number is not None:
            of_receipt = select(EntryRow.at, EntryRow.entry_id).where(
                EntryRow.site == self._office.site, EntryRow.receipt_number == clean(query.number)
            )
            places |= set(_places(session, of_receipt.limit(WINDOW)))
        visits, is_more = self._ticket_visits(session, query, start)
        for visit in visits:
            places |= {
                (one.at, one.entry_id) for one in self._about(session, visit.attempt_id, visit)
            }
        kept = [
            place
            for place in places
            if query.since <= place[0] < query.until and (start is None or place < start)
        ]
        _, rest = _conditions(query, has_lead=False)
        rows = select(EntryRow.at, EntryRow.entry_id).where(
            EntryRow.site == self._office.site,
            EntryRow.entry_id.in_([entry_id for _, entry_id in sorted(kept)[-WINDOW:]]),
            *(EntryRow.__table__.c[name] == value for name, value in rest.items()),
        )
        # Without an order, by which SQLite would rather read the whole log.
        found = sorted(_places(session, rows), reverse=True)[: limit + 1]
        is_last = not is_more or not kept
        return found, None if is_last else min(kept)

    def _ticket_visits(
        self, session: Session, query: LogQuery, start: _Place | None
    ) -> tuple[Sequence[Any], bool]:
        """Visits with that ticket, newest first, and whether there are more."""
        label = _TICKET.fullmatch(clean(query.ticket) or "")
        if label is None:
            return (), False
        until = query.until if start is None else min(query.until, start[0])
        last = self._office.local_day(until)
        first = max(self._office.local_day(query.since), last - timedelta(days=TICKET_DAYS))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        # Without an order, by which SQLite would rather read all visits of the days.
        of_ticket = select(VisitRow.__table__).where(
            VisitRow.site == self._office.site,
            VisitRow.day.in_(days),
            VisitRow.queue == label["queue"],
            VisitRow.ticket_number == int(label["number"]),
            VisitRow.returned_from.is_(None),
        )
        found = sorted(session.execute(of_ticket).all(), key=lambda visit: visit.entered_at)
        newest = [visit for visit in reversed(found) if visit.entered_at <= until]
        visits = [one for visit in newest[:TICKETS] for one in self._with_returns(session, visit)]
        return visits, len(newest) > TICKETS

    def _with_returns(self, session: Session, visit: Any) -> list[Any]:
        """The visit, and those with its receipt that went on with its ticket."""
        if visit.receipt_number is None:
            return [visit]
        same = select(VisitRow.__table__).where(
            VisitRow.site == self._office.site,
            VisitRow.issuer == visit.issuer,
            VisitRow.receipt_number == visit.receipt_number,
            VisitRow.day == visit.day,
            VisitRow.queue == visit.queue,
            VisitRow.ticket_number == visit.ticket_number,
        )
        return list(session.execute(same).all())

    def _about(self, session: Session, attempt_id: str, visit: Any | None) -> list[LogEntry]:
        """The attempt, what was written about it, and the acts of its ticket; in order."""
        rows = select(EntryRow).where(
            EntryRow.site == self._office.site, EntryRow.attempt_id == attempt_id
        )
        found = load_entries(session, rows.where(is_attempt(EntryRow)))
        # Without an order, by which SQLite would rather read the whole log.
        found += load_entries(session, rows.where(is_of_an_attempt(EntryRow)).limit(LATER))
        if visit is not None:
            acts = select(EntryRow).where(
                EntryRow.site == self._office.site,
                EntryRow.kind == EntryKind.QUEUE.value,
                is_kind_by_index(EntryRow),
                EntryRow.at >= visit.entered_at,
                EntryRow.at <= (visit.left_at or visit.entered_at + timedelta(days=1)),
                EntryRow.facts.endswith(f'"visit":{visit.visit_id}}}', autoescape=True),
            )
            found += load_entries(session, acts.limit(LATER))
        return sorted(found, key=lambda one: one.entry_id)

    def _visit(self, session: Session, row: EntryRow) -> Any | None:
        """The visit that the row is of, if any."""
        of_site = select(VisitRow.__table__).where(VisitRow.site == self._office.site)
        if row.attempt_id is not None:
            of_site = of_site.where(VisitRow.attempt_id == row.attempt_id)
        elif row.kind == EntryKind.QUEUE:
            visit_id = json.loads(row.facts or "{}").get("visit")
            of_site = of_site.where(VisitRow.visit_id == visit_id)
        else:
            return None
        return session.execute(of_site).first()

    def _erased_by(self, session: Session, row: EntryRow) -> LogEntry | None:
        """The row of the log that tells that this one's details were erased."""
        number = row.entry_id
        names = [f"[{number}]", f"[{number},", f",{number},", f",{number}]"]
        after = (
            select(EntryRow.entry_id, EntryRow.facts)
            .where(
                EntryRow.site == self._office.site,
                EntryRow.kind == EntryKind.ERASURE.value,
                is_kind_by_index(EntryRow),
                EntryRow.at >= row.at,
            )
            .order_by(EntryRow.at)
            .limit(ERASURES)
            .subquery()
        )
        which = select(after.c.entry_id).where(
            or_(*(after.c.facts.contains(name, autoescape=True) for name in names))
        )
        entry_id = session.scalar(which.order_by(after.c.entry_id).limit(1))
        if entry_id is None:
            return None
        return load_entries(session, self._rows_with([entry_id]))[0]

    def _annulled(self, session: Session, entries: Sequence[LogEntry]) -> frozenset[str]:
        attempts = [one.attempt_id for one in entries if one.kind is EntryKind.ATTEMPT]
        if not attempts:
            return frozenset()
        rows = select(EntryRow.attempt_id).where(
            EntryRow.site == self._office.site,
            EntryRow.attempt_id.in_(attempts),
            is_later_about_an_attempt(EntryRow),
            EntryRow.kind == EntryKind.ANNUL.value,
        )
        return frozenset(one for one in session.scalars(rows) if one is not None)

    def _place(self, session: Session, entry_id: int) -> _Place | None:
        if not 0 < entry_id <= LAST_ENTRY:
            return None
        row = session.execute(
            select(EntryRow.at).where(
                EntryRow.site == self._office.site, EntryRow.entry_id == entry_id
            )
        ).first()
        return None if row is None else (row.at, entry_id)

    def _older(self, query: LogQuery, start: _Place | None) -> Select[datetime, int]:
        """Places of the rows of the days, newest first, those before ``start`` if it is given."""
        rows = select(EntryRow.at, EntryRow.entry_id).where(
            EntryRow.site == self._office.site,
            EntryRow.at >= query.since,
            EntryRow.at < query.until,
        )
        if start is not None:
            at, entry_id = start
            rows = rows.where(
                EntryRow.at <= at, or_(EntryRow.at < at, EntryRow.entry_id < entry_id)
            )
        return rows.order_by(EntryRow.at.desc(), EntryRow.entry_id.desc())

    def _rows_with(self, entry_ids: Sequence[int]) -> Select[EntryRow]:
        return select(EntryRow).where(
            EntryRow.site == self._office.site, EntryRow.entry_id.in_(entry_ids)
        )


_Place = tuple[datetime, int]
"""A row's place in the order of time: when it was written, and its number."""

_COLUMNS = (
    EntryRow.kind,
    EntryRow.decision,
    EntryRow.reason,
    EntryRow.gate,
    EntryRow.service,
    EntryRow.operator,
)


def _conditions(
    query: LogQuery, *, has_lead: bool = True
) -> tuple[tuple[ColumnElement[bool], ...], dict[str, str]]:
    """What an index finds, and what is looked at in each row then."""
    wanted = {
        "kind": query.kind,
        "decision": query.decision,
        "reason": query.reason,
        "gate": query.gate,
        "service": query.service,
        "operator": query.operator,
    }
    rest = {name: clean(str(value)) or "" for name, value in wanted.items() if value is not None}
    if rest.get("reason") is not None and query.kind is None:
        rest["kind"] = EntryKind.ATTEMPT.value  # later rows repeat what the attempt said
    if not has_lead:
        return (), rest
    if query.operator is not None:
        return (EntryRow.operator == rest.pop("operator"),), rest
    if "reason" in rest and rest["reason"] != "admitted":
        return (EntryRow.reason == rest.pop("reason"), is_reason_by_index(EntryRow)), rest
    if "kind" in rest and rest["kind"] != EntryKind.ATTEMPT.value:
        return (EntryRow.kind == rest.pop("kind"), is_kind_by_index(EntryRow)), rest
    return (), rest


def _fitting(rows: Select[datetime, int], rest: Mapping[str, str], window: int) -> Select[Any]:
    """Of the first ``window`` rows those that fit, in order."""
    first = rows.add_columns(*_COLUMNS).limit(window).subquery()
    fitting = select(first.c.at, first.c.entry_id)
    for name, value in rest.items():
        fitting = fitting.where(first.c[name] == value)
    return fitting.order_by(first.c.at.desc(), first.c.entry_id.desc())


def _places(session: Session, rows: Select[datetime, int] | Select[Any]) -> list[_Place]:
    return [(row.at, row.entry_id) for row in session.execute(rows)]


def _ids(entry_id: int, attempt: LogEntry | None) -> set[int]:
    return {entry_id} if attempt is None else {entry_id, attempt.entry_id}


def _was_served(session: Session, visit_id: int) -> bool:
    text = session.scalar(select(TicketRow.ticket).where(TicketRow.visit_id == visit_id))
    if text is None:
        return False
    finished, _ = read_finished(text)
    return any(step.state is TicketState.DONE for step in finished)
