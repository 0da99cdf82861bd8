"""One gate, over a real record: who is admitted, what is written, when the barrier moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from screening.decision import Check, DecisionKind, Reason
from screening.errors import LaneConflict, RecordError, ScreeningError
from screening.gate.commands import ExitScan
from screening.gate.current_visit import ABANDONED_AFTER_S, VERDICT_SHOWN_S
from screening.gate.view import GateMode
from screening.readings import (
    Availability,
    DeviceKind,
    FaultReason,
    MaskAdvice,
    MaskLabel,
    TemperatureFault,
)
from screening.registration.bookings import PriorityGroup
from screening.visits import EvidenceSource
from tests.commissionings import of_an_array
from tests.screening.gate.lane_setting import ARRAY, NINE, Setting, lane_setting


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path) as setting:
        yield setting


@pytest.fixture
def receipt_gate(tmp_path: Path) -> Iterator[Setting]:
    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset()) as setting:
        yield setting


def reasons(gate: Setting) -> list[Reason]:
    """Of the attempts, in order."""
    return [e.reason for e in gate.record.visits.entries() if e.reason is not None]


class TestReceiptOnly:
    def test_a_good_receipt_is_admitted_at_once_with_seat_and_ticket(
        self, receipt_gate: Setting
    ) -> None:
        answer = receipt_gate.scan(receipt_gate.receipt())
        assert (answer.status, answer.reason) == ("ok", Reason.ADMITTED)
        assert answer.seat is not None
        assert answer.ticket == "K-001"

    def test_the_same_nonce_gets_the_same_answer_and_one_pulse(self, receipt_gate: Setting) -> None:
        token = receipt_gate.receipt()
        first = receipt_gate.scan(token, "n-1")
        assert receipt_gate.scan(token, "n-1") == first
        assert len(receipt_gate.barrier.opened) == 1
        assert len(reasons(receipt_gate)) == 1

    def test_the_same_nonce_after_a_restart_gets_the_same_answer(self, tmp_path: Path) -> None:
        only = frozenset({Check.RECEIPT})
        with lane_setting(tmp_path, checks=only, devices=frozenset()) as before:
            token = before.receipt()
            first = before.scan(token, "n-1")
        with lane_setting(tmp_path, checks=only, devices=frozenset()) as after:
            again = after.scan(token, "n-1")
            assert after.barrier.opened == []
        assert (again.status, again.attempt_id, again.seat) == (
            "ok",
            first.attempt_id,
            first.seat,
        )

    def test_a_nonce_is_good_for_one_code_only(self, receipt_gate: Setting) -> None:
        receipt_gate.scan(receipt_gate.receipt(), "n-1")
        with pytest.raises(LaneConflict) as caught:
            receipt_gate.scan("GB1:FORGED", "n-1")
        assert caught.value.code == "nonce_reused"

    def test_a_nonce_is_good_for_one_code_only_also_after_a_restart(self, tmp_path: Path) -> None:
        only = frozenset({Check.RECEIPT})
        with lane_setting(tmp_path, checks=only, devices=frozenset()) as before:
            before.scan(before.receipt(), "n-1")
        with lane_setting(tmp_path, checks=only, devices=frozenset()) as after:
            for code in (after.receipt(), "GB1:FORGED"):
                with pytest.raises(LaneConflict):
                    after.scan(code, "n-1")
            assert after.barrier.opened == []

    def test_a_used_receipt_is_refused_and_written_down(self, receipt_gate: Setting) -> None:
        token = receipt_gate.receipt()
        receipt_gate.scan(token)
        answer = receipt_gate.scan(token)
        assert (answer.status, answer.reason) == ("refused", Reason.ALREADY_INSIDE)
        assert reasons(receipt_gate) == [Reason.ADMITTED, Reason.ALREADY_INSIDE]
        assert len(receipt_gate.barrier.opened) == 1

    def test_a_party_enters_one_by_one_under_one_receipt(self, receipt_gate: Setting) -> None:
        token = receipt_gate.receipt(party_size=3)
        answers = [receipt_gate.scan(token) for _ in range(4)]
        assert [(a.status, a.place) for a in answers] == [
            ("ok", 1),
            ("ok", 2),
            ("ok", 3),
            ("refused", None),
        ]

    def test_going_out_and_back_on_the_same_day(self, receipt_gate: Setting) -> None:
        token = receipt_gate.receipt()
        receipt_gate.scan(token)
        assert receipt_gate.lane.exits.scan(token, operator=None)
        assert not receipt_gate.lane.exits.scan(token, operator=None)
        back = receipt_gate.scan(token)
        assert (back.status, back.reason) == ("ok", Reason.RETURNED)

    def test_the_exit_button_frees_a_place_until_the_room_is_empty(
        self, receipt_gate: Setting
    ) -> None:
        receipt_gate.scan(receipt_gate.receipt())
        assert receipt_gate.lane.exits.button(operator="siti")
        assert not receipt_gate.lane.exits.button(operator="siti")
        assert receipt_gate.record.visits.entries()[-1].operator == "siti"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("", Reason.RECEIPT_UNREADABLE),
            ("hello", Reason.RECEIPT_UNREADABLE),
            ("GB1:" + "A" * 5000, Reason.RECEIPT_UNREADABLE),
            ("GB1:é☃", Reason.RECEIPT_UNREADABLE),
        ],
        ids=["empty", "words", "endless", "not-ascii"],
    )
    def test_what_is_no_receipt_is_refused_with_a_reason(
        self, receipt_gate: Setting, code: str, reason: Reason
    ) -> None:
        answer = receipt_gate.scan(code)
        assert (answer.status, answer.reason) == ("refused", reason)
        assert reasons(receipt_gate) == [reason]

    def test_a_receipt_of_today_is_good_tomorrow(self, receipt_gate: Setting) -> None:
        token = receipt_gate.receipt(issued_on=NINE.date())
        assert receipt_gate.scan(token).reason is Reason.NOT_YET_VALID
        receipt_gate.wait(24 * 3600)
        assert receipt_gate.scan(token).status == "ok"

    def test_a_full_room_asks_to_wait_and_leaves_the_receipt_unused(self, tmp_path: Path) -> None:
        with lane_setting(
            tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset(), capacity=1
        ) as gate:
            gate.scan(gate.receipt())
            token = gate.receipt()
            full = gate.scan(token)
            assert (full.status, full.decision, full.reason) == (
                "refused",
                DecisionKind.WAIT,
                Reason.ROOM_FULL,
            )
            gate.lane.exits.button(operator="siti")
            assert gate.scan(token).status == "ok"

    def test_nobody_is_told_that_the_room_is_full_when_it_is_not_any_more(
        self, tmp_path: Path
    ) -> None:
        with lane_setting(
            tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset(), capacity=1
        ) as gate:
            gate.scan(gate.receipt())
            gate.scan(gate.receipt())
            gate.room.refresh()
            gate.wait(4)
            assert gate.verdict is not None
            assert gate.verdict.reason is Reason.ROOM_FULL
            gate.lane.exits.button(operator="siti")
            gate.room.refresh()
            gate.wait(1)
            assert gate.verdict is None
            assert len(gate.lane.view().outside) == 1

    def test_who_waits_outside_is_known_by_name_and_called_without_a_new_scan(
        self, tmp_path: Path
    ) -> None:
        with lane_setting(
            tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset(), capacity=1
        ) as gate:
            gate.scan(gate.receipt())
            first, second = gate.receipt(), gate.receipt()
            for token in (first, second, first):
                gate.scan(token)
            outside = gate.lane.view().outside
            assert [(one.holder, one.service) for one in outside] == [("Siti A.", "KTP")] * 2
            gate.lane.exits.button(operator="siti")
            gate.lane.guard.resume(outside[-1].attempt_id, operator="siti")
            assert gate.verdict is not None
            assert gate.verdict.reason is Reason.ADMITTED
            (left,) = gate.lane.view().outside
            gate.lane.guard.dismiss(left.attempt_id, operator="siti")
            assert gate.lane.view().outside == ()
            with pytest.raises(LaneConflict):
                gate.lane.guard.resume(left.attempt_id, operator="siti")

    def test_who_waits_outside_is_known_and_called_after_a_restart_too(
        self, tmp_path: Path
    ) -> None:
        only_receipts = frozenset({Check.RECEIPT})
        with lane_setting(tmp_path, checks=only_receipts, devices=frozenset(), capacity=1) as gate:
            gate.scan(gate.receipt())
            first, second = gate.receipt(), gate.receipt("KK")
            for token in (first, second):
                gate.scan(token)
            gate.lane.exits.button(operator="siti")
            gate.scan(first)
            gate.wait(60)
            later = gate.clock.now()
        with lane_setting(
            tmp_path, checks=only_receipts, devices=frozenset(), capacity=1, now=later
        ) as gate:
            (outside,) = gate.lane.view().outside
            assert (outside.holder, outside.service) == ("Siti A.", "KK")
            gate.lane.exits.button(operator="siti")
            gate.lane.guard.resume(outside.attempt_id, operator="siti")
            assert gate.verdict is not None
            assert gate.verdict.reason is Reason.ADMITTED
            assert gate.lane.view().outside == ()

    def test_who_waited_outside_yesterday_is_not_there_after_the_night(
        self, tmp_path: Path
    ) -> None:
        only_receipts = frozenset({Check.RECEIPT})
        with lane_setting(tmp_path, checks=only_receipts, devices=frozenset(), capacity=1) as gate:
            gate.scan(gate.receipt())
            gate.scan(gate.receipt())
            assert len(gate.lane.view().outside) == 1
        with lane_setting(
            tmp_path, checks=only_receipts, devices=frozenset(), now=NINE + timedelta(days=1)
        ) as gate:
            assert gate.lane.view().outside == ()


class TestAllChecks:
    def test_asks_for_one_thing_after_the_other_and_admits(self, gate: Setting) -> None:
        token = gate.receipt()
        answer = gate.scan(token, "n-1")
        assert (answer.status, answer.reason) == ("pending", Reason.CLEAN_HANDS)
        gate.lane.guard.hands_cleaned(operator="siti")
        gate.measures(36.5)
        verdict = gate.verdict
        assert verdict is not None
        assert (verdict.kind, verdict.barrier_opened) == (DecisionKind.ADMIT, True)
        assert verdict.seat is not None
        assert gate.scan(token, "n-1").status == "ok"  # the station asks what became of it

    def test_the_row_is_committed_before_the_barrier_moves(self, gate: Setting) -> None:
        at_pulse: list[object] = []
        gate.barrier.open_once = (  # type: ignore[method-assign]
            lambda decision_id: at_pulse.append(gate.record.visits.attempt(decision_id))
        )
        gate.scan(gate.receipt())
        gate.passes()
        assert len(at_pulse) == 1
        assert at_pulse[0] is not None

    def test_no_mask_is_asked_for_until_it_is_worn(self, gate: Setting) -> None:
        gate.scan(gate.receipt())
        gate.lane.guard.hands_cleaned(operator="siti")
        gate.measures(36.5, looks=MaskLabel.NO_MASK)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.PUT_MASK_ON
        gate.measures(36.5, looks=MaskLabel.INCORRECT)
        assert gate.verdict.reason is Reason.COVER_NOSE
        gate.measures(36.5)
        assert gate.verdict.kind is DecisionKind.ADMIT

    def test_noise_on_the_wire_is_counted_and_admits_nobody(self, gate: Setting) -> None:
        gate.scan(gate.receipt())
        gate.lane.guard.hands_cleaned(operator="siti")
        for _ in range(20):
            gate.wait(0.2)
            now_s = gate.clock.monotonic_s()
            gate.lane.device_reading(TemperatureFault(FaultReason.BAD_CHECKSUM, b"x", now_s))
            gate.sees(MaskLabel.MASK)
        assert gate.verdict is not None
        assert gate.verdict.kind is DecisionKind.FIX
        thermometer = {d.kind: d for d in gate.lane.view().devices}[DeviceKind.THERMOMETER]
        assert thermometer.faults == 20
        assert thermometer.heard is None  # noise is no reading

    def test_tells_when_each_device_sent_its_newest_reading(self, gate: Setting) -> None:
        gate.measures(24.0)
        measured = gate.clock.now()
        gate.wait(30)
        gate.sees(None)
        heard = {one.kind: one.heard for one in gate.lane.view().devices}
        assert heard[DeviceKind.THERMOMETER] == measured
        assert heard[DeviceKind.CAMERA] == gate.clock.now()
        assert heard[DeviceKind.SCANNER] is None

    def test_elevated_steps_aside_and_resumes_at_the_second_reading(self, gate: Setting) -> None:
        token = gate.receipt()
        gate.scan(token)
        gate.passes(37.8)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.SECOND_READING_PAUSE
        gate.lane.refresh_aside()
        assert [a.service for a in gate.lane.view().aside] == ["KTP"]
        assert [(a.holder, a.can_resume) for a in gate.lane.view().aside] == [("Siti A.", True)]

        other = gate.scan(gate.receipt("KK"))  # the lane is free for the next visitor
        assert other.reason is Reason.CLEAN_HANDS
        gate.passes(36.4)
        assert gate.verdict.kind is DecisionKind.ADMIT

        assert gate.scan(token).reason is Reason.SECOND_READING_PAUSE  # too early
        gate.wait(300)
        assert gate.scan(token).reason is Reason.CLEAN_HANDS
        gate.passes(36.9)
        assert gate.verdict.kind is DecisionKind.ADMIT
        gate.lane.refresh_aside()
        assert gate.lane.view().aside == ()

    def test_a_pause_survives_a_restart(self, tmp_path: Path) -> None:
        with lane_setting(tmp_path) as before:
            token = before.receipt()
            before.scan(token)
            before.passes(37.8)
            later = before.clock.now()
        with lane_setting(tmp_path, now=later) as after:
            assert after.scan(token).reason is Reason.SECOND_READING_PAUSE
            after.wait(300)
            after.scan(token)
            after.passes(37.9)
            assert after.verdict is not None
            assert after.verdict.reason is Reason.ELEVATED_TWICE

    def test_who_rests_is_known_by_name_and_called_after_a_restart_too(
        self, tmp_path: Path
    ) -> None:
        with lane_setting(tmp_path) as before:
            before.scan(before.receipt())
            before.passes(37.8)
            later = before.clock.now()
        with lane_setting(tmp_path, now=later) as after:
            after.lane.refresh_aside()
            (aside,) = after.lane.view().aside
            assert (aside.holder, aside.can_resume) == ("Siti A.", True)
            after.wait(300)
            after.lane.guard.resume(aside.attempt_id, operator="siti")
            after.passes(36.6)
            assert after.verdict is not None
            assert after.verdict.reason is Reason.ADMITTED

    def test_a_referral_is_confirmed_by_a_person_before_the_next_visitor(
        self, gate: Setting
    ) -> None:
        token = gate.receipt()
        gate.scan(token)
        gate.passes(37.8)
        gate.wait(300)
        gate.scan(token)
        gate.passes(37.8)
        assert gate.verdict is not None
        assert (gate.verdict.kind, gate.verdict.needs_confirmation) == (DecisionKind.REFER, True)
        gate.wait(VERDICT_SHOWN_S + 1)
        assert gate.scan(gate.receipt()).reason is Reason.LANE_BUSY
        with pytest.raises(LaneConflict):
            gate.lane.guard.clear(operator="siti")
        gate.lane.guard.confirm(operator="siti", remark="told in person")
        assert gate.verdict is None
        assert gate.record.visits.entries()[-1].operator == "siti"
        assert gate.barrier.opened == []

    def test_a_second_try_does_not_undo_a_referral_but_the_officer_does(
        self, gate: Setting
    ) -> None:
        token = gate.receipt()
        gate.scan(token)
        gate.passes(37.8)
        gate.wait(300)
        gate.scan(token)
        gate.passes(37.8)
        gate.lane.guard.confirm(operator="siti")
        assert gate.scan(token).reason is Reason.ELEVATED_TWICE
        assert gate.verdict is not None
        referred = gate.verdict.attempt_id
        for outcome, reason in (
            ("elevated", Reason.ELEVATED_TWICE),
            ("normal", Reason.CLEAN_HANDS),
        ):
            gate.record.visits.record_clinical(
                referred, celsius=36.9, outcome=outcome, operator="rina", at=gate.clock.now()
            )
            assert gate.scan(token).reason is reason
        gate.passes(36.5)
        assert gate.verdict.kind is DecisionKind.ADMIT

    def test_the_others_of_a_party_go_on_while_one_rests(self, gate: Setting) -> None:
        token = gate.receipt(party_size=2)
        gate.scan(token)
        gate.passes(37.8)
        assert gate.scan(token).reason is Reason.CLEAN_HANDS
        gate.passes(36.4)
        assert gate.verdict is not None
        assert gate.verdict.kind is DecisionKind.ADMIT
        assert gate.scan(token).reason is Reason.SECOND_READING_PAUSE
        gate.wait(300)
        gate.scan(token)
        gate.passes(37.9)
        assert gate.verdict.reason is Reason.ELEVATED_TWICE

    def test_who_rested_is_called_back_without_showing_the_receipt_again(
        self, gate: Setting
    ) -> None:
        gate.scan(gate.receipt())
        gate.passes(37.8)
        gate.lane.refresh_aside()
        (aside,) = gate.lane.view().aside
        with pytest.raises(LaneConflict) as caught:
            gate.lane.guard.resume(aside.attempt_id, operator="siti")
        assert caught.value.code == "pause_not_over"
        gate.wait(300)
        gate.lane.guard.resume(aside.attempt_id, operator="siti")
        gate.passes(36.6)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.ADMITTED

    def test_another_receipt_during_a_session_is_told_to_wait(self, gate: Setting) -> None:
        token = gate.receipt()
        gate.scan(token)
        assert gate.scan(gate.receipt()).reason is Reason.LANE_BUSY
        assert gate.scan(token).reason is Reason.CLEAN_HANDS

    def test_a_full_room_is_told_before_anybody_is_measured(self, tmp_path: Path) -> None:
        with lane_setting(tmp_path, capacity=1) as gate:
            gate.scan(gate.receipt())
            gate.passes()
            gate.room.refresh()
            assert gate.scan(gate.receipt()).reason is Reason.ROOM_FULL

    def test_a_visitor_who_walks_away_is_written_down_and_frees_the_lane(
        self, gate: Setting
    ) -> None:
        token = gate.receipt()
        gate.scan(token)
        gate.wait(ABANDONED_AFTER_S + 1)
        assert gate.verdict is None
        assert reasons(gate) == [Reason.ABANDONED]
        assert gate.scan(token).reason is Reason.CLEAN_HANDS  # the receipt is unused

    def test_a_verdict_leaves_the_screen(self, gate: Setting) -> None:
        gate.scan("nonsense")
        gate.wait(VERDICT_SHOWN_S - 1)
        assert gate.verdict is not None
        gate.wait(2)
        assert gate.verdict is None


class TestTrouble:
    def test_a_lost_thermometer_puts_the_gate_in_manual_and_the_guard_measures(
        self, gate: Setting
    ) -> None:
        assert gate.lane.view().mode is GateMode.AUTOMATIC
        gate.scan(gate.receipt())
        gate.lane.guard.hands_cleaned(operator="siti")
        now_s = gate.clock.monotonic_s()
        gate.lane.availability_changed(
            Availability(DeviceKind.THERMOMETER, False, now_s, "unplugged")
        )
        gate.sees(MaskLabel.MASK)
        assert gate.lane.view().mode is GateMode.MANUAL
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.GUARD_MEASURES
        gate.lane.guard.enter_temperature(36.6, operator="siti")
        assert gate.verdict.kind is DecisionKind.ADMIT
        entry = gate.record.visits.entries()[-1]
        sources = {result.check: result.source for result in entry.results}
        assert sources[Check.TEMPERATURE] is EvidenceSource.GUARD
        assert entry.operator == "siti"

    def test_without_a_row_nothing_moves(self, gate: Setting) -> None:
        token = gate.receipt()
        gate.scan(token)
        gate.lane.guard.hands_cleaned(operator="siti")
        gate.log.is_down = True
        with pytest.raises(RecordError):
            gate.measures(36.5)
        assert gate.barrier.opened == []
        assert gate.verdict is not None
        assert (gate.verdict.kind, gate.verdict.reason) == (
            DecisionKind.WAIT,
            Reason.RECORD_UNAVAILABLE,
        )
        gate.log.is_down = False
        gate.scan(token)
        gate.passes()
        assert gate.verdict.kind is DecisionKind.ADMIT

    def test_a_scan_that_was_not_recorded_may_be_sent_again(self, receipt_gate: Setting) -> None:
        token = receipt_gate.receipt()
        receipt_gate.log.is_down = True
        with pytest.raises(RecordError):
            receipt_gate.scan(token, "n-1")
        receipt_gate.log.is_down = False
        assert receipt_gate.scan(token, "n-1").status == "ok"

    def test_a_barrier_that_does_not_open_is_told_and_not_tried_again(self, gate: Setting) -> None:
        gate.barrier.is_broken = True
        gate.scan(gate.receipt())
        gate.passes()
        assert gate.verdict is not None
        assert (gate.verdict.kind, gate.verdict.barrier_opened) == (DecisionKind.ADMIT, False)
        gate.barrier.is_broken = False
        gate.wait(1)
        assert gate.barrier.opened == []

    def test_a_row_that_cannot_be_read_back_is_not_done_twice(self, gate: Setting) -> None:
        gate.scan(gate.receipt(issued_on=NINE.date()))
        gate.log.cannot_be_read = True
        gate.lane.guard.override(DecisionKind.ADMIT, operator="siti", remark="came from far away")
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.OVERRIDE
        with pytest.raises(LaneConflict):
            gate.lane.guard.override(DecisionKind.ADMIT, operator="siti", remark="once more")
        assert len(gate.barrier.opened) == 1

    def test_a_receipt_from_the_future_means_that_the_clock_is_behind(self, gate: Setting) -> None:
        gate.scan(gate.receipt(issued_on=NINE.date().replace(day=28)))
        assert gate.lane.view().clock_warning == "behind"


class TestGuard:
    def test_overrides_a_refusal_with_a_reason_and_a_name(self, gate: Setting) -> None:
        gate.scan(gate.receipt(issued_on=NINE.date()))
        with pytest.raises(ScreeningError):
            gate.lane.guard.override(DecisionKind.ADMIT, operator="siti", remark=" ")
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.NOT_YET_VALID
        gate.lane.guard.override(DecisionKind.ADMIT, operator="siti", remark="came from far away")
        assert (gate.verdict.kind, gate.verdict.reason) == (DecisionKind.ADMIT, Reason.OVERRIDE)
        entry = gate.record.visits.entries()[-1]
        assert (entry.operator, entry.remark) == ("siti", "came from far away")
        assert len(gate.barrier.opened) == 1

    def test_denies_during_a_session(self, gate: Setting) -> None:
        gate.scan(gate.receipt())
        gate.lane.guard.override(DecisionKind.DENY, operator="siti", remark="shouts")
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.GUARD_REFUSED

    def test_who_will_not_wear_a_mask_is_counted_as_such(self, gate: Setting) -> None:
        gate.scan(gate.receipt())
        gate.lane.guard.hands_cleaned(operator="siti")
        gate.measures(36.5, looks=MaskLabel.NO_MASK)
        gate.lane.guard.override(DecisionKind.DENY, operator="siti", remark="will not wear one")
        assert reasons(gate) == [Reason.MASK_DECLINED]

    def test_an_act_meant_for_another_visitor_does_nothing(self, gate: Setting) -> None:
        first = gate.scan(gate.receipt()).attempt_id
        gate.lane.guard.clear(operator="siti", attempt_id=first)
        gate.scan(gate.receipt())
        with pytest.raises(LaneConflict) as caught:
            gate.lane.guard.override(
                DecisionKind.ADMIT, operator="siti", remark="for the first", attempt_id=first
            )
        assert caught.value.code == "other_visitor"
        assert gate.barrier.opened == []

    def test_cannot_override_an_empty_lane(self, gate: Setting) -> None:
        with pytest.raises(LaneConflict):
            gate.lane.guard.override(DecisionKind.ADMIT, operator="siti", remark="why not")

    def test_an_emergency_needs_no_receipt(self, gate: Setting) -> None:
        gate.lane.guard.admit_emergency(service="DARURAT", operator="siti", remark="hospital")
        gate.passes()
        assert gate.verdict is not None
        assert (gate.verdict.kind, gate.verdict.reason) == (DecisionKind.ADMIT, Reason.EMERGENCY)

    def test_priority_is_noted_before_the_verdict_or_after_it(self, gate: Setting) -> None:
        def is_priority() -> bool:
            visitor = gate.lane.view().visitor
            return visitor is not None and visitor.is_priority

        gate.lane.guard.admit_emergency(
            service="LEGALISIR", operator="siti", remark="walk-in", group=PriorityGroup.PREGNANT
        )
        assert is_priority()
        gate.passes()
        assert is_priority()
        gate.lane.guard.give_priority(None, operator="siti")
        assert not is_priority()
        gate.lane.guard.clear(operator="siti")
        gate.scan(gate.receipt())
        gate.lane.guard.give_priority(PriorityGroup.ELDERLY, operator="siti")
        gate.passes()
        assert is_priority()

    @pytest.mark.parametrize("how", ["receipt shown again", "without a receipt", "override"])
    def test_priority_outlasts_the_pause_before_the_second_reading(
        self, gate: Setting, how: str
    ) -> None:
        token = None if how == "without a receipt" else gate.receipt()
        if token is None:
            gate.lane.guard.admit_emergency(service="LEGALISIR", operator="siti", remark="walk-in")
        else:
            gate.scan(token)
        gate.lane.guard.give_priority(PriorityGroup.DISABILITY, operator="siti")
        gate.passes(37.8)
        (pause,) = gate.record.visits.pauses(since=NINE.replace(hour=0))
        if how == "override":
            gate.lane.guard.override(DecisionKind.ADMIT, operator="siti", remark="a fan heater")
        else:
            gate.wait(300)
            if token is None:
                gate.lane.guard.resume(pause.attempt_id, operator="siti")
            else:
                gate.scan(token)
            gate.passes(36.9)

        assert gate.verdict is not None
        assert gate.verdict.kind is DecisionKind.ADMIT
        (waiting,) = gate.record.queue.view(at=gate.clock.now()).waiting
        assert waiting.is_priority

    def test_nobody_has_priority_at_an_empty_gate(self, gate: Setting) -> None:
        with pytest.raises(LaneConflict) as caught:
            gate.lane.guard.give_priority(PriorityGroup.ELDERLY, operator="siti")
        assert caught.value.code == "lane_free"

    def test_a_collection_service_needs_a_receipt(self, gate: Setting) -> None:
        with pytest.raises(LaneConflict) as caught:
            gate.lane.guard.admit_emergency(service="KTP", operator="siti", remark="in a hurry")
        assert caught.value.code == "needs_receipt"
        assert gate.verdict is None

    def test_a_walk_in_called_back_from_the_pause_is_no_emergency(self, gate: Setting) -> None:
        gate.lane.guard.admit_emergency(service="LEGALISIR", operator="siti", remark="walk-in")
        gate.passes(37.9)
        gate.lane.refresh_aside()
        (aside,) = gate.lane.view().aside
        gate.wait(300)
        gate.lane.guard.resume(aside.attempt_id, operator="siti")
        gate.passes(36.6)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.ADMITTED

    def test_undoes_an_admission_when_nobody_walked_through(self, gate: Setting) -> None:
        token = gate.receipt()
        gate.scan(token)
        gate.passes()
        assert gate.verdict is not None
        gate.lane.guard.undo(gate.verdict.attempt_id, operator="siti", remark="turned round")
        assert gate.record.visits.visits_inside() == []
        assert gate.scan(token).reason is Reason.CLEAN_HANDS
        with pytest.raises(LaneConflict):
            gate.lane.guard.undo("unknown", operator="siti", remark="x")

    def test_a_niqab_is_checked_in_private_and_recorded(self, gate: Setting) -> None:
        gate.scan(gate.receipt())
        gate.lane.guard.hands_cleaned(operator="siti")
        gate.measures(36.5, looks=MaskLabel.INCORRECT)
        gate.lane.guard.exempt_mask(operator="siti", remark="niqab, checked by a woman officer")
        gate.measures(36.5, looks=MaskLabel.INCORRECT)
        assert gate.verdict is not None
        assert gate.verdict.kind is DecisionKind.ADMIT
        results = {r.check: r for r in gate.record.visits.entries()[-1].results}
        assert results[Check.MASK].source is EvidenceSource.EXEMPT

    def test_hands_the_shift_over(self, gate: Setting) -> None:
        gate.lane.guard.hand_over(from_user="siti", to_user="budi")
        assert gate.record.visits.entries()[-1].operator == "budi"


class TestWithoutReceipts:
    @pytest.fixture
    def open_gate(self, tmp_path: Path) -> Iterator[Setting]:
        with lane_setting(tmp_path, checks=frozenset({Check.TEMPERATURE, Check.MASK})) as setting:
            yield setting

    def test_a_face_begins_the_session_and_must_leave_before_the_next(
        self, open_gate: Setting
    ) -> None:
        open_gate.measures(36.5)
        assert reasons(open_gate) == [Reason.ADMITTED]
        open_gate.measures(36.5)
        assert reasons(open_gate) == [Reason.ADMITTED]
        open_gate.sees(None, MaskAdvice.NO_FACE)
        open_gate.measures(36.5)
        assert reasons(open_gate) == [Reason.ADMITTED, Reason.ADMITTED]

    def test_a_passer_by_leaves_no_row(self, open_gate: Setting) -> None:
        open_gate.sees(None, MaskAdvice.UNSURE)
        open_gate.wait(ABANDONED_AFTER_S + 1)
        assert reasons(open_gate) == []

    def test_a_bad_receipt_that_nobody_asked_for_stays_unused(self, open_gate: Setting) -> None:
        token = open_gate.receipt(issued_on=NINE.date())
        open_gate.scan(token)
        open_gate.measures(36.5)
        assert reasons(open_gate) == [Reason.ADMITTED]
        assert open_gate.desk.verify(token, at=NINE + timedelta(days=1)).valid

    def test_is_called_back_from_the_pause_by_the_guard(self, open_gate: Setting) -> None:
        open_gate.measures(37.9)
        open_gate.lane.refresh_aside()
        aside = open_gate.lane.view().aside
        assert len(aside) == 1
        open_gate.sees(None, MaskAdvice.NO_FACE)
        with pytest.raises(LaneConflict) as caught:
            open_gate.lane.guard.resume(aside[0].attempt_id, operator="siti")
        assert caught.value.code == "pause_not_over"
        open_gate.wait(300)
        open_gate.lane.guard.resume(aside[0].attempt_id, operator="siti")
        open_gate.measures(36.8)
        assert reasons(open_gate)[-1] is Reason.ADMITTED


class TestModes:
    """The office may switch what its gates ask for while somebody stands there."""

    def test_who_is_being_checked_is_not_kept_for_what_is_not_asked_for_any_more(
        self, gate: Setting
    ) -> None:
        gate.scan(gate.receipt())
        gate.asked.checks = frozenset({Check.RECEIPT, Check.MASK})
        gate.wait(1)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.FACE_CAMERA
        gate.asked.checks = frozenset({Check.RECEIPT})
        gate.wait(1)
        assert gate.verdict.kind is DecisionKind.ADMIT
        results = {result.check for result in gate.record.visits.entries()[-1].results}
        assert results == {Check.RECEIPT}
        assert gate.scan(gate.receipt()).status == "ok"

    def test_no_more_is_asked_of_who_is_being_checked(self, gate: Setting) -> None:
        gate.asked.checks = frozenset({Check.RECEIPT, Check.HANDS})
        gate.scan(gate.receipt())
        gate.asked.checks = frozenset(Check)
        gate.lane.guard.hands_cleaned(operator="siti")
        assert gate.verdict is not None
        assert gate.verdict.kind is DecisionKind.ADMIT

    def test_who_has_shown_nothing_of_what_is_asked_for_now_is_let_go(self, gate: Setting) -> None:
        gate.asked.checks = frozenset({Check.TEMPERATURE, Check.MASK})
        gate.measures(36.5, looks=MaskLabel.NO_MASK)
        assert gate.verdict is not None
        assert gate.verdict.reason is Reason.PUT_MASK_ON
        gate.asked.checks = frozenset({Check.RECEIPT})
        gate.wait(1)
        assert gate.verdict is None
        assert gate.barrier.opened == []
        assert gate.scan(gate.receipt()).status == "ok"

    def test_the_next_visitor_is_asked_for_more(self, gate: Setting) -> None:
        gate.asked.checks = frozenset({Check.RECEIPT})
        first = gate.scan(gate.receipt())
        gate.asked.checks = frozenset({Check.RECEIPT, Check.HANDS})
        assert gate.verdict is not None
        assert (gate.verdict.attempt_id, gate.verdict.kind) == (
            first.attempt_id,
            DecisionKind.ADMIT,
        )
        assert gate.scan(gate.receipt()).reason is Reason.CLEAN_HANDS

    def test_a_gate_that_asks_for_no_receipt_any_more_takes_whoever_comes(
        self, gate: Setting
    ) -> None:
        gate.measures(36.5)
        assert gate.verdict is None
        gate.asked.checks = frozenset({Check.TEMPERATURE})
        gate.measures(36.5)
        assert gate.verdict is not None
        assert gate.verdict.kind is DecisionKind.ADMIT

    def test_new_constants_do_not_bring_new_checks_to_who_is_being_measured(
        self, tmp_path: Path
    ) -> None:
        with lane_setting(tmp_path, thermometer=ARRAY, commissioning=of_an_array()) as gate:
            gate.asked.checks = frozenset({Check.RECEIPT, Check.HANDS})
            gate.scan(gate.receipt())
            gate.asked.checks = frozenset(Check)
            found = of_an_array(offset_celsius=2.4, at=gate.clock.now())
            gate.record.thermometers.write_commissioning(found)
            gate.lane.refresh_thermometer()
            gate.lane.guard.hands_cleaned(operator="siti")
            assert gate.verdict is not None
            assert gate.verdict.kind is DecisionKind.ADMIT

    def test_devices_that_no_check_uses_are_named_and_not_missed(self, gate: Setting) -> None:
        now_s = gate.clock.monotonic_s()
        away = Availability(DeviceKind.THERMOMETER, False, now_s, "unplugged")
        gate.lane.availability_changed(away)
        assert gate.lane.view().unused_devices == ()
        assert gate.lane.view().mode is GateMode.MANUAL
        gate.asked.checks = frozenset({Check.RECEIPT})
        view = gate.lane.view()
        assert view.unused_devices == (DeviceKind.THERMOMETER,)  # the camera reads receipts
        assert view.mode is GateMode.AUTOMATIC
        assert view.checks_required == (Check.RECEIPT,)
        gate.asked.checks = frozenset({Check.HANDS})
        assert set(gate.lane.view().unused_devices) == {DeviceKind.THERMOMETER, DeviceKind.CAMERA}

    def test_a_lost_barrier_is_missed_in_every_mode(self, gate: Setting) -> None:
        gate.asked.checks = frozenset({Check.RECEIPT})
        now_s = gate.clock.monotonic_s()
        gate.lane.availability_changed(Availability(DeviceKind.BARRIER, False, now_s, "unplugged"))
        assert gate.lane.view().mode is GateMode.MANUAL


class TestWhatIsAskedOfTheRecord:
    """A gate that asks for the receipt only does not look before it writes."""

    @pytest.fixture
    def never_asked(self, receipt_gate: Setting, monkeypatch: pytest.MonkeyPatch) -> Setting:
        def asked(*_: object, **__: object) -> None:
            pytest.fail("the record was asked")

        for name in ("attempt", "latest", "pauses", "referral", "entries"):
            monkeypatch.setattr(receipt_gate.log, name, asked, raising=False)
        for name in ("use_of", "by_number"):
            monkeypatch.setattr(receipt_gate.record.receipts, name, asked)
        return receipt_gate

    def test_a_token_is_admitted_refused_and_let_out(self, never_asked: Setting) -> None:
        token = never_asked.receipt()
        assert never_asked.scan(token).reason is Reason.ADMITTED
        assert never_asked.scan(token).reason is Reason.ALREADY_INSIDE
        assert never_asked.lane.do(ExitScan(code=token))

    def test_a_revoked_token_is_refused_by_the_record(self, never_asked: Setting) -> None:
        token = never_asked.receipt()
        claims = never_asked.desk.examine(token).claims
        assert claims is not None
        never_asked.record.receipts.revoke(
            claims.issuer,
            claims.number,
            reason="withdrawn",
            operator="rina",
            at=never_asked.clock.now(),
        )
        assert never_asked.scan(token).reason is Reason.REVOKED

    def test_a_used_token_is_refused_on_another_day(self, never_asked: Setting) -> None:
        token = never_asked.receipt()
        never_asked.scan(token)
        never_asked.wait(24 * 3600)
        assert never_asked.scan(token).reason is Reason.ALREADY_USED


def test_times_in_the_log_are_utc(gate: Setting) -> None:
    gate.scan(gate.receipt())
    gate.passes()
    assert gate.record.visits.entries()[-1].at.tzinfo is UTC
