"""The receipts this office issued or registered, on a database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.errors import ReceiptError, UnknownReceipt
from screening.receipts.claims import ReceiptClaims, ReceiptUse
from screening.record.chain import Detail, append
from screening.record.engine import Conflict, Database
from screening.record.rows import to_claims
from screening.record.state import places_of
from screening.record.tables import EntryRow, ReceiptRow
from screening.record.text import clean, clean_remark
from screening.visits import EntryKind
from screening.waiting_room.admission import use_of


class SqlReceiptBook:
    """ReceiptBook on a database; safe to use from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, claims: ReceiptClaims) -> None:
        """Raises ReceiptError when the number is taken."""
        row = ReceiptRow(
            issuer=claims.issuer,
            number=claims.number,
            site=claims.site,
            token_id=claims.token_id,
            service=claims.service,
            party_size=claims.party_size,
            holder=claims.holder,
            issued_at=claims.issued_at,
            not_before=claims.not_before,
            expires=claims.expires,
            slot=claims.slot,
        )
        try:
            with self._database.writing() as (session, _):
                session.add(row)
                session.flush()
        except Conflict as error:
            raise ReceiptError(f"receipt number {claims.number} is taken; issue again") from error

    def by_number(self, issuer: str, number: str) -> ReceiptClaims | None:
        """The receipt with this number, for a typed number."""
        with self._database.reading() as session:
            row = _find(session, issuer, number)
            return to_claims(row) if row is not None else None

    def revoke(self, issuer: str, number: str, *, reason: str, operator: str, at: datetime) -> None:
        """Raises UnknownReceipt; revoking twice keeps the first. Written to the log."""
        with self._database.writing() as (session, head):
            receipt = _find(session, issuer, number)
            if receipt is None:
                raise UnknownReceipt(f"there is no receipt {number!r} here")
            if receipt.revoked_at is not None:
                return
            receipt.revoked_at = at
            row = EntryRow(
                kind=EntryKind.REVOKE,
                at=at,
                operator=clean(operator),
                issuer=issuer,
                receipt_number=number,
                service=receipt.service,
            )
            append(session, head, row, {Detail.REMARK: clean_remark(reason)})

    def use_of(self, issuer: str, number: str, *, since: datetime) -> ReceiptUse:
        """Its use; ``since`` is the start of the site's day (for ``out_today``)."""
        with self._database.reading() as session:
            taken, is_revoked = places_of(session.connection(), issuer, number)
        return use_of(taken, is_revoked=is_revoked, since=since)


def _find(session: Session, issuer: str, number: str) -> ReceiptRow | None:
    return session.scalars(
        select(ReceiptRow).where(ReceiptRow.issuer == issuer, ReceiptRow.number == number)
    ).one_or_none()
