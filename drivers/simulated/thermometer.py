"""A thermometer's own side of the wire, for every model of the registry."""

from __future__ import annotations

from drivers.simulated.pseudo_terminal import SimulatedDevice
from drivers.thermometer import arduino_mlx90614
from drivers.thermometer.frames import DecodedTemperature
from drivers.thermometer.models import find_model

_GY_PERIOD_S = 0.1
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
        super().__init__("thermometer", _SKETCH_PERIOD_S if self._sends_text else _GY_PERIOD_S)

    def set_temperature(self, object_celsius: float, ambient_celsius: float = 25.0) -> None:
        """What the sensor looks at from the next measurement on."""
        self._shown = DecodedTemperature(object_celsius, ambient_celsius)

    def _plugged_in(self) -> None:
        if self._sends_text:
            self.inject(_SKETCH_BANNER)

    def _tick(self) -> None:
        self._received()  # commands change nothing: it streams from power-up on
        self.inject(self._model.encode(self._shown))
        if self._sends_text:
            self.inject(arduino_mlx90614.encode_fahrenheit(self._shown) + b"\r\n")
