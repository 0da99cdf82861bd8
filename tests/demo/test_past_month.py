"""The days that lie behind the demonstration's office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from dashboard.demo.past_month import past_month
from dashboard.storage import open_record
from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.figures.roll_ups import By
from screening.record import Record
from screening.settings import GateSettings, RoomSettings, Settings
from screening.survey.index import Quarter
from screening.visits import EntryKind

FRIDAY = datetime(2026, 11, 27, 2, 30, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 20), date(2026, 11, 26)
"""A week before that Friday: five days on which the office is open."""


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    settings = Settings(
        _env_file=None,
        data=tmp_path_factory.mktemp("demo") / "data",
        gates=(GateSettings(name="dua"), GateSettings(name="utama")),
        room=RoomSettings(rows=4, columns=6),
    )
    told: list[tuple[int, int]] = []

    def hear(done: int, of: int) -> None:
        told.append((done, of))

    assert past_month(settings, until=FRIDAY, seed=1, days=7, told=hear) == 5
    assert told == [(number, 5) for number in range(1, 6)]
    with open_record(settings, FakeClock(FRIDAY)) as record:
        yield record


def test_its_log_is_sound_and_goes_forward_until_yesterday(record: Record) -> None:
    assert record.visits.verify().is_intact
    moments = [entry.at for entry in record.visits.export()]
    assert moments == sorted(moments)
    assert moments[-1] <= FRIDAY


def test_its_figures_are_those_of_its_log(record: Record) -> None:
    run = record.roll_ups.run(FRIDAY)
    assert run.checked == 5
    assert run.differing == 0
    total = record.roll_ups.total(FIRST, LAST)
    written = Counter(
        entry.decision for entry in record.visits.export() if entry.kind == EntryKind.ATTEMPT
    )
    assert total.admitted == written[DecisionKind.ADMIT]
    assert total.refused == written[DecisionKind.DENY]
    assert total.referred == written[DecisionKind.REFER]


def test_every_page_of_figures_has_something_to_show(record: Record) -> None:
    days = record.roll_ups.rows(FIRST, LAST, By.DAY)
    closed = {date(2026, 11, 21).isoformat(), date(2026, 11, 22).isoformat()}
    assert {row.key for row in days if not row.admitted} == closed
    total = record.roll_ups.total(FIRST, LAST)
    assert total.booked > total.served > 0
    assert min(total.no_show, total.refused, total.referred) > 0
    assert total.wait_minutes is not None
    assert total.service_minutes is not None
    keys = {by: {row.key for row in record.roll_ups.rows(FIRST, LAST, by)} for by in By}
    assert keys[By.GATE] >= {"utama", "dua"}
    assert keys[By.SERVICE] >= {"KTP", "KK", "AKTA", "LEGALISIR", "DARURAT"}
    assert keys[By.COUNTER] >= {"1", "2"}
    assert Reason.NOT_YET_VALID in keys[By.REASON]
    counted = record.survey.counted(Quarter.of(FIRST), Quarter.of(LAST))
    assert sum(one.people for one in counted) > 10


def test_nobody_is_still_inside_when_the_demo_begins(record: Record) -> None:
    record.visits.close_day(FRIDAY)
    view = record.queue.view(at=FRIDAY)
    assert (view.waiting, view.called) == ((), ())
    since = datetime.combine(FRIDAY.date(), time.min, tzinfo=FRIDAY.tzinfo)
    assert record.visits.figures(since=since, at=FRIDAY).occupancy == 0


def test_the_same_seed_is_the_same_week(tmp_path: Path) -> None:
    def admitted(seed: int) -> list[int]:
        settings = Settings(
            _env_file=None, data=tmp_path / f"{seed}-{len(found)}", gates=(GateSettings(name="a"),)
        )
        past_month(settings, until=FRIDAY, seed=seed, days=2)
        with open_record(settings, FakeClock(FRIDAY)) as record:
            rows = record.roll_ups.rows(LAST - timedelta(days=1), LAST, By.HOUR)
            return [row.admitted for row in rows]

    found: list[list[int]] = []
    for seed in (3, 3, 4):
        found.append(admitted(seed))
    assert found[0] == found[1] != found[2]
