"""The office's facts: read from memory, changed in one transaction with a row of the log.

Each change makes ``facts_version`` of the site's row grow. Every write transaction compares it with
what this process remembers, and so does a look once a second.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from screening.decision import Check, DecisionKind
from screening.errors import NotRecorded, RecordError
from screening.loop import Loop, Trouble
from screening.office.changes import (
    Changes,
    Edit,
    Former,
    OfficeChange,
    differences,
    former,
    plain,
    with_closings,
)
from screening.office.facts import OfficeFacts
from screening.receipts.keys import read_key, written_key
from screening.record.chain import canonical
from screening.record.engine import Database, make_engine, translated
from screening.record.facts_rows import (
    load_facts,
    load_stored,
    plan_of,
    plan_values,
    speakers_of,
    store,
    written_speaker,
)
from screening.record.log import LAST_ENTRY
from screening.record.office import RecordedOffice
from screening.record.schema import is_current
from screening.record.tables import EntryRow, FormerFactsRow, SiteRow, is_about_the_office
from screening.record.text import clean
from screening.visits import EntryKind, LogEntry

if TYPE_CHECKING:
    from screening.record.writer import Transaction, Writer

LOOK_S = 1.0
"""What another process changed is known after this time, and the time that one question takes."""

_log = logging.getLogger(__name__)


class SqlOfficeFacts:
    """OfficeBook on a database; safe to use from any thread. Raises RecordError when made."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        self._database = database
        self._office = office
        self._writer = writer
        self._followed: OfficeFacts | None = None
        self._loop = Loop(
            "office-facts",
            self._follow,
            trouble=Trouble(
                _log,
                "the office's facts cannot be read",
                over="the office's facts can be read again",
            ),
            every_s=LOOK_S,
            at_once=False,
        )
        self._told: Callable[[OfficeFacts], None] = lambda _: None
        self.refresh()

    def current(self) -> OfficeFacts:
        """What holds now, from memory; other processes' changes as of the last look."""
        return self._office.facts.newest

    def change(self, edit: Edit, *, operator: str, at: datetime, why: str = "") -> LogEntry | None:
        """Change them and write one row, with the reason if given; None where nothing differs.

        Raises OfficeError where it cannot be, RecordError where it cannot be written.
        """

        def change(transaction: Transaction) -> LogEntry | None:
            transaction.look(at)
            before = transaction.facts
            after = with_closings(before, edit(before), today=self._office.local_day(at))
            changes = differences(plain(before), plain(after))
            if not changes:
                return None
            return write_facts(transaction, after, changes, operator=operator, at=at, why=why)

        entry = self._writer.do(change)
        self.wake()
        return entry

    def wake(self) -> None:
        """Have them told at once: a transaction of somebody else's changed them."""
        self._loop.wake()

    def take_over(
        self,
        *,
        operator: str,
        at: datetime,
        gates_of_an_empty_office: Mapping[str, frozenset[Check] | None],
    ) -> LogEntry | None:
        """Make the configuration's values the record's own, once; None where that was done before.

        What somebody decided already stays. Raises RecordError.
        """
        first = self._office.facts.first

        def take_over(transaction: Transaction) -> LogEntry | None:
            transaction.look(at)
            facts = transaction.facts
            if facts.is_taken_over:
                return None
            gates = {**first.gates, **facts.gates} or gates_of_an_empty_office
            after = replace(facts, gates=gates, is_taken_over=True)
            stored = load_stored(transaction.connection, self._office.site)
            changes = differences(stored.plain(), plain(after))
            return write_facts(transaction, after, changes, operator=operator, at=at)

        entry = self._writer.do(take_over)
        self._loop.wake()
        return entry

    def note(
        self, key: str, *, before: str | None, after: str, operator: str, at: datetime
    ) -> LogEntry:
        """One row about what is kept outside the record, such as the signing key.

        Raises RecordError where it cannot be written.
        """

        def note(transaction: Transaction) -> LogEntry:
            transaction.look(at)
            return transaction.append(change_row({key: (before, after)}, operator=operator, at=at))

        return self._writer.do(note)

    def changed(self, *, before: int | None = None, limit: int = 50) -> list[OfficeChange]:
        """The newest changes first, only rows before ``before`` if given. Raises RecordError."""
        kept, row = FormerFactsRow, EntryRow
        is_it = (kept.site == row.site) & (kept.entry_id == row.entry_id)
        query = (
            select(
                row.entry_id,
                row.at,
                row.operator,
                row.facts,
                kept.plan,
                kept.issuer_keys,
                kept.speakers,
            )
            .outerjoin(kept, is_it)
            .where(EntryRow.site == self._office.site, is_about_the_office(EntryRow))
            .order_by(EntryRow.entry_id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(EntryRow.entry_id <= min(before - 1, LAST_ENTRY))
        with self._database.reading() as session:
            return [_change(*row) for row in session.execute(query)]

    def accepted_since(self, issuer: str, entry_id: int) -> bool:
        """Whether somebody came in with a receipt of this issuer since. Raises RecordError."""
        row = EntryRow
        query = select(row.entry_id).where(
            row.site == self._office.site,
            row.issuer == issuer,
            row.entry_id > entry_id,
            row.kind == EntryKind.ATTEMPT,
            row.decision == DecisionKind.ADMIT,
        )
        with self._database.reading() as session:
            return session.execute(query.limit(1)).first() is not None

    def refresh(self) -> None:
        """Look whether another process changed them. Raises RecordError."""
        version = select(SiteRow.facts_version).where(SiteRow.code == self._office.site)
        known, seen = self._office.facts, self._office.facts.newest
        with self._database.reading() as session:
            if known.is_loaded and session.scalar(version) == seen.version:
                return
            found = load_facts(session, self._office.site, known.first)
        known.adopt(found, over=seen)  # the writer may have adopted newer ones meanwhile

    def follow(self, told: Callable[[OfficeFacts], None] = lambda _: None) -> None:
        """Look once a second from now on; ``told`` hears of each change, in a thread of its own."""
        self._told = told
        self._followed = self.current()
        self._loop.start()

    def close(self) -> None:
        """Stop looking."""
        self._loop.close()

    def _follow(self) -> None:
        self.refresh()
        newest = self.current()
        if newest != self._followed:
            self._followed = newest
            self._told(newest)


def peek_facts(where: str | Path, site: str, first: OfficeFacts) -> OfficeFacts | None:
    """The facts of a database that is left as it is; None where its tables are of another version.

    Raises RecordError where it cannot be read.
    """
    engine = make_engine(where)
    try:
        with translated(RecordError), engine.connect() as connection:
            if not is_current(connection):
                return None
            try:
                return load_facts(connection, site, first)
            except NotRecorded:
                return None
    finally:
        engine.dispose()


def write_facts(
    transaction: Transaction,
    after: OfficeFacts,
    changes: Changes,
    *,
    operator: str,
    at: datetime,
    why: str = "",
) -> LogEntry:
    """Make these the facts, with one row of the log. The transaction has looked."""
    site = transaction.office.site
    replaced = former(transaction.facts, changes)
    stored = load_stored(transaction.connection, site)
    version = store(transaction.connection, site, stored, after, changes)
    transaction.facts = replace(after, version=version)
    told = {key: pair for key, pair in changes.items() if pair != (None, None)}
    entry = transaction.append(change_row(told, operator=operator, at=at, why=why))
    if replaced is not None:
        columns = {
            "site": site,
            "entry_id": entry.entry_id,
            "plan": canonical(plan_values(replaced.plan)),
            "issuer_keys": canonical([written_key(one) for one in replaced.issuer_keys]),
            "speakers": canonical([written_speaker(*one) for one in replaced.speakers.items()]),
        }
        transaction.connection.execute(insert(FormerFactsRow).values(columns))
    return entry


def change_row(
    changes: Changes, *, operator: str, at: datetime, why: str = ""
) -> dict[str, object]:
    """The columns of a row of the log about what somebody changed, and why where they said."""
    facts: dict[str, object] = {
        "before": {key: old for key, (old, _) in changes.items()},
        "after": {key: new for key, (_, new) in changes.items()},
    }
    if why:
        facts["why"] = clean(why)
    return {
        "kind": EntryKind.OFFICE_CHANGED,
        "at": at,
        "operator": clean(operator),
        "facts": canonical(facts),
    }


def _change(
    entry_id: int,
    at: datetime,
    operator: str | None,
    facts: str | None,
    plan: str | None,
    issuer_keys: str | None,
    speakers: str | None,
) -> OfficeChange:
    written = json.loads(facts or "{}")
    before, after = written.get("before", {}), written.get("after", {})
    keys = sorted(before.keys() | after.keys())
    return OfficeChange(
        entry_id=entry_id,
        at=at,
        operator=operator or "",
        changes={key: (before.get(key), after.get(key)) for key in keys},
        why=written.get("why", ""),
        former=None
        if plan is None
        else Former(
            plan=plan_of(json.loads(plan)),
            issuer_keys=tuple(read_key(one) for one in json.loads(issuer_keys or "[]")),
            speakers=speakers_of(json.loads(speakers or "[]")),
        ),
    )
