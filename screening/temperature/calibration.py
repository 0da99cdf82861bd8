"""What is added to a raw value so that it may be compared with a threshold.

Every correction is a constant for one visitor and is listed by name and size. None is a regression
of the body's temperature on the skin's: that draws high values toward the mean and loses fevers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal

from screening.temperature.distance import DistanceTable
from screening.temperature.rounding import hundredths_up
from screening.temperature.uncertainty import DISTANCE as OF_DISTANCE
from screening.temperature.uncertainty import Budget
from screening.visits import MeasuredTemperature

OFFSET = "offset"
"""Name of the constant correction in the record; published, never renamed."""

ROOM = "room_temperature"
"""Name of the correction for a room that is warmer or colder than at commissioning; published."""

DISTANCE = "distance"
"""Name of the correction for a face nearer or further than staff were compared at; published."""

BASELINE = "rolling_baseline"
"""Name of the correction for what the last visitors show of the sensor's drift; published."""

SECOND = "second_reading"
"""Name of the correction for a face that has rested and reads higher than at first; published."""

MEAN_OF_TWO = "mean_of_two"
"""Name of what taking the mean with the first reading adds to the second; published."""


CLOSEST_AGREEMENT_CELSIUS = 0.76
"""By how much two readings of one person may differ at the steadiest measuring site (face-max of
``sites.py``); it holds where nobody says what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEffect:
    """How far a face's reading follows the room: ``slope`` in degC of skin for a degC of room.

    ``low_celsius`` to ``high_celsius`` is what it was fitted on; a room beyond is taken as the
    nearer end, since nothing is known out there.
    """

    slope: float
    reference_celsius: float
    low_celsius: float
    high_celsius: float

    def correction_celsius(self, room_celsius: float) -> float:
        """What a reading taken in that room lacks or has too much, in hundredths, rounded up."""
        known = min(max(room_celsius, self.low_celsius), self.high_celsius)
        return hundredths_up(self.slope * (self.reference_celsius - known))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The constant skin-to-reference offset (degC) found at commissioning, and what today adds.

    ``offset_celsius`` None means that nobody has stated one: a raw value tells nothing of a body
    then. ``room_celsius`` and ``baseline_celsius`` are the sizes of those corrections, and
    ``second_celsius`` of the one that a visitor's second reading gets; None where the gate has
    none. ``distance`` is the gate's table and ``distance_celsius`` what it adds to one reading;
    None where the distance of its face is not known. ``budget`` None means that nobody knows how
    sure the sum is. Two readings of one person differ by ``agreement_celsius`` at most.
    """

    offset_celsius: float | None = 0.0
    room_celsius: float | None = None
    baseline_celsius: float | None = None
    second_celsius: float | None = None
    distance: DistanceTable | None = None
    distance_celsius: float | None = None
    budget: Budget | None = None
    agreement_celsius: float = CLOSEST_AGREEMENT_CELSIUS

    def __post_init__(self) -> None:
        if not all(math.isfinite(size) for _, size in self.second_corrections):
            raise ValueError("offset_celsius and the other corrections must be finite numbers")

    @property
    def corrections(self) -> tuple[tuple[str, float], ...]:
        """Each correction by name and size.

        A stated offset is always listed, also when it is 0: then it was zero, not forgotten.
        """
        sizes = (
            (OFFSET, self.offset_celsius),
            (ROOM, self.room_celsius),
            (DISTANCE, self.distance_celsius),
            (BASELINE, self.baseline_celsius),
        )
        return tuple((name, float(size)) for name, size in sizes if size is not None)

    @property
    def second_corrections(self) -> tuple[tuple[str, float], ...]:
        """The same of a second reading."""
        if self.second_celsius is None:
            return self.corrections
        return (*self.corrections, (SECOND, float(self.second_celsius)))

    @property
    def total_celsius(self) -> float:
        """The sum of a first reading's corrections."""
        return float(sum(Decimal(str(size)) for _, size in self.corrections))

    @property
    def reach_celsius(self) -> tuple[float, float]:
        """The least and the most that a reading's distance may add."""
        return (0.0, 0.0) if self.distance is None else self.distance.reach_celsius

    def with_baseline(self, size_celsius: float | None) -> Calibration:
        """The same for a visitor who comes when the rolling baseline asks for this correction."""
        return replace(self, baseline_celsius=size_celsius)

    def seen_at(self, distance_cm: float) -> Calibration:
        """The same for a face that far away. ValueError without a table, or beyond it."""
        if self.distance is None:
            raise ValueError("without a table a distance tells nothing")
        budget = self.budget
        if budget is not None:
            unsure = self.distance.uncertainty_celsius(distance_cm)
            budget = budget.with_component(OF_DISTANCE, unsure)
        size = self.distance.correction_celsius(distance_cm)
        return replace(self, distance_celsius=size, budget=budget)

    def correct(
        self, raw_celsius: float, *, is_second: bool = False, repeatability_celsius: float = 0.0
    ) -> MeasuredTemperature:
        """The device's value with its corrections; its own values scattered by so much.

        The sum is made in decimals, so that 36.1 + 1.2 is 37.3 and not 37.300000000000004, which
        would be above 37.3.
        """
        corrections = self.second_corrections if is_second else self.corrections
        corrected = Decimal(str(raw_celsius)) + sum(Decimal(str(size)) for _, size in corrections)
        return MeasuredTemperature(
            raw_celsius=raw_celsius,
            corrections=corrections,
            corrected_celsius=float(corrected),
            standard_uncertainty_celsius=(
                None if self.budget is None else self.budget.combined_celsius(repeatability_celsius)
            ),
        )


def entered_by_hand(celsius: float, *, entered_by: str) -> MeasuredTemperature:
    """A handheld thermometer's value: it is used as typed, the gate's own offset is not its own."""
    return MeasuredTemperature(
        raw_celsius=celsius, corrections=(), corrected_celsius=celsius, entered_by=entered_by
    )


def mean_of_two(first: MeasuredTemperature, second: MeasuredTemperature) -> MeasuredTemperature:
    """The second reading corrected to the mean of both, exactly: nothing is rounded.

    It keeps the second's uncertainty: what the two have in common is nearly all of it.
    """
    one, other = (Decimal(str(m.corrected_celsius)) for m in (first, second))
    added = (one - other) / 2
    return replace(
        second,
        corrections=(*second.corrections, (MEAN_OF_TWO, float(added))),
        corrected_celsius=float(other + added),
    )
