"""Writes the day's hours and its open referrals in a language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.manager.room_contexts import HourBar, Referral
from dashboard.web.office_words import Words
from screening.visits import LogEntry


@dataclass(frozen=True, slots=True)
class RoomWords:
    """Writes what the managers' dashboard alone shows, as ``words`` writes everything else."""

    words: Words

    def hours(self, hours: Sequence[tuple[datetime, int, int, int]]) -> tuple[HourBar, ...]:
        """Bars of the day's hours; the tallest one is 100."""
        tallest = max((sum(counts) for _, *counts in hours), default=0) or 1
        return tuple(
            HourBar(
                label=self.words.language.time(start, self.words.zone)[:2],
                admitted=admitted,
                refused=refused,
                referred=referred,
                admitted_height=round(100 * admitted / tallest),
                refused_height=round(100 * refused / tallest),
                referred_height=round(100 * referred / tallest),
            )
            for start, admitted, refused, referred in hours
        )

    def referral(self, entry: LogEntry) -> Referral:
        """A referral that waits for its clinical reading."""
        return Referral(
            attempt_id=entry.attempt_id or "",
            time=self.words.language.time(entry.at, self.words.zone),
            gate=self.words.gate(entry.gate or ""),
            receipt=entry.receipt_number or "",
        )
