"""Writes the day in a language: its hours, queue, bookings and open referrals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dashboard.manager.day_around import Booked
from dashboard.manager.log_query import address_of
from dashboard.manager.room_contexts import (
    BookedLine,
    BookingsNow,
    HourBar,
    QueueLine,
    QueueNow,
    Referral,
)
from dashboard.web.office_words import Words
from dashboard.web.queue_words import told_wait, why_untold
from dashboard.web.words import N_
from screening.figures.live_waits import ExpectedWaits
from screening.figures.told_waits import HeldWaits, last_weeks
from screening.figures.usual_day import FEWEST_DAYS, Usual, UsualDay
from screening.figures.waits import HELD
from screening.queue.queue import QueueView
from screening.visits import DayFigures, LogEntry


@dataclass(frozen=True, slots=True)
class RoomWords:
    """Writes what the managers' dashboard alone shows, as ``words`` writes everything else."""

    words: Words

    def hours(
        self, hours: Sequence[tuple[datetime, int, int, int]], usual: UsualDay, today: date
    ) -> tuple[HourBar, ...]:
        """Bars of the day's hours beside the usual ones; the tallest one is 100."""
        counted = {start.astimezone(self.words.zone).hour: counts for start, *counts in hours}
        known = usual.hours()
        tallest = max(
            (*(sum(counts) for counts in counted.values()), *(one.high for one in known.values())),
            default=0,
        )
        return tuple(
            self._hour(hour, counted.get(hour, [0, 0, 0]), known.get(hour), tallest or 1, today)
            for hour in sorted({*counted, *known})
        )

    def usual(
        self, hours: Sequence[tuple[datetime, int, int, int]], usual: UsualDay, now: datetime
    ) -> str:
        """How many came until now, beside the same weekdays of the last weeks."""
        language, local = self.words.language, now.astimezone(self.words.zone)
        weekday = language.weekday(local.weekday())
        if not usual.is_known:
            told = language.say(
                N_(
                    "What is usual on a %(weekday)s is not known yet: %(days)s of %(needed)s such"
                    " days had visitors."
                )
            )
            return told % {
                "weekday": weekday,
                "days": language.whole(len(usual.days)),
                "needed": language.whole(FEWEST_DAYS),
            }
        until = usual.until(local.hour)
        if until is None or not until.high:
            return ""
        came = sum(
            admitted
            for start, admitted, _, _ in hours
            if start.astimezone(self.words.zone).hour < local.hour
        )
        told = language.say(
            N_(
                "Until %(hour)s %(came)s came; on a usual %(weekday)s it is %(low)s to %(high)s"
                " (half of the last %(days)s)."
            )
        )
        return told % {
            "hour": language.time(local.replace(minute=0), self.words.zone),
            "came": language.whole(came),
            "weekday": weekday,
            "low": language.whole(until.low),
            "high": language.whole(until.high),
            "days": language.whole(len(usual.days)),
        }

    def queue(self, view: QueueView, waits: ExpectedWaits, at: datetime) -> QueueNow:
        """Who waits inside, by service, the longest wait first."""
        language = self.words.language
        since: dict[str, list[datetime]] = {}
        for ticket in view.waiting:
            since.setdefault(ticket.service, []).append(ticket.step_since)
        services = sorted(since, key=lambda service: (min(since[service]), service))
        lines = []
        for service in services:
            wait = waits.newcomers.get(service)
            longest = max(0.0, (at - min(since[service])).total_seconds())
            minutes = int(longest // 60)
            lines.append(
                QueueLine(
                    service=self.words.service(service) or language.say(N_("without a service")),
                    waiting=len(since[service]),
                    longest=language.count("%(num)d minute", "%(num)d minutes", minutes),
                    expected=told_wait(wait, language),
                )
            )
        return QueueNow(
            lines=tuple(lines),
            waiting=len(view.waiting),
            at_counters=len(view.called),
            aside=len(view.parked) + len(view.missed),
        )

    def bookings(
        self, booked: Booked, figures: DayFigures, quota: int | None, tomorrow: datetime
    ) -> BookingsNow:
        """The day's quota, who booked, and how full tomorrow is."""
        lines = tuple(
            BookedLine(
                service=self.words.service(one.service) or one.service,
                booked=one.booked,
                places=one.places,
                percent=None if not one.places else min(100, round(100 * one.booked / one.places)),
                is_full=one.is_full,
            )
            for one in booked.tomorrow
        )
        return BookingsNow(
            came=figures.admitted,
            quota=quota,
            percent=0 if not quota else min(100, round(100 * figures.admitted / quota)),
            left=max(0, figures.admitted - figures.occupancy),
            booked=booked.today,
            still_to_come=figures.still_to_come,
            day=self.words.language.day(tomorrow, self.words.zone),
            tomorrow=lines,
            full=", ".join(line.service for line in lines if line.is_full),
        )

    def _hour(
        self, hour: int, counts: Sequence[int], usual: Usual | None, tallest: int, today: date
    ) -> HourBar:
        admitted, refused, referred = counts
        language = self.words.language

        def height(count: int) -> int:
            return round(100 * count / tallest)

        told = ""
        if usual is not None:
            told = language.say(N_("usually %(low)s to %(high)s")) % {
                "low": language.whole(usual.low),
                "high": language.whole(usual.high),
            }
        return HourBar(
            label=f"{hour:02d}",
            rows=address_of({"from": today, "to": today, "hour": hour, "what": "attempt"}),
            usual=told,
            usual_low=height(0 if usual is None else usual.low),
            usual_high=height(0 if usual is None else usual.high),
            admitted=admitted,
            refused=refused,
            referred=referred,
            admitted_height=height(admitted),
            refused_height=height(refused),
            referred_height=height(referred),
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

    def referral(self, entry: LogEntry, *, has_name: bool) -> Referral:
        """A referral that waits for its clinical reading."""
        return Referral(
            attempt_id=entry.attempt_id or "",
            name=(entry.holder or "") if has_name else "",
            time=self.words.language.time(entry.at, self.words.zone),
            gate=self.words.gate(entry.gate or ""),
            receipt=entry.receipt_number or "",
        )
