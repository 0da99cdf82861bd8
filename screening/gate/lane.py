"""One gate's lane: brings receipt, devices and guard to the visitor in front, and shows the gate.

Everything here runs in one thread (``runner.py``). The order is fixed: the session decides, the
record commits, then the barrier pulses, then the hub tells.

    entrance.py   a receipt is shown              front.py    who stands in front: session, verdict
    arrivals.py   somebody comes without one      ending.py   the record, the barrier, the pages
    guard.py      what the guard does             session.py  one visitor's checks (pure)
    exits.py      somebody leaves                 showing.py  what all this looks like on a page
    measuring.py  thermometer and camera          commands.py what may be asked of all this
    hold.py       the thermometer is checked: whoever stands there is no visitor
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from screening.decision import Check
from screening.errors import RecordError
from screening.events import GateChanged
from screening.gate import commands
from screening.gate.answers import Answers
from screening.gate.arrivals import Arrivals
from screening.gate.clock_watch import ClockWatch
from screening.gate.commands import Answer, Command
from screening.gate.devices import GateDevices
from screening.gate.ending import Ending
from screening.gate.entrance import Entrance
from screening.gate.exits import Exits
from screening.gate.front import Front
from screening.gate.guard import Guard
from screening.gate.history import ReceiptHistory
from screening.gate.hold import CheckHold
from screening.gate.measuring import Measuring
from screening.gate.parts import LaneParts
from screening.gate.policy import Policy
from screening.gate.session import DeviceBack, DeviceLost
from screening.gate.showing import ClockReading, aside_view, without_countdowns
from screening.gate.view import GateView
from screening.readings import Availability, CodeScanned, DeviceKind, Reading
from screening.temperature.care import ThermometerCare
from screening.visits import PendingPause

PASSES_BY = (commands.Scan, commands.ExitScan, commands.ExitButton)
"""What visitors do by themselves, and often: who waits aside is looked up soon enough."""

_log = logging.getLogger(__name__)


class Lane:
    """See the module's header. Neither it nor its parts may be called from two threads at once.

    ``checks`` is asked for each visitor, since the office may change it; the policy's when None.
    """

    def __init__(
        self,
        gate: str,
        *,
        policy: Policy,
        configured: frozenset[DeviceKind],
        parts: LaneParts,
        care: ThermometerCare | None = None,
        checks: Callable[[], frozenset[Check]] | None = None,
    ) -> None:
        self.gate = gate
        self.clock = parts.clock
        self._policy = policy
        self._parts = parts
        self._care = care
        self._checks = checks or (lambda: policy.checks)
        now = parts.clock.now()
        self._devices = GateDevices(configured, self._checks, now)
        self._history = ReceiptHistory(parts.log, parts.desk, parts.clock, parts.zone)
        self._clock_watch = ClockWatch(now, parts.clock.monotonic_s())
        for newest in parts.log.latest(limit=1):
            self._clock_watch.witnessed(newest.at)
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
                barrier=parts.barrier,
                care=care,
            ),
            on_next_visitor=parts.on_next_visitor,
        )
        self.hold = CheckHold(gate, clock=parts.clock, front=self._front, devices=self._devices)
        self._measuring = Measuring(
            gate,
            devices=self._devices,
            front=self._front,
            arrivals=Arrivals(self._front, self._policy_now, self.hold),
            hold=self.hold,
            thermal=parts.thermal,
            care=care,
        )
        self.entrance = Entrance(
            gate,
            checks=self._checks,
            front=self._front,
            desk=parts.desk,
            room=parts.room,
            clock=parts.clock,
            clock_watch=self._clock_watch,
            history=self._history,
            answers=answers,
        )
        self.exits = Exits(gate, log=parts.log, desk=parts.desk, clock=parts.clock)
        self.guard = Guard(
            gate,
            checks=self._checks,
            front=self._front,
            log=parts.log,
            clock=parts.clock,
            services=parts.services,
            history=self._history,
        )
        self._acts = self._all_acts()
        self._version = 0
        self._told: GateView | None = None
        self._aside: list[PendingPause] = []
        self.newest = self.view()
        """The newest view that was published; may be read from any thread."""

    # What people ask for

    def do(self, command: Command[Answer]) -> Answer:
        """Do what the command says. Raises LaneConflict and RecordError."""
        act = self._acts[type(command)]
        answer: Answer = act(**{f.name: getattr(command, f.name) for f in fields(command)})  # type: ignore[arg-type]
        if not isinstance(command, PASSES_BY):
            self.refresh_aside()
        return answer

    def _all_acts(self) -> Mapping[type[Any], Callable[..., Any]]:
        """For each command what does it; its fields are the parameters."""
        return {
            commands.Scan: self.entrance.scan,
            commands.ExitScan: self.exits.scan,
            commands.ExitButton: self.exits.button,
            commands.AdmitEmergency: self.guard.admit_emergency,
            commands.CleanHands: self.guard.hands_cleaned,
            commands.EnterTemperature: self.guard.enter_temperature,
            commands.EnterMask: self.guard.enter_mask,
            commands.ExemptMask: self.guard.exempt_mask,
            commands.Override: self.guard.override,
            commands.Confirm: self.guard.confirm,
            commands.Clear: self.guard.clear,
            commands.Undo: self.guard.undo,
            commands.Resume: self.guard.resume,
            commands.HandOver: self.guard.hand_over,
            commands.KeepFree: self.hold.begin,
            commands.OpenAgain: self.hold.open_again,
            commands.RefreshThermometer: self.refresh_thermometer,
        }

    # What devices say

    def availability_changed(self, availability: Availability) -> None:
        """A device came or went; without it the guard does its work."""
        self._devices.changed(availability, self._parts.clock.now())
        if availability.device is DeviceKind.THERMOMETER:
            self._measuring.thermometer_changed(is_available=availability.available)
        is_usable = availability.device in self._devices.available
        event = DeviceBack if is_usable else DeviceLost
        self._front.tell(event(availability.device))

    def device_reading(self, reading: Reading) -> None:
        """A reading of this gate's own devices."""
        if isinstance(reading, CodeScanned):
            self.entrance.scan(reading.text, source=reading.source)
        else:
            self._measuring.take(reading)

    def tick(self) -> None:
        """Time passes."""
        self._measuring.tick()
        self.hold.tick()
        self._front.tick()

    def refresh_thermometer(self) -> None:
        """Take up what was found at a commissioning or a check of the thermometer."""
        self._measuring.refresh()

    def _policy_now(self) -> Policy:
        """With the checks of now and the thermometer's constants of today."""
        policy, checks = self._policy, self._checks()
        if policy.checks != checks:
            policy = replace(policy, checks=checks)
        return self._measuring.with_constants(policy)

    # What pages see

    def view(self) -> GateView:
        """The gate as its pages show it."""
        now = ClockReading(self._parts.clock.now(), self._parts.clock.monotonic_s())
        shown, room = self._front.shown(now), self._parts.room.newest
        warning = self._clock_watch.warning(now.now, now.monotonic_s)
        checks = self._checks()
        return GateView(
            gate=self.gate,
            version=self._version,
            at=now.now,
            mode=self._devices.mode,
            checks_required=tuple(check for check in Check if check in checks),
            devices=self._devices.views(),
            unused_devices=self._devices.unused,
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

    def publish(self) -> None:
        """The view as it is now becomes ``newest``; then the hub hears if pages show it otherwise.

        In this order: who looks because the hub told them sees what has changed.
        """
        view = self.view()
        timeless = without_countdowns(view)
        has_changed = timeless != self._told
        if has_changed:
            self._told = timeless
            self._version += 1
            view = replace(view, version=self._version)
        self.newest = view
        if has_changed:
            self._parts.hub.publish(GateChanged(self.gate, self._version))

    def drop_visitor(self) -> None:
        """After a fault in the program: forget the visitor in front; nobody was admitted."""
        self._front.drop()
