"""Receipts that are shown at a gate, and where each of them leads.

A visitor in the legal pause is written down and stands aside: the lane is free, and the pause is
found again in the record by the receipt, at any gate and after a restart.

    front      a scan
    free       begins a session
    session    same receipt: the same answer; another one: LANE_BUSY
    verdict    begins the next; a referral wants its confirmation first
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from screening.clock import Clock
from screening.decision import Check, Decision, DecisionKind, Reason
from screening.errors import ScreeningError
from screening.gate.answer_cache import AnswerCache
from screening.gate.clock_watch import ClockWatch
from screening.gate.commands import Scan
from screening.gate.current_visit import Concluded, CurrentVisit
from screening.gate.history import ReceiptHistory
from screening.gate.session import ReceiptAccepted, ReceiptRefused
from screening.gate.verdict import (
    Verdict,
    Visitor,
    lane_busy,
    still_pausing,
    written_answer,
)
from screening.gate.view import ScanAnswer
from screening.readings import CodeSource
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk, Verification
from screening.receipts.token import is_token, normalise
from screening.visits import Attempt, LogEntry, PendingPause, WrittenAttempt
from screening.waiting_room.live import LiveRoom

ENDS_AT_ONCE = frozenset({Check.RECEIPT})
"""Where a gate asks for no more, a scan ends with its verdict."""

_log = logging.getLogger(__name__)


class Entrance:
    """The way in of one gate; ``checks`` is asked for each visitor."""

    def __init__(
        self,
        gate: str,
        *,
        checks: Callable[[], frozenset[Check]],
        visit: CurrentVisit,
        desk: ReceiptDesk,
        room: LiveRoom,
        clock: Clock,
        clock_watch: ClockWatch,
        history: ReceiptHistory,
        answers: AnswerCache,
    ) -> None:
        self._gate = gate
        self._checks = checks
        self._visit = visit
        self._desk = desk
        self._room = room
        self._clock = clock
        self._clock_watch = clock_watch
        self._history = history
        self._answers = answers

    def scan(
        self,
        code: str,
        *,
        source: CodeSource,
        nonce: str | None = None,
        operator: str | None = None,
    ) -> ScanAnswer:
        """Whatever way a code arrived, this is where it leads.

        Raises RecordError when the verdict could not be written; nothing moved then.
        """
        return self._alone(Scan(code=code, source=source, nonce=nonce, operator=operator))

    def takes_together(self, scan: Scan) -> bool:
        """Whether the next scan need not wait for this one, since it ends with its verdict.

        Not of a typed number: it is looked up, and nobody should wait for others' look-ups.
        """
        is_free = self._visit.session is None and not self._visit.is_unconfirmed
        return is_free and self._checks() == ENDS_AT_ONCE and is_token(normalise(scan.code))

    def begin_together(self, scans: Iterable[Scan]) -> list[Callable[[], ScanAnswer]]:
        """Begin scans that wait behind one another: their rows are committed together.

        Whoever comes while they begin may still follow: ``scans`` is asked for one after the other.
        What comes back ends each of them, and has to be called in this order: it waits for the row,
        opens, and gives the answer or raises why there is none. Only of scans that
        ``takes_together``; a mode that changes meanwhile is the next visitors' matter.
        """
        checks = self._checks()
        if checks != ENDS_AT_ONCE:
            return [partial(self._alone, scan) for scan in scans]
        nonces: set[str] = set()
        ends: list[Callable[[], ScanAnswer]] = []
        with self._visit.concluding_together() as concluded:
            for scan in scans:
                # The same presentation again is answered by what the first one comes to.
                is_first = scan.nonce is None or scan.nonce not in nonces
                if scan.nonce is not None:
                    nonces.add(scan.nonce)
                ends.append(
                    self._begun(scan, checks, concluded) if is_first else partial(self._alone, scan)
                )
        return ends

    def _begun(
        self, scan: Scan, checks: frozenset[Check], concluded: Sequence[Concluded]
    ) -> Callable[[], ScanAnswer]:
        """Its end; ``concluded`` gets one more visitor where the scan began with one."""
        try:
            answer = self._answered_at_once(scan, checks)
        except ScreeningError as error:
            return partial(_refuse, error)
        return partial(self._settled, scan, concluded[-1]) if answer is None else lambda: answer

    def _settled(self, scan: Scan, concluded: Concluded) -> ScanAnswer:
        self._visit.settle(concluded)
        return self._told(scan)

    def _alone(self, scan: Scan) -> ScanAnswer:
        answer = self._answered_at_once(scan, self._checks())
        return self._told(scan) if answer is None else answer

    def _answered_at_once(self, scan: Scan, checks: frozenset[Check]) -> ScanAnswer | None:
        """The answer to a scan that begins nothing; None where it began with a visitor."""
        repeated = self._answers.repeated(scan.nonce, scan.code)
        if repeated is not None:
            return self._as_far_as_now(scan.nonce, repeated)
        # Where nothing is measured the record is not asked first: it has the last word at once.
        desk = self._desk
        check = (desk.examine if checks == ENDS_AT_ONCE else desk.verify)(scan.code)
        if check.claims is not None:
            self._clock_watch.witnessed(check.claims.issued_at)
        if self._visit.session is not None:
            return self._scan_during_session(check.claims)
        if self._visit.is_unconfirmed:
            return lane_busy()
        visitor = self._visitor(check, scan.code, scan.nonce, checks)
        shown_again = self._decided_before(visitor, checks)
        if shown_again is not None:
            return shown_again
        self._begin(visitor, check, checks)
        return None

    def _told(self, scan: Scan) -> ScanAnswer:
        answer = self._visit.answer()
        self._answers.remember(self._visit.visitor, answer)
        _log.debug(
            "gate %s: %s by %s: %s",
            self._gate,
            answer.status,
            scan.operator or scan.source,
            answer.reason,
        )
        return answer

    def _as_far_as_now(self, nonce: str | None, answer: ScanAnswer) -> ScanAnswer:
        """The same presentation again: its answer, as far as the session has come."""
        if self._visit.session is not None and self._visit.visitor.nonce == nonce:
            return self._visit.answer()
        return answer

    def _scan_during_session(self, claims: ReceiptClaims | None) -> ScanAnswer:
        current = self._visit.visitor.claims
        if claims is not None and current is not None and claims.number == current.number:
            return self._visit.answer()
        return lane_busy()

    def _visitor(
        self, check: Verification, code: str, nonce: str | None, checks: frozenset[Check]
    ) -> Visitor:
        claims = check.claims
        if check.reason is not None and Check.RECEIPT not in checks:
            claims = None  # a receipt that nobody asked for and that is not good is left alone
        return Visitor(
            claims=claims,
            service=claims.service if claims else None,
            nonce=nonce,
            code=code,
            shown_at=self._clock.now(),
            resumes=self._history.pause_of(claims) if claims and _measures(checks) else None,
        )

    def _begin(self, visitor: Visitor, check: Verification, checks: frozenset[Check]) -> None:
        self._visit.begin(visitor, checks)
        if check.reason is not None or check.claims is None:
            self._visit.tell(ReceiptRefused(check.reason or Reason.RECEIPT_UNREADABLE))
        elif self.is_room_full and checks != ENDS_AT_ONCE:
            self._visit.conclude(Decision(DecisionKind.WAIT, Reason.ROOM_FULL))
        else:
            self._visit.tell(ReceiptAccepted(check.claims, check.claims.service))

    @property
    def is_room_full(self) -> bool:
        """As far as this process knows; the record has the last word."""
        room = self._room.newest
        return room is not None and room.figures.places_taken >= room.figures.capacity

    # What was decided before is shown again

    def _decided_before(self, visitor: Visitor, checks: frozenset[Check]) -> ScanAnswer | None:
        claims, pause = visitor.claims, visitor.resumes
        if claims is None or not _measures(checks):
            return None
        if pause is not None and pause.ready_at > self._clock.now():
            return self._show_pause(visitor, pause)
        referral = self._history.open_referral(claims)
        return None if referral is None else self._show_referral(visitor, referral)

    def _show_pause(self, visitor: Visitor, pause: PendingPause) -> ScanAnswer:
        """The visitor is back too early: the time that is left, and no new row."""
        left_s = (pause.ready_at - self._clock.now()).total_seconds()
        decision = Decision(
            DecisionKind.WAIT,
            Reason.SECOND_READING_PAUSE,
            ready_at_s=self._clock.monotonic_s() + left_s,
        )
        self._show_again(visitor, pause.attempt_id, decision)
        return still_pausing(pause)

    def _show_referral(self, visitor: Visitor, referral: LogEntry) -> ScanAnswer:
        """Referred means referred: a second try at the gate does not undo it."""
        decision = Decision(DecisionKind.REFER, Reason.ELEVATED_TWICE)
        return self._show_again(visitor, referral.attempt_id or "", decision)

    def _show_again(self, visitor: Visitor, attempt_id: str, decision: Decision) -> ScanAnswer:
        now = self._clock.now()
        attempt = Attempt(
            attempt_id=attempt_id,
            gate=self._gate,
            at=now,
            decision=decision.kind,
            reason=decision.reason,
            receipt=visitor.claims,
            service=visitor.service,
        )
        written = WrittenAttempt(
            entry_id=0,
            attempt_id=attempt_id,
            at=now,
            decision=decision.kind,
            reason=decision.reason,
        )
        verdict = Verdict(
            attempt=attempt,
            written=written,
            since_s=self._clock.monotonic_s(),
            ready_at_s=decision.ready_at_s,
        )
        self._visit.show(visitor, verdict)
        return written_answer(attempt, written)


def _refuse(error: ScreeningError) -> ScanAnswer:
    raise error


def _measures(checks: frozenset[Check]) -> bool:
    return Check.TEMPERATURE in checks
