"""Visitors who leave: a scan of their receipt, or the button at the door."""

from __future__ import annotations

from screening.clock import Clock
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk
from screening.visits import ExitHow, Journal


class Exits:
    """The way out of one gate. Raises RecordError where it cannot be written."""

    def __init__(self, gate: str, *, log: Journal, desk: ReceiptDesk, clock: Clock) -> None:
        self._gate = gate
        self._log = log
        self._desk = desk
        self._clock = clock

    def scan(self, code: str, *, operator: str | None) -> bool:
        """A receipt shown on the way out; False when its holder is not inside."""
        claims = self._desk.examine(code).claims
        return claims is not None and self._leave(claims, ExitHow.SCAN, operator)

    def button(self, *, operator: str) -> bool:
        """Somebody left; False when the room is empty."""
        return self._leave(None, ExitHow.BUTTON, operator)

    def _leave(self, claims: ReceiptClaims | None, how: ExitHow, operator: str | None) -> bool:
        visit = self._log.leave(
            receipt=claims, how=how, gate=self._gate, operator=operator, at=self._clock.now()
        )
        return visit is not None
