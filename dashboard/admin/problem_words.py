"""Puts into words why a change cannot be made."""

from __future__ import annotations

import re

from dashboard.admin.fact_words import FactWords
from dashboard.web.words import N_
from screening.errors import OfficeError

_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"'(?P<a>.*)' is not a whole number from (?P<b>\d+) to (?P<c>\d+)(, or \w+)?"),
        N_("“%(a)s” is no whole number from %(b)s to %(c)s."),
    ),
    (
        re.compile(r"'(?P<a>.*)' is no time of a day; .*"),
        N_("“%(a)s” is no time: write 08:00-12:00, 13:00-15:00."),
    ),
    (re.compile(r"'(?P<a>.*)' ends before it begins"), N_("“%(a)s” ends before it begins.")),
    (re.compile(r"(?P<a>\S+) and (?P<b>\S+) overlap"), N_("%(a)s and %(b)s overlap.")),
    (re.compile(r"'(?P<a>.*)' is no day; .*"), N_("“%(a)s” is no day: write 2026-12-24.")),
    (re.compile(r"(?P<a>\S+) is before (?P<b>\S+)"), N_("%(a)s is before %(b)s.")),
    (
        re.compile(r"(?P<a>\d+) days are too many for one change, (?P<b>\d+) at most"),
        N_("%(a)s days are too many at once; %(b)s at most."),
    ),
    (
        re.compile(r"letter (?P<a>\S+) is on the tickets of (?P<b>\S+) already"),
        N_("The letter %(a)s is on the tickets of %(b)s already."),
    ),
    (
        re.compile(r"(?P<a>\S+) is for visitors without a service"),
        N_("The letter %(a)s is for visitors without a service."),
    ),
    (
        re.compile(r"'(?P<a>.*)' is not one or two of the letters A-Z"),
        N_("“%(a)s” is not one or two letters from A to Z."),
    ),
    (
        re.compile(r"priority_quota is a part of the day's quota; .*"),
        N_("Places for priority are a part of the day's quota: give the quota, too."),
    ),
    (
        re.compile(r"priority_quota (?P<a>\d+) is more than the (?P<b>\d+) of the day"),
        N_("%(a)s places for priority are more than the %(b)s of the day."),
    ),
    (
        re.compile(r"lead_days (?P<a>\d+) is after the last day, days_ahead (?P<b>\d+)"),
        N_("Nobody could book: the first day (%(a)s ahead) is after the last one (%(b)s ahead)."),
    ),
    (
        re.compile(r"a collection is never for the same day; .*"),
        N_("A collection is never for the same day: it is booked 1 day before, at least."),
    ),
    (
        re.compile(r"a service asks at most (?P<a>\d+) questions"),
        N_("A service asks at most %(a)s questions."),
    ),
    (re.compile(r"a visit has at most (?P<a>\d+) steps"), N_("A visit has at most %(a)s steps.")),
    (
        re.compile(r"(it|a name) has 1 to (?P<a>\d+) printable characters.*"),
        N_("It has 1 to %(a)s letters, on one line."),
    ),
    (
        re.compile(r"note: it has at most (?P<a>\d+) printable characters"),
        N_("The note has at most %(a)s letters, on one line."),
    ),
    (re.compile(r"'(?P<a>.*)' is no link; .*"), N_("“%(a)s” is no link: it begins with https://.")),
    (
        re.compile(r"'(?P<a>.*)' is no telephone number; .*"),
        N_("“%(a)s” is no telephone number."),
    ),
    (
        re.compile(r"'(?P<a>.*)': a service's code has 1 to 10 of A-Z, 0-9 and -"),
        N_("“%(a)s” is no code: it has 1 to 10 of the characters A to Z, 0 to 9 and -."),
    ),
    (
        re.compile(r"a (gate|counter|room)'s name has 1 to 24 of the characters .*"),
        N_("Its name has 1 to 24 letters and digits, and no blank."),
    ),
    (
        re.compile(r"there is a (service|gate|counter) '?(?P<a>[^' ;]+)'? already.*"),
        N_("There is one called %(a)s already."),
    ),
    (
        re.compile(r"there is no (service|gate|counter) '?(?P<a>[^' ;]+)'?.*"),
        N_("There is none called %(a)s."),
    ),
    (
        re.compile(r"an everyday gate always asks for the receipt; add it"),
        N_("Every day a gate asks for the receipt, at least."),
    ),
    (re.compile(r"name at least one check; .*"), N_("Choose at least one check.")),
    (
        re.compile(
            r"(?P<a>.+) and (?P<b>.+) are pinned, but stand (?P<c>\S+) m apart,"
            r" less than (?P<d>\S+) m"
        ),
        N_("%(a)s and %(b)s stay open always, but are %(c)s m apart, less than %(d)s m."),
    ),
    (
        re.compile(r"'(?P<a>.*)' is no number of metres"),
        N_("“%(a)s” is no number of metres."),
    ),
    (
        re.compile(r"the first line must name the columns; missing: (?P<a>.*)"),
        N_("The first line of the table must name its columns; missing: %(a)s."),
    ),
    (re.compile(r"several chairs are called (?P<a>.*)"), N_("Several chairs are called %(a)s.")),
    (re.compile(r"there is no seat (?P<a>.*)"), N_("There is no seat %(a)s.")),
    (
        re.compile(r"an office offers at least one service"),
        N_("Keep at least one service, or write one yourself."),
    ),
    (
        re.compile(r"no service of the office can be registered for"),
        N_("Nobody can register now: no service is booked, or no day is open."),
    ),
    (re.compile(r"no seat"), N_("At least one seat stays open.")),
)


def problem_words(error: OfficeError, words: FactWords) -> str:
    """Why it cannot be, in the language of the words; unknown reasons as they are."""
    told = str(error)
    key, colon, reason = told.partition(": ")
    what = ""
    if colon and re.fullmatch(r"[a-z0-9_-]+", key) and key != "note":
        what, told = f"{words.called(key)}: ", reason
    for pattern, sentence in _REASONS:
        found = pattern.fullmatch(told)
        if found is not None:
            parts = {name: text for name, text in found.groupdict().items() if text is not None}
            return what + words.language.say(sentence) % parts
    return what + told
