"""Whoever fits is called in by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screening.clock import FakeClock
from screening.errors import RecordError
from screening.visits import ExitHow
from screening.waiting_room.caller import ASK_EVERY, LineCaller
from screening.waiting_room.plan import SeatPlan
from tests.contracts.builders import NOON, SITE, ZONE, attempt, receipt
from tests.fakes.line import FakeLine
from tests.fakes.record import FakeRecord


def office(clock: FakeClock) -> FakeRecord:
    record = FakeRecord(site=SITE, zone=ZONE, plan=SeatPlan(4, 5), capacity=1, clock=clock)
    record.visits.write(attempt())
    for _ in range(2):
        record.visits.write(attempt(receipt=receipt()))
    return record


def leave(record: FakeRecord) -> None:
    record.visits.leave(receipt=None, how=ExitHow.BUTTON, gate="utama", operator="budi", at=NOON)


def test_a_free_place_is_given_to_the_first_and_after_their_time_to_the_next() -> None:
    clock = FakeClock(NOON)
    record = office(clock)
    caller = LineCaller(record.line, clock)
    assert caller.look() == 0
    leave(record)
    assert [caller.look(), caller.look()] == [1, 0]
    clock.move_to(NOON + timedelta(minutes=5))
    assert [caller.look(), caller.look()] == [1, 0]


def test_what_other_processes_wrote_is_seen_soon() -> None:
    clock = FakeClock(NOON)
    record = office(clock)
    leave(record)

    class Stale(FakeLine):
        """Glances at the line as it was before."""

        def __init__(self) -> None:
            super().__init__(record.visits)
            self.before = self.view(at=NOON - timedelta(days=1))

        def glance(self, *, at: object) -> object:  # type: ignore[override]
            return self.before

    caller = LineCaller(Stale(), clock)
    assert sum(caller.look() for _ in range(ASK_EVERY)) == 1


def test_trouble_with_the_record_is_told_by_whoever_looks() -> None:
    class Broken(FakeLine):
        def glance(self, *, at: object) -> None:  # type: ignore[override]
            raise RecordError("gone")

    clock = FakeClock(NOON)
    caller = LineCaller(Broken(office(clock).visits), clock)
    with pytest.raises(RecordError):
        caller.look()
