"""When the office and its services are open, whatever was set in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.errors import OfficeError
from screening.office.changes import Edit, differences, in_turn, plain, with_changed_service
from screening.office.facts import OfficeFacts
from screening.office.holidays import coming_holidays, leave_days, public_holidays
from screening.office.hours import (
    WEEKDAYS,
    Because,
    Span,
    SpecialDay,
    read_spans,
    slots_of,
    told_spans,
)
from screening.office.hours_changes import (
    read_day,
    read_days,
    read_special_day,
    with_days,
    with_leave,
    with_week,
)
from screening.office.services import SEED_SERVICES

OFFICE = OfficeFacts(services={service.code: service for service in SEED_SERVICES})
MONDAY = date(2026, 11, 30)
CHRISTMAS, DAY_BEFORE = date(2026, 12, 25), date(2026, 12, 24)
USUAL = (Span(time(8), time(15)),)
MORNING = (Span(time(8), time(12)),)
SPLIT = (Span(time(8), time(12)), Span(time(13), time(15)))


def hours(facts: OfficeFacts, day: date, service: str | None = None) -> str:
    return told_spans(facts.opening(day, language="en", service=service).spans)


def test_an_office_begins_open_from_monday_to_friday() -> None:
    week = [hours(OFFICE, MONDAY + timedelta(days=ahead)) for ahead in range(7)]
    assert week == ["08:00-15:00"] * 5 + ["closed"] * 2


def test_a_public_holiday_is_closed_and_told_by_name_in_the_reader_s_language() -> None:
    for language, name in (("id", "Hari Raya Natal"), ("en", "Christmas Day"), ("jv", "Hari Raya")):
        day = OFFICE.opening(CHRISTMAS, language=language)
        assert (day.is_closed, day.because) == (True, Because.HOLIDAY)
        assert name in day.note


def test_the_year_s_end_is_seen_with_the_holidays_behind_it() -> None:
    coming = coming_holidays(date(2026, 12, 31), "en")
    assert coming[date(2027, 1, 1)] == "New Year's Day"
    assert coming[CHRISTMAS] == "Christmas Day"


def test_collective_leave_is_proposed_and_holds_only_where_the_office_takes_it() -> None:
    assert leave_days(2026, "id")[DAY_BEFORE] == "Cuti Bersama Hari Raya Natal"
    assert DAY_BEFORE not in public_holidays(2026, "id")
    assert not OFFICE.opening(DAY_BEFORE, language="en").is_closed
    taken = with_leave({DAY_BEFORE: True, date(2026, 3, 18): True})(OFFICE)
    day = taken.opening(DAY_BEFORE, language="en")
    assert (day.is_closed, day.because) == (True, Because.COLLECTIVE_LEAVE)
    assert day.note == "Christmas Joint Holiday"
    back = with_leave({DAY_BEFORE: False})(taken)
    assert back.hours.leave == {date(2026, 3, 18)}
    assert not back.opening(DAY_BEFORE, language="en").is_closed


def test_a_decided_day_opens_even_a_holiday_and_says_why() -> None:
    special = SpecialDay(MORNING, "Perekaman pemilih pemula")
    day = with_days([CHRISTMAS], special)(OFFICE).opening(CHRISTMAS, language="id")
    assert (day.spans, day.because, day.note) == (
        MORNING,
        Because.SPECIAL_DAY,
        "Perekaman pemilih pemula",
    )


def test_a_service_s_own_day_beats_the_office_s_and_its_week_only_on_the_days_it_names() -> None:
    office = in_turn(
        with_changed_service("KTP", {"hours_mon": "08:00-12:00", "hours_sat": "09:00-11:00"}),
        with_days([MONDAY + timedelta(days=1)], SpecialDay()),
        with_days([MONDAY + timedelta(days=1)], SpecialDay(MORNING), service="KTP"),
    )(OFFICE)
    assert [hours(office, MONDAY + timedelta(days=ahead), "KTP") for ahead in range(7)] == [
        "08:00-12:00",
        "08:00-12:00",
        *["08:00-15:00"] * 3,
        "09:00-11:00",
        "closed",
    ]
    assert hours(office, MONDAY) == "08:00-15:00"
    assert hours(office, MONDAY + timedelta(days=1), "KK") == "closed"
    shorter = with_week({"wed": "08:00-14:00"})(office)
    assert hours(shorter, MONDAY + timedelta(days=2), "KTP") == "08:00-14:00"


DAYS = st.dates(date(2026, 12, 1), date(2026, 12, 31))
WEEKS = st.dictionaries(st.sampled_from(WEEKDAYS), st.sampled_from(["09:00-10:00", "closed"]))


@given(
    exceptions=st.dictionaries(DAYS, st.sampled_from([(), MORNING, SPLIT]), max_size=5),
    leave=st.frozensets(DAYS, max_size=3),
    weeks=st.lists(WEEKS, max_size=3),
    shuffled=st.randoms(use_true_random=False),
)
def test_exceptions_and_holidays_beat_a_series_in_any_order_of_setting(
    exceptions: dict[date, tuple[Span, ...]],
    leave: frozenset[date],
    weeks: list[dict[str, str]],
    shuffled: Random,
) -> None:
    edits: list[Edit] = [with_week(week) for week in weeks]
    edits += [with_changed_service("KTP", {f"hours_{d}": h for d, h in w.items()}) for w in weeks]
    edits += [with_days([day], SpecialDay(spans)) for day, spans in exceptions.items()]
    edits += [with_leave({day: True}) for day in leave]
    shuffled.shuffle(edits)
    facts = in_turn(*edits)(OFFICE)
    for ahead in range(31):
        day = date(2026, 12, 1) + timedelta(days=ahead)
        for service in (None, "KTP", "KK"):
            opening = facts.opening(day, language="id", service=service)
            if day in exceptions:
                assert opening.spans == exceptions[day]
            elif day in public_holidays(2026, "id") or day in leave:
                assert opening.is_closed


@given(
    first=st.dictionaries(st.sampled_from(WEEKDAYS), st.just("closed"), min_size=1), second=WEEKS
)
def test_new_hours_of_a_day_leave_every_other_day_as_it_was(
    first: dict[str, str], second: dict[str, str]
) -> None:
    before = in_turn(with_week(first), with_days([CHRISTMAS], SpecialDay(MORNING)))(OFFICE)
    told = differences(plain(before), plain(with_week(second)(before)))
    assert told.keys() <= {f"hours.{day}" for day in second}
    assert with_week(second)(with_week(second)(before)) == with_week(second)(before)


@pytest.mark.parametrize("which", [0, 1, -2, -1], ids=["first", "second", "next to last", "last"])
def test_a_day_at_either_end_of_a_closure_can_be_opened_again(which: int) -> None:
    closed = read_days("2026-12-07", "2026-12-18")
    office = with_days(closed, SpecialDay((), "Pindah gedung"))(OFFICE)
    exception = closed[which]
    opened = with_days([exception], SpecialDay(MORNING))(office)
    assert hours(opened, exception) == "08:00-12:00"
    assert all(hours(opened, day) == "closed" for day in closed if day != exception)
    usual = with_days([exception], None)(opened)
    assert hours(usual, exception) == "08:00-15:00"
    assert hours(usual, closed[0] - timedelta(days=3)) == "08:00-15:00"
    assert usual.hours.days.keys() == set(closed) - {exception}


def test_days_that_are_over_block_nothing_and_are_kept() -> None:
    last_year = read_days("2025-12-22", "2025-12-31")
    old = in_turn(with_days(last_year, SpecialDay()), with_leave({date(2025, 12, 26): True}))
    office = in_turn(old, with_week({"mon-fri": "08:00-12:00"}))(OFFICE)
    assert hours(office, DAY_BEFORE) == "08:00-12:00"
    special = with_days([DAY_BEFORE], SpecialDay((Span(time(8), time(10)),)))
    assert hours(special(office), DAY_BEFORE) == "08:00-10:00"
    assert hours(special(office), date(2025, 12, 23)) == "closed"


def test_every_change_of_hours_is_told_with_what_was_and_what_is() -> None:
    changed = in_turn(
        with_week({"mon-thu": "08:00-12:00, 13:00-15:00", "fri": "08:00-11:00"}),
        with_days([DAY_BEFORE], SpecialDay(MORNING, "Malam Natal")),
        with_days([DAY_BEFORE], SpecialDay(), service="KTP"),
        with_leave({date(2026, 12, 28): True}),
    )(OFFICE)
    split = ("08:00-15:00", "08:00-12:00,13:00-15:00")
    assert differences(plain(OFFICE), plain(changed)) == {
        "hours.2026-12-24": (None, "08:00-12:00 (Malam Natal)"),
        **{f"hours.{day}": split for day in ("mon", "tue", "wed", "thu")},
        "hours.fri": ("08:00-15:00", "08:00-11:00"),
        "hours.leave_2026-12-28": (None, "closed"),
        "services.KTP.hours_2026-12-24": (None, "closed"),
    }


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("08:00-15:00", USUAL),
        (" 8.00 – 12.00 , 13:00-15:00", SPLIT),
        ("13:00-15:00,08:00-12:00", SPLIT),
        ("08:00-12:00,12:00-15:00", USUAL),
        ("Closed", ()),
    ],
)
def test_hours_are_read_as_they_are_typed(typed: str, spans: tuple[Span, ...]) -> None:
    assert read_spans(typed) == spans
    assert read_spans(told_spans(spans)) == spans


@pytest.mark.parametrize(
    "typed", ["", ",", "8-12", "08:00", "08:60-09:00", "25:00-26:00", "12:00-12:00", "٠٨:٠٠-٠٩:٠٠"]
)
def test_what_is_no_time_of_a_day_is_told_in_one_line(typed: str) -> None:
    with pytest.raises(OfficeError) as caught:
        read_spans(typed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: read_day(""),
        lambda: read_day("2026-02-30"),
        lambda: read_days("2026-12-24", ""),
        lambda: read_days("2026-12-24", "2026-12-23"),
        lambda: read_days("2026-01-01", "2027-01-01"),
        lambda: read_special_day({}),
        lambda: read_special_day({"hours": ""}),
        lambda: read_special_day({"hours": "closed", "why": "x"}),
        lambda: read_special_day({"hours": "closed", "note": "x" * 61}),
        lambda: with_week({"fri-mon": "closed"}),
        lambda: with_week({"mon-fri": "closed", "wed": "08:00-12:00"}),
        lambda: with_week({"senin": "closed"}),
        lambda: with_week({"mon": ""}),
        lambda: with_days([MONDAY], SpecialDay(), service="NIKAH")(OFFICE),
    ],
    ids=[
        "no day",
        "no such day",
        "no last day",
        "backwards",
        "too many days",
        "no hours",
        "empty hours",
        "unknown key",
        "long note",
        "week backwards",
        "weekday twice",
        "no weekday",
        "empty weekday",
        "no service",
    ],
)
def test_empty_or_wrong_days_are_told_in_one_line(ask: Callable[[], object]) -> None:
    with pytest.raises(OfficeError) as caught:
        ask()
    assert "\n" not in str(caught.value)


def test_slots_begin_with_each_span_and_end_before_its_break() -> None:
    assert told_spans(slots_of(SPLIT, 50)) == (
        "08:00-08:50,08:50-09:40,09:40-10:30,10:30-11:20,13:00-13:50,13:50-14:40"
    )
    assert slots_of(SPLIT, 241) == ()
    assert slots_of((Span(time(23), time(23, 59)),), 30) == (Span(time(23), time(23, 30)),)
