"""Visitors who leave: a scan of their receipt, or the button at the door."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from screening.clock import Clock
from screening.gate.answer_cache import REMEMBERED_ANSWERS
from screening.gate.verdict import nonce_reused
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk
from screening.visits import ExitHow, Journal

EXIT_NONCE = "exit "
"""Before the nonce of an exit in the record: with its blank it is no nonce of a scan."""


class Exits:
    """The way out of one gate. Raises RecordError where it cannot be written.

    ``shown`` hears the code of whoever left: the gate's own devices may see it, too.
    """

    def __init__(
        self,
        gate: str,
        *,
        log: Journal,
        desk: ReceiptDesk,
        clock: Clock,
        shown: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._gate = gate
        self._log = log
        self._desk = desk
        self._clock = clock
        self._shown = shown
        self._answers: OrderedDict[str, tuple[str, bool]] = OrderedDict()

    def scan(self, code: str, *, operator: str | None, nonce: str | None = None) -> bool:
        """A receipt shown on the way out; False when its holder is not inside.

        The same nonce again gives the same answer. Raises LaneConflict for another code under it.
        """
        if nonce is None:
            return self._show(code, operator, None)
        if nonce not in self._answers:
            left = self._show(code, operator, f"{EXIT_NONCE}{nonce}")
            self._answers[nonce] = (code, left)
            if len(self._answers) > REMEMBERED_ANSWERS:
                self._answers.popitem(last=False)
        answered_code, left = self._answers[nonce]
        if answered_code != code:
            raise nonce_reused()
        return left

    def _show(self, code: str, operator: str | None, nonce: str | None) -> bool:
        claims = self._desk.examine(code).claims
        left = claims is not None and self._leave(claims, ExitHow.SCAN, operator, nonce)
        if left:
            self._shown(code)
        return left

    def button(self, *, operator: str) -> bool:
        """Somebody left; False when the room is empty."""
        return self._leave(None, ExitHow.BUTTON, operator)

    def _leave(
        self,
        claims: ReceiptClaims | None,
        how: ExitHow,
        operator: str | None,
        nonce: str | None = None,
    ) -> bool:
        visit = self._log.leave(
            receipt=claims,
            how=how,
            gate=self._gate,
            operator=operator,
            at=self._clock.now(),
            nonce=nonce,
        )
        return visit is not None
