"""The queue where many counters and processes meet: nobody is called twice, nobody is lost."""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from screening.decision import DecisionKind
from screening.office.changes import with_counter
from screening.queue.book import Answered
from screening.queue.queue import Order
from screening.queue.tickets import Act, QueueRefusal, Ticket, TicketState
from screening.record.record import Record
from screening.repeats import Answer, AnsweredBefore, Asked
from screening.visits import EntryKind, ExitHow
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE, attempt, receipt, the
from tests.contracts.older import set_back
from tests.e2e.served import Forked
from tests.records import put_new_record

COUNTERS = [str(number) for number in range(1, 17)]
TICKETS = 200


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> str | Path:
    """A database that is there and empty."""
    if request.param == "postgresql":
        make: Callable[..., str] = request.getfixturevalue("new_postgresql_database")
        return make()
    return put_new_record(request.getfixturevalue("tmp_path") / "gerbang.db")


def open_record(where: str | Path, *, capacity: int = 10_000) -> Record:
    plan = SeatPlan(4, 5)
    return Record.open(where, site=SITE, zone=ZONE, plan=plan, capacity=capacity)


def add_counters(record: Record, *names: str, services: str = "all") -> None:
    for name in names:
        edit = with_counter(name, {"services": services})
        record.facts.change(edit, operator="siti", at=NOON)


def come(record: Record, count: int) -> list[str]:
    futures = [record.visits.submit(attempt(service="LEGALISIR")) for _ in range(count)]
    return [the(future.result().visit).ticket for future in futures]


def call(record: Record, act: Act, counter: str, at: datetime = NOON, **more: Any) -> Answered:
    return record.queue.act(Order(act=act, counter=counter, by="rina", **more), at=at)


def call_until_nobody_waits(record: Record, counter: str) -> list[str]:
    called: list[str] = []
    while True:
        ticket = call(record, Act.CALL_NEXT, counter)
        if ticket is None:
            return called
        assert isinstance(ticket, Ticket), ticket
        called.append(ticket.label)
        assert isinstance(call(record, Act.DONE, counter), Ticket)


@pytest.mark.parametrize("records", [1, 2], ids=["one record", "two records"])
def test_sixteen_counters_call_each_of_two_hundred_once(where: str | Path, records: int) -> None:
    opened = [open_record(where) for _ in range(records)]
    try:
        add_counters(opened[0], *COUNTERS)
        tickets = come(opened[0], TICKETS)
        for record in opened:
            record.facts.refresh()
        begin = threading.Barrier(len(COUNTERS))

        def work(number: int) -> list[str]:
            begin.wait()
            return call_until_nobody_waits(opened[number % records], COUNTERS[number])

        with ThreadPoolExecutor(len(COUNTERS)) as threads:
            called = list(itertools.chain(*threads.map(work, range(len(COUNTERS)))))
        assert sorted(called) == sorted(tickets)
        assert opened[-1].queue.view(at=NOON).waiting == ()
        assert opened[-1].visits.verify().problem is None
    finally:
        for record in opened:
            record.close()


def test_sixteen_presses_at_once_call_sixteen_people(where: str | Path) -> None:
    with open_record(where) as record:
        add_counters(record, *COUNTERS)
        come(record, TICKETS)
        begin = threading.Barrier(len(COUNTERS))

        def work(counter: str) -> Answered:
            begin.wait()
            return call(record, Act.CALL_NEXT, counter)

        with ThreadPoolExecutor(len(COUNTERS)) as threads:
            called = [one for one in threads.map(work, COUNTERS) if isinstance(one, Ticket)]
        assert len({one.visit_id for one in called}) == len(COUNTERS)
        first = {f"L-{number:03d}" for number in range(1, len(COUNTERS) + 1)}
        assert {one.label for one in called} == first


def test_one_press_that_arrives_many_times_calls_one(where: str | Path) -> None:
    with open_record(where) as record:
        add_counters(record, "1")
        come(record, 20)

        def told(found: Answered) -> Answer:
            assert isinstance(found, Ticket)
            return Answer(200, found.label.encode())

        def press(_: int) -> bytes:
            asked = Asked(caller="panggilan", key="one", digest="d", answer=told)
            order = Order(act=Act.CALL_NEXT, counter="1", by="panggilan")
            try:
                return told(record.queue.act(order, at=NOON, asked=asked)).body
            except AnsweredBefore as before:
                return before.answer.body

        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(press, range(24)))) == 1
        assert len(record.queue.view(at=NOON).waiting) == 19


def test_whoever_leaves_while_being_called_is_called_or_gone_never_both(where: str | Path) -> None:
    with open_record(where) as record:
        add_counters(record, "1", "2")
        for _ in range(10):
            claims = receipt()
            label = the(record.visits.write(attempt(receipt=claims)).visit).ticket
            begin = threading.Barrier(3)

            def leave(claims: Any = claims, begin: threading.Barrier = begin) -> None:
                begin.wait()
                record.visits.leave(
                    receipt=claims, how=ExitHow.SCAN, gate="utama", operator=None, at=NOON
                )

            def press(counter: str, begin: threading.Barrier = begin) -> Answered:
                begin.wait()
                return call(record, Act.CALL_NEXT, counter)

            with ThreadPoolExecutor(3) as threads:
                left = threads.submit(leave)
                called = [threads.submit(press, counter) for counter in ("1", "2")]
                left.result()
                labels = [one.label for c in called if isinstance(one := c.result(), Ticket)]
            assert labels in ([], [label])
            assert record.queue.view(at=NOON).called == ()
            for counter in ("1", "2"):
                assert call(record, Act.DONE, counter) is QueueRefusal.NOBODY_HERE
        assert record.visits.verify().problem is None


_AT_A_COUNTER = ("next", "next", "arrived", "done", "park", "missed", "forward", "undo", "back")
_ACTS = st.sampled_from([*_AT_A_COUNTER, "come", "come", "leave", "annul", "reopen", "other"])


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 12), ("postgresql", 2)])
def test_whatever_happens_in_whatever_order_the_numbers_agree(
    kind: str,
    examples: int,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    make: Callable[[], str | Path] = lambda: put_new_record(  # noqa: E731
        tmp_path_factory.mktemp("queue") / "gerbang.db"
    )
    if kind == "postgresql":
        make = request.getfixturevalue("new_postgresql_database")

    @settings(max_examples=examples, deadline=None, phases=[Phase.generate])
    @given(st.lists(st.tuples(_ACTS, st.integers(0, 40)), min_size=10, max_size=60))
    def holds(events: list[tuple[str, int]]) -> None:
        office = _Office(make())
        try:
            for what, number in events:
                office.do(what, number)
                office.check()
            assert office.record.visits.verify().problem is None
        finally:
            office.close()

    holds()


class _Office:
    """Two records of one office with room for eight, and what they must agree on."""

    def __init__(self, where: str | Path) -> None:
        self._where = where
        self.record = open_record(where, capacity=8)
        self.other = open_record(where, capacity=8)
        add_counters(self.record, "0", "1", "2")
        self.other.facts.refresh()
        self._now = NOON
        self._inside: dict[str, Any] = {}

    def close(self) -> None:
        self.record.close()
        self.other.close()

    def do(self, what: str, number: int) -> None:
        self._now += timedelta(seconds=1)
        counter = str(number % 3)
        labels = list(self._inside)
        label = labels[number % len(labels)] if labels else "none"
        match what:
            case "come":
                self._come()
            case "leave" if labels:
                receipt, _ = self._inside.pop(label)
                self.record.visits.leave(
                    receipt=receipt, how=ExitHow.SCAN, gate="utama", operator=None, at=self._now
                )
            case "annul" if labels:
                _, attempt_id = self._inside.pop(label)
                self.record.visits.annul(attempt_id, operator="budi", remark="-", at=self._now)
            case "reopen":
                self.record.close()
                self.record = open_record(self._where, capacity=8)
            case "other":
                self.record, self.other = self.other, self.record
            case _ if what in _AT_A_COUNTER:
                self._act(what, counter, label)

    def check(self) -> None:
        """Occupancy is entries less exits; every ticket of those inside is in one state."""
        seen = self.record.queue.view(at=self._now)
        at_counters = [ticket.counter for ticket in seen.called]
        assert len(at_counters) == len(set(at_counters))
        shown = [one.label for one in (*seen.waiting, *seen.called, *seen.parked, *seen.missed)]
        assert len(shown) == len(set(shown))
        assert set(shown) <= set(self._inside)
        figures = self.record.visits.figures(since=NOON - timedelta(hours=12), at=self._now)
        assert figures.occupancy == len(self._inside) <= 8
        assert figures.queue_waiting == len(seen.waiting)
        taken = [one.visit_id for one in self.record.visits.seats() if one.visit_id is not None]
        assert len(taken) == len(set(taken)) <= len(self._inside)

    def _come(self) -> None:
        claims = receipt()
        written = self.record.visits.write(attempt(receipt=claims, at=self._now))
        if written.visit is None:
            assert written.decision is DecisionKind.WAIT
            others = self.record.line.view(at=self._now).places
            assert len(self._inside) == 8 or len(others) > 1
        else:
            self._inside[written.visit.ticket] = (claims, written.attempt_id)

    def _act(self, what: str, counter: str, label: str) -> None:
        act = {"next": Act.CALL_NEXT, "back": Act.TAKE_BACK}.get(what) or Act(what)
        ticket = label if act is Act.TAKE_BACK else None
        before = self.record.queue.view(at=self._now)
        found = call(self.record, act, counter, self._now, ticket=ticket, service="KK")
        if act is Act.CALL_NEXT and isinstance(found, Ticket):
            assert found.visit_id == before.waiting[0].visit_id
        if isinstance(found, Ticket):
            assert found.label in self._inside
            assert found.state is not TicketState.GONE


# Calls for ever, and tells each one that the record has acknowledged.
CALLER = """
import sys
from screening.queue.queue import Order
from screening.queue.tickets import Act, Ticket
from screening.record import Record, engine
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE
engine.BUSY_TIMEOUT_S = 60
record = Record.open(sys.argv[1], site=SITE, zone=ZONE, plan=SeatPlan(4, 5), capacity=10_000)
while True:
    for act in (Act.CALL_NEXT, Act.ARRIVED, Act.DONE):
        order = Order(act=act, counter=sys.argv[2], by="rina")
        found = record.queue.act(order, at=NOON)
        if isinstance(found, Ticket):
            print(act.value, found.label, flush=True)
"""


def test_a_killed_counter_loses_no_call_and_nobody(where: str | Path) -> None:
    with open_record(where) as record:
        add_counters(record, "1", "2")
        tickets = come(record, TICKETS)
    told: list[str] = []
    for counter, lines in (("1", 10), ("2", 7), ("1", 11)):
        with Forked(CALLER, [str(where), counter]) as caller:
            told += [caller.stdout.readline().strip() for _ in range(lines)]
            caller.send_signal(signal.SIGKILL)
            told += [line for line in caller.stdout.read().split("\n") if line]
    with open_record(where) as record:
        assert record.visits.verify().problem is None
        rows = [row for row in record.visits.export() if row.kind is EntryKind.QUEUE]
        assert len(rows) >= len([line for line in told if " " in line])
        called = [line.split()[1] for line in told if line.startswith("call_next ")]
        assert len(called) == len(set(called))
        seen = record.queue.view(at=NOON)
        done = [row.remark for row in rows if "→ done" in (row.remark or "")]
        assert len(seen.waiting) + len(seen.called) + len(done) == len(tickets)
        for counter in ("1", "2"):
            there = next(ticket for one, ticket in seen.counters if one.name == counter)
            if there is not None:
                assert isinstance(call(record, Act.DONE, counter), Ticket)
            assert isinstance(call(record, Act.CALL_NEXT, counter), Ticket)


TAMPERED = {
    "a ticket put before others": 'UPDATE tickets SET ticket = replace(ticket, \'"since":"2026\''
    ', \'"since":"2025\') WHERE visit_id = 2',
    "a ticket removed": "DELETE FROM tickets WHERE visit_id = 2",
    "a ticket that nobody got": "INSERT INTO tickets SELECT 99, site, ended_at, overtaken, ticket"
    " FROM tickets WHERE visit_id = 2",
    "overtaken less often": "UPDATE tickets SET overtaken = 7 WHERE visit_id = 2",
    "a ticket that cannot be read": "UPDATE tickets SET ticket = '{' WHERE visit_id = 2",
}


@pytest.mark.parametrize("tampering", TAMPERED)
def test_a_ticket_changed_behind_the_record_s_back_is_found(
    where: str | Path, tampering: str
) -> None:
    with open_record(where) as record:
        add_counters(record, "1")
        come(record, 3)
        call(record, Act.CALL_NEXT, "1")
        assert record.visits.verify().problem is None
        with record._database._engine.begin() as connection:
            connection.execute(text(TAMPERED[tampering].replace(":", "\\:")))
        assert "ticket" in (record.visits.verify().problem or "")


def test_whoever_was_inside_before_there_were_tickets_can_be_called(where: str | Path) -> None:
    with open_record(where) as record:
        (label,) = come(record, 1)
        gone = receipt()
        record.visits.write(attempt(receipt=gone))
        record.visits.leave(receipt=gone, how=ExitHow.SCAN, gate="utama", operator=None, at=NOON)
        set_back(record, "0012")
    with open_record(where) as record:
        add_counters(record, "1")
        called = call(record, Act.CALL_NEXT, "1", NOON + timedelta(minutes=5))
        assert isinstance(called, Ticket)
        assert (called.label, called.since, called.seconds.waiting) == (label, NOON, 300)


def test_a_call_is_few_statements_however_many_wait(where: str | Path) -> None:
    with open_record(where) as record:
        add_counters(record, "1")
        come(record, 300)
        call(record, Act.CALL_NEXT, "1")
        with record.counting_statements() as counted:
            call(record, Act.DONE, "1")
            call(record, Act.CALL_NEXT, "1")
        assert counted() <= 2 * 8
