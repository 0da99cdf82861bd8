from __future__ import annotations

import itertools

import pytest

from drivers.thermometer.models import MODELS
from drivers.thermometer.pace import Pace, measure, streams

GY = MODELS["gy-mcu90614"]


def test_a_pace_is_told_in_lines_of_ten_bits_a_byte() -> None:
    assert Pace("gy-mcu90614", "noise", 9600, 96_000.0).times(9600) == 100.0


def test_every_kind_of_stream_is_measured_by_the_given_clock() -> None:
    seconds = itertools.count()  # every run takes one second of it
    paces = {
        pace.stream: pace
        for pace in measure(GY, cpu_s=lambda: float(next(seconds)), best_of=1, length=5000)
    }
    assert set(paces) == {"good", "broken", "cut", "headers", "noise", "garbled"}
    assert paces["headers"].bytes_a_second == 5000


@pytest.mark.parametrize("name", MODELS)
def test_streams_are_as_long_as_asked_for_whatever_the_frame(name: str) -> None:
    made = streams(MODELS[name], length=5000)
    assert all(len(wire) >= 5000 for wire in made.values())
    assert "headers 1" in made
