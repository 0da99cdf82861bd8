"""Who waits for the writer gets their own answer, whatever becomes of the others."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import pytest

from screening.clock import FakeClock
from screening.errors import NotRecorded, OutcomeUnknown
from screening.record.record import Record
from screening.record.writer import Transaction
from screening.visits import ExitHow, LogEntry
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE, attempt, receipt
from tests.records import put_new_record

PATIENCE_S = 60


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    where = put_new_record(tmp_path / "gerbang.db")
    with Record.open(
        where, site=SITE, zone=ZONE, plan=SeatPlan(4, 5), capacity=10_000, clock=FakeClock(NOON)
    ) as opened:
        yield opened


class Held:
    """A job that is begun, and goes on when it may."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.may_go_on = threading.Event()

    def __call__(self, _: Transaction) -> str:
        self.has_begun.set()
        assert self.may_go_on.wait(PATIENCE_S)
        return "done"


def _break(_: Transaction) -> NoReturn:
    raise LookupError("not there")


def _end(_: Transaction) -> NoReturn:
    raise SystemExit


def test_who_is_written_does_not_wait_for_whoever_comes_next(record: Record) -> None:
    writer, first, next_one = record._writer, Held(), Held()
    with ThreadPoolExecutor(3) as threads:
        second = writer.submit(lambda _: "written")
        threads.submit(writer.do, first)
        assert first.has_begun.wait(PATIENCE_S)
        threads.submit(writer.do, next_one)
        while writer.unfinished < 2:
            pass
        answered = threads.submit(second.result)
        first.may_go_on.set()
        try:
            assert next_one.has_begun.wait(PATIENCE_S)
            assert answered.result(PATIENCE_S) == "written"
        finally:
            next_one.may_go_on.set()


def test_what_waits_for_a_held_file_is_refused_together(record: Record, tmp_path: Path) -> None:
    tries: list[str] = []
    with record._database.for_writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        driver: Any = connection.connection.dbapi_connection
    driver.set_trace_callback(tries.append)
    holder = sqlite3.connect(tmp_path / "gerbang.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for future in [record.visits.submit(attempt()) for _ in range(5)]:
        with pytest.raises(NotRecorded, match="locked"):
            future.result()
    holder.execute("ROLLBACK")
    holder.close()
    assert tries == ["BEGIN IMMEDIATE"], "each waits as long as the one before"
    assert record.visits.write(attempt()).entry_id == 1


def test_what_came_while_the_file_was_held_is_refused_with_the_others(
    record: Record, tmp_path: Path
) -> None:
    tries: list[str] = []
    came: list[Future[LogEntry]] = []

    def see(statement: str) -> None:
        tries.append(statement)
        if len(came) < 2:
            came.append(record.visits.submit(attempt()))

    with record._database.for_writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        driver: Any = connection.connection.dbapi_connection
    driver.set_trace_callback(see)
    holder = sqlite3.connect(tmp_path / "gerbang.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotRecorded, match="locked"):
        record.visits.write(attempt())
    for future in came:
        with pytest.raises(NotRecorded, match="locked"):
            future.result()
    holder.execute("ROLLBACK")
    holder.close()
    assert tries == ["BEGIN IMMEDIATE"], "they wait as long again"
    assert record.visits.write(attempt()).entry_id == 1


def test_a_fault_of_one_is_told_to_that_one_only(record: Record) -> None:
    good = record.visits.submit(attempt())
    bad: Future[None] = record._writer.submit(_break)
    also_good = record.visits.submit(attempt())
    with pytest.raises(LookupError):
        bad.result()
    assert [good.result().entry_id, also_good.result().entry_id] == [1, 2]


def test_a_job_that_asks_for_another_s_answer_is_a_fault_and_not_the_end(record: Record) -> None:
    writer = record._writer

    def ask(_: Transaction) -> str:
        return writer.do(lambda _: "never in here")

    with pytest.raises(RuntimeError, match="asked for another job's answer"):
        writer.do(ask)
    assert writer.do(lambda _: "goes on") == "goes on"


def test_a_thread_that_is_ended_while_it_writes_leaves_nobody_waiting(record: Record) -> None:
    waiting = [record.visits.submit(attempt()), record._writer.submit(_end)]
    with pytest.raises(SystemExit):
        waiting[0].result()
    for one in waiting:
        with pytest.raises(OutcomeUnknown):
            one.result(PATIENCE_S)
    assert record.visits.write(attempt()).entry_id == 1


def test_whoever_gave_up_has_nothing_written(record: Record) -> None:
    given_up = record.visits.submit(attempt())
    assert given_up.cancel()
    with pytest.raises(CancelledError):
        given_up.result()
    assert record.visits.write(attempt()).entry_id == 1


def test_closing_writes_what_nobody_asks_for_any_more(record: Record, tmp_path: Path) -> None:
    for _ in range(3):
        record.visits.submit(attempt())
    record.close()
    with pytest.raises(NotRecorded, match="closed"):
        record.visits.write(attempt())
    with Record.open(tmp_path / "gerbang.db", site=SITE, zone=ZONE, plan=SeatPlan(4, 5)) as after:
        assert len(after.visits.entries()) == 3


def test_many_at_once_are_each_answered_once_and_told_in_order(record: Record) -> None:
    told: list[int] = []

    def tell(rows: Sequence[LogEntry]) -> None:
        told.extend(row.entry_id for row in rows)

    record.listen(tell)
    chance = random.Random(1)
    ways = [[chance.random() for _ in range(12)] for _ in range(8)]

    def use(number: int) -> list[int]:
        written = []
        for step, way in enumerate(ways[number]):
            future = record.visits.submit(attempt(receipt=receipt(number=f"{number}-{step}")))
            if way < 0.2:
                future.cancel()
            elif way < 0.3:
                with pytest.raises(LookupError):
                    record._writer.do(_break)
            if way < 0.7 and not future.cancelled():
                written.append(future.result().entry_id)
        return written

    with ThreadPoolExecutor(8) as threads:
        answers = [entry_id for one in threads.map(use, range(8)) for entry_id in one]
    record.close()
    assert len(set(answers)) == len(answers)
    assert told == list(range(1, len(told) + 1))
    assert set(answers) <= set(told)


def test_who_is_written_alone_does_not_wait_for_the_others(record: Record) -> None:
    writer, together, alone = record._writer, Held(), Held()
    runs: list[None] = []

    def break_then_hold(transaction: Transaction) -> str:
        runs.append(None)
        if len(runs) > 1:
            return alone(transaction)
        together(transaction)
        return _break(transaction)

    first = writer.submit(lambda _: "written")
    held = writer.submit(break_then_hold)
    with ThreadPoolExecutor(2) as threads:
        leading = threads.submit(held.result)
        assert together.has_begun.wait(PATIENCE_S)
        answered = threads.submit(first.result)
        together.may_go_on.set()
        try:
            assert alone.has_begun.wait(PATIENCE_S)
            assert answered.result(PATIENCE_S) == "written"
        finally:
            alone.may_go_on.set()
        assert leading.result(PATIENCE_S) == "done"


def test_what_is_written_together_is_answered_at_once_and_committed_in_the_end(
    record: Record,
) -> None:
    sari = receipt()

    def a_day() -> list[int]:
        first = record.visits.write(attempt(receipt=sari))
        left = record.visits.leave(
            receipt=sari, how=ExitHow.SCAN, gate="utama", operator=None, at=NOON
        )
        assert left is not None
        assert left.attempt_id == first.attempt_id
        second = record.visits.write(attempt(receipt=receipt()))
        assert not record.visits.latest(limit=5)
        return [first.entry_id, second.entry_id]

    assert record.together(a_day) == [1, 3]
    assert [entry.entry_id for entry in record.visits.latest(limit=5)] == [3, 2, 1]
    assert record.visits.verify().is_intact


def test_nothing_of_what_is_written_together_counts_when_it_breaks_off(record: Record) -> None:
    def half_a_day() -> NoReturn:
        record.visits.write(attempt(receipt=receipt()))
        raise LookupError("not there")

    with pytest.raises(LookupError):
        record.together(half_a_day)
    assert not record.visits.latest(limit=5)
    assert record.visits.write(attempt(receipt=receipt())).entry_id == 1
