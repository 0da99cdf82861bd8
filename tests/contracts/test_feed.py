"""One feed for each process, on a log that several of them write."""

from __future__ import annotations

from contextlib import closing

import pytest

from screening.clock import SystemClock
from screening.feed import Feed
from screening.visits import EntryKind, LogEntry
from tests.contracts.builders import NOON, attempt, receipt, the
from tests.records import OpenRecord as Open

WITHIN_S = 60.0
"""It takes a second; a busy machine may take longer."""

on_every_record = pytest.mark.parametrize(
    "open_record", ["fake", "sqlite", "postgresql"], indirect=True
)
on_databases = pytest.mark.parametrize("open_record", ["sqlite", "postgresql"], indirect=True)


@on_every_record
def test_rows_are_followed_in_their_order(open_record: Open) -> None:
    record = open_record()
    first = record.visits.write(attempt(receipt=receipt()))
    with closing(Feed(record.visits, SystemClock())) as feed:
        feed.look()
        second = record.visits.write(attempt())
        feed.wake([the(second.entry)])
        record.visits.hand_over(gate="utama", from_user="ani", to_user="budi", at=NOON)
        feed.look()
        rows = feed.after(0)
        assert [row.entry_id for row in rows] == [first.entry_id, second.entry_id, 3]
        assert rows == record.visits.entries()
        assert feed.after(2**63) == feed.after(3) == []
        assert feed.clamped(2**63) == 3


@on_databases
def test_rows_of_another_process_are_followed_within_seconds(open_record: Open) -> None:
    here, there = open_record(), open_record()
    with closing(Feed(here.visits, SystemClock())) as feed:
        feed.start()
        written = there.visits.write(attempt())
        assert feed.wait(written.entry_id - 1, WITHIN_S)
        assert feed.after(0) == [written.entry]


@on_databases
def test_rows_of_two_processes_are_each_followed_once(open_record: Open) -> None:
    here, there = open_record(capacity=50), open_record(capacity=50)
    with closing(Feed(here.visits, SystemClock())) as feed:
        feed.look()
        seen: list[LogEntry] = []
        for _ in range(5):
            there.visits.write(attempt())
            feed.wake([the(here.visits.write(attempt()).entry)])
            feed.look()
            seen += feed.after(len(seen))
        assert [row.entry_id for row in seen] == list(range(1, 11))
        assert {row.kind for row in seen} == {EntryKind.ATTEMPT}
