"""What every record promises of figures: the same rows, whichever it is."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from screening.clock import FakeClock
from screening.decision import Reason
from screening.figures.roll_ups import By, FigureRow, Minutes
from screening.office.changes import with_counter
from screening.queue.queue import Order
from screening.queue.tickets import Act, Ticket
from screening.visits import ExitHow
from tests.contracts.builders import NOON, attempt, receipt, refusal, the
from tests.contracts.test_bookings import book, booked_claims, cancel, service, slots
from tests.records import AnyRecord
from tests.records import OpenRecord as Open

pytestmark = pytest.mark.parametrize("open_record", ["sqlite", "postgresql", "fake"], indirect=True)

TODAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 11)
NAMES = ("booked", "came", "admitted", "refused", "referred", "served", "no_show")


def numbers(row: FigureRow) -> dict[str, int]:
    return {name: getattr(row, name) for name in NAMES if getattr(row, name)}


def told(
    record: AnyRecord, by: By, first: date = TODAY, last: date = TODAY
) -> dict[str, dict[str, int]]:
    return {row.key: numbers(row) for row in record.roll_ups.rows(first, last, by)}


def act(record: AnyRecord, what: Act, minutes: float, **more: Any) -> Ticket:
    order = Order(act=what, counter="1", by="rina", **more)
    found = record.queue.act(order, at=NOON + timedelta(minutes=minutes))
    assert isinstance(found, Ticket), found
    return found


def opened(open_record: Open, clock: FakeClock) -> AnyRecord:
    record = open_record(capacity=100, clock=clock)
    record.facts.change(with_counter("1", {"services": "all"}), operator="siti", at=NOON)
    return record


def test_today_is_as_fresh_as_the_log(open_record: Open) -> None:
    record = opened(open_record, FakeClock(NOON))
    assert told(record, By.DAY) == {"2026-03-10": {}}
    record.visits.write(attempt(service="LEGALISIR"))
    assert told(record, By.SERVICE) == {"LEGALISIR": {"came": 1, "admitted": 1}}
    record.visits.write(refusal(Reason.EXPIRED))
    came = record.visits.write(attempt(gate="timur"))
    assert told(record, By.GATE) == {
        "timur": {"came": 1, "admitted": 1},
        "utama": {"came": 1, "admitted": 1, "refused": 1},
    }
    record.visits.annul(came.attempt_id, operator="ani", remark="x", at=NOON)
    assert told(record, By.DAY) == {"2026-03-10": {"came": 1, "admitted": 1, "refused": 1}}


def test_a_step_done_and_taken_back_is_not_counted(open_record: Open) -> None:
    record = opened(open_record, FakeClock(NOON))
    record.visits.write(attempt(service="LEGALISIR"))
    for minutes, what in ((8, Act.CALL_NEXT), (9, Act.ARRIVED), (12, Act.DONE)):
        act(record, what, minutes)
    (row,) = record.roll_ups.rows(TODAY, TODAY, By.COUNTER)
    assert (row.key, row.served) == ("1", 1)
    assert (row.wait_minutes, row.service_minutes) == (Minutes(8, 8), Minutes(3, 3))
    act(record, Act.UNDO, 13)
    assert record.roll_ups.rows(TODAY, TODAY, By.COUNTER) == []


def test_who_comes_back_keeps_what_was_done_before_and_counts_once(open_record: Open) -> None:
    record, claims = opened(open_record, FakeClock(NOON)), receipt()
    record.visits.write(attempt(receipt=claims))
    act(record, Act.CALL_NEXT, 5)
    act(record, Act.ARRIVED, 5)
    act(record, Act.FORWARD, 10, service="LEGALISIR")
    out: dict[str, Any] = {"receipt": claims, "how": ExitHow.SCAN, "gate": "utama"}
    record.visits.leave(**out, operator=None, at=NOON + timedelta(minutes=11))
    back = record.visits.write(attempt(receipt=claims, at=NOON + timedelta(minutes=20)))
    assert back.reason is Reason.RETURNED
    act(record, Act.CALL_NEXT, 30)
    act(record, Act.DONE, 34)
    assert told(record, By.REASON) == {
        "admitted": {"came": 1, "admitted": 1},
        "returned": {"admitted": 1, "served": 1},
    }
    steps = {row.key: row for row in record.roll_ups.rows(TODAY, TODAY, By.SERVICE)}
    assert the(steps["KTP"].service_minutes).p90 == 5
    assert the(steps["LEGALISIR"].service_minutes).p90 == 4


def test_who_booked_and_never_came_is_told_once_the_day_is_over(open_record: Open) -> None:
    clock = FakeClock(NOON)
    record = opened(open_record, clock)
    record.services.put(slots())
    claims = booked_claims(TOMORROW, time(9), party_size=2)
    book(record, TOMORROW, time(9), party_size=2, claims=claims)
    cancel(record, book(record, TOMORROW, time(9, 30)))
    hour = {"2026-03-11T09:00+07:00": {"booked": 2}}
    assert told(record, By.HOUR, TODAY, TOMORROW) == hour
    clock.move_to(NOON + timedelta(hours=21))
    record.visits.write(attempt(receipt=claims, at=clock.now()))
    came = {"came": 1, "admitted": 1}
    assert told(record, By.SERVICE, TOMORROW, TOMORROW) == {"KTP": {"booked": 2, **came}}
    clock.move_to(NOON + timedelta(days=2))
    over = {"booked": 2, "no_show": 1, **came}
    assert told(record, By.SERVICE, TOMORROW, TOMORROW) == {"KTP": over}


def test_what_is_booked_for_the_whole_day_is_told_in_its_first_hour(open_record: Open) -> None:
    record = opened(open_record, FakeClock(NOON))
    record.services.put(service())
    book(record, TOMORROW)
    assert told(record, By.HOUR, TOMORROW, TOMORROW) == {"2026-03-11T00:00+07:00": {"booked": 1}}


def test_days_are_added_up(open_record: Open) -> None:
    clock = FakeClock(NOON)
    record = opened(open_record, clock)
    record.visits.write(attempt(service="LEGALISIR"))
    clock.move_to(NOON + timedelta(days=1))
    record.visits.write(attempt(service="LEGALISIR", at=clock.now()))
    assert told(record, By.SERVICE, TODAY, TOMORROW)["LEGALISIR"] == {"came": 2, "admitted": 2}
    assert numbers(record.roll_ups.total(TODAY, TOMORROW)) == {"came": 2, "admitted": 2}
    assert record.roll_ups.total(TODAY, TOMORROW).key == ""
