"""``gerbang register`` and ``gerbang registration``: book for somebody, find it, cancel it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any

import typer

from dashboard.api.registrations import FIELDS, WORDS, Registered
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    LimitOption,
    OperatorOption,
    UsageError,
    ValuesArgument,
    answer,
    office_record,
    operator_or_user,
    parse_values,
    settings_for,
)
from dashboard.storage import open_desk, open_links, open_registrar
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.record import Record
from screening.registration.bookings import (
    BadRequest,
    NotBookable,
    Offer,
    Place,
    PriorityGroup,
    Registration,
    Request,
)
from screening.registration.registrar import Registrar
from screening.settings import Settings

ANSWER = "answer_"
KEYS = ("service", "date", "start", "name", "party_size", "priority", "contact", "language")

app = typer.Typer(help="Who registered: find and cancel.", no_args_is_help=True)


def register(
    values: ValuesArgument = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book a place for somebody and issue the receipt, as POST /api/v1/registrations does.

    Keys: service, name, and where the service is booked date (2026-12-01), or date and start
    (09:30). Where wanted party_size, priority (elderly, disability, pregnant, small_child,
    disaster_victim), contact (e-mail or telephone), language, answer_CODE to a question of the
    office, which some services need. Exit 1 where the place
    cannot be had; what can is told then.

    Example: gerbang register service=KTP date=2026-12-01 name="Siti Aminah" party_size=2 --json

    Example: gerbang register service=KK date=2026-12-01 start=09:30 name=Budi priority=elderly
    """
    settings = settings_for(data, config)
    asked = _request(parse_values(values), settings.site.language)
    with office_record(settings) as record:
        try:
            given = _registrar(record, settings).register(asked, by=operator_or_user(operator))
        except BadRequest as error:
            raise UsageError(_told_problems(error.problems)) from error
        except NotBookable as refusal:
            free = ", ".join(map(_told_place, refusal.alternatives))
            more = f"; free: {free}" if free else ""
            raise ScreeningError(f"{refusal} ({refusal.code}){more}") from refusal
    told = Registered.of(given, settings)
    when = "" if given.booking is None else f" for {_told_place(given.booking.place)}"
    text = (
        f"Receipt {told.number}{when}\n{told.token}\n"
        f"good from {told.valid_from} until {told.expires}\nits page: {told.link}"
    )
    answer(told.model_dump(mode="json"), text, as_json=as_json)


@app.command("list")
def list_registrations(
    text: Annotated[
        str, typer.Argument(help="A part of the name, or the beginning of a number.")
    ] = "",
    day: Annotated[
        str | None, typer.Option("--day", help="Only who booked this day, e.g. 2026-12-01.")
    ] = None,
    limit: LimitOption = 20,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell who registered, one a line, the soonest day first.

    Example: gerbang registration list siti --day 2026-12-01
    """
    settings = settings_for(data, config)
    on = None if day is None else _date(day)
    with office_record(settings) as record:
        found = _registrar(record, settings).find(text, day=on, limit=limit)
    for one in found:
        values = _listed(one)
        shown = ("number", "service", "date", "start", "name", "party_size", "state")
        line = "\t".join("-" if values[key] in (None, "") else str(values[key]) for key in shown)
        answer(values, line, as_json=as_json)


@app.command("cancel")
def cancel(
    number: Annotated[str, typer.Argument(help="Number of the receipt.")],
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give the place back, which is free at once, and make the receipt worthless.

    Example: gerbang registration cancel 7KQ2M-9XV4T --operator rina
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        over = _registrar(record, settings).withdraw(number, by=operator_or_user(operator))
    told = over.claims.number
    answer({"number": told, "cancelled": True}, f"{told} cancelled", as_json=as_json)


def _registrar(record: Record, settings: Settings) -> Registrar:
    link = open_links(settings, record).path
    return open_registrar(record, open_desk(settings, record), SystemClock(), link=link)


def _request(typed: Mapping[str, str], language: str) -> Request:
    """Raises UsageError for what cannot be meant."""
    answers = {key.removeprefix(ANSWER): v for key, v in typed.items() if key.startswith(ANSWER)}
    unknown = [key for key in typed if key not in KEYS and not key.startswith(ANSWER)]
    if unknown:
        raise UsageError(f"unknown key {', '.join(unknown)}; known: {', '.join(KEYS)}, answer_CODE")
    day, start, group = typed.get("date"), typed.get("start"), typed.get("priority")
    return Request(
        service=typed.get("service", "").upper(),
        day=None if day is None else _date(day),
        start=None if start is None else _time(start),
        name=typed.get("name", ""),
        party_size=_number(typed.get("party_size", "1")),
        group=None if group is None else _group(group),
        contact=typed.get("contact"),
        answers=answers,
        language=typed.get("language", language),
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day; write e.g. 2026-12-01") from error


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time of day; write e.g. 09:30") from error


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"{text!r} is not a number of people")
    return int(text[:9])


def _group(text: str) -> PriorityGroup:
    try:
        return PriorityGroup(text)
    except ValueError as error:
        known = ", ".join(PriorityGroup)
        raise UsageError(f"unknown priority {text!r}; known: {known}") from error


def _told_problems(problems: Mapping[str, str]) -> str:
    def called(key: str) -> str:
        field, _, code = key.partition(".")
        return f"{ANSWER}{code}" if code else FIELDS.get(field, field)

    told = (f"{called(key)}: {WORDS.get(what, what)}" for key, what in problems.items())
    return "; ".join(told)


def _told_place(one: Offer | Place) -> str:
    place = one.place if isinstance(one, Offer) else one
    return f"{place.day}" if place.start is None else f"{place.day} {place.start:%H:%M}"


def _listed(one: Registration) -> dict[str, Any]:
    booking = one.booking
    start = None if booking is None else booking.place.start
    is_over = booking is not None and booking.cancelled_at is not None
    return {
        "number": one.claims.number,
        "service": one.claims.service,
        "date": None if booking is None else booking.place.day.isoformat(),
        "start": None if start is None else f"{start:%H:%M}",
        "name": one.name or one.claims.holder or None,  # forgotten names are empty
        "party_size": one.claims.party_size,
        "priority": one.is_priority,
        "by": one.by or None,
        "state": "cancelled" if is_over else "booked" if booking is not None else "registered",
    }
