"""Fits a distance table on one well person who stands at several measured distances."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from statistics import median

from screening.temperature.distance import (
    FILLS_CM,
    FURTHEST_CM,
    LARGEST_CELSIUS,
    NEAREST_CM,
    READING_SPREAD_CELSIUS,
    DistanceTable,
)
from screening.temperature.instrument.problems import ListedError
from screening.temperature.rounding import hundredths_up
from screening.temperature.window import CelsiusRange

MIN_DISTANCES = 3
"""With two, a slip of the tape or of the foot would not show."""

LEAST_REACH = 1.3
"""The furthest over the nearest: less is hardly more than what a camera cannot tell (a tenth)."""

CAMERA_MARGIN = 0.15
"""So far may width times distance be from its median: a detector's box moves by some hundredths,
and a tape held to the chin instead of the brow takes as much."""

RISE_CELSIUS = 2 * math.sqrt(2) * READING_SPREAD_CELSIUS
"""Two readings of one face differ by more in one case of twenty."""

FACE_WIDTHS = (0.02, 1.0)
"""Shares of a picture's width; narrower is no face that a camera finds."""

RAW_CELSIUS = CelsiusRange(20.0, 45.0)
"""What a device may show of a face near or far; beyond, it looked at something else."""


@dataclass(frozen=True, slots=True)
class WalkPoint:
    """Somebody who stood still: the tape's distance, the device's stable raw value (degC), and the
    share of the camera picture's width that the face took."""

    tape_cm: float
    raw_celsius: float
    face_width: float

    @property
    def fills_picture_cm(self) -> float:
        """Where this face would be as wide as the picture."""
        return self.tape_cm * self.face_width


class DistanceProblem(StrEnum):
    """Why a walk makes no table. Published: add, never rename."""

    TOO_FEW_DISTANCES = "too_few_distances"
    NOT_A_DISTANCE = "not_a_distance"
    NOT_A_READING = "not_a_reading"
    NOT_A_FACE = "not_a_face"
    NO_REFERENCE = "no_reference"
    TOO_CLOSE_TOGETHER = "too_close_together"
    CAMERA_DISAGREES = "camera_disagrees"
    RISES = "rises"
    TOO_LARGE = "too_large"


class DistanceError(ListedError[DistanceProblem]):
    """Why a walk makes no table."""


Problems = list[tuple[DistanceProblem, str]]


def fit_distance_table(walk: Sequence[WalkPoint], *, reference_cm: float) -> DistanceTable:
    """What one person's readings lack at each distance against those at ``reference_cm``.

    Several of one distance count by their median. Raises DistanceError.
    """
    problems = _point_problems(walk)
    if not problems:
        problems = _walk_problems(_by_distance(walk), reference_cm)
    if problems:
        raise DistanceError(problems)
    stood = _by_distance(walk)
    found = [(p.tape_cm, _correction(p, stood, reference_cm)) for p in stood]
    return DistanceTable(
        fills_picture_cm=round(_fills_picture_cm(stood), 2),
        reference_cm=reference_cm,
        points=tuple(_never_less_from_afar(found, reference_cm)),
    )


def _never_less_from_afar(
    points: Sequence[tuple[float, float]], reference_cm: float
) -> Iterator[tuple[float, float]]:
    """Without what only noise makes of a walk: a face further away is never corrected by less.

    What is out of order is raised; nearer than the reference nothing is added.
    """
    most = -math.inf
    for cm, celsius in points:
        most = max(most, celsius if cm > reference_cm else min(0.0, celsius))
        if cm == reference_cm:
            most = 0.0
        yield cm, most


def _by_distance(walk: Sequence[WalkPoint]) -> list[WalkPoint]:
    """One point a distance, nearest first."""
    return [
        WalkPoint(
            tape_cm,
            median(p.raw_celsius for p in walk if p.tape_cm == tape_cm),
            median(p.face_width for p in walk if p.tape_cm == tape_cm),
        )
        for tape_cm in sorted({p.tape_cm for p in walk})
    ]


def _fills_picture_cm(stood: Sequence[WalkPoint]) -> float:
    return median(p.fills_picture_cm for p in stood)


def _correction(point: WalkPoint, stood: Sequence[WalkPoint], reference_cm: float) -> float:
    reference = next(p.raw_celsius for p in stood if p.tape_cm == reference_cm)
    return hundredths_up(float(Decimal(str(reference)) - Decimal(str(point.raw_celsius))))


def _point_problems(walk: Sequence[WalkPoint]) -> Problems:
    problems: Problems = []
    for p in walk:
        if not NEAREST_CM <= p.tape_cm <= FURTHEST_CM:
            sentence = f"{p.tape_cm:g} cm: {NEAREST_CM:g} to {FURTHEST_CM:g} is possible"
            problems.append((DistanceProblem.NOT_A_DISTANCE, sentence))
        if p.raw_celsius not in RAW_CELSIUS:
            sentence = f"{p.raw_celsius:g} degC at {p.tape_cm:g} cm is no face"
            problems.append((DistanceProblem.NOT_A_READING, sentence))
        if not FACE_WIDTHS[0] <= p.face_width <= FACE_WIDTHS[1]:
            sentence = f"a face of {p.face_width:g} of the picture's width at {p.tape_cm:g} cm"
            problems.append((DistanceProblem.NOT_A_FACE, sentence))
    return problems


def _walk_problems(stood: Sequence[WalkPoint], reference_cm: float) -> Problems:
    problems: Problems = []
    if len(stood) < MIN_DISTANCES:
        sentence = f"{len(stood)} distances were measured, {MIN_DISTANCES} are needed at least"
        problems.append((DistanceProblem.TOO_FEW_DISTANCES, sentence))
    if not stood:
        return problems
    if reference_cm not in {p.tape_cm for p in stood}:
        sentence = f"nobody stood at {reference_cm:g} cm, where staff are compared"
        problems.append((DistanceProblem.NO_REFERENCE, sentence))
        return problems
    if len(stood) > 1 and stood[-1].tape_cm < LEAST_REACH * stood[0].tape_cm:
        sentence = (
            f"from {stood[0].tape_cm:g} to {stood[-1].tape_cm:g} cm is too short a walk: go on to"
            f" {LEAST_REACH * stood[0].tape_cm:.0f} at least"
        )
        problems.append((DistanceProblem.TOO_CLOSE_TOGETHER, sentence))
    problems += _camera_problems(stood)
    for near, far in combinations(stood, 2):
        if far.raw_celsius - near.raw_celsius > RISE_CELSIUS:
            sentence = (
                f"at {far.tape_cm:g} cm the device reads {far.raw_celsius - near.raw_celsius:.2f}"
                f" degC more than at {near.tape_cm:g}: a face further away reads less, not more"
            )
            problems.append((DistanceProblem.RISES, sentence))
            break
    most = max((_correction(p, stood, reference_cm) for p in stood), key=abs)
    if abs(most) > LARGEST_CELSIUS:
        sentence = (
            f"{most:+.2f} degC would be added at one end, {LARGEST_CELSIUS:g} is the most: measure"
            " nearer to the mark, or bring the mark closer"
        )
        problems.append((DistanceProblem.TOO_LARGE, sentence))
    return problems


def _camera_problems(stood: Sequence[WalkPoint]) -> Problems:
    middle = _fills_picture_cm(stood)
    worst = max(stood, key=lambda p: abs(p.fills_picture_cm / middle - 1))
    off = worst.fills_picture_cm / middle - 1
    if abs(off) <= CAMERA_MARGIN and FILLS_CM[0] <= middle <= FILLS_CM[1]:
        return []
    sentence = (
        f"at {worst.tape_cm:g} cm the camera sees the face {abs(off):.0%} too"
        f" {'wide' if off > 0 else 'narrow'} for the tape: measure from thermometer to face, and"
        " hang the camera beside it"
    )
    return [(DistanceProblem.CAMERA_DISAGREES, sentence)]
