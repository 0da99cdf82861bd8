"""The bookings of ``gerbang bench --registrations``: other systems book, beside a gate that scans.

``python -m dashboard.commands.bench_registrations PORT book KEY SECONDS`` books for so long with
eight clients, ``… PORT reload SECONDS`` reads what is free; each then tells what it did as JSON.
They do not share the server's interpreter.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from dashboard.commands.bench_http import (
    CLIENTS,
    CONFIGURATION,
    READY,
    Target,
    Timed,
    answer_of,
    beside,
    connected,
    p95,
    prepare,
    python_process,
    scan_all,
    settings_in,
)
from dashboard.storage import open_record
from dashboard.web.auth import hash_token
from screening.accounts import Scope, SystemKey
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.office.services import Booking
from screening.settings import Settings

SCANS, PACE_S = 100, 0.1
"""A station scans ten times a second, before and beside all else."""
BESIDE_S = SCANS * PACE_S + 1
RELOADS_PER_S = 5000 / 60
LEAST_PER_S = 100.0
"""Registrations a second that an office of one machine must bear."""
SLOWER, SLOW_MS = 2.0, 50.0
"""A scan's p95 may double, and it may take so long anyhow."""
SERVICE, PLACES = "KK", 10_000

_MODULE = "dashboard.commands.bench_registrations"


def measure_registrations(folder: Path, *, told: Callable[[str], None]) -> dict[str, float]:
    """Registrations a second, and a scan's p95 (ms) without them, beside them and beside reloads.

    Raises ScreeningError where something is not answered as it must be.
    """
    config = folder / "gerbang.toml"
    config.write_text(CONFIGURATION)
    token, key = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    settings = settings_in(folder, config)
    told("issuing receipts")
    codes = iter(prepare(settings, token, 4 * SCANS))
    _open_to_portal(settings, key)
    served = ["-m", "dashboard", "serve", "--config", str(config), "--data", str(folder / "data")]
    with python_process([*served, "--port", "0"], READY, {}) as port:
        gate = Target(port, "/api/v1/gates/bench/scans", token)

        def scan() -> float:
            taken = list(itertools.islice(codes, SCANS))
            return p95(asyncio.run(scan_all(gate, taken, clients=1, pace_s=PACE_S)).durations_ms)

        scan()  # the first ones also load
        told("scans alone")
        found = {"scan_p95_alone_ms": scan()}
        told("registrations beside scans")
        with beside(_arguments(port, "book", key)) as told_by:
            found["scan_p95_beside_registrations_ms"] = scan()
            found |= {f"registration{name}": value for name, value in told_by().items()}
        told("reloads of what is free beside scans")
        with beside(_arguments(port, "reload", key)) as told_by:
            found["scan_p95_beside_reloads_ms"] = scan()
            found |= {f"reload{name}": value for name, value in told_by().items()}
    return found


def too_slow(found: dict[str, float]) -> list[str]:
    """What falls short of what an office must bear."""
    limit_ms = max(SLOW_MS, SLOWER * found["scan_p95_alone_ms"])
    slow = [
        name
        for name in ("scan_p95_beside_registrations_ms", "scan_p95_beside_reloads_ms")
        if found[name] > limit_ms
    ]
    is_slow = found["registrations_per_second"] < LEAST_PER_S
    return ["registrations_per_second", *slow] if is_slow else slow


def _arguments(port: int, what: str, key: str) -> list[str]:
    return ["-m", _MODULE, str(port), what, key, str(BESIDE_S)]


def _open_to_portal(settings: Settings, key: str) -> None:
    """A service that is booked by time, and a key that books it."""
    with open_record(settings) as record:
        service = record.facts.current().services[SERVICE]
        record.services.put(
            replace(service, booking=Booking.SLOT, slot_minutes=30, slot_places=PLACES)
        )
        system = SystemKey(
            name="bench",
            scopes=frozenset({Scope.REGISTRATIONS}),
            key_hash=hash_token(key),
            created_at=SystemClock().now(),
        )
        record.accounts.add_key(system, operator="bench")


async def work(port: int, what: str, key: str, seconds: float) -> Timed:
    """Book, or reload, until the time is over. Raises ScreeningError for a refusal."""
    timed, until = Timed(), time.perf_counter() + seconds
    address = f"/api/v1/services/{SERVICE}/slots"
    slots = json.loads(await _ask(port, b"GET %b HTTP/1.1\r\n" % address.encode()))["slots"]
    open_slots = [slot for slot in slots if slot["status"] == "open"]
    if not open_slots:
        raise ScreeningError("nothing is free to be booked")
    free = itertools.cycle(open_slots)
    get = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    requests: Iterator[bytes] = itertools.repeat(get)
    pace_s = CLIENTS / RELOADS_PER_S
    if what == "book":
        requests, pace_s = (_booking(next(free), key) for _ in itertools.count()), 0.0

    async def ask() -> None:
        async with connected(port) as (reader, writer):
            begun = time.perf_counter()
            while time.perf_counter() < until:
                asked = time.perf_counter()
                writer.write(next(requests))
                head, body = await answer_of(reader)
                timed.durations_ms.append(1000 * (time.perf_counter() - asked))
                if not head.startswith(b"HTTP/1.1 20"):
                    raise ScreeningError(f"{head[:15].decode()}{body[:200].decode()}")
                begun += pace_s
                await asyncio.sleep(max(0.0, begun - time.perf_counter()) if pace_s else 0.0)

    begun = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(CLIENTS)))
    timed.whole_s = time.perf_counter() - begun
    return timed


async def _ask(port: int, first: bytes) -> bytes:
    async with connected(port) as (reader, writer):
        writer.write(first + b"Host: 127.0.0.1\r\n\r\n")
        _, body = await answer_of(reader)
        return body


def _booking(slot: dict[str, Any], key: str) -> bytes:
    asked = {"service": SERVICE, "date": slot["date"], "start": slot["start"], "name": "Siti Bench"}
    body = json.dumps(asked)
    return (
        f"POST /api/v1/registrations HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\nIdempotency-Key: {secrets.token_hex(8)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def main() -> None:
    """Work, and tell; see the module's header."""
    port, what, key, seconds = sys.argv[1:]
    timed = asyncio.run(work(int(port), what, key, float(seconds)))
    told = {"s_per_second": round(timed.per_second, 1), "_p95_ms": p95(timed.durations_ms)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
