"""FakeLogSearch: every row of a log in memory is looked at for each question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screening.log_search import EntryStory, FoundEntries, LogQuery, LogSearch
from screening.queue.tickets import TicketState
from screening.visits import EntryKind, LogEntry

if TYPE_CHECKING:
    from tests.fakes.record import FakeVisitLog, VisitInMemory


class FakeLogSearch(LogSearch):
    """Looks through the same record's log; nothing of it is ever erased."""

    def __init__(self, log: FakeVisitLog) -> None:
        self._log = log

    def find(self, query: LogQuery, *, before: int | None = None, limit: int = 50) -> FoundEntries:
        rows = sorted(self._log.export(), key=lambda one: (one.at, one.entry_id), reverse=True)
        if before is not None:
            start = next(
                (number for number, one in enumerate(rows) if one.entry_id == before), None
            )
            rows = [] if start is None else rows[start + 1 :]
        found = [one for one in rows if self._fits(one, query)]
        shown = found[:limit]
        return FoundEntries(
            entries=tuple(shown),
            older=shown[-1].entry_id if len(found) > limit else None,
            annulled=frozenset(
                visit.visit.attempt_id
                for visit in self._log.rows()
                if visit.visit.annulled_at is not None
            )
            & {one.attempt_id or "" for one in shown if one.kind is EntryKind.ATTEMPT},
        )

    def story(self, entry_id: int) -> EntryStory | None:
        entry = next((one for one in self._log.export() if one.entry_id == entry_id), None)
        if entry is None:
            return None
        visit = self._visit(entry)
        attempt_id = entry.attempt_id if visit is None else visit.visit.attempt_id
        about = [
            one
            for one in self._log.export()
            if attempt_id is not None
            and (
                one.attempt_id == attempt_id
                or (one.kind is EntryKind.QUEUE and visit is not None and self._visit(one) is visit)
            )
        ]
        attempt = next((one for one in about if one.kind is EntryKind.ATTEMPT), None)
        return EntryStory(
            entry=entry,
            attempt=None if entry.kind is EntryKind.ATTEMPT else attempt,
            later=tuple(one for one in about if one not in (entry, attempt)),
            visit=None if visit is None else visit.visit,
            was_served=visit is not None and self._was_served(visit),
        )

    def _fits(self, entry: LogEntry, query: LogQuery) -> bool:
        kind = query.kind
        if kind is None and query.reason is not None:
            kind = EntryKind.ATTEMPT
        asked = (
            (kind, entry.kind),
            (query.decision, entry.decision),
            (query.reason, entry.reason),
            (query.gate, entry.gate),
            (query.service, entry.service),
            (query.operator, entry.operator),
        )
        return (
            query.since <= entry.at < query.until
            and all(wanted in (None, there) for wanted, there in asked)
            and self._is_of(entry, query)
        )

    def _is_of(self, entry: LogEntry, query: LogQuery) -> bool:
        if query.number is None and query.ticket is None:
            return True
        visit = self._visit(entry)
        has_ticket = visit is not None and visit.visit.ticket == query.ticket
        return has_ticket or (query.number is not None and entry.receipt_number == query.number)

    def _visit(self, entry: LogEntry) -> VisitInMemory | None:
        rows = self._log.rows()
        if entry.kind is EntryKind.QUEUE:
            ticket = (entry.remark or "").partition(":")[0]
            return next((one for one in rows if one.visit.ticket == ticket), None)
        return next((one for one in rows if one.visit.attempt_id == entry.attempt_id), None)

    def _was_served(self, row: VisitInMemory) -> bool:
        ticket = self._log.queue.all_tickets().get(row.visit.visit_id)
        return ticket is not None and any(
            step.state is TicketState.DONE for step in ticket.finished
        )
