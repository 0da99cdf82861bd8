"""The screens of ``gerbang bench --screens``: displays and phones' pages, open beside a gate.

``python -m dashboard.commands.bench_screens PORT SERVER KEY SECONDS DISPLAYS [PHONE ...]`` opens
them, calls some numbers while nothing else is done, says so, calls numbers for so long, and tells
as JSON how long each call took to reach them all. It does not share the interpreter of the server,
whose process is SERVER. PHONE is the path of a receipt's page.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.commands.bench_http import (
    CONFIGURATION,
    READY,
    Target,
    answer_of,
    beside,
    connected,
    p95,
    prepare,
    scan_all,
    served_by,
    settings_in,
)
from dashboard.storage import open_desk, open_links, open_record
from dashboard.web.auth import hash_token
from screening.accounts import Scope, SystemKey
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.office.changes import with_counter
from screening.settings import Settings

DISPLAYS = 200
"""In two languages, all of one room."""
PHONES = 100
"""Receipts' pages: each is loaded, follows its stream, and asks how the receipt stands whenever it
is told to, as the page's script does."""

SCANS, PACE_S = 100, 0.1
"""A station scans ten times a second, before and beside all else."""
BESIDE_S = SCANS * PACE_S + 1
CALLS_PER_S = 1.0
"""Sixteen counters call about four in five seconds."""
ALONE_S = 6.0
"""So long, and before that without a call, the server's processor time is looked at."""
SETTLED_MS = 200.0
"""Of processor time in a second: the server is done with what came before."""
COUNTER = "1"
MOST_CALL_MS = 250.0
"""95 of 100 screens show a call no later."""
SLOWER, SLOW_MS = 2.0, 50.0
"""A scan's p95 may double, and it may take so long anyhow."""

PATIENCE_S = 120.0
_CALLED = b'data-kind="called"'
"""In what a phone is sent once its number is called; before it stands among those who wait."""
_OPEN = "open"
"""What is said once the screens are open and beside them scans are measured."""
_MODULE = "dashboard.commands.bench_screens"


def measure_screens(
    folder: Path, *, told: Callable[[str], None], displays: int = DISPLAYS, phones: int = PHONES
) -> dict[str, float]:
    """How long a call takes to every screen, and a scan's p95 without and beside them (ms).

    Raises ScreeningError where something is not answered as it must be.
    """
    config = folder / "gerbang.toml"
    config.write_text(CONFIGURATION)
    token, key = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    settings = settings_in(folder, config)
    told("issuing receipts")
    codes = prepare(settings, token, 3 * SCANS)
    first = codes[:SCANS][::-1]  # as they are scanned, and so as they are called
    pages = _prepare_queue(settings, key, first[:phones])
    left = iter(codes)
    served = ["-m", "dashboard", "serve", "--config", str(config), "--data", str(folder / "data")]
    with served_by([*served, "--port", "0"], READY, {}) as (port, server):
        gate = Target(port, "/api/v1/gates/bench/scans", token)

        def scan() -> float:
            taken = list(itertools.islice(left, SCANS))
            return p95(asyncio.run(scan_all(gate, taken, clients=1, pace_s=PACE_S)).durations_ms)

        scan()  # the first ones also load, and wait to be called
        told("scans alone")
        found = {"scan_p95_alone_ms": scan()}
        told(f"calls to {displays + phones} screens beside scans")
        numbers = [str(one) for one in (port, server, key, BESIDE_S, displays)]
        with beside(["-m", _MODULE, *numbers, *pages], ready=_OPEN) as told_by:
            found["scan_p95_beside_screens_ms"] = scan()
            found |= told_by()
    return found


def too_slow(found: dict[str, float]) -> list[str]:
    """What falls short of what an office must bear."""
    limit_ms = max(SLOW_MS, SLOWER * found["scan_p95_alone_ms"])
    limits = {
        "call_p95_ms": MOST_CALL_MS,
        "phone_call_p95_ms": MOST_CALL_MS,
        "scan_p95_beside_screens_ms": limit_ms,
    }
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
    """Open streams, and when each of them showed which number (ms after it was called)."""

    def __init__(self, port: int, expected: int) -> None:
        self._port = port
        self._expected = expected
        self._open = 0
        self.all_open = asyncio.Event()
        self.called: dict[str, float] = {}
        self.delays_ms: list[float] = []
        self._seen: set[tuple[int, str]] = set()
        self._on_phones: list[tuple[float, bytes]] = []
        self.pages_ms: list[float] = []

    async def display(self, number: int) -> None:
        """Keep one open until it is cancelled."""
        async for now, event in self._events(_display(number)):
            for label, begun in self.called.items():
                if label.encode() in event and (number, label) not in self._seen:
                    self._seen.add((number, label))
                    self.delays_ms.append(1000 * (now - begun))

    async def phone(self, page: str) -> None:
        """Load a receipt's page and keep it open until it is cancelled."""
        await self._load(page)
        async for now, event in self._events(f"{page}?as=events"):
            if _CALLED in event:
                self._on_phones.append((now, event))
            if b"event: again" in event:
                await self._load(f"{page}?as=state")

    def phone_delays_ms(self) -> list[float]:
        """Of each number that a phone was told of, from the call to its own phone."""
        first = {
            label: min(
                (now for now, event in self._on_phones if label.encode() in event), default=0
            )
            for label in self.called
        }
        return [1000 * (now - self.called[label]) for label, now in first.items() if now]

    async def _events(self, path: str) -> AsyncIterator[tuple[float, bytes]]:
        async with connected(self._port) as (reader, writer):
            writer.write(_get(path, "text/event-stream"))
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise ScreeningError(f"{path} was answered {head[:15].decode()}")
            self._open += 1
            if self._open == self._expected:
                self.all_open.set()
            while True:
                event = await _event(reader)
                yield time.perf_counter(), event

    async def _load(self, path: str) -> None:
        begun = time.perf_counter()
        async with connected(self._port) as (reader, writer):
            writer.write(_get(path, "text/html"))
            head, _ = await answer_of(reader)
            if not head.startswith(b"HTTP/1.1 200"):
                raise ScreeningError(f"a receipt's page was answered {head[:15].decode()}")
        self.pages_ms.append(1000 * (time.perf_counter() - begun))


def _get(path: str, accepts: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accepts}\r\n\r\n".encode()


async def _event(reader: asyncio.StreamReader) -> bytes:
    """The next event, whole, out of the answer's chunks."""
    event = b""
    while not event.endswith(b"\n\n"):
        size = int(await reader.readuntil(b"\r\n"), 16)
        event += (await reader.readexactly(size + 2))[:-2]
    return event


async def call_numbers(
    port: int, server: int, key: str, seconds: float, displays: int, phones: Sequence[str]
) -> dict[str, float]:
    """Open the screens, call alone and then say so, and call for so long. Raises ScreeningError
    where nobody could be called or no screen showed a call."""
    screens = _Screens(port, displays + len(phones))
    opened = [screens.display(number) for number in range(displays)]
    opened += [screens.phone(page) for page in phones]
    tasks = [asyncio.create_task(one) for one in opened]
    try:
        async with asyncio.timeout(PATIENCE_S):
            await screens.all_open.wait()
            await _settled(server)
        alone_s = min(ALONE_S, seconds / 2)
        alone = await _processor_ms(server, asyncio.sleep(alone_s, 0))
        each = await _processor_ms(server, _call(port, key, alone_s, screens))
        print(_OPEN, flush=True)
        calls = await _call(port, key, seconds, screens)
        await asyncio.sleep(1)  # the last call may be on its way
    except TimeoutError as error:
        failed = [one.exception() for one in tasks if one.done() and not one.cancelled()]
        told = failed[0] if failed else f"not all were open and quiet after {PATIENCE_S:.0f} s"
        raise ScreeningError(f"the screens: {told}") from error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    missed = (each.calls + calls) * displays - len(screens.delays_ms)
    delays_ms = [*screens.delays_ms, *missed * [1000 / CALLS_PER_S]]  # the next one came before
    phone_delays_ms = screens.phone_delays_ms()
    if not phone_delays_ms or not screens.delays_ms:
        raise ScreeningError("no screen was told of a call")
    return {
        "screens": float(displays + len(phones)),
        "phones": float(len(phones)),
        "calls": float(calls),
        "server_ms_per_call": round((each.spent_ms - alone.spent_ms) / each.calls, 2),
        "call_p50_ms": round(sorted(delays_ms)[len(delays_ms) // 2], 2),
        "call_p95_ms": p95(delays_ms),
        "phone_call_p95_ms": p95(phone_delays_ms),
        "phone_page_p95_ms": p95(screens.pages_ms),
    }


def _display(number: int) -> str:
    return f"/display/utama/events?language={('id', 'en')[number % 2]}"


@dataclass(frozen=True)
class _Spent:
    calls: int
    spent_ms: float


async def _processor_ms(server: int, calling: Coroutine[Any, Any, int]) -> _Spent:
    """What the server's processor time was meanwhile, in all its threads."""
    begun_ms = _processor_time_ms(server)
    calls = await calling
    return _Spent(calls, _processor_time_ms(server) - begun_ms)


async def _settled(server: int) -> None:
    """What opening the screens began is done."""
    while (await _processor_ms(server, asyncio.sleep(1, 0))).spent_ms > SETTLED_MS:
        pass


def _processor_time_ms(process: int) -> float:
    """As Linux counts it, to a hundredth of a second."""
    _, _, after = Path(f"/proc/{process}/stat").read_text().rpartition(")")
    user, system = after.split()[11:13]
    return 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def _call(port: int, key: str, seconds: float, screens: _Screens) -> int:
    """How many were called."""
    until, calls = time.perf_counter() + seconds, 0
    async with connected(port) as (reader, writer):
        while time.perf_counter() < until:
            if screens.called:  # whoever was called stays on show until the next one is
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
    port, server, key, seconds, displays, *phones = sys.argv[1:]
    found = call_numbers(int(port), int(server), key, float(seconds), int(displays), phones)
    print(json.dumps(asyncio.run(found)))


if __name__ == "__main__":
    main()
