"""The socket that the office is served on."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard.server import config_of, listening_at
from dashboard.web.auth import SESSION_COOKIE, is_of_somebody_known
from screening.errors import ScreeningError
from screening.settings import WebSettings
from tests.dashboard.fakes import STATION_TOKEN, FakeOffice, open_session

ROOT = Path(__file__).parents[2]


def test_a_running_office_loads_no_study() -> None:
    program = (
        "import sys, dashboard.__main__, dashboard.server, dashboard.demo.director\n"
        "print(*(name for name in sys.modules if name.startswith('screening.studies')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_a_connection_waits_for_no_delayed_acknowledgement() -> None:
    with (
        listening_at(WebSettings(host="127.0.0.1", port=0)) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_port_is_told_before_anything_is_opened() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(ScreeningError, match=f"port {port}.*--port {port + 1}"),
            listening_at(WebSettings(host="127.0.0.1", port=port)),
        ):
            pass


def asked_by(web: WebSettings, *, peer: str, says: str) -> str:
    """The address that the application takes a request to come from."""
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])

    async def nothing(*_: object) -> Message:
        return {}

    config = config_of(app, web)
    config.load()
    headers = [(b"x-forwarded-for", says.encode())]
    scope = {"type": "http", "client": (peer, 1), "headers": headers, "scheme": "http"}
    asyncio.run(config.loaded_app(scope, nothing, nothing))
    return seen[0]


def test_nobody_is_believed_for_whom_they_speak() -> None:
    for peer in ("127.0.0.1", "10.0.0.7"):
        assert asked_by(WebSettings(), peer=peer, says="8.8.8.8") == peer


def test_the_site_s_proxies_are_believed_for_the_last_hop_only() -> None:
    web = WebSettings(proxies=("127.0.0.1", "10.0.0.0/24"))
    assert asked_by(web, peer="10.0.0.7", says="8.8.8.8") == "8.8.8.8"
    assert asked_by(web, peer="127.0.0.1", says="1.1.1.1, 8.8.8.8") == "8.8.8.8"
    assert asked_by(web, peer="10.0.1.7", says="8.8.8.8") == "10.0.1.7"


@pytest.mark.parametrize(
    ("header", "is_known"),
    [
        ((b"authorization", f"Bearer {STATION_TOKEN}".encode()), True),
        ((b"authorization", f"bearer  {STATION_TOKEN}".encode()), True),
        ((b"authorization", b"Bearer guessed"), False),
        ((b"authorization", b"Bearer"), False),
        ((b"authorization", f"Basic {STATION_TOKEN}".encode()), False),
        ((b"cookie", f"{SESSION_COOKIE}=guessed".encode()), False),
        ((b"cookie", b"\xff;;=;"), False),
        ((b"host", b"x"), False),
    ],
    ids=repr,
)
def test_who_is_known_is_told_from_memory(
    fake: FakeOffice, header: tuple[bytes, bytes], is_known: bool
) -> None:
    fake.office.known.refresh()
    assert is_of_somebody_known([header], fake.office.known) is is_known


def test_whoever_is_logged_in_is_known(fake: FakeOffice) -> None:
    cookie = f"a=b; {SESSION_COOKIE}={open_session(fake, 'budi')}".encode()
    fake.office.known.refresh()
    assert is_of_somebody_known([(b"cookie", cookie)], fake.office.known)
