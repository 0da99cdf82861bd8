"""What is told of waiting now: from the record's past, the line as it is, and today's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screening.errors import RecordError
from screening.figures.live_waits import LONGEST_INTERVAL_S, OLD_AFTER_S, ExpectedWaits
from screening.figures.waits import Interval, NoCounter, TooLittle
from screening.office.changes import with_changed_counter
from screening.queue.tickets import Act
from tests.dashboard.fakes import FakeOffice, make_office
from tests.dashboard.tickets import act, come_in, know_the_past, open_counters, wait


@pytest.fixture
def fake() -> FakeOffice:
    """One counter, and six days on which it served KTP."""
    fake = make_office()
    open_counters(fake, "1")
    know_the_past(fake)
    return fake


def now(fake: FakeOffice) -> ExpectedWaits:
    return fake.office.waits.current()


def told(fake: FakeOffice, label: str) -> Interval:
    found = now(fake).of_label(label)
    assert isinstance(found, Interval), found
    return found


def switch(fake: FakeOffice, name: str, is_open: str) -> None:
    edit = with_changed_counter(name, {"open": is_open})
    fake.record.facts.change(edit, operator="rina", at=fake.clock.now())


def test_one_counter_serves_the_line_one_after_the_other(fake: FakeOffice) -> None:
    come_in(fake, "L-001", "L-002", "L-003", "L-004")

    assert told(fake, "L-001").minutes == (0, 1)
    assert told(fake, "L-004").mid_s == pytest.approx(15 * 60, rel=0.15)
    newcomer = now(fake).newcomers["KTP"]
    assert isinstance(newcomer, Interval)
    assert newcomer.mid_s == pytest.approx(20 * 60, rel=0.15)
    assert now(fake).anybody == newcomer


def test_a_call_is_expected_between_two_whole_minutes(fake: FakeOffice) -> None:
    come_in(fake, "L-001", "L-002", "L-003")
    wait(fake, 20)
    waits = now(fake)
    low, high = told(fake, "L-003").minutes
    noon = fake.clock.now() - timedelta(seconds=20)

    visit = waits.labels["L-003"]
    assert waits.moments(visit) == (noon + timedelta(minutes=low), noon + timedelta(minutes=high))
    assert waits.moments(visit + 999) is None


def test_whoever_is_called_is_told_nothing_any_more(fake: FakeOffice) -> None:
    come_in(fake, "L-001", "L-002")
    act(fake, Act.CALL_NEXT, "1")

    assert now(fake).of_label("L-001") is None
    assert told(fake, "L-002").high_s > 0


def test_priority_goes_first_in_what_is_told_too(fake: FakeOffice) -> None:
    come_in(fake, "L-001", "L-002", "L-003")
    come_in(fake, "L-004", is_priority=True)

    assert told(fake, "L-004").mid_s < told(fake, "L-001").mid_s < told(fake, "L-003").mid_s


def test_a_slow_day_makes_all_waits_longer(fake: FakeOffice) -> None:
    other = make_office()
    open_counters(other, "1")
    know_the_past(other)
    for one, minutes in ((fake, 10), (other, 5)):
        wait(one, -0)
        come_in(one, *(f"L-{number:03d}" for number in range(1, 30)))
        for _ in range(20):
            act(one, Act.CALL_NEXT, "1")
            act(one, Act.ARRIVED, "1")
            wait(one, 60 * minutes)
            act(one, Act.DONE, "1")

    assert told(fake, "L-029").mid_s > 1.1 * told(other, "L-029").mid_s


def test_no_open_counter_is_told_as_that(fake: FakeOffice) -> None:
    come_in(fake, "L-001")
    switch(fake, "1", "no")
    wait(fake, 4 * 3600)  # on no past day was it opened so late

    assert now(fake).of_label("L-001") == NoCounter()
    assert now(fake).anybody == NoCounter()


def test_an_office_that_knows_no_past_still_tells_that_no_counter_is_open() -> None:
    fake = make_office()
    open_counters(fake, "1", is_open=False)
    open_counters(fake, "2", services=("KK",))
    come_in(fake, "L-001")

    assert now(fake).of_label("L-001") == NoCounter()
    assert isinstance(now(fake).newcomers["KK"], TooLittle)


def test_an_office_without_counters_tells_nothing() -> None:
    fake = make_office()
    know_the_past(fake)
    come_in(fake, "L-001")

    assert now(fake).of_label("L-001") is None
    assert now(fake).anybody is None


def test_a_counter_that_closes_in_the_middle_leaves_its_line_to_the_others(
    fake: FakeOffice,
) -> None:
    open_counters(fake, "2")
    come_in(fake, *(f"L-{number:03d}" for number in range(1, 11)))
    two = told(fake, "L-010").mid_s
    wait(fake, 1)
    switch(fake, "2", "no")

    assert told(fake, "L-010").mid_s > 1.6 * two


def test_a_service_that_nobody_learnt_is_told_nothing_and_others_are(fake: FakeOffice) -> None:
    come_in(fake, "K-001", service="KK")
    come_in(fake, "L-001")

    assert isinstance(now(fake).of_label("K-001"), TooLittle)
    assert isinstance(now(fake).newcomers["KK"], TooLittle)
    assert told(fake, "L-001").high_s > 0


def test_a_counter_left_open_over_night_calls_nobody_before_it_ever_did() -> None:
    fake = make_office()
    open_counters(fake, "1")
    know_the_past(fake)
    wait(fake, 18 * 3600 + 1800)  # half past six of the next morning; first calls are at eight
    come_in(fake, "L-001")

    assert told(fake, "L-001").mid_s == pytest.approx(90 * 60, abs=60)


def test_a_clock_that_is_set_back_makes_nobody_wait_for_yesterday(fake: FakeOffice) -> None:
    come_in(fake, "L-001", "L-002")
    act(fake, Act.CALL_NEXT, "1")
    before = told(fake, "L-002")
    fake.clock.set_wall(fake.clock.now() - timedelta(hours=2))

    after = told(fake, "L-002")
    assert after.minutes == before.minutes
    moments = now(fake).moments(now(fake).labels["L-002"])
    assert moments is not None
    assert moments[0] >= fake.clock.now() - timedelta(minutes=1)


def test_a_clock_that_was_a_day_ahead_learns_again(fake: FakeOffice) -> None:
    come_in(fake, "L-001", "L-002")
    before = told(fake, "L-002")
    fake.clock.set_wall(fake.clock.now() + timedelta(days=400))
    assert now(fake).tickets == {}
    fake.clock.set_wall(fake.clock.now() - timedelta(days=400))

    assert told(fake, "L-002").minutes == before.minutes


def test_it_learns_once_a_day(fake: FakeOffice) -> None:
    asked = []
    finished = fake.record.queue.finished
    fake.record.queue.finished = (  # type: ignore[method-assign]
        lambda since: asked.append(since) or finished(since=since)  # type: ignore[func-returns-value]
    )
    for seconds in (0, 10, 10):
        wait(fake, seconds)
        now(fake)
    learnt = [since for since in asked if since < fake.clock.now() - timedelta(days=2)]
    assert len(learnt) == 1
    wait(fake, 24 * 3600)
    now(fake)

    assert sum(since < fake.clock.now() - timedelta(days=2) for since in asked) == 2


def test_the_same_is_worked_out_once_however_many_ask(fake: FakeOffice) -> None:
    come_in(fake, "L-001", "L-002")

    assert now(fake) is now(fake)
    wait(fake, LONGEST_INTERVAL_S)
    assert now(fake).version == fake.office.waits.version


def test_how_often_what_was_told_held_is_known_after_the_past_days_were_gone_through() -> None:
    fake = make_office()
    open_counters(fake, "1")
    know_the_past(fake, days=8)
    now(fake)
    assert fake.office.waits.held == ()
    while fake.office.waits.catch_up():
        pass

    assert {one.service for one in fake.office.waits.held} == {"", "KTP"}


def test_what_is_old_is_told_no_more(fake: FakeOffice) -> None:
    come_in(fake, "L-001")
    waits = fake.office.waits
    waits.refresh()
    waits.start()
    waits.close()
    assert waits.current().tickets

    wait(fake, OLD_AFTER_S + 1)

    assert waits.current().tickets == {}


def test_a_record_that_does_not_answer_is_no_fault_of_the_page(fake: FakeOffice) -> None:
    fake.record.queue.view = _cannot  # type: ignore[method-assign,assignment]
    standing = fake.office.standing("id")

    assert fake.office.newcomer_wait(standing) is None


def _cannot(**_: object) -> None:
    raise RecordError("the disk is full")
