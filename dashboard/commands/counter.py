"""``gerbang counter``: where visitors are called to, and which services each counter takes."""

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
from screening.office.changes import (
    ALL,
    COUNTER_KEYS,
    Edit,
    known_counter,
    with_changed_counter,
    with_counter,
    without_counter,
)
from screening.office.counters import Counter
from screening.record import Record

NameArgument = Annotated[str, typer.Argument(help="Name of the counter.")]
ServicesOption = Annotated[
    str | None, typer.Option("--services", help="Codes of the services it takes; else all.")
]

app = typer.Typer(help="Counters that visitors are called to.", no_args_is_help=True)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Name of the counter: A-Z, a-z, 0-9 and -.")],
    values: ValuesArgument = None,
    services: ServicesOption = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a counter. It is open, and at a place named like it.

    Keys: those of gerbang counter set.

    Example: gerbang counter add 4 --services KTP,KK place="Loket 4, lantai 1" --json
    """
    with wrong_usage():
        edit = with_counter(name, _typed(values, services))
    with office_record(settings_for(data, config)) as record:
        _change(record, name, edit, operator, as_json=as_json)


@app.command("set")
def set_values(
    name: NameArgument,
    values: ValuesArgument = None,
    services: ServicesOption = None,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a counter. Whoever is there is served to the end.

    Keys: services (codes, or all), place (as it is written there), room (the waiting room it calls
    from, or none), open (yes, no: calls nobody).

    Example: gerbang counter set 4 services=KTP open=yes
    """
    typed = _typed(values, services)
    if not typed:
        raise UsageError(f"say what to set, KEY=VALUE; keys: {', '.join(COUNTER_KEYS)}")
    with wrong_usage():
        edit = with_changed_counter(name, typed)
    with office_record(settings_for(data, config)) as record:
        _change(record, name, edit, operator, as_json=as_json)


@app.command("list")
def list_counters(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Tell the counters, one a line, and who is there.

    Example: gerbang counter list
    """
    with office_record(settings_for(data, config)) as record:
        for counter, ticket in record.queue.view(at=SystemClock().now()).counters:
            label = None if ticket is None else ticket.label
            values = {**_values(counter), "ticket": label}
            answer(values, f"{_text(counter)}\t{label or '-'}", as_json=as_json)


@app.command("remove")
def remove(
    name: NameArgument,
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a counter away. Whoever was called there is parked, for any other counter to call.

    Example: gerbang counter remove 4 --yes
    """
    with office_record(settings_for(data, config)) as record:
        known_counter(record.facts.current(), name)
        seen = record.queue.view(at=SystemClock().now()).counters
        there = next((ticket for one, ticket in seen if one.name == name), None)
        is_with = "" if there is None else f", and {there.label} is there now"
        confirm(f"Removing counter {name} loses its page{is_with}. Go on?", is_agreed=yes)
        changed = change_office(record, without_counter(name), operator)
    answer({"counter": name, "removed": True, **changed}, f"{name} is gone", as_json=as_json)


def _typed(values: list[str] | None, services: str | None) -> dict[str, str]:
    typed = parse_values(values)
    if services is not None:
        if "services" in typed:
            raise UsageError("services is given twice")
        typed["services"] = services
    return typed


def _change(record: Record, name: str, edit: Edit, operator: str | None, *, as_json: bool) -> None:
    changed = change_office(record, edit, operator)
    counter = known_counter(record.facts.current(), name)
    answer({**_values(counter), **changed}, _text(counter), as_json=as_json)


def _values(counter: Counter) -> dict[str, Any]:
    """``services`` is empty where it takes all."""
    return {
        "counter": counter.name,
        "services": list(counter.services),
        "place": counter.place,
        "room": counter.room or None,
        "open": counter.is_open,
    }


def _text(counter: Counter) -> str:
    services = ",".join(counter.services) or ALL
    state = "open" if counter.is_open else "closed"
    return "\t".join((counter.name, services, state, counter.place, counter.room or "-"))
