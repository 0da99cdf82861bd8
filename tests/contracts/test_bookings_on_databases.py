"""Bookings on databases: many at once, other processes, the chain, forgetting, another zone."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from screening.decision import Reason
from screening.office.facts import OfficeFacts
from screening.office.services import Channel
from screening.record.record import Record
from screening.registration.bookings import (
    BookingRefusal,
    Hold,
    PriorityGroup,
    Registration,
)
from tests.contracts.builders import NOON, SITE, receipt
from tests.contracts.test_bookings import (
    NINE,
    THURSDAY,
    TODAY,
    WEDNESDAY,
    ask,
    book,
    cancel,
    change,
    clock_time,
    keep,
    opened,
    scan,
    service,
    slots,
    taken,
)
from tests.records import OpenDatabase as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)

THREADS = 32
STARTS = (time(8), time(8, 30), NINE)
Answer = TypeVar("Answer")


def at_once(act: Callable[[int], Answer], number: int = THREADS) -> list[Answer]:
    """What so many threads come to that begin together, each with its number."""
    barrier = threading.Barrier(number)

    def run(one: int) -> Answer:
        barrier.wait()
        return act(one)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))


def sql(record: Record, statement: str, **values: Any) -> list[Any]:
    """Run a statement behind the record's back."""
    with record._database._engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return list(result) if result.returns_rows else []


@pytest.fixture
def two(open_record: Open) -> Callable[..., tuple[Record, Record]]:
    """Two processes' records of one office with these services."""

    def open_two(*services: Any, **options: Any) -> tuple[Record, Record]:
        first = opened(open_record, *services, **options)
        second = open_record(**{"capacity": 100, **options})
        assert isinstance(first, Record)
        return first, second

    return open_two


def test_thirty_two_at_once_get_each_place_once(two: Callable[..., tuple[Record, Record]]) -> None:
    records = two(slots(slot_places=3, daily_quota=8), daily_quota=20)
    answers = at_once(lambda n: ask(records[n % 2], start=STARTS[n % 3]))
    given = Counter(
        one.booking.place.start
        for one in answers
        if isinstance(one, Registration) and one.booking is not None
    )
    assert given.total() == 8
    assert max(given.values()) <= 3
    assert taken(records[0]).used == 8
    assert all(record.visits.verify().is_intact for record in records)


def test_the_last_place_goes_to_one_of_those_who_hold_or_book_it(
    two: Callable[..., tuple[Record, Record]],
) -> None:
    records = two(slots(slot_places=1))
    answers = at_once(
        lambda n: (
            keep(records[n % 2], start=NINE, name=f"hold-{n}")
            if n % 3
            else ask(records[n % 2], start=NINE)
        )
    )
    assert sum(not isinstance(one, BookingRefusal) for one in answers) == 1
    assert taken(records[0]).used == 1


def test_pressing_often_and_at_once_books_once(two: Callable[..., tuple[Record, Record]]) -> None:
    records = two(slots(slot_places=9))
    keep(records[0], start=NINE)
    answers = at_once(lambda n: ask(records[n % 2], start=NINE, hold_id="hold"))
    assert len({one.claims.number for one in answers if isinstance(one, Registration)}) == 1
    assert taken(records[0]).used == 1


def test_no_place_stays_empty_while_somebody_asks(
    two: Callable[..., tuple[Record, Record]],
) -> None:
    """Holds that run out, changes and cancellations give back all they had."""
    records = two(slots(slot_places=2, priority_quota=1, daily_quota=5))
    kept = [keep(records[0], start=start, name=f"{start}") for start in STARTS[:2]]
    assert all(isinstance(one, Hold) for one in kept)
    first = [book(records[0], start=start) for start in STARTS[:2]]
    later = NOON + timedelta(minutes=9)
    at_once(
        lambda n: moved(records[1], first[1]) if n else cancel(records[0], first[0], at=later), 2
    )
    answers = at_once(
        lambda n: ask(
            records[n % 2],
            start=STARTS[n % 3],
            at=later,
            group=PriorityGroup.ELDERLY if n < 16 else None,
        )
    )
    assert sum(isinstance(one, Registration) for one in answers) == 5
    assert taken(records[0], at=later).used == 5
    assert records[1].visits.verify().is_intact


def moved(record: Record, found: Registration) -> None:
    assert isinstance(change(record, found, THURSDAY, NINE), Registration)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_at_once_nobody_is_one_too_many(
    two: Callable[..., tuple[Record, Record]], seed: int
) -> None:
    quota, places = 9, 4
    records = two(
        slots(slot_places=places, daily_quota=quota, priority_quota=2),
        service(code="KK", letter="F", daily_quota=6),
        daily_quota=12,
    )
    chance = random.Random(seed)
    found: list[Registration] = []

    def act(turn: int, number: int) -> None:
        record = records[number % 2]
        kind = chance.choice(["book", "book", "book", "hold", "other", "change", "cancel"])
        start, people = chance.choice(STARTS), chance.randint(1, 2)
        group = chance.choice([None, None, PriorityGroup.PREGNANT])
        if kind == "hold":
            keep(record, start=start, name=f"{turn}-{number}", people=people)
        elif kind == "change" and found:
            change(record, chance.choice(found), WEDNESDAY, start)
        elif kind == "cancel" and found:
            cancel(record, chance.choice(found))
        else:
            code = "KK" if kind == "other" else "KTP"
            when = None if kind == "other" else start
            answer = ask(record, start=when, service=code, party_size=people, group=group)
            if isinstance(answer, Registration):
                found.append(answer)

    for turn in range(3):
        at_once(partial(act, turn))
        met = taken(records[0])
        assert met.used <= 12
        assert met.used_of("KTP") <= quota
        assert met.used_of("KK") <= 6
        assert max(met.booked["KTP"].starts.values(), default=0) <= places
        assert all(record.visits.verify().is_intact for record in records)
    alone = [one.booking for one in records[0].bookings.search("", day=WEDNESDAY, limit=500)]
    people = sum(one.party_size for one in alone if one is not None and one.cancelled_at is None)
    met = taken(records[0], at=NOON + timedelta(minutes=9))
    assert met.used == people


def test_booked_and_admitted_without_booking_never_pass_the_quota(
    two: Callable[..., tuple[Record, Record]],
) -> None:
    walk_in = service(daily_quota=10, lead_days=0, channel=Channel.WALK_IN)
    records = two(walk_in)
    booked = [book(records[0], TODAY) for _ in range(4)]

    def act(number: int) -> object:
        record = records[number % 2]
        if number < 4:
            return scan(record, booked[number].claims, NOON)
        if number < 18:
            return scan(record, receipt(), NOON)
        return ask(record, TODAY)

    answers = at_once(act)
    assert answers[:4] == [Reason.ADMITTED] * 4
    admitted = Counter(answers[4:18])[Reason.ADMITTED]
    more = sum(isinstance(one, Registration) for one in answers[18:])
    assert 4 + admitted + more == 10
    assert taken(records[0], TODAY).used == 10
    assert all(record.visits.verify().is_intact for record in records)


def test_another_process_s_bookings_count_at_the_gate(
    two: Callable[..., tuple[Record, Record]],
) -> None:
    ours, theirs = two(service(daily_quota=1))
    assert scan(ours, receipt(), clock_time(9)) is Reason.ADMITTED
    book(theirs, THURSDAY)
    assert scan(ours, receipt(), clock_time(9, day=THURSDAY)) is Reason.QUOTA_REACHED


def test_an_admission_takes_no_more_statements_with_bookings(open_record: Open) -> None:
    record = opened(open_record, slots())
    assert isinstance(record, Record)
    booked = [book(record, start=NINE) for _ in range(2)]
    scan(record, booked[0].claims, clock_time(9))
    with record.counting_statements() as counted:
        scan(record, booked[1].claims, clock_time(9))
    assert counted() <= 8


def test_a_booking_takes_few_statements(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=9))
    assert isinstance(record, Record)
    book(record, start=NINE)
    with record.counting_statements() as counted:
        book(record, start=NINE)
    assert counted() <= 8


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE receipts SET slot = '10:00', slot_end = '10:30'", "differs from its entry 1"),
        ("UPDATE receipts SET party_size = 3", "differs from its entry 1"),
        ("UPDATE receipts SET day = NULL", "was removed"),
        ("DELETE FROM holders", None),
        ("UPDATE days SET bookings = '{}'", "the figures of 2026-03-11"),
    ],
    ids=["time", "people", "gone", "who it is may be forgotten", "count"],
)
def test_a_booking_changed_behind_the_record_s_back_is_found(
    open_record: Open, statement: str, problem: str | None
) -> None:
    record = opened(open_record, slots())
    assert isinstance(record, Record)
    book(record, start=NINE)
    sql(record, statement)
    found = record.visits.verify()
    assert found.is_intact is (problem is None)
    assert problem is None or problem in (found.problem or "")


def test_a_booking_that_the_log_does_not_tell_is_found(open_record: Open) -> None:
    record = opened(open_record, slots())
    assert isinstance(record, Record)
    issued = receipt()
    record.receipts.add(issued)
    sql(record, "UPDATE receipts SET day = '2026-03-11'")
    assert "not in the log" in (record.visits.verify().problem or "")


def test_who_registered_is_forgotten_with_the_name(open_record: Open) -> None:
    record = opened(open_record, service(), first=OfficeFacts(names_days=30))
    assert isinstance(record, Record)
    told = {"group": PriorityGroup.ELDERLY, "contact": "0812345678", "answers": {"kk": "ya"}}
    claims = book(record, **told).claims
    record.retention.forget(claims.expires + timedelta(days=30))
    assert record.bookings.search("sari", day=None, limit=9) == [book_of(record, claims.number)]
    assert book_of(record, claims.number).name == "Sari Dewi Puspita"
    record.retention.forget(claims.expires + timedelta(days=32))
    booking = book_of(record, claims.number).booking
    assert booking is not None
    assert (booking.name, booking.group, booking.contact, booking.answers) == ("", None, None, {})
    assert booking.is_priority
    assert sql(record, "SELECT count(*) FROM holders") == [(0,)]
    assert record.bookings.search("sari", day=None, limit=9) == []
    assert record.visits.verify().is_intact


def book_of(record: Record, number: str) -> Registration:
    found = record.bookings.find(SITE, number)
    assert found is not None
    return found


def test_an_identity_number_is_not_kept_in_an_answer(open_record: Open) -> None:
    record = opened(open_record, service())
    found = book(record, answers={"nik": "3271 0412 3456 0001"})
    kept = record.bookings.find(SITE, found.claims.number)
    assert kept is not None
    assert kept.booking is not None
    assert "0412" not in kept.booking.answers["nik"]


def test_bookings_are_counted_anew_in_another_zone(open_record: Open) -> None:
    record = opened(open_record, slots())
    booked = book(record, start=NINE, party_size=2)
    over = book(record, start=time(10))
    cancel(record, over)
    scan(record, booked.claims, clock_time(9))
    again = open_record(capacity=100, zone=ZoneInfo("Asia/Makassar"))
    assert taken(again) == taken(record)
    assert again.visits.verify().is_intact


def test_what_was_held_long_ago_is_not_kept(open_record: Open) -> None:
    record = opened(open_record, slots(slot_places=9))
    assert isinstance(record, Record)
    for number in range(3):
        keep(record, start=NINE, name=f"hold-{number}")
    keep(record, start=NINE, name="new", at=NOON + timedelta(minutes=9))
    assert sql(record, "SELECT hold_id FROM holds") == [("new",)]


def test_an_attempt_in_the_same_commit_sees_what_is_held(open_record: Open) -> None:
    walk_in = service(channel=Channel.WALK_IN, lead_days=0, daily_quota=1)
    record = opened(open_record, walk_in)
    held, came = at_once(
        lambda n: scan(record, receipt(), NOON) if n else keep(record, TODAY), number=2
    )
    assert isinstance(held, Hold) is not (came is Reason.ADMITTED)


def test_a_place_of_a_far_day_is_counted_too(open_record: Open) -> None:
    record = opened(open_record, service(days_ahead=60, daily_quota=1))
    far = date(2026, 4, 30)
    book(record, far)
    assert ask(record, far) == BookingRefusal.QUOTA_REACHED
    assert record.bookings.taken(TODAY, far, at=NOON)[far].used == 1
