"""A demonstration gate's hardware: every device is simulated behind its real wire protocol."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Self

import numpy as np

from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.portrait import Appearance, draw_visitor
from drivers.simulated.pseudo_terminal import SimulatedDevice
from drivers.simulated.relay import SimulatedLcus1, SimulatedRelay
from drivers.simulated.scanner import SimulatedScanner
from drivers.simulated.thermometer import SimulatedThermometer
from screening.clock import Clock
from screening.decision import Check
from screening.ports import Camera
from screening.settings import (
    BarrierModel,
    BarrierSettings,
    GateSettings,
    ScannerSettings,
    ThermometerModelName,
    ThermometerSettings,
)

ROOM_CELSIUS = 26.0
"""What the thermometer sees of the empty lane."""

FACE_MAPPING = (56.0, 0.0, -12.5, 0.0, 44.6, -3.4)
"""From the drawn portrait's face to the face that a simulated array of 32 x 24 draws."""

MARK_CM = 60.0
"""How far away a visitor stands on the mark; the camera draws them in their usual size there."""

FALLS_CELSIUS = 0.012
"""What a spot thermometer here reads less for each cm further away."""

SKIN_TO_BODY_CELSIUS = 1.5
"""The demonstration site's commissioned offset: a forehead reads this much below the body."""


class GateHardware:
    """Thermometer, scanner, barrier and camera of one gate, and who stands in front of them."""

    def __init__(
        self,
        name: str,
        *,
        thermometer: ThermometerModelName,
        barrier: BarrierModel,
        checks: Sequence[Check] | None,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        self.name = name
        self._thermometer_model = thermometer
        self._barrier_model = barrier
        self._checks = None if checks is None else tuple(checks)
        self._chance = chance
        self._pixels = np.random.default_rng(chance.getrandbits(32))
        self._looks: Appearance = "nobody"
        self._distance_cm = MARK_CM
        self.thermometer = SimulatedThermometer(
            thermometer,
            object_celsius=ROOM_CELSIUS,
            ambient_celsius=ROOM_CELSIUS,
            flicker_celsius=0.02,
        )
        self.scanner = SimulatedScanner()
        self.barrier: SimulatedDevice = (
            SimulatedLcus1(clock.monotonic_s)
            if barrier == "lcus-1"
            else SimulatedRelay(clock.monotonic_s)
        )

    def settings(self) -> GateSettings:
        """The gate as its configuration would describe it."""
        return GateSettings(
            name=self.name,
            checks=self._checks,
            thermometer=ThermometerSettings(
                model=self._thermometer_model,
                port=self.thermometer.path,
                keeps_power=True,
                face_mapping=FACE_MAPPING if self._thermometer_model == "gy-mcu90640" else None,
            ),
            scanner=ScannerSettings(model="gm65", port=self.scanner.path),
            barrier=BarrierSettings(model=self._barrier_model, port=self.barrier.path),
        )

    def camera(self, clock: Clock) -> Camera:
        """A camera that draws whoever stands in front, with fresh noise in each picture."""
        return SimulatedCamera(self._draw, monotonic_s=clock.monotonic_s)

    @property
    def reads_less_from_afar(self) -> bool:
        """Whether it is worth a distance table: an array's mapping holds on the mark alone."""
        return self._thermometer_model != "gy-mcu90640"

    def stand_in_front(
        self, looks: Appearance, body_celsius: float, distance_cm: float = MARK_CM
    ) -> None:
        """Somebody steps into the lane."""
        self._looks = looks
        self._distance_cm = distance_cm
        skin_celsius = body_celsius - SKIN_TO_BODY_CELSIUS + self._chance.uniform(-0.05, 0.05)
        if self.reads_less_from_afar:
            skin_celsius -= FALLS_CELSIUS * (distance_cm - MARK_CM)
        self.thermometer.set_temperature(round(skin_celsius, 2), ROOM_CELSIUS)

    def change_looks(self, looks: Appearance) -> None:
        """The same person, who has put the mask on for instance."""
        self._looks = looks

    def leave(self) -> None:
        """The lane is empty."""
        self._looks = "nobody"
        self.thermometer.set_temperature(ROOM_CELSIUS, ROOM_CELSIUS)

    def close(self) -> None:
        """Unplug everything."""
        for device in (self.thermometer, self.scanner, self.barrier):
            device.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _draw(self) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        nearness = MARK_CM / self._distance_cm if self.reads_less_from_afar else 1.0
        return draw_visitor(self._looks, rng=self._pixels, nearness=nearness)
