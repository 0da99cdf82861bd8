"""For a new day forgotten exits are closed and what is due is erased, once that day is believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from screening.clock import SETTLES_WITHIN_S, SURE_AFTER_S, FakeClock
from screening.decision import Check, DecisionKind
from screening.errors import RecordError
from screening.gate.commands import ExitButton
from screening.record.retention import Forgotten
from screening.record.upkeep import DailyUpkeep
from screening.visits import EntryKind
from tests.contracts.builders import the
from tests.screening.gate.lane_setting import Setting, lane_setting

DAY = timedelta(days=1)
SOON = timedelta(seconds=SURE_AFTER_S)
"""After this time of even going a day is believed."""


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Setting]:
    """A gate that asks for a receipt, with one visitor inside."""
    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset()) as gate:
        gate.scan(gate.receipt())
        yield gate


def wait(clock: FakeClock, time: timedelta) -> None:
    """Time passes."""
    clock.move_to(clock.now() + time)


def jump(clock: FakeClock, by: timedelta) -> None:
    """Somebody sets the wall clock."""
    clock.set_wall(clock.now() + by)


def names(gate: Setting) -> int:
    """Rows that still know their holder's name."""
    return sum(row.holder is not None for row in gate.record.visits.latest(limit=100))


def let_out(gate: Setting) -> int:
    """Rows of exits."""
    return sum(row.kind is EntryKind.EXIT for row in gate.record.visits.latest(limit=100))


def test_a_new_day_closes_forgotten_exits_once(gate: Setting) -> None:
    upkeep = DailyUpkeep(gate.record, gate.clock)
    assert len(gate.record.visits.visits_inside()) == 1
    wait(gate.clock, DAY)
    assert upkeep.run_if_due()
    assert not upkeep.run_if_due()
    (newest,) = gate.record.visits.latest(limit=1)
    assert newest.kind is EntryKind.EXIT
    assert gate.record.visits.verify().is_intact


def test_the_days_before_are_counted_and_compared_after_the_day_s_work(gate: Setting) -> None:
    upkeep = DailyUpkeep(gate.record, gate.clock)
    assert upkeep.figure_if_due() is None
    wait(gate.clock, DAY)
    upkeep.run_if_due()
    run = the(upkeep.figure_if_due())
    assert (run.rolled, run.checked, run.differing) == (1, 1, 0)
    assert upkeep.figure_if_due() is None
    assert gate.record.roll_ups.newest_run() == run


def test_a_day_that_has_just_begun_waits(gate: Setting) -> None:
    upkeep = DailyUpkeep(gate.record, gate.clock)
    wait(gate.clock, timedelta(hours=9))
    assert upkeep.run_if_due()  # still of the first day
    wait(gate.clock, timedelta(hours=6, minutes=30))  # half past midnight
    assert not upkeep.run_if_due()
    wait(gate.clock, timedelta(hours=2))
    assert upkeep.run_if_due()
    assert gate.record.visits.latest(limit=1)[0].kind is EntryKind.EXIT


@pytest.mark.parametrize(
    ("ahead", "for_s"), [(400 * DAY, 20), (DAY, 4), (DAY, 3600), (-DAY, 20)], ids=str
)
def test_a_clock_that_is_wrong_for_a_while_erases_and_closes_nothing(
    gate: Setting, ahead: timedelta, for_s: float
) -> None:
    upkeep = DailyUpkeep(gate.record, gate.clock)
    wait(gate.clock, timedelta(hours=3))
    upkeep.run_if_due()
    before = names(gate)
    jump(gate.clock, ahead)
    for _ in range(3):
        upkeep.run_if_due()
        wait(gate.clock, timedelta(seconds=for_s / 2))
    gate.scan(gate.receipt())
    jump(gate.clock, -ahead)
    upkeep.run_if_due()
    gate.scan(gate.receipt())
    assert before == 1
    assert names(gate) >= before
    assert [row.kind for row in gate.record.visits.latest(limit=9)].count(EntryKind.EXIT) == 0
    assert len(gate.record.visits.visits_inside()) >= 2


def test_a_restart_while_the_clock_is_wrong_erases_and_closes_nothing(gate: Setting) -> None:
    jump(gate.clock, 400 * DAY)
    upkeep = DailyUpkeep(gate.record, gate.clock)
    for _ in range(3):
        assert not upkeep.run_if_due()
        wait(gate.clock, timedelta(seconds=30))
    jump(gate.clock, -400 * DAY)
    upkeep.run_if_due()
    assert len(gate.record.visits.visits_inside()) == 1
    assert names(gate) == 1


def test_a_machine_that_was_off_for_a_week_catches_up(gate: Setting) -> None:
    wait(gate.clock, 7 * DAY)
    upkeep = DailyUpkeep(gate.record, gate.clock)
    assert not upkeep.run_if_due()
    wait(gate.clock, SOON)
    assert upkeep.run_if_due()
    assert gate.record.visits.latest(limit=1)[0].kind is EntryKind.EXIT


def test_a_machine_without_a_battery_catches_up_with_the_day_it_is_told(gate: Setting) -> None:
    wait(gate.clock, timedelta(hours=1))
    upkeep = DailyUpkeep(gate.record, gate.clock)  # starts at the time of its last shutdown
    wait(gate.clock, timedelta(seconds=SETTLES_WITHIN_S / 2))
    jump(gate.clock, DAY)
    assert not upkeep.run_if_due()
    wait(gate.clock, SOON)
    assert upkeep.run_if_due()
    assert gate.record.visits.latest(limit=1)[0].kind is EntryKind.EXIT


class TestAMachineThatNeverRunsForLong:
    def a_day(self, gate: Setting, file: Path) -> DailyUpkeep:
        """It is on for an hour and a half, and off until the next day's same time."""
        upkeep = DailyUpkeep(gate.record, gate.clock, kept_in=file)
        for _ in range(9):
            upkeep.run_if_due()
            wait(gate.clock, timedelta(minutes=10))
        upkeep.close()
        wait(gate.clock, DAY - timedelta(minutes=90))
        return upkeep

    def test_closes_its_days_after_some_of_them(self, gate: Setting, tmp_path: Path) -> None:
        file = tmp_path / "running-time.json"
        for _ in range(2):
            self.a_day(gate, file)
        assert let_out(gate) == 0
        for _ in range(2):
            self.a_day(gate, file)
        assert let_out(gate) == 1
        assert gate.record.visits.verify().is_intact
        for _ in range(32):
            self.a_day(gate, file)
        assert names(gate) == 0

    def test_believes_no_clock_that_is_ahead_for_one_of_them(
        self, gate: Setting, tmp_path: Path
    ) -> None:
        file = tmp_path / "running-time.json"
        self.a_day(gate, file)
        for _ in range(3):
            jump(gate.clock, 400 * DAY)  # while it was off
            self.a_day(gate, file)
            jump(gate.clock, -400 * DAY)
            self.a_day(gate, file)
        assert names(gate) == 1

    def test_counts_from_the_beginning_where_the_file_is_broken(
        self, gate: Setting, tmp_path: Path
    ) -> None:
        file = tmp_path / "running-time.json"
        for broken in ("", "[1]", '{"2026-11-25": "much"}', '{"yesterday": 9000}'):
            file.write_text(broken)
            self.a_day(gate, file)
        assert let_out(gate) == 0

    def test_works_on_where_the_file_cannot_be_written(
        self, gate: Setting, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.a_day(gate, tmp_path / "no-such-folder" / "running-time.json")
        assert let_out(gate) == 0
        assert len(caplog.messages) == 1


class TestTheMorningAfterTheMachineWasOff:
    def test_a_seat_that_somebody_forgot_to_leave_is_given_to_others(self, tmp_path: Path) -> None:
        checks = frozenset({Check.RECEIPT})
        with lane_setting(tmp_path, checks=checks, devices=frozenset()) as gate:
            while gate.scan(gate.receipt()).decision is DecisionKind.ADMIT:
                pass
            yesterday = len(gate.record.visits.visits_inside())
            wait(gate.clock, DAY)
            DailyUpkeep(gate.record, gate.clock)
            first, second = gate.scan(gate.receipt()), gate.scan(gate.receipt())
            assert first.seat
            assert second.seat
            kinds = [row.kind for row in gate.record.visits.latest(limit=100)]
            assert yesterday > 2
            assert kinds.count(EntryKind.EXIT) == 2
            assert len(gate.record.visits.visits_inside()) == 2

    def test_whoever_leaves_by_the_button_is_of_today(self, gate: Setting) -> None:
        wait(gate.clock, DAY)
        DailyUpkeep(gate.record, gate.clock)
        gate.scan(gate.receipt())
        gate.lane.do(ExitButton(operator="ani"))
        assert gate.record.visits.visits_inside() == []


def test_nobody_is_let_out_for_a_seat_after_the_clock_has_jumped(tmp_path: Path) -> None:
    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset()) as gate:
        DailyUpkeep(gate.record, gate.clock)
        wait(gate.clock, timedelta(hours=1))
        while gate.scan(gate.receipt()).decision is DecisionKind.ADMIT:
            pass
        inside = len(gate.record.visits.visits_inside())
        jump(gate.clock, DAY)
        gate.scan(gate.receipt())
        jump(gate.clock, -DAY)
        assert len(gate.record.visits.visits_inside()) >= inside


def test_what_else_is_due_is_done_once_a_day(gate: Setting) -> None:
    done: list[datetime] = []
    upkeep = DailyUpkeep(gate.record, gate.clock, also=done.append)
    wait(gate.clock, SOON)
    for _ in range(2):
        upkeep.run_if_due()
    first = gate.clock.now()
    assert done == [first]
    wait(gate.clock, DAY)
    upkeep.run_if_due()
    assert done == [first, gate.clock.now()]


def test_trouble_with_what_else_is_due_does_not_keep_the_record_s_own_work_back(
    gate: Setting,
) -> None:
    tried: list[datetime] = []

    def trouble(now: datetime) -> None:
        tried.append(now)
        raise RecordError("a folder cannot be read")

    upkeep = DailyUpkeep(gate.record, gate.clock, also=trouble)
    wait(gate.clock, DAY)
    assert [upkeep.run_if_due(), upkeep.run_if_due()] == [True, False]
    assert len(tried) == 2
    (newest,) = gate.record.visits.latest(limit=1)
    assert newest.kind is EntryKind.EXIT


def test_the_thread_does_what_is_due_and_ends_when_closed(gate: Setting) -> None:
    upkeep = DailyUpkeep(gate.record, gate.clock)
    wait(gate.clock, DAY)
    upkeep.start()
    upkeep.close()
    assert not upkeep.run_if_due()


def test_the_log_tells_in_words_what_was_erased() -> None:
    nothing = Forgotten(degrees=0, holders=0, remarks=0, receipts=0, sessions=0)
    assert str(nothing) == "nothing"
    assert str(replace(nothing, holders=3, sessions=1)) == "3 visitors' names, 1 old log-ins"
