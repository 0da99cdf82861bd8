"""What a guard does at a gate: each method is one act, for the visitor in front or one before.

Acts that make no sense now raise LaneConflict; what cannot be written raises RecordError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from screening.clock import Clock
from screening.decision import Check, DecisionKind, Reason
from screening.errors import LaneConflict
from screening.gate.current_visit import CurrentVisit
from screening.gate.history import ReceiptHistory
from screening.gate.session import (
    HandsCleaned,
    MaskEntered,
    MaskExempted,
    Overridden,
    ReceiptWaived,
    TemperatureEntered,
)
from screening.gate.verdict import Verdict, Visitor
from screening.gate.waiting import Waiting
from screening.office.services import Channel, Service
from screening.readings import MaskLabel
from screening.registration.bookings import PriorityGroup
from screening.visits import Journal, PendingPause

WITHOUT_RECEIPT: Mapping[Channel, Literal[Reason.EMERGENCY, Reason.ADMITTED]] = {
    Channel.EMERGENCY: Reason.EMERGENCY,
    Channel.WALK_IN: Reason.ADMITTED,
}
"""Channels whose visitors may come without a receipt, and the reason they are admitted for."""


class Guard:
    """The person at a gate; ``operator`` is their name, ``checks`` what the gate asks for now.

    ``present`` shows a code again for its holder, in the guard's name.
    ``attempt_id`` names the visitor an act is meant for: it raises LaneConflict when another one
    stands there by now.
    """

    def __init__(
        self,
        gate: str,
        *,
        checks: Callable[[], frozenset[Check]],
        visit: CurrentVisit,
        log: Journal,
        clock: Clock,
        services: Callable[[], Mapping[str, Service]],
        history: ReceiptHistory,
        waiting: Waiting,
        present: Callable[[str, str], None],
    ) -> None:
        self._gate = gate
        self._checks = checks
        self._visit = visit
        self._log = log
        self._clock = clock
        self._services = services
        self._history = history
        self._waiting = waiting
        self._present = present

    def admit_emergency(
        self, *, service: str, operator: str, remark: str, group: PriorityGroup | None = None
    ) -> None:
        """Begin a session without a receipt, for a service whose channel allows it."""
        known = self._services().get(service)
        admits_as = WITHOUT_RECEIPT.get(known.channel) if known else None
        if admits_as is None:
            raise LaneConflict(f"the service {service} needs a receipt", code="needs_receipt")
        self._visit.require_free()
        waived = ReceiptWaived(service, operator, remark, admits_as)
        self._visit.begin_with(Visitor(service=service, group=group), waived)

    def give_priority(
        self, group: PriorityGroup | None, *, operator: str, attempt_id: str | None = None
    ) -> None:
        """Note that the visitor has lawful priority: before the verdict, or once admitted."""
        self._visit.require_visitor(attempt_id)
        if self._visit.session is not None:
            self._visit.note_group(group, operator=operator)
            return
        verdict = self._visit.verdict
        admitted = None
        if verdict is not None:
            admitted = self._log.give_priority(
                verdict.written.attempt_id, group=group, operator=operator, at=self._clock.now()
            )
        if admitted is None:
            raise LaneConflict("nobody here was let in", code="lane_free")
        self._visit.priority_given(is_priority=group is not None)

    def hands_cleaned(self, *, operator: str, attempt_id: str | None = None) -> None:
        """The guard saw it."""
        self._visit.require_visitor(attempt_id)
        if self._visit.session is None and Check.RECEIPT not in self._checks():
            self._visit.require_free()
            self._visit.begin(Visitor())
        self._visit.act(HandsCleaned(operator))

    def enter_temperature(
        self, celsius: float, *, operator: str, attempt_id: str | None = None
    ) -> None:
        """A handheld reading by the guard."""
        self._visit.require_visitor(attempt_id)
        self._visit.act(TemperatureEntered(celsius, operator))

    def enter_mask(self, label: MaskLabel, *, operator: str, attempt_id: str | None = None) -> None:
        """What the guard sees on the visitor's face."""
        self._visit.require_visitor(attempt_id)
        self._visit.act(MaskEntered(label, operator))

    def exempt_mask(self, *, operator: str, remark: str, attempt_id: str | None = None) -> None:
        """Private check or medical exemption."""
        self._visit.require_visitor(attempt_id)
        self._visit.act(MaskExempted(operator, remark))

    def override(
        self, kind: DecisionKind, *, operator: str, remark: str, attempt_id: str | None = None
    ) -> None:
        """ADMIT or DENY against the machine, also after its verdict."""
        self._visit.require_visitor(attempt_id)
        if self._visit.session is not None:
            self._visit.act(Overridden(kind, operator, remark))
            return
        verdict = self._visit.verdict
        if verdict is None or verdict.written.decision is DecisionKind.ADMIT:
            raise LaneConflict("there is no visitor to decide about", code="lane_free")
        visitor = Visitor(
            claims=verdict.attempt.receipt,
            service=verdict.attempt.service,
            resumes=self._pause_on_show(verdict),
            group=verdict.attempt.group,
        )
        self._visit.begin_with(visitor, Overridden(kind, operator, remark))

    def _pause_on_show(self, verdict: Verdict) -> PendingPause | None:
        """The pause that the verdict on show began, so that an override ends it."""
        attempt_id = verdict.written.attempt_id
        return next((p for p in self._history.pauses() if p.attempt_id == attempt_id), None)

    def confirm(
        self, *, operator: str, remark: str | None = None, attempt_id: str | None = None
    ) -> None:
        """A person stands by the referral; the lane is free afterwards."""
        self._visit.require_visitor(attempt_id)
        verdict = self._visit.verdict
        if verdict is None or not verdict.needs_confirmation:
            raise LaneConflict("there is nothing to confirm", code="nothing_to_confirm")
        self._log.confirm(
            verdict.written.attempt_id,
            operator=operator,
            remark=remark,
            at=self._clock.now(),
        )
        self._visit.clear()

    def clear(self, *, operator: str | None, attempt_id: str | None = None) -> None:
        """The visitor left, or the verdict was read."""
        self._visit.require_visitor(attempt_id)
        if self._visit.is_unconfirmed:
            raise LaneConflict("confirm the referral first", code="confirm_first")
        if self._visit.session is not None:
            self._visit.abandon(operator=operator)
        self._visit.clear()

    def undo(self, attempt_id: str, *, operator: str, remark: str) -> None:
        """Annul an admission: nobody walked through."""
        visit = self._log.annul(attempt_id, operator=operator, remark=remark, at=self._clock.now())
        if visit is None:
            raise LaneConflict("this admission cannot be undone", code="not_admitted")
        if self._visit.verdict is not None and self._visit.verdict.written.attempt_id == attempt_id:
            self._visit.clear()

    def resume(self, attempt_id: str, *, operator: str) -> None:
        """Call a visitor from the pause, or from outside when there is a place."""
        self._visit.require_free()
        pause = next((p for p in self._history.pauses() if p.attempt_id == attempt_id), None)
        code = self._waiting.code_of(attempt_id)
        if pause is None:
            if not self._waiting.is_outside(attempt_id):
                raise LaneConflict("this visitor is not waiting", code="not_aside")
            if code is None:
                raise LaneConflict("scan the visitor's receipt again", code="scan_again")
            self._waiting.forget(attempt_id)
            self._present(code, operator)
            return
        code = code or self._history.code_of(pause)
        if pause.receipt_number is not None and code is None:
            raise LaneConflict("scan the visitor's receipt again", code="scan_again")
        if pause.ready_at > self._clock.now():
            raise LaneConflict("the pause is not over", code="pause_not_over")
        if code is not None:
            self._present(code, operator)
            return
        visitor = Visitor(service=pause.service, resumes=pause)
        if Check.RECEIPT in self._checks():
            service = self._services().get(pause.service or "")
            admits_as = WITHOUT_RECEIPT.get(service.channel) if service else None
            waived = ReceiptWaived(
                pause.service or "", operator, "second reading", admits_as or Reason.ADMITTED
            )
            self._visit.begin_with(visitor, waived)
        else:
            self._visit.begin(visitor)

    def dismiss(self, attempt_id: str, *, operator: str) -> None:
        """Whoever waited outside for a place went away."""
        del operator  # nothing is written: they never came in
        if not self._waiting.forget(attempt_id):
            raise LaneConflict("this visitor is not waiting", code="not_aside")

    def hand_over(self, *, from_user: str, to_user: str) -> None:
        """The shift changes on a shared tablet."""
        self._log.hand_over(
            gate=self._gate, from_user=from_user, to_user=to_user, at=self._clock.now()
        )
