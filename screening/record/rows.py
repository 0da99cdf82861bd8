"""Rows of the tables as the values the rest of the system knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import time
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from screening.decision import Check, DecisionKind, Reason
from screening.receipts.claims import ReceiptClaims
from screening.record.chain import Detail, canonical
from screening.record.facts_rows import told_change
from screening.record.tables import DetailRow, EntryRow, ReceiptRow
from screening.registration.bookings import Place
from screening.visits import (
    CheckResult,
    EntryKind,
    EvidenceSource,
    ExitHow,
    LogEntry,
    MeasuredTemperature,
    Visit,
    known,
)


def place_of(row: Any) -> Place:
    """What was booked, by a row with columns as those of ``receipts``."""
    return Place(
        service=row.service, day=row.day, start=read_time(row.slot), end=read_time(row.slot_end)
    )


def read_time(column: str | None) -> time | None:
    """A time of day as its column holds it."""
    return None if column is None else time.fromisoformat(column)


def to_visit(row: Any, **changes: Any) -> Visit:
    """A row of ``visits`` as a value, changed as told."""
    visit = Visit(
        visit_id=row.visit_id,
        attempt_id=row.attempt_id,
        gate=row.gate,
        entered_at=row.entered_at,
        service=row.service,
        receipt_number=row.receipt_number,
        place=row.place,
        seat=row.seat,
        ticket=ticket_of(row.queue, row.ticket_number),
        left_at=row.left_at,
        left_how=known(ExitHow, row.left_how) if row.left_how is not None else None,
        annulled_at=row.annulled_at,
    )
    return replace(visit, **changes) if changes else visit


def ticket_of(queue: str, number: int) -> str:
    """``L-012``: the twelfth of its queue today."""
    return f"{queue}-{number:03d}"


def to_claims(row: ReceiptRow) -> ReceiptClaims:
    return ReceiptClaims(
        issuer=row.issuer,
        number=row.number,
        token_id=row.token_id,
        site=row.site,
        service=row.service,
        party_size=row.party_size,
        holder=row.holder,
        issued_at=row.issued_at,
        not_before=row.not_before,
        expires=row.expires,
        slot=row.slot,
    )


def load_entries(session: Session, rows: Select[EntryRow]) -> list[LogEntry]:
    """The selected rows with what is left of their details."""
    entries = session.scalars(rows).all()
    details = details_of(session, entries)
    return [to_entry(row, details.get(row.entry_id, {})) for row in entries]


def details_of(session: Session, rows: Sequence[EntryRow]) -> dict[int, dict[str, DetailRow]]:
    """The details of these rows (of one site), by entry and kind."""
    wanted = [row.entry_id for row in rows if row.digests is not None]
    found: dict[int, dict[str, DetailRow]] = {}
    if wanted:
        query = select(DetailRow).where(
            DetailRow.site == rows[0].site, DetailRow.entry_id.in_(wanted)
        )
        for detail in session.scalars(query):
            found.setdefault(detail.entry_id, {})[detail.kind] = detail
    return found


def to_entry(row: EntryRow, details: dict[str, DetailRow]) -> LogEntry:
    return LogEntry(
        entry_id=row.entry_id,
        kind=known(EntryKind, row.kind),
        at=row.at,
        gate=row.gate,
        decision=known(DecisionKind, row.decision) if row.decision is not None else None,
        reason=known(Reason, row.reason) if row.reason is not None else None,
        receipt_number=row.receipt_number,
        service=row.service,
        operator=row.operator,
        remark=_remark(row, details),
        holder=read_text(details.get(Detail.HOLDER)),
        attempt_id=row.attempt_id,
        results=read_results(row.results),
        hash=row.hash,
    )


def entry_of(row: Mapping[str, Any], contents: Mapping[str, Any]) -> LogEntry:
    """The same of a row that was just written, by its columns."""
    remark = contents.get(Detail.REMARK)
    if row["kind"] in _TELLERS:
        remark = _told(row["kind"], json.loads(row["facts"]))
    return LogEntry(
        entry_id=row["entry_id"],
        kind=row["kind"],
        at=row["at"],
        gate=row["gate"],
        decision=row["decision"],
        reason=row["reason"],
        receipt_number=row["receipt_number"],
        service=row["service"],
        operator=row["operator"],
        remark=remark,
        holder=contents.get(Detail.HOLDER),
        attempt_id=row["attempt_id"],
        results=read_results(row["results"]),
        hash=row["hash"],
    )


def _remark(row: EntryRow, details: dict[str, DetailRow]) -> str | None:
    if row.kind in _TELLERS:
        return _told(row.kind, json.loads(row.facts or "{}"))
    return read_text(details.get(Detail.REMARK))


def _told(kind: str, facts: Mapping[str, Any]) -> str:
    return _TELLERS[kind](facts)


def _told_bookings(facts: Mapping[str, Any]) -> str:
    bookings = [facts["before"], facts["after"]] if "before" in facts else [facts]
    return " → ".join(_told_booking(one) for one in bookings)


def _told_alert(facts: Mapping[str, Any]) -> str:
    return f"{facts['act']}: {' '.join(filter(None, (facts['kind'], facts['subject'])))}"


def _told_survey(facts: Mapping[str, Any]) -> str:
    if facts["act"] == "paper":
        return f"paper: {facts['answers']}, {facts['quarter']}"
    return f"{facts['act']}: {facts['follow_up']}, {facts['element']}"


def _told_commissioning(facts: Mapping[str, Any]) -> str:
    offset, spread = facts["offset_celsius"], facts["offset_uncertainty_celsius"]
    table = facts.get("distance")
    found = f"{facts['model']}: {offset:+.2f} ± {spread:.2f} °C, n = {facts['staff']}"
    return found if table is None else f"{found}, {_span(table)}"


def _told_booking(facts: Mapping[str, Any]) -> str:
    """``2026-03-11 09:00 × 3``: three people, and when they come if that was booked."""
    parts = (facts.get("day"), facts.get("start"), "×", facts["people"])
    return " ".join(str(part) for part in parts if part is not None)


def _span(table: dict[str, Any]) -> str:
    """The distance table's reach: ``40–100 cm``."""
    nearest, furthest = table["points"][0][0], table["points"][-1][0]
    return f"{nearest:.0f}–{furthest:.0f} cm"


def read_text(detail: DetailRow | None) -> str | None:
    """A name or a remark; None once it is forgotten."""
    return str(json.loads(detail.content)) if detail is not None else None


def write_results(results: Iterable[CheckResult]) -> str | None:
    """The checks as canonical JSON; None where there are none."""
    listed = [[str(r.check), str(r.source), r.outcome] for r in results]
    return canonical(listed) if listed else None


def read_results(text: str | None) -> tuple[CheckResult, ...]:
    return tuple(
        CheckResult(
            check=known(Check, check), source=known(EvidenceSource, source), outcome=outcome
        )
        for check, source, outcome in json.loads(text or "[]")
    )


def write_temperatures(temperatures: Iterable[MeasuredTemperature]) -> list[object]:
    """As it goes into a detail: raw, corrections, sum, who typed it, uncertainty, limit."""
    return [
        [
            t.raw_celsius,
            [list(c) for c in t.corrections],
            t.corrected_celsius,
            t.entered_by,
            t.standard_uncertainty_celsius,
            t.limit_celsius,
        ]
        for t in temperatures
    ]


def read_temperatures(content: str) -> list[MeasuredTemperature]:
    """Also what was written before the uncertainty was, or the limit."""
    return [_temperature(*written) for written in json.loads(content)]


def _temperature(
    raw: float,
    corrections: list[tuple[str, float]],
    corrected: float,
    entered_by: str | None,
    standard_uncertainty: float | None = None,
    limit: float | None = None,
) -> MeasuredTemperature:
    return MeasuredTemperature(
        raw_celsius=raw,
        corrections=tuple((name, size) for name, size in corrections),
        corrected_celsius=corrected,
        entered_by=entered_by,
        standard_uncertainty_celsius=standard_uncertainty,
        limit_celsius=limit,
    )


_TELLERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    EntryKind.HANDOVER: lambda facts: f"{facts['from']} → {facts['to']}",
    EntryKind.COMMISSIONED: _told_commissioning,
    EntryKind.THERMOMETER_CHECKED: lambda facts: f"{facts['difference_celsius']:+.2f} °C",
    EntryKind.OFFICE_CHANGED: told_change,
    EntryKind.BOOKED: _told_bookings,
    EntryKind.BOOKING_CHANGED: _told_bookings,
    EntryKind.ISSUED: _told_bookings,
    EntryKind.ALERT: _told_alert,
    EntryKind.PRIORITY: lambda facts: f"{facts['ticket']}: {'✓' if facts['priority'] else '–'}",
    EntryKind.QUEUE: lambda facts: (
        f"{facts['ticket']}: {facts['from']} → {facts['to']} ({facts['counter']})"
    ),
    EntryKind.HOLDER_TOLD: lambda facts: facts["told"],
    EntryKind.LINE: lambda facts: f"{facts['from']} → {facts['to']}",
    EntryKind.HEAD_COUNT: lambda facts: str(facts["people"]),
    EntryKind.CROSSINGS: lambda facts: f"+{facts['in']} −{facts['out']}",
    EntryKind.SURVEY: _told_survey,
}
"""Rows whose remark is made of what belongs to their kind."""
