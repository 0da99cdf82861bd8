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
from screening.events import EntryWritten, GateChanged, RoomChanged
from screening.hub import Hub
from screening.visits import LogEntry, VisitLog

logger = logging.getLogger(__name__)

RETRY_MS = 2000
"""How long a browser waits before it reconnects."""
REPLAY_LIMIT = 500
"""Rows replayed at most; who was away for longer reads the page again."""
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
    log: VisitLog,
    *,
    after: int,
    draw_entry: Callable[[LogEntry], str],
    draw_room: Callable[[RoomChanged], str],
    is_welcome: Callable[[], bool],
) -> Stream:
    """Rows above ``after`` from the log, then facts and the room as they come, each row once."""
    subscription = hub.subscribe()
    last = after
    try:
        missed = await run_in_threadpool(log.entries, after=after, limit=REPLAY_LIMIT)
        yield ServerSentEvent(event="beat", data=last, retry=RETRY_MS)
        for entry in missed:
            last = entry.entry_id
            yield _entry_event(entry, draw_entry)
        while not subscription.has_ended:
            event = await subscription.next(HEARTBEAT_S)
            if isinstance(event, EntryWritten):
                if event.entry.entry_id > last:
                    last = event.entry.entry_id
                    yield _entry_event(event.entry, draw_entry)
            elif isinstance(event, RoomChanged):
                yield ServerSentEvent(event="room", raw_data=draw_room(event))
            elif isinstance(event, GateChanged):
                yield ServerSentEvent(event="gate", data=event.gate)
            elif not await run_in_threadpool(is_welcome):
                return
            else:
                yield ServerSentEvent(event="beat", data=last)
    except ScreeningError as error:
        logger.warning("a stream of the room ended: %s", error)
    finally:
        subscription.close()


def _entry_event(entry: LogEntry, draw: Callable[[LogEntry], str]) -> ServerSentEvent:
    return ServerSentEvent(event="entry", id=str(entry.entry_id), raw_data=draw(entry))
