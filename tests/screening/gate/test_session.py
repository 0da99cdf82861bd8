from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from screening.decision import Check, Decision, DecisionKind, Reason
from screening.errors import LaneConflict
from screening.gate.policy import Policy
from screening.gate.session import (
    DeviceBack,
    DeviceLost,
    HandsCleaned,
    MaskEntered,
    MaskExempted,
    Overridden,
    ReceiptAccepted,
    ReceiptRefused,
    ReceiptWaived,
    Session,
    SessionEvent,
    TemperatureEntered,
    Tick,
)
from screening.gate.view import CheckState
from screening.readings import (
    DeviceKind,
    FaultReason,
    MaskAdvice,
    MaskLabel,
    MaskReading,
    TemperatureFault,
    TemperatureReading,
)
from screening.receipts.claims import ReceiptClaims
from screening.temperature.calibration import Calibration
from screening.temperature.presets import KMK_382, Thresholds, own_thresholds
from screening.visits import EvidenceSource, MeasuredTemperature, PendingPause

EVERYTHING = frozenset(Check)
ALL_DEVICES = frozenset(DeviceKind)
ADMITTED = Decision(DecisionKind.ADMIT, Reason.ADMITTED)
REFERRED = Decision(DecisionKind.REFER, Reason.ELEVATED_TWICE)

ISSUED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RECEIPT = ReceiptClaims(
    issuer="bogor",
    number="A1B2C3",
    token_id=bytes(16),
    site="BGR",
    service="KTP",
    party_size=1,
    holder="S. Wulandari",
    issued_at=ISSUED,
    not_before=ISSUED + timedelta(days=1),
    expires=ISSUED + timedelta(days=8),
)
ACCEPTED = ReceiptAccepted(RECEIPT, "KTP")

ASIDE = PendingPause(
    attempt_id="before",
    gate="main",
    at=ISSUED,
    ready_at=ISSUED + timedelta(minutes=5),
    receipt_number=RECEIPT.number,
    service="KTP",
    first=MeasuredTemperature(raw_celsius=37.9, corrections=(), corrected_celsius=37.9),
)


def fix(reason: Reason) -> Decision:
    return Decision(DecisionKind.FIX, reason)


def pause_until(ready_at_s: float) -> Decision:
    return Decision(DecisionKind.WAIT, Reason.SECOND_READING_PAUSE, ready_at_s)


class Gate:
    """A gate with one visitor; its time moves only when told."""

    def __init__(
        self,
        *checks: Check,
        lacks: Iterable[DeviceKind] = (),
        thresholds: Thresholds = KMK_382,
        offset_celsius: float = 0.0,
        resumes: PendingPause | None = None,
        second_reading_from_s: float | None = None,
    ) -> None:
        self.now_s = 100.0
        policy = Policy(
            checks=frozenset(checks), thresholds=thresholds, calibration=Calibration(offset_celsius)
        )
        self.session = Session(
            session_id="visitor",
            policy=policy,
            now_s=self.now_s,
            available=ALL_DEVICES - frozenset(lacks),
            resumes=resumes,
            second_reading_from_s=second_reading_from_s,
        )

    def has(self, event: SessionEvent) -> Decision:
        return self.session.handle(event, self.now_s)

    def waits(self, seconds: float) -> Decision:
        self.now_s += seconds
        return self.has(Tick())

    def measures(self, celsius: float) -> Decision:
        """Three lines of a slow board, the last one now."""
        for _ in range(3):
            self.now_s += 0.5
            self.has(TemperatureReading(celsius, 25.0, self.now_s))
        return self.session.decision

    def sees(self, found: MaskLabel | MaskAdvice, *, age_s: float = 0.0) -> Decision:
        label = found if isinstance(found, MaskLabel) else None
        advice = found if isinstance(found, MaskAdvice) else None
        return self.has(MaskReading(label, advice, 0.95, 5, self.now_s - age_s))

    def state_of(self, check: Check) -> CheckState:
        return {view.check: view.state for view in self.session.checks()}[check]

    def outcomes(self) -> dict[Check, tuple[EvidenceSource, str]]:
        return {result.check: (result.source, result.outcome) for result in self.session.results()}


# The order of asking


def test_a_good_visitor_is_led_through_every_check_in_order() -> None:
    gate = Gate(*EVERYTHING)
    assert gate.session.decision == fix(Reason.SHOW_RECEIPT)
    assert gate.has(ACCEPTED) == fix(Reason.CLEAN_HANDS)
    assert gate.has(HandsCleaned()) == fix(Reason.STAND_STILL)
    assert gate.measures(36.5) == fix(Reason.FACE_CAMERA)
    assert gate.sees(MaskLabel.MASK) == ADMITTED

    assert gate.session.claims == RECEIPT
    assert gate.session.service == "KTP"
    assert gate.session.operator is None
    assert gate.session.remark is None
    assert [m.corrected_celsius for m in gate.session.temperatures] == [36.5]
    assert gate.outcomes() == {
        Check.RECEIPT: (EvidenceSource.DEVICE, "passed"),
        Check.HANDS: (EvidenceSource.DEVICE, "passed"),
        Check.TEMPERATURE: (EvidenceSource.DEVICE, "passed"),
        Check.MASK: (EvidenceSource.DEVICE, "mask"),
    }
    assert {view.state for view in gate.session.checks()} == {CheckState.PASSED}


def test_nothing_is_settled_at_the_start() -> None:
    gate = Gate(*EVERYTHING)

    assert [view.check for view in gate.session.checks()] == list(Check)
    assert {view.state for view in gate.session.checks()} == {CheckState.PENDING}
    assert gate.session.results() == ()
    assert gate.session.temperatures == ()


def test_a_receipt_only_gate_admits_on_the_receipt() -> None:
    gate = Gate(Check.RECEIPT, lacks=ALL_DEVICES)

    assert gate.has(ACCEPTED) == ADMITTED


@pytest.mark.parametrize("check", list(Check))
def test_only_the_checks_of_the_site_are_asked(check: Check) -> None:
    gate = Gate(check)

    assert [view.check for view in gate.session.checks()] == [check]
    assert gate.session.decision.kind is DecisionKind.FIX


def test_hands_may_be_clean_before_the_receipt_is_shown() -> None:
    gate = Gate(Check.RECEIPT, Check.HANDS)

    assert gate.has(HandsCleaned("Ani")) == fix(Reason.SHOW_RECEIPT)
    assert gate.has(ACCEPTED) == ADMITTED
    assert gate.session.operator == "Ani"
    assert [view.entered_by for view in gate.session.checks()] == [None, "Ani"]
    assert gate.outcomes()[Check.HANDS] == (EvidenceSource.GUARD, "passed")


def test_measuring_goes_on_while_the_receipt_is_looked_for() -> None:
    gate = Gate(*EVERYTHING)
    gate.measures(36.5)
    gate.sees(MaskLabel.MASK)
    gate.has(HandsCleaned())
    assert gate.session.temperatures == ()

    assert gate.has(ACCEPTED) == ADMITTED


def test_a_temperature_is_judged_only_when_receipt_and_hands_are_settled() -> None:
    gate = Gate(Check.RECEIPT, Check.TEMPERATURE)
    assert gate.measures(38.0) == fix(Reason.SHOW_RECEIPT)
    assert gate.state_of(Check.TEMPERATURE) is CheckState.PENDING

    assert gate.has(ACCEPTED) == pause_until(gate.now_s + 300)


# A gate without checks


@pytest.mark.parametrize(
    "event", [ACCEPTED, HandsCleaned("Ani")], ids=lambda event: type(event).__name__
)
def test_a_gate_without_checks_counts_who_is_scanned_or_tapped(event: SessionEvent) -> None:
    gate = Gate()
    assert gate.session.decision == fix(Reason.STAND_STILL)
    gate.measures(36.5)
    gate.sees(MaskLabel.MASK)
    assert gate.waits(1000) == fix(Reason.STAND_STILL)

    assert gate.has(event) == ADMITTED


# The receipt


def test_a_refused_receipt_denies_at_once_with_its_reason() -> None:
    gate = Gate(*EVERYTHING)

    assert gate.has(ReceiptRefused(Reason.EXPIRED)) == Decision(DecisionKind.DENY, Reason.EXPIRED)
    assert gate.state_of(Check.RECEIPT) is CheckState.FAILED
    assert Check.RECEIPT not in gate.outcomes()
    assert gate.session.claims is None


def test_a_refused_receipt_says_nothing_at_a_gate_that_asks_for_none() -> None:
    gate = Gate(Check.HANDS)

    assert gate.has(ReceiptRefused(Reason.EXPIRED)) == fix(Reason.CLEAN_HANDS)
    assert gate.has(HandsCleaned()) == ADMITTED


def test_the_first_accepted_receipt_stands() -> None:
    gate = Gate(Check.RECEIPT, Check.HANDS)
    gate.has(ACCEPTED)
    gate.has(ReceiptAccepted(RECEIPT, "KK"))
    gate.has(ReceiptRefused(Reason.ALREADY_USED))

    assert gate.session.service == "KTP"
    assert gate.has(HandsCleaned()) == ADMITTED


def test_an_emergency_needs_no_receipt_and_is_recorded_as_such() -> None:
    gate = Gate(Check.RECEIPT)

    decision = gate.has(ReceiptWaived("DARURAT", " Ani ", " hospital "))

    assert decision == Decision(DecisionKind.ADMIT, Reason.EMERGENCY)
    assert gate.session.service == "DARURAT"
    assert (gate.session.operator, gate.session.remark) == ("Ani", "hospital")
    assert gate.session.claims is None
    assert gate.session.checks()[0].entered_by == "Ani"
    assert gate.outcomes() == {Check.RECEIPT: (EvidenceSource.EXEMPT, "exempt")}


def test_a_walk_in_may_be_admitted_as_anybody_else() -> None:
    gate = Gate(Check.RECEIPT)

    assert gate.has(ReceiptWaived("LEGALISIR", "Ani", admits_as=Reason.ADMITTED)) == ADMITTED


def test_an_emergency_is_still_checked_for_the_rest() -> None:
    gate = Gate(Check.RECEIPT, Check.MASK)

    assert gate.has(ReceiptWaived("DARURAT", "Ani", "")) == fix(Reason.FACE_CAMERA)
    assert gate.session.remark is None


def test_a_receipt_is_waived_by_a_named_person_only() -> None:
    gate = Gate(Check.RECEIPT)

    with pytest.raises(LaneConflict, match="a name"):
        gate.has(ReceiptWaived("DARURAT", "  ", "hospital"))

    assert gate.waits(0) == fix(Reason.SHOW_RECEIPT)
    assert gate.session.service is None
    assert gate.session.remark is None


def test_an_accepted_receipt_is_not_waived_afterwards() -> None:
    gate = Gate(Check.RECEIPT, Check.HANDS)
    gate.has(ACCEPTED)

    with pytest.raises(LaneConflict, match="settled"):
        gate.has(ReceiptWaived("DARURAT", "Ani", "hospital"))


# Temperature


def test_no_reading_never_passes() -> None:
    gate = Gate(Check.TEMPERATURE)

    assert gate.waits(10_000) == fix(Reason.STAND_STILL)


def test_a_stale_reading_never_passes() -> None:
    gate = Gate(Check.TEMPERATURE)
    for half in range(3):
        gate.has(TemperatureReading(36.5, 25.0, gate.now_s + half / 2))
    gate.now_s += 60
    for half in range(3):
        gate.has(TemperatureReading(36.5, 25.0, gate.now_s - 10 + half / 2))

    assert gate.session.decision == fix(Reason.STAND_STILL)


def test_readings_from_before_the_session_never_count() -> None:
    gate = Gate(Check.TEMPERATURE)
    for age_s in (1.1, 0.6, 0.1):
        gate.has(TemperatureReading(36.5, 25.0, gate.now_s - age_s))

    assert gate.session.decision == fix(Reason.STAND_STILL)


def test_readings_from_the_future_never_count() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    for ahead_s in (0.5, 1.0, 1.5):
        gate.has(TemperatureReading(36.5, 25.0, gate.now_s + ahead_s))
    gate.sees(MaskLabel.MASK, age_s=-1.0)
    gate.now_s += 1.5

    assert gate.waits(0) == fix(Reason.STAND_STILL)
    assert gate.measures(36.5) == fix(Reason.FACE_CAMERA)


def test_faults_are_no_temperature_and_undo_none() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    fault = TemperatureFault(FaultReason.NOT_A_NUMBER, b"nan", gate.now_s)
    for _ in range(10):
        gate.now_s += 0.1
        assert gate.has(fault) == fix(Reason.STAND_STILL)

    assert gate.measures(36.5) == fix(Reason.FACE_CAMERA)
    assert gate.has(fault) == fix(Reason.FACE_CAMERA)
    assert gate.sees(MaskLabel.MASK) == ADMITTED


@pytest.mark.parametrize("celsius", [27.0, 34.0])
def test_a_reading_too_low_for_a_visitor_is_measured_again(celsius: float) -> None:
    gate = Gate(Check.TEMPERATURE)

    assert gate.measures(celsius) == fix(Reason.STEP_CLOSER)
    assert gate.measures(36.5) == ADMITTED


def test_the_threshold_itself_passes_and_a_hair_more_does_not() -> None:
    at, above = Gate(Check.TEMPERATURE), Gate(Check.TEMPERATURE)

    assert at.measures(37.3) == ADMITTED
    assert above.measures(37.30001) == pause_until(above.now_s + 300)


def test_an_elevated_temperature_is_measured_again_after_the_pause() -> None:
    gate = Gate(Check.RECEIPT, Check.TEMPERATURE)
    gate.has(ACCEPTED)
    paused = gate.measures(37.8)
    assert paused == pause_until(gate.now_s + 300)
    assert gate.state_of(Check.TEMPERATURE) is CheckState.FAILED
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.DEVICE, "elevated")

    assert gate.measures(36.5) == paused
    assert gate.waits(298.4) == paused
    assert gate.waits(0.1) == fix(Reason.STAND_STILL)
    assert gate.state_of(Check.TEMPERATURE) is CheckState.PENDING
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.DEVICE, "elevated")
    assert gate.measures(37.2) == ADMITTED
    assert [m.corrected_celsius for m in gate.session.temperatures] == [37.8, 37.2]
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.DEVICE, "passed")


def test_two_elevated_temperatures_refer_and_nothing_but_a_person_changes_that() -> None:
    gate = Gate(Check.RECEIPT, Check.TEMPERATURE)
    gate.has(ACCEPTED)
    gate.measures(37.8)
    gate.waits(300)

    assert gate.measures(37.4) == REFERRED
    assert gate.state_of(Check.TEMPERATURE) is CheckState.FAILED
    assert gate.measures(36.5) == REFERRED
    assert [m.corrected_celsius for m in gate.session.temperatures] == [37.8, 37.4]
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.DEVICE, "elevated")


def test_an_elevated_temperature_outranks_a_missing_mask() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.sees(MaskLabel.NO_MASK)

    assert gate.measures(38.0).kind is DecisionKind.WAIT


def test_after_the_pause_the_mask_must_be_seen_again() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.sees(MaskLabel.MASK)
    gate.measures(38.0)
    gate.waits(300)

    assert gate.measures(36.5) == fix(Reason.FACE_CAMERA)
    assert gate.sees(MaskLabel.MASK) == ADMITTED


def test_a_visitor_called_back_needs_the_second_reading_only() -> None:
    gate = Gate(Check.RECEIPT, Check.TEMPERATURE, resumes=ASIDE)
    assert gate.session.resumes is ASIDE
    assert gate.session.decision == fix(Reason.SHOW_RECEIPT)
    gate.has(ACCEPTED)

    assert gate.measures(36.9) == ADMITTED
    assert [m.corrected_celsius for m in gate.session.temperatures] == [36.9]


def test_a_visitor_called_back_who_is_elevated_again_is_referred() -> None:
    gate = Gate(Check.RECEIPT, Check.TEMPERATURE, resumes=ASIDE)
    gate.has(ACCEPTED)

    assert gate.measures(37.5) == REFERRED


def test_a_visitor_who_comes_back_early_is_told_when() -> None:
    gate = Gate(
        Check.RECEIPT, Check.TEMPERATURE, resumes=ASIDE, second_reading_from_s=100.0 + 120.0
    )
    assert gate.has(ACCEPTED) == pause_until(220.0)
    assert gate.measures(36.5) == pause_until(220.0)
    gate.waits(120)

    assert gate.measures(36.5) == ADMITTED


def test_the_threshold_shown_is_the_one_that_was_used() -> None:
    own = own_thresholds(first_celsius=37.3, second_celsius=37.8, pause_s=60)
    gate = Gate(Check.TEMPERATURE, thresholds=own)
    assert gate.session.threshold_celsius == 37.3
    gate.measures(37.5)
    assert gate.session.threshold_celsius == 37.3
    gate.waits(60)

    assert gate.measures(37.5) == ADMITTED
    assert gate.session.threshold_celsius == 37.8


def test_the_offset_of_the_site_is_recorded_by_name() -> None:
    gate = Gate(Check.TEMPERATURE, offset_celsius=1.2)

    assert gate.measures(36.1) == ADMITTED
    (measured,) = gate.session.temperatures
    assert (measured.raw_celsius, measured.corrected_celsius) == (36.1, 37.3)
    assert measured.corrections == (("offset", 1.2),)


def test_a_temperature_has_to_be_fresh_when_the_mask_is_on_at_last() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.measures(36.5)
    gate.sees(MaskLabel.NO_MASK)
    gate.waits(2.6)

    assert gate.sees(MaskLabel.MASK) == fix(Reason.STAND_STILL)
    assert gate.measures(36.5) == ADMITTED


def test_two_faces_in_a_camera_that_is_gone_undo_no_temperature() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK, lacks=[DeviceKind.CAMERA])
    assert gate.measures(36.5) == fix(Reason.GUARD_CHECKS_MASK)
    assert gate.sees(MaskAdvice.TWO_FACES) == fix(Reason.GUARD_CHECKS_MASK)


def test_with_a_new_correction_the_device_is_asked_again_and_a_person_may_still_enter() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    assert gate.measures(36.5) == fix(Reason.FACE_CAMERA)
    corrected = replace(gate.session.policy, calibration=Calibration(1.0))
    gate.session.recalibrate(corrected, gate.now_s)
    assert gate.has(Tick()) == fix(Reason.STAND_STILL)
    assert gate.has(TemperatureEntered(36.6, "ani")) == fix(Reason.FACE_CAMERA)
    assert gate.sees(MaskLabel.MASK) == ADMITTED


# The mask


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (MaskLabel.NO_MASK, Reason.PUT_MASK_ON),
        (MaskLabel.INCORRECT, Reason.COVER_NOSE),
        (MaskAdvice.TWO_FACES, Reason.ONE_AT_A_TIME),
        (MaskAdvice.TOO_FAR, Reason.STEP_CLOSER),
        (MaskAdvice.UNSURE, Reason.FACE_CAMERA),
        (MaskAdvice.NO_FACE, Reason.FACE_CAMERA),
    ],
)
def test_the_visitor_is_told_what_to_do_about_the_mask(
    found: MaskLabel | MaskAdvice, reason: Reason
) -> None:
    gate = Gate(Check.MASK)

    assert gate.sees(found) == fix(reason)
    is_worn_wrong = isinstance(found, MaskLabel)
    assert gate.state_of(Check.MASK) is (CheckState.FAILED if is_worn_wrong else CheckState.PENDING)
    expected = {Check.MASK: (EvidenceSource.DEVICE, found.value)} if is_worn_wrong else {}
    assert gate.outcomes() == expected
    assert gate.sees(MaskLabel.MASK) == ADMITTED


@pytest.mark.parametrize(
    ("found", "reason"),
    [(MaskAdvice.TOO_DARK, Reason.TOO_DARK), (MaskAdvice.BACKLIT, Reason.BACKLIT)],
)
def test_in_bad_light_the_guard_is_asked_to_look(found: MaskAdvice, reason: Reason) -> None:
    gate = Gate(Check.MASK)

    assert gate.sees(found) == fix(reason)
    assert gate.state_of(Check.MASK) is CheckState.NEEDS_GUARD
    assert gate.outcomes() == {}
    assert gate.has(MaskEntered(MaskLabel.MASK, "Ani")) == ADMITTED
    assert gate.outcomes()[Check.MASK] == (EvidenceSource.GUARD, "mask")


def test_every_advice_asks_for_something() -> None:
    for advice in MaskAdvice:
        assert Gate(Check.MASK).sees(advice).kind is DecisionKind.FIX


def test_an_old_mask_result_must_be_seen_again() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.sees(MaskLabel.MASK)
    gate.waits(2.0)

    assert gate.measures(36.5) == fix(Reason.FACE_CAMERA)


def test_a_mask_that_comes_off_is_seen() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.sees(MaskLabel.MASK)
    gate.sees(MaskLabel.NO_MASK)

    assert gate.measures(36.5) == fix(Reason.PUT_MASK_ON)


def test_mask_results_that_arrive_late_or_from_before_never_count() -> None:
    gate = Gate(Check.MASK)
    assert gate.sees(MaskLabel.MASK, age_s=1.0) == fix(Reason.FACE_CAMERA)
    gate.waits(1.0)
    gate.sees(MaskLabel.NO_MASK)

    assert gate.sees(MaskLabel.MASK, age_s=0.5) == fix(Reason.PUT_MASK_ON)


def test_a_result_without_label_or_advice_never_passes() -> None:
    gate = Gate(Check.MASK)

    assert gate.has(MaskReading(None, None, 0.0, 0, gate.now_s)) == fix(Reason.FACE_CAMERA)


def test_a_temperature_taken_with_two_faces_in_front_counts_for_neither() -> None:
    gate = Gate(Check.TEMPERATURE, Check.HANDS)
    gate.measures(36.5)
    gate.sees(MaskAdvice.TWO_FACES)
    assert gate.has(HandsCleaned()) == fix(Reason.ONE_AT_A_TIME)
    assert gate.measures(36.5) == fix(Reason.ONE_AT_A_TIME)
    assert gate.sees(MaskLabel.MASK) == fix(Reason.STAND_STILL)

    assert gate.measures(36.5) == ADMITTED


def test_a_camera_that_stops_telling_of_two_faces_does_not_hold_the_gate_for_ever() -> None:
    gate = Gate(Check.TEMPERATURE)
    gate.sees(MaskAdvice.TWO_FACES)

    assert gate.waits(3.1) == fix(Reason.STAND_STILL)
    assert gate.measures(36.5) == ADMITTED


# Lost devices and the guard's entries


def test_a_lost_thermometer_asks_the_guard_to_measure() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.measures(36.5)

    assert gate.has(DeviceLost(DeviceKind.THERMOMETER)) == fix(Reason.GUARD_MEASURES)
    assert gate.state_of(Check.TEMPERATURE) is CheckState.NEEDS_GUARD
    assert gate.measures(36.5) == fix(Reason.GUARD_MEASURES)
    assert gate.has(TemperatureEntered(36.6, "Ani")) == fix(Reason.FACE_CAMERA)
    assert gate.sees(MaskLabel.MASK) == ADMITTED
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.GUARD, "passed")
    assert gate.session.temperatures[-1].entered_by == "Ani"
    assert gate.session.operator == "Ani"
    assert {v.check: v.entered_by for v in gate.session.checks()}[Check.TEMPERATURE] == "Ani"


def test_a_gate_without_a_thermometer_asks_the_guard_from_the_start() -> None:
    gate = Gate(Check.TEMPERATURE, lacks=[DeviceKind.THERMOMETER])

    assert gate.session.decision == fix(Reason.GUARD_MEASURES)


def test_a_thermometer_that_is_back_measures_anew() -> None:
    gate = Gate(Check.TEMPERATURE, Check.HANDS)
    gate.measures(36.5)
    gate.has(DeviceLost(DeviceKind.THERMOMETER))
    gate.has(DeviceBack(DeviceKind.THERMOMETER))

    assert gate.has(HandsCleaned()) == fix(Reason.STAND_STILL)
    assert gate.measures(36.5) == ADMITTED


def test_the_guards_entry_stands_when_the_thermometer_is_back() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK, lacks=[DeviceKind.THERMOMETER])
    gate.has(TemperatureEntered(36.6, "Ani"))
    gate.has(DeviceBack(DeviceKind.THERMOMETER))
    gate.measures(36.9)
    gate.waits(60)

    assert gate.sees(MaskLabel.MASK) == ADMITTED
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.GUARD, "passed")


def test_the_guards_entry_is_held_to_the_same_threshold_and_pause() -> None:
    gate = Gate(Check.TEMPERATURE, lacks=[DeviceKind.THERMOMETER])
    assert gate.has(TemperatureEntered(37.4, "Ani")) == pause_until(400.0)
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.GUARD, "elevated")
    with pytest.raises(LaneConflict, match="second reading"):
        gate.has(TemperatureEntered(36.5, "Ani"))
    assert gate.waits(299) == pause_until(400.0)
    assert gate.waits(1) == fix(Reason.GUARD_MEASURES)

    assert gate.has(TemperatureEntered(37.4, "Budi")) == REFERRED
    assert gate.session.operator == "Budi"


def test_a_guards_entry_is_taken_as_typed() -> None:
    gate = Gate(Check.TEMPERATURE, offset_celsius=2.0)

    assert gate.has(TemperatureEntered(36.5, "Ani")) == ADMITTED


@pytest.mark.parametrize("celsius", [27.0, 34.0, 45.5, math.nan, math.inf])
def test_an_entry_nobody_can_have_changes_nothing(celsius: float) -> None:
    gate = Gate(Check.TEMPERATURE)

    with pytest.raises(LaneConflict, match="measure again"):
        gate.has(TemperatureEntered(celsius, "Ani"))

    assert gate.session.decision == fix(Reason.STAND_STILL)
    assert gate.session.temperatures == ()
    assert gate.session.operator is None


def test_a_lost_camera_asks_the_guard_to_look() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.measures(36.5)
    gate.sees(MaskAdvice.UNSURE)

    assert gate.has(DeviceLost(DeviceKind.CAMERA)) == fix(Reason.GUARD_CHECKS_MASK)
    assert gate.state_of(Check.MASK) is CheckState.NEEDS_GUARD
    assert gate.sees(MaskLabel.MASK) == fix(Reason.GUARD_CHECKS_MASK)
    assert gate.has(MaskEntered(MaskLabel.INCORRECT, "Ani")) == fix(Reason.COVER_NOSE)
    assert gate.state_of(Check.MASK) is CheckState.FAILED
    assert gate.has(MaskEntered(MaskLabel.MASK, "Ani")) == ADMITTED
    assert gate.outcomes()[Check.MASK] == (EvidenceSource.GUARD, "mask")


def test_a_camera_that_is_back_looks_anew() -> None:
    gate = Gate(Check.MASK, Check.HANDS)
    gate.sees(MaskLabel.MASK)
    gate.now_s += 1
    gate.has(DeviceLost(DeviceKind.CAMERA))
    gate.has(DeviceBack(DeviceKind.CAMERA))
    gate.has(HandsCleaned())

    assert gate.sees(MaskLabel.MASK, age_s=0.5) == fix(Reason.FACE_CAMERA)
    assert gate.sees(MaskLabel.MASK) == ADMITTED


def test_what_arrives_of_a_lost_device_does_not_count_when_it_is_back() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK, lacks=ALL_DEVICES)
    gate.measures(36.5)
    gate.sees(MaskLabel.MASK)
    gate.has(DeviceBack(DeviceKind.CAMERA))

    assert gate.has(DeviceBack(DeviceKind.THERMOMETER)) == fix(Reason.STAND_STILL)
    assert gate.measures(36.5) == fix(Reason.FACE_CAMERA)


def test_the_guards_word_on_the_mask_stands_against_the_camera() -> None:
    gate = Gate(Check.HANDS, Check.MASK)
    gate.has(HandsCleaned())
    gate.has(MaskEntered(MaskLabel.NO_MASK, "Ani"))

    assert gate.sees(MaskLabel.MASK) == fix(Reason.PUT_MASK_ON)
    assert gate.has(MaskEntered(MaskLabel.MASK, "Ani")) == ADMITTED


@pytest.mark.parametrize("kind", [DeviceKind.SCANNER, DeviceKind.BARRIER])
def test_other_devices_do_not_concern_the_visitor(kind: DeviceKind) -> None:
    gate = Gate(Check.TEMPERATURE)
    gate.measures(44.0)

    assert gate.has(DeviceLost(kind)) == fix(Reason.HOT_OBJECT)
    assert gate.has(DeviceBack(kind)) == fix(Reason.HOT_OBJECT)


def test_an_exemption_from_the_mask_is_recorded_with_name_and_remark() -> None:
    gate = Gate(Check.MASK)
    gate.sees(MaskLabel.NO_MASK)

    assert gate.has(MaskExempted("Ani", "asthma, letter seen")) == ADMITTED
    assert gate.outcomes() == {Check.MASK: (EvidenceSource.EXEMPT, "exempt")}
    assert gate.session.checks()[0].entered_by == "Ani"
    assert gate.session.remark == "asthma, letter seen"


@pytest.mark.parametrize(
    "event",
    [
        HandsCleaned(""),
        TemperatureEntered(36.5, " "),
        MaskEntered(MaskLabel.MASK, ""),
        MaskExempted("", "asthma"),
        MaskExempted("Ani", " "),
        Overridden(DecisionKind.ADMIT, "", "known to me"),
        Overridden(DecisionKind.ADMIT, "Ani", ""),
        Overridden(DecisionKind.DENY, "Ani", "  "),
    ],
    ids=repr,
)
def test_what_nobody_signs_changes_nothing(event: SessionEvent) -> None:
    gate = Gate(*EVERYTHING)

    with pytest.raises(LaneConflict, match="This needs a"):
        gate.has(event)

    assert gate.session.decision == fix(Reason.SHOW_RECEIPT)
    assert gate.session.results() == ()
    assert gate.session.operator is None
    assert gate.session.remark is None


@pytest.mark.parametrize(
    "event",
    [
        TemperatureEntered(36.5, "Ani"),
        MaskEntered(MaskLabel.MASK, "Ani"),
        MaskExempted("Ani", "asthma"),
    ],
    ids=repr,
)
def test_an_entry_for_a_check_the_gate_does_not_ask_is_refused(event: SessionEvent) -> None:
    gate = Gate(Check.RECEIPT)

    with pytest.raises(LaneConflict, match="does not ask"):
        gate.has(event)


# Overrides and the end


def test_a_person_may_admit_against_the_machine() -> None:
    gate = Gate(*EVERYTHING)
    gate.has(ACCEPTED)
    gate.has(HandsCleaned("Ani"))
    gate.measures(38.0)

    decision = gate.has(Overridden(DecisionKind.ADMIT, " Budi ", "clinical reading 36.9"))

    assert decision == Decision(DecisionKind.ADMIT, Reason.OVERRIDE)
    assert gate.session.operator == "Budi"
    assert gate.session.remark == "clinical reading 36.9"
    assert gate.outcomes()[Check.TEMPERATURE] == (EvidenceSource.DEVICE, "elevated")


def test_a_person_may_deny_against_the_machine() -> None:
    gate = Gate(*EVERYTHING)

    decision = gate.has(Overridden(DecisionKind.DENY, "Budi", "threatens others"))

    assert decision == Decision(DecisionKind.DENY, Reason.GUARD_REFUSED)


@pytest.mark.parametrize("kind", [DecisionKind.FIX, DecisionKind.WAIT, DecisionKind.REFER])
def test_a_person_may_only_admit_or_deny(kind: DecisionKind) -> None:
    gate = Gate(*EVERYTHING)

    with pytest.raises(LaneConflict, match="only admit or deny"):
        gate.has(Overridden(kind, "Budi", "because"))

    assert gate.session.decision == fix(Reason.SHOW_RECEIPT)


def test_every_remark_is_kept_in_order() -> None:
    gate = Gate(Check.RECEIPT, Check.MASK)
    gate.has(ReceiptWaived("DARURAT", "Ani", "hospital"))
    gate.has(MaskExempted("Budi", "asthma"))

    assert gate.session.remark == "hospital; asthma"
    assert gate.session.operator == "Budi"


FINAL_EVENTS: list[SessionEvent] = [
    ReceiptRefused(Reason.REVOKED),
    Overridden(DecisionKind.ADMIT, "Ani", "known to me"),
    Overridden(DecisionKind.DENY, "Ani", "threatens others"),
]


@pytest.mark.parametrize("event", FINAL_EVENTS, ids=repr)
def test_a_final_decision_never_changes(event: SessionEvent) -> None:
    gate = Gate(*EVERYTHING)
    final = gate.has(event)
    results, operator = gate.session.results(), gate.session.operator
    later: list[SessionEvent] = [
        *FINAL_EVENTS,
        ACCEPTED,
        ReceiptWaived("DARURAT", "Siti"),
        HandsCleaned("Siti"),
        TemperatureEntered(math.nan, ""),
        MaskEntered(MaskLabel.MASK, "Siti"),
        MaskExempted("Siti", "asthma"),
        DeviceLost(DeviceKind.CAMERA),
        DeviceBack(DeviceKind.CAMERA),
        TemperatureFault(FaultReason.OVERFLOW, b"", gate.now_s),
        Tick(),
    ]

    assert {gate.has(other) for other in later} == {final}
    assert gate.measures(36.5) == final
    assert gate.sees(MaskLabel.MASK) == final
    assert gate.waits(1000) == final
    assert gate.session.results() == results
    assert gate.session.operator == operator


def test_evidence_of_an_admission_does_not_grow_old_afterwards() -> None:
    gate = Gate(Check.TEMPERATURE, Check.MASK)
    gate.sees(MaskLabel.MASK)
    gate.measures(36.5)
    gate.waits(1000)

    assert gate.session.decision == ADMITTED
    assert {view.state for view in gate.session.checks()} == {CheckState.PASSED}


def test_time_does_not_run_backwards() -> None:
    gate = Gate(Check.TEMPERATURE)
    paused = gate.measures(38.0)
    gate.waits(300)

    assert gate.session.handle(Tick(), gate.now_s - 200) == fix(Reason.STAND_STILL)
    assert gate.session.handle(Tick(), math.nan) == fix(Reason.STAND_STILL)
    assert paused.kind is DecisionKind.WAIT
