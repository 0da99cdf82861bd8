"""One gate's lane: brings receipt, devices and guard to the visitor in front, and shows the gate.

Everything here runs in one thread (``runner.py``). The order is fixed: the session decides, the
record commits, then the barrier pulses, then the hub tells.

    entrance.py   a receipt is shown              front.py    who stands in front: session, verdict
    arrivals.py   somebody comes without one      ending.py   the record, the barrier, the pages
    guard.py      what the guard does             session.py  one visitor's checks (pure)
    exits.py      somebody leaves                 showing.py  what all this looks like on a page
    hold.py       the thermometer is checked: whoever stands there is no visitor
"""

from __future__ import annotations

import logging
from dataclasses import replace

from screening.decision import Check, Reason
from screening.errors import RecordError
from screening.events import GateChanged
from screening.gate.answers import Answers
from screening.gate.arrivals import Arrivals
from screening.gate.clock_watch import ClockWatch
from screening.gate.devices import GateDevices
from screening.gate.ending import Ending
from screening.gate.entrance import Entrance
from screening.gate.exits import Exits
from screening.gate.front import Front
from screening.gate.guard import Guard
from screening.gate.history import ReceiptHistory
from screening.gate.hold import CheckHold
from screening.gate.news import News
from screening.gate.parts import LaneParts
from screening.gate.policy import Policy
from screening.gate.remeasure import asked_for
from screening.gate.session import DeviceBack, DeviceLost, TemperatureWithheld
from screening.gate.showing import ClockReading, aside_view, without_countdowns
from screening.gate.view import GateView
from screening.readings import (
    Availability,
    CodeScanned,
    DeviceKind,
    MaskReading,
    Reading,
    TemperatureFault,
    TemperatureReading,
    ThermalPicture,
)
from screening.temperature.care import ThermometerCare
from screening.temperature.frozen import FrozenWatch
from screening.visits import PendingPause

_log = logging.getLogger(__name__)


class Lane:
    """See the module's header. Neither it nor its parts may be called from two threads at once."""

    def __init__(
        self,
        gate: str,
        *,
        policy: Policy,
        configured: frozenset[DeviceKind],
        parts: LaneParts,
        care: ThermometerCare | None = None,
    ) -> None:
        self.gate = gate
        self._policy = policy
        self._parts = parts
        now = parts.clock.now()
        self._devices = GateDevices(configured, policy.checks, now)
        self._care = care
        self._compared_at = None if care is None else care.compared_at
        if care is not None:
            self._devices.trust(DeviceKind.THERMOMETER, is_trusted=not care.is_failed)
        self._history = ReceiptHistory(parts.log, parts.desk, parts.clock, parts.zone)
        self._clock_watch = ClockWatch(now, parts.clock.monotonic_s())
        for newest in parts.log.latest(limit=1):
            self._clock_watch.witnessed(newest.at)
        self._news = news = News(gate, log=parts.log, hub=parts.hub, room=parts.room)
        answers = Answers()
        self._front = Front(
            clock=parts.clock,
            policy=self._policy_now,
            devices=self._devices,
            ending=Ending(
                gate,
                log=parts.log,
                clock=parts.clock,
                history=self._history,
                answers=answers,
                news=news,
                barrier=parts.barrier,
                care=care,
            ),
            on_next_visitor=parts.on_next_visitor,
        )
        self.hold = CheckHold(gate, clock=parts.clock, front=self._front, devices=self._devices)
        self._arrivals = Arrivals(self._front, self._policy_now, self.hold)
        self.entrance = Entrance(
            gate,
            checks=policy.checks,
            front=self._front,
            desk=parts.desk,
            room=parts.room,
            clock=parts.clock,
            clock_watch=self._clock_watch,
            history=self._history,
            answers=answers,
        )
        self.exits = Exits(gate, log=parts.log, desk=parts.desk, clock=parts.clock, news=news)
        self.guard = Guard(
            gate,
            checks=policy.checks,
            front=self._front,
            log=parts.log,
            clock=parts.clock,
            services=parts.services,
            history=self._history,
            news=news,
        )
        self._frozen = FrozenWatch()
        self._version = 0
        self._told: GateView | None = None
        self._aside: list[PendingPause] = []

    # What devices say

    def availability_changed(self, availability: Availability) -> None:
        """A device came or went; without it the guard does its work."""
        self._devices.changed(availability, self._parts.clock.now())
        if self._care is not None and availability.device is DeviceKind.THERMOMETER:
            self._care.device_changed(is_available=availability.available)
        is_usable = availability.device in self._devices.available
        event = DeviceBack if is_usable else DeviceLost
        self._front.tell(event(availability.device))

    def device_reading(self, reading: Reading) -> None:
        """A reading of this gate's own devices."""
        if isinstance(reading, CodeScanned):
            self.entrance.scan(reading.text, source=reading.source)
            return
        if isinstance(reading, ThermalPicture):
            hottest = self._parts.thermal.take(reading)
            if hottest is None:
                self._tell_withheld(reading)
                return
            reading = hottest
        if isinstance(reading, MaskReading):
            self._parts.thermal.saw(reading)
            if self._care is not None:
                self._care.saw(reading)
        if isinstance(reading, TemperatureFault):
            self._devices.count_fault(DeviceKind.THERMOMETER)
        self._arrivals.see(reading)
        if isinstance(reading, TemperatureReading):
            self._front.tell(self._if_alive(reading))
        else:
            self._front.tell(reading)

    def _if_alive(self, reading: TemperatureReading) -> TemperatureReading | TemperatureWithheld:
        """What the visitor in front gets of a reading; nothing of a frozen thermometer's."""
        if self._care is not None:
            self._care.add(reading)
        if self._frozen.add(reading):
            _log.warning("gate %s: the thermometer's value does not change", self.gate)
        if self._frozen.is_frozen:
            return TemperatureWithheld(Reason.GUARD_MEASURES, reading.taken_at_s)
        return reading

    def _tell_withheld(self, picture: ThermalPicture) -> None:
        """Why the array has given no value for a while."""
        view = self._parts.thermal.view(picture.taken_at_s)
        reason = asked_for(view.refusals) if view else None
        if reason is not None:
            self._front.tell(TemperatureWithheld(reason, picture.taken_at_s))

    def tick(self) -> None:
        """Time passes."""
        if self._care is not None:
            self._care.refresh_if_due()
            self._heed_care(self._care)
        self.hold.tick()
        self._front.tick()

    # The thermometer itself

    def refresh_thermometer(self) -> None:
        """Take up what was found at a commissioning or a check of the thermometer."""
        if self._care is not None:
            self._care.refresh()
            self._heed_care(self._care)

    def _heed_care(self, care: ThermometerCare) -> None:
        """A thermometer that failed its check is as good as lost, until one passes.

        Whatever it was compared for, in this process or another one, is done then.
        """
        if care.compared_at != self._compared_at:
            self._compared_at = care.compared_at
            self.hold.end()
            self._news.publish_latest()
        was_usable = DeviceKind.THERMOMETER in self._devices.available
        self._devices.trust(DeviceKind.THERMOMETER, is_trusted=not care.is_failed)
        is_usable = DeviceKind.THERMOMETER in self._devices.available
        if is_usable != was_usable:
            event = DeviceBack if is_usable else DeviceLost
            self._front.tell(event(DeviceKind.THERMOMETER))

    def _policy_now(self) -> Policy:
        """With the thermometer's constants of today."""
        if self._care is None:
            return self._policy
        return replace(self._policy, calibration=self._care.calibration)

    # What pages see

    def view(self) -> GateView:
        """The gate as its pages show it."""
        now = ClockReading(self._parts.clock.now(), self._parts.clock.monotonic_s())
        shown, room = self._front.shown(now), self._parts.room.newest
        warning = self._clock_watch.warning(now.now, now.monotonic_s)
        return GateView(
            gate=self.gate,
            version=self._version,
            at=now.now,
            mode=self._devices.mode,
            checks_required=tuple(check for check in Check if check in self._policy.checks),
            devices=self._devices.views(),
            visitor=shown.visitor,
            checks=shown.checks,
            temperature=shown.temperature,
            verdict=shown.verdict,
            aside=tuple(aside_view(pause, now) for pause in self._aside),
            occupancy=room.figures.occupancy if room else 0,
            capacity=room.figures.capacity if room else 0,
            clock_warning=warning.value if warning else None,
            thermal=self._parts.thermal.view(now.monotonic_s),
            thermometer=self._care.view() if self._care else None,
            hold=self.hold.view,
        )

    def refresh_aside(self) -> None:
        """Look up who waits aside; other gates send people aside too."""
        try:
            self._aside = self._history.pauses()
        except RecordError as error:
            _log.warning("gate %s: who waits aside is not known: %s", self.gate, error)

    def tell_changes(self) -> None:
        """Tell the hub when pages would show something else than at the last call."""
        view = without_countdowns(self.view())
        if view != self._told:
            self._told = view
            self._version += 1
            self._parts.hub.publish(GateChanged(self.gate, self._version))

    def drop_visitor(self) -> None:
        """After a fault in the program: forget the visitor in front; nobody was admitted."""
        self._front.drop()
