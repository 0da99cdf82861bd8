"""The registrar: books, moves and gives back places, and hands out the receipts that go with them.

Pages, the desk, the interface for other systems and the command line all register here. What is
typed is looked at first; who gets a place is decided by the record alone, in one transaction.
"""

from __future__ import annotations

import itertools
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from screening.clock import Clock
from screening.decision import Reason
from screening.errors import ReceiptError, RecordError, UnknownReceipt
from screening.office.changes import MOST_DAYS_AHEAD
from screening.office.facts import OfficeFacts
from screening.office.services import Booking as Books
from screening.office.services import Question, Service
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import IssuedReceipt, ReceiptDesk
from screening.receipts.holder import shorten_holder
from screening.receipts.number import parse_number
from screening.receipts.token import MAX_PARTY
from screening.registration.bookings import (
    Act,
    BadRequest,
    Booking,
    BookingRefusal,
    Hold,
    NotBookable,
    Offer,
    Place,
    Registration,
    Request,
)
from screening.registration.rules import (
    UNTAKEN,
    Calendar,
    DayTaken,
    Wanted,
    alternatives_to,
    bookable_days,
    offers_of,
    place_for,
    place_if_free,
    refusal_of_service,
    unserved_people,
)
from screening.repeats import Asked

READ_AGAIN_S = 1.0
"""What is offered was true at most so long ago when it is told: a page may take as long again."""

MOST_DAYS = 62
MOST_KEPT = 4096
"""Days of a service kept until the next reading; more would be somebody who tries everything."""

ACTS_KEPT = timedelta(days=1)
MOST_ACTS = 10
"""So far back a person may undo what they did."""

MAX_NAME = 120
MAX_CONTACT = 120
MAX_ANSWER = 300
MOST_ANSWERS = 20
MAX_HOLD_ID = 128
"""Longer ones were given to nobody."""
MOST_MARKS = 5
"""Signs above or below a letter: no script writes more, and a tower of them covers what is near."""
LEAST_DIGITS, MOST_DIGITS = 5, 15
"""Of a telephone number (ITU-T E.164); an identity number has one more."""

_EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\".]+(\.[^@\s<>\".]+)+")
_TELEPHONE = re.compile(r"\+?[0-9(][0-9 ().-]{4,24}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*")


class BookingBook(Protocol):
    """Who has booked what. Methods that write decide under the site's lock, and may raise
    RecordError; a refusal is a value."""

    def hold(self, hold: Hold, *, instead_of: str | None, at: datetime) -> Hold | BookingRefusal:
        """Keep a place; the one held as ``instead_of`` is given back with it."""

    def release(self, hold_id: str, *, at: datetime) -> None:
        """Give a held place back; nothing where there is none."""

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
        answer is committed with it; a refusal keeps none. Raises ReceiptError when the number is
        taken, AnsweredBefore and KeyReused.
        """

    def change(
        self, claims: ReceiptClaims, place: Place, *, by: str, hold_id: str | None, at: datetime
    ) -> Registration | BookingRefusal:
        """Move a booking; ``claims`` are as they will be. NOT_BOOKABLE once it is over or used.

        Raises UnknownReceipt where there is no such booking.
        """

    def cancel(self, issuer: str, number: str, *, by: str, at: datetime) -> Registration:
        """Give the place back and revoke the receipt; twice is once. Raises UnknownReceipt."""

    def replace(
        self, claims: ReceiptClaims, *, number: str, by: str, at: datetime
    ) -> Registration | BookingRefusal:
        """Another receipt in place of ``number``, which is revoked; it has the same booking.

        NOT_BOOKABLE where that is over, or somebody came with it. Raises UnknownReceipt.
        """

    def acts(self, issuer: str, by: str, *, since: datetime, limit: int) -> list[Act]:
        """What this person did with receipts of ``issuer`` since then, the newest first."""

    def undo(
        self, act: Act, claims: ReceiptClaims, *, by: str, at: datetime
    ) -> Registration | BookingRefusal:
        """Take back what was done last; ``claims`` are of the receipt that counts afterwards.

        NOT_BOOKABLE once anything else happened with it; what others took meanwhile is refused as
        always. Raises UnknownReceipt.
        """

    def find(self, issuer: str, number: str) -> Registration | None:
        """Who registered with this receipt; None for an unknown number."""

    def contact(self, issuer: str, number: str, *, by: str, at: datetime) -> str | None:
        """The contact that the holder left, None where there is none. A row says who asked for it.

        Raises UnknownReceipt.
        """

    def find_held(self, hold_id: str) -> Registration | None:
        """Who registered with this hold; None where nobody has yet."""

    def search(self, text: str, *, day: date | None, limit: int) -> list[Registration]:
        """By a part of the whole name, or the beginning of a number; the soonest day first."""

    def taken(self, first: date, last: date, *, at: datetime) -> Mapping[date, DayTaken]:
        """What is taken of each of these days, with the places held at that moment."""

    def booked_days(self, service: str, *, first: date) -> list[date]:
        """Days from ``first`` on for which somebody has booked the service, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a visitor gets. ``link`` is the path of the receipt's own page."""

    receipt: IssuedReceipt
    booking: Booking | None
    link: str


class Registrar:
    """Safe to use from any thread. Any method may raise RecordError.

    ``calendar`` is asked each time; ``link`` tells the path of a receipt's own page.
    """

    def __init__(
        self,
        *,
        desk: ReceiptDesk,
        book: BookingBook,
        calendar: Callable[[datetime], Calendar],
        clock: Clock,
        link: Callable[[ReceiptClaims], str],
    ) -> None:
        self._desk = desk
        self._book = book
        self._calendar_of = calendar
        self._clock = clock
        self._link = link
        self._reading = threading.Lock()
        self._newest: _Newest | None = None
        self._writes_so_far = itertools.count(1)
        self._writes = 0
        self._away_s = float("-inf")

    def offers(
        self, service: str, first: date, days: int, *, is_priority: bool = False
    ) -> list[Offer]:
        """What can be booked on so many days (at most 62), and what cannot; at most 2 s old.

        ``is_priority``: what a priority group can book. Raises BadRequest for an unknown service.
        """
        known = self._service(service)
        most = min(days, MOST_DAYS, (date.max - first).days + 1)
        asked = [first + timedelta(days=after) for after in range(most)]
        return self._offers(known, asked, self._read(with_ours=True), is_priority=is_priority)

    def hold(
        self,
        place: Place,
        *,
        party_size: int,
        is_priority: bool,
        instead_of: str | None = None,
        hold_id: str | None = None,
        until: datetime | None = None,
    ) -> Hold:
        """Keep a place for whoever types; ``instead_of`` is the hold that it replaces. It ends
        after the office's time for it, or ``until``, whichever comes first.

        ``hold_id`` names it; with the same one twice, the second is ``instead_of`` the first or is
        refused. Raises NotBookable; what was held before stays held then.
        """
        if not 1 <= party_size <= MAX_PARTY:
            raise BadRequest({"party_size": "not_a_number" if party_size < 1 else "too_many"})
        now = self._clock.now()
        ends = now + timedelta(minutes=self._calendar().facts.hold_minutes)
        asked = Hold(
            hold_id=hold_id or secrets.token_urlsafe(16),
            place=place,
            party_size=party_size,
            until=ends if until is None else min(ends, until),
            is_priority=is_priority,
        )
        held = self._book.hold(asked, instead_of=_given_hold(instead_of), at=now)
        self._wrote()
        if isinstance(held, BookingRefusal):
            raise self._not_bookable(
                held,
                Wanted(
                    service=place.service,
                    day=place.day,
                    start=place.start,
                    people=party_size,
                    is_priority=is_priority,
                ),
            )
        return held

    def release(self, hold_id: str) -> None:
        """Give a held place back; nothing where there is none."""
        if _given_hold(hold_id) is not None:
            self._book.release(hold_id, at=self._clock.now())
            self._wrote()

    def register(
        self,
        request: Request,
        *,
        by: str = "",
        hold_id: str | None = None,
        is_good_today: bool = False,
        asked_by: Asked[Registered] | None = None,
    ) -> Registered:
        """Take the place and hand out the receipt. The same ``hold_id`` again gives the same one.

        ``by`` is a log-in or a key's ``actor``, empty for the visitor. ``is_good_today``: without a
        booking, good from today on. ``asked_by`` is another system's request, which is done once:
        then AnsweredBefore and KeyReused are raised, too. Raises BadRequest, NotBookable and
        ReceiptError.
        """
        offered = self._calendar().facts.services.get(request.service)
        asked = clean_request(request, () if offered is None else offered.questions)
        service = self._service(asked.service)
        refusal = refusal_of_service(service)
        if refusal is not None:
            raise NotBookable(refusal)
        wanted = None
        if asked.day is not None:
            wanted = _wanted(asked, asked.day)
            self._require_possible(wanted, service)
        elif service.booking is not Books.NONE:
            raise BadRequest({"day": "missing"})
        slot = None if asked.start is None else f"{asked.start:%H:%M}"
        receipt = self._desk.prepare(
            asked.service,
            asked.name,
            booked=asked.day,
            party_size=asked.party_size,
            slot=slot,
            is_good_today=is_good_today and asked.day is None,
        )
        self._link(receipt.claims)  # its secret may have to be written, before the answer needs it
        found = self._book.register(
            receipt.claims,
            asked,
            by=by,
            hold_id=_given_hold(hold_id),
            at=self._clock.now(),
            asked=None if asked_by is None else self._of_the_book(asked_by, receipt),
        )
        if isinstance(found, BookingRefusal):
            raise NotBookable(found) if wanted is None else self._not_bookable(found, wanted)
        self._wrote()
        return self._registered(found, receipt)

    def change(
        self,
        number: str,
        day: date,
        start: time | None,
        *,
        by: str,
        hold_id: str | None = None,
    ) -> Registered:
        """Another day or time; number and link stay, the token is signed anew.

        Raises UnknownReceipt where nothing was booked with it, and NotBookable, also once it is
        over or somebody came with it.
        """
        registration = self._known(number)
        booking = registration.booking
        if booking is None:
            raise UnknownReceipt(f"nothing was booked with receipt {number!r}")
        wanted = Wanted(
            service=booking.place.service,
            day=day,
            start=start,
            people=booking.party_size,
            is_priority=booking.is_priority,
        )
        is_same = (booking.place.day, booking.place.start) == (day, start)
        service = self._calendar().facts.services.get(booking.place.service)
        if service is None:
            raise NotBookable(BookingRefusal.NOT_BOOKABLE)
        if not is_same:
            self._require_possible(wanted, service)
        slot = None if start is None else f"{start:%H:%M}"
        receipt = self._desk.rebooked(registration.claims, day, slot)
        place = replace(booking.place, day=day, start=start, end=None)
        found = self._book.change(
            receipt.claims, place, by=by, hold_id=_given_hold(hold_id), at=self._clock.now()
        )
        if isinstance(found, BookingRefusal):
            raise self._not_bookable(found, wanted)
        self._wrote()
        return self._registered(found, receipt)

    def cancel(self, number: str, *, by: str) -> Booking:
        """Give the place back at once and revoke the receipt; twice is once.

        Raises UnknownReceipt where nothing was booked with it.
        """
        if self._known(number).booking is None:
            raise UnknownReceipt(f"nothing was booked with receipt {number!r}")
        found = self.withdraw(number, by=by)
        assert found.booking is not None
        return found.booking

    def withdraw(self, number: str, *, by: str) -> Registration:
        """The same of whoever registered, also where nothing was booked. Raises UnknownReceipt."""
        claims = self._known(number).claims
        found = self._book.cancel(claims.issuer, claims.number, by=by, at=self._clock.now())
        self._wrote()
        return found

    def reissue(self, number: str, *, by: str) -> Registered:
        """Another receipt in place of a lost one, which is revoked: new number, same place.

        Raises UnknownReceipt, and NotBookable where it is over or somebody came with it.
        """
        known = self._known(number)
        receipt = self._desk.reissued(known.claims)
        found = self._book.replace(
            receipt.claims, number=known.claims.number, by=by, at=self._clock.now()
        )
        if isinstance(found, BookingRefusal):
            raise NotBookable(found)
        self._wrote()
        return self._registered(found, receipt)

    def acts(self, by: str) -> list[Act]:
        """What this person did in the last day, at most ten acts, the newest first."""
        since = self._clock.now() - ACTS_KEPT
        return self._book.acts(self._desk.issuer, by, since=since, limit=MOST_ACTS)

    def undo(self, entry_id: int, *, by: str) -> Registration:
        """Take back one of ``acts``: what was given is revoked, what was cancelled or replaced is
        good again, what was moved has its place again.

        Raises UnknownReceipt where it is none of theirs, and NotBookable where something happened
        since, or others have the place.
        """
        act = next((one for one in self.acts(by) if one.entry_id == entry_id), None)
        if act is None:
            raise UnknownReceipt(f"{by} did nothing that is entry {entry_id}")
        claims = self._known(act.replaces or act.number).claims
        if act.before is not None:
            start = act.before.start
            slot = None if start is None else f"{start:%H:%M}"
            claims = self._desk.rebooked(claims, act.before.day, slot).claims
        found = self._book.undo(act, claims, by=by, at=self._clock.now())
        if isinstance(found, BookingRefusal):
            raise NotBookable(found)
        self._wrote()
        return found

    @property
    def issuer(self) -> str:
        """Who signs its receipts."""
        return self._desk.issuer

    def read(self, code: str) -> Registration | Reason:
        """The receipt behind a scanned or typed code, or why there is none here."""
        claims = self._desk.read(code)
        if isinstance(claims, Reason):
            return claims
        return self._book.find(claims.issuer, claims.number) or Reason.UNKNOWN_RECEIPT

    def booking(self, number: str) -> Booking | None:
        """What was booked with this receipt, also once it is over."""
        found = self.registration(number)
        return None if found is None else found.booking

    def contact(self, number: str, *, by: str) -> str | None:
        """How to reach the holder, None where they left nothing; the log says that ``by`` asked.

        Raises UnknownReceipt.
        """
        claims = self._known(number).claims
        return self._book.contact(claims.issuer, claims.number, by=by, at=self._clock.now())

    def registration(self, number: str) -> Registration | None:
        """The receipt with this number and who registered, with a booking or without."""
        stored = parse_number(number)
        return None if stored is None else self._book.find(self._desk.issuer, stored)

    def registered(self, number: str) -> Registered:
        """The receipt once more, signed with the key of now. Raises UnknownReceipt."""
        known = self._known(number)
        return self._registered(known, self._desk.sign(known.claims))

    def registered_with(self, hold_id: str) -> Registered | None:
        """What somebody got who registered with this hold, None where nobody has yet."""
        found = self._book.find_held(hold_id)
        return None if found is None else self._registered(found, self._desk.sign(found.claims))

    def search(self, text: str, *, day: date | None = None, limit: int = 20) -> list[Booking]:
        """Bookings by a part of the name or the beginning of the number, the soonest first."""
        found = self.find(text, day=day, limit=limit)
        return [one.booking for one in found if one.booking is not None]

    def find(self, text: str, *, day: date | None = None, limit: int = 20) -> list[Registration]:
        """The same with receipts that book nothing, which come last."""
        return self._book.search(seen_text(text[:MAX_NAME]), day=day, limit=limit)

    def booked_days(self, service: str) -> list[date]:
        """Days from today on for which somebody has booked: new rules do not hold for these."""
        return self._book.booked_days(service, first=self._calendar().today)

    def taken(self, first: date, days: int) -> Mapping[date, DayTaken]:
        """What is taken of so many days, as the record has it now."""
        last = first + timedelta(days=min(days - 1, (date.max - first).days))
        return self._book.taken(first, last, at=self._clock.now())

    def booked_in_vain(self, facts: OfficeFacts, *, service: str | None = None) -> dict[date, int]:
        """By day from today on, how many people booked what would be closed with these facts.

        Of one service or of all that are offered.
        """
        calendar = replace(self._calendar(), facts=facts)
        taken = self.taken(calendar.today, MOST_DAYS_AHEAD + 1)
        return unserved_people(calendar, taken, service=service)

    def _registered(self, found: Registration, receipt: IssuedReceipt) -> Registered:
        if found.claims != receipt.claims:  # they registered before
            receipt = self._desk.sign(found.claims)
        return Registered(receipt=receipt, booking=found.booking, link=self._link(found.claims))

    def _of_the_book(self, asked: Asked[Registered], receipt: IssuedReceipt) -> Asked[Registration]:
        return Asked(
            caller=asked.caller,
            key=asked.key,
            digest=asked.digest,
            answer=lambda found: asked.answer(self._registered(found, receipt)),
        )

    def _known(self, number: str) -> Registration:
        found = self.registration(number)
        if found is None:
            raise UnknownReceipt(f"there is no receipt {number!r} here")
        return found

    def _service(self, code: str) -> Service:
        service = self._calendar().facts.services.get(code)
        if service is None:
            raise BadRequest({"service": "unknown"})
        return service

    def _calendar(self) -> Calendar:
        return self._calendar_of(self._clock.now())

    def _require_possible(self, wanted: Wanted, service: Service) -> None:
        """Raises NotBookable for what nobody could book, without asking the record."""
        taken = self._read().taken.get(wanted.day, UNTAKEN)
        refusal = place_if_free(wanted, self._calendar(), taken)
        if not isinstance(refusal, BookingRefusal):
            return
        needs_time = service.booking is Books.SLOT and wanted.start is None
        if needs_time and refusal is BookingRefusal.NOT_BOOKABLE:
            raise BadRequest({"start": "missing"})
        raise self._not_bookable(refusal, wanted)

    def _not_bookable(self, refusal: BookingRefusal, wanted: Wanted) -> NotBookable:
        calendar = self._calendar()
        service = calendar.facts.services.get(wanted.service)
        if service is None or refusal_of_service(service) is not None:
            return NotBookable(refusal)
        newest = self._read(with_ours=True)
        taken = newest.taken.get(wanted.day, UNTAKEN)
        if not isinstance(place_for(wanted, calendar, taken), BookingRefusal):
            self._wrote()  # somebody else did: what is offered instead must be free
            newest = self._read(with_ours=True)
        days = bookable_days(service, calendar)
        offers = self._offers(service, days, newest, is_priority=wanted.is_priority)
        return NotBookable(refusal, alternatives_to(wanted, offers))

    def _offers(
        self, service: Service, days: Sequence[date], newest: _Newest, *, is_priority: bool
    ) -> list[Offer]:
        calendar, offers = self._calendar(), []
        for day in days:
            key = (service.code, day, is_priority)
            found = newest.offers.get(key)
            if found is None:
                found = offers_of(service, [day], calendar, newest.taken, is_priority=is_priority)
                if len(newest.offers) < MOST_KEPT:
                    newest.offers[key] = found
            offers += found
        return offers

    def _wrote(self) -> None:
        """What was read before is not all."""
        self._writes = next(self._writes_so_far)

    def _read(self, *, with_ours: bool = False) -> _Newest:
        """What is taken, read at most once a second; ``with_ours``: and what was booked here."""
        with self._reading:
            newest, now_s, writes = self._newest, self._clock.monotonic_s(), self._writes
            if (
                newest is None
                or now_s - newest.read_s > READ_AGAIN_S
                or (with_ours and newest.writes != writes)
            ):
                if now_s - self._away_s <= READ_AGAIN_S:  # all others waited for that answer
                    raise RecordError("the record did not answer a moment ago")
                newest = self._newest = _Newest(now_s, writes, self._taken(), {})
            return newest

    def _taken(self) -> Mapping[date, DayTaken]:
        calendar = self._calendar()
        services = calendar.facts.services.values()
        last = max(map(calendar.last_day, services), default=calendar.today)
        try:
            return self._book.taken(calendar.today, last, at=self._clock.now())
        except RecordError:
            self._away_s = self._clock.monotonic_s()
            raise


@dataclass(frozen=True, slots=True)
class _Newest:
    """What was taken at ``read_s`` (monotonic), and what was made of it since. ``writes`` is the
    last one of this process before."""

    read_s: float
    writes: int
    taken: Mapping[date, DayTaken]
    offers: dict[tuple[str, date, bool], list[Offer]]


def clean_request(request: Request, questions: Sequence[Question] = ()) -> Request:
    """The request as it is kept: without what nobody sees. Raises BadRequest naming each field.

    ``questions`` are those of the service; one that is required must be answered.
    """
    name = seen_text(request.name)
    contact = None if request.contact is None else seen_text(request.contact) or None
    answers = {seen_text(code): seen_text(said) for code, said in request.answers.items()}
    problems = {
        "name": _problem_of_name(name),
        "party_size": _problem_of_party(request.party_size),
        "contact": _problem_of_contact(contact),
        "answers": _problem_of_answers(answers, questions),
        **{
            answer_field(question.code): _problem_of_answer(question, answers)
            for question in questions
        },
        "language": None if _LANGUAGE.fullmatch(request.language) else "unknown",
    }
    found = {field: problem for field, problem in problems.items() if problem is not None}
    if found:
        raise BadRequest(found)
    return replace(
        request, name=name, contact=contact, answers={code: a for code, a in answers.items() if a}
    )


def answer_field(code: str) -> str:
    """How ``BadRequest.problems`` calls the answer to the question with this code."""
    return f"answers.{code}"


def _given_hold(hold_id: str | None) -> str | None:
    """None for what no hold is called; an empty one would be everybody's."""
    is_one = hold_id is not None and 0 < len(hold_id) <= MAX_HOLD_ID and hold_id.isprintable()
    return hold_id if is_one else None


def seen_text(text: str) -> str:
    """One line without control and direction marks, and without towers of signs on one letter;
    joiners, which some scripts need, stay."""
    normal = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode())
    return " ".join(_without_towers("".join(map(_seen, normal))).split())


def _without_towers(text: str) -> str:
    kept: list[str] = []
    height = 0
    for character in text:
        height = height + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if height <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _seen(character: str) -> str:
    if character in "\u200c\u200d":
        return character
    category = unicodedata.category(character)
    if category in ("Cf", "Cs", "Co", "Cn"):
        return ""
    return " " if category[0] in "CZ" else character


def _problem_of_name(name: str) -> str | None:
    if not name:
        return "missing"
    if len(name) > MAX_NAME:
        return "too_long"
    try:
        shorten_holder(name)
    except ReceiptError:
        return "not_a_name"
    return None


def _problem_of_party(party_size: int) -> str | None:
    if party_size < 1:
        return "not_a_number"
    return "too_many" if party_size > MAX_PARTY else None


def _problem_of_contact(contact: str | None) -> str | None:
    if contact is None:
        return None
    if len(contact) > MAX_CONTACT:
        return "too_long"
    digits = sum(c.isdigit() for c in contact)
    is_number = _TELEPHONE.fullmatch(contact) and LEAST_DIGITS <= digits <= MOST_DIGITS
    return None if is_number or _EMAIL.fullmatch(contact) else "not_a_contact"


def _problem_of_answers(answers: Mapping[str, str], questions: Sequence[Question]) -> str | None:
    """Of all together, and of those that nobody asked for."""
    if len(answers) > MOST_ANSWERS:
        return "too_many"
    asked = {question.code for question in questions}
    others = (text for code, said in answers.items() if code not in asked for text in (code, said))
    return "too_long" if max(map(len, others), default=0) > MAX_ANSWER else None


def _problem_of_answer(question: Question, answers: Mapping[str, str]) -> str | None:
    said = answers.get(question.code, "")
    if question.is_required and not said:
        return "missing"
    return "too_long" if len(said) > MAX_ANSWER else None


def _wanted(request: Request, day: date) -> Wanted:
    return Wanted(
        service=request.service,
        day=day,
        start=request.start,
        people=request.party_size,
        is_priority=request.is_priority,
    )
