"""Stable raw values of a gate's thermometer, taken by the terminal itself."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dashboard.commands.shared import fail
from drivers.building import thermometer as build_thermometer
from screening.clock import Clock
from screening.ports import Device
from screening.readings import Availability, Reading, TemperatureReading, ThermalPicture
from screening.settings import ThermometerSettings
from screening.temperature.array import FaceFromArray
from screening.temperature.window import MEASURABLE_CELSIUS, StableTemperature, StableValue

PATIENCE_S = 20.0
"""How long somebody may take to stand still before the device."""


@contextmanager
def steady(thermometer: ThermometerSettings, clock: Clock) -> Iterator[Callable[[], float | None]]:
    """The device, started; each call waits for a stable raw value, None where there is none."""
    device = build_thermometer(
        model=thermometer.model,
        port=thermometer.port,
        usb=thermometer.usb,
        baud_rate=thermometer.baud_rate,
        register_map=thermometer.register_map,
        address=thermometer.address,
        monotonic_s=clock.monotonic_s,
    )
    steady = _Steady(device, clock)
    try:
        yield steady.take
    finally:
        device.close()


@dataclass
class _Steady:
    device: Device
    clock: Clock

    def __post_init__(self) -> None:
        self._updates: queue.SimpleQueue[Reading | Availability] = queue.SimpleQueue()
        self._array = FaceFromArray()
        self._said: str | None = None
        self.device.start(self._updates.put, self._updates.put)

    def take(self) -> float | None:
        """A stable value of whoever stands there from now on."""
        window = StableTemperature(MEASURABLE_CELSIUS)
        start_s = self.clock.monotonic_s()
        window.forget(until_s=start_s)
        while (left_s := start_s + PATIENCE_S - self.clock.monotonic_s()) > 0:
            try:
                update = self._updates.get(timeout=left_s)
            except queue.Empty:
                return None
            reading = self._reading(update)
            if reading is None:
                continue
            window.add(reading)
            value = window.value(self.clock.monotonic_s())
            if isinstance(value, StableValue):
                return value.celsius
        return None

    def _reading(self, update: Reading | Availability) -> TemperatureReading | None:
        if isinstance(update, Availability):
            if update.last_error is not None and update.last_error != self._said:
                fail(update.last_error)
            self._said = update.last_error
        if isinstance(update, ThermalPicture):
            return self._array.reading(update)
        return update if isinstance(update, TemperatureReading) else None
