"""From each array's own side of the wire to the picture on the guard's page."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from drivers.building import thermometer
from drivers.simulated.thermometer import SimulatedThermometer
from screening.gate.thermal import ThermalSight
from screening.readings import Availability, Reading, ThermalPicture
from tests.dashboard.fakes import FakeOffice

PATIENCE_S = 60.0
SKIN_CELSIUS = 35.5


@pytest.mark.parametrize(
    ("model", "rows", "columns"),
    [("gy-mcu90640", 24, 32), ("senxor", 62, 80), ("terabee-evo-thermal", 32, 32)],
)
def test_a_simulated_arrays_picture_reaches_the_guard(
    guard: TestClient, fake: FakeOffice, model: str, rows: int, columns: int
) -> None:
    sight, has_value = ThermalSight(), threading.Event()

    def take(reading: Reading) -> None:
        if isinstance(reading, ThermalPicture) and sight.take(reading) is not None:
            has_value.set()

    def ignore(_: Availability) -> None: ...

    with SimulatedThermometer(model, object_celsius=SKIN_CELSIUS, ambient_celsius=26.0) as array:
        device = thermometer(
            model=model, port=array.path, usb=None, baud_rate=None, monotonic_s=time.monotonic
        )
        device.start(take, ignore)
        try:
            assert has_value.wait(PATIENCE_S)
        finally:
            device.close()
    look = sight.newest(0.0)
    assert look is not None
    assert look.found.celsius == pytest.approx(SKIN_CELSIUS, abs=0.35)
    assert look.found.row == round(rows * 0.43)

    # The office's clock stands still at an earlier second: to it the picture is fresh.
    object.__setattr__(fake.office, "thermal_sight", lambda _: sight)
    answer = guard.get("/gate/utama/thermal.png")
    image = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    side = image.shape[1] // columns
    assert image.shape == (rows * side, columns * side, 3)
