"""Writes until when the office is open, and when it opens next."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.office.standing import Standing


def told_hours(standing: Standing, language: Language) -> str:
    """Until when it is open, or when it opens next."""
    clock = language.clock
    if standing.until is not None:
        opens = standing.opens
        if opens is not None and opens.date() == standing.at.date():
            told = language.say(N_("Open until %(end)s, and again from %(start)s"))
            return told % {"end": clock(standing.until), "start": clock(opens.time())}
        return language.say(N_("Open until %(end)s")) % {"end": clock(standing.until)}
    if standing.opens is None:
        return language.say(N_("When it opens again is not known yet"))
    return language.say(N_("Opens %(day)s at %(time)s")) % {
        "day": told_day(standing.opens.date(), standing.at.date(), language),
        "time": clock(standing.opens.time()),
    }


def told_day(day: date, today: date, language: Language) -> str:
    """Today, tomorrow, or the date."""
    if day == today:
        return language.say(N_("today"))
    if day == today + timedelta(days=1):
        return language.say(N_("tomorrow, %(day)s")) % {"day": language.weekday(day.weekday())}
    return language.near_day(day, today)
