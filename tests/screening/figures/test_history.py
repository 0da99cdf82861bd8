"""A range of days from all sides, and the days it is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from screening.figures.comparison import Measure, Verdict
from screening.figures.history import (
    MOST_DAYS_BY_HOUR,
    Other,
    Range,
    Side,
    changes,
    look_back,
)
from screening.figures.roll_ups import (
    By,
    CountedVisit,
    DayCount,
    FigureRow,
    FiguresRun,
    Kept,
    Step,
    figure_rows,
    kept_of,
    total_of,
)

MONDAY = date(2026, 11, 2)
TODAY = date(2026, 12, 1)


class CountedDays:
    """Figures of days that a test counts by itself; hours are whole."""

    def __init__(self) -> None:
        self.days: dict[date, DayCount] = {}

    def day(self, day: date) -> DayCount:
        return self.days.setdefault(day, DayCount())

    def rows(self, first: date, last: date, by: By) -> list[FigureRow]:
        return figure_rows(self.cells(first, last, by))

    def total(self, first: date, last: date) -> FigureRow:
        return total_of(self.cells(first, last, By.DAY))

    def cells(self, first: date, last: date, by: By) -> list[Kept]:
        found = []
        for day in sorted(set(_all(first, last))):
            cells = kept_of(self.days[day].cells())[by] if day in self.days else []
            if by is By.DAY:
                found.append(Kept(day.isoformat(), (0,) * 7))
            for one in cells:
                found.append(Kept(_key(by, day, one.key), one.numbers, one.waits, one.services))
        return found

    def newest_run(self) -> FiguresRun | None:
        return None


def _all(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _key(by: By, day: date, key: str) -> str:
    if by is By.HOUR:
        return f"{day}T{int(key) // 60:02d}:00+07:00"
    return day.isoformat() if by is By.DAY else key


def come(
    figures: CountedDays, day: date, *hours: int, service: str = "KTP", wait_s: float = 600
) -> None:
    """People who come in at these hours and are served in them."""
    count = figures.day(day)
    for hour in hours:
        number = 1 + sum(len(one._people) for one in figures.days.values())
        step = Step(60 * hour, service, "1", wait_s, 300)
        visit = CountedVisit(
            visit_id=number,
            hour=60 * hour,
            service=service,
            gate="utama",
            reason="admitted",
            steps=(step,),
            is_done=True,
        )
        count.put(visit)


def test_hours_and_weekdays_of_many_days_are_put_together() -> None:
    figures = CountedDays()
    for week in range(3):
        come(figures, MONDAY + timedelta(weeks=week), 8, 8, 9)
    come(figures, MONDAY + timedelta(days=1), 9)
    asked = Range(MONDAY, MONDAY + timedelta(days=27))
    found = look_back(figures, asked, [Side.HOUR, Side.WEEKDAY], today=TODAY)
    assert {row.figures.key: row.figures.came for row in found.groups[Side.HOUR]} == {
        "08:00": 6,
        "09:00": 4,
    }
    weekdays = {row.figures.key: row.figures.came for row in found.groups[Side.WEEKDAY]}
    assert (weekdays["0"], weekdays["1"], weekdays["6"]) == (9, 1, 0)
    assert found.total.figures.came == 10
    assert found.open_days == 4
    assert found.waits[2] == 10
    assert sum(found.services) == 10


def test_the_week_is_an_average_over_days_on_which_the_office_was_open() -> None:
    figures = CountedDays()
    come(figures, MONDAY, 8, 8, 8)
    come(figures, MONDAY + timedelta(weeks=1), 8, 8, 9)
    asked = Range(MONDAY, MONDAY + timedelta(days=27))
    found = look_back(figures, asked, [], today=TODAY)
    assert found.week == {(0, "08:00"): 2.5, (0, "09:00"): 0.5}


def test_who_came_without_a_booking_walked_in() -> None:
    figures = CountedDays()
    come(figures, MONDAY, 8, 8, 8)
    figures.day(MONDAY).book(hour="0480", service="KTP", people=1)
    figures.day(MONDAY).book(hour="0480", service="KTP", people=2, receipt=("office", "2"))
    come(figures, TODAY, 8)
    over = look_back(figures, Range(MONDAY, MONDAY), [Side.SERVICE, Side.GATE], today=TODAY)
    assert over.total.walked_in == 2  # one of three booked people came
    assert [row.walked_in for row in over.groups[Side.SERVICE]] == [2]
    assert [row.walked_in for row in over.groups[Side.GATE]] == [None]
    running = look_back(figures, Range(TODAY, TODAY), [Side.SERVICE], today=TODAY)
    assert running.total.walked_in is None
    assert [row.walked_in for row in running.groups[Side.SERVICE]] == [None]


def test_hours_are_counted_for_a_year_at_most() -> None:
    figures = CountedDays()
    come(figures, MONDAY, 8)
    first = MONDAY - timedelta(days=MOST_DAYS_BY_HOUR)
    found = look_back(figures, Range(first, MONDAY), [Side.HOUR], today=TODAY)
    assert (found.week, found.groups[Side.HOUR]) == (None, [])
    assert found.total.figures.came == 1


def test_a_day_is_compared_with_the_same_weekday() -> None:
    figures = CountedDays()
    for week in range(1, 9):
        day = MONDAY - timedelta(weeks=week)
        come(figures, day, *[8] * (10 + week % 2))
        come(figures, day + timedelta(days=1), *[8] * 40)
    come(figures, MONDAY, *[8] * 40)
    asked = Range(MONDAY, MONDAY)
    other = asked.compared(Other.PREVIOUS)
    assert other == Range(MONDAY - timedelta(weeks=1), MONDAY - timedelta(weeks=1))
    now = look_back(figures, asked, [], today=TODAY)
    before = look_back(figures, other, [], today=TODAY)
    by_measure = {one.measure: one for one in changes(figures, now, before, today=TODAY)}
    visitors = by_measure[Measure.VISITORS]
    assert (visitors.verdict, visitors.now, visitors.before) == (Verdict.MORE, 40, 10.5)
    assert by_measure[Measure.WAIT].verdict is Verdict.NO_CHANGE
    assert by_measure[Measure.NO_SHOW].now is None


def test_a_day_that_is_not_over_is_compared_with_nothing() -> None:
    figures = CountedDays()
    for week in range(9):
        come(figures, TODAY - timedelta(weeks=week), 8, 9)
    now = look_back(figures, Range(TODAY, TODAY), [], today=TODAY)
    found = changes(figures, now, now, today=TODAY)
    assert {one.verdict for one in found} == {Verdict.UNKNOWN}
    assert {one.now for one in found} == {None}


@pytest.mark.parametrize(
    ("asked", "other", "expected"),
    [
        (("2026-11-01", "2026-11-30"), Other.PREVIOUS, ("2026-10-01", "2026-10-31")),
        (("2026-11-01", "2026-11-30"), Other.LAST_YEAR, ("2025-11-01", "2025-11-30")),
        (("2026-11-09", "2026-11-15"), Other.PREVIOUS, ("2026-11-02", "2026-11-08")),
        (("2026-03-29", "2026-03-30"), Other.LAST_MONTH, ("2026-02-28", "2026-02-28")),
        (("2024-02-29", "2024-03-02"), Other.LAST_YEAR, ("2023-02-28", "2023-03-02")),
        (("2026-11-09", "2026-11-15"), Other.NONE, None),
        (("1970-01-01", "1970-01-03"), Other.PREVIOUS, None),
    ],
)
def test_days_to_compare_with(
    asked: tuple[str, str], other: Other, expected: tuple[str, str] | None
) -> None:
    found = Range(*map(date.fromisoformat, asked)).compared(other)
    assert found == (None if expected is None else Range(*map(date.fromisoformat, expected)))


def test_days_to_compare_with_can_be_chosen() -> None:
    month = Range.month_of(MONDAY)
    begins = date(2020, 3, 2)
    assert month.compared(Other.CHOSEN, begins) == Range(begins, date(2020, 3, 31))
    assert month.compared(Other.CHOSEN) is None
    assert month.compared(Other.CHOSEN, date(2999, 12, 20)) is None
