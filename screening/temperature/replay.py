"""Visitors before the gate's own session: its windows, its two readings, its decision.

Nothing here compares a temperature with a threshold. A visitor is a ``Session`` that is told three
agreeing readings of a slow board for each look of the thermometer, and waits as long as it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.gate.decision import Check, DecisionKind
from screening.gate.policy import Policy
from screening.gate.session import Session
from screening.readings import DeviceKind, TemperatureReading
from screening.temperature.baseline import RollingBaseline
from screening.temperature.calibration import Calibration
from screening.temperature.presets import Thresholds

LOOK_S = (0.0, 0.5, 1.0)
"""When the thermometer tells its value in one look: enough for the window of the session."""

BETWEEN_LOOKS_S = 10.0
"""When a visitor is measured again who has to step closer: longer than a reading stays fresh."""


class ReplayedGate:
    """One gate whose visitors come one after the other; without ``baseline`` it is fixed."""

    def __init__(self, thresholds: Thresholds, baseline: RollingBaseline | None = None) -> None:
        self._policy = Policy(
            checks=frozenset({Check.TEMPERATURE}),
            thresholds=thresholds,
            calibration=Calibration(),
        )
        self._baseline = baseline

    def visit(self, raw_celsius: Sequence[float], calibration: Calibration) -> bool:
        """Whether a visitor who reads ``raw_celsius`` at each look in turn is referred.

        Somebody who has no plausible reading left to give is too: a person has to measure.
        """
        today = calibration
        if self._baseline is not None:
            today = calibration.with_baseline(self._baseline.correction_celsius)
        policy = replace(self._policy, calibration=today)
        is_referred = _kind_of_end(policy, raw_celsius) is not DecisionKind.ADMIT
        if self._baseline is not None and policy.can_be_a_face(raw_celsius[0]):
            first = calibration.correct(raw_celsius[0])
            self._baseline.add(first.corrected_celsius, is_referred=is_referred)
        return is_referred


def _kind_of_end(policy: Policy, raw_celsius: Sequence[float]) -> DecisionKind:
    session = Session(
        session_id="replay",
        policy=policy,
        now_s=0.0,
        available=frozenset({DeviceKind.THERMOMETER}),
    )
    now_s, decision = 0.0, session.decision
    for celsius in raw_celsius:
        for after_s in LOOK_S:
            reading = TemperatureReading(celsius, None, now_s + after_s)
            decision = session.handle(reading, reading.taken_at_s)
        if decision.is_final:
            break
        now_s = max(now_s + BETWEEN_LOOKS_S, decision.ready_at_s or 0.0)
    return decision.kind
