from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from drivers.health import Backoff
from drivers.simulated.thermometer import SimulatedThermometer
from drivers.thermometer.device import SerialThermometer
from drivers.thermometer.frames import DecodedArray
from drivers.thermometer.models import MODELS
from screening.readings import TemperatureFault, ThermalPicture
from tests.drivers.support import Recorder

ARRAYS = [model.name for model in MODELS.values() if model.picture is not None]


class Wired:
    """A real driver on a simulated array."""

    def __init__(self, model: str) -> None:
        self.simulated = SimulatedThermometer(model, object_celsius=36.1, ambient_celsius=24.0)
        self.model = model
        self.heard = Recorder()
        self.device = SerialThermometer(
            model=model,
            port=self.simulated.path,
            monotonic_s=time.monotonic,
            backoff=Backoff(first_s=0.02, ceiling_s=0.05),
        )
        self.device.start(self.heard.on_reading, self.heard.on_availability)

    def close(self) -> None:
        self.device.close()
        self.simulated.close()

    def wait_hottest(self, celsius: float) -> ThermalPicture:
        found: list[ThermalPicture] = []

        def arrived(heard: Recorder) -> bool:
            found.extend(
                reading
                for reading in heard.readings
                if isinstance(reading, ThermalPicture)
                and abs(float(reading.celsius.max()) - celsius) <= 0.35  # its noise
            )
            return bool(found)

        self.heard.wait_until(arrived)
        return found[0]


@pytest.fixture(params=ARRAYS)
def wired(request: pytest.FixtureRequest) -> Iterator[Wired]:
    bench = Wired(request.param)
    yield bench
    bench.close()


def test_hands_on_the_picture_with_the_device_s_own_size(wired: Wired) -> None:
    picture = wired.wait_hottest(36.1)
    assert picture.rows > 20
    assert picture.columns > 30
    assert picture.ambient_celsius == pytest.approx(24.0, abs=0.051)
    assert picture.taken_at_s <= time.monotonic()
    assert float(np.median(picture.celsius)) < 30  # a face before a wall, not a warm wall
    wired.simulated.set_temperature(38.4, 25.0)
    wired.wait_hottest(38.4)


def test_is_unavailable_while_unplugged_and_comes_back_by_itself(wired: Wired) -> None:
    wired.heard.wait_available(True)
    wired.simulated.unplug()
    wired.heard.wait_available(False)
    wired.simulated.set_temperature(37.2, 26.0)
    wired.simulated.plug_in()
    wired.heard.wait_available(True, times=2)
    wired.wait_hottest(37.2)
    assert [a.available for a in wired.heard.availabilities] == [True, False, True]


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
