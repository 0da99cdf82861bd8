"""What a commissioned thermometer's readings get today: corrections, and how sure they are."""

from __future__ import annotations

import math

from screening.temperature.baseline import FIRST_VISITORS, RollingBaseline
from screening.temperature.calibration import Calibration
from screening.temperature.distance import DistanceTable
from screening.temperature.instrument.commissioning import Commissioning
from screening.temperature.instrument.fitting import (
    CLINICAL_UNCERTAINTY_CELSIUS,
    MEDIAN_LOSS,
    ROOM_CELSIUS,
    person_spread,
    room_effect,
)
from screening.temperature.sites import SITES
from screening.temperature.uncertainty import (
    BASELINE,
    CLINICAL,
    OFFSET,
    PERSON,
    ROOM,
    Budget,
)

ROOM_THERMOMETER_CELSIUS = 1.0 / math.sqrt(3)
"""A wall thermometer is right within 1 degC, and any error within is as likely."""

SLOPE_UNCERTAINTY = 0.02
"""Of degC of skin for a degC of room: as far as two ways of fitting the published data differ."""

STAFF_SPREAD_CELSIUS = 0.27
"""Standard deviation of well people's oral temperature (published data)."""

DAY_TO_DAY_CELSIUS = 0.5
"""How far a cheap module's readings lie apart from one day to the next (an assumption)."""


def calibration_of(
    commissioning: Commissioning,
    baseline: RollingBaseline,
    *,
    room_celsius: float | None,
    second_celsius: float | None,
    distance: DistanceTable | None = None,
) -> Calibration:
    """For the next visitor, with today's room where it is known.

    ``distance`` is the configured table: the commissioning's own wins.
    """
    room = room_effect(commissioning)
    table = commissioning.distance or distance
    budget = budget_of(commissioning, room_celsius=room_celsius, visitors=baseline.visitors)
    return Calibration(
        commissioning.offset_celsius,
        room_celsius=None if room_celsius is None else room.correction_celsius(room_celsius),
        baseline_celsius=baseline.correction_celsius,
        second_celsius=second_celsius,
        distance=table,
        budget=budget,
        agreement_celsius=SITES[commissioning.site].agreement_celsius,
    )


def budget_of(commissioning: Commissioning, *, room_celsius: float | None, visitors: int) -> Budget:
    """What is not known after so many visitors of today have made the rolling baseline.

    Before there are enough of them, a raw value x is corrected to x + offset + room. Afterwards

        x + offset + room + (middle of staff - median of [x_i + offset + room])
            = x + middle of staff - median of x_i

    for visitors x_i of the same offset and room: both cancel, with whatever they are wrong by. What
    takes their place is how well the visitors' median and the staff's middle are known.
    """
    shared = (
        (CLINICAL, CLINICAL_UNCERTAINTY_CELSIUS),
        (PERSON, person_spread(commissioning)),
        (BASELINE, _baseline(commissioning, visitors)),
    )
    if visitors >= FIRST_VISITORS:
        return Budget(shared)
    offset = commissioning.offset_uncertainty_celsius**2 - CLINICAL_UNCERTAINTY_CELSIUS**2
    cancelled_later = (
        (OFFSET, math.sqrt(max(0.0, offset))),
        (ROOM, _room(commissioning, room_celsius)),
    )
    return Budget(shared + cancelled_later)


def _room(commissioning: Commissioning, room_celsius: float | None) -> float:
    slope = room_effect(commissioning).slope
    if room_celsius is None:  # anywhere in the range that screening is done in
        return slope * (ROOM_CELSIUS.high - ROOM_CELSIUS.low) / math.sqrt(12)
    away = room_celsius - commissioning.room_celsius
    return math.hypot(slope * ROOM_THERMOMETER_CELSIUS, SLOPE_UNCERTAINTY * away)


def _baseline(commissioning: Commissioning, visitors: int) -> float:
    if visitors < FIRST_VISITORS:
        return DAY_TO_DAY_CELSIUS
    of_visitors = SITES[commissioning.site].visitor_spread_celsius / math.sqrt(visitors)
    of_staff = STAFF_SPREAD_CELSIUS / math.sqrt(commissioning.staff)
    return MEDIAN_LOSS * math.hypot(of_visitors, of_staff)
