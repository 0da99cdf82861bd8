"""A gate as its pages show it, and what a scan came to.

The lane publishes a ``GateView`` after every piece of work; pages render the newest and never reach
into the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from screening.decision import Check, DecisionKind, Reason
from screening.gate.thermal import ThermalView
from screening.readings import DeviceKind, DeviceTrouble
from screening.temperature.instrument.care_view import ThermometerView


class GateMode(StrEnum):
    """AUTOMATIC: every configured device is there. MANUAL: the guard enters what a device would."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class CheckState(StrEnum):
    """Where one check stands for the visitor in front."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"
    NEEDS_GUARD = "needs_guard"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """One device of the gate; ``is_configured`` False means the guard does its work for good.

    ``trouble`` is what somebody at the gate can mend, also of a device that works. ``heard`` is
    when its newest reading came, None before the first one; a barrier never has one.
    """

    kind: DeviceKind
    is_configured: bool
    is_available: bool
    since: datetime
    last_error: str | None = None
    faults: int = 0
    trouble: DeviceTrouble | None = None
    heard: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckView:
    """One check of the running session. ``entered_by`` names the guard where a person said so."""

    check: Check
    state: CheckState
    entered_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureView:
    """The measurement apart from the verdict: raw, each correction by name and size, sum (degC).

    ``first_celsius`` is the sum of the first reading where this is of a second one.
    """

    raw_celsius: float
    corrections: tuple[tuple[str, float], ...]
    corrected_celsius: float
    threshold_celsius: float
    entered_by: str | None = None
    standard_uncertainty_celsius: float | None = None
    first_celsius: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorView:
    """Who stands in front, as far as the receipt tells.

    ``name`` is whole and ``is_priority`` what they registered as: with the verdict, where the
    record knows them.
    """

    holder: str | None
    receipt_number: str | None
    service: str | None
    place: int
    party_size: int
    name: str | None = None
    is_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictView:
    """The one verdict on show. ``until_ready_s`` counts a pause down; a seat comes with ADMIT."""

    kind: DecisionKind
    reason: Reason
    attempt_id: str
    since: datetime
    seat: str | None = None
    ticket: str | None = None
    until_ready_s: float | None = None
    needs_confirmation: bool = False
    can_annul: bool = False
    barrier_opened: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsideView:
    """A visitor waiting aside for the second reading.

    ``can_resume``: the gate can read the receipt again or none is needed, so nothing is scanned.
    """

    attempt_id: str
    holder: str | None = None
    can_resume: bool = False
    receipt_number: str | None
    service: str | None
    ready_at: datetime
    until_ready_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideView:
    """A visitor of this gate who waits outside because the room was full, since when."""

    attempt_id: str
    holder: str | None
    receipt_number: str
    service: str | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A gate that ``by`` keeps free for a check of its thermometer, ``until`` it ends by itself.

    ``is_ending``: the check is over, and whoever stood there for it steps away.
    """

    by: str
    until: datetime
    is_ending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """Everything a page needs of one gate. ``verdict`` None means the lane is free.

    ``thermometer`` None means that none is configured here. ``hold`` is there while devices
    measure for a check of the thermometer and for no visitor. ``unused_devices`` are wired, and no
    check of now needs them.
    """

    gate: str
    version: int
    at: datetime
    mode: GateMode
    checks_required: tuple[Check, ...]
    devices: tuple[DeviceView, ...]
    visitor: VisitorView | None
    checks: tuple[CheckView, ...]
    temperature: TemperatureView | None
    verdict: VerdictView | None
    aside: tuple[AsideView, ...]
    outside: tuple[OutsideView, ...] = ()
    occupancy: int
    capacity: int
    clock_warning: str | None = None
    clock_jump_s: float = 0.0
    thermometer: ThermometerView | None = None
    thermal: ThermalView | None = None
    hold: HoldView | None = None
    unused_devices: tuple[DeviceKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAnswer:
    """What a scan came to. ``status``: ok (admitted), refused, or pending (the session goes on)."""

    status: str
    decision: DecisionKind
    reason: Reason
    attempt_id: str
    receipt_number: str | None = None
    service: str | None = None
    seat: str | None = None
    ticket: str | None = None
    place: int | None = None
    party_size: int | None = None
    ready_at: datetime | None = None
