"""Everybody follows the log by one feed: in order, each row once, read once for all."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.clock import FakeClock, SystemClock
from screening.errors import RecordError
from screening.feed import BATCH, RING, Feed
from screening.office.facts import OfficeFacts
from screening.visits import EntryKind, LogEntry
from tests.fakes.record import FakeVisitLog

NINE = datetime(2026, 11, 24, 2, tzinfo=UTC)
PATIENCE_S = 60.0
AWAY = RecordError("the record cannot be used now")


class CountedLog(FakeVisitLog):
    """Counts how often it is read; while ``fault`` is set every reading fails by it."""

    reads = 0
    heads = 0

    def __init__(self, **office: Any) -> None:
        super().__init__(**office)
        self.fault: Exception | None = None
        self.failed = threading.Event()
        self.meanwhile: Callable[[], None] = lambda: None

    def head(self) -> int:
        self._check()
        self.heads += 1
        head = super().head()
        self.meanwhile()
        return head

    def entries(self, *, after: int = 0, limit: int = 100) -> list[LogEntry]:
        self._check()
        self.reads += 1
        return super().entries(after=after, limit=limit)

    def happen(self, times: int = 1, kind: EntryKind = EntryKind.HANDOVER) -> list[LogEntry]:
        return [self.append(kind, NINE) for _ in range(times)]

    def _check(self) -> None:
        if self.fault is not None:
            self.failed.set()
            raise self.fault


@pytest.fixture
def log() -> CountedLog:
    return CountedLog(zone=ZoneInfo("Asia/Jakarta"), clock=FakeClock(NINE), first=OfficeFacts())


@pytest.fixture
def feed(log: CountedLog) -> Iterator[Feed]:
    """It has looked once, at an empty log; its thread does not run."""
    with closing(Feed(log, FakeClock(NINE))) as feed:
        feed.look()
        yield feed


def ids(rows: list[LogEntry] | None) -> list[int]:
    assert rows is not None
    return [row.entry_id for row in rows]


class TestMemory:
    def test_rows_of_this_process_are_there_without_asking_the_log(
        self, feed: Feed, log: CountedLog
    ) -> None:
        feed.wake(log.happen(2))
        feed.wake(log.happen(1))
        log.fault = AWAY
        assert ids(feed.after(0)) == [1, 2, 3]
        assert ids(feed.after(2)) == [3]
        assert feed.after(3) == []

    def test_a_batch_is_read_once_for_any_number_of_readers(
        self, feed: Feed, log: CountedLog
    ) -> None:
        log.happen(5)  # in another process
        for _ in range(3):
            feed.look()
        readers = [ids(feed.after(0)) for _ in range(200)]
        assert readers == [[1, 2, 3, 4, 5]] * 200
        assert log.reads == 1

    def test_rows_after_a_gap_wait_for_what_is_missing(self, feed: Feed, log: CountedLog) -> None:
        log.happen(2)  # in another process
        feed.wake(log.happen(1))
        assert feed.head == 0
        feed.look()
        assert ids(feed.after(0)) == [1, 2, 3]

    def test_rows_told_twice_are_kept_once(self, feed: Feed, log: CountedLog) -> None:
        mine = log.happen(2)
        feed.look()
        feed.wake([*mine, *log.happen(1)])
        assert ids(feed.at_hand(0)) == [1, 2, 3]

    def test_who_is_further_behind_reads_the_log(self, feed: Feed, log: CountedLog) -> None:
        feed.wake(log.happen(RING + 10))
        assert feed.at_hand(9) is None
        assert ids(feed.after(5)) == list(range(6, 6 + BATCH))
        assert feed.at_hand(10) is not None
        assert feed.at_hand(RING + 11) is None

    def test_a_feed_left_far_behind_goes_on_at_the_newest_rows(
        self, feed: Feed, log: CountedLog
    ) -> None:
        feed.wake(log.happen(1))
        log.happen(3 * RING)
        feed.look()
        assert feed.head == 3 * RING + 1
        assert ids(feed.at_hand(3 * RING - 1)) == [3 * RING, 3 * RING + 1]
        assert ids(feed.after(1, limit=2)) == [2, 3]

    def test_what_was_erased_is_read_again(self, feed: Feed, log: CountedLog) -> None:
        feed.wake(log.happen(2))
        feed.wake(log.happen(1, kind=EntryKind.ERASURE))
        assert feed.at_hand(0) is None
        feed.wake(log.happen(1))
        assert ids(feed.at_hand(3)) == [4]
        assert ids(feed.after(0)) == [1, 2, 3, 4]


class TestClamping:
    def test_a_number_out_of_the_log_is_the_nearest_in_it(
        self, feed: Feed, log: CountedLog
    ) -> None:
        feed.wake(log.happen(3))
        assert [feed.clamped(n) for n in (-1, -(2**70), 2, 3, 4, 2**63, 2**70)] == [
            *(0, 0, 2, 3),
            *(3, 3, 3),
        ]
        assert feed.after(2**64) == []

    def test_rows_that_only_another_process_knows_are_not_above_the_head(
        self, feed: Feed, log: CountedLog
    ) -> None:
        log.happen(4)
        assert feed.clamped(4) == 4

    def test_a_shorter_log_hides_nothing(self, feed: Feed, log: CountedLog) -> None:
        feed.wake(log.happen(5))
        del log._log[2:]  # a backup is restored
        feed.look()
        assert feed.head == 2
        feed.wake(log.happen(1))
        assert ids(feed.after(feed.clamped(2))) == [3]

    def test_a_log_that_grows_while_it_is_asked_has_not_become_shorter(
        self, feed: Feed, log: CountedLog
    ) -> None:
        feed.wake(log.happen(3))
        log.meanwhile = lambda: feed.wake(log.happen(1))
        feed.look()
        assert feed.head == 4
        assert ids(feed.at_hand(0)) == [1, 2, 3, 4]


class TestThread:
    def test_rows_of_another_process_come_by_themselves(self, log: CountedLog) -> None:
        with closing(Feed(log, SystemClock())) as feed:
            feed.start()
            log.happen(1)
            assert feed.wait(0, PATIENCE_S)
            assert ids(feed.after(0)) == [1]

    def test_who_listens_is_called_until_they_stop(self, log: CountedLog) -> None:
        called = [threading.Event(), threading.Event()]
        with closing(Feed(log, FakeClock(NINE))) as feed:
            feed.look()
            stop = feed.listen(called[0].set)
            feed.listen(called[1].set)
            feed.start()
            feed.wake(log.happen(1))
            assert all(event.wait(PATIENCE_S) for event in called)
            stop()
            for event in called:
                event.clear()
            feed.wake(log.happen(1))
            assert called[1].wait(PATIENCE_S)
            assert not called[0].is_set()

    def test_own_rows_cost_no_look_at_the_log(self, log: CountedLog) -> None:
        told = threading.Semaphore(0)
        with closing(Feed(log, FakeClock(NINE))) as feed:
            feed.listen(told.release)
            feed.look()
            feed.start()
            for _ in range(5):
                feed.wake(log.happen(1))
                assert told.acquire(timeout=PATIENCE_S)
            assert log.reads == 0
            assert log.heads <= 2

    def test_nobody_waits_for_a_closed_feed(self, log: CountedLog) -> None:
        feed = Feed(log, SystemClock())
        feed.start()
        waited = threading.Thread(target=feed.wait, args=(9, PATIENCE_S * 9))
        waited.start()
        feed.close()
        feed.close()
        waited.join(PATIENCE_S)
        assert not waited.is_alive()

    def test_a_lost_log_is_told_once_and_followed_again(
        self, log: CountedLog, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        log.fault = AWAY
        with closing(Feed(log, FakeClock(NINE))) as feed:
            feed.start()
            for _ in range(3):
                assert log.failed.wait(PATIENCE_S)
                log.failed.clear()
                feed.wake()
            log.happen(1)
            log.fault = None
            feed.wake()
            assert feed.wait(0, PATIENCE_S)
        told = [record.message.partition(":")[0] for record in caplog.records]
        assert told == ["the log cannot be followed", "the log can be followed again"]

    def test_a_fault_that_comes_again_is_told_once_and_does_not_end_it(
        self, log: CountedLog, caplog: pytest.LogCaptureFixture
    ) -> None:
        log.fault = TypeError("a fault of the program")
        with closing(Feed(log, FakeClock(NINE))) as feed:
            feed.start()
            for _ in range(2):
                assert log.failed.wait(PATIENCE_S)
                log.failed.clear()
                feed.wake()
            log.fault = None
            log.happen(1)
            feed.wake()
            assert feed.wait(0, PATIENCE_S)
        assert caplog.text.count("TypeError: a fault of the program") == 1
