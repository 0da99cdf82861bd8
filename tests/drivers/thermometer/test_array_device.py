from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from drivers.simulated.thermometer import SimulatedThermometer
from drivers.thermometer.device import SerialThermometer
from drivers.thermometer.frames import DecodedArray
from drivers.thermometer.models import MODELS
from screening.readings import TemperatureFault, ThermalPicture
from tests.drivers.support import Recorder
from tests.drivers.thermometer.wired import ARRAYS, Wired, wire


@pytest.fixture(params=ARRAYS)
def wired(request: pytest.FixtureRequest) -> Iterator[Wired]:
    with wire(request.param) as wired:
        yield wired


def test_hands_on_the_picture_with_the_device_s_own_size(wired: Wired) -> None:
    picture = wired.wait_hottest(36.1)
    assert picture.rows > 20
    assert picture.columns > 30
    assert picture.ambient_celsius == pytest.approx(23.4, abs=0.051)
    assert picture.taken_at_s <= time.monotonic()
    assert float(np.median(picture.celsius)) < 30  # a face before a wall, not a warm wall
    wired.simulated.set_temperature(38.4, 25.0)
    wired.wait_hottest(38.4)


def test_passes_noise_on_as_a_fault_and_reads_on(wired: Wired) -> None:
    wired.wait_hottest(36.1)
    wired.simulated.inject(b"\x01\xff\x02")
    wired.heard.wait_until(
        lambda heard: any(
            isinstance(one, TemperatureFault) and b"\x01\xff\x02" in one.raw
            for one in heard.readings
        )
    )
    wired.simulated.set_temperature(37.7, 25.0)
    wired.wait_hottest(37.7)


def test_pixels_that_the_device_does_not_know_are_no_numbers_to_the_gate(wired: Wired) -> None:
    wired.wait_hottest(36.1)
    spoken = MODELS[wired.model].picture
    assert spoken is not None
    celsius = np.full((spoken.rows, spoken.columns), 21.0, np.float32)
    celsius[5:9, 7:20] = np.nan
    wired.simulated.inject(spoken.encode(DecodedArray(celsius, 24.0)))

    def unknown(heard: Recorder) -> list[ThermalPicture]:
        return [
            one
            for one in heard.readings
            if isinstance(one, ThermalPicture) and np.isnan(one.celsius).any()
        ]

    wired.heard.wait_until(lambda heard: bool(unknown(heard)))
    told = unknown(wired.heard)[0]
    assert np.isnan(told.celsius).sum() == 4 * 13
    assert told.hottest_celsius == pytest.approx(21.0, abs=0.06)


def test_a_simulated_senxor_also_comes_in_the_size_of_an_mi16() -> None:
    with SimulatedThermometer("senxor", object_celsius=36.1, pixels=(120, 160)) as simulated:
        heard = Recorder()
        device = SerialThermometer(model="senxor", port=simulated.path, monotonic_s=time.monotonic)
        device.start(heard.on_reading, heard.on_availability)
        try:
            heard.wait_until(lambda told: any(isinstance(x, ThermalPicture) for x in told.readings))
        finally:
            device.close()
    first = next(one for one in heard.readings if isinstance(one, ThermalPicture))
    assert (first.rows, first.columns) == (120, 160)
    assert float(first.celsius.max()) == pytest.approx(36.1, abs=0.4)
