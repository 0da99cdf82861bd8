"""A lane whose thermometer is looked after: today's constants, and manual when it has failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.errors import NotRecorded
from screening.events import EntryWritten, Event
from screening.gate.verdict import without_countdowns
from screening.gate.view import CheckState, GateMode
from screening.readings import Availability, DeviceKind, MaskLabel
from screening.temperature.calibration import BASELINE, Calibration
from screening.temperature.instrument.care_view import CareReason, CareState
from screening.temperature.instrument.commissioning import CheckOutcome
from screening.visits import EntryKind
from tests.commissionings import of_an_array
from tests.screening.gate.lane_setting import ARRAY, NINE, Setting, lane_setting


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path, thermometer=ARRAY, commissioning=of_an_array()) as setting:
        yield setting


def thermometer_of(gate: Setting) -> tuple[CareState, tuple[CareReason, ...]]:
    view = gate.lane.view().thermometer
    assert view is not None
    return view.state, view.reasons


def test_a_reading_is_judged_and_written_with_the_commissioned_constants(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.passes(35.4)

    view = gate.lane.view()
    assert view.verdict is not None
    assert view.verdict.kind is DecisionKind.ADMIT
    assert view.temperature is not None
    assert view.temperature.corrected_celsius == 36.6
    assert dict(view.temperature.corrections) == {
        "offset": 1.2,
        "room_temperature": 0.0,
        "rolling_baseline": 0.0,
    }
    assert view.temperature.standard_uncertainty_celsius == pytest.approx(0.62, abs=0.05)


def test_a_fever_of_the_commissioned_scale_is_measured_again_and_referred(gate: Setting) -> None:
    token = gate.receipt()
    gate.scan(token)
    gate.passes(36.9)
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.SECOND_READING_PAUSE

    gate.wait(301)
    gate.scan(token)
    gate.passes(37.0)
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.REFER


def test_a_second_reading_far_below_the_first_waits_for_the_guard(gate: Setting) -> None:
    token = gate.receipt()
    gate.scan(token)
    gate.passes(37.6)
    gate.wait(301)
    gate.scan(token)
    gate.passes(35.4)
    view = gate.lane.view()
    assert view.verdict is not None
    assert (view.verdict.kind, view.verdict.reason) == (
        DecisionKind.FIX,
        Reason.READINGS_DISAGREE,
    )
    assert [c.state for c in view.checks if c.check is Check.TEMPERATURE] == [
        CheckState.NEEDS_GUARD
    ]
    assert view.temperature is not None
    assert (view.temperature.first_celsius, view.temperature.corrected_celsius) == (38.8, 36.45)

    gate.lane.guard.enter_temperature(36.6, operator="siti")
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_visitors_correct_a_sensor_that_drifted_overnight(gate: Setting) -> None:
    for _ in range(10):
        gate.scan(gate.receipt())
        gate.passes(35.2)
        gate.leaves()
        gate.lane.guard.clear(operator="siti")
    gate.scan(gate.receipt())
    gate.passes(35.2)

    temperature = gate.lane.view().temperature
    assert temperature is not None
    assert temperature.corrected_celsius == 36.9


def test_a_gate_that_starts_again_knows_what_its_visitors_told(tmp_path: Path) -> None:
    with lane_setting(tmp_path, thermometer=ARRAY, commissioning=of_an_array()) as gate:
        for _ in range(12):
            gate.scan(gate.receipt())
            gate.passes(35.2 + gate.record.visits.latest(limit=1)[0].entry_id % 3 / 10)
            gate.lane.guard.clear(operator="siti")

    later = NINE + timedelta(hours=3)
    with lane_setting(tmp_path, thermometer=ARRAY, now=later, capacity=50) as gate:
        gate.scan(gate.receipt())
        gate.passes(35.3)
        temperature = gate.lane.view().temperature
        assert temperature is not None
        assert dict(temperature.corrections)[BASELINE] == pytest.approx(0.4)

    with lane_setting(tmp_path, thermometer=ARRAY, now=later + timedelta(days=1)) as gate:
        gate.scan(gate.receipt())
        gate.passes(35.3)
        temperature = gate.lane.view().temperature
        assert temperature is not None
        assert dict(temperature.corrections)[BASELINE] == 0.0


def test_a_thermometer_that_stood_still_does_so_after_a_restart_too(tmp_path: Path) -> None:
    with lane_setting(tmp_path, thermometer=ARRAY, commissioning=of_an_array()) as gate:
        for _ in range(11):
            gate.scan(gate.receipt())
            gate.passes(35.7)
            gate.leaves()
            gate.lane.guard.clear(operator="siti")
        assert thermometer_of(gate) == (CareState.FAILED, (CareReason.VALUE_REPEATED,))

    soon = NINE + timedelta(hours=1)
    with lane_setting(tmp_path, thermometer=ARRAY, now=soon) as gate:
        state, reasons = thermometer_of(gate)
        assert (state, reasons[0]) == (CareState.FAILED, CareReason.VALUE_REPEATED)
        gate.write_check()
        gate.lane.refresh_thermometer()
        assert gate.lane.view().mode is GateMode.AUTOMATIC

    with lane_setting(tmp_path, thermometer=ARRAY, now=soon) as gate:
        assert gate.lane.view().mode is GateMode.AUTOMATIC


def test_a_failed_check_puts_the_gate_in_manual_and_a_passed_one_back(gate: Setting) -> None:
    gate.write_check(CheckOutcome.OFF)
    gate.lane.refresh_thermometer()
    view = gate.lane.view()
    assert view.mode is GateMode.MANUAL
    assert [d.is_available for d in view.devices if d.kind is DeviceKind.THERMOMETER] == [False]
    assert thermometer_of(gate) == (CareState.FAILED, (CareReason.CHECK_OFF,))

    gate.scan(gate.receipt())
    gate.passes(35.4)
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.GUARD_MEASURES

    gate.write_check()
    gate.lane.refresh_thermometer()
    assert gate.lane.view().mode is GateMode.AUTOMATIC
    gate.passes(35.4)
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_the_guard_measures_while_the_thermometer_has_failed(gate: Setting) -> None:
    gate.write_check(CheckOutcome.OFF)
    gate.lane.refresh_thermometer()
    gate.scan(gate.receipt())
    gate.lane.guard.enter_temperature(36.5, operator="siti")
    gate.passes(35.4)

    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_a_failed_thermometer_that_is_plugged_in_again_is_still_failed(gate: Setting) -> None:
    gate.write_check(CheckOutcome.ROOM)
    gate.lane.refresh_thermometer()
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    for is_available in (False, True):
        now_s = gate.clock.monotonic_s()
        gate.lane.availability_changed(Availability(DeviceKind.THERMOMETER, is_available, now_s))
    gate.measures(35.4)

    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.GUARD_MEASURES


def test_a_check_that_another_process_wrote_is_heeded_during_a_session(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    gate.write_check(CheckOutcome.OFF)
    gate.wait(31)
    gate.measures(35.4)

    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.GUARD_MEASURES


def test_a_gate_opened_after_a_failed_check_begins_in_manual(tmp_path: Path) -> None:
    other = of_an_array(model="senxor")
    with lane_setting(tmp_path, thermometer=ARRAY, commissioning=other) as gate:
        assert gate.lane.view().mode is GateMode.MANUAL
        assert thermometer_of(gate) == (CareState.FAILED, (CareReason.OTHER_MODEL,))


def test_a_thermometer_nobody_relies_on_puts_no_gate_in_manual(tmp_path: Path) -> None:
    unknown = replace(ARRAY, calibration=Calibration(None))
    without = frozenset({Check.RECEIPT, Check.MASK})
    with lane_setting(tmp_path, thermometer=unknown, checks=without) as gate:
        assert thermometer_of(gate)[0] is CareState.FAILED
        assert gate.lane.view().mode is GateMode.AUTOMATIC


def test_at_a_gate_nobody_commissioned_the_guard_measures(tmp_path: Path) -> None:
    unknown = replace(ARRAY, calibration=Calibration(None))
    with lane_setting(tmp_path, thermometer=unknown) as gate:
        assert gate.lane.view().mode is GateMode.MANUAL
        assert thermometer_of(gate)[0] is CareState.FAILED
        gate.scan(gate.receipt())
        gate.passes(35.6)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.GUARD_MEASURES
        thermometer = gate.lane.view().thermometer
        assert thermometer is not None
        assert thermometer.raw_celsius == 35.6

        gate.lane.guard.enter_temperature(36.5, operator="siti")
        assert gate.verdict.kind is DecisionKind.ADMIT

        gate.record.thermometers.write_commissioning(of_an_array())
        gate.lane.refresh_thermometer()
        assert gate.lane.view().mode is GateMode.AUTOMATIC


def test_a_check_that_is_merely_due_changes_nothing_but_the_notice(tmp_path: Path) -> None:
    with lane_setting(tmp_path, thermometer=ARRAY) as gate:
        assert thermometer_of(gate)[0] is CareState.DUE
        assert gate.lane.view().mode is GateMode.AUTOMATIC
        gate.scan(gate.receipt())
        gate.passes(36.5)
        temperature = gate.lane.view().temperature
        assert temperature is not None
        assert temperature.corrections == (("offset", 0.0),)
        assert temperature.standard_uncertainty_celsius is None


def test_pages_read_the_live_value_outside_a_session(gate: Setting) -> None:
    gate.measures(35.4)
    view = gate.lane.view()

    assert view.verdict is None
    assert view.thermometer is not None
    assert view.thermometer.raw_celsius == 35.4


def test_a_live_value_that_wavers_does_not_count_as_a_change_of_the_gate(gate: Setting) -> None:
    gate.measures(35.4)
    gate.lane.publish()
    before = gate.lane.view().version
    gate.measures(35.4)
    gate.wait(30)
    gate.lane.publish()

    assert gate.lane.view().version == before


def test_a_visitor_who_could_not_be_written_down_tells_nothing_of_the_sensor(gate: Setting) -> None:
    gate.log.is_down = True
    for _ in range(10):
        gate.scan(gate.receipt())
        with pytest.raises(NotRecorded):
            gate.passes(36.0)
    gate.log.is_down = False
    gate.scan(gate.receipt())
    gate.passes(35.7)
    view = gate.lane.view().temperature
    assert view is not None
    assert dict(view.corrections)[BASELINE] == 0.0


def test_a_sensor_that_visitors_show_far_off_lets_nobody_in_until_it_was_checked(
    gate: Setting,
) -> None:
    for _ in range(10):
        receipt = gate.receipt()
        gate.scan(receipt)
        gate.passes(38.7)
        gate.leaves()
        gate.wait(301)
        gate.scan(receipt)
        gate.passes(38.7)
        gate.leaves()
        gate.lane.guard.confirm(operator="siti")
    assert thermometer_of(gate) == (CareState.FAILED, (CareReason.DRIFT,))
    assert gate.lane.view().mode is GateMode.MANUAL

    gate.scan(gate.receipt())
    gate.passes(38.7)
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.GUARD_MEASURES

    gate.write_check()
    gate.lane.refresh_thermometer()
    assert gate.lane.view().mode is GateMode.AUTOMATIC


def test_a_sensor_that_goes_on_sending_one_value_lets_nobody_in(gate: Setting) -> None:
    for _ in range(41):
        gate.measures(35.4)
    gate.scan(gate.receipt())
    gate.passes(35.4)
    assert gate.verdict is not None
    assert gate.verdict.reason is Reason.GUARD_MEASURES
    states = {check.check: check.state for check in gate.lane.view().checks}
    assert states[Check.TEMPERATURE] is CheckState.NEEDS_GUARD

    gate.measures(35.5)
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_an_empty_lane_of_one_temperature_costs_the_next_visitor_nothing(gate: Setting) -> None:
    for _ in range(100):
        gate.measures(24.0)
    gate.scan(gate.receipt())
    gate.passes(35.4)
    assert gate.verdict is not None
    assert gate.verdict.kind is DecisionKind.ADMIT


def test_a_second_reading_that_is_no_body_after_its_corrections_is_measured_again(
    gate: Setting,
) -> None:
    receipt = gate.receipt()
    gate.scan(receipt)
    gate.passes(36.2)
    gate.wait(301)
    gate.scan(receipt)
    gate.passes(33.4)
    assert gate.verdict is not None
    assert (gate.verdict.kind, gate.verdict.reason) == (DecisionKind.FIX, Reason.STEP_CLOSER)
    gate.measures(33.46)
    assert gate.verdict.reason is Reason.READINGS_DISAGREE


def test_since_when_the_device_is_there_may_waver_by_a_clock_s_step(gate: Setting) -> None:
    view = gate.lane.view()
    assert view.thermometer is not None
    assert view.thermometer.since is not None
    later = view.thermometer.since + timedelta(microseconds=1)
    wavered = replace(view, thermometer=replace(view.thermometer, since=later))
    away = replace(view, thermometer=replace(view.thermometer, since=None))
    assert without_countdowns(wavered) == without_countdowns(view) != without_countdowns(away)


@pytest.mark.parametrize("is_told", [True, False], ids=["by the web", "by another process"])
def test_open_pages_are_told_of_a_check_that_was_written(gate: Setting, is_told: bool) -> None:
    async def scenario() -> list[EntryKind]:
        reader = gate.hub.subscribe()
        gate.write_check()
        if is_told:
            gate.lane.refresh_thermometer()
        else:
            gate.wait(31)
        told = [await next_entry(reader)]
        gate.hub.close()
        return told + [
            event.entry.kind async for event in reader if isinstance(event, EntryWritten)
        ]

    async def next_entry(reader: AsyncIterator[Event]) -> EntryKind:
        async with asyncio.timeout(10):
            async for event in reader:
                if isinstance(event, EntryWritten):
                    return event.entry.kind
        raise AssertionError("nobody was told")

    assert asyncio.run(scenario()) == [EntryKind.THERMOMETER_CHECKED]


@pytest.mark.parametrize("is_held", [False, True])
def test_who_waits_while_the_thermometer_is_commissioned_gets_its_new_constants(
    tmp_path: Path, is_held: bool
) -> None:
    unknown = replace(ARRAY, calibration=Calibration(None))
    with lane_setting(tmp_path, thermometer=unknown) as gate:
        if is_held:
            gate.lane.hold.begin(operator="rina")
        gate.scan(gate.receipt())
        found = of_an_array(offset_celsius=2.4, at=gate.clock.now())
        gate.record.thermometers.write_commissioning(found)
        gate.lane.refresh_thermometer()
        if is_held:
            gate.wait(11.0)
            gate.lane.hold.open_again()
        gate.passes(35.6)

        view = gate.lane.view()
        assert view.temperature is not None
        assert view.temperature.corrected_celsius == 38.0
        assert view.verdict is not None
        assert view.verdict.reason is Reason.SECOND_READING_PAUSE


def test_a_value_taken_with_old_constants_does_not_pass_with_new_ones(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.lane.guard.hands_cleaned(operator="siti")
    gate.measures(35.4, looks=MaskLabel.NO_MASK)
    assert gate.lane.view().temperature is not None

    gate.record.thermometers.write_commissioning(of_an_array(offset_celsius=2.6))
    gate.lane.refresh_thermometer()
    gate.lane.tick()
    assert gate.lane.view().temperature is None


@pytest.mark.parametrize(("away_s", "is_kept"), [(3.0, True), (60.0, False)])
def test_a_device_away_for_long_enough_to_be_exchanged_loses_what_is_taken_off(
    gate: Setting, away_s: float, is_kept: bool
) -> None:
    for _ in range(10):
        gate.scan(gate.receipt())
        gate.passes(36.0)
        gate.lane.guard.clear(operator="siti")
    for is_there in (False, True):
        at_s = gate.clock.monotonic_s()
        gate.lane.availability_changed(Availability(DeviceKind.THERMOMETER, is_there, at_s))
        gate.wait(0.0 if is_there else away_s)

    gate.scan(gate.receipt())
    gate.passes(35.4)
    view = gate.lane.view()
    assert view.temperature is not None
    assert (dict(view.temperature.corrections)[BASELINE] < 0) is is_kept
