"""A rehearsal: the configuration's own gates on simulated devices, in a folder that is thrown away.

No port of the configuration is opened, so that no barrier moves, and nothing of the office's record
is read or written. Each gate has the devices that are described for it, behind their wire protocol.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self, TypeVar

import numpy as np

from dashboard.bootstrap import RunningOffice
from dashboard.demo.hardware import ROOM_CELSIUS, SKIN_TO_BODY_CELSIUS
from dashboard.demo.scenarios import WELL_CELSIUS
from dashboard.gates import CameraSource
from dashboard.web.passwords import hash_password
from drivers.simulated.camera import SimulatedCamera
from drivers.simulated.portrait import Appearance, draw_visitor
from drivers.simulated.pseudo_terminal import SimulatedDevice
from drivers.simulated.relay import SimulatedLcus1, SimulatedRelay
from drivers.simulated.scanner import SimulatedScanner
from drivers.simulated.thermometer import SimulatedThermometer
from screening.accounts import Role, User
from screening.clock import Clock
from screening.errors import ScreeningError
from screening.ports import Camera
from screening.receipts.desk import IssuedReceipt
from screening.settings import BackupSettings, BarrierSettings, GateSettings, Part, Settings

USER = "latihan"
"""Who may log in to a rehearsal; the password is another one each time."""

_log = logging.getLogger(__name__)


P = TypeVar("P", bound=Part)


class RehearsedGate:
    """The devices that one gate's configuration describes, simulated, and who stands before them.

    ``offset_celsius`` is what the gate adds to what it reads of a forehead.
    """

    def __init__(self, described: GateSettings, *, offset_celsius: float, clock: Clock) -> None:
        self.name = described.name
        self._offset_celsius = offset_celsius
        self._pixels = np.random.default_rng()
        self._looks: Appearance = "nobody"
        self.thermometer = (
            None
            if described.thermometer is None
            else SimulatedThermometer(
                described.thermometer.model,
                address=described.thermometer.address,
                object_celsius=ROOM_CELSIUS,
                ambient_celsius=ROOM_CELSIUS,
                flicker_celsius=0.02,
            )
        )
        is_serial = described.scanner is not None and described.scanner.model != "keyboard"
        self.scanner = SimulatedScanner() if is_serial else None
        self.barrier = None if described.barrier is None else _relay(described.barrier, clock)
        self.settings = self._wired(described)

    def camera(self, clock: Clock) -> Camera:
        """Draws whoever stands in front."""
        return SimulatedCamera(self._draw, monotonic_s=clock.monotonic_s)

    def step_up(self, token: str) -> None:
        """The next visitor, with a mask on, holds a receipt before the scanner."""
        self._looks = "mask"
        if self.thermometer is not None:
            skin_celsius = WELL_CELSIUS - self._offset_celsius + random.uniform(-0.05, 0.05)
            self.thermometer.set_temperature(round(skin_celsius, 2), ROOM_CELSIUS)
        if self.scanner is not None:
            self.scanner.scan(token)

    def step_aside(self) -> None:
        """The lane is empty."""
        self._looks = "nobody"
        if self.thermometer is not None:
            self.thermometer.set_temperature(ROOM_CELSIUS, ROOM_CELSIUS)

    def close(self) -> None:
        """Unplug everything."""
        for device in (self.thermometer, self.scanner, self.barrier):
            if device is not None:
                device.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wired(self, described: GateSettings) -> GateSettings:
        """The gate with its simulated devices' places, and without what was found of real ones."""
        thermometer = {
            "port": _path(self.thermometer),
            "baud_rate": None,
            "register_map": None,
            "keeps_power": True,
            "face_mapping": None,
            "face_fills_picture_cm": None,
            "distance_table": None,
        }
        scanner = described.scanner if self.scanner is None else None
        changed = {
            "thermometer": _at(described.thermometer, thermometer),
            "scanner": scanner or _at(described.scanner, {"port": _path(self.scanner)}),
            "barrier": _at(described.barrier, {"port": _path(self.barrier)}),
            "camera": described.camera
            and described.camera.model_copy(update={"mask_tuning": None}),
        }
        return described.model_copy(update=changed)

    def _draw(self) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        return draw_visitor(self._looks, rng=self._pixels)


class Rehearsal:
    """The settings to run with, the cameras, and the gates' visitors."""

    def __init__(self, settings: Settings, gates: list[RehearsedGate]) -> None:
        self.settings = settings
        self.cameras: Mapping[str, CameraSource] = {
            gate.name: gate.camera for gate in gates if gate.settings.camera is not None
        }
        self._gates = gates
        self._password = secrets.token_urlsafe(9)

    def begin(self, house: RunningOffice) -> None:
        """Give the log-in, tell about it, and let a visitor come at each press of Enter."""
        house.record.accounts.add_user(
            User(USER, Role.ADMINISTRATOR, hash_password(self._password), house.clock.now())
        )
        for line in (
            "REHEARSAL: the configuration's gates on simulated devices. No port is opened, no"
            " barrier moves; the office's record is neither read nor written, and nothing is kept.",
            f"Log in as {USER} with the password {self._password}",
            "Press Enter here, and a visitor comes to every gate.",
        ):
            print(line, flush=True)
        threading.Thread(
            target=self._hear, args=(house,), name="rehearsal-visitors", daemon=True
        ).start()

    def visit(self, house: RunningOffice) -> str:
        """A new visitor at every gate; what the terminal says of it. Raises ScreeningError."""
        lines = []
        for gate in self._gates:
            gate.step_aside()
            receipt = _receipt(house)
            gate.step_up(receipt.token)
            lines.append(f"gate {gate.name}: receipt {receipt.number}, {WELL_CELSIUS} °C, mask on")
        return "\n".join(lines)

    def _hear(self, house: RunningOffice) -> None:
        # Not sys.stdin: a thread that hangs in there cannot be left behind at the end.
        source = sys.stdin.fileno()
        while os.read(source, 1024):
            try:
                print(self.visit(house), flush=True)
            except ScreeningError as error:
                _log.warning("the next visitor cannot come: %s", error)


@contextmanager
def rehearsal(settings: Settings, clock: Clock) -> Iterator[Rehearsal]:
    """Everything that a rehearsal of these settings needs, thrown away in the end."""
    offset_celsius = settings.policy.offset_celsius
    if offset_celsius is None:
        offset_celsius = SKIN_TO_BODY_CELSIUS
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gerbang-rehearsal-"))
        gates = [
            stack.enter_context(
                RehearsedGate(described, offset_celsius=offset_celsius, clock=clock)
            )
            for described in settings.gates
        ]
        changed = settings.model_copy(
            update={
                "data": Path(folder),
                "database_url": None,
                "backup": BackupSettings(),
                "policy": settings.policy.model_copy(update={"offset_celsius": offset_celsius}),
                "gates": tuple(gate.settings for gate in gates),
            }
        )
        yield Rehearsal(changed, gates)


def _relay(described: BarrierSettings, clock: Clock) -> SimulatedDevice:
    if described.model == "lcus-1":
        return SimulatedLcus1(clock.monotonic_s)
    return SimulatedRelay(clock.monotonic_s, unit=described.unit)


def _path(device: SimulatedDevice | None) -> str | None:
    return None if device is None else device.path


def _at(described: P | None, changed: Mapping[str, object]) -> P | None:
    """A device's settings at its simulated place."""
    return None if described is None else described.model_copy(update={"usb": None, **changed})


def _receipt(house: RunningOffice) -> IssuedReceipt:
    """One that is good today, for the first service that a visitor comes for."""
    today = house.clock.now().astimezone(house.settings.site.zone).date()
    return house.desk.issue("KTP", "Siti Aminah", issued_on=today - timedelta(days=1))
