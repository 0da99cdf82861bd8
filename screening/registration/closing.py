"""Closing days on which somebody is booked, and the place that each of them gets instead. Pure.

Whoever booked first is first: the next day that has room, and on it the time nearest to theirs.
What is kept for priority groups stays kept, and nobody is booked beyond a quota. Who finds no place
keeps the old one, which is closed, and is told to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from screening.errors import OfficeError
from screening.office.changes import LONGEST_NAME, Edit, known_service
from screening.office.facts import OfficeFacts
from screening.office.hours import Hours, Span, Spans, SpecialDay, open_day
from screening.office.services import Service
from screening.registration.bookings import Place
from screening.registration.rules import (
    Calendar,
    DayTaken,
    Holidays,
    Wanted,
    free_places,
    minutes_apart,
)

DAYS_SEARCHED = 60
"""After the day somebody booked; a place that is later is no answer to them."""

Taken = Callable[[date], DayTaken]
"""What is taken of a day."""


class Told(StrEnum):
    """How somebody was told of their new place: CALLED and thinks about it, or NOT_REACHED."""

    CALLED = "called"
    NOT_REACHED = "not_reached"
    AGREED = "agreed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What is closed: ``days``, in order, for one ``service`` or for all (None).

    ``from_time`` closes the rest of a single day. ``reasons`` are by language, the office's own
    first, and visitors read them.
    """

    days: tuple[date, ...]
    reasons: Mapping[str, str]
    from_time: time | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Somebody who booked what is closed."""

    issuer: str
    number: str
    place: Place
    people: int
    is_priority: bool
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebooking:
    """Where somebody goes instead; None where no place was found."""

    affected: Affected
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of somebody's booking: ``before`` is closed, ``after`` the place they got, None
    where there was none.

    ``is_settled``: the booking has been moved or given up since, or they came with it. ``name`` and
    ``contact`` are empty once they are forgotten; ``told`` is how they were told, by ``told_by``.
    """

    closing_id: int
    issuer: str
    number: str
    before: Place
    after: Place | None
    people: int
    is_priority: bool
    language: str = ""
    name: str = ""
    contact: str = ""
    is_settled: bool = False
    told: Told | None = None
    told_at: datetime | None = None
    told_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDays:
    """A closing that was done, with how many bookings it touched.

    ``without_place`` of them got no other place, ``open_calls`` left a contact and wait for a call.
    ``reopened_at`` is when it was taken back.
    """

    closing_id: int
    closing: Closing
    at: datetime
    by: str
    bookings: int = 0
    without_place: int = 0
    open_calls: int = 0
    reopened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the holder of a receipt is told: what was closed, and where they go instead."""

    closing: Closing
    moved: Moved


def require_possible(closing: Closing, facts: OfficeFacts, *, now: datetime) -> None:
    """Raises OfficeError for what cannot be closed; ``now`` is in the site's zone."""
    if not closing.days or closing.days[0] < now.date():
        raise OfficeError("a day that is over cannot be closed")
    if closing.from_time is not None and len(closing.days) > 1:
        raise OfficeError("the rest of a day is closed for one day")
    if not closing.reasons:
        raise OfficeError("say why: visitors read it")
    for text in closing.reasons.values():
        if len(text) > LONGEST_NAME or not text.isprintable() or set(text) & set("[]()"):
            told = f"the reason has at most {LONGEST_NAME} printable characters and no brackets"
            raise OfficeError(told)
    if closing.service is not None:
        known_service(facts, closing.service)


def closing_hours(closing: Closing, holidays: Holidays) -> Edit:
    """The edit that closes the office or the service then, whatever was set for these days."""
    note = next(iter(closing.reasons.values()), "")

    def closed(spans: Spans) -> SpecialDay:
        return SpecialDay(_until(spans, closing.from_time), note, dict(closing.reasons))

    def changed(hours: Hours, days: Mapping[date, SpecialDay]) -> Hours:
        return replace(hours, days=dict(sorted({**hours.days, **days}.items())))

    def change(facts: OfficeFacts) -> OfficeFacts:
        def spans(day: date, service: Service | None) -> Spans:
            own = None if service is None else service.hours
            return open_day(day, facts.hours, holidays(day.year), own).spans

        def has_own(service: Service, day: date) -> bool:
            """Whether it would stay open when the office closes."""
            week = service.hours.week or {}
            is_cut = closing.from_time is not None and day.weekday() in week
            return is_cut or day in service.hours.days

        services = dict(facts.services)
        for code, service in facts.services.items():
            if closing.service not in (None, code):
                continue
            days = {
                day: closed(spans(day, service))
                for day in closing.days
                if closing.service is not None or has_own(service, day)
            }
            if days:
                services[code] = replace(service, hours=changed(service.hours, days))
        after = replace(facts, services=services)
        if closing.service is not None:
            return after
        days = {day: closed(spans(day, None)) for day in closing.days}
        return replace(after, hours=changed(facts.hours, days))

    return change


def is_closed_to(place: Place, closing: Closing, *, late_minutes: int) -> bool:
    """Whether a booking of that place cannot be used because of the closing. A booked time can be
    until its ``late_minutes`` are over."""
    if place.day not in closing.days or closing.service not in (None, place.service):
        return False
    if closing.from_time is None or place.start is None:
        return True
    latest = datetime.combine(place.day, place.start) + timedelta(minutes=late_minutes)
    return latest > datetime.combine(place.day, closing.from_time)


def rebookings(affected: Sequence[Affected], calendar: Calendar, taken: Taken) -> list[Rebooking]:
    """The place that each of them gets, whoever booked first chooses first.

    The days are closed in ``calendar`` already; ``taken`` still counts their old places.
    """
    days = _Days(taken)
    found = []
    for one in sorted(affected, key=lambda one: (one.booked_at, one.number)):
        place = _next_place(one, calendar, days)
        if place is not None:
            days.take(place, one)
        found.append(Rebooking(affected=one, place=place))
    return found


@dataclass(slots=True)
class _Days:
    """What is taken with the places that were just given. ``full_before`` is the first day on which
    people like these may find a place: places are only given, so that earlier days stay full."""

    taken: Taken
    known: dict[date, DayTaken] = field(default_factory=dict)
    full_before: dict[tuple[str, date, int, bool], date] = field(default_factory=dict)

    def of(self, day: date) -> DayTaken:
        if day not in self.known:
            self.known[day] = self.taken(day)
        return self.known[day]

    def take(self, place: Place, one: Affected) -> None:
        taken = self.of(place.day)
        self.known[place.day] = taken.with_people(place, one.people, is_priority=one.is_priority)


def _next_place(one: Affected, calendar: Calendar, days: _Days) -> Place | None:
    service, booked = one.place.service, max(one.place.day, calendar.today)
    alike = (service, booked, one.people, one.is_priority)
    last = booked + timedelta(days=DAYS_SEARCHED)
    day = days.full_before.get(alike, booked + timedelta(days=1))
    while day <= last:
        wanted = Wanted(service=service, day=day, people=one.people, is_priority=one.is_priority)
        places = free_places(wanted, calendar, days.of(day))
        if places:
            days.full_before[alike] = day
            return min(places, key=lambda place: minutes_apart(place.start, one.place.start))
        day += timedelta(days=1)
    days.full_before[alike] = day
    return None


def _until(spans: Spans, end: time | None) -> Spans:
    """The hours before that time; none where all is closed."""
    if end is None:
        return ()
    return tuple(Span(span.start, min(span.end, end)) for span in spans if span.start < end)
