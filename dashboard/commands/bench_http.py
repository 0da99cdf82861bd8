"""The gate over real HTTP, beside a floor in the same run: a server in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import text

from dashboard.commands.bench_floor import READY as FLOOR_READY
from dashboard.commands.shared import UsageError
from dashboard.storage import open_desk, open_record
from dashboard.web.auth import hash_token
from drivers.simulated.portrait import draw_visitor
from screening.accounts import Gate
from screening.clock import SystemClock
from screening.decision import Check, DecisionKind, Reason
from screening.errors import RecordError, ScreeningError
from screening.record.engine import make_engine, translated
from screening.settings import Settings, load_settings
from screening.vision.annotate import to_jpeg
from screening.visits import Attempt

READY = "Gerbang answers at http://127.0.0.1:"
ROUNDS = 3
SINGLE, TOGETHER = 200, 800
"""Scans of one round by one client, and by eight."""
CLIENTS = 8
PACED, PACE_S = 100, 0.1
"""Scans at ten a second, with and without pictures being judged."""
CAMERA_GATES = ("camera-1", "camera-2")
"""Each shows five pictures a second."""

PATIENCE_S = 30
"""So long may the cameras' first pictures take."""

_OK = b'"status":"ok"'
_JUDGED = re.compile(rb"^gerbang_pictures_judged_total\S* (\d+)", re.MULTILINE)
_PROGRAM = Path(__file__).parents[2]
"""The servers are this very program, whatever else is installed."""

CONFIGURATION = """
[room]
capacity = 100000
[[gates]]
name = "bench"
checks = ["receipt"]
"""


@dataclass
class Timed:
    """Durations of requests (ms) and how long all of them took (s)."""

    durations_ms: list[float] = field(default_factory=list)
    whole_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.durations_ms) / self.whole_s


@dataclass(frozen=True)
class Target:
    """Where scans go to; over TLS where a server's certificate is to be trusted."""

    port: int
    path: str
    token: str = ""
    trust: ssl.SSLContext | None = None

    @property
    def head(self) -> bytes:
        """A request up to the length of its body."""
        return (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {self.token}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()


@contextmanager
def own_configuration() -> Iterator[None]:
    """What the environment configures is of another office: meanwhile it is not set."""
    set_aside = {name: value for name, value in os.environ.items() if name.startswith("GERBANG_")}
    for name in set_aside:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(set_aside)


@contextmanager
def empty_postgresql(url: str) -> Iterator[None]:
    """A database that the bench may fill, and that it leaves empty. Raises ScreeningError."""
    if not url.startswith("postgres"):
        raise UsageError("--postgresql wants the URL of a PostgreSQL database")
    engine = make_engine(url)
    tables = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    try:
        with translated(RecordError), engine.connect() as connection:
            if connection.scalars(tables).first() is not None:
                raise ScreeningError("the bench needs an empty database, and this one has tables")
        try:
            yield
        finally:
            with translated(RecordError), engine.begin() as connection:
                for table in connection.scalars(tables).all():
                    connection.execute(text(f'DROP TABLE "{table}" CASCADE'))
    finally:
        engine.dispose()


def measure_http(
    folder: Path, *, postgresql: str | None, told: Callable[[str], None]
) -> dict[str, float]:
    """Figures of one database, by name. Raises ScreeningError where a server does not start."""
    config = folder / "gerbang.toml"
    config.write_text(CONFIGURATION)
    environment = {} if postgresql is None else {"GERBANG_DATABASE_URL": postgresql}
    scans = ROUNDS * (SINGLE + TOGETHER) + PACED
    settings = settings_in(folder, config, postgresql)
    token = secrets.token_urlsafe(24)
    told("issuing receipts")
    codes = prepare(settings, token, scans + PACED)
    statements = count_statements(settings)
    arguments = ["serve", "--config", str(config), "--data", str(folder / "data")]
    measured, floored = _Rounds(), _Rounds()
    with _served(arguments, environment) as port, _floor(folder, environment) as floor_port:
        gate = Target(port, "/api/v1/gates/bench/scans", token)
        floor = Target(floor_port, "/scans")
        for number in range(ROUNDS):
            told(f"scans over HTTP, round {number + 1} of {ROUNDS}")
            for count, clients, of_floor, of_gate in (
                (SINGLE, 1, floored.single, measured.single),
                (TOGETHER, CLIENTS, floored.together, measured.together),
            ):
                taken = _some(codes, count)
                of_floor.append(asyncio.run(scan_all(floor, taken, clients=clients)))
                of_gate.append(asyncio.run(scan_all(gate, taken, clients=clients)))
        told("scans at ten a second")
        alone = asyncio.run(scan_all(gate, _some(codes, PACED), clients=1, pace_s=PACE_S))
    pictures = folder / "pictures"
    _draw_pictures(pictures)
    with config.open("a") as file:
        for name in CAMERA_GATES:
            file.write(
                f'[[gates]]\nname = "{name}"\nchecks = ["mask"]\n'
                f'[gates.camera]\nsource = "{pictures}"\n'
            )
    with _served(arguments, environment) as port:
        told("the same beside the mask check")
        gate = Target(port, "/api/v1/gates/bench/scans", token)
        asyncio.run(_wait_for_pictures(port))
        judged, begun = asyncio.run(pictures_judged(port)), time.perf_counter()
        beside = asyncio.run(scan_all(gate, _some(codes, PACED), clients=1, pace_s=PACE_S))
        judged = asyncio.run(pictures_judged(port)) - judged
        pictures_per_second = judged / (time.perf_counter() - begun)
    return {
        "http_scan_p50_ms": measured.p50_ms,
        "http_scan_p95_ms": measured.p95_ms,
        "http_scans_per_second": measured.per_second,
        "bare_scan_p50_ms": floored.p50_ms,
        "bare_scans_per_second": floored.per_second,
        **statements,
        "http_scan_p95_at_10_ms": p95(alone.durations_ms),
        "http_scan_p95_beside_pictures_ms": p95(beside.durations_ms),
        "pictures_beside_per_second": round(pictures_per_second, 1),
    }


@dataclass
class _Rounds:
    single: list[Timed] = field(default_factory=list)
    together: list[Timed] = field(default_factory=list)

    @property
    def p50_ms(self) -> float:
        """The median of the rounds' medians."""
        return round(
            statistics.median(statistics.median(one.durations_ms) for one in self.single), 2
        )

    @property
    def p95_ms(self) -> float:
        return round(statistics.median(p95(one.durations_ms) for one in self.single), 2)

    @property
    def per_second(self) -> float:
        return round(statistics.median(one.per_second for one in self.together), 1)


async def scan_all(
    target: Target, codes: Sequence[str], *, clients: int, pace_s: float = 0.0
) -> Timed:
    """Show every code once, each client on one kept-alive connection.

    With ``pace_s`` a scan begins so many seconds after the one before, or as soon as it can.
    Raises ScreeningError for any other answer than one that lets in: a refusal is quicker.
    """
    left, timed = list(codes), Timed()
    begun = time.perf_counter()
    await asyncio.gather(*(_client(target, left, timed, pace_s) for _ in range(clients)))
    timed.whole_s = time.perf_counter() - begun
    return timed


async def _client(target: Target, codes: list[str], timed: Timed, pace_s: float) -> None:
    async with connected(target.port, target.trust) as (reader, writer):
        head, begun = target.head, time.perf_counter()
        while codes:
            if pace_s:
                begun += pace_s
                await asyncio.sleep(max(0.0, begun - time.perf_counter()))
            body = json.dumps({"code": codes.pop(), "nonce": secrets.token_hex(8)}).encode()
            asked = time.perf_counter()
            writer.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
            head_of_answer, answered = await answer_of(reader)
            timed.durations_ms.append(1000 * (time.perf_counter() - asked))
            if not head_of_answer.startswith(b"HTTP/1.1 200") or _OK not in answered:
                told = (head_of_answer[:15] + answered[:200]).decode(errors="replace")
                raise ScreeningError(f"a scan was answered {told}")


@asynccontextmanager
async def connected(
    port: int, trust: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to this machine's server that waits for nothing before it sends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trust)
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def answer_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of the next one."""
    head = await reader.readuntil(b"\r\n\r\n")
    _, _, after = head.lower().partition(b"content-length:")
    return head, await reader.readexactly(int(after.split(b"\r\n", 1)[0]))


async def pictures_judged(port: int) -> int:
    """How many the mask check of that server has looked at so far, by its own metrics."""
    async with connected(port) as (reader, writer):
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        _, metrics = await answer_of(reader)
    return sum(int(count) for count in _JUDGED.findall(metrics))


async def _wait_for_pictures(port: int) -> None:
    """The first pictures also load the networks, which is no part of what is measured."""
    for _ in range(PATIENCE_S):
        if await pictures_judged(port) >= 5 * len(CAMERA_GATES):
            return
        await asyncio.sleep(1)
    raise ScreeningError("the bench's cameras show no pictures")


def count_statements(settings: Settings) -> dict[str, float]:
    """SQL statements of one admission and of one refusal, less BEGIN, COMMIT and SAVEPOINT.

    The second of each is counted: the first one of a process also reads what it keeps in memory.
    """
    with open_record(settings) as record:
        desk = open_desk(settings, record)
        counts = {}
        for name, decision, reason in (
            ("statements_per_admission", DecisionKind.ADMIT, Reason.ADMITTED),
            ("statements_per_refusal", DecisionKind.DENY, Reason.EXPIRED),
        ):
            for _ in range(2):
                code = desk.issue("KTP", "Bench", issued_on=_yesterday(settings)).token
                with record.counting_statements() as counted:
                    claims = desk.examine(code).claims
                    record.visits.write(
                        Attempt(
                            attempt_id=secrets.token_hex(16),
                            gate="bench",
                            at=SystemClock().now(),
                            decision=decision,
                            reason=reason,
                            nonce=secrets.token_hex(8),
                            receipt=claims,
                        )
                    )
                counts[name] = float(counted())
        return counts


def settings_in(folder: Path, config: Path, postgresql: str | None = None) -> Settings:
    """Of an office in that folder."""
    more = {} if postgresql is None else {"database_url": postgresql}
    return load_settings(config, data=folder / "data", **more)


def prepare(settings: Settings, token: str, count: int) -> list[str]:
    """A gate whose station has that token, and the codes of so many receipts that are good."""
    with open_record(settings) as record:
        record.accounts.add_gate(Gate("bench", frozenset({Check.RECEIPT}), hash_token(token)))
        desk = open_desk(settings, record)
        issued = desk.issue_many("KTP", "Bench", count=count, issued_on=_yesterday(settings))
        return [receipt.token for receipt in issued]


def _yesterday(settings: Settings) -> date:
    return SystemClock().now().astimezone(settings.site.zone).date() - timedelta(days=1)


def _some(codes: list[str], count: int) -> list[str]:
    taken = codes[:count]
    del codes[:count]
    return taken


def p95(durations_ms: list[float]) -> float:
    """95 of 100 are not longer."""
    return round(statistics.quantiles(durations_ms, n=20)[18], 2)


def _draw_pictures(folder: Path) -> None:
    folder.mkdir()
    rng = np.random.default_rng(1)
    for number in range(10):
        (folder / f"{number}.jpg").write_bytes(to_jpeg(draw_visitor("mask", rng=rng)))


@contextmanager
def _served(arguments: list[str], environment: dict[str, str]) -> Iterator[int]:
    with python_process(["-m", "dashboard", *arguments, "--port", "0"], READY, environment) as port:
        yield port


@contextmanager
def _floor(folder: Path, environment: dict[str, str]) -> Iterator[int]:
    arguments = ["-m", "dashboard.commands.bench_floor", str(folder)]
    with python_process(arguments, FLOOR_READY, environment) as port:
        yield port


@contextmanager
def python_process(arguments: list[str], ready: str, environment: dict[str, str]) -> Iterator[int]:
    """A Python process, by the port that it says it serves."""
    with served_by(arguments, ready, environment) as (port, _):
        yield port


@contextmanager
def served_by(
    arguments: list[str], ready: str, environment: dict[str, str]
) -> Iterator[tuple[int, int]]:
    """A Python process, by the port that it says it serves and by its number."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment, "PYTHONPATH": str(_PROGRAM), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    # Whatever it says later is read as well: a full pipe would hold the server up.
    drain = threading.Thread(target=deque, args=(process.stdout, 0), daemon=True)
    said: deque[str] = deque(maxlen=3)
    try:
        for line in process.stdout:
            said.append(line.strip())
            if line.startswith(ready):
                drain.start()
                yield int(line.removeprefix(ready)), process.pid
                return
        raise ScreeningError(f"the bench's server did not start: {' '.join(said)}")
    finally:
        process.terminate()
        process.wait()
        if drain.is_alive():
            drain.join()
        process.stdout.close()


@contextmanager
def beside(arguments: list[str], *, ready: str = "") -> Iterator[Callable[[], dict[str, float]]]:
    """Another process works meanwhile; what comes is called afterwards and tells what it did.

    Where it says ``ready`` once it has begun, that is waited for. It raises ScreeningError where
    that process failed.
    """
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:

        def told() -> dict[str, float]:
            out, err = process.communicate()
            if process.returncode:
                why = err.strip().splitlines()[-1:]
                raise ScreeningError(f"the bench's clients failed: {''.join(why)}")
            found: dict[str, float] = json.loads(out)
            return found

        try:
            if ready and process.stdout is not None and process.stdout.readline().strip() != ready:
                told()
            yield told
        finally:
            process.kill()
