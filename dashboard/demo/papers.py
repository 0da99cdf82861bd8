"""The receipts of the demonstration's visitors, good and bad ones, made by the real desk."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import base45

from dashboard.bootstrap import RunningOffice
from dashboard.demo.scenarios import NAMES, Paper
from screening.figures.day_model import draw_service
from screening.receipts.token import PREFIX, sign

OPERATOR = "peraga"
"""Who acts in the demonstration when nobody at a browser does."""

OTHER_SITE = "DPK"
"""A neighbouring office whose receipts are genuine but not for here."""


class PaperPress:
    """Prints whatever receipt a scenario asks for."""

    def __init__(self, running: RunningOffice, chance: random.Random) -> None:
        self._running = running
        self._chance = chance
        self._used: list[str] = []

    def print(self, paper: Paper, *, party_size: int = 1) -> str:
        """The token on it. Raises ReceiptError when the desk will not issue it."""
        if paper is Paper.USED and self._used:
            return self._chance.choice(self._used)
        today = self._today()
        issued_on = {Paper.TOO_EARLY: today, Paper.EXPIRED: today - timedelta(days=20)}
        receipt = self._running.desk.issue(
            draw_service(self._chance).code,
            self._chance.choice(NAMES),
            issued_on=issued_on.get(paper, today - timedelta(days=1)),
            party_size=party_size,
        )
        if paper is Paper.REVOKED:
            self._running.record.receipts.revoke(
                receipt.claims.issuer,
                receipt.number,
                reason="registered twice",
                operator=OPERATOR,
                at=self._running.clock.now(),
            )
        if paper is Paper.FORGED:
            return tampered(receipt.token)
        if paper is Paper.OTHER_SITE:
            return sign(replace(receipt.claims, site=OTHER_SITE), self._running.keys.signing)
        return receipt.token

    def was_used(self, token: str) -> None:
        """This one let somebody in; others may try it while its holder is inside."""
        self._used.append(token)

    def has_left(self, token: str) -> None:
        """Its holder may come back today, so it is not a used one for others to try."""
        if token in self._used:
            self._used.remove(token)

    def _today(self) -> date:
        return self._running.clock.now().astimezone(self._running.settings.site.zone).date()


def tampered(token: str) -> str:
    """The same receipt with one bit of its signature turned."""
    raw = bytearray(base45.b45decode(token.removeprefix(PREFIX)))
    raw[-1] ^= 1
    encoded: bytes = base45.b45encode(bytes(raw))
    return PREFIX + encoded.decode("ascii")
