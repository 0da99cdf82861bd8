"""A thermometer's own side of the wire, for every model of the registry.

Each also answers the questions by which it can be identified, where we know what it says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivers.simulated.pseudo_terminal import SimulatedDevice
from drivers.simulated.thermal_scene import draw_scene
from drivers.thermometer import (
    arduino_mlx90614,
    gy_614v3,
    gy_mcu90614,
    gy_mcu90640,
    modbus,
    optris,
    raytek_mi3,
    senxor,
)
from drivers.thermometer.frames import DecodedArray, DecodedTemperature
from drivers.thermometer.models import ThermometerModel, find_model

_GY_PERIOD_S = 0.1
_ARRAY_PERIOD_S = 0.25
_LISTENING_PERIOD_S = 0.01
_SKETCH_PERIOD_S = 0.5  # delay(500) in the Adafruit example
_SKETCH_BANNER = b"Adafruit MLX90614 test\r\nEmissivity = 0.98\r\n" + b"=" * 48 + b"\r\n"


class SimulatedThermometer(SimulatedDevice):
    """Tells the temperature it was set to until it is unplugged or closed.

    It streams, or answers the questions of a model that is asked. ``pixels`` (rows, columns) is
    another size of array than the model's usual one, such as 120 x 160 of a SenXor MI16. With an
    ``address`` it hears only what is sent to that one. A spot's values go up and down by
    ``flicker_celsius``, as those of a living sensor do. While ``has_echo`` its adapter sends back
    what it is sent; while ``is_mute`` the device behind it answers nothing.
    """

    def __init__(
        self,
        model: str,
        *,
        object_celsius: float = 23.0,
        ambient_celsius: float = 25.0,
        pixels: tuple[int, int] | None = None,
        address: int | None = None,
        flicker_celsius: float = 0.0,
    ) -> None:
        self._model = find_model(model, address=address)
        self._pixels = pixels
        self._sends_text = model == "arduino-mlx90614"
        self._shown = DecodedTemperature(object_celsius, ambient_celsius)
        self._rng = np.random.default_rng(1)  # noise that is the same in every run
        period_s = _SKETCH_PERIOD_S if self._sends_text else _GY_PERIOD_S
        period_s = _ARRAY_PERIOD_S if self._model.picture else period_s
        self._flicker_celsius = flicker_celsius
        self.has_echo = False
        self.is_mute = False
        self._question = bytearray()
        self._answers = _answers_of(self._model)
        super().__init__("thermometer", _LISTENING_PERIOD_S if self._is_polled else period_s)

    def set_temperature(self, object_celsius: float, ambient_celsius: float = 25.0) -> None:
        """What the sensor looks at from the next measurement on: for an array the hottest spot."""
        self._shown = DecodedTemperature(object_celsius, ambient_celsius)

    @property
    def _is_polled(self) -> bool:
        return bool(self._model.poll_command)

    def _plugged_in(self) -> None:
        self._question.clear()
        if self._sends_text:
            self.inject(_SKETCH_BANNER)

    def _tick(self) -> None:
        self._answer()
        if self._is_polled:
            return
        self.inject(self._wire())
        if self._sends_text:
            self.inject(arduino_mlx90614.encode_fahrenheit(self._shown) + b"\r\n")

    def _answer(self) -> None:
        """What no question begins with is not for it, as for a device on a shared line."""
        heard = self._received()
        if self.has_echo:
            self.inject(heard)
        if self.is_mute:
            return
        self._question += heard
        while self._question:
            whole = [one for one in self._answers if self._question.startswith(one)]
            if whole:
                self.inject(self._answers[whole[0]] or self._model.encode(self._measured()))
                del self._question[: len(whole[0])]
            elif any(one.startswith(self._question) for one in self._answers):
                return
            else:
                del self._question[0]

    def _measured(self) -> DecodedTemperature:
        self._flicker_celsius = -self._flicker_celsius
        celsius = self._shown.object_celsius + self._flicker_celsius
        return replace(self._shown, object_celsius=celsius)

    def _wire(self) -> bytes:
        picture = self._model.picture
        if picture is None:
            return self._model.encode(self._measured())
        ambient = 25.0 if self._shown.ambient_celsius is None else self._shown.ambient_celsius
        rows, columns = self._pixels or (picture.rows, picture.columns)
        scene = draw_scene(
            rows,
            columns,
            hottest_celsius=self._shown.object_celsius,
            room_celsius=ambient,
            rng=self._rng,
        )
        return picture.encode(DecodedArray(scene, ambient))


def _answers_of(model: ThermometerModel) -> dict[bytes, bytes]:
    """What a device says to each question; b"" stands for its temperature."""
    answers = {model.poll_command: b""} if model.poll_command else {}
    if model.name == "raytek-mi3":
        unit = model.start_command.replace(b"?U\r", b"!UC" + raytek_mi3.LINE_END)
        answers[model.start_command] = unit
    return answers | _KNOWN_ANSWERS.get(model.name, {})


_OPTRIS_ANSWERS = {
    optris.SERIAL_COMMAND: bytes.fromhex("01 E2 40"),
    optris.FIRMWARE_COMMAND: bytes.fromhex("04 1A"),
}
_KNOWN_ANSWERS = {
    "gy-614v3": {gy_614v3.READ_QUESTION: b""},
    "gy-mcu90614": {gy_mcu90614.ONE_SHOT_QUESTION: b""},
    "gy-mcu90640": {gy_mcu90640.EMISSIVITY_QUESTION: gy_mcu90640.encode_emissivity(95)},
    "modbus": {modbus.TYPE_QUESTION: modbus.type_answer(22)},
    "optris": _OPTRIS_ANSWERS,
    "optris-hs": _OPTRIS_ANSWERS,
    "senxor": {senxor.MODE_QUESTION: senxor.encode_message(b"RREG", b"02")},
}
