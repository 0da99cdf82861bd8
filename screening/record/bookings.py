"""Bookings and held places on a database. One transaction counts and writes, under the site's lock.

A place that is held has no row of the log: it counts until its time is over, and is then gone for
whoever counts next. A refusal is told as a value, so that nobody who waits for the same commit is
written anew.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from screening.errors import ReceiptError, UnknownReceipt
from screening.receipts.claims import ReceiptClaims
from screening.record.book import end_receipt, receipt_columns
from screening.record.chain import canonical
from screening.record.days import Day
from screening.record.engine import Conflict, Database
from screening.record.kept_answers import first_answer, keep_answer
from screening.record.rows import details_of, place_of, read_time, to_claims, to_entry
from screening.record.tables import (
    ClosingMoveRow,
    DayRow,
    EntryRow,
    HolderRow,
    HoldRow,
    ReceiptRow,
    RedemptionRow,
    is_of_a_receipt,
)
from screening.record.text import clean, clean_remark
from screening.record.writer import Transaction, Writer
from screening.registration.bookings import (
    Act,
    ActKind,
    Booking,
    BookingRefusal,
    Hold,
    Place,
    PriorityGroup,
    Registration,
    Request,
)
from screening.registration.rules import (
    DayRules,
    DayTaken,
    Wanted,
    may_move,
    place_again,
    place_for,
)
from screening.repeats import AnsweredBefore, Asked, KeyReused
from screening.visits import EntryKind, LogEntry

CANCELLED = "cancelled"
"""Why a receipt was revoked, where its booking was given up."""

REPLACED = "replaced"
"""Why it was, where its holder got another one for it."""

UNDONE = "undone"
"""Why it was, where whoever gave it took that back."""

_OF_A_CLOSING = '%"closing":%'
"""What a closing did is taken back by opening again, and not receipt by receipt."""
_ROWS_READ = 4
"""Rows read for each act that is wanted: some of them undo or replace something."""


_HELD = select(HoldRow.__table__).where(
    HoldRow.site == bindparam("b_site"),
    HoldRow.day == bindparam("b_day"),
    HoldRow.until > bindparam("b_at"),
)


class SqlBookings:
    """BookingBook on a database; safe to use from any thread."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def hold(self, hold: Hold, *, instead_of: str | None, at: datetime) -> Hold | BookingRefusal:
        """Keep a place; the one held as ``instead_of`` is given back with it."""

        def keep(transaction: Transaction) -> Hold | BookingRefusal:
            transaction.look(at)
            place = _given(transaction, _wanted_by(hold), at=at, without_hold=instead_of)
            if isinstance(place, BookingRefusal):
                return place
            _drop_holds(transaction, at, hold.hold_id, instead_of)
            return _keep(transaction, hold, place)

        return self._writer.submit(keep, may_repeat=True).result()

    def release(self, hold_id: str, *, at: datetime) -> None:
        """Give a held place back; nothing where there is none."""

        def release(transaction: Transaction) -> None:
            transaction.look(at)
            _drop_holds(transaction, at, hold_id)

        self._writer.submit(release, may_repeat=True).result()

    def register(
        self,
        claims: ReceiptClaims,
        request: Request,
        *,
        by: str,
        hold_id: str | None,
        at: datetime,
        asked: Asked[Registration] | None = None,
    ) -> Registration | BookingRefusal:
        """Write the receipt, and take the place where ``request`` has a day.

        Whoever registered with ``hold_id`` before gets that registration again. With ``asked`` its
        answer is committed with it. Raises ReceiptError when the number is taken, AnsweredBefore
        and KeyReused.
        """
        runs = 0

        def register(
            transaction: Transaction,
        ) -> Registration | BookingRefusal | AnsweredBefore | KeyReused:
            nonlocal runs
            runs += 1
            before = None if asked is None else _answered_before(transaction, asked, at)
            if before is not None:
                return before
            found = _register(
                transaction, claims, request, by=by, hold_id=hold_id, is_repeat=runs > 1, at=at
            )
            if asked is not None and not isinstance(found, BookingRefusal):
                keep_answer(transaction, asked, asked.answer(found), at=at)
            return found

        try:
            found = self._writer.submit(register, may_repeat=True).result()
        except Conflict as error:
            raise ReceiptError(f"receipt number {claims.number} is taken; issue again") from error
        if isinstance(found, AnsweredBefore | KeyReused):
            raise found
        return found

    def change(
        self,
        claims: ReceiptClaims,
        place: Place,
        *,
        by: str,
        hold_id: str | None,
        at: datetime,
    ) -> Registration | BookingRefusal:
        """Move a booking; ``claims`` are as they will be. NOT_BOOKABLE once it is over or used.

        Raises UnknownReceipt where there is no such booking.
        """

        def change(transaction: Transaction) -> Registration | BookingRefusal:
            transaction.look(at)
            row = _booked_row(transaction, claims.issuer, claims.number)
            before = place_of(row)
            if row.revoked_at is not None:
                return BookingRefusal.NOT_BOOKABLE
            if (before.day, before.start) == (place.day, place.start):
                return _registration(transaction, row)
            calendar = transaction.office.calendar(transaction.facts, at)
            service = calendar.facts.services.get(before.service)
            if not may_move(before, service, today=calendar.today) or is_used(transaction, row):
                return BookingRefusal.NOT_BOOKABLE
            wanted = Wanted(
                service=before.service,
                day=place.day,
                start=place.start,
                people=row.party_size,
                is_priority=row.is_priority,
            )
            given = _given(transaction, wanted, at=at, without_hold=hold_id, without=row)
            if isinstance(given, BookingRefusal):
                return given
            if hold_id is not None:
                _drop_holds(transaction, at, hold_id)
            move_booking(transaction, row, given, claims, by=by, at=at)
            return _registration(transaction, _booked_row(transaction, row.issuer, row.number))

        return self._writer.submit(change, may_repeat=True).result()

    def cancel(self, issuer: str, number: str, *, by: str, at: datetime) -> Registration:
        """Give the place back and revoke the receipt; twice is once. Raises UnknownReceipt."""

        def cancel(transaction: Transaction) -> Registration:
            transaction.look(at)
            end_receipt(transaction, issuer, number, reason=CANCELLED, operator=by, at=at)
            row = transaction.connection.execute(_registered(issuer, number)).one()
            return _registration(transaction, row)

        return self._writer.submit(cancel, may_repeat=True).result()

    def replace(
        self, claims: ReceiptClaims, *, number: str, by: str, at: datetime
    ) -> Registration | BookingRefusal:
        """Another receipt in place of ``number``, which is revoked; it has the same booking.

        NOT_BOOKABLE where that is over, or somebody came with it. Raises UnknownReceipt.
        """

        def put(transaction: Transaction) -> Registration | BookingRefusal:
            transaction.look(at)
            transaction.flush()
            new = transaction.connection.execute(_registered(claims.issuer, claims.number)).first()
            if new is not None and new.token_id == claims.token_id:
                return _registration(transaction, new)  # the same job done twice
            row = transaction.connection.execute(_registered(claims.issuer, number)).first()
            if row is None or row.site != transaction.office.site:
                raise UnknownReceipt(f"there is no receipt {number!r} here")
            if row.revoked_at is not None or is_used(transaction, row):
                return BookingRefusal.NOT_BOOKABLE
            _replace(transaction, row, claims, by=by, at=at)
            written = transaction.connection.execute(_registered(claims.issuer, claims.number))
            return _registration(transaction, written.one())

        return self._writer.submit(put, may_repeat=True).result()

    def acts(self, issuer: str, by: str, *, since: datetime, limit: int) -> list[Act]:
        """What this person did with receipts of ``issuer`` since then, the newest first."""
        query = (
            select(EntryRow)
            .where(
                EntryRow.site == self._database.site,
                EntryRow.at >= since,
                EntryRow.operator == clean(by),
                EntryRow.issuer == issuer,
                is_of_a_receipt(EntryRow),
                or_(EntryRow.facts.is_(None), EntryRow.facts.not_like(_OF_A_CLOSING)),
            )
            .order_by(EntryRow.at.desc(), EntryRow.entry_id.desc())
            .limit(limit * _ROWS_READ)
        )
        with self._database.reading() as session:
            rows = session.scalars(query).all()
            details = details_of(session, rows)
            found = [
                act
                for row in rows
                if (act := _act(row, to_entry(row, details.get(row.entry_id, {})).remark))
            ][:limit]
            newest = _newest_rows(session, self._database.site, issuer, found)
        return [replace(act, is_newest=newest.get(act.number) == act.entry_id) for act in found]

    def undo(
        self, act: Act, claims: ReceiptClaims, *, by: str, at: datetime
    ) -> Registration | BookingRefusal:
        """Take back what was done last; ``claims`` are of the receipt that counts afterwards.

        NOT_BOOKABLE once anything else happened with it; what others took meanwhile is refused as
        always. Raises UnknownReceipt.
        """

        def undo(transaction: Transaction) -> Registration | BookingRefusal:
            transaction.look(at)
            transaction.flush()
            site = transaction.office.site
            newest = _newest_rows(transaction.connection, site, claims.issuer, [act])
            if newest.get(act.number) != act.entry_id:
                return BookingRefusal.NOT_BOOKABLE
            if act.kind is ActKind.GIVEN:
                end_receipt(
                    transaction, claims.issuer, act.number, reason=UNDONE, operator=by, at=at
                )
            else:
                refusal = _take_back(transaction, act, claims, by=by, at=at)
                if refusal is not None:
                    return refusal
            transaction.flush()
            row = transaction.connection.execute(_registered(claims.issuer, claims.number)).one()
            return _registration(transaction, row)

        return self._writer.submit(undo, may_repeat=False).result()

    def find(self, issuer: str, number: str) -> Registration | None:
        """Who registered with this receipt; None for an unknown number."""
        with self._database.reading() as session:
            row = session.execute(_registered(issuer, number)).first()
            return None if row is None else _to_registration(row, _holder(session, row))

    def contact(self, issuer: str, number: str, *, by: str, at: datetime) -> str | None:
        """The contact that the holder left, and a row that says who asked for it."""

        def show(transaction: Transaction) -> str | None:
            transaction.look(at)
            transaction.flush()
            row = transaction.connection.execute(_registered(issuer, number)).first()
            if row is None or row.site != transaction.office.site:
                raise UnknownReceipt(f"there is no receipt {number!r} here")
            contact = _registration(transaction, row).contact
            if contact is not None:
                transaction.append(
                    {
                        "kind": EntryKind.CONTACT_SHOWN,
                        "at": at,
                        "operator": clean(by),
                        "issuer": issuer,
                        "receipt_number": number,
                        "service": row.service,
                    }
                )
            return contact

        return self._writer.do(show)

    def find_held(self, hold_id: str) -> Registration | None:
        """Who registered with this hold; None where nobody has yet."""
        query = select(ReceiptRow.__table__).where(
            ReceiptRow.site == self._database.site, ReceiptRow.hold_id == hold_id
        )
        with self._database.reading() as session:
            row = session.execute(query).first()
            return None if row is None else _to_registration(row, _holder(session, row))

    def search(self, text: str, *, day: date | None, limit: int) -> list[Registration]:
        """By a part of the whole name, or the beginning of a number; the soonest day first."""
        site = self._database.site
        query = (
            select(ReceiptRow.__table__, *_HOLDER)
            .outerjoin(HolderRow, _IS_HOLDER)
            .where(ReceiptRow.site == site)
            .order_by(ReceiptRow.day.is_(None), ReceiptRow.day, ReceiptRow.slot, ReceiptRow.number)
            .limit(limit)
        )
        if day is not None:
            query = query.where(ReceiptRow.day == day)
        number = "".join(text.upper().split()).replace("-", "")
        if text.strip():
            found = [HolderRow.searched.contains(searched(text), autoescape=True)]
            if number:
                found.append(ReceiptRow.number.startswith(number, autoescape=True))
            query = query.where(or_(*found))
        with self._database.reading() as session:
            return [_to_registration(row, row) for row in session.execute(query)]

    def taken(self, first: date, last: date, *, at: datetime) -> dict[date, DayTaken]:
        """What is taken of each of these days, with the places held at that moment."""
        site = self._database.site
        days = select(DayRow.__table__).where(
            DayRow.site == site, DayRow.day >= first, DayRow.day <= last
        )
        holds = select(HoldRow.__table__).where(
            HoldRow.site == site,
            HoldRow.day >= first,
            HoldRow.day <= last,
            HoldRow.until > at,
        )
        with self._database.reading() as session:
            found = defaultdict(
                DayTaken, {row.day: Day.read(row).taken() for row in session.execute(days)}
            )
            for row in session.execute(holds):
                found[row.day] = found[row.day].with_people(
                    place_of(row), row.people, is_priority=row.is_priority
                )
        return dict(found)

    def booked_days(self, service: str, *, first: date) -> list[date]:
        """Days from ``first`` on for which somebody has booked the service, in order."""
        query = (
            select(ReceiptRow.day)
            .where(
                ReceiptRow.site == self._database.site,
                ReceiptRow.day >= first,
                ReceiptRow.service == service,
                ReceiptRow.revoked_at.is_(None),
            )
            .distinct()
            .order_by(ReceiptRow.day)
        )
        with self._database.reading() as session:
            return [day for day in session.scalars(query) if day is not None]


def searched(name: str) -> str:
    """A name as it is looked for: without capitals, accents, and more than one blank."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def _wanted_by(hold: Hold) -> Wanted:
    return Wanted(
        service=hold.place.service,
        day=hold.place.day,
        start=hold.place.start,
        people=hold.party_size,
        is_priority=hold.is_priority,
    )


def _given(
    transaction: Transaction,
    wanted: Wanted,
    *,
    at: datetime,
    without_hold: str | None = None,
    without: Row[Any] | None = None,
) -> Place | BookingRefusal:
    """What the rules say, where their own hold and the booking that is moved do not count."""
    taken = taken_now(transaction, wanted.day, at=at, without_hold=without_hold, without=without)
    return place_for(wanted, transaction.office.calendar(transaction.facts, at), taken)


def taken_now(
    transaction: Transaction,
    day: date,
    *,
    at: datetime,
    without_hold: str | None = None,
    without: Row[Any] | None = None,
) -> DayTaken:
    """What is taken of a day now, but for this hold and this booking."""
    taken = transaction.figures(day).taken()
    for hold in _held_on(transaction, day, at).values():
        if hold.hold_id != without_hold and hold.until > at:
            taken = taken.with_people(hold.place, hold.party_size, is_priority=hold.is_priority)
    if without is not None and without.day == day:
        taken = taken.with_people(
            place_of(without), -without.party_size, is_priority=without.is_priority
        )
    return taken


def _held_on(transaction: Transaction, day: date, at: datetime) -> dict[str, Hold]:
    """Asked once of a transaction; until its end nobody else holds a place."""
    if day not in transaction.held:
        values = {"b_site": transaction.office.site, "b_day": day, "b_at": at}
        transaction.held[day] = {
            row.hold_id: Hold(
                hold_id=row.hold_id,
                place=place_of(row),
                party_size=row.people,
                until=row.until,
                is_priority=row.is_priority,
            )
            for row in transaction.connection.execute(_HELD, values)
        }
    return transaction.held[day]


def _drop_holds(transaction: Transaction, at: datetime, *hold_ids: str | None) -> None:
    """Delete these, and whatever has run out."""
    named = [hold_id for hold_id in hold_ids if hold_id is not None]
    transaction.connection.execute(
        delete(HoldRow).where(
            HoldRow.site == transaction.office.site,
            or_(HoldRow.hold_id.in_(named), HoldRow.until <= at),
        )
    )
    for held in transaction.held.values():
        for hold_id in named:
            held.pop(hold_id, None)


def _keep(transaction: Transaction, hold: Hold, place: Place) -> Hold:
    kept = Hold(
        hold_id=hold.hold_id,
        place=place,
        party_size=hold.party_size,
        until=hold.until,
        is_priority=hold.is_priority,
    )
    transaction.connection.execute(
        insert(HoldRow),
        [
            {
                "site": transaction.office.site,
                "hold_id": kept.hold_id,
                "service": place.service,
                "people": kept.party_size,
                "is_priority": kept.is_priority,
                "until": kept.until,
                **_when(place),
            }
        ],
    )
    transaction.held[place.day][kept.hold_id] = kept
    return kept


def _when(place: Place) -> dict[str, Any]:
    """Columns of day and time."""
    return {"day": place.day, **_times(place)}


def _times(place: Place) -> dict[str, str | None]:
    start, end = place.start, place.end
    return {
        "slot": None if start is None else f"{start:%H:%M}",
        "slot_end": None if end is None else f"{end:%H:%M}",
    }


def _answered_before(
    transaction: Transaction, asked: Asked[Registration], at: datetime
) -> AnsweredBefore | KeyReused | None:
    """Told as a value, so that nobody who waits for the same commit is written anew."""
    try:
        first = first_answer(transaction, asked, at=at)
    except KeyReused as reused:
        return reused
    return None if first is None else AnsweredBefore(first)


def _register(
    transaction: Transaction,
    claims: ReceiptClaims,
    request: Request,
    *,
    by: str,
    hold_id: str | None,
    is_repeat: bool,
    at: datetime,
) -> Registration | BookingRefusal:
    transaction.look(at)
    before = _registered_before(
        transaction, claims, request, hold_id=hold_id, is_repeat=is_repeat, at=at
    )
    if before is not None:
        return before
    place = None
    if request.day is not None:
        wanted = Wanted(
            service=request.service,
            day=request.day,
            start=request.start,
            people=request.party_size,
            is_priority=request.is_priority,
        )
        given = _given(transaction, wanted, at=at, without_hold=hold_id)
        if isinstance(given, BookingRefusal):
            return given
        place = given
    if hold_id is not None:
        _drop_holds(transaction, at, hold_id)
    return _write(transaction, claims, request, place, by=by, hold_id=hold_id, at=at)


def _registered_before(
    transaction: Transaction,
    claims: ReceiptClaims,
    request: Request,
    *,
    hold_id: str | None,
    is_repeat: bool,
    at: datetime,
) -> Registration | None:
    """The same button pressed twice, or the same job done twice."""
    if is_repeat:
        transaction.flush()
        row = transaction.connection.execute(_registered(claims.issuer, claims.number)).first()
        if row is not None and row.token_id == claims.token_id:
            return _registration(transaction, row)
    if hold_id is None:
        return None
    if request.day is not None and hold_id in _held_on(transaction, request.day, at):
        return None  # it was not registered with yet
    transaction.flush()
    query = select(ReceiptRow.__table__).where(
        ReceiptRow.site == transaction.office.site, ReceiptRow.hold_id == hold_id
    )
    row = transaction.connection.execute(query).first()
    return None if row is None else _registration(transaction, row)


def _write(
    transaction: Transaction,
    claims: ReceiptClaims,
    request: Request,
    place: Place | None,
    *,
    by: str,
    hold_id: str | None,
    at: datetime,
) -> Registration:
    is_priority = request.is_priority
    site = transaction.office.site
    columns = {
        **receipt_columns(claims),
        "is_priority": is_priority,
        "booked_by": clean(by),
        "language": clean(request.language),
        "hold_id": hold_id,
    }
    holder = {
        "issuer": claims.issuer,
        "number": claims.number,
        "site": site,
        "name": clean(request.name),
        "searched": searched(clean(request.name) or ""),
        "priority_group": request.group,
        "contact": clean(request.contact),
        "answers": canonical({code: clean_remark(said) for code, said in request.answers.items()}),
    }
    if place is None:
        transaction.add_receipt(columns, holder)
        if by:
            _note_issue(transaction, claims, by=by, at=at)
        return Registration(
            claims=claims,
            booking=None,
            name=request.name,
            is_priority=is_priority,
            by=by,
            contact=request.contact,
            answers=dict(request.answers),
        )
    transaction.add_receipt({**columns, **_when(place)}, holder)
    service = transaction.facts.services[place.service]
    transaction.day(place.day).book(
        place, request.party_size, is_priority=is_priority, rules=DayRules.of(service)
    )
    transaction.append(
        {
            "kind": EntryKind.BOOKED,
            "at": at,
            "operator": clean(by) or None,
            "issuer": claims.issuer,
            "receipt_number": claims.number,
            "service": place.service,
            "facts": canonical(_facts(place, request.party_size, is_priority=is_priority)),
        }
    )
    booking = Booking(
        number=claims.number,
        place=place,
        party_size=request.party_size,
        is_priority=is_priority,
        name=request.name,
        group=request.group,
        contact=request.contact,
        answers=dict(request.answers),
        language=request.language,
        booked_at=claims.issued_at,
        booked_by=by,
    )
    return Registration(
        claims=claims,
        booking=booking,
        name=request.name,
        is_priority=is_priority,
        by=by,
        contact=booking.contact,
        answers=booking.answers,
    )


def _note_issue(
    transaction: Transaction, claims: ReceiptClaims, *, by: str, at: datetime, **more: Any
) -> None:
    """Somebody gave a receipt out that books nothing."""
    transaction.append(
        {
            "kind": EntryKind.ISSUED,
            "at": at,
            "operator": clean(by),
            "issuer": claims.issuer,
            "receipt_number": claims.number,
            "service": claims.service,
            "facts": canonical({"people": claims.party_size, **more}),
        }
    )


def _act(row: EntryRow, remark: str | None) -> Act | None:
    """What a row of the log tells of a person's act; None where it is a part of another one."""
    facts = json.loads(row.facts or "{}")
    if facts.get("undoes") is not None or (
        row.kind == EntryKind.REVOKE and remark in (REPLACED, UNDONE)
    ):
        return None
    before = after = None
    replaces = facts.get("replaces")
    kind = ActKind.GIVEN if replaces is None else ActKind.REPLACED
    if row.kind == EntryKind.REVOKE:
        kind = ActKind.CANCELLED
    elif row.kind == EntryKind.BOOKING_CHANGED:
        kind = ActKind.MOVED
        before = _told_place(row.service, facts["before"])
        after = _told_place(row.service, facts["after"])
    return Act(
        entry_id=row.entry_id,
        kind=kind,
        at=row.at,
        number=row.receipt_number or "",
        service=row.service or "",
        before=before,
        after=after,
        replaces=replaces,
    )


def _told_place(service: str | None, facts: Mapping[str, Any]) -> Place:
    return Place(
        service=service or "",
        day=date.fromisoformat(facts["day"]),
        start=read_time(facts["start"]),
        end=read_time(facts["end"]),
    )


def _newest_rows(
    connection: Connection | Session, site: str, issuer: str, acts: Sequence[Act]
) -> dict[str, int]:
    """By receipt, the newest row that tells what happened with it; that somebody looked is none."""
    query = (
        select(EntryRow.receipt_number, func.max(EntryRow.entry_id))
        .where(
            EntryRow.site == site,
            EntryRow.issuer == issuer,
            EntryRow.receipt_number.in_({act.number for act in acts}),
            EntryRow.kind != EntryKind.CONTACT_SHOWN,
        )
        .group_by(EntryRow.receipt_number)
    )
    return {str(row[0]): row[1] for row in connection.execute(query)}


def _take_back(
    transaction: Transaction, act: Act, claims: ReceiptClaims, *, by: str, at: datetime
) -> BookingRefusal | None:
    """The receipt gets the place again that it had before the act, or why it does not."""
    row = transaction.connection.execute(_registered(claims.issuer, claims.number)).first()
    if row is None or row.site != transaction.office.site:
        raise UnknownReceipt(f"there is no receipt {claims.number!r} here")
    if act.before is not None:
        given = given_again(transaction, act.before, row, at=at, without=row)
        if isinstance(given, BookingRefusal):
            return given
        move_booking(transaction, row, given, claims, by=by, at=at, undoes=act.entry_id)
        return None
    newer = _registered(claims.issuer, act.number)
    place = None if row.day is None else place_of(row)
    if place is not None:
        has_it = transaction.connection.execute(newer).first() if act.replaces else None
        given = given_again(transaction, place, row, at=at, without=has_it)
        if isinstance(given, BookingRefusal):
            return given
    if act.replaces is not None:
        end_receipt(transaction, claims.issuer, act.number, reason=REPLACED, operator=by, at=at)
        _hand_holder_on(transaction, claims.issuer, act.number, claims.number)
    _revive(transaction, row, place, claims, by=by, at=at, undoes=act.entry_id)
    return None


def given_again(
    transaction: Transaction,
    place: Place,
    row: Row[Any],
    *,
    at: datetime,
    without: Row[Any] | None = None,
) -> Place | BookingRefusal:
    """A place that was theirs, where nobody took it meanwhile."""
    wanted = Wanted(
        service=place.service,
        day=place.day,
        start=place.start,
        people=row.party_size,
        is_priority=row.is_priority,
    )
    taken = taken_now(transaction, wanted.day, at=at, without=without)
    calendar = transaction.office.calendar(transaction.facts, at)
    return place_again(place, wanted, calendar, taken)


def _revive(
    transaction: Transaction,
    row: Row[Any],
    place: Place | None,
    claims: ReceiptClaims,
    *,
    by: str,
    at: datetime,
    undoes: int,
) -> None:
    """A receipt that was revoked is good again; its place must be free."""
    transaction.connection.execute(
        update(ReceiptRow)
        .where(ReceiptRow.issuer == row.issuer, ReceiptRow.number == row.number)
        .values(revoked_at=None)
    )
    if place is None:
        _note_issue(transaction, claims, by=by, at=at, undoes=undoes)
        return
    people, is_priority = row.party_size, row.is_priority
    service = transaction.facts.services[place.service]
    transaction.day(place.day).book(
        place, people, is_priority=is_priority, rules=DayRules.of(service)
    )
    facts = {**_facts(place, people, is_priority=is_priority), "undoes": undoes}
    transaction.append(
        {
            "kind": EntryKind.BOOKED,
            "at": at,
            "operator": clean(by),
            "issuer": claims.issuer,
            "receipt_number": claims.number,
            "service": place.service,
            "facts": canonical(facts),
        }
    )


def _hand_holder_on(transaction: Transaction, issuer: str, number: str, to: str) -> None:
    """Whoever registered with one receipt has another one from now on."""
    transaction.flush()
    transaction.connection.execute(
        update(HolderRow)
        .where(HolderRow.issuer == issuer, HolderRow.number == number)
        .values(number=to)
    )
    transaction.connection.execute(
        update(ClosingMoveRow)
        .where(ClosingMoveRow.issuer == issuer, ClosingMoveRow.number == number)
        .values(number=to)
    )


def _facts(place: Place, people: int, *, is_priority: bool) -> dict[str, Any]:
    times = _times(place)
    return {
        "day": place.day.isoformat(),
        "start": times["slot"],
        "end": times["slot_end"],
        "people": people,
        "priority": is_priority,
    }


def move_booking(
    transaction: Transaction,
    row: Row[Any],
    place: Place,
    claims: ReceiptClaims,
    *,
    by: str,
    at: datetime,
    undoes: int | None = None,
    closing: int | None = None,
) -> LogEntry:
    """Give a booking another place; ``closing`` is that which moved it or is taken back."""
    before = place_of(row)
    transaction.connection.execute(
        update(ReceiptRow)
        .where(ReceiptRow.issuer == row.issuer, ReceiptRow.number == row.number)
        .values(not_before=claims.not_before, expires=claims.expires, **_when(place))
    )
    transaction.leave_line((row.issuer, row.number))
    people, is_priority = row.party_size, row.is_priority
    transaction.day(before.day).unbook(before, people, is_priority=is_priority)
    service = transaction.facts.services[place.service]
    transaction.day(place.day).book(
        place, people, is_priority=is_priority, rules=DayRules.of(service)
    )
    facts = {
        "before": _facts(before, people, is_priority=is_priority),
        "after": _facts(place, people, is_priority=is_priority),
        **({} if undoes is None else {"undoes": undoes}),
        **({} if closing is None else {"closing": closing}),
    }
    return transaction.append(
        {
            "kind": EntryKind.BOOKING_CHANGED,
            "at": at,
            "operator": clean(by) or None,
            "issuer": row.issuer,
            "receipt_number": row.number,
            "service": place.service,
            "facts": canonical(facts),
        }
    )


def _replace(
    transaction: Transaction, row: Row[Any], claims: ReceiptClaims, *, by: str, at: datetime
) -> None:
    booked = transaction.figures(row.day).bookings[row.service] if row.day is not None else None
    end_receipt(transaction, row.issuer, row.number, reason=REPLACED, operator=by, at=at)
    columns = {
        **receipt_columns(claims),
        "is_priority": row.is_priority,
        "booked_by": clean(by),
        "language": row.language,
        "day": row.day,
        "slot_end": row.slot_end,
    }
    transaction.add_receipt(columns, None)
    _hand_holder_on(transaction, row.issuer, row.number, claims.number)
    if booked is None:
        _note_issue(transaction, claims, by=by, at=at, replaces=row.number)
        return
    place = place_of(row)
    facts = _facts(place, row.party_size, is_priority=row.is_priority)
    transaction.day(place.day).book(
        place, row.party_size, is_priority=row.is_priority, rules=booked.rules
    )
    transaction.append(
        {
            "kind": EntryKind.BOOKED,
            "at": at,
            "operator": clean(by) or None,
            "issuer": claims.issuer,
            "receipt_number": claims.number,
            "service": place.service,
            "facts": canonical({**facts, "replaces": row.number}),
        }
    )


def _booked_row(transaction: Transaction, issuer: str, number: str) -> Row[Any]:
    transaction.flush()
    row = transaction.connection.execute(_registered(issuer, number)).first()
    if row is None or row.day is None or row.site != transaction.office.site:
        raise UnknownReceipt(f"there is no booking {number!r} here")
    return row


def _registered(issuer: str, number: str) -> Select[Any]:
    return select(ReceiptRow.__table__).where(
        ReceiptRow.issuer == issuer, ReceiptRow.number == number
    )


def is_used(transaction: Transaction, row: Row[Any]) -> bool:
    """Whether somebody came in with this receipt."""
    query = select(func.count()).where(
        RedemptionRow.issuer == row.issuer, RedemptionRow.receipt_number == row.number
    )
    return bool(transaction.connection.execute(query).scalar())


_HOLDER = (HolderRow.name, HolderRow.priority_group, HolderRow.contact, HolderRow.answers)
_IS_HOLDER = (HolderRow.issuer == ReceiptRow.issuer) & (HolderRow.number == ReceiptRow.number)


def _registration(transaction: Transaction, row: Row[Any]) -> Registration:
    with Session(transaction.connection) as session:
        return _to_registration(row, _holder(session, row))


def _holder(session: Session, row: Row[Any]) -> Any:
    query = select(*_HOLDER).where(HolderRow.issuer == row.issuer, HolderRow.number == row.number)
    return session.execute(query).first()


def _to_registration(row: Any, holder: Any) -> Registration:
    claims, is_priority, by = to_claims(row), row.is_priority, row.booked_by or ""
    is_kept = holder is not None and holder.name is not None
    name, contact = (holder.name, holder.contact) if is_kept else ("", None)
    answers: Mapping[str, str] = json.loads(holder.answers) if is_kept else {}
    found = Registration(
        claims=claims,
        booking=None,
        name=name,
        is_priority=is_priority,
        by=by,
        contact=contact,
        answers=answers,
    )
    if row.day is None:
        return found
    group = holder.priority_group if is_kept else None
    booking = Booking(
        number=row.number,
        place=place_of(row),
        party_size=row.party_size,
        is_priority=is_priority,
        name=name,
        group=None if group is None else PriorityGroup(group),
        contact=contact,
        answers=answers,
        language=row.language or "",
        booked_at=row.issued_at,
        booked_by=by,
        cancelled_at=row.revoked_at,
    )
    return replace(found, booking=booking)
