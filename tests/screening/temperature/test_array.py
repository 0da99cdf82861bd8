from __future__ import annotations

import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.readings import Box, TemperatureReading, ThermalPicture
from screening.temperature.array import (
    AffineMapping,
    Celsius,
    FaceFromArray,
    PixelWatch,
    PointPair,
    Refusal,
    Region,
    face_maximum,
    has_cold_eyes,
    repair,
)

ROWS, COLUMNS = 24, 32
CENTRE = Region.central(ROWS, COLUMNS)
NONE_BROKEN = np.zeros((ROWS, COLUMNS), bool)


def scene(seed: int = 0, *, hottest: tuple[int, int] = (11, 14)) -> Celsius:
    """A face of 34 degC before a wall of 24, its hottest pixel 36.4 degC (exactly for seed 0)."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (ROWS, COLUMNS))
    celsius = 24 + noise
    celsius[7:17, 12:20] += 10
    celsius[hottest] = 36.4 + (noise[hottest] if seed else 0)
    return np.rint(celsius * 100).astype(np.float32) / np.float32(100)


def wall(seed: int) -> Celsius:
    """Nobody there."""
    noise = np.random.default_rng(seed).normal(24, 0.1, (ROWS, COLUMNS))
    return noise.astype(np.float32)


def watched(*pictures: Celsius) -> PixelWatch:
    watch = PixelWatch()
    for celsius in pictures:
        watch.add(celsius)
    return watch


def stuck_at(value: float, *, row: int | slice, column: int, count: int = 8) -> list[Celsius]:
    pictures = [scene(seed) for seed in range(count)]
    for celsius in pictures:
        celsius[row, column] = value
    return pictures


class TestBrokenPixels:
    def test_a_living_array_has_none_also_at_the_edge_of_a_face(self) -> None:
        assert not watched(*(scene(seed) for seed in range(16))).broken().any()

    def test_a_pixel_that_never_changes_while_its_neighbours_do_is_dead(self) -> None:
        broken = watched(*stuck_at(34.0, row=9, column=15)).broken()
        assert np.argwhere(broken).tolist() == [[9, 15]]

    def test_seven_pictures_are_too_few_to_tell(self) -> None:
        assert not watched(*stuck_at(34.0, row=9, column=15, count=7)).broken().any()

    def test_a_pixel_far_from_all_its_neighbours_in_three_pictures_is_dead(self) -> None:
        pictures = [scene(seed) for seed in range(3)]
        for index, celsius in enumerate(pictures):
            celsius[3, 3], celsius[4, 25] = 40 + index, -273.15
        broken = watched(*pictures).broken()
        assert np.argwhere(broken).tolist() == [[3, 3], [4, 25]]
        assert not watched(*pictures[:2]).broken().any()

    def test_a_pixel_that_is_always_a_bit_too_hot_or_cold_is_dead(self) -> None:
        pictures = []
        for seed in range(700):  # visitors come and go, and none stands as the one before
            celsius = (
                np.roll(scene(seed), seed // 40 % 7 - 3, axis=1) if seed % 80 < 40 else wall(seed)
            )
            celsius[9, 15] += 2.0
            celsius[12, 17] -= 2.0
            pictures.append(celsius)
        broken = watched(*pictures).broken()
        assert np.argwhere(broken).tolist() == [[9, 15], [12, 17]]

    def test_the_corner_of_an_eye_that_stays_for_a_minute_is_no_fault(self) -> None:
        pictures = [scene(seed) for seed in range(240)]
        assert not watched(*[wall(seed) for seed in range(400)], *pictures).broken().any()

    def test_a_lamp_far_away_is_forgotten_when_it_is_gone(self) -> None:
        lit = [wall(seed) for seed in range(800)]
        for celsius in lit:
            celsius[9, 15] += 2.0
        watch = watched(*lit)
        assert watch.broken()[9, 15]
        for seed in range(60):
            watch.add(wall(seed))
        assert not watch.broken().any()

    def test_a_column_that_stays_as_a_whole_is_stuck(self) -> None:
        broken = watched(*stuck_at(-0.01, row=slice(None), column=14)).broken()
        assert broken[:, 14].all()
        assert broken.sum() == ROWS

    def test_a_row_that_stays_as_a_whole_is_stuck(self) -> None:
        pictures = [scene(seed) for seed in range(8)]
        for celsius in pictures:
            celsius[11:13] = 34.0
        broken = watched(*pictures).broken()
        assert broken[11:13].all()
        assert broken.sum() == 2 * COLUMNS

    def test_a_cluster_that_stays_is_dead_to_its_middle(self) -> None:
        pictures = [scene(seed) for seed in range(8)]
        for celsius in pictures:
            celsius[9:13, 13:17] = 34.0
        broken = watched(*pictures).broken()
        assert broken[9:13, 13:17].all()
        assert broken.sum() == 16

    def test_of_a_scene_that_hardly_moves_nothing_is_said(self) -> None:
        pictures = [scene(1) for _ in range(16)]
        for index, celsius in enumerate(pictures):
            celsius[:, index % 2 :: 2] += np.float32(0.05)
            celsius[9, 15] = 34.0
        assert not watched(*pictures).broken().any()

    def test_an_array_that_sends_one_picture_again_and_again_has_frozen(self) -> None:
        assert watched(*[scene(1)] * 8).broken().all()
        assert not watched(*[scene(1)] * 7).broken().any()

    def test_a_pixel_that_is_no_number_is_broken_in_that_picture(self) -> None:
        unknown = scene(1)
        unknown[9, 15], unknown[3, 3] = np.nan, np.inf
        watch = watched(scene(0), unknown)
        assert np.argwhere(watch.broken()).tolist() == [[3, 3], [9, 15]]
        watch.add(scene(2))
        assert not watch.broken().any()

    def test_beside_a_pixel_that_is_never_known_the_others_are_told_all_the_same(self) -> None:
        pictures = stuck_at(np.nan, row=9, column=15)
        for index, celsius in enumerate(pictures):
            celsius[9, 16], celsius[3, 3], celsius[3, 4] = 34.0, 40 + index, np.nan
        broken = watched(*pictures).broken()
        assert np.argwhere(broken).tolist() == [[3, 3], [3, 4], [9, 15], [9, 16]]

    def test_an_array_that_has_frozen_with_unknown_pixels_is_told(self) -> None:
        frozen = scene(1)
        frozen[0, 0] = np.nan
        assert watched(*[frozen] * 8).broken().all()

    def test_another_size_begins_anew(self) -> None:
        watch = watched(*stuck_at(34.0, row=9, column=15))
        watch.add(np.full((62, 80), 25, np.float32))
        assert watch.broken().shape == (62, 80)

    def test_knows_nothing_before_the_first_picture(self) -> None:
        with pytest.raises(ValueError, match="no picture"):
            PixelWatch().broken()

    def test_a_broken_pixel_becomes_the_median_of_its_good_neighbours(self) -> None:
        celsius = np.arange(9, dtype=np.float32).reshape(3, 3)
        broken = np.zeros((3, 3), bool)
        broken[1, 1] = broken[0, 0] = True
        repaired = repair(celsius, broken)
        assert repaired[1, 1] == np.median([1, 2, 3, 5, 6, 7, 8])
        assert repaired[0, 0] == 2.0  # of 1 and 3
        assert celsius[1, 1] == 4.0

    def test_one_without_a_good_neighbour_never_makes_a_maximum(self) -> None:
        celsius = np.array([[90, 90, 20], [90, 90, 21], [22, 23, 24]], np.float32)
        assert repair(celsius, celsius == 90)[0, 0] == 20.0
        assert (repair(celsius, np.ones((3, 3), bool)) == celsius).all()


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


class TestMapping:
    PAIRS = (
        PointPair((100, 80), (5, 4)),
        PointPair((500, 90), (27, 5)),
        PointPair((120, 400), (6, 21)),
        PointPair((520, 410), (28, 22)),
    )

    def test_three_exact_pairs_are_met_exactly(self) -> None:
        mapping = AffineMapping.fit(self.PAIRS[:3])
        for pair in self.PAIRS[:3]:
            assert mapping.at(*pair.camera) == pytest.approx(pair.array)
        assert mapping.largest_error_pixels == pytest.approx(0, abs=1e-9)

    def test_a_pair_that_does_not_fit_is_told_as_an_error(self) -> None:
        wrong = (*self.PAIRS[:3], PointPair((520, 410), (28, 26)))
        fitted, spoilt = AffineMapping.fit(self.PAIRS), AffineMapping.fit(wrong)
        assert fitted.largest_error_pixels < 0.2
        assert spoilt.largest_error_pixels > 0.8
        assert spoilt.rms_error_pixels <= spoilt.largest_error_pixels
        assert spoilt.pairs == 4

    @given(st.lists(st.floats(-0.05, 0.05), min_size=6, max_size=6), st.floats(0.05, 0.2))
    def test_finds_any_affine_mapping_back(self, turn: list[float], scale: float) -> None:
        a, b, c, d, e, f = turn
        pairs = [
            PointPair((x, y), ((scale + a / 9) * x + b * y + c, d * x + (scale + e / 9) * y + f))
            for x, y in [(0, 0), (640, 0), (0, 480), (640, 480), (320, 100)]
        ]
        mapping = AffineMapping.fit(pairs)
        assert mapping.largest_error_pixels == pytest.approx(0, abs=1e-6)
        assert mapping.at(*pairs[4].camera) == pytest.approx(pairs[4].array, abs=1e-6)

    def test_refuses_what_fixes_no_plane(self) -> None:
        with pytest.raises(ValueError, match="three pairs"):
            AffineMapping.fit(self.PAIRS[:2])
        line = [PointPair((x, 2 * x + 1), (x, x)) for x in (0.0, 100.0, 300.0)]
        with pytest.raises(ValueError, match="one line"):
            AffineMapping.fit(line)
        with pytest.raises(ValueError, match="no number"):
            AffineMapping.fit([*self.PAIRS, PointPair((float("nan"), 0), (0, 0))])

    def test_the_region_of_a_box_holds_every_pixel_that_it_touches(self) -> None:
        twentieth = AffineMapping(((0.05, 0, 0), (0, 0.05, 0)), 3, 0, 0)
        assert twentieth.region(Box(200, 100, 100, 160)) == Region(5, 10, 14, 16)
        assert twentieth.region(Box(-60, 0, 100, 160)).left < 0

    def test_a_mirrored_array_is_mapped_all_the_same(self) -> None:
        mirrored = AffineMapping(((-0.05, 0, 31), (0, 0.05, 0)), 3, 0, 0)
        assert mirrored.region(Box(200, 100, 100, 160)) == Region(5, 16, 14, 22)


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
