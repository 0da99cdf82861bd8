"""Server-sent events out of the hub.

Each stream subscribes first, then sends what the reader missed (or what is now), then follows.
It ends when the hub closes or cuts a slow reader off; the browser reconnects by itself. Reading
from the gate or the record happens in a worker thread, so a stream never holds the event loop.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import ServerSentEvent

from screening.events import EntryWritten, GateChanged, RoomChanged
from screening.hub import Hub
from screening.visits import LogEntry, VisitLog

RETRY_MS = 2000
"""How long a browser waits before it reconnects."""
REPLAY_LIMIT = 500
"""Rows replayed at most; who was away for longer reads the page again."""
HEARTBEAT_S = 10.0
"""A gate's state is sent again after this long without a change, so that countdowns stay true."""


async def follow_gate(
    hub: Hub, gate: str, draw: Callable[[], str]
) -> AsyncGenerator[ServerSentEvent]:
    """The gate's drawing now, after each of its changes, and as a heartbeat."""
    subscription = hub.subscribe()
    try:
        yield ServerSentEvent(event="live", raw_data=await run_in_threadpool(draw), retry=RETRY_MS)
        while not subscription.has_ended:
            event = await subscription.next(HEARTBEAT_S)
            if subscription.has_ended and event is None:
                return
            if event is None or (isinstance(event, GateChanged) and event.gate == gate):
                yield ServerSentEvent(event="live", raw_data=await run_in_threadpool(draw))
    finally:
        subscription.close()


async def follow_room(
    hub: Hub,
    log: VisitLog,
    *,
    after: int,
    draw_entry: Callable[[LogEntry], str],
    draw_room: Callable[[RoomChanged], str],
) -> AsyncGenerator[ServerSentEvent]:
    """Rows above ``after`` from the log, then facts and the room as they come, each row once."""
    subscription = hub.subscribe()
    last = after
    try:
        missed = await run_in_threadpool(log.entries, after=after, limit=REPLAY_LIMIT)
        yield ServerSentEvent(comment="following", retry=RETRY_MS)
        for entry in missed:
            last = entry.entry_id
            yield _entry_event(entry, draw_entry)
        while not subscription.has_ended:
            event = await subscription.next(HEARTBEAT_S)
            if isinstance(event, EntryWritten) and event.entry.entry_id > last:
                last = event.entry.entry_id
                yield _entry_event(event.entry, draw_entry)
            elif isinstance(event, RoomChanged):
                yield ServerSentEvent(event="room", raw_data=draw_room(event))
            elif isinstance(event, GateChanged):
                yield ServerSentEvent(event="gate", data={"gate": event.gate})
            elif event is None and not subscription.has_ended:
                yield ServerSentEvent(comment="still here")
    finally:
        subscription.close()


def _entry_event(entry: LogEntry, draw: Callable[[LogEntry], str]) -> ServerSentEvent:
    return ServerSentEvent(event="entry", id=str(entry.entry_id), raw_data=draw(entry))
