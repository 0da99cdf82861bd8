"""Who was told to wait at this gate, by name: outside a full room, or aside for a second reading.

The record knows the receipts. The names, and the codes that save a second scan, are only here: they
are gone when the gate is started anew, and then the visitor shows the receipt again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from screening.clock import Clock
from screening.decision import DecisionKind, Reason
from screening.gate.verdict import Verdict, Visitor
from screening.gate.view import OutsideView

FORGOTTEN_AFTER = timedelta(hours=12)
"""Nobody waits at a door longer than it is open."""

_REASONS = {Reason.ROOM_FULL, Reason.SECOND_READING_PAUSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What was shown, of which receipt, and until when it is remembered (monotonic seconds)."""

    issuer: str
    code: str
    reason: Reason
    forgotten_s: float
    view: OutsideView


class Waiting:
    """One gate's, from the gate's own thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def take(self, visitor: Visitor, verdict: Verdict) -> None:
        """A verdict is shown: its visitor waits, or does not any more."""
        claims, written = visitor.claims, verdict.written
        if claims is None:
            return
        reason = written.reason
        if written.decision is not DecisionKind.WAIT or reason is Reason.ROOM_FULL:
            for attempt_id, told in list(self._told.items()):
                is_theirs = (told.issuer, told.view.receipt_number) == (
                    claims.issuer,
                    claims.number,
                )
                if is_theirs and told.reason is Reason.ROOM_FULL:
                    del self._told[attempt_id]
        if reason not in _REASONS or not visitor.code:
            return
        now_s = self._clock.monotonic_s()
        self._told[written.attempt_id] = _Told(
            issuer=claims.issuer,
            code=visitor.code,
            reason=reason,
            forgotten_s=now_s + FORGOTTEN_AFTER.total_seconds(),
            view=OutsideView(
                attempt_id=written.attempt_id,
                holder=claims.holder,
                receipt_number=claims.number,
                service=claims.service,
                since=written.at,
            ),
        )

    def forget(self, attempt_id: str) -> bool:
        """They went away; False when they were not waiting outside."""
        told = self._told.get(attempt_id)
        if told is None or told.reason is not Reason.ROOM_FULL:
            return False
        del self._told[attempt_id]
        return True

    def code_of(self, attempt_id: str) -> str | None:
        """What they showed, so that they need not show it again."""
        told = self._told.get(attempt_id)
        return None if told is None else told.code

    def holder_of(self, attempt_id: str) -> str | None:
        """Their name as the receipt shortens it."""
        told = self._told.get(attempt_id)
        return None if told is None else told.view.holder

    def outside(self) -> tuple[OutsideView, ...]:
        """Who waits for a place, the longest first."""
        now_s = self._clock.monotonic_s()
        self._told = {
            attempt_id: told for attempt_id, told in self._told.items() if told.forgotten_s > now_s
        }
        return tuple(told.view for told in self._told.values() if told.reason is Reason.ROOM_FULL)
