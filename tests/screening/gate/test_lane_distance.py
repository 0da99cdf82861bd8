"""A lane with a distance table: the same face is worth the same wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.gate.view import CheckState, TemperatureView
from screening.readings import (
    Availability,
    Box,
    DeviceKind,
    MaskAdvice,
    MaskLabel,
    MaskReading,
    TemperatureReading,
)
from screening.temperature.calibration import Calibration
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.care import Instrument
from tests.commissionings import of_an_array
from tests.screening.gate.lane_setting import ALL_CHECKS, ARRAY, NINE, Setting, lane_setting

TABLE = DistanceTable(
    fills_picture_cm=15.0,
    reference_cm=50.0,
    points=((40.0, -0.2), (50.0, 0.0), (70.0, 0.5), (100.0, 0.8)),
)


@contextmanager
def lane(
    folder: Path,
    *,
    checks: frozenset[Check] = ALL_CHECKS,
    thermometer: Instrument = ARRAY,
    table: DistanceTable | None = TABLE,
) -> Iterator[Setting]:
    found = of_an_array(distance=table)
    with lane_setting(
        folder, checks=checks, thermometer=thermometer, commissioning=found
    ) as setting:
        yield setting


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane(tmp_path) as setting:
        yield setting


def stand(
    gate: Setting,
    celsius: float,
    *,
    at_cm: float | None,
    advice: MaskAdvice | None = None,
    for_s: float = 3.0,
) -> None:
    """Somebody before both devices, whose face the camera sees at that distance or not at all."""
    width = None if at_cm is None else 15.0 / at_cm
    face = None if width is None else Box(0.5 - width / 2, 0.2, width, 0.5)
    label = None if advice is not None else MaskLabel.MASK
    for _ in range(round(for_s / 0.2)):
        gate.wait(0.2)
        now_s = gate.clock.monotonic_s()
        gate.lane.device_reading(TemperatureReading(celsius, 25.0, now_s))
        gate.lane.device_reading(MaskReading(label, advice, 0.9, 5, now_s, face))


def begin(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")


def shown(gate: Setting) -> TemperatureView:
    view = gate.lane.view().temperature
    assert view is not None
    return view


def verdict(gate: Setting) -> tuple[DecisionKind, Reason]:
    assert gate.verdict is not None
    return gate.verdict.kind, gate.verdict.reason


@pytest.mark.parametrize(
    ("at_cm", "raw"), [(40.0, 35.6), (50.0, 35.4), (60.0, 35.15), (70.0, 34.9), (100.0, 34.6)]
)
def test_a_face_is_worth_the_same_at_every_distance(
    gate: Setting, at_cm: float, raw: float
) -> None:
    begin(gate)
    stand(gate, raw, at_cm=at_cm)

    assert verdict(gate) == (DecisionKind.ADMIT, Reason.ADMITTED)
    assert shown(gate).raw_celsius == raw
    assert shown(gate).corrected_celsius == 36.6
    assert dict(shown(gate).corrections)["distance"] == round(35.4 - raw, 2)


def test_the_record_keeps_the_distance_apart_from_the_other_corrections(gate: Setting) -> None:
    begin(gate)
    stand(gate, 36.9, at_cm=70.0)
    assert verdict(gate) == (DecisionKind.WAIT, Reason.SECOND_READING_PAUSE)

    (pause,) = gate.record.visits.pauses(since=NINE)
    assert pause.first is not None
    assert pause.first.corrections == (
        ("offset", 1.2),
        ("room_temperature", 0.0),
        ("distance", 0.5),
        ("rolling_baseline", 0.0),
    )
    assert pause.first.corrected_celsius == 38.6


def test_a_fever_seen_from_afar_is_a_fever(gate: Setting) -> None:
    token = gate.receipt()
    gate.scan(token)
    gate.lane.guard.hands_cleaned(operator="siti")
    stand(gate, 35.8, at_cm=90.0)
    assert verdict(gate) == (DecisionKind.WAIT, Reason.SECOND_READING_PAUSE)

    gate.wait(301)
    gate.scan(token)
    gate.lane.guard.hands_cleaned(operator="siti")
    stand(gate, 36.0, at_cm=90.0)
    assert verdict(gate) == (DecisionKind.REFER, Reason.ELEVATED_TWICE)


@pytest.mark.parametrize(
    ("at_cm", "reason"), [(104.0, Reason.STEP_CLOSER), (38.0, Reason.STEP_BACK)]
)
def test_where_nothing_is_known_the_visitor_is_asked_to_move(
    gate: Setting, at_cm: float, reason: Reason
) -> None:
    begin(gate)
    stand(gate, 35.4, at_cm=at_cm)
    assert verdict(gate) == (DecisionKind.FIX, reason)

    stand(gate, 35.4, at_cm=50.0)
    assert verdict(gate) == (DecisionKind.ADMIT, Reason.ADMITTED)


def test_while_the_camera_sees_nobody_no_temperature_is_judged(gate: Setting) -> None:
    begin(gate)
    stand(gate, 35.4, at_cm=None, advice=MaskAdvice.NO_FACE)
    assert verdict(gate) == (DecisionKind.FIX, Reason.FACE_CAMERA)
    assert gate.lane.view().temperature is None


def test_a_face_too_small_to_be_judged_is_too_far_away(gate: Setting) -> None:
    begin(gate)
    stand(gate, 35.4, at_cm=None, advice=MaskAdvice.TOO_FAR)
    assert verdict(gate) == (DecisionKind.FIX, Reason.STEP_CLOSER)


def test_where_no_camera_can_tell_the_distance_the_guard_measures(gate: Setting) -> None:
    away = Availability(DeviceKind.CAMERA, False, gate.clock.monotonic_s())
    gate.lane.availability_changed(away)
    begin(gate)
    gate.lane.guard.enter_mask(MaskLabel.MASK, operator="siti")
    stand(gate, 35.4, at_cm=70.0)

    assert verdict(gate) == (DecisionKind.FIX, Reason.GUARD_MEASURES)
    assert gate.lane.view().temperature is None
    assert state_of_the_temperature(gate) is CheckState.NEEDS_GUARD

    gate.lane.guard.enter_temperature(36.5, operator="siti")
    assert verdict(gate) == (DecisionKind.ADMIT, Reason.ADMITTED)


def test_whose_face_no_camera_finds_is_measured_by_the_guard(gate: Setting) -> None:
    begin(gate)
    gate.lane.guard.exempt_mask(operator="siti", remark="niqab")
    stand(gate, 35.4, at_cm=None, advice=MaskAdvice.NO_FACE)
    assert verdict(gate) == (DecisionKind.FIX, Reason.GUARD_MEASURES)


def state_of_the_temperature(gate: Setting) -> CheckState:
    return next(c.state for c in gate.lane.view().checks if c.check is Check.TEMPERATURE)


def test_a_camera_that_checks_no_mask_tells_the_distance_too(tmp_path: Path) -> None:
    with lane(tmp_path, checks=ALL_CHECKS - {Check.MASK}) as gate:
        begin(gate)
        stand(gate, 34.9, at_cm=70.0)
        assert verdict(gate) == (DecisionKind.ADMIT, Reason.ADMITTED)
        assert dict(shown(gate).corrections)["distance"] == 0.5


def test_a_raw_value_below_a_body_is_one_again_where_the_face_is_far_away(gate: Setting) -> None:
    begin(gate)
    stand(gate, 33.0, at_cm=50.0)
    assert verdict(gate) == (DecisionKind.FIX, Reason.STEP_CLOSER)

    stand(gate, 33.0, at_cm=90.0)
    assert shown(gate).corrected_celsius == 34.9


def test_a_raw_value_above_a_body_near_by_is_no_body_s_from_afar(gate: Setting) -> None:
    begin(gate)
    stand(gate, 41.9, at_cm=100.0)
    assert verdict(gate) == (DecisionKind.FIX, Reason.HOT_OBJECT)


def test_the_rolling_baseline_counts_faces_as_from_the_mark(gate: Setting) -> None:
    for at_cm, raw in ((50.0, 35.2), (70.0, 34.7)) * 5:
        begin(gate)
        stand(gate, raw, at_cm=at_cm)
        gate.lane.guard.clear(operator="siti")
    begin(gate)
    stand(gate, 35.2, at_cm=50.0)

    assert dict(shown(gate).corrections)["rolling_baseline"] == 0.5
    assert shown(gate).corrected_celsius == 36.9


def test_the_configured_table_holds_where_the_commissioning_made_none(tmp_path: Path) -> None:
    typed = DistanceTable.of_points(15.0, [(50.0, 0.0), (100.0, 1.0)])
    instrument = replace(ARRAY, calibration=Calibration(0.0, distance=typed))
    with lane(tmp_path, thermometer=instrument, table=None) as gate:
        begin(gate)
        stand(gate, 35.0, at_cm=75.0)
        assert dict(shown(gate).corrections)["distance"] == 0.5


def test_the_commissioning_s_own_table_wins(tmp_path: Path) -> None:
    typed = DistanceTable.of_points(15.0, [(50.0, 0.0), (100.0, 3.0)])
    instrument = replace(ARRAY, calibration=Calibration(0.0, distance=typed))
    with lane(tmp_path, thermometer=instrument) as gate:
        begin(gate)
        stand(gate, 34.9, at_cm=70.0)
        assert dict(shown(gate).corrections)["distance"] == 0.5


def test_whoever_still_walks_up_is_corrected_for_the_whole_way(gate: Setting) -> None:
    begin(gate)
    for step in range(11):  # from 90 to 70 cm in two seconds
        at_cm = 90.0 - 2.0 * step
        stand(gate, 36.3 - TABLE.correction_celsius(at_cm), at_cm=at_cm, for_s=0.2)

    assert shown(gate).corrected_celsius == pytest.approx(37.5, abs=0.05)


def test_a_face_that_went_too_far_has_no_distance_any_more(gate: Setting) -> None:
    gate.scan(gate.receipt())
    stand(gate, 36.8, at_cm=40.0, for_s=2.0)
    stand(gate, 34.6, at_cm=None, advice=MaskAdvice.TOO_FAR, for_s=0.8)
    gate.lane.guard.hands_cleaned(operator="siti")
    assert verdict(gate) == (DecisionKind.FIX, Reason.STEP_CLOSER)


def test_where_somebody_stands_after_the_value_tells_nothing_of_it(gate: Setting) -> None:
    gate.scan(gate.receipt())
    stand(gate, 36.1, at_cm=100.0, for_s=2.0)  # 38.1
    for _ in range(8):  # only faults on the wire, while the visitor comes closer
        gate.wait(0.2)
        now_s, width = gate.clock.monotonic_s(), 15.0 / 42.0
        face = Box(0.5 - width / 2, 0.2, width, 0.5)
        gate.lane.device_reading(MaskReading(MaskLabel.MASK, None, 0.9, 5, now_s, face))
    gate.lane.guard.hands_cleaned(operator="siti")
    assert verdict(gate) == (DecisionKind.WAIT, Reason.SECOND_READING_PAUSE)
