"""Where on a face a thermometer looks, and the constants that published data give for it.

The constants are fitted on one camera's table (FLIR, groups 1 and 2) of the data set named in
``dataset.py`` by ``fit`` in ``evaluation.py``, with nothing chosen by hand but the hundredth they
are rounded to; ``gerbang temperature evaluate --table`` prints the fit again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from screening.temperature.calibration import Calibration, RoomEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuringSite:
    """A place on the face; ``column`` is its name in the published table, less the round.

    ``offset_celsius`` is a first reading's, ``second_celsius`` is what a second one gets besides.
    ``median_celsius`` is the corrected first reading of the median of well people (oral below
    37.5), as those are at commissioning. ``person_spread_celsius`` is the standard deviation of
    what their oral temperature differs from their corrected first reading. A hundred visitors'
    raw first readings have ``least_spread_celsius`` or more as their standard deviation: four
    fifths of the least that a hundred subjects on end had. ``within_person_celsius`` is the
    standard deviation of one person's readings, minutes apart (rounds 1 to 3 of the data set), and
    ``visitor_spread_celsius`` that of well people's corrected first readings together with the
    0.2 degC that a cheap module's values scatter.
    """

    name: str
    column: str
    offset_celsius: float
    second_celsius: float
    median_celsius: float
    person_spread_celsius: float
    least_spread_celsius: float
    within_person_celsius: float
    visitor_spread_celsius: float
    room: RoomEffect

    @property
    def agreement_celsius(self) -> float:
        """By how much two readings of one person differ at most: three standard deviations."""
        return round(3 * math.sqrt(2) * self.within_person_celsius, 2)

    def calibration(self, room_celsius: float | None = None) -> Calibration:
        """The corrections in such a room; the offset alone where the room is not known."""
        room = None if room_celsius is None else self.room.correction_celsius(room_celsius)
        return Calibration(
            self.offset_celsius,
            room_celsius=room,
            second_celsius=self.second_celsius,
            agreement_celsius=self.agreement_celsius,
        )


REFERENCE_ROOM_CELSIUS = 24.0
"""The median room of the data set's afebrile subjects."""

FACE_MAX = MeasuringSite(
    name="face-max",
    column="T_Max",
    offset_celsius=1.21,
    second_celsius=-0.15,
    median_celsius=36.92,
    person_spread_celsius=0.31,
    least_spread_celsius=0.25,
    within_person_celsius=0.18,
    visitor_spread_celsius=0.40,
    room=RoomEffect(
        slope=0.08, reference_celsius=REFERENCE_ROOM_CELSIUS, low_celsius=20.2, high_celsius=29.1
    ),
)

FOREHEAD_SPOT = MeasuringSite(
    name="forehead-spot",
    column="T_FHCC",
    offset_celsius=2.45,
    second_celsius=-0.11,
    median_celsius=36.92,
    person_spread_celsius=0.63,
    least_spread_celsius=0.44,
    within_person_celsius=0.24,
    visitor_spread_celsius=0.68,
    room=RoomEffect(
        slope=0.16, reference_celsius=REFERENCE_ROOM_CELSIUS, low_celsius=20.2, high_celsius=29.1
    ),
)

SITES = MappingProxyType({site.name: site for site in (FACE_MAX, FOREHEAD_SPOT)})

ARRAY_MODELS = frozenset({"gy-mcu90640", "senxor", "terabee-evo-thermal"})
"""Models that see a whole face; every other one looks at a spot of the forehead."""


def site_of_model(model: str) -> MeasuringSite:
    """Where a thermometer of that model measures."""
    return FACE_MAX if model in ARRAY_MODELS else FOREHEAD_SPOT
