"""Reading the log: in order, newest first, one attempt, all of it; and whether it is intact."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Select, select

from screening.record.engine import Database
from screening.record.office import RecordedOffice
from screening.record.rows import load_entries
from screening.record.tables import EntryRow, SiteRow, has_clinical_reading, is_attempt, is_referral
from screening.record.text import clean
from screening.record.verify import verify_chain
from screening.visits import ChainReport, EntryKind, LogEntry

EXPORT_BATCH = 500
LAST_ENTRY = 2**63 - 1
"""What a database's whole numbers reach to."""


class SqlLog:
    """The log of a site on a database; safe to read from any thread."""

    def __init__(self, database: Database, office: RecordedOffice) -> None:
        self._database = database
        self._office = office

    def head(self) -> int:
        """The newest row's number, 0 before the first; one look at one row."""
        query = select(SiteRow.head_entry_id).where(SiteRow.code == self._office.site)
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def attempt(self, attempt_id: str) -> LogEntry | None:
        """The row of that attempt."""
        with self._database.reading() as session:
            found = load_entries(
                session,
                self._rows().where(EntryRow.attempt_id == clean(attempt_id), is_attempt(EntryRow)),
            )
            return found[0] if found else None

    def entries(self, *, after: int = 0, limit: int = 100) -> list[LogEntry]:
        """Rows above ``after`` in order, for replay; any whole number will do."""
        after = max(0, min(after, LAST_ENTRY))
        with self._database.reading() as session:
            query = self._rows().where(EntryRow.entry_id > after).order_by(EntryRow.entry_id)
            return load_entries(session, query.limit(limit))

    def latest(
        self, *, limit: int = 20, gate: str | None = None, without: Collection[EntryKind] = ()
    ) -> list[LogEntry]:
        """Newest first, of one gate or of all; ``without`` rows of these kinds."""
        query = self._rows().order_by(EntryRow.entry_id.desc()).limit(limit)
        if gate is not None:
            query = query.where(EntryRow.gate == clean(gate))
        if without:
            query = query.where(EntryRow.kind.not_in([kind.value for kind in without]))
        with self._database.reading() as session:
            return load_entries(session, query)

    def open_referrals(self, *, since: datetime) -> list[LogEntry]:
        """Attempts since then that were referred and have no clinical reading, newest first."""
        query = self._rows().where(
            EntryRow.at >= since, is_referral(EntryRow), ~has_clinical_reading(EntryRow)
        )
        with self._database.reading() as session:
            return load_entries(session, query.order_by(EntryRow.entry_id.desc()))

    def verify(self, *, expect: tuple[int, str] | None = None) -> ChainReport:
        """Walk the whole chain; ``expect`` is a row's number and hash that was noted earlier.

        An SQLite file is read whole before, so that a damaged page is found wherever it is.
        """
        damage = self._database.damage()
        if damage is not None:
            problem = f"the database file is damaged: {damage}"
            return ChainReport(is_intact=False, entries=0, head="", problem=problem)
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
