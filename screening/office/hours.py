"""When the office is open: the week, holidays, and days that are different. Pure.

What is nearer to the day wins, whatever the order in which it was set: a day that was set for the
service, then one set for the office; then a holiday or a day of collective leave; then what the
service's own week says of the weekday; then the office's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from screening.errors import OfficeError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of ``date.weekday``."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from ``start`` until ``end`` (exclusive) of one day, in the site's time."""

    start: time
    end: time

    def __contains__(self, moment: time) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


Spans = tuple[Span, ...]
"""In order, apart from each other; what lies between two is a break. Empty: closed."""

Week = Mapping[int, Spans]
"""By ``date.weekday``. The office is closed on a weekday that its week does not name; a service is
open then as the office is."""

USUAL_WEEK: Week = {weekday: (Span(time(8), time(15)),) for weekday in range(5)}
"""Monday to Friday, 08:00 to 15:00."""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """How one day is different; ``note`` tells visitors why, and may be empty.

    ``notes`` tell it by language; whoever reads another one gets ``note``.
    """

    spans: Spans = ()
    note: str = ""
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)


class Because(StrEnum):
    """What made the day's hours what they are."""

    WEEK = "week"
    SPECIAL_DAY = "special_day"
    HOLIDAY = "holiday"
    COLLECTIVE_LEAVE = "collective_leave"


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A day's hours; ``note`` is the holiday's name or why the day is different, which ``notes``
    tell by language."""

    spans: Spans
    because: Because = Because.WEEK
    note: str = ""
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def in_language(self, language: str) -> OpenDay:
        """The same with its note in that language, where somebody wrote it."""
        return replace(self, note=self.notes.get(language, self.note))

    @property
    def is_closed(self) -> bool:
        """Not open at any time of the day."""
        return not self.spans

    def is_open_at(self, moment: time) -> bool:
        """Whether it is open then; a break is not."""
        return any(moment in span for span in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Opening hours of the office, or of a service that has hours of its own.

    ``leave`` are the days of collective leave that the office takes. ``week`` is None where nobody
    set any of it: the office keeps ``USUAL_WEEK``, a service the office's.
    """

    week: Week | None = None
    days: Mapping[date, SpecialDay] = field(default_factory=dict)
    leave: frozenset[date] = frozenset()


def usual_spans(weekday: int, office: Hours, service: Hours | None = None) -> Spans:
    """The hours of every such weekday (by ``date.weekday``) that nothing makes different."""
    if service is not None and service.week is not None and weekday in service.week:
        return service.week[weekday]
    return (USUAL_WEEK if office.week is None else office.week).get(weekday, ())


def open_day(
    day: date, office: Hours, holidays: Mapping[date, str], service: Hours | None = None
) -> OpenDay:
    """The hours of this day for this service, or of the office; ``holidays`` are public ones."""
    for hours in (service, office):
        special = None if hours is None else hours.days.get(day)
        if special is not None:
            return OpenDay(special.spans, Because.SPECIAL_DAY, special.note, special.notes)
    if day in holidays:
        return OpenDay((), Because.HOLIDAY, holidays[day])
    if day in office.leave:
        return OpenDay((), Because.COLLECTIVE_LEAVE)
    return OpenDay(usual_spans(day.weekday(), office, service))


def slots_of(spans: Spans, minutes: int) -> Spans:
    """The slots of ``minutes`` that fit whole into the spans, each from a span's start."""
    length, found = timedelta(minutes=minutes), []
    for span in spans:
        start, end = (datetime.combine(date.min, moment) for moment in (span.start, span.end))
        while start + length <= end:
            found.append(Span(start.time(), (start + length).time()))
            start += length
    return tuple(found)


DAYS_LOOKED_AHEAD = 60
"""An office that is closed for longer opens at no time that can be told today."""


def open_until(moment: datetime, day_of: Callable[[date], OpenDay]) -> time | None:
    """When it closes or its break begins, where it is open at this moment of the site's clock."""
    spans = day_of(moment.date()).spans
    return next((span.end for span in spans if moment.time() in span), None)


def next_opening(moment: datetime, day_of: Callable[[date], OpenDay]) -> datetime | None:
    """When it opens next after this moment of the site's clock, in the same zone.

    None where it stays closed for ``DAYS_LOOKED_AHEAD`` days.
    """
    last = min(DAYS_LOOKED_AHEAD, (date.max - moment.date()).days)
    for ahead in range(last + 1):
        day = moment.date() + timedelta(days=ahead)
        for span in day_of(day).spans:
            opens = datetime.combine(day, span.start, moment.tzinfo)
            if opens > moment:
                return opens
    return None


CLOSED = "closed"
"""Hours of a day without any, as they are typed and told."""

_SPAN = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})\s*[-–]\s*([0-9]{1,2})[:.]([0-9]{2})")


def told_spans(spans: Iterable[Span]) -> str:
    """``08:00-12:00,13:00-15:00``, or ``closed``."""
    return ",".join(map(str, spans)) or CLOSED


def read_spans(text: str) -> Spans:
    """Hours as they are typed, in order; two that touch are one. Raises OfficeError."""
    if text.strip().lower() == CLOSED:
        return ()
    found: list[Span] = []
    for span in sorted(map(_read_span, text.split(","))):
        if found and span.start < found[-1].end:
            raise OfficeError(f"{found[-1]} and {span} overlap")
        touches = found and span.start == found[-1].end
        found.append(Span(found.pop().start, span.end) if touches else span)
    return tuple(found)


def _read_span(text: str) -> Span:
    typed = _SPAN.fullmatch(text.strip())
    from_hour, from_minute, to_hour, to_minute = map(int, typed.groups() if typed else [24] * 4)
    try:
        span = Span(time(from_hour, from_minute), time(to_hour, to_minute))
    except ValueError as error:
        told = f"{text.strip()!r} is no time of a day"
        raise OfficeError(f"{told}; write 08:00-12:00,13:00-15:00 or {CLOSED}") from error
    if span.start >= span.end:
        raise OfficeError(f"{text.strip()!r} ends before it begins")
    return span
