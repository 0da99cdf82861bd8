from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulated.portrait import Appearance, draw_visitor
from screening.readings import Box, MaskAdvice
from screening.vision.condition import Condition, light_advice, measure

Pixels = NDArray[np.uint8]

# Where the drawn visitor's face is in a picture of 640 x 480, forehead to chin.
FACE = Box(238, 30, 156, 220)
WORN: tuple[Appearance, ...] = ("mask", "no_mask", "incorrect")


def visitor(appearance: Appearance = "mask", seed: int = 4) -> Pixels:
    return draw_visitor(appearance, rng=np.random.default_rng(seed))


def measured(pixels: Pixels, face: Box) -> Condition:
    condition = measure(pixels, face)
    assert condition is not None
    return condition


def dimmed(pixels: Pixels, gain: float) -> Pixels:
    return np.asarray(np.clip(pixels * gain, 0, 255), np.uint8)


def lit_from_behind(pixels: Pixels, gain: float) -> Pixels:
    """The person gets ``gain`` of the light, the rest of the picture is a bright doorway."""
    drawn = np.full_like(pixels, 235)
    left, top = round(FACE.x), round(FACE.y)
    person = np.s_[top:480, left - 30 : left + round(FACE.w) + 30]
    drawn[person] = dimmed(pixels, gain)[person]
    return drawn


@pytest.mark.parametrize("appearance", WORN)
@pytest.mark.parametrize("seed", range(4))
def test_an_ordinary_visitor_gets_no_advice(appearance: Appearance, seed: int) -> None:
    assert light_advice(measure(visitor(appearance, seed), FACE)) is None


@pytest.mark.parametrize("appearance", WORN)
def test_a_visitor_in_the_dark_is_told_so(appearance: Appearance) -> None:
    condition = measure(dimmed(visitor(appearance), 0.12), FACE)
    assert light_advice(condition) is MaskAdvice.TOO_DARK


@pytest.mark.parametrize("appearance", WORN)
def test_a_visitor_before_a_bright_door_is_told_so(appearance: Appearance) -> None:
    condition = measure(lit_from_behind(visitor(appearance), 0.3), FACE)
    assert light_advice(condition) is MaskAdvice.BACKLIT


def test_half_the_light_is_still_enough() -> None:
    assert light_advice(measure(dimmed(visitor(), 0.5), FACE)) is None


def test_a_well_exposed_dark_face_before_a_white_wall_is_not_backlit() -> None:
    condition = Condition(0.27, 0.85, clipped=0, sharpness=0.2, face_side_px=150)
    assert light_advice(condition) is None


def test_a_picture_of_one_grey_is_that_bright_everywhere_and_not_sharp() -> None:
    grey = np.full((480, 640, 3), 51, np.uint8)
    assert measure(grey, FACE) == Condition(0.2, 0.2, clipped=0, sharpness=0, face_side_px=156)


def test_green_weighs_most_in_brightness() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[..., 1] = 255
    assert measured(picture, FACE).face_brightness == pytest.approx(0.587, abs=0.003)


def test_clipped_is_the_white_share_of_the_face_alone() -> None:
    picture = np.full((480, 640, 3), 255, np.uint8)
    picture[100:140, 100:150] = 120
    picture[100:110, 100:150] = 250
    condition = measured(picture, Box(100, 100, 50, 40))
    assert condition.clipped == pytest.approx(0.25)
    assert condition.surround_brightness == pytest.approx(1.0)


def test_a_face_that_fills_the_picture_is_its_own_surround() -> None:
    condition = measured(visitor(), Box(0, 0, 640, 480))
    assert condition.surround_brightness == condition.face_brightness


def test_a_box_reaching_out_of_the_picture_counts_what_is_inside() -> None:
    picture = np.full((480, 640, 3), 102, np.uint8)
    condition = measured(picture, Box(-40, -40, 100, 100))
    assert condition.face_brightness == pytest.approx(0.4)


@pytest.mark.parametrize(
    "box",
    [
        pytest.param(Box(700, 10, 50, 50), id="beside"),
        pytest.param(Box(10, -80, 50, 50), id="above"),
        pytest.param(Box(10, 10, 0.2, 50), id="thinner than a pixel"),
    ],
)
def test_of_a_box_without_a_pixel_in_the_picture_nothing_is_measured_or_advised(box: Box) -> None:
    assert measure(visitor(), box) is None
    assert light_advice(measure(visitor(), box)) is None


def test_sharpness_falls_with_every_step_of_blur() -> None:
    picture = visitor()
    values = [measured(picture, FACE).sharpness] + [
        measured(np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.uint8), FACE).sharpness
        for blur in (2, 3, 5, 8)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] > 4 * values[-1]


def test_sharpness_does_not_depend_on_the_size_of_the_face() -> None:
    picture = visitor()
    twice = np.asarray(cv2.resize(picture, (1280, 960), interpolation=cv2.INTER_CUBIC), np.uint8)
    larger = Box(2 * FACE.x, 2 * FACE.y, 2 * FACE.w, 2 * FACE.h)
    assert measured(twice, larger).sharpness == pytest.approx(
        measured(picture, FACE).sharpness, rel=0.15
    )
    assert measured(twice, larger).face_side_px == measured(picture, FACE).face_side_px


def test_sharpness_does_not_depend_on_brightness() -> None:
    picture = visitor()
    assert measured(dimmed(picture, 0.6), FACE).sharpness == pytest.approx(
        measured(picture, FACE).sharpness, rel=0.15
    )
