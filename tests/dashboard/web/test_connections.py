"""Silent, slow and greedy connections go; those of stations and of log-ins stay."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Protocol

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from dashboard.commands.bench_siege import client_hello, self_signed
from dashboard.web.connections import (
    FEWEST_ALLOWED,
    HEAD_LIMIT,
    Connection,
    Door,
    Headers,
    Limits,
    OncePerBurst,
    raise_descriptor_limit,
)
from dashboard.web.headers import BODY_LIMIT, WholeBody

pytestmark = pytest.mark.anyio

PATIENCE_S = 30
"""Far longer than anything here takes, also on a busy machine."""
KNOWN = b"Authorization: Bearer known\r\n"
QUICK = Limits(head_s=0.2, look_s=0.02, closing_s=0.2, unread_s=0.2)
FEW = Limits(connections=FEWEST_ALLOWED, share_of_an_address=1.0)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that the office runs on."""
    return "asyncio", {"use_uvloop": True}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once; an address that ends with /events, never to the end."""
    if scope["type"] == "lifespan":
        return
    is_stream = scope["path"].endswith("/events")
    length = [] if is_stream else [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": b"ok", "more_body": is_stream})
    while is_stream and (await receive())["type"] != "http.disconnect":
        pass


def knows(headers: Headers) -> bool:
    return (b"authorization", b"Bearer known") in headers


class Visitor:
    """One connection from outside."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def ask(self, path: bytes = b"/", more: bytes = b"") -> bytes:
        """Ask and wait until the answer begins."""
        self.send(b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n" % (path, more))
        return await asyncio.wait_for(self.reader.readuntil(b"ok"), PATIENCE_S)

    async def rest(self) -> bytes:
        """What came until the connection was closed."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE_S)
        except ConnectionResetError:
            return b""

    async def is_open(self) -> bool:
        """Whether another request is answered."""
        try:
            return b"200" in await self.ask()
        except (OSError, asyncio.IncompleteReadError):
            return False


class Come(Protocol):
    """A way to come to a door, over TLS where its certificate is to be trusted."""

    def __call__(self, trust: ssl.SSLContext | None = None) -> Awaitable[Visitor]: ...


@asynccontextmanager
async def a_door(
    limits: Limits = QUICK,
    *,
    app: ASGIApp = application,
    descriptors: int = 4096,
    tls: ssl.SSLContext | None = None,
    kept_s: int = 5,
) -> AsyncIterator[tuple[Door, Come]]:
    """A door on a free port, and a way to come to it."""
    config = uvicorn.Config(
        app, http=Connection, log_config=None, access_log=False, timeout_keep_alive=kept_s
    )
    config.load()
    state = ServerState()
    visitors: list[Visitor] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        door = Door(
            listening,
            lambda: Connection(config, state, {}),
            knows=knows,
            descriptors=descriptors,
            limits=limits,
            tls=tls,
        )

        async def come(trust: ssl.SSLContext | None = None) -> Visitor:
            address = listening.getsockname()
            visitor = Visitor(*await asyncio.open_connection(*address, ssl=trust))
            visitors.append(visitor)
            return visitor

        try:
            yield door, come
        finally:
            door.close()
            for visitor in visitors:
                visitor.writer.transport.abort()
            await number_is(door, 0)


async def number_is(door: Door, number: int) -> None:
    """Wait until the door counts so many."""
    async with asyncio.timeout(PATIENCE_S):
        while door.number != number:  # noqa: ASYNC110 - the door tells nobody
            await asyncio.sleep(0.01)


async def test_a_silent_connection_is_closed() -> None:
    async with a_door() as (door, come):
        visitor = await come()
        assert await visitor.rest() == b""
        await number_is(door, 0)


@pytest.mark.parametrize("begun", [b"G", b"GET / HTTP/1.1\r\nHost: x\r\n"], ids=["byte", "headers"])
async def test_unfinished_headers_are_told_and_closed(begun: bytes) -> None:
    async with a_door() as (_, come):
        visitor = await come()
        visitor.send(begun)
        assert (await visitor.rest()).startswith(b"HTTP/1.1 408 ")


async def test_headers_that_drip_after_an_answer_are_closed_too() -> None:
    async with a_door() as (_, come):
        visitor = await come()
        await visitor.ask()
        visitor.send(b"GET /")
        assert (await visitor.rest()).startswith(b"HTTP/1.1 408 ")


async def test_headers_without_an_end_are_refused() -> None:
    async with a_door(Limits()) as (_, come):
        visitor = await come()
        visitor.send(b"GET / HTTP/1.1\r\nX: " + b"a" * (HEAD_LIMIT + 1))
        assert (await visitor.rest()).startswith(b"HTTP/1.1 431 ")


async def test_a_stream_may_be_silent() -> None:
    async with a_door() as (door, come):
        watcher, silent = await come(), await come()
        await watcher.ask(b"/events")
        assert await silent.rest() == b""
        assert door.number == 1


async def test_requests_sent_far_ahead_are_cut_off() -> None:
    async with a_door(Limits()) as (_, come):
        visitor = await come()
        visitor.send(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        await visitor.rest()


async def test_an_answer_that_nobody_takes_is_thrown_away() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(10_000):
                await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})

    async with a_door(app=endless) as (door, come):
        visitor = await come()
        visitor.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await number_is(door, 1)
        visitor.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await number_is(door, 0)


class TestAFullDoor:
    async def test_lets_the_next_one_in_and_drops_who_keeps_silent(self) -> None:
        async with a_door(FEW) as (door, come):
            silent = [await come() for _ in range(FEWEST_ALLOWED)]
            await number_is(door, FEWEST_ALLOWED)
            station = await come()
            assert await station.is_open()
            assert await silent[0].rest() == b""
            assert door.number <= FEWEST_ALLOWED

    async def test_drops_the_silent_before_the_streams(self) -> None:
        async with a_door(FEW) as (door, come):
            watcher = await come()
            await watcher.ask(b"/kiosk/utama/events")
            silent = [await come() for _ in range(FEWEST_ALLOWED - 1)]
            await number_is(door, FEWEST_ALLOWED)
            assert await (await come()).is_open()
            assert await silent[0].rest() == b""
            assert not watcher.reader.at_eof()

    async def test_drops_streams_for_whoever_asks_for_a_page(self) -> None:
        async with a_door(FEW) as (door, come):
            watchers = [await come() for _ in range(FEWEST_ALLOWED)]
            for watcher in watchers:
                await watcher.ask(b"/events")
            assert await (await come()).is_open()
            await watchers[0].rest()
            assert door.number <= FEWEST_ALLOWED

    async def test_never_drops_who_is_known(self) -> None:
        async with a_door(FEW) as (door, come):
            station, guard = await come(), await come()
            await station.ask(more=KNOWN)
            await guard.ask(b"/gate/utama/events", KNOWN)
            for _ in range(5 * FEWEST_ALLOWED):
                await come()
            await number_is(door, FEWEST_ALLOWED)
            assert await station.is_open()
            assert not guard.reader.at_eof()

    async def test_has_no_room_where_all_are_known(self) -> None:
        async with a_door(FEW) as (_, come):
            stations = [await come() for _ in range(FEWEST_ALLOWED)]
            for station in stations:
                await station.ask(more=KNOWN)
            assert await (await come()).rest() == b""
            assert await stations[0].is_open()

    async def test_says_so_once(self, caplog: pytest.LogCaptureFixture) -> None:
        async with a_door(FEW) as (_, come):
            for _ in range(20 * FEWEST_ALLOWED):
                await come()
            assert await (await come()).is_open()
        assert len([one for one in caplog.records if one.levelno >= logging.WARNING]) == 1


async def test_one_address_leaves_room_for_others() -> None:
    limits = Limits(connections=2 * FEWEST_ALLOWED, share_of_an_address=0.5)
    async with a_door(limits) as (door, come):
        for _ in range(3 * FEWEST_ALLOWED):
            await come()
        assert await (await come()).is_open()
        assert door.number <= FEWEST_ALLOWED


async def test_connections_leave_the_low_descriptors_free() -> None:
    before = {int(name) for name in os.listdir("/proc/self/fd")}
    async with a_door(Limits(kept_back=300)) as (_, come):
        visitor = await come()
        await visitor.ask()
        ours = {int(name) for name in os.listdir("/proc/self/fd")} - before
        assert [number for number in ours if number >= 300]


async def test_as_few_connections_are_allowed_as_there_are_descriptors() -> None:
    async with a_door(Limits(), descriptors=1024) as (door, _):
        assert 300 / 0.8 < door.allowed < 1024 - 256


def test_the_limit_on_open_files_is_raised() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
        assert raise_descriptor_limit() > 512
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 512
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_same_nonsense_is_told_once_a_minute() -> None:
    now_s = [0.0]
    once = OncePerBurst(monotonic_s=lambda: now_s[0])

    def told(level: int) -> bool:
        return bool(once.filter(logging.LogRecord("x", level, "x", 1, "nonsense", None, None)))

    assert [told(logging.WARNING), told(logging.WARNING), told(logging.ERROR)] == [
        True, False, True,
    ]  # fmt: skip
    now_s[0] = 61
    assert told(logging.WARNING)


@pytest.fixture(scope="module")
def certified(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a door speaks, and what its visitors trust."""
    certificate, key = self_signed(tmp_path_factory.mktemp("tls"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls, ssl.create_default_context(cafile=certificate)


class TestOverTls:
    @pytest.mark.parametrize(
        "begun",
        [b"", client_hello(), client_hello()[:100], b"\x16"],
        ids=["nothing", "unfinished", "half a message", "a byte"],
    )
    async def test_whoever_agrees_on_nothing_is_closed(
        self, certified: tuple[ssl.SSLContext, ssl.SSLContext], begun: bytes
    ) -> None:
        async with a_door(tls=certified[0]) as (door, come):
            visitor = await come()
            visitor.send(begun)
            await visitor.rest()
            await number_is(door, 0)

    async def test_a_silent_one_is_closed_after_tls_was_agreed(
        self, certified: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        async with a_door(tls=certified[0]) as (door, come):
            visitor = await come(certified[1])
            assert await visitor.rest() == b""
            await number_is(door, 0)

    async def test_what_is_no_tls_is_closed_at_once(
        self, certified: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        async with a_door(Limits(), tls=certified[0]) as (door, come):
            visitor = await come()
            visitor.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"HTTP" not in await visitor.rest()
            await number_is(door, 0)

    @pytest.mark.parametrize("begun", [b"", client_hello()], ids=["silent", "unfinished"])
    async def test_a_door_full_of_handshakes_lets_stations_in(
        self, certified: tuple[ssl.SSLContext, ssl.SSLContext], begun: bytes
    ) -> None:
        tls, trust = certified
        async with a_door(FEW, tls=tls) as (door, come):
            station = await come(trust)
            await station.ask(more=KNOWN)
            for _ in range(5 * FEWEST_ALLOWED):
                (await come()).send(begun)
            await number_is(door, FEWEST_ALLOWED)
            assert await station.is_open()
            assert await (await come(trust)).is_open()


async def test_a_station_s_connection_is_kept_longer_than_a_stranger_s() -> None:
    async with a_door(Limits(), kept_s=0) as (_, come):
        station, stranger = await come(), await come()
        await station.ask(more=KNOWN)
        await stranger.ask()
        assert await stranger.rest() == b""
        assert await station.is_open()


class TestABody:
    @pytest.fixture
    def asked(self) -> list[Scope]:
        return []

    @pytest.fixture
    def guarded(self, asked: list[Scope]) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope["test.body"] = (await receive())["body"]
                asked.append(scope)
            await application(scope, receive, send)

        return WholeBody(app, limit_s=1.0)

    @pytest.mark.parametrize("how", [b"Content-Length: 9\r\n", b"Transfer-Encoding: chunked\r\n"])
    async def test_that_drips_is_told_and_reaches_no_page(
        self, guarded: ASGIApp, asked: list[Scope], how: bytes
    ) -> None:
        async with a_door(Limits(), app=guarded) as (_, come):
            visitor = await come()
            visitor.send(b"POST / HTTP/1.1\r\nHost: x\r\n%b\r\n1\r\na" % how)
            assert (await visitor.rest()).startswith(b"HTTP/1.1 408 ")
        assert asked == []

    @pytest.mark.parametrize("method", [b"POST", b"GET"])
    async def test_without_an_end_is_cut_off(
        self, guarded: ASGIApp, asked: list[Scope], method: bytes
    ) -> None:
        async with a_door(Limits(), app=guarded) as (_, come):
            visitor = await come()
            visitor.send(method + b" / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            visitor.send(b"1000\r\n%b\r\n" % (b"a" * 0x1000) * (BODY_LIMIT // 0x1000 + 1))
            assert b"HTTP/1.1 413 " in await visitor.rest()
        assert asked == []

    async def test_of_an_honest_sender_arrives_whole(
        self, guarded: ASGIApp, asked: list[Scope]
    ) -> None:
        async with a_door(Limits(), app=WholeBody(guarded)) as (_, come):
            visitor = await come()
            visitor.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
            visitor.send(b"def")
            await asyncio.wait_for(visitor.reader.readuntil(b"ok"), PATIENCE_S)
        assert asked[0]["test.body"] == b"abcdef"
