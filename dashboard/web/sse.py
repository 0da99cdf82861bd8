"""Server-sent events: what changed is drawn once and its bytes are handed to all who listen.

Theory of operation. A *source* is one drawing for each page, language and role, or the rows of the
log in one language. It has a task while somebody listens: the task follows the hub, draws in a
thread, keeps the newest bytes and wakes its listeners up. What is in a hurry, as a call is, is
drawn at once; all else as often as the source allows, five times a second at most. A *reader* is
one listener's place in a source: of a drawing it takes the newest and misses those between; of the
log it takes every row once and in order. Readers that are further behind than the source remembers
read the log. The task never waits for a reader, and a reader that takes nothing is cut off.

A stream ends when the hub closes, when the reader's log-in is over, and when the record cannot be
read; the browser reconnects by itself, and says so while it cannot.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from typing import Protocol, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from screening.errors import ScreeningError
from screening.events import EntryWritten, Event, LogGrown
from screening.feed import LAST_ENTRY, Feed
from screening.hub import Hub, Subscription
from screening.visits import LogEntry

_log = logging.getLogger(__name__)

RETRY_MS = 2000
"""How long a browser waits before it reconnects."""
BATCH = 200
"""Rows read from the log at once."""
ROWS_KEPT = 400
"""Rows that a source remembers; a reader further behind reads the log."""
BEHIND_KEPT_S = 5.0
"""What one reader was behind by serves all who come so soon after: pages come back together."""
HEARTBEAT_S = 10.0
"""Something is sent at least this often: pages take a longer silence for a lost connection."""
DRAWN_EVERY_S = 0.2
"""Five changes a second are as much as an eye follows."""
LOOK_S = 0.5
"""What no event tells, such as a gate that hangs, is looked at this often."""
POLL_S = 0.5
"""Rows of other processes come so long after the feed has them; looking there costs no query."""
WELCOME_S = 2.0
"""Who is logged out loses their streams after this time at the latest."""
UNREAD_S = 60.0
"""A reader that takes nothing for so long is cut off."""
SOON_S = 0.1
"""What is in a hurry waits no longer than this for the drawing before it."""
GATHER_S = 0.04
"""What is told within this time is looked at together: most acts are more than one event."""
WOKEN_AT_ONCE = 8
"""Readers that are woken up before the event loop looks at something else, such as a scan."""

STREAMS_ALLOWED = 1000
"""Public streams of this process."""
STREAMS_OF_AN_ADDRESS = 600
"""Of them, those of one address: an office's screens may all come through one."""

FORM_MARK = secrets.token_urlsafe(24)
"""Stands in shared drawings where each reader's own form token belongs."""

_DRAWERS = CapacityLimiter(100)
"""Each source draws one thing at a time, so this is a limit on sources and not on threads."""

Stream = AsyncGenerator[bytes]
Result = TypeVar("Result")


class EventStream(StreamingResponse):
    """An answer of ready-made events.

    ``counted`` says how long it counts as a public stream, ``shown`` as an open screen.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        stream: Stream,
        *,
        counted: AbstractContextManager[None] | None = None,
        shown: AbstractContextManager[None] | None = None,
    ) -> None:
        super().__init__(stream, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._stream = stream
        self._counted = counted or nullcontext()
        self._shown = shown or nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._counted, self._shown:
            try:
                await super().__call__(scope, receive, send)
            finally:
                await self._stream.aclose()

    async def stream_response(self, send: Send) -> None:
        """Send what comes; a reader that takes nothing is given up."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        async for chunk in self._stream:
            try:
                async with asyncio.timeout(UNREAD_S):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class PublicStreams:
    """Counts the streams that need no log-in. Too many of all, or of one address, are told once in
    the log, and again only after half of them had gone."""

    def __init__(
        self, *, allowed: int = STREAMS_ALLOWED, of_an_address: int = STREAMS_OF_AN_ADDRESS
    ) -> None:
        self._allowed = allowed
        self._of_an_address = of_an_address
        self._open: Counter[str] = Counter()
        self._told: set[str | None] = set()

    def have_room_for(self, address: str) -> bool:
        """Whether one more from there is allowed."""
        everywhere, there = self._open.total(), self._open[address]
        if everywhere < self._allowed and there < self._of_an_address:
            return True
        full = None if everywhere >= self._allowed else address
        if full not in self._told:
            self._told.add(full)
            _log.warning(
                "too many public streams (%d, %d of them from %s): further ones are refused",
                everywhere,
                there,
                address,
            )
        return False

    @contextmanager
    def one_more(self, address: str) -> Iterator[None]:
        """Count one of that address while it lasts."""
        self._open[address] += 1
        try:
            yield
        finally:
            self._open[address] -= 1
            if self._open[address] <= self._of_an_address // 2:
                self._told.discard(address)
            if self._open.total() <= self._allowed // 2:
                self._told.discard(None)
            if not self._open[address]:
                del self._open[address]


class Source(ABC):
    """Something followed for whoever listens; see the module's header."""

    def __init__(self, hub: Hub, name: str, *, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._hub = hub
        self._name = name
        self._heartbeat_s = heartbeat_s
        self._listeners: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None
        self.is_over = False
        self.beats = 0
        self._said_s = 0.0

    @contextmanager
    def listened_to(self, wakeup: asyncio.Event) -> Iterator[None]:
        """Follow while this lasts, and set ``wakeup`` when there is something to take."""
        if self._task is not None and self._task.get_loop() is not asyncio.get_running_loop():
            self._task, self._listeners = None, set()
        if self._task is None or self._task.done():
            self._begin()
            self.is_over = False
            self._task = asyncio.create_task(self._run())
        listeners = self._listeners
        listeners.add(wakeup)
        try:
            yield
        finally:
            listeners.discard(wakeup)
            if not listeners and listeners is self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    @abstractmethod
    def _begin(self) -> None:
        """Forget what was before: it is old."""

    async def _run(self) -> None:
        self._said_s = asyncio.get_running_loop().time()
        try:
            while not self._hub.is_closed:
                with closing(self._hub.subscribe()) as subscription:
                    await self._follow(subscription)
        except ScreeningError as error:
            _log.warning("the streams of %s ended: %s", self._name, error)
        except Exception:  # noqa: BLE001 - readers must hear that it is over
            _log.exception("a fault in the program ended the streams of %s", self._name)
        finally:
            if self._task is asyncio.current_task():
                self.is_over = True
                for listener in self._listeners:
                    listener.set()

    @abstractmethod
    async def _follow(self, subscription: Subscription) -> None:
        """Follow until the subscription ends: the hub was closed, or so much came at once that it
        cut this reader off."""

    def _is_beat_due(self) -> bool:
        return asyncio.get_running_loop().time() - self._said_s >= self._heartbeat_s

    async def _wake(self, *, is_for_all: bool = True) -> None:
        """There is something to take, ``is_for_all`` or for some of them; scans are let through
        between two heaps of readers."""
        if is_for_all:
            self._said_s = asyncio.get_running_loop().time()
        for number, listener in enumerate(tuple(self._listeners), start=1):
            listener.set()
            if number % WOKEN_AT_ONCE == 0:
                await asyncio.sleep(0)


def _never(_: Event) -> bool:
    return False


class Watched(Source):
    """Something that is made again when ``concerns`` an event or ``look`` tells something else than
    before, ``every_s`` after the last time at the earliest; ``SOON_S`` where it ``hurries``."""

    def __init__(
        self,
        hub: Hub,
        name: str,
        *,
        concerns: Callable[[Event], bool],
        hurries: Callable[[Event], bool] = _never,
        look: Callable[[], Hashable] = lambda: None,
        every_s: float = DRAWN_EVERY_S,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(hub, name, heartbeat_s=heartbeat_s)
        self._concerns = concerns
        self._hurries = hurries
        self._look = look
        self._every_s = every_s
        self._row = -1

    @abstractmethod
    async def _make(self) -> None:
        """Make it as it is now, and wake whoever has something to take."""

    async def _follow(self, subscription: Subscription) -> None:
        loop = asyncio.get_running_loop()
        while not subscription.has_ended:
            seen, begun_s = self._look(), loop.time()
            await self._make()
            due_s = math.inf
            while loop.time() < due_s:
                events = self._news(await _gathered(subscription, due_s - loop.time()))
                if self._is_beat_due():
                    break
                if any(map(self._hurries, events)):
                    due_s = min(due_s, begun_s + min(SOON_S, self._every_s))
                elif self._look() != seen or any(map(self._concerns, events)):
                    due_s = min(due_s, begun_s + self._every_s)
                if subscription.has_ended:
                    return
            await subscription.all(0)  # it is in what is made now

    def _news(self, events: Sequence[Event]) -> Sequence[Event]:
        """Without the log's growth by rows that were told themselves."""
        for event in events:
            if isinstance(event, EntryWritten):
                self._row = event.entry.entry_id
        return [
            event
            for event in events
            if not isinstance(event, LogGrown) or event.entry_id > self._row
        ]


async def _gathered(subscription: Subscription, within_s: float) -> list[Event]:
    """What comes first, and what comes with it; nothing when nothing comes for a while."""
    events = await subscription.all(max(0.0, min(LOOK_S, within_s)))
    if events and not subscription.has_ended:
        await asyncio.sleep(min(GATHER_S, within_s))
        events += await subscription.all(0)
    return events


class Drawing(Watched):
    """One part of a page in one language. ``draw`` runs in a thread and may wait."""

    def __init__(
        self,
        hub: Hub,
        name: str,
        draw: Callable[[], str],
        *,
        concerns: Callable[[Event], bool],
        hurries: Callable[[Event], bool] = _never,
        look: Callable[[], Hashable] = lambda: None,
        every_s: float = DRAWN_EVERY_S,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(
            hub,
            name,
            concerns=concerns,
            hurries=hurries,
            look=look,
            every_s=every_s,
            heartbeat_s=heartbeat_s,
        )
        self._draw = draw
        self._drawn: bytes | None = None
        self._is_shown_elsewhere = False
        self.version = 0

    def shown_elsewhere(self) -> None:
        """A page was given a state in another way, maybe one that is never drawn here: the next
        drawing is sent even where it equals the last one."""
        self._is_shown_elsewhere = True

    @property
    def newest(self) -> bytes | None:
        """The event with the newest drawing; None before the first."""
        return self._drawn

    def _begin(self) -> None:
        self._drawn = None

    async def _make(self) -> None:
        is_shown_elsewhere, self._is_shown_elsewhere = self._is_shown_elsewhere, False
        drawn = await in_a_thread(self._as_event)
        if is_shown_elsewhere or drawn != self._drawn:
            self._drawn = drawn
            self.version += 1
        elif self._is_beat_due():
            self.beats += 1
        else:
            return
        await self._wake()

    def _as_event(self) -> bytes:
        return format_sse_event(data_str=self._draw(), event=self._name, retry=RETRY_MS)


class Rows(Source):
    """The rows of the log in one language, each drawn once.

    The hub only wakes it up; every row comes by the feed, because gates publish in any order and
    another process does not publish here at all.
    """

    def __init__(
        self,
        hub: Hub,
        feed: Feed,
        draw: Callable[[LogEntry], str],
        *,
        heartbeat_s: float = HEARTBEAT_S,
        poll_s: float = POLL_S,
    ) -> None:
        super().__init__(hub, "rows", heartbeat_s=heartbeat_s)
        self._feed = feed
        self._draw = draw
        self._poll_s = poll_s
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_above = 0
        self._behind: dict[int, tuple[float, Sequence[tuple[int, bytes]]]] = {}
        self._is_reading = asyncio.Lock()
        self.newest: int | None = None

    async def first(self, after: int) -> int | None:
        """The row after which such a reader begins; None before the log was looked at.

        A number that the log has not reached is of another one: it begins at the end of this.
        """
        if self.newest is None:
            return None
        if after > self.newest:
            return min(after, await in_a_thread(self._head))
        return max(0, after)

    async def after(self, last: int) -> tuple[bytes, int]:
        """Events of rows above ``last`` and the new last; no bytes when there are none."""
        if last >= self._kept_above:
            rows: Sequence[tuple[int, bytes]] = [row for row in self._kept if row[0] > last]
        else:
            rows = await self._read_behind(last)
        return b"".join(event for _, event in rows), rows[-1][0] if rows else last

    def _begin(self) -> None:
        self._kept.clear()
        self._behind.clear()
        self._is_reading = asyncio.Lock()
        self.newest = None

    async def _follow(self, subscription: Subscription) -> None:
        if self.newest is None:
            self.newest = self._kept_above = await in_a_thread(self._head)
            await self._wake()
        else:
            await self._read_on()
        while True:
            events = await subscription.all(self._poll_s)
            if not events or any(isinstance(event, EntryWritten | LogGrown) for event in events):
                await self._read_on()
            if self._is_beat_due():
                self.beats += 1
                await self._wake()
            if subscription.has_ended:
                return
            await asyncio.sleep(DRAWN_EVERY_S)  # rows of a busy moment are read together

    async def _read_on(self) -> None:
        while rows := await in_a_thread(lambda: self._read(self.newest or 0)):
            self._kept.extend(rows)
            while len(self._kept) > ROWS_KEPT:
                self._kept_above = self._kept.popleft()[0]
            self.newest = rows[-1][0]
            await self._wake()

    async def _read_behind(self, last: int) -> Sequence[tuple[int, bytes]]:
        """Rows that are not kept any more, one read at a time: whoever is far behind waits."""
        now_s = asyncio.get_running_loop().time
        async with self._is_reading:
            for key in [key for key, found in self._behind.items() if found[0] <= now_s()]:
                del self._behind[key]
            if last not in self._behind:
                rows = await in_a_thread(lambda: self._read(last))
                self._behind[last] = now_s() + BEHIND_KEPT_S, rows
            return self._behind[last][1]

    def _head(self) -> int:
        return self._feed.clamped(LAST_ENTRY)

    def _read(self, last: int) -> list[tuple[int, bytes]]:
        return [
            (
                entry.entry_id,
                format_sse_event(data_str=self._draw(entry), event="entry", id=str(entry.entry_id)),
            )
            for entry in self._feed.after(last, limit=BATCH)
        ]


class Reader(Protocol):
    """One listener's place in a source."""

    @property
    def source(self) -> Source: ...

    async def take(self) -> bytes:
        """What is there and was not taken yet; nothing when there is nothing."""


Kind = TypeVar("Kind", bound=Source)


class DrawingReader:
    """Takes the newest drawing, with the reader's own form token in it."""

    def __init__(self, source: Drawing, *, form_token: str = "") -> None:
        self.source = source
        self._form_token = form_token.encode()
        self._version: int | None = None
        self._beats = source.beats

    async def take(self) -> bytes:
        """The newest drawing, or a sign of life."""
        newest, version, beats = self.source.newest, self.source.version, self.source.beats
        if newest is None:
            return b""
        if version != self._version:
            self._version, self._beats = version, beats
            return newest.replace(FORM_MARK.encode(), self._form_token)
        if beats != self._beats:
            self._beats = beats
            return format_sse_event(data_str="0", event="beat")
        return b""


class RowReader:
    """Takes the rows above ``after`` in the order of the log, each once."""

    def __init__(self, source: Rows, *, after: int) -> None:
        self.source = source
        self._after = after
        self._last: int | None = None
        self._beats = source.beats

    async def take(self) -> bytes:
        """The rows that are there, or a sign of life."""
        if self._last is None:
            self._last = await self.source.first(self._after)
            if self._last is None:
                return b""
            return self._beat()
        rows, self._last = await self.source.after(self._last)
        if rows or self.source.beats == self._beats:
            return rows
        return self._beat()

    def _beat(self) -> bytes:
        self._beats = self.source.beats
        return format_sse_event(data_str=str(self._last), event="beat", retry=RETRY_MS)


async def follow(
    readers: Sequence[Reader],
    *,
    is_welcome: Callable[[], Awaitable[bool]] | None = None,
    welcome_s: float = WELCOME_S,
    every_s: float = 0.0,
) -> Stream:
    """All that these readers take, until one of their sources is over or ``is_welcome`` says no.

    What comes within ``every_s`` after something was sent is sent together.
    """
    wakeup = asyncio.Event()
    with ExitStack() as stack:
        for reader in readers:
            stack.enter_context(reader.source.listened_to(wakeup))
        try:
            while is_welcome is None or await is_welcome():
                wakeup.clear()
                is_over = any(reader.source.is_over for reader in readers)
                taken = [await reader.take() for reader in readers]
                if any(taken):
                    yield b"".join(taken)
                    await asyncio.sleep(0 if is_over else every_s)
                    continue
                if is_over:
                    return
                try:
                    async with asyncio.timeout(None if is_welcome is None else welcome_s):
                        await wakeup.wait()
                except TimeoutError:
                    continue
        except ScreeningError as error:
            _log.warning("a stream ended: %s", error)


class Streams:
    """The sources of this application, each made on first use."""

    def __init__(self) -> None:
        self.public = PublicStreams()
        self._sources: dict[Hashable, Source] = {}

    def drawing(self, key: Hashable, make: Callable[[], Drawing]) -> Drawing:
        """The one drawing of that key."""
        source = self._sources.get(key)
        if not isinstance(source, Drawing):
            source = self._sources[key] = make()
        return source

    def shown_elsewhere(self, *begin: Hashable) -> None:
        """Of all drawings whose key begins so; see there."""
        for key, source in list(self._sources.items()):
            is_it = isinstance(key, tuple) and key[: len(begin)] == begin
            if is_it and isinstance(source, Drawing):
                source.shown_elsewhere()

    def source(self, key: Hashable, kind: type[Kind], make: Callable[[], Kind]) -> Kind:
        """The one source of that key, of a kind of its own."""
        source = self._sources.get(key)
        if not isinstance(source, kind):
            source = self._sources[key] = make()
        return source

    def rows(self, key: Hashable, make: Callable[[], Rows]) -> Rows:
        """The rows of that key."""
        source = self._sources.get(key)
        if not isinstance(source, Rows):
            source = self._sources[key] = make()
        return source


def streams_of(request: Request) -> Streams:
    """The application's streams."""
    streams: Streams = request.app.state.streams
    return streams


async def in_a_thread(read: Callable[[], Result]) -> Result:
    """What a source reads or draws, out of the event loop."""
    return await to_thread.run_sync(read, limiter=_DRAWERS)
