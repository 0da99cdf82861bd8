"""Pixels of a thermal array that tell nothing."""

from __future__ import annotations

import numpy as np
import pytest

from screening.temperature.pixels import PixelWatch, repair
from tests.screening.temperature.array_scenes import (
    COLUMNS,
    ROWS,
    scene,
    stuck_at,
    wall,
    watched,
)


def test_a_living_array_has_none_also_at_the_edge_of_a_face() -> None:
    assert not watched(*(scene(seed) for seed in range(16))).broken().any()


def test_a_pixel_that_never_changes_while_its_neighbours_do_is_dead() -> None:
    broken = watched(*stuck_at(34.0, row=9, column=15)).broken()
    assert np.argwhere(broken).tolist() == [[9, 15]]


def test_seven_pictures_are_too_few_to_tell() -> None:
    assert not watched(*stuck_at(34.0, row=9, column=15, count=7)).broken().any()


def test_a_pixel_far_from_all_its_neighbours_in_three_pictures_is_dead() -> None:
    pictures = [scene(seed) for seed in range(3)]
    for index, celsius in enumerate(pictures):
        celsius[3, 3], celsius[4, 25] = 40 + index, -273.15
    broken = watched(*pictures).broken()
    assert np.argwhere(broken).tolist() == [[3, 3], [4, 25]]
    assert not watched(*pictures[:2]).broken().any()


def test_a_pixel_that_is_always_a_bit_too_hot_or_cold_is_dead() -> None:
    pictures = []
    for seed in range(700):  # visitors come and go, and none stands as the one before
        celsius = np.roll(scene(seed), seed // 40 % 7 - 3, axis=1) if seed % 80 < 40 else wall(seed)
        celsius[9, 15] += 2.0
        celsius[12, 17] -= 2.0
        pictures.append(celsius)
    broken = watched(*pictures).broken()
    assert np.argwhere(broken).tolist() == [[9, 15], [12, 17]]


def test_the_corner_of_an_eye_that_stays_for_a_minute_is_no_fault() -> None:
    pictures = [scene(seed) for seed in range(240)]
    assert not watched(*[wall(seed) for seed in range(400)], *pictures).broken().any()


def test_a_lamp_far_away_is_forgotten_when_it_is_gone() -> None:
    lit = [wall(seed) for seed in range(800)]
    for celsius in lit:
        celsius[9, 15] += 2.0
    watch = watched(*lit)
    assert watch.broken()[9, 15]
    for seed in range(60):
        watch.add(wall(seed))
    assert not watch.broken().any()


def test_a_column_that_stays_as_a_whole_is_stuck() -> None:
    broken = watched(*stuck_at(-0.01, row=slice(None), column=14)).broken()
    assert broken[:, 14].all()
    assert broken.sum() == ROWS


def test_a_row_that_stays_as_a_whole_is_stuck() -> None:
    pictures = [scene(seed) for seed in range(8)]
    for celsius in pictures:
        celsius[11:13] = 34.0
    broken = watched(*pictures).broken()
    assert broken[11:13].all()
    assert broken.sum() == 2 * COLUMNS


def test_a_cluster_that_stays_is_dead_to_its_middle() -> None:
    pictures = [scene(seed) for seed in range(8)]
    for celsius in pictures:
        celsius[9:13, 13:17] = 34.0
    broken = watched(*pictures).broken()
    assert broken[9:13, 13:17].all()
    assert broken.sum() == 16


def test_of_a_scene_that_hardly_moves_nothing_is_said() -> None:
    pictures = [scene(1) for _ in range(16)]
    for index, celsius in enumerate(pictures):
        celsius[:, index % 2 :: 2] += np.float32(0.05)
        celsius[9, 15] = 34.0
    assert not watched(*pictures).broken().any()


def test_an_array_that_sends_one_picture_again_and_again_has_frozen() -> None:
    assert watched(*[scene(1)] * 8).broken().all()
    assert not watched(*[scene(1)] * 7).broken().any()


def test_a_pixel_that_is_no_number_is_broken_in_that_picture() -> None:
    unknown = scene(1)
    unknown[9, 15], unknown[3, 3] = np.nan, np.inf
    watch = watched(scene(0), unknown)
    assert np.argwhere(watch.broken()).tolist() == [[3, 3], [9, 15]]
    watch.add(scene(2))
    assert not watch.broken().any()


def test_beside_a_pixel_that_is_never_known_the_others_are_told_all_the_same() -> None:
    pictures = stuck_at(np.nan, row=9, column=15)
    for index, celsius in enumerate(pictures):
        celsius[9, 16], celsius[3, 3], celsius[3, 4] = 34.0, 40 + index, np.nan
    broken = watched(*pictures).broken()
    assert np.argwhere(broken).tolist() == [[3, 3], [3, 4], [9, 15], [9, 16]]


def test_an_array_that_has_frozen_with_unknown_pixels_is_told() -> None:
    frozen = scene(1)
    frozen[0, 0] = np.nan
    assert watched(*[frozen] * 8).broken().all()


def test_another_size_begins_anew() -> None:
    watch = watched(*stuck_at(34.0, row=9, column=15))
    watch.add(np.full((62, 80), 25, np.float32))
    assert watch.broken().shape == (62, 80)


def test_knows_nothing_before_the_first_picture() -> None:
    with pytest.raises(ValueError, match="no picture"):
        PixelWatch().broken()


def test_a_broken_pixel_becomes_the_median_of_its_good_neighbours() -> None:
    celsius = np.arange(9, dtype=np.float32).reshape(3, 3)
    broken = np.zeros((3, 3), bool)
    broken[1, 1] = broken[0, 0] = True
    repaired = repair(celsius, broken)
    assert repaired[1, 1] == np.median([1, 2, 3, 5, 6, 7, 8])
    assert repaired[0, 0] == 2.0  # of 1 and 3
    assert celsius[1, 1] == 4.0


def test_one_without_a_good_neighbour_never_makes_a_maximum() -> None:
    celsius = np.array([[90, 90, 20], [90, 90, 21], [22, 23, 24]], np.float32)
    assert repair(celsius, celsius == 90)[0, 0] == 20.0
    assert (repair(celsius, np.ones((3, 3), bool)) == celsius).all()
