"""What can be booked, and what a request for a place comes to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.office.facts import OfficeFacts
from screening.office.hours import Hours, Span, SpecialDay
from screening.office.services import Booking, Channel, Service
from screening.registration.bookings import BookingRefusal, Offer, OfferStatus, Place
from screening.registration.rules import (
    UNTAKEN,
    Booked,
    Calendar,
    DayRules,
    DayTaken,
    Wanted,
    alternatives_to,
    bookable_days,
    offers_of,
    place_again,
    place_for,
    place_if_free,
    unserved_days,
)

ZONE = ZoneInfo("Asia/Jakarta")
TUESDAY = date(2026, 3, 10)
WEDNESDAY = date(2026, 3, 11)
SATURDAY = date(2026, 3, 14)
HOLIDAY = date(2026, 3, 19)
MORNING = Span(time(8), time(10))


def service(**changes: Any) -> Service:
    values: dict[str, Any] = {
        "code": "KTP",
        "channel": Channel.COLLECTION,
        "names": {"id": "KTP"},
        "booking": Booking.DAY,
    }
    return Service(**{**values, **changes})


def slots(**changes: Any) -> Service:
    """Four slots of half an hour, two people each."""
    hours = Hours(week=dict.fromkeys(range(5), (MORNING,)))
    return service(
        **{"booking": Booking.SLOT, "slot_minutes": 30, "slot_places": 2, "hours": hours, **changes}
    )


def calendar(
    *services: Service, now: time = time(12), today: date = TUESDAY, **facts: Any
) -> Calendar:
    return Calendar(
        facts=OfficeFacts(services={one.code: one for one in services or (service(),)}, **facts),
        holidays=lambda year: {HOLIDAY: "Nyepi"} if year == HOLIDAY.year else {},
        now=datetime.combine(today, now, ZONE),
    )


def wanted(day: date = WEDNESDAY, start: time | None = None, **changes: Any) -> Wanted:
    return Wanted(**{"service": "KTP", "day": day, "start": start, **changes})


def taken(people: int = 0, *, others: int = 0, **changes: Any) -> DayTaken:
    booked = {"KTP": Booked(people=people, **changes)} if people else {}
    return DayTaken(booked=booked, others={"KTP": others}, all_others=others)


def offers(one: Service, days: Iterable[date], of: Calendar, *, of_all: DayTaken = UNTAKEN) -> Any:
    days = list(days)
    return offers_of(one, days, of, dict.fromkeys(days, of_all))


def test_a_day_that_can_be_booked_is_booked() -> None:
    assert place_for(wanted(), calendar(), UNTAKEN) == Place(service="KTP", day=WEDNESDAY)


def test_a_slot_ends_when_the_next_one_begins() -> None:
    place = place_for(wanted(start=time(9, 30)), calendar(slots()), UNTAKEN)
    assert place == Place(service="KTP", day=WEDNESDAY, start=time(9, 30), end=time(10))


def again(
    one: Service,
    of_all: DayTaken = UNTAKEN,
    *,
    day: date = WEDNESDAY,
    start: time | None = None,
    today: date = TUESDAY,
    **changes: Any,
) -> Place | BookingRefusal:
    place = Place(service="KTP", day=day, start=start)
    return place_again(place, wanted(day, start, **changes), calendar(one, today=today), of_all)


@pytest.mark.parametrize(
    ("one", "day", "today"),
    [
        (service(lead_days=2), WEDNESDAY, TUESDAY),
        (service(), TUESDAY, TUESDAY),
        (service(), date(2026, 3, 25), TUESDAY),
        (service(), SATURDAY, TUESDAY),
        (service(), WEDNESDAY, WEDNESDAY),
    ],
    ids=["too late for others", "today", "too early for others", "closed by now", "its own day"],
)
def test_who_had_a_place_gets_it_again_until_its_day_is_over(
    one: Service, day: date, today: date
) -> None:
    assert again(one, day=day, today=today) == Place(service="KTP", day=day)


def test_a_place_that_is_over_or_taken_is_not_given_again() -> None:
    assert again(service(), today=date(2026, 3, 12)) is BookingRefusal.NOT_BOOKABLE
    assert again(service(code="KK")) is BookingRefusal.NOT_BOOKABLE
    assert again(service(channel=Channel.CLOSED)) is BookingRefusal.SERVICE_CLOSED
    full = service(daily_quota=3)
    assert again(full, taken(2)) == Place(service="KTP", day=WEDNESDAY)
    assert again(full, taken(2), people=2) is BookingRefusal.QUOTA_REACHED
    nine = again(slots(), taken(2, starts={time(9): 2}), start=time(9))
    assert nine is BookingRefusal.SLOT_FULL
    kept = service(daily_quota=3, priority_quota=1)
    assert again(kept, taken(2)) is BookingRefusal.QUOTA_REACHED
    assert again(kept, taken(2), is_priority=True) == Place(service="KTP", day=WEDNESDAY)


@pytest.mark.parametrize(
    ("one", "day", "start", "refusal"),
    [
        (service(channel=Channel.ONLINE_ONLY), WEDNESDAY, None, "online_only"),
        (service(channel=Channel.CLOSED), WEDNESDAY, None, "service_closed"),
        (service(booking=Booking.NONE), WEDNESDAY, None, "not_bookable"),
        (service(code="KK"), WEDNESDAY, None, "not_bookable"),
        (service(), SATURDAY, None, "service_closed"),
        (service(days_ahead=8), HOLIDAY, None, "not_bookable"),
        (service(days_ahead=9), HOLIDAY, None, "service_closed"),
        (service(), TUESDAY, None, "not_bookable"),
        (service(lead_days=0), TUESDAY, None, "not_bookable"),
        (service(lead_days=2), WEDNESDAY, None, "not_bookable"),
        (service(), date(2026, 3, 25), None, "not_bookable"),
        (service(), WEDNESDAY, time(9), "not_bookable"),
        (slots(), WEDNESDAY, None, "not_bookable"),
        (slots(), WEDNESDAY, time(9, 15), "not_bookable"),
        (slots(), WEDNESDAY, time(10), "not_bookable"),
    ],
    ids=[
        "done online",
        "closed",
        "books nothing",
        "another service",
        "weekend",
        "far holiday",
        "holiday",
        "collection today",
        "collection today though the lead time is none",
        "within the lead time",
        "too far ahead",
        "a time of a day without times",
        "no time of a day with times",
        "between two slots",
        "when it closes",
    ],
)
def test_what_cannot_be_booked_says_why(
    one: Service, day: date, start: time | None, refusal: str
) -> None:
    assert place_for(wanted(day, start), calendar(one), UNTAKEN) == refusal


def test_a_walk_in_service_may_be_booked_for_today_until_it_closes() -> None:
    one = service(channel=Channel.WALK_IN, lead_days=0)
    assert isinstance(place_for(wanted(TUESDAY), calendar(one, now=time(14, 59)), UNTAKEN), Place)
    late = calendar(one, now=time(15))
    assert place_for(wanted(TUESDAY), late, UNTAKEN) == BookingRefusal.NOT_BOOKABLE


def test_a_slot_is_booked_until_so_many_minutes_before_it() -> None:
    one = slots(channel=Channel.WALK_IN, lead_days=0, latest_minutes=60)
    asked = wanted(TUESDAY, time(9))
    assert isinstance(place_for(asked, calendar(one, now=time(8)), UNTAKEN), Place)
    late = place_for(asked, calendar(one, now=time(8, 0, 1)), UNTAKEN)
    assert late == BookingRefusal.NOT_BOOKABLE


def test_a_slot_of_the_next_morning_may_be_over_the_evening_before() -> None:
    one = slots(latest_minutes=12 * 60)
    asked = wanted(WEDNESDAY, time(9))
    assert isinstance(place_for(asked, calendar(one, now=time(21)), UNTAKEN), Place)
    late = calendar(one, now=time(21, 1))
    assert place_for(asked, late, UNTAKEN) == BookingRefusal.NOT_BOOKABLE
    assert [offer.status for offer in offers(one, [WEDNESDAY], late)] == [
        OfferStatus.PAST,
        OfferStatus.PAST,
        OfferStatus.PAST,
        OfferStatus.OPEN,
    ]


@pytest.mark.parametrize(
    ("spans", "starts"),
    [((), []), ((Span(time(13), time(14)),), [time(13), time(13, 30)])],
    ids=["closed", "other hours"],
)
def test_an_exception_beats_the_series(spans: tuple[Span, ...], starts: list[time]) -> None:
    week = dict.fromkeys(range(5), (MORNING,))
    one = slots(hours=Hours(week=week, days={WEDNESDAY: SpecialDay(spans)}))
    found = offers(one, [WEDNESDAY], calendar(one))
    assert [offer.place.start for offer in found if offer.status is OfferStatus.OPEN] == starts
    assert isinstance(
        place_for(wanted(start=time(8)), calendar(one), UNTAKEN), BookingRefusal
    )  # a time of the series


def test_an_exception_on_the_first_and_the_last_day_of_the_week_holds() -> None:
    monday, friday = date(2026, 3, 16), date(2026, 3, 13)
    days = {monday: SpecialDay(), friday: SpecialDay()}
    found = offers(service(), (monday, friday), calendar(service(), hours=Hours(days=days)))
    assert [offer.status for offer in found] == [OfferStatus.CLOSED] * 2


@pytest.mark.parametrize(
    ("met", "people", "refusal"),
    [
        (taken(4), 1, None),
        (taken(4), 2, "quota_reached"),
        (taken(5), 1, "quota_reached"),
        (taken(3, others=2), 1, "quota_reached"),
        (taken(3, others=1), 1, None),
        (taken(3, came=3), 2, None),
    ],
    ids=["last place", "a party of two", "full", "others came", "others left one", "they came"],
)
def test_a_service_s_quota_counts_booked_and_whoever_came_without(
    met: DayTaken, people: int, refusal: str | None
) -> None:
    given = place_for(wanted(people=people), calendar(service(daily_quota=5)), met)
    assert given == (refusal or Place(service="KTP", day=WEDNESDAY))


def test_the_office_s_quota_counts_all_services() -> None:
    met = DayTaken(booked={"KK": Booked(people=3)}, all_others=1)
    both = (service(), service(code="KK", letter="F"))
    assert place_for(wanted(), calendar(*both, daily_quota=4), met) == BookingRefusal.QUOTA_REACHED
    assert isinstance(place_for(wanted(), calendar(*both, daily_quota=5), met), Place)


def test_the_office_s_quota_counts_nobody_of_a_service_that_is_gone_but_who_came() -> None:
    met = DayTaken(booked={"KK": Booked(people=3, came=1)}, all_others=1)
    assert place_for(wanted(), calendar(daily_quota=2), met) == BookingRefusal.QUOTA_REACHED
    assert isinstance(place_for(wanted(), calendar(daily_quota=3), met), Place)


def test_an_emergency_is_not_stopped_by_the_office_s_quota() -> None:
    one = service(channel=Channel.EMERGENCY, lead_days=0)
    met = DayTaken(booked={"KK": Booked(people=4)})
    assert isinstance(place_for(wanted(TUESDAY), calendar(one, daily_quota=4), met), Place)


def test_one_service_s_people_take_nothing_from_another_service() -> None:
    met = DayTaken(booked={"KK": Booked(people=99)})
    assert isinstance(place_for(wanted(), calendar(service(daily_quota=1)), met), Place)


def test_a_slot_has_its_places_and_no_more() -> None:
    of = calendar(slots())
    met = taken(2, starts={time(8): 2})
    assert place_for(wanted(start=time(8)), of, met) == BookingRefusal.SLOT_FULL
    assert isinstance(place_for(wanted(start=time(8, 30)), of, met), Place)


@pytest.mark.parametrize(
    ("met", "is_priority", "is_given"),
    [
        (taken(3), False, False),
        (taken(3), True, True),
        (taken(3, priority=1), False, True),
        (taken(4, priority=1), False, False),
        (taken(4, priority=2), False, True),
        (taken(4, priority=4), False, True),
        (taken(5, priority=5), True, False),
    ],
    ids=[
        "two are kept",
        "for them",
        "one of them is taken",
        "one is still kept",
        "both are taken",
        "more of them came",
        "full",
    ],
)
def test_some_places_are_kept_for_priority_groups(
    met: DayTaken, *, is_priority: bool, is_given: bool
) -> None:
    one = service(daily_quota=5, priority_quota=2)
    given = place_for(wanted(is_priority=is_priority), calendar(one), met)
    assert isinstance(given, Place) is is_given


def test_what_is_kept_for_priority_groups_is_anybody_s_on_the_day() -> None:
    one = service(channel=Channel.WALK_IN, lead_days=0, daily_quota=5, priority_quota=2)
    assert isinstance(place_for(wanted(TUESDAY), calendar(one), taken(4)), Place)


def test_a_day_with_bookings_is_booked_as_it_was_begun() -> None:
    changed = slots(slot_minutes=60, slot_places=9)
    met = taken(1, starts={time(8): 1}, rules=DayRules.of(slots()))
    assert isinstance(place_for(wanted(start=time(8, 30)), calendar(changed), met), Place)
    assert isinstance(place_for(wanted(start=time(8, 30)), calendar(changed), UNTAKEN), str)


def test_offers_tell_what_is_left() -> None:
    one = slots(daily_quota=3)
    found = offers(one, [WEDNESDAY], calendar(one), of_all=taken(2, starts={time(8): 2}))
    assert [(offer.place.start, offer.status, offer.capacity, offer.left) for offer in found] == [
        (time(8), OfferStatus.FULL, 2, 0),
        (time(8, 30), OfferStatus.OPEN, 2, 1),
        (time(9), OfferStatus.OPEN, 2, 1),
        (time(9, 30), OfferStatus.OPEN, 2, 1),
    ]


def test_offers_tell_what_is_over_closed_and_to_come() -> None:
    days = [TUESDAY, WEDNESDAY, SATURDAY, date(2026, 3, 25)]
    found = offers(service(), days, calendar())
    assert [offer.status for offer in found] == ["past", "open", "closed", "not_yet"]
    assert [(offer.capacity, offer.left) for offer in found] == [(None, None)] * 4


def test_a_service_that_books_nothing_has_no_offers() -> None:
    assert offers(service(booking=Booking.NONE), [WEDNESDAY], calendar()) == []


@pytest.mark.parametrize(
    ("changes", "facts", "expected"),
    [
        ({}, {}, []),
        ({"channel": Channel.CLOSED}, {}, [WEDNESDAY, SATURDAY]),
        ({"hours": Hours(week={2: (), 5: (MORNING,)})}, {}, [WEDNESDAY]),
        ({"hours": Hours(week={2: (Span(time(10), time(12)),), 5: (MORNING,)})}, {}, [WEDNESDAY]),
        ({"hours": Hours(week={2: (MORNING,)})}, {"hours": Hours(week={})}, [SATURDAY]),
    ],
    ids=["all served", "closed service", "closed weekday", "other hours", "closed office"],
)
def test_days_whose_bookings_the_office_serves_no_more_are_told(
    changes: dict[str, Any], facts: dict[str, Any], expected: list[date]
) -> None:
    both = Hours(week={2: (MORNING,), 5: (MORNING,)})
    one = slots(**{"hours": both, **changes})
    at_nine = taken(2, starts={time(9): 2})
    others = {"GONE": Booked(people=1)}  # of a service that was removed
    met = {
        SATURDAY: at_nine,
        WEDNESDAY: at_nine,
        TUESDAY: DayTaken(booked=others),
        HOLIDAY: UNTAKEN,
    }
    assert unserved_days(calendar(one, **facts), met) == expected
    assert unserved_days(calendar(one, **facts), met, service="KK") == []


def test_alternatives_are_the_nearest_and_also_of_other_days() -> None:
    one = slots()
    of = calendar(one)
    found = offers(one, bookable_days(one, of), of)
    nearest = alternatives_to(wanted(WEDNESDAY, time(9)), found)
    assert [(offer.place.day, offer.place.start) for offer in nearest] == [
        (WEDNESDAY, time(8, 30)),
        (WEDNESDAY, time(9, 30)),
        (WEDNESDAY + timedelta(days=1), time(9)),
    ]


def test_alternatives_have_room_for_the_whole_party() -> None:
    one = slots()
    of = calendar(one)
    days = bookable_days(one, of)
    met = {days[0]: taken(3, starts={time(8): 1, time(9): 2}), days[1]: UNTAKEN}
    found = offers_of(one, days[:2], of, met)
    nearest = alternatives_to(wanted(WEDNESDAY, time(8), people=2), found)
    assert {offer.place.start for offer in nearest if offer.place.day == WEDNESDAY} == {
        time(8, 30),
        time(9, 30),
    }


@st.composite
def asked(draw: st.DrawFn) -> Wanted:
    return Wanted(
        service=draw(st.sampled_from(["KTP", "KK"])),
        day=WEDNESDAY,
        start=draw(st.sampled_from([time(8), time(8, 30), time(9), time(9, 30)])),
        people=draw(st.integers(1, 3)),
        is_priority=draw(st.booleans()),
    )


@given(
    st.lists(asked(), max_size=30),
    st.integers(0, 12),
    st.integers(0, 4),
    st.integers(0, 15),
)
def test_never_over_and_never_refused_with_room(
    requests: list[Wanted], quota: int, kept: int, office: int
) -> None:
    services = (
        slots(daily_quota=quota, priority_quota=kept, slot_places=4),
        slots(code="KK", slot_places=3),
    )
    of = calendar(*services, daily_quota=office)
    met, given_to = UNTAKEN, list[Wanted]()
    for one in requests:
        place = place_for(one, of, met)
        kind = of.facts.services[one.service]
        same_slot = sum(
            o.people for o in given_to if (o.service, o.start) == (one.service, one.start)
        )
        service_s = [o for o in given_to if o.service == one.service]
        used, priority = (
            sum(o.people for o in service_s),
            sum(o.people for o in service_s if o.is_priority),
        )
        reserved = 0 if one.is_priority else max(0, min(kept, quota) - priority)
        fits = (
            same_slot + one.people <= kind.slot_places
            and (kind.daily_quota is None or used + one.people + reserved <= kind.daily_quota)
            and sum(o.people for o in given_to) + one.people <= office
        )
        assert isinstance(place, Place) is fits
        shown = [
            offer
            for offer in offers_of(
                kind, [WEDNESDAY], of, {WEDNESDAY: met}, is_priority=one.is_priority
            )
            if offer.place.start == one.start
        ]
        assert _has_room(shown[0], one.people) is fits
        if isinstance(place, Place):
            met = met.with_people(place, one.people, is_priority=one.is_priority)
            given_to.append(one)


def _has_room(offer: Offer, people: int) -> bool:
    return offer.left is not None and offer.left >= people


@given(asked())
def test_a_place_that_is_given_back_leaves_no_trace(one: Wanted) -> None:
    of = calendar(slots(slot_places=9), slots(code="KK", slot_places=9))
    place = place_for(one, of, UNTAKEN)
    assert isinstance(place, Place)
    there = UNTAKEN.with_people(place, one.people, is_priority=one.is_priority)
    back = there.with_people(place, -one.people, is_priority=one.is_priority)
    assert back.used == 0
    assert back.booked[one.service] == Booked()


def test_from_the_first_day_to_the_last_each_one_is_offered() -> None:
    one = service(lead_days=1, days_ahead=14)
    days = bookable_days(one, calendar(one))
    assert (days[0], days[-1], len(days)) == (WEDNESDAY, date(2026, 3, 24), 14)
    found = offers(one, [days[-1], days[-1] + timedelta(days=1)], calendar(one))
    assert [offer.status for offer in found] == [OfferStatus.OPEN, OfferStatus.NOT_YET]


def test_a_day_of_which_nothing_is_known_is_free_but_for_what_is_kept() -> None:
    one = service(daily_quota=10, priority_quota=4)
    (offer,) = offers_of(one, [WEDNESDAY], calendar(one), {})
    assert (offer.status, offer.left) == (OfferStatus.OPEN, 6)
    (offer,) = offers_of(one, [WEDNESDAY], calendar(one), {}, is_priority=True)
    assert offer.left == 10


@pytest.mark.parametrize("channel", [Channel.ONLINE_ONLY, Channel.CLOSED])
def test_nothing_is_open_where_nobody_comes(channel: Channel) -> None:
    one = slots(channel=channel)
    closed = Place(service="KTP", day=WEDNESDAY)
    assert offers(one, [WEDNESDAY], calendar(one)) == [
        Offer(place=closed, status=OfferStatus.CLOSED, capacity=None, left=None)
    ]


def test_a_day_on_which_nobody_is_booked_any_more_follows_the_service() -> None:
    before = DayRules.of(service())
    given_back = DayTaken(booked={"KTP": Booked(people=0, rules=before)})
    place = place_for(wanted(start=time(9)), calendar(slots()), given_back)
    assert place == Place(service="KTP", day=WEDNESDAY, start=time(9), end=time(9, 30))


def test_alternatives_are_all_of_the_same_day_where_no_other_has_room() -> None:
    one = slots()
    found = offers(one, [WEDNESDAY], calendar(one))
    nearest = alternatives_to(wanted(WEDNESDAY, time(9)), found)
    assert [offer.place.start for offer in nearest] == [time(8, 30), time(9, 30), time(8)]


def test_alternatives_to_a_day_without_a_time_are_days_and_times() -> None:
    one, other = slots(), service()
    thursday = WEDNESDAY + timedelta(days=1)
    found = offers(one, [thursday], calendar(one)) + offers(other, [thursday], calendar(other))
    nearest = alternatives_to(wanted(WEDNESDAY), found)
    assert [offer.place.start for offer in nearest] == [time(8), time(8, 30), time(9)]
    days = offers(other, [WEDNESDAY, thursday], calendar(other))
    assert [offer.place.day for offer in alternatives_to(wanted(WEDNESDAY), days)] == [thursday]


def test_a_place_of_a_full_day_is_one_only_where_limits_do_not_count() -> None:
    one, full = service(daily_quota=3), taken(3)
    assert place_for(wanted(), calendar(one), full) is BookingRefusal.QUOTA_REACHED
    assert place_if_free(wanted(), calendar(one), full) == Place(service="KTP", day=WEDNESDAY)
    closed = place_if_free(wanted(SATURDAY), calendar(one), UNTAKEN)
    assert closed is BookingRefusal.SERVICE_CLOSED


@pytest.mark.parametrize(
    ("checks", "code", "now", "is_closed"),
    [
        (True, "KTP", time(7, 59), True),
        (True, "KTP", time(8), False),
        (True, "KTP", time(9, 59), False),
        (True, "KTP", time(10), True),
        (False, "KTP", time(7), False),
        (True, "KK", time(7), False),
        (True, None, time(7), False),
    ],
    ids=["early", "as it opens", "open", "as it closes", "unchecked", "unknown", "no service"],
)
def test_the_gate_is_closed_by_hours_only_to_a_service_that_checks_them(
    checks: bool, code: str | None, now: time, is_closed: bool
) -> None:
    one = slots(gate_checks_hours=checks)
    assert calendar(one, now=now).closes_the_gate_to(code) is is_closed


def test_only_people_of_a_priority_group_use_up_what_is_kept_for_them() -> None:
    one, place = service(daily_quota=10, priority_quota=4), Place(service="KTP", day=WEDNESDAY)
    left = []
    for is_priority in (False, True):
        met = {WEDNESDAY: UNTAKEN.with_people(place, 3, is_priority=is_priority)}
        left += [offer.left for offer in offers_of(one, [WEDNESDAY], calendar(one), met)]
    assert left == [3, 6]
