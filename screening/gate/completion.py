"""How a visitor's check ends: the record commits, the barrier pulses, the verdict is shown.

What the record returns is what counts; it may refuse what the session would have admitted (receipt
used at another gate, room filled up).
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

from screening.clock import Clock
from screening.decision import Decision, DecisionKind
from screening.errors import DeviceError, RecordError
from screening.gate.answer_cache import AnswerCache
from screening.gate.history import ReceiptHistory
from screening.gate.session import Session
from screening.gate.verdict import (
    Verdict,
    Visitor,
    nonce_reused,
    not_written,
    temperature_view,
    written_answer,
)
from screening.ports import Barrier
from screening.temperature.instrument.care import ThermometerCare
from screening.visits import Attempt, Journal, WrittenAttempt

_log = logging.getLogger(__name__)


class Completion:
    """Makes a decision final. The order is fixed: write, open, show."""

    def __init__(
        self,
        gate: str,
        *,
        log: Journal,
        clock: Clock,
        history: ReceiptHistory,
        answers: AnswerCache,
        barrier: Barrier | None = None,
        care: ThermometerCare | None = None,
    ) -> None:
        self._gate = gate
        self._log = log
        self._clock = clock
        self._history = history
        self._answers = answers
        self._barrier = barrier
        self._care = care

    def attempt(
        self, session: Session, visitor: Visitor, decision: Decision, *, operator: str | None
    ) -> Attempt:
        """The row to write; ``operator`` is who ended it, if not the last who acted in it."""
        now, ready_at = self._clock.now(), None
        if decision.ready_at_s is not None:
            left_s = decision.ready_at_s - self._clock.monotonic_s()
            ready_at = now + timedelta(seconds=max(0.0, left_s))
        return Attempt(
            attempt_id=session.session_id,
            gate=self._gate,
            at=now,
            decision=decision.kind,
            reason=decision.reason,
            nonce=visitor.nonce,
            receipt=visitor.claims,
            service=visitor.service,
            operator=operator or session.operator or visitor.noted_by,
            remark=session.remark,
            results=session.results(),
            temperatures=session.temperatures,
            ready_at=ready_at,
            resumes=visitor.resumes.attempt_id if visitor.resumes else None,
            shown_at=visitor.shown_at,
            group=visitor.group,
        )

    def submit(self, attempt: Attempt) -> Future[WrittenAttempt]:
        """Hand the row in to be committed; the future may raise RecordError."""
        try:
            return self._log.submit(attempt)
        except RecordError as error:
            refused: Future[WrittenAttempt] = Future()
            refused.set_exception(error)
            return refused

    def unwritten(self, session: Session, attempt: Attempt) -> Verdict:
        """What is shown where the row could not be written."""
        return Verdict(
            attempt=attempt,
            written=not_written(attempt),
            since_s=self._clock.monotonic_s(),
            temperature=temperature_view(session),
        )

    def verdict(
        self, session: Session, decision: Decision, attempt: Attempt, written: WrittenAttempt
    ) -> Verdict:
        """What is shown of a committed row. Raises LaneConflict where the nonce was another's."""
        if written.is_repeat and self._history.is_for_another_receipt(attempt, written):
            raise nonce_reused()
        return Verdict(
            attempt=attempt,
            written=written,
            since_s=self._clock.monotonic_s(),
            ready_at_s=decision.ready_at_s,
            needs_confirmation=written.decision is DecisionKind.REFER and not written.is_repeat,
            checks=session.checks(),
            temperature=temperature_view(session),
        )

    def settle(self, verdict: Verdict, visitor: Visitor) -> Verdict:
        """Open and answer; the verdict as it is then. A repeated row moves nothing again."""
        attempt, written = verdict.attempt, verdict.written
        if verdict.ready_at_s is not None and not written.is_repeat:
            self._history.pause_begun(written.attempt_id, verdict.ready_at_s)
        if self._care is not None and not written.is_repeat:
            self._care.visited(attempt, visitor.resumes)
        self._answers.remember(visitor, written_answer(attempt, written))
        if written.decision is DecisionKind.ADMIT and not written.is_repeat:
            verdict = replace(verdict, barrier_opened=self._open_barrier(written))
        return verdict

    def _open_barrier(self, written: WrittenAttempt) -> bool | None:
        if self._barrier is None:
            return None
        try:
            self._barrier.open_once(written.attempt_id)
        except DeviceError as error:
            _log.warning("gate %s: the barrier did not open: %s", self._gate, error)
            return False
        return True
