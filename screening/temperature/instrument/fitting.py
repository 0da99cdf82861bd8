"""Fits a thermometer's constants on a site's staff, and compares it with a reference every day."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from statistics import fmean, median, stdev

from screening.temperature.calibration import Calibration, RoomEffect
from screening.temperature.instrument.commissioning import (
    CheckOutcome,
    Commissioning,
    Comparison,
    ThermometerCheck,
)
from screening.temperature.instrument.problems import ListedError
from screening.temperature.rounding import (
    hundredths,
    hundredths_away,
    hundredths_down,
    hundredths_up,
)
from screening.temperature.sites import SITES, MeasuringSite
from screening.temperature.statistics import chi_squared_tail
from screening.temperature.window import CelsiusRange

MIN_STAFF = 5
"""The fewest whose median one odd person cannot move far; its standard uncertainty is then 0.3 degC
of a face and 0.5 degC of a forehead's spot. Ten halve that."""

ROOM_CELSIUS = CelsiusRange(18.0, 28.0)
"""Where screening is done: 18 to 24 degC by the checklist made of the ISO documents (Foster 2021),
and up to 28 since offices in the tropics are cooled no further."""

WELL_CELSIUS = CelsiusRange(34.5, 37.5)
"""What a clinical thermometer shows of staff who are well; 37.5 itself is not."""

TYPED_ROOM_CELSIUS = CelsiusRange(-20.0, 60.0)
TYPED_BODY_CELSIUS = CelsiusRange(WELL_CELSIUS.low, 43.0)
"""What is a temperature of a room or of a person at all; beyond, a number was mistyped."""

FLASK_CELSIUS = CelsiusRange(30.0, 45.0)
"""A flask or a black body outside compares nothing that a face could have."""

SHOWN_CELSIUS = CelsiusRange(-273.15, 1100.0)
"""What a thermometer can show at all, its fault values too; beyond, nothing can be counted."""

LARGEST_DEPARTURE_CELSIUS = 3.0
"""Of the offset from the published one of the measuring site: 2 degC that the makers of the least
exact modules allow themselves, and 1 for the coolest room. Further off it is faulty, too far away,
or looks at something else."""

MODULE_NOISE_CELSIUS = 0.3
"""What a cheap module adds to the spread of people, as a standard deviation (an assumption)."""

SPREAD_CHANCE = 0.001
"""So seldom are people as published data have them spread so wide, or so little, that a fit is
refused. Little: five people within 0.04 degC standard deviation of a face maximum, ten within 0.09
(0.07 and 0.16 of a forehead's spot)."""

CLINICAL_LIMIT_CELSIUS = 0.1
"""Largest error of a clinical thermometer from 35.5 to 42 degC (ISO 80601-2-56, EN 12470-3)."""

CLINICAL_UNCERTAINTY_CELSIUS = CLINICAL_LIMIT_CELSIUS / math.sqrt(3)
"""The same as a standard uncertainty: any error within the limits is as likely (JCGM 100, 4.3.7).
One thermometer measures all the staff, so it does not shrink with their number."""

MEDIAN_LOSS = math.sqrt(math.pi / 2)
"""How much wider a median scatters than a mean."""

FLASK_UNCERTAINTY_CELSIUS = 0.3
"""Of how a flask compares with staff: its emissivity, and what published skin differs between
rooms and people from this site's (an assumption)."""

COVERAGE = 2.0
"""A check is off beyond so many standard uncertainties: five honest checks in a hundred are made
again. After ten staff a face maximum that is 1 degC off is found four times in five; for a
forehead's spot it takes 2 degC."""


class CommissioningProblem(StrEnum):
    """Why staff's comparisons, or a check's, are not used. Published: add, never rename."""

    TOO_FEW_PEOPLE = "too_few_people"
    ROOM = "room"
    NOT_A_NUMBER = "not_a_number"
    NOT_WELL = "not_well"
    NOT_A_BODY = "not_a_body"
    OFFSET_TOO_LARGE = "offset_too_large"
    SPREAD_TOO_WIDE = "spread_too_wide"
    NOT_A_FLASK = "not_a_flask"
    ONE_VALUE = "one_value"
    SPREAD_TOO_SMALL = "spread_too_small"


class CommissioningError(ListedError[CommissioningProblem]):
    """Why staff's comparisons, or a check's, are not used."""


class Reference(StrEnum):
    """What a daily check compares with."""

    PERSON = "person"
    """Somebody known to be well, measured with a clinical thermometer."""
    FLASK = "flask"
    """A thermos flask or a black body whose temperature is known."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """``spread_celsius`` is of the differences, ``raw_spread_celsius`` of the device's values."""

    offset_celsius: float
    spread_celsius: float
    raw_spread_celsius: float

    @classmethod
    def of(cls, comparisons: Sequence[Comparison]) -> _Fit:
        differences = [
            float(Decimal(str(c.reference_celsius)) - Decimal(str(c.raw_celsius)))
            for c in comparisons
        ]
        raw_spread = stdev(c.raw_celsius for c in comparisons)
        return cls(hundredths_up(median(differences)), stdev(differences), raw_spread)


def fit_commissioning(
    comparisons: Sequence[Comparison],
    *,
    gate: str,
    at: datetime,
    by: str,
    model: str,
    site: str,
    room_celsius: float,
) -> Commissioning:
    """The constants of one thermometer, from the raw value and the clinical reading of each person.

    The offset is the median difference; nothing is regressed on the reading, which would draw
    fevers toward the mean. ``site`` is a measuring site's name (KeyError for another). Raises
    CommissioningError, also for values too much alike to be of different people.
    """
    measuring_site = SITES[site]
    problems = [*_room_problems(room_celsius), *_people_problems(comparisons)]
    is_countable = len(comparisons) > 1 and not any(
        code is CommissioningProblem.NOT_A_NUMBER for code, _ in problems
    )
    if is_countable:
        fit = _Fit.of(comparisons)
        problems += _fit_problems(fit, len(comparisons), measuring_site)
        problems += _made_up_problems(fit, len(comparisons), measuring_site)
    if problems or not is_countable:
        raise CommissioningError(problems)
    return Commissioning(
        gate=gate,
        at=at,
        by=by,
        model=model,
        site=site,
        room_celsius=room_celsius,
        staff=len(comparisons),
        offset_celsius=fit.offset_celsius,
        offset_uncertainty_celsius=hundredths(
            offset_uncertainty(fit.spread_celsius, len(comparisons))
        ),
        person_spread_celsius=hundredths(fit.spread_celsius),
        median_celsius=hundredths_up(midmean([c.reference_celsius for c in comparisons])),
    )


def midmean(values: Sequence[float]) -> float:
    """The mean of the middle half, of three values or more where there are five.

    It is as hard to move as a median, and is no single person's value.
    """
    left_out = len(values) // 4
    return fmean(sorted(values)[left_out : len(values) - left_out])


def offset_uncertainty(spread_celsius: float, staff: int) -> float:
    """Standard uncertainty (degC) of the median difference of ``staff`` people, 4 or more.

    So few people tell their spread badly; the factor of (n - 1) / (n - 3) counts that in (JCGM 101,
    6.4.9.4).
    """
    from_people = MEDIAN_LOSS * spread_celsius / math.sqrt(staff)
    from_people *= math.sqrt((staff - 1) / (staff - 3))
    return math.hypot(from_people, CLINICAL_UNCERTAINTY_CELSIUS)


def room_effect(commissioning: Commissioning) -> RoomEffect:
    """How its readings follow the room, counted from the one it was commissioned in."""
    published = SITES[commissioning.site].room
    reference = min(max(commissioning.room_celsius, published.low_celsius), published.high_celsius)
    return replace(published, reference_celsius=reference)


def check_thermometer(
    commissioning: Commissioning,
    *,
    raw_celsius: float,
    reference_celsius: float,
    room_celsius: float,
    at: datetime,
    by: str,
    reference: Reference = Reference.PERSON,
) -> ThermometerCheck:
    """Whether the thermometer still reads as commissioned, after one stable raw value.

    Raises CommissioningError for a reference that no check can be made with; a room outside 18 to
    28 degC is an outcome.
    """
    problems = _reference_problems(raw_celsius, reference_celsius, room_celsius, reference)
    if problems:
        raise CommissioningError(problems)
    calibration = Calibration(
        commissioning.offset_celsius,
        room_celsius=room_effect(commissioning).correction_celsius(room_celsius),
    )
    expected = reference_celsius
    if reference is Reference.FLASK:  # it has no skin: only the thermometer's own error is left
        published = SITES[commissioning.site].calibration(commissioning.room_celsius)
        expected += published.total_celsius
        calibration = replace(calibration, room_celsius=None)
    difference = hundredths_away(calibration.correct(raw_celsius).corrected_celsius - expected)
    outcome = CheckOutcome.PASSED
    if room_celsius not in ROOM_CELSIUS:
        outcome = CheckOutcome.ROOM
    elif abs(difference) > largest_difference(commissioning, reference):
        outcome = CheckOutcome.OFF
    return ThermometerCheck(
        gate=commissioning.gate,
        at=at,
        by=by,
        room_celsius=room_celsius,
        difference_celsius=difference,
        outcome=outcome,
    )


def largest_difference(commissioning: Commissioning, reference: Reference) -> float:
    """How far (degC, in hundredths) a check may be from its reference and still pass."""
    if reference is Reference.FLASK:
        single = FLASK_UNCERTAINTY_CELSIUS
    else:
        single = person_spread(commissioning)
    return hundredths_down(COVERAGE * math.hypot(single, commissioning.offset_uncertainty_celsius))


def person_spread(commissioning: Commissioning) -> float:
    """How far single people are from the offset, as a standard deviation (degC).

    Few staff tell it badly: it is never taken for less than published people's.
    """
    published = SITES[commissioning.site].person_spread_celsius
    return max(published, commissioning.person_spread_celsius)


Problems = list[tuple[CommissioningProblem, str]]


def _room_problems(room_celsius: float) -> Problems:
    if room_celsius in ROOM_CELSIUS:
        return []
    return [
        (
            CommissioningProblem.ROOM,
            f"the room has {room_celsius:.1f} degC: bring it to {ROOM_CELSIUS.low:.0f} to "
            f"{ROOM_CELSIUS.high:.0f}, and wait",
        )
    ]


def _people_problems(comparisons: Sequence[Comparison]) -> Problems:
    problems: Problems = []
    if len(comparisons) < MIN_STAFF:
        problems.append(
            (
                CommissioningProblem.TOO_FEW_PEOPLE,
                f"{len(comparisons)} people were measured, {MIN_STAFF} are needed at least",
            )
        )
    if not all(_are_numbers((c.raw_celsius, c.reference_celsius)) for c in comparisons):
        problems.append((CommissioningProblem.NOT_A_NUMBER, "a value is not a number"))
    for place, comparison in enumerate(comparisons, start=1):
        problems += _person_problems(f"person {place}", comparison.reference_celsius)
    return problems


def _person_problems(who: str, celsius: float) -> Problems:
    if celsius >= WELL_CELSIUS.high:
        sentence = f"{who} has {celsius:.1f} degC: only people who are well (below 37.5) compare"
        return [(CommissioningProblem.NOT_WELL, sentence)]
    if celsius < WELL_CELSIUS.low:
        sentence = f"{who} has {celsius:.1f} degC, which nobody who stands there has: measure again"
        return [(CommissioningProblem.NOT_A_BODY, sentence)]
    return []


def _fit_problems(fit: _Fit, staff: int, site: MeasuringSite) -> Problems:
    problems: Problems = []
    if abs(fit.offset_celsius - site.offset_celsius) > LARGEST_DEPARTURE_CELSIUS:
        problems.append(
            (
                CommissioningProblem.OFFSET_TOO_LARGE,
                f"the thermometer would need {fit.offset_celsius:+.2f} degC where "
                f"{site.offset_celsius:+.2f} is usual ({site.name}): check distance and aim",
            )
        )
    expected = math.hypot(site.person_spread_celsius, MODULE_NOISE_CELSIUS)
    squares = (staff - 1) * (fit.spread_celsius / expected) ** 2
    if chi_squared_tail(squares, staff - 1) < SPREAD_CHANCE:
        problems.append(
            (
                CommissioningProblem.SPREAD_TOO_WIDE,
                f"people differ by {fit.spread_celsius:.2f} degC, {expected:.2f} is usual "
                f"({site.name}): look for a wrong entry, or measure again at rest",
            )
        )
    return problems


def _made_up_problems(fit: _Fit, staff: int, site: MeasuringSite) -> Problems:
    """A device that stands still, or makes its values up, shows everybody much the same."""
    if fit.raw_spread_celsius == 0:
        return [
            (
                CommissioningProblem.ONE_VALUE,
                "the thermometer showed everybody the same value: it stands still, or makes it up",
            )
        ]
    squares = (staff - 1) * (fit.raw_spread_celsius / site.least_spread_celsius) ** 2
    if 1 - chi_squared_tail(squares, staff - 1) >= SPREAD_CHANCE:
        return []
    return [
        (
            CommissioningProblem.SPREAD_TOO_SMALL,
            f"the thermometer's values differ by {fit.raw_spread_celsius:.2f} degC only, and"
            f" {site.least_spread_celsius:.2f} or more is usual ({site.name}): it makes them up,"
            " or the same person was measured again",
        )
    ]


def _reference_problems(
    raw_celsius: float, reference_celsius: float, room_celsius: float, reference: Reference
) -> Problems:
    if not _are_numbers((raw_celsius, reference_celsius, room_celsius)):
        return [(CommissioningProblem.NOT_A_NUMBER, "a value is not a number")]
    if reference is Reference.PERSON:
        return _person_problems("who was measured", reference_celsius)
    if reference_celsius in FLASK_CELSIUS:
        return []
    sentence = f"a flask of {reference_celsius:.1f} degC tells nothing: 30 to 45 is wanted"
    return [(CommissioningProblem.NOT_A_FLASK, sentence)]


def _are_numbers(values: Iterable[float]) -> bool:
    return all(value in SHOWN_CELSIUS for value in values)
