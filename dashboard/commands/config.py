"""``gerbang config``: is the configuration right, and are its devices there?"""

from __future__ import annotations

import typer

from dashboard.bootstrap import may_swap, uncommissioned
from dashboard.commands.shared import ConfigOption, DataOption, JsonOption, answer, settings_for
from dashboard.gates import tuned_layer
from dashboard.storage import first_facts, start_problems
from drivers.diagnosis import diagnose_port, diagnose_usb
from screening.errors import SettingsError
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
        problems = [
            *start_problems(settings),
            *device_problems(settings),
            *tuning_problems(settings),
        ]
        advice = setup_advice(settings)
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
        for device, port, usb in _serial_devices(gate)
        for problem in port_problems(port, usb)
    ]


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
    """What is not configured and therefore done by the guard."""
    if not settings.gates:
        return ["No gate is configured: gates work in manual. Describe one under [[gates]]."]
    missing = [
        f"gate {gate.name}: no {device} configured, the guard does its work"
        for gate in settings.gates
        for device in ("thermometer", "camera", "scanner", "barrier")
        if getattr(gate, device) is None
    ]
    uncompared = [
        uncommissioned(gate)
        for gate in settings.gates_without_offset(first_facts(settings).checks_of)
    ]
    return missing + uncompared + may_swap(settings)


def _serial_devices(gate: GateSettings) -> list[tuple[str, str | None, str | None]]:
    found: list[tuple[str, str | None, str | None]] = []
    if gate.thermometer is not None:
        found.append(("thermometer", gate.thermometer.port, gate.thermometer.usb))
    if gate.scanner is not None and gate.scanner.model != "keyboard":
        found.append(("scanner", gate.scanner.port, gate.scanner.usb))
    if gate.barrier is not None:
        found.append(("barrier", gate.barrier.port, gate.barrier.usb))
    return found
