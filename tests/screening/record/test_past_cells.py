"""Days kept in memory: what holds, and how much of it there may be."""

from __future__ import annotations

from datetime import date, timedelta

from screening.figures.roll_ups import By, Kept, figure_rows
from screening.record.past_cells import PastCells, PastDay, rows_of

DAY = date(2026, 3, 10)


def a_day(version: int | None = 1, *, key: str = "a", waits: bytes = b"") -> PastDay:
    return PastDay((Kept(key, (1, 2, 3, 4, 5, 6, 7), waits),), version)


def test_a_day_is_given_only_at_the_version_at_which_it_was_read() -> None:
    cells, read = PastCells(), a_day(1)
    cells.put(By.DAY, DAY, read)
    assert cells.get(By.DAY, DAY, 1) is read
    assert cells.get(By.DAY, DAY, 2) is None
    assert cells.get(By.HOUR, DAY, 1) is None
    cells.forget(DAY)
    assert cells.get(By.DAY, DAY, 1) is None
    assert cells.bytes == 0


def test_a_day_whose_cells_may_be_old_is_not_kept() -> None:
    cells = PastCells()
    cells.put(By.DAY, DAY, a_day(1))
    cells.put(By.DAY, DAY, a_day(None))
    assert cells.get(By.DAY, DAY, 1) is None
    assert cells.get(By.DAY, DAY, None) is None
    assert cells.bytes == 0


def test_days_asked_for_longest_ago_go_first() -> None:
    cells = PastCells(4 * a_day(waits=bytes(8000)).bytes)
    days = [DAY + n * timedelta(days=1) for n in range(10)]
    for day in days:
        cells.put(By.DAY, day, a_day(waits=bytes(8000)))
        assert cells.get(By.DAY, DAY, 1) is not None
    assert [day for day in days if cells.get(By.DAY, day, 1)] == [DAY, *days[-3:]]


def test_rows_are_those_of_the_cells_whoever_asked_before() -> None:
    waits = bytes([30, 0, 0, 0, 1, 0, 0, 0])
    days = [a_day(key=str(n), waits=waits) for n in range(3)]
    expected = figure_rows([one for day in days for one in day.cells])
    assert rows_of(days[1:2]) == expected[1:2]
    assert rows_of(days) == rows_of(days) == expected
