"""Who was told to wait at this gate, by name: outside a full room, or aside for a second reading.

What was shown, which saves a second scan, is only here. A gate that is started anew learns from the
log who waits outside; a receipt of this office is then called by its number, one of another issuer
is shown again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from screening.clock import Clock
from screening.decision import DecisionKind, Reason
from screening.gate.verdict import Verdict, Visitor
from screening.gate.view import OutsideView
from screening.visits import EntryKind, LogEntry

FORGOTTEN_AFTER = timedelta(hours=12)
"""Nobody waits at a door longer than it is open."""

_REASONS = {Reason.ROOM_FULL, Reason.SECOND_READING_PAUSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What was shown, of which receipt, and until when it is remembered (monotonic seconds)."""

    issuer: str | None
    code: str | None
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
                is_theirs = told.view.receipt_number == claims.number and told.issuer in (
                    claims.issuer,
                    None,
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

    def take_over(self, entries: Iterable[LogEntry], code_of: Callable[[str], str | None]) -> None:
        """What this gate's rows, oldest first, say of who waits outside since it ran before.

        ``code_of`` tells of a receipt's number what stands for it, None where it is shown again.
        """
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        waiting: dict[str, LogEntry] = {}
        for entry in entries:
            if entry.kind is not EntryKind.ATTEMPT or entry.receipt_number is None:
                continue
            if entry.decision is not DecisionKind.WAIT or entry.reason is Reason.ROOM_FULL:
                waiting.pop(entry.receipt_number, None)
            if entry.reason is Reason.ROOM_FULL and now - entry.at < FORGOTTEN_AFTER:
                waiting[entry.receipt_number] = entry
        for number, entry in waiting.items():
            attempt_id = entry.attempt_id or ""
            self._told[attempt_id] = _Told(
                issuer=None,
                code=code_of(number),
                reason=Reason.ROOM_FULL,
                forgotten_s=now_s + (entry.at + FORGOTTEN_AFTER - now).total_seconds(),
                view=OutsideView(
                    attempt_id=attempt_id,
                    holder=entry.holder,
                    receipt_number=number,
                    service=entry.service,
                    since=entry.at,
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

    def is_outside(self, attempt_id: str) -> bool:
        """Whether they wait for a place."""
        told = self._told.get(attempt_id)
        return told is not None and told.reason is Reason.ROOM_FULL

    def outside(self) -> tuple[OutsideView, ...]:
        """Who waits for a place, the longest first."""
        now_s = self._clock.monotonic_s()
        self._told = {
            attempt_id: told for attempt_id, told in self._told.items() if told.forgotten_s > now_s
        }
        return tuple(told.view for told in self._told.values() if told.reason is Reason.ROOM_FULL)
