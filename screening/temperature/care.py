"""What is known of one gate's thermometer itself, apart from any visitor.

state      reasons                                              the gate
ready      none                                                 measures
due        not commissioned, warming up, today's check missing  measures, and says so
in doubt   the last visitors' values show drift, or that they   measures, and says so
           may be made up
failed     the newest check was off, or the room unsuitable     is manual until a check passes
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.errors import RecordError
from screening.gate.decision import Reason
from screening.readings import TemperatureReading
from screening.temperature.commissioning import (
    CheckOutcome,
    Commissioning,
    ThermometerCheck,
    ThermometerLog,
)
from screening.temperature.sites import MeasuringSite
from screening.temperature.window import CelsiusRange, StableTemperature, StableValue

MEASURABLE_CELSIUS = CelsiusRange(28.0, 45.0)
"""Raw values worth comparing with a reference: skin in a cool room, a flask of 40 degC, and half
of what a module may be off. An empty lane is colder."""


WARM_UP_S = 1800.0
"""ISO/TR 13154 and makers of screening thermographs: half an hour until a sensor is stable."""

LOOK_AGAIN_S = 30.0
"""How often the record is asked for what another process wrote."""

_log = logging.getLogger(__name__)


class CareState(StrEnum):
    """Whether a thermometer may be relied on. Published: add, never rename."""

    READY = "ready"
    DUE = "due"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"


class CareReason(StrEnum):
    """Why it is not ready. Published: add, never rename."""

    NOT_COMMISSIONED = "not_commissioned"
    WARMING_UP = "warming_up"
    CHECK_DUE = "check_due"
    DRIFT = "drift"
    SPREAD_TOO_SMALL = "spread_too_small"
    DIGITS_UNEVEN = "digits_uneven"
    VALUE_REPEATED = "value_repeated"
    CHECK_OFF = "check_off"
    CHECK_ROOM = "check_room"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerView:
    """A gate's thermometer now.

    ``raw_celsius`` is its newest stable raw value of whatever stands before it, uncorrected;
    without one ``no_value`` says why: STAND_STILL (nothing agrees yet), STEP_CLOSER (too cold for
    a face) or GUARD_MEASURES (the device is away). ``since`` is when the device came, from which
    warming up counts; None while it is away. ``resolution_celsius`` is the smallest step of its
    values so far; None before two. ``is_due`` says that today's check is still to be made.
    """

    model: str
    measuring_site: str
    raw_celsius: float | None
    no_value: Reason | None
    since: datetime | None
    resolution_celsius: float | None
    state: CareState
    reasons: tuple[CareReason, ...]
    is_due: bool
    commissioned_at: datetime | None
    checked_at: datetime | None


FAILED_BY = {CheckOutcome.OFF: CareReason.CHECK_OFF, CheckOutcome.ROOM: CareReason.CHECK_ROOM}


class ThermometerCare:
    """Follows one thermometer. ``log`` None, or a gate never commissioned, leaves all as it was."""

    def __init__(
        self,
        gate: str,
        *,
        model: str,
        measuring_site: MeasuringSite,
        clock: Clock,
        zone: ZoneInfo,
        log: ThermometerLog | None = None,
        is_checked_daily: bool = True,
    ) -> None:
        self._gate = gate
        self._model = model
        self._measuring_site = measuring_site
        self._clock = clock
        self._zone = zone
        self._log = log
        self._is_checked_daily = is_checked_daily
        self._stable = StableTemperature(MEASURABLE_CELSIUS)
        self._since: datetime | None = None
        self._commissioning: Commissioning | None = None
        self._check: ThermometerCheck | None = None
        self._looked_s: float | None = None

    def device_changed(self, *, is_available: bool) -> None:
        """The thermometer came or went; what it said before counts no more."""
        self._since = self._clock.now() if is_available else None
        self._stable.forget(until_s=self._clock.monotonic_s())

    def add(self, reading: TemperatureReading) -> None:
        """A reading, whoever stands there."""
        self._stable.add(reading)

    def refresh_if_due(self) -> None:
        """Look into the record now and then; another process writes there too."""
        now_s = self._clock.monotonic_s()
        if self._looked_s is None or now_s - self._looked_s >= LOOK_AGAIN_S:
            self.refresh()

    def refresh(self) -> None:
        """Take up what the record holds; without a record nothing changes."""
        if self._log is None:
            return
        self._looked_s = self._clock.monotonic_s()
        try:
            commissioning = self._log.commissioning(self._gate)
            check = self._log.newest_check(self._gate)
        except RecordError as error:
            _log.warning("gate %s: the thermometer's checks are not known: %s", self._gate, error)
            return
        self._commissioning, self._check = commissioning, check

    @property
    def is_failed(self) -> bool:
        """Whether a person has to measure until a check passes."""
        return self._check is not None and self._check.outcome in FAILED_BY

    def view(self) -> ThermometerView:
        """The thermometer as pages show it."""
        now = self._clock.now()
        value = self._value()
        reasons = self._reasons(now)
        return ThermometerView(
            model=self._model,
            measuring_site=self._measuring_site.name,
            raw_celsius=value.celsius if isinstance(value, StableValue) else None,
            no_value=None if isinstance(value, StableValue) else value,
            since=self._since,
            resolution_celsius=None,
            state=_state(reasons),
            reasons=reasons,
            is_due=self._is_due(now),
            commissioned_at=None if self._commissioning is None else self._commissioning.at,
            checked_at=None if self._check is None else self._check.at,
        )

    def _value(self) -> StableValue | Reason:
        if self._since is None:
            return Reason.GUARD_MEASURES
        return self._stable.value(self._clock.monotonic_s())

    def _is_due(self, now: datetime) -> bool:
        if not self._is_checked_daily or self._log is None:
            return False
        newest = [done.at for done in (self._commissioning, self._check) if done is not None]
        return not newest or max(newest) < start_of_day(now, self._zone)

    def _reasons(self, now: datetime) -> tuple[CareReason, ...]:
        reasons = []
        if self._check is not None and self._check.outcome in FAILED_BY:
            reasons.append(FAILED_BY[self._check.outcome])
        if self._is_due(now):
            is_known = self._commissioning is not None
            reasons.append(CareReason.CHECK_DUE if is_known else CareReason.NOT_COMMISSIONED)
            if self._since is not None and now - self._since < timedelta(seconds=WARM_UP_S):
                reasons.append(CareReason.WARMING_UP)
        return tuple(reasons)


def _state(reasons: tuple[CareReason, ...]) -> CareState:
    if not reasons:
        return CareState.READY
    if set(reasons) & set(FAILED_BY.values()):
        return CareState.FAILED
    return CareState.DUE
