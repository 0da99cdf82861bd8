"""The room as it is now, kept in memory for whoever shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.clock import FakeClock, start_of_day
from screening.decision import DecisionKind, Reason
from screening.hub import Hub
from screening.visits import Attempt
from screening.waiting_room.live import DOWN_AFTER_S, LiveRoom
from screening.waiting_room.plan import Sealed, SeatPlan
from tests.fakes.record import FakeRecord

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Jakarta")


class Setting:
    """A room of four seats, and a record whose reads can be made to hang."""

    def __init__(self) -> None:
        self.clock = FakeClock(NOON)
        plan = SeatPlan(2, 2, Sealed.NONE)
        self.record = FakeRecord(site="S", zone=ZONE, plan=plan, clock=self.clock)
        self.release = threading.Event()
        self.room = LiveRoom(self.record.visits, Hub(), self.clock, ZONE)

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

    def hang(self, monkeypatch: pytest.MonkeyPatch) -> None:
        log = self.record.visits
        figures, seats = log.figures, log.seats

        def glance(*, at: datetime) -> Any:
            return figures(since=start_of_day(at, ZONE), at=at), seats()

        def hanging(**bounds: Any) -> Any:
            self.release.wait(30)
            return figures(**bounds)

        monkeypatch.setattr(log, "figures", hanging)
        monkeypatch.setattr(log, "glance", glance)


@pytest.fixture
def setting() -> Iterator[Setting]:
    setting = Setting()
    yield setting
    setting.release.set()
    setting.room.close()


def test_the_record_is_asked_until_the_room_is_watched(setting: Setting) -> None:
    assert setting.room.current().figures.occupancy == 0
    setting.admit(1)
    assert setting.room.current().figures.occupancy == 1
    assert setting.room.down_since() is None


def test_what_was_just_written_is_told_though_reads_hang(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.room.refresh()
    setting.hang(monkeypatch)
    setting.room.start()
    setting.admit(1)
    setting.room.touch()
    assert setting.room.current().figures.occupancy == 1


def test_a_record_that_does_not_answer_is_down_after_some_seconds(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting.room.refresh()
    setting.hang(monkeypatch)
    setting.room.start()
    assert setting.room.down_since() is None
    setting.clock.move_to(NOON + timedelta(seconds=DOWN_AFTER_S + 1))
    assert setting.room.down_since() == NOON
    assert not setting.room.was_read_since(setting.clock.monotonic_s())
