"""Writes until when the office is open, and when it opens next."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.office.facts import OfficeFacts
from screening.office.standing import Closure, Standing, closures


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


def told_closures(
    facts: OfficeFacts, today: date, language: Language, *, days: int, service: str | None = None
) -> tuple[str, ...]:
    """A sentence for each closing of the coming days that somebody gave a reason for."""
    found = closures(facts, today, days, language=language.code, service=service)
    return tuple(_closure(one, today, language) for one in found)


def _closure(closure: Closure, today: date, language: Language) -> str:
    first, last = (told_day(day, today, language) for day in (closure.first, closure.last))
    told = {"first": first, "last": last, "why": closure.why}
    if closure.until is not None:
        words = language.say(N_("Closed %(first)s from %(time)s: %(why)s"))
        return words % {**told, "time": language.clock(closure.until)}
    if closure.first == closure.last:
        return language.say(N_("Closed %(first)s: %(why)s")) % told
    return language.say(N_("Closed %(first)s until %(last)s: %(why)s")) % told


def told_day(day: date, today: date, language: Language) -> str:
    """Today, tomorrow, or the date."""
    if day == today:
        return language.say(N_("today"))
    if day == today + timedelta(days=1):
        return language.say(N_("tomorrow, %(day)s")) % {"day": language.weekday(day.weekday())}
    return language.near_day(day, today)
