"""Whether somebody may come in now, decided while the site is locked.

An emergency is let in past quota and capacity, an override past everything, since a person decided:
over capacity both are recorded without a seat, and an override whose receipt has no place left is
recorded with place 0 and redeems nothing. A return on the same day re-opens its place, keeps its
ticket and takes nothing from the quota.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from screening.decision import DecisionKind, Reason
from screening.receipts.claims import ReceiptClaims, ReceiptUse
from screening.receipts.rules import check_use
from screening.record.office import Office
from screening.record.tables import ReceiptRow, RedemptionRow, ServiceRow, VisitRow
from screening.visits import Attempt, ExitHow
from screening.waiting_room.plan import choose_seat

QUEUE_WITHOUT_SERVICE = "UMUM"

_UNQUOTED = frozenset({Reason.EMERGENCY, Reason.OVERRIDE})

Taken = list[tuple[RedemptionRow, VisitRow]]
"""The redeemed places of one receipt in order, each with the visit that holds it."""

IS_INSIDE: ColumnElement[bool] = and_(VisitRow.left_at.is_(None), VisitRow.annulled_at.is_(None))


@dataclass(frozen=True, slots=True)
class Refused:
    """What an intended admission turned into."""

    decision: DecisionKind
    reason: Reason


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the receipt; ``continues`` is today's earlier visit of a holder who returns."""

    number: int
    redeems: bool = False
    continues: VisitRow | None = None


def admit(session: Session, office: Office, attempt: Attempt) -> VisitRow | Refused:
    """Redeem, seat and ticket this visitor, or say why not; nothing is written when refused."""
    today = office.day_began(attempt.at)
    place = _place(session, attempt, today)
    if isinstance(place, Refused):
        return place
    passes = attempt.reason in _UNQUOTED
    if place.continues is None and not passes and _quota_is_reached(session, office, attempt):
        return Refused(DecisionKind.DENY, Reason.QUOTA_REACHED)
    is_full = count_inside(session, office.site, since=today) >= office.capacity
    if is_full and not passes:
        return Refused(DecisionKind.WAIT, Reason.ROOM_FULL)
    visit = _visit(session, office, attempt, place)
    visit.seat = None if is_full else _seat(session, office, attempt.receipt)
    session.add(visit)
    session.flush()
    if attempt.receipt is not None:
        redeem(session, office.site, attempt.receipt, place, visit.visit_id)
    return visit


def redeem(
    session: Session, site: str, receipt: ReceiptClaims, place: Place, visit_id: int
) -> None:
    """Take the place; the primary key refuses a second taker."""
    if place.redeems:
        session.add(
            RedemptionRow(
                issuer=receipt.issuer,
                receipt_number=receipt.number,
                place=place.number,
                site=site,
                visit_id=visit_id,
            )
        )
        session.flush()
    elif place.continues is not None:
        taken = session.get_one(RedemptionRow, (receipt.issuer, receipt.number, place.number))
        taken.visit_id = visit_id
        session.flush()


def use_of(session: Session, issuer: str, number: str, *, since: datetime) -> ReceiptUse:
    """What happened to the receipt; inside and out count the day that began at ``since`` only."""
    taken = _redemptions(session, issuer, number)
    return _use(taken, revoked=_is_revoked(session, issuer, number), since=since)


def _use(taken: Taken, *, revoked: bool, since: datetime) -> ReceiptUse:
    visits = [visit for _, visit in taken]
    return ReceiptUse(
        revoked=revoked,
        places_used=len(visits),
        inside=sum(v.left_at is None and v.entered_at >= since for v in visits),
        out_today=sum(_is_out(v, since) for v in visits),
    )


def count_inside(session: Session, site: str, *, since: datetime) -> int:
    """People inside who came since then."""
    return (
        session.scalar(
            select(func.count())
            .select_from(VisitRow)
            .where(VisitRow.site == site, VisitRow.entered_at >= since, IS_INSIDE)
        )
        or 0
    )


def service_of(attempt: Attempt) -> str | None:
    """The service asked for; a receipt says it where the gate does not."""
    if attempt.service is not None or attempt.receipt is None:
        return attempt.service
    return attempt.receipt.service


def _place(session: Session, attempt: Attempt, today: datetime) -> Place | Refused:
    receipt = attempt.receipt
    if receipt is None:
        return Place(1)
    taken = _redemptions(session, receipt.issuer, receipt.number)
    revoked = _is_revoked(session, receipt.issuer, receipt.number)
    use = _use(taken, revoked=revoked, since=today)
    if not attempt.is_return_allowed:
        use = ReceiptUse(revoked=use.revoked, places_used=use.places_used, inside=use.inside)
    refusal = check_use(use, receipt)
    if refusal is not None:
        if attempt.reason is Reason.OVERRIDE:
            return Place(0)
        return Refused(DecisionKind.DENY, refusal)
    numbers = {redemption.place for redemption, _ in taken}
    for number in range(1, receipt.party_size + 1):
        if number not in numbers:
            return Place(number, redeems=True)
    redemption, visit = next(pair for pair in taken if _is_out(pair[1], today))
    return Place(redemption.place, continues=visit)


def _is_revoked(session: Session, issuer: str, number: str) -> bool:
    query = select(ReceiptRow.revoked_at).where(
        ReceiptRow.issuer == issuer, ReceiptRow.number == number
    )
    return session.scalar(query) is not None


def _redemptions(session: Session, issuer: str, number: str) -> Taken:
    query = (
        select(RedemptionRow, VisitRow)
        .join(VisitRow, VisitRow.visit_id == RedemptionRow.visit_id)
        .where(RedemptionRow.issuer == issuer, RedemptionRow.receipt_number == number)
        .order_by(RedemptionRow.place)
    )
    return [(redemption, visit) for redemption, visit in session.execute(query)]


def _is_out(visit: VisitRow, since: datetime) -> bool:
    return (
        visit.left_at is not None and visit.left_at >= since and visit.left_how != ExitHow.CLOSING
    )


def _quota_is_reached(session: Session, office: Office, attempt: Attempt) -> bool:
    day = _local_day(office, attempt.at)
    if office.daily_quota is not None and _admitted(session, office, day) >= office.daily_quota:
        return True
    service = session.get(ServiceRow, (office.site, service_of(attempt) or ""))
    if service is None or service.daily_quota is None:
        return False
    return _admitted(session, office, day, service.code) >= service.daily_quota


def _admitted(session: Session, office: Office, day: date, service: str | None = None) -> int:
    query = select(func.count()).where(
        VisitRow.site == office.site,
        VisitRow.day == day,
        VisitRow.annulled_at.is_(None),
        VisitRow.returned_from.is_(None),
    )
    if service is not None:
        query = query.where(VisitRow.service == service)
    return session.scalar(query) or 0


def _visit(session: Session, office: Office, attempt: Attempt, place: Place) -> VisitRow:
    day = _local_day(office, attempt.at)
    queue, number = _ticket(session, office, attempt, place)
    receipt = attempt.receipt
    return VisitRow(
        site=office.site,
        attempt_id=attempt.attempt_id,
        gate=attempt.gate,
        entered_at=attempt.at,
        day=day,
        service=service_of(attempt),
        issuer=receipt.issuer if receipt is not None else None,
        receipt_number=receipt.number if receipt is not None else None,
        place=place.number,
        queue=queue,
        ticket_number=number,
        returned_from=place.continues.visit_id if place.continues is not None else None,
    )


def _ticket(session: Session, office: Office, attempt: Attempt, place: Place) -> tuple[str, int]:
    if place.continues is not None:
        return place.continues.queue, place.continues.ticket_number
    queue = service_of(attempt) or QUEUE_WITHOUT_SERVICE
    last = session.scalar(
        select(func.max(VisitRow.ticket_number)).where(
            VisitRow.site == office.site,
            VisitRow.day == _local_day(office, attempt.at),
            VisitRow.queue == queue,
            VisitRow.returned_from.is_(None),
        )
    )
    return queue, (last or 0) + 1


def _seat(session: Session, office: Office, receipt: ReceiptClaims | None) -> str | None:
    rows = session.execute(
        select(VisitRow.seat, VisitRow.issuer, VisitRow.receipt_number).where(
            VisitRow.site == office.site, VisitRow.seat.is_not(None), IS_INSIDE
        )
    )
    seated = {seat: (issuer, number) for seat, issuer, number in rows if seat is not None}
    party = (receipt.issuer, receipt.number) if receipt is not None else None
    companion = next((seat for seat, holder in seated.items() if holder == party), None)
    return choose_seat(office.plan, seated, companion)


def _local_day(office: Office, at: datetime) -> date:
    return at.astimezone(office.zone).date()
