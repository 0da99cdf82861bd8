"""What a day's figures count, and how those of several days are put together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.figures.roll_ups import (
    COLUMNS,
    By,
    CountedVisit,
    Counts,
    DayCount,
    Minutes,
    Step,
    figure_rows,
    grid_place,
    kept,
    kept_of,
    sums_of,
    total_of,
)

NINE, TEN = 540, 600


def visit(visit_id: int = 1, **changes: Any) -> CountedVisit:
    values: dict[str, Any] = {
        "visit_id": visit_id,
        "hour": NINE,
        "service": "KTP",
        "gate": "utama",
        "reason": "admitted",
    }
    return CountedVisit(**{**values, **changes})


def step(minutes: float = 12, served: float = 5, **changes: Any) -> Step:
    made = Step(hour=TEN, service="KTP", counter="1", wait_s=60 * minutes, service_s=60 * served)
    return replace(made, **changes)


def numbers(count: DayCount, by: By, key: str = "") -> dict[str, int]:
    cell = count.cells().get((by, key), Counts())
    return {name: getattr(cell, name) for name in COLUMNS if getattr(cell, name)}


def test_whoever_comes_back_is_one_person_and_two_admissions() -> None:
    count = DayCount()
    count.put(visit(1))
    count.put(visit(2, returned_from=1, hour=TEN, reason="returned", gate="timur"))
    assert numbers(count, By.DAY) == {"came": 1, "admitted": 2}
    assert numbers(count, By.HOUR, "0540") == {"came": 1, "admitted": 1}
    assert numbers(count, By.REASON, "returned") == numbers(count, By.GATE, "timur")
    assert numbers(count, By.GATE, "timur") == {"admitted": 1}


def test_whose_first_admission_is_annulled_came_with_the_second() -> None:
    count = DayCount()
    count.put(visit(1))
    count.put(visit(2, returned_from=1, hour=TEN))
    count.put(visit(1, is_annulled=True))
    assert numbers(count, By.HOUR, "0600") == {"came": 1, "admitted": 1}
    assert numbers(count, By.HOUR, "0540") == {}


def test_an_annulled_admission_leaves_nothing_behind() -> None:
    count = DayCount()
    count.put(visit(steps=(step(),), is_done=True))
    count.put(visit(steps=(step(),), is_done=True, is_annulled=True))
    assert count.cells() == {}


def test_a_person_is_served_once_where_the_last_step_ended() -> None:
    count = DayCount()
    steps = (step(counter="1"), step(counter="2", service="KK", hour=TEN + 60))
    count.put(visit(1, steps=steps, is_done=True))
    count.put(visit(2, returned_from=1, steps=(step(),), is_done=True))
    assert numbers(count, By.COUNTER, "2") == {"served": 1}
    assert numbers(count, By.SERVICE, "KTP") == {"came": 1, "admitted": 2, "served": 1}
    assert numbers(count, By.HOUR, "0660") == {"served": 1}


def test_refusals_and_referrals_are_told_apart() -> None:
    count = DayCount()
    where = {"hour": NINE, "service": "", "gate": "utama"}
    count.refuse(**where, reason="expired", decision="deny")  # type: ignore[arg-type]
    count.refuse(**where, reason="elevated_twice", decision="refer")  # type: ignore[arg-type]
    assert numbers(count, By.SERVICE) == {"refused": 1, "referred": 1}
    assert numbers(count, By.REASON, "elevated_twice") == {"referred": 1}


def test_of_a_booking_those_who_never_came_are_missing_once_the_day_is_over() -> None:
    count, booked = DayCount(), ("BGR", "N1")
    count.put(visit(1, receipt=booked, place=1))
    count.put(visit(2, receipt=booked, place=1, returned_from=1))
    count.put(visit(3, receipt=booked, place=2, is_annulled=True))
    count.book(hour="0540", service="KTP", people=3, receipt=booked)
    count.book(hour="0600", service="KTP", people=2)
    assert numbers(count, By.DAY) == {"booked": 5, "came": 1, "admitted": 2, "no_show": 2}
    assert numbers(count, By.HOUR, "0600") == {"booked": 2}
    assert numbers(count, By.GATE, "utama") == {"came": 1, "admitted": 2}


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(0, 0), (6, 0.1), (600, 10), (625, 10.5), (2700, 45), (3600, 60), (6000, 100), (9e9, 480)],
)
def test_times_are_kept_on_a_grid(seconds: float, minutes: float) -> None:
    cell = Counts(waits={grid_place(seconds): 1})
    (row,) = figure_rows([kept("", cell)])
    assert row.wait_minutes == Minutes(minutes, minutes)


@given(st.lists(st.lists(st.integers(0, 10 * 3600), max_size=30), min_size=1, max_size=6))
def test_times_of_several_days_are_those_of_one_long_day(days: list[list[int]]) -> None:
    def counted(seconds: list[int]) -> Counts:
        cell = Counts()
        for one in seconds:
            place = grid_place(one)
            cell.services[place] = cell.services.get(place, 0) + 1
        return cell

    apart = figure_rows([kept("KTP", counted(day)) for day in days])
    together = figure_rows([kept("KTP", counted([one for day in days for one in day]))])
    assert apart == together
    assert (apart[0].service_minutes is None) == (not any(days))


def test_half_of_the_times_and_nine_tenths_are_no_longer() -> None:
    cell = Counts(waits={grid_place(60 * minute): 1 for minute in range(1, 11)})
    (row,) = figure_rows([kept("", cell)])
    assert row.wait_minutes == Minutes(5, 9)


def test_times_are_added_up_cell_by_cell_also_where_there_are_none() -> None:
    times = [{}, {0: 3}, {5: 2, 130: 1}, {}]
    packed = [kept("", Counts(waits=one)).waits for one in times]
    assert sums_of(packed) == [(0, 0.0), (3, 0.0), (3, 26.0), (0, 0.0)]
    assert sums_of([]) == []


def test_rows_of_one_key_are_put_together_in_the_order_of_the_first() -> None:
    cells = [kept("b", Counts(came=1)), kept("a", Counts(came=2)), kept("b", Counts(came=4))]
    assert [(row.key, row.came) for row in figure_rows(cells)] == [("b", 5), ("a", 2)]
    assert total_of(cells).came == 7
    assert figure_rows([]) == []
    assert total_of([]).wait_minutes is None


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6), st.booleans()), max_size=12))
def test_putting_a_visit_again_counts_as_if_only_the_last_had_been_put(
    puts: list[tuple[int, int, bool]],
) -> None:
    again, newest = DayCount(), {}
    for visit_id, minutes, is_annulled in puts:
        newest[visit_id] = visit(
            visit_id, steps=(step(minutes),), is_done=True, is_annulled=is_annulled
        )
        again.put(newest[visit_id])
    once = DayCount()
    for one in newest.values():
        once.put(one)
    assert kept_of(again.cells()) == kept_of(once.cells())
