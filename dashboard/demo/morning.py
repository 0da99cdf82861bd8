"""Before the doors open: the staff stand before a gate's thermometer, and it is commissioned.

Nothing is invented. The simulated staff are measured through the simulated device and the gate's
own stable value, as a real office's are; the constants are fitted by the same code and written
into the record.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from dashboard.bootstrap import RunningOffice
from dashboard.demo.hardware import MARK_CM, ROOM_CELSIUS, GateHardware
from screening.errors import ScreeningError
from screening.gate.commands import GateControl, RefreshThermometer
from screening.temperature.distance import FACE_SEEN_S, DistanceTable
from screening.temperature.instrument.care_view import CareState
from screening.temperature.instrument.commissioning import Comparison
from screening.temperature.instrument.distance_fit import (
    DistanceError,
    WalkPoint,
    fit_distance_table,
)
from screening.temperature.instrument.fitting import fit_commissioning

STAFF_CELSIUS = (36.2, 36.5, 36.3, 36.7, 36.4)
"""What a clinical thermometer shows of the demonstration's staff."""

WALK_CM = (MARK_CM, 45.0, 90.0)
"""Where one of them stands for the distance table, the mark first."""

OFFICER = "petugas"
"""Who measured them."""

LOOK_S = 0.1
PATIENCE_S = 10.0
"""A person of the staff who cannot be measured within this time goes to work."""

_log = logging.getLogger(__name__)


class Morning:
    """Commissions one gate's thermometer, unless that was done today and still holds."""

    def __init__(
        self,
        running: RunningOffice,
        hardware: GateHardware,
        *,
        pause: threading.Event | None = None,
    ) -> None:
        self._running = running
        self._hardware = hardware
        self._pause = pause or threading.Event()

    def commission(self) -> None:
        """Takes some seconds; when it comes to nothing the thermometer stays as configured."""
        try:
            self._commission(self._running.gates.get(self._hardware.name))
        except ScreeningError as error:
            _log.warning("demonstration: the thermometer was not commissioned: %s", error)

    def _commission(self, gate: GateControl) -> None:
        thermometer = gate.view().thermometer
        if thermometer is None or thermometer.state is CareState.READY:
            return
        commissioning = fit_commissioning(
            self._comparisons(gate),
            gate=self._hardware.name,
            at=self._running.clock.now(),
            by=OFFICER,
            model=thermometer.model,
            site=thermometer.measuring_site,
            room_celsius=ROOM_CELSIUS,
        )
        found = replace(commissioning, distance=self._distance_table(gate))
        self._running.record.thermometers.write_commissioning(found)
        gate.do(RefreshThermometer())

    def _comparisons(self, gate: GateControl) -> list[Comparison]:
        found = []
        for body_celsius in STAFF_CELSIUS:
            self._wait_for(gate, is_somebody=False)
            self._hardware.stand_in_front("mask", body_celsius)
            raw_celsius = self._wait_for(gate, is_somebody=True)
            self._hardware.leave()
            if raw_celsius is not None:
                found.append(Comparison(raw_celsius, body_celsius))
        return found

    def _distance_table(self, gate: GateControl) -> DistanceTable | None:
        """None for an array, and where the walk comes to nothing."""
        if not self._hardware.reads_less_from_afar:
            return None
        walk = [point for cm in WALK_CM if (point := self._stood(gate, cm)) is not None]
        try:
            return fit_distance_table(walk, reference_cm=MARK_CM)
        except DistanceError as error:
            _log.warning("demonstration: there is no distance table: %s", error)
            return None

    def _stood(self, gate: GateControl, distance_cm: float) -> WalkPoint | None:
        self._wait_for(gate, is_somebody=False)
        self._hardware.stand_in_front("mask", STAFF_CELSIUS[0], distance_cm)
        self._pause.wait(FACE_SEEN_S + LOOK_S)  # what the camera saw before is no longer counted
        raw_celsius = self._wait_for(gate, is_somebody=True)
        thermometer = gate.view().thermometer
        self._hardware.leave()
        if raw_celsius is None or thermometer is None or thermometer.face_width is None:
            return None
        return WalkPoint(distance_cm, raw_celsius, thermometer.face_width)

    def _wait_for(self, gate: GateControl, *, is_somebody: bool) -> float | None:
        """The gate's stable value once somebody stands there, or None once nobody does."""
        clock, begun_s = self._running.clock, self._running.clock.monotonic_s()
        while clock.monotonic_s() - begun_s < PATIENCE_S:
            thermometer = gate.view().thermometer
            raw_celsius = None if thermometer is None else thermometer.raw_celsius
            if (raw_celsius is not None) == is_somebody:
                return raw_celsius
            self._pause.wait(LOOK_S)
        return None
