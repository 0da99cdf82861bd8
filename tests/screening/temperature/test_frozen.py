"""A thermometer that goes on sending one value."""

from __future__ import annotations

import numpy as np
import pytest

from screening.readings import TemperatureReading
from screening.temperature.frozen import (
    FROZEN_S,
    READINGS,
    FrozenVisitors,
    FrozenWatch,
    repeated_pictures,
)
from screening.temperature.sites import SITES


def watch_of(*celsius: float, every_s: float = 0.1) -> tuple[FrozenWatch, list[bool]]:
    watch = FrozenWatch()
    told = [
        watch.add(TemperatureReading(value, None, place * every_s))
        for place, value in enumerate(celsius)
    ]
    return watch, told


def test_two_minutes_of_one_value_are_frozen_and_told_once() -> None:
    watch, told = watch_of(*[36.5] * 1300)
    assert watch.is_frozen
    assert told.count(True) == 1


def test_who_waits_for_a_minute_and_keeps_still_is_no_fault() -> None:
    watch, _ = watch_of(*[36.5] * 600)
    assert not watch.is_frozen


def test_a_tenth_up_and_down_is_alive() -> None:
    watch, told = watch_of(*([36.5] * 1100 + [36.6]) * 4)
    assert not watch.is_frozen
    assert not any(told)


def test_a_value_that_changes_is_alive_again() -> None:
    watch, _ = watch_of(*[36.5] * 1300, 36.6)
    assert not watch.is_frozen


def test_a_wall_may_have_one_temperature_all_night() -> None:
    watch, told = watch_of(*[24.0] * 5000)
    assert not watch.is_frozen
    assert not any(told)


def test_few_readings_tell_nothing() -> None:
    watch, _ = watch_of(*[36.5] * (READINGS - 1), every_s=FROZEN_S)
    assert not watch.is_frozen


def test_the_same_picture_comes_again_also_where_pixels_are_not_known() -> None:
    pictures = repeated_pictures()
    scene = np.full((4, 4), 30.0, np.float32)
    scene[0, 0] = np.nan
    moved = scene + np.float32(0.1)
    assert [pictures.add(p) for p in (scene, scene.copy(), moved, scene)] == [1, 2, 1, 1]


def test_a_picture_of_another_size_is_another_picture() -> None:
    pictures = repeated_pictures()
    assert pictures.add(np.zeros((4, 4), np.float32)) == 1
    assert pictures.add(np.zeros((8, 4), np.float32)) == 1


@pytest.mark.parametrize(("site", "visitors"), [("face-max", 11), ("forehead-spot", 8)])
def test_visitors_of_one_value_are_told_once_they_cannot_be_people(
    site: str, visitors: int
) -> None:
    watch = FrozenVisitors(SITES[site].least_spread_celsius)
    watch.add(36.4)
    for _ in range(visitors - 1):
        watch.add(36.5)
        assert not watch.is_frozen
    watch.add(36.5)
    assert watch.is_frozen
    watch.add(36.6)
    assert not watch.is_frozen


def test_after_a_check_visitors_are_counted_anew() -> None:
    watch = FrozenVisitors(SITES["face-max"].least_spread_celsius)
    assert not watch.is_frozen
    for _ in range(20):
        watch.add(36.5)
    watch.forget()
    assert not watch.is_frozen
