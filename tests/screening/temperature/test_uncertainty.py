"""How sure a corrected temperature is, and what it is corrected with today."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.readings import TemperatureReading
from screening.temperature.baseline import FIRST_VISITORS, RollingBaseline
from screening.temperature.calibration import Calibration
from screening.temperature.instrument.commissioning import Commissioning
from screening.temperature.instrument.today import budget_of, calibration_of
from screening.temperature.uncertainty import (
    BASELINE,
    CLINICAL,
    OFFSET,
    PERSON,
    REPEATABILITY,
    ROOM,
    Budget,
)
from screening.temperature.window import CelsiusRange, StableTemperature, StableValue
from tests.commissionings import of_a_spot, of_an_array

FACE = of_an_array()
FOREHEAD = of_a_spot()


def baseline_of(celsius: float, visitors: int) -> RollingBaseline:
    baseline = RollingBaseline(FACE.median_celsius)
    for _ in range(visitors):
        baseline.add(celsius, is_referred=False)
    return baseline


sizes = st.floats(0, 2)


@given(st.lists(sizes, min_size=1, max_size=6), sizes)
def test_components_are_added_as_squares(components: list[float], repeatability: float) -> None:
    budget = Budget(tuple((f"part {n}", size) for n, size in enumerate(components)))
    combined = budget.combined_celsius(repeatability)

    assert combined == pytest.approx(math.hypot(repeatability, *components), abs=0.0051)
    assert combined >= max(repeatability, *components) - 0.0051


def test_names_every_component_the_largest_first() -> None:
    named = budget_of(FACE, room_celsius=24.0, visitors=0).named(0.05)

    assert {name for name, _ in named} == {OFFSET, CLINICAL, PERSON, ROOM, BASELINE, REPEATABILITY}
    assert [size for _, size in named] == sorted((size for _, size in named), reverse=True)


def test_a_face_s_temperature_is_surer_than_a_forehead_s_spot() -> None:
    face, forehead = (
        budget_of(found, room_celsius=24.0, visitors=30).combined_celsius(0.1)
        for found in (FACE, FOREHEAD)
    )

    assert (face, forehead) == (0.36, 0.67)


@pytest.mark.parametrize("found", [FACE, FOREHEAD])
def test_a_room_that_nobody_measured_makes_it_less_sure(found: Commissioning) -> None:
    unknown = budget_of(found, room_celsius=None, visitors=9).combined_celsius()

    for room in (18.0, 24.0, 28.0):
        assert budget_of(found, room_celsius=room, visitors=9).combined_celsius() < unknown


def test_once_visitors_make_the_baseline_offset_and_room_count_no_more() -> None:
    before, after = (
        dict(budget_of(FACE, room_celsius=24.0, visitors=n).components)
        for n in (FIRST_VISITORS - 1, FIRST_VISITORS)
    )

    assert set(before) - set(after) == {OFFSET, ROOM}
    assert {before[OFFSET], before[ROOM]} != {0.0}


@pytest.mark.parametrize(
    ("offset_celsius", "room_celsius"), [(1.2, 24.0), (0.6, 27.0), (2.0, 19.0)]
)
def test_then_a_wrong_offset_or_room_does_not_move_the_corrected_value(
    offset_celsius: float, room_celsius: float
) -> None:
    """What the smaller budget rests on: the baseline takes out what the two put in."""
    found = of_an_array(offset_celsius=offset_celsius)
    baseline = RollingBaseline(found.median_celsius)
    for raw in (35.1, 35.3, 35.5, 35.6, 35.7, 35.75, 35.8, 35.9, 36.0, 36.2):
        today = calibration_of(
            found, baseline, room_celsius=room_celsius, second_celsius=None
        ).correct(raw)
        baseline.take(today, is_referred=False)
    today = calibration_of(found, baseline, room_celsius=room_celsius, second_celsius=None)

    assert today.correct(35.725).corrected_celsius == pytest.approx(36.9, abs=0.01)


def test_the_first_visitors_of_a_day_are_the_least_sure() -> None:
    first, later, last = (
        budget_of(FACE, room_celsius=24.0, visitors=visitors).combined_celsius()
        for visitors in (FIRST_VISITORS - 1, FIRST_VISITORS, 30)
    )

    assert first > later > last


def test_staff_who_are_more_alike_than_people_are_do_not_make_it_surer() -> None:
    alike = of_an_array(person_spread_celsius=0.0)
    apart = of_an_array(person_spread_celsius=0.6)

    assert dict(budget_of(alike, room_celsius=24.0, visitors=30).components)[PERSON] == 0.31
    assert dict(budget_of(apart, room_celsius=24.0, visitors=30).components)[PERSON] == 0.6


def test_today_s_corrections_are_listed_each_by_its_name() -> None:
    today = calibration_of(FACE, baseline_of(36.5, 12), room_celsius=27.0, second_celsius=-0.15)

    assert today.second_corrections == (
        ("offset", 1.2),
        ("room_temperature", -0.24),
        ("rolling_baseline", 0.4),
        ("second_reading", -0.15),
    )


def test_the_first_ten_visitors_get_the_commissioning_s_baseline() -> None:
    today = calibration_of(FACE, baseline_of(36.0, 9), room_celsius=None, second_celsius=None)

    assert today.corrections == (("offset", 1.2), ("rolling_baseline", 0.0))


def test_a_measured_temperature_says_how_sure_it_is() -> None:
    today = calibration_of(FACE, baseline_of(36.9, 30), room_celsius=24.0, second_celsius=None)
    steady, shaky = (today.correct(35.7, repeatability_celsius=size) for size in (0.0, 0.4))

    assert steady.standard_uncertainty_celsius is not None
    assert shaky.standard_uncertainty_celsius is not None
    assert steady.standard_uncertainty_celsius < shaky.standard_uncertainty_celsius
    assert steady.corrected_celsius == shaky.corrected_celsius


def test_nobody_knows_how_sure_a_thermometer_is_that_was_never_commissioned() -> None:
    assert Calibration(1.2).correct(35.7).standard_uncertainty_celsius is None


def test_a_stable_value_knows_how_far_its_readings_scattered() -> None:
    window = StableTemperature(CelsiusRange(30, 43))
    for place, celsius in enumerate((35.6, 35.7, 35.8)):
        window.add(TemperatureReading(celsius, None, place * 0.5))
    value = window.value(1.0)

    assert isinstance(value, StableValue)
    assert value.repeatability_celsius == pytest.approx(0.1)
