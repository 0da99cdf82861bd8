"""How long it takes to be called in from outside."""

from __future__ import annotations

import pytest

from screening.figures.evaluation import evaluate_line
from screening.figures.line_waits import LEAST_LEFT, WINDOW_S, until_called_in
from screening.figures.waits import Interval

EVERY_MINUTE = [60.0 * minute for minute in range(120)]


def told(places: int, left_s: list[float], at_s: float = 7200.0) -> Interval:
    found = until_called_in(places, left_s, at_s=at_s)
    assert found is not None
    return found


def test_it_takes_as_long_as_people_leave() -> None:
    one, ten = told(1, EVERY_MINUTE), told(10, EVERY_MINUTE)
    assert one.low_s < 60 < one.high_s
    assert ten.mid_s == pytest.approx(600, rel=0.1)
    slower = told(10, EVERY_MINUTE[::3])
    assert slower.mid_s == pytest.approx(1800, rel=0.15)


def test_nothing_is_told_before_enough_people_have_left() -> None:
    few = EVERY_MINUTE[-LEAST_LEFT:]
    assert until_called_in(1, few, at_s=7200) is None
    assert until_called_in(1, [], at_s=7200) is None
    assert until_called_in(1, EVERY_MINUTE, at_s=7200 + WINDOW_S) is None  # nobody leaves now


@pytest.mark.parametrize(("visits", "capacity"), [(350, 25), (1000, 70)])
def test_the_intervals_hold_on_simulated_days(visits: int, capacity: int) -> None:
    score = evaluate_line(visits, capacity=capacity, days=6, seed=11)
    assert score.told > 0.9 * score.waited
    assert score.hit_rate is not None
    assert 0.7 <= score.hit_rate <= 0.9
