"""The hub: facts after commit and latest-wins telemetry, handed to whoever listens.

Theory of operation. ``publish`` may be called from any thread and never waits: it hands the event
to the event loop of each subscription. A subscription keeps at most ``FACT_BACKLOG`` facts; who
falls further behind is cut off (the stream ends, the browser reconnects and replays from the log by
``Last-Event-ID``). Telemetry has one slot for each subject: a newer value replaces the unread
one. Closing the hub ends every stream.

    published        unread before            unread after
    fact             facts < FACT_BACKLOG     facts + 1
    fact             facts = FACT_BACKLOG     stream ended
    telemetry        same subject unread      replaced
    telemetry        subject not unread       added
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable

from screening.events import EntryWritten, Event, GateChanged, Telemetry

FACT_BACKLOG = 256
"""Facts a reader may be behind; at thirty visitors a minute this is over eight minutes."""


def _subject(event: Telemetry) -> str:
    return f"gate {event.gate}" if isinstance(event, GateChanged) else type(event).__name__


class Subscription:
    """One reader's stream: ``async for event in subscription``, in the loop that made it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hub: Hub) -> None:
        self._loop = loop
        self._hub = hub
        self._facts: deque[EntryWritten] = deque()
        self._telemetry: OrderedDict[str, Telemetry] = OrderedDict()
        self._wakeup = asyncio.Event()
        self._ended = False

    def _offer(self, event: Event) -> None:
        if self._ended:
            return
        if isinstance(event, EntryWritten):
            if len(self._facts) >= FACT_BACKLOG:
                self._end()
                return
            self._facts.append(event)
        else:
            self._telemetry[_subject(event)] = event
        self._wakeup.set()

    def _end(self) -> None:
        self._ended = True
        self._wakeup.set()

    def offer_threadsafe(self, event: Event) -> None:
        """Called by the hub from any thread."""
        self._call(self._offer, event)

    def end_threadsafe(self) -> None:
        """Called by the hub when it closes."""
        self._call(self._end)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the reader's loop is closed: nobody is left to read
            self._hub.unsubscribe(self)

    async def next(self, timeout_s: float | None = None) -> Event | None:
        """The next event, facts first; None when the stream has ended or nothing came in time."""
        while True:
            if self._facts:
                return self._facts.popleft()
            if self._telemetry:
                return self._telemetry.popitem(last=False)[1]
            if self._ended:
                return None
            if timeout_s == 0:
                return None
            self._wakeup.clear()
            try:
                await asyncio.wait_for(self._wakeup.wait(), timeout_s)
            except TimeoutError:
                return None

    async def all(self, timeout_s: float | None = None) -> list[Event]:
        """Everything that is unread, facts first; waits for something, nothing when time is up."""
        first = await self.next(timeout_s)
        if first is None:
            return []
        unread = [first, *self._facts, *self._telemetry.values()]
        self._facts.clear()
        self._telemetry.clear()
        return unread

    @property
    def has_ended(self) -> bool:
        """Whether the stream is over and everything in it was read."""
        return self._ended and not self._facts and not self._telemetry

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self.next()) is not None:
            yield event

    def close(self) -> None:
        """The reader goes away."""
        self._hub.unsubscribe(self)
        self._end()


class Hub:
    """Publishes to every subscription; see the module's header."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether every stream has ended for good."""
        return self._closed

    def publish(self, event: Event) -> None:
        """Hand ``event`` to every reader; never waits."""
        with self._lock:
            readers = list(self._subscriptions)
        for reader in readers:
            reader.offer_threadsafe(event)

    def subscribe(self) -> Subscription:
        """A new stream from now on; call it inside a running event loop."""
        subscription = Subscription(asyncio.get_running_loop(), self)
        with self._lock:
            if self._closed:
                subscription.end_threadsafe()
            else:
                self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a reader; unknown ones are fine."""
        with self._lock:
            self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every stream, now and later."""
        with self._lock:
            self._closed = True
            readers = list(self._subscriptions)
            self._subscriptions.clear()
        for reader in readers:
            reader.end_threadsafe()
