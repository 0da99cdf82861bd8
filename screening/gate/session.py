"""One visitor at one gate: events in, the decision so far out. Pure; time is handed in.

Theory of operation. The checks the site asks for are walked in their fixed order, and the first
one that is not settled is the decision. Nothing passes because something is absent: a check is
settled by fresh evidence of a device, or by a named person. After each event the walk is made
anew, so evidence that has grown old is asked for again, and at the moment of ADMIT everything is
fresh at once.

    walk                 not settled                                decision
    receipt              nothing shown                              FIX   show_receipt
                         refused                                    DENY  its own reason
    hands                not cleaned                                FIX   clean_hands
    temperature          in the pause before the second reading     WAIT  second_reading_pause
                         two faces in front                         FIX   one_at_a_time
                         no thermometer, no entry                   FIX   guard_measures
                         no stable value yet                        FIX   stand_still | step_closer
                         hotter than any face                       FIX   hot_object
                         beyond the thermometer's distance table    FIX   step_closer | step_back
                         with such a table, no face seen            FIX   face_camera | step_closer
                         the device gives none, and says why        FIX   its reason
                         elevated, first reading                    WAIT  second_reading_pause
                         elevated, second reading                   REFER elevated_twice
                         far below the first, second reading        FIX   readings_disagree
    mask                 no camera, no entry                        FIX   guard_checks_mask
                         no fresh result, no or unsure face         FIX   face_camera
                         two faces, too far                         FIX   one_at_a_time, step_closer
                         too little light, light from behind        FIX   too_dark, backlit
                         no mask, worn wrong                        FIX   put_mask_on, cover_nose
    (gate without checks) nobody tapped or scanned                  FIX   stand_still
    all settled                                                     ADMIT admitted | emergency

    stage                  event               becomes
    open                   Overridden          ADMIT override | DENY guard_refused, mask_declined
    open                   any other event     the walk's decision
    ADMIT, REFER or DENY   any event           unchanged: they are final, the event is ignored

Temperature and mask are collected from the start of the session, but the temperature is judged
only when receipt and hands are settled, so a pause always belongs to a known receipt. A person's
entry settles its check until a person changes it: neither age nor a device that comes back undoes
it. A temperature taken while two faces are in front counts for neither of them. Time never runs
backwards: a smaller ``now_s`` than the last one is taken as the last one, and a reading from the
future does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from screening.decision import Check, Decision, DecisionKind, Reason
from screening.errors import LaneConflict
from screening.gate.evidence import (
    Evidence,
    HandsEvidence,
    MaskEvidence,
    ReceiptEvidence,
    TemperatureEvidence,
)
from screening.gate.policy import Policy
from screening.gate.view import CheckView
from screening.readings import (
    DeviceKind,
    MaskAdvice,
    MaskLabel,
    MaskReading,
    TemperatureFault,
    TemperatureReading,
)
from screening.receipts.claims import ReceiptClaims
from screening.visits import CheckResult, MeasuredTemperature, PendingPause


@dataclass(frozen=True, slots=True)
class ReceiptAccepted:
    """A receipt was shown and is good for this gate now."""

    claims: ReceiptClaims
    service: str


@dataclass(frozen=True, slots=True)
class ReceiptRefused:
    """What was shown does not let anybody in; it stays unused."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class ReceiptWaived:
    """No receipt is needed for this service; the lane has looked at its channel."""

    service: str | None
    by: str
    remark: str | None = None
    admits_as: Literal[Reason.EMERGENCY, Reason.ADMITTED] = Reason.EMERGENCY


@dataclass(frozen=True, slots=True)
class HandsCleaned:
    """The sanitiser gave its pulse, or a guard (``by``) saw it."""

    by: str | None = None


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """What this device said no longer counts."""

    kind: DeviceKind


@dataclass(frozen=True, slots=True)
class DeviceBack:
    """What this device says from now on counts."""

    kind: DeviceKind


@dataclass(frozen=True, slots=True)
class TemperatureEntered:
    """A handheld thermometer's value (degC), typed by a guard."""

    celsius: float
    by: str


@dataclass(frozen=True, slots=True)
class MaskEntered:
    """A guard looked."""

    label: MaskLabel
    by: str


@dataclass(frozen=True, slots=True)
class MaskExempted:
    """A private check for a niqab or a medical exemption; ``remark`` says which."""

    by: str
    remark: str


@dataclass(frozen=True, slots=True)
class Overridden:
    """A person decides against the machine: ``kind`` is ADMIT or DENY."""

    kind: DecisionKind
    by: str
    remark: str


@dataclass(frozen=True, slots=True)
class TemperatureWithheld:
    """The thermometer looked and gives no value; ``reason`` is what would mend that."""

    reason: Reason
    taken_at_s: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


SessionEvent = (
    ReceiptAccepted
    | ReceiptRefused
    | ReceiptWaived
    | HandsCleaned
    | TemperatureReading
    | TemperatureFault
    | TemperatureWithheld
    | MaskReading
    | DeviceLost
    | DeviceBack
    | TemperatureEntered
    | MaskEntered
    | MaskExempted
    | Overridden
    | Tick
)

OVERRIDES: Mapping[DecisionKind, Reason] = {
    DecisionKind.ADMIT: Reason.OVERRIDE,
    DecisionKind.DENY: Reason.GUARD_REFUSED,
}


ABOUT_THE_MASK = frozenset({Reason.PUT_MASK_ON, Reason.COVER_NOSE})
"""Who is sent away while one of these is asked of them declines the mask."""


def _said(text: str, what: str) -> str:
    """``text`` without blanks around it; LaneConflict names ``what`` is missing."""
    if not text.strip():
        raise LaneConflict(f"This needs {what}")
    return text.strip()


class Session:
    """See the module's header. ``decision`` is always defined; a final one never changes.

    ``available`` are the devices there now. ``resumes`` is the pause of an earlier session of
    this visitor: receipt and the rest are shown again, and the temperature asked for is the
    second one, which counts from ``second_reading_from_s`` (monotonic; at once when None, so pass
    it while the pause lasts).
    """

    def __init__(
        self,
        *,
        session_id: str,
        policy: Policy,
        now_s: float,
        available: frozenset[DeviceKind],
        resumes: PendingPause | None = None,
        second_reading_from_s: float | None = None,
    ) -> None:
        self.session_id = session_id
        self.policy = policy
        self.resumes = resumes
        self.service: str | None = None
        self.operator: str | None = None
        self._remarks: list[str] = []
        self._now_s = now_s
        self._admits_as = Reason.ADMITTED
        self._override: Decision | None = None
        self._receipt = ReceiptEvidence()
        self._hands = HandsEvidence()
        self._mask = MaskEvidence(from_s=now_s, is_available=DeviceKind.CAMERA in available)
        self._temperature = TemperatureEvidence(
            policy,
            faces=self._mask,
            from_s=max(now_s, second_reading_from_s or now_s),
            is_second=resumes is not None,
            first=None if resumes is None else resumes.first,
            is_available=DeviceKind.THERMOMETER in available,
        )
        self._in_order: tuple[tuple[Check, Evidence], ...] = (
            (Check.RECEIPT, self._receipt),
            (Check.HANDS, self._hands),
            (Check.TEMPERATURE, self._temperature),
            (Check.MASK, self._mask),
        )
        self._walk = self._asked_for()
        self.decision = self._decide()

    def no_longer_ask(self, checks: frozenset[Check]) -> None:
        """The office asks for these no more; the next event decides without them."""
        self.policy = replace(self.policy, checks=self.policy.checks - checks)
        self._walk = self._asked_for()

    def recalibrate(self, policy: Policy, now_s: float) -> None:
        """The thermometer's constants have changed: what the device said before does not count."""
        self.policy = policy
        self._temperature.recalibrate(policy, now_s)

    def handle(self, event: SessionEvent, now_s: float) -> Decision:
        """The decision after ``event``.

        Raises LaneConflict for an entry that cannot be right or makes no sense now; nothing but the
        time has changed then.
        """
        if not self.decision.is_final:
            self._now_s = max(self._now_s, now_s)
            _HANDLERS[type(event)](self, event)
            self.decision = self._decide()
        return self.decision

    @property
    def claims(self) -> ReceiptClaims | None:
        """The accepted receipt."""
        return self._receipt.claims

    @property
    def temperatures(self) -> tuple[MeasuredTemperature, ...]:
        """Those judged in this session: each that did not pass, then the one that passes now."""
        return self._temperature.judged(self._now_s)

    @property
    def first_temperature(self) -> MeasuredTemperature | None:
        """The elevated first reading of this visitor, of this session or an earlier one."""
        return self._temperature.first

    @property
    def threshold_celsius(self) -> float:
        """What the last of ``temperatures`` was compared with, or what the next one will be."""
        return self._temperature.threshold_celsius(self._now_s)

    @property
    def remark(self) -> str | None:
        """What people remarked, in order."""
        return "; ".join(self._remarks) or None

    def checks(self) -> tuple[CheckView, ...]:
        """Where each check of the site stands, in the order of asking."""
        return tuple(evidence.view(self._now_s) for evidence in self._walk)

    def results(self) -> tuple[CheckResult, ...]:
        """The outcome of each check of the site that has one now, for the record."""
        found = (evidence.result(self._now_s) for evidence in self._walk)
        return tuple(result for result in found if result is not None)

    def _asked_for(self) -> tuple[Evidence, ...]:
        return tuple(one for check, one in self._in_order if check in self.policy.checks)

    def _decide(self) -> Decision:
        if self._override is not None:
            return self._override
        for evidence in self._walk:
            if (missing := evidence.missing(self._now_s)) is not None:
                return missing
        if not self._walk and not self._was_announced:
            return Decision(DecisionKind.FIX, Reason.STAND_STILL)
        return Decision(DecisionKind.ADMIT, self._admits_as)

    @property
    def _was_announced(self) -> bool:
        """Whether a scan or a tap told of this visitor: all that a gate without checks goes by."""
        return self._receipt.is_settled or self._hands.is_settled

    def _on_receipt_accepted(self, event: ReceiptAccepted) -> None:
        if not self._receipt.is_settled:  # the first one stands: a second scan is no second visitor
            self._receipt.claims = event.claims
            self.service = event.service

    def _on_receipt_refused(self, event: ReceiptRefused) -> None:
        if not self._receipt.is_settled:
            self._receipt.refusal = event.reason

    def _on_receipt_waived(self, event: ReceiptWaived) -> None:
        if self._receipt.is_settled:
            raise LaneConflict("This visitor's receipt is settled already")
        self._receipt.waived_by = self._acted(event.by, event.remark)
        self.service = event.service
        self._admits_as = event.admits_as

    def _on_hands_cleaned(self, event: HandsCleaned) -> None:
        self._hands.by = None if event.by is None else self._acted(event.by)
        self._hands.is_settled = True

    def _on_temperature_reading(self, event: TemperatureReading) -> None:
        self._temperature.add(event, self._now_s)

    def _on_temperature_withheld(self, event: TemperatureWithheld) -> None:
        self._temperature.withhold(event.reason, event.taken_at_s, self._now_s)

    def _on_mask_reading(self, event: MaskReading) -> None:
        if self._mask.add(event, self._now_s) and event.advice is MaskAdvice.TWO_FACES:
            self._temperature.forget_device(event.taken_at_s)

    def _on_nothing(self, event: TemperatureFault | Tick) -> None:
        """A fault is no temperature and undoes none; a tick only lets time pass."""

    def _on_device_lost(self, event: DeviceLost) -> None:
        if event.kind is DeviceKind.THERMOMETER:
            self._temperature.lose_device(self._now_s)
        elif event.kind is DeviceKind.CAMERA:
            self._mask.lose_device(self._now_s)

    def _on_device_back(self, event: DeviceBack) -> None:
        if event.kind is DeviceKind.THERMOMETER:
            self._temperature.is_available = True
        elif event.kind is DeviceKind.CAMERA:
            self._mask.is_available = True

    def _on_temperature_entered(self, event: TemperatureEntered) -> None:
        self._must_ask(Check.TEMPERATURE)
        by = _said(event.by, "a name")
        self._temperature.enter(event.celsius, by=by, now_s=self._now_s)
        self._acted(by)

    def _on_mask_entered(self, event: MaskEntered) -> None:
        self._must_ask(Check.MASK)
        self._mask.enter(event.label, by=self._acted(event.by))

    def _on_mask_exempted(self, event: MaskExempted) -> None:
        self._must_ask(Check.MASK)
        remark = _said(event.remark, "a remark")
        self._mask.enter(None, by=self._acted(event.by, remark))

    def _on_overridden(self, event: Overridden) -> None:
        if event.kind not in OVERRIDES:
            raise LaneConflict("A person may only admit or deny")
        self._acted(event.by, _said(event.remark, "a remark"))
        reason = OVERRIDES[event.kind]
        if event.kind is DecisionKind.DENY and self.decision.reason in ABOUT_THE_MASK:
            reason = Reason.MASK_DECLINED
        self._override = Decision(event.kind, reason)

    def _must_ask(self, check: Check) -> None:
        if check not in self.policy.checks:
            raise LaneConflict(f"This gate does not ask for {check.value}")

    def _acted(self, by: str, remark: str | None = None) -> str:
        """The name of who acts; the last one is the operator, and every remark is kept."""
        self.operator = _said(by, "a name")
        if remark is not None and remark.strip():
            self._remarks.append(remark.strip())
        return self.operator


_HANDLERS: Mapping[type[SessionEvent], Callable[[Session, Any], None]] = {
    ReceiptAccepted: Session._on_receipt_accepted,
    ReceiptRefused: Session._on_receipt_refused,
    ReceiptWaived: Session._on_receipt_waived,
    HandsCleaned: Session._on_hands_cleaned,
    TemperatureReading: Session._on_temperature_reading,
    TemperatureFault: Session._on_nothing,
    TemperatureWithheld: Session._on_temperature_withheld,
    MaskReading: Session._on_mask_reading,
    DeviceLost: Session._on_device_lost,
    DeviceBack: Session._on_device_back,
    TemperatureEntered: Session._on_temperature_entered,
    MaskEntered: Session._on_mask_entered,
    MaskExempted: Session._on_mask_exempted,
    Overridden: Session._on_overridden,
    Tick: Session._on_nothing,
}
