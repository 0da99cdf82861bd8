"""The thermal picture: a scale that reads without colour, and marks that tell where and why."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dashboard.web.gate.thermal_picture import (
    HIGHEST_CELSIUS,
    LOWEST_CELSIUS,
    STEPS,
    draw,
    linear_rgb,
    palette,
    palette_oklab,
    scale_stops,
)
from screening.gate.thermal import ThermalLook
from screening.readings import ThermalPicture
from screening.temperature.affine_mapping import Region
from screening.temperature.array import FaceMaximum, Refusal

WHITE, BLACK, GREY = (255, 255, 255), (0, 0, 0), (128, 128, 128)

# Machado, Oliveira and Fernandes 2009, severity 1: what is left of linear light.
DEFICIENCIES = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def look_of(
    rows: int = 24,
    columns: int = 32,
    *,
    celsius: float = 30.0,
    region: Region | None = None,
    at: tuple[int, int] | None = (11, 14),
    broken: tuple[tuple[int, int], ...] = (),
    is_face: bool = True,
) -> ThermalLook:
    values = np.full((rows, columns), celsius, np.float32)
    marked = np.zeros((rows, columns), bool)
    for pixel in broken:
        marked[pixel] = True
    row, column = at or (None, None)
    found = FaceMaximum(
        region or Region(6, 8, 18, 24),
        None if at is None else celsius,
        row,
        column,
        pixels=192,
        replaced=len(broken),
        refusals=() if at else (Refusal.GLASSES,),
        is_face=is_face,
    )
    return ThermalLook(ThermalPicture(values, 30.0, 1.0), found, marked)


def drawn(look: ThermalLook) -> np.ndarray:
    """(height, width, 3) in RGB, read back by another library."""
    image = cv2.imdecode(np.frombuffer(draw(look), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image)[..., ::-1]


def colour(celsius: float) -> tuple[int, ...]:
    share = (celsius - LOWEST_CELSIUS) / (HIGHEST_CELSIUS - LOWEST_CELSIUS)
    return tuple(palette()[round(np.clip(share, 0, 1) * (STEPS - 1))].tolist())


class TestScale:
    def test_equal_steps_are_equal_for_the_eye(self) -> None:
        steps = np.linalg.norm(np.diff(palette_oklab(), axis=0), axis=1)
        assert steps.max() / steps.min() < 1.01

    def test_each_step_is_lighter_and_inside_what_a_screen_shows(self) -> None:
        assert (np.diff(palette_oklab()[:, 0]) > 0.001).all()
        linear = linear_rgb(palette_oklab())
        assert linear.min() > -0.002
        assert linear.max() < 1.01

    @pytest.mark.parametrize("deficiency", DEFICIENCIES)
    def test_it_reads_for_the_colour_blind(self, deficiency: str) -> None:
        seen = np.clip(linear_rgb(palette_oklab()), 0, 1) @ np.array(DEFICIENCIES[deficiency]).T
        luminance = seen @ np.array([0.2126, 0.7152, 0.0722])
        a_degree = STEPS // 16
        assert (luminance[a_degree:] > luminance[:-a_degree] + 0.002).all()

    def test_the_drawn_bar_has_the_colours_of_the_picture(self) -> None:
        stops = scale_stops(3)
        assert [place for place, _ in stops] == [0, 50, 100]
        assert [bytes.fromhex(code[1:]) for _, code in stops] == [
            bytes(colour(degrees)) for degrees in (24.0, 32.03, 40.0)
        ]


class TestPicture:
    @pytest.mark.parametrize(
        ("rows", "columns", "side"), [(24, 32, 20), (62, 80, 7), (120, 160, 4), (32, 32, 15)]
    )
    def test_each_pixel_is_a_square_of_whole_pixels(
        self, rows: int, columns: int, side: int
    ) -> None:
        image = drawn(look_of(rows, columns, at=None, region=Region(0, 0, 1, 1)))
        assert image.shape == (rows * side, columns * side, 3)

    @pytest.mark.parametrize("celsius", [10.0, 24.0, 31.3, 36.6, 40.0, 95.0])
    def test_a_temperature_has_its_colour_whatever_else_is_in_the_picture(
        self, celsius: float
    ) -> None:
        values = np.full((24, 32), celsius, np.float32)
        values[20:, :4] = 500.0
        look = look_of()
        image = drawn(replace(look, picture=replace(look.picture, celsius=values)))
        assert tuple(image[20, 620]) == colour(celsius)

    def test_the_cross_points_at_the_maximum_and_leaves_it_free(self) -> None:
        image = drawn(look_of(celsius=34.0))
        y, x = 11 * 20 + 10, 14 * 20 + 10
        assert (image[y - 9 : y + 9, x - 9 : x + 9] == colour(34.0)).all()
        for down, across in ((-20, 0), (20, 0), (0, -20), (0, 20)):
            assert tuple(image[y + down, x + across]) == WHITE
        assert tuple(image[y - 20, x + 3]) == BLACK

    def test_without_a_value_there_is_no_cross(self) -> None:
        image = drawn(look_of(celsius=34.0, at=None))
        inside = image[6 * 20 + 6 : 18 * 20 - 6, 8 * 20 + 6 : 24 * 20 - 6]
        assert (inside == colour(34.0)).all()

    def test_a_face_has_an_unbroken_line_and_the_middle_a_dashed_one(self) -> None:
        for is_face in (True, False):
            image = drawn(look_of(is_face=is_face, at=None))
            upper_edge = (image[6 * 20, 8 * 20 : 24 * 20] == WHITE).all(axis=1)
            assert upper_edge.all() is np.bool_(is_face)
            assert upper_edge.mean() > 0.3
        assert tuple(image[3, 3]) == colour(30.0)

    def test_a_region_that_reaches_outside_is_drawn_as_far_as_it_goes(self) -> None:
        image = drawn(look_of(region=Region(-3, 20, 12, 40), at=None))
        assert (image[12 * 20, 21 * 20 :] == WHITE).all()
        assert (image[: 12 * 20, 20 * 20] == WHITE).all()
        assert tuple(image[0, 25 * 20]) == colour(30.0)
        draw(look_of(region=Region(30, 40, 50, 60), at=None))
        draw(look_of(region=Region(-9, -9, -2, -2), at=None))

    def test_broken_pixels_are_crossed_out_in_no_colour_of_the_scale(self) -> None:
        image = drawn(look_of(broken=((2, 3), (2, 4)), at=None))
        cell = image[40:60, 60:80]
        assert {tuple(pixel) for pixel in cell.reshape(-1, 3)} == {GREY, BLACK}
        assert tuple(cell[10, 10]) == BLACK
        assert tuple(image[50, 110]) == colour(30.0)

    def test_what_is_no_number_breaks_nothing(self) -> None:
        look = look_of(at=None)
        values = np.full((24, 32), np.nan, np.float32)
        draw(replace(look, picture=replace(look.picture, celsius=values)))
