"""Who is inside: leaving, annulling, and closing what earlier days left open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

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
    """Let out, as CLOSING, everybody who came in before the day of ``at``.

    Also whoever came while the clock was ahead, once the log shows that this was an earlier day:
    else they would be inside until that time has come, and all its day.
    """
    day_began = office.day_began(at)
    inside = select(VisitRow).where(VisitRow.site == office.site, IS_INSIDE)
    in_order = VisitRow.entered_at, VisitRow.visit_id
    earlier = inside.where(VisitRow.entered_at < day_began).order_by(*in_order)
    forgotten = list(session.scalars(earlier))
    to_come = inside.where(VisitRow.entered_at > at)
    if session.scalars(to_come.limit(1)).first() is not None:  # only where a clock was wrong
        of_before = to_come.where(_is_before_a_row_of(day_began)).order_by(*in_order)
        forgotten += session.scalars(of_before)
    for visit in forgotten:
        let_out(session, head, visit, how=ExitHow.CLOSING, gate=None, operator=None, at=at)
    return forgotten


def _is_before_a_row_of(day_began: datetime) -> ColumnElement[bool]:
    """Whether the VisitRow of a query was written before a row of before ``day_began``."""
    written, later = aliased(EntryRow), aliased(EntryRow)
    return exists().where(
        written.site == VisitRow.site,
        written.attempt_id == VisitRow.attempt_id,
        written.kind == EntryKind.ATTEMPT,
        later.site == VisitRow.site,
        later.entry_id > written.entry_id,
        later.at < day_began,
    )
