"""Closed days on a database: one transaction closes, and moves everybody who had booked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, insert, select, update
from sqlalchemy.orm import Session

from screening.errors import UnknownClosing
from screening.office.changes import differences, plain, with_closings
from screening.office.undoing import undoing
from screening.record.bookings import SqlBookings, given_again, move_booking, taken_now
from screening.record.chain import canonical
from screening.record.engine import Database
from screening.record.facts import SqlOfficeFacts, write_facts
from screening.record.office import RecordedOffice
from screening.record.rows import place_of, read_time, to_claims
from screening.record.tables import (
    ClosingMoveRow,
    ClosingRow,
    EntryRow,
    HolderRow,
    ReceiptRow,
    RedemptionRow,
)
from screening.record.text import clean
from screening.record.writer import Transaction, Writer
from screening.registration.bookings import BookingRefusal, Place
from screening.registration.closer import Rebook
from screening.registration.closing import (
    DAYS_SEARCHED,
    Affected,
    ClosedDays,
    Closing,
    Moved,
    Notice,
    Rebooking,
    Told,
    closing_hours,
    is_closed_to,
    rebookings,
    require_possible,
)
from screening.registration.rules import UNTAKEN
from screening.visits import EntryKind, LogEntry

_NOBODY_CAME = ~exists().where(
    RedemptionRow.issuer == ReceiptRow.issuer, RedemptionRow.receipt_number == ReceiptRow.number
)

_MOVED = (
    select(
        ClosingMoveRow.__table__,
        ReceiptRow.day.label("now_day"),
        ReceiptRow.slot.label("now_slot"),
        ReceiptRow.party_size,
        ReceiptRow.is_priority,
        ReceiptRow.language,
        ReceiptRow.revoked_at,
        HolderRow.name,
        HolderRow.contact,
        _NOBODY_CAME.label("nobody_came"),
    )
    .join(
        ReceiptRow,
        (ReceiptRow.issuer == ClosingMoveRow.issuer) & (ReceiptRow.number == ClosingMoveRow.number),
    )
    .outerjoin(
        HolderRow,
        (HolderRow.issuer == ReceiptRow.issuer) & (HolderRow.number == ReceiptRow.number),
    )
)


class SqlClosings:
    """ClosingBook on a database; safe to use from any thread."""

    def __init__(
        self,
        database: Database,
        office: RecordedOffice,
        *,
        facts: SqlOfficeFacts,
        bookings: SqlBookings,
        writer: Writer,
    ) -> None:
        self._database = database
        self._office = office
        self._facts = facts
        self._bookings = bookings
        self._writer = writer

    def preview(self, closing: Closing, *, issuer: str, at: datetime) -> list[Rebooking]:
        """What ``close`` would do now, whoever booked first first; nothing is written."""
        office = self._office
        after = closing_hours(closing, office.holidays)(self._facts.current())
        calendar = office.calendar(after, at)
        with self._database.reading() as session:
            affected = _affected(
                session,
                closing,
                site=self._database.site,
                issuer=issuer,
                late_minutes=after.slot_late_minutes,
            )
        last = max(closing.days[-1], calendar.today) + timedelta(days=DAYS_SEARCHED)
        taken = self._bookings.taken(calendar.today, last, at=at)
        return rebookings(affected, calendar, lambda day: taken.get(day, UNTAKEN))

    def close(
        self, closing: Closing, rebook: Rebook, *, issuer: str, by: str, at: datetime
    ) -> ClosedDays:
        """Close and move in one transaction. Raises OfficeError for what cannot be closed."""

        def close(transaction: Transaction) -> int:
            transaction.look(at)
            office = transaction.office
            now = office.calendar(transaction.facts, at).now
            require_possible(closing, transaction.facts, now=now)
            changed = _change(
                transaction,
                closing_hours(closing, office.holidays)(transaction.facts),
                by=by,
                at=at,
            )
            transaction.flush()
            affected = _affected(
                transaction.connection,
                closing,
                site=office.site,
                issuer=issuer,
                late_minutes=transaction.facts.slot_late_minutes,
            )
            found = rebookings(
                affected,
                office.calendar(transaction.facts, at),
                lambda day: taken_now(transaction, day, at=at),
            )
            return _close(transaction, closing, found, rebook, changed=changed, by=by, at=at)

        closing_id = self._writer.do(close)
        self._facts.wake()
        return self._known(closing_id)

    def reopen(self, closing_id: int, rebook: Rebook, *, by: str, at: datetime) -> ClosedDays:
        """Open again, and give those their old places back with whom nothing has happened since.

        Raises UnknownClosing, and OfficeError where the hours were changed since.
        """

        def reopen(transaction: Transaction) -> None:
            transaction.look(at)
            transaction.flush()
            row = _closing_row(transaction.connection, transaction.office.site, closing_id)
            if row is None:
                raise UnknownClosing(f"there is no closing {closing_id}")
            if row.reopened_at is not None:
                return
            _open_again(transaction, row, by=by, at=at)
            transaction.flush()
            for move in transaction.connection.execute(
                _moves(transaction.office.site, closing_id)
            ).all():
                _take_back(transaction, move, rebook, by=by, at=at)
            transaction.connection.execute(
                update(ClosingRow)
                .where(
                    ClosingRow.site == transaction.office.site,
                    ClosingRow.closing_id == closing_id,
                )
                .values(reopened_at=at)
            )

        self._writer.do(reopen)
        self._facts.wake()
        return self._known(closing_id)

    def tell(self, closing_id: int, number: str, told: Told, *, by: str, at: datetime) -> Moved:
        """Note how somebody was told. Raises UnknownClosing."""

        def tell(transaction: Transaction) -> Moved:
            transaction.look(at)
            transaction.flush()
            site = transaction.office.site
            query = _moves(site, closing_id).where(ClosingMoveRow.number == number)
            row = transaction.connection.execute(query).first()
            if row is None:
                raise UnknownClosing(f"closing {closing_id} has nothing to do with {number!r}")
            values = {"told": told, "told_at": at, "told_by": clean(by)}
            transaction.connection.execute(
                update(ClosingMoveRow)
                .where(
                    ClosingMoveRow.site == site,
                    ClosingMoveRow.closing_id == closing_id,
                    ClosingMoveRow.number == number,
                )
                .values(**values)
            )
            transaction.append(
                {
                    "kind": EntryKind.HOLDER_TOLD,
                    "at": at,
                    "operator": clean(by) or None,
                    "issuer": row.issuer,
                    "receipt_number": number,
                    "service": row.service,
                    "facts": canonical({"closing": closing_id, "told": told.value}),
                }
            )
            return replace(_to_moved(row), told=told, told_at=at, told_by=by)

        return self._writer.do(tell)

    def closings(self, *, since: datetime) -> list[ClosedDays]:
        """Those made since then, the newest first."""
        query = (
            select(ClosingRow.__table__)
            .where(ClosingRow.site == self._database.site, ClosingRow.at >= since)
            .order_by(ClosingRow.closing_id.desc())
        )
        with self._database.reading() as session:
            rows = session.execute(query).all()
            return [self._counted(session, row) for row in rows]

    def closing(self, closing_id: int) -> ClosedDays | None:
        """One of them."""
        with self._database.reading() as session:
            row = _closing_row(session, self._database.site, closing_id)
            return None if row is None else self._counted(session, row)

    def moved(self, closing_id: int) -> list[Moved]:
        """Whom a closing touched, whoever booked first first."""
        with self._database.reading() as session:
            return self._moved(session, closing_id)

    def notice(self, issuer: str, number: str) -> Notice | None:
        """What the holder of a receipt is told of the newest closing that touched it."""
        site = self._database.site
        query = (
            _MOVED.where(
                ClosingMoveRow.site == site,
                ClosingMoveRow.issuer == issuer,
                ClosingMoveRow.number == number,
            )
            .order_by(ClosingMoveRow.closing_id.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            row = session.execute(query).first()
            if row is None:
                return None
            closing = _closing_row(session, site, row.closing_id)
            if closing is None or (closing.reopened_at is not None and row.new_day is None):
                return None
            return Notice(closing=_to_closing(closing), moved=_to_moved(row))

    def _known(self, closing_id: int) -> ClosedDays:
        found = self.closing(closing_id)
        assert found is not None
        return found

    def _moved(self, session: Session, closing_id: int) -> list[Moved]:
        query = _moves(self._database.site, closing_id)
        return [_to_moved(row) for row in session.execute(query)]

    def _counted(self, session: Session, row: Row[Any]) -> ClosedDays:
        moved = self._moved(session, row.closing_id)
        calls = (one for one in moved if one.contact and not one.is_settled)
        return ClosedDays(
            closing_id=row.closing_id,
            closing=_to_closing(row),
            at=row.at,
            by=row.operator,
            bookings=len(moved),
            without_place=sum(one.after is None for one in moved),
            open_calls=sum(one.told is not Told.AGREED for one in calls),
            reopened_at=row.reopened_at,
        )


def _affected(
    connection: Connection | Session,
    closing: Closing,
    *,
    site: str,
    issuer: str,
    late_minutes: int,
) -> list[Affected]:
    """Whose bookings are good and cannot be used any more, and with which nobody came yet."""
    query = select(ReceiptRow.__table__).where(
        ReceiptRow.site == site,
        ReceiptRow.day.in_(closing.days),
        ReceiptRow.issuer == issuer,
        ReceiptRow.revoked_at.is_(None),
        _NOBODY_CAME,
    )
    return [
        Affected(
            issuer=row.issuer,
            number=row.number,
            place=place_of(row),
            people=row.party_size,
            is_priority=row.is_priority,
            booked_at=row.issued_at,
        )
        for row in connection.execute(query)
        if is_closed_to(place_of(row), closing, late_minutes=late_minutes)
    ]


def _change(transaction: Transaction, after: Any, *, by: str, at: datetime) -> LogEntry | None:
    """Make these the office's facts, with a row of the log; None where nothing differs."""
    before = transaction.facts
    after = with_closings(before, after, today=transaction.office.local_day(at))
    changes = differences(plain(before), plain(after))
    return write_facts(transaction, after, changes, operator=by, at=at) if changes else None


def _close(
    transaction: Transaction,
    closing: Closing,
    found: list[Rebooking],
    rebook: Rebook,
    *,
    changed: LogEntry | None,
    by: str,
    at: datetime,
) -> int:
    """Move them all, and note it; the closing's number."""
    site, connection = transaction.office.site, transaction.connection
    newest = connection.scalar(
        select(func.max(ClosingRow.closing_id)).where(ClosingRow.site == site)
    )
    closing_id = (newest or 0) + 1
    row = {
        "site": site,
        "closing_id": closing_id,
        "first": closing.days[0],
        "last": closing.days[-1],
        "from_time": None if closing.from_time is None else f"{closing.from_time:%H:%M}",
        "service": closing.service,
        "reasons": json.dumps(dict(closing.reasons), ensure_ascii=False),
        "at": at,
        "operator": clean(by),
        "entry_id": None if changed is None else changed.entry_id,
        "reopened_at": None,
    }
    connection.execute(insert(ClosingRow), [row])
    moves = [
        _move(transaction, one, closing_id, position, rebook, by=by, at=at)
        for position, one in enumerate(found)
    ]
    if moves:
        connection.execute(insert(ClosingMoveRow), moves)
    return closing_id


def _move(
    transaction: Transaction,
    one: Rebooking,
    closing_id: int,
    position: int,
    rebook: Rebook,
    *,
    by: str,
    at: datetime,
) -> dict[str, Any]:
    """Its row of ``closing_moves``, once it is moved."""
    affected, entry = one.affected, None
    if one.place is not None:
        receipt = _receipt(transaction, affected.issuer, affected.number)
        claims = rebook(to_claims(receipt), one.place)
        entry = move_booking(
            transaction, receipt, one.place, claims, by=by, at=at, closing=closing_id
        )
    return {
        "site": transaction.office.site,
        "closing_id": closing_id,
        "issuer": affected.issuer,
        "number": affected.number,
        "position": position,
        "service": affected.place.service,
        "day": affected.place.day,
        "slot": _told_time(affected.place.start),
        "slot_end": _told_time(affected.place.end),
        "new_day": None if one.place is None else one.place.day,
        "new_slot": None if one.place is None else _told_time(one.place.start),
        "new_slot_end": None if one.place is None else _told_time(one.place.end),
        "entry_id": None if entry is None else entry.entry_id,
        "told": None,
        "told_at": None,
        "told_by": None,
    }


def _open_again(transaction: Transaction, row: Row[Any], *, by: str, at: datetime) -> None:
    """The hours are as they were before the closing. Raises OfficeError."""
    if row.entry_id is None:
        return
    entry = transaction.connection.execute(
        select(EntryRow.facts).where(
            EntryRow.site == transaction.office.site, EntryRow.entry_id == row.entry_id
        )
    ).one()
    told: Mapping[str, Any] = json.loads(entry.facts)
    before, after = told["before"], told["after"]
    changes = {key: (before.get(key), after.get(key)) for key in before.keys() | after.keys()}
    _change(transaction, undoing(changes)(transaction.facts), by=by, at=at)


def _take_back(
    transaction: Transaction, move: Row[Any], rebook: Rebook, *, by: str, at: datetime
) -> None:
    """The booking has its old place again; nothing where anything has happened since, or where that
    place is over, closed or taken."""
    if move.entry_id is None or move.told == Told.AGREED:
        return
    newest = transaction.connection.scalar(
        select(func.max(EntryRow.entry_id)).where(
            EntryRow.site == transaction.office.site,
            EntryRow.issuer == move.issuer,
            EntryRow.receipt_number == move.number,
            EntryRow.kind.not_in((EntryKind.HOLDER_TOLD, EntryKind.CONTACT_SHOWN)),
        )
    )
    if newest != move.entry_id:
        return
    receipt, place = _receipt(transaction, move.issuer, move.number), place_of(move)
    calendar = transaction.office.calendar(transaction.facts, at)
    hours = calendar.hours(calendar.facts.services[place.service], place.day)
    now = calendar.now.replace(tzinfo=None)
    is_over = place.start is not None and datetime.combine(place.day, place.start) < now
    is_open = not hours.is_closed if place.start is None else hours.is_open_at(place.start)
    if is_over or not is_open:
        return
    given = given_again(transaction, place, receipt, at=at, without=receipt)
    if not isinstance(given, BookingRefusal):
        claims = rebook(to_claims(receipt), given)
        closing_id = move.closing_id
        move_booking(transaction, receipt, given, claims, by=by, at=at, closing=closing_id)
        transaction.flush()


def _receipt(transaction: Transaction, issuer: str, number: str) -> Any:
    query = select(ReceiptRow.__table__).where(
        ReceiptRow.issuer == issuer, ReceiptRow.number == number
    )
    return transaction.connection.execute(query).one()


def _closing_row(connection: Connection | Session, site: str, closing_id: int) -> Row[Any] | None:
    query = select(ClosingRow.__table__).where(
        ClosingRow.site == site, ClosingRow.closing_id == closing_id
    )
    return connection.execute(query).first()


def _moves(site: str, closing_id: int) -> Select[Any]:
    return _MOVED.where(
        ClosingMoveRow.site == site, ClosingMoveRow.closing_id == closing_id
    ).order_by(ClosingMoveRow.position)


def _to_closing(row: Row[Any]) -> Closing:
    days = (row.last - row.first).days + 1
    return Closing(
        days=tuple(row.first + timedelta(days=ahead) for ahead in range(days)),
        reasons=json.loads(row.reasons),
        from_time=read_time(row.from_time),
        service=row.service,
    )


def _to_moved(row: Row[Any]) -> Moved:
    before, after = place_of(row), None
    if row.new_day is not None:
        after = Place(
            service=row.service,
            day=row.new_day,
            start=read_time(row.new_slot),
            end=read_time(row.new_slot_end),
        )
    place = after or before
    is_there: tuple[date | None, str | None] = (place.day, _told_time(place.start))
    is_settled = (
        row.revoked_at is not None or not row.nobody_came or (row.now_day, row.now_slot) != is_there
    )
    return Moved(
        closing_id=row.closing_id,
        issuer=row.issuer,
        number=row.number,
        before=before,
        after=after,
        people=row.party_size,
        is_priority=row.is_priority,
        language=row.language or "",
        name=row.name or "",
        contact=row.contact or "",
        is_settled=is_settled,
        told=None if row.told is None else Told(row.told),
        told_at=row.told_at,
        told_by=row.told_by or "",
    )


def _told_time(moment: time | None) -> str | None:
    return None if moment is None else f"{moment:%H:%M}"
