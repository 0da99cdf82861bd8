"""``gerbang bench``: how fast this machine decides, beside what its stack and disk allow."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from dashboard.bootstrap import RunningOffice
from dashboard.commands import bench_history, bench_registrations, bench_screens
from dashboard.commands.bench_history import measure_history
from dashboard.commands.bench_http import empty_postgresql, measure_http, own_configuration
from dashboard.commands.bench_plan import measure_plan, wrong
from dashboard.commands.bench_registrations import measure_registrations
from dashboard.commands.bench_screens import measure_screens
from dashboard.commands.bench_siege import measure_siege, too_slow
from dashboard.commands.shared import JsonOption, answer
from drivers.simulated.portrait import draw_visitor, portrait
from screening.clock import SystemClock
from screening.decision import Check
from screening.errors import ScreeningError
from screening.gate.commands import Scan
from screening.readings import CodeSource
from screening.settings import GateSettings, RoomSettings, Settings
from screening.vision.check import MaskCheck

SCANS = 300
PICTURES = 60
SYNCS = 300


def bench(
    postgresql: Annotated[
        str | None,
        typer.Option(
            "--postgresql", help="URL of an empty database, left empty: the same figures on it."
        ),
    ] = None,
    siege: Annotated[
        bool,
        typer.Option(
            "--siege", help="Only: a scan's p95 while strangers besiege the server; 1 if too slow."
        ),
    ] = False,
    registrations: Annotated[
        bool,
        typer.Option(
            "--registrations",
            help="Only: bookings a second over HTTP, and a scan's p95 beside them; 1 if too slow.",
        ),
    ] = False,
    screens: Annotated[
        bool,
        typer.Option(
            "--screens",
            help="Only: how long a call takes to 200 displays and 100 phones, and a scan's p95"
            " beside them; 1 if too slow.",
        ),
    ] = False,
    history: Annotated[
        int | None,
        typer.Option(
            "--history",
            min=1000,
            help="Only: pages, figures and the night's work with so many visits over 300 days,"
            " beside a fortieth of them; 1 if anything grows.",
        ),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option(
            "--plan",
            help="Only: whether planned days hold on offices that are known, and how long a plan"
            " takes; 1 if one does not. Takes minutes.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure a gate over real HTTP beside a floor, decisions a second, and pictures a second.

    The floor is a bare route of the same stack with one signature and one synced row, in the same
    run and the same database. Works in a temporary folder on the current directory's disk; takes
    about a minute.

    Example: gerbang bench --json
    """
    if history is not None:
        _look_back(history, as_json=as_json)
        return
    if plan:
        _check_plans(as_json=as_json)
        return
    if siege:
        _besiege(as_json=as_json)
        return
    if registrations:
        _compare(measure_registrations, bench_registrations.too_slow, as_json=as_json)
        return
    if screens:
        _compare(measure_screens, bench_screens.too_slow, as_json=as_json)
        return
    portrait()  # before a minute of measuring; it may not be installed
    with (
        own_configuration(),
        nullcontext() if postgresql is None else empty_postgresql(postgresql),
        tempfile.TemporaryDirectory(prefix="gerbang-bench-", dir=Path.cwd()) as name,
    ):
        folder = Path(name)
        for part in ("http", "postgresql", "scans"):
            (folder / part).mkdir()
        values: dict[str, Any] = measure_http(folder / "http", postgresql=None, told=_tell)
        if postgresql is not None:
            _tell("the same on PostgreSQL")
            found = measure_http(folder / "postgresql", postgresql=postgresql, told=_tell)
            values |= {f"postgresql_{key}": value for key, value in found.items()}
        values |= {
            **measure_scans(folder / "scans"),
            "disk_syncs_per_second": measure_syncs(folder),
            **measure_pictures(),
            "machine": machine(),
        }
    text = "\n".join(f"{key}: {value}" for key, value in values.items())
    answer(values, text, as_json=as_json)


def _besiege(*, as_json: bool) -> None:
    """Raises ScreeningError where an attack slows scans down too much."""
    with (
        own_configuration(),
        tempfile.TemporaryDirectory(prefix="gerbang-bench-", dir=Path.cwd()) as name,
    ):
        values: dict[str, Any] = measure_siege(Path(name), told=_tell)
    values["machine"] = machine()
    text = "\n".join(f"{key}: {value}" for key, value in values.items())
    answer(values, text, as_json=as_json)
    if slow := too_slow(values):
        raise ScreeningError(f"scans take too long under: {', '.join(slow)}")


def _compare(
    measure: Callable[..., dict[str, float]],
    too_slow: Callable[[dict[str, float]], list[str]],
    *,
    as_json: bool,
) -> None:
    """Raises ScreeningError where one machine bears less than it must."""
    with (
        own_configuration(),
        tempfile.TemporaryDirectory(prefix="gerbang-bench-", dir=Path.cwd()) as name,
    ):
        values: dict[str, Any] = measure(Path(name), told=_tell)
    slow = too_slow(values)
    values["machine"] = machine()
    text = "\n".join(f"{key}: {value}" for key, value in values.items())
    answer(values, text, as_json=as_json)
    if slow:
        raise ScreeningError(f"too slow: {', '.join(slow)}")


def _look_back(visits: int, *, as_json: bool) -> None:
    """Raises ScreeningError where something takes longer because the log is longer."""
    with (
        own_configuration(),
        tempfile.TemporaryDirectory(prefix="gerbang-bench-", dir=Path.cwd()) as name,
    ):
        values = measure_history(Path(name), visits, told=_tell)
    slow = bench_history.too_slow(values)
    values["machine"] = machine()
    lines = [f"{key}: {value}" for key, value in values.items() if key != "pages"]
    lines += [f"{name}: {page}" for name, page in values["pages"].items()]
    answer(values, "\n".join(lines), as_json=as_json)
    if slow:
        raise ScreeningError(f"too slow: {', '.join(slow)}")


def _check_plans(*, as_json: bool) -> None:
    """Raises ScreeningError where a plan does not hold, or takes too long."""
    values = measure_plan(told=_tell)
    found = wrong(values)
    values["machine"] = machine()
    answer(values, "\n".join(f"{key}: {value}" for key, value in values.items()), as_json=as_json)
    if found:
        raise ScreeningError(f"not as it should be: {', '.join(found)}")


def _tell(what: str) -> None:
    """What is being measured, for a person who waits at a terminal."""
    if sys.stderr.isatty():
        print(f"gerbang bench: {what}", file=sys.stderr, flush=True)


def measure_scans(folder: Path) -> dict[str, float]:
    """Good receipts through a receipt-only gate: verify, decide, commit with fsync, answer."""
    settings = Settings(
        data=folder,
        room=RoomSettings(rows=40, columns=40, sealed="none"),
        gates=(GateSettings(name="bench", checks=(Check.RECEIPT,)),),
    )
    clock = SystemClock()
    with RunningOffice.open(settings, clock=clock) as running:
        today = clock.now().astimezone(settings.site.zone).date()
        issued_on = today - timedelta(days=1)
        tokens = [
            running.desk.issue("KTP", "Bench", issued_on=issued_on).token for _ in range(SCANS)
        ]
        gate = running.gates.get("bench")
        durations_ms = _timed(
            [partial(gate.do, Scan(code=token, source=CodeSource.STATION)) for token in tokens]
        )
    return {
        "decisions_per_second": round(1000 * len(durations_ms) / sum(durations_ms), 1),
        "scan_p50_ms": round(statistics.median(durations_ms), 2),
        "scan_p95_ms": round(statistics.quantiles(durations_ms, n=20)[18], 2),
        "scans": len(durations_ms),
    }


def measure_syncs(folder: Path) -> float:
    """Small appends with fsync a second: no durable log on this disk can be faster."""
    with (folder / "syncs").open("wb", buffering=0) as file:

        def sync() -> None:
            file.write(b"x" * 512)
            os.fsync(file.fileno())

        return round(1000 * SYNCS / sum(_timed([sync] * SYNCS)), 1)


def measure_pictures() -> dict[str, float]:
    """The whole mask check on 640 x 480 pictures of one visitor, one thread."""
    rng = np.random.default_rng(1)
    pictures = [draw_visitor("mask", rng=rng) for _ in range(5)]
    check = MaskCheck()
    check.check(pictures[0])  # the first one also loads
    durations_ms = _timed(
        [partial(check.check, pictures[i % len(pictures)]) for i in range(PICTURES)]
    )
    return {
        "pictures_per_second": round(1000 * len(durations_ms) / sum(durations_ms), 1),
        "picture_p50_ms": round(statistics.median(durations_ms), 2),
    }


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _timed(calls: list[Callable[[], object]]) -> list[float]:
    durations_ms = []
    for call in calls:
        begun = time.perf_counter()
        call()
        durations_ms.append(1000 * (time.perf_counter() - begun))
    return durations_ms
