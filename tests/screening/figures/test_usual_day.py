"""What is usual on a weekday."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from screening.clock import FakeClock
from screening.figures.roll_ups import By, FigureRow, Figures, FiguresRun
from screening.figures.usual_day import KEPT_S, Usual, UsualDay, UsualDays

TUESDAY = date(2026, 11, 24)


class Asked(Figures):
    """Figures of days that a test makes up; notes what it was asked for."""

    def __init__(self, came: dict[date, dict[int, int]]) -> None:
        self.came, self.days = came, list[date]()

    def rows(self, first: date, last: date, by: By) -> list[FigureRow]:
        assert (first, by) == (last, By.HOUR)
        self.days.append(first)
        return [_row(first, hour, came) for hour, came in self.came.get(first, {}).items()]

    def total(self, first: date, last: date) -> FigureRow:
        raise AssertionError

    def newest_run(self) -> FiguresRun | None:
        raise AssertionError


def _row(day: date, hour: int, came: int) -> FigureRow:
    return FigureRow(
        key=f"{day}T{hour:02d}:00+07:00",
        booked=0,
        came=came,
        admitted=came,
        refused=0,
        referred=0,
        served=0,
        no_show=0,
        wait_minutes=None,
        service_minutes=None,
    )


def week(weeks: int) -> date:
    return TUESDAY - timedelta(weeks=weeks)


def test_half_of_the_days_lie_between_the_quartiles() -> None:
    day = UsualDay(tuple({8: came, 9: 10} for came in (2, 4, 6, 8, 10)))
    assert day.hours() == {8: Usual(4, 6, 8), 9: Usual(10, 10, 10)}
    assert day.until(9) == Usual(4, 6, 8)
    assert day.until(10) == Usual(14, 16, 18)
    assert day.until(8) == Usual(0, 0, 0)


def test_an_hour_in_which_nobody_came_counts_as_none() -> None:
    day = UsualDay(({8: 4}, {8: 4}, {8: 4}, {8: 4, 12: 9}))
    assert day.hours()[12] == Usual(0, 0, 2)


def test_too_few_days_say_nothing() -> None:
    day = UsualDay(({8: 4}, {8: 4}, {8: 4}))
    assert (day.is_known, day.hours(), day.until(12)) == (False, {}, None)


def test_only_days_of_the_same_weekday_with_visitors_are_looked_at_and_once() -> None:
    figures = Asked({week(1): {8: 3, 9: 0}, week(3): {8: 1}, TUESDAY: {8: 9}})
    clock = FakeClock(datetime(2026, 11, 24, 5, tzinfo=UTC))
    usual = UsualDays(figures, clock)
    assert usual.of(TUESDAY).days == ({8: 3}, {8: 1})
    assert usual.of(TUESDAY).days == ({8: 3}, {8: 1})
    assert figures.days == [week(weeks) for weeks in range(1, 9)]
    clock.move_to(clock.now() + timedelta(seconds=KEPT_S))
    usual.of(TUESDAY)
    assert len(figures.days) == 16
    usual.of(TUESDAY + timedelta(days=1))
    assert len(figures.days) == 24
