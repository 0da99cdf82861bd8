"""The siege of ``gerbang bench --siege``: strangers without a log-in, beside a station that scans.

``python -m dashboard.commands.bench_siege PORT ATTACK`` is one attack on a server of 127.0.0.1,
until the process is ended: attackers do not share the server's interpreter. ``… serve ARGUMENTS``
is ``gerbang serve`` with no more than 1024 open files.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import resource
import secrets
import ssl
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

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
from screening.clock import SystemClock
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
BEFORE, BEFORE_HANDSHAKES = "siege_before_p95_ms", "siege_tls_before_p95_ms"
_BEGUN = 100
"""Bytes of a handshake's first message, far from all, that come at once before it trickles."""
_FORM = "csrf_token=x&name={name}&password=guess"


def measure_siege(folder: Path, *, told: Callable[[str], None]) -> dict[str, float]:
    """The scan's p95 (ms) before and during each attack, by name.

    Raises ScreeningError where a scan is not answered.
    """
    plain, certified = folder / "gerbang.toml", folder / "certified.toml"
    plain.write_text(CONFIGURATION)
    certificate, key = self_signed(folder)
    certified.write_text(
        f'{CONFIGURATION}[web]\ntls_certificate = "{certificate}"\ntls_key = "{key}"\n'
    )
    trust = ssl.create_default_context(cafile=certificate)
    token = secrets.token_urlsafe(24)
    told("issuing receipts")
    codes = iter(prepare(settings_in(folder, plain), token, SCANS * (len(ATTACKS) + 4)))

    def scan(gate: Target) -> float:
        taken = list(itertools.islice(codes, SCANS))
        return p95(asyncio.run(scan_all(gate, taken, clients=1, pace_s=PACE_S)).durations_ms)

    found = {}
    for before, config, attacks in (
        (BEFORE, plain, OF_REQUESTS),
        (BEFORE_HANDSHAKES, certified, OF_HANDSHAKES),
    ):
        is_certified = config is certified
        served = ["-m", _MODULE, "serve", "--config", str(config), "--data", str(folder / "data")]
        ready = READY.replace("http:", "https:") if is_certified else READY
        with python_process([*served, "--port", "0"], ready, {}) as port:
            path = "/api/v1/gates/bench/scans"
            gate = Target(port, path, token, trust if is_certified else None)
            scan(gate)  # the first ones also load
            told("before the siege")
            found[before] = scan(gate)
            for name in attacks:
                told(name.replace("_", " "))
                with python_process(["-m", _MODULE, str(port), name], _BESIEGED, {}):
                    found[f"siege_{name}_p95_ms"] = scan(gate)
    return found | {"siege_scans_per_second": 1 / PACE_S}


def too_slow(found: dict[str, float]) -> list[str]:
    """The attacks under which a scan takes more than twice its time, and more than 50 ms."""
    return [
        name
        for before, attacks in ((BEFORE, OF_REQUESTS), (BEFORE_HANDSHAKES, OF_HANDSHAKES))
        for name in attacks
        if (during := found.get(f"siege_{name}_p95_ms")) is not None
        and during > max(SLOW_MS, SLOWER * found[before])
    ]


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key, as PEM files, for two days.

    RSA, since that costs a handshake more than an elliptic curve.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gerbang bench")])
    now, address = SystemClock().now(), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "site.pem", folder / "site.key"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


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


@cache
def client_hello() -> bytes:
    """What a client begins a TLS handshake with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    said = ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), said, server_hostname="gerbang").do_handshake()
    return said.read()


async def _shake_hands(port: int, *, stays: bool) -> None:
    """Begin a handshake and let the server sign; then keep silent until it closes, or go and come
    again, in step with the other connections."""
    loop = asyncio.get_running_loop()
    while True:
        begun_s = loop.time()
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(client_hello())
                await reader.read(-1 if stays else 1)
            finally:
                writer.transport.abort()
        pause_s = FLOOD_CONNECTIONS / FLOOD_PER_S - (loop.time() - begun_s)
        await asyncio.sleep(max(0.05, pause_s))


_SLOW = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
)
_ENDLESS = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
_STREAM = b"GET /kiosk/bench/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
_HEADERS = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_CHUNK = b"2000\r\n" + b"a" * 0x2000 + b"\r\n"

_Attacks = dict[str, tuple[int, Callable[[int], Coroutine[None, None, None]]]]
"""Each with how many do it at once, and what one of them does for ever."""

OF_REQUESTS: _Attacks = {
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
OF_HANDSHAKES: _Attacks = {
    "silent_handshakes": (CONNECTIONS, lambda port: _keep(port, b"")),
    "unfinished_handshakes": (CONNECTIONS, lambda port: _shake_hands(port, stays=True)),
    "trickled_handshakes": (CONNECTIONS, lambda port: _keep(port, client_hello()[:_BEGUN], b"\0")),
    "repeated_handshakes": (FLOOD_CONNECTIONS, lambda port: _shake_hands(port, stays=False)),
}
"""Of an office with a certificate."""
ATTACKS = OF_REQUESTS | OF_HANDSHAKES


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
