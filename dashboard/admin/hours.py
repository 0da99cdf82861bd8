"""When the office is open: its week, days that are different, holidays and collective leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.consequences import closed_to_booked
from dashboard.admin.fact_words import FactWords
from dashboard.admin.hours_contexts import Bar, DifferentDay, Holiday, HoursPage, WeekdayRow
from dashboard.admin.problem_words import problem_words
from dashboard.admin.typed import Typed, TypedForm
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import OfficeError, RecordError
from screening.office.changes import Edit
from screening.office.facts import OfficeFacts
from screening.office.holidays import leave_days, public_holidays
from screening.office.hours import CLOSED, USUAL_WEEK, WEEKDAYS, Hours, Span, told_spans
from screening.office.hours_changes import (
    read_days,
    read_special_day,
    with_days,
    with_leave,
    with_week,
)

router = APIRouter(prefix="/admin/hours", include_in_schema=False)

EARLIEST, LATEST = 7, 17
"""The drawing has these hours, at least."""
_LEAVE = "leave_"
Text = Annotated[str, Form(max_length=200)]
Year = Annotated[int | None, Query(ge=2000, le=2099)]


@router.get("")
def show(request: Request, session: AdminSession, year: Year = None) -> Response:
    """The hours as they are."""
    return _page(request, year=year)


@router.post("/week", dependencies=[CHECKED_FORM])
def change_week(
    request: Request, session: AdminSession, typed: Typed, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Look over the week, or make it so."""
    values = {name: typed.text(name) or CLOSED for name in WEEKDAYS if name in typed}
    try:
        return _proposed(
            request,
            session,
            edit=with_week(values),
            title=N_("Change the week?"),
            action="/admin/hours/week",
            fields={name: typed.text(name) for name in values},
            step=step,
            seen=seen,
        )
    except OfficeError as error:
        return _page(request, error=error, typed=typed)


@router.post("/day", dependencies=[CHECKED_FORM])
def change_days(
    request: Request,
    session: AdminSession,
    typed: Typed,
    first: Text = "",
    until: Text = "",
    hours: Text = "",
    note: Text = "",
    service: Text = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Make a day, or several, different from the week; ``usual`` hours take that back."""
    try:
        days = read_days(first, until.strip() or None)
        special = read_special_day({"hours": hours.strip() or CLOSED, "note": note})
        return _proposed(
            request,
            session,
            edit=with_days(days, special, service=service or None),
            title=N_("Change these days?"),
            action="/admin/hours/day",
            fields={
                "first": first,
                "until": until,
                "hours": hours,
                "note": note,
                "service": service,
            },
            step=step,
            seen=seen,
        )
    except OfficeError as error:
        return _page(request, error=error, typed=typed)


@router.post("/leave", dependencies=[CHECKED_FORM])
def change_leave(
    request: Request,
    session: AdminSession,
    typed: Typed,
    year: Annotated[int, Form(ge=2000, le=2099)],
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Which days of a year's collective leave the office takes: those that are ticked."""
    names = {day: f"{_LEAVE}{day.isoformat()}" for day in leave_days(year, "id")}
    return _proposed(
        request,
        session,
        edit=with_leave({day: typed.text(name) == "yes" for day, name in names.items()}),
        title=N_("Change the days of collective leave?"),
        action="/admin/hours/leave",
        fields={
            "year": str(year),
            **{name: "yes" for name in names.values() if typed.text(name) == "yes"},
        },
        step=step,
        seen=seen,
    )


def _proposed(
    request: Request,
    session: AdminSession,
    *,
    edit: Edit,
    title: str,
    action: str,
    fields: Mapping[str, str],
    step: str,
    seen: str,
) -> Response:
    say = renderer_of(request).language(request).say
    proposal = Proposal(
        edit=edit,
        title=say(title),
        action=action,
        back="/admin/hours",
        fields=fields,
        notes=(
            say(N_("Pages and gates keep to it at once.")),
            *closed_to_booked(request, edit),
        ),
    )
    return look_or_change(request, session, proposal, step=step, seen=seen)


def _page(
    request: Request,
    *,
    year: int | None = None,
    error: OfficeError | None = None,
    typed: TypedForm | None = None,
) -> Response:
    renderer, office = renderer_of(request), office_of(request)
    language, facts = renderer.language(request), office.facts.current()
    words, form = FactWords(language, facts), typed or TypedForm({})
    today = office.today()
    shown_year = year or today.year
    booked = _booked_in_vain(request, facts)
    hours, width = drawn_hours(language, facts.hours)
    context = HoursPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem_words(error, words) if error else ""),
        week=week_rows(words, facts.hours, form, today),
        hours=hours,
        width=width,
        first=form.text("first"),
        until=form.text("until"),
        typed=form.text("hours"),
        note=form.text("note"),
        service=form.text("service"),
        services=tuple(
            (code, one.name(language.code, default=office.settings.site.language))
            for code, one in facts.services.items()
        ),
        days=tuple(_different(words, facts, today, booked)),
        year=shown_year,
        years=tuple(range(today.year, today.year + 2)),
        holidays=tuple(_holidays(language, facts, shown_year, today, booked)),
        leave=tuple(_leave(language, facts, shown_year, today, booked)),
    )
    return renderer.page(request, "admin/hours.html", context, status=422 if error else 200)


def _booked_in_vain(request: Request, facts: OfficeFacts) -> Mapping[date, int]:
    """People who booked what is closed by now; nobody where the record does not answer."""
    registrar = office_of(request).registrar
    if registrar is not None:
        with suppress(RecordError):
            return registrar.booked_in_vain(facts)
    return {}


def drawn_hours(language: Language, hours: Hours) -> tuple[tuple[tuple[int, str], ...], int]:
    """The drawing's full hours with where they stand, and its width; in minutes."""
    begins, ends = _drawn(hours)
    marks = (
        (60 * (hour - begins), language.clock(time(hour % 24))) for hour in range(begins, ends + 1)
    )
    return tuple(marks), 60 * (ends - begins)


def week_rows(
    words: FactWords, hours: Hours, typed: TypedForm, today: date
) -> tuple[WeekdayRow, ...]:
    """The weekdays, each with what stands in its field: what was typed, or what holds."""
    return tuple(_week(words, hours, typed, _drawn(hours)[0], today))


def _drawn(hours: Hours) -> tuple[int, int]:
    """The first full hour of the drawing, and the last."""
    spans = [span for day in (hours.week or USUAL_WEEK).values() for span in day]
    starts = [span.start.hour for span in spans]
    ends = [span.end.hour + (span.end.minute > 0) for span in spans]
    return min([EARLIEST, *starts]), max([LATEST, *ends])


def _week(
    words: FactWords, hours: Hours, typed: TypedForm, begins: int, today: date
) -> Iterator[WeekdayRow]:
    week = USUAL_WEEK if hours.week is None else hours.week
    for number, name in enumerate(WEEKDAYS):
        spans = week.get(number, ())
        told = words.hours(told_spans(spans))
        yield WeekdayRow(
            name=name,
            word=words.language.weekday(number),
            typed=typed.text(name) if name in typed else told if spans else "",
            bars=tuple(_bar(span, begins, words.language) for span in spans),
            told=told,
            is_today=number == today.weekday(),
        )


def _bar(span: Span, begins: int, language: Language) -> Bar:
    start, end = (
        (datetime.combine(date.min, moment) - datetime.combine(date.min, time(0))).seconds // 60
        for moment in (span.start, span.end)
    )
    return Bar(
        x=start - 60 * begins,
        width=end - start,
        words=f"{language.clock(span.start)}–{language.clock(span.end)}",
    )


def _different(
    words: FactWords, facts: OfficeFacts, today: date, booked: Mapping[date, int]
) -> Iterator[DifferentDay]:
    """The office's and its services' coming days, in order."""
    found = [(day, "", special) for day, special in facts.hours.days.items()]
    for code, service in facts.services.items():
        found += [(day, code, special) for day, special in service.hours.days.items()]
    for day, code, special in sorted(found, key=lambda one: one[:2]):
        if day < today:
            continue
        yield DifferentDay(
            day=day.isoformat(),
            words=words.language.near_day(day, today),
            hours=words.hours(told_spans(special.spans)),
            note=special.note,
            service=code,
            service_name=words.name(code) if code else "",
            booked=0 if code else booked.get(day, 0),
        )


def _holidays(
    language: Language, facts: OfficeFacts, year: int, today: date, booked: Mapping[date, int]
) -> Iterator[Holiday]:
    for day, name in public_holidays(year, language.code).items():
        is_open = day in facts.hours.days and bool(facts.hours.days[day].spans)
        yield _holiday(language, day, name, today, booked, is_taken=not is_open)


def _leave(
    language: Language, facts: OfficeFacts, year: int, today: date, booked: Mapping[date, int]
) -> Iterator[Holiday]:
    for day, name in leave_days(year, language.code).items():
        yield _holiday(language, day, name, today, booked, is_taken=day in facts.hours.leave)


def _holiday(
    language: Language,
    day: date,
    name: str,
    today: date,
    booked: Mapping[date, int],
    *,
    is_taken: bool,
) -> Holiday:
    return Holiday(
        day=day.isoformat(),
        words=language.near_day(day, today),
        name=name,
        is_over=day < today,
        is_taken=is_taken,
        booked=booked.get(day, 0),
    )
