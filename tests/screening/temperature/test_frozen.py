"""A thermometer that goes on sending one value."""

from __future__ import annotations

from screening.readings import TemperatureReading
from screening.temperature.frozen import FROZEN_S, READINGS, FrozenWatch


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
