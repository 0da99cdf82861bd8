from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.temperature.calibration import Calibration, RoomEffect, entered_by_hand


def test_keeps_raw_correction_and_sum_apart() -> None:
    measured = Calibration(1.2).correct(35.4)

    assert measured.raw_celsius == 35.4
    assert measured.corrections == (("offset", 1.2),)
    assert measured.corrected_celsius == 36.6
    assert measured.entered_by is None


def test_lists_an_offset_of_zero_too() -> None:
    measured = Calibration().correct(36.5)

    assert measured.corrections == (("offset", 0.0),)
    assert measured.corrected_celsius == 36.5


def test_the_sum_is_the_one_that_is_printed() -> None:
    assert 36.1 + 1.2 != 37.3
    assert Calibration(1.2).correct(36.1).corrected_celsius == 37.3


@settings(deadline=None)
@given(
    st.integers(2500, 4500).map(lambda centi: centi / 100),
    st.integers(-500, 500).map(lambda centi: centi / 100),
)
def test_the_sum_of_hundredths_is_exact(raw_celsius: float, offset_celsius: float) -> None:
    centi = round(raw_celsius * 100) + round(offset_celsius * 100)

    assert Calibration(offset_celsius).correct(raw_celsius).corrected_celsius == centi / 100


@pytest.mark.parametrize("offset_celsius", [math.nan, math.inf, -math.inf])
def test_refuses_an_offset_that_is_not_a_number(offset_celsius: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Calibration(offset_celsius)


def test_a_handheld_value_is_used_as_typed() -> None:
    measured = entered_by_hand(36.7, entered_by="Ani")

    assert measured.raw_celsius == measured.corrected_celsius == 36.7
    assert measured.corrections == ()
    assert measured.entered_by == "Ani"


def test_every_correction_is_listed_by_name_and_size() -> None:
    calibration = Calibration(1.2, room_celsius=-0.16).with_baseline(0.35)

    measured = calibration.correct(35.4)

    assert measured.corrections == (
        ("offset", 1.2),
        ("room_temperature", -0.16),
        ("rolling_baseline", 0.35),
    )
    assert measured.corrected_celsius == 36.79
    assert calibration.total_celsius == 1.39


@pytest.mark.parametrize(
    ("room_celsius", "correction_celsius"),
    [(24.0, 0.0), (22.0, 0.16), (26.5, -0.2), (20.0, 0.32), (5.0, 0.32), (40.0, -0.4)],
)
def test_a_room_is_corrected_within_what_was_measured(
    room_celsius: float, correction_celsius: float
) -> None:
    effect = RoomEffect(slope=0.08, reference_celsius=24.0, low_celsius=20.0, high_celsius=29.0)

    assert effect.correction_celsius(room_celsius) == correction_celsius


def test_a_second_reading_gets_its_own_correction_besides() -> None:
    calibration = Calibration(1.2, second_celsius=-0.15)

    assert calibration.correct(36.0).corrected_celsius == 37.2
    second = calibration.correct(36.0, is_second=True)
    assert second.corrections == (("offset", 1.2), ("second_reading", -0.15))
    assert second.corrected_celsius == 37.05
