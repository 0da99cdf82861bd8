"""What today's log says about a receipt that is shown again: a pause, a referral, another nonce."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.gate.pause_times import PauseTimes
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk
from screening.visits import Attempt, Journal, LogEntry, PendingPause, WrittenAttempt

CLINICALLY_NORMAL = "normal"
"""The officer's outcome that lets a referred visitor go through the gate again."""


class ReceiptHistory:
    """Asks the record; every method may raise RecordError."""

    def __init__(self, log: Journal, desk: ReceiptDesk, clock: Clock, zone: ZoneInfo) -> None:
        self._log = log
        self._desk = desk
        self._clock = clock
        self._zone = zone
        self._pause_times = PauseTimes(clock)

    def pause_begun(self, attempt_id: str, ready_s: float) -> None:
        """A visitor of this gate rests until that monotonic second."""
        self._pause_times.begun(attempt_id, ready_s)

    def pauses(self) -> list[PendingPause]:
        """Everybody who waits for a second reading today."""
        found = self._log.pauses(since=start_of_day(self._clock.now(), self._zone))
        return self._pause_times.by_our_clock(found)

    def pause_of(self, claims: ReceiptClaims) -> PendingPause | None:
        """The pause this scan belongs to: one that is over, or one that nobody else can mean.

        While one of a party rests, a scan is another member's as long as places are left.
        """
        now = self._clock.now()
        mine = [
            pause
            for pause in self.pauses()
            if (pause.issuer, pause.receipt_number) == (claims.issuer, claims.number)
        ]
        over = [pause for pause in mine if pause.ready_at <= now]
        if over:
            return over[0]
        others = claims.party_size - self._desk.use(claims).places_used - len(mine)
        return mine[0] if mine and others <= 0 else None

    def code_of(self, pause: PendingPause) -> str | None:
        """What stands for the receipt where nobody remembers what was shown: its number."""
        return pause.receipt_number if pause.issuer == self._desk.issuer else None

    def open_referral(self, claims: ReceiptClaims) -> LogEntry | None:
        """Today's referral of this receipt that no officer has closed as normal.

        A party's receipt does not tell which member was referred.
        """
        if claims.party_size > 1:
            return None
        since = start_of_day(self._clock.now(), self._zone)
        entry = self._log.referral(claims, since=since)
        if entry is None or any(result.outcome == CLINICALLY_NORMAL for result in entry.results):
            return None
        return entry

    def is_for_another_receipt(self, attempt: Attempt, written: WrittenAttempt) -> bool:
        """Whether the nonce had been used with something else before the gate was started."""
        earlier = written.entry
        number = attempt.receipt.number if attempt.receipt else None
        return earlier is not None and earlier.receipt_number != number
