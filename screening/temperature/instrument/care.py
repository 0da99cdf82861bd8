"""What is known of one gate's thermometer itself, apart from any visitor.

state      reasons                                              the gate
ready      none                                                 measures
due        not commissioned, warming up, today's check missing  measures, and says so
in doubt   the last visitors' values may be made up             measures, and says so
failed     the newest check was off, the room unsuitable, or    is manual until a check passes
           visitors show a drift too large to correct
           the values of a commissioned one stand still
           not commissioned, and no offset in the               is manual until commissioned
           configuration either
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.decision import Check, DecisionKind, Reason
from screening.errors import RecordError
from screening.readings import MaskAdvice, MaskReading, TemperatureReading
from screening.temperature.baseline import RollingBaseline
from screening.temperature.calibration import OFFSET, Calibration
from screening.temperature.distance import FACE_SEEN_S, FaceWidths
from screening.temperature.instrument.care_view import CareReason, CareState, ThermometerView
from screening.temperature.instrument.commissioning import (
    CheckOutcome,
    Commissioning,
    FirstReading,
    ThermometerCheck,
    ThermometerLog,
)
from screening.temperature.instrument.normaliser import VISITORS, MadeUp, RunningCheck, step_of
from screening.temperature.instrument.today import calibration_of
from screening.temperature.instrument.warmth import WARM_UP_S, Warmth
from screening.temperature.sites import SITES, MeasuringSite, site_of_model
from screening.temperature.window import MEASURABLE_CELSIUS, StableTemperature, StableValue
from screening.visits import Attempt, MeasuredTemperature, PendingPause

EXCHANGED_AFTER_S = 10.0
"""Whoever unplugs a device for longer may have cleaned it, or put another one in its place."""

LOOK_AGAIN_S = 30.0
"""How often the record is asked for what another process wrote."""

CLOCK_SET = timedelta(seconds=10)
"""By less the clock is only kept right."""

RECENT_READINGS = 100
"""So many tell the device's own step."""

_log = logging.getLogger(__name__)

FAILED_BY = {CheckOutcome.OFF: CareReason.CHECK_OFF, CheckOutcome.ROOM: CareReason.CHECK_ROOM}

FAILURES = frozenset({*FAILED_BY.values(), CareReason.OTHER_MODEL, CareReason.DRIFT})
DOUBTS = frozenset(CareReason(found.value) for found in MadeUp)

PASSED = "passed"
"""The outcome of a temperature check in the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What the configuration says of a gate's thermometer.

    ``calibration`` is the configured one: it holds until a commissioning, of which only the
    correction of a second reading stays, and the distance table where a commissioning made none.
    Where it states no offset either, raw values tell nothing: a forehead of 35.6 degC may be a
    fever. ``room_celsius`` is what the room usually has. With ``keeps_power`` it is taken to be
    warm when the service starts.
    """

    gate: str
    model: str
    calibration: Calibration
    room_celsius: float | None = None
    is_checked_daily: bool = True
    keeps_power: bool = False

    @property
    def measuring_site(self) -> MeasuringSite:
        """Where on a face it measures."""
        return site_of_model(self.model)


class ThermometerCare:
    """Follows one thermometer; all of it in the gate's own thread."""

    def __init__(
        self, instrument: Instrument, *, log: ThermometerLog, clock: Clock, zone: ZoneInfo
    ) -> None:
        self._instrument = instrument
        self._log = log
        self._clock = clock
        self._zone = zone
        self._stable = StableTemperature(MEASURABLE_CELSIUS)
        self._recent: deque[float] = deque(maxlen=RECENT_READINGS)
        self._widths = FaceWidths()
        self._lost_s = math.inf
        self._warmth = Warmth(warm_at_s=clock.monotonic_s() if instrument.keeps_power else None)
        self._since: datetime | None = None
        self._commissioning: Commissioning | None = None
        self._check: ThermometerCheck | None = None
        self._looked_s: float | None = None
        self._day = start_of_day(clock.now(), zone)
        self._baseline = RollingBaseline(0.0)
        self._running = RunningCheck(instrument.measuring_site)
        self._made_up: tuple[MadeUp, ...] = ()
        self.refresh()
        self._recall()

    # What the gate tells

    def device_changed(self, *, is_available: bool) -> None:
        """The thermometer came or went; what it said before counts no more."""
        now_s = self._clock.monotonic_s()
        if is_available:
            if now_s - self._lost_s > EXCHANGED_AFTER_S and not self._adds:
                self._baseline = self._new_baseline()
            self._warmth.came(now_s)
        else:
            self._lost_s = now_s
            self._warmth.lost(now_s)
        self._since = None
        self._stable.forget(until_s=now_s)

    def add(self, reading: TemperatureReading) -> None:
        """A reading, whoever stands there."""
        self._stable.add(reading)
        if math.isfinite(reading.object_celsius):
            self._recent.append(reading.object_celsius)

    def saw(self, reading: MaskReading) -> None:
        """What the camera shows; of several people nobody knows who is meant."""
        if reading.advice is MaskAdvice.TWO_FACES:
            self._widths.forget()
        else:
            self._widths.saw(reading.face, reading.taken_at_s)

    def visited(self, attempt: Attempt, pause: PendingPause | None) -> None:
        """A visitor is done with; ``pause`` is what an earlier session ended in.

        The first reading counts once it is known how the visitor's measuring ended.
        """
        gate = self._instrument.gate
        if pause is None:
            first = next(iter(attempt.temperatures), None)
        else:
            first = pause.first if pause.gate == gate else None
        if first is None or first.entered_by is not None:
            return
        if pause is None:
            self._running.add(first.raw_celsius)
            self._made_up = self._running.findings()
        is_referred = attempt.decision is DecisionKind.REFER
        if self._is_corrected_as_now(first) and (is_referred or _is_passed(attempt)):
            self._begin_day()
            self._baseline.take(first, is_referred=is_referred)

    def refresh_if_due(self) -> None:
        """Look into the record now and then; another process writes there too."""
        now_s = self._clock.monotonic_s()
        if self._looked_s is None or now_s - self._looked_s >= LOOK_AGAIN_S:
            self.refresh()

    def refresh(self) -> None:
        """Take up what the record holds; where it cannot be read, what was known stays."""
        self._looked_s = self._clock.monotonic_s()
        try:
            commissioning = self._log.commissioning(self._instrument.gate)
            check = self._log.newest_check(self._instrument.gate)
        except RecordError as error:
            gate = self._instrument.gate
            _log.warning("gate %s: the thermometer's checks are not known: %s", gate, error)
            return
        if commissioning != self._commissioning:
            self._commissioning = commissioning
            self._begin_anew()
        if check != self._check:
            self._check = check
            is_passed = check is not None and check.outcome is CheckOutcome.PASSED
            if is_passed and not self._stands_still:
                self._begin_anew(keeps_raise=True)

    # What the gate asks

    @property
    def calibration(self) -> Calibration:
        """What the next visitor's readings get."""
        commissioning, instrument = self._commissioning, self._instrument
        if commissioning is None:
            agreement = instrument.measuring_site.agreement_celsius
            return replace(instrument.calibration, agreement_celsius=agreement)
        self._begin_day()
        second = instrument.calibration.second_celsius
        return calibration_of(
            commissioning,
            self._baseline,
            room_celsius=self._room_celsius(commissioning),
            second_celsius=SITES[commissioning.site].second_celsius if second is None else second,
            distance=instrument.calibration.distance,
        )

    @property
    def is_failed(self) -> bool:
        """Whether a person has to measure."""
        return self._state(self._reasons(self._clock.now())) is CareState.FAILED

    @property
    def compared_at(self) -> tuple[datetime | None, datetime | None]:
        """When it was commissioned and checked last; None where it never was."""
        found, check = self._commissioning, self._check
        return (None if found is None else found.at, None if check is None else check.at)

    def view(self) -> ThermometerView:
        """The thermometer as pages show it."""
        now, commissioning = self._clock.now(), self._commissioning
        value = self._value()
        now_s = self._clock.monotonic_s()
        width = self._widths.width(since_s=now_s - FACE_SEEN_S, until_s=now_s)
        table = self.calibration.distance
        reasons = self._reasons(now)
        site = self._instrument.measuring_site.name
        return ThermometerView(
            model=self._instrument.model,
            measuring_site=site if commissioning is None else commissioning.site,
            raw_celsius=value.celsius if isinstance(value, StableValue) else None,
            no_value=None if isinstance(value, StableValue) else value,
            since=self._since_by(now),
            resolution_celsius=step_of(self._recent),
            state=self._state(reasons),
            reasons=reasons,
            is_due=self._is_due(now),
            commissioned_at=None if commissioning is None else commissioning.at,
            checked_at=None if self._check is None else self._check.at,
            face_width=width,
            distance_cm=None if width is None or table is None else table.distance_cm(width),
        )

    def _value(self) -> StableValue | Reason:
        if self._warmth.since_s is None:
            return Reason.GUARD_MEASURES
        return self._stable.value(self._clock.monotonic_s())

    def _reasons(self, now: datetime) -> tuple[CareReason, ...]:
        self._begin_day()
        commissioning, check, reasons = self._commissioning, self._check, []
        if check is not None and check.outcome in FAILED_BY:
            reasons.append(FAILED_BY[check.outcome])
        if commissioning is not None and commissioning.model != self._instrument.model:
            reasons.append(CareReason.OTHER_MODEL)
        if self._baseline.is_sensor_in_doubt:
            reasons.append(CareReason.DRIFT)
        reasons += [CareReason(found.value) for found in self._made_up]
        if commissioning is None and (self._has_no_offset or self._is_due(now)):
            reasons.append(CareReason.NOT_COMMISSIONED)
        is_due = self._is_due(now)
        if self._is_cold(now) and (is_due or self._came_after_the_newest_check(now)):
            reasons.append(CareReason.WARMING_UP)
        if is_due and commissioning is not None:  # after what keeps it from being made
            reasons.append(CareReason.CHECK_DUE)
        return tuple(reasons)

    def _is_cold(self, now: datetime) -> bool:
        since = self._since_by(now)
        return since is not None and now - since < timedelta(seconds=WARM_UP_S)

    def _came_after_the_newest_check(self, now: datetime) -> bool:
        """Whether no check of today was made since it was switched on, which would vouch for it."""
        if not self._instrument.is_checked_daily:
            return False
        since = self._since_by(now)
        return since is not None and all(at < since for at in self._compared)

    def _state(self, reasons: tuple[CareReason, ...]) -> CareState:
        """What the gravest of them makes of it.

        One value again and again is no measurement: a commissioned gate, which has a daily check to
        come back by, stops on it. The other signs of made-up values rest on how visitors differ,
        and those of one office may differ less.
        """
        found = set(reasons)
        stands_still = CareReason.VALUE_REPEATED in found and self._commissioning is not None
        if found & FAILURES or stands_still or self._has_no_offset:
            return CareState.FAILED
        if found & DOUBTS:
            return CareState.IN_DOUBT
        return CareState.DUE if found else CareState.READY

    @property
    def _has_no_offset(self) -> bool:
        """Whether neither staff nor the configuration tell how skin and body differ here."""
        return self._commissioning is None and self._instrument.calibration.offset_celsius is None

    def _since_by(self, now: datetime) -> datetime | None:
        """From when warming counts, by the clock as it goes now: setting it warms nothing up."""
        if self._warmth.since_s is None:
            return None
        counted = now - timedelta(seconds=self._clock.monotonic_s() - self._warmth.since_s)
        if self._since is None or abs(counted - self._since) > CLOCK_SET:
            self._since = counted
        return self._since

    def _is_due(self, now: datetime) -> bool:
        """A commissioning is as good as a check on its day; there is no check without one."""
        if not self._instrument.is_checked_daily:
            return False
        return not any(self._is_of_the_day(at, now) for at in self._compared)

    def _is_of_the_day(self, at: datetime, now: datetime) -> bool:
        """Of tomorrow is what was written while the clock was wrong: it settles nothing."""
        today = start_of_day(now, self._zone)
        tomorrow = start_of_day(today + timedelta(hours=36), self._zone)
        return today <= at < tomorrow

    @property
    def _compared(self) -> list[datetime]:
        """When it was last commissioned and checked."""
        return [done.at for done in (self._commissioning, self._check) if done is not None]

    def _room_celsius(self, commissioning: Commissioning) -> float | None:
        """The room's of today, as far as anybody measured it."""
        newest = commissioning if self._check is None else self._check
        is_of_today = self._is_of_the_day(newest.at, self._clock.now())
        return newest.room_celsius if is_of_today else self._instrument.room_celsius

    def _is_corrected_as_now(self, measured: MeasuredTemperature) -> bool:
        if self._commissioning is None:
            return False
        sizes = dict(measured.corrections)
        return sizes.get(OFFSET) == self._commissioning.offset_celsius

    def _recall(self) -> None:
        """Take up what today's visitors told before this process began."""
        for first in self._first_readings_of_today():
            self._running.add(first.raw_celsius)
            self._baseline.add(first.unshifted_celsius, is_referred=False)
        self._made_up = self._running.findings()

    def _first_readings_of_today(self) -> Sequence[FirstReading]:
        """Of whole hours since it was commissioned or checked; none where that is not known.

        The record keeps their first readings by the hour and nobody's name, so whoever was referred
        counts too: a median stands up to those few. Of the hour in which it was commissioned or
        checked it is not known which came after, and none counts.
        """
        if self._commissioning is None:
            return ()
        since, until = max(self._day, *self._compared), self._clock.now()
        gate = self._instrument.gate
        try:
            return self._log.first_readings(gate, since=since, until=until, limit=VISITORS)
        except RecordError as error:
            _log.warning("gate %s: what today's visitors told is not known: %s", gate, error)
            return ()

    def _begin_day(self) -> None:
        """Yesterday's visitors say nothing of how the sensor is off today.

        A day that comes again was left by a wrong clock only, and what it told is in the record.
        """
        before, self._day = self._day, start_of_day(self._clock.now(), self._zone)
        if self._day != before:
            self._baseline = self._new_baseline()
        if self._day < before:
            for first in self._first_readings_of_today():
                self._baseline.add(first.unshifted_celsius, is_referred=False)

    def _begin_anew(self, *, keeps_raise: bool = False) -> None:
        """Somebody has looked at it: what visitors told before is settled.

        One person's check is less sure than thirty visitors, though. A correction that raises may
        stay until others take its place; one that lowers may not, for a sensor may just have been
        cleaned.
        """
        if not (keeps_raise and self._adds):
            self._baseline = self._new_baseline()
        self._running.forget()
        self._made_up = ()

    @property
    def _adds(self) -> bool:
        """Whether visitors tell of a sensor that reads low, and not too low to be believed."""
        return self._baseline.correction_celsius > 0 and not self._baseline.is_sensor_in_doubt

    @property
    def _stands_still(self) -> bool:
        """Whether all it has said of late, with or without somebody there, is the repeated value.

        Of somebody who is well such a device may well be right: no check speaks for it.
        """
        is_found = MadeUp.VALUE_REPEATED in self._made_up
        return is_found and set(self._recent) == {self._running.newest_celsius}

    def _new_baseline(self) -> RollingBaseline:
        commissioning = self._commissioning
        return RollingBaseline(0.0 if commissioning is None else commissioning.median_celsius)


def _is_passed(attempt: Attempt) -> bool:
    return any(
        result.check is Check.TEMPERATURE and result.outcome == PASSED for result in attempt.results
    )
