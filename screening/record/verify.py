"""Verify a site's log: walk the chain, check what may be erased, and compare today's state with it.

Found are rows that were changed, removed (also the last), added or reordered, details that were
changed or are gone without an ERASURE row, and visits or redemptions that the log does not account
for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.record.chain import GENESIS, digest_of, hash_of
from screening.record.rows import details_of, ticket_of
from screening.record.tables import (
    DetailRow,
    EntryRow,
    ReceiptRow,
    RedemptionRow,
    SiteRow,
    VisitRow,
)
from screening.visits import ChainReport, EntryKind

BATCH = 500


class Break(Exception):
    """The earliest thing that does not fit; never leaves this module."""

    def __init__(self, entry_id: int, problem: str) -> None:
        super().__init__(problem)
        self.entry_id = entry_id
        self.problem = problem


def verify_chain(
    session: Session, site: str, *, expect: tuple[int, str] | None = None
) -> ChainReport:
    """``expect`` is an entry's number and hash noted earlier; a log rewritten whole fails it."""
    walk = _Walk(expect)
    replay = _Replay()
    try:
        for row, details in _rows(session, site):
            walk.step(row, details)
            replay.step(row)
        walk.finish(session.get_one(SiteRow, site))
        replay.compare(session, site)
    except Break as broken:
        return ChainReport(
            is_intact=False,
            entries=walk.entries,
            head=walk.head,
            first_bad_entry=broken.entry_id,
            problem=broken.problem,
        )
    return ChainReport(is_intact=True, entries=walk.entries, head=walk.head)


class _Walk:
    """The chain itself and its details."""

    def __init__(self, expect: tuple[int, str] | None) -> None:
        self.entries = 0
        self.head = GENESIS
        self._expect = expect
        self._missing: set[tuple[int, str]] = set()

    def step(self, row: EntryRow, details: dict[str, DetailRow]) -> None:
        number = self.entries + 1
        if row.entry_id != number:
            raise Break(number, f"entry {number} was removed")
        if row.previous_hash != self.head:
            raise Break(number, f"entry {number} does not follow the one before it")
        if row.hash != hash_of(row):
            raise Break(number, f"entry {number} was changed")
        if self._expect is not None and self._expect[0] == number and self._expect[1] != row.hash:
            raise Break(number, f"entry {number} is not the one that was noted")
        self._check_details(row, details)
        self._note_erasure(row)
        self.entries, self.head = number, row.hash

    def finish(self, head: SiteRow) -> None:
        if head.head_entry_id > self.entries:
            raise Break(self.entries + 1, f"entries after {self.entries} were removed")
        if (head.head_entry_id, head.head_hash) != (self.entries, self.head):
            raise Break(self.entries, "entries were added that the head does not know")
        if self._expect is not None and self._expect[0] > self.entries:
            raise Break(self.entries + 1, f"the noted entry {self._expect[0]} is gone")
        if self._missing:
            entry_id, kind = min(self._missing)
            raise Break(entry_id, f"the {kind} of entry {entry_id} is gone without an erasure")

    def _check_details(self, row: EntryRow, details: dict[str, DetailRow]) -> None:
        digests = json.loads(row.digests) if row.digests is not None else {}
        for kind, digest in digests.items():
            detail = details.get(kind)
            if detail is None:
                self._missing.add((row.entry_id, kind))
            elif digest_of(detail) != digest:
                raise Break(row.entry_id, f"the {kind} of entry {row.entry_id} was changed")

    def _note_erasure(self, row: EntryRow) -> None:
        if row.kind == EntryKind.ERASURE:
            for kind, entry_ids in json.loads(row.facts or "{}")["erased"].items():
                self._missing.difference_update((entry_id, kind) for entry_id in entry_ids)


class _Replay:
    """What visits and redemptions must be, if the log is all that happened."""

    def __init__(self) -> None:
        self._visits: dict[int, dict[str, Any]] = {}
        self._redemptions: dict[tuple[str, str, int], int] = {}
        self._entry_of: dict[int, int] = {}
        self._revoked: dict[tuple[str, str], tuple[int, datetime]] = {}

    def step(self, row: EntryRow) -> None:
        if row.kind == EntryKind.REVOKE:
            self._revoked[str(row.issuer), str(row.receipt_number)] = (row.entry_id, row.at)
        facts = json.loads(row.facts) if row.facts is not None else {}
        visit_id = facts.get("visit")
        if visit_id is None:
            return
        if row.kind == EntryKind.ATTEMPT:
            self._admit(row, facts)
        elif row.kind == EntryKind.EXIT and visit_id in self._visits:
            self._visits[visit_id].update(left_at=row.at, left_how=facts["how"])
        elif row.kind == EntryKind.ANNUL and visit_id in self._visits:
            self._annul(visit_id, row.at)

    def compare(self, session: Session, site: str) -> None:
        self._compare_visits(session, site)
        self._compare_redemptions(session, site)
        for (issuer, number), (entry_id, at) in self._revoked.items():
            receipt = session.get(ReceiptRow, (issuer, number))
            if receipt is None or receipt.revoked_at != at:
                raise Break(entry_id, f"receipt {number} is not revoked as the log says")

    def _compare_visits(self, session: Session, site: str) -> None:
        query = select(VisitRow).where(VisitRow.site == site).order_by(VisitRow.visit_id)
        for visit in session.scalars(query):
            expected = self._visits.pop(visit.visit_id, None)
            entry_id = self._entry_of.get(visit.visit_id, 0)
            if expected is None:
                raise Break(entry_id, f"visit {visit.visit_id} is not in the log")
            if expected != _state(visit):
                raise Break(entry_id, f"visit {visit.visit_id} differs from its entry {entry_id}")
        if self._visits:
            visit_id = min(self._visits)
            raise Break(self._entry_of[visit_id], f"visit {visit_id} was removed")

    def _compare_redemptions(self, session: Session, site: str) -> None:
        found = {
            (row.issuer, row.receipt_number, row.place): row.visit_id
            for row in session.scalars(select(RedemptionRow).where(RedemptionRow.site == site))
        }
        for (_, number, place), visit_id in sorted(found.items() ^ self._redemptions.items()):
            raise Break(
                self._entry_of.get(visit_id, 0),
                f"place {place} of receipt {number} is not redeemed as the log says",
            )

    def _admit(self, row: EntryRow, facts: dict[str, Any]) -> None:
        visit_id = facts["visit"]
        self._entry_of[visit_id] = row.entry_id
        self._visits[visit_id] = {
            "attempt_id": row.attempt_id,
            "gate": row.gate,
            "entered_at": row.at,
            "service": row.service,
            "issuer": row.issuer,
            "receipt_number": row.receipt_number,
            "place": facts["place"],
            "seat": facts["seat"],
            "ticket": facts["ticket"],
            "returned_from": facts["continues"],
            "left_at": None,
            "left_how": None,
            "annulled_at": None,
        }
        if row.issuer is not None and row.receipt_number is not None and facts["place"] > 0:
            self._redemptions[row.issuer, row.receipt_number, facts["place"]] = visit_id

    def _annul(self, visit_id: int, at: datetime) -> None:
        visit = self._visits[visit_id]
        visit["annulled_at"] = at
        key = (visit["issuer"], visit["receipt_number"], visit["place"])
        if self._redemptions.get(key) != visit_id:
            return
        if visit["returned_from"] is not None:
            self._redemptions[key] = visit["returned_from"]
        else:
            del self._redemptions[key]


def _state(visit: VisitRow) -> dict[str, Any]:
    return {
        "attempt_id": visit.attempt_id,
        "gate": visit.gate,
        "entered_at": visit.entered_at,
        "service": visit.service,
        "issuer": visit.issuer,
        "receipt_number": visit.receipt_number,
        "place": visit.place,
        "seat": visit.seat,
        "ticket": ticket_of(visit),
        "returned_from": visit.returned_from,
        "left_at": visit.left_at,
        "left_how": visit.left_how,
        "annulled_at": visit.annulled_at,
    }


def _rows(session: Session, site: str) -> Iterator[tuple[EntryRow, dict[str, DetailRow]]]:
    after: int | None = None
    while True:
        query = select(EntryRow).where(EntryRow.site == site).order_by(EntryRow.entry_id)
        if after is not None:
            query = query.where(EntryRow.entry_id > after)
        batch = session.scalars(query.limit(BATCH)).all()
        if not batch:
            return
        details = details_of(session, batch)
        for row in batch:
            yield row, details.get(row.entry_id, {})
        after = batch[-1].entry_id
        session.expunge_all()  # a long log must not pile up in memory
