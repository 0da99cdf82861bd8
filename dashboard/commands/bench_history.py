"""The old office of ``gerbang bench --history``: how long pages and figures take as a log grows.

``python -m dashboard.commands.bench_history DATA`` does the night's work on a folder and tells how
long it took and how much memory, as JSON; it is a process of its own, so that both are its own.
With ``--gate`` it is that of an office whose gate lets people in meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import secrets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from sqlalchemy import text

from dashboard.bootstrap import RunningOffice
from dashboard.commands.bench_http import CONFIGURATION, READY, connected, served_by, settings_in
from dashboard.storage import DATABASE_FILE, open_desk, open_record
from dashboard.web.auth import SESSION_COOKIE, hash_token
from screening.accounts import Role, User, WebSession
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.figures.roll_ups import FiguresRun
from screening.gate.commands import Scan
from screening.office.changes import with_counter
from screening.readings import CodeSource
from screening.record.engine import make_engine
from screening.record.made_history import MadeHistory, write_history
from screening.record.record import Record
from screening.record.retention import Forgotten
from screening.settings import Settings

DAYS = 300
KEPT_DAYS = 30
"""Names and degrees are kept so long."""
SMALLER = 40
"""The other office has so many times fewer visits."""
TIMES = 5
"""Each address is asked so often once it is warm; the middle counts."""
RATIO, FIRST_BYTE_MS, NIGHT_S, NIGHT_MB = 1.5, 100.0, 60.0, 300.0
"""What may be: as much longer, until the first byte, for the night's work."""
NIGHT_TIMES, NIGHT_SCAN_MS = 2.0, 50.0
"""A scan's p95 during the night may be so many times as long, or so long."""
PACED, PACE_S = 150, 0.1
"""Scans at ten a second before the night; with it they go on as long as there are receipts."""
RECEIPTS = 1000
MOST_VERIFIED = 100_000
"""Visits whose log is walked whole: each has five rows, of which a second walks 7,000. None tells
that it was not."""
EXPORTS = 20
"""So often a person's data are gathered; the shortest counts."""
SETTLED_S, SETTLED_MS = 60.0, 50.0
"""A server has settled when it computes no more in a second; nobody waits longer for it."""
TRIES = 5
"""A busy machine's server may refuse a page now and then."""
LEARNING_S, LOOK_S = 300.0, 0.5
"""What a server learns from the past days before it can show a page is waited for so long, and
looked for so often."""
NOISE_MS = 3.0
"""A difference that small says nothing of the log."""
_LINUX_CPU_CLOCK = 2
"""Of a whole process, in the last three bits of the clock's number (Linux, posix-timers.h)."""

_MODULE = "dashboard.commands.bench_history"
_COUNTERS = ("1", "2", "3", "4")
_GATES = ("bench", "timur")
_LOG = (
    ("everything", ""),
    ("gate", "gate=timur"),
    ("reason", "reason=expired"),
    ("no such reason", "reason=bad_signature"),
    ("kind", "what=annul"),
    ("service", "service=KK"),
    ("person", "person=bench"),
    ("nobody, refused", "what=deny&person=nobody"),
    ("nowhere", "gate=nowhere"),
    ("receipt", "number=N1"),
    ("ticket", "number=KTP-001"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The middle of one address: until its first byte, and until its last (ms).

    ``cpu_ms`` is what the server computed for it; 0 where that cannot be told. ``idle_ms`` is the
    shortest until the first byte: other work on the machine only makes it longer.
    """

    first_ms: float
    whole_ms: float
    cpu_ms: float
    idle_ms: float


def measure_history(folder: Path, visits: int, *, told: Callable[[str], None]) -> dict[str, Any]:
    """By address the times with ``visits`` and with a fortieth of them, and of the nights.

    Raises ScreeningError where the made log is walked and not sound, or something is not answered.
    """
    sizes = {"small": max(DAYS, visits // SMALLER), "large": visits}
    written = {}
    token = secrets.token_urlsafe(24)
    for size, count in sizes.items():
        place = folder / size
        place.mkdir()
        config = place / "gerbang.toml"
        config.write_text(f"{CONFIGURATION}[retention]\nreadings_days = {KEPT_DAYS}\n")
        told(f"writing {count} visits")
        written[f"{size}_written_s"] = _write(settings_in(place, config), count, token)
    found = measure_written(folder, token, told=told)
    for size, count in sizes.items():
        found[f"{size}_verified_rows"] = None
        if count <= MOST_VERIFIED:
            told(f"walking the log of the {size} office")
            found[f"{size}_verified_rows"] = _verified(folder / size)
    return {"visits": sizes, "days": DAYS, **written, **found}


def _verified(place: Path) -> int:
    """How many rows the log has, once its chain and its figures are found sound."""
    with open_record(settings_in(place, place / "gerbang.toml")) as record:
        report = record.visits.verify()
    if not report.is_intact:
        raise ScreeningError(f"the made log is not sound: {report.problem}")
    return report.entries


def measure_written(folder: Path, token: str, *, told: Callable[[str], None]) -> dict[str, Any]:
    """The times of both offices that are in the folder. Raises ScreeningError."""
    found: dict[str, Any] = {}
    sizes = ("small", "large")
    for size in sizes:
        told(f"the first night of the {size} office")
        found[f"{size}_first_night"] = _night(folder / size)
    with ExitStack() as servers:
        ports = {}
        for size in sizes:
            place = folder / size
            config = str(place / "gerbang.toml")
            served = ["-m", "dashboard", "serve", "--config", config, "--gates", "none"]
            arguments = [*served, "--data", str(place / "data"), "--port", "0"]
            ports[size] = servers.enter_context(served_by(arguments, READY, {}))
        _settle([process for _, process in ports.values()])
        told("asking both")
        zone = settings_in(folder / "small", folder / "small" / "gerbang.toml").site.zone
        today = SystemClock().now().astimezone(zone).date()
        asked = asyncio.run(_ask_all(ports, token, addresses(today)))
    for size in sizes:
        told(f"a night of the {size} office, with a gate")
        found[f"{size}_night"] = _night(folder / size, "--gate")
        export_ms = found[f"{size}_first_night"].pop("export_ms")
        asked[size]["a person's data"] = Asked(export_ms, export_ms, 0.0, export_ms)
    found["pages"] = {}
    for name, large in asked["large"].items():
        small = asked["small"][name]
        found["pages"][name] = {
            "small_ms": round(small.whole_ms, 1),
            "large_ms": round(large.whole_ms, 1),
            "ratio": _ratio(large.whole_ms, small.whole_ms),
            "first_byte_ms": round(large.idle_ms, 1),
            "small_cpu_ms": round(small.cpu_ms, 1),
            "large_cpu_ms": round(large.cpu_ms, 1),
            "cpu_ratio": _ratio(large.cpu_ms, small.cpu_ms),
        }
    return found


def _ratio(large: float, small: float) -> float | None:
    return round(large / small, 2) if small else None


def too_slow(found: dict[str, Any]) -> list[str]:
    """What grows with the log, or takes too long."""
    slow = [
        name
        for name, page in found["pages"].items()
        if _grows(page) or page["first_byte_ms"] > FIRST_BYTE_MS
    ]
    night = found["large_night"]
    longest_ms = max(NIGHT_TIMES * night["scan_before_p95_ms"], NIGHT_SCAN_MS)
    if night["seconds"] > NIGHT_S or night["memory_mb"] > NIGHT_MB:
        slow.append("the night's work")
    if night["scan_meanwhile_p95_ms"] > longest_ms:
        slow.append("a scan during the night")
    return slow


def _grows(page: dict[str, float]) -> bool:
    """By the clock, and by what the server computed where that is known: a busy machine disturbs
    the one, background work the other."""
    pairs = [(page["small_ms"], page["large_ms"]), (page["small_cpu_ms"], page["large_cpu_ms"])]
    return all(
        large > RATIO * small and large - small > NOISE_MS for small, large in pairs if small
    )


def _write(settings: Settings, count: int, token: str) -> float:
    clock = SystemClock()
    now = clock.now()
    with open_record(settings) as record:
        open_desk(settings, record)  # makes the keys
        record.facts.take_over(
            operator="bench", at=now, gates_of_an_empty_office=dict.fromkeys(_GATES)
        )
        for name in _COUNTERS:
            add = with_counter(name, {"services": "all"})
            record.facts.change(add, operator="bench", at=now)
        record.accounts.add_user(User("bench", Role.ADMINISTRATOR, "-", now))
        record.accounts.open_session(
            WebSession(
                token_hash=hash_token(token),
                user="bench",
                role=Role.ADMINISTRATOR,
                csrf_token=secrets.token_urlsafe(24),
                created_at=now,
                expires_at=now + timedelta(hours=12),
            )
        )
        made = MadeHistory(
            visits=count,
            days=DAYS,
            until=now.astimezone(settings.site.zone).date(),
            gates=_GATES,
            counters=_COUNTERS,
            services=("KTP", "KK", "LEGALISIR"),
            kept_days=KEPT_DAYS + 2,
        )
        begun = time.perf_counter()
        write_history(record, made)
        return round(time.perf_counter() - begun, 1)


def _night(place: Path, *more: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", _MODULE, str(place), *more],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ScreeningError(f"the night's work failed: {done.stderr.strip()[-200:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def addresses(today: date) -> dict[str, str]:
    """What is asked, by name. The survey's workbook is not: it lists every answer."""
    yesterday, after = today - timedelta(days=1), today + timedelta(days=400)
    year = f"from={today - timedelta(days=DAYS)}&to={today}"
    month = f"from={today - timedelta(days=30)}&to={today}"
    sides = ("hour", "weekday", "service", "gate", "counter", "reason")
    kinds = ("day", "hour", "service", "gate", "reason", "counter")
    return {
        "public page": "/",
        "room": "/dashboard",
        "one day": "/dashboard/day",
        "temperature": "/dashboard/temperature",
        "status": "/api/v1/status",
        "metrics": "/metrics",
        "figures of no day": f"/api/v1/figures?from={after}&to={after}&by=day",
        **{f"300 days by {by}": f"/api/v1/figures?{year}&by={by}" for by in kinds},
        **{f"30 days by {by}": f"/api/v1/figures?{month}&by={by}" for by in kinds},
        **{f"history of 30 days by {by}": f"/dashboard/history?{month}&by={by}" for by in sides},
        "history of a day": f"/dashboard/history?from={yesterday}&to={yesterday}",
        "history of 30 days, xlsx": f"/dashboard/history.xlsx?{month}",
        "history of 30 days, csv": f"/dashboard/history.csv?{month}&figure=days",
        "history of 30 days, pdf": f"/dashboard/history.pdf?{month}",
        "history of 300 days": f"/dashboard/history?{year}",
        **{f"log of 300 days, {name}": f"/dashboard/log?{year}&{asked}" for name, asked in _LOG},
        "a row of the log": "/dashboard/log/1",
        "a day by hour": f"/api/v1/figures?from={yesterday}&to={yesterday}&by=hour",
        **{
            f"30 days by {by}, {form}": f"/api/v1/figures?{month}&by={by}&format={form}"
            for by in kinds
            for form in ("csv", "xlsx")
        },
        "300 days by day, xlsx": f"/api/v1/figures?{year}&format=xlsx",
        "300 days by day, csv": f"/api/v1/figures?{year}&format=csv",
        "log of a day, csv": f"/dashboard/log.csv?from={yesterday}&to={yesterday}&what=annul",
        "report of a day": f"/dashboard/report/day/{yesterday}.pdf",
        "report of a month": f"/dashboard/report/month/{yesterday:%Y-%m}.pdf",
        "survey of this year": "/dashboard/survey",
        "mode": "/dashboard/mode",
        "seats on paper": "/dashboard/seats.pdf",
        "counters": "/counter",
        "desk": "/desk",
        "a plan's inputs": "/plan",
        "privacy": "/admin/privacy",
        "changes": "/admin/changes",
        "devices": "/admin/devices",
    }


async def _ask_all(
    servers: dict[str, tuple[int, int]], token: str, wanted: dict[str, str]
) -> dict[str, dict[str, Asked]]:
    """By size and name; in turn, so that other work on the machine falls on both."""
    found: dict[str, dict[str, Asked]] = {size: {} for size in servers}
    async with AsyncExitStack() as stack:
        lines = {
            size: await stack.enter_async_context(connected(port))
            for size, (port, _) in servers.items()
        }
        for name, address in wanted.items():
            times: dict[str, list[tuple[float, float, float]]] = {size: [] for size in servers}
            for line in lines.values():
                await _ask_until_known(*line, address, token)
            for _ in range(TIMES):
                for size, line in lines.items():
                    before_ms = _computed_ms(servers[size][1])
                    first_ms, whole_ms = await _ask_once(*line, address, token)
                    computed_ms = _computed_ms(servers[size][1]) - before_ms
                    times[size].append((first_ms, whole_ms, computed_ms))
            for size, measured in times.items():
                firsts, wholes, computed = zip(*measured, strict=True)
                found[size][name] = Asked(
                    first_ms=statistics.median(firsts),
                    whole_ms=statistics.median(wholes),
                    cpu_ms=statistics.median(computed),
                    idle_ms=min(firsts),
                )
    return found


def _settle(processes: list[int]) -> None:
    """Wait until they have learnt from the past days what they learn when they begin."""
    until_s = time.monotonic() + SETTLED_S
    while time.monotonic() < until_s:
        before_ms = sum(map(_computed_ms, processes))
        time.sleep(1)
        if sum(map(_computed_ms, processes)) - before_ms < SETTLED_MS:
            return


def _computed_ms(process: int) -> float:
    """How long a process has computed; 0 where the system does not tell."""
    try:
        return 1000 * time.clock_gettime((~process << 3) | _LINUX_CPU_CLOCK)
    except (AttributeError, OSError):
        return 0.0


async def _ask_until_known(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, token: str
) -> None:
    """Until it is not answered with *look again later*; that loads what it needs as well."""
    until_s = time.monotonic() + LEARNING_S
    while (await _answer(reader, writer, address, token))[0] == HTTPStatus.ACCEPTED:
        if time.monotonic() > until_s:
            raise ScreeningError(f"{address} is not there after {LEARNING_S:.0f} s")
        await asyncio.sleep(LOOK_S)


async def _ask_once(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, token: str
) -> tuple[float, float]:
    """Until the first byte and the last (ms), once it is answered. Raises ScreeningError."""
    for _ in range(TRIES):
        status, first_ms, whole_ms = await _answer(reader, writer, address, token)
        if status == HTTPStatus.OK:
            return first_ms, whole_ms
        if status != HTTPStatus.SERVICE_UNAVAILABLE:
            break
    raise ScreeningError(f"{address} is answered with {status}")


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, token: str
) -> tuple[int, float, float]:
    """Its status, and how long it was until the first byte and the last (ms)."""
    cookie = f"Cookie: {SESSION_COOKIE}={token}\r\n"
    begun = time.perf_counter()
    writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n".encode())
    head = await reader.readexactly(1)
    first_ms = 1000 * (time.perf_counter() - begun)
    head += await reader.readuntil(b"\r\n\r\n")
    _, _, after = head.lower().partition(b"content-length:")
    await reader.readexactly(int(after.split(b"\r\n", 1)[0]))
    return int(head.split()[1]), first_ms, 1000 * (time.perf_counter() - begun)


@dataclass
class _Night:
    """What one night did, and what it took; ``computed_s`` is that of its own thread."""

    record: Record
    at: datetime
    seconds: float = 0.0
    computed_s: float = 0.0
    erased: Forgotten | None = None
    run: FiguresRun | None = None

    def work(self) -> None:
        """All of it, as the daily upkeep does it."""
        begun, computed = time.perf_counter(), time.thread_time()
        wait = threading.Event().wait
        self.record.visits.close_day(self.at)
        self.erased = self.record.retention.forget(self.at, pause=wait)
        self.run = self.record.roll_ups.run(self.at, pause=wait)
        self.seconds = time.perf_counter() - begun
        self.computed_s = time.thread_time() - computed

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        assert self.erased is not None
        assert self.run is not None
        return {
            "seconds": round(self.seconds, 1),
            "computed_s": round(self.computed_s, 1),
            "memory_mb": _most_memory_mb(),
            "erased": sum(self.erased.to_json().values()),
            "rolled": self.run.rolled,
            "checked": self.run.checked,
            "differing": self.run.differing,
        }


def _most_memory_mb() -> int:
    """The most that this process ever took; what its parent took before does not count."""
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text(), re.MULTILINE)
        return round(int(peak) / 1024)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _alone(settings: Settings) -> dict[str, Any]:
    """The night before the newest one, and how long a person's data take."""
    with open_record(settings) as record:
        night = _Night(record, SystemClock().now() - timedelta(days=1))
        night.work()
        told = night.told()
        issuer, number = _a_receipt(settings)
        times = []
        for _ in range(EXPORTS):
            begun = time.perf_counter()
            record.persons.export(issuer, number)
            times.append(1000 * (time.perf_counter() - begun))
        return {**told, "export_ms": min(times)}


def _a_receipt(settings: Settings) -> tuple[str, str]:
    engine = make_engine(settings.data / DATABASE_FILE)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT issuer, receipt_number FROM redemptions LIMIT 1 OFFSET 10")
        ).one()
    engine.dispose()
    return row.issuer, row.receipt_number


def _beside_a_gate(settings: Settings) -> dict[str, Any]:
    """The newest night, and what scans take before it and meanwhile."""
    clock = SystemClock()
    with RunningOffice.open(settings, clock=clock) as running:
        yesterday = clock.now().astimezone(settings.site.zone).date() - timedelta(days=1)
        issued = running.desk.issue_many("KTP", "Bench", count=RECEIPTS, issued_on=yesterday)
        codes = [receipt.token for receipt in issued]
        before = _scans(running, codes[:PACED], lambda: True)
        night = _Night(running.record, clock.now())
        thread = threading.Thread(target=night.work)
        thread.start()
        meanwhile = _scans(running, codes[PACED:], thread.is_alive)
        thread.join()
        return {
            **night.told(),
            "scans": len(meanwhile),
            "scan_before_p95_ms": round(_p95(before), 1),
            "scan_meanwhile_p95_ms": round(_p95(meanwhile), 1),
            "scan_meanwhile_max_ms": round(max(meanwhile), 1),
        }


def _scans(running: RunningOffice, codes: list[str], go_on: Callable[[], bool]) -> list[float]:
    """How long each takes (ms), at ten a second."""
    gate, found = running.gates.get("bench"), []
    for code in codes:
        begun = time.perf_counter()
        gate.do(Scan(code=code, source=CodeSource.STATION))
        took_s = time.perf_counter() - begun
        found.append(1000 * took_s)
        if not go_on():
            break
        time.sleep(max(0.0, PACE_S - took_s))
    return found


def _p95(times_ms: list[float]) -> float:
    return statistics.quantiles(times_ms, n=20)[18] if len(times_ms) > 1 else times_ms[0]


def main() -> None:
    """The night's work; see the module's header."""
    place = Path(sys.argv[1])
    settings = settings_in(place, place / "gerbang.toml")
    night = _beside_a_gate if "--gate" in sys.argv else _alone
    print(json.dumps(night(settings)))


if __name__ == "__main__":
    main()
