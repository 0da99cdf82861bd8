"""``gerbang config``: is the configuration right, and are its devices there?"""

from __future__ import annotations

from collections.abc import Collection

import typer

from dashboard.alerts.credentials import alert_problems
from dashboard.backup.folder import backup_advice, backup_problems
from dashboard.bootstrap import may_swap, uncommissioned, unused_devices
from dashboard.commands.shared import ConfigOption, DataOption, JsonOption, answer, settings_for
from dashboard.gates import tuned_layer
from dashboard.start_checks import (
    address_problems,
    camera_problems,
    damage_problems,
    folder_problems,
    room_advice,
    room_problems,
    serial_devices,
    shared_port_problems,
)
from dashboard.storage import DATABASE_FILE, facts_on_record, first_facts, start_problems
from drivers.barrier import modbus_relay
from drivers.diagnosis import diagnose_echo, diagnose_port, diagnose_usb
from drivers.thermometer.models import find_model
from drivers.thermometer.register_maps import find_map
from screening.clock import SystemClock
from screening.decision import Check
from screening.errors import RecordError, SettingsError
from screening.office.changes import NONE, OF_THE_MODE, plain
from screening.office.facts import OfficeFacts
from screening.settings import GateSettings, Settings, describe_settings

app = typer.Typer(help="Check the configuration.", no_args_is_help=True)


@app.command("check")
def check(
    data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Read the configuration, look at database, certificate and ports, tell all problems at once.

    Example: gerbang config check --config gerbang.toml
    """
    try:
        settings = settings_for(data, config)
        started = start_problems(settings)
        # Of a lost database nothing is opened: SQLite would delete the newest rows beside it.
        is_settled = settings.database_url is not None or bool(started)
        problems = [
            *folder_problems(settings.data),
            *started,
            *([] if is_settled else damage_problems(settings.data / DATABASE_FILE)),
            *address_problems(settings.web),
            *room_problems(settings),
            *shared_port_problems(settings),
            *device_problems(settings),
            *camera_problems(settings),
            *tuning_problems(settings),
            *backup_problems(settings.backup),
            *alert_problems(settings.alerts),
        ]
        echoes = adapters_that_echo(settings)
        problems += [told for told, is_answered in echoes if not is_answered]
        advice = [
            *setup_advice(settings),
            *backup_advice(settings, SystemClock().now()),
            *(told for told, is_answered in echoes if is_answered),
        ]
    except SettingsError as error:
        problems, advice = error.problems, []
    text = "\n".join([*problems, *advice] or ["The configuration is fine."])
    answer({"problems": problems, "advice": advice}, text, as_json=as_json)
    if problems:
        raise typer.Exit(1)


@app.command("keys")
def keys() -> None:
    """Print every key of the configuration with its default, as a Markdown table.

    Example: gerbang config keys
    """
    print("\n".join(settings_table()))


def settings_table() -> list[str]:
    """The lines of the table; the README holds the same."""
    rows = [f"| `{s.key}` | {s.default} | {s.description} |" for s in describe_settings()]
    return ["| key | default | what it does |", "|---|---|---|", *rows]


def device_problems(settings: Settings) -> list[str]:
    """What is wrong with the ports of the configured devices, gate by gate."""
    return [
        f"gate {gate.name}, {device}: {problem}"
        for gate in settings.gates
        for device, port, usb in serial_devices(gate)
        for problem in port_problems(port, usb)
    ]


def adapters_that_echo(settings: Settings) -> list[tuple[str, bool]]:
    """Which devices that are asked hang at such an adapter, and whether they answer all the same.

    They are asked for a value, which changes nothing.
    """
    found = []
    for gate in settings.gates:
        for device, question, rate, port, usb in _questions(gate):
            told, is_answered = diagnose_echo(question, baud_rate=rate, port=port, usb=usb)
            if told is not None:
                found.append((f"gate {gate.name}, {device}: {told}", is_answered))
    return found


def _questions(gate: GateSettings) -> list[tuple[str, bytes, int, str | None, str | None]]:
    """For each device that is asked: its name, a question, its rate and where it hangs."""
    found = []
    thermometer, barrier = gate.thermometer, gate.barrier
    if thermometer is not None and (thermometer.port or thermometer.usb):
        name = thermometer.register_map
        registers = None if name is None else find_map(name)
        model = find_model(thermometer.model, registers, address=thermometer.address)
        if model.poll_command:
            rate = thermometer.baud_rate or model.baud_rate
            question = model.poll_command
            found.append(("thermometer", question, rate, thermometer.port, thermometer.usb))
    if barrier is not None and barrier.model == "modbus-relay" and (barrier.port or barrier.usb):
        question = modbus_relay.encode_question(barrier.unit, barrier.channel - 1)
        found.append(("barrier", question, modbus_relay.BAUD_RATE, barrier.port, barrier.usb))
    return found


def tuning_problems(settings: Settings) -> list[str]:
    """Which gates name a tuned mask layer that they cannot use."""
    problems = []
    for gate in settings.gates:
        try:
            tuned_layer(gate)
        except SettingsError as error:
            problems += error.problems
    return problems


def port_problems(port: str | None, usb: str | None) -> list[str]:
    """What is wrong with one serial address."""
    if port is None and usb is None:
        return ["give its port or its usb identity"]
    by_port = [] if port is None else diagnose_port(port)
    by_usb = [] if usb is None else diagnose_usb(usb)
    return [*by_port, *by_usb]


def setup_advice(settings: Settings) -> list[str]:
    """What is not configured and therefore done by the guard, and where the record rules."""
    facts = _facts(settings)
    differing = file_and_record(settings, facts) if facts.is_taken_over else []
    if not settings.gates:
        return [
            "No gate is configured: gates work in manual. Describe one under [[gates]].",
            *differing,
        ]
    missing = [
        f"gate {gate.name}: no {device} configured, the guard does its work"
        for gate in settings.gates
        for device in _asked_for(facts.checks_of(gate.name))
        if getattr(gate, device) is None
    ]
    uncompared = [uncommissioned(gate) for gate in settings.gates_without_offset(facts.checks_of)]
    unused = unused_devices(settings, facts)
    return missing + uncompared + may_swap(settings) + unused + room_advice(settings) + differing


def _asked_for(checks: Collection[Check]) -> list[str]:
    """The devices that serve these checks; the barrier serves all of them."""
    by_check = {
        "thermometer": Check.TEMPERATURE,
        "camera": Check.MASK,
        "scanner": Check.RECEIPT,
    }
    return [device for device, check in by_check.items() if check in checks] + ["barrier"]


def file_and_record(settings: Settings, facts: OfficeFacts) -> list[str]:
    """Where what the file says is not what the record holds; the record rules."""
    filed = plain(first_facts(settings))
    held = plain(facts)
    advice = []
    for where, key in _given(settings):
        if key not in held:
            advice.append(f"{where}: the record has no such gate; the next serve adds it")
        elif filed[key] not in (held[key], OF_THE_MODE):
            advice.append(
                f"{where}: the file says {_typed(filed[key])}, the record {_typed(held[key])};"
                f" the record rules. {_how_to_change(key, filed[key])}"
            )
    return advice


def _given(settings: Settings) -> list[tuple[str, str]]:
    """What the file says of the office's facts: its own name of it, and the record's key."""
    room = [
        (f"room.{name}", name)
        for name in ("rows", "columns", "sealed", "capacity", "daily_quota")
        if name in settings.room.model_fields_set
    ]
    kept = [(f"retention.{name}", name) for name in settings.retention.model_fields_set]
    policy = [("policy.checks", "outbreak_checks")]
    gates = [(f"gate {gate.name}, checks", f"gates.{gate.name}.checks") for gate in settings.gates]
    return (
        room
        + sorted(kept)
        + (policy if "checks" in settings.policy.model_fields_set else [])
        + gates
    )


def _how_to_change(key: str, value: object) -> str:
    if key.startswith("gates."):
        return f"gerbang gate set {key.split('.')[1]} checks={_typed(value)} takes the file's"
    return f"gerbang office set {key}={_typed(value)} takes the file's"


def _typed(value: object) -> str:
    """As it is typed behind a key."""
    if isinstance(value, list):
        return ",".join(value) or NONE
    return NONE if value is None else str(value)


def _facts(settings: Settings) -> OfficeFacts:
    """What holds: the record's facts, the file's where there is no record that tells them."""
    try:
        return facts_on_record(settings) or first_facts(settings)
    except RecordError:  # told among the problems
        return first_facts(settings)
