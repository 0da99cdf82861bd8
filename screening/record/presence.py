"""Who is inside: leaving, annulling, and closing what earlier days left open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.receipts.claims import ReceiptClaims
from screening.record.admission import IS_INSIDE
from screening.record.chain import append, canonical
from screening.record.office import Office
from screening.record.tables import EntryRow, RedemptionRow, SiteRow, VisitRow
from screening.record.text import clean
from screening.visits import EntryKind, ExitHow


def longest_inside(session: Session, site: str, receipt: ReceiptClaims | None) -> VisitRow | None:
    """The visit that began first, of this receipt where one is given."""
    query = select(VisitRow).where(VisitRow.site == site, IS_INSIDE)
    if receipt is not None:
        query = query.where(
            VisitRow.issuer == receipt.issuer, VisitRow.receipt_number == receipt.number
        )
    return session.scalars(query.order_by(VisitRow.entered_at, VisitRow.visit_id)).first()


def let_out(
    session: Session,
    head: SiteRow,
    visit: VisitRow,
    *,
    how: ExitHow,
    gate: str | None,
    operator: str | None,
    at: datetime,
) -> None:
    """End a visit and log it."""
    visit.left_at, visit.left_how = at, how.value
    row = EntryRow(
        kind=EntryKind.EXIT,
        at=at,
        gate=clean(gate),
        operator=clean(operator),
        attempt_id=visit.attempt_id,
        issuer=visit.issuer,
        receipt_number=visit.receipt_number,
        service=visit.service,
        facts=canonical({"visit": visit.visit_id, "how": how.value}),
    )
    append(session, head, row)


def annul(session: Session, visit: VisitRow, at: datetime) -> None:
    """Undo a visit: its place is free, or again held by the visit it continued."""
    visit.annulled_at = at
    taken = session.scalars(
        select(RedemptionRow).where(
            RedemptionRow.visit_id == visit.visit_id, RedemptionRow.place == visit.place
        )
    ).one_or_none()
    if taken is None:  # an override that redeemed nothing, or somebody came back since
        return
    if visit.returned_from is not None:
        taken.visit_id = visit.returned_from
    else:
        session.delete(taken)
    session.flush()


def close_earlier_days(
    session: Session, head: SiteRow, office: Office, at: datetime
) -> list[VisitRow]:
    """Let out, as CLOSING, everybody who came in before the day of ``at``."""
    forgotten = session.scalars(
        select(VisitRow)
        .where(VisitRow.site == office.site, VisitRow.entered_at < office.day_began(at), IS_INSIDE)
        .order_by(VisitRow.entered_at, VisitRow.visit_id)
    ).all()
    for visit in forgotten:
        let_out(session, head, visit, how=ExitHow.CLOSING, gate=None, operator=None, at=at)
    return list(forgotten)
