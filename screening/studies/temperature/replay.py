"""Visitors before the gate's own session: its windows, its two readings, its decision.

Nothing here compares a temperature with a threshold. A visitor is a ``Session`` that is told what
a slow board sends, and waits as long as the session says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.decision import Check, DecisionKind
from screening.gate.policy import Policy
from screening.gate.session import Session
from screening.readings import DeviceKind, TemperatureReading
from screening.temperature.baseline import RollingBaseline
from screening.temperature.calibration import Calibration
from screening.temperature.presets import Thresholds

BETWEEN_VALUES_S = 0.5
"""The slowest supported board sends two lines a second."""

BETWEEN_LOOKS_S = 10.0
"""When a visitor is measured again who has to step closer: longer than a reading stays fresh."""

VALUES_FOR_ONE_READING = 3

Look = Sequence[float]
"""The raw values (degC) that the device sends while the visitor stands there, one each 0.5 s."""


def steady(celsius: float) -> Look:
    """A look of a device that keeps sending one value."""
    return (celsius,) * VALUES_FOR_ONE_READING


class ReplayedGate:
    """One gate whose visitors come one after the other; without ``baseline`` it is fixed."""

    def __init__(self, thresholds: Thresholds, baseline: RollingBaseline | None = None) -> None:
        self._policy = Policy(
            checks=frozenset({Check.TEMPERATURE}),
            thresholds=thresholds,
            calibration=Calibration(),
        )
        self._baseline = baseline

    def visit(self, looks: Sequence[Look], calibration: Calibration) -> bool:
        """Whether a visitor is referred whom the device looks at so.

        Somebody who has no plausible look left to give is too: a person has to measure.
        """
        today = calibration
        if self._baseline is not None:
            today = calibration.with_baseline(self._baseline.correction_celsius)
        session = _ended_session(replace(self._policy, calibration=today), looks)
        is_referred = session.decision.kind is not DecisionKind.ADMIT
        if self._baseline is not None and session.temperatures:
            self._baseline.take(session.temperatures[0], is_referred=is_referred)
        return is_referred


def _ended_session(policy: Policy, looks: Sequence[Look]) -> Session:
    session = Session(
        session_id="replay",
        policy=policy,
        now_s=0.0,
        available=frozenset({DeviceKind.THERMOMETER}),
    )
    now_s = 0.0
    for look in looks:
        for place, celsius in enumerate(look):
            reading = TemperatureReading(celsius, None, now_s + place * BETWEEN_VALUES_S)
            decision = session.handle(reading, reading.taken_at_s)
            if decision.is_final:
                return session
            if (decision.ready_at_s or 0.0) > reading.taken_at_s:
                break
        now_s = max(
            now_s + len(look) * BETWEEN_VALUES_S + BETWEEN_LOOKS_S, decision.ready_at_s or 0
        )
    return session
