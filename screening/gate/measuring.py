"""What a gate's measuring devices tell of whoever stands in front, and what of it can be relied on.

A thermal picture becomes the temperature of the face in it; nothing counts of a thermometer whose
value stands still, or that failed its check.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from screening.decision import Reason
from screening.gate.arrivals import Arrivals
from screening.gate.current_visit import CurrentVisit
from screening.gate.devices import GateDevices
from screening.gate.hold import CheckHold
from screening.gate.policy import Policy
from screening.gate.remeasure import asked_for
from screening.gate.session import TemperatureWithheld
from screening.gate.thermal import ThermalSight
from screening.readings import (
    DeviceKind,
    MaskReading,
    TemperatureFault,
    TemperatureReading,
    ThermalPicture,
)
from screening.temperature.frozen import FrozenWatch
from screening.temperature.instrument.care import ThermometerCare

Measurement = TemperatureReading | TemperatureFault | MaskReading | ThermalPicture

_log = logging.getLogger(__name__)


class Measuring:
    """One gate's thermometer and camera; ``care`` is None where there is no thermometer."""

    def __init__(
        self,
        gate: str,
        *,
        devices: GateDevices,
        visit: CurrentVisit,
        arrivals: Arrivals,
        hold: CheckHold,
        thermal: ThermalSight,
        care: ThermometerCare | None,
    ) -> None:
        self._gate = gate
        self._devices = devices
        self._visit = visit
        self._arrivals = arrivals
        self._hold = hold
        self._thermal = thermal
        self._care = care
        self._compared_at = None if care is None else care.compared_at
        self._frozen = FrozenWatch()
        if care is not None:
            devices.trust(DeviceKind.THERMOMETER, is_trusted=not care.is_failed)

    def take(self, reading: Measurement) -> None:
        """A reading of this gate's own devices."""
        if isinstance(reading, ThermalPicture):
            hottest = self._thermal.take(reading)
            if hottest is None:
                self._tell_withheld(reading)
                return
            reading = hottest
        if isinstance(reading, MaskReading):
            self._thermal.saw(reading)
            if self._care is not None:
                self._care.saw(reading)
        if isinstance(reading, TemperatureFault):
            self._devices.count_fault(DeviceKind.THERMOMETER)
        self._arrivals.see(reading)
        if isinstance(reading, TemperatureReading):
            self._visit.tell(self._if_alive(reading))
        else:
            self._visit.tell(reading)

    def thermometer_changed(self, *, is_available: bool) -> None:
        """The thermometer came or went."""
        if self._care is not None:
            self._care.device_changed(is_available=is_available)

    def tick(self) -> None:
        """Time passes."""
        if self._care is not None:
            self._care.refresh_if_due()
            self._heed(self._care)

    def refresh(self) -> None:
        """Take up what was found at a commissioning or a check of the thermometer."""
        if self._care is not None:
            self._care.refresh()
            self._heed(self._care)

    def with_constants(self, policy: Policy) -> Policy:
        """The policy with the thermometer's constants of today."""
        return policy if self._care is None else replace(policy, calibration=self._care.calibration)

    def _if_alive(self, reading: TemperatureReading) -> TemperatureReading | TemperatureWithheld:
        """What the visitor in front gets of a reading; nothing of a frozen thermometer's."""
        if self._care is not None:
            self._care.add(reading)
        if self._frozen.add(reading):
            _log.warning("gate %s: the thermometer's value does not change", self._gate)
        if self._frozen.is_frozen:
            return TemperatureWithheld(Reason.GUARD_MEASURES, reading.taken_at_s)
        return reading

    def _tell_withheld(self, picture: ThermalPicture) -> None:
        """Why the array has given no value for a while."""
        view = self._thermal.view(picture.taken_at_s)
        reason = asked_for(view.refusals) if view else None
        if reason is not None:
            self._visit.tell(TemperatureWithheld(reason, picture.taken_at_s))

    def _heed(self, care: ThermometerCare) -> None:
        """A thermometer that failed its check is as good as lost, until one passes.

        Whatever it was compared for, in this process or another one, is done then.
        """
        if care.compared_at != self._compared_at:
            self._compared_at = care.compared_at
            self._hold.end()
        was_usable = DeviceKind.THERMOMETER in self._devices.available
        self._devices.trust(DeviceKind.THERMOMETER, is_trusted=not care.is_failed)
        if (DeviceKind.THERMOMETER in self._devices.available) != was_usable:
            self._visit.device_changed(DeviceKind.THERMOMETER)
