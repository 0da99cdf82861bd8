"""What is written down about a visitor at a gate, and the log's promises.

One transaction decides and writes: ``Journal.write`` returns only after the row is committed
(durably), and what it returns is what happened - the record may turn an intended ADMIT into a
refusal when the receipt has been used or the room has filled up meanwhile.

A newer version of this program may have written kinds, decisions, reasons, checks, sources and ways
of leaving that this one has no member for. Whatever is read then holds the text itself, so that it
can be shown and exported as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from screening.decision import Check, DecisionKind, Reason
from screening.receipts.claims import ReceiptClaims
from screening.registration.bookings import PriorityGroup

Code = TypeVar("Code", bound=StrEnum)


def known(codes: type[Code], written: str) -> Code | str:
    """The member that stands for it; the text itself where this version has none."""
    try:
        return codes(written)
    except ValueError:
        return written


class EntryKind(StrEnum):
    """What a row of the log is about."""

    ATTEMPT = "attempt"
    CONFIRMATION = "confirmation"
    CLINICAL = "clinical"
    EXIT = "exit"
    ESTIMATED_EXIT = "estimated_exit"
    EXIT_SEEN = "exit_seen"
    EXIT_UNDONE = "exit_undone"
    EXIT_UNMATCHED = "exit_unmatched"
    STILL_HERE = "still_here"
    HEAD_COUNT = "head_count"
    HEAD_COUNT_UNDONE = "head_count_undone"
    CROSSINGS = "crossings"
    ANNUL = "annul"
    REVOKE = "revoke"
    HANDOVER = "handover"
    ERASURE = "erasure"
    COMMISSIONED = "commissioned"
    THERMOMETER_CHECKED = "thermometer_checked"
    OFFICE_CHANGED = "office_changed"
    BOOKED = "booked"
    BOOKING_CHANGED = "booking_changed"
    ISSUED = "issued"
    QUEUE = "queue"
    ALERT = "alert"
    PRIORITY = "priority"
    LINE = "line"
    SURVEY = "survey"
    HOLDER_TOLD = "holder_told"
    CONTACT_SHOWN = "contact_shown"


class ExitHow(StrEnum):
    """How the office learnt that somebody left.

    SERVED: done at the last counter, and the time to walk out is over. ESTIMATED: others do not
    stay so long. COUNTED: a head count found fewer people than the rows.
    """

    SCAN = "scan"
    BUTTON = "button"
    CLOSING = "closing"
    SERVED = "served"
    ESTIMATED = "estimated"
    COUNTED = "counted"


SEEN = frozenset({ExitHow.SCAN, ExitHow.BUTTON})
"""Somebody saw the visitor go; every other exit is concluded."""

CONCLUDED_TODAY = frozenset({ExitHow.SERVED, ExitHow.ESTIMATED, ExitHow.COUNTED})
"""Exits that nobody saw, and that the visitor's own scan later sets right."""


LEFT_UNMEASURED = "left"
"""The outcome of a referral whose visitor left before an officer could measure."""


class EvidenceSource(StrEnum):
    """Who says so: a device, a person, or nobody (the check is off)."""

    DEVICE = "device"
    GUARD = "guard"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check's outcome as it is kept with the visit.

    ``outcome`` is coarse on purpose: passed, elevated, mask, no_mask, incorrect, exempt.
    """

    check: Check | str
    source: EvidenceSource | str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredTemperature:
    """Raw value, each correction by name and size, their sum (degC); kept apart and erasable.

    ``standard_uncertainty_celsius`` is that of the sum as the value of a clinical thermometer; None
    where nobody knows it (an instrument never commissioned, a person's entry). ``limit_celsius`` is
    what the sum was compared with; None of what was not judged, or written before that was kept.
    """

    raw_celsius: float
    corrections: tuple[tuple[str, float], ...]
    corrected_celsius: float
    entered_by: str | None = None
    standard_uncertainty_celsius: float | None = None
    limit_celsius: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What the gate intends to write. ``attempt_id`` is also the barrier's decision id.

    ``resumes`` is the attempt that sent this visitor aside for a second reading. ``shown_at`` is
    when the receipt was shown, None where that was at ``at``. ``group`` is what the guard noted of
    lawful priority; it is erased with the name.
    """

    attempt_id: str
    gate: str
    at: datetime
    decision: DecisionKind
    reason: Reason
    nonce: str | None = None
    receipt: ReceiptClaims | None = None
    service: str | None = None
    operator: str | None = None
    remark: str | None = None
    results: tuple[CheckResult, ...] = ()
    temperatures: tuple[MeasuredTemperature, ...] = ()
    ready_at: datetime | None = None
    resumes: str | None = None
    is_return_allowed: bool = True
    shown_at: datetime | None = None
    group: PriorityGroup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody who was let in. ``place`` counts the party from 1; times are aware UTC."""

    visit_id: int
    attempt_id: str
    gate: str
    entered_at: datetime
    service: str | None
    receipt_number: str | None
    place: int
    seat: str | None
    ticket: str
    left_at: datetime | None = None
    left_how: ExitHow | str | None = None
    annulled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAttempt:
    """What is in the log now. ``is_repeat``: the nonce was seen before - same answer, no pulse.

    ``entry`` is the row itself; None only where nothing was written. ``name`` is the holder's whole
    name, where they registered here and it is kept; ``is_priority`` what they registered as, or a
    guard noted.
    """

    entry_id: int
    attempt_id: str
    at: datetime
    decision: DecisionKind
    reason: Reason
    visit: Visit | None = None
    is_repeat: bool = False
    entry: LogEntry | None = None
    name: str | None = None
    is_priority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A row as people may see it; ``entry_id`` grows, ``hash`` chains to the row before.

    ``holder`` (the shortened name of the receipt) and ``remark`` are None once they are forgotten.
    """

    entry_id: int
    kind: EntryKind | str
    at: datetime
    gate: str | None
    decision: DecisionKind | str | None
    reason: Reason | str | None
    receipt_number: str | None
    service: str | None
    operator: str | None
    remark: str | None
    attempt_id: str | None
    results: tuple[CheckResult, ...]
    hash: str
    holder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPause:
    """A visitor waiting aside for the second reading; found by receipt, else by attempt.

    ``holder`` is the receipt's shortened name, None without one or once it is forgotten. ``group``
    is the lawful priority that a guard noted.
    """

    attempt_id: str
    gate: str
    at: datetime
    ready_at: datetime
    issuer: str | None = None
    receipt_number: str | None
    service: str | None
    holder: str | None = None
    first: MeasuredTemperature
    group: PriorityGroup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatState:
    """One seat. ``x`` and ``y`` place it in its room, in metres or, in a plan of rows that nobody
    measured, in seats; ``kind`` is whom it is for first, a code.
    """

    label: str
    x: float
    y: float
    room: str
    kind: str
    is_sealed: bool
    visit_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadCount:
    """Somebody counted ``people`` inside. ``extra`` is what the rows did not explain.

    Above 0: people nobody saw come in, who are added until the next count or the night. Below 0:
    people whom the rows have inside and nobody found; each exit that is only concluded takes one
    back. ``still_open`` are visits of before the count that go on: once all have ended nothing is
    left to take off.
    """

    people: int
    at: datetime
    by: str
    extra: int
    still_open: int
    entry_id: int = 0

    def after_exit(self, entered_at: datetime, how: str | None) -> HeadCount:
        """Once a visit has ended; ``how`` None where it was annulled."""
        if entered_at > self.at:
            return self
        extra, still_open = self.extra, self.still_open - 1
        if extra < 0:
            extra = max(extra if how in SEEN else extra + 1, -still_open)
        return replace(self, extra=extra, still_open=still_open)

    def after_unmatched_exit(self) -> HeadCount:
        """Once somebody has left whom nobody had seen come in."""
        return replace(self, extra=self.extra - 1) if self.extra > 0 else self

    def after_return(self, entered_at: datetime) -> HeadCount:
        """Once a visit that had ended goes on."""
        if entered_at > self.at:
            return self
        return replace(self, still_open=self.still_open + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """Counts since ``since`` (the start of the site's day). Refused counts DENY and REFER rows.

    A person referred for a clinical reading is not turned away: ``denied`` leaves them out.
    ``queue_waiting`` are people inside who wait to be called to a counter.
    ``still_to_come`` are people who booked the day and are not in yet.
    ``occupancy`` is what the rows say, set right by the newest head count of the day, ``counted``.
    In nine of ten cases the true number is at most ``uncertainty`` away; None where nobody knows.
    """

    since: datetime
    occupancy: int
    capacity: int
    admitted: int
    refused: int
    refused_by_reason: dict[Reason | str, int] = field(default_factory=dict)
    waiting_outside: int = 0
    queue_waiting: int = 0
    still_to_come: int = 0
    counted: HeadCount | None = None
    uncertainty: int | None = None
    updated_at: datetime

    @property
    def places_taken(self) -> int:
        """What capacity counts: people whom a head count did not find keep their places until
        their visits end."""
        extra = 0 if self.counted is None else self.counted.extra
        return self.occupancy + max(0, -extra)

    @property
    def denied_by_reason(self) -> dict[Reason | str, int]:
        """Who was turned away."""
        return {
            reason: count
            for reason, count in self.refused_by_reason.items()
            if reason is not Reason.ELEVATED_TWICE
        }

    @property
    def denied(self) -> int:
        """How many were turned away."""
        return self.refused - self.referred

    @property
    def referred(self) -> int:
        """How many an officer was to measure."""
        return self.refused_by_reason.get(Reason.ELEVATED_TWICE, 0)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Result of verifying the log. ``first_bad_entry`` and ``problem`` tell the earliest break."""

    is_intact: bool
    entries: int
    head: str
    first_bad_entry: int | None = None
    problem: str | None = None


class Journal(Protocol):
    """What a gate writes, and what it must know of whoever comes back.

    Any method may raise RecordError; a failed write raises NotRecorded.
    """

    def write(self, attempt: Attempt) -> WrittenAttempt:
        """Decide under a lock and commit; the same gate and nonce return the first answer."""

    def submit(self, attempt: Attempt) -> Future[WrittenAttempt]:
        """The same without waiting: attempts that wait together are committed together."""

    def confirm(
        self, attempt_id: str, *, operator: str, remark: str | None, at: datetime
    ) -> LogEntry:
        """A person stands by the machine's refusal or referral."""

    def record_clinical(
        self, attempt_id: str, *, celsius: float | None, outcome: str, operator: str, at: datetime
    ) -> LogEntry:
        """The officer's clinical reading closes a referral, or checks on one who was admitted.

        Without ``celsius`` and with the outcome LEFT_UNMEASURED nobody was there to be measured.
        """

    def leave(
        self,
        *,
        receipt: ReceiptClaims | None,
        how: ExitHow,
        gate: str,
        operator: str | None,
        at: datetime,
        nonce: str | None = None,
    ) -> Visit | None:
        """A receipt's holder leaves, without one whoever is longest inside; None when nobody is.

        The same gate and nonce return the first answer and let nobody else out. Raises LaneConflict
        where the nonce was used with another receipt.
        """

    def annul(self, attempt_id: str, *, operator: str, remark: str, at: datetime) -> Visit | None:
        """Nobody walked through: the seat is free, the receipt unused again.

        None when that attempt was not admitted or is annulled already.
        """

    def give_priority(
        self, attempt_id: str, *, group: PriorityGroup | None, operator: str, at: datetime
    ) -> Visit | None:
        """Somebody inside is called as one of this priority group, or with None of none.

        None when that attempt was not admitted, is annulled, or its visitor is out.
        """

    def hand_over(self, *, gate: str, from_user: str, to_user: str, at: datetime) -> LogEntry:
        """The shift changes on a shared tablet."""

    def pauses(self, *, since: datetime) -> list[PendingPause]:
        """Those who still wait for their second reading, oldest first."""

    def referral(self, receipt: ReceiptClaims, *, since: datetime) -> LogEntry | None:
        """The receipt's newest referral since then, or the clinical reading that closed it."""


class LogReader(Protocol):
    """The rows of the log. No method takes longer because the log is older, but the last two.

    Any method may raise RecordError.
    """

    def head(self) -> int:
        """The newest row's number, 0 before the first."""

    def attempt(self, attempt_id: str) -> LogEntry | None: ...

    def entries(self, *, after: int = 0, limit: int = 100) -> list[LogEntry]:
        """Rows above ``after`` in order, for replay; any whole number will do."""

    def latest(
        self, *, limit: int = 20, gate: str | None = None, without: Collection[EntryKind] = ()
    ) -> list[LogEntry]:
        """Newest first, of one gate or of all; ``without`` rows of these kinds."""

    def open_referrals(self, *, since: datetime) -> list[LogEntry]:
        """Attempts since then that were referred and have no clinical reading, newest first."""

    def verify(self) -> ChainReport: ...

    def export(self) -> Iterator[LogEntry]:
        """Every row in order."""


class RoomFigures(Protocol):
    """The room and the day in figures. Any method may raise RecordError."""

    def figures(self, *, since: datetime, at: datetime) -> DayFigures: ...

    def seats(self) -> list[SeatState]: ...

    def glance(self, *, at: datetime) -> tuple[DayFigures, list[SeatState]] | None:
        """Figures and seats as of this process's last commit, without asking the database."""

    def visits_inside(self) -> list[Visit]: ...

    def visits_of(self, issuer: str, number: str) -> list[Visit]:
        """Who came in with this receipt, first entered first, without those that were annulled."""

    def unmeasured(self) -> list[Visit]:
        """Of those inside, whom a device's temperature let pass and no officer has measured."""

    def hourly(self, *, since: datetime) -> list[tuple[datetime, int, int, int]]:
        """(start of the hour, admitted, refused, referred), oldest first, without empty hours."""


class VisitLog(Journal, LogReader, RoomFigures, Protocol):
    """The whole record of a site's visits."""
