"""The rule of two readings for one visitor: elevated, a pause, elevated again.

    reading   judged                      becomes
    first     not elevated                passed
    first     elevated                    WAIT until the pause is over, then the second is asked for
    second    elevated                    REFER
    second    not elevated, fell too far  FIX: the guard measures, since no face cools so far
    second    not elevated                passed

A device's value passes for ``MAX_READING_AGE_S`` and is then measured again; a person's entry
stands for the whole session, and the device is not asked while it stands.

Where the thresholds say so, the second reading of the device is judged by its mean with the first.
A mean is better than either of two readings that scatter about one temperature. Two that differ by
more than one person's do are not of one temperature: one of them is wrong, or the fever rises. Then
the second one is elevated too when it reaches the first threshold by itself.
A person's entry is never mixed with the device's skin reading.

Where the calibration has a distance table, each value is corrected for the distance of the face by
its width in the camera's picture. Nearer or further than the table it is no value, and where no
camera can tell, the guard measures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from screening.decision import Decision, DecisionKind, Reason
from screening.errors import LaneConflict
from screening.readings import TemperatureReading
from screening.temperature.calibration import Calibration, entered_by_hand, mean_of_two
from screening.temperature.distance import FACE_SEEN_S
from screening.temperature.presets import Thresholds
from screening.temperature.window import (
    MAX_READING_AGE_S,
    CelsiusRange,
    StableTemperature,
    StableValue,
)
from screening.visits import MeasuredTemperature

LARGEST_FALL_CELSIUS = 2.0
"""No face cools further from one reading to the next (an assumption: twice what sun or haste add,
and eight times the 0.25 degC by which two readings of one resting face differ). The first or the
second reading then was of something else."""

FaceWidth = Callable[[float, float, float], float | Reason | None]
"""What share of the camera's picture the face took across, from the first second until the second
one, as told now (the third): None where no camera could tell, a reason where it should and did
not."""


def no_camera(since_s: float, until_s: float, now_s: float) -> None:
    """A FaceWidth: nobody tells."""


class TwoReadings:
    """Judges what it is given; times are monotonic seconds.

    ``plausible`` holds for a device's raw value at the distance where staff were compared; for a
    second one it is narrowed by what its own correction makes no body of. ``enterable`` holds for
    a person's entry. ``from_s`` is when readings begin to count; ``is_second`` starts at the second
    one, after a pause in an earlier session that ``first`` began.
    """

    def __init__(
        self,
        *,
        thresholds: Thresholds,
        calibration: Calibration,
        plausible: CelsiusRange,
        enterable: CelsiusRange,
        from_s: float,
        is_second: bool = False,
        first: MeasuredTemperature | None = None,
        face_width: FaceWidth = no_camera,
    ) -> None:
        self.not_passed: tuple[MeasuredTemperature, ...] = ()
        """In order, each with the limit that it was compared with."""
        self.disagrees = False
        """Whether the second reading fell so far that only a person's entry can pass now."""
        self.lacks_distance = False
        """Whether the device's value needs a distance that no camera can tell."""
        self._thresholds = thresholds
        self._calibration = calibration
        self._plausible = plausible
        self._enterable = enterable
        self._from_s = from_s
        self._is_second = is_second
        self.first = first
        """The first reading, once there is one; a person's entry is one too."""
        self._is_referred = False
        self._face_width = face_width
        self._window = StableTemperature(self._plausible_anywhere)
        self._window.forget(until_s=from_s)
        self._measured: tuple[MeasuredTemperature, float] | None = None
        self._entered: MeasuredTemperature | None = None

    def add(self, reading: TemperatureReading) -> None:
        """A reading of the device."""
        self._window.add(reading)

    def enter(self, celsius: float, *, by: str, now_s: float) -> None:
        """A handheld reading. Raises LaneConflict in the pause or for a value nobody can have."""
        if celsius not in self._enterable:
            raise LaneConflict(
                f"{celsius} degC is not a visitor's temperature "
                f"({self._enterable.low} to {self._enterable.high}): measure again"
            )
        if now_s < self._from_s:
            raise LaneConflict(
                f"The second reading counts in {self._from_s - now_s:.0f} s: let the visitor rest",
                code="pause_not_over",
            )
        entered = entered_by_hand(celsius, entered_by=by)
        self._entered = replace(entered, limit_celsius=self._limit_celsius)

    def recalibrate(
        self, calibration: Calibration, plausible: CelsiusRange, *, until_s: float
    ) -> None:
        """Judge by these constants; what the device said until then does not count."""
        self._calibration, self._plausible = calibration, plausible
        self._window.hold_to(self._plausible_anywhere)
        self.forget_device(until_s=until_s)

    def forget_device(self, *, until_s: float) -> None:
        """What the device said until then does not count; a person's entry stays."""
        self._window.forget(until_s=until_s)
        self._measured = None

    def judge(self, now_s: float) -> Decision | None:
        """What stands in the way, or None when the temperature passes now."""
        if now_s < self._from_s:
            return self._pause()
        if self._entered is not None:
            return self._elevate(self._entered, now_s) if self._is_high(self._entered) else None
        value = self._window.value(now_s)
        asked = value if isinstance(value, Reason) else self._take(value, now_s)
        if isinstance(asked, Decision):
            return asked
        if self.disagrees:
            asked = Reason.READINGS_DISAGREE
        return None if asked is None or self.passing(now_s) else Decision(DecisionKind.FIX, asked)

    def passing(self, now_s: float) -> MeasuredTemperature | None:
        """The temperature that passes now, if there is one."""
        if self._entered is not None:
            return None if self._is_high(self._entered) else self._entered
        if self._measured is None or now_s - self._measured[1] > MAX_READING_AGE_S:
            return None
        return self._measured[0]

    def needs_device(self, now_s: float) -> bool:
        """Whether a value of the device is what is asked for now."""
        return self._entered is None and not self.disagrees and not self.is_elevated(now_s)

    def is_elevated(self, now_s: float) -> bool:
        """Whether the visitor waits for the second reading, or it was elevated as well."""
        return self._is_referred or now_s < self._from_s

    def judged(self, now_s: float) -> tuple[MeasuredTemperature, ...]:
        """Each that did not pass, in order, then the one that passes now."""
        passing = self.passing(now_s)
        return self.not_passed if passing is None else (*self.not_passed, passing)

    def threshold_celsius(self, now_s: float) -> float:
        """What the last judged temperature was compared with, or else what the next one will be."""
        limits = [measured.limit_celsius for measured in self.judged(now_s)]
        return self._limit_celsius if not limits or limits[-1] is None else limits[-1]

    @property
    def _limit_celsius(self) -> float:
        return self._thresholds.threshold_celsius(is_second=self._is_second)

    def _take(self, value: StableValue, now_s: float) -> Decision | Reason | None:
        """None when it passes; a decision when it is elevated; or what keeps it from counting."""
        if self._calibration.offset_celsius is None:  # it tells nothing of a body
            return Reason.GUARD_MEASURES
        calibration = self._calibration_at(value, now_s)
        if isinstance(calibration, Reason):
            return calibration
        alone = calibration.correct(
            value.celsius,
            is_second=self._is_second,
            repeatability_celsius=value.repeatability_celsius,
        )
        measured, first = self._compared(alone), self._first_of_device
        if self._is_high(measured):
            return self._elevate(measured, now_s)
        if self.disagrees:
            return Reason.READINGS_DISAGREE
        if first is not None and _fall(first, alone) > LARGEST_FALL_CELSIUS:
            self.disagrees, self._measured = True, None
            self.not_passed += (measured,)
            return Reason.READINGS_DISAGREE
        self._measured = (measured, value.taken_at_s)
        return None

    def _calibration_at(self, value: StableValue, now_s: float) -> Calibration | Reason:
        """The corrections at the distance of this face, or what to do about its distance."""
        calibration, table = self._calibration, self._calibration.distance
        # The faces of the time of the value: whoever still walks up has both halves of the way.
        since_s = min(value.begun_at_s, value.taken_at_s - FACE_SEEN_S)
        width = None if table is None else self._face_width(since_s, value.taken_at_s, now_s)
        self.lacks_distance = table is not None and width is None
        if self.lacks_distance:
            return Reason.GUARD_MEASURES
        if isinstance(width, Reason):
            return width
        if table is not None and width is not None:
            distance_cm = table.distance_cm(width)
            if distance_cm > table.furthest_cm:
                return Reason.STEP_CLOSER
            if distance_cm < table.nearest_cm:
                return Reason.STEP_BACK
            calibration = calibration.seen_at(distance_cm)
        size = calibration.distance_celsius or 0.0
        plausible = self._plausible_now.before(size, size)
        if value.celsius < plausible.low:
            return Reason.STEP_CLOSER
        return Reason.HOT_OBJECT if value.celsius > plausible.high else calibration

    def _compared(self, alone: MeasuredTemperature) -> MeasuredTemperature:
        """As it is compared with its limit: by itself, or as the mean with the first."""
        first = self._first_of_device
        if first is None or not self._thresholds.is_mean_of_two:
            return replace(alone, limit_celsius=self._limit_celsius)
        mean = replace(mean_of_two(first, alone), limit_celsius=self._limit_celsius)
        alone = replace(alone, limit_celsius=self._thresholds.first_celsius)
        is_of_one = abs(_fall(first, alone)) <= self._calibration.agreement_celsius
        return mean if is_of_one or self._is_high(mean) or not self._is_high(alone) else alone

    @property
    def _first_of_device(self) -> MeasuredTemperature | None:
        """What a second reading of the device may be compared with."""
        is_there = self._is_second and self.first is not None and not self.first.entered_by
        return self.first if is_there else None

    def _is_high(self, measured: MeasuredTemperature) -> bool:
        limit = measured.limit_celsius
        return self._thresholds.is_beyond(
            measured.corrected_celsius, self._limit_celsius if limit is None else limit
        )

    def _elevate(self, measured: MeasuredTemperature, now_s: float) -> Decision:
        self.not_passed += (measured,)
        self._entered = None
        if self._is_second:
            self._is_referred = True
            self.forget_device(until_s=now_s)
            return Decision(DecisionKind.REFER, Reason.ELEVATED_TWICE)
        self._is_second, self.first = True, measured
        self._from_s = now_s + self._thresholds.pause_s
        self._window.hold_to(self._plausible_anywhere)
        self.forget_device(until_s=self._from_s)
        return self._pause()

    @property
    def _plausible_now(self) -> CelsiusRange:
        low, high = self._plausible.low, self._plausible.high
        if self._is_second:
            added = self._calibration.second_celsius or 0.0
            low, high = max(low, low - added), min(high, high - added)
        return CelsiusRange(low, high)

    @property
    def _plausible_anywhere(self) -> CelsiusRange:
        """What the device may read of somebody at any distance; the distance narrows it again."""
        return self._plausible_now.before(*self._calibration.reach_celsius)

    def _pause(self) -> Decision:
        return Decision(DecisionKind.WAIT, Reason.SECOND_READING_PAUSE, ready_at_s=self._from_s)


def _fall(first: MeasuredTemperature, second: MeasuredTemperature) -> Decimal:
    """By how much (degC) the second is below the first, in decimals."""
    return Decimal(str(first.corrected_celsius)) - Decimal(str(second.corrected_celsius))
