"""Says which days were closed, to whom and why, and where a booking is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fastapi import Request

from dashboard.web.auth import office_of
from dashboard.web.office_words import Words, words_of
from dashboard.web.words import N_
from screening.registration.bookings import Place
from screening.registration.closing import Closing


@dataclass(frozen=True, slots=True)
class ClosingWords:
    """Words in one language, on the site's clock; it is ``today`` there."""

    words: Words
    today: date

    def days(self, closing: Closing) -> str:
        """The days, or since when on one."""
        first, last = (self.day(day) for day in (closing.days[0], closing.days[-1]))
        if closing.from_time is not None:
            words = self._say(N_("%(day)s from %(time)s"))
            return words % {"day": first, "time": self.words.language.clock(closing.from_time)}
        if len(closing.days) == 1:
            return first
        return self._say(N_("%(first)s until %(last)s")) % {"first": first, "last": last}

    def what(self, closing: Closing) -> str:
        """The service, or the whole office."""
        if closing.service is None:
            return self._say(N_("The whole office"))
        return self.words.service(closing.service) or closing.service

    def why(self, closing: Closing) -> str:
        """In this language, or as the office wrote it first."""
        reasons = closing.reasons
        return reasons.get(self.words.language.code) or next(iter(reasons.values()), "")

    def place(self, place: Place | None) -> str:
        """A day, perhaps with its time."""
        if place is None:
            return self._say(N_("no place yet"))
        day, clock = self.day(place.day), self.words.language.clock
        if place.start is None:
            return day
        end = "" if place.end is None else f"–{clock(place.end)}"
        words = self._say(N_("%(day)s, %(time)s"))
        return words % {"day": day, "time": f"{clock(place.start)}{end}"}

    def day(self, day: date) -> str:
        """The weekday and the date."""
        return self.words.language.near_day(day, self.today)

    def _say(self, message: str) -> str:
        return self.words.language.say(message)


def closing_words_of(request: Request) -> ClosingWords:
    """In the language of whoever asks."""
    return ClosingWords(words_of(request), office_of(request).today())
