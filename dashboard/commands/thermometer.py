"""``gerbang thermometer``: what is on the wire, from a capture or live."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Annotated, cast

import typer

from dashboard.commands.shared import ConfigOption, DataOption, UsageError, settings_for
from drivers.building import thermometer as build_thermometer
from drivers.thermometer.models import MODELS, decode_stream
from drivers.thermometer.register_maps import find_map
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.readings import (
    Availability,
    Reading,
    TemperatureFault,
    TemperatureReading,
    ThermalPicture,
)

CHUNK_BYTES = 4096

app = typer.Typer(help="Read thermometers and their captures.", no_args_is_help=True)

ModelOption = Annotated[str, typer.Option("--model", help=f"One of: {', '.join(sorted(MODELS))}.")]

RegisterMapOption = Annotated[
    str | None,
    typer.Option("--register-map", help="For modbus: a known register map, or a TOML file."),
]


@app.command("decode")
def decode(
    file: Annotated[str, typer.Argument(help="Captured bytes, or - for standard input.")],
    model: ModelOption,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    register_map: RegisterMapOption = None,
) -> None:
    """Tell each reading and each malformed piece of a captured byte stream.

    Example: gerbang thermometer decode --model gy-mcu90614 capture.bin --json
    """
    if model not in MODELS:
        raise UsageError(f"unknown model {model!r}; one of: {', '.join(sorted(MODELS))}")
    registers = None if register_map is None else find_map(register_map)
    with _open(file) as stream:
        for item in decode_stream(model, _chunks(stream, file), registers):
            print(json.dumps(item) if as_json else _sentence(item))


def _open(file: str) -> BufferedReader:
    if not file:
        raise UsageError("name a file of captured bytes, or - for standard input")
    if file == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        return cast(BufferedReader, sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def _chunks(stream: BufferedReader, file: str) -> Iterator[bytes]:
    while chunk := _read(stream, file):
        yield chunk


def _read(stream: BufferedReader, file: str) -> bytes:
    try:
        return stream.read1(CHUNK_BYTES)
    except OSError as error:
        raise ScreeningError(f"{file}: {error.strerror}") from error


def _sentence(item: dict[str, object]) -> str:
    if "rows" in item:
        return (
            f"{item['rows']} x {item['columns']} pixels, {item['min_celsius']} to"
            f" {item['max_celsius']} degC, sensor {item['ambient_celsius']} degC"
        )
    if item["kind"] == "reading":
        return f"object {item['object_celsius']} degC, ambient {item['ambient_celsius']} degC"
    return f"malformed ({item['reason']}): {item['bytes']}"


@app.command("watch")
def watch(
    gate: Annotated[str | None, typer.Option("--gate", help="A configured gate.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model, with --port.")] = None,
    port: Annotated[str | None, typer.Option("--port", help="Serial port, with --model.")] = None,
    count: Annotated[int, typer.Option("--count", help="Stop after this many; 0: never.")] = 0,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    register_map: RegisterMapOption = None,
) -> None:
    """Show a thermometer live until Ctrl-C.

    Example: gerbang thermometer watch --model gy-mcu90614 --port /dev/ttyUSB0
    """
    import queue

    clock = SystemClock()
    usb = baud_rate = None
    if model is None or port is None:
        configured = {g.name: g.thermometer for g in settings_for(data, config).gates}
        chosen = configured.get(gate) if gate else next(iter(configured.values()), None)
        if chosen is None:
            raise UsageError("name --model and --port, or a --gate with a configured thermometer")
        model, port, usb, baud_rate = chosen.model, chosen.port, chosen.usb, chosen.baud_rate
        register_map = register_map or chosen.register_map
    device = build_thermometer(
        model=model,
        port=port,
        usb=usb,
        baud_rate=baud_rate,
        register_map=register_map,
        monotonic_s=clock.monotonic_s,
    )
    news: queue.SimpleQueue[Reading | Availability] = queue.SimpleQueue()
    device.start(news.put, news.put)
    try:
        shown = 0
        while count == 0 or shown < count:
            item = news.get()
            shown += isinstance(item, TemperatureReading | ThermalPicture)
            print(_live(item, as_json=as_json), flush=True)
    finally:
        device.close()


def _live(item: Reading | Availability, *, as_json: bool) -> str:
    values: dict[str, object]
    if isinstance(item, TemperatureReading):
        values = {
            "kind": "reading",
            "object_celsius": item.object_celsius,
            "ambient_celsius": item.ambient_celsius,
        }
    elif isinstance(item, ThermalPicture):
        values = {
            "kind": "reading",
            "rows": item.rows,
            "columns": item.columns,
            "min_celsius": round(float(item.celsius.min()), 2),
            "max_celsius": round(float(item.celsius.max()), 2),
            "ambient_celsius": item.ambient_celsius,
        }
    elif isinstance(item, TemperatureFault):
        values = {"kind": "malformed", "reason": item.reason.value, "bytes": item.raw.hex()}
    elif isinstance(item, Availability):
        values = {"kind": "availability", "available": item.available, "error": item.last_error}
        if not as_json:
            return "available" if item.available else f"unavailable: {item.last_error}"
    else:
        values = {"kind": "other"}
    return json.dumps(values) if as_json else _sentence(values)
