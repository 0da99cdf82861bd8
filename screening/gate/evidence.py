"""What is known of each check for one visitor, and what is still missing.

Each class answers the same three questions at a time ``now_s`` (monotonic seconds): what is
``missing`` (None when the check is settled), how the check looks (``view``), and what the record
keeps (``result``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from screening.decision import Check, Decision, DecisionKind, Reason
from screening.gate.policy import ENTERED_CELSIUS, MAX_MASK_AGE_S, Policy
from screening.gate.view import CheckState, CheckView
from screening.readings import MaskAdvice, MaskLabel, MaskReading, TemperatureReading
from screening.receipts.claims import ReceiptClaims
from screening.temperature.distance import FaceWidths
from screening.temperature.two_readings import TwoReadings
from screening.temperature.window import MAX_READING_AGE_S
from screening.visits import CheckResult, EvidenceSource, MeasuredTemperature

PASSED = "passed"
ELEVATED = "elevated"
EXEMPT = "exempt"

ASKED_OF_A_MASK: Mapping[MaskLabel | MaskAdvice | None, Reason | None] = {
    MaskLabel.MASK: None,
    MaskLabel.NO_MASK: Reason.PUT_MASK_ON,
    MaskLabel.INCORRECT: Reason.COVER_NOSE,
    MaskAdvice.TWO_FACES: Reason.ONE_AT_A_TIME,
    MaskAdvice.TOO_FAR: Reason.STEP_CLOSER,
    MaskAdvice.UNSURE: Reason.FACE_CAMERA,
    MaskAdvice.TOO_DARK: Reason.TOO_DARK,
    MaskAdvice.BACKLIT: Reason.BACKLIT,
    MaskAdvice.NO_FACE: Reason.FACE_CAMERA,
    None: Reason.FACE_CAMERA,
}
"""What the visitor has to do, by what was seen; None when nothing has to be done."""

ONLY_THE_GUARD_CAN = frozenset({Reason.GUARD_CHECKS_MASK, Reason.TOO_DARK, Reason.BACKLIT})
"""What the visitor cannot mend: the guard looks at the mask, or sees to the light."""


class Evidence(Protocol):
    """One check of the walk."""

    def missing(self, now_s: float) -> Decision | None: ...

    def view(self, now_s: float) -> CheckView: ...

    def result(self, now_s: float) -> CheckResult | None: ...


def _fix(reason: Reason) -> Decision:
    return Decision(DecisionKind.FIX, reason)


def _source(entered_by: str | None) -> EvidenceSource:
    return EvidenceSource.DEVICE if entered_by is None else EvidenceSource.GUARD


class ReceiptEvidence:
    """A receipt that is good now, one that is not, or the word that none is needed."""

    def __init__(self) -> None:
        self.claims: ReceiptClaims | None = None
        self.waived_by: str | None = None
        self.refusal: Reason | None = None

    @property
    def is_settled(self) -> bool:
        """Whether a receipt was accepted or waived."""
        return self.claims is not None or self.waived_by is not None

    def missing(self, now_s: float) -> Decision | None:
        if self.refusal is not None:
            return Decision(DecisionKind.DENY, self.refusal)
        return None if self.is_settled else _fix(Reason.SHOW_RECEIPT)

    def view(self, now_s: float) -> CheckView:
        state = CheckState.PASSED if self.is_settled else CheckState.PENDING
        if self.refusal is not None:
            state = CheckState.FAILED
        return CheckView(check=Check.RECEIPT, state=state, entered_by=self.waived_by)

    def result(self, now_s: float) -> CheckResult | None:
        if self.waived_by is not None:
            return CheckResult(check=Check.RECEIPT, source=EvidenceSource.EXEMPT, outcome=EXEMPT)
        if self.claims is None:
            return None
        return CheckResult(check=Check.RECEIPT, source=EvidenceSource.DEVICE, outcome=PASSED)


TELLS_NO_DISTANCE = {MaskAdvice.NO_FACE, MaskAdvice.TOO_FAR, MaskAdvice.TWO_FACES}
"""With these the face seen before has gone, or is not the only one: its width says nothing now."""


class HandsEvidence:
    """Whether hands were cleaned; ``by`` names the guard who saw it, None for a sanitiser's
    pulse."""

    def __init__(self) -> None:
        self.is_settled = False
        self.by: str | None = None

    def missing(self, now_s: float) -> Decision | None:
        return None if self.is_settled else _fix(Reason.CLEAN_HANDS)

    def view(self, now_s: float) -> CheckView:
        state = CheckState.PASSED if self.is_settled else CheckState.PENDING
        return CheckView(check=Check.HANDS, state=state, entered_by=self.by)

    def result(self, now_s: float) -> CheckResult | None:
        if not self.is_settled:
            return None
        return CheckResult(check=Check.HANDS, source=_source(self.by), outcome=PASSED)


class MaskEvidence:
    """What the camera shows (for ``MAX_MASK_AGE_S``), or what a person said (for the whole
    session)."""

    def __init__(self, *, from_s: float, is_available: bool) -> None:
        self.is_available = is_available
        self._from_s = from_s
        self._seen: MaskReading | None = None
        self._widths = FaceWidths()
        self._label: MaskLabel | None = None
        self._said_by: str | None = None

    def add(self, reading: MaskReading, now_s: float) -> bool:
        """Whether the reading counts: the camera is there, and it is the newest and of this
        session."""
        if not self.is_available or not self._from_s <= reading.taken_at_s <= now_s:
            return False
        self._from_s = reading.taken_at_s
        self._seen = reading
        if reading.face is None or reading.advice in TELLS_NO_DISTANCE:
            self._widths.forget()
        else:
            self._widths.saw(reading.face, reading.taken_at_s)
        return True

    def enter(self, label: MaskLabel | None, *, by: str) -> None:
        """A person looked; None means exempt."""
        self._label = label
        self._said_by = by

    def lose_device(self, now_s: float) -> None:
        """What the camera showed does not count any more."""
        self.is_available = False
        self._seen = None
        self._widths.forget()
        self._from_s = now_s

    def shows_two_faces(self, now_s: float) -> bool:
        """Whether a second person stands in front now, as far as the camera tells."""
        seen = self._fresh(now_s)
        return seen is not None and seen.advice is MaskAdvice.TWO_FACES

    def face_width(self, since_s: float, until_s: float, now_s: float) -> float | Reason | None:
        """The share of the picture that the face in front took across; None without a camera.

        A reason where the camera sees none, unless a person looked in its place: whom it does not
        see behind a veil is not asked to take it off.
        """
        width = None
        if self.is_available:
            width = self._widths.width(since_s=since_s, until_s=until_s)
        if width is None and self.is_available and self._said_by is None:
            seen = self._fresh(now_s)
            is_far = seen is not None and seen.advice is MaskAdvice.TOO_FAR
            return Reason.STEP_CLOSER if is_far else Reason.FACE_CAMERA
        return width

    def missing(self, now_s: float) -> Decision | None:
        if self._is_exempt:
            return None
        if self._said_by is None and not self.is_available:
            return _fix(Reason.GUARD_CHECKS_MASK)
        asked = ASKED_OF_A_MASK[self._found(now_s)]
        return None if asked is None else _fix(asked)

    def view(self, now_s: float) -> CheckView:
        missing = self.missing(now_s)
        state = CheckState.PENDING
        if missing is None:
            state = CheckState.PASSED
        elif missing.reason in ONLY_THE_GUARD_CAN:
            state = CheckState.NEEDS_GUARD
        elif isinstance(self._found(now_s), MaskLabel):
            state = CheckState.FAILED
        return CheckView(check=Check.MASK, state=state, entered_by=self._said_by)

    def result(self, now_s: float) -> CheckResult | None:
        if self._is_exempt:
            return CheckResult(check=Check.MASK, source=EvidenceSource.EXEMPT, outcome=EXEMPT)
        found = self._found(now_s)
        if not isinstance(found, MaskLabel):
            return None
        return CheckResult(check=Check.MASK, source=_source(self._said_by), outcome=found.value)

    @property
    def _is_exempt(self) -> bool:
        return self._said_by is not None and self._label is None

    def _fresh(self, now_s: float) -> MaskReading | None:
        if self._seen is None or now_s - self._seen.taken_at_s > MAX_MASK_AGE_S:
            return None
        return self._seen

    def _found(self, now_s: float) -> MaskLabel | MaskAdvice | None:
        if self._label is not None:
            return self._label
        seen = self._fresh(now_s)
        return None if seen is None else seen.advice or seen.label


class TemperatureEvidence:
    """The two-reading rule, who measures, and whose temperature it is."""

    def __init__(
        self,
        policy: Policy,
        *,
        faces: MaskEvidence,
        from_s: float,
        is_second: bool,
        is_available: bool,
        first: MeasuredTemperature | None = None,
    ) -> None:
        self.is_available = is_available
        self._withheld: tuple[Reason, float] | None = None
        self._faces = faces
        self._readings = TwoReadings(
            thresholds=policy.thresholds,
            calibration=policy.calibration,
            plausible=policy.plausible_raw_celsius,
            enterable=ENTERED_CELSIUS,
            from_s=from_s,
            is_second=is_second,
            first=first,
            face_width=faces.face_width,
        )

    def add(self, reading: TemperatureReading, now_s: float) -> None:
        """A reading; it does not count from the future, from a lost device or with two in front."""
        is_of_one_visitor = not self._faces.shows_two_faces(now_s)
        if self.is_available and is_of_one_visitor and reading.taken_at_s <= now_s:
            self._readings.add(reading)

    def withhold(self, reason: Reason, taken_at_s: float, now_s: float) -> None:
        """The device gives no value for this reason; it holds as long as a reading would."""
        if self.is_available and taken_at_s <= now_s:
            self._withheld = reason, taken_at_s

    def enter(self, celsius: float, *, by: str, now_s: float) -> None:
        """A handheld reading. Raises LaneConflict in the pause or for a value nobody can have."""
        self._readings.enter(celsius, by=by, now_s=now_s)

    def recalibrate(self, policy: Policy, now_s: float) -> None:
        """Other constants hold from now on; what the device said with the old ones is dropped."""
        self._withheld = None
        self._readings.recalibrate(policy.calibration, policy.plausible_raw_celsius, until_s=now_s)

    def forget_device(self, until_s: float) -> None:
        """What the device said until then does not count."""
        self._readings.forget_device(until_s=until_s)

    def lose_device(self, now_s: float) -> None:
        """The thermometer is gone, and with it what it said."""
        self.is_available = False
        self._withheld = None
        self.forget_device(now_s)

    def judged(self, now_s: float) -> tuple[MeasuredTemperature, ...]:
        """Each temperature of this session that did not pass, then the one that passes now."""
        return self._readings.judged(now_s)

    @property
    def first(self) -> MeasuredTemperature | None:
        """The elevated first reading of this visitor."""
        return self._readings.first

    def threshold_celsius(self, now_s: float) -> float:
        """What the last of ``judged`` was compared with."""
        return self._readings.threshold_celsius(now_s)

    def missing(self, now_s: float) -> Decision | None:
        if self._readings.needs_device(now_s):
            if self._faces.shows_two_faces(now_s):
                return _fix(Reason.ONE_AT_A_TIME)
            if not self.is_available:
                return _fix(Reason.GUARD_MEASURES)
        judged = self._readings.judge(now_s)
        if judged is not None and judged.reason is Reason.STAND_STILL:
            return _fix(self._why_withheld(now_s) or Reason.STAND_STILL)
        return judged

    def view(self, now_s: float) -> CheckView:
        passing = self._readings.passing(now_s)
        state = CheckState.PENDING
        if passing is not None:
            state = CheckState.PASSED
        elif self._readings.is_elevated(now_s):
            state = CheckState.FAILED
        elif self._needs_guard(now_s):
            state = CheckState.NEEDS_GUARD
        by = None if passing is None else passing.entered_by
        return CheckView(check=Check.TEMPERATURE, state=state, entered_by=by)

    def result(self, now_s: float) -> CheckResult | None:
        judged = self.judged(now_s)
        if not judged:
            return None
        is_passed = self._readings.passing(now_s) is not None
        return CheckResult(
            check=Check.TEMPERATURE,
            source=_source(judged[-1].entered_by),
            outcome=PASSED if is_passed else ELEVATED,
        )

    def _why_withheld(self, now_s: float) -> Reason | None:
        if self._withheld is None or now_s - self._withheld[1] > MAX_READING_AGE_S:
            return None
        return self._withheld[0]

    def _needs_guard(self, now_s: float) -> bool:
        """Whether only a person can settle it now; nothing has passed, and no pause runs."""
        if not self._readings.needs_device(now_s):
            return self._readings.disagrees
        is_withheld = self._why_withheld(now_s) is Reason.GUARD_MEASURES
        return not self.is_available or is_withheld or self._readings.lacks_distance
