"""The old office of ``gerbang bench --history``: how long pages and figures take as a log grows.

``python -m dashboard.commands.bench_history DATA`` does the night's work on a folder and tells how
long it took and how much memory, as JSON; it is a process of its own, so that both are its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dashboard.commands.bench_http import (
    CONFIGURATION,
    READY,
    connected,
    python_process,
    settings_in,
)
from dashboard.storage import open_desk, open_record
from dashboard.web.auth import SESSION_COOKIE, hash_token
from screening.accounts import Role, User, WebSession
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.office.changes import with_counter
from screening.record.made_history import MadeHistory, write_history
from screening.settings import Settings

DAYS = 300
KEPT_DAYS = 30
"""Names and degrees are kept so long."""
SMALLER = 40
"""The other office has so many times fewer visits."""
TIMES = 25
"""Each address is asked so often; the shortest counts, since other work only makes it longer."""
RATIO, FIRST_BYTE_MS, NIGHT_S, NIGHT_MB = 1.5, 100.0, 60.0, 300.0
"""What may be: as much longer, until the first byte, for the night's work."""
NOISE_MS = 3.0
"""A difference that small says nothing of the log."""

_MODULE = "dashboard.commands.bench_history"
_COUNTERS = ("1", "2", "3", "4")
_GATES = ("bench", "timur")
_LOG = (
    ("everything", ""),
    ("gate", "gate=timur"),
    ("reason", "reason=expired"),
    ("no such reason", "reason=bad_signature"),
    ("kind", "what=annul"),
    ("person", "person=bench"),
    ("nobody, refused", "what=deny&person=nobody"),
    ("nowhere", "gate=nowhere"),
    ("receipt", "number=N1"),
    ("ticket", "number=KTP-001"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The shortest of one address: until its first byte, and until its last (ms)."""

    first_ms: float
    whole_ms: float


def measure_history(folder: Path, visits: int, *, told: Callable[[str], None]) -> dict[str, Any]:
    """By address the times with ``visits`` and with a fortieth of them, and of the nights.

    Raises ScreeningError where the made log is not sound, or something is not answered.
    """
    sizes = {"small": max(DAYS, visits // SMALLER), "large": visits}
    found: dict[str, Any] = {"visits": sizes, "days": DAYS, "pages": {}}
    token = secrets.token_urlsafe(24)
    with ExitStack() as servers:
        ports = {}
        for size, count in sizes.items():
            place = folder / size
            place.mkdir()
            config = place / "gerbang.toml"
            config.write_text(f"{CONFIGURATION}[retention]\nreadings_days = {KEPT_DAYS}\n")
            settings = settings_in(place, config)
            told(f"writing {count} visits")
            found[f"{size}_written_s"] = _write(settings, count, token)
            told(f"the night's work on {count} visits")
            found[f"{size}_first_night"] = _night(place)
            found[f"{size}_night"] = _night(place)
            served = ["-m", "dashboard", "serve", "--config", str(config), "--gates", "none"]
            arguments = [*served, "--data", str(place / "data"), "--port", "0"]
            ports[size] = servers.enter_context(python_process(arguments, READY, {}))
        told("asking both")
        today = SystemClock().now().astimezone(settings.site.zone).date()
        asked = asyncio.run(_ask_all(ports, token, addresses(today)))
    for name, large in asked["large"].items():
        small = asked["small"][name]
        found["pages"][name] = {
            "small_ms": round(small.whole_ms, 1),
            "large_ms": round(large.whole_ms, 1),
            "ratio": round(large.whole_ms / small.whole_ms, 2),
            "first_byte_ms": round(large.first_ms, 1),
        }
    return found


def too_slow(found: dict[str, Any]) -> list[str]:
    """What grows with the log, or takes too long."""
    slow = [
        name
        for name, page in found["pages"].items()
        if (page["ratio"] > RATIO and page["large_ms"] - page["small_ms"] > NOISE_MS)
        or page["first_byte_ms"] > FIRST_BYTE_MS
    ]
    night = found["large_night"]
    is_slow = night["seconds"] > NIGHT_S or night["memory_mb"] > NIGHT_MB
    return [*slow, "the night's work"] if is_slow else slow


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
        record.accounts.add_user(User("bench", Role.MANAGER, "-", now))
        record.accounts.open_session(
            WebSession(
                token_hash=hash_token(token),
                user="bench",
                role=Role.MANAGER,
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


def _night(place: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", _MODULE, str(place)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ScreeningError(f"the night's work failed: {done.stderr.strip()[-200:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def addresses(today: date) -> dict[str, str]:
    """What is asked, by name."""
    yesterday = today - timedelta(days=1)
    year = f"from={today - timedelta(days=DAYS)}&to={today}"
    month = f"from={today - timedelta(days=30)}&to={today}"
    sides = ("hour", "weekday", "service")
    kinds = ("day", "hour", "service", "gate", "reason", "counter")
    return {
        "public page": "/",
        "room": "/dashboard",
        "one day": "/dashboard/day",
        "temperature": "/dashboard/temperature",
        "status": "/api/v1/status",
        "metrics": "/metrics",
        **{f"300 days by {by}": f"/api/v1/figures?{year}&by={by}" for by in kinds},
        **{f"30 days by {by}": f"/api/v1/figures?{month}&by={by}" for by in kinds},
        **{f"history of 30 days by {by}": f"/dashboard/history?{month}&by={by}" for by in sides},
        "history of a day": f"/dashboard/history?from={yesterday}&to={yesterday}",
        "history of 30 days, xlsx": f"/dashboard/history.xlsx?{month}",
        "history of 30 days, csv": f"/dashboard/history.csv?{month}&figure=days",
        **{f"log of 300 days, {name}": f"/dashboard/log?{year}&{asked}" for name, asked in _LOG},
        "a row of the log": "/dashboard/log/1",
        "a day by hour": f"/api/v1/figures?from={yesterday}&to={yesterday}&by=hour",
        "300 days by day, xlsx": f"/api/v1/figures?{year}&format=xlsx",
    }


async def _ask_all(
    ports: dict[str, int], token: str, wanted: dict[str, str]
) -> dict[str, dict[str, Asked]]:
    """By size and name; in turn, so that other work on the machine falls on both."""
    found: dict[str, dict[str, Asked]] = {size: {} for size in ports}
    async with AsyncExitStack() as stack:
        lines = {
            size: await stack.enter_async_context(connected(port)) for size, port in ports.items()
        }
        for name, address in wanted.items():
            times: dict[str, list[tuple[float, float]]] = {size: [] for size in ports}
            for _ in range(TIMES + 1):
                for size, line in lines.items():
                    times[size].append(await _ask_once(*line, address, token))
            for size, measured in times.items():
                firsts, wholes = zip(*measured[1:], strict=True)  # the first one also loads
                found[size][name] = Asked(min(firsts), min(wholes))
    return found


async def _ask_once(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, token: str
) -> tuple[float, float]:
    cookie = f"Cookie: {SESSION_COOKIE}={token}\r\n"
    begun = time.perf_counter()
    writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n".encode())
    head = await reader.readexactly(1)
    first_ms = 1000 * (time.perf_counter() - begun)
    head += await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ScreeningError(f"{address} is answered with {head[:12].decode()}")
    _, _, after = head.lower().partition(b"content-length:")
    await reader.readexactly(int(after.split(b"\r\n", 1)[0]))
    return first_ms, 1000 * (time.perf_counter() - begun)


def main() -> None:
    """The night's work; see the module's header."""
    place = Path(sys.argv[1])
    settings = settings_in(place, place / "gerbang.toml")
    with open_record(settings) as record:
        begun = time.perf_counter()
        run = record.roll_ups.run(SystemClock().now())
        seconds = time.perf_counter() - begun
    told = {
        "seconds": round(seconds, 1),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "rolled": run.rolled,
        "checked": run.checked,
        "differing": run.differing,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
