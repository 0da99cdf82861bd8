"""What a guard does next: for each state of a gate the one right act, and what else may be done.

Pure; the labels are marked for the catalogues.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dashboard.web.words import N_
from screening.decision import Check, DecisionKind, Reason
from screening.gate.view import CheckState, GateView, VerdictView


class Act(StrEnum):
    """What the guard's page has a button for."""

    SCAN = "scan"
    HANDS = "hands"
    TEMPERATURE = "temperature"
    MASK = "mask"
    CONFIRM = "confirm"
    NEXT = "next"
    UNDO = "undo"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class ActButton:
    """How an act looks: its words, its icon and its key (with Alt, but for F2).

    It sends a form to ``path`` below the gate's address, or opens ``panel``, or leads to the
    scanner's field.
    """

    word: str
    symbol: str
    key: str
    path: str | None = None
    panel: str | None = None


BUTTONS: dict[Act, ActButton] = {
    Act.SCAN: ActButton(N_("Scan or type the receipt"), "scan", "F2"),
    Act.HANDS: ActButton(N_("Hands are clean"), "hand-sanitizer", "H", path="hands"),
    Act.TEMPERATURE: ActButton(
        N_("Type the temperature"), "temperature", "T", panel="panel-temperature"
    ),
    Act.MASK: ActButton(N_("Check the mask"), "face-mask", "M", panel="panel-mask"),
    Act.CONFIRM: ActButton(N_("Confirm"), "user-check", "C", panel="panel-confirm"),
    Act.NEXT: ActButton(N_("Next visitor"), "player-track-next", "N", path="clear"),
    Act.UNDO: ActButton(N_("Nobody walked in: undo"), "arrow-back-up", "U", panel="panel-undo"),
    Act.OVERRIDE: ActButton(N_("Decide yourself"), "gavel", "O", panel="panel-override"),
}

BY_HAND: dict[Check, Act] = {
    Check.RECEIPT: Act.SCAN,
    Check.HANDS: Act.HANDS,
    Check.TEMPERATURE: Act.TEMPERATURE,
    Check.MASK: Act.MASK,
}
"""How a guard does the work of each check."""

_ASKS_FOR: dict[Reason, Check] = {
    Reason.SHOW_RECEIPT: Check.RECEIPT,
    Reason.CLEAN_HANDS: Check.HANDS,
    Reason.GUARD_MEASURES: Check.TEMPERATURE,
    Reason.READINGS_DISAGREE: Check.TEMPERATURE,
    Reason.PUT_MASK_ON: Check.MASK,
    Reason.COVER_NOSE: Check.MASK,
    Reason.TOO_DARK: Check.MASK,
    Reason.BACKLIT: Check.MASK,
    Reason.GUARD_CHECKS_MASK: Check.MASK,
}
"""What a step is about; the other steps are about whatever is still to be measured."""

_MEASURED = (Check.TEMPERATURE, Check.MASK, Check.HANDS)

_SCANNED_AGAIN = {
    Reason.RECORD_UNAVAILABLE,
    Reason.RECEIPT_UNREADABLE,
    Reason.UNKNOWN_RECEIPT,
}
"""Verdicts that another try with the same receipt may change at once."""


def is_open(view: GateView) -> bool:
    """Whether a visitor is being checked, so that a guard's entries mean something."""
    if view.verdict is None:
        return view.visitor is not None or Check.RECEIPT not in view.checks_required
    return view.verdict.kind is DecisionKind.FIX


def can_have_priority(view: GateView) -> bool:
    """Whether a guard may say that the visitor in front has priority, or has none."""
    is_admitted = view.verdict is not None and view.verdict.kind is DecisionKind.ADMIT
    return is_admitted or is_open(view)


def open_checks(view: GateView) -> tuple[Check, ...]:
    """What the visitor in front has still to pass."""
    return tuple(check.check for check in view.checks if check.state is not CheckState.PASSED)


def next_act(view: GateView) -> Act:
    """The one right thing to do now."""
    verdict = view.verdict
    if verdict is None:
        begins_with_hands = is_open(view) and Check.HANDS in view.checks_required
        return Act.HANDS if begins_with_hands else Act.SCAN
    if verdict.needs_confirmation:
        return Act.CONFIRM
    if verdict.reason in _SCANNED_AGAIN:
        return Act.SCAN
    if verdict.kind is DecisionKind.FIX:
        return _for_the_step(verdict, open_checks(view))
    return Act.NEXT


def other_acts(view: GateView) -> tuple[Act, ...]:
    """What else may be done about the visitor on show, the likelier first."""
    verdict, main = view.verdict, next_act(view)
    if verdict is None:
        return ()
    others = []
    if verdict.can_annul:
        others.append(Act.UNDO)
    if verdict.kind is not DecisionKind.ADMIT:
        others.append(Act.OVERRIDE)
    if not verdict.needs_confirmation:
        others.append(Act.NEXT)
    return tuple(act for act in others if act is not main)


def by_hand(view: GateView) -> tuple[Act, ...]:
    """What a guard may enter instead of the devices, besides the next act."""
    if not is_open(view):
        return ()
    checks = open_checks(view) if view.verdict else view.checks_required
    acts = (BY_HAND[check] for check in checks if check is not Check.RECEIPT)
    return tuple(act for act in acts if act is not next_act(view))


def _for_the_step(verdict: VerdictView, still_open: tuple[Check, ...]) -> Act:
    """A step's own act; the next check's where the step has passed or is a measurement."""
    asked = _ASKS_FOR.get(verdict.reason)
    if asked is not None and (asked in still_open or not still_open):
        return BY_HAND[asked]
    return next((BY_HAND[check] for check in _MEASURED if check in still_open), Act.OVERRIDE)
