"""Writes the queue for people: numbers as they are said, and where a counter is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.web.language import Language
from dashboard.web.words import N_
from screening.figures.waits import Interval, NoCounter, TooLittle, WaitEstimate
from screening.office.counters import Counter
from screening.office.facts import OfficeFacts
from screening.queue.tickets import TicketState

DIGITS = (
    N_("zero"),
    N_("one"),
    N_("two"),
    N_("three"),
    N_("four"),
    N_("five"),
    N_("six"),
    N_("seven"),
    N_("eight"),
    N_("nine"),
)

STATES: dict[TicketState, str] = {
    TicketState.WAITING: N_("waiting"),
    TicketState.CALLED: N_("called, on the way"),
    TicketState.SERVING: N_("being served"),
    TicketState.PARKED: N_("parked"),
    TicketState.MISSED: N_("missed"),
    TicketState.DONE: N_("done"),
    TicketState.GONE: N_("gone"),
}

_BARE = re.compile(r"[A-Za-z]?[0-9]*")
"""A place that is only a number or a letter: it wants the word "counter" before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpCall:
    """A counter whose officer asks the others to come; ``title`` is where it is."""

    name: str
    title: str


def told_wait(wait: WaitEstimate | None, language: Language) -> str:
    """How long somebody waits for a counter, or that none is open; empty where nobody can tell.

    In the minutes of ``Interval.minutes``, the same on every page.
    """
    if isinstance(wait, NoCounter):
        return language.say(N_("no counter is open now"))
    if not isinstance(wait, Interval):
        return ""
    low, high = wait.minutes
    if not low:
        return language.count("at most %(num)d minute", "at most %(num)d minutes", high)
    told = language.say(N_("about %(low)s–%(high)s minutes"))
    return told % {"low": language.whole(low), "high": language.whole(high)}


def told_call(moments: tuple[datetime, datetime] | None, language: Language, zone: ZoneInfo) -> str:
    """Between which times of the site's clock a call is expected; empty where nobody can tell."""
    if moments is None:
        return ""
    begins, ends = (language.time(moment, zone) for moment in moments)
    return language.say(N_("about %(from)s–%(to)s")) % {"from": begins, "to": ends}


def told_wait_inside(wait: WaitEstimate | None, language: Language) -> str:
    """For whoever is outside: how long they wait for a counter once they are in; empty where nobody
    can tell."""
    if not isinstance(wait, Interval):
        return ""
    told = language.say(N_("Inside, waiting for a counter takes %(wait)s."))
    return told % {"wait": told_wait(wait, language)}


def told_wait_outside(
    outside: WaitEstimate | None, inside: WaitEstimate | None, language: Language
) -> str:
    """For whoever is outside: until they are called in, and then inside; empty where nobody can
    tell either."""
    told = []
    if isinstance(outside, Interval):
        words = language.say(N_("Until you are called in: %(wait)s."))
        told.append(words % {"wait": told_wait(outside, language)})
    return " ".join(filter(None, [*told, told_wait_inside(inside, language)]))


def why_untold(wait: WaitEstimate | None, language: Language) -> str:
    """Why no time can be told yet, for whoever works here; empty where one is told."""
    if not isinstance(wait, TooLittle):
        return ""
    told = language.say(
        N_("not known yet: learnt from %(days)s of %(needed)s days with finished visits")
    )
    return told % {"days": min(wait.days, wait.needed_days), "needed": wait.needed_days}


def helps_of(facts: OfficeFacts, language: Language, *, without: str = "") -> tuple[HelpCall, ...]:
    """The counters that ask for help, but for one."""
    return tuple(
        HelpCall(name=one.name, title=counter_place(one, language))
        for one in facts.counters.values()
        if one.wants_help and one.name != without
    )


def spoken_label(label: str, language: Language) -> str:
    """A ticket's label as it is said: "L-004" is "L, zero zero four"."""
    letters, _, digits = label.rpartition("-")
    said = " ".join(
        language.say(DIGITS[int(one)]) if one in "0123456789" else one for one in digits
    )
    return ", ".join([*([" ".join(letters)] if letters else []), said])


def counter_place(counter: Counter, language: Language) -> str:
    """Where a visitor goes, as it is read and said: "counter 3", or the place's own words."""
    place = counter.place or counter.name
    if _BARE.fullmatch(place) is None:
        return place
    return language.say(N_("Counter %(place)s")) % {"place": place}


def spoken_call(label: str, counter: Counter, language: Language) -> str:
    """The whole call."""
    told = language.say(N_("Number %(number)s. Please go to %(place)s."))
    return told % {
        "number": spoken_label(label, language),
        "place": _in_a_sentence(counter_place(counter, language), counter),
    }


def come_now(counter: Counter, language: Language) -> str:
    """A call as it is read on a phone: "Come to counter 4 now"."""
    place = _in_a_sentence(counter_place(counter, language), counter)
    return language.say(N_("Come to %(place)s now")) % {"place": place}


def _in_a_sentence(place: str, counter: Counter) -> str:
    """Our own word is small there; a place's own words stay as they are written."""
    if place == (counter.place or counter.name):
        return place
    return place[:1].lower() + place[1:]
