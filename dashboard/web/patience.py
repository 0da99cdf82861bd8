"""Nobody waits long: limits on answers, on asking the record, and on what may get stuck at once.

A thread that hangs in the database cannot be ended. Whoever waited for it is told that the record
does not answer; the thread keeps its place until it comes back, and what it brings then is thrown
away. Places are counted apart for pages that read, for the gates' own pages and for what is sent to
a gate, so that a stuck one leaves the threads of the others free.
"""

from __future__ import annotations

import asyncio
import logging
import math
import re
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from screening.errors import NotRecorded, RecordError, ScreeningError

Value = TypeVar("Value")

ASK_LIMIT_S = 1.5
"""A log-in or a gate that is not known in memory is looked up for so long."""
ASK_PLACES = 4

PAGE_LIMIT_S = 1.8
"""A page of a record that does not answer is refused within two seconds."""
LONGEST_PAGE_S = 10.0
"""A page that is only slow may take so long, as long as the record answers others."""
ACT_LIMIT_S = 9.5
"""A gate gives up after eight seconds by itself; whoever sent something hears of it within ten."""

READING_PLACES = 20
GATE_PLACES = 8
ACT_PLACES = 8
"""Together fewer than the forty threads that the web has: files never wait for the record."""

_MEMORY = re.compile(r"/(?:static/.*|healthz|readyz|metrics|preferences|kiosk/.*)?")
"""Pages and files that are told from memory."""
_API_IN_MEMORY = ("/api/v1/status", "/api/v1/gates/")
_GATE = re.compile(r"/gate(?:/[^/]+(?:/(?:live|events|picture\.jpg|thermal\.png))?)?")

_log = logging.getLogger(__name__)


class RecordThreads:
    """Threads for a question to the record out of the event loop."""

    def __init__(self, places: int = ASK_PLACES, limit_s: float = ASK_LIMIT_S) -> None:
        self._places = places
        self._limit_s = limit_s
        self._limiter = CapacityLimiter(places)
        self._overdue: set[asyncio.Task[Any]] = set()

    async def ask(self, question: Callable[[], Value]) -> Value:
        """The answer. Raises RecordError when it takes too long, or when too many hang already."""
        if len(self._overdue) >= self._places:
            raise RecordError("The database does not answer.")
        asking = asyncio.ensure_future(to_thread.run_sync(question, limiter=self._limiter))
        done, _ = await asyncio.wait({asking}, timeout=self._limit_s)
        if not done:
            self._overdue.add(asking)
            asking.add_done_callback(self._came_late)
            raise RecordError("The database does not answer.")
        return asking.result()

    def _came_late(self, asking: asyncio.Task[Any]) -> None:
        self._overdue.discard(asking)
        if not asking.cancelled():
            asking.exception()  # nobody is left to hear of it


class Remembered(Generic[Value]):
    """What a read of the record brought last, for pages that are shown without it if need be."""

    def __init__(self, name: str, read: Callable[[], Value], *, patience_s: float) -> None:
        self._name = name
        self._read = read
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._value: Value | None = None
        self._begun = 0
        self._ended = 0
        self._is_stuck = False
        self._is_down = False

    def get(self) -> Value | None:
        """The value as it is now; as it was last when the record does not answer.

        None while it was never read. Waits once: while a read hangs nobody waits for it again.
        """
        with self._changed:
            wanted = self._begun + 1
            is_fresh = self._changed.wait_for(lambda: self._is_there(wanted), self._patience_s)
            if not is_fresh and not self._is_stuck:
                self._is_stuck = True
                self._changed.notify_all()
                _log.warning("%s are shown as they were: the record does not answer", self._name)
            return self._value

    def _is_there(self, wanted: int) -> bool:
        if self._ended >= wanted or self._is_stuck:
            return True
        if self._ended == self._begun:
            self._begun += 1
            threading.Thread(target=self._run, name=self._name, daemon=True).start()
        return False

    def _run(self) -> None:
        value, failure = self._value, None
        try:
            value = self._read()
        except ScreeningError as error:
            failure = error
        finally:
            with self._changed:
                self._tell(failure)
                self._value = value
                self._ended = self._begun
                self._is_stuck = False
                self._changed.notify_all()

    def _tell(self, failure: ScreeningError | None) -> None:
        if failure is not None and not self._is_down:
            _log.warning("%s are shown as they were: %s", self._name, failure)
        elif failure is None and (self._is_down or self._is_stuck):
            _log.info("%s can be read again", self._name)
        self._is_down = failure is not None


class Refusals:
    """Tells once in the log that requests are refused for want of the record, and once that they
    are not any more, with how many were.

    What could not be read can be once ``has_answered_since`` the last of them; what could not be
    written, once the log's ``head`` has grown since.
    """

    def __init__(
        self,
        *,
        has_answered_since: Callable[[float], bool],
        head: Callable[[], int],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._has_answered_since = has_answered_since
        self._head = head
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._refused = {"read": 0, "written": 0}
        self._last_s = 0.0
        self._head_then = 0

    def count(self, why: RecordError) -> None:
        """One more was refused, with this error."""
        is_of_writing = isinstance(why, NotRecorded) or why.is_of_disk
        kind = "written" if is_of_writing else "read"
        with self._lock:
            if not self._refused[kind]:
                _log.error("the record cannot be %s, requests are refused: %s", kind, why)
            self._refused[kind] += 1
            if is_of_writing:
                self._head_then = self._head()
            else:
                self._last_s = self._monotonic_s()

    def look(self) -> None:
        """Tell where the record serves again; at every request."""
        if not any(self._refused.values()):
            return
        with self._lock:
            if self._has_answered_since(math.nextafter(self._last_s, math.inf)):
                self._tell_end("read")
            if self._head() > self._head_then:
                self._tell_end("written")

    def _tell_end(self, kind: str) -> None:
        refused, self._refused[kind] = self._refused[kind], 0
        if refused:
            _log.info("the record can be %s again; requests refused meanwhile: %d", kind, refused)


class _Places:
    """So many requests at once; a stuck one keeps its place, and all stuck means no waiting."""

    def __init__(self, number: int) -> None:
        self.free = asyncio.Semaphore(number)
        self.overdue = 0
        self._number = number

    @property
    def are_all_stuck(self) -> bool:
        return self.overdue >= self._number


class Deadline:
    """Answers for the application when it has not begun its answer in time.

    ``late`` makes that answer. ``has_answered_since`` tells whether the record was read after a
    moment of the event loop: then a page is only slow, and goes on. ``look`` is called with each
    request.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        late: Callable[[Request], Awaitable[Response]],
        has_answered_since: Callable[[float], bool] = lambda _: False,
        look: Callable[[], None] = lambda: None,
        monotonic_s: Callable[[], float],
        page_limit_s: float = PAGE_LIMIT_S,
        act_limit_s: float = ACT_LIMIT_S,
    ) -> None:
        self._app = app
        self._late = late
        self._has_answered_since = has_answered_since
        self._look = look
        self._monotonic_s = monotonic_s
        self._page_limit_s = page_limit_s
        self._act_limit_s = act_limit_s
        self._reading = _Places(READING_PLACES)
        self._gate = _Places(GATE_PLACES)
        self._acts = _Places(ACT_PLACES)
        self._left_alone: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._look()
        if scope["type"] != "http" or is_from_memory(scope["path"]):
            await self._app(scope, receive, send)
            return
        is_page = scope["method"] in {"GET", "HEAD"}
        places = self._places_of(scope["path"], is_page=is_page)
        if not places.are_all_stuck:
            answer = _Answer(self._app, receive, send, places)
            running = asyncio.create_task(answer.run(scope))
            try:
                if await self._begins_in_time(answer, running, is_page=is_page):
                    await running
                    return
            except asyncio.CancelledError:
                running.cancel()
                raise
            self._leave_alone(answer, running)
        response = await self._late(Request(scope))
        await response(scope, receive, send)

    def _places_of(self, path: str, *, is_page: bool) -> _Places:
        if not is_page:
            return self._acts if path.startswith("/gate/") else self._reading
        return self._gate if _GATE.fullmatch(path) else self._reading

    async def _begins_in_time(
        self, answer: _Answer, running: asyncio.Task[None], *, is_page: bool
    ) -> bool:
        asked_s = self._monotonic_s()
        if not is_page:
            return await answer.begins_within(running, self._act_limit_s)
        if await answer.begins_within(running, self._page_limit_s):
            return True
        if not self._has_answered_since(asked_s):
            return False
        return await answer.begins_within(running, LONGEST_PAGE_S - self._page_limit_s)

    def _leave_alone(self, answer: _Answer, running: asyncio.Task[None]) -> None:
        """Let it end by itself: its thread cannot be ended, its answer goes nowhere."""
        answer.give_up()
        if not answer.has_place:
            running.cancel()
        self._left_alone.add(running)
        running.add_done_callback(self._came_back)

    def _came_back(self, running: asyncio.Task[None]) -> None:
        self._left_alone.discard(running)
        if not running.cancelled() and (error := running.exception()) is not None:
            _log.warning("an answer that nobody waited for any longer failed: %s", error)


class _Answer:
    """One run of the application. It has a place until its answer begins, however late that is."""

    def __init__(self, app: ASGIApp, receive: Receive, send: Send, places: _Places) -> None:
        self._app = app
        self._receive = receive
        self._send = send
        self._places = places
        self._begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_given_up = False
        self.has_place = False

    async def run(self, scope: Scope) -> None:
        """Wait for a place, then let the application answer."""
        await self._places.free.acquire()
        self.has_place = True
        try:
            await self._app(scope, self._listen, self._hand_on)
        finally:
            self._begin()

    async def begins_within(self, running: asyncio.Task[None], seconds: float) -> bool:
        """Whether the answer has begun, or all is over, in time."""
        both = {running, self._begun}
        await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return self._begun.done() or running.done()

    def give_up(self) -> None:
        """From now on nothing of it is sent."""
        self._is_given_up = True
        self._places.overdue += self.has_place

    def _begin(self) -> None:
        if self._begun.done():
            return
        self._begun.set_result(None)
        self._places.free.release()
        self._places.overdue -= self._is_given_up

    async def _listen(self) -> Message:
        return {"type": "http.disconnect"} if self._is_given_up else await self._receive()

    async def _hand_on(self, message: Message) -> None:
        self._begin()
        if not self._is_given_up:
            await self._send(message)


def is_from_memory(path: str) -> bool:
    """Whether that address never waits for the record, or limits its waiting itself."""
    return _MEMORY.fullmatch(path) is not None or path.startswith(_API_IN_MEMORY)
