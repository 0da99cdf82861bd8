from __future__ import annotations

import math

import pytest

from screening.temperature.presets import PRESETS, own_thresholds


@pytest.mark.parametrize(
    ("preset", "celsius", "is_elevated"),
    [
        pytest.param("kmk-382", 37.3, False, id="kmk: 37.3 itself passes"),
        pytest.param("kmk-382", 37.30001, True, id="kmk: a hair above does not"),
        pytest.param("kmk-382", math.nextafter(37.3, 38), True, id="kmk: nothing is rounded"),
        pytest.param("who", 37.49, False, id="who: below"),
        pytest.param("who", 37.5, True, id="who: 37.5 or more"),
        pytest.param("cdc", 37.99, False, id="cdc: below"),
        pytest.param("cdc", 38.0, True, id="cdc: 38.0 or more"),
    ],
)
@pytest.mark.parametrize("is_second", [False, True])
def test_a_preset_judges_exactly(
    preset: str, celsius: float, is_elevated: bool, is_second: bool
) -> None:
    assert PRESETS[preset].is_elevated(celsius, is_second=is_second) is is_elevated


def test_every_preset_is_found_by_its_name_and_says_where_it_comes_from() -> None:
    assert {name: preset.name for name, preset in PRESETS.items()} == {
        "kmk-382": "kmk-382",
        "who": "who",
        "cdc": "cdc",
        "two-stage": "two-stage",
    }
    assert all(preset.source for preset in PRESETS.values())


def test_two_stages_ask_again_at_37_3_and_refer_at_37_8() -> None:
    two_stage = PRESETS["two-stage"]

    assert two_stage.is_elevated(37.3, is_second=False)
    assert not two_stage.is_elevated(37.79, is_second=True)
    assert two_stage.is_elevated(37.8, is_second=True)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_the_pause_is_five_minutes(preset: str) -> None:
    assert PRESETS[preset].pause_s == 300


def test_own_thresholds_may_differ_between_the_readings() -> None:
    own = own_thresholds(first_celsius=37.3, second_celsius=37.8, pause_s=60)

    assert own.is_elevated(37.5, is_second=False)
    assert not own.is_elevated(37.5, is_second=True)
    assert own.threshold_celsius(is_second=False) == 37.3
    assert own.threshold_celsius(is_second=True) == 37.8
    assert own.pause_s == 60
