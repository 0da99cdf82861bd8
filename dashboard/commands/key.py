"""``gerbang key``: what other systems call the interface with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    answer,
    iso,
    operator_or_user,
    settings_for,
)
from dashboard.storage import open_record
from dashboard.web.system_keys import make_key
from screening.accounts import Scope
from screening.clock import SystemClock
from screening.errors import AccountError

NameArgument = Annotated[str, typer.Argument(help="Name of the key, as the log tells it.")]

app = typer.Typer(help="Keys by which other systems call the interface.", no_args_is_help=True)


@app.command("add")
def add(
    name: NameArgument,
    scope: Annotated[
        str, typer.Option("--scope", help="What it may do, of registrations,status,queue,figures.")
    ],
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print it, which is shown only now. It is sent as a bearer token.

    Scopes: registrations (book, cancel and revoke), status, queue and figures (read).

    Example: gerbang key add portal --scope registrations,status --json
    """
    try:
        key, secret = make_key(name, _scopes(scope), SystemClock().now())
    except AccountError as error:
        raise UsageError(str(error)) from error
    with open_record(settings_for(data, config)) as record:
        record.accounts.add_key(key, operator=operator_or_user(operator))
    answer({"name": key.name, "key": secret}, f"key {key.name}: {secret}", as_json=as_json)


@app.command("list")
def list_keys(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell which keys there are, what they may do and when each was last used.

    Example: gerbang key list
    """
    settings = settings_for(data, config)
    zone = settings.site.zone
    with open_record(settings) as record:
        for key in record.accounts.system_keys():
            values: dict[str, Any] = {
                "name": key.name,
                "scopes": sorted(key.scopes),
                "created": iso(key.created_at, zone),
                "used": _moment(key.used_at, zone),
            }
            used = values["used"] or "never used"
            text = f"{key.name}\t{','.join(values['scopes'])}\t{values['created']}\t{used}"
            answer(values, text, as_json=as_json)


@app.command("revoke")
def revoke(
    name: NameArgument,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key worthless within two seconds. What was booked by it stays.

    Example: gerbang key revoke portal
    """
    name = name.strip()
    with open_record(settings_for(data, config)) as record:
        record.accounts.revoke_key(
            name, operator=operator_or_user(operator), at=SystemClock().now()
        )
    answer({"name": name, "revoked": True}, f"key {name} is worthless now", as_json=as_json)


def _scopes(text: str) -> frozenset[Scope]:
    names = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [one for one in names if one not in list(Scope)]
    if unknown or not names:
        told = f"unknown scope {', '.join(unknown)}" if unknown else "name at least one scope"
        raise UsageError(f"{told}; known: {', '.join(Scope)}")
    return frozenset(Scope(one) for one in names)


def _moment(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return None if moment is None else iso(moment, zone)
