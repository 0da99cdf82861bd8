"""Thermometers that tell the truth, and such as draw to the normal or make numbers up."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.temperature.instrument.commissioning import Comparison
from screening.temperature.instrument.normaliser import (
    VISITORS,
    LinearityVerdict,
    MadeUp,
    RunningCheck,
    linearity,
    step_of,
)
from screening.temperature.sites import FACE_MAX, FOREHEAD_SPOT, MeasuringSite

STEPS = (35.0, 36.0, 37.0, 38.0, 39.0, 40.0)


def run(read: Callable[[float], float], steps: tuple[float, ...] = STEPS) -> list[Comparison]:
    return [Comparison(read(step), step) for step in steps]


@given(
    st.floats(0.93, 1.07),
    st.floats(-4, 4),
    st.lists(st.floats(-0.04, 0.04), min_size=6, max_size=6),
)
def test_a_thermometer_that_is_only_off_by_a_constant_is_honest(
    slope: float, off: float, noise: list[float]
) -> None:
    scatter = iter(noise)
    found = linearity(run(lambda t: 37 + slope * (t - 37) + off + next(scatter)))

    assert found.verdict is LinearityVerdict.HONEST
    assert found.slope == pytest.approx(slope, abs=0.05)
    assert found.slope_interval is not None
    assert found.slope_interval[0] < found.slope < found.slope_interval[1]


@given(st.floats(0.0, 0.8), st.lists(st.floats(-0.03, 0.03), min_size=6, max_size=6))
def test_a_thermometer_that_draws_to_the_normal_is_told(slope: float, noise: list[float]) -> None:
    scatter = iter(noise)
    found = linearity(run(lambda t: 36.5 + slope * (t - 36.5) + next(scatter)))

    assert found.verdict is LinearityVerdict.NORMALISES


def test_a_thermometer_that_stands_still_below_a_fever_is_told() -> None:
    """37.0 to 38.4 all read 36.9, as a published kiosk's table does; the rest is honest."""
    found = linearity(
        run(lambda t: 36.9 if 37.0 <= t <= 38.4 else t, (35.0, 36.0, 37.0, 38.4, 39.0, 40.0))
    )

    assert found.has_plateau
    assert found.verdict is LinearityVerdict.NORMALISES


def test_a_band_held_at_the_normal_is_told_by_the_point_where_the_gate_decides() -> None:
    """37.0 to 37.5 read 36.8; points outside the band see nothing of it."""
    found = linearity(
        run(lambda t: 36.8 if 37.0 <= t <= 37.5 else t, (35.0, 36.0, 37.4, 38.0, 39.0, 40.0))
    )

    assert found.verdict is LinearityVerdict.NOT_LINEAR


def test_what_draws_to_the_normal_is_told_without_a_point_where_the_gate_decides() -> None:
    found = linearity(run(lambda t: 36.5 + 0.3 * (t - 36.5), (35.0, 36.0, 38.0, 39.0)))

    assert found.verdict is LinearityVerdict.NORMALISES


def test_a_line_that_scatters_or_is_too_steep_is_neither() -> None:
    scattered = iter((0.5, -0.5, 0.5, -0.5, 0.5, -0.5))

    assert linearity(run(lambda t: 1.3 * t)).verdict is LinearityVerdict.NOT_LINEAR
    assert (
        linearity(run(lambda t: t + next(scattered), (35, 36.5, 38, 39.5, 41, 42.5))).verdict
        is LinearityVerdict.NOT_LINEAR
    )


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((), id="none"),
        pytest.param((36.0, 38.0, 40.0), id="three"),
        pytest.param((36.0, 36.0, 36.0, 36.0, 36.0), id="the same again"),
        pytest.param((35.0, 36.0, 37.0, 37.9), id="all of them normal"),
        pytest.param((37.9, 38.0, 38.5, 39.0), id="close together"),
        pytest.param((35.0, 36.0, 36.9, 37.6, 38.5, 40.0), id="none where the gate decides"),
    ],
)
def test_too_few_points_say_nothing(steps: tuple[float, ...]) -> None:
    assert linearity(run(lambda t: t, steps)).verdict is LinearityVerdict.TOO_FEW_POINTS


def test_what_is_no_number_is_no_point() -> None:
    found = linearity([*run(lambda t: t), Comparison(math.nan, 37.0), Comparison(37.0, math.inf)])

    assert (found.points, found.verdict) == (6, LinearityVerdict.HONEST)


def after(values: list[float], site: MeasuringSite = FACE_MAX) -> RunningCheck:
    check = RunningCheck(site)
    for value in values:
        check.add(value)
    return check


def visitors(step: float, off: float = 0.0, spread: float = 0.38, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    exact = [chance.gauss(35.7, spread) for _ in range(VISITORS)]
    return [round(round((value - off) / step) * step + off, 2) for value in exact]


@pytest.mark.parametrize(
    ("step", "off"),
    [
        pytest.param(0.01, 0.0, id="hundredths"),
        pytest.param(0.02, 0.01, id="mlx90614"),
        pytest.param(0.1, 0.05, id="tenths of a kelvin"),
        pytest.param(0.1, 0.0, id="tenths"),
        pytest.param(1 / 18, 0.0, id="tenths of a fahrenheit"),
    ],
)
@pytest.mark.parametrize(
    ("site", "spread"), [(FACE_MAX, 0.31), (FACE_MAX, 0.44), (FOREHEAD_SPOT, 0.55)]
)
def test_an_honest_thermometer_is_not_blamed_for_its_own_steps(
    step: float, off: float, site: MeasuringSite, spread: float
) -> None:
    for seed in range(30):
        values = visitors(step, off, spread, seed)

        assert after(values, site).findings() == ()
        assert step_of(values) == pytest.approx(step)


def test_values_drawn_at_random_from_a_few_are_told() -> None:
    """What published kiosk software puts in the place of a reading."""
    chance = random.Random(2)
    made_up = [chance.choice((36.0, 36.1, 36.2, 36.3)) for _ in range(VISITORS)]

    assert MadeUp.SPREAD_TOO_SMALL in after(made_up).findings()


def test_readings_pressed_together_are_told() -> None:
    pressed = [round(36.5 + 0.35 * (value - 35.7), 2) for value in visitors(0.01)]

    assert after(pressed).findings() == (MadeUp.SPREAD_TOO_SMALL,)


def test_a_forehead_s_readings_that_scatter_as_little_as_a_face_s_are_pressed_together() -> None:
    pressed = visitors(0.01, spread=0.27)

    assert after(pressed, FACE_MAX).findings() == ()
    assert after(pressed, FOREHEAD_SPOT).findings() == (MadeUp.SPREAD_TOO_SMALL,)


def test_last_digits_that_are_not_all_as_common_are_told() -> None:
    chance = random.Random(3)
    uneven = [round(round(v, 1) + chance.choice((0.0, 0.01, 0.05)), 2) for v in visitors(0.01)]

    assert MadeUp.DIGITS_UNEVEN in after(uneven).findings()


def test_one_value_that_comes_too_often_is_told() -> None:
    honest = visitors(0.01)
    capped = [36.5 if place % 4 == 0 else value for place, value in enumerate(honest)]

    assert MadeUp.VALUE_REPEATED in after(capped).findings()


def test_one_value_for_everybody_is_told_in_every_way_but_by_its_digits() -> None:
    assert set(after([36.5] * VISITORS).findings()) == {
        MadeUp.SPREAD_TOO_SMALL,
        MadeUp.VALUE_REPEATED,
    }


def test_nothing_is_said_before_there_were_enough_visitors() -> None:
    assert after([36.5, 36.6] * (VISITORS // 2 - 1)).findings() == ()


@pytest.mark.parametrize("values", [[], [36.5], [36.5, 36.5]])
def test_a_step_takes_two_different_values(values: list[float]) -> None:
    assert step_of(values) is None


def test_only_the_last_visitors_count_and_none_after_somebody_checked() -> None:
    check = after([36.5] * VISITORS + visitors(0.01))
    assert check.findings() == ()

    check = after([36.5] * VISITORS)
    check.forget()
    assert check.findings() == ()


@given(st.lists(st.floats(-50, 400), min_size=1, max_size=130))
def test_no_values_make_it_stumble(values: list[float]) -> None:
    assert set(after(values).findings()) <= set(MadeUp)


@pytest.mark.parametrize(("site", "enough"), [(FACE_MAX, 11), (FOREHEAD_SPOT, 8)])
def test_a_module_that_stands_still_is_told_after_a_few_visitors(
    site: MeasuringSite, enough: int
) -> None:
    moving = [34.3, 34.9]
    assert after([*moving, *[34.1] * (enough - 1)], site).findings() == ()
    assert after([*moving, *[34.1] * enough], site).findings() == (MadeUp.VALUE_REPEATED,)
    assert after([*moving, *[34.1] * enough, 34.2], site).findings() == ()


@pytest.mark.parametrize(
    ("site", "spread", "enough"), [(FACE_MAX, 0.38, 11), (FOREHEAD_SPOT, 0.7, 8)]
)
def test_a_module_that_freezes_at_noon_is_told_as_soon(
    site: MeasuringSite, spread: float, enough: int
) -> None:
    morning = [*visitors(0.01, spread=spread), *visitors(0.01, spread=spread, seed=2)]
    frozen = [35.5] * enough
    assert MadeUp.VALUE_REPEATED not in after([*morning, *frozen[:5]], site).findings()
    assert MadeUp.VALUE_REPEATED in after([*morning, *frozen], site).findings()


def test_a_check_that_saw_nobody_finds_nothing() -> None:
    assert after([]).findings() == ()
