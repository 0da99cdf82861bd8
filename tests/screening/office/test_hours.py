"""When the office is open, until when, and when it opens next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from screening.errors import OfficeError
from screening.office.hours import (
    DAYS_LOOKED_AHEAD,
    Because,
    Hours,
    OpenDay,
    Span,
    SpecialDay,
    next_opening,
    open_day,
    open_until,
    read_spans,
    slots_of,
    told_spans,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
WITH_A_BREAK = Hours(
    week={day: (Span(time(8), time(12)), Span(time(13), time(15))) for day in range(5)}
)
CHRISTMAS = date(2026, 12, 25)
HOLIDAYS = {CHRISTMAS: "Hari Raya Natal"}


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=JAKARTA)


def days(hours: Hours) -> Callable[[date], OpenDay]:
    return lambda day: open_day(day, hours, HOLIDAYS)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        pytest.param(at(24, 7, 59), None, id="before it opens"),
        pytest.param(at(24, 8), time(12), id="as it opens"),
        pytest.param(at(24, 11, 59), time(12), id="until the break"),
        pytest.param(at(24, 12), None, id="in the break"),
        pytest.param(at(24, 13), time(15), id="after the break"),
        pytest.param(at(24, 15), None, id="as it closes"),
        pytest.param(at(28, 10), None, id="on a Saturday"),
        pytest.param(at(25, 10, month=12), None, id="on a holiday"),
    ],
)
def test_an_open_office_says_until_when(moment: datetime, until: time | None) -> None:
    assert open_until(moment, days(WITH_A_BREAK)) == until


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        pytest.param(at(24, 7), at(24, 8), id="the same morning"),
        pytest.param(at(24, 12), at(24, 13), id="after the break"),
        pytest.param(at(24, 16), at(25, 8), id="the next day"),
        pytest.param(at(27, 15), at(30, 8), id="after the weekend"),
        pytest.param(at(24, 15, month=12), at(28, 8, month=12), id="after a holiday and weekend"),
        pytest.param(at(24, 8), at(24, 13), id="open now, the next time it opens"),
    ],
)
def test_a_closed_office_says_when_it_opens(moment: datetime, opens: datetime) -> None:
    assert next_opening(moment, days(WITH_A_BREAK)) == opens


def test_a_day_that_is_set_beats_week_and_holiday() -> None:
    opened = Hours(days={CHRISTMAS: SpecialDay((Span(time(9), time(10)),), "Natal, jaga")})
    assert next_opening(at(24, 16, month=12), days(opened)) == at(25, 9, month=12)
    assert open_day(CHRISTMAS, opened, HOLIDAYS).because is Because.SPECIAL_DAY


def test_an_office_that_stays_closed_promises_no_day() -> None:
    assert next_opening(at(24, 7), days(Hours(week={}))) is None
    assert next_opening(datetime.max.replace(tzinfo=JAKARTA), days(Hours())) is None


def test_an_office_says_when_it_opens_in_sixty_days_and_not_later() -> None:
    last = at(1, 9) + timedelta(days=DAYS_LOOKED_AHEAD)
    once = Hours(week={}, days={last.date(): SpecialDay((Span(time(9), time(10)),))})
    assert DAYS_LOOKED_AHEAD == 60
    assert next_opening(at(1, 7), days(once)) == last
    assert next_opening(at(1, 7) - timedelta(days=1), days(once)) is None


def test_a_break_is_not_open_and_a_day_of_leave_at_no_time() -> None:
    monday = date(2026, 11, 30)
    usual = open_day(monday, WITH_A_BREAK, {})
    told = [usual.is_open_at(time(hour)) for hour in (7, 8, 12, 13, 15)]
    assert told == [False, True, False, True, False]
    leave = open_day(monday, Hours(leave=frozenset({monday})), {})
    assert leave == OpenDay((), Because.COLLECTIVE_LEAVE)


def test_the_last_slot_ends_as_the_span_does() -> None:
    assert told_spans(slots_of((Span(time(8), time(9, 30)),), 30)) == (
        "08:00-08:30,08:30-09:00,09:00-09:30"
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            "08:00-10:00,11:00-13:00,12:30-15:00",
            "11:00-13:00 and 12:30-15:00 overlap",
        ),
        ("08:00-12:00,08:30-09:15", "08:00-12:00 and 08:30-09:15 overlap"),
        ("8-12", "'8-12' is no time of a day; write 08:00-12:00,13:00-15:00 or closed"),
        (
            "24:00-25:00",
            "'24:00-25:00' is no time of a day; write 08:00-12:00,13:00-15:00 or closed",
        ),
        (" 12:30-12:30", "'12:30-12:30' ends before it begins"),
    ],
)
def test_wrong_hours_are_told_as_they_were_typed(typed: str, told: str) -> None:
    with pytest.raises(OfficeError) as caught:
        read_spans(typed)
    assert str(caught.value) == told
