"""Connections to the web: how many there may be, how long one may keep silent, and who goes first.

Theory of operation. The *door* accepts connections by itself, moves each to a descriptor number
above those kept back, and counts it from then on, also while TLS is being agreed, which is begun as
``Handshakes`` allows. Once a second it looks for connections that take too long. Where there is no
room for a new one it drops others of the address that has most: first those without a whole
request, then streams, then requests of nobody in particular; among these the oldest. A connection
whose last request had a station's token or a log-in is *known*; it is never dropped, nor is a
log-in that is being looked at.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import logging
import resource
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dashboard.web.handshakes import PAUSE_S, Handshakes

_log = logging.getLogger(__name__)

HEAD_LIMIT = 32 * 1024
"""Bytes of a request's line and headers."""
PIPELINE_LIMIT = 16
"""Requests sent ahead of their answers on one connection."""
DESCRIPTORS_WANTED = 16 * 1024
"""More are of no use; some programs walk through all of them."""
FEWEST_ALLOWED = 8
"""Connections that are accepted however few descriptors there are."""
DROPPED_AT_ONCE = 0.02
"""Of all that are allowed: whoever is looked for is not looked for at each new one."""
ACCEPTED_AT_ONCE = 32
"""New connections before the event loop looks at something else, such as a scan."""
RETRY_S = 0.25
"""Where no descriptor was left, the next connection is accepted after this time."""
KNOWN_KEPT_S = 30
"""A connection of somebody who is known is kept so long after an answer: a station that scans now
and then need not come anew while strangers crowd the door."""
QUIET_S = 60.0
"""A burst is over when nothing was refused for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many connections there may be, and how long each may take.

    - ``head_s``: a request's line and headers are there after this time, and TLS is agreed.
    - ``unread_s``: whoever takes nothing of an answer for so long is cut off; streams have
      their own limit.
    - ``closing_s``: what is left of an answer so long after its connection was closed is lost.
    - ``look_s``: how often that is looked at.
    - ``connections``: at most, fewer where the process may not open as many files.
    - ``share_of_an_address``: of them; those that are known do not count.
    - ``kept_back``: descriptors for devices, the database and files. Devices need low numbers:
      select() takes none above 1023.
    """

    head_s: float = 10.0
    unread_s: float = 20.0
    closing_s: float = 5.0
    look_s: float = 1.0
    connections: int = 4000
    share_of_an_address: float = 0.8
    kept_back: int = 256


_OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)
_STREAM = "/events"

Headers = Sequence[tuple[bytes, bytes]]


def raise_descriptor_limit() -> int:
    """Let this process open as many files as it may; how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS_WANTED if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft if soft != resource.RLIM_INFINITY else DESCRIPTORS_WANTED


class Burst:
    """Tells a trouble that comes many times at once: one line when it begins, one when it is over.

    ``what`` is the line's beginning.
    """

    def __init__(self, what: str, *, monotonic_s: Callable[[], float]) -> None:
        self._what = what
        self._monotonic_s = monotonic_s
        self._count = 0
        self._last_s = 0.0

    def happened(self, detail: str = "") -> None:
        """Once more."""
        self._last_s = self._monotonic_s()
        self._count += 1
        if self._count == 1:
            _log.warning("%s%s; further ones are counted", self._what, detail)

    def end_if_quiet(self) -> None:
        """Tell how many there were, when it is over."""
        if self._count and self._monotonic_s() - self._last_s >= QUIET_S:
            _log.warning("%s: %d times, and no more for a minute", self._what, self._count)
            self._count = 0


class OncePerBurst(logging.Filter):
    """Lets the same warning of a server through once in ``QUIET_S``: whoever sends nonsense
    a thousand times fills no disk."""

    def __init__(self, *, monotonic_s: Callable[[], float]) -> None:
        super().__init__()
        self._monotonic_s = monotonic_s
        self._told_s: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.WARNING:
            return True
        now = self._monotonic_s()
        if now - self._told_s.get(record.msg, float("-inf")) < QUIET_S:
            return False
        self._told_s[record.msg] = now
        return True


class Connection(HttpToolsProtocol):
    """One connection: uvicorn's own protocol, with limits on what it leaves open."""

    guest: Guest

    # Narrower than asyncio says, as in uvicorn's own protocol: a stream's transport is always one.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.guest.connection = self

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.guest.leave()

    def data_received(self, data: bytes) -> None:
        """Feed the parser. What belongs to no request yet is counted and timed."""
        before, guest = self.cycle, self.guest
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.cycle is not before or (before is not None and not before.response_complete):
            guest.head_bytes = 0
            guest.head_since_s = None
            if len(self.pipeline) > PIPELINE_LIMIT:
                self.transport.abort()
            return
        guest.head_bytes += len(data)
        if guest.head_since_s is None:
            guest.head_since_s = self.loop.time()
        if guest.head_bytes > HEAD_LIMIT:
            self.end_with(_TOO_LONG)

    def on_headers_complete(self) -> None:
        self.guest.asks(self.headers)
        kept_s = KNOWN_KEPT_S if self.guest.is_known else self.config.timeout_keep_alive
        self.timeout_keep_alive = kept_s
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.guest.unread_since_s = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.guest.unread_since_s = None

    @property
    def has_whole_request(self) -> bool:
        """Whether it is being answered."""
        cycle = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    @property
    def is_stream(self) -> bool:
        """Whether what was asked for last goes on without an end."""
        return self.cycle is not None and self.cycle.scope["path"].endswith(_STREAM)

    @property
    def is_log_in(self) -> bool:
        """Whether somebody's password is being looked at."""
        if self.cycle is None:
            return False
        scope = self.cycle.scope
        return scope["method"] == "POST" and scope["path"] == "/login"

    def end_with(self, answer: bytes) -> None:
        """Close it with a last word, where no other answer has begun."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(answer)
        self.transport.close()


class Guest:
    """What the door knows of a connection, from accepting it until it is gone."""

    def __init__(self, door: Door, address: str, since_s: float) -> None:
        self._door = door
        self.address = address
        self.since_s = since_s
        self.connection: Connection | None = None
        self.arriving: asyncio.Task[None] | None = None
        self.is_known = False
        self.is_gone = False
        self.head_bytes = 0
        self.head_since_s: float | None = since_s
        self.unread_since_s: float | None = None
        self.closing_since_s: float | None = None

    def asks(self, headers: Headers) -> None:
        """A request's headers are there."""
        self._door.note_known(self, is_known=self._door.knows(headers))

    def leave(self) -> None:
        """The connection is gone."""
        self._door.left(self)

    @property
    def rank(self) -> int | None:
        """Whose turn it is to be dropped, from 0; None for those that stay."""
        connection = self.connection
        if connection is None:
            return 0
        if self.is_known:
            return None
        if not connection.has_whole_request:
            return 0
        if connection.is_stream:
            return 1 if self.unread_since_s is not None else 2
        return None if connection.is_log_in else 3

    def drop(self) -> None:
        """End it at once."""
        if self.connection is not None:
            self.connection.transport.abort()
        elif self.arriving is not None:
            self.arriving.cancel()
        self.leave()

    def look(self, now_s: float) -> None:
        """End it if it has taken too long."""
        connection = self.connection
        if connection is None:
            if now_s - self.since_s >= self._door.limits.head_s:
                self.drop()  # TLS is not agreed
        elif connection.transport.is_closing():
            if self.closing_since_s is None:
                self.closing_since_s = now_s
            elif now_s - self.closing_since_s >= self._door.limits.closing_s:
                connection.transport.abort()
        elif self._is_unread(connection, now_s):
            connection.transport.abort()
        elif self._is_late(connection, now_s):
            if self.head_bytes:
                connection.end_with(_LATE)
            else:
                connection.transport.close()

    def _is_unread(self, connection: Connection, now_s: float) -> bool:
        since_s = self.unread_since_s
        is_late = since_s is not None and now_s - since_s >= self._door.limits.unread_s
        return is_late and not connection.is_stream

    def _is_late(self, connection: Connection, now_s: float) -> bool:
        is_in_head = connection.cycle is None or connection.cycle.response_complete
        since_s = self.head_since_s
        return is_in_head and since_s is not None and now_s - since_s >= self._door.limits.head_s


class Door:
    """Accepts connections and keeps their number within what this process may open.

    ``knows`` tells of a request's headers, from memory, whether a station or somebody who is
    logged in sent it. It stands in for an ``asyncio.Server``.
    """

    def __init__(
        self,
        listening: socket.socket,
        arrive: Callable[[], Connection],
        *,
        knows: Callable[[Headers], bool],
        descriptors: int,
        tls: ssl.SSLContext | None = None,
        limits: Limits = Limits(),
    ) -> None:
        self.sockets = [listening]
        self.knows = knows
        self._listening = listening
        self._arrive = arrive
        self._tls = tls
        self._handshakes = Handshakes()
        self._loop = asyncio.get_running_loop()
        self.limits = limits
        self._kept_back = min(limits.kept_back, descriptors // 2)
        room = descriptors - self._kept_back - ACCEPTED_AT_ONCE
        self.allowed = max(FEWEST_ALLOWED, min(limits.connections, room))
        self._of_an_address = int(limits.share_of_an_address * self.allowed)
        self._dropped_at_once = max(1, int(DROPPED_AT_ONCE * self.allowed))
        self._guests: dict[Guest, None] = {}
        self._unknown: Counter[str] = Counter()
        self._full = Burst(
            "too many connections: the silent ones are dropped", monotonic_s=self._loop.time
        )
        self._no_descriptors = Burst(
            "no descriptor is left for a connection", monotonic_s=self._loop.time
        )
        self._is_closed = asyncio.Event()
        self._sweep = self._loop.call_later(limits.look_s, self._look)
        self._again: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        self._begin()

    @property
    def number(self) -> int:
        """Connections that are open."""
        return len(self._guests)

    def close(self) -> None:
        """Accept no more."""
        self._loop.remove_reader(self._listening.fileno())
        self._sweep.cancel()
        self._handshakes.close()
        if self._again is not None:
            self._again.cancel()
        for guest in tuple(self._guests):
            if guest.connection is None:
                guest.drop()
        self._is_closed.set()

    async def wait_closed(self) -> None:
        """Until ``close`` was called."""
        await self._is_closed.wait()

    def note_known(self, guest: Guest, *, is_known: bool) -> None:
        """Whether its newest request is of somebody who is known."""
        if guest.is_known != is_known and not guest.is_gone:
            self._unknown[guest.address] += -1 if is_known else 1
        guest.is_known = is_known

    def left(self, guest: Guest) -> None:
        """It is gone; told twice, it counts once."""
        if guest.is_gone:
            return
        guest.is_gone = True
        self._guests.pop(guest, None)
        if not guest.is_known:
            self._unknown[guest.address] -= 1
        if not self._unknown[guest.address]:
            del self._unknown[guest.address]

    def _begin(self) -> None:
        self._again = None
        self._loop.add_reader(self._listening.fileno(), self._accept_some)

    def _rest(self, pause_s: float) -> None:
        """Accept none for that time; they wait in the system."""
        self._loop.remove_reader(self._listening.fileno())
        self._again = self._loop.call_later(pause_s, self._begin)

    def _accept_some(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            if self._handshakes.are_many:
                self._rest(PAUSE_S)
                return
            try:
                accepted, peer = self._listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno not in _OUT_OF_DESCRIPTORS:
                    continue  # that one was gone before it was accepted
                self._no_descriptors.happened()
                self._drop_of(self._busiest())
                self._rest(RETRY_S)
                return
            self._welcome(accepted, str(peer[0]))

    def _welcome(self, accepted: socket.socket, address: str) -> None:
        if not self._has_room_for(address):
            accepted.close()
            return
        try:
            number = fcntl.fcntl(accepted.fileno(), fcntl.F_DUPFD_CLOEXEC, self._kept_back)
        except OSError:
            self._no_descriptors.happened()
            accepted.close()
            return
        accepted.close()
        moved = socket.socket(fileno=number)
        moved.setblocking(False)
        guest = Guest(self, address, self._loop.time())
        self._guests[guest] = None
        self._unknown[address] += 1
        guest.arriving = self._loop.create_task(self._let_in(guest, moved))

    async def _let_in(self, guest: Guest, accepted: socket.socket) -> None:
        def protocol() -> Connection:
            connection = self._arrive()
            connection.guest = guest
            return connection

        try:
            if self._tls is not None:
                await self._handshakes.turn(accepted)
            await self._loop.connect_accepted_socket(
                protocol,
                accepted,
                ssl=self._tls,
                ssl_handshake_timeout=self.limits.head_s if self._tls else None,
            )
        except (OSError, asyncio.CancelledError) as error:  # TLS was not agreed
            accepted.close()
            guest.leave()
            _log.debug("a connection from %s came to nothing: %s", guest.address, error)

    def _has_room_for(self, address: str) -> bool:
        """Room for one more from there, made by dropping others if need be."""
        if self._unknown[address] >= self._of_an_address:
            self._full.happened(f" ({self._unknown[address]} from {address})")
            return self._drop_of(address)
        if self.number >= self.allowed:
            self._full.happened(f" ({self.number} in all)")
            return self._drop_of(self._busiest()) or self._drop_of(None)
        return True

    def _busiest(self) -> str:
        """The address with most connections that may be dropped."""
        return max(self._unknown, key=lambda address: self._unknown[address], default="")

    def _drop_of(self, address: str | None) -> bool:
        """Drop some of an address's, or of all; whether there were any."""
        ranked: list[tuple[int, Guest]] = []
        for guest in self._guests:
            if address in {None, guest.address} and (rank := guest.rank) is not None:
                ranked.append((rank, guest))
        if not ranked:
            return False
        first = min(rank for rank, _ in ranked)
        for guest in [guest for rank, guest in ranked if rank == first][: self._dropped_at_once]:
            guest.drop()
        return True

    def _look(self) -> None:
        self._sweep = self._loop.call_later(self.limits.look_s, self._look)
        now_s = self._loop.time()
        for guest in tuple(self._guests):
            guest.look(now_s)
        self._full.end_if_quiet()
        self._no_descriptors.end_if_quiet()
