"""The demonstration's staff commission a thermometer, at a gate that reads what it is shown."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.demo.hardware import MARK_CM, GateHardware
from dashboard.demo.morning import OFFICER, STAFF_CELSIUS, Morning
from screening.clock import FakeClock
from screening.gate.commands import RefreshThermometer
from screening.temperature.instrument.care_view import CareState
from screening.temperature.instrument.commissioning import Commissioning

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
    is_array: bool = False
    sees_faces: bool = True
    distance_cm: float = MARK_CM
    shown: float | None = None
    written: list[Commissioning] = field(default_factory=list)
    refreshed: int = 0

    def stand_in_front(self, looks: str, body_celsius: float, distance_cm: float = MARK_CM) -> None:
        self.distance_cm = distance_cm
        lacks = self.lacks_celsius + 0.01 * (distance_cm - MARK_CM)
        self.shown = round(body_celsius - lacks, 2)

    def leave(self) -> None:
        self.shown = None

    def view(self) -> SimpleNamespace:
        thermometer = SimpleNamespace(
            state=self.state,
            model="gy-mcu90614",
            measuring_site="forehead-spot",
            raw_celsius=None if self.is_dead else self.shown,
            face_width=15.0 / self.distance_cm if self.sees_faces else None,
        )
        return SimpleNamespace(thermometer=thermometer)

    def do(self, command: RefreshThermometer) -> None:
        self.refreshed += isinstance(command, RefreshThermometer)


def morning(office: FakeOffice) -> Morning:
    clock = FakeClock(EIGHT)
    running = SimpleNamespace(
        clock=clock,
        gates=SimpleNamespace(get=lambda name: office),
        record=SimpleNamespace(
            thermometers=SimpleNamespace(write_commissioning=office.written.append)
        ),
    )
    hardware = SimpleNamespace(
        name="utama",
        reads_less_from_afar=not office.is_array,
        stand_in_front=office.stand_in_front,
        leave=office.leave,
    )
    return Morning(
        cast(RunningOffice, running), cast(GateHardware, hardware), pause=MovingEvent(clock)
    )


def test_what_the_device_lacks_of_the_staff_is_written_as_its_offset() -> None:
    office = FakeOffice()
    morning(office).commission()

    (found,) = office.written
    assert found.offset_celsius == 1.5
    assert found.staff == len(STAFF_CELSIUS)
    assert (found.gate, found.model, found.by) == ("utama", "gy-mcu90614", OFFICER)
    assert office.refreshed == 1
    assert office.shown is None


def test_one_of_the_staff_walks_for_the_distance_table() -> None:
    office = FakeOffice()
    morning(office).commission()

    (found,) = office.written
    assert found.distance is not None
    assert found.distance.fills_picture_cm == 15.0
    assert found.distance.points == ((45.0, -0.15), (60.0, 0.0), (90.0, 0.3))


@pytest.mark.parametrize("office", [FakeOffice(is_array=True), FakeOffice(sees_faces=False)])
def test_without_a_walk_the_constants_are_written_all_the_same(office: FakeOffice) -> None:
    morning(office).commission()

    (found,) = office.written
    assert (found.offset_celsius, found.distance) == (1.5, None)


def test_a_thermometer_that_is_ready_is_left_alone() -> None:
    office = FakeOffice(state=CareState.READY)
    morning(office).commission()

    assert office.written == []


def test_a_thermometer_that_says_nothing_is_not_commissioned_by_invention() -> None:
    office = FakeOffice(is_dead=True)
    morning(office).commission()

    assert office.written == []
    assert office.shown is None
