"""Writes the day's hours and its open referrals in a language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.manager.room_contexts import HourBar, Referral
from dashboard.web.office_words import Words
from dashboard.web.queue_words import told_wait, why_untold
from dashboard.web.words import N_
from screening.figures.live_waits import ExpectedWaits
from screening.figures.told_waits import HeldWaits, last_weeks
from screening.figures.waits import HELD
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

    def waits(self, waits: ExpectedWaits, held: Sequence[HeldWaits]) -> Iterator[str]:
        """How long whoever comes now waits, and how often what was told before held."""
        language = self.words.language
        now = told_wait(waits.anybody, language) or why_untold(waits.anybody, language)
        if now:
            yield language.say(N_("Whoever comes now waits: %(wait)s")) % {"wait": now}
        every = last_weeks(held).get("")
        if every is not None:
            told = language.say(
                N_(
                    "What was told in the last four weeks held for %(share)s of %(count)s visitors"
                    " who were looked at; %(aim)s is aimed at."
                )
            )
            yield told % {
                "share": language.percent(every.rate),
                "count": language.whole(every.told),
                "aim": language.percent(HELD),
            }

    def referral(self, entry: LogEntry) -> Referral:
        """A referral that waits for its clinical reading."""
        return Referral(
            attempt_id=entry.attempt_id or "",
            time=self.words.language.time(entry.at, self.words.zone),
            gate=self.words.gate(entry.gate or ""),
            receipt=entry.receipt_number or "",
        )
