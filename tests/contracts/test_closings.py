"""Closing days on databases: everybody booked gets the next place, nobody two, and it is undone."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from screening.decision import Reason
from screening.errors import OfficeError, UnknownClosing
from screening.office.changes import with_settings
from screening.office.hours_changes import read_special_day, with_days
from screening.office.services import Service
from screening.receipts.claims import ReceiptClaims
from screening.record import Record
from screening.registration.bookings import (
    Booking,
    BookingRefusal,
    Place,
    PriorityGroup,
    Registration,
)
from screening.registration.closing import ClosedDays, Closing, Moved, Told
from screening.visits import EntryKind
from tests.contracts.builders import NOON, SITE
from tests.contracts.test_bookings import (
    NINE,
    THURSDAY,
    TODAY,
    WEDNESDAY,
    ask,
    book,
    booked_claims,
    cancel,
    change,
    clock_time,
    scan,
    service,
    slots,
    taken,
)
from tests.records import OpenDatabase as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)

FRIDAY = date(2026, 3, 13)
FLOOD = {"id": "Banjir", "en": "Flood"}


def opened(open_record: Open, *services: Service, **options: Any) -> Record:
    record = open_record(**{"capacity": 100, **options})
    for one in services:
        record.services.put(one)
    return record


def rebook(claims: ReceiptClaims, place: Place) -> ReceiptClaims:
    there = booked_claims(place.day, place.start)
    return replace(claims, not_before=there.not_before, expires=there.expires, slot=there.slot)


def flood(*days: date, since: time | None = None, code: str | None = None) -> Closing:
    return Closing(days=days or (WEDNESDAY,), reasons=FLOOD, from_time=since, service=code)


def close(record: Record, closing: Closing | None = None, *, at: datetime = NOON) -> ClosedDays:
    return record.closings.close(closing or flood(), rebook, issuer=SITE, by="admin", at=at)


def reopen(record: Record, closed: ClosedDays, *, at: datetime = NOON) -> ClosedDays:
    return record.closings.reopen(closed.closing_id, rebook, by="admin", at=at)


def tell(record: Record, moved: Moved, told: Told) -> Moved:
    return record.closings.tell(moved.closing_id, moved.number, told, by="rina", at=NOON)


def when(record: Record, one: Registration) -> tuple[date, time | None]:
    found = booked_as(record, one.claims.number).place
    return found.day, found.start


def booked_after(minutes: int, day: date, start: time | None = None) -> ReceiptClaims:
    return replace(booked_claims(day, start), issued_at=NOON + timedelta(minutes=minutes))


def test_whoever_booked_first_gets_the_first_of_the_next_places(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=2))
    late = book(record, claims=booked_after(3, WEDNESDAY))
    early = book(record, claims=booked_after(1, WEDNESDAY))
    book(record, THURSDAY)
    closed = close(record)
    assert (when(record, early), when(record, late)) == ((THURSDAY, None), (FRIDAY, None))
    assert [one.number for one in record.closings.moved(closed.closing_id)] == [
        early.claims.number,
        late.claims.number,
    ]
    assert taken(record).used == 0
    assert ask(record) == BookingRefusal.SERVICE_CLOSED
    assert ask(record, THURSDAY) == BookingRefusal.QUOTA_REACHED
    assert record.visits.verify().is_intact


def test_the_time_of_the_next_day_is_the_nearest_to_theirs(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1))
    book(record, THURSDAY, NINE)
    one = book(record, start=NINE)
    close(record)
    assert when(record, one) == (THURSDAY, time(8, 30))


def test_what_is_kept_for_priority_stays_kept(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=2, priority_quota=1))
    pregnant = book(record, claims=booked_after(2, WEDNESDAY), group=PriorityGroup.PREGNANT)
    other = book(record, claims=booked_after(1, WEDNESDAY))
    book(record, THURSDAY)
    close(record)
    assert when(record, pregnant) == (THURSDAY, None)
    assert when(record, other) == (FRIDAY, None)


def test_who_has_come_or_cancelled_is_left_alone(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=3))
    came, gone, comes = (book(record, start=NINE) for _ in range(3))
    cancel(record, gone)
    assert scan(record, came.claims, clock_time(9)) == Reason.ADMITTED
    closed = close(record, flood(since=time(9, 10)), at=clock_time(9, 10))
    assert closed.bookings == 1
    assert [when(record, one) for one in (came, gone, comes)] == [
        (WEDNESDAY, NINE),
        (WEDNESDAY, NINE),
        (THURSDAY, NINE),
    ]
    assert record.visits.verify().is_intact


def test_the_rest_of_a_day_leaves_what_is_over(open_record: Open) -> None:
    record = opened(open_record, slots())
    early, late = book(record, start=time(8)), book(record, start=time(10))
    close(record, flood(since=time(9, 30)), at=clock_time(9, 30))
    assert when(record, early) == (WEDNESDAY, time(8))
    assert when(record, late) == (THURSDAY, time(10))
    opening = record.facts.current().opening(WEDNESDAY, language="en")
    assert (opening.spans[-1].end, opening.note) == (time(9, 30), "Flood")


def test_a_service_with_its_own_day_is_closed_with_the_office(open_record: Open) -> None:
    record = opened(open_record, service())
    special = read_special_day({"hours": "08:00-10:00"})
    edit = with_days([WEDNESDAY], special, service="KTP")
    record.facts.change(edit, operator="admin", at=NOON)
    one = book(record)
    closed = close(record)
    assert ask(record) == BookingRefusal.SERVICE_CLOSED
    reopen(record, closed)
    assert record.facts.current().services["KTP"].hours.days == {WEDNESDAY: special}
    assert when(record, one) == (WEDNESDAY, None)


def test_one_service_is_closed_alone(open_record: Open) -> None:
    record = opened(open_record, service(), service(code="KK", letter="F"))
    ktp, kk = book(record), book(record, service="KK")
    close(record, flood(code="KK"))
    assert when(record, ktp) == (WEDNESDAY, None)
    assert when(record, kk) == (THURSDAY, None)
    book(record)
    assert ask(record, service="KK") == BookingRefusal.SERVICE_CLOSED


def test_opening_again_gives_the_places_back(open_record: Open) -> None:
    record = opened(open_record, slots())
    first, second = (book(record, start=NINE) for _ in range(2))
    third = book(record, start=time(10))
    closed = close(record)
    record.facts.refresh()
    change(record, second, FRIDAY, time(11))
    moved = {one.number: one for one in record.closings.moved(closed.closing_id)}
    tell(record, moved[third.claims.number], Told.AGREED)
    tell(record, moved[first.claims.number], Told.NOT_REACHED)
    opened_again = reopen(record, closed)
    assert opened_again.reopened_at == NOON
    assert when(record, first) == (WEDNESDAY, NINE)
    assert when(record, second) == (FRIDAY, time(11))
    assert when(record, third) == (THURSDAY, time(10))
    assert record.facts.current().opening(WEDNESDAY, language="id").note == ""
    assert reopen(record, closed) == opened_again
    book(record, start=time(10))
    assert record.visits.verify().is_intact


def test_hours_that_were_changed_since_are_not_opened_again(open_record: Open) -> None:
    record = opened(open_record, service())
    one, closed = book(record), close(record)
    special = read_special_day({"hours": "08:00-10:00"})
    record.facts.change(with_days([WEDNESDAY], special), operator="admin", at=NOON)
    with pytest.raises(OfficeError):
        reopen(record, closed)
    assert when(record, one) == (THURSDAY, None)
    with pytest.raises(UnknownClosing):
        record.closings.reopen(99, rebook, by="admin", at=NOON)


def test_a_place_that_nobody_has_is_told_and_nothing_is_lost(open_record: Open) -> None:
    record = opened(open_record, service(daily_quota=2))
    one = book(record, party_size=2)
    edit = with_settings({"daily_quota": "1"})
    record.facts.change(edit, operator="admin", at=NOON)
    closed = close(record)
    assert (closed.bookings, closed.without_place) == (1, 1)
    assert when(record, one) == (WEDNESDAY, None)
    notice = record.closings.notice(SITE, one.claims.number)
    assert notice is not None
    assert (notice.moved.after, notice.closing.reasons) == (None, FLOOD)


def test_the_call_list_knows_who_left_a_contact_until_it_is_forgotten(open_record: Open) -> None:
    record = opened(open_record, service())
    book(record, contact="0812 3456 789")
    book(record)
    closed = close(record)
    first, second = record.closings.moved(closed.closing_id)
    assert (first.name, first.contact, second.contact) == ("Sari Dewi Puspita", "0812 3456 789", "")
    assert closed.open_calls == 1
    told = tell(record, first, Told.AGREED)
    assert (told.told, told.told_by) == (Told.AGREED, "rina")
    assert record.closings.closings(since=NOON)[0].open_calls == 0
    row = record.visits.latest(limit=1)[0]
    assert (row.kind, row.operator, row.remark) == (EntryKind.HOLDER_TOLD, "rina", "agreed")
    record.retention.forget(NOON + timedelta(days=900))
    assert {one.contact for one in record.closings.moved(closed.closing_id)} == {""}
    with pytest.raises(UnknownClosing):
        record.closings.tell(closed.closing_id, "nobody", Told.CALLED, by="rina", at=NOON)


def test_what_a_closing_did_is_no_act_of_the_desk(open_record: Open) -> None:
    record = opened(open_record, service())
    one = book(record, by="admin")
    close(record)
    acts = record.bookings.acts(SITE, "admin", since=NOON - timedelta(days=1), limit=10)
    assert [(act.kind, act.number, act.is_newest) for act in acts] == [
        ("given", one.claims.number, False)
    ]


def test_the_preview_is_what_comes(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=1, daily_quota=3))
    for start in (time(8), NINE, time(10)):
        book(record, start=start)
    book(record, THURSDAY, NINE)
    told = record.closings.preview(flood(), issuer=SITE, at=NOON)
    assert record.visits.verify().is_intact
    assert taken(record).used == 3
    closed = close(record)
    moved = record.closings.moved(closed.closing_id)
    assert [(one.affected.number, one.place) for one in told] == [
        (one.number, one.after) for one in moved
    ]


def test_what_cannot_be_closed_is_refused(open_record: Open) -> None:
    record = opened(open_record, service())
    one = book(record)
    for wrong in (
        flood(TODAY - timedelta(days=1)),
        flood(WEDNESDAY, THURSDAY, since=time(9)),
        flood(code="NONE"),
        replace(flood(), reasons={}),
        replace(flood(), reasons={"id": "x" * 1000}),
    ):
        with pytest.raises(OfficeError):
            close(record, wrong)
    assert when(record, one) == (WEDNESDAY, None)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_is_lost_or_booked_twice_and_no_quota_is_passed(
    open_record: Open, seed: int
) -> None:
    chance = random.Random(seed)
    record = opened(open_record, slots(), daily_quota=9)
    for _ in range(4):
        quota, priority = chance.randint(3, 8), chance.randint(0, 3)
        places, office = chance.randint(1, 3), chance.randint(4, 9)
        changed = slots(daily_quota=quota, priority_quota=priority, slot_places=places)
        record.services.put(changed)
        edit = with_settings({"daily_quota": str(office)})
        record.facts.change(edit, operator="admin", at=NOON)
        before = book_some(record, chance)
        days = (WEDNESDAY, THURSDAY, FRIDAY)[: chance.randint(1, 3)]
        closed = close(record, flood(*days))
        moved = {one.number: one for one in record.closings.moved(closed.closing_id)}
        touched = {number for number, (day, _) in before.items() if day in days}
        assert (set(moved), closed.bookings) == (touched, len(touched))
        counted: Counter[object] = Counter()
        for number, there in before.items():
            booking, one = booked_as(record, number), moved.get(number)
            now = (booking.place.day, booking.place.start)
            if one is None or one.after is None:
                assert now == there
            else:
                assert now == (one.after.day, one.after.start)
                assert now[0] > there[0]
            if now[0] not in days:
                counted[now] += booking.party_size
                counted[now[0]] += booking.party_size
                counted[now[0], "others"] += 0 if booking.is_priority else booking.party_size
        for key, people in counted.items():
            match key:
                case (_, "others"):
                    assert people <= max(0, quota - priority)
                case (_, _):
                    assert people <= places
                case _:
                    assert people <= min(quota, office)
        reopen(record, closed)
        for number, there in before.items():
            booking = booked_as(record, number)
            assert (booking.place.day, booking.place.start) == there
            record.bookings.cancel(SITE, number, by="", at=NOON)
    assert record.visits.verify().is_intact


def book_some(record: Record, chance: random.Random) -> dict[str, tuple[date, time | None]]:
    """Those who got a place among many who asked, by receipt."""
    found: dict[str, tuple[date, time | None]] = {}
    for number in range(12):
        day = chance.choice((WEDNESDAY, THURSDAY, FRIDAY))
        start, people = chance.choice((time(8), time(8, 30), NINE)), chance.randint(1, 3)
        asked = ask(
            record,
            day,
            start,
            claims=replace(booked_after(number, day, start), party_size=people),
            party_size=people,
            group=chance.choice((None, PriorityGroup.ELDERLY)),
        )
        if isinstance(asked, Registration):
            found[asked.claims.number] = (day, start)
    return found


def booked_as(record: Record, number: str) -> Booking:
    found = record.bookings.find(SITE, number)
    assert found is not None
    assert found.booking is not None
    return found.booking


def test_many_are_moved_with_few_statements(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=30, days_ahead=60))
    for number in range(60):
        start = time(8 + number % 6)
        book(record, claims=booked_after(number, WEDNESDAY, start), start=start)
    with record.counting_statements() as counted:
        closed = close(record)
        assert counted() <= 2 * 60 + 30
    assert (closed.bookings, closed.without_place) == (60, 0)
