from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from drivers.health import Backoff
from drivers.simulated.thermometer import SimulatedThermometer
from drivers.thermometer.device import SerialThermometer
from screening.errors import SettingsError
from screening.readings import DeviceKind, FaultReason, TemperatureFault, TemperatureReading
from tests.drivers.support import Recorder

MODELS = ["gy-mcu90614", "arduino-mlx90614"]


class Wired:
    """A real driver on a simulated thermometer."""

    def __init__(self, model: str) -> None:
        self.simulated = SimulatedThermometer(model, object_celsius=36.12, ambient_celsius=23.45)
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

    def wait_reading(self, object_celsius: float, ambient_celsius: float) -> TemperatureReading:
        found: list[TemperatureReading] = []

        def arrived(heard: Recorder) -> bool:
            for reading in heard.readings:
                if (
                    isinstance(reading, TemperatureReading)
                    and reading.object_celsius == object_celsius
                    and reading.ambient_celsius == ambient_celsius
                ):
                    found.append(reading)
            return bool(found)

        self.heard.wait_until(arrived)
        return found[0]


@pytest.fixture(params=MODELS)
def wired(request: pytest.FixtureRequest) -> Iterator[Wired]:
    bench = Wired(request.param)
    yield bench
    bench.close()


def test_reads_what_the_device_measures(wired: Wired) -> None:
    before_s = time.monotonic()
    wired.wait_reading(36.12, 23.45)
    wired.simulated.set_temperature(37.5, 24.0)
    reading = wired.wait_reading(37.5, 24.0)
    assert before_s <= reading.taken_at_s <= time.monotonic()
    assert wired.device.availability.available
    assert wired.device.kind is DeviceKind.THERMOMETER


def test_is_unavailable_while_unplugged_and_comes_back_by_itself(wired: Wired) -> None:
    wired.heard.wait_available(True)
    wired.simulated.unplug()
    wired.heard.wait_available(False)
    wired.simulated.set_temperature(38.25, 26.0)
    wired.simulated.plug_in()
    wired.heard.wait_available(True, times=2)
    wired.wait_reading(38.25, 26.0)
    assert [a.available for a in wired.heard.availabilities] == [True, False, True]


def test_passes_noise_on_as_a_fault_and_reads_on(wired: Wired) -> None:
    wired.heard.wait_available(True)
    wired.simulated.inject(b"\x01\xff\x02\r\n")
    wired.heard.wait_until(
        lambda heard: any(
            isinstance(reading, TemperatureFault) and b"\x01\xff\x02" in reading.raw
            for reading in heard.readings
        )
    )
    readings = len(wired.heard.readings)
    wired.heard.wait_until(
        lambda heard: (
            isinstance(heard.readings[-1], TemperatureReading) and len(heard.readings) > readings
        )
    )
    assert sum(wired.device.counts.faults.values()) >= 1


def test_a_dead_sensor_is_a_fault_with_its_reason() -> None:
    bench = Wired("arduino-mlx90614")
    bench.heard.wait_available(True)
    bench.simulated.set_temperature(1037.55, 1037.55)
    bench.heard.wait_until(
        lambda heard: any(
            isinstance(reading, TemperatureFault) and reading.reason is FaultReason.SENSOR_ERROR
            for reading in heard.readings
        )
    )
    bench.close()


def test_a_missing_port_is_told_and_nothing_crashes() -> None:
    heard = Recorder()
    device = SerialThermometer(
        model="gy-mcu90614", port="/dev/gerbang-none", monotonic_s=time.monotonic
    )
    device.start(heard.on_reading, heard.on_availability)
    heard.wait_available(False)
    device.close()
    assert device.availability.last_error == (
        "/dev/gerbang-none does not exist: is the device plugged in?"
    )


def test_an_unknown_model_is_refused_at_once() -> None:
    with pytest.raises(SettingsError, match="unknown thermometer model 'x'"):
        SerialThermometer(model="x", port="/dev/ttyUSB0", monotonic_s=time.monotonic)
