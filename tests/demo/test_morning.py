"""The demonstration's staff commission a thermometer, at a gate that reads what it is shown."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

from dashboard.bootstrap import House
from dashboard.demo.hardware import GateHardware
from dashboard.demo.morning import OFFICER, STAFF_CELSIUS, Morning
from screening.clock import FakeClock
from screening.temperature.care import CareState
from screening.temperature.commissioning import Commissioning

EIGHT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


class MovingEvent(threading.Event):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.move_to(self._clock.now() + timedelta(seconds=timeout or 0))
        return self.is_set()


@dataclass
class FakeOffice:
    """One gate, its simulated thermometer and its record."""

    state: CareState = CareState.DUE
    lacks_celsius: float = 1.5
    is_dead: bool = False
    shown: float | None = None
    written: list[Commissioning] = field(default_factory=list)
    refreshed: int = 0

    def stand_in_front(self, looks: str, body_celsius: float) -> None:
        self.shown = round(body_celsius - self.lacks_celsius, 2)

    def leave(self) -> None:
        self.shown = None

    def view(self) -> SimpleNamespace:
        thermometer = SimpleNamespace(
            state=self.state,
            model="gy-mcu90614",
            measuring_site="forehead-spot",
            raw_celsius=None if self.is_dead else self.shown,
        )
        return SimpleNamespace(thermometer=thermometer)

    def refresh_thermometer(self) -> None:
        self.refreshed += 1


def morning(office: FakeOffice) -> Morning:
    clock = FakeClock(EIGHT)
    house = SimpleNamespace(
        clock=clock,
        gates=SimpleNamespace(get=lambda name: office),
        record=SimpleNamespace(
            thermometers=SimpleNamespace(write_commissioning=office.written.append)
        ),
    )
    hardware = SimpleNamespace(
        name="utama", stand_in_front=office.stand_in_front, leave=office.leave
    )
    return Morning(cast(House, house), cast(GateHardware, hardware), pause=MovingEvent(clock))


def test_what_the_device_lacks_of_the_staff_is_written_as_its_offset() -> None:
    office = FakeOffice()
    morning(office).commission()

    (found,) = office.written
    assert found.offset_celsius == 1.5
    assert found.staff == len(STAFF_CELSIUS)
    assert (found.gate, found.model, found.by) == ("utama", "gy-mcu90614", OFFICER)
    assert office.refreshed == 1
    assert office.shown is None


def test_a_thermometer_that_is_ready_is_left_alone() -> None:
    office = FakeOffice(state=CareState.READY)
    morning(office).commission()

    assert office.written == []


def test_a_thermometer_that_says_nothing_is_not_commissioned_by_invention() -> None:
    office = FakeOffice(is_dead=True)
    morning(office).commission()

    assert office.written == []
    assert office.shown is None
