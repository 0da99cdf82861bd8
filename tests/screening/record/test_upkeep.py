"""At the end of a day forgotten exits are closed and what is due is erased, once a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from screening.decision import Check
from screening.errors import RecordError
from screening.record.retention import Forgotten
from screening.record.upkeep import DailyUpkeep
from screening.visits import EntryKind
from tests.screening.gate.lane_setting import lane_setting


def test_a_new_day_closes_forgotten_exits_once(tmp_path: Path) -> None:
    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset()) as gate:
        upkeep = DailyUpkeep(gate.record, gate.clock)
        assert upkeep.run_if_due()
        gate.scan(gate.receipt())
        assert len(gate.record.visits.visits_inside()) == 1
        assert not upkeep.run_if_due()
        gate.clock.move_to(gate.clock.now() + timedelta(days=1))
        assert upkeep.run_if_due()
        assert gate.record.visits.visits_inside() == []
        assert gate.record.visits.verify().is_intact


def test_what_else_is_due_is_done_once_a_day(tmp_path: Path) -> None:
    with lane_setting(tmp_path) as gate:
        done: list[datetime] = []
        upkeep = DailyUpkeep(gate.record, gate.clock, also=done.append)
        for _ in range(2):
            upkeep.run_if_due()
        first = gate.clock.now()
        assert done == [first]
        gate.clock.move_to(first + timedelta(days=1))
        upkeep.run_if_due()
        assert done == [first, gate.clock.now()]


def test_trouble_with_what_else_is_due_does_not_keep_the_record_s_own_work_back(
    tmp_path: Path,
) -> None:
    tried: list[datetime] = []

    def trouble(now: datetime) -> None:
        tried.append(now)
        raise RecordError("a folder cannot be read")

    with lane_setting(tmp_path, checks=frozenset({Check.RECEIPT}), devices=frozenset()) as gate:
        gate.scan(gate.receipt())
        assert len(gate.record.visits.visits_inside()) == 1
        gate.clock.move_to(gate.clock.now() + timedelta(days=1))
        upkeep = DailyUpkeep(gate.record, gate.clock, also=trouble)
        assert [upkeep.run_if_due(), upkeep.run_if_due()] == [True, False]
        assert len(tried) == 2
        (newest,) = gate.record.visits.latest(limit=1)
        assert newest.kind is EntryKind.EXIT


def test_the_log_tells_in_words_what_was_erased() -> None:
    nothing = Forgotten(degrees=0, holders=0, remarks=0, receipts=0, sessions=0)
    assert str(nothing) == "nothing"
    assert str(replace(nothing, holders=3, sessions=1)) == "3 visitors' names, 1 old log-ins"


def test_the_thread_does_the_first_run_and_ends_when_closed(tmp_path: Path) -> None:
    with lane_setting(tmp_path) as gate:
        upkeep = DailyUpkeep(gate.record, gate.clock)
        upkeep.start()
        upkeep.close()
        assert not upkeep.run_if_due()
