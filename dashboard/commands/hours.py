"""``gerbang hours``: when the office and its services are open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import typer

from dashboard.commands.shared import (
    AtOption,
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    ValuesArgument,
    answer,
    booked_in_vain,
    change_office,
    iso_days,
    office_record,
    operator_or_user,
    parse_time,
    parse_values,
    settings_for,
    to_be_told,
    wrong_usage,
)
from dashboard.storage import open_closer, open_desk
from dashboard.web.language import known_languages
from screening.clock import SystemClock
from screening.office.changes import Edit, known_service
from screening.office.facts import OfficeFacts
from screening.office.holidays import leave_days, public_holidays
from screening.office.hours import (
    WEEKDAYS,
    Because,
    OpenDay,
    SpecialDay,
    next_opening,
    open_until,
    told_spans,
    usual_spans,
)
from screening.office.hours_changes import (
    read_days,
    read_leave,
    read_special_day,
    with_days,
    with_leave,
    with_week,
)
from screening.registration.bookings import Place
from screening.registration.closer import Closer
from screening.registration.closing import ClosedDays, Closing, Moved, Rebooking
from screening.settings import Settings

MOST_DAYS_SHOWN = 366
TODAY, NOW = "today", "now"

ServiceOption = Annotated[
    str | None, typer.Option("--service", help="Of this service only, e.g. KTP.")
]

app = typer.Typer(help="When the office and its services are open.", no_args_is_help=True)


@app.command("show")
def show(
    service: ServiceOption = None,
    days: Annotated[
        int,
        typer.Option(
            "--days", min=1, max=MOST_DAYS_SHOWN, help="So many days, for those that are different."
        ),
    ] = 31,
    at: AtOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the week, whether it is open now, and which of the coming days are different.

    Example: gerbang hours show --service KTP --days 90
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    now = (SystemClock().now() if at is None else parse_time(at, zone)).astimezone(zone)
    with office_record(settings) as record:
        facts = record.facts.current()
    values = _hours(facts, _code(facts, service), now, days, settings.site.language)
    answer(values, _text(values), as_json=as_json)


@app.command("set")
def set_week(
    values: ValuesArgument = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the office's hours of weekdays; other weekdays and single days stay as they are.

    Keys: mon, tue, wed, thu, fri, sat, sun, or several as mon-thu. Values: 08:00-15:00, with a
    break as 08:00-12:00,13:00-15:00, or closed. A service's own: gerbang service set.

    Example: gerbang hours set mon-thu=08:00-12:00,13:00-15:00 fri=08:00-11:00 sat=closed
    """
    typed = parse_values(values)
    if not typed:
        raise UsageError(f"say what to set, KEY=VALUE; keys: {', '.join(WEEKDAYS)}")
    with wrong_usage():
        edit = with_week(typed)
    settings = settings_for(data, config)
    with office_record(settings) as record:
        changed = change_office(record, edit, operator)
        hours = _hours(record.facts.current(), None, _now(settings), 1, settings.site.language)
        booked = booked_in_vain(record)
    told = {"week": hours["week"], "booked_days": iso_days(booked), **changed}
    answer(told, _week_text(hours) + to_be_told(booked), as_json=as_json)


@app.command("day")
def set_day(
    day: Annotated[str, typer.Argument(metavar="DAY", help="Such as 2026-12-24.")],
    values: ValuesArgument = None,
    service: ServiceOption = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make one day different, whatever week and holidays say; hours=usual takes it back.

    Keys: hours (08:00-12:00, closed or usual) and note, which visitors read.

    Example: gerbang hours day 2026-12-24 hours=08:00-12:00 note="Malam Natal"
    """
    typed = parse_values(values)
    with wrong_usage():
        days, special = read_days(day, None), read_special_day(typed)
    _change_days(days, special, service, operator, settings_for(data, config), as_json=as_json)


@app.command("close")
def close(
    first: Annotated[str, typer.Argument(metavar="DAY", help="Such as 2026-12-28, or today.")],
    values: ValuesArgument = None,
    service: ServiceOption = None,
    because: Annotated[
        list[str] | None,
        typer.Option("--because", help="Why, as visitors read it; en:TEXT for another language."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Only from this time of the day, or now.")
    ] = None,
    moves: Annotated[
        bool, typer.Option("--move", help="Give everybody who booked the next place.")
    ] = False,
    previews: Annotated[
        bool, typer.Option("--preview", help="Tell whom --move would move, and do nothing.")
    ] = False,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close for a day, or until another one (included).

    Keys: until and note, which visitors read. With --move whoever booked gets the next place, in
    the order in which they booked, and the desk a list of whom to call. To open again what --move
    closed: gerbang hours reopen; any other day: gerbang hours day.

    Example: gerbang hours close 2026-12-28 until=2026-12-31 note="Pindah gedung"

    Example: gerbang hours close today --from now --because Banjir --because en:Flood --move
    """
    typed, settings = parse_values(values), settings_for(data, config)
    now = _now(settings)
    with wrong_usage():
        day = now.date().isoformat() if first == TODAY else first
        days = read_days(day, typed.pop("until", None))
        reasons = _reasons(because or [], settings.site.language)
        if not (moves or previews):
            if since is not None:
                raise UsageError("--from closes a part of a day: it needs --move")
            special = _closed_day(typed, reasons)
    if not (moves or previews):
        _change_days(days, special, service, operator, settings, as_json=as_json)
        return
    if "note" in typed:
        reasons = {settings.site.language: typed["note"], **reasons}
    closing = Closing(
        days=tuple(days),
        reasons=reasons,
        from_time=None if since is None else _time(since, now),
        service=None if service is None else service.strip().upper(),
    )
    who = operator_or_user(operator)
    with _closer(settings) as closer:
        if previews:
            answer(*_preview(closer.preview(closing)), as_json=as_json)
            return
        closed = closer.close(closing, by=who)
        answer(*_told(closed, closer.moved(closed.closing_id)), as_json=as_json)


@app.command("closings")
def closings(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell which days were closed with --move, the newest first, a line each.

    Example: gerbang hours closings --json
    """
    with _closer(settings_for(data, config)) as closer:
        for one in closer.closings():
            answer(*_told(one, closer.moved(one.closing_id)), as_json=as_json)


@app.command("reopen")
def reopen(
    number: Annotated[
        int,
        typer.Argument(metavar="CLOSING", min=1, max=2**31 - 1, help="As hours closings tells it."),
    ],
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open again what --move closed. Whoever has neither agreed nor chosen since goes back.

    Example: gerbang hours reopen 1
    """
    who = operator_or_user(operator)
    with _closer(settings_for(data, config)) as closer:
        closed = closer.reopen(number, by=who)
        answer(*_told(closed, closer.moved(number)), as_json=as_json)


@app.command("leave")
def leave(
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DAY=yes|no | YEAR=yes|no]...", help="What the office takes."),
    ] = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the days of collective leave, a line each, or say which of them the office takes.

    Without any, those of this year and the next one that are known are told.

    Example: gerbang hours leave 2026=yes 2026-12-24=no
    """
    settings = settings_for(data, config)
    language, today = settings.site.language, _now(settings).date()
    with wrong_usage():
        chosen = read_leave(parse_values(values))
    with office_record(settings) as record:
        changed: dict[str, Any] = {}
        if chosen:
            changed = change_office(record, with_leave(chosen), operator)
        taken = record.facts.current().hours.leave
        closed = [day for day, is_taken in chosen.items() if is_taken]
        booked = booked_in_vain(record, closed)
    known = {**leave_days(today.year, language), **leave_days(today.year + 1, language)}
    for day in sorted(chosen or {*known, *taken}):
        told = {
            "date": day.isoformat(),
            "taken": day in taken,
            "note": known.get(day) or leave_days(day.year, language).get(day, ""),
            **changed,
            **({"booked": day in booked} if changed else {}),
        }
        text = f"{day}\t{'taken' if day in taken else 'open'}\t{told['note']}"
        answer(told, text + ("\tbooked already" if day in booked else ""), as_json=as_json)


@app.command("holidays")
def holidays(
    year: Annotated[
        int | None, typer.Option("--year", min=1950, max=2100, help="Of this year [default: now].")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the public holidays of a year, a line each. The office is closed unless the day is set.

    Example: gerbang hours holidays --year 2027
    """
    settings = settings_for(data, config)
    shown = _now(settings).year if year is None else year
    for day, name in public_holidays(shown, settings.site.language).items():
        answer({"date": day.isoformat(), "note": name}, f"{day}\t{name}", as_json=as_json)


def _change_days(
    days: list[date],
    special: SpecialDay | None,
    service: str | None,
    operator: str | None,
    settings: Settings,
    *,
    as_json: bool,
) -> None:
    code = None if service is None else service.strip().upper()
    edit: Edit = with_days(days, special, service=code)
    with office_record(settings) as record:
        changed = change_office(record, edit, operator)
        facts = record.facts.current()
        told = [(day, _opening(facts, day, code, settings.site.language)) for day in days]
        booked = booked_in_vain(record, days, service=code)
    values = {
        "service": code,
        "days": [_day(day, opening) for day, opening in told],
        "booked_days": iso_days(booked),
        **changed,
    }
    text = "\n".join(_day_text(one) for one in values["days"])
    answer(values, text + to_be_told(booked), as_json=as_json)


def _hours(
    facts: OfficeFacts, service: str | None, now: datetime, days: int, language: str
) -> dict[str, Any]:
    own = None if service is None else facts.services[service].hours

    def opening(day: date) -> OpenDay:
        return _opening(facts, day, service, language)

    until, opens = open_until(now, opening), next_opening(now, opening)
    last = min(days, (date.max - now.date()).days + 1)
    coming = [now.date() + timedelta(days=ahead) for ahead in range(last)]
    different = [(day, opening(day)) for day in coming]
    return {
        "service": service,
        "open": until is not None,
        "until": None if until is None else f"{until:%H:%M}",
        "opens": None if opens is None else opens.isoformat(timespec="seconds"),
        "week": {
            name: told_spans(usual_spans(weekday, facts.hours, own))
            for weekday, name in enumerate(WEEKDAYS)
        },
        "days": [_day(day, one) for day, one in different if one.because is not Because.WEEK],
    }


def _opening(facts: OfficeFacts, day: date, service: str | None, language: str) -> OpenDay:
    return facts.opening(day, language=language, service=service)


def _day(day: date, opening: OpenDay) -> dict[str, str]:
    return {
        "date": day.isoformat(),
        "hours": told_spans(opening.spans),
        "because": opening.because.value,
        "note": opening.note,
    }


def _text(hours: dict[str, Any]) -> str:
    now = f"open until {hours['until']}" if hours["open"] else "closed now"
    opens = f"; opens next {hours['opens']}" if hours["opens"] else ""
    return "\n".join([now + opens, _week_text(hours), *map(_day_text, hours["days"])])


def _week_text(hours: dict[str, Any]) -> str:
    return "\n".join(f"{name}\t{spans}" for name, spans in hours["week"].items())


def _day_text(day: dict[str, str]) -> str:
    why = day["note"] or day["because"].replace("_", " ")
    return f"{day['date']}\t{day['hours']}\t{why}"


@contextmanager
def _closer(settings: Settings) -> Iterator[Closer]:
    with office_record(settings) as record:
        clock = SystemClock()
        yield open_closer(record, open_desk(settings, record, clock=clock), clock)


def _reasons(texts: list[str], language: str) -> dict[str, str]:
    """``Banjir`` and ``en:Flood``, the office's own language first."""
    found: dict[str, str] = {}
    for text in texts:
        code, colon, rest = text.partition(":")
        is_named = colon and code in known_languages()
        found[code if is_named else language] = (rest if is_named else text).strip()
    return dict(sorted(found.items(), key=lambda one: one[0] != language))


def _closed_day(typed: dict[str, str], reasons: dict[str, str]) -> SpecialDay:
    note = {"note": next(iter(reasons.values()))} if reasons else {}
    special = read_special_day({**note, **typed, "hours": "closed"}, known=("until", "note"))
    assert special is not None
    return replace(special, notes=reasons if len(reasons) > 1 else {})


def _time(text: str, now: datetime) -> time:
    """Raises UsageError."""
    if text == NOW:
        return now.time().replace(second=0, microsecond=0)
    try:
        return time.fromisoformat(text.replace(".", ":"))
    except ValueError as error:
        raise UsageError(f"--from: {text!r} is no time of a day; write 13:00, or now") from error


def _preview(found: list[Rebooking]) -> tuple[dict[str, Any], str]:
    moved = [(one.affected.number, one.affected.place, one.place) for one in found]
    return {"moved": _moves(moved)}, _moves_text(moved, "would be moved")


def _told(closed: ClosedDays, found: Sequence[Moved]) -> tuple[dict[str, Any], str]:
    moved = [(one.number, one.before, one.after) for one in found]
    closing = closed.closing
    values = {
        "closing": closed.closing_id,
        "days": iso_days(closing.days),
        "from": None if closing.from_time is None else f"{closing.from_time:%H:%M}",
        "service": closing.service,
        "because": dict(closing.reasons),
        "bookings": closed.bookings,
        "without_place": closed.without_place,
        "to_call": closed.open_calls,
        "reopened": closed.reopened_at is not None,
        "moved": _moves(moved),
    }
    days = " to ".join(dict.fromkeys(iso_days((closing.days[0], closing.days[-1]))))
    state = "open again" if closed.reopened_at else next(iter(closing.reasons.values()))
    head = f"{closed.closing_id}\t{days}\t{closing.service or 'all services'}\t{state}"
    return values, f"{head}\n{_moves_text(moved, 'moved')}; {closed.open_calls} to call"


_Move = tuple[str, Place, Place | None]


def _moves(moved: list[_Move]) -> list[dict[str, Any]]:
    return [
        {"number": number, "from": _place(before), "to": None if after is None else _place(after)}
        for number, before, after in moved
    ]


def _moves_text(moved: list[_Move], verb: str) -> str:
    by_day = Counter(after.day for _, _, after in moved if after is not None)
    to = ", ".join(f"{number} to {day}" for day, number in sorted(by_day.items()))
    without = sum(after is None for _, _, after in moved)
    told = f"{len(moved)} booking{'' if len(moved) == 1 else 's'} {verb}" + (
        f": {to}" if to else ""
    )
    return told + (f"; {without} without a place" if without else "")


def _place(place: Place) -> dict[str, str | None]:
    start = None if place.start is None else f"{place.start:%H:%M}"
    return {"date": place.day.isoformat(), "start": start}


def _code(facts: OfficeFacts, service: str | None) -> str | None:
    return None if service is None else known_service(facts, service.strip().upper()).code


def _now(settings: Settings) -> datetime:
    return SystemClock().now().astimezone(settings.site.zone)
