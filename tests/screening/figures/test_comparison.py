"""What changed between two ranges of days, and what is only noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from screening.figures.comparison import (
    FEWEST_BEFORE,
    DayPart,
    Measure,
    Verdict,
    compare,
)


def visitors(rng: np.random.Generator, days: int, mean: float, scatter: float) -> list[DayPart]:
    """Days whose means scatter by a share, and people who come on their own."""
    means = mean * rng.gamma(1 / scatter**2, scatter**2, days)
    return [DayPart(float(count), 1) for count in rng.poisson(means)]


@pytest.mark.parametrize("days", [1, 3, 22], ids=["a day", "a few", "a month"])
def test_noise_is_no_change(days: int) -> None:
    rng = np.random.default_rng(7)
    told = [
        compare(
            Measure.VISITORS, visitors(rng, days, 120, 0.25), visitors(rng, 22, 120, 0.25)
        ).verdict
        for _ in range(400)
    ]
    assert sum(verdict is not Verdict.NO_CHANGE for verdict in told) <= 6


def test_shares_of_few_people_are_no_change() -> None:
    rng = np.random.default_rng(8)
    told = []
    for _ in range(400):
        now, before = (
            [DayPart(float(rng.binomial(12, 0.03)), 12) for _ in range(days)] for days in (5, 20)
        )
        told.append(compare(Measure.REFUSED, now, before).verdict)
    assert sum(verdict is not Verdict.NO_CHANGE for verdict in told) <= 8


def test_what_changed_is_told_with_how_much() -> None:
    rng = np.random.default_rng(9)
    found = compare(Measure.VISITORS, visitors(rng, 22, 180, 0.1), visitors(rng, 22, 120, 0.1))
    assert found.verdict is Verdict.MORE
    assert found.low < 60 < found.high
    fewer = compare(Measure.VISITORS, visitors(rng, 22, 80, 0.1), visitors(rng, 22, 120, 0.1))
    assert fewer.verdict is Verdict.LESS
    assert fewer.high < 0


BUSY = (1.6, 1.1, 1.0, 0.9, 0.6)


def weeks(rng: np.random.Generator, weekdays: Sequence[int], mean: float) -> list[DayPart]:
    """Days of these weekdays, Mondays the busiest."""
    return [
        DayPart(part.above, 1, weekday)
        for weekday in weekdays
        for part in visitors(rng, 1, mean * BUSY[weekday], 0.12)
    ]


def test_busy_mondays_hide_no_change_and_make_none() -> None:
    rng = np.random.default_rng(10)
    month = [*range(5)] * 4
    grown = [
        compare(Measure.VISITORS, weeks(rng, month, 130), weeks(rng, month, 100)).verdict
        for _ in range(100)
    ]
    assert grown.count(Verdict.MORE) >= 95
    mondays = [*month, 0, 0]
    told = [
        compare(Measure.VISITORS, weeks(rng, mondays, 100), weeks(rng, month, 100)).verdict
        for _ in range(400)
    ]
    assert sum(verdict is not Verdict.NO_CHANGE for verdict in told) <= 8


def test_a_day_far_from_the_usual_is_told() -> None:
    before = [DayPart(count, 1) for count in (95, 102, 99, 108, 97, 104, 101, 100)]
    assert compare(Measure.VISITORS, [DayPart(200, 1)], before).verdict is Verdict.MORE
    assert compare(Measure.VISITORS, [DayPart(110, 1)], before).verdict is Verdict.NO_CHANGE


def test_equal_days_leave_what_counting_leaves_open() -> None:
    before = [DayPart(100, 1)] * 8
    assert compare(Measure.VISITORS, [DayPart(120, 1)], before).verdict is Verdict.NO_CHANGE


def test_longer_waits_are_told() -> None:
    before = [DayPart(minutes * 80, 80) for minutes in (9, 11, 10, 12, 9, 10, 11, 8)]
    now = [DayPart(minutes * 80, 80) for minutes in (19, 22, 18, 25, 21)]
    found = compare(Measure.WAIT, now, before)
    assert (found.verdict, found.now, found.before) == (Verdict.MORE, 21, 10)


def test_too_few_days_say_nothing() -> None:
    few = [DayPart(100, 1)] * (FEWEST_BEFORE - 1)
    found = compare(Measure.VISITORS, [DayPart(900, 1)], [*few, DayPart(0, 0)])
    assert (found.verdict, found.now, found.before) == (Verdict.UNKNOWN, 900, 100)
    nothing = compare(Measure.NO_SHOW, [DayPart(0, 0)], [])
    assert (nothing.verdict, nothing.now, nothing.before) == (Verdict.UNKNOWN, None, None)
