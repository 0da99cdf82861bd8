"""A gate that is kept free while its thermometer is checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.gate.current_visit import ABANDONED_AFTER_S
from screening.gate.hold import EMPTY_FOR_S, HELD_FOR_S, LEAVES_WITHIN_S
from screening.gate.view import GateMode
from screening.readings import DeviceKind, MaskAdvice, MaskLabel, TemperatureReading
from screening.temperature.calibration import Calibration
from screening.temperature.instrument.care import Instrument
from screening.temperature.instrument.commissioning import CheckOutcome
from screening.visits import EntryKind
from tests.commissionings import of_a_spot
from tests.screening.gate.lane_setting import Setting, lane_setting

INSTRUMENT = Instrument(gate="utama", model="gy-mcu90614", calibration=Calibration(0.0))
COMMISSIONING = of_a_spot(room_celsius=24.0, offset_celsius=0.0)


@pytest.fixture(
    params=[
        pytest.param(frozenset({Check.TEMPERATURE}), id="temperature"),
        pytest.param(frozenset({Check.TEMPERATURE, Check.MASK}), id="temperature-and-mask"),
    ]
)
def open_gate(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Setting]:
    """A gate that asks for no receipt."""
    with lane_setting(
        tmp_path, checks=request.param, thermometer=INSTRUMENT, commissioning=COMMISSIONING
    ) as setting:
        yield setting


@pytest.fixture
def receipt_gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(
        tmp_path,
        checks=frozenset({Check.RECEIPT, Check.TEMPERATURE, Check.MASK}),
        thermometer=INSTRUMENT,
        commissioning=COMMISSIONING,
    ) as setting:
        yield setting


def attempts(gate: Setting) -> int:
    return sum(entry.kind is EntryKind.ATTEMPT for entry in gate.record.visits.latest(limit=50))


def steps_away(gate: Setting) -> None:
    """Nobody before the devices for some seconds."""
    for _ in range(int(EMPTY_FOR_S / 0.2) + 2):
        gate.wait(0.2)
        gate.lane.device_reading(TemperatureReading(24.0, 24.0, gate.clock.monotonic_s()))
        gate.sees(None, MaskAdvice.NO_FACE)


def test_who_stands_there_for_the_check_is_no_visitor(open_gate: Setting) -> None:
    open_gate.lane.hold.begin(operator="budi")
    open_gate.measures(36.6)

    assert open_gate.verdict is None
    assert attempts(open_gate) == 0
    view = open_gate.lane.view()
    assert view.hold is not None
    assert (view.hold.by, view.hold.is_ending, view.mode) == ("budi", False, GateMode.AUTOMATIC)
    assert all(device.is_available for device in view.devices)


def test_the_device_still_tells_its_value_to_the_check(open_gate: Setting) -> None:
    open_gate.lane.hold.begin(operator="budi")
    open_gate.measures(36.6)
    thermometer = open_gate.lane.view().thermometer
    assert thermometer is not None
    assert thermometer.raw_celsius == 36.6


def test_a_saved_check_ends_it_once_the_place_is_empty(open_gate: Setting) -> None:
    open_gate.lane.hold.begin(operator="budi")
    open_gate.measures(36.6)
    open_gate.write_check()
    open_gate.lane.refresh_thermometer()
    hold = open_gate.lane.view().hold
    assert hold is not None
    assert hold.is_ending

    open_gate.measures(36.6)  # still there to read what came out
    assert attempts(open_gate) == 0

    steps_away(open_gate)
    assert open_gate.lane.view().hold is None
    open_gate.measures(36.6)
    assert open_gate.verdict is not None
    assert open_gate.verdict.kind is DecisionKind.ADMIT
    assert attempts(open_gate) == 1


def test_a_check_saved_by_another_process_ends_it_too(open_gate: Setting) -> None:
    open_gate.lane.hold.begin(operator="budi")
    open_gate.write_check()
    open_gate.wait(31)
    hold = open_gate.lane.view().hold
    assert hold is not None
    assert hold.is_ending


def test_who_stays_where_the_check_was_made_is_no_visitor_either(open_gate: Setting) -> None:
    open_gate.lane.hold.begin(operator="budi")
    open_gate.lane.hold.end()
    for _ in range(int(LEAVES_WITHIN_S) + 2):
        open_gate.measures(36.6)
    assert open_gate.lane.view().hold is None
    assert attempts(open_gate) == 0


def test_it_ends_by_itself_ten_minutes_after_the_last_act(open_gate: Setting) -> None:
    open_gate.lane.hold.begin(operator="budi")
    open_gate.wait(HELD_FOR_S - 1)
    open_gate.lane.hold.begin(operator="budi")
    open_gate.wait(HELD_FOR_S - 1)
    hold = open_gate.lane.view().hold
    assert hold is not None
    assert not hold.is_ending

    open_gate.wait(2)
    open_gate.wait(LEAVES_WITHIN_S + 1)
    assert open_gate.lane.view().hold is None


def test_who_was_taken_for_a_visitor_just_before_is_let_go(open_gate: Setting) -> None:
    now_s = open_gate.clock.monotonic_s()
    open_gate.lane.device_reading(TemperatureReading(36.6, 24.0, now_s))
    open_gate.sees(MaskLabel.MASK)
    assert open_gate.verdict is not None

    open_gate.lane.hold.begin(operator="budi")
    assert open_gate.verdict is None
    open_gate.measures(36.6)
    assert all(
        entry.reason is Reason.ABANDONED
        for entry in open_gate.record.visits.latest(limit=9)
        if entry.kind is EntryKind.ATTEMPT
    )


def test_what_is_read_meanwhile_moves_neither_baseline_nor_running_check(
    open_gate: Setting,
) -> None:
    before = open_gate.lane.view().thermometer
    open_gate.lane.hold.begin(operator="budi")
    for _ in range(15):
        open_gate.measures(36.0)
        open_gate.wait(30)
        open_gate.lane.hold.begin(operator="budi")
    open_gate.lane.hold.end()
    steps_away(open_gate)
    after = open_gate.lane.view().thermometer
    assert before is not None
    assert after is not None
    assert (after.state, after.reasons) == (before.state, before.reasons)

    open_gate.measures(36.6)
    temperature = open_gate.lane.view().temperature
    assert temperature is not None
    assert dict(temperature.corrections)["rolling_baseline"] == 0.0


def test_a_receipt_scanned_meanwhile_waits_and_gets_nobody_elses_temperature(
    receipt_gate: Setting,
) -> None:
    receipt_gate.lane.hold.begin(operator="budi")
    answer = receipt_gate.scan(receipt_gate.receipt())
    assert (answer.status, answer.reason) == ("pending", Reason.GUARD_MEASURES)

    receipt_gate.measures(39.0)  # a flask
    assert receipt_gate.verdict is not None
    assert receipt_gate.verdict.reason is Reason.GUARD_MEASURES

    receipt_gate.wait(ABANDONED_AFTER_S + 60)
    assert receipt_gate.verdict.reason is Reason.GUARD_MEASURES

    receipt_gate.lane.hold.end()
    steps_away(receipt_gate)
    receipt_gate.measures(36.6)
    assert receipt_gate.verdict.kind is DecisionKind.ADMIT
    assert attempts(receipt_gate) == 1


def test_the_guard_can_measure_who_waits(receipt_gate: Setting) -> None:
    receipt_gate.lane.hold.begin(operator="budi")
    receipt_gate.scan(receipt_gate.receipt())
    receipt_gate.lane.guard.enter_temperature(36.6, operator="siti")
    receipt_gate.lane.guard.enter_mask(MaskLabel.MASK, operator="siti")
    assert receipt_gate.verdict is not None
    assert receipt_gate.verdict.kind is DecisionKind.ADMIT


def test_a_visitor_in_front_waits_when_the_gate_is_kept_free(receipt_gate: Setting) -> None:
    receipt_gate.scan(receipt_gate.receipt())
    receipt_gate.sees(MaskLabel.MASK)
    receipt_gate.lane.hold.begin(operator="budi")
    receipt_gate.measures(39.0)
    assert receipt_gate.verdict is not None
    assert receipt_gate.verdict.reason is Reason.GUARD_MEASURES


def test_a_thermometer_that_fails_its_check_stays_unused_afterwards(receipt_gate: Setting) -> None:
    receipt_gate.lane.hold.begin(operator="budi")
    receipt_gate.scan(receipt_gate.receipt())
    lost = [d for d in receipt_gate.lane.view().devices if d.kind is DeviceKind.THERMOMETER]
    assert lost[0].is_available
    receipt_gate.write_check(CheckOutcome.OFF)
    receipt_gate.lane.refresh_thermometer()
    steps_away(receipt_gate)
    receipt_gate.measures(36.6)
    assert receipt_gate.lane.view().mode is GateMode.MANUAL
    assert receipt_gate.verdict is not None
    assert receipt_gate.verdict.reason is Reason.GUARD_MEASURES


def test_while_somebody_waits_it_ends_only_when_the_place_is_empty(receipt_gate: Setting) -> None:
    receipt_gate.lane.hold.begin(operator="budi")
    receipt_gate.scan(receipt_gate.receipt())
    receipt_gate.lane.hold.end()
    for _ in range(int(LEAVES_WITHIN_S) + 5):  # staff who stay where they are
        receipt_gate.measures(36.6)
        receipt_gate.sees(MaskLabel.MASK)
    assert receipt_gate.lane.view().hold is not None
    assert receipt_gate.lane.view().temperature is None

    steps_away(receipt_gate)
    assert receipt_gate.lane.view().hold is None


def test_a_person_can_say_that_the_place_is_empty(receipt_gate: Setting) -> None:
    receipt_gate.lane.hold.begin(operator="budi")
    receipt_gate.scan(receipt_gate.receipt())
    receipt_gate.lane.hold.open_again()
    receipt_gate.lane.hold.open_again()  # a double click
    hold = receipt_gate.lane.view().hold
    assert hold is not None
    assert hold.is_ending

    receipt_gate.wait(EMPTY_FOR_S)
    receipt_gate.lane.hold.open_again()
    assert receipt_gate.lane.view().hold is None
