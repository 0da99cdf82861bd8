"""All that the record holds of a receipt's holder: told to them, and erased when they ask.

What is erased is what leads to a person: names, contact, answers, priority group, remarks and
degrees. Rows of the log stay, with the digests of what they held, so that the chain stays valid.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from screening.record.book import end_receipt
from screening.record.chain import canonical
from screening.record.engine import Database
from screening.record.office import RecordedOffice
from screening.record.rows import ticket_of
from screening.record.tables import (
    DetailRow,
    EntryRow,
    HolderRow,
    KeptAnswerRow,
    ReceiptRow,
    RedemptionRow,
    VisitRow,
    is_of_an_attempt,
)
from screening.record.text import clean
from screening.record.writer import Transaction, Writer
from screening.visits import EntryKind

ASKED = "asked by the holder"
"""Why it was erased, and why the receipt was revoked with it."""
_MOST_REPLACED = 50
_NOT_TOLD = frozenset({"site", "token_id", "hold_id", "previous_hash", "hash", "digests", "salt"})
"""Columns that say nothing of a person: keys of ours, and the chain."""


class SqlPersons:
    """Persons by their receipts, on a database; safe to use from any thread."""

    def __init__(self, database: Database, office: RecordedOffice, writer: Writer) -> None:
        self._database = database
        self._office = office
        self._writer = writer

    def export(self, issuer: str, number: str) -> dict[str, Any]:
        """Everything that is kept with this receipt, ready for JSON; empty for an unknown one.

        Answers to the survey are not here: nothing tells whose they are.
        """
        with self._database.reading() as session:
            connection = session.connection()
            numbers = _numbers(connection, self._database.site, issuer, number)
            receipts = _rows(
                connection,
                select(ReceiptRow.__table__).where(
                    ReceiptRow.site == self._database.site,
                    ReceiptRow.issuer == issuer,
                    ReceiptRow.number.in_(numbers),
                ),
            )
            if not receipts:
                return {}
            holders = _rows(
                connection,
                select(HolderRow.__table__).where(
                    HolderRow.issuer == issuer, HolderRow.number.in_(numbers)
                ),
            )
            visits = connection.execute(
                select(VisitRow.__table__).where(
                    VisitRow.site == self._database.site,
                    VisitRow.issuer == issuer,
                    VisitRow.receipt_number.in_(numbers),
                )
            ).all()
            entries = self._entries(connection, issuer, numbers)
            details: dict[int, dict[str, Any]] = {}
            for row in connection.execute(
                select(DetailRow.entry_id, DetailRow.kind, DetailRow.content).where(
                    DetailRow.site == self._database.site,
                    DetailRow.entry_id.in_([entry.entry_id for entry in entries]),
                )
            ):
                details.setdefault(row.entry_id, {})[row.kind] = json.loads(row.content)
        return {
            "office": self._database.site,
            "receipts": receipts,
            "holder": [{**one, "answers": json.loads(one["answers"])} for one in holders],
            "visits": [
                {**_told(row._mapping), "ticket": ticket_of(row.queue, row.ticket_number)}
                for row in visits
            ],
            "log": [
                {
                    **_told(row._mapping),
                    **{
                        key: json.loads(text)
                        for key in ("results", "facts")
                        if (text := getattr(row, key)) is not None
                    },
                    "details": details.get(row.entry_id, {}),
                }
                for row in entries
            ],
        }

    def erase(self, issuer: str, number: str, *, by: str, at: datetime) -> dict[str, int]:
        """Erase it at once; rows erased by kind. A row of the log says so, also of nothing.

        A receipt that could still be used is revoked with it, and its place is free.
        Raises UnknownReceipt.
        """

        def erase(transaction: Transaction) -> dict[str, int]:
            transaction.look(at)
            transaction.flush()
            connection, site = transaction.connection, transaction.office.site
            numbers = _numbers(connection, site, issuer, number)
            if _can_be_used(connection, issuer, number, at):
                end_receipt(transaction, issuer, number, reason=ASKED, operator=by, at=at)
                transaction.flush()
            entries = self._entries(connection, issuer, numbers)
            found = connection.execute(
                select(DetailRow.entry_id, DetailRow.kind).where(
                    DetailRow.site == site,
                    DetailRow.entry_id.in_([entry.entry_id for entry in entries]),
                )
            ).all()
            details = [(row.entry_id, row.kind) for row in found]
            transaction.drop_details(details)
            erased = dict.fromkeys(sorted({kind for _, kind in details}), 0)
            for _, kind in details:
                erased[kind] += 1
            of_holder = and_(HolderRow.issuer == issuer, HolderRow.number.in_(numbers))
            # Counted by what comes back: in a pipeline nobody knows how many rows there were.
            gone = delete(HolderRow).where(of_holder).returning(HolderRow.number)
            erased["registration"] = len(connection.execute(gone).all())
            unnamed = (
                update(ReceiptRow)
                .where(
                    ReceiptRow.site == site,
                    ReceiptRow.issuer == issuer,
                    ReceiptRow.number.in_(numbers),
                    ReceiptRow.holder != "",
                )
                .values(holder="")
                .returning(ReceiptRow.number)
            )
            erased["receipt_name"] = len(connection.execute(unnamed).all())
            erased["answer"] = _forget_answers(connection, site, numbers)
            transaction.append(
                {
                    "kind": EntryKind.ERASURE,
                    "at": at,
                    "operator": clean(by) or None,
                    "issuer": issuer,
                    "receipt_number": number,
                    "facts": canonical({"erased": _by_kind(details), "why": ASKED}),
                }
            )
            return {kind: many for kind, many in erased.items() if many}

        erased = self._writer.do(erase)
        self._database.note_erased()
        self._database.drop_erased()
        return erased

    def _entries(self, connection: Connection, issuer: str, numbers: Iterable[str]) -> list[Any]:
        """The rows of the log about these receipts, and about what was tried with them."""
        row, site = EntryRow, self._database.site
        own = connection.execute(
            select(row.__table__).where(
                row.site == site, row.issuer == issuer, row.receipt_number.in_(list(numbers))
            )
        ).all()
        attempts = {one.attempt_id for one in own if one.attempt_id is not None}
        about = connection.execute(
            select(row.__table__).where(
                row.site == site,
                row.attempt_id.in_(attempts),
                is_of_an_attempt(row),
            )
        ).all()
        later = (one for one in about if one.receipt_number is None or one.issuer is None)
        return sorted({one.entry_id: one for one in (*own, *later)}.values(), key=_number_of)


def _number_of(row: Any) -> int:
    number: int = row.entry_id
    return number


def _numbers(connection: Connection, site: str, issuer: str, number: str) -> list[str]:
    """The receipt's, and those of the receipts that it replaces: their holder is the same."""
    found, look_at = [number], number
    while len(found) < _MOST_REPLACED:
        facts = connection.scalars(
            select(EntryRow.facts).where(
                EntryRow.site == site,
                EntryRow.issuer == issuer,
                EntryRow.receipt_number == look_at,
                EntryRow.kind.in_((EntryKind.BOOKED, EntryKind.ISSUED)),
                EntryRow.facts.is_not(None),
            )
        )
        before = next(
            filter(None, (json.loads(text or "{}").get("replaces") for text in facts)), ""
        )
        if not before or before in found:
            break
        found.append(before)
        look_at = before
    return found


def _can_be_used(connection: Connection, issuer: str, number: str, at: datetime) -> bool:
    taken = (
        select(func.count())
        .select_from(RedemptionRow)
        .where(RedemptionRow.issuer == issuer, RedemptionRow.receipt_number == number)
    )
    row = connection.execute(
        select(ReceiptRow.revoked_at, ReceiptRow.expires, ReceiptRow.party_size).where(
            ReceiptRow.issuer == issuer, ReceiptRow.number == number
        )
    ).first()
    if row is None or row.revoked_at is not None or row.expires <= at:
        return row is None  # which is told by whoever revokes it
    used: int = connection.scalar(taken) or 0
    return bool(used < row.party_size)


def _forget_answers(connection: Connection, site: str, numbers: list[str]) -> int:
    """What other systems were answered about these receipts; kept for a day anyway."""
    row = KeptAnswerRow
    about = [
        (one.caller, one.idempotency_key)
        for one in connection.execute(
            select(row.caller, row.idempotency_key, row.body).where(row.site == site)
        )
        if any(number.encode() in bytes(one.body) for number in numbers)
    ]
    for caller, key in about:
        connection.execute(
            delete(row).where(row.site == site, row.caller == caller, row.idempotency_key == key)
        )
    return len(about)


def _by_kind(details: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    erased: dict[str, list[int]] = {}
    for entry_id, kind in sorted(details):
        erased.setdefault(kind, []).append(entry_id)
    return erased


def _rows(connection: Connection, query: Any) -> list[dict[str, Any]]:
    return [_told(row._mapping) for row in connection.execute(query)]


def _told(columns: Any) -> dict[str, Any]:
    """A row as JSON has it: without empty columns and those that are only ours."""
    return {
        str(name): value.isoformat() if isinstance(value, (datetime, date)) else value
        for name, value in columns.items()
        if str(name) not in _NOT_TOLD and value is not None
    }
