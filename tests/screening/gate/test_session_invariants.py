"""Whatever happens in whatever order: what may never be true of a session.

The oracle below knows nothing of the session's inside. It keeps its own diary of what was sent and
looks for the evidence that a decision would need, by brute force.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from screening.decision import Check, Decision, DecisionKind, Reason
from screening.errors import ScreeningError
from screening.gate.policy import Policy
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
    Tick,
)
from screening.gate.view import CheckState
from screening.readings import (
    DeviceKind,
    FaultReason,
    MaskAdvice,
    MaskLabel,
    MaskReading,
    TemperatureFault,
    TemperatureReading,
)
from screening.receipts.claims import ReceiptClaims
from screening.temperature.calibration import Calibration
from screening.temperature.presets import KMK_382, Thresholds, own_thresholds
from screening.visits import MeasuredTemperature, PendingPause

ISSUED = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RECEIPT = ReceiptClaims(
    issuer="bogor",
    number="A1B2C3",
    token_id=bytes(16),
    site="BGR",
    service="KTP",
    party_size=1,
    holder="S. Wulandari",
    issued_at=ISSUED,
    not_before=ISSUED + timedelta(days=1),
    expires=ISSUED + timedelta(days=8),
)
ASIDE = PendingPause(
    attempt_id="before",
    gate="main",
    at=ISSUED,
    ready_at=ISSUED,
    receipt_number=RECEIPT.number,
    service="KTP",
    first=MeasuredTemperature(raw_celsius=38.0, corrections=(), corrected_celsius=38.0),
)

# The figures of the rules, written down here once more on purpose.
READING_COUNTS_FOR_S = 2.5
MASK_COUNTS_FOR_S = 3.0
OLDEST_USABLE_READING_S = 2 * READING_COUNTS_FOR_S
LOWEST_ENTRY_CELSIUS, HIGHEST_ENTRY_CELSIUS = 34.5, 45.0

CHECKS = [set(some) for n in range(5) for some in itertools.combinations(Check, n)]
CHECKS += 10 * [set(Check), {Check.TEMPERATURE, Check.MASK}, {Check.TEMPERATURE}]
AVAILABLE = 6 * [set(DeviceKind)] + [{DeviceKind.CAMERA}, {DeviceKind.THERMOMETER}, set()]

LONG_VISIT = 20

BY_A_PERSON = {Reason.GUARD_REFUSED, Reason.MASK_DECLINED}
"""Events after which a visit may be cut short, so that most come to an end by themselves."""

SPOKEN_BY_PERSON = (
    ReceiptAccepted,
    ReceiptWaived,
    HandsCleaned,
    TemperatureEntered,
    MaskEntered,
    MaskExempted,
    Overridden,
)
MAY_ADMIT = (*SPOKEN_BY_PERSON, TemperatureReading, MaskReading)
"""Nothing else may be the last thing that happens before somebody is let in."""


@dataclass
class Diary:
    """What was sent and taken, as (when it was sent, event); and what came of it."""

    sent: list[tuple[float, SessionEvent]] = field(default_factory=list)
    lost_at: dict[DeviceKind, float] = field(default_factory=dict)
    available: set[DeviceKind] = field(default_factory=set)
    temperatures: list[tuple[float, float]] = field(default_factory=list)
    late_temperatures: list[tuple[float, float]] = field(default_factory=list)
    counted_masks: list[MaskReading] = field(default_factory=list)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    sent_before_pause: int = 0

    def has(self, *kinds: type) -> bool:
        return any(isinstance(event, kinds) for _, event in self.sent)

    def last(self, *kinds: type) -> SessionEvent | None:
        return next((e for _, e in reversed(self.sent) if isinstance(e, kinds)), None)


class Visitor(RuleBasedStateMachine):
    """One visitor to whom anything may happen."""

    @initialize(
        checks=st.sampled_from(CHECKS),
        available=st.sampled_from(AVAILABLE),
        thresholds=st.sampled_from(
            [
                KMK_382,
                own_thresholds(first_celsius=37.3, second_celsius=37.8, pause_s=4),
                own_thresholds(first_celsius=37.3, second_celsius=37.3, pause_s=0),
            ]
        ),
        offset_celsius=st.sampled_from([0.0, 0.5]),
        is_resumed=st.sampled_from([False, False, True]),
        is_welcome=st.sampled_from([True, True, False]),
    )
    def arrives(
        self,
        checks: set[Check],
        available: set[DeviceKind],
        thresholds: Thresholds,
        offset_celsius: float,
        is_resumed: bool,
        is_welcome: bool,
    ) -> None:
        self.now_s = self.start_s = 1000.0
        self.checks, self.thresholds, self.offset_celsius = checks, thresholds, offset_celsius
        self.is_resumed = is_resumed
        self.diary = Diary(available=set(available))
        self.session = Session(
            session_id="visitor",
            policy=Policy(
                checks=frozenset(checks),
                thresholds=thresholds,
                calibration=Calibration(offset_celsius),
            ),
            now_s=self.now_s,
            available=frozenset(available),
            resumes=ASIDE if is_resumed else None,
        )
        assert not self.session.decision.is_final, "nobody is judged before anything happened"
        if is_welcome:
            self.shows_a_receipt()
            self.cleans_hands(None)

    # What may happen

    @rule(seconds=st.floats(0, 4))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        self.send(Tick())

    @rule()
    def the_pause_passes(self) -> None:
        self.now_s += self.thresholds.pause_s
        self.send(Tick())

    @rule(seconds=st.floats(0, 400))
    def the_clock_jumps_back(self, seconds: float) -> None:
        self.send(Tick(), at_s=self.now_s - seconds)

    @rule()
    def shows_a_receipt(self) -> None:
        self.send(ReceiptAccepted(RECEIPT, "KTP"))

    @precondition(lambda self: len(self.diary.sent) > LONG_VISIT)
    @rule(reason=st.sampled_from([Reason.EXPIRED, Reason.ALREADY_USED, Reason.BAD_SIGNATURE]))
    def shows_a_bad_receipt(self, reason: Reason) -> None:
        self.send(ReceiptRefused(reason))

    @rule(by=st.sampled_from(["Ani", ""]))
    def needs_no_receipt(self, by: str) -> None:
        self.send(ReceiptWaived("DARURAT", by, "hospital"))

    @rule(by=st.sampled_from([None, "Ani", " "]))
    def cleans_hands(self, by: str | None) -> None:
        self.send(HandsCleaned(by))

    @rule(celsius=st.sampled_from([36.5, 37.3, 37.31, 38.5]), is_fast=st.booleans())
    def is_measured(self, celsius: float, is_fast: bool) -> None:
        for _ in range(6 if is_fast else 3):
            self.now_s += 0.1 if is_fast else 0.5
            self.send(TemperatureReading(celsius - self.offset_celsius, 25.0, self.now_s))

    @rule(
        celsius=st.sampled_from([27.0, 33.9, 36.0, 36.5, 36.8, 37.3, 37.31, 37.9, 38.5, 44.0]),
        wobble=st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.6]), min_size=1, max_size=7),
        every_s=st.sampled_from([0.1, 0.5]),
        late_s=st.sampled_from([0.0, 0.0, 0.0, 1.0, 3.0, -1.0]),
    )
    def moves_at_the_thermometer(
        self, celsius: float, wobble: list[float], every_s: float, late_s: float
    ) -> None:
        for step in wobble:
            self.now_s += every_s
            self.send(TemperatureReading(celsius + step, 25.0, self.now_s - late_s))

    @rule()
    def the_thermometer_sends_rubbish(self) -> None:
        self.send(TemperatureFault(FaultReason.NOT_A_NUMBER, b"nan", self.now_s))

    @rule()
    def wears_a_mask(self) -> None:
        self.send(MaskReading(MaskLabel.MASK, None, 0.9, 5, self.now_s))

    @rule(
        found=st.sampled_from([*MaskLabel, *MaskAdvice]),
        late_s=st.sampled_from([0.0, 0.0, 0.0, 1.0, 4.0, -1.0]),
    )
    def is_seen_by_the_camera(self, found: MaskLabel | MaskAdvice, late_s: float) -> None:
        label = found if isinstance(found, MaskLabel) else None
        advice = found if isinstance(found, MaskAdvice) else None
        self.send(MaskReading(label, advice, 0.9, 5, self.now_s - late_s))

    @rule(kind=st.sampled_from(DeviceKind))
    def a_device_is_lost(self, kind: DeviceKind) -> None:
        self.send(DeviceLost(kind))

    @rule(kind=st.sampled_from(DeviceKind))
    def a_device_is_back(self, kind: DeviceKind) -> None:
        self.send(DeviceBack(kind))

    @rule(
        celsius=st.sampled_from([27.0, 34.0, 36.5, 37.3, 37.30001, 37.8, 38.0, 50.0, math.nan]),
        by=st.sampled_from(["Ani", "Ani", ""]),
    )
    def the_guard_measures(self, celsius: float, by: str) -> None:
        self.send(TemperatureEntered(celsius, by))

    @rule(label=st.sampled_from(MaskLabel), by=st.sampled_from(["Ani", "Ani", ""]))
    def the_guard_looks_at_the_mask(self, label: MaskLabel, by: str) -> None:
        self.send(MaskEntered(label, by))

    @rule(by=st.sampled_from(["Ani", ""]), remark=st.sampled_from(["asthma", ""]))
    def is_exempt_from_the_mask(self, by: str, remark: str) -> None:
        self.send(MaskExempted(by, remark))

    @precondition(lambda self: len(self.diary.sent) > LONG_VISIT)
    @rule(
        kind=st.sampled_from(DecisionKind),
        by=st.sampled_from(["Ani", ""]),
        remark=st.sampled_from(["known to me", ""]),
    )
    def is_overridden(self, kind: DecisionKind, by: str, remark: str) -> None:
        self.send(Overridden(kind, by, remark))

    # What may never be true

    def send(self, event: SessionEvent, *, at_s: float | None = None) -> None:
        before = self.session.decision
        try:
            after = self.session.handle(event, self.now_s if at_s is None else at_s)
        except ScreeningError:
            assert isinstance(event, SPOKEN_BY_PERSON), "only what a person says can be refused"
            assert self.session.decision == before, "what is refused changes nothing"
            return
        assert after == self.session.decision
        if before.is_final:
            assert after == before, "a final decision never changes"
            return
        self.write_down(event)
        self.judge(event, after)

    def write_down(self, event: SessionEvent) -> None:
        """Keep the event, and of readings those that could count at all."""
        diary = self.diary
        diary.sent.append((self.now_s, event))
        match event:
            case DeviceLost(kind):
                diary.available.discard(kind)
                diary.lost_at[kind] = self.now_s
            case DeviceBack(kind):
                diary.available.add(kind)
            case TemperatureReading(object_celsius=celsius, taken_at_s=taken_at_s):
                if self.could_count(DeviceKind.THERMOMETER, taken_at_s):
                    is_late = any(taken_at_s <= at_s for at_s, _ in diary.temperatures)
                    kept = diary.late_temperatures if is_late else diary.temperatures
                    kept.append((taken_at_s, celsius))
            case MaskReading(taken_at_s=taken_at_s):
                if self.could_count(DeviceKind.CAMERA, taken_at_s):
                    diary.counted_masks.append(event)

    def could_count(self, kind: DeviceKind, taken_at_s: float) -> bool:
        since_s = max(self.start_s, self.diary.lost_at.get(kind, -math.inf))
        return kind in self.diary.available and since_s <= taken_at_s <= self.now_s

    def judge(self, event: SessionEvent, decision: Decision) -> None:
        assert (decision.ready_at_s is not None) == (decision.kind is DecisionKind.WAIT)
        match decision.kind:
            case DecisionKind.ADMIT if decision.reason is Reason.OVERRIDE:
                self.is_signed_override(event, DecisionKind.ADMIT)
            case DecisionKind.ADMIT:
                self.is_earned(event, decision)
            case DecisionKind.DENY if decision.reason in BY_A_PERSON:
                self.is_signed_override(event, DecisionKind.DENY)
            case DecisionKind.DENY:
                assert Check.RECEIPT in self.checks
                assert event == ReceiptRefused(decision.reason)
                assert not self.diary.has(ReceiptAccepted, ReceiptWaived)
            case DecisionKind.REFER:
                self.is_a_second_elevation(decision)
            case DecisionKind.WAIT:
                self.is_a_pause(decision)
            case DecisionKind.FIX:
                assert not isinstance(event, Overridden)

    def is_signed_override(self, event: SessionEvent, kind: DecisionKind) -> None:
        assert isinstance(event, Overridden)
        assert event.kind is kind
        assert event.by
        assert event.remark
        assert self.session.operator == event.by

    def is_earned(self, event: SessionEvent, decision: Decision) -> None:
        assert isinstance(event, MAY_ADMIT), f"{event} let somebody in"
        waived = self.diary.has(ReceiptWaived)
        assert decision.reason is (Reason.EMERGENCY if waived else Reason.ADMITTED)
        announced = waived or self.diary.has(ReceiptAccepted)
        if Check.RECEIPT in self.checks:
            assert announced
        if Check.HANDS in self.checks:
            assert self.diary.has(HandsCleaned)
        if Check.TEMPERATURE in self.checks:
            assert not self.is_in_pause()
            assert self.has_passing_entry() or self.has_passing_readings()
        if Check.MASK in self.checks:
            self.mask_is_fine()
        if not self.checks:
            assert announced or self.diary.has(HandsCleaned)
        assert {view.state for view in self.session.checks()} <= {CheckState.PASSED}
        assert {result.check for result in self.session.results()} == self.checks

    def mask_is_fine(self) -> None:
        word = self.diary.last(MaskEntered, MaskExempted)
        if word is not None:
            assert isinstance(word, MaskExempted) or word == MaskEntered(MaskLabel.MASK, "Ani")
            return
        assert DeviceKind.CAMERA in self.diary.available
        newest_s = max(seen.taken_at_s for seen in self.diary.counted_masks)
        (*_, newest) = (s for s in self.diary.counted_masks if s.taken_at_s == newest_s)
        assert newest.label is MaskLabel.MASK
        assert newest_s >= self.diary.lost_at.get(DeviceKind.CAMERA, -math.inf)
        assert self.now_s - newest_s <= MASK_COUNTS_FOR_S

    def is_in_pause(self) -> bool:
        return any(begun_s <= self.now_s < ready_s for begun_s, ready_s in self.diary.pauses)

    @property
    def limit_celsius(self) -> float:
        """The threshold of the reading that is due."""
        is_second = self.is_resumed or bool(self.diary.pauses)
        return self.thresholds.second_celsius if is_second else self.thresholds.first_celsius

    @property
    def due_since_s(self) -> float:
        """When the reading that is due could begin."""
        return max([self.start_s, *(ready_s for _, ready_s in self.diary.pauses)])

    def entry_since_pause(self) -> TemperatureEntered | None:
        """The last handheld reading that no pause has used up."""
        found = None
        for at_s, event in self.diary.sent[self.diary.sent_before_pause :]:
            if isinstance(event, TemperatureEntered) and at_s >= self.due_since_s:
                found = event
        return found

    def has_passing_entry(self) -> bool:
        entry = self.entry_since_pause()
        if entry is None:
            return False
        assert entry.by
        assert LOWEST_ENTRY_CELSIUS <= entry.celsius <= HIGHEST_ENTRY_CELSIUS
        assert entry.celsius <= self.limit_celsius
        return True

    def runs(self, since_s: float) -> list[list[float]]:
        """Every run of agreeing readings that could still be evidence, corrected (degC).

        A reading that arrives after a newer one may be left out, but need not be.
        """
        on_time, late = self.diary.temperatures, self.diary.late_temperatures
        return [
            [round(celsius + self.offset_celsius, 6) for _, celsius in run]
            for readings in (on_time, on_time + late)
            for run in self.agreeing(readings, max(since_s, self.now_s - OLDEST_USABLE_READING_S))
        ]

    @staticmethod
    def agreeing(
        readings: list[tuple[float, float]], since_s: float
    ) -> list[list[tuple[float, float]]]:
        usable = sorted(reading for reading in set(readings) if reading[0] >= since_s)
        found = []
        for first, last in itertools.combinations(range(len(usable)), 2):
            run = usable[first : last + 1]
            lowest, highest = min(c for _, c in run), max(c for _, c in run)
            is_long_enough = len(run) >= 3 and run[-1][0] - run[0][0] >= 0.5
            if is_long_enough and highest - lowest <= 0.4 and lowest >= 30 and highest <= 43:
                found.append(run)
        return found

    def has_passing_readings(self) -> bool:
        assert DeviceKind.THERMOMETER in self.diary.available
        crowded_s = (
            seen.taken_at_s
            for seen in self.diary.counted_masks
            if seen.advice is MaskAdvice.TWO_FACES
        )
        lost_s = self.diary.lost_at.get(DeviceKind.THERMOMETER, -math.inf)
        since_s = max([self.due_since_s, lost_s, *crowded_s])
        return any(
            min(run) <= self.limit_celsius and max(run) >= LOWEST_ENTRY_CELSIUS
            for run in self.runs(since_s)
        )

    def has_elevation(self, since_s: float) -> bool:
        entry = self.entry_since_pause()
        if entry is not None:
            return entry.celsius > self.limit_celsius
        return any(max(run) > self.limit_celsius for run in self.runs(since_s))

    def is_a_pause(self, decision: Decision) -> None:
        """A pause is as long as the rule says, follows an elevation, and comes once."""
        assert decision.reason is Reason.SECOND_READING_PAUSE
        assert decision.ready_at_s is not None
        if self.diary.pauses:
            assert decision.ready_at_s == self.diary.pauses[0][1]
            assert self.is_in_pause()
            return
        assert Check.TEMPERATURE in self.checks
        assert not self.is_resumed
        assert self.has_elevation(self.start_s)
        assert decision.ready_at_s == self.now_s + self.thresholds.pause_s
        self.diary.pauses.append((self.now_s, decision.ready_at_s))
        self.diary.sent_before_pause = len(self.diary.sent)

    def is_a_second_elevation(self, decision: Decision) -> None:
        assert decision.reason is Reason.ELEVATED_TWICE
        assert self.is_resumed or self.diary.pauses
        assert not self.is_in_pause()
        assert self.has_elevation(self.due_since_s)


Visitor.TestCase.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
TestNothingForbiddenEverHappens = Visitor.TestCase


@settings(deadline=None)
@given(
    checks=st.sets(st.sampled_from(Check), min_size=1),
    order=st.permutations(["receipt", "hands", "temperature", "mask"]),
    celsius=st.floats(34.5, 37.3),
    is_by_hand=st.booleans(),
)
def test_an_honest_visitor_is_admitted_in_whatever_order_things_happen(
    checks: set[Check], order: list[str], celsius: float, is_by_hand: bool
) -> None:
    session = Session(
        session_id="visitor",
        policy=Policy(checks=frozenset(checks), thresholds=KMK_382, calibration=Calibration()),
        now_s=0.0,
        available=frozenset() if is_by_hand else frozenset(DeviceKind),
    )
    by_hand: dict[str, list[SessionEvent]] = {
        "receipt": [ReceiptAccepted(RECEIPT, "KTP")],
        "hands": [HandsCleaned("Ani")],
        "temperature": [TemperatureEntered(celsius, "Ani")],
        "mask": [MaskEntered(MaskLabel.MASK, "Ani")],
    }
    by_device: dict[str, list[SessionEvent]] = {
        "receipt": [ReceiptAccepted(RECEIPT, "KTP")],
        "hands": [HandsCleaned()],
        "temperature": [TemperatureReading(celsius, 25.0, half / 2) for half in range(3)],
        "mask": [MaskReading(MaskLabel.MASK, None, 0.9, 5, 1.0)],
    }
    for step in order:
        if Check(step) in checks:
            for event in (by_hand if is_by_hand else by_device)[step]:
                session.handle(event, 1.0)

    assert session.decision == Decision(DecisionKind.ADMIT, Reason.ADMITTED)
