"""``gerbang thermometer identify``: which model hangs at a port, and how that is known."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from dashboard.commands.shared import JsonOption, answer, fail
from drivers.adapters import adapter_name, usb_identity
from drivers.link import SerialLink, SerialPort, list_serial_ports
from drivers.thermometer.frames import DecodedArray, DecodedTemperature
from drivers.thermometer.identification import (
    LONGEST_S,
    Finding,
    Heard,
    Identification,
    identify,
)
from drivers.thermometer.modbus import DEFAULT_MAP
from drivers.thermometer.models import MODELS
from drivers.wire import Link
from screening.clock import SystemClock
from screening.errors import DeviceUnavailable, ScreeningError

_SAMPLE_BYTES = 24

PortsOption = Annotated[
    list[str] | None,
    typer.Option("--port", help="Serial port; may be given again [default: every port]."),
]


@dataclass(frozen=True, slots=True)
class Looked:
    """One port, and what was found there or why it could not be looked at."""

    port: str
    adapter: str
    usb: str | None
    found: Identification | None
    error: str | None = None


def identify_ports(ports: PortsOption = None, as_json: JsonOption = False) -> None:
    """Tell which thermometer hangs at which port; exit status 1 when none was recognised.

    Listens at the usual rates, then asks silent devices what changes nothing in them: no setting
    is written. Takes up to 45 seconds a port. Opening a port restarts an Arduino board.

    Example: gerbang thermometer identify --port /dev/ttyUSB0
    """
    known = list_serial_ports()
    names = list(ports or sorted(one.device for one in known))
    if not names:
        raise ScreeningError("no serial port is plugged in")
    looked = []
    for name in names:
        if not as_json:
            fail(f"looking at {name}, up to {LONGEST_S:g} s")
        looked.append(_look(name, known))
        if not as_json:
            print("\n".join(sentences(looked[-1])), flush=True)
    if as_json:
        answer({"ports": [as_values(one) for one in looked]}, "", as_json=True)
    if not any(one.found is not None and one.found.finding for one in looked):
        raise typer.Exit(1)


def _look(name: str, known: list[SerialPort]) -> Looked:
    def connect(baud_rate: int) -> Link:
        link = SerialLink(name, baud_rate, device="thermometer")
        link.open()
        return link

    port = next((one for one in known if one.device == name), None)
    adapter = "" if port is None else adapter_name(port)
    usb = None if port is None else usb_identity(port)
    try:
        found = identify(connect, monotonic_s=SystemClock().monotonic_s)
    except DeviceUnavailable as error:
        return Looked(name, adapter, usb, None, str(error))
    return Looked(name, adapter, usb, found)


def as_values(looked: Looked) -> dict[str, Any]:
    """One port for a machine; ``model`` is null where nobody was recognised."""
    finding = None if looked.found is None else looked.found.finding
    heard = () if looked.found is None else looked.found.heard
    return {
        "port": looked.port,
        "adapter": looked.adapter or None,
        "usb": looked.usb,
        "model": None if finding is None else finding.model,
        "baud_rate": None if finding is None else finding.baud_rate,
        "register_map": None if finding is None else finding.register_map,
        "evidence": None if finding is None else _evidence_values(finding),
        "heard": [
            {"baud_rate": one.baud_rate, "bytes": one.count, "sample": one.sample.hex()}
            for one in heard
        ],
        "error": looked.error,
    }


def _evidence_values(finding: Finding) -> dict[str, Any]:
    return {
        "kind": "answers" if finding.is_asked else "frames",
        "good": finding.good,
        "heard_bytes": finding.heard_bytes,
        "malformed_bytes": finding.malformed_bytes,
    }


def sentences(looked: Looked) -> list[str]:
    """One port for a person."""
    called = ", ".join(part for part in (looked.adapter, looked.usb) if part)
    begin = f"{looked.port} ({called})" if called else looked.port
    if looked.found is None:
        return [f"{begin}: {looked.error}"]
    finding = looked.found.finding
    if finding is None:
        return [f"{begin}: nobody known to us", *_sounds(looked.found.heard)]
    kind = "answers" if finding.is_asked else "good frames"
    lines = [
        f"{begin}: {finding.model} at {finding.baud_rate} baud",
        f"  {finding.good} {kind} in {finding.heard_bytes} bytes,"
        f" {finding.malformed_bytes} bytes malformed",
    ]
    if isinstance(finding.reading, DecodedTemperature):
        lines.append(f"  it told {finding.reading.object_celsius} degC")
    if isinstance(finding.reading, DecodedArray):
        rows, columns = finding.reading.shape
        hottest = finding.reading.hottest_celsius
        lines.append(f"  it told {rows} x {columns} pixels, the hottest {hottest:.2f} degC")
    if finding.model == "modbus":
        lines.append(f"  register map: {finding.register_map or 'not known; write your own'}")
    return [*lines, f"  next: {_watch_command(looked.port, finding)}"]


def _watch_command(port: str, finding: Finding) -> str:
    words = ["gerbang thermometer watch --model", finding.model, "--port", shlex.quote(port)]
    if finding.baud_rate != MODELS[finding.model].baud_rate:
        words += ["--baud-rate", str(finding.baud_rate)]
    if finding.register_map not in (None, DEFAULT_MAP):
        words += ["--register-map", str(finding.register_map)]
    return " ".join(words)


def _sounds(heard: tuple[Heard, ...]) -> list[str]:
    if not any(one.count for one in heard):
        return [
            "  silent at every rate, and no question was answered. Is it powered? Are TX and RX"
            " crossed? A TeraRanger speaks only once it was started: watch --model tells."
        ]
    return [
        f"  at {one.baud_rate} baud {one.count} bytes, beginning"
        f" {one.sample[:_SAMPLE_BYTES].hex(' ')}  {_printable(one.sample[:_SAMPLE_BYTES])}"
        for one in heard
        if one.count
    ]


def _printable(sample: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in sample)
