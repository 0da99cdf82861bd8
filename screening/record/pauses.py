"""Visitors waiting for a second reading, and what becomes of degrees: measure, decide, forget.

Every measured temperature goes into the series, which knows the gate and the hour and nobody's
name. Beside a row of the log degrees stand only while a pause lasts, unless the site keeps
readings.
"""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from screening.decision import DecisionKind, Reason
from screening.record.chain import Detail, erase
from screening.record.office import Office
from screening.record.rows import read_temperatures
from screening.record.tables import DetailRow, EntryRow, ReceiptRow, SeriesRow, SiteRow
from screening.temperature.baseline import first_of_device, without_baseline
from screening.visits import Attempt, EntryKind, MeasuredTemperature, PendingPause

FINAL = (DecisionKind.ADMIT, DecisionKind.REFER, DecisionKind.DENY)


def is_pause(row: EntryRow) -> bool:
    return row.reason == Reason.SECOND_READING_PAUSE


def pending(session: Session, site: str, *, since: datetime) -> list[PendingPause]:
    """Pauses since then that no later attempt has ended, oldest first."""
    query = (
        select(EntryRow, DetailRow)
        .join(DetailRow, and_(_belongs(DetailRow), DetailRow.kind == Detail.DEGREES))
        .where(
            EntryRow.site == site,
            EntryRow.at >= since,
            EntryRow.kind == EntryKind.ATTEMPT,
            EntryRow.reason == Reason.SECOND_READING_PAUSE,
            ~is_ended(),
        )
        .order_by(EntryRow.entry_id)
    )
    return [_pause(row, detail) for row, detail in session.execute(query)]


def is_ended() -> ColumnElement[bool]:
    """Whether a later final attempt belongs to the same visitor as the EntryRow of a query.

    An attempt that names what it resumes ends that pause only; else its receipt decides, unless
    it is a party's: then the attempt is another member's.
    """
    later = aliased(EntryRow)
    return exists().where(
        later.site == EntryRow.site,
        later.entry_id > EntryRow.entry_id,
        later.kind == EntryKind.ATTEMPT,
        later.decision.in_(FINAL),
        or_(
            later.resumes == EntryRow.attempt_id,
            and_(
                later.resumes.is_(None),
                later.issuer == EntryRow.issuer,
                later.receipt_number == EntryRow.receipt_number,
                or_(EntryRow.reason != Reason.SECOND_READING_PAUSE, ~_is_for_a_party()),
            ),
        ),
    )


def _is_for_a_party() -> ColumnElement[bool]:
    """Whether several people come with the receipt of the EntryRow of a query."""
    return exists().where(
        ReceiptRow.issuer == EntryRow.issuer,
        ReceiptRow.number == EntryRow.receipt_number,
        ReceiptRow.party_size > 1,
    )


def ended_by(session: Session, office: Office, row: EntryRow) -> list[tuple[EntryRow, DetailRow]]:
    """The pauses that ``row`` (not yet added) ends, with the degrees that are still there."""
    if row.decision not in FINAL or (row.resumes is None and row.receipt_number is None):
        return []
    if row.resumes is not None:
        same = EntryRow.attempt_id == row.resumes
    else:
        same = and_(
            EntryRow.issuer == row.issuer,
            EntryRow.receipt_number == row.receipt_number,
            ~_is_for_a_party(),
        )
    query = (
        select(EntryRow, DetailRow)
        .join(DetailRow, and_(_belongs(DetailRow), DetailRow.kind == Detail.DEGREES))
        .where(
            EntryRow.site == office.site,
            EntryRow.kind == EntryKind.ATTEMPT,
            EntryRow.reason == Reason.SECOND_READING_PAUSE,
            same,
        )
    )
    return [(pause, detail) for pause, detail in session.execute(query)]


def add_to_series(
    session: Session,
    office: Office,
    attempt: Attempt,
    *,
    known: list[tuple[EntryRow, DetailRow]],
) -> None:
    """Put the attempt's temperatures into the series, but not those its pause put there."""
    counted = Counter(t for _, detail in known for t in read_temperatures(detail.content))
    first = first_of_device(attempt)
    for temperature in attempt.temperatures:
        if counted[temperature] > 0:
            counted[temperature] -= 1
            continue
        session.add(
            SeriesRow(
                series_id=secrets.randbelow(2**63),
                site=office.site,
                gate=attempt.gate,
                hour=office.hour_began(attempt.at),
                raw_celsius=temperature.raw_celsius,
                corrected_celsius=temperature.corrected_celsius,
                unshifted_celsius=without_baseline(first) if temperature is first else None,
            )
        )


def forget(
    session: Session,
    head: SiteRow,
    office: Office,
    ended: list[tuple[EntryRow, DetailRow]],
    *,
    at: datetime,
) -> None:
    """Erase the degrees of pauses that are over, unless the site keeps readings."""
    if office.retention.readings_days == 0:
        details = [(pause.entry_id, Detail.DEGREES) for pause, _ in ended]
        erase(session, head, details, at=at, why="second reading taken")


def forget_before(session: Session, head: SiteRow, office: Office, at: datetime) -> None:
    """Erase the degrees of pauses of earlier days, unless the site keeps readings."""
    if office.retention.readings_days > 0:
        return
    query = select(DetailRow.entry_id).where(
        DetailRow.site == office.site,
        DetailRow.kind == Detail.DEGREES,
        DetailRow.at < office.day_began(at),
    )
    details = [(entry_id, Detail.DEGREES) for entry_id in session.scalars(query)]
    erase(session, head, details, at=at, why="the day is over")


def _belongs(detail: type[DetailRow]) -> ColumnElement[bool]:
    return and_(detail.site == EntryRow.site, detail.entry_id == EntryRow.entry_id)


def _pause(row: EntryRow, detail: DetailRow) -> PendingPause:
    first: MeasuredTemperature = read_temperatures(detail.content)[0]
    return PendingPause(
        attempt_id=row.attempt_id or "",
        gate=row.gate or "",
        at=row.at,
        ready_at=row.ready_at or row.at,
        issuer=row.issuer,
        receipt_number=row.receipt_number,
        service=row.service,
        first=first,
    )
