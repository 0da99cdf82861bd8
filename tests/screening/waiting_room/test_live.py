"""The room as it is now, kept in memory for whoever shows it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.clock import FakeClock, start_of_day
from screening.decision import DecisionKind, Reason
from screening.errors import RecordError
from screening.events import Event, RoomChanged
from screening.hub import Hub
from screening.visits import Attempt
from screening.waiting_room import live
from screening.waiting_room.live import DOWN_AFTER_S, LiveRoom
from screening.waiting_room.plan import Sealed, SeatPlan
from tests.fakes.record import FakeRecord

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jakarta")
LONGEST_INTERVAL_S = 0.05
PATIENCE_S = 30
"""Only a test that fails waits so long."""


class ToldHub(Hub):
    """Keeps what was published."""

    def __init__(self) -> None:
        super().__init__()
        self.told: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def publish(self, event: Event) -> None:
        self.told.put(event)

    def next(self) -> RoomChanged:
        event = self.told.get(timeout=PATIENCE_S)
        assert isinstance(event, RoomChanged)
        return event


class Setting:
    """A room of four seats, and a record whose reads can be made to hang or to fail."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON)
        plan = SeatPlan(2, 2, Sealed.NONE)
        self.record = FakeRecord(site="S", zone=ZONE, plan=plan, clock=self.clock)
        self.is_hanging, self.release = threading.Event(), threading.Event()
        self.hub = ToldHub()
        self.room = LiveRoom(self.record.visits, self.hub, self.clock, ZONE)

    def admit(self, number: int) -> None:
        self.record.visits.write(
            Attempt(
                attempt_id=f"a-{number}",
                gate="utama",
                at=NOON,
                decision=DecisionKind.ADMIT,
                reason=Reason.ADMITTED,
            )
        )

    def watch(self) -> threading.Thread:
        before = set(threading.enumerate())
        self.room.start()
        (watch,) = (t for t in set(threading.enumerate()) - before if t.name == "live-room")
        return watch

    def hang(self, monkeypatch: pytest.MonkeyPatch) -> None:
        log = self.record.visits
        figures, seats = log.figures, log.seats

        def glance(*, at: datetime) -> Any:
            return figures(since=start_of_day(at, ZONE), at=at), seats()

        def hanging(**bounds: Any) -> Any:
            self.is_hanging.set()
            self.release.wait(PATIENCE_S)
            return figures(**bounds)

        monkeypatch.setattr(log, "figures", hanging)
        monkeypatch.setattr(log, "glance", glance)


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    monkeypatch.setattr(live, "SHORTEST_INTERVAL_S", 0.01)
    monkeypatch.setattr(live, "LONGEST_INTERVAL_S", LONGEST_INTERVAL_S)
    setting = Setting()
    yield setting
    setting.release.set()
    setting.room.close()


def test_the_record_is_asked_until_the_room_is_watched(setting: Setting) -> None:
    assert setting.room.current().figures.occupancy == 0
    setting.admit(1)
    room = setting.room.current()
    assert (room.figures.occupancy, room.figures.since) == (1, MIDNIGHT)
    assert [seat.label for seat in room.seats if seat.visit_id is not None] == ["A1"]
    assert setting.room.newest == room
    assert setting.room.down_since() is None


def test_a_room_that_was_never_read_is_not_told(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.hang(monkeypatch)
    setting.room.start()
    with pytest.raises(RecordError, match="not read"):
        setting.room.current()
    assert setting.room.down_since() is None
    assert not setting.room.was_read_since(0)


def test_what_was_just_written_is_told_though_reads_hang(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.room.touch()
    setting.room.refresh()
    setting.hang(monkeypatch)
    setting.room.start()
    assert setting.room.current().figures.occupancy == 0
    setting.admit(1)
    setting.room.touch()
    room = setting.room.current()
    assert room.figures.occupancy == 1
    assert [seat.label for seat in room.seats if seat.visit_id is not None] == ["A1"]


def test_without_a_glance_the_newest_room_is_told(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = setting.room.refresh()
    setting.hang(monkeypatch)
    monkeypatch.setattr(setting.record.visits, "glance", lambda **_: None)
    setting.room.start()
    setting.room.touch()
    assert setting.room.current() is room


def test_a_record_that_does_not_answer_is_down_after_some_seconds(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_at = NOON + timedelta(seconds=DOWN_AFTER_S)
    setting.clock.move_to(read_at)
    setting.room.refresh()
    assert setting.room.was_read_since(setting.clock.monotonic_s())
    setting.hang(monkeypatch)
    setting.room.start()
    assert setting.room.down_since() is None
    setting.clock.move_to(read_at + timedelta(seconds=DOWN_AFTER_S))
    assert setting.room.down_since() is None
    setting.clock.move_to(read_at + timedelta(seconds=DOWN_AFTER_S + 1))
    assert setting.room.down_since() == read_at
    assert not setting.room.was_read_since(setting.clock.monotonic_s())


def test_what_others_read_shows_that_the_record_answers(setting: Setting) -> None:
    answered: list[float] = []
    room = LiveRoom(
        setting.record.visits,
        setting.hub,
        setting.clock,
        ZONE,
        has_answered_since=lambda asked_s: any(one >= asked_s for one in answered),
    )
    assert not room.was_read_since(5)
    answered.append(6)
    assert room.was_read_since(5)
    assert not room.was_read_since(7)


@pytest.mark.parametrize(
    "change",
    [
        {"since": MIDNIGHT + timedelta(days=1)},
        {"occupancy": 9},
        {"capacity": 9},
        {"admitted": 9},
        {"refused": 9},
        {"waiting_outside": 9},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_room_is_told_anew_when_a_figure_has_changed(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    before = setting.room.refresh()
    assert setting.hub.next() == before
    changed = replace(before.figures, **change)
    monkeypatch.setattr(setting.record.visits, "figures", lambda **_: changed)
    assert setting.room.refresh() == setting.hub.next() == replace(before, figures=changed)


def test_the_room_is_told_anew_when_only_a_seat_has_changed(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.admit(1)
    before = setting.room.refresh()
    setting.hub.next()
    first, second, *rest = before.seats
    seats = [replace(first, visit_id=None), replace(second, visit_id=first.visit_id), *rest]
    monkeypatch.setattr(setting.record.visits, "seats", lambda: seats)
    setting.room.refresh()
    assert setting.hub.next() == replace(before, seats=tuple(seats))


def test_a_room_that_looks_as_before_is_not_told_again(setting: Setting) -> None:
    setting.room.refresh()
    setting.hub.next()
    setting.clock.move_to(NOON + timedelta(minutes=1))
    assert setting.room.refresh().figures.updated_at == setting.clock.now()
    assert setting.hub.told.empty()


@pytest.mark.parametrize("is_busy", [True, False], ids=["busy", "quiet"])
def test_other_processes_rows_show_up_however_busy_this_one_is(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, *, is_busy: bool
) -> None:
    before = setting.room.refresh()
    setting.hub.next()

    def glance(**_: Any) -> Any:
        if is_busy:
            setting.clock.move_to(setting.clock.now() + timedelta(seconds=LONGEST_INTERVAL_S / 3))
            setting.room.touch()
        return before.figures, list(before.seats)

    monkeypatch.setattr(setting.record.visits, "glance", glance)
    setting.room.touch()
    setting.room.start()
    for number in (1, 2):
        setting.admit(number)
        setting.room.touch()
        while setting.hub.next().figures.occupancy != number:
            pass


def test_a_touched_room_is_told_without_asking_the_record(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.room.touch()
    setting.room.start()
    assert setting.hub.next().figures.occupancy == 0
    monkeypatch.setattr(setting.room, "refresh", lambda: None)
    setting.admit(1)
    setting.room.touch()
    told = setting.hub.next()
    assert told.figures.occupancy == 1
    assert setting.room.newest == told


def test_a_record_that_fails_and_comes_back_is_told_once_each(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="screening.waiting_room.live")
    asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
    figures = setting.record.visits.figures
    works = threading.Event()

    def answer(**bounds: Any) -> Any:
        asked.put(works.is_set())
        if not works.is_set():
            raise RecordError("the disk is full")
        return figures(**bounds)

    monkeypatch.setattr(setting.record.visits, "figures", answer)
    setting.room.start()
    for _ in range(3):
        setting.room.touch()
        asked.get(timeout=PATIENCE_S)
    works.set()
    assert setting.hub.next().figures.occupancy == 0
    setting.admit(1)
    assert setting.hub.next().figures.occupancy == 1
    setting.room.close()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "the room cannot be read: the disk is full"),
        ("INFO", "the room can be read again"),
    ]


def test_a_fault_that_comes_again_is_told_once_and_does_not_end_the_watch(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    figures, faults = setting.record.visits.figures, iter([ValueError("a mistake")] * 2)

    def answer(**bounds: Any) -> Any:
        for fault in faults:
            setting.room.touch()
            raise fault
        return figures(**bounds)

    monkeypatch.setattr(setting.record.visits, "figures", answer)
    setting.room.start()
    setting.room.touch()
    assert setting.hub.next().figures.occupancy == 0
    assert caplog.text.count("ValueError: a mistake") == 1


def test_closing_ends_the_watch(setting: Setting) -> None:
    setting.room.touch()
    watch = setting.watch()
    setting.hub.next()
    setting.room.close()
    watch.join(PATIENCE_S)
    assert not watch.is_alive()


def test_a_record_that_hangs_keeps_nobody_from_ending(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CLOSING_S", 0.01)
    setting.hang(monkeypatch)
    setting.room.touch()
    watch = setting.watch()
    assert setting.is_hanging.wait(PATIENCE_S)
    setting.room.close()
    assert watch.is_alive()
    assert watch.daemon
