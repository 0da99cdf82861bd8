"""What every record promises of bookings and held places, and what they mean at the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.errors import ReceiptError, UnknownReceipt
from screening.office.changes import with_chosen_plan, without_service
from screening.office.services import Booking as Books
from screening.office.services import Channel, Service
from screening.receipts.claims import ReceiptClaims
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
from screening.registration.rules import DayTaken
from screening.repeats import Answer, AnsweredBefore, Asked, KeyReused
from screening.visits import EntryKind, ExitHow
from screening.waiting_room.chairs import Chair, Near
from screening.waiting_room.plan import ChosenPlan
from tests.contracts.builders import NOON, SITE, ZONE, attempt, receipt, the
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)

TODAY = date(2026, 3, 10)
WEDNESDAY = date(2026, 3, 11)
THURSDAY = date(2026, 3, 12)
NINE = time(9)


def service(**changes: Any) -> Service:
    values: dict[str, Any] = {
        "code": "KTP",
        "channel": Channel.COLLECTION,
        "names": {"id": "KTP", "en": "ID"},
        "letter": "K",
        "booking": Books.DAY,
    }
    return Service(**{**values, **changes})


def slots(**changes: Any) -> Service:
    return service(**{"booking": Books.SLOT, "slot_minutes": 30, "slot_places": 2, **changes})


def opened(open_record: Open, *services: Service, **options: Any) -> AnyRecord:
    record = open_record(**{"capacity": 100, **options})
    for one in services:
        record.services.put(one)
    return record


def clock_time(hour: int, minute: int = 0, *, day: date = WEDNESDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


def booked_claims(day: date, start: time | None, **changes: Any) -> ReceiptClaims:
    begins = datetime.combine(day, time(), ZONE).astimezone(UTC)
    return receipt(
        not_before=begins,
        expires=begins + timedelta(days=7 if start is None else 1),
        slot=None if start is None else f"{start:%H:%M}",
        **changes,
    )


def ask(
    record: AnyRecord,
    day: date | None = WEDNESDAY,
    start: time | None = None,
    *,
    at: datetime = NOON,
    hold_id: str | None = None,
    by: str = "",
    claims: ReceiptClaims | None = None,
    asked: Asked[Registration] | None = None,
    **changes: Any,
) -> Registration | BookingRefusal:
    values: dict[str, Any] = {"service": "KTP", "name": "Sari Dewi Puspita"}
    request = Request(**{**values, "day": day, "start": start, **changes})
    if claims is None:
        named = {"service": request.service, "party_size": request.party_size}
        claims = receipt(**named) if day is None else booked_claims(day, start, **named)
    return record.bookings.register(claims, request, by=by, hold_id=hold_id, at=at, asked=asked)


def book(record: AnyRecord, *args: Any, **changes: Any) -> Registration:
    found = ask(record, *args, **changes)
    assert isinstance(found, Registration), found
    return found


def keep(
    record: AnyRecord,
    day: date = WEDNESDAY,
    start: time | None = None,
    *,
    name: str = "hold",
    people: int = 1,
    at: datetime = NOON,
    instead_of: str | None = None,
) -> Hold | BookingRefusal:
    hold = Hold(
        hold_id=name,
        place=Place(service="KTP", day=day, start=start),
        party_size=people,
        until=at + timedelta(minutes=8),
    )
    return record.bookings.hold(hold, instead_of=instead_of, at=at)


def change(
    record: AnyRecord,
    found: Registration,
    day: date,
    start: time | None = None,
    *,
    at: datetime = NOON,
) -> Registration | BookingRefusal:
    there = booked_claims(day, start)
    claims = replace(
        found.claims, not_before=there.not_before, expires=there.expires, slot=there.slot
    )
    place = Place(service="KTP", day=day, start=start)
    return record.bookings.change(claims, place, by="", hold_id=None, at=at)


def cancel(record: AnyRecord, found: Registration, *, at: datetime = NOON) -> Registration:
    return record.bookings.cancel(found.claims.issuer, found.claims.number, by="", at=at)


def taken(record: AnyRecord, day: date = WEDNESDAY, *, at: datetime = NOON) -> DayTaken:
    return record.bookings.taken(day, day, at=at).get(day, DayTaken())


def scan(record: AnyRecord, claims: ReceiptClaims, when: datetime, **changes: Any) -> Reason:
    return record.visits.write(attempt(receipt=claims, at=when, **changes)).reason


def is_intact(record: AnyRecord) -> bool:
    return record.visits.verify().is_intact


# Booking


def test_a_booking_is_found_with_all_that_was_told(open_record: Open) -> None:
    record = opened(open_record, slots())
    told = {"group": PriorityGroup.ELDERLY, "contact": "sari@example.org", "language": "en"}
    found = book(record, start=NINE, party_size=2, answers={"kk": "ya"}, by="loket", **told)
    assert found.booking == Booking(
        number=found.claims.number,
        place=Place(service="KTP", day=WEDNESDAY, start=NINE, end=time(9, 30)),
        party_size=2,
        is_priority=True,
        name="Sari Dewi Puspita",
        group=PriorityGroup.ELDERLY,
        contact="sari@example.org",
        answers={"kk": "ya"},
        language="en",
        booked_at=found.claims.issued_at,
        booked_by="loket",
    )
    assert record.bookings.find(SITE, found.claims.number) == found
    assert record.receipts.by_number(SITE, found.claims.number) == found.claims
    assert is_intact(record)


def test_what_was_told_without_a_booking_is_found_too(open_record: Open) -> None:
    record = opened(open_record, service(booking=Books.NONE))
    found = book(record, day=None, contact="0812345678", answers={"kk": "ya"}, by="loket")
    assert (found.booking, found.contact, found.answers) == (None, "0812345678", {"kk": "ya"})
    assert record.bookings.find(SITE, found.claims.number) == found


def test_whoever_asks_for_a_contact_is_a_row_of_the_log(open_record: Open) -> None:
    record = opened(open_record, service())
    told, silent = book(record, contact="0812345678", by="loket"), book(record, by="loket")

    def ask_for(found: Registration) -> str | None:
        return record.bookings.contact(SITE, found.claims.number, by="rina", at=NOON)

    assert (ask_for(silent), ask_for(told)) == (None, "0812345678")
    (row,) = [one for one in record.visits.entries() if one.kind is EntryKind.CONTACT_SHOWN]
    assert (row.operator, row.receipt_number, row.at) == ("rina", told.claims.number, NOON)
    assert "0812345678" not in str(row)
    assert is_intact(record)
    with pytest.raises(UnknownReceipt):
        record.bookings.contact(SITE, "UNKNOWN", by="rina", at=NOON)
    since = NOON - timedelta(days=1)
    acts = record.bookings.acts(SITE, "loket", since=since, limit=9)
    assert [one.is_newest for one in acts] == [True, True]  # nothing happened with the receipts
    taken_back = record.bookings.undo(acts[1], told.claims, by="loket", at=NOON)
    assert isinstance(taken_back, Registration)


def test_a_booking_is_a_row_of_the_log(open_record: Open) -> None:
    record = opened(open_record, slots())
    found = book(record, start=NINE, party_size=2, by="loket")
    change(record, found, THURSDAY, time(10))
    cancel(record, found)
    rows = record.visits.latest(limit=3)[::-1]
    assert [row.kind for row in rows] == [
        EntryKind.BOOKED,
        EntryKind.BOOKING_CHANGED,
        EntryKind.REVOKE,
    ]
    assert {row.receipt_number for row in rows} == {found.claims.number}
    assert [row.remark for row in rows] == [
        "2026-03-11 09:00 × 2",
        "2026-03-11 09:00 × 2 → 2026-03-12 10:00 × 2",
        "cancelled",
    ]
    assert rows[0].operator == "loket"


def test_who_books_nothing_is_kept_by_name(open_record: Open) -> None:
    record = opened(open_record, service(booking=Books.NONE))
    found = book(record, None)
    assert found.booking is None
    assert the(record.bookings.find(SITE, found.claims.number)).name == "Sari Dewi Puspita"
    assert record.visits.head() == 0


def asked_once(key: str = "request-1", digest: str = "d1") -> Asked[Registration]:
    return Asked(
        caller="portal",
        key=key,
        digest=digest,
        answer=lambda found: Answer(201, found.claims.number.encode()),
    )


def test_a_booking_is_found_with_who_registered_for_them(open_record: Open) -> None:
    record = opened(open_record, service())
    for day in (None, WEDNESDAY):
        found = book(record, day, by="portal")
        assert found.by == "portal"
        known = record.bookings.find(found.claims.issuer, found.claims.number)
        assert known is not None
        assert known.by == "portal"


def test_a_request_that_is_sent_again_books_nothing_more(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=1))
    first = book(record, asked=asked_once())
    for _ in range(2):
        with pytest.raises(AnsweredBefore) as told:
            ask(record, asked=asked_once())
        assert told.value.answer == Answer(201, first.claims.number.encode())
    with pytest.raises(KeyReused):
        ask(record, asked=asked_once(digest="d2"))
    assert ask(record, asked=asked_once("request-2")) is BookingRefusal.QUOTA_REACHED
    assert record.kept_answers.kept(asked_once("request-2"), at=NOON) is None
    assert taken(record).used == 1
    assert is_intact(record)


def test_a_number_that_is_taken_books_nothing(open_record: Open) -> None:
    record = opened(open_record, service())
    found = book(record)
    with pytest.raises(ReceiptError, match="taken"):
        ask(record, claims=replace(found.claims, token_id=bytes(16)))
    assert taken(record).used == 1
    assert is_intact(record)


@pytest.mark.parametrize("kind", ["office", "service", "slot"])
def test_nobody_books_the_place_after_the_last(open_record: Open, kind: str) -> None:
    record = opened(
        open_record,
        slots(daily_quota=2 if kind == "service" else None),
        daily_quota=2 if kind == "office" else None,
    )
    book(record, start=NINE, party_size=2)
    other = NINE if kind == "slot" else time(10)
    refused = BookingRefusal.SLOT_FULL if kind == "slot" else BookingRefusal.QUOTA_REACHED
    assert ask(record, start=other) == refused
    assert record.visits.head() == 1
    book(record, THURSDAY, other)


def test_a_refusal_is_nobody_else_s_matter(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=1))
    assert ask(record, date(2026, 3, 14)) == BookingRefusal.SERVICE_CLOSED
    assert ask(record, TODAY) == BookingRefusal.NOT_BOOKABLE
    book(record)
    assert ask(record) == BookingRefusal.QUOTA_REACHED


def test_public_holidays_are_not_booked(open_record: Open) -> None:
    record = opened(open_record, service(), holidays=lambda year: {WEDNESDAY: "Nyepi"})
    assert ask(record) == BookingRefusal.SERVICE_CLOSED


def test_priority_groups_take_what_is_kept_for_them(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=3, priority_quota=1))
    book(record, party_size=2)
    assert ask(record) == BookingRefusal.QUOTA_REACHED
    book(record, group=PriorityGroup.PREGNANT)
    assert ask(record, group=PriorityGroup.PREGNANT) == BookingRefusal.QUOTA_REACHED


def test_a_cancelled_place_is_free_at_once_and_only_once(open_record: Open) -> None:
    record = opened(open_record, slots())
    first = book(record, start=NINE)
    book(record, start=NINE)
    over = cancel(record, first)
    assert the(over.booking).cancelled_at == NOON
    assert cancel(record, first, at=NOON + timedelta(minutes=1)) == over
    book(record, start=NINE)
    assert ask(record, start=NINE) == BookingRefusal.SLOT_FULL
    use = record.receipts.use_of(SITE, first.claims.number, since=NOON)
    assert use.revoked
    assert is_intact(record)


def test_revoking_the_receipt_gives_the_place_back(open_record: Open) -> None:
    record = opened(open_record, slots())
    found = book(record, start=NINE, party_size=2)
    record.receipts.revoke(SITE, found.claims.number, reason="salah", operator="ani", at=NOON)
    assert taken(record).used == 0
    assert the(the(record.bookings.find(SITE, found.claims.number)).booking).cancelled_at == NOON
    assert is_intact(record)


def test_a_moved_booking_leaves_its_old_place(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    found = book(record, start=NINE)
    moved = change(record, found, THURSDAY, time(10))
    assert isinstance(moved, Registration)
    assert the(moved.booking).place == Place(
        service="KTP", day=THURSDAY, start=time(10), end=time(10, 30)
    )
    assert (moved.claims.number, moved.claims.slot) == (found.claims.number, "10:00")
    assert record.bookings.find(SITE, found.claims.number) == moved
    book(record, start=NINE)
    assert ask(record, THURSDAY, time(10)) == BookingRefusal.SLOT_FULL
    assert is_intact(record)


def test_a_booking_that_cannot_be_moved_stays_where_it_is(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    found = book(record, start=NINE)
    book(record, start=time(10))
    assert change(record, found, WEDNESDAY, time(10)) == BookingRefusal.SLOT_FULL
    assert record.bookings.find(SITE, found.claims.number) == found
    assert ask(record, start=NINE) == BookingRefusal.SLOT_FULL


def test_the_last_place_of_the_day_can_be_moved_within_it(open_record: Open) -> None:
    record = opened(open_record, slots(daily_quota=1))
    found = book(record, start=NINE)
    assert isinstance(change(record, found, WEDNESDAY, time(10)), Registration)
    assert taken(record).used == 1


def test_a_booking_that_is_over_or_used_is_not_moved(open_record: Open) -> None:
    record = opened(open_record, service())
    over, used = book(record), book(record)
    cancel(record, over)
    for day in (WEDNESDAY, THURSDAY):  # also to where it was
        assert change(record, over, day) == BookingRefusal.NOT_BOOKABLE
    scan(record, used.claims, clock_time(9))
    assert change(record, used, THURSDAY, at=clock_time(9)) == BookingRefusal.NOT_BOOKABLE
    with pytest.raises(UnknownReceipt):
        change(record, Registration(claims=receipt(), booking=None), THURSDAY)


def test_new_rules_do_not_hold_for_a_day_with_bookings(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    found = book(record, start=NINE)
    record.services.put(slots(slot_places=5, slot_minutes=60))
    assert ask(record, start=NINE) == BookingRefusal.SLOT_FULL
    book(record, start=time(9, 30))
    assert ask(record, start=time(9, 30)) == BookingRefusal.SLOT_FULL
    assert ask(record, THURSDAY, time(9, 30)) == BookingRefusal.NOT_BOOKABLE
    assert record.bookings.booked_days("KTP", first=TODAY) == [WEDNESDAY]
    for one in record.bookings.search("sari", day=None, limit=9):
        cancel(record, one)
    assert record.bookings.booked_days("KTP", first=TODAY) == []
    assert ask(record, start=time(9, 30)) == BookingRefusal.NOT_BOOKABLE
    assert the(found.booking).place.end == time(9, 30)
    assert is_intact(record)


def reissue(record: AnyRecord, found: Registration) -> Any:
    claims = replace(found.claims, number=receipt().number, token_id=b"new")
    return record.bookings.replace(claims, number=found.claims.number, by="ani", at=NOON)


def test_a_lost_receipt_is_replaced_and_keeps_its_place(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    told = {"group": PriorityGroup.ELDERLY, "contact": "0812345678"}
    lost = book(record, start=NINE, **told)
    record.services.put(slots(slot_places=1, slot_minutes=60))
    found = reissue(record, lost)
    assert found.booking == replace(the(lost.booking), number=found.claims.number, booked_by="ani")
    assert record.bookings.find(SITE, found.claims.number) == found
    assert scan(record, lost.claims, clock_time(9)) is Reason.REVOKED
    assert ask(record, start=NINE) == BookingRefusal.SLOT_FULL
    assert scan(record, found.claims, clock_time(9)) is Reason.ADMITTED
    named = record.bookings.search("sari", day=None, limit=9)
    assert [one.claims for one in named] == [found.claims]
    assert is_intact(record)


def test_a_receipt_that_is_over_used_or_unknown_is_not_replaced(open_record: Open) -> None:
    record = opened(open_record, service())
    over, used = book(record), book(record)
    cancel(record, over)
    scan(record, used.claims, clock_time(9))
    assert reissue(record, over) == BookingRefusal.NOT_BOOKABLE
    assert reissue(record, used) == BookingRefusal.NOT_BOOKABLE
    with pytest.raises(UnknownReceipt):
        reissue(record, Registration(claims=receipt(), booking=None))


def test_a_receipt_without_a_booking_is_replaced_too(open_record: Open) -> None:
    record = opened(open_record, service(booking=Books.NONE))
    lost = book(record, None)
    found = reissue(record, lost)
    assert (found.booking, found.name) == (None, "Sari Dewi Puspita")
    assert is_intact(record)


# Holding a place


def test_a_held_place_is_nobody_else_s_until_it_runs_out(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    held = keep(record, start=NINE)
    assert isinstance(held, Hold)
    assert held.place.end == time(9, 30)
    assert ask(record, start=NINE) == BookingRefusal.SLOT_FULL
    assert keep(record, start=NINE, name="other") == BookingRefusal.SLOT_FULL
    last = NOON + timedelta(minutes=8)
    assert ask(record, start=NINE, at=last - timedelta(seconds=1)) == BookingRefusal.SLOT_FULL
    book(record, start=NINE, at=last)


def test_who_holds_a_place_books_it_and_it_counts_once(open_record: Open) -> None:
    record = opened(open_record, slots())
    keep(record, start=NINE)
    assert taken(record).used == 1
    book(record, start=NINE, hold_id="hold")
    assert taken(record).used == 1
    assert is_intact(record)


def test_pressing_twice_books_once(open_record: Open) -> None:
    record = opened(open_record, slots())
    keep(record, start=NINE)
    assert record.bookings.find_held("hold") is None
    first = book(record, start=NINE, hold_id="hold")
    assert book(record, start=NINE, hold_id="hold") == first
    assert record.bookings.find_held("hold") == first
    assert taken(record).used == 1
    assert len(record.bookings.search("", day=WEDNESDAY, limit=9)) == 1


def test_a_hold_that_ran_out_and_was_taken_books_nothing(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    keep(record, start=NINE)
    later = NOON + timedelta(minutes=9)
    book(record, start=NINE, at=later)
    assert ask(record, start=NINE, at=later, hold_id="hold") == BookingRefusal.SLOT_FULL
    assert taken(record, at=later).used == 1


def test_a_hold_that_ran_out_may_still_find_its_place_free(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    keep(record, start=NINE)
    book(record, start=NINE, at=NOON + timedelta(minutes=9), hold_id="hold")


def test_another_choice_gives_the_first_place_back(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1, daily_quota=1))
    keep(record, start=NINE)
    assert isinstance(keep(record, start=time(10), name="new", instead_of="hold"), Hold)
    assert taken(record).booked["KTP"].starts == {time(10): 1}


def test_the_same_hold_twice_keeps_one_place(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    keep(record, start=NINE)
    assert isinstance(keep(record, start=NINE, instead_of="hold"), Hold)
    assert isinstance(keep(record, start=time(10), instead_of="hold"), Hold)
    assert taken(record).booked["KTP"].starts == {time(10): 1}


def test_a_choice_that_cannot_be_had_keeps_the_first_place(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    book(record, start=time(10))
    keep(record, start=NINE)
    refused = keep(record, start=time(10), name="new", instead_of="hold")
    assert refused == BookingRefusal.SLOT_FULL
    assert ask(record, start=NINE) == BookingRefusal.SLOT_FULL


def test_a_held_place_is_given_back(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    keep(record, start=NINE)
    record.bookings.release("hold", at=NOON)
    record.bookings.release("unheard of", at=NOON)
    book(record, start=NINE)


# Looking for them


def test_bookings_are_found_by_name_number_and_day(open_record: Open) -> None:
    record = opened(open_record, service(), service(code="KK", letter="F", booking=Books.NONE))
    sari = book(record, THURSDAY)
    jose = book(record, name="José Ma'ruf")
    walk_in = book(record, None, service="KK", name="Sariyah")

    def found(text: str, day: date | None = None, limit: int = 9) -> list[str]:
        listed = record.bookings.search(text, day=day, limit=limit)
        return [one.claims.number for one in listed]

    assert found("jose MA'R") == [jose.claims.number]
    assert found("sari") == [sari.claims.number, walk_in.claims.number]
    assert found("sari", THURSDAY) == [sari.claims.number]
    assert found("", limit=1) == [jose.claims.number]
    number = jose.claims.number
    assert found(f"{number[:5]}-{number[5:]}".lower()) == [number]
    assert found("%") == []
    assert found("-") == []


# At the gate


@pytest.mark.parametrize("kind", ["office", "service"])
def test_who_booked_the_day_comes_in_and_all_others_get_what_is_left(
    open_record: Open, kind: str
) -> None:
    record = opened(
        open_record,
        service(daily_quota=3 if kind == "service" else None),
        daily_quota=3 if kind == "office" else None,
    )
    booked = book(record, party_size=2)
    at = clock_time(9)
    assert scan(record, receipt(), at) is Reason.ADMITTED
    assert scan(record, receipt(), at) is Reason.QUOTA_REACHED
    assert scan(record, booked.claims, at) is Reason.ADMITTED
    assert scan(record, receipt(), at) is Reason.QUOTA_REACHED
    assert scan(record, booked.claims, at) is Reason.ADMITTED
    assert scan(record, receipt(), at) is Reason.QUOTA_REACHED
    assert is_intact(record)


def test_figures_tell_who_booked_the_day_and_has_not_come(open_record: Open) -> None:
    record = opened(open_record, service(), service(code="KK", letter="F"))
    party, gone = book(record, party_size=2), book(record, service="KK")
    book(record, THURSDAY)
    cancel(record, gone)

    def still_to_come(hour: int, day: date = WEDNESDAY) -> int:
        since = datetime.combine(day, time(), ZONE).astimezone(UTC)
        figures = record.visits.figures(since=since, at=clock_time(hour, day=day))
        return figures.still_to_come

    assert (still_to_come(8), still_to_come(8, THURSDAY)) == (2, 1)
    scan(record, party.claims, clock_time(9))
    assert still_to_come(10) == 1
    scan(record, party.claims, clock_time(11), attempt_id="second")
    assert still_to_come(12) == 0


def test_bookings_of_a_service_that_is_gone_leave_the_office_s_quota_to_others(
    open_record: Open,
) -> None:
    kk = service(code="KK", letter="F")
    record = opened(open_record, service(), kk, daily_quota=3)
    came, gone = book(record, service="KK"), book(record, service="KK")
    assert scan(record, came.claims, clock_time(8)) is Reason.ADMITTED
    keep(record, name="other")
    assert ask(record) == BookingRefusal.QUOTA_REACHED
    record.facts.change(without_service("KK"), operator="dewi", at=NOON)
    held = book(record, hold_id="other")
    since = datetime.combine(WEDNESDAY, time(), ZONE).astimezone(UTC)
    assert record.visits.figures(since=since, at=clock_time(8, 30)).still_to_come == 1
    assert scan(record, receipt(), clock_time(9)) is Reason.ADMITTED
    assert scan(record, receipt(), clock_time(9)) is Reason.QUOTA_REACHED
    assert scan(record, held.claims, clock_time(9)) is Reason.ADMITTED
    assert ask(record) == BookingRefusal.QUOTA_REACHED
    record.services.put(kk)
    assert the(record.bookings.find(SITE, gone.claims.number)).booking == gone.booking
    assert scan(record, gone.claims, clock_time(9)) is Reason.ADMITTED
    assert is_intact(record)


def test_a_service_that_is_not_booked_any_more_takes_no_bookings_on_any_day(
    open_record: Open,
) -> None:
    record = opened(open_record, service(daily_quota=2))
    booked, moved = book(record), book(record)
    cancelled = book(record, THURSDAY)
    cancel(record, cancelled)
    record.services.put(service(daily_quota=2, booking=Books.NONE))
    assert ask(record) == BookingRefusal.NOT_BOOKABLE
    assert keep(record) == BookingRefusal.NOT_BOOKABLE
    assert change(record, moved, THURSDAY) == BookingRefusal.NOT_BOOKABLE
    assert scan(record, receipt(), clock_time(9)) is Reason.QUOTA_REACHED
    assert scan(record, booked.claims, clock_time(9)) is Reason.ADMITTED
    cancel(record, moved)
    assert scan(record, receipt(), clock_time(9)) is Reason.ADMITTED
    assert is_intact(record)


def test_whoever_did_not_come_moves_nothing_once_the_day_is_over(open_record: Open) -> None:
    record = opened(open_record, service())
    late = book(record)
    that_evening = clock_time(23, 59)
    moved = change(record, late, date(2026, 3, 13), at=that_evening)
    assert isinstance(moved, Registration)
    missed = book(record, at=NOON)
    friday = change(record, missed, date(2026, 3, 13), at=clock_time(0, day=THURSDAY))
    assert friday == BookingRefusal.NOT_BOOKABLE
    assert the(record.bookings.find(SITE, missed.claims.number)).booking == missed.booking
    assert scan(record, missed.claims, clock_time(9, day=THURSDAY)) is Reason.ADMITTED


def test_a_booking_of_another_day_is_nothing_today(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=1))
    booked = book(record)
    assert scan(record, receipt(), clock_time(9, day=THURSDAY)) is Reason.ADMITTED
    late = scan(record, booked.claims, clock_time(9, day=THURSDAY))
    assert late is Reason.QUOTA_REACHED
    assert scan(record, booked.claims, clock_time(9, day=date(2026, 3, 13))) is Reason.ADMITTED


def test_a_return_an_undone_admission_and_a_second_one_use_nothing_more(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=2))
    booked, at = book(record), clock_time(9)
    assert scan(record, booked.claims, at) is Reason.ADMITTED
    record.visits.leave(receipt=booked.claims, how=ExitHow.SCAN, gate="g", operator=None, at=at)
    back = record.visits.write(attempt(receipt=booked.claims, at=at))
    assert back.reason is Reason.RETURNED
    record.visits.annul(back.attempt_id, operator="ani", remark="salah", at=at)
    assert taken(record).used == 1
    other = record.visits.write(attempt(receipt=receipt(), at=at))
    assert other.reason is Reason.ADMITTED
    record.visits.annul(other.attempt_id, operator="ani", remark="salah", at=at)
    assert taken(record).used == 1
    assert is_intact(record)


def test_an_undone_admission_of_a_booking_keeps_its_place(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=1))
    booked, at = book(record), clock_time(9)
    came = record.visits.write(attempt(receipt=booked.claims, at=at))
    record.visits.annul(came.attempt_id, operator="ani", remark="salah", at=at)
    assert scan(record, receipt(), at) is Reason.QUOTA_REACHED
    assert scan(record, booked.claims, at) is Reason.ADMITTED
    assert is_intact(record)


def test_whoever_came_of_a_cancelled_booking_still_counts(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=3))
    booked, at = book(record, party_size=3), clock_time(9)
    came = record.visits.write(attempt(receipt=booked.claims, at=at))
    cancel(record, booked, at=at)
    assert (taken(record).used, taken(record).used_of("KTP")) == (1, 1)
    assert is_intact(record)
    record.visits.annul(came.attempt_id, operator="ani", remark="salah", at=at)
    assert taken(record).used == 0
    assert is_intact(record)


@pytest.mark.parametrize("kind", ["office", "service"])
def test_a_place_held_for_today_is_nobody_s_at_the_gate(open_record: Open, kind: str) -> None:
    quota = 1 if kind == "service" else None
    walk_in = service(channel=Channel.WALK_IN, lead_days=0, daily_quota=quota)
    record = opened(open_record, walk_in, daily_quota=1 if kind == "office" else None)
    assert isinstance(keep(record, TODAY), Hold)
    assert scan(record, receipt(), NOON) is Reason.QUOTA_REACHED
    book(record, TODAY, hold_id="hold")
    assert scan(record, receipt(), NOON + timedelta(minutes=9)) is Reason.QUOTA_REACHED


def test_an_emergency_is_not_stopped_by_others_bookings(open_record: Open) -> None:
    emergency = service(code="DARURAT", letter="D", channel=Channel.EMERGENCY, booking=Books.NONE)
    record = opened(open_record, service(), emergency, daily_quota=1)
    booked, at = book(record), clock_time(9)
    assert scan(record, receipt(service="DARURAT"), at) is Reason.ADMITTED
    assert scan(record, booked.claims, at) is Reason.ADMITTED
    assert scan(record, receipt(), at) is Reason.QUOTA_REACHED


def test_the_gate_tells_the_whole_name_and_who_has_priority(open_record: Open) -> None:
    record = opened(open_record, service())
    booked = book(record, group=PriorityGroup.DISABILITY)
    written = record.visits.write(attempt(receipt=booked.claims, at=clock_time(9)))
    assert (written.name, written.is_priority) == ("Sari Dewi Puspita", True)
    assert the(written.entry).holder == "Sari P."
    stranger = record.visits.write(attempt(receipt=receipt(), at=clock_time(9)))
    assert (stranger.name, stranger.is_priority) == (None, False)


def test_who_has_priority_sits_by_the_counter(open_record: Open) -> None:
    record = opened(open_record, service())
    for _ in range(2):
        scan(record, receipt(), clock_time(9))
    booked = book(record, group=PriorityGroup.ELDERLY)
    written = record.visits.write(attempt(receipt=booked.claims, at=clock_time(9)))
    assert the(written.visit).seat == "A3", "the open seat of the first row that is left"


def test_a_place_for_a_wheelchair_is_for_who_has_a_disability(open_record: Open) -> None:
    record = opened(open_record, service())
    chairs = (
        Chair(label="A1", x=0, y=0),
        Chair(label="C1", x=2, y=0, near=Near.COUNTER),
        Chair(label="W1", x=4, y=0, is_wheelchair=True),
    )
    labels = frozenset(chair.label for chair in chairs)
    plan = ChosenPlan(chairs=chairs, open_labels=labels, distance_m=1.0)
    record.facts.change(with_chosen_plan(plan), operator="rina", at=NOON)
    seats = {}
    for group in (PriorityGroup.DISABILITY, PriorityGroup.PREGNANT, None):
        booked = book(record, group=group)
        written = record.visits.write(attempt(receipt=booked.claims, at=clock_time(9)))
        seats[group] = the(written.visit).seat
    assert list(seats.values()) == ["W1", "C1", "A1"]


@pytest.mark.parametrize(
    ("hour", "minute", "reason"),
    [
        (8, 44, Reason.TOO_EARLY_FOR_SLOT),
        (8, 45, Reason.ADMITTED),
        (9, 30, Reason.ADMITTED),
        (9, 31, Reason.SLOT_MISSED),
    ],
)
def test_a_booked_time_lets_in_from_before_it_until_after_it(
    open_record: Open, hour: int, minute: int, reason: Reason
) -> None:
    record = opened(open_record, slots())
    booked = book(record, start=NINE)
    assert scan(record, booked.claims, clock_time(hour, minute)) is reason
    assert is_intact(record)


def test_a_guard_lets_in_whoever_is_late(open_record: Open) -> None:
    record = opened(open_record, slots())
    booked = book(record, start=NINE)
    late = scan(record, booked.claims, clock_time(11), reason=Reason.OVERRIDE, operator="ani")
    assert late is Reason.OVERRIDE


@pytest.mark.parametrize("why", ["room_full", "second_reading_pause"])
def test_who_was_told_to_wait_in_time_has_not_missed_it(open_record: Open, why: str) -> None:
    record = opened(open_record, slots(), capacity=1)
    booked = book(record, start=NINE)
    if why == "room_full":
        inside = receipt()
        scan(record, inside, clock_time(8))
        assert scan(record, booked.claims, clock_time(9)) is Reason.ROOM_FULL
        record.visits.leave(
            receipt=inside, how=ExitHow.SCAN, gate="g", operator=None, at=clock_time(9)
        )
    else:
        waits = {"decision": DecisionKind.WAIT, "reason": Reason.SECOND_READING_PAUSE}
        scan(record, booked.claims, clock_time(9), **waits)
    assert scan(record, booked.claims, clock_time(11)) is Reason.ADMITTED


def test_who_was_shown_in_time_and_measured_for_long_is_in_time(open_record: Open) -> None:
    record = opened(open_record, slots())
    booked = book(record, start=NINE)
    measured = scan(record, booked.claims, clock_time(9, 33), shown_at=clock_time(9, 29))
    assert measured is Reason.ADMITTED


def test_who_came_in_time_may_return_after_it(open_record: Open) -> None:
    record = opened(open_record, slots())
    booked = book(record, start=NINE)
    scan(record, booked.claims, clock_time(9))
    record.visits.leave(
        receipt=booked.claims, how=ExitHow.SCAN, gate="g", operator=None, at=clock_time(10)
    )
    assert scan(record, booked.claims, clock_time(11)) is Reason.RETURNED


def test_another_system_s_slot_code_is_left_alone(open_record: Open) -> None:
    record = opened(open_record, service())
    assert scan(record, receipt(issuer="JKT", slot="A7"), NOON) is Reason.ADMITTED
    assert scan(record, receipt(issuer="JKT", slot="13:00"), NOON) is Reason.TOO_EARLY_FOR_SLOT


def test_the_old_token_of_a_moved_booking_reads_as_the_record_says(open_record: Open) -> None:
    record = opened(open_record, slots())
    old = book(record, start=NINE)
    moved = change(record, old, THURSDAY, time(10))
    assert isinstance(moved, Registration)
    assert scan(record, old.claims, clock_time(9)) is Reason.NOT_YET_VALID
    assert scan(record, old.claims, clock_time(9, day=THURSDAY)) is Reason.TOO_EARLY_FOR_SLOT
    assert scan(record, old.claims, clock_time(10, day=THURSDAY)) is Reason.ADMITTED


@pytest.mark.parametrize("checks", [True, False])
def test_hours_are_asked_for_only_where_the_service_says_so(
    open_record: Open, *, checks: bool
) -> None:
    record = opened(open_record, service(booking=Books.NONE, gate_checks_hours=checks))
    closed = Reason.OUTSIDE_HOURS if checks else Reason.ADMITTED
    assert scan(record, receipt(), clock_time(7, 59)) is closed
    assert scan(record, receipt(), clock_time(8)) is Reason.ADMITTED
    assert scan(record, receipt(), clock_time(15)) is closed
    assert scan(record, receipt(), clock_time(15), reason=Reason.OVERRIDE) is Reason.OVERRIDE


def test_a_quota_of_nobody_lets_in_only_who_booked_before(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=5), clock=FakeClock(NOON))
    booked = book(record)
    record.services.put(service(daily_quota=0))
    assert scan(record, receipt(), clock_time(9)) is Reason.QUOTA_REACHED
    assert scan(record, booked.claims, clock_time(9)) is Reason.ADMITTED


BY = "rina"


def acts(record: AnyRecord, by: str = BY) -> list[Act]:
    return record.bookings.acts("BGR", by, since=NOON - timedelta(hours=1), limit=10)


def undo(
    record: AnyRecord, found: Registration, act: Act, *, at: datetime = NOON
) -> Registration | BookingRefusal:
    return record.bookings.undo(act, found.claims, by=BY, at=at)


def is_good(record: AnyRecord, found: Registration) -> bool:
    use = record.receipts.use_of(found.claims.issuer, found.claims.number, since=NOON)
    return not use.revoked


def test_what_a_person_did_is_told_to_them_alone(open_record: Open) -> None:
    record = opened(open_record, service(), service(code="L", letter="L", booking=Books.NONE))
    book(record)
    first = book(record, by=BY)
    second = book(record, None, service="L", by=BY)
    told = [(act.kind, act.number, act.is_newest) for act in acts(record)]
    assert told == [
        (ActKind.GIVEN, second.claims.number, True),
        (ActKind.GIVEN, first.claims.number, True),
    ]
    assert acts(record, "budi") == []
    assert record.visits.latest(limit=1)[0].kind is EntryKind.ISSUED
    assert record.visits.latest(limit=1)[0].operator == BY
    assert record.visits.latest(limit=1)[0].remark == "× 1"


@pytest.mark.parametrize("day", [WEDNESDAY, None], ids=["booked", "without a booking"])
def test_what_was_given_by_mistake_is_taken_back(open_record: Open, day: date | None) -> None:
    books = Books.NONE if day is None else Books.DAY
    record = opened(open_record, service(daily_quota=1, booking=books))
    found = book(record, day, by=BY)
    (act,) = acts(record)
    assert isinstance(undo(record, found, act), Registration)
    assert not is_good(record, found)
    assert [one.is_newest for one in acts(record)] == [False]
    book(record, day)
    assert undo(record, found, act) is BookingRefusal.NOT_BOOKABLE
    assert record.visits.verify().is_intact


def test_a_cancellation_by_mistake_is_taken_back_where_the_place_is_free(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=1))
    found = book(record, by=BY)
    record.bookings.cancel(found.claims.issuer, found.claims.number, by=BY, at=NOON)
    act = acts(record)[0]
    assert (act.kind, act.is_newest) == (ActKind.CANCELLED, True)
    other = book(record)
    assert undo(record, found, act) is BookingRefusal.QUOTA_REACHED
    assert not is_good(record, found)
    cancel(record, other)
    late = clock_time(14)
    again = undo(record, found, act, at=late)
    assert isinstance(again, Registration)
    assert the(again.booking).cancelled_at is None
    assert the(again.booking).name == "Sari Dewi Puspita"
    assert is_good(record, found)
    assert ask(record) is BookingRefusal.QUOTA_REACHED
    assert record.visits.verify().is_intact


def test_a_place_is_not_given_again_after_its_day(open_record: Open) -> None:
    record = opened(open_record, service())
    found = book(record, by=BY)
    record.bookings.cancel(found.claims.issuer, found.claims.number, by=BY, at=NOON)
    act = acts(record)[0]
    late = clock_time(9, day=THURSDAY)
    assert undo(record, found, act, at=late) is BookingRefusal.NOT_BOOKABLE


def test_a_cancelled_receipt_without_a_booking_is_good_again(open_record: Open) -> None:
    record = opened(open_record, service(booking=Books.NONE))
    found = book(record, None, by=BY)
    record.bookings.cancel(found.claims.issuer, found.claims.number, by=BY, at=NOON)
    assert isinstance(undo(record, found, acts(record)[0]), Registration)
    assert is_good(record, found)
    assert record.visits.verify().is_intact


def test_a_move_by_mistake_is_taken_back(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=1))
    found = book(record)
    place = Place(service="KTP", day=THURSDAY)
    moved = replace(found.claims, not_before=booked_claims(THURSDAY, None).not_before)
    record.bookings.change(moved, place, by=BY, hold_id=None, at=NOON)
    act = acts(record)[0]
    assert (act.kind, act.before, act.after) == (
        ActKind.MOVED,
        Place(service="KTP", day=WEDNESDAY),
        place,
    )
    back = undo(record, found, act)
    assert isinstance(back, Registration)
    assert the(back.booking).place.day == WEDNESDAY
    assert back.claims.not_before == found.claims.not_before
    book(record, THURSDAY)
    assert ask(record) is BookingRefusal.QUOTA_REACHED
    assert record.visits.verify().is_intact


@pytest.mark.parametrize("day", [WEDNESDAY, None], ids=["booked", "without a booking"])
def test_a_replacement_by_mistake_is_taken_back(open_record: Open, day: date | None) -> None:
    books = Books.NONE if day is None else Books.DAY
    record = opened(open_record, service(daily_quota=1, booking=books))
    found = book(record, day)
    number = found.claims.number
    newer = booked_claims(WEDNESDAY, None) if day else receipt()
    record.bookings.replace(newer, number=number, by=BY, at=NOON)
    act = acts(record)[0]
    assert (act.kind, act.number, act.replaces) == (ActKind.REPLACED, newer.number, number)
    assert len(acts(record)) == 1
    back = undo(record, found, act)
    assert isinstance(back, Registration)
    assert is_good(record, found)
    use = record.receipts.use_of(newer.issuer, newer.number, since=NOON)
    assert use.revoked
    assert the(record.bookings.find(newer.issuer, number)).name == "Sari Dewi Puspita"
    assert record.visits.verify().is_intact


def test_what_somebody_came_with_is_not_taken_back(open_record: Open) -> None:
    record = opened(open_record, service())
    found = book(record, by=BY)
    (act,) = acts(record)
    record.visits.write(attempt(receipt=found.claims, service="KTP", at=clock_time(9)))
    assert undo(record, found, act) is BookingRefusal.NOT_BOOKABLE
    assert [one.is_newest for one in acts(record)] == [False]


def test_priority_is_kept_without_its_group(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=1, priority_quota=1))
    assert ask(record) is BookingRefusal.QUOTA_REACHED
    found = book(record, has_priority=True)
    assert found.is_priority
    assert the(found.booking).group is None
