"""The screens of ``gerbang bench --screens``: displays and phones that are open, beside a gate.

``python -m dashboard.commands.bench_screens PORT KEY SECONDS [PHONE ...]`` opens them, calls
numbers for so long, and tells as JSON how long each call took to reach them all. It does not share
the server's interpreter. PHONE is the path of a receipt's page.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dashboard.commands.bench_http import (
    CONFIGURATION,
    READY,
    Target,
    answer_of,
    beside,
    connected,
    p95,
    prepare,
    python_process,
    scan_all,
    settings_in,
)
from dashboard.storage import open_desk, open_links, open_record
from dashboard.web.auth import hash_token
from screening.accounts import Scope, SystemKey
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.office.changes import with_counter
from screening.settings import Settings

SCREENS = 200
"""That are open: one half displays in two languages, one half phones, where a receipt's page has
a stream; displays in their place where it has none."""

SCANS, PACE_S = 100, 0.1
"""A station scans ten times a second, before and beside all else."""
BESIDE_S = SCANS * PACE_S + 1
CALLS_PER_S = 2.0
COUNTER = "1"
MOST_CALL_MS = 250.0
"""95 of 100 screens show a call no later."""
SLOWER, SLOW_MS = 2.0, 50.0
"""A scan's p95 may double, and it may take so long anyhow."""

PATIENCE_S = 30.0
_MODULE = "dashboard.commands.bench_screens"


def measure_screens(folder: Path, *, told: Callable[[str], None]) -> dict[str, float]:
    """How long a call takes to every screen, and a scan's p95 without and beside them (ms).

    Raises ScreeningError where something is not answered as it must be.
    """
    config = folder / "gerbang.toml"
    config.write_text(CONFIGURATION)
    token, key = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    settings = settings_in(folder, config)
    told("issuing receipts")
    codes = prepare(settings, token, 3 * SCANS)
    phones = _prepare_queue(settings, key, codes[: SCREENS // 2])
    left = iter(codes)
    served = ["-m", "dashboard", "serve", "--config", str(config), "--data", str(folder / "data")]
    with python_process([*served, "--port", "0"], READY, {}) as port:
        gate = Target(port, "/api/v1/gates/bench/scans", token)

        def scan() -> float:
            taken = list(itertools.islice(left, SCANS))
            return p95(asyncio.run(scan_all(gate, taken, clients=1, pace_s=PACE_S)).durations_ms)

        scan()  # the first ones also load, and wait to be called
        told("scans alone")
        found = {"scan_p95_alone_ms": scan()}
        told(f"calls to {SCREENS} screens beside scans")
        arguments = ["-m", _MODULE, str(port), key, str(BESIDE_S), *phones]
        with beside(arguments) as told_by:
            found["scan_p95_beside_screens_ms"] = scan()
            found |= told_by()
    return found


def too_slow(found: dict[str, float]) -> list[str]:
    """What falls short of what an office must bear."""
    limit_ms = max(SLOW_MS, SLOWER * found["scan_p95_alone_ms"])
    limits = {"call_p95_ms": MOST_CALL_MS, "scan_p95_beside_screens_ms": limit_ms}
    return [name for name, limit in limits.items() if found[name] > limit]


def _prepare_queue(settings: Settings, key: str, codes: Sequence[str]) -> list[str]:
    """A counter, a key that calls there, and the pages of receipts."""
    now = SystemClock().now()
    with open_record(settings) as record:
        record.facts.change(with_counter(COUNTER, {}), operator="bench", at=now)
        system = SystemKey(
            name="bench",
            scopes=frozenset({Scope.QUEUE}),
            key_hash=hash_token(key),
            created_at=now,
        )
        record.accounts.add_key(system, operator="bench")
        links, desk = open_links(settings, record), open_desk(settings, record)
        claims = [desk.examine(code).claims for code in codes]
        return [links.path(one) for one in claims if one is not None]


class _Screens:
    """Open streams, and when each of them showed which number."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open = 0
        self.all_open = asyncio.Event()
        self.phones = 0
        self.called: dict[str, float] = {}
        self.delays_ms: list[float] = []

    async def follow(self, path: str, *, is_phone: bool) -> bool:
        """Keep one open until it is cancelled; False where there is no such stream."""
        async with connected(self._port) as (reader, writer):
            request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                return False
            self._open += 1
            if self._open == SCREENS:
                self.all_open.set()
            self.phones += is_phone
            seen: set[str] = set()
            while True:
                event = await _event(reader)
                now = time.perf_counter()
                for label, begun in self.called.items():
                    if label not in seen and label.encode() in event:
                        seen.add(label)
                        self.delays_ms.append(1000 * (now - begun))


async def _event(reader: asyncio.StreamReader) -> bytes:
    """The next event, whole, out of the answer's chunks."""
    event = b""
    while not event.endswith(b"\n\n"):
        size = int(await reader.readuntil(b"\r\n"), 16)
        event += (await reader.readexactly(size + 2))[:-2]
    return event


async def call_numbers(
    port: int, key: str, seconds: float, phones: Sequence[str]
) -> dict[str, float]:
    """Open the screens, and call for so long. Raises ScreeningError where nobody could be called
    or a screen showed no call."""
    screens, tasks = _Screens(port), []
    for number in range(SCREENS):
        is_phone = number < len(phones)
        path = f"{phones[number]}/events" if is_phone else _display(number)
        tasks.append(asyncio.create_task(_open(screens, path, number, is_phone=is_phone)))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await screens.all_open.wait()
        calls = await _call(port, key, seconds, screens)
        await asyncio.sleep(1)  # the last call may be on its way
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    expected = calls * (SCREENS - screens.phones)
    if len(screens.delays_ms) < expected:
        raise ScreeningError(f"{len(screens.delays_ms)} of {expected} calls were shown")
    return {
        "screens": float(SCREENS),
        "phones": float(screens.phones),
        "calls": float(calls),
        "call_p50_ms": round(sorted(screens.delays_ms)[len(screens.delays_ms) // 2], 2),
        "call_p95_ms": p95(screens.delays_ms),
    }


def _display(number: int) -> str:
    return f"/display/utama/events?language={('id', 'en')[number % 2]}"


async def _open(screens: _Screens, path: str, number: int, *, is_phone: bool) -> None:
    if not await screens.follow(path, is_phone=is_phone) and is_phone:
        await screens.follow(_display(number), is_phone=False)


async def _call(port: int, key: str, seconds: float, screens: _Screens) -> int:
    """How many were called, two a second."""
    until, calls = time.perf_counter() + seconds, 0
    async with connected(port) as (reader, writer):
        while time.perf_counter() < until:
            if calls:  # whoever was called stays on show until the next one is
                writer.write(_request(key, "done"))
                await answer_of(reader)
            begun = time.perf_counter()
            writer.write(_request(key, "next"))
            head, body = await answer_of(reader)
            if not head.startswith(b"HTTP/1.1 200"):
                raise ScreeningError(f"a call was answered {head[:15].decode()}")
            screens.called[json.loads(body)["ticket"]] = begun
            calls += 1
            await asyncio.sleep(max(0.0, 1 / CALLS_PER_S - (time.perf_counter() - begun)))
    return calls


def _request(key: str, act: str) -> bytes:
    body = b"{}" if act == "done" else b""
    return (
        f"POST /api/v1/counters/{COUNTER}/{act} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\nIdempotency-Key: {secrets.token_hex(8)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def main() -> None:
    """Open, call, and tell; see the module's header."""
    port, key, seconds, *phones = sys.argv[1:]
    print(json.dumps(asyncio.run(call_numbers(int(port), key, float(seconds), phones))))


if __name__ == "__main__":
    main()
