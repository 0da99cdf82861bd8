"""The office is looked at beside everything else, and what needs somebody is told once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from screening.alerts import live
from screening.alerts.alerts import AlertKind, AlertState
from screening.alerts.book import MessageChannel
from screening.alerts.live import LiveAlerts
from screening.alerts.observing import Observer
from screening.alerts.rules import AFTER_S, FINE_FOR_S, BackupAge, Situation
from screening.clock import FakeClock
from screening.decision import DecisionKind, Reason
from screening.errors import RecordError
from screening.events import AlertsChanged, Event
from screening.hub import Hub
from screening.office.counters import Counter
from screening.visits import Attempt, ExitHow
from screening.waiting_room.live import LiveRoom
from screening.waiting_room.plan import Sealed, SeatPlan
from tests.dashboard.fakes import FakeGates
from tests.fakes.record import FakeRecord

TEN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
"""Ten o'clock in Jakarta, on a Tuesday."""
ZONE = ZoneInfo("Asia/Jakarta")
PATIENCE_S = 30
"""Only a test that fails waits so long."""


class ToldHub(Hub):
    """Keeps what was published, and says so."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[AlertState, ...]] = []
        self.is_told = threading.Event()

    def publish(self, event: Event) -> None:
        if isinstance(event, AlertsChanged):
            self.told.append(tuple(one.state for one in event.alerts))
            self.is_told.set()


class Setting:
    """An office of ten seats whose alerts are watched."""

    def __init__(self) -> None:
        self.clock = FakeClock(TEN)
        self.record = FakeRecord(
            site="BGR", zone=ZONE, plan=SeatPlan(2, 5, Sealed.NONE), clock=self.clock
        )
        self.record.facts.put(counters={"1": Counter(name="1")}, gates={"utama": None})
        self.gates = FakeGates("utama")
        self.hub = ToldHub()
        self.backup: BackupAge | None = None
        self.trouble: Exception | None = None
        self.room = LiveRoom(self.record.visits, Hub(), self.clock, ZONE)
        self.observer = Observer(
            facts=self.record.facts,
            room=self.room,
            queue=self.record.queue,
            gates=self.gates,
            book=self.record.alerts,
            clock=self.clock,
            zone=ZONE,
            machine="counter-pc",
            backup=lambda _: self.backup,
        )
        self.alerts = self.watch()

    def watch(self) -> LiveAlerts:
        """What another process of the office has, too."""
        return LiveAlerts(
            self.record.alerts,
            self.look,
            self.hub,
            self.clock,
            channels={MessageChannel.MAIL},
        )

    def look(self) -> Situation:
        if self.trouble is not None:
            raise self.trouble
        return self.observer.look()

    def pass_s(self, seconds: float) -> None:
        """Time goes by, and somebody looks every five seconds."""
        until = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < until:
            self.clock.move_to(self.clock.now() + timedelta(seconds=5))
            self.alerts.refresh()

    def admit(self, number: int) -> None:
        self.record.visits.write(
            Attempt(
                attempt_id=f"a-{number}",
                gate="utama",
                at=self.clock.now(),
                decision=DecisionKind.ADMIT,
                reason=Reason.ADMITTED,
                service="KTP",
            )
        )

    @property
    def kinds(self) -> list[str]:
        return [str(one.kind) for one in self.alerts.current()]


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_a_room_that_fills_is_told_once_and_its_end_too(setting: Setting) -> None:
    for number in range(9):
        setting.admit(number)
    setting.pass_s(AFTER_S[AlertKind.NEARLY_FULL] + 300)
    assert setting.kinds == [AlertKind.NEARLY_FULL]
    for _ in range(3):
        setting.record.visits.leave(
            receipt=None, how=ExitHow.BUTTON, gate="utama", operator=None, at=setting.clock.now()
        )
    setting.pass_s(FINE_FOR_S + 10)
    assert setting.kinds == []
    assert setting.hub.told == [(AlertState.TOLD,), ()]
    claimed = setting.record.alerts.claim({MessageChannel.MAIL}, at=setting.clock.now())
    assert len(claimed) == 1, "that it is over is told after that it began"


def test_nobody_at_an_open_counter_is_told_and_ends_with_a_call(setting: Setting) -> None:
    setting.admit(1)
    setting.pass_s(15 * 60 + 5)
    assert setting.kinds == [AlertKind.QUEUE_ABANDONED]


def test_outside_the_hours_no_queue_is_abandoned(setting: Setting) -> None:
    setting.clock.move_to(TEN + timedelta(hours=9))
    setting.admit(1)
    setting.pass_s(20 * 60)
    assert setting.kinds == []


def test_a_second_process_tells_nothing_again(setting: Setting) -> None:
    other = setting.watch()
    for number in range(9):
        setting.admit(number)
    for _ in range(20):
        setting.clock.move_to(setting.clock.now() + timedelta(seconds=5))
        setting.alerts.refresh()
        other.refresh()
    assert setting.kinds == [AlertKind.NEARLY_FULL]
    assert other.current() == setting.alerts.current()


def test_who_takes_it_is_shown_at_once(setting: Setting) -> None:
    setting.backup = BackupAge(machine="counter-pc", newest=None, is_old=True)
    setting.pass_s(AFTER_S[AlertKind.BACKUP_OLD] + 10)
    (alert,) = setting.alerts.current()
    taken = setting.alerts.acknowledge(alert.alert_id, by="dewi")
    assert taken is not None
    assert taken.acknowledged_by == "dewi"
    assert setting.hub.told == [(AlertState.TOLD,), (AlertState.ACKNOWLEDGED,)]
    assert setting.alerts.acknowledge(4711, by="dewi") is None


def test_a_lost_device_is_told_by_the_process_that_runs_its_gate(setting: Setting) -> None:
    view = setting.gates.controls["utama"].shown
    lost = tuple(
        replace(one, is_available=False, last_error="unplugged") if one.kind == "scanner" else one
        for one in view.devices
    )
    setting.gates.controls["utama"].shown = replace(view, devices=lost)
    setting.pass_s(AFTER_S[AlertKind.DEVICE_DOWN] + 10)
    assert [(one.kind, one.subject, one.detail) for one in setting.alerts.current()] == [
        (AlertKind.DEVICE_DOWN, "utama/scanner", "unplugged")
    ]


@pytest.mark.usefixtures("_quick")
def test_a_record_that_is_away_is_told_once_and_ends_nothing(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    setting.trouble = RecordError("the database is away")
    looked = _counted(setting)
    with caplog.at_level(logging.INFO, logger=live.__name__):
        setting.alerts.start()
        _wait(lambda: looked() >= 3)
        setting.trouble = None
        _wait(lambda: "can be told again" in caplog.text)
        setting.alerts.close()
    assert caplog.text.count("the database is away") == 1


@pytest.mark.usefixtures("_quick")
def test_a_fault_does_not_end_the_watch(setting: Setting, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    setting.trouble = ZeroDivisionError("a bug")
    looked = _counted(setting)
    setting.alerts.start()
    _wait(lambda: looked() >= 2)
    setting.trouble = None
    for number in range(9):
        setting.admit(number)
    setting.clock.move_to(TEN + timedelta(seconds=1))
    _wait(lambda: looked() >= 4)
    setting.clock.move_to(TEN + timedelta(minutes=2))
    assert setting.hub.is_told.wait(PATIENCE_S)
    setting.alerts.close()
    assert caplog.text.count("what needs somebody cannot be told: a fault in the program") == 1
    assert "what needs somebody can be told again" in caplog.text


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.01)


def _counted(setting: Setting) -> Callable[[], int]:
    looks = 0
    look: Any = setting.alerts._look

    def counted() -> Situation:
        nonlocal looks
        looks += 1
        return look()  # type: ignore[no-any-return]

    setting.alerts._look = counted
    return lambda: looks


def _wait(is_done: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE_S * 100):
        if is_done():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")
