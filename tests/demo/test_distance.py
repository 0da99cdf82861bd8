"""From the wire and the picture to the record: a face is worth the same wherever it stands.

A simulated spot thermometer on a pseudo-terminal reads less from afar, the networks find the drawn
face, and the gate corrects the one by the other.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dashboard.bootstrap import RunningOffice
from dashboard.demo.hardware import FALLS_CELSIUS, MARK_CM, GateHardware
from dashboard.demo.morning import WALK_CM, Morning
from screening.clock import SystemClock
from screening.decision import Check, Reason
from screening.gate.commands import Clear
from screening.gate.view import GateView, TemperatureView
from screening.settings import Settings
from screening.temperature.calibration import DISTANCE

PATIENCE_S = 60.0
LOOK_S = 0.2
FACE_NOISE_CELSIUS = 0.1
"""The drawn face's width changes by 3 % from picture to picture, its box by as much: 4 cm of 90,
which is 0.05 degC."""


@pytest.fixture(scope="module")
def hardware() -> Iterator[GateHardware]:
    with GateHardware(
        "utama",
        thermometer="gy-mcu90614",
        barrier="lcus-1",
        checks=(Check.TEMPERATURE, Check.MASK),
        clock=SystemClock(),
        chance=random.Random(1),
    ) as gate:
        yield gate


@pytest.fixture(scope="module")
def running(
    hardware: GateHardware, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningOffice]:
    """An office whose thermometer was commissioned this morning, with a walk."""
    settings = Settings(data=tmp_path_factory.mktemp("office"), gates=(hardware.settings(),))
    cameras = {hardware.name: hardware.camera}
    with RunningOffice.open(settings, cameras=cameras, is_demo=True) as opened:
        Morning(opened, hardware).commission()
        yield opened


def until(running: RunningOffice, happened: Callable[[GateView], bool]) -> GateView:
    """The gate once that has happened."""
    return asyncio.run(_until(running, happened))


async def _until(running: RunningOffice, happened: Callable[[GateView], bool]) -> GateView:
    gate = running.gates.get("utama")
    news = running.hub.subscribe()
    async with asyncio.timeout(PATIENCE_S):
        while not happened(view := gate.view()):
            await news.next(LOOK_S)
    news.close()
    return view


def empty(running: RunningOffice, hardware: GateHardware) -> None:
    """Nobody stands there any more, and what was decided is off the screen."""
    hardware.leave()
    until(
        running, lambda view: view.thermometer is not None and view.thermometer.face_width is None
    )
    running.gates.get("utama").do(Clear(operator="budi"))


def measured(
    running: RunningOffice, hardware: GateHardware, body_celsius: float, distance_cm: float
) -> TemperatureView:
    """What the gate makes of somebody with a mask who stands there until there is a verdict."""
    empty(running, hardware)
    hardware.stand_in_front("mask", body_celsius, distance_cm)
    decided = {Reason.ADMITTED, Reason.SECOND_READING_PAUSE}
    view = until(running, lambda view: _reason(view) in decided)
    hardware.leave()
    assert view.temperature is not None
    return view.temperature


def _reason(view: GateView) -> Reason | None:
    return None if view.verdict is None else view.verdict.reason


def test_the_walk_is_written_down_as_the_thermometer_s_table(running: RunningOffice) -> None:
    found = running.record.thermometers.commissioning("utama")
    assert found is not None
    assert found.distance is not None
    assert [cm for cm, _ in found.distance.points] == sorted(WALK_CM)
    for cm, celsius in found.distance.points:
        assert celsius == pytest.approx(FALLS_CELSIUS * (cm - MARK_CM), abs=FACE_NOISE_CELSIUS)


def test_one_temperature_reads_the_same_near_and_far(
    running: RunningOffice, hardware: GateHardware
) -> None:
    near, far = [measured(running, hardware, 36.4, cm) for cm in (50.0, 82.0)]

    assert near.raw_celsius - far.raw_celsius > 3 * FACE_NOISE_CELSIUS
    # Both faces, and the walker's at either end of the table, are off by their noise.
    off = 2 * FACE_NOISE_CELSIUS
    assert near.corrected_celsius == pytest.approx(far.corrected_celsius, abs=off)
    assert dict(near.corrections)[DISTANCE] < 0 < dict(far.corrections)[DISTANCE]


def test_the_record_lists_what_the_distance_added(
    running: RunningOffice, hardware: GateHardware
) -> None:
    shown = measured(running, hardware, 38.2, 80.0)

    since = running.clock.now() - timedelta(minutes=1)
    (pause,) = running.record.visits.pauses(since=since)
    assert pause.first is not None
    assert pause.first.corrections == shown.corrections
    added = dict(pause.first.corrections)[DISTANCE]
    assert added == pytest.approx(20 * FALLS_CELSIUS, abs=FACE_NOISE_CELSIUS)


def test_nearer_than_the_table_the_visitor_is_sent_back(
    running: RunningOffice, hardware: GateHardware
) -> None:
    empty(running, hardware)
    hardware.stand_in_front("mask", 36.4, 38.0)
    until(running, lambda view: _reason(view) is Reason.STEP_BACK)
    hardware.leave()
