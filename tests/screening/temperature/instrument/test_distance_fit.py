"""A walk away from the thermometer makes a distance table, or tells everything that is wrong."""

from __future__ import annotations

import math

import pytest

from screening.temperature.instrument.distance_fit import (
    DistanceError,
    DistanceProblem,
    WalkPoint,
    fit_distance_table,
)


def walk(*stood: tuple[float, float], fills_cm: float = 16.0) -> list[WalkPoint]:
    return [WalkPoint(cm, celsius, fills_cm / cm) for cm, celsius in stood]


GOOD = walk((50.0, 35.21), (40.0, 35.4), (70.0, 34.72), (100.0, 34.4))


def problems_of(points: list[WalkPoint], reference_cm: float = 50.0) -> list[DistanceProblem]:
    with pytest.raises(DistanceError) as refused:
        fit_distance_table(points, reference_cm=reference_cm)
    assert len(refused.value.sentences) == len(refused.value.problems)
    return list(refused.value.problems)


def test_a_walk_makes_the_table_that_brings_every_reading_to_the_mark() -> None:
    table = fit_distance_table(GOOD, reference_cm=50.0)

    assert table.points == ((40.0, -0.19), (50.0, 0.0), (70.0, 0.49), (100.0, 0.81))
    assert table.reference_cm == 50.0
    assert table.fills_picture_cm == 16.0
    for point in GOOD:
        cm = table.distance_cm(point.face_width)
        assert point.raw_celsius + table.correction_celsius(cm) == pytest.approx(35.21)


def test_readings_of_one_distance_count_by_their_median() -> None:
    again = [*GOOD, WalkPoint(100.0, 34.6, 0.17), WalkPoint(100.0, 34.5, 0.16)]
    assert fit_distance_table(again, reference_cm=50.0).points[-1] == (100.0, 0.71)


def test_a_camera_that_is_a_tenth_off_once_is_taken_by_the_middle() -> None:
    off = [*GOOD[:3], WalkPoint(100.0, 34.4, 0.176)]
    assert fit_distance_table(off, reference_cm=50.0).fills_picture_cm == 16.0


@pytest.mark.parametrize(
    ("points", "problem"),
    [
        pytest.param([], DistanceProblem.TOO_FEW_DISTANCES, id="nobody walked"),
        pytest.param(GOOD[:2], DistanceProblem.TOO_FEW_DISTANCES, id="two distances"),
        pytest.param(GOOD[1:], DistanceProblem.NO_REFERENCE, id="nobody stood on the mark"),
        pytest.param(
            walk((50.0, 35.2), (55.0, 35.1), (60.0, 35.0)),
            DistanceProblem.TOO_CLOSE_TOGETHER,
            id="a step is no walk",
        ),
        pytest.param(
            [*GOOD[:3], WalkPoint(100.0, 34.4, 0.2)],
            DistanceProblem.CAMERA_DISAGREES,
            id="the camera sees another distance",
        ),
        pytest.param(
            walk((50.0, 35.2), (60.0, 34.9), (80.0, 34.5), fills_cm=1.9),
            DistanceProblem.CAMERA_DISAGREES,
            id="no camera sees so wide",
        ),
        pytest.param(
            walk((40.0, 34.8), (50.0, 35.2), (100.0, 35.4)),
            DistanceProblem.RISES,
            id="warmer from afar",
        ),
        pytest.param(
            walk((50.0, 35.2), (70.0, 33.9), (100.0, 32.1)),
            DistanceProblem.TOO_LARGE,
            id="most of what it sees is wall",
        ),
        pytest.param(
            walk((50.0, 35.2), (70.0, 34.9), (500.0, 34.5)),
            DistanceProblem.NOT_A_DISTANCE,
            id="mistyped tape",
        ),
        pytest.param(
            [*GOOD, WalkPoint(80.0, math.nan, 0.2)],
            DistanceProblem.NOT_A_READING,
            id="no number",
        ),
        pytest.param([*GOOD, WalkPoint(80.0, 34.5, 0.0)], DistanceProblem.NOT_A_FACE, id="no face"),
    ],
)
def test_a_walk_that_tells_nothing_is_refused(
    points: list[WalkPoint], problem: DistanceProblem
) -> None:
    assert problem in problems_of(points)


def test_a_rise_within_what_one_face_differs_is_no_rise() -> None:
    table = fit_distance_table(walk((40.0, 35.0), (50.0, 35.2), (100.0, 34.9)), reference_cm=50.0)
    assert table.correction_celsius(40.0) == 0.0


def test_no_walk_takes_anything_from_a_face_further_away() -> None:
    table = fit_distance_table(walk((40.0, 34.0), (50.0, 34.25), (60.0, 34.5)), reference_cm=40.0)
    assert table.points == ((40.0, 0.0), (50.0, 0.0), (60.0, 0.0))


def test_what_is_out_of_order_is_raised() -> None:
    stood = walk((30.0, 35.4), (40.0, 35.5), (50.0, 35.2), (70.0, 34.8), (90.0, 34.9))
    table = fit_distance_table(stood, reference_cm=50.0)
    assert table.points == ((30.0, -0.2), (40.0, -0.2), (50.0, 0.0), (70.0, 0.4), (90.0, 0.4))


def test_a_point_is_rounded_up_to_hundredths() -> None:
    stood = walk((50.0, 35.2), (70.0, 34.799), (90.0, 34.5))
    assert fit_distance_table(stood, reference_cm=50.0).correction_celsius(70.0) == 0.41


def test_everything_that_is_wrong_is_told_at_once() -> None:
    bad = [WalkPoint(50.0, 31.0, 0.32), WalkPoint(55.0, 35.0, 0.6)]
    assert problems_of(bad) == [
        DistanceProblem.TOO_FEW_DISTANCES,
        DistanceProblem.TOO_CLOSE_TOGETHER,
        DistanceProblem.CAMERA_DISAGREES,
        DistanceProblem.RISES,
        DistanceProblem.TOO_LARGE,
    ]
