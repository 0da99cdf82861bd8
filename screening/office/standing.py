"""How the office stands for somebody who thinks of coming now: open, how full, what is left. Pure.

Nothing in it is about a person; whatever the public reads of the office is told from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from screening.office.facts import OfficeFacts
from screening.office.hours import Because, OpenDay, next_opening, open_day, open_until
from screening.office.services import Service
from screening.visits import DayFigures

BUSY_FROM = 0.8
"""The share of its places from which a room is nearly full."""


class Door(StrEnum):
    """Whether the office is open by its hours. BREAK: it opens again on the same day."""

    OPEN = "open"
    BREAK = "break"
    CLOSED = "closed"


class Crowd(StrEnum):
    """How full the room is for whoever comes now.

    WAITING: places are free, and at least as many people wait outside for them. UNKNOWN: it was not
    counted for a while.
    """

    CALM = "calm"
    BUSY = "busy"
    WAITING = "waiting"
    FULL = "full"
    UNKNOWN = "unknown"


class Advice(StrEnum):
    """What somebody before the door does: go in, wait, or come another time; ASK where nobody can
    tell. SPENT: today's numbers are given out."""

    GO_IN = "go_in"
    WAIT = "wait"
    SPENT = "spent"
    BREAK = "break"
    CLOSED = "closed"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The office at ``at``, a moment of the site's clock.

    ``until`` is when it closes or has its break, None unless open. ``opens`` is when it opens next,
    None where that cannot be told; ``today`` says why it is closed. ``figures`` is None before the
    first count, and older than a few seconds where ``crowd`` is UNKNOWN. ``left_today`` counts
    visits that are still to be had without a booking, None without a quota or a count.
    """

    at: datetime
    today: OpenDay
    door: Door
    until: time | None
    opens: datetime | None
    figures: DayFigures | None
    crowd: Crowd
    left_today: int | None

    @property
    def advice(self) -> Advice:
        """What somebody before the door does."""
        if self.door is not Door.OPEN:
            return Advice.BREAK if self.door is Door.BREAK else Advice.CLOSED
        if self.crowd is Crowd.UNKNOWN:
            return Advice.ASK
        if self.left_today == 0:
            return Advice.SPENT
        return Advice.WAIT if self.crowd in {Crowd.WAITING, Crowd.FULL} else Advice.GO_IN


def standing_of(
    facts: OfficeFacts,
    figures: DayFigures | None,
    now: datetime,
    zone: ZoneInfo,
    *,
    is_counted: bool = True,
    holidays: Mapping[date, str] | None = None,
    service: Service | None = None,
) -> Standing:
    """The office, or one of its services, now.

    ``is_counted`` is False while ``figures`` cannot be read anew, ``holidays`` are public ones.
    """
    here, day_of = now.astimezone(zone), hours_of(facts, holidays or {}, service)
    until, opens, today = open_until(here, day_of), next_opening(here, day_of), day_of(here.date())
    door = Door.OPEN
    if until is None:
        is_break = opens is not None and opens.date() == here.date()
        has_begun = any(span.end <= here.time() for span in today.spans)
        door = Door.BREAK if is_break and has_begun else Door.CLOSED
    crowd = _crowd(figures) if figures is not None and is_counted else Crowd.UNKNOWN
    left = None
    if figures is not None and facts.daily_quota is not None:
        left = max(0, facts.daily_quota - figures.admitted - figures.still_to_come)
    return Standing(
        at=here,
        today=today,
        door=door,
        until=until,
        opens=opens,
        figures=figures,
        crowd=crowd,
        left_today=left,
    )


def hours_of(
    facts: OfficeFacts, holidays: Mapping[date, str], service: Service | None = None
) -> Callable[[date], OpenDay]:
    """The hours of each day, of the office or of this service."""
    own = None if service is None else service.hours
    return lambda day: open_day(day, facts.hours, holidays, own)


@dataclass(frozen=True, slots=True)
class Closure:
    """Days in a row that are closed for one reason, or of which one ends at ``until``."""

    first: date
    last: date
    why: str
    until: time | None = None


def closures(
    facts: OfficeFacts, first: date, days: int, *, language: str, service: str | None = None
) -> list[Closure]:
    """Days from ``first`` on that somebody closed and said why, of the office or of a service."""
    found: list[Closure] = []
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        opening = facts.opening(day, language=language, service=service)
        is_cut = bool(opening.notes) and not opening.is_closed
        if opening.because is not Because.SPECIAL_DAY or not opening.note:
            continue
        if not opening.is_closed and not is_cut:
            continue
        until = opening.spans[-1].end if is_cut else None
        closure = Closure(day, day, opening.note, until)
        if found and _is_one(found[-1], closure):
            closure = replace(found.pop(), last=day)
        found.append(closure)
    return found


def _is_one(before: Closure, after: Closure) -> bool:
    is_whole = before.until is None and after.until is None
    return is_whole and before.why == after.why and after.first - before.last == timedelta(days=1)


def _crowd(figures: DayFigures) -> Crowd:
    free = figures.capacity - figures.places_taken
    if free <= 0:
        return Crowd.FULL
    if figures.waiting_outside >= free:
        return Crowd.WAITING
    return Crowd.BUSY if figures.occupancy >= BUSY_FROM * figures.capacity else Crowd.CALM
