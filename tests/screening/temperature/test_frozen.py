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


def test_half_a_minute_of_one_value_is_frozen_and_told_once() -> None:
    watch, told = watch_of(*[36.5] * 400)
    assert watch.is_frozen
    assert told.count(True) == 1


def test_a_tenth_up_and_down_is_alive() -> None:
    watch, told = watch_of(*([36.5] * 299 + [36.6]) * 4)
    assert not watch.is_frozen
    assert not any(told)


def test_a_value_that_changes_is_alive_again() -> None:
    watch, _ = watch_of(*[36.5] * 400, 36.6)
    assert not watch.is_frozen


def test_few_readings_tell_nothing() -> None:
    watch, _ = watch_of(*[36.5] * (READINGS - 1), every_s=FROZEN_S)
    assert not watch.is_frozen
