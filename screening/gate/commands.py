"""What people and devices may ask of a gate, as values. ``Command[A]`` is answered by an ``A``.

``operator`` is who is logged in. ``attempt_id`` names the visitor an act is meant for: when another
one stands there by now, it raises LaneConflict with the code other_visitor. Commands that make no
sense now raise LaneConflict, too.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from screening.decision import DecisionKind
from screening.gate.view import GateView, ScanAnswer
from screening.readings import CodeSource, MaskLabel
from screening.registration.bookings import PriorityGroup

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Command(Generic[Answer]):
    """One thing asked of a gate; it is done whole before the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Command[ScanAnswer]):
    """A code is shown on the way in. The same ``nonce`` again gives the same answer."""

    code: str
    source: CodeSource
    nonce: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitScan(Command[bool]):
    """A receipt is shown on the way out; False when its holder is not inside.

    The same ``nonce`` again gives the same answer and lets nobody else out.
    """

    code: str
    operator: str | None = None
    nonce: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitButton(Command[bool]):
    """Somebody left; False when the room is empty."""

    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitEmergency(Command[None]):
    """Begin a session without a receipt for an emergency or walk-in service."""

    service: str
    operator: str
    remark: str
    group: PriorityGroup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePriority(Command[None]):
    """The visitor is of a lawful priority group, or with None of none; also after the admission."""

    group: PriorityGroup | None
    operator: str
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanHands(Command[None]):
    """The guard saw it."""

    operator: str
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterTemperature(Command[None]):
    """A handheld (clinical or forehead) reading by the guard (degC)."""

    celsius: float
    operator: str
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterMask(Command[None]):
    """What the guard sees on the visitor's face."""

    label: MaskLabel
    operator: str
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptMask(Command[None]):
    """Private check for a niqab, or a medical exemption: recorded as such."""

    operator: str
    remark: str
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override(Command[None]):
    """ADMIT or DENY against the machine; the remark is required and recorded."""

    kind: DecisionKind
    operator: str
    remark: str
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Command[None]):
    """Stand by a referral or a refusal on health grounds; the lane is free afterwards."""

    operator: str
    remark: str | None = None
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(Command[None]):
    """The visitor left or the verdict was read: the lane is free."""

    operator: str | None
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Command[None]):
    """Annul an admission: nobody walked through."""

    attempt_id: str
    operator: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command[None]):
    """Call a visitor who waits aside, or outside a full room; without a new scan where the gate
    remembers what they showed."""

    attempt_id: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismiss(Command[None]):
    """Whoever waited outside for a place went away; nothing is written, the receipt is unused."""

    attempt_id: str
    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Command[None]):
    """The shift changes on a shared tablet."""

    from_user: str
    to_user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFree(Command[None]):
    """Measure for a check of the thermometer and for no visitor; again means for longer."""

    operator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAgain(Command[None]):
    """The check is over; visitors are measured once whoever stood there has stepped away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshThermometer(Command[None]):
    """Take up a commissioning or a check that was just written; it is found later anyhow."""


class GateControl(Protocol):
    """One gate of this process."""

    def view(self) -> GateView:
        """The newest view that the gate has published; never waits."""

    def busy_since(self) -> datetime | None:
        """Since when the gate is in one piece of work that takes long; None otherwise."""

    def picture(self) -> bytes | None:
        """The newest annotated JPEG, or None without a camera."""

    def do(self, command: Command[Answer]) -> Answer:
        """Have it done and wait for the answer; what it changed is in ``view`` then.

        Rows are committed. Raises LaneConflict, RecordError, and OutcomeUnknown after some seconds.
        """

    def post(self, command: Command[Answer]) -> Future[Answer]:
        """The same without waiting. Cancel the future to give up: then nothing is done later."""


class Gates(Protocol):
    """The gates of the office, as far as this process runs them."""

    def names(self) -> list[str]:
        """Every gate of the office, in order of name, whoever runs it."""

    def running(self, name: str) -> GateControl | None:
        """The gate where it runs in this process; never waits."""

    def get(self, name: str) -> GateControl:
        """Raises UnknownGate, NotOwner where another process runs it, and RecordError."""
