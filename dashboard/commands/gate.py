"""``gerbang gate``: the gates and their stations' bearer tokens."""

from __future__ import annotations

import re
import secrets
from typing import Annotated

import typer

from dashboard.auth import hash_token
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    UsageError,
    answer,
    settings_for,
)
from dashboard.storage import open_record
from screening.accounts import Gate
from screening.decision import Check

TOKEN_BYTES = 32

app = typer.Typer(help="Gates and their stations.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the gate: a-z, 0-9 and -.")],
    checks: Annotated[
        str | None,
        typer.Option("--checks", help="Of receipt,hands,temperature,mask; the site's by default."),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a gate and print its station's token, which is shown only now.

    Example: gerbang gate add utama --checks receipt --json
    """
    if not re.fullmatch(r"[a-z0-9-]{1,24}", name):
        raise UsageError("a gate's name has 1 to 24 of the characters a-z, 0-9 and -")
    settings = settings_for(data, config)
    chosen = frozenset(settings.policy.checks) if checks is None else parse_checks(checks)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with open_record(settings) as record:
        record.accounts.add_gate(Gate(name, chosen, hash_token(token)))
    answer({"gate": name, "token": token}, f"gate {name}, token {token}", as_json=as_json)


@app.command("token")
def renew_token(
    name: Annotated[str, typer.Argument(help="Name of the gate.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a gate's station a new token, shown only now; the old one ends within two seconds.

    Example: gerbang gate token utama --json
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with open_record(settings_for(data, config)) as record:
        record.accounts.renew_gate_token(name, hash_token(token))
    answer({"gate": name, "token": token}, f"gate {name}, token {token}", as_json=as_json)


def parse_checks(text: str) -> frozenset[Check]:
    """``receipt,mask`` as checks. Raises UsageError naming what is unknown."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names:
        raise UsageError(f"name at least one check: {', '.join(Check)}")
    unknown = [name for name in names if name not in list(Check)]
    if unknown:
        raise UsageError(f"unknown check {', '.join(unknown)}; known: {', '.join(Check)}")
    return frozenset(Check(name) for name in names)
