"""Days of the record as waits are learnt from them: who was served when, and who was there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from screening.figures.past_days import midnight, past_days, step_times
from screening.figures.spans import Span
from screening.office.counters import CounterSwitch
from screening.queue.tickets import FinishedStep, Seconds, TicketState

ZONE = ZoneInfo("Asia/Jakarta")
DAY = date(2026, 11, 23)
TODAY = DAY + timedelta(days=1)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return midnight(day, ZONE) + timedelta(hours=hour, minutes=minute)


def step(called: datetime, counter: str = "1", *, waited_minutes: float = 0) -> FinishedStep:
    """Called then, and done five minutes later."""
    return FinishedStep(
        service="KTP",
        counter=counter,
        began=called - timedelta(minutes=waited_minutes),
        ended=called + timedelta(minutes=5),
        seconds=Seconds(waiting=60 * waited_minutes, walking=30, serving=270),
    )


def spans(*steps: FinishedStep, switches: tuple[CounterSwitch, ...] = ()) -> object:
    """In hours, by counter."""
    counters = {one.counter: True for one in steps if one.counter}
    (day,) = past_days(steps, switches, counters, before=TODAY, zone=ZONE)
    return {
        name: [(span.from_s / 3600, span.to_s / 3600) for span in own]
        for name, own in day.open.items()
    }


def test_a_step_is_told_in_seconds_of_its_day() -> None:
    (found,) = step_times([step(at(9), waited_minutes=12)], midnight(DAY, ZONE))

    assert (found.since_s, found.called_s, found.ended_s) == (31_680, 32_400, 32_700)


def test_who_left_without_being_served_teaches_nothing() -> None:
    gone = replace(step(at(9)), state=TicketState.GONE)
    nobody = replace(step(at(9)), counter=None)

    assert step_times([gone, nobody], midnight(DAY, ZONE)) == ()


def test_what_a_clock_that_was_set_back_makes_impossible_is_left_out() -> None:
    before_called = replace(step(at(9)), began=at(9, 4))
    before_came = replace(step(at(9)), ended=at(8), began=at(8, 30))
    yesterday = replace(step(at(9)), began=at(9, day=DAY - timedelta(days=1)))

    assert step_times([before_called, before_came, yesterday], midnight(DAY, ZONE)) == ()


def test_today_and_days_on_which_nothing_was_finished_are_no_past_days() -> None:
    steps = [step(at(9)), step(at(9, day=DAY - timedelta(days=3))), step(at(9, day=TODAY))]

    found = past_days(steps, (), {"1": True}, before=TODAY, zone=ZONE)

    assert [day.day for day in found] == [DAY - timedelta(days=3), DAY]


def test_a_counter_left_open_over_night_was_there_from_its_first_call_on() -> None:
    assert spans(step(at(8), waited_minutes=30), step(at(15))) == {"1": [(8, 15 + 5 / 60)]}


def test_an_idle_counter_was_there_from_the_first_call_of_the_office_on() -> None:
    found = spans(step(at(8), waited_minutes=30), step(at(10), "2"), step(at(15)))

    assert found["2"] == [(8, 15 + 5 / 60)]  # type: ignore[index]


def test_a_lunch_is_closed_as_its_officer_said() -> None:
    switches = (
        CounterSwitch(at(12), "1", is_open=False),
        CounterSwitch(at(13), "1", is_open=True),
        CounterSwitch(at(12, day=TODAY), "1", is_open=False),
    )

    assert spans(step(at(8)), step(at(14)), switches=switches) == {
        "1": [(8, 12), (13, 14 + 5 / 60)]
    }


def test_a_counter_that_closed_in_the_middle_and_is_gone_is_known_still() -> None:
    switches = (CounterSwitch(at(11), "2", is_open=False),)

    found = past_days(
        [step(at(8)), step(at(9), "2"), step(at(14))],
        switches,
        {"1": True},
        before=TODAY,
        zone=ZONE,
    )[0].open

    assert found["2"] == (Span(8 * 3600, 11 * 3600),)
    assert found["1"] == (Span(8 * 3600, 14 * 3600 + 300),)


def test_a_day_on_which_clocks_are_set_for_summer_has_its_own_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    day = date(2026, 3, 29)  # 23 hours long
    late = datetime(2026, 3, 29, 23, 30, tzinfo=berlin)

    found = past_days(
        [step(late), step(late + timedelta(hours=1))],
        (),
        {"1": True},
        before=date(2026, 4, 1),
        zone=berlin,
    )

    assert [one.day for one in found] == [day, date(2026, 3, 30)]
    assert found[0].steps[0].called_s == 22.5 * 3600
