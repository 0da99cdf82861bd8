"""One gate's lane: brings receipt, devices and guard to the session, writes, opens, shows.

Everything here runs in one thread (``runner.py``). The order is fixed: the session decides, the
record commits, then the barrier pulses, then the hub tells. What the record returns is what counts;
it may refuse what the session would have admitted (receipt used at another gate, room filled up).

    lane       shown                  a scan
    free       nothing                begins a session
    session    the decision so far    same receipt: the same answer; another one: LANE_BUSY
    verdict    the verdict            begins the next; a referral wants its confirmation first

A visitor in the legal pause is written down and stands aside: the lane is free, and the pause is
found again in the record by the receipt, at any gate and after a restart.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from screening.clock import Clock
from screening.errors import DeviceError, LaneConflict, RecordError
from screening.events import EntryWritten, GateChanged
from screening.gate.clock_watch import ClockWatch
from screening.gate.decision import Check, Decision, DecisionKind, Reason
from screening.gate.devices import GateDevices
from screening.gate.history import ReceiptHistory
from screening.gate.policy import Policy
from screening.gate.remeasure import asked_for
from screening.gate.session import (
    DeviceBack,
    DeviceLost,
    HandsCleaned,
    MaskEntered,
    MaskExempted,
    Overridden,
    ReceiptAccepted,
    ReceiptRefused,
    ReceiptWaived,
    Session,
    SessionEvent,
    TemperatureEntered,
    TemperatureWithheld,
    Tick,
)
from screening.gate.showing import (
    ClockReading,
    Verdict,
    Visitor,
    aside_view,
    lane_busy,
    nonce_reused,
    not_written,
    session_answer,
    session_verdict,
    still_pausing,
    temperature_view,
    verdict_view,
    visitor_view,
    without_countdowns,
    written_answer,
)
from screening.gate.thermal import ThermalSight
from screening.gate.view import (
    CheckView,
    GateView,
    ScanAnswer,
    TemperatureView,
    VerdictView,
)
from screening.hub import Hub
from screening.ports import Barrier
from screening.readings import (
    Availability,
    CodeScanned,
    CodeSource,
    DeviceKind,
    MaskAdvice,
    MaskLabel,
    MaskReading,
    Reading,
    TemperatureFault,
    TemperatureReading,
    ThermalPicture,
)
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk
from screening.services.catalogue import Channel, Service
from screening.temperature.care import ThermometerCare
from screening.visits import (
    Attempt,
    ExitHow,
    LogEntry,
    PendingPause,
    VisitLog,
    WrittenAttempt,
)
from screening.waiting_room.live import LiveRoom

VERDICT_SHOWN_S = 20.0
"""A verdict leaves the screen after this time, long enough to be read twice."""

ABANDONED_AFTER_S = 120.0
"""A session in which nothing happened for this long belongs to somebody who walked away."""

REMEMBERED_ANSWERS = 1000
"""Scans whose answer is repeated from memory; older ones are found in the record by their nonce."""

WITHOUT_RECEIPT: Mapping[Channel, Literal[Reason.EMERGENCY, Reason.ADMITTED]] = {
    Channel.EMERGENCY: Reason.EMERGENCY,
    Channel.WALK_IN: Reason.ADMITTED,
}
"""Channels whose visitors may come without a receipt, and the reason they are admitted for."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneParts:
    """Ready-made collaborators of a lane; ``on_next_visitor`` empties the camera's evidence."""

    log: VisitLog
    desk: ReceiptDesk
    room: LiveRoom
    hub: Hub
    clock: Clock
    zone: ZoneInfo
    services: Callable[[], Mapping[str, Service]]
    barrier: Barrier | None = None
    thermal: ThermalSight = field(default_factory=ThermalSight)
    on_next_visitor: Callable[[], None] = lambda: None


class Lane:
    """See the module's header. No method may be called from two threads at once."""

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
        if care is not None:
            self._devices.trust(DeviceKind.THERMOMETER, is_trusted=not care.is_failed)
        self._history = ReceiptHistory(parts.log, parts.desk, parts.clock, parts.zone)
        self._clock_watch = ClockWatch(now, parts.clock.monotonic_s())
        for newest in parts.log.latest(limit=1):
            self._clock_watch.witnessed(newest.at)
        self._answers: OrderedDict[str, tuple[str, ScanAnswer]] = OrderedDict()
        self._session: Session | None = None
        self._visitor = Visitor()
        self._verdict: Verdict | None = None
        self._begun_s = self._progress_s = parts.clock.monotonic_s()
        self._must_leave_first = False
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
        self._tell(event(availability.device))

    def device_reading(self, reading: Reading) -> None:
        """A reading of this gate's own devices."""
        if isinstance(reading, CodeScanned):
            self.scan(reading.text, source=reading.source)
            return
        if isinstance(reading, ThermalPicture):
            hottest = self._parts.thermal.take(reading)
            if hottest is None:
                self._tell_withheld(reading)
                return
            reading = hottest
        if isinstance(reading, MaskReading):
            self._parts.thermal.saw(reading)
        if self._care is not None and isinstance(reading, TemperatureReading):
            self._care.add(reading)
        if isinstance(reading, TemperatureFault):
            self._devices.count_fault(DeviceKind.THERMOMETER)
        if self._session is None and self._begins_session(reading):
            self._begin(Visitor())
        self._tell(reading)

    def _tell_withheld(self, picture: ThermalPicture) -> None:
        """Why the array has given no value for a while."""
        view = self._parts.thermal.view(picture.taken_at_s)
        reason = asked_for(view.refusals) if view else None
        if reason is not None:
            self._tell(TemperatureWithheld(reason, picture.taken_at_s))

    def _begins_session(self, reading: Reading) -> bool:
        """At a gate that asks for no receipt, a face (or a skin temperature) begins the session."""
        if Check.RECEIPT in self._policy.checks:
            return False
        if isinstance(reading, MaskReading):
            is_somebody = reading.advice is not MaskAdvice.NO_FACE
        elif isinstance(reading, TemperatureReading) and Check.MASK not in self._policy.checks:
            is_somebody = self._policy_now.can_be_a_face(reading.object_celsius)
        else:
            return False
        if not is_somebody:
            self._must_leave_first = False
        return is_somebody and not self._must_leave_first and not self._is_unconfirmed

    def tick(self) -> None:
        """Time passes: verdicts leave the screen, abandoned sessions are written down."""
        now_s = self._parts.clock.monotonic_s()
        if self._care is not None:
            self._care.refresh_if_due()
            self._heed_care(self._care)
        self._tell(Tick())
        if self._session is not None and now_s - self._progress_s > ABANDONED_AFTER_S:
            self._abandon(operator=None)
        verdict = self._verdict
        if verdict and not verdict.needs_confirmation and now_s - verdict.since_s > VERDICT_SHOWN_S:
            self._verdict = None

    # Receipts

    def scan(
        self,
        code: str,
        *,
        source: CodeSource,
        nonce: str | None = None,
        operator: str | None = None,
    ) -> ScanAnswer:
        """Whatever way a code arrived, this is where it leads.

        Raises RecordError when the verdict could not be written; nothing moved then.
        """
        if nonce is not None and nonce in self._answers:
            return self._repeated(nonce, code)
        check = self._parts.desk.verify(code)
        if check.claims is not None:
            self._clock_watch.witnessed(check.claims.issued_at)
        if self._session is not None:
            return self._scan_during_session(check.claims)
        if self._is_unconfirmed:
            return lane_busy()
        claims = check.claims
        if check.reason is not None and Check.RECEIPT not in self._policy.checks:
            claims = None  # a receipt that nobody asked for and that is not good is left alone
        measures = Check.TEMPERATURE in self._policy.checks
        pause = self._history.pause_of(claims) if claims and measures else None
        visitor = Visitor(
            claims=claims,
            service=claims.service if claims else None,
            nonce=nonce,
            code=code,
            resumes=pause,
        )
        if pause is not None and pause.ready_at > self._parts.clock.now():
            return self._show_pause(visitor, pause)
        referral = self._history.open_referral(claims) if claims and measures else None
        if referral is not None:
            return self._show_referral(visitor, referral)
        self._begin(visitor)
        if check.reason is not None or check.claims is None:
            self._tell(ReceiptRefused(check.reason or Reason.RECEIPT_UNREADABLE))
        elif self._is_room_full and self._policy.checks != {Check.RECEIPT}:
            self._conclude(Decision(DecisionKind.WAIT, Reason.ROOM_FULL))
        else:
            self._tell(ReceiptAccepted(check.claims, check.claims.service))
        answer = self._answer_now()
        self._remember(answer)
        _log.info(
            "gate %s: %s by %s: %s", self.gate, answer.status, operator or source, answer.reason
        )
        return answer

    def _scan_during_session(self, claims: ReceiptClaims | None) -> ScanAnswer:
        current = self._visitor.claims
        if claims is not None and current is not None and claims.number == current.number:
            return self._answer_now()
        return lane_busy()

    def _repeated(self, nonce: str, code: str) -> ScanAnswer:
        """The same nonce again: the same visitor's answer, as far as the session has come."""
        first_code, answer = self._answers[nonce]
        if first_code != code:
            raise nonce_reused()
        if self._session is not None and self._visitor.nonce == nonce:
            return self._answer_now()
        return answer

    def _show_pause(self, visitor: Visitor, pause: PendingPause) -> ScanAnswer:
        """The visitor is back too early: the time that is left, and no new row."""
        left_s = (pause.ready_at - self._parts.clock.now()).total_seconds()
        decision = Decision(
            DecisionKind.WAIT,
            Reason.SECOND_READING_PAUSE,
            ready_at_s=self._parts.clock.monotonic_s() + left_s,
        )
        self._show_again(visitor, pause.attempt_id, decision)
        return still_pausing(pause)

    def _show_referral(self, visitor: Visitor, referral: LogEntry) -> ScanAnswer:
        """Referred means referred: a second try at the gate does not undo it."""
        decision = Decision(DecisionKind.REFER, Reason.ELEVATED_TWICE)
        return self._show_again(visitor, referral.attempt_id or "", decision)

    def _show_again(self, visitor: Visitor, attempt_id: str, decision: Decision) -> ScanAnswer:
        """Show what was decided and written before."""
        now = self._parts.clock.now()
        attempt = Attempt(
            attempt_id=attempt_id,
            gate=self.gate,
            at=now,
            decision=decision.kind,
            reason=decision.reason,
            receipt=visitor.claims,
            service=visitor.service,
        )
        written = WrittenAttempt(
            entry_id=0,
            attempt_id=attempt_id,
            at=now,
            decision=decision.kind,
            reason=decision.reason,
        )
        self._visitor = visitor
        self._verdict = Verdict(
            attempt=attempt,
            written=written,
            since_s=self._parts.clock.monotonic_s(),
            ready_at_s=decision.ready_at_s,
        )
        return written_answer(attempt, written)

    def _remember(self, answer: ScanAnswer) -> None:
        nonce = self._visitor.nonce
        if nonce is None:
            return
        self._answers[nonce] = (self._visitor.code, answer)
        while len(self._answers) > REMEMBERED_ANSWERS:
            self._answers.popitem(last=False)

    def exit_scan(self, code: str, *, operator: str | None) -> bool:
        """A receipt shown on the way out; False when its holder is not inside."""
        claims = self._parts.desk.verify(code).claims
        return claims is not None and self._leave(claims, ExitHow.SCAN, operator)

    def exit_button(self, *, operator: str) -> bool:
        """Somebody left; False when the room is empty."""
        return self._leave(None, ExitHow.BUTTON, operator)

    def _leave(self, claims: ReceiptClaims | None, how: ExitHow, operator: str | None) -> bool:
        visit = self._parts.log.leave(
            receipt=claims, how=how, gate=self.gate, operator=operator, at=self._parts.clock.now()
        )
        if visit is not None:
            self._publish_latest()
        return visit is not None

    # What the guard does

    def admit_emergency(self, *, service: str, operator: str, remark: str) -> None:
        """Begin a session without a receipt, for a service whose channel allows it."""
        known = self._parts.services().get(service)
        admits_as = WITHOUT_RECEIPT.get(known.channel) if known else None
        if admits_as is None:
            raise LaneConflict(f"the service {service} needs a receipt", code="needs_receipt")
        self._require_free_lane()
        waived = ReceiptWaived(service, operator, remark, admits_as)
        self._begin_with(Visitor(service=service), waived)

    def hands_cleaned(self, *, operator: str, attempt_id: str | None = None) -> None:
        """The guard saw it."""
        self._require_visitor(attempt_id)
        if self._session is None and Check.RECEIPT not in self._policy.checks:
            self._require_free_lane()
            self._begin(Visitor())
        self._act(HandsCleaned(operator))

    def enter_temperature(
        self, celsius: float, *, operator: str, attempt_id: str | None = None
    ) -> None:
        """A handheld reading by the guard."""
        self._require_visitor(attempt_id)
        self._act(TemperatureEntered(celsius, operator))

    def enter_mask(self, label: MaskLabel, *, operator: str, attempt_id: str | None = None) -> None:
        """What the guard sees on the visitor's face."""
        self._require_visitor(attempt_id)
        self._act(MaskEntered(label, operator))

    def exempt_mask(self, *, operator: str, remark: str, attempt_id: str | None = None) -> None:
        """Private check or medical exemption."""
        self._require_visitor(attempt_id)
        self._act(MaskExempted(operator, remark))

    def override(
        self, kind: DecisionKind, *, operator: str, remark: str, attempt_id: str | None = None
    ) -> None:
        """ADMIT or DENY against the machine, also after its verdict."""
        self._require_visitor(attempt_id)
        if self._session is not None:
            self._act(Overridden(kind, operator, remark))
            return
        verdict = self._verdict
        if verdict is None or verdict.written.decision is DecisionKind.ADMIT:
            raise LaneConflict("there is no visitor to decide about", code="lane_free")
        visitor = Visitor(
            claims=verdict.attempt.receipt,
            service=verdict.attempt.service,
            resumes=self._pause_on_show(verdict),
        )
        self._begin_with(visitor, Overridden(kind, operator, remark))

    def _pause_on_show(self, verdict: Verdict) -> PendingPause | None:
        """The pause that the verdict on show began, so that an override ends it."""
        attempt_id = verdict.written.attempt_id
        return next((p for p in self._history.pauses() if p.attempt_id == attempt_id), None)

    def confirm(
        self, *, operator: str, remark: str | None = None, attempt_id: str | None = None
    ) -> None:
        """A person stands by the referral; the lane is free afterwards."""
        self._require_visitor(attempt_id)
        verdict = self._verdict
        if verdict is None or not verdict.needs_confirmation:
            raise LaneConflict("there is nothing to confirm", code="nothing_to_confirm")
        entry = self._parts.log.confirm(
            verdict.written.attempt_id,
            operator=operator,
            remark=remark,
            at=self._parts.clock.now(),
        )
        self._verdict = None
        self._publish(entry)

    def clear(self, *, operator: str | None, attempt_id: str | None = None) -> None:
        """The visitor left, or the verdict was read."""
        self._require_visitor(attempt_id)
        if self._is_unconfirmed:
            raise LaneConflict("confirm the referral first", code="confirm_first")
        if self._session is not None:
            self._abandon(operator=operator)
        self._verdict = None

    def undo(self, attempt_id: str, *, operator: str, remark: str) -> None:
        """Annul an admission: nobody walked through."""
        visit = self._parts.log.annul(
            attempt_id, operator=operator, remark=remark, at=self._parts.clock.now()
        )
        if visit is None:
            raise LaneConflict("this admission cannot be undone", code="not_admitted")
        if self._verdict is not None and self._verdict.written.attempt_id == attempt_id:
            self._verdict = None
        self._publish_latest()

    def resume(self, attempt_id: str, *, operator: str) -> None:
        """Call back a visitor without a receipt from the pause."""
        self._require_free_lane()
        pause = next((p for p in self._history.pauses() if p.attempt_id == attempt_id), None)
        if pause is None:
            raise LaneConflict("this visitor is not waiting aside", code="not_aside")
        if pause.receipt_number is not None:
            raise LaneConflict("scan the visitor's receipt again", code="scan_again")
        if pause.ready_at > self._parts.clock.now():
            raise LaneConflict("the pause is not over", code="pause_not_over")
        visitor = Visitor(service=pause.service, resumes=pause)
        if Check.RECEIPT in self._policy.checks:
            service = self._parts.services().get(pause.service or "")
            admits_as = WITHOUT_RECEIPT.get(service.channel) if service else None
            waived = ReceiptWaived(
                pause.service or "", operator, "second reading", admits_as or Reason.ADMITTED
            )
            self._begin_with(visitor, waived)
        else:
            self._begin(visitor)

    def hand_over(self, *, from_user: str, to_user: str) -> None:
        """The shift changes on a shared tablet."""
        entry = self._parts.log.hand_over(
            gate=self.gate, from_user=from_user, to_user=to_user, at=self._parts.clock.now()
        )
        self._publish(entry)

    def _act(self, event: SessionEvent) -> None:
        if self._session is None:
            raise LaneConflict("there is no visitor in front", code="lane_free")
        self._tell(event)

    def _begin_with(self, visitor: Visitor, event: SessionEvent) -> None:
        """Begin by a guard's act; when the act makes no sense, everything is as before."""
        before = self._verdict, self._visitor
        self._begin(visitor)
        try:
            self._tell(event)
        except LaneConflict:
            self._session = None
            self._verdict, self._visitor = before
            raise

    def _require_visitor(self, attempt_id: str | None) -> None:
        """An act is for the visitor it was meant for, also when it arrives late."""
        if attempt_id is None:
            return
        if self._session is not None:
            is_current = self._session.session_id == attempt_id
        else:
            verdict = self._verdict
            is_current = verdict is not None and verdict.written.attempt_id == attempt_id
        if not is_current:
            raise LaneConflict("another visitor stands there by now", code="other_visitor")

    def _require_free_lane(self) -> None:
        if self._session is not None:
            raise LaneConflict("another visitor is being checked", code="lane_busy")
        if self._is_unconfirmed:
            raise LaneConflict("confirm the referral first", code="confirm_first")

    # The session and its end

    def _begin(self, visitor: Visitor) -> Session:
        now_s = self._parts.clock.monotonic_s()
        self._visitor = visitor
        self._verdict = None
        self._begun_s = self._progress_s = now_s
        self._parts.on_next_visitor()
        self._session = Session(
            session_id=uuid4().hex,
            policy=self._policy_now,
            now_s=now_s,
            available=self._devices.available,
            resumes=visitor.resumes,
        )
        return self._session

    def _tell(self, event: SessionEvent) -> None:
        session = self._session
        if session is None:
            return
        now_s = self._parts.clock.monotonic_s()
        before = (session.decision, session.checks())
        decision = session.handle(event, now_s)
        if (decision, session.checks()) != before:
            self._progress_s = now_s
        if decision.is_final or decision.reason is Reason.SECOND_READING_PAUSE:
            self._conclude(decision)

    def _abandon(self, *, operator: str | None) -> None:
        session = self._session
        assert session is not None
        if self._visitor.claims is None and not session.results():
            self._session = None  # a passer-by: nobody asked for anything
            return
        self._conclude(Decision(DecisionKind.FIX, Reason.ABANDONED), operator=operator)
        self._verdict = None

    def _conclude(self, decision: Decision, *, operator: str | None = None) -> None:
        """Write, then open, then tell. Without the row nothing moves and the lane is free again."""
        session = self._session
        assert session is not None
        now, now_s = self._parts.clock.now(), self._parts.clock.monotonic_s()
        ready_at = None
        if decision.ready_at_s is not None:
            ready_at = now + timedelta(seconds=max(0.0, decision.ready_at_s - now_s))
        attempt = Attempt(
            attempt_id=session.session_id,
            gate=self.gate,
            at=now,
            decision=decision.kind,
            reason=decision.reason,
            nonce=self._visitor.nonce,
            receipt=self._visitor.claims,
            service=self._visitor.service,
            operator=operator or session.operator,
            remark=session.remark,
            results=session.results(),
            temperatures=session.temperatures,
            ready_at=ready_at,
            resumes=self._visitor.resumes.attempt_id if self._visitor.resumes else None,
        )
        temperature, checks = temperature_view(session), session.checks()
        self._session = None
        self._must_leave_first = True
        try:
            written = self._parts.log.write(attempt)
        except RecordError:
            self._verdict = Verdict(
                attempt=attempt,
                written=not_written(attempt),
                since_s=now_s,
                temperature=temperature,
            )
            raise
        if written.is_repeat and self._history.is_for_another_receipt(attempt, written):
            raise nonce_reused()
        self._verdict = Verdict(
            attempt=attempt,
            written=written,
            since_s=now_s,
            ready_at_s=decision.ready_at_s,
            needs_confirmation=written.decision is DecisionKind.REFER and not written.is_repeat,
            checks=checks,
            temperature=temperature,
        )
        if self._care is not None and not written.is_repeat:
            self._care.visited(attempt, self._visitor.resumes)
        self._remember(written_answer(attempt, written))
        if written.decision is DecisionKind.ADMIT and not written.is_repeat:
            self._verdict = replace(self._verdict, barrier_opened=self._open_barrier(written))
        self._publish_latest(written.attempt_id)

    def _open_barrier(self, written: WrittenAttempt) -> bool | None:
        barrier = self._parts.barrier
        if barrier is None:
            return None
        try:
            barrier.open_once(written.attempt_id)
        except DeviceError as error:
            _log.warning("gate %s: the barrier did not open: %s", self.gate, error)
            return False
        return True

    def _publish_latest(self, attempt_id: str | None = None) -> None:
        """Tell what was written; it is committed, so a failing look at it undoes nothing."""
        try:
            entry = self._parts.log.attempt(attempt_id) if attempt_id else None
            if entry is None:
                entry = next(iter(self._parts.log.latest(limit=1)), None)
        except RecordError as error:
            _log.warning("gate %s: a committed row cannot be read back: %s", self.gate, error)
            self._parts.room.touch()
            return
        if entry is not None:
            self._publish(entry)

    def _publish(self, entry: LogEntry) -> None:
        self._parts.hub.publish(EntryWritten(entry))
        self._parts.room.touch()

    # What pages see

    @property
    def _is_unconfirmed(self) -> bool:
        return self._verdict is not None and self._verdict.needs_confirmation

    @property
    def _is_room_full(self) -> bool:
        room = self._parts.room.newest
        return room is not None and room.figures.occupancy >= room.figures.capacity

    def _answer_now(self) -> ScanAnswer:
        """The answer for the visitor in front: the session so far, or the verdict it came to."""
        if self._session is not None:
            return session_answer(self._session, self._visitor)
        assert self._verdict is not None
        return written_answer(self._verdict.attempt, self._verdict.written)

    def view(self) -> GateView:
        """The gate as its pages show it."""
        now = ClockReading(self._parts.clock.now(), self._parts.clock.monotonic_s())
        session, verdict, room = self._session, self._verdict, self._parts.room.newest
        warning = self._clock_watch.warning(now.now, now.monotonic_s)
        shown: VerdictView | None = None
        checks: tuple[CheckView, ...] = ()
        temperature: TemperatureView | None = None
        if session is not None:
            shown = session_verdict(session, self._begun_s, now)
            checks, temperature = session.checks(), temperature_view(session)
        elif verdict is not None:
            shown = verdict_view(verdict, now)
            checks, temperature = verdict.checks, verdict.temperature
        return GateView(
            gate=self.gate,
            version=self._version,
            at=now.now,
            mode=self._devices.mode,
            checks_required=tuple(check for check in Check if check in self._policy.checks),
            devices=self._devices.views(),
            visitor=visitor_view(self._visitor, verdict) if shown else None,
            checks=checks,
            temperature=temperature,
            verdict=shown,
            aside=tuple(aside_view(pause, now) for pause in self._aside),
            occupancy=room.figures.occupancy if room else 0,
            capacity=room.figures.capacity if room else 0,
            clock_warning=warning.value if warning else None,
            thermal=self._parts.thermal.view(now.monotonic_s),
            thermometer=self._care.view() if self._care else None,
        )

    def refresh_thermometer(self) -> None:
        """Take up what was found at a commissioning or a check of the thermometer."""
        if self._care is not None:
            self._care.refresh()
            self._heed_care(self._care)

    def _heed_care(self, care: ThermometerCare) -> None:
        """A thermometer that failed its check is as good as lost, until one passes."""
        was_usable = DeviceKind.THERMOMETER in self._devices.available
        self._devices.trust(DeviceKind.THERMOMETER, is_trusted=not care.is_failed)
        is_usable = DeviceKind.THERMOMETER in self._devices.available
        if is_usable != was_usable:
            event = DeviceBack if is_usable else DeviceLost
            self._tell(event(DeviceKind.THERMOMETER))

    @property
    def _policy_now(self) -> Policy:
        """With the thermometer's constants of today."""
        if self._care is None:
            return self._policy
        return replace(self._policy, calibration=self._care.calibration)

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
        self._session = None
        self._verdict = None
