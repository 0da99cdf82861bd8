"""Reading the log: in order, newest first, one attempt, all of it; and whether it is intact."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Select, select

from screening.record.engine import Database
from screening.record.office import Office
from screening.record.rows import load_entries
from screening.record.tables import EntryRow
from screening.record.text import clean
from screening.record.verify import verify_chain
from screening.visits import ChainReport, EntryKind, LogEntry

EXPORT_BATCH = 500


class SqlLog:
    """The log of a site on a database; safe to read from any thread."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office

    def attempt(self, attempt_id: str) -> LogEntry | None:
        """The row of that attempt."""
        with self._database.reading() as session:
            found = load_entries(
                session,
                self._rows().where(
                    EntryRow.attempt_id == clean(attempt_id), EntryRow.kind == EntryKind.ATTEMPT
                ),
            )
            return found[0] if found else None

    def entries(self, *, after: int = 0, limit: int = 100) -> list[LogEntry]:
        """Rows above ``after`` in order, for replay."""
        with self._database.reading() as session:
            query = self._rows().where(EntryRow.entry_id > after).order_by(EntryRow.entry_id)
            return load_entries(session, query.limit(limit))

    def latest(self, *, limit: int = 20) -> list[LogEntry]:
        """Newest first."""
        with self._database.reading() as session:
            query = self._rows().order_by(EntryRow.entry_id.desc())
            return load_entries(session, query.limit(limit))

    def verify(self, *, expect: tuple[int, str] | None = None) -> ChainReport:
        """Walk the whole chain; ``expect`` is a row's number and hash that was noted earlier."""
        with self._database.reading() as session:
            return verify_chain(session, self._office, expect=expect)

    def export(self) -> Iterator[LogEntry]:
        """Every row in order, in short transactions: writers never wait for a slow reader."""
        after = 0
        while batch := self.entries(after=after, limit=EXPORT_BATCH):
            yield from batch
            after = batch[-1].entry_id

    def _rows(self) -> Select[EntryRow]:
        return select(EntryRow).where(EntryRow.site == self._office.site)
