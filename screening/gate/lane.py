"""One gate's lane: brings receipt, devices and guard to the visitor in front, and shows the gate.

Everything here runs in one thread (``runner.py``). The order is fixed: the session decides, the
record commits, then the barrier pulses, then the hub tells.

    entrance.py       a receipt is shown
    shown_codes.py    what devices see of codes: visitors' receipts, and posters
    arrivals.py       somebody comes without one
    current_visit.py  who stands in front: a session, then a verdict
    session.py        one visitor's checks (pure)
    completion.py     the record, the barrier, the answer
    verdict.py        what a verdict looks like on a page
    guard.py          what the guard does
    exits.py          somebody leaves
    measuring.py      thermometer and camera
    hold.py           the thermometer is checked: whoever stands there is no visitor
    publishing.py     the view that all pages read
    commands.py       what people may ask of all this
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

from screening.decision import Check, Reason
from screening.gate import commands
from screening.gate.answer_cache import AnswerCache
from screening.gate.arrivals import Arrivals
from screening.gate.clock_watch import ClockWatch
from screening.gate.commands import Answer, Command
from screening.gate.completion import Completion
from screening.gate.current_visit import CurrentVisit
from screening.gate.dependencies import LaneDependencies
from screening.gate.devices import GateDevices
from screening.gate.entrance import Entrance
from screening.gate.exits import Exits
from screening.gate.guard import Guard
from screening.gate.history import ReceiptHistory
from screening.gate.hold import CheckHold
from screening.gate.measuring import Measuring
from screening.gate.policy import Policy
from screening.gate.publishing import Publisher
from screening.gate.shown_codes import ShownCodes
from screening.gate.view import GateView
from screening.gate.waiting import Waiting
from screening.readings import (
    Availability,
    CodeScanned,
    CodeSource,
    CodeStays,
    DeviceFlood,
    DeviceKind,
    PeopleCrossed,
    Reading,
    sender_of,
)
from screening.receipts.desk import ReceiptDesk
from screening.temperature.instrument.care import ThermometerCare

FULL_ROOM_SHOWN_S = 3.0
"""That the room is full is shown for at least so long: the record knows it before this process."""

ROWS_TAKEN_OVER = 500
"""Of the gate's newest rows: who waits outside longer than these are old has given up."""

PASSES_BY = (commands.Scan, commands.ExitScan, commands.ExitButton)
"""What visitors do by themselves, and often: who waits aside is looked up soon enough."""


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
        dependencies: LaneDependencies,
        care: ThermometerCare | None = None,
        checks: Callable[[], frozenset[Check]] | None = None,
    ) -> None:
        self.gate = gate
        self.clock = dependencies.clock
        self._policy = policy
        self._checks = checks or (lambda: policy.checks)
        self._crossed = dependencies.on_crossing
        now = dependencies.clock.now()
        self._devices = GateDevices(configured, self._checks, now)
        history = ReceiptHistory(
            dependencies.log, dependencies.desk, dependencies.clock, dependencies.zone
        )
        clock_watch = ClockWatch(now, dependencies.clock.monotonic_s())
        for newest in dependencies.log.latest(limit=1):
            clock_watch.witnessed(newest.at)
        answers = AnswerCache()
        waiting = Waiting(dependencies.clock)
        written = dependencies.log.latest(limit=ROWS_TAKEN_OVER, gate=gate)
        waiting.take_over(reversed(written), partial(_number_in_book, dependencies.desk))
        self._visit = CurrentVisit(
            clock=dependencies.clock,
            policy=self._policy_now,
            devices=self._devices,
            completion=Completion(
                gate,
                log=dependencies.log,
                clock=dependencies.clock,
                history=history,
                answers=answers,
                barrier=dependencies.barrier,
                care=care,
            ),
            waiting=waiting,
            on_next_visitor=dependencies.on_next_visitor,
        )
        self.hold = CheckHold(
            gate, clock=dependencies.clock, visit=self._visit, devices=self._devices
        )
        self._measuring = Measuring(
            gate,
            devices=self._devices,
            visit=self._visit,
            arrivals=Arrivals(self._visit, self._policy_now, self.hold),
            hold=self.hold,
            thermal=dependencies.thermal,
            care=care,
        )
        self.entrance = Entrance(
            gate,
            checks=self._checks,
            visit=self._visit,
            desk=dependencies.desk,
            room=dependencies.room,
            clock=dependencies.clock,
            clock_watch=clock_watch,
            history=history,
            answers=answers,
        )
        self._shown_codes = ShownCodes(
            gate,
            checks=self._checks,
            visit=self._visit,
            entrance=self.entrance,
            desk=dependencies.desk,
            devices=self._devices,
            clock=dependencies.clock,
        )
        self.exits = Exits(
            gate,
            log=dependencies.log,
            desk=dependencies.desk,
            clock=dependencies.clock,
            shown=self._shown_codes.shown_elsewhere,
        )
        self.guard = Guard(
            gate,
            checks=self._checks,
            visit=self._visit,
            log=dependencies.log,
            clock=dependencies.clock,
            services=dependencies.services,
            history=history,
            waiting=waiting,
            present=self._present,
        )
        self._publisher = Publisher(
            gate,
            checks=self._checks,
            dependencies=dependencies,
            devices=self._devices,
            visit=self._visit,
            hold=self.hold,
            history=history,
            waiting=waiting,
            clock_watch=clock_watch,
            care=care,
        )
        self._acts = self._all_acts()

    # What people ask for

    def do(self, command: Command[Answer]) -> Answer:
        """Do what the command says. Raises LaneConflict and RecordError."""
        act = self._acts[type(command)]
        answer: Answer = act(**{f.name: getattr(command, f.name) for f in fields(command)})
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
            commands.GivePriority: self.guard.give_priority,
            commands.CleanHands: self.guard.hands_cleaned,
            commands.EnterTemperature: self.guard.enter_temperature,
            commands.EnterMask: self.guard.enter_mask,
            commands.ExemptMask: self.guard.exempt_mask,
            commands.Override: self.guard.override,
            commands.Confirm: self.guard.confirm,
            commands.Clear: self.guard.clear,
            commands.Undo: self.guard.undo,
            commands.Resume: self.guard.resume,
            commands.Dismiss: self.guard.dismiss,
            commands.HandOver: self.guard.hand_over,
            commands.KeepFree: self.hold.begin,
            commands.OpenAgain: self.hold.open_again,
            commands.RefreshThermometer: self.refresh_thermometer,
        }

    def _end_a_full_room(self) -> None:
        """Nobody is told any longer that the room is full when it is not any more."""
        verdict = self._visit.verdict
        if verdict is None or verdict.written.reason is not Reason.ROOM_FULL:
            return
        shown_s = self.clock.monotonic_s() - verdict.since_s
        if shown_s >= FULL_ROOM_SHOWN_S and not self.entrance.is_room_full:
            self._visit.clear()

    def _present(self, code: str, operator: str) -> None:
        """A guard calls somebody who showed this code before."""
        self.entrance.scan(code, source=CodeSource.KEYBOARD_SCANNER, operator=operator)

    # What devices say

    def availability_changed(self, availability: Availability) -> None:
        """A device came or went; without it the guard does its work."""
        self._devices.changed(availability, self.clock.now())
        if availability.device is DeviceKind.THERMOMETER:
            self._measuring.thermometer_changed(is_available=availability.available)
        self._visit.device_changed(availability.device)

    def device_reading(self, reading: Reading) -> None:
        """A reading of this gate's own devices."""
        sender = sender_of(reading)
        if sender is not None:
            self._devices.heard(sender, self.clock.now())
        if isinstance(reading, CodeScanned):
            self._shown_codes.scanned(reading)
        elif isinstance(reading, CodeStays):
            self._shown_codes.stays(reading)
        elif isinstance(reading, DeviceFlood):
            self._shown_codes.flooded(reading)
        elif isinstance(reading, PeopleCrossed):
            self._crossed(self.gate, reading.entered, reading.left)
        else:
            self._measuring.take(reading)

    def tick(self) -> None:
        """Time passes."""
        self._measuring.tick()
        self._shown_codes.tick()
        self.hold.tick()
        self._visit.tick()
        self._end_a_full_room()

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

    @property
    def newest(self) -> GateView:
        """The view that was published last; may be read from any thread."""
        return self._publisher.newest

    def view(self) -> GateView:
        """The gate as its pages show it."""
        return self._publisher.view()

    def refresh_aside(self) -> None:
        """Look up who waits aside; other gates send people aside too."""
        self._publisher.refresh_aside()

    def publish(self) -> None:
        """The view as it is now becomes ``newest``; the hub hears if pages show it otherwise."""
        self._publisher.publish()

    def drop_visitor(self) -> None:
        """After a fault in the program: forget the visitor in front; nobody was admitted."""
        self._visit.drop()


def _number_in_book(desk: ReceiptDesk, number: str) -> str | None:
    return None if isinstance(desk.read(number), Reason) else number
