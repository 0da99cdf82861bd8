"""The registrar on the fake record: what is typed, what is offered, and what is handed out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.errors import RecordError, UnknownReceipt
from screening.office.hours import SpecialDay, read_spans
from screening.office.hours_changes import with_days
from screening.office.services import Booking as Books
from screening.office.services import Channel, Question, Service
from screening.receipts.desk import ReceiptDesk
from screening.receipts.keys import open_keys
from screening.receipts.token import MAX_TOKEN_CHARACTERS
from screening.registration.bookings import (
    BadRequest,
    BookingRefusal,
    NotBookable,
    OfferStatus,
    Place,
    PriorityGroup,
    Request,
)
from screening.registration.registrar import Registrar
from screening.registration.rules import DayTaken
from screening.visits import Attempt
from screening.waiting_room.plan import SeatPlan
from tests.fakes.record import FakeRecord

ZONE = ZoneInfo("Asia/Jakarta")
NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
TODAY, WEDNESDAY, THURSDAY = (date(2026, 3, day) for day in (10, 11, 12))
NINE = time(9)
TWO_SECONDS = timedelta(seconds=2)


def service(**changes: Any) -> Service:
    values: dict[str, Any] = {
        "code": "KTP",
        "channel": Channel.COLLECTION,
        "names": {"id": "KTP"},
        "letter": "K",
        "booking": Books.DAY,
    }
    return Service(**{**values, **changes})


SLOTS = service(code="KK", letter="F", booking=Books.SLOT, slot_minutes=30, slot_places=2)
WALK_IN = service(code="LEGALISIR", channel=Channel.WALK_IN, booking=Books.NONE, letter="L")
SERVICES = (
    service(daily_quota=2),
    SLOTS,
    WALK_IN,
    service(code="SPPT", channel=Channel.ONLINE_ONLY, letter="S"),
    service(code="REKAM", channel=Channel.CLOSED, letter="R"),
)


class Office:
    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(NOON)
        self.record = FakeRecord(
            site="BGR", zone=ZONE, plan=SeatPlan(9, 9), clock=self.clock, seed=SERVICES
        )
        self.readings = 0
        self.desk = ReceiptDesk(
            keys=open_keys(folder / "keys", "BGR"),
            book=self.record.receipts,
            services=self.record.services.services,
            clock=self.clock,
            zone=ZONE,
            site="BGR",
            calendar=self.record.visits.calendar,
        )
        self.registrar = Registrar(
            desk=self.desk,
            book=self.record.bookings,
            calendar=self.record.visits.calendar,
            clock=self.clock,
            link=lambda claims: f"/r/{claims.number}/key",
        )

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)

    def scan(self, token: str, at: datetime) -> Reason | None:
        return self.desk.verify(token, at=at).reason


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def request(**changes: Any) -> Request:
    values: dict[str, Any] = {"service": "KTP", "day": WEDNESDAY, "name": "Siti Aminah"}
    return Request(**{**values, **changes})


def refused(office: Office, asked: Request) -> NotBookable:
    with pytest.raises(NotBookable) as error:
        office.registrar.register(asked)
    return error.value


def problems(office: Office, asked: Request) -> dict[str, str]:
    with pytest.raises(BadRequest) as error:
        office.registrar.register(asked)
    return error.value.problems


def test_a_booked_day_is_good_for_seven_days_from_that_day(office: Office) -> None:
    found = office.registrar.register(request(day=THURSDAY))
    assert found.booking is not None
    assert found.booking.place == Place(service="KTP", day=THURSDAY)
    assert found.receipt.valid_from == datetime(2026, 3, 12, tzinfo=ZONE)
    assert found.receipt.expires == datetime(2026, 3, 19, tzinfo=ZONE)
    assert found.receipt.claims.holder == "Siti A."
    assert found.link == f"/r/{found.receipt.number}/key"
    assert office.scan(found.receipt.token, office.at(WEDNESDAY, 9)) is Reason.NOT_YET_VALID
    assert office.scan(found.receipt.token, office.at(THURSDAY, 7)) is None


def test_a_booked_time_is_good_on_its_day_around_it(office: Office) -> None:
    found = office.registrar.register(request(service="KK", start=NINE))
    token = found.receipt.token
    assert found.receipt.expires == datetime(2026, 3, 12, tzinfo=ZONE)
    assert found.receipt.claims.slot == "09:00"
    assert office.scan(token, office.at(WEDNESDAY, 8, 44)) is Reason.TOO_EARLY_FOR_SLOT
    assert office.scan(token, office.at(WEDNESDAY, 8, 45)) is None
    assert office.scan(token, office.at(WEDNESDAY, 9, 31)) is Reason.SLOT_MISSED
    assert office.scan(token, office.at(THURSDAY, 9)) is Reason.EXPIRED


def test_the_longest_receipt_with_a_time_still_fits(office: Office) -> None:
    long = "Wahyuningtyaskusumawardhani Prabandari Notonegoro"
    asked = request(service="KK", start=NINE, name=long, party_size=20)
    office.record.services.put(replace(SLOTS, slot_places=20))
    token = office.registrar.register(asked).receipt.token
    assert len(token) <= MAX_TOKEN_CHARACTERS


def test_who_books_nothing_gets_a_receipt_as_ever_or_for_today(office: Office) -> None:
    asked = request(service="LEGALISIR", day=None)
    found = office.registrar.register(asked)
    assert found.booking is None
    assert found.receipt.valid_from == datetime(2026, 3, 11, tzinfo=ZONE)
    today = office.registrar.register(asked, by="ani", is_good_today=True)
    assert today.receipt.valid_from == datetime(2026, 3, 10, tzinfo=ZONE)
    assert [one.name for one in office.registrar.find("siti")] == ["Siti Aminah"] * 2
    assert office.registrar.search("siti") == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"service": "SPPT"}, BookingRefusal.ONLINE_ONLY),
        ({"service": "REKAM"}, BookingRefusal.SERVICE_CLOSED),
        ({"service": "LEGALISIR"}, BookingRefusal.NOT_BOOKABLE),
        ({"day": TODAY}, BookingRefusal.NOT_BOOKABLE),
        ({"day": date(2026, 3, 14)}, BookingRefusal.SERVICE_CLOSED),
        ({"day": date.max}, BookingRefusal.NOT_BOOKABLE),
        ({"day": date.min}, BookingRefusal.NOT_BOOKABLE),
        ({"party_size": 3}, BookingRefusal.QUOTA_REACHED),
        ({"service": "KK", "start": NINE, "party_size": 3}, BookingRefusal.SLOT_FULL),
        ({"service": "KK", "start": time(9, 10)}, BookingRefusal.NOT_BOOKABLE),
    ],
)
def test_what_cannot_be_booked_has_a_code(
    office: Office, changes: dict[str, Any], code: BookingRefusal
) -> None:
    assert refused(office, request(**changes)).code is code


def test_whoever_finds_it_full_is_told_where_there_is_room(office: Office) -> None:
    office.registrar.register(request(service="KK", start=NINE, party_size=2))
    office.clock.move_to(NOON + TWO_SECONDS)
    error = refused(office, request(service="KK", start=NINE))
    assert [(one.place.day, one.place.start) for one in error.alternatives] == [
        (WEDNESDAY, time(8, 30)),
        (WEDNESDAY, time(9, 30)),
        (THURSDAY, NINE),
    ]


def test_a_place_that_is_taken_is_never_offered_instead_of_itself(office: Office) -> None:
    office.registrar.offers("KTP", WEDNESDAY, 1)
    office.registrar.register(request(party_size=2))
    error = refused(office, request())  # what is offered was read before
    assert WEDNESDAY not in {one.place.day for one in error.alternatives}
    assert len(error.alternatives) == 3


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"name": " \u202e\u200b\x00 "}, "name", "missing"),
        ({"name": "x" * 121}, "name", "too_long"),
        ({"name": "3271041234560001"}, "name", "not_a_name"),
        ({"name": "😀😀"}, "name", "not_a_name"),
        ({"party_size": 0}, "party_size", "not_a_number"),
        ({"party_size": 21}, "party_size", "too_many"),
        ({"contact": "sari"}, "contact", "not_a_contact"),
        ({"contact": "3271041234560001"}, "contact", "not_a_contact"),
        ({"contact": "a@b"}, "contact", "not_a_contact"),
        ({"answers": {"why": "x" * 301}}, "answers", "too_long"),
        ({"answers": {str(n): "x" for n in range(21)}}, "answers", "too_many"),
        ({"language": "<b>"}, "language", "unknown"),
        ({"service": "NONE"}, "service", "unknown"),
        ({"day": None}, "day", "missing"),
        ({"service": "KK"}, "start", "missing"),
    ],
)
def test_what_is_typed_wrong_is_named(
    office: Office, changes: dict[str, Any], field: str, problem: str
) -> None:
    assert problems(office, request(**changes)) == {field: problem}
    assert office.record.visits.head() == 0


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({}, "missing"),
        ({"note": "nothing"}, "missing"),
        ({"number": " \u202e "}, "missing"),
        ({"number": "9" * 301}, "too_long"),
    ],
)
def test_what_the_office_needs_to_know_is_asked_of_everybody(
    office: Office, answers: dict[str, str], problem: str
) -> None:
    asked = (
        Question(code="number", texts={"id": "Nomor"}, is_required=True),
        Question(code="note", texts={"id": "Catatan"}),
    )
    office.record.services.put(service(questions=asked))
    wrong = request(answers=answers)
    assert problems(office, wrong) == {"answers.number": problem}
    done = office.registrar.register(request(answers={"number": "12"}))
    assert done.booking is not None
    assert done.booking.answers == {"number": "12"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Suharto", "Suharto"),
        ("  Siti \t Aminah\n", "Siti Aminah"),
        ("Ma'ruf d’Arc", "Ma'ruf d’Arc"),
        ("Jürgen Ørsted-Weiß", "Jürgen Ørsted-Weiß"),
        ("محمد", "محمد"),
        ("Ir. H. Joko Widodo", "Ir. H. Joko Widodo"),
        ("\u202eitiS", "itiS"),
        ("=HYPERLINK(Siti)", "=HYPERLINK(Siti)"),
        ("<b>Siti</b>", "<b>Siti</b>"),
        ("x" * 120, "x" * 120),
        ("q\u0316" + "\u0301\u0302" * 50 + "\u20ddah", "q\u0316\u0301\u0302\u0301\u0302ah"),
        ("བསྒྲུབས ಕ್ಷ್ಮೀ ꦱꦶꦠꦶ", "བསྒྲུབས ಕ್ಷ್ಮೀ ꦱꦶꦠꦶ"),
    ],
)
def test_any_name_is_kept_whole_but_for_what_nobody_sees(
    office: Office, typed: str, kept: str
) -> None:
    found = office.registrar.register(request(name=typed))
    assert found.booking is not None
    assert found.booking.name == kept


@pytest.mark.parametrize("contact", ["sari@example.org", "+62 812-3456-7890", "(0251) 8321075"])
def test_a_contact_is_an_address_or_a_telephone_number(office: Office, contact: str) -> None:
    found = office.registrar.register(request(contact=f" {contact} "))
    assert found.booking is not None
    assert found.booking.contact == contact
    assert office.registrar.register(request(contact="  ")).booking is not None


def test_what_is_offered_is_at_most_two_seconds_old(office: Office) -> None:
    def left() -> int | None:
        (offer,) = office.registrar.offers("KTP", WEDNESDAY, 1)
        return offer.left

    assert left() == 2
    office.registrar.register(request())
    office.clock.move_to(NOON + TWO_SECONDS)
    assert left() == 1


def test_many_who_look_make_one_question(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    taken = office.record.bookings.taken

    def counted(first: date, last: date, *, at: datetime) -> object:
        asked.append(at)
        return taken(first, last, at=at)

    monkeypatch.setattr(office.record.bookings, "taken", counted)
    for _ in range(50):
        office.registrar.offers("KK", WEDNESDAY, 7)
    assert len(asked) == 1


def test_who_looks_while_the_record_is_away_waits_once_for_all(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[date] = []

    def away(first: date, *_: date, **__: datetime) -> dict[date, DayTaken]:
        asked.append(first)
        office.clock.move_to(office.clock.now() + timedelta(seconds=10))
        raise RecordError("the database does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(office.record.bookings, "taken", away)
        for _ in range(3):
            with pytest.raises(RecordError):
                office.registrar.offers("KTP", WEDNESDAY, 1)
        assert len(asked) == 1
        office.clock.move_to(office.clock.now() + TWO_SECONDS)
        with pytest.raises(RecordError):
            office.registrar.offers("KTP", WEDNESDAY, 1)
        assert len(asked) == 2
    office.clock.move_to(office.clock.now() + TWO_SECONDS)
    assert office.registrar.offers("KTP", WEDNESDAY, 1)


def test_offers_cover_the_days_that_are_asked_for_and_no_more(office: Office) -> None:
    assert len(office.registrar.offers("KTP", WEDNESDAY, 9999)) == 62
    assert office.registrar.offers("LEGALISIR", WEDNESDAY, 3) == []
    assert office.registrar.offers("KTP", date.max, 3)[0].place.day == date.max
    with pytest.raises(BadRequest):
        office.registrar.offers("NONE", WEDNESDAY, 3)


def test_a_place_is_held_and_shown_for_how_long(office: Office) -> None:
    place = Place(service="KK", day=WEDNESDAY, start=NINE)
    held = office.registrar.hold(place, party_size=2, is_priority=False)
    assert (held.until, held.place.end) == (NOON + timedelta(minutes=8), time(9, 30))
    assert refused(office, request(service="KK", start=NINE)).code is BookingRefusal.SLOT_FULL
    with pytest.raises(NotBookable):
        office.registrar.hold(place, party_size=1, is_priority=False)
    with pytest.raises(BadRequest):
        office.registrar.hold(place, party_size=0, is_priority=False)
    office.registrar.release(held.hold_id)
    office.registrar.register(request(service="KK", start=NINE))


def test_a_double_click_gives_the_same_receipt(office: Office) -> None:
    place = Place(service="KK", day=WEDNESDAY, start=NINE)
    held = office.registrar.hold(place, party_size=1, is_priority=False)
    asked = request(service="KK", start=NINE)
    first = office.registrar.register(asked, hold_id=held.hold_id)
    assert office.registrar.register(asked, hold_id=held.hold_id) == first


def test_a_changed_booking_keeps_number_and_link_and_both_tokens_read(office: Office) -> None:
    first = office.registrar.register(request(service="KK", start=NINE))
    moved = office.registrar.change(first.receipt.number, THURSDAY, time(10), by="")
    assert moved.booking is not None
    assert moved.booking.place == Place(
        service="KK", day=THURSDAY, start=time(10), end=time(10, 30)
    )
    assert (moved.receipt.number, moved.link) == (first.receipt.number, first.link)
    for token in (first.receipt.token, moved.receipt.token):
        assert office.scan(token, office.at(WEDNESDAY, 9)) is Reason.NOT_YET_VALID
        assert office.scan(token, office.at(THURSDAY, 9)) is Reason.TOO_EARLY_FOR_SLOT
        assert office.scan(token, office.at(THURSDAY, 10)) is None
    assert office.registrar.registered(first.receipt.number) == moved


def test_a_change_that_cannot_be_tells_where_there_is_room(office: Office) -> None:
    first = office.registrar.register(request(service="KK", start=NINE))
    office.registrar.register(request(service="KK", start=time(10), party_size=2))
    with pytest.raises(NotBookable) as error:
        office.registrar.change(first.receipt.number, WEDNESDAY, time(10), by="")
    assert error.value.code is BookingRefusal.SLOT_FULL
    assert error.value.alternatives
    assert office.registrar.booking(first.receipt.number) == first.booking


def left_at_nine(office: Office) -> int | None:
    offers = office.registrar.offers("KK", WEDNESDAY, 1)
    return next(offer.left for offer in offers if offer.place.start == NINE)


def test_what_is_booked_moved_held_and_given_back_here_is_told_at_once(office: Office) -> None:
    registrar = office.registrar
    assert left_at_nine(office) == 2
    number = registrar.register(request(service="KK", start=NINE)).receipt.number
    assert left_at_nine(office) == 1
    registrar.change(number, WEDNESDAY, time(9, 30), by="")
    assert left_at_nine(office) == 2
    place = Place(service="KK", day=WEDNESDAY, start=NINE)
    held = registrar.hold(place, party_size=2, is_priority=False)
    assert left_at_nine(office) == 0
    registrar.release(held.hold_id)
    assert left_at_nine(office) == 2
    registrar.change(number, WEDNESDAY, NINE, by="")
    registrar.cancel(number, by="rina")
    assert left_at_nine(office) == 2
    registrar.undo(registrar.acts("rina")[0].entry_id, by="rina")
    assert left_at_nine(office) == 1


def test_what_another_process_filled_is_not_offered_instead(office: Office) -> None:
    assert left_at_nine(office) == 2
    other = Registrar(
        desk=office.desk,
        book=office.record.bookings,
        calendar=office.record.visits.calendar,
        clock=office.clock,
        link=lambda claims: "",
    )
    for start in (NINE, time(9, 30)):
        other.register(request(service="KK", start=start, party_size=2))
    refusal = refused(office, request(service="KK", start=NINE))
    assert refusal.code is BookingRefusal.SLOT_FULL
    starts = [offer.place.start for offer in refusal.alternatives]
    assert starts == [time(8, 30), time(8), NINE]  # the last one on Thursday


def test_a_cancelled_booking_is_over_at_once(office: Office) -> None:
    first = office.registrar.register(request(service="KK", start=NINE, party_size=2))
    over = office.registrar.cancel(first.receipt.number, by="")
    assert over.cancelled_at == NOON
    assert office.registrar.booking(first.receipt.number) == over
    assert office.scan(first.receipt.token, office.at(WEDNESDAY, 9)) is Reason.REVOKED
    office.registrar.register(request(service="KK", start=NINE, party_size=2))


def test_a_lost_receipt_is_replaced_by_one_with_the_same_place(office: Office) -> None:
    lost = office.registrar.register(request(service="KK", start=NINE, party_size=2))
    found = office.registrar.reissue(lost.receipt.number, by="ani")
    assert found.receipt.number != lost.receipt.number
    assert found.booking is not None
    assert lost.booking is not None
    assert found.booking.place == lost.booking.place
    assert office.scan(lost.receipt.token, office.at(WEDNESDAY, 9)) is Reason.REVOKED
    assert office.scan(found.receipt.token, office.at(WEDNESDAY, 9)) is None
    with pytest.raises(NotBookable):
        office.registrar.reissue(lost.receipt.number, by="ani")


def test_a_number_may_be_typed_as_people_write_it(office: Office) -> None:
    found = office.registrar.register(request())
    number = found.receipt.number
    typed = f"{number[:5]}-{number[5:]}".lower()
    assert office.registrar.booking(typed) == found.booking


@pytest.mark.parametrize("act", ["change", "cancel", "registered"])
def test_an_unknown_number_is_told_so(office: Office, act: str) -> None:
    acts = {
        "change": lambda: office.registrar.change("7KQ2M9XV4T", THURSDAY, None, by=""),
        "cancel": lambda: office.registrar.cancel("7KQ2M9XV4T", by=""),
        "registered": lambda: office.registrar.registered("7KQ2M9XV4T"),
    }
    with pytest.raises(UnknownReceipt):
        acts[act]()
    assert office.registrar.booking("7KQ2M9XV4T") is None


@pytest.mark.parametrize(
    "typed",
    ["a\0b", "\ud800", "\u202eSiti", "x" * 100_000],
    ids=["nul", "half", "direction", "long"],
)
def test_what_nobody_can_have_been_called_is_looked_for_without_harm(
    office: Office, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(office.record.bookings, "find", lambda _, number: asked.append(number))
    assert office.registrar.registration(typed) is None
    assert asked == []
    monkeypatch.setattr(
        office.record.bookings, "search", lambda text, **_: asked.append(text) or []
    )
    assert office.registrar.find(typed) == []
    assert asked[0].isprintable()
    assert len(asked[0]) <= 120


@pytest.mark.parametrize(
    "hold_id", ["a\0b", "\ud800", "", "x" * 1000], ids=["nul", "half", "empty", "long"]
)
def test_what_was_never_held_is_not_asked_for(office: Office, hold_id: str) -> None:
    first = office.registrar.register(request(), hold_id=hold_id)
    office.registrar.release(hold_id)
    second = office.registrar.register(request(), hold_id=hold_id)
    assert first.receipt.number != second.receipt.number


def test_a_booking_of_a_service_that_is_gone_cannot_be_moved_but_cancelled(office: Office) -> None:
    number = office.registrar.register(request()).receipt.number
    known = office.record.facts.current().services
    office.record.facts.put(services={code: one for code, one in known.items() if code != "KTP"})
    with pytest.raises(NotBookable):
        office.registrar.change(number, THURSDAY, None, by="")
    assert office.registrar.cancel(number, by="").cancelled_at is not None


def test_what_books_nothing_cannot_be_moved_or_cancelled(office: Office) -> None:
    number = office.registrar.register(request(service="LEGALISIR", day=None)).receipt.number
    with pytest.raises(UnknownReceipt):
        office.registrar.change(number, THURSDAY, None, by="")
    with pytest.raises(UnknownReceipt):
        office.registrar.cancel(number, by="")


def test_days_with_bookings_are_told(office: Office) -> None:
    assert office.registrar.booked_days("KTP") == []
    office.registrar.register(request(group=PriorityGroup.ELDERLY))
    assert office.registrar.booked_days("KTP") == [WEDNESDAY]
    statuses = [one.status for one in office.registrar.offers("KTP", TODAY, 3)]
    assert statuses == [OfferStatus.PAST, OfferStatus.OPEN, OfferStatus.OPEN]


def test_who_waited_in_time_is_told_nothing_of_a_missed_time(office: Office) -> None:
    found = office.registrar.register(request(service="KK", start=NINE))
    office.record.visits.write(
        Attempt(
            attempt_id="a",
            gate="utama",
            at=office.at(WEDNESDAY, 9),
            decision=DecisionKind.WAIT,
            reason=Reason.SECOND_READING_PAUSE,
            receipt=found.receipt.claims,
        )
    )
    assert office.scan(found.receipt.token, office.at(WEDNESDAY, 11)) is None


def test_hours_are_told_where_the_service_checks_them(office: Office) -> None:
    found = office.registrar.register(request())
    assert office.scan(found.receipt.token, office.at(WEDNESDAY, 20)) is None
    office.record.services.put(service(gate_checks_hours=True))
    assert office.scan(found.receipt.token, office.at(WEDNESDAY, 20)) is Reason.OUTSIDE_HOURS
    assert office.scan(found.receipt.token, office.at(WEDNESDAY, 9)) is None


def test_tells_how_many_booked_what_would_be_closed(office: Office) -> None:
    office.registrar.register(request(party_size=2))
    office.registrar.register(request(service="KK", start=NINE))
    office.registrar.register(request(service="KK", start=time(10)))
    facts = office.record.facts.current()
    assert office.registrar.booked_in_vain(facts) == {}
    late = with_days([WEDNESDAY], SpecialDay(read_spans("09:30-12:00")))(facts)
    assert office.registrar.booked_in_vain(late) == {WEDNESDAY: 1}
    closed = with_days([WEDNESDAY], SpecialDay())(facts)
    assert office.registrar.booked_in_vain(closed) == {WEDNESDAY: 4}
    assert office.registrar.booked_in_vain(closed, service="KK") == {WEDNESDAY: 2}
    assert office.registrar.taken(WEDNESDAY, 1)[WEDNESDAY].used_of("KTP") == 2
