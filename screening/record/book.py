"""The receipts this office issued or registered, on a database."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, inspect, select, update
from sqlalchemy.orm import Session

from screening.decision import DecisionKind
from screening.errors import ReceiptError, RecordError, UnknownReceipt
from screening.receipts.claims import ReceiptClaims, ReceiptUse
from screening.receipts.links import SECRET_BYTES
from screening.record.chain import Detail, canonical
from screening.record.engine import Conflict, Database, make_engine, translated
from screening.record.facts import write_facts
from screening.record.rows import place_of, to_claims
from screening.record.state import places_of
from screening.record.tables import EntryRow, FactRow, ReceiptRow, RedemptionRow, VisitRow
from screening.record.text import clean, clean_remark
from screening.record.writer import Transaction, Writer
from screening.visits import EntryKind
from screening.waiting_room.admission import use_of

ASKED_TOGETHER = 500
"""Numbers in one question; databases take so many values and not many more."""


LINK_SECRET = "link_secret"
"""The fact of the office that nobody is shown: what keys of receipts' links are made of."""

_RECEIPTS = ReceiptRow.__table__
_PLACES_USED = (
    select(func.count())
    .select_from(RedemptionRow)
    .where(
        RedemptionRow.issuer == ReceiptRow.issuer,
        RedemptionRow.receipt_number == ReceiptRow.number,
    )
    .correlate(ReceiptRow)
    .scalar_subquery()
)


_TOKEN_ID = select(_RECEIPTS.c.token_id).where(
    _RECEIPTS.c.issuer == bindparam("issuer"), _RECEIPTS.c.number == bindparam("number")
)
"""Of columns alone: an object for whatever is found would tell by its time that there is one."""


class SqlReceiptBook:
    """ReceiptBook on a database; safe to use from any thread."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._link_secret: bytes | None = None
        self._is_finding_secret = threading.Lock()

    def add(self, claims: ReceiptClaims) -> None:
        """Raises ReceiptError when the number is taken."""
        self.add_all([claims])

    def add_all(self, claims: Sequence[ReceiptClaims]) -> None:
        """All in one transaction, or none: raises ReceiptError when a number is taken."""
        rows = [receipt_columns(one) for one in claims]
        try:
            self._writer.do(lambda transaction: transaction.execute(insert(ReceiptRow), rows))
        except Conflict as error:
            numbers = ", ".join(one.number for one in claims[:3])
            raise ReceiptError(f"receipt number {numbers} is taken; issue again") from error

    def import_all(
        self, issuer: str, claims: Sequence[ReceiptClaims], *, operator: str, at: datetime
    ) -> None:
        """Register the receipts of another issuer's list, all or none, with one row of the log.

        Raises ReceiptError where one is known already.
        """
        rows = [receipt_columns(one) for one in claims]

        def import_all(transaction: Transaction) -> None:
            transaction.look(at)
            known = sorted(_known(transaction.connection, issuer, [one.number for one in claims]))
            if known:
                raise ReceiptError(f"nothing was imported: {', '.join(known[:3])} is known already")
            transaction.execute(insert(ReceiptRow), rows)
            before = transaction.facts
            count = before.imported.get(issuer, 0) + len(rows)
            after = replace(before, imported={**before.imported, issuer: count})
            changes = {f"imported.{issuer}": (before.imported.get(issuer), count)}
            write_facts(transaction, after, changes, operator=operator, at=at)

        self._writer.do(import_all)

    def known_numbers(self, issuer: str, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these numbers of the issuer are registered already."""
        with self._database.reading() as session:
            return frozenset(_known(session.connection(), issuer, numbers))

    def by_number(self, issuer: str, number: str) -> ReceiptClaims | None:
        """The receipt with this number, for a typed number."""
        with self._database.reading() as session:
            row = _find(session, issuer, number)
            return to_claims(row) if row is not None else None

    def token_id(self, issuer: str, number: str) -> bytes | None:
        """The id of its token alone, for a link's key."""
        with self._database.reading_rows() as connection:
            found: bytes | None = connection.scalar(_TOKEN_ID, {"issuer": issuer, "number": number})
            return found

    def revoke(self, issuer: str, number: str, *, reason: str, operator: str, at: datetime) -> None:
        """Raises UnknownReceipt; revoking twice keeps the first. Written to the log.

        A booking is over with it, and its place is free.
        """

        def revoke(transaction: Transaction) -> None:
            transaction.look(at)
            end_receipt(transaction, issuer, number, reason=reason, operator=operator, at=at)

        self._writer.do(revoke)

    def use_of(self, issuer: str, number: str, *, since: datetime) -> ReceiptUse:
        """Its use; ``since`` is the start of the site's day (for ``out_today``)."""
        waited = select(EntryRow.at, EntryRow.decision).where(
            EntryRow.site == self._database.site,
            EntryRow.issuer == issuer,
            EntryRow.receipt_number == number,
        )
        with self._database.reading() as session:
            taken, is_revoked = places_of(session.connection(), issuer, number)
            # A receipt has few rows; asked for a time as well, SQLite would read the day's instead.
            told = session.execute(waited).all()
        use = use_of(taken, is_revoked=is_revoked, since=since)
        waits = (at for at, decision in told if decision == DecisionKind.WAIT and at >= since)
        return replace(use, waited=tuple(sorted(waits)))

    def link_secret(self) -> bytes:
        """What keys of this site's links are made of, made on first use; then from memory.

        Raises RecordError.
        """
        with self._is_finding_secret:
            if self._link_secret is None:
                self._link_secret = self._find_link_secret()
            return self._link_secret

    def _find_link_secret(self) -> bytes:
        site = self._database.site
        is_it = select(FactRow.value).where(FactRow.site == site, FactRow.key == LINK_SECRET)
        with self._database.reading() as session:
            known = session.scalar(is_it)
        if known is None:
            known = self._writer.do(_make_link_secret)
        return bytes.fromhex(json.loads(known))

    def newest(
        self, *, limit: int, service: str | None = None
    ) -> list[tuple[ReceiptClaims, ReceiptUse]]:
        """Newest issued first; of their use whether they were revoked and how many places are."""
        query = (
            select(ReceiptRow, _PLACES_USED)
            .where(ReceiptRow.site == self._database.site)
            .order_by(ReceiptRow.issued_at.desc(), ReceiptRow.number)
            .limit(limit)
        )
        if service is not None:
            query = query.where(ReceiptRow.service == service)
        with self._database.reading() as session:
            return [
                (
                    to_claims(row),
                    ReceiptUse(revoked=row.revoked_at is not None, places_used=places),
                )
                for row, places in session.execute(query)
            ]

    def has_issued(self, issuer: str) -> bool:
        """Whether any receipt of this issuer was ever registered."""
        with self._database.reading() as session:
            return session.scalars(_any_of(issuer)).first() is not None

    def count_good(self, service: str, *, at: datetime) -> int:
        """Receipts for this service that still let somebody in, now or later."""
        query = select(func.count()).where(
            ReceiptRow.site == self._database.site,
            ReceiptRow.service == service,
            ReceiptRow.revoked_at.is_(None),
            ReceiptRow.expires > at,
            ReceiptRow.party_size > _PLACES_USED,
        )
        with self._database.reading() as session:
            return session.scalar(query) or 0


def end_receipt(
    transaction: Transaction, issuer: str, number: str, *, reason: str, operator: str, at: datetime
) -> None:
    """Revoke a receipt, which ends its booking and its place in the line outside.

    ``look`` first. Raises UnknownReceipt.
    """
    transaction.flush()
    connection = transaction.connection
    is_it = (ReceiptRow.issuer == issuer, ReceiptRow.number == number)
    receipt = connection.execute(select(ReceiptRow.__table__).where(*is_it)).first()
    if receipt is None:
        raise UnknownReceipt(f"there is no receipt {number!r} here")
    if receipt.revoked_at is not None:
        return
    connection.execute(update(ReceiptRow).where(*is_it).values(revoked_at=at))
    transaction.leave_line((issuer, number))
    if receipt.day is not None and receipt.site == transaction.office.site:
        transaction.day(receipt.day).unbook(
            place_of(receipt),
            receipt.party_size,
            is_priority=receipt.is_priority,
            came=_came(transaction, receipt),
        )
    transaction.append(
        {
            "kind": EntryKind.REVOKE,
            "at": at,
            "operator": clean(operator),
            "issuer": issuer,
            "receipt_number": number,
            "service": receipt.service,
        },
        {Detail.REMARK: clean_remark(reason)},
    )


def _came(transaction: Transaction, receipt: Row[Any]) -> int:
    """How many of a booking were let in on its day."""
    query = select(VisitRow.entered_at).where(
        VisitRow.issuer == receipt.issuer,
        VisitRow.receipt_number == receipt.number,
        VisitRow.site == transaction.office.site,
        VisitRow.service == receipt.service,
        VisitRow.place > 0,
        VisitRow.returned_from.is_(None),
        VisitRow.annulled_at.is_(None),
    )
    entered = transaction.connection.execute(query)
    return sum(transaction.office.local_day(at) == receipt.day for (at,) in entered)


def peek_issued(where: str | Path, issuer: str) -> bool:
    """``has_issued`` of a database that is left as it is, also one without tables.

    Raises RecordError where it cannot be read.
    """
    engine = make_engine(where)
    try:
        with translated(RecordError), engine.connect() as connection:
            if not inspect(connection).has_table(ReceiptRow.__tablename__):
                return False
            return connection.scalars(_any_of(issuer)).first() is not None
    finally:
        engine.dispose()


def _known(connection: Connection, issuer: str, numbers: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(numbers), ASKED_TOGETHER):
        some = numbers[start : start + ASKED_TOGETHER]
        query = select(ReceiptRow.number).where(
            ReceiptRow.issuer == issuer, ReceiptRow.number.in_(some)
        )
        found.update(connection.scalars(query))
    return found


def _make_link_secret(transaction: Transaction) -> str:
    """As the table holds it; another process may have been first."""
    site = transaction.office.site
    is_it = select(FactRow.value).where(FactRow.site == site, FactRow.key == LINK_SECRET)
    known = transaction.connection.scalar(is_it)
    if known is None:
        known = canonical(secrets.token_bytes(SECRET_BYTES).hex())
        transaction.execute(insert(FactRow), [{"site": site, "key": LINK_SECRET, "value": known}])
    return known


def _any_of(issuer: str) -> Select[str]:
    return select(ReceiptRow.number).where(ReceiptRow.issuer == issuer).limit(1)


def receipt_columns(claims: ReceiptClaims) -> dict[str, Any]:
    """A row of ``receipts`` with nothing booked."""
    return {
        "issuer": claims.issuer,
        "number": claims.number,
        "site": claims.site,
        "token_id": claims.token_id,
        "service": claims.service,
        "party_size": claims.party_size,
        "holder": claims.holder,
        "issued_at": claims.issued_at,
        "not_before": claims.not_before,
        "expires": claims.expires,
        "slot": claims.slot,
        "revoked_at": None,
        "day": None,
        "slot_end": None,
        "is_priority": False,
        "booked_by": None,
        "language": None,
        "hold_id": None,
    }


def _find(session: Session, issuer: str, number: str) -> ReceiptRow | None:
    return session.scalars(
        select(ReceiptRow).where(ReceiptRow.issuer == issuer, ReceiptRow.number == number)
    ).one_or_none()
