"""``gerbang service``: what the office offers, and through which channel."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from dashboard.commands.asking import confirm
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    ValuesArgument,
    YesOption,
    answer,
    booked_in_vain,
    change_office,
    iso_days,
    office_record,
    parse_values,
    settings_for,
    to_be_told,
    wrong_usage,
)
from dashboard.web.language import known_languages
from screening.clock import SystemClock
from screening.errors import OfficeError
from screening.office.changes import (
    NAME,
    Edit,
    is_question_key,
    service_keys,
    with_changed_service,
    with_service,
    without_service,
)
from screening.office.hours import WEEKDAYS, told_spans
from screening.office.services import Booking, Service, is_booked_otherwise
from screening.record import Record
from screening.settings import Settings

_BOOKINGS = {Booking.NONE: "no booking", Booking.DAY: "by day", Booking.SLOT: "by time:"}

CodeArgument = Annotated[str, typer.Argument(help="Code of the service, e.g. KTP.")]

app = typer.Typer(help="The office's services and their quotas.", no_args_is_help=True)


@app.command("add")
def add(
    code: CodeArgument,
    values: ValuesArgument = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer one more service.

    Keys: those of gerbang service set, and channel has to be given. Without letter it gets one
    that is free.

    Example: gerbang service add PASPOR channel=collection booking=day name_id=Paspor
    """
    code = code.upper()
    with wrong_usage():
        edit = with_service(code, _known(parse_values(values)))
    settings = settings_for(data, config)
    with office_record(settings) as record:
        _change(record, code, edit, operator, settings=settings, as_json=as_json)


@app.command("set")
def set_values(
    code: CodeArgument,
    values: ValuesArgument = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a service. It holds for the next visitor, and for each day that nobody has booked yet.

    Keys: channel (online_only, collection, walk_in, emergency, closed), link (where to go instead),
    letter (one or two, on its tickets), steps (services whose counters a visit calls at in order,
    such as FOTO,KTP, or none), quota (people a day, or none; daily_quota is the same),
    gate_checks_hours (yes, no).
    Booking: booking (none, day, slot), slot_minutes, slot_places, priority_quota (of the quota,
    kept for priority groups), lead_days (1: from tomorrow), days_ahead, latest_minutes (before a
    slot).
    Hours where they are not the office's: hours_mon and so on (08:00-12:00,13:00-15:00, closed, or
    office); single days: gerbang hours day.
    Texts, in each language of the pages: name_id, brings_id (what to bring) and so on; none takes
    one away.
    Closed: closed_since (2026-11-20; today where nobody says) and closed_why_id and so on, which
    the pages tell until the channel is another one.
    Questions to whoever registers, at most five, each by a code of yours: question_no_id and so on
    (none takes it away), question_no_required (yes, no).

    Example: gerbang service set KTP booking=slot slot_minutes=30 slot_places=10 quota=120

    Example: gerbang service set LEGALISIR hours_fri=08:00-11:00 brings_id="Dokumen asli"

    Example: gerbang service set REKAM channel=closed closed_why_id="Alat rekam diperbaiki"

    Example: gerbang service set KTP question_no_id="Nomor pengajuan" question_no_required=yes
    """
    code, typed = code.upper(), _known(parse_values(values))
    if not typed:
        keys = ", ".join(service_keys(known_languages()))
        raise UsageError(f"say what to set, KEY=VALUE; keys: {keys}")
    with wrong_usage():
        edit = with_changed_service(code, typed)
    settings = settings_for(data, config)
    with office_record(settings) as record:
        _change(record, code, edit, operator, settings=settings, as_json=as_json)


@app.command("list")
def list_services(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell what the office offers, a service a line.

    Example: gerbang service list
    """
    settings = settings_for(data, config)
    language = settings.site.language
    with office_record(settings) as record:
        for service in record.facts.current().services.values():
            answer(_values(service, language), _text(service, language), as_json=as_json)


@app.command("remove")
def remove(
    code: CodeArgument,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Offer a service no more. Its rows stay in the log under its code.

    Example: gerbang service remove PASPOR --yes
    """
    code = code.upper()
    with office_record(settings_for(data, config)) as record:
        edit = without_service(code)
        service = record.facts.current().services.get(code)
        edit(record.facts.current())  # OfficeError before anything is asked
        good = record.receipts.count_good(code, at=SystemClock().now())
        confirm(_what_is_lost(code, service, good), is_agreed=yes)
        changed = change_office(record, edit, operator)
    values = {"service": code, "removed": True, "receipts_refused": good, **changed}
    answer(values, f"{code} is offered no more", as_json=as_json)


def _what_is_lost(code: str, service: Service | None, good: int) -> str:
    lost = ["its names and channel"]
    if service is not None and service.daily_quota is not None:
        lost.append(f"its quota of {service.daily_quota} a day")
    receipts = "a receipt" if good == 1 else f"{good} receipts"
    refused = f"; {receipts} not used yet will be refused" if good else ""
    return f"Removing {code} loses {' and '.join(lost)}{refused}. Go on?"


def _known(values: dict[str, str]) -> dict[str, str]:
    """The same values. Raises UsageError for a name in a language that no page is in."""
    keys = service_keys(known_languages())
    for key in values:
        if key not in keys and not is_question_key(key, known_languages()):
            raise UsageError(f"unknown key {key!r}; known: {', '.join(keys)}")
    return values


def _change(
    record: Record,
    code: str,
    edit: Edit,
    operator: str | None,
    *,
    settings: Settings,
    as_json: bool,
) -> None:
    before = record.facts.current().services.get(code)
    changed = change_office(record, edit, operator)
    service = record.facts.current().services.get(code)
    if service is None:
        raise OfficeError(f"service {code} was removed meanwhile")
    language, kept = settings.site.language, list[date]()
    if before is not None and is_booked_otherwise(before, service):
        today = SystemClock().now().astimezone(settings.site.zone).date()
        kept = record.bookings.booked_days(code, first=today)
    kept_days = [day.isoformat() for day in kept]
    text = _text(service, language)
    if kept_days:
        text += f"\nnot for days that are booked already: {', '.join(kept_days)}"
    booked = list[date]()
    if before is not None and (before.channel, before.hours) != (service.channel, service.hours):
        booked = booked_in_vain(record, service=code)
    text += to_be_told(booked)
    values = {
        **_values(service, language),
        "kept_days": kept_days,
        "booked_days": iso_days(booked),
        **changed,
    }
    answer(values, text, as_json=as_json)


def _values(service: Service, language: str) -> dict[str, Any]:
    """``name_id`` and so on are what its pages show, ``names`` what somebody gave."""
    return {
        "service": service.code,
        "channel": service.channel.value,
        **{f"{NAME}{code}": service.name(code, default=language) for code in known_languages()},
        "names": dict(service.names),
        "daily_quota": service.daily_quota,
        "letter": service.letter,
        "link": service.link,
        "brings": dict(service.brings),
        "booking": service.booking.value,
        "slot_minutes": service.slot_minutes,
        "slot_places": service.slot_places,
        "priority_quota": service.priority_quota,
        "lead_days": service.lead_days,
        "days_ahead": service.days_ahead,
        "latest_minutes": service.latest_minutes,
        "gate_checks_hours": service.gate_checks_hours,
        "questions": [
            {"code": one.code, "texts": dict(one.texts), "is_required": one.is_required}
            for one in service.questions
        ],
        "steps": list(service.steps),
        "closed_since": service.closed_since and service.closed_since.isoformat(),
        "closed_why": dict(service.closed_why),
        "hours": {
            WEEKDAYS[weekday]: told_spans(spans)
            for weekday, spans in sorted((service.hours.week or {}).items())
        },
    }


def _text(service: Service, language: str) -> str:
    quota = "no quota" if service.daily_quota is None else f"{service.daily_quota} a day"
    codes = (language, *known_languages())
    names = " / ".join(dict.fromkeys(service.name(code, default=language) for code in codes))
    booking = _BOOKINGS[service.booking]
    if service.booking is Booking.SLOT:
        booking += f" {service.slot_places} every {service.slot_minutes} min"
    return "\t".join((service.code, service.queue, service.channel, booking, quota, names))
