"""From somebody who stands in a few places to where faces are in the array."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.readings import Box
from screening.temperature.affine_mapping import PointPair
from screening.temperature.instrument.face_mapping import (
    EYES_DOWN,
    PLACES,
    STILL_S,
    MappingError,
    MappingProblem,
    MappingWalk,
    Step,
    Walked,
    eyes_of,
    fit_level,
    hot_spot,
)

COLUMNS = 32
NONE_BROKEN = np.zeros((24, COLUMNS), bool)
CAMERA = ((0.5, 0.4), (0.25, 0.42), (0.75, 0.41), (0.45, 0.6), (0.6, 0.3))


def seen_by_array(camera: tuple[float, float]) -> tuple[float, float]:
    """The true mapping: a mirrored array that sees a little more than the camera."""
    return 29.0 - 26.0 * camera[0], 2.5 + 19.0 * camera[1]


def pairs(*, error: float = 0.0, seed: int = 1) -> list[PointPair]:
    rng = np.random.default_rng(seed)
    return [
        PointPair(
            camera, (seen_by_array(camera)[0] + rng.normal(0, error), seen_by_array(camera)[1])
        )
        for camera in CAMERA
    ]


class TestHotSpot:
    def scene(self) -> np.ndarray:
        celsius = np.full((24, COLUMNS), 26, np.float32)
        celsius[8:16, 12:19] = 33.5
        celsius[11, 14], celsius[11, 17] = 35.4, 35.1
        return celsius

    def test_is_between_two_eyes_that_are_about_as_warm(self) -> None:
        assert hot_spot(self.scene(), NONE_BROKEN) == (15.5, 11.0)

    def test_a_lamp_and_a_broken_pixel_are_no_skin(self) -> None:
        celsius, broken = self.scene(), NONE_BROKEN.copy()
        celsius[2, 2], celsius[20, 30], broken[20, 30] = 60.0, 40.0, True
        assert hot_spot(celsius, broken) == (15.5, 11.0)

    def test_an_empty_room_has_none(self) -> None:
        assert hot_spot(np.full((24, 32), 26, np.float32), NONE_BROKEN) is None


class TestFit:
    def test_finds_scale_and_shift_of_a_mirrored_array_back(self) -> None:
        fit = fit_level(pairs(), columns=COLUMNS)
        assert fit.mapping.at(0.4, 0.5) == pytest.approx(seen_by_array((0.4, 0.5)))
        assert (fit.is_good, fit.left_out) == (True, 0)
        assert fit.mapping.largest_error_pixels == pytest.approx(0, abs=1e-9)

    @given(st.integers(0, 4), st.floats(-31, 31), st.floats(-23, 23))
    def test_one_place_where_something_else_was_hotter_does_not_matter(
        self, which: int, across: float, down: float
    ) -> None:
        taken = pairs(error=0.2)
        x, y = taken[which].array
        taken[which] = PointPair(taken[which].camera, (x + across, y + down))
        fit = fit_level(taken, columns=COLUMNS)
        if fit.is_good:  # if not, it says so
            found = np.array(fit.mapping.at(0.5, 0.45))
            assert np.hypot(*(found - seen_by_array((0.5, 0.45)))) < 0.1 * COLUMNS

    def test_a_hot_cup_in_one_place_is_left_out(self) -> None:
        taken = pairs(error=0.2)
        taken[2] = PointPair(taken[2].camera, (30.0, 3.0))
        fit = fit_level(taken, columns=COLUMNS)
        assert (fit.left_out, fit.mapping.pairs, fit.is_good) == (1, 4, True)
        assert fit.mapping.at(0.4, 0.5) == pytest.approx(seen_by_array((0.4, 0.5)), abs=0.5)

    def test_places_that_fit_badly_are_told_as_an_error(self) -> None:
        fit = fit_level(pairs(error=1.5, seed=6), columns=COLUMNS)
        assert not fit.is_good
        assert fit.mapping.rms_error_pixels <= fit.mapping.largest_error_pixels

    @pytest.mark.parametrize(
        ("camera", "problem"),
        [
            (CAMERA[:2], MappingProblem.TOO_FEW),
            (((0.5, 0.2), (0.55, 0.5), (0.6, 0.7)), MappingProblem.TOO_NARROW),
            (((0.2, 0.5), (0.5, 0.52), (0.8, 0.5)), MappingProblem.TOO_FLAT),
        ],
    )
    def test_places_too_near_each_other_fix_nothing(
        self, camera: tuple[tuple[float, float], ...], problem: MappingProblem
    ) -> None:
        with pytest.raises(MappingError) as caught:
            fit_level([PointPair(at, seen_by_array(at)) for at in camera], columns=COLUMNS)
        assert caught.value.problem is problem

    def test_places_that_contradict_each_other_make_no_good_mapping(self) -> None:
        spots = ((3, 3), (28, 20), (4, 21), (27, 2), (15, 12))
        taken = [PointPair(at, spot) for at, spot in zip(CAMERA, spots, strict=True)]
        assert not fit_level(taken, columns=COLUMNS).is_good


class TestWalk:
    def stand(
        self, walk: MappingWalk, camera: tuple[float, float], seconds: float, *, sway: float = 0.004
    ) -> Walked:
        rng = np.random.default_rng(int(camera[0] * 1000))
        start_s = rng.integers(1_000_000)
        walked = walk.walked
        for step in range(round(seconds * 4) + 1):
            x, y = camera[0] + rng.uniform(-sway, sway), camera[1] + rng.uniform(-sway, sway)
            face = Box(x - 0.1, y - EYES_DOWN * 0.3, 0.2, 0.3)
            column, row = seen_by_array((x, y))
            walked = walk.add(start_s + step / 4, face, (column + rng.normal(0, 0.4), row))
        return walked

    def test_the_eyes_of_a_box_are_above_its_middle(self) -> None:
        assert eyes_of(Box(0.4, 0.2, 0.2, 0.5)) == pytest.approx((0.5, 0.41))

    def test_five_places_give_the_mapping(self) -> None:
        walk, steps = MappingWalk(COLUMNS), []
        for camera in CAMERA:
            steps.append(self.stand(walk, camera, 2.5).step)
        assert steps == [Step.GO_ASIDE, Step.GO_DOWN, Step.GO_DOWN, Step.GO_ELSEWHERE, Step.DONE]
        walked = walk.walked
        assert len(walked.pairs) == PLACES
        assert walked.fit is not None
        assert walked.fit.is_good
        assert walked.fit.mapping.at(0.4, 0.5) == pytest.approx(seen_by_array((0.4, 0.5)), abs=0.7)
        self.stand(walk, (0.1, 0.1), 4)
        assert walk.walked == walked

    def test_a_place_counts_once_somebody_stands_still_in_it(self) -> None:
        walk = MappingWalk(COLUMNS)
        walked = self.stand(walk, (0.5, 0.4), STILL_S / 2)
        assert (walked.step, walked.pairs) == (Step.STAND_STILL, ())
        assert 0.4 < walked.still < 0.6
        walked = self.stand(walk, (0.4, 0.4), 6, sway=0.08)
        assert (walked.step, walked.pairs) == (Step.STAND_STILL, ())

    def test_the_same_place_counts_once(self) -> None:
        walk = MappingWalk(COLUMNS)
        self.stand(walk, (0.5, 0.4), 2)
        walked = self.stand(walk, (0.55, 0.42), 5)
        assert (walked.step, len(walked.pairs)) == (Step.GO_ASIDE, 1)

    def test_it_says_when_one_of_the_two_sees_nobody(self) -> None:
        walk = MappingWalk(COLUMNS)
        assert walk.add(0.0, None, (3, 4)).step is Step.COME
        assert walk.add(0.0, Box(0.4, 0.2, 0.2, 0.5), None).step is Step.WARM

    def test_places_without_a_mapping_are_told_with_their_problem(self) -> None:
        walk = MappingWalk(COLUMNS)
        for number in range(PLACES):
            for step in range(8):
                face = Box(0.1 + 0.15 * number, 0.3, 0.1, 0.2)
                walk.add(number * 10 + step / 4, face, (5.0 * number, 12))
        assert walk.walked.problem is MappingProblem.TOO_FLAT
        assert walk.walked.fit is None
