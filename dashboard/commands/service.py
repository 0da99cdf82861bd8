"""``gerbang service``: what the office offers, and through which channel."""

from __future__ import annotations

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
    change_office,
    office_record,
    parse_values,
    settings_for,
    wrong_usage,
)
from screening.clock import SystemClock
from screening.errors import OfficeError
from screening.office.changes import (
    SERVICE_KEYS,
    Edit,
    with_changed_service,
    with_service,
    without_service,
)
from screening.record import Record
from screening.services.catalogue import Service

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

    Keys: channel (online_only, collection, walk_in, emergency, closed), name_id, name_en,
    daily_quota (a number or none).

    Example: gerbang service add PASPOR channel=collection name_id=Paspor name_en=Passport
    """
    code = code.upper()
    with wrong_usage():
        edit = with_service(code, parse_values(values))
    with office_record(settings_for(data, config)) as record:
        _change(record, code, edit, operator, as_json=as_json)


@app.command("set")
def set_values(
    code: CodeArgument,
    values: ValuesArgument = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a service: its channel, its names, its quota. It holds for the next visitor.

    Example: gerbang service set KTP daily_quota=120
    """
    code, typed = code.upper(), parse_values(values)
    if not typed:
        raise UsageError(f"say what to set, KEY=VALUE; keys: {', '.join(SERVICE_KEYS)}")
    with wrong_usage():
        edit = with_changed_service(code, typed)
    with office_record(settings_for(data, config)) as record:
        _change(record, code, edit, operator, as_json=as_json)


@app.command("list")
def list_services(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell what the office offers, a service a line.

    Example: gerbang service list
    """
    with office_record(settings_for(data, config)) as record:
        for service in record.facts.current().services.values():
            answer(_values(service), _text(service), as_json=as_json)


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


def _change(record: Record, code: str, edit: Edit, operator: str | None, *, as_json: bool) -> None:
    changed = change_office(record, edit, operator)
    service = record.facts.current().services.get(code)
    if service is None:
        raise OfficeError(f"service {code} was removed meanwhile")
    answer({**_values(service), **changed}, _text(service), as_json=as_json)


def _values(service: Service) -> dict[str, Any]:
    return {
        "service": service.code,
        "channel": service.channel.value,
        "name_id": service.name_id,
        "name_en": service.name_en,
        "daily_quota": service.daily_quota,
    }


def _text(service: Service) -> str:
    quota = "no quota" if service.daily_quota is None else f"{service.daily_quota} a day"
    names = f"{service.name_id} / {service.name_en}"
    return f"{service.code}\t{service.channel}\t{quota}\t{names}"
