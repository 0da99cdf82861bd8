"""``gerbang thermometer watch``: a thermometer live in the terminal, or a JSON object a line."""

from __future__ import annotations

import contextlib
import json
import queue
import sys
from collections import deque
from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from dashboard.commands.shared import ConfigOption, DataOption, UsageError, fail, settings_for
from dashboard.commands.thermal_blocks import draw_blocks
from dashboard.commands.thermometer_capture import RegisterMapOption, sentence
from drivers.building import thermometer as build_thermometer
from screening.clock import SystemClock
from screening.errors import SettingsError
from screening.ports import Device
from screening.readings import (
    Availability,
    Reading,
    TemperatureFault,
    TemperatureReading,
    ThermalPicture,
)

_SHOWN_VALUES = 60
_RATE_WINDOW = 10
_LEAST_SPAN_CELSIUS = 0.5  # a smaller one would draw noise as mountains
_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.-=+*#"
_WIDTH = 76
_OLD_S = 2.5  # the gate would not use it any more
_FAULT_BYTES = 12
_REFRESH_S = 0.25
_MANY_COLOURS = ("256", "truecolor")
_MANY_FAULTS = 10  # before the first reading
_ANOTHER_MODEL = "Is it another model, or rate? gerbang thermometer identify tells."

DeviceUpdate = Reading | Availability


def watch(
    gate: Annotated[str | None, typer.Option("--gate", help="A configured gate.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="Model, with --port.")] = None,
    port: Annotated[str | None, typer.Option("--port", help="Serial port, with --model.")] = None,
    count: Annotated[int, typer.Option("--count", help="Stop after this many; 0: never.")] = 0,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    register_map: RegisterMapOption = None,
    address: Annotated[
        int | None, typer.Option("--address", help="For optris and raytek-mi3 on RS-485.")
    ] = None,
    baud_rate: Annotated[
        int | None,
        typer.Option("--baud-rate", min=1, help="Where it is not the rate as delivered."),
    ] = None,
) -> None:
    """Show a thermometer live until Ctrl-C: value, lowest, highest and how it went.

    Of an array also its picture, as somebody standing behind it sees the scene.

    In a pipe, and with --json, everything it tells is a line of its own.

    Example: gerbang thermometer watch --model gy-mcu90614 --port /dev/ttyUSB0
    """
    clock = SystemClock()
    usb = None
    if model is None or port is None:
        configured = {g.name: g.thermometer for g in settings_for(data, config).gates}
        chosen = configured.get(gate) if gate else next(iter(configured.values()), None)
        if chosen is None:
            raise UsageError("name --model and --port, or a --gate with a configured thermometer")
        model, port, usb = chosen.model, chosen.port, chosen.usb
        baud_rate = baud_rate or chosen.baud_rate
        register_map = register_map or chosen.register_map
        address = address or chosen.address
    try:
        device = build_thermometer(
            model=model,
            port=port,
            usb=usb,
            baud_rate=baud_rate,
            register_map=register_map,
            address=address,
            monotonic_s=clock.monotonic_s,
        )
    except SettingsError as error:
        raise UsageError(str(error)) from error
    if as_json or not sys.stdout.isatty():
        _print_lines(device, count, as_json=as_json)
    else:
        _show_board(device, WatchBoard(f"{model} on {port or usb}"), count, clock)


def _print_lines(device: Device, count: int, *, as_json: bool) -> None:
    updates: queue.SimpleQueue[DeviceUpdate] = queue.SimpleQueue()
    device.start(updates.put, updates.put)
    try:
        shown = faults = 0
        while count == 0 or shown < count:
            item = updates.get()
            shown += isinstance(item, TemperatureReading | ThermalPicture)
            faults += isinstance(item, TemperatureFault)
            print(line(item, as_json=as_json), flush=True)
            if not shown and faults == _MANY_FAULTS:
                fail(_ANOTHER_MODEL)
    finally:
        device.close()


def _show_board(device: Device, board: WatchBoard, count: int, clock: SystemClock) -> None:
    updates: queue.SimpleQueue[DeviceUpdate] = queue.SimpleQueue()
    device.start(updates.put, updates.put)
    console = Console()
    has_blocks = console.encoding.startswith("utf")
    board.draw_with(
        _BARS if has_blocks else _PLAIN_BARS,
        pictures=has_blocks and console.color_system in _MANY_COLOURS,
    )
    try:
        with Live(console=console, auto_refresh=False) as live:
            while count == 0 or board.shown < count:
                with contextlib.suppress(queue.Empty):
                    board.take(updates.get(timeout=_REFRESH_S))
                    while count == 0 or board.shown < count:
                        board.take(updates.get_nowait())
                live.update(board.render(clock.monotonic_s()), refresh=True)
    finally:
        device.close()


class WatchBoard:
    """A steady display: what was told last, lowest and highest since the start, how it went."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bars = _BARS
        self._pictures = False
        self._last: TemperatureReading | ThermalPicture | None = None
        self._values: deque[float] = deque(maxlen=_SHOWN_VALUES)
        self._times_s: deque[float] = deque(maxlen=_RATE_WINDOW)
        self._lowest = self._highest = 0.0
        self._faults = 0
        self._last_fault: TemperatureFault | None = None
        self._availability: Availability | None = None
        self.shown = 0

    def draw_with(self, bars: str, *, pictures: bool) -> None:
        """Bars from the lowest to the highest; ``pictures`` needs a terminal with colours."""
        self._bars = bars
        self._pictures = pictures

    def take(self, item: DeviceUpdate) -> None:
        """Something the device told."""
        if isinstance(item, Availability):
            self._availability = item
        elif isinstance(item, TemperatureFault):
            self._faults += 1
            self._last_fault = item
        elif isinstance(item, TemperatureReading | ThermalPicture):
            value = _value(item)
            self._lowest = min(self._lowest, value) if self.shown else value
            self._highest = max(self._highest, value) if self.shown else value
            self.shown += 1
            self._last = item
            self._values.append(value)
            self._times_s.append(item.taken_at_s)

    def render(self, now_s: float) -> RenderableType:
        """The display as it is at this second."""
        rows = Table.grid(padding=(0, 2))
        rows.add_column(style="dim")
        rows.add_column()
        for name, told in self._rows(now_s):
            rows.add_row(name, told)
        shown: RenderableType = rows
        if self._pictures and isinstance(self._last, ThermalPicture):
            shown = Group(rows, draw_blocks(self._last.celsius))
        return Panel(shown, title=self._title, title_align="left", width=_WIDTH)

    def _rows(self, now_s: float) -> list[tuple[str, Text]]:
        rows = [("device", self._state())]
        if self._last is not None:
            rows += [
                ("hottest" if isinstance(self._last, ThermalPicture) else "object", self._newest()),
                ("age", self._age(now_s)),
                ("since start", Text(f"{self._lowest:.2f} to {self._highest:.2f} degC")),
                ("", Text(sparkline(self._values, self._bars), style="cyan")),
                ("sensor", Text(_degrees(self._last.ambient_celsius))),
            ]
        if isinstance(self._last, ThermalPicture):
            coldest = self._last.coldest_celsius
            size = (
                f"{self._last.rows} x {self._last.columns} pixels, the coldest {coldest:.2f} degC"
            )
            rows.append(("picture", Text(size)))
        rows += [("readings", self._counted()), ("faults", self._faulty())]
        if not self.shown and self._faults:
            rows.append(("", Text(_ANOTHER_MODEL, style="yellow")))
        return rows

    def _state(self) -> Text:
        if self._availability is None:
            return Text("connecting", style="yellow")
        if self._availability.available:
            return Text("available", style="green")
        return Text(f"unavailable: {self._availability.last_error}", style="bold red")

    def _newest(self) -> Text:
        newest = Text(f"{self._values[-1]:.2f} degC", style="bold")
        if isinstance(self._last, ThermalPicture):
            newest.append(f", {_place_of_hottest(self._last)}", style="not bold")
        return newest

    def _age(self, now_s: float) -> Text:
        age_s = now_s - self._times_s[-1]
        return Text(f"{age_s:.1f} s", style="bold red" if age_s > _OLD_S else "")

    def _counted(self) -> Text:
        span_s = self._times_s[-1] - self._times_s[0] if self._times_s else 0.0
        rate = f", {(len(self._times_s) - 1) / span_s:.1f} a second" if span_s > 0 else ""
        return Text(f"{self.shown}{rate}")

    def _faulty(self) -> Text:
        if self._last_fault is None:
            return Text("0")
        raw = self._last_fault.raw[:_FAULT_BYTES].hex(" ")
        return Text(f"{self._faults}, last {self._last_fault.reason.value}: {raw}", style="yellow")


def sparkline(values: Sequence[float], bars: str = _BARS) -> str:
    """One bar a value, from the lowest of them to the highest, which are at least 0.5 apart."""
    if not values:
        return ""
    middle = (min(values) + max(values)) / 2
    span = max(max(values) - min(values), _LEAST_SPAN_CELSIUS)
    steps = (round(((value - middle) / span + 0.5) * (len(bars) - 1)) for value in values)
    return "".join(bars[step] for step in steps)


def line(item: DeviceUpdate, *, as_json: bool) -> str:
    """One thing that was told, as JSON or for a person."""
    if isinstance(item, Availability) and not as_json:
        return "available" if item.available else f"unavailable: {item.last_error}"
    values = _as_values(item)
    return json.dumps(values) if as_json else sentence(values)


def _as_values(item: DeviceUpdate) -> dict[str, object]:
    if isinstance(item, TemperatureReading):
        return {
            "kind": "reading",
            "object_celsius": item.object_celsius,
            "ambient_celsius": item.ambient_celsius,
        }
    if isinstance(item, ThermalPicture):
        return {
            "kind": "reading",
            "rows": item.rows,
            "columns": item.columns,
            "min_celsius": item.coldest_celsius,
            "max_celsius": item.hottest_celsius,
            "ambient_celsius": item.ambient_celsius,
        }
    if isinstance(item, TemperatureFault):
        return {"kind": "malformed", "reason": item.reason.value, "bytes": item.raw.hex()}
    if isinstance(item, Availability):
        return {"kind": "availability", "available": item.available, "error": item.last_error}
    return {"kind": "other"}


def _place_of_hottest(picture: ThermalPicture) -> str:
    row, column = divmod(int(np.nanargmax(picture.celsius)), picture.columns)
    return f"column {column + 1} from the left, row {row + 1} from the top"


def _value(item: TemperatureReading | ThermalPicture) -> float:
    if isinstance(item, TemperatureReading):
        return item.object_celsius
    return item.hottest_celsius


def _degrees(celsius: float | None) -> str:
    return "not told" if celsius is None else f"{celsius:.2f} degC"
