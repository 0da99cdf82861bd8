"""What a gate tells its pages: a view, published after each piece of work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from screening.decision import Check
from screening.errors import RecordError
from screening.events import GateChanged
from screening.gate.clock_watch import ClockWatch
from screening.gate.current_visit import CurrentVisit
from screening.gate.dependencies import LaneDependencies
from screening.gate.devices import GateDevices
from screening.gate.history import ReceiptHistory
from screening.gate.hold import CheckHold
from screening.gate.verdict import ClockReading, aside_view, without_countdowns
from screening.gate.view import AsideView, GateView
from screening.gate.waiting import Waiting
from screening.temperature.instrument.care import ThermometerCare
from screening.visits import PendingPause

_log = logging.getLogger(__name__)


class Publisher:
    """One gate's; ``newest`` may be read from any thread, everything else from the gate's only."""

    def __init__(
        self,
        gate: str,
        *,
        checks: Callable[[], frozenset[Check]],
        dependencies: LaneDependencies,
        devices: GateDevices,
        visit: CurrentVisit,
        hold: CheckHold,
        history: ReceiptHistory,
        waiting: Waiting,
        clock_watch: ClockWatch,
        care: ThermometerCare | None,
    ) -> None:
        self._gate = gate
        self._checks = checks
        self._dependencies = dependencies
        self._devices = devices
        self._visit = visit
        self._hold = hold
        self._history = history
        self._waiting = waiting
        self._clock_watch = clock_watch
        self._care = care
        self._version = 0
        self._told: GateView | None = None
        self._aside: list[PendingPause] = []
        self.newest = self.view()
        """The view that was published last; at first the one of now."""

    def view(self) -> GateView:
        """The gate as its pages show it."""
        now = ClockReading(self._dependencies.clock.now(), self._dependencies.clock.monotonic_s())
        shown, room = self._visit.shown(now), self._dependencies.room.newest
        warning = self._clock_watch.warning(now.now, now.monotonic_s)
        checks = self._checks()
        return GateView(
            gate=self._gate,
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
            aside=tuple(self._aside_view(pause, now) for pause in self._aside),
            outside=self._waiting.outside(),
            occupancy=room.figures.occupancy if room else 0,
            capacity=room.figures.capacity if room else 0,
            clock_warning=warning.value if warning else None,
            clock_jump_s=self._clock_watch.jump_s,
            thermal=self._dependencies.thermal.view(now.monotonic_s),
            thermometer=self._care.view() if self._care else None,
            hold=self._hold.view,
        )

    def refresh_aside(self) -> None:
        """Look up who waits aside; other gates send people aside too."""
        try:
            self._aside = self._history.pauses()
        except RecordError as error:
            _log.warning("gate %s: who waits aside is not known: %s", self._gate, error)

    def _aside_view(self, pause: PendingPause, now: ClockReading) -> AsideView:
        code = self._waiting.code_of(pause.attempt_id) or self._history.code_of(pause)
        return aside_view(pause, now, is_known=code is not None)

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
            self._dependencies.hub.publish(GateChanged(self._gate, self._version))
