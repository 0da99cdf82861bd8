"""The room and the day in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.decision import DecisionKind, Reason
from screening.record.admission import IS_INSIDE, count_inside
from screening.record.office import Office
from screening.record.pauses import is_ended
from screening.record.tables import EntryRow, VisitRow
from screening.visits import DayFigures, EntryKind, SeatState

WAITS_AT_MOST = timedelta(hours=1)
"""Who was told to wait and has not come back for so long is taken to have gone home."""

_REFUSED = (DecisionKind.DENY, DecisionKind.REFER)
_WAITING = (Reason.ROOM_FULL, Reason.SECOND_READING_PAUSE)


def figures(session: Session, office: Office, *, since: datetime, at: datetime) -> DayFigures:
    refused = session.execute(
        select(EntryRow.reason, func.count())
        .where(
            EntryRow.site == office.site,
            EntryRow.at >= since,
            EntryRow.kind == EntryKind.ATTEMPT,
            EntryRow.decision.in_(_REFUSED),
        )
        .group_by(EntryRow.reason)
    ).all()
    by_reason = {Reason(reason): number for reason, number in refused if reason is not None}
    admitted = session.scalar(
        select(func.count()).where(
            VisitRow.site == office.site,
            VisitRow.entered_at >= since,
            VisitRow.annulled_at.is_(None),
            VisitRow.returned_from.is_(None),
        )
    )
    return DayFigures(
        since=since,
        occupancy=count_inside(session, office.site, since=since),
        capacity=office.capacity,
        admitted=admitted or 0,
        refused=sum(by_reason.values()),
        refused_by_reason=by_reason,
        waiting_outside=_waiting_outside(session, office, since=max(since, at - WAITS_AT_MOST)),
        updated_at=at,
    )


def inside(session: Session, office: Office) -> Sequence[VisitRow]:
    """Today's visits that have not ended, longest inside first."""
    today = office.day_began(office.clock.now())
    return session.scalars(
        select(VisitRow)
        .where(VisitRow.site == office.site, VisitRow.entered_at >= today, IS_INSIDE)
        .order_by(VisitRow.entered_at, VisitRow.visit_id)
    ).all()


def seats(session: Session, office: Office) -> list[SeatState]:
    taken = {visit.seat: visit.visit_id for visit in inside(session, office)}
    return [
        SeatState(
            label=seat.label,
            row=seat.row,
            column=seat.column,
            is_sealed=seat.is_sealed,
            visit_id=taken.get(seat.label),
        )
        for seat in office.plan.seats
    ]


def hourly(session: Session, office: Office, *, since: datetime) -> list[tuple[datetime, int, int]]:
    entered = session.scalars(
        select(VisitRow.entered_at).where(
            VisitRow.site == office.site,
            VisitRow.entered_at >= since,
            VisitRow.annulled_at.is_(None),
            VisitRow.returned_from.is_(None),
        )
    )
    refused = session.scalars(
        select(EntryRow.at).where(
            EntryRow.site == office.site,
            EntryRow.at >= since,
            EntryRow.kind == EntryKind.ATTEMPT,
            EntryRow.decision.in_(_REFUSED),
        )
    )
    came = Counter(office.hour_began(at) for at in entered)
    went = Counter(office.hour_began(at) for at in refused)
    return [(hour, came[hour], went[hour]) for hour in sorted(came.keys() | went.keys())]


def _waiting_outside(session: Session, office: Office, *, since: datetime) -> int:
    rows = session.execute(
        select(EntryRow.issuer, EntryRow.receipt_number, EntryRow.attempt_id).where(
            EntryRow.site == office.site,
            EntryRow.at >= since,
            EntryRow.kind == EntryKind.ATTEMPT,
            EntryRow.reason.in_(_WAITING),
            ~is_ended(),
        )
    )
    # One receipt that was scanned twice while the room was full is one visitor.
    return len({(issuer, number) if number else attempt for issuer, number, attempt in rows})
