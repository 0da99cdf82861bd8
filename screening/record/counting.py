"""Running figures counted anew from what a site wrote: after an upgrade, or in another zone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, insert, or_, select, update
from sqlalchemy.orm import aliased

from screening.record.chain import canonical
from screening.record.days import Day, day_columns, read_leaving
from screening.record.office import RecordedOffice
from screening.record.rows import place_of
from screening.record.tables import (
    DayRow,
    EntryRow,
    ReceiptRow,
    SiteRow,
    VisitRow,
    WaitRow,
)
from screening.visits import EntryKind
from screening.waiting_room.admission import FINAL, REFUSED, WAITING

BATCH = 5000
STILL_WAITS = timedelta(days=2)
"""Who was told to wait longer ago is not waiting in any zone's day."""


def count_days(connection: Connection, office: RecordedOffice) -> None:
    """Count the days of a site that were never counted, or in another zone; else do nothing."""
    site = connection.execute(
        select(SiteRow.days_zone, SiteRow.head_entry_id).where(SiteRow.code == office.site)
    ).one()
    if site.days_zone == office.zone.key:
        return
    kept = {
        row.day: read_leaving(row.leaving)
        for row in connection.execute(
            select(DayRow.day, DayRow.leaving).where(DayRow.site == office.site)
        )
    }
    connection.execute(delete(DayRow).where(DayRow.site == office.site))
    days = _days(connection, office)
    for key, leaving in kept.items():
        if key in days:
            days[key] = replace(days[key], **leaving)
    if days:
        rows = [
            {"site": office.site, "day": key, **day_columns(day, canonical)}
            for key, day in sorted(days.items())
        ]
        connection.execute(insert(DayRow), rows)
    if site.days_zone is None:
        _find_waits(connection, office)
    zone = update(SiteRow).where(SiteRow.code == office.site).values(days_zone=office.zone.key)
    connection.execute(zone)


def _days(connection: Connection, office: RecordedOffice) -> dict[date, Day]:
    days: defaultdict[date, Day] = defaultdict(Day)
    in_batches = {"yield_per": BATCH}
    visits = select(
        VisitRow.entered_at,
        VisitRow.service,
        VisitRow.queue,
        VisitRow.ticket_number,
        VisitRow.returned_from,
        VisitRow.left_at,
        VisitRow.annulled_at,
        VisitRow.place,
        ReceiptRow.day.label("booked_day"),
        ReceiptRow.service.label("booked_service"),
    )
    its_booking = and_(
        ReceiptRow.issuer == VisitRow.issuer,
        ReceiptRow.number == VisitRow.receipt_number,
        ReceiptRow.site == office.site,
        ReceiptRow.revoked_at.is_(None),
    )
    visits = visits.outerjoin(ReceiptRow, its_booking).where(VisitRow.site == office.site)
    for row in connection.execute(visits, execution_options=in_batches):
        hour, key = office.hour_of_day(row.entered_at), office.local_day(row.entered_at)
        is_booked = row.place > 0 and (row.booked_day, row.booked_service) == (key, row.service)
        _count_visit(days[key], row, hour, is_booked=is_booked)
    booked = select(ReceiptRow.__table__).where(
        ReceiptRow.site == office.site,
        ReceiptRow.day.is_not(None),
        ReceiptRow.revoked_at.is_(None),
    )
    for row in connection.execute(booked, execution_options=in_batches):
        days[row.day].book(place_of(row), row.party_size, is_priority=row.is_priority)
    refused = select(EntryRow.at, EntryRow.decision, EntryRow.reason).where(
        EntryRow.site == office.site,
        EntryRow.kind == EntryKind.ATTEMPT.value,
        EntryRow.decision.in_([decision.value for decision in REFUSED]),
    )
    for at, decision, reason in connection.execute(refused, execution_options=in_batches):
        day = days[office.local_day(at)]
        day.count_attempt(decision, reason, hour=office.hour_of_day(at))
    return dict(days)


def _count_visit(day: Day, row: Any, hour: int, *, is_booked: bool) -> None:
    is_return = row.returned_from is not None
    day.admit(
        service=row.service,
        queue=row.queue,
        ticket=row.ticket_number,
        is_return=is_return,
        hour=hour,
        is_booked=is_booked,
    )
    if row.annulled_at is not None:
        day.annul(
            service=row.service,
            is_return=is_return,
            was_inside=True,
            hour=hour,
            is_booked=is_booked,
        )
    elif row.left_at is not None:
        day.inside -= 1


def _find_waits(connection: Connection, office: RecordedOffice) -> None:
    """Who still waits, as an earlier version told it from the log."""
    later = aliased(EntryRow)
    is_ended = exists().where(
        later.site == EntryRow.site,
        later.entry_id > EntryRow.entry_id,
        later.kind == EntryKind.ATTEMPT.value,
        later.decision.in_([decision.value for decision in FINAL]),
        or_(
            later.resumes == EntryRow.attempt_id,
            and_(
                later.resumes.is_(None),
                later.issuer == EntryRow.issuer,
                later.receipt_number == EntryRow.receipt_number,
            ),
        ),
    )
    since = _utc(office.clock.now()) - STILL_WAITS
    found = connection.execute(
        select(
            EntryRow.attempt_id,
            EntryRow.entry_id,
            EntryRow.reason,
            EntryRow.at,
            EntryRow.ready_at,
            EntryRow.issuer,
            EntryRow.receipt_number,
            ReceiptRow.party_size,
        )
        .outerjoin(
            ReceiptRow,
            and_(
                ReceiptRow.issuer == EntryRow.issuer, ReceiptRow.number == EntryRow.receipt_number
            ),
        )
        .where(
            EntryRow.site == office.site,
            EntryRow.at >= since,
            EntryRow.kind == EntryKind.ATTEMPT.value,
            EntryRow.reason.in_([reason.value for reason in WAITING]),
            ~is_ended,
        )
    ).all()
    if found:
        rows = [
            {"site": office.site, **row._asdict(), "party_size": row.party_size or 1}
            for row in found
        ]
        connection.execute(insert(WaitRow), rows)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
