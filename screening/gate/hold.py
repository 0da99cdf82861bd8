"""Keeps a gate free while its thermometer is checked: whoever stands there then is no visitor.

hold       what devices show                    ends
off        counts for the visitor in front      -
on         counts for nobody                    a button, a saved check, or HELD_FOR_S
ending     counts for nobody                    a button, the place is empty, or after
                                                LEAVES_WITHIN_S while no visitor waits

A receipt can still be scanned, and a guard can begin a check by hand: such a visitor is not lost,
but waits until the devices count again, or is measured by the guard. It ends in two steps because
staff or a flask still stand there when the check is saved, and the next value must not be theirs.
It is not remembered over a restart.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from screening.clock import Clock
from screening.gate.current_visit import CurrentVisit
from screening.gate.devices import GateDevices
from screening.gate.view import HoldView
from screening.readings import DeviceKind

HELD_FOR_S = 600.0
"""After the last thing that was done for the check; a forgotten hold must not stop the office."""

LEAVES_WITHIN_S = 10.0
"""Where no device tells that the place is empty; long enough to step aside."""

EMPTY_FOR_S = 2.0
"""Nobody seen for so long has gone; for less they may have looked down."""

WATCHED = (DeviceKind.THERMOMETER, DeviceKind.CAMERA)
"""The devices that would measure whoever stands there."""

_log = logging.getLogger(__name__)


class CheckHold:
    """One gate's hold."""

    def __init__(
        self, gate: str, *, clock: Clock, visit: CurrentVisit, devices: GateDevices
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._visit = visit
        self._devices = devices
        self._view: HoldView | None = None
        self._until_s = self._ending_since_s = 0.0
        self._empty_since_s: float | None = None

    @property
    def view(self) -> HoldView | None:
        """For the pages; None while it is off."""
        return self._view

    def begin(self, *, operator: str) -> None:
        """Keep the gate free, or keep it free for longer. Raises RecordError.

        Who was taken for a visitor without having asked for anything stands there for the check.
        """
        if self._visit.began_by_itself:
            self._visit.abandon(operator=operator)
        if self._view is None:
            _log.info("gate %s: kept free for a check by %s", self._gate, operator)
        until = self._clock.now() + timedelta(seconds=HELD_FOR_S)
        self._until_s = self._clock.monotonic_s() + HELD_FOR_S
        self._view = HoldView(by=operator, until=until, is_ending=False)
        self._count(is_counting=False)

    def open_again(self) -> None:
        """A person says that it is over, and at the second time that the place is empty."""
        if self._view is None or not self._view.is_ending:
            self.end()
        elif self._clock.monotonic_s() - self._ending_since_s >= EMPTY_FOR_S:  # no double click
            self._go_on()

    def end(self) -> None:
        """The check is over; devices count as soon as the place was seen empty."""
        if self._view is None or self._view.is_ending:
            return
        until = self._clock.now() + timedelta(seconds=LEAVES_WITHIN_S)
        self._until_s = self._clock.monotonic_s() + LEAVES_WITHIN_S
        self._ending_since_s = self._clock.monotonic_s()
        self._view = HoldView(by=self._view.by, until=until, is_ending=True)
        self._empty_since_s = None

    def saw(self, *, is_somebody: bool) -> None:
        """What a device shows of the place before it."""
        if self._view is None or not self._view.is_ending:
            return
        now_s = self._clock.monotonic_s()
        if is_somebody:
            self._empty_since_s = None
        elif self._empty_since_s is None:
            self._empty_since_s = now_s
        elif now_s - self._empty_since_s >= EMPTY_FOR_S:
            self._go_on()

    def tick(self) -> None:
        """Time passes: a hold ends by itself, and nobody who waits for it has walked away."""
        if self._view is None:
            return
        self._visit.wait_on()
        if self._clock.monotonic_s() < self._until_s:
            return
        if not self._view.is_ending:
            self.end()
        elif self._visit.session is None:  # whoever waits must not get a value of who stands there
            self._go_on()

    def _go_on(self) -> None:
        _log.info("gate %s: not kept free any more", self._gate)
        self._view = None
        self._visit.stays()
        self._count(is_counting=True)

    def _count(self, *, is_counting: bool) -> None:
        before = self._devices.available
        self._devices.set_aside(frozenset() if is_counting else frozenset(WATCHED))
        for kind in WATCHED:
            if (kind in self._devices.available) != (kind in before):
                self._visit.device_changed(kind)
