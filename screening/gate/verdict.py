"""What a lane shows: the visitor in front, the verdict it came to, and the answers made of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from screening.decision import DecisionKind, Reason
from screening.errors import LaneConflict
from screening.gate.session import Session
from screening.gate.view import (
    AsideView,
    CheckView,
    GateView,
    ScanAnswer,
    TemperatureView,
    VerdictView,
    VisitorView,
)
from screening.receipts.claims import ReceiptClaims
from screening.registration.bookings import PriorityGroup
from screening.visits import Attempt, PendingPause, WrittenAttempt


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Both clocks read at one moment, to turn monotonic seconds into times for people."""

    now: datetime
    monotonic_s: float

    def at(self, moment_s: float) -> datetime:
        """When that monotonic second was, or will be."""
        return self.now + timedelta(seconds=moment_s - self.monotonic_s)

    def until(self, moment_s: float | None) -> float | None:
        """Seconds left, not below 0; None without a moment."""
        return None if moment_s is None else max(0.0, moment_s - self.monotonic_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who stands in front: the same for a session and for the verdict it came to.

    ``shown_at`` is when the receipt was shown. ``group`` is the lawful priority that the guard
    noted, ``noted_by`` who did.
    """

    claims: ReceiptClaims | None = None
    service: str | None = None
    nonce: str | None = None
    code: str = ""
    resumes: PendingPause | None = None
    shown_at: datetime | None = None
    group: PriorityGroup | None = None
    noted_by: str | None = None

    @property
    def receipt_number(self) -> str | None:
        """The number on the receipt, if there is one."""
        return self.claims.number if self.claims else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A verdict on show. ``since_s`` and ``ready_at_s`` are monotonic seconds."""

    attempt: Attempt
    written: WrittenAttempt
    since_s: float
    ready_at_s: float | None = None
    needs_confirmation: bool = False
    barrier_opened: bool | None = None
    checks: tuple[CheckView, ...] = ()
    temperature: TemperatureView | None = None


def not_written(attempt: Attempt) -> WrittenAttempt:
    """What is shown when the record could not be written: nothing moved, nobody was admitted."""
    return WrittenAttempt(
        entry_id=0,
        attempt_id=attempt.attempt_id,
        at=attempt.at,
        decision=DecisionKind.WAIT,
        reason=Reason.RECORD_UNAVAILABLE,
    )


def nonce_reused() -> LaneConflict:
    """A nonce belongs to one presentation of one code."""
    return LaneConflict("this nonce was used with another code", code="nonce_reused")


def lane_busy() -> ScanAnswer:
    """Another visitor is being checked; this scan began nothing."""
    return ScanAnswer(
        status="pending", decision=DecisionKind.WAIT, reason=Reason.LANE_BUSY, attempt_id=""
    )


def still_pausing(pause: PendingPause) -> ScanAnswer:
    """The visitor came back before the pause was over."""
    return ScanAnswer(
        status="pending",
        decision=DecisionKind.WAIT,
        reason=Reason.SECOND_READING_PAUSE,
        attempt_id=pause.attempt_id,
        receipt_number=pause.receipt_number,
        service=pause.service,
        ready_at=pause.ready_at,
    )


def session_answer(session: Session, visitor: Visitor) -> ScanAnswer:
    """The decision so far."""
    return ScanAnswer(
        status="pending",
        decision=session.decision.kind,
        reason=session.decision.reason,
        attempt_id=session.session_id,
        receipt_number=visitor.receipt_number,
        service=visitor.service,
        party_size=visitor.claims.party_size if visitor.claims else None,
    )


def written_answer(attempt: Attempt, written: WrittenAttempt) -> ScanAnswer:
    """What the record made of the attempt."""
    visit, claims = written.visit, attempt.receipt
    if written.decision is DecisionKind.ADMIT:
        status = "ok"
    elif written.reason is Reason.SECOND_READING_PAUSE:
        status = "pending"
    else:
        status = "refused"
    return ScanAnswer(
        status=status,
        decision=written.decision,
        reason=written.reason,
        attempt_id=written.attempt_id,
        receipt_number=claims.number if claims else None,
        service=attempt.service,
        seat=visit.seat if visit else None,
        ticket=visit.ticket if visit else None,
        place=visit.place if visit else None,
        party_size=claims.party_size if claims else None,
        ready_at=attempt.ready_at,
    )


def visitor_view(visitor: Visitor, verdict: Verdict | None) -> VisitorView:
    """Who stands in front, as far as the receipt tells."""
    visit = verdict.written.visit if verdict else None
    return VisitorView(
        holder=visitor.claims.holder if visitor.claims else None,
        name=verdict.written.name if verdict else None,
        is_priority=visitor.group is not None if verdict is None else verdict.written.is_priority,
        receipt_number=visitor.receipt_number,
        service=visitor.service,
        place=visit.place if visit else 1,
        party_size=visitor.claims.party_size if visitor.claims else 1,
    )


def session_verdict(session: Session, since_s: float, clock: ClockReading) -> VerdictView:
    """The decision so far, as the one verdict on show."""
    return VerdictView(
        kind=session.decision.kind,
        reason=session.decision.reason,
        attempt_id=session.session_id,
        since=clock.at(since_s),
        until_ready_s=clock.until(session.decision.ready_at_s),
    )


def verdict_view(verdict: Verdict, clock: ClockReading) -> VerdictView:
    """The verdict the record holds."""
    written, visit = verdict.written, verdict.written.visit
    return VerdictView(
        kind=written.decision,
        reason=written.reason,
        attempt_id=written.attempt_id,
        since=written.at,
        seat=visit.seat if visit else None,
        ticket=visit.ticket if visit else None,
        until_ready_s=clock.until(verdict.ready_at_s),
        needs_confirmation=verdict.needs_confirmation,
        can_annul=written.decision is DecisionKind.ADMIT,
        barrier_opened=verdict.barrier_opened,
    )


def temperature_view(session: Session) -> TemperatureView | None:
    """The latest measurement of the session, apart from what was made of it."""
    if not session.temperatures:
        return None
    latest, first = session.temperatures[-1], session.first_temperature
    return TemperatureView(
        raw_celsius=latest.raw_celsius,
        corrections=latest.corrections,
        corrected_celsius=latest.corrected_celsius,
        threshold_celsius=session.threshold_celsius,
        entered_by=latest.entered_by,
        standard_uncertainty_celsius=latest.standard_uncertainty_celsius,
        first_celsius=None if first is None or first is latest else first.corrected_celsius,
    )


def aside_view(pause: PendingPause, clock: ClockReading, *, is_known: bool) -> AsideView:
    """A visitor waiting aside, with the time that is left; ``is_known``: how their receipt is read
    without being shown again."""
    return AsideView(
        attempt_id=pause.attempt_id,
        holder=pause.holder,
        can_resume=is_known or pause.receipt_number is None,
        receipt_number=pause.receipt_number,
        service=pause.service,
        ready_at=pause.ready_at,
        until_ready_s=max(0.0, (pause.ready_at - clock.now).total_seconds()),
    )


def without_countdowns(view: GateView) -> GateView:
    """The view less everything that changes by itself, to tell whether something happened."""
    verdict, never = view.verdict, datetime.min.replace(tzinfo=UTC)
    thermometer = view.thermometer
    return replace(
        view,
        version=0,
        at=never,
        verdict=verdict and replace(verdict, since=never, until_ready_s=None),
        aside=tuple(replace(aside, until_ready_s=0.0) for aside in view.aside),
        devices=tuple(replace(device, heard=None) for device in view.devices),
        thermometer=thermometer
        and replace(
            thermometer,
            raw_celsius=None,
            face_width=None,
            distance_cm=None,
            no_value=None,
            resolution_celsius=None,
            since=thermometer.since and never,
        ),
    )
