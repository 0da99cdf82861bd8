"""What a gate knows of its devices, and which mode that puts it in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from screening.decision import Check
from screening.gate.view import DeviceView, GateMode
from screening.readings import Availability, DeviceKind, DeviceTrouble

NEEDED_DEVICE: Mapping[Check, DeviceKind] = {
    Check.TEMPERATURE: DeviceKind.THERMOMETER,
    Check.MASK: DeviceKind.CAMERA,
}
"""Checks that a device makes; a person stands in where it is missing."""


NEVER_MISSED = frozenset({DeviceKind.PEOPLE_COUNTER})
"""Without one of these a gate works as before."""

NOTICED_FOR_S = 60.0
"""A poster or a flood is shown for so long after it was noticed last."""


@dataclass(slots=True)
class _State:
    is_available: bool
    since: datetime
    last_error: str | None = None
    faults: int = 0
    trouble: DeviceTrouble | None = None
    noticed: DeviceTrouble | None = None
    noticed_s: float = 0.0
    heard: datetime | None = None


class GateDevices:
    """The state of each device; a device that is not configured is never available.

    ``checks`` is asked each time: which devices are relied on changes with the office's mode.
    """

    def __init__(
        self,
        configured: frozenset[DeviceKind],
        checks: Callable[[], frozenset[Check]],
        now: datetime,
    ) -> None:
        self._configured = configured
        self._checks = checks
        self._states = {kind: _State(is_available=False, since=now) for kind in DeviceKind}
        self._distrusted: frozenset[DeviceKind] = frozenset()
        self._set_aside: frozenset[DeviceKind] = frozenset()

    @property
    def _relied_on(self) -> frozenset[DeviceKind]:
        return frozenset(NEEDED_DEVICE[c] for c in self._checks() & NEEDED_DEVICE.keys())

    @property
    def unused(self) -> tuple[DeviceKind, ...]:
        """Devices that are wired and that no check of now needs."""
        return unused(self._configured, self._checks())

    def changed(self, availability: Availability, now: datetime) -> None:
        """A device came or went."""
        state = self._states[availability.device]
        state.is_available = availability.available
        state.last_error = availability.last_error
        state.since = now
        state.trouble = availability.trouble

    def heard(self, kind: DeviceKind, now: datetime) -> None:
        """A reading came from this device."""
        self._states[kind].heard = now

    def count_fault(self, kind: DeviceKind, times: int = 1) -> None:
        """Something arrived from this device that is not a reading."""
        self._states[kind].faults += times

    def notice(self, kind: DeviceKind, trouble: DeviceTrouble, now_s: float) -> bool:
        """A device that works has this trouble (still); whether it is news."""
        state = self._states[kind]
        is_news = state.noticed is not trouble
        state.noticed, state.noticed_s = trouble, now_s
        return is_news

    def tick(self, now_s: float) -> list[DeviceKind]:
        """The devices whose trouble was not noticed again for a while: it is over."""
        over = [
            kind
            for kind, state in self._states.items()
            if state.noticed is not None and now_s - state.noticed_s > NOTICED_FOR_S
        ]
        for kind in over:
            self._states[kind].noticed = None
        return over

    def trust(self, kind: DeviceKind, *, is_trusted: bool) -> None:
        """A device that is there but may not be relied on counts as missing."""
        others = self._distrusted - {kind}
        self._distrusted = others if is_trusted else others | {kind}

    def set_aside(self, kinds: frozenset[DeviceKind]) -> None:
        """Devices that work, but for no visitor at the moment; replaces those of before."""
        self._set_aside = kinds

    @property
    def available(self) -> frozenset[DeviceKind]:
        """The devices that can be used for a visitor now."""
        return self._working - self._set_aside

    @property
    def _there(self) -> frozenset[DeviceKind]:
        return frozenset(kind for kind, state in self._states.items() if state.is_available)

    @property
    def _working(self) -> frozenset[DeviceKind]:
        return self._there - self._distrusted

    @property
    def mode(self) -> GateMode:
        """Manual as soon as one device that is configured or needed is missing.

        One that no check of now uses is not missed, nor one that is distrusted and not relied on.
        """
        relied_on = self._relied_on
        needed = (self._configured - frozenset(self.unused) - NEVER_MISSED) | relied_on
        is_whole = needed <= self._there and relied_on <= self._working
        return GateMode.AUTOMATIC if is_whole else GateMode.MANUAL

    def views(self) -> tuple[DeviceView, ...]:
        """For the pages, in a fixed order; devices nobody needs here are left out."""
        needed = self._configured | self._relied_on
        return tuple(
            DeviceView(
                kind=kind,
                is_configured=kind in self._configured,
                is_available=kind in self._working,
                since=state.since,
                last_error=state.last_error,
                faults=state.faults,
                trouble=state.trouble or state.noticed,
                heard=state.heard,
            )
            for kind, state in self._states.items()
            if kind in needed
        )


def unused(wired: Collection[DeviceKind], checks: frozenset[Check]) -> tuple[DeviceKind, ...]:
    """Of the wired devices those that no check needs. A camera also reads receipts."""
    needs = {NEEDED_DEVICE[check] for check in checks & NEEDED_DEVICE.keys()}
    if Check.RECEIPT in checks:
        needs.add(DeviceKind.CAMERA)
    measuring = NEEDED_DEVICE.values()
    return tuple(
        kind for kind in DeviceKind if kind in measuring and kind in wired and kind not in needs
    )
