"""A thermometer's own side of the wire, for every model of the registry."""

from __future__ import annotations

import numpy as np

from drivers.simulated.pseudo_terminal import SimulatedDevice
from drivers.simulated.thermal_scene import draw_scene
from drivers.thermometer import arduino_mlx90614, raytek_mi3
from drivers.thermometer.frames import DecodedArray, DecodedTemperature
from drivers.thermometer.models import ThermometerModel, find_model

_GY_PERIOD_S = 0.1
_ARRAY_PERIOD_S = 0.25
_LISTENING_PERIOD_S = 0.01
_SKETCH_PERIOD_S = 0.5  # delay(500) in the Adafruit example
_SKETCH_BANNER = b"Adafruit MLX90614 test\r\nEmissivity = 0.98\r\n" + b"=" * 48 + b"\r\n"


class SimulatedThermometer(SimulatedDevice):
    """Tells the temperature it was set to until it is unplugged or closed.

    It streams, or answers the questions of a model that is asked.
    """

    def __init__(
        self, model: str, *, object_celsius: float = 23.0, ambient_celsius: float = 25.0
    ) -> None:
        self._model = find_model(model)
        self._sends_text = model == "arduino-mlx90614"
        self._shown = DecodedTemperature(object_celsius, ambient_celsius)
        self._rng = np.random.default_rng(1)  # noise that is the same in every run
        period_s = _SKETCH_PERIOD_S if self._sends_text else _GY_PERIOD_S
        period_s = _ARRAY_PERIOD_S if self._model.picture else period_s
        self._question = bytearray()
        self._answers = _answers_of(self._model)
        super().__init__("thermometer", _LISTENING_PERIOD_S if self._answers else period_s)

    def set_temperature(self, object_celsius: float, ambient_celsius: float = 25.0) -> None:
        """What the sensor looks at from the next measurement on: for an array the hottest spot."""
        self._shown = DecodedTemperature(object_celsius, ambient_celsius)

    def _plugged_in(self) -> None:
        self._question.clear()
        if self._sends_text:
            self.inject(_SKETCH_BANNER)

    def _tick(self) -> None:
        if self._answers:
            self._answer()
            return
        self._received()  # commands change nothing: it streams from power-up on
        self.inject(self._wire())
        if self._sends_text:
            self.inject(arduino_mlx90614.encode_fahrenheit(self._shown) + b"\r\n")

    def _answer(self) -> None:
        """What no question begins with is not for it, as for a device on a shared line."""
        self._question += self._received()
        while self._question:
            whole = [one for one in self._answers if self._question.startswith(one)]
            if whole:
                self.inject(self._answers[whole[0]] or self._model.encode(self._shown))
                del self._question[: len(whole[0])]
            elif any(one.startswith(self._question) for one in self._answers):
                return
            else:
                del self._question[0]

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


def _answers_of(model: ThermometerModel) -> dict[bytes, bytes]:
    """What a device that must be asked says to each question; b"" stands for its temperature."""
    if not model.poll_command:
        return {}
    answers = {model.poll_command: b""}
    if model.name == "raytek-mi3":
        answers[raytek_mi3.UNIT_QUESTION] = b"!UC" + raytek_mi3.LINE_END
    return answers
