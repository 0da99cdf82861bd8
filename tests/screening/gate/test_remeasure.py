"""Why a temperature is measured again, told to the visitor; none of it ever lets anybody in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.simulated.thermal_scene import draw_scene
from screening.decision import Check, Decision, DecisionKind, Reason
from screening.gate.evidence import MaskEvidence, TemperatureEvidence
from screening.gate.policy import Policy
from screening.gate.remeasure import ASKED, asked_for
from screening.gate.view import CheckState
from screening.readings import MaskLabel, TemperatureReading, ThermalPicture
from screening.settings import PolicySettings
from screening.temperature.array import Refusal
from tests.screening.gate.lane_setting import Setting, lane_setting


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path) as setting:
        yield setting


def temperature() -> TemperatureEvidence:
    return TemperatureEvidence(
        Policy.of(PolicySettings(offset_celsius=0.0)),
        faces=MaskEvidence(from_s=0, is_available=True),
        from_s=0,
        is_second=False,
        is_available=True,
    )


def measure(evidence: TemperatureEvidence, celsius: float, *, from_s: float) -> None:
    for place in range(3):
        now_s = from_s + place * 0.5
        evidence.add(TemperatureReading(celsius, None, now_s), now_s)


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_an_array_has_something_to_do_about_it(refusal: Refusal) -> None:
    assert asked_for([refusal]) is ASKED[refusal]


def test_the_visitor_is_told_one_thing_at_a_time() -> None:
    assert asked_for([Refusal.GLASSES, Refusal.SEVERAL_FACES]) is Reason.ONE_AT_A_TIME
    assert asked_for([]) is None


def test_a_withheld_value_says_what_to_do_as_long_as_a_reading_would_be_fresh() -> None:
    evidence = temperature()
    evidence.withhold(Reason.TAKE_GLASSES_OFF, 1.0, 1.0)

    assert evidence.missing(3.5) == Decision(DecisionKind.FIX, Reason.TAKE_GLASSES_OFF)
    assert evidence.missing(3.6) == Decision(DecisionKind.FIX, Reason.STAND_STILL)


def test_a_value_that_passes_is_not_undone_by_one_picture_without() -> None:
    evidence = temperature()
    measure(evidence, 36.5, from_s=0.0)
    evidence.withhold(Reason.TAKE_GLASSES_OFF, 1.1, 1.1)

    assert evidence.missing(1.2) is None


def test_an_array_that_is_broken_asks_for_the_guard() -> None:
    evidence = temperature()
    evidence.withhold(Reason.GUARD_MEASURES, 1.0, 1.0)

    assert evidence.missing(1.0) == Decision(DecisionKind.FIX, Reason.GUARD_MEASURES)
    assert evidence.view(1.0).state is CheckState.NEEDS_GUARD


@pytest.mark.parametrize("at_s", [2.0, 1.0])
def test_what_a_lost_device_or_the_future_says_is_not_told(at_s: float) -> None:
    evidence = temperature()
    if at_s == 1.0:
        evidence.lose_device(0.5)
        evidence.is_available = True
        evidence.lose_device(1.0)
    evidence.withhold(Reason.TAKE_GLASSES_OFF, at_s, 1.0)
    evidence.is_available = True

    assert evidence.missing(1.0) == Decision(DecisionKind.FIX, Reason.STAND_STILL)


@pytest.mark.parametrize(
    ("celsius", "reason"),
    [
        pytest.param(26.0, Reason.STEP_CLOSER, id="too cold for a face"),
        pytest.param(44.0, Reason.HOT_OBJECT, id="hotter than any face"),
        pytest.param(60.0, Reason.HOT_OBJECT, id="a cup of tea"),
    ],
)
def test_a_value_that_no_face_has_is_measured_again(
    gate: Setting, celsius: float, reason: Reason
) -> None:
    gate.scan(gate.receipt())
    gate.passes(celsius)

    assert gate.verdict is not None
    assert (gate.verdict.kind, gate.verdict.reason) == (DecisionKind.FIX, reason)


def test_a_face_that_moves_is_asked_to_stand_still(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    for place in range(20):
        gate.wait(0.2)
        celsius = 36.5 if place % 2 else 35.5
        gate.lane.device_reading(TemperatureReading(celsius, None, gate.clock.monotonic_s()))
        gate.sees(MaskLabel.MASK)

    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.STAND_STILL


def test_a_hot_cup_before_an_array_is_told_and_nobody_is_let_in(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    rng = np.random.default_rng(4)
    for _ in range(20):
        gate.wait(0.25)
        scene = draw_scene(24, 32, hottest_celsius=36.2, room_celsius=25.0, rng=rng)
        scene[10:13, 14:17] = 62.0 + rng.normal(0, 0.1, (3, 3))
        gate.lane.device_reading(ThermalPicture(scene, 31.0, gate.clock.monotonic_s()))
        gate.sees(MaskLabel.MASK)

    assert gate.verdict is not None
    assert (gate.verdict.kind, gate.verdict.reason) == (DecisionKind.FIX, Reason.HOT_OBJECT)
    states = {check.check: check.state for check in gate.lane.view().checks}
    assert states[Check.TEMPERATURE] is CheckState.PENDING
