"""The guard's next right act in each state of a gate."""

from __future__ import annotations

import pytest

from dashboard.web.gate.next_act import Act, by_hand, next_act, other_acts
from screening.decision import Check, DecisionKind, Reason
from screening.gate.view import CheckState
from tests.dashboard.fakes import VISITOR, checks, verdict, view_of

PASSED = CheckState.PASSED
FIX, WAIT, DENY = DecisionKind.FIX, DecisionKind.WAIT, DecisionKind.DENY


@pytest.mark.parametrize(
    ("kind", "reason", "act"),
    [
        (FIX, Reason.SHOW_RECEIPT, Act.SCAN),
        (FIX, Reason.CLEAN_HANDS, Act.HANDS),
        (FIX, Reason.GUARD_MEASURES, Act.TEMPERATURE),
        (FIX, Reason.READINGS_DISAGREE, Act.TEMPERATURE),
        (FIX, Reason.STAND_STILL, Act.TEMPERATURE),
        (FIX, Reason.PUT_MASK_ON, Act.MASK),
        (FIX, Reason.TOO_DARK, Act.MASK),
        (FIX, Reason.GUARD_CHECKS_MASK, Act.MASK),
        (DecisionKind.ADMIT, Reason.ADMITTED, Act.NEXT),
        (WAIT, Reason.ROOM_FULL, Act.NEXT),
        (WAIT, Reason.SECOND_READING_PAUSE, Act.NEXT),
        (WAIT, Reason.RECORD_UNAVAILABLE, Act.SCAN),
        (DENY, Reason.RECEIPT_UNREADABLE, Act.SCAN),
        (DENY, Reason.UNKNOWN_RECEIPT, Act.SCAN),
        (DENY, Reason.EXPIRED, Act.NEXT),
    ],
)
def test_each_reason_has_its_act(kind: DecisionKind, reason: Reason, act: Act) -> None:
    view = view_of("utama", visitor=VISITOR, checks=checks(), verdict=verdict(kind, reason))
    assert next_act(view) is act
    assert act not in other_acts(view)
    assert act not in by_hand(view)


def test_a_free_gate_waits_for_a_receipt_or_begins_with_the_hands() -> None:
    assert next_act(view_of("utama")) is Act.SCAN
    without = view_of("utama", checks_required=(Check.HANDS, Check.TEMPERATURE))
    assert next_act(without) is Act.HANDS
    assert by_hand(without) == (Act.TEMPERATURE,)


def test_a_step_that_has_passed_gives_way_to_the_next_check() -> None:
    still = verdict(FIX, Reason.STAND_STILL)
    done = checks(receipt=PASSED, hands=PASSED, temperature=PASSED)
    assert next_act(view_of("utama", checks=done, verdict=still)) is Act.MASK


def test_a_referral_is_confirmed_before_the_next_visitor() -> None:
    shown = verdict(DecisionKind.REFER, Reason.ELEVATED_TWICE, needs_confirmation=True)
    view = view_of("utama", verdict=shown)
    assert next_act(view) is Act.CONFIRM
    assert other_acts(view) == (Act.OVERRIDE,)


def test_an_admission_can_be_undone_and_not_overruled() -> None:
    shown = verdict(DecisionKind.ADMIT, Reason.ADMITTED, can_annul=True)
    assert other_acts(view_of("utama", verdict=shown)) == (Act.UNDO,)
