"""The hub never waits, keeps the newest telemetry and cuts off a reader who falls behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from screening.events import EntryWritten, Event, GateChanged
from screening.hub import FACT_BACKLOG, Hub
from screening.visits import EntryKind, LogEntry


def fact(number: int) -> EntryWritten:
    return EntryWritten(
        LogEntry(
            entry_id=number,
            kind=EntryKind.ATTEMPT,
            at=datetime(2026, 11, 24, 9, tzinfo=UTC),
            gate="utama",
            decision=None,
            reason=None,
            receipt_number=None,
            service=None,
            operator=None,
            remark=None,
            attempt_id=None,
            results=(),
            hash="",
        )
    )


async def settled() -> None:
    """Let what was handed to the loop arrive."""
    for _ in range(3):
        await asyncio.sleep(0)


def test_facts_arrive_in_order_and_before_telemetry() -> None:
    async def scenario() -> list[Event | None]:
        hub = Hub()
        reader = hub.subscribe()
        hub.publish(GateChanged("utama", 1))
        hub.publish(fact(1))
        hub.publish(fact(2))
        await settled()
        return [await reader.next(), await reader.next(), await reader.next()]

    assert asyncio.run(scenario()) == [fact(1), fact(2), GateChanged("utama", 1)]


def test_unread_telemetry_of_one_subject_is_replaced() -> None:
    async def scenario() -> list[Event | None]:
        hub = Hub()
        reader = hub.subscribe()
        for version in (1, 2, 3):
            hub.publish(GateChanged("utama", version))
        hub.publish(GateChanged("dua", 1))
        await settled()
        return [await reader.next(), await reader.next(), await reader.next(timeout_s=0)]

    assert asyncio.run(scenario()) == [GateChanged("utama", 3), GateChanged("dua", 1), None]


def test_a_reader_who_falls_behind_is_cut_off_and_others_are_not() -> None:
    async def scenario() -> tuple[int, bool, Event | None]:
        hub = Hub()
        slow, quick = hub.subscribe(), hub.subscribe()
        last = None
        for number in range(FACT_BACKLOG + 2):
            hub.publish(fact(number))
            await settled()
            last = await quick.next()
        read = [event async for event in slow]
        return len(read), slow.has_ended, last

    assert asyncio.run(scenario()) == (FACT_BACKLOG, True, fact(FACT_BACKLOG + 1))


def test_closing_the_hub_ends_streams_after_what_is_unread() -> None:
    async def scenario() -> list[Event]:
        hub = Hub()
        reader = hub.subscribe()
        hub.publish(fact(1))
        hub.close()
        late = hub.subscribe()
        assert [event async for event in late] == []
        return [event async for event in reader]

    assert asyncio.run(scenario()) == [fact(1)]


def test_a_reader_of_a_closed_loop_is_forgotten() -> None:
    hub = Hub()

    async def subscribe() -> None:
        hub.subscribe()

    asyncio.run(subscribe())
    hub.publish(fact(1))
    hub.publish(fact(2))  # the second time there is nobody left to tell


def test_a_reader_who_leaves_hears_nothing_more() -> None:
    async def scenario() -> list[Event]:
        hub = Hub()
        reader = hub.subscribe()
        reader.close()
        hub.publish(fact(1))
        await settled()
        return [event async for event in reader]

    assert asyncio.run(scenario()) == []


def test_everything_unread_is_taken_at_once_facts_first() -> None:
    async def scenario() -> tuple[list[Event], list[Event]]:
        hub = Hub()
        reader = hub.subscribe()
        hub.publish(GateChanged("utama", 1))
        hub.publish(fact(1))
        hub.publish(fact(2))
        await settled()
        return await reader.all(), await reader.all(0)

    assert asyncio.run(scenario()) == ([fact(1), fact(2), GateChanged("utama", 1)], [])
