"""A gate whose thermometer is a thermal array: its pictures become temperatures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivers.simulated.thermal_scene import draw_scene
from screening.decision import DecisionKind, Reason
from screening.readings import MaskLabel, ThermalPicture
from screening.temperature.array import Refusal
from tests.screening.gate.lane_setting import Setting, lane_setting


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path) as setting:
        yield setting


def looks_at(
    gate: Setting,
    hottest_celsius: float,
    *,
    dead: tuple[int, int] | None = None,
    unknown: tuple[slice, slice] | None = None,
) -> None:
    """Four seconds in front of an array with four pictures a second."""
    rng = np.random.default_rng(4)
    for _ in range(16):
        gate.wait(0.25)
        scene = draw_scene(24, 32, hottest_celsius=hottest_celsius, room_celsius=25.0, rng=rng)
        if dead is not None:
            scene[dead] = 90.0
        if unknown is not None:
            scene[unknown] = np.nan
        gate.lane.device_reading(ThermalPicture(scene, 31.0, gate.clock.monotonic_s()))
        gate.sees(MaskLabel.MASK)


def test_admits_by_the_hottest_spot_of_the_central_region(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    looks_at(gate, 36.2)
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_a_warm_face_is_asked_for_a_second_reading(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    looks_at(gate, 38.4)
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.SECOND_READING_PAUSE


def test_an_empty_lane_is_no_temperature(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    looks_at(gate, 25.0)
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.STEP_CLOSER


def test_an_array_that_freezes_admits_nobody_by_the_visitor_before(gate: Setting) -> None:
    rng = np.random.default_rng(4)
    scenes = [
        draw_scene(24, 32, hottest_celsius=36.2, room_celsius=25.0, rng=rng) for _ in range(16)
    ]

    def shows(scene: np.ndarray) -> None:
        gate.wait(0.25)
        gate.lane.device_reading(ThermalPicture(scene, 31.0, gate.clock.monotonic_s()))
        gate.sees(MaskLabel.MASK)

    for scene in scenes:
        shows(scene)
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    for _ in range(40):
        shows(scenes[-1])
    assert gate.barrier.opened == []
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.GUARD_MEASURES


def test_an_array_that_sends_each_picture_twice_measures_all_the_same(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    rng = np.random.default_rng(4)
    for _ in range(16):
        scene = draw_scene(24, 32, hottest_celsius=36.2, room_celsius=25.0, rng=rng)
        for _ in range(2):
            gate.wait(0.125)
            gate.lane.device_reading(ThermalPicture(scene, 31.0, gate.clock.monotonic_s()))
        gate.sees(MaskLabel.MASK)
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT


UNKNOWN_FACE = (slice(6, 18), slice(8, 24))
UNKNOWN_CORNER = (slice(0, 3), slice(0, 9))


@pytest.mark.parametrize("hottest_celsius", [36.2, 38.4])
def test_pixels_that_the_array_does_not_know_never_become_a_temperature(
    gate: Setting, hottest_celsius: float
) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    looks_at(gate, hottest_celsius, unknown=UNKNOWN_FACE)
    assert gate.verdict is not None
    assert gate.verdict.kind is not DecisionKind.ADMIT
    assert gate.verdict.reason is not Reason.SECOND_READING_PAUSE
    looks_at(gate, 36.2)
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_unknown_pixels_beside_the_face_cost_no_visitor_the_entry(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    looks_at(gate, 36.2, unknown=UNKNOWN_CORNER)
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_pages_are_told_of_the_array_and_why_it_gives_no_value(gate: Setting) -> None:
    assert gate.lane.view().thermal is None
    looks_at(gate, 36.2, dead=(11, 14))
    seen = gate.lane.view().thermal
    assert seen is not None
    assert (seen.rows, seen.columns) == (24, 32)
    assert seen.refusals == (Refusal.DEAD_PIXELS_AT_MAXIMUM,)


def test_a_dead_pixel_beside_the_hottest_spot_never_admits(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    looks_at(gate, 36.2, dead=(11, 14))
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.GUARD_MEASURES
    assert gate.barrier.opened == []
