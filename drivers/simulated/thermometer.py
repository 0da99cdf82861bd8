"""A thermometer's own side of the wire, for every model of the registry."""

from __future__ import annotations

import numpy as np

from drivers.simulated.pseudo_terminal import SimulatedDevice
from drivers.simulated.thermal_scene import draw_scene
from drivers.thermometer import arduino_mlx90614
from drivers.thermometer.frames import DecodedArray, DecodedTemperature
from drivers.thermometer.models import find_model

_GY_PERIOD_S = 0.1
_ARRAY_PERIOD_S = 0.25
_SKETCH_PERIOD_S = 0.5  # delay(500) in the Adafruit example
_SKETCH_BANNER = b"Adafruit MLX90614 test\r\nEmissivity = 0.98\r\n" + b"=" * 48 + b"\r\n"


class SimulatedThermometer(SimulatedDevice):
    """Streams the temperature it was set to until it is unplugged or closed."""

    def __init__(
        self, model: str, *, object_celsius: float = 23.0, ambient_celsius: float = 25.0
    ) -> None:
        self._model = find_model(model)
        self._sends_text = model == "arduino-mlx90614"
        self._shown = DecodedTemperature(object_celsius, ambient_celsius)
        self._rng = np.random.default_rng(1)  # noise that is the same in every run
        period_s = _SKETCH_PERIOD_S if self._sends_text else _GY_PERIOD_S
        super().__init__("thermometer", _ARRAY_PERIOD_S if self._model.picture else period_s)

    def set_temperature(self, object_celsius: float, ambient_celsius: float = 25.0) -> None:
        """What the sensor looks at from the next measurement on: for an array the hottest spot."""
        self._shown = DecodedTemperature(object_celsius, ambient_celsius)

    def _plugged_in(self) -> None:
        if self._sends_text:
            self.inject(_SKETCH_BANNER)

    def _tick(self) -> None:
        self._received()  # commands change nothing: it streams from power-up on
        self.inject(self._wire())
        if self._sends_text:
            self.inject(arduino_mlx90614.encode_fahrenheit(self._shown) + b"\r\n")

    def _wire(self) -> bytes:
        picture = self._model.picture
        if picture is None:
            return self._model.encode(self._shown)
        ambient = 25.0 if self._shown.ambient_celsius is None else self._shown.ambient_celsius
        scene = draw_scene(
            picture.rows,
            picture.columns,
            hottest_celsius=self._shown.object_celsius,
            room_celsius=ambient,
            rng=self._rng,
        )
        return picture.encode(DecodedArray(scene, ambient))
