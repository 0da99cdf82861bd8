"""What is found when a gate's thermometer is set up, and what its daily check compares.

Nobody's name belongs to a comparison, and the single comparisons are kept in the report only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from screening.temperature.cases import ClinicalCase
from screening.temperature.distance import DistanceTable


@dataclass(frozen=True, slots=True)
class Comparison:
    """The device's stable raw value of something whose temperature is known (degC).

    ``reference_celsius`` is a clinical thermometer's on one member of staff, or what a black body
    or a thermos flask is known to have.
    """

    raw_celsius: float
    reference_celsius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Commissioning:
    """The constants of one gate's thermometer, fitted on its staff at ``at`` (aware UTC) by ``by``.

    ``offset_celsius`` is constant on purpose; ``offset_uncertainty_celsius`` is its standard
    uncertainty and ``person_spread_celsius`` the standard deviation of what single persons differ
    from it. ``median_celsius`` is what a median well visitor has once corrected, from which the
    rolling baseline counts: the mean of the middle half of the staff's clinical readings, so that
    it is nobody's own (until 2026 their median, which it is close to). ``room_celsius`` was the
    room's, ``staff`` is the number of people compared. ``distance`` is the table that one of them
    was walked for, None where nobody was. ``draft_key`` names the draft that it was made of, so
    that nobody uses that one again.
    """

    gate: str
    at: datetime
    by: str
    model: str
    site: str
    room_celsius: float
    staff: int
    offset_celsius: float
    offset_uncertainty_celsius: float
    person_spread_celsius: float
    median_celsius: float
    distance: DistanceTable | None = None
    draft_key: str | None = None


class CheckOutcome(StrEnum):
    """How a daily check ended. Published: add, never rename."""

    PASSED = "passed"
    OFF = "off"
    """The corrected value was further from the reference than the commissioning allows."""
    ROOM = "room"
    """The room was too cold or too warm to measure in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerCheck:
    """A daily check: somebody known to be well, or a thermos flask, against a reference."""

    gate: str
    at: datetime
    by: str
    room_celsius: float
    difference_celsius: float
    """Corrected value less the reference; no person's temperature can be told from it."""
    outcome: CheckOutcome
    value_key: str | None = None
    """Names the taken value, so that the same one is not compared twice."""


@dataclass(frozen=True, slots=True)
class FirstReading:
    """A device's first reading of a visitor of whom nothing else is known (degC).

    ``unshifted_celsius`` has every correction but the rolling baseline.
    """

    raw_celsius: float
    unshifted_celsius: float


class ThermometerLog(Protocol):
    """The part of the record that tells of a site's thermometers. May raise RecordError."""

    def write_commissioning(self, commissioning: Commissioning) -> None:
        """Append it to the log; it holds from then on."""

    def write_check(self, check: ThermometerCheck) -> None:
        """Append it to the log."""

    def commissioning(self, gate: str) -> Commissioning | None:
        """The newest of that gate."""

    def newest_check(self, gate: str) -> ThermometerCheck | None:
        """The newest of that gate, if there was one after its newest commissioning."""

    def cases(self, *, since: datetime, until: datetime) -> Sequence[ClinicalCase]:
        """Every visitor whom a device's temperature decided in [since, until), oldest first."""

    def first_readings(
        self, gate: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[FirstReading]:
        """The newest of that gate, of whole hours that began in [since, until].

        Hour after hour; within an hour in any order, since the order would tell who it was.
        """
