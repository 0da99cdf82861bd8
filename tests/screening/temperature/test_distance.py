"""A table of what a reading lacks at each distance, and the faces that tell the distance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.readings import Box
from screening.temperature.calibration import Calibration
from screening.temperature.distance import READING_SPREAD_CELSIUS, DistanceTable, FaceWidths
from screening.temperature.rounding import hundredths_up
from screening.temperature.uncertainty import Budget

TABLE = DistanceTable(
    fills_picture_cm=15.0,
    reference_cm=50.0,
    points=((40.0, -0.2), (50.0, 0.0), (70.0, 0.5), (100.0, 0.8)),
)


def table(**changes: Any) -> DistanceTable:
    values = {
        "fills_picture_cm": 15.0,
        "reference_cm": 50.0,
        "points": ((40.0, -0.2), (50.0, 0.0), (100.0, 0.8)),
    }
    return DistanceTable(**{**values, **changes})


def face(width: float, *, x: float = 0.4) -> Box:
    return Box(x, 0.3, width, 0.3)


def test_a_face_twice_as_wide_is_half_as_far_away() -> None:
    assert TABLE.distance_cm(0.25) == 60.0
    assert TABLE.distance_cm(0.5) == 30.0


@pytest.mark.parametrize(
    ("distance_cm", "celsius"),
    [
        pytest.param(40.0, -0.2, id="the nearest"),
        pytest.param(50.0, 0.0, id="where staff are compared"),
        pytest.param(60.0, 0.25, id="half way"),
        pytest.param(70.0, 0.5, id="a point"),
        pytest.param(100.0, 0.8, id="the furthest"),
        pytest.param(50.1, 0.01, id="a little further is rounded up"),
        pytest.param(45.2, -0.09, id="-0.096 is rounded up as well, not away from zero"),
    ],
)
def test_what_is_added_lies_straight_between_the_points(distance_cm: float, celsius: float) -> None:
    assert TABLE.correction_celsius(distance_cm) == celsius


@given(
    st.lists(
        st.tuples(st.integers(51, 400), st.integers(-300, 300)),
        min_size=1,
        max_size=6,
        unique_by=lambda point: point[0],
    ),
    st.floats(0.0, 1.0),
)
def test_rounding_adds_up_to_a_hundredth_and_takes_nothing_away(
    others: list[tuple[int, int]], share: float
) -> None:
    points = ((50.0, 0.0), *((float(cm), size / 100) for cm, size in sorted(others)))
    whole = table(points=points)
    distance_cm = 50.0 + share * (whole.furthest_cm - 50.0)
    exact = np.interp(distance_cm, *zip(*points, strict=True))

    assert -1e-8 <= whole.correction_celsius(distance_cm) - exact < 0.01 + 1e-8
    low, high = whole.reach_celsius
    assert low <= whole.correction_celsius(distance_cm) <= high
    assert whole.uncertainty_celsius(distance_cm) >= 0.0


@pytest.mark.parametrize("distance_cm", [39.9, 100.1, math.nan])
def test_nothing_is_known_beyond_the_table(distance_cm: float) -> None:
    with pytest.raises(ValueError, match="beyond the distance table"):
        TABLE.correction_celsius(distance_cm)


@pytest.mark.parametrize(
    ("celsius", "rounded"), [(0.1 + 0.2, 0.3), (0.301, 0.31), (-0.309, -0.3), (0.0, 0.0)]
)
def test_rounding_up_is_not_moved_by_what_a_float_adds(celsius: float, rounded: float) -> None:
    assert hundredths_up(celsius) == rounded


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"points": ((50.0, 0.0),)}, "two distances", id="one point"),
        pytest.param({"points": ((50.0, 0.0), (40.0, -0.2))}, "rise", id="not in order"),
        pytest.param({"points": ((50.0, 0.0), (50.0, 0.2))}, "rise", id="the same twice"),
        pytest.param({"points": ((50.0, 0.1), (60.0, 0.2))}, "adds 0", id="no reference"),
        pytest.param({"reference_cm": 55.0}, "adds 0", id="the reference is no point"),
        pytest.param({"points": ((2.0, -0.1), (50.0, 0.0))}, "5 to 400 cm", id="too near"),
        pytest.param({"points": ((50.0, 0.0), (90.0, 3.1))}, "3 degC", id="too large"),
        pytest.param({"points": ((50.0, 0.0), (90.0, math.nan))}, "finite", id="no number"),
        pytest.param({"fills_picture_cm": 0.0}, "cannot fill", id="no camera has that"),
    ],
)
def test_a_malformed_table_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        table(**changes)


def test_everything_that_is_wrong_with_a_table_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="cannot fill") as told:
        table(fills_picture_cm=500.0, points=((50.0, 0.0), (900.0, 9.0)))
    assert str(told.value).count(";") == 2


def test_what_is_wrong_with_a_typed_table_is_told_at_once_as_well() -> None:
    with pytest.raises(ValueError, match="rise") as told:
        DistanceTable.of_points(15.0, [(50, 0.2), (40, 5.0)])
    assert str(told.value).count(";") == 2


def test_the_reference_of_a_typed_table_is_where_it_adds_nothing() -> None:
    typed = DistanceTable.of_points(15.0, [(30, -0.4), (50, 0), (80, 0.6)])
    assert typed.reference_cm == 50.0
    with pytest.raises(ValueError, match="adds 0"):
        DistanceTable.of_points(15.0, [(10, 0.89), (30, 1.36), (50, 2.41)])


def test_how_sure_a_correction_is_follows_the_slope_and_the_readings_it_was_made_of() -> None:
    # 0.025 degC for a cm, a tenth of 60 cm; half of one reading against half at the reference.
    of_place, of_readings = 0.025 * 6.0, READING_SPREAD_CELSIUS * math.hypot(0.5, 0.5)
    assert TABLE.uncertainty_celsius(60.0) == pytest.approx(math.hypot(of_place, of_readings))
    assert TABLE.uncertainty_celsius(50.0) == pytest.approx(0.025 * 5.0)


def test_the_correction_is_listed_by_name_once_the_distance_is_known() -> None:
    unknown = Calibration(1.2, baseline_celsius=0.1, distance=TABLE)
    assert unknown.corrections == (("offset", 1.2), ("rolling_baseline", 0.1))

    known = unknown.seen_at(60.0)

    assert known.corrections == (("offset", 1.2), ("distance", 0.25), ("rolling_baseline", 0.1))
    assert known.correct(35.0).corrected_celsius == 36.55


def test_a_known_distance_takes_its_uncertainty_s_place_in_the_budget() -> None:
    budget = Budget((("person", 0.3), ("distance", 0.4)))
    known = Calibration(1.2, distance=TABLE, budget=budget).seen_at(50.0)
    assert known.budget is not None
    assert dict(known.budget.components) == {"person": 0.3, "distance": pytest.approx(0.125)}


def test_a_distance_without_a_table_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="table"):
        Calibration(1.2).seen_at(50.0)


def test_the_median_of_the_faces_since_then_is_the_width() -> None:
    widths = FaceWidths()
    for seen_s, width in ((0.0, 0.1), (2.0, 0.30), (2.5, 0.31), (3.0, 0.50)):
        widths.saw(face(width, x=0.2), seen_s)
    assert widths.width(since_s=1.5, until_s=3.0) == 0.31
    assert widths.width(since_s=7.5, until_s=9.0) is None


def test_of_two_faces_the_narrower_one_counts() -> None:
    widths = FaceWidths()
    widths.saw(face(0.30), 1.0)
    widths.saw(face(0.28), 1.2)
    assert widths.width(since_s=0.5, until_s=1.2) == 0.28


@pytest.mark.parametrize(
    "cut", [Box(0.0, 0.2, 0.3, 0.4), Box(0.8, 0.2, 0.2, 0.4), Box(0.4, 0.2, 0.0, 0.4), None]
)
def test_a_face_that_the_picture_cuts_tells_no_width(cut: Box | None) -> None:
    widths = FaceWidths()
    widths.saw(cut, 1.0)
    assert widths.width(since_s=0.0, until_s=1.0) is None
