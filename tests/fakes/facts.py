"""FakeOfficeFacts: the office's facts in memory, held to the same contract as the databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from screening.decision import Check
from screening.office.changes import (
    Changes,
    Edit,
    Former,
    OfficeBook,
    OfficeChange,
    differences,
    former,
    plain,
    switched,
    with_closings,
)
from screening.office.counters import CounterSwitch
from screening.office.facts import OfficeFacts
from screening.record.facts_rows import told_change
from screening.visits import EntryKind, LogEntry


class FakeOfficeFacts(OfficeBook):
    """OfficeBook in memory; ``append`` adds a row to the log."""

    def __init__(
        self, first: OfficeFacts, append: Callable[..., LogEntry], *, zone: tzinfo = UTC
    ) -> None:
        self._facts = first
        self._zone = zone
        self._append = append
        self._lock = threading.RLock()
        self._changes: list[OfficeChange] = []
        self.switches: list[CounterSwitch] = []
        self.accepted: Callable[[str, int], bool] = lambda issuer, entry_id: False

    def accepted_since(self, issuer: str, entry_id: int) -> bool:
        return self.accepted(issuer, entry_id)

    def current(self) -> OfficeFacts:
        return self._facts

    def change(self, edit: Edit, *, operator: str, at: datetime, why: str = "") -> LogEntry | None:
        with self._lock:
            before, today = self._facts, at.astimezone(self._zone).date()
            after = with_closings(before, edit(before), today=today)
            return self._write(plain(before), after, operator, at, why)

    def take_over(
        self,
        *,
        operator: str,
        at: datetime,
        gates_of_an_empty_office: Mapping[str, frozenset[Check] | None],
    ) -> LogEntry | None:
        with self._lock:
            if self._facts.is_taken_over:
                return None
            gates = self._facts.gates or gates_of_an_empty_office
            after = replace(self._facts, gates=gates, is_taken_over=True)
            return self._write({}, after, operator, at)

    def changed(self, *, before: int | None = None, limit: int = 50) -> list[OfficeChange]:
        found = [one for one in self._changes if before is None or one.entry_id < before]
        return found[::-1][:limit]

    def refresh(self) -> None:
        """Nobody else changes them."""

    def note(self, key: str, *, before: Any, after: Any, operator: str, at: datetime) -> LogEntry:
        return self._note({key: (before, after)}, operator, at)

    def put(self, **fields: Any) -> None:
        """As if they had always been so: no row of the log."""
        with self._lock:
            self._facts = replace(self._facts, version=self._facts.version + 1, **fields)

    def _write(
        self,
        before: Mapping[str, Any],
        after: OfficeFacts,
        operator: str,
        at: datetime,
        why: str = "",
    ) -> LogEntry | None:
        changes = differences(before, plain(after))
        if not changes:
            return None
        replaced = former(self._facts, changes)
        self._facts = replace(after, version=self._facts.version + 1)
        told = {key: pair for key, pair in changes.items() if pair != (None, None)}
        return self._note(told, operator, at, why, replaced)

    def _note(
        self,
        changes: Changes,
        operator: str,
        at: datetime,
        why: str = "",
        replaced: Former | None = None,
    ) -> LogEntry:
        facts: dict[str, Any] = {
            "before": {key: old for key, (old, _) in changes.items()},
            "after": {key: new for key, (_, new) in changes.items()},
        }
        if why:
            facts["why"] = why
        self.switches += switched(facts["before"], facts["after"], at=at)
        entry = self._append(
            EntryKind.OFFICE_CHANGED, at, operator=operator, remark=told_change(facts)
        )
        self._changes.append(
            OfficeChange(
                entry_id=entry.entry_id,
                at=at,
                operator=operator,
                changes=changes,
                why=why,
                former=replaced,
            )
        )
        return entry
