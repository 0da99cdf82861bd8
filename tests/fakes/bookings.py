"""FakeBookings: bookings in memory, held to the same contract as the databases."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from screening.errors import UnknownReceipt
from screening.receipts.claims import ReceiptClaims
from screening.registration.bookings import (
    Act,
    ActKind,
    Booking,
    BookingRefusal,
    Hold,
    Place,
    Registration,
    Request,
)
from screening.registration.registrar import BookingBook
from screening.registration.rules import (
    DayRules,
    DayTaken,
    Wanted,
    may_move,
    place_again,
    place_for,
)
from screening.repeats import AnsweredBefore, Asked, KeptAnswers
from screening.visits import EntryKind, LogEntry
from screening.waiting_room.line import ReceiptKey

if TYPE_CHECKING:
    from tests.fakes.record import FakeReceiptBook, FakeVisitLog


class FakeBookings(BookingBook):
    """BookingBook in memory; the log and the book are those of the same record."""

    def __init__(self, log: FakeVisitLog, receipts: FakeReceiptBook, answers: KeptAnswers) -> None:
        self._log = log
        self._receipts = receipts
        self._answers = answers
        self._by_hold: dict[str, ReceiptKey] = {}
        self._acts: list[tuple[str, Act]] = []

    def hold(self, hold: Hold, *, instead_of: str | None, at: datetime) -> Hold | BookingRefusal:
        with self._log.lock:
            wanted = _wanted(hold.place, hold.party_size, is_priority=hold.is_priority)
            place = self._place(wanted, at, without=[instead_of])
            if isinstance(place, BookingRefusal):
                return place
            self._log.held.pop(instead_of or "", None)
            self._log.held[hold.hold_id] = replace(hold, place=place)
            return self._log.held[hold.hold_id]

    def release(self, hold_id: str, *, at: datetime) -> None:
        self._log.held.pop(hold_id, None)

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
        with self._log.lock:
            first = None if asked is None else self._answers.kept(asked, at=at)
            if first is not None:
                raise AnsweredBefore(first)
            found = self._register(claims, request, by=by, hold_id=hold_id, at=at)
            if asked is not None and isinstance(found, Registration):
                self._answers.keep(asked, asked.answer(found), at=at)
            return found

    def _register(
        self,
        claims: ReceiptClaims,
        request: Request,
        *,
        by: str,
        hold_id: str | None,
        at: datetime,
    ) -> Registration | BookingRefusal:
        with self._log.lock:
            if hold_id in self._by_hold:
                return self._log.registrations[self._by_hold[hold_id or ""]]
            booking, is_priority = None, request.is_priority
            if request.day is not None:
                asked = Place(service=request.service, day=request.day, start=request.start)
                wanted = _wanted(asked, request.party_size, is_priority=is_priority)
                place = self._place(wanted, at, without=[hold_id])
                if isinstance(place, BookingRefusal):
                    return place
                self._begin_rules(place)
                booking = _booking(claims, request, place, by=by)
            self._receipts.add(claims)
            found = Registration(
                claims=claims,
                booking=booking,
                name=request.name,
                is_priority=is_priority,
                by=by,
                contact=request.contact,
                answers=dict(request.answers),
            )
            self._log.registrations[claims.issuer, claims.number] = found
            if hold_id is not None:
                self._log.held.pop(hold_id, None)
                self._by_hold[hold_id] = (claims.issuer, claims.number)
            if booking is not None:
                entry = self._append(EntryKind.BOOKED, claims, at, by, remark=_told(booking))
                self._note(ActKind.GIVEN, entry, by)
            elif by:
                self._note(ActKind.GIVEN, self._issued(claims, at, by), by)
            return found

    def change(
        self, claims: ReceiptClaims, place: Place, *, by: str, hold_id: str | None, at: datetime
    ) -> Registration | BookingRefusal:
        with self._log.lock:
            key = (claims.issuer, claims.number)
            found = self._log.registrations.get(key)
            if found is None or found.booking is None:
                raise UnknownReceipt(f"there is no booking {claims.number!r} here")
            booking = found.booking
            if booking.cancelled_at is not None:
                return BookingRefusal.NOT_BOOKABLE
            if (booking.place.day, booking.place.start) == (place.day, place.start):
                return found
            calendar = self._log.calendar(at)
            service = calendar.facts.services.get(booking.place.service)
            is_movable = may_move(booking.place, service, today=calendar.today)
            if not is_movable or self._log.use_of(key, at).places_used:
                return BookingRefusal.NOT_BOOKABLE
            wanted = _wanted(place, booking.party_size, is_priority=booking.is_priority)
            given = self._place(wanted, at, without=[hold_id, booking.number])
            if isinstance(given, BookingRefusal):
                return given
            self._begin_rules(given, without=[booking.number])
            moved = replace(booking, place=given)
            self._log.registrations[key] = replace(found, claims=claims, booking=moved)
            self._log.leave_line(key)
            self._receipts.put(claims)
            self._log.held.pop(hold_id or "", None)
            remark = f"{_told(booking)} → {_told(moved)}"
            entry = self._append(EntryKind.BOOKING_CHANGED, claims, at, by, remark=remark)
            self._note(ActKind.MOVED, entry, by, before=booking.place, after=given)
            return self._log.registrations[key]

    def cancel(self, issuer: str, number: str, *, by: str, at: datetime) -> Registration:
        self._receipts.revoke(issuer, number, reason="cancelled", operator=by, at=at)
        self._note(ActKind.CANCELLED, self._log.latest(limit=1)[0], by)
        return self._log.registrations[issuer, number]

    def replace(
        self, claims: ReceiptClaims, *, number: str, by: str, at: datetime
    ) -> Registration | BookingRefusal:
        with self._log.lock:
            old = self.find(claims.issuer, number)
            if old is None:
                raise UnknownReceipt(f"there is no receipt {number!r} here")
            use = self._log.use_of((claims.issuer, number), at)
            if use.revoked or use.places_used:
                return BookingRefusal.NOT_BOOKABLE
            reason = "replaced"
            self._receipts.revoke(claims.issuer, number, reason=reason, operator=by, at=at)
            self._receipts.add(claims)
            booking = old.booking and replace(old.booking, number=claims.number, booked_by=by)
            found = replace(old, claims=claims, booking=booking, by=by)
            self._log.registrations[claims.issuer, claims.number] = found
            over = self._log.registrations.get((claims.issuer, number))
            if over is not None:
                self._log.registrations[claims.issuer, number] = _without_name(over)
            if booking is None:
                entry = self._issued(claims, at, by)
            else:
                entry = self._append(EntryKind.BOOKED, claims, at, by, remark=_told(booking))
            self._note(ActKind.REPLACED, entry, by, replaces=number)
            return found

    def acts(self, issuer: str, by: str, *, since: datetime, limit: int) -> list[Act]:
        found = [act for who, act in self._acts[::-1] if who == by and act.at >= since][:limit]
        return [replace(act, is_newest=self._is_newest(act)) for act in found]

    def undo(
        self, act: Act, claims: ReceiptClaims, *, by: str, at: datetime
    ) -> Registration | BookingRefusal:
        with self._log.lock:
            if not self._is_newest(act):
                return BookingRefusal.NOT_BOOKABLE
            issuer, key = claims.issuer, (claims.issuer, claims.number)
            if act.kind is ActKind.GIVEN:
                reason = "undone"
                self._receipts.revoke(issuer, act.number, reason=reason, operator=by, at=at)
                return self._log.registrations[key]
            found = self._log.registrations[issuer, act.number]
            booking, place = found.booking, None
            if booking is not None:
                given = self._place_again(act, booking, at)
                if isinstance(given, BookingRefusal):
                    return given
                place = given
            if act.replaces is not None:
                reason = "replaced"
                self._receipts.revoke(issuer, act.number, reason=reason, operator=by, at=at)
                self._log.registrations[issuer, act.number] = _without_name(found)
            self._log.revoked.discard(key)
            self._receipts.put(claims)
            again = booking
            if booking is not None and place is not None:
                again = replace(booking, number=claims.number, place=place, cancelled_at=None)
            self._log.registrations[key] = replace(found, claims=claims, booking=again)
            if again is None:
                self._issued(claims, at, by)
            else:
                kind = EntryKind.BOOKING_CHANGED if act.before else EntryKind.BOOKED
                self._append(kind, claims, at, by, remark=_told(again))
            return self._log.registrations[key]

    def find(self, issuer: str, number: str) -> Registration | None:
        found = self._log.registrations.get((issuer, number))
        claims = self._receipts.by_number(issuer, number)
        if found is None and claims is not None:
            return Registration(claims=claims, booking=None)
        return found

    def contact(self, issuer: str, number: str, *, by: str, at: datetime) -> str | None:
        with self._log.lock:
            found = self.find(issuer, number)
            if found is None:
                raise UnknownReceipt(f"there is no receipt {number!r} here")
            if found.contact is not None:
                self._append(EntryKind.CONTACT_SHOWN, found.claims, at, by, remark=None)
            return found.contact

    def find_held(self, hold_id: str) -> Registration | None:
        return self._log.registrations.get(self._by_hold.get(hold_id, ("", "")))

    def search(self, text: str, *, day: date | None, limit: int) -> list[Registration]:
        number = "".join(text.upper().split()).replace("-", "")
        every = [self.find(claims.issuer, claims.number) for claims in self._receipts.all()]
        found = [
            one
            for one in every
            if one is not None
            and (day is None or (one.booking is not None and one.booking.place.day == day))
            and (
                (one.name and _plain(text) in _plain(one.name))
                or one.claims.number.startswith(number or text)
            )
        ]
        return sorted(found, key=_soonest)[:limit]

    def taken(self, first: date, last: date, *, at: datetime) -> dict[date, DayTaken]:
        with self._log.lock:
            days = [first + timedelta(days=after) for after in range((last - first).days + 1)]
            return {day: self._log.taken(day, at=at) for day in days}

    def booked_days(self, service: str, *, first: date) -> list[date]:
        bookings = [one.booking for one in self._log.registrations.values()]
        days = {
            one.place.day
            for one in bookings
            if one is not None and one.place.service == service and one.cancelled_at is None
        }
        return sorted(day for day in days if day >= first)

    def _place(
        self, wanted: Wanted, at: datetime, *, without: Sequence[str | None]
    ) -> Place | BookingRefusal:
        taken = self._log.taken(wanted.day, at=at, without=without)
        return place_for(wanted, self._log.calendar(at), taken)

    def _begin_rules(self, place: Place, *, without: Sequence[str | None] = ()) -> None:
        """The first booking of a day notes how the service is booked."""
        taken = self._log.taken(place.day, at=self._log.now(), without=[*without, *self._log.held])
        if place.service not in taken.booked:
            service = self._log.facts.current().services[place.service]
            self._log.rules[place.service, place.day] = DayRules.of(service)

    def _place_again(self, act: Act, booking: Booking, at: datetime) -> Place | BookingRefusal:
        place = act.before or booking.place
        wanted = _wanted(place, booking.party_size, is_priority=booking.is_priority)
        without = [act.number] if act.before or act.replaces else []
        taken = self._log.taken(place.day, at=at, without=without)
        return place_again(place, wanted, self._log.calendar(at), taken)

    def _note(self, kind: ActKind, entry: LogEntry, by: str, **more: Any) -> None:
        act = Act(
            entry_id=entry.entry_id,
            kind=kind,
            at=entry.at,
            number=entry.receipt_number or "",
            service=entry.service or "",
            **more,
        )
        self._acts.append((by, act))

    def _is_newest(self, act: Act) -> bool:
        rows = self._log.latest(limit=10**6)
        about = next(
            row
            for row in rows
            if row.receipt_number == act.number and row.kind is not EntryKind.CONTACT_SHOWN
        )
        return about.entry_id == act.entry_id

    def _issued(self, claims: ReceiptClaims, at: datetime, by: str) -> LogEntry:
        return self._append(EntryKind.ISSUED, claims, at, by, remark=f"× {claims.party_size}")

    def _append(
        self, kind: EntryKind, claims: ReceiptClaims, at: datetime, by: str, *, remark: str | None
    ) -> LogEntry:
        return self._log.append(
            kind,
            at,
            operator=by or None,
            receipt_number=claims.number,
            service=claims.service,
            remark=remark,
        )


def _booking(claims: ReceiptClaims, request: Request, place: Place, *, by: str) -> Booking:
    return Booking(
        number=claims.number,
        place=place,
        party_size=request.party_size,
        is_priority=request.is_priority,
        name=request.name,
        group=request.group,
        contact=request.contact,
        answers=request.answers,
        language=request.language,
        booked_at=claims.issued_at,
        booked_by=by,
    )


def _without_name(over: Registration) -> Registration:
    booking = over.booking and replace(over.booking, name="", group=None, contact=None, answers={})
    return replace(over, booking=booking, name="", contact=None, answers={})


def _wanted(place: Place, people: int, *, is_priority: bool) -> Wanted:
    return Wanted(
        service=place.service,
        day=place.day,
        start=place.start,
        people=people,
        is_priority=is_priority,
    )


def _told(booking: Booking) -> str:
    start = booking.place.start
    when = f"{booking.place.day}" if start is None else f"{booking.place.day} {start:%H:%M}"
    return f"{when} × {booking.party_size}"


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def _soonest(one: Registration) -> tuple[date, time, str]:
    if one.booking is None:
        return date.max, time.max, one.claims.number
    return one.booking.place.day, one.booking.place.start or time.min, one.claims.number
