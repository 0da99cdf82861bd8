"""A real driver on a simulated thermometer of any model."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from drivers.health import Backoff
from drivers.simulated.thermometer import SimulatedThermometer
from drivers.thermometer.device import SerialThermometer
from drivers.thermometer.models import MODELS
from screening.readings import Reading, TemperatureReading, ThermalPicture
from tests.drivers.support import Recorder

ARRAYS = [model.name for model in MODELS.values() if model.picture is not None]
SPOTS = [model.name for model in MODELS.values() if model.picture is None]
TELLS_NO_AMBIENT = ("gd60914", "optris", "optris-hs", "optris-burst", "raytek-mi3")
NOISE_CELSIUS = 0.35
"""So far off may the hottest pixel of a simulated array be."""

Told = TypeVar("Told", bound=Reading)


class Wired:
    """Driver and device of one model, joined by a pseudo-terminal; ``heard`` is what it tells."""

    def __init__(self, model: str, *, has_echo: bool = False, is_mute: bool = False) -> None:
        self.model = model
        self.simulated = SimulatedThermometer(model, object_celsius=36.1, ambient_celsius=23.4)
        self.simulated.has_echo, self.simulated.is_mute = has_echo, is_mute
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

    def wait_measured(self, object_celsius: float, ambient_celsius: float) -> None:
        """Until a spot's reading or an array's picture of such a face has come."""
        if self.model in ARRAYS:
            self.wait_hottest(object_celsius)
        else:
            self.wait_reading(object_celsius, ambient_celsius)

    def wait_reading(self, object_celsius: float, ambient_celsius: float) -> TemperatureReading:
        ambient = None if self.model in TELLS_NO_AMBIENT else ambient_celsius
        return self._wait_told(
            TemperatureReading,
            lambda one: (one.object_celsius, one.ambient_celsius) == (object_celsius, ambient),
        )

    def wait_hottest(self, celsius: float) -> ThermalPicture:
        return self._wait_told(
            ThermalPicture,
            lambda one: abs(float(one.celsius.max()) - celsius) <= NOISE_CELSIUS,
        )

    def _wait_told(self, kind: type[Told], is_meant: Callable[[Told], bool]) -> Told:
        found: list[Told] = []

        def arrived(heard: Recorder) -> bool:
            found.extend(one for one in heard.readings if isinstance(one, kind) and is_meant(one))
            return bool(found)

        self.heard.wait_until(arrived)
        return found[0]


def wire(model: str, *, has_echo: bool = False, is_mute: bool = False) -> closing[Wired]:
    """A wired device for a ``with``; its adapter may echo, the device itself be dead."""
    return closing(Wired(model, has_echo=has_echo, is_mute=is_mute))
