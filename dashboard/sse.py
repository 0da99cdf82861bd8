"""Server-sent events out of the hub.

Each stream subscribes first, then sends what the reader missed (or what is now), then follows.
It ends when the hub closes or cuts a slow reader off, when the reader's log-in is over, and when
the record cannot be read; the browser reconnects by itself, and says so while it cannot. Reading
from the gate or the record happens in a worker thread, so a stream never holds the event loop.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import ServerSentEvent

from screening.errors import ScreeningError
from screening.events import EntryWritten, Event, GateChanged, RoomChanged
from screening.hub import Hub
from screening.visits import LogEntry, LogReader

logger = logging.getLogger(__name__)

RETRY_MS = 2000
"""How long a browser waits before it reconnects."""
BATCH = 200
"""Rows read from the log at once."""
HEARTBEAT_S = 10.0
"""Something is sent at least this often: pages take a longer silence for a lost connection."""

Stream = AsyncGenerator[ServerSentEvent]


async def follow_gate(
    hub: Hub, gate: str, *, draw: Callable[[], str], is_welcome: Callable[[], bool]
) -> Stream:
    """The gate's drawing now, after each of its changes, and as a heartbeat."""
    subscription = hub.subscribe()
    try:
        yield ServerSentEvent(event="live", raw_data=await run_in_threadpool(draw), retry=RETRY_MS)
        while not subscription.has_ended:
            event = await subscription.next(HEARTBEAT_S)
            if event is None and subscription.has_ended:
                return
            if event is None or (isinstance(event, GateChanged) and event.gate == gate):
                if not await run_in_threadpool(is_welcome):
                    return
                yield ServerSentEvent(event="live", raw_data=await run_in_threadpool(draw))
    except ScreeningError as error:
        logger.warning("the stream of gate %s ended: %s", gate, error)
    finally:
        subscription.close()


async def follow_room(
    hub: Hub,
    log: LogReader,
    *,
    after: int,
    draw_entry: Callable[[LogEntry], str],
    draw_room: Callable[[RoomChanged], str],
    is_welcome: Callable[[], bool],
    monotonic_s: Callable[[], float],
    heartbeat_s: float = HEARTBEAT_S,
) -> Stream:
    """Rows above ``after`` in the order of the log, each once, and the room as it changes.

    The hub only wakes the stream up; every row is read from the log, because gates publish in any
    order and another process does not publish here at all.
    """
    subscription = hub.subscribe()
    last = after
    looked_s = monotonic_s()
    try:
        rows = await run_in_threadpool(log.entries, after=last, limit=BATCH)
        yield ServerSentEvent(event="beat", data=last, retry=RETRY_MS)
        event: Event | None = None
        while True:
            while rows:
                for entry in rows:
                    last = entry.entry_id
                    yield _entry_event(entry, draw_entry)
                rows = await run_in_threadpool(log.entries, after=last, limit=BATCH)
            if isinstance(event, GateChanged | RoomChanged):
                yield _state_event(event, draw_room)
            event = await subscription.next(heartbeat_s)
            if event is None and subscription.has_ended:
                return
            # On a busy day a pause without events may never come, so the clock counts as well.
            if event is None or monotonic_s() - looked_s >= heartbeat_s:
                looked_s = monotonic_s()
                if not await run_in_threadpool(is_welcome):
                    return
                yield ServerSentEvent(event="beat", data=last)
            if not isinstance(event, EntryWritten) or event.entry.entry_id > last:
                rows = await run_in_threadpool(log.entries, after=last, limit=BATCH)
    except ScreeningError as error:
        logger.warning("a stream of the room ended: %s", error)
    finally:
        subscription.close()


def _state_event(
    event: GateChanged | RoomChanged, draw_room: Callable[[RoomChanged], str]
) -> ServerSentEvent:
    if isinstance(event, GateChanged):
        return ServerSentEvent(event="gate", data=event.gate)
    return ServerSentEvent(event="room", raw_data=draw_room(event))


def _entry_event(entry: LogEntry, draw: Callable[[LogEntry], str]) -> ServerSentEvent:
    return ServerSentEvent(event="entry", id=str(entry.entry_id), raw_data=draw(entry))
