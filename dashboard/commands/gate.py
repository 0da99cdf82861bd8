"""``gerbang gate``: the gates, what they ask for, and their stations' bearer tokens."""

from __future__ import annotations

import secrets
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
    parse_values,
    settings_for,
    wrong_usage,
)
from dashboard.storage import open_record
from dashboard.web.auth import hash_token
from screening.clock import SystemClock, start_of_day
from screening.errors import AccountError
from screening.office.changes import (
    OF_THE_MODE,
    in_order,
    in_turn,
    read_gate,
    read_gate_title,
    with_changed_gate,
    with_gate,
    with_gate_title,
    without_gate,
)
from screening.office.facts import OfficeFacts
from screening.record import Record
from screening.settings import Settings

TOKEN_BYTES = 32

NameArgument = Annotated[str, typer.Argument(help="Name of the gate.")]

app = typer.Typer(help="Gates and their stations.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the gate: a-z, 0-9 and -.")],
    values: ValuesArgument = None,
    checks: Annotated[
        str | None,
        typer.Option(
            "--checks", help="Own checks, of receipt,hands,temperature,mask; else the mode's."
        ),
    ] = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a gate and print its station's token, which is shown only now.

    A gate that is there already, without a token, gets one. Keys: checks, as with --checks, and
    title, what people call it.

    Example: gerbang gate add utama title="Pintu utama" --json
    """
    typed = parse_values(values)
    title = typed.pop("title", None)
    if checks is not None:
        if "checks" in typed:
            raise UsageError("checks is given twice")
        typed["checks"] = checks
    with wrong_usage():
        own = read_gate(typed) if typed else None
        named = [] if title is None else [with_gate_title(name, read_gate_title(title))]
        new_gate = in_turn(with_gate(name, own), *named)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with open_record(settings_for(data, config)) as record:
        gate = record.accounts.gate(name)
        if gate is not None and gate.token_hash is not None:
            raise AccountError(
                f"there is a gate {name!r} with a token already; gerbang gate token {name} renews"
                f" it, gerbang gate set {name} changes its checks"
            )
        if gate is None:
            change_office(record, new_gate, operator)
        elif typed or named:
            changed = [with_changed_gate(name, own)] if typed else []
            change_office(record, in_turn(*changed, *named), operator)
        record.accounts.renew_gate_token(name, hash_token(token))
    answer({"gate": name, "token": token}, f"gate {name}, token {token}", as_json=as_json)


@app.command("token")
def renew_token(
    name: NameArgument,
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


@app.command("list")
def list_gates(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell which gates there are and what they ask for now, a gate a line.

    Example: gerbang gate list
    """
    with open_record(settings_for(data, config)) as record:
        facts = record.facts.current()
        for gate in record.accounts.gates():
            values = _values(facts, gate.name, has_token=gate.token_hash is not None)
            answer(values, _text(values), as_json=as_json)


@app.command("set")
def set_values(
    name: NameArgument,
    values: ValuesArgument = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change what a gate asks for in both modes, or what people call it. At once.

    Keys: checks (checks=mode takes the mode's) and title (title=none: its name).

    Example: gerbang gate set dua checks=receipt,hands title="Pintu samping"
    """
    typed = parse_values(values)
    if not typed:
        raise UsageError(
            "say what to set: checks=receipt,hands,temperature,mask, checks=mode or title=TEXT"
        )
    with wrong_usage():
        edits = []
        if "title" in typed:
            edits.append(with_gate_title(name, read_gate_title(typed.pop("title"))))
        if typed:
            edits.append(with_changed_gate(name, read_gate(typed)))
        edit = in_turn(*edits)
    with open_record(settings_for(data, config)) as record:
        changed = change_office(record, edit, operator)
        gate = record.accounts.gate(name)
        has_token = gate is not None and gate.token_hash is not None
        shown = _values(record.facts.current(), name, has_token=has_token)
    answer({**shown, **changed}, _text(shown), as_json=as_json)


@app.command("remove")
def remove(
    name: NameArgument,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a gate away; a running office closes it within two seconds. The log keeps its name.

    Example: gerbang gate remove dua --yes
    """
    settings = settings_for(data, config)
    with open_record(settings) as record:
        edit = without_gate(name)
        edit(record.facts.current())  # OfficeError before anything is asked
        confirm(_what_is_lost(record, settings, name), is_agreed=yes)
        changed = change_office(record, edit, operator)
    answer({"gate": name, "removed": True, **changed}, f"gate {name} is gone", as_json=as_json)


def _what_is_lost(record: Record, settings: Settings, name: str) -> str:
    lost = ["its pages"]
    gate = record.accounts.gate(name)
    if gate is not None and gate.token_hash is not None:
        lost.append("its station's token")
    if gate is not None and gate.checks is not None:
        lost.append("its own checks")
    aside = _waiting_aside(record, settings, name)
    if aside:
        lost.append(f"the place of {aside} waiting aside there")
    question = f"Removing gate {name} loses {', '.join(lost)}."
    if any(configured.name == name for configured in settings.gates):
        question += " It is described in the configuration: the next serve adds it again."
    return f"{question} Go on?"


def _waiting_aside(record: Record, settings: Settings, name: str) -> int:
    since = start_of_day(SystemClock().now(), settings.site.zone)
    return sum(pause.gate == name for pause in record.visits.pauses(since=since))


def _values(facts: OfficeFacts, name: str, *, has_token: bool) -> dict[str, Any]:
    title = facts.gate_titles.get(name)
    return {
        "gate": name,
        **({} if title is None else {"title": title}),
        "checks": in_order(facts.checks_of(name)),
        "own_checks": facts.gates.get(name) is not None,
        "has_token": has_token,
    }


def _text(values: dict[str, Any]) -> str:
    source = "its own" if values["own_checks"] else f"the {OF_THE_MODE}'s"
    token = "token" if values["has_token"] else "no token"
    called = f" ({values['title']})" if "title" in values else ""
    checks = ",".join(values["checks"]) or "nothing"
    return f"{values['gate']}{called}\t{checks} ({source})\t{token}"
