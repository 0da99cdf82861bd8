from __future__ import annotations

import pytest

from screening.temperature.baseline import RollingBaseline


def baseline_after(*celsius: float, is_referred: bool = False) -> RollingBaseline:
    baseline = RollingBaseline(36.9)
    for value in celsius:
        baseline.add(value, is_referred=is_referred)
    return baseline


def test_the_first_ten_visitors_have_the_commissioning_baseline() -> None:
    assert baseline_after(*[37.5] * 9).correction_celsius == 0.0
    assert baseline_after(*[37.5] * 10).correction_celsius == -0.6


def test_the_last_thirty_visitors_make_the_baseline() -> None:
    assert baseline_after(*[37.5] * 30, *[36.6] * 30).correction_celsius == pytest.approx(0.3)


def test_who_is_referred_does_not_count() -> None:
    baseline = baseline_after(*[36.9] * 10)
    for _ in range(30):
        baseline.add(39.0, is_referred=True)

    assert baseline.correction_celsius == 0.0


def test_a_sensor_that_refers_everybody_in_the_morning_is_still_learnt() -> None:
    assert baseline_after(*[38.4] * 10, is_referred=True).correction_celsius == -1.5


def test_four_fevers_among_the_first_ten_do_not_move_the_median() -> None:
    assert baseline_after(*[36.9] * 6, *[39.0] * 4).correction_celsius == 0.0


def test_a_sensor_far_off_is_in_doubt() -> None:
    assert not baseline_after(*[38.4] * 10).is_sensor_in_doubt
    assert baseline_after(*[38.5] * 10).is_sensor_in_doubt
    assert baseline_after(*[35.0] * 10).is_sensor_in_doubt
