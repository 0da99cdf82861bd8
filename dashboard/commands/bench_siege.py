"""The siege of ``gerbang bench --siege``: strangers without a log-in, beside a station that scans.

``python -m dashboard.commands.bench_siege PORT ATTACK`` is one attack on a server of 127.0.0.1,
until the process is ended: attackers do not share the server's interpreter. ``… serve ARGUMENTS``
is ``gerbang serve`` with no more than 1024 open files.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import secrets
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path

from dashboard.commands.bench_http import (
    CONFIGURATION,
    READY,
    Target,
    p95,
    prepare,
    python_process,
    scan_all,
    settings_in,
)
from screening.receipts.links import link_key
from screening.receipts.number import new_number

SCANS, PACE_S = 80, 0.1
"""A station scans ten times a second, before and during each attack."""
CONNECTIONS = 1100
"""That are opened and kept silent, or opened again when they are closed; more than the server may
have."""
STREAMS = 500
FLOOD_CONNECTIONS = 20
FLOOD_PER_S = 200
"""Requests a second of a flood, from all its connections together."""
SLOWER, SLOW_MS = 2.0, 50.0
"""A scan's p95 may double, and it may take so long anyhow."""

_OPEN_FILES = 1024
_MODULE = "dashboard.commands.bench_siege"
_BESIEGED = "besieged "
_FORM = "csrf_token=x&name={name}&password=guess"


def measure_siege(folder: Path, *, told: Callable[[str], None]) -> dict[str, float]:
    """The scan's p95 (ms) before and during each attack, by name.

    Raises ScreeningError where a scan is not answered.
    """
    config = folder / "gerbang.toml"
    config.write_text(CONFIGURATION)
    token = secrets.token_urlsafe(24)
    told("issuing receipts")
    codes = iter(prepare(settings_in(folder, config), token, SCANS * (len(ATTACKS) + 2)))
    served = ["-m", _MODULE, "serve", "--config", str(config), "--data", str(folder / "data")]
    with python_process([*served, "--port", "0"], READY, {}) as port:
        gate = Target(port, "/api/v1/gates/bench/scans", token)

        def scan() -> float:
            taken = list(itertools.islice(codes, SCANS))
            timed = asyncio.run(scan_all(gate, taken, clients=1, pace_s=PACE_S))
            return p95(timed.durations_ms)

        scan()  # the first ones also load
        told("before the siege")
        found = {"siege_before_p95_ms": scan()}
        for name in ATTACKS:
            told(name.replace("_", " "))
            with python_process(["-m", _MODULE, str(port), name], _BESIEGED, {}):
                found[f"siege_{name}_p95_ms"] = scan()
    return found | {"siege_scans_per_second": 1 / PACE_S}


def too_slow(found: dict[str, float]) -> list[str]:
    """The attacks under which a scan takes more than twice its time, and more than 50 ms."""
    limit_ms = max(SLOW_MS, SLOWER * found["siege_before_p95_ms"])
    return [
        name
        for name in ATTACKS
        if (during := found.get(f"siege_{name}_p95_ms")) is not None and during > limit_ms
    ]


async def _keep(port: int, first: bytes, then: bytes = b"") -> None:
    """One connection that sends ``first``, then ``then`` each second, and takes next to nothing;
    a new one when it was closed."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
            try:
                writer.write(first)
                while not (reader.at_eof() or writer.is_closing()):
                    await asyncio.sleep(1)
                    writer.write(then)
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.1)


async def _flood(port: int, request: Callable[[], bytes]) -> None:
    """One request after the other on one connection, in step with the other connections."""
    loop = asyncio.get_running_loop()
    while True:
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while True:
                    begun_s = loop.time()
                    writer.write(request())
                    head = await reader.readuntil(b"\r\n\r\n")
                    _, _, after = head.lower().partition(b"content-length:")
                    await reader.readexactly(int(after.split(b"\r\n", 1)[0]))
                    pause_s = FLOOD_CONNECTIONS / FLOOD_PER_S - (loop.time() - begun_s)
                    await asyncio.sleep(max(0.0, pause_s))
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.05)


def _log_in(*, forged: bool) -> bytes:
    """A wrong password for the same account, or each time for another and from elsewhere."""
    name = secrets.token_hex(4) if forged else "budi"
    body = _FORM.format(name=name)
    more = f"X-Forwarded-For: 10.{'.'.join(str(byte) for byte in secrets.token_bytes(3))}\r\n"
    return (
        "POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: gerbang_form=x\r\n"
        f"{more if forged else ''}Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _receipt() -> bytes:
    key = link_key(secrets.token_bytes(32), secrets.token_bytes(16))
    return f"GET /r/{new_number()}/{key} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


_RELOADS = itertools.cycle(
    f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    for path in (
        "/",
        "/now",
        "/sign",
        "/badge.svg",
        "/api/v1/queue-monitor",
        "/api/v1/services/KK/slots",
    )
)

_SLOW = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
)
_ENDLESS = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
_STREAM = b"GET /kiosk/bench/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_HEADERS = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_CHUNK = b"2000\r\n" + b"a" * 0x2000 + b"\r\n"

ATTACKS: dict[str, tuple[int, Callable[[int], Coroutine[None, None, None]]]] = {
    "silent_connections": (CONNECTIONS, lambda port: _keep(port, b"")),
    "unfinished_headers": (CONNECTIONS, lambda port: _keep(port, _HEADERS, b"X: y\r\n")),
    "slow_bodies": (CONNECTIONS, lambda port: _keep(port, _SLOW, b"a")),
    "endless_bodies": (FLOOD_CONNECTIONS, lambda port: _keep(port, _ENDLESS, 20 * _CHUNK)),
    "unread_streams": (STREAMS, lambda port: _keep(port, _STREAM)),
    "log_ins": (FLOOD_CONNECTIONS, lambda port: _flood(port, lambda: _log_in(forged=False))),
    "forged_log_ins": (FLOOD_CONNECTIONS, lambda port: _flood(port, lambda: _log_in(forged=True))),
    "guessed_receipts": (FLOOD_CONNECTIONS, lambda port: _flood(port, _receipt)),
    "reloads": (FLOOD_CONNECTIONS, lambda port: _flood(port, lambda: next(_RELOADS))),
}
"""Each with how many do it at once, and what one of them does for ever."""


async def attack(port: int, name: str) -> None:
    """Do it until the process is ended."""
    number, act = ATTACKS[name]
    async with asyncio.TaskGroup() as group:
        for count in range(number):
            group.create_task(act(port))
            if count % 50 == 0:
                await asyncio.sleep(0.01)
        print(f"{_BESIEGED}{port}", flush=True)


def main() -> None:
    """Serve, or attack; see the module's header."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if sys.argv[1] == "serve":
        resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
        from dashboard.__main__ import run

        sys.exit(run(sys.argv[1:]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(attack(int(sys.argv[1]), sys.argv[2]))


if __name__ == "__main__":
    main()
