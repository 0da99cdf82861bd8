"""The hottest spot of a face in pictures of a thermal array."""

from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.readings import Box, TemperatureReading, ThermalPicture
from screening.temperature.affine_mapping import AffineMapping, Region
from screening.temperature.array import FaceFromArray, Refusal, face_maximum, has_cold_eyes
from screening.temperature.pixels import Celsius
from tests.screening.temperature.array_scenes import (
    CENTRE,
    COLUMNS,
    NONE_BROKEN,
    ROWS,
    scene,
    stuck_at,
)


class TestFaceMaximum:
    def test_tells_the_hottest_spot_of_the_region_and_where_it_is(self) -> None:
        found = face_maximum(scene(), NONE_BROKEN, CENTRE)
        assert (found.celsius, found.row, found.column) == (36.4, 11, 14)
        assert (found.pixels, found.replaced, found.refusals) == (192, 0, ())

    def test_what_lies_in_the_middle_of_a_cluster_may_be_the_maximum(self) -> None:
        celsius, broken = scene(), NONE_BROKEN.copy()
        celsius[7, 12] = 36.9
        broken[11:14, 15:18] = True
        found = face_maximum(celsius, broken, CENTRE)
        assert found.refusals == (Refusal.DEAD_PIXELS_AT_MAXIMUM,)

    def test_what_is_hot_outside_the_region_does_not_count(self) -> None:
        celsius = scene()
        celsius[0, 0] = 60.0
        assert face_maximum(celsius, NONE_BROKEN, CENTRE).celsius == 36.4

    def test_a_dead_pixel_elsewhere_is_replaced(self) -> None:
        celsius, broken = scene(), NONE_BROKEN.copy()
        celsius[15, 18], broken[15, 18] = 90.0, True
        found = face_maximum(celsius, broken, CENTRE)
        assert (found.celsius, found.replaced) == (36.4, 1)

    def test_refuses_where_a_dead_pixel_may_hide_something_hotter_than_the_maximum(self) -> None:
        celsius, broken = scene(hottest=(9, 18)), NONE_BROKEN.copy()
        celsius[13:16, 13:16], celsius[14, 14], broken[14, 14] = 36.0, 20.0, True
        found = face_maximum(celsius, broken, CENTRE)
        assert found.refusals == (Refusal.DEAD_PIXELS_AT_MAXIMUM,)
        celsius[13:16, 13:16] = 35.8
        assert face_maximum(celsius, broken, CENTRE).celsius == 36.4

    @pytest.mark.parametrize("dead", [(11, 14), (10, 13), (12, 14)])
    def test_refuses_where_the_maximum_may_be_under_a_dead_pixel(
        self, dead: tuple[int, int]
    ) -> None:
        broken = NONE_BROKEN.copy()
        broken[dead] = True
        celsius = scene()
        if dead == (11, 14):
            celsius[11, 15] = 36.0  # beside it the next hottest
        found = face_maximum(celsius, broken, CENTRE)
        assert found.refusals == (Refusal.DEAD_PIXELS_AT_MAXIMUM,)
        assert found.celsius is None

    def test_says_when_it_is_a_whole_column_that_is_stuck(self) -> None:
        broken = NONE_BROKEN.copy()
        broken[:, 15] = True
        found = face_maximum(scene(), broken, CENTRE)
        assert found.refusals == (Refusal.STUCK_COLUMN_AT_MAXIMUM,)

    def test_refuses_where_the_maximum_may_be_under_pixels_that_are_not_known(self) -> None:
        celsius = scene()
        celsius[10:14, 13:17] = np.nan
        found = face_maximum(celsius, np.isnan(celsius), CENTRE)
        assert found.celsius is None
        assert found.refusals == (Refusal.DEAD_PIXELS_AT_MAXIMUM,)

    def test_unknown_pixels_far_from_the_maximum_cost_nothing(self) -> None:
        celsius = scene()
        celsius[0], celsius[6, 8] = np.nan, np.nan
        found = face_maximum(celsius, np.isnan(celsius), CENTRE)
        assert (found.celsius, found.row, found.column) == (36.4, 11, 14)

    def test_a_lamp_in_the_region_is_no_face(self) -> None:
        celsius = scene()
        celsius[8:10, 13:15] = 52.0
        assert face_maximum(celsius, NONE_BROKEN, CENTRE).refusals == (Refusal.HOT_OBJECT,)

    def test_glasses_on_a_face_s_box_give_no_value(self) -> None:
        celsius, face = scene(), Region(7, 12, 17, 20)
        celsius[10:12, 12:20] -= 3.0
        celsius[15, 15] = 35.0
        refused = face_maximum(celsius, NONE_BROKEN, face, is_face=True)
        assert refused.refusals == (Refusal.GLASSES,)
        assert refused.is_face
        assert face_maximum(celsius, NONE_BROKEN, face).celsius == 35.0
        assert face_maximum(scene(), NONE_BROKEN, face, is_face=True).celsius == 36.4

    @pytest.mark.parametrize(
        ("size", "forehead", "cheeks", "is_told"),
        [
            ((10, 8), 34.0, 34.0, True),
            ((62, 40), 34.0, 34.0, True),
            ((7, 6), 34.0, 34.0, False),
            ((16, 12), 31.5, 34.0, True),
            ((16, 12), 34.0, 31.5, True),
            ((16, 12), 31.5, 31.5, False),
        ],
        ids=["small", "large", "too small to tell", "hat", "mask", "hat and mask"],
    )
    def test_eyes_are_compared_with_forehead_and_cheeks(
        self, size: tuple[int, int], forehead: float, cheeks: float, is_told: bool
    ) -> None:
        face = np.full(size, 34, np.float32)
        rows = (np.arange(size[0]) + 0.5) / size[0]
        face[rows < 0.3], face[rows > 0.54] = forehead, cheeks
        face[(rows > 0.3) & (rows < 0.54)] = 31.0
        assert has_cold_eyes(face) is is_told
        face[(rows > 0.3) & (rows < 0.54)] = 33.5
        assert not has_cold_eyes(face)

    @pytest.mark.parametrize(
        ("region", "refusals"),
        [
            (Region(-1, 5, 10, 15), (Refusal.OUTSIDE_ARRAY,)),
            (Region(20, 20, 25, 33), (Refusal.OUTSIDE_ARRAY,)),
            (Region(40, 40, 50, 50), (Refusal.OUTSIDE_ARRAY, Refusal.TOO_FEW_PIXELS)),
            (Region(-9, -9, -1, -1), (Refusal.OUTSIDE_ARRAY, Refusal.TOO_FEW_PIXELS)),
            (Region(10, 10, 12, 14), (Refusal.TOO_FEW_PIXELS,)),
        ],
    )
    def test_refuses_a_region_outside_or_too_small(
        self, region: Region, refusals: tuple[Refusal, ...]
    ) -> None:
        assert face_maximum(scene(), NONE_BROKEN, region).refusals == refusals

    def test_refuses_a_picture_with_an_empty_half(self) -> None:
        celsius = scene()
        celsius[np.indices(celsius.shape).sum(axis=0) % 2 == 0] = 0
        assert face_maximum(celsius, NONE_BROKEN, CENTRE).refusals == (Refusal.BROKEN_PICTURE,)


class TestFaceFromArray:
    def picture(self, celsius: Celsius) -> ThermalPicture:
        return ThermalPicture(celsius, 31.5, 7.0)

    def warmed_up(self, mapping: AffineMapping | None = None) -> FaceFromArray:
        face = FaceFromArray(mapping)
        for seed in range(1, 8):
            assert face.reading(self.picture(scene(seed))) is None
        return face

    def test_gives_nothing_before_a_stuck_pixel_could_be_known(self) -> None:
        found = FaceFromArray().take(self.picture(scene()))
        assert found.refusals == (Refusal.TOO_FEW_PICTURES,)

    def test_takes_the_central_region_where_no_box_is_known(self) -> None:
        reading = self.warmed_up().reading(self.picture(scene()))
        assert reading == TemperatureReading(36.4, 31.5, 7.0)

    def test_takes_the_face_s_box_where_there_is_a_mapping(self) -> None:
        celsius = scene()
        celsius[2:8, 24:30] = 35.0
        celsius[4, 26] = 37.2
        twentieth = AffineMapping(((0.05, 0, 0), (0, 0.05, 0)), 3, 0, 0)
        box = Box(480, 40, 100, 100)
        found = self.warmed_up(twentieth).take(self.picture(celsius), box)
        assert (found.celsius, found.row, found.column) == (37.2, 4, 26)
        assert self.warmed_up().take(self.picture(celsius), box).celsius == 36.4

    def test_tells_the_broken_pixels_of_the_newest_picture(self) -> None:
        face = FaceFromArray()
        assert face.broken is None
        for celsius in stuck_at(34.0, row=9, column=15):
            face.take(self.picture(celsius))
        assert face.broken is not None
        assert np.argwhere(face.broken).tolist() == [[9, 15]]

    @settings(deadline=None, max_examples=60)
    @given(
        st.sampled_from([np.nan, np.inf, -np.inf]),
        st.integers(0, 2**32),
        st.floats(0, 1),
    )
    def test_what_is_no_number_never_becomes_a_temperature(
        self, unknown: float, seed: int, share: float
    ) -> None:
        rng = np.random.default_rng(seed)
        array = FaceFromArray()
        for number in range(10):
            celsius = scene(number)
            celsius[rng.random(celsius.shape) < share] = unknown
            reading = array.reading(self.picture(celsius))
            assert reading is None or reading.object_celsius == pytest.approx(36.4, abs=0.5)

    def test_where_a_visitor_stands_is_not_worth_a_line_in_the_log(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        face = self.warmed_up(AffineMapping(((0.05, 0, 0), (0, 0.05, 0)), 3, 0, 0))
        with caplog.at_level(logging.INFO):
            assert face.take(self.picture(scene())).celsius == 36.4
            for box in (Box(600, 400, 100, 160), Box(200, 100, 100, 160)):
                face.take(self.picture(scene(8)), box)
        assert [record.levelname for record in caplog.records] == ["INFO"]

    def test_logs_once_that_it_refuses_and_once_that_it_is_back(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        empty = np.zeros((ROWS, COLUMNS), np.float32)
        with caplog.at_level(logging.INFO):
            face = self.warmed_up()
            assert face.reading(self.picture(scene())) is not None
            assert face.reading(self.picture(empty)) is None
            assert face.reading(self.picture(empty)) is None
            assert face.reading(self.picture(scene(8))) is not None
            assert face.reading(self.picture(scene(9))) is not None
        assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "INFO"]
