from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.decision import Reason
from screening.readings import TemperatureReading
from screening.temperature.window import (
    MAX_READING_AGE_S,
    CelsiusRange,
    StableTemperature,
    StableValue,
)

FACE = CelsiusRange(30.0, 43.0)


def window_of(*readings: tuple[float, float]) -> StableTemperature:
    """A window that was given (taken_at_s, object_celsius) in this order."""
    window = StableTemperature(FACE)
    for taken_at_s, celsius in readings:
        window.add(TemperatureReading(celsius, 25.0, taken_at_s))
    return window


def test_three_lines_of_a_slow_board_make_a_value() -> None:
    window = window_of((0.0, 36.4), (0.5, 36.6), (1.0, 36.5))

    assert window.value(1.0) == StableValue(36.5, 1.0)


def test_half_a_second_of_a_fast_module_makes_a_value() -> None:
    early = window_of(*((tenth / 10, 36.5) for tenth in range(5)))
    enough = window_of(*((tenth / 10, 36.5) for tenth in range(6)))

    assert early.value(0.4) is Reason.STAND_STILL
    assert enough.value(0.5) == StableValue(36.5, 0.5)


def test_many_readings_of_one_moment_are_not_enough() -> None:
    window = window_of(*((thousandth / 1000, 36.5) for thousandth in range(100)))

    assert window.value(0.1) is Reason.STAND_STILL


def test_two_readings_are_not_enough() -> None:
    assert window_of((0.0, 36.5), (1.0, 36.5)).value(1.0) is Reason.STAND_STILL


def test_no_reading_is_no_value() -> None:
    assert window_of().value(0.0) is Reason.STAND_STILL


def test_readings_that_disagree_are_no_value() -> None:
    window = window_of((0.0, 36.0), (0.5, 36.5), (1.0, 37.0))

    assert window.value(1.0) is Reason.STAND_STILL


def test_the_wall_before_the_visitor_came_does_not_spoil_the_value() -> None:
    window = window_of((0.0, 24.0), (0.5, 31.0), (1.0, 36.5), (1.5, 36.6), (2.0, 36.5))

    assert window.value(2.0) == StableValue(36.5, 2.0)


def test_of_an_even_number_the_upper_of_the_middle_two_counts() -> None:
    window = window_of((0.0, 37.2), (0.3, 37.3), (0.6, 37.4), (0.9, 37.5))

    assert window.value(0.9) == StableValue(37.4, 0.9)


def test_stale_readings_do_not_count() -> None:
    window = window_of((0.0, 36.5), (0.5, 36.5), (1.0, 36.5))

    assert isinstance(window.value(MAX_READING_AGE_S), StableValue)
    assert window.value(MAX_READING_AGE_S + 0.1) is Reason.STAND_STILL
    assert window.value(1.0 + MAX_READING_AGE_S + 0.1) is Reason.STAND_STILL


def test_readings_from_the_future_do_not_count() -> None:
    window = window_of((5.0, 36.5), (5.5, 36.5), (6.0, 36.5))

    assert window.value(4.0) is Reason.STAND_STILL


def test_a_far_or_covered_face_is_asked_to_come_closer() -> None:
    window = window_of((0.0, 27.0), (0.5, 27.0), (1.0, 27.0))

    assert window.value(1.0) is Reason.STEP_CLOSER


@pytest.mark.parametrize("celsius", [43.1, 60.0, 150.0])
def test_something_hotter_than_a_face_is_told(celsius: float) -> None:
    assert window_of((0.0, celsius)).value(0.0) is Reason.STAND_STILL
    assert window_of((0.0, celsius), (0.5, celsius)).value(0.5) is Reason.HOT_OBJECT
    assert window_of((0.0, celsius), (0.5, 36.5)).value(0.5) is Reason.STAND_STILL


@pytest.mark.parametrize("celsius", [150.1, 1037.55, math.inf, math.nan])
def test_what_no_face_can_have_never_makes_a_value(celsius: float) -> None:
    window = window_of((0.0, celsius), (0.5, celsius), (1.0, celsius))

    assert window.value(1.0) is Reason.STAND_STILL


def test_an_implausible_newest_reading_ends_the_run() -> None:
    window = window_of((0.0, 36.5), (0.5, 36.5), (1.0, 36.5), (1.1, 1037.55))

    assert window.value(1.1) is Reason.STAND_STILL


def test_a_repeated_or_late_reading_counts_once() -> None:
    window = window_of((1.0, 36.5), (1.0, 36.5), (0.2, 36.5), (1.6, 36.5))

    assert window.value(1.6) is Reason.STAND_STILL


@pytest.mark.parametrize("celsius", [38.9, 34.0, 44.0])
def test_of_readings_of_one_moment_none_hides_another(celsius: float) -> None:
    window = window_of(*((tenth / 10, value) for tenth in range(8) for value in (36.5, celsius)))

    assert not isinstance(window.value(0.7), StableValue)


def test_readings_of_one_moment_are_one_reading() -> None:
    window = window_of((0.0, 36.5), (0.6, 36.5), (0.6, 36.6), (0.6, 36.4))
    assert window.value(0.6) is Reason.STAND_STILL

    window.add(TemperatureReading(36.5, None, 0.9))
    assert isinstance(window.value(0.9), StableValue)


def test_of_a_burst_not_every_reading_is_kept() -> None:
    window = window_of(*((1.0, 36.5 + place % 7 / 100) for place in range(10_000)))
    for moment_s in (1.5, 2.0):
        window.add(TemperatureReading(36.53, None, moment_s))

    assert window.value(2.0) == StableValue(36.53, 2.0)


def test_what_was_forgotten_does_not_come_back() -> None:
    window = window_of((0.0, 36.5), (0.5, 36.5), (1.0, 36.5))
    window.forget(until_s=2.0)
    window.add(TemperatureReading(36.5, None, 1.9))
    assert window.value(2.0) is Reason.STAND_STILL

    for taken_at_s in (2.0, 2.5, 3.0):
        window.add(TemperatureReading(36.6, None, taken_at_s))

    assert window.value(3.0) == StableValue(36.6, 3.0)


def test_forgetting_less_does_not_undo_forgetting_more() -> None:
    window = window_of()
    window.forget(until_s=5.0)
    window.forget(until_s=1.0)
    for taken_at_s in (2.0, 2.5, 3.0):
        window.add(TemperatureReading(36.5, None, taken_at_s))

    assert window.value(3.0) is Reason.STAND_STILL


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.01, 1.0), st.floats(20.0, 45.0)),
        max_size=40,
    )
)
def test_a_value_is_always_one_of_the_fresh_plausible_readings(
    steps: list[tuple[float, float]],
) -> None:
    window = StableTemperature(FACE)
    now_s, fresh = 0.0, []
    for step_s, celsius in steps:
        now_s += step_s
        window.add(TemperatureReading(celsius, None, now_s))
        fresh.append((now_s, celsius))
    value = window.value(now_s)

    if isinstance(value, StableValue):
        assert value.celsius in FACE
        assert value.celsius in [c for at_s, c in fresh if now_s - at_s <= MAX_READING_AGE_S]
        assert value.taken_at_s == now_s
