from __future__ import annotations

import pytest

from screening.decision import Check
from screening.gate.policy import Policy
from screening.settings import PolicySettings


def policy(**settings: object) -> Policy:
    return Policy.of(PolicySettings.model_validate(settings))


@pytest.mark.parametrize("preset", ["kmk-382", "who", "cdc", "two-stage"])
def test_a_named_preset_overrules_the_own_numbers(preset: str) -> None:
    made = policy(preset=preset, first_threshold_celsius=40, second_threshold_celsius=41)

    assert made.thresholds.name == preset
    assert made.thresholds.first_celsius < 40


def test_own_numbers_are_used_as_given() -> None:
    made = policy(
        preset="own", first_threshold_celsius=37.0, second_threshold_celsius=37.8, pause_s=60
    )

    assert made.thresholds.name == "own"
    assert (made.thresholds.first_celsius, made.thresholds.second_celsius) == (37.0, 37.8)
    assert made.thresholds.pause_s == 60


def test_the_offset_becomes_the_calibration() -> None:
    assert policy(offset_celsius=1.3).calibration.offset_celsius == 1.3


def test_an_offset_that_nobody_stated_is_not_taken_for_zero() -> None:
    assert policy().calibration.offset_celsius is None
    assert policy().calibration.corrections == ()
    assert policy(offset_celsius=0).calibration.corrections == (("offset", 0.0),)


def test_a_gate_has_the_sites_checks_unless_it_names_its_own() -> None:
    settings = PolicySettings.model_validate({"checks": ["receipt", "mask"]})

    assert Policy.of(settings).checks == {Check.RECEIPT, Check.MASK}
    assert Policy.of(settings, [Check.RECEIPT]).checks == {Check.RECEIPT}
    assert Policy.of(settings, []).checks == frozenset()


@pytest.mark.parametrize(
    ("offset_celsius", "raw_celsius", "can_be"),
    [
        pytest.param(0.0, 36.5, True, id="a usual value"),
        pytest.param(0.0, 34.5, True, id="the coldest body"),
        pytest.param(0.0, 34.4, False, id="colder than anybody who walks in"),
        pytest.param(0.0, 27.0, False, id="a wall"),
        pytest.param(0.0, 43.0, True, id="the hottest face"),
        pytest.param(0.0, 43.1, False, id="a lamp"),
        pytest.param(2.6, 34.0, True, id="forehead skin with its offset"),
        pytest.param(2.6, 31.8, False, id="skin too cold for its offset"),
        pytest.param(5.0, 29.9, False, id="no skin, whatever the offset"),
        pytest.param(-5.0, 43.1, False, id="no skin, whatever the negative offset"),
        pytest.param(2.6, 40.5, False, id="hotter than any body once corrected"),
        pytest.param(0.0, float("nan"), False, id="not a number"),
    ],
)
def test_a_value_can_be_a_face_before_and_after_its_correction(
    offset_celsius: float, raw_celsius: float, can_be: bool
) -> None:
    assert policy(offset_celsius=offset_celsius).can_be_a_face(raw_celsius) is can_be


def test_the_second_offset_is_a_correction_only_where_a_site_has_one() -> None:
    with_one = Policy.of(PolicySettings(offset_celsius=1.21, second_offset_celsius=-0.15))

    assert with_one.calibration.second_celsius == -0.15
    assert Policy.of(PolicySettings()).calibration.second_celsius is None
    without = Policy.of(PolicySettings(second_offset_celsius=0.0))
    assert without.calibration.second_celsius == 0.0
