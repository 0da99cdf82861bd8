"""Finding rows of the log, and what belongs to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from screening.decision import DecisionKind, Reason
from screening.visits import EntryKind, LogEntry, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which rows are looked for: those from ``since`` until before ``until`` that fit all the rest.

    ``number`` is a receipt's, ``ticket`` a label such as ``K-012``; with both, rows of either are
    found. ``operator`` is the person on duty.
    """

    since: datetime
    until: datetime
    number: str | None = None
    ticket: str | None = None
    kind: EntryKind | str | None = None
    decision: DecisionKind | None = None
    reason: Reason | str | None = None
    gate: str | None = None
    service: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntries:
    """Rows that fit, newest first; rows of the same moment by their numbers.

    ``older`` is the row before which the next search goes on, None where nothing is left to look
    through. ``looked_back_to`` is set where a search ended before it found as many as were asked
    for, since it had looked through enough rows for once: its last row's time. ``annulled`` are
    the attempts among ``entries`` that were annulled.
    """

    entries: tuple[LogEntry, ...]
    older: int | None = None
    looked_back_to: datetime | None = None
    annulled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryStory:
    """A row and what belongs to it.

    ``attempt`` is the row that this one is about, None for an attempt. ``later`` are the rows about
    that attempt, or about this one, oldest first; so are the acts of its ticket. ``visit`` is who
    came in with it. ``was_served``: a counter was done with them. ``facts`` is what only this kind
    of row tells. ``erased`` names details that are gone, ``erased_by`` the row that tells so.
    """

    entry: LogEntry
    attempt: LogEntry | None = None
    later: tuple[LogEntry, ...] = ()
    visit: Visit | None = None
    was_served: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)
    erased: tuple[str, ...] = ()
    erased_by: LogEntry | None = None

    @property
    def can_be_annulled(self) -> bool:
        """An admission that stands, of somebody whom no counter was done with."""
        visit = self.visit
        return (
            self.entry.kind is EntryKind.ATTEMPT
            and visit is not None
            and visit.annulled_at is None
            and not self.was_served
        )


class LogSearch(Protocol):
    """Looks through the log. No method takes longer because the log is older.

    Any method may raise RecordError.
    """

    def find(self, query: LogQuery, *, before: int | None = None, limit: int = 50) -> FoundEntries:
        """At most ``limit`` rows, of those older than the row ``before`` where it is given."""

    def story(self, entry_id: int) -> EntryStory | None:
        """That row with all that belongs to it, None where there is none."""
