"""What people change of the hours: the week, single days, and which collective leave is taken.

Each edit sets the days that it names and no other. Edits raise OfficeError, in one line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from screening.errors import OfficeError
from screening.office.changes import LONGEST_NAME, Edit, known_service
from screening.office.facts import OfficeFacts
from screening.office.holidays import leave_days
from screening.office.hours import USUAL_WEEK, WEEKDAYS, Hours, Spans, SpecialDay, read_spans

USUAL = "usual"
"""Hours of a day that is not different any more."""

MOST_CLOSED_DAYS = 92
"""Closed by one change; who closes for longer changes the week."""

_YEAR = re.compile(r"(19|20)[0-9]{2}")


def with_week(values: Mapping[str, str]) -> Edit:
    """The office's hours of weekdays, as they are typed: ``mon=08:00-12:00``, ``mon-thu=…``."""
    week: dict[int, Spans] = {}
    for key, text in values.items():
        for weekday in _weekdays(key):
            if weekday in week:
                raise OfficeError(f"{WEEKDAYS[weekday]} is given twice")
            week[weekday] = _read(key, text)

    def change(facts: OfficeFacts) -> OfficeFacts:
        before = USUAL_WEEK if facts.hours.week is None else facts.hours.week
        return replace(facts, hours=replace(facts.hours, week={**before, **week}))

    return change


def with_days(
    days: Collection[date], special: SpecialDay | None, *, service: str | None = None
) -> Edit:
    """These days are different, for the office or one of its services; None: not any more."""

    def changed(hours: Hours) -> Hours:
        kept = {day: other for day, other in hours.days.items() if day not in days}
        new = {} if special is None else dict.fromkeys(days, special)
        return replace(hours, days=dict(sorted({**kept, **new}.items())))

    def change(facts: OfficeFacts) -> OfficeFacts:
        if service is None:
            return replace(facts, hours=changed(facts.hours))
        offered = known_service(facts, service)
        different = replace(offered, hours=changed(offered.hours))
        return replace(facts, services={**facts.services, service: different})

    return change


def with_leave(days: Mapping[date, bool]) -> Edit:
    """Which days of collective leave the office takes; others stay as they are."""
    taken = frozenset(day for day, is_taken in days.items() if is_taken)
    return lambda facts: replace(
        facts, hours=replace(facts.hours, leave=(facts.hours.leave - days.keys()) | taken)
    )


def read_day(text: str) -> date:
    """A day as it is typed. Raises OfficeError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise OfficeError(f"{text!r} is no day; write e.g. 2026-12-24") from error


def read_days(first: str, until: str | None) -> list[date]:
    """The days from ``first`` until ``until``, both included. Raises OfficeError."""
    start = read_day(first)
    end = start if until is None else read_day(until)
    days = (end - start).days + 1
    if days < 1:
        raise OfficeError(f"{end} is before {start}")
    if days > MOST_CLOSED_DAYS:
        raise OfficeError(f"{days} days are too many for one change, {MOST_CLOSED_DAYS} at most")
    return [start + timedelta(days=ahead) for ahead in range(days)]


def read_leave(values: Mapping[str, str]) -> dict[date, bool]:
    """``2026-12-24=no``, or ``2026=yes`` for every proposed day of a year that is not named itself.

    Raises OfficeError.
    """
    chosen = {key: _is_taken(key, text) for key, text in values.items()}
    years = [key for key in chosen if _YEAR.fullmatch(key)]
    days = {day: chosen[year] for year in years for day in leave_days(int(year), "id")}
    for year in years:
        if not leave_days(int(year), "id"):
            raise OfficeError(f"no days of collective leave are known of {year}; name the days")
    return {**days, **{read_day(key): chosen[key] for key in chosen if key not in years}}


def read_special_day(
    values: Mapping[str, str], *, known: Sequence[str] = ("hours", "note")
) -> SpecialDay | None:
    """``hours=08:00-12:00 note=…`` as they are typed, None for ``hours=usual``.

    ``known`` are the keys that a person may type. Raises OfficeError.
    """
    unknown = [key for key in values if key not in ("hours", "note")]
    if unknown:
        raise OfficeError(f"unknown key {unknown[0]!r}; known: {', '.join(known)}")
    if "hours" not in values:
        raise OfficeError(f"say when it is open: hours=08:00-12:00, hours=closed or hours={USUAL}")
    note = values.get("note", "").strip()
    if len(note) > LONGEST_NAME or not note.isprintable():
        raise OfficeError(f"note: it has at most {LONGEST_NAME} printable characters")
    if values["hours"].strip().lower() == USUAL:
        return None
    return SpecialDay(_read("hours", values["hours"]), note)


def _is_taken(key: str, text: str) -> bool:
    try:
        return {"yes": True, "no": False}[text.strip().lower()]
    except KeyError as error:
        raise OfficeError(f"{key}: {text!r} is neither yes nor no") from error


def _weekdays(key: str) -> range:
    first, _, last = key.lower().partition("-")
    last = last or first
    if first not in WEEKDAYS or last not in WEEKDAYS:
        raise OfficeError(f"unknown key {key!r}; known: {', '.join(WEEKDAYS)}, or mon-fri")
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    if start > end:
        raise OfficeError(f"{key!r} runs backwards; a week begins on mon")
    return range(start, end + 1)


def _read(key: str, text: str) -> Spans:
    try:
        return read_spans(text)
    except OfficeError as error:
        raise OfficeError(f"{key}: {error}") from error
