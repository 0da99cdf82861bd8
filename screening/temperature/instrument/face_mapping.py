"""Finds where the camera's faces are in a thermal array: somebody stands still in a few places.

In each place the eyes of the face that the camera sees are one point, the warm spot that the array
sees is the other: the inner corners of the eyes are the hottest of a bare face. Camera and array
hang level beside each other, so across and down are fitted apart, each with a scale and a shift;
the places more than needed tell an error. One at which something else was hotter stands out from
the others and is left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from screening.readings import Box
from screening.temperature.affine_mapping import AffineMapping, PointPair
from screening.temperature.array import HOTTEST_SKIN_CELSIUS
from screening.temperature.pixels import Celsius, Mask, repair

PLACES = 5
"""Three would fix the mapping; with five, one may be wrong and the others still tell an error."""

LEAST_PLACES = 3

STILL_S = 1.5
STILL_FACE = 0.03
"""Of the picture's size: a face that sways less stands."""

STILL_SPOT = 0.06
"""Of the array's columns: the hottest pixel of a face may hop from one eye to the other."""

APART = 0.1
"""Of the picture's size: nearer to a place that was taken is no other place."""

LEAST_ACROSS, LEAST_DOWN = 0.2, 0.08
"""The places have to span so much of the picture; a narrower lever gives no scale."""

GOOD_ERROR = 0.05
"""Of the array's columns: with a larger error the region misses the eyes."""

EYES_DOWN = 0.42
"""Of a face's box, from its upper edge."""

COLDEST_SKIN_CELSIUS = 28.0
WARM_CELSIUS = 1.0
"""As warm as the hottest but for this: both eyes, whichever is the hotter now."""

WARM_RADIUS = 0.15
"""Of the array's rows, round the hottest pixel."""


class MappingProblem(StrEnum):
    """Why places make no mapping."""

    TOO_FEW = "too_few"
    TOO_NARROW = "too_narrow"
    TOO_FLAT = "too_flat"


class MappingError(ValueError):
    """The places make no mapping."""

    def __init__(self, problem: MappingProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class LevelFit:
    """A mapping with the places it was fitted to, and how many were left out as outliers.

    ``is_good`` says that its largest error is small enough for a face's region.
    """

    mapping: AffineMapping
    left_out: int
    is_good: bool


def hot_spot(celsius: Celsius, broken: Mask) -> tuple[float, float] | None:
    """(column, row) of the warmest spot that can be skin, or None where nothing is that warm."""
    repaired = repair(celsius, broken)
    skin = np.where(repaired <= HOTTEST_SKIN_CELSIUS, repaired, -np.inf)
    row, column = divmod(int(np.argmax(skin)), skin.shape[1])
    hottest = skin[row, column]
    if hottest < COLDEST_SKIN_CELSIUS:
        return None
    rows, columns = np.mgrid[: skin.shape[0], : skin.shape[1]]
    near = np.hypot(rows - row, columns - column) <= WARM_RADIUS * skin.shape[0]
    warm = near & (skin >= hottest - WARM_CELSIUS)
    return float(columns[warm].mean()), float(rows[warm].mean())


def eyes_of(face: Box) -> tuple[float, float]:
    """Where the middle between the eyes is, in the unit of the box."""
    return face.x + face.w / 2, face.y + EYES_DOWN * face.h


def fit_level(pairs: Sequence[PointPair], *, columns: int) -> LevelFit:
    """Camera points in shares of the picture; the array has so many ``columns``.

    Where they do not fit together and all but one do, that one is left out. Raises MappingError.
    """
    if len(pairs) < LEAST_PLACES:
        raise MappingError(MappingProblem.TOO_FEW)
    camera = np.array([pair.camera for pair in pairs])
    array = np.array([pair.array for pair in pairs])
    problem = _narrow(camera)
    if problem is not None:
        raise MappingError(problem)
    good = GOOD_ERROR * columns
    mapping = _least_squares(camera, array)
    if mapping.largest_error_pixels <= good or len(pairs) <= LEAST_PLACES + 1:
        return LevelFit(mapping, 0, is_good=mapping.largest_error_pixels <= good)
    without_one = [np.arange(len(pairs)) != left_out for left_out in range(len(pairs))]
    others = [
        _least_squares(camera[k], array[k]) for k in without_one if _narrow(camera[k]) is None
    ]
    best = min(others, key=lambda other: other.largest_error_pixels, default=mapping)
    if best.largest_error_pixels <= good / 2:  # one that is chosen has to fit better
        return LevelFit(best, 1, is_good=True)
    return LevelFit(mapping, 0, is_good=False)


Numbers = NDArray[np.float64]


def _narrow(camera: Numbers) -> MappingProblem | None:
    """Whether the places span too little of the picture for a scale."""
    across, down = np.ptp(camera, axis=0)
    if across < LEAST_ACROSS:
        return MappingProblem.TOO_NARROW
    return MappingProblem.TOO_FLAT if down < LEAST_DOWN else None


def _least_squares(camera: Numbers, array: Numbers) -> AffineMapping:
    from_middle = camera - camera.mean(axis=0)
    scale = (from_middle * array).sum(axis=0) / (from_middle**2).sum(axis=0)
    shift = array.mean(axis=0) - scale * camera.mean(axis=0)
    errors = np.hypot(*(scale * camera + shift - array).T)
    return AffineMapping(
        matrix=((float(scale[0]), 0.0, float(shift[0])), (0.0, float(scale[1]), float(shift[1]))),
        pairs=len(camera),
        rms_error_pixels=float(np.sqrt(np.mean(errors**2))),
        largest_error_pixels=float(errors.max()),
    )


class Step(StrEnum):
    """What the person who walks from place to place is to do."""

    COME = "come"
    """The camera sees no face, or more than one."""
    WARM = "warm"
    """The array sees nothing as warm as skin."""
    STAND_STILL = "stand_still"
    GO_ASIDE = "go_aside"
    GO_DOWN = "go_down"
    GO_ELSEWHERE = "go_elsewhere"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Walked:
    """How far the walk has come; ``still`` counts up to 1 while somebody stands in a new place.

    With all places ``fit`` or ``problem`` is set.
    """

    step: Step
    pairs: tuple[PointPair, ...]
    still: float = 0.0
    fit: LevelFit | None = None
    problem: MappingProblem | None = None


@dataclass(frozen=True, slots=True)
class _Sight:
    at_s: float
    camera: tuple[float, float]
    array: tuple[float, float]


class MappingWalk:
    """Takes a place by itself once somebody has stood still in it: nobody need press anything."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._recent: deque[_Sight] = deque()
        self._pairs: tuple[PointPair, ...] = ()
        self.walked = Walked(Step.COME, ())

    def add(self, at_s: float, face: Box | None, spot: tuple[float, float] | None) -> Walked:
        """One more picture: the camera's face in shares of its picture, the array's warm spot."""
        if len(self._pairs) < PLACES:
            self.walked = self._with(at_s, face, spot)
        return self.walked

    def _with(self, at_s: float, face: Box | None, spot: tuple[float, float] | None) -> Walked:
        if face is None or spot is None:
            self._recent.clear()
            return Walked(Step.COME if face is None else Step.WARM, self._pairs)
        self._recent.append(_Sight(at_s, eyes_of(face), spot))
        while self._recent[0].at_s < at_s - STILL_S:
            self._recent.popleft()
        here = eyes_of(face)
        if any(np.hypot(*np.subtract(here, pair.camera)) < APART for pair in self._pairs):
            self._recent.clear()
            return Walked(self._whither(), self._pairs)
        pair = self._settled()
        if pair is None:
            self._recent.clear()
            return Walked(Step.STAND_STILL, self._pairs)
        still = (at_s - self._recent[0].at_s) / STILL_S
        if still < 0.9:
            return Walked(Step.STAND_STILL, self._pairs, still)
        self._pairs = (*self._pairs, pair)
        self._recent.clear()
        return (
            self._finished() if len(self._pairs) == PLACES else Walked(self._whither(), self._pairs)
        )

    def _settled(self) -> PointPair | None:
        """The place in the recent pictures, or None where face or spot moved."""
        camera = np.array([sight.camera for sight in self._recent])
        array = np.array([sight.array for sight in self._recent])
        middle = np.median(array, axis=0)
        sway = float(np.ptp(camera, axis=0).max())
        hop = float(np.median(np.hypot(*(array - middle).T)))
        if sway > STILL_FACE or hop > STILL_SPOT * self._columns:
            return None
        x, y = np.median(camera, axis=0)
        return PointPair((float(x), float(y)), (float(middle[0]), float(middle[1])))

    def _whither(self) -> Step:
        """The direction in which the places do not reach far enough yet."""
        across, down = np.ptp([pair.camera for pair in self._pairs], axis=0)
        if across < LEAST_ACROSS:
            return Step.GO_ASIDE
        return Step.GO_DOWN if down < LEAST_DOWN else Step.GO_ELSEWHERE

    def _finished(self) -> Walked:
        try:
            fit = fit_level(self._pairs, columns=self._columns)
        except MappingError as error:
            return Walked(Step.DONE, self._pairs, problem=error.problem)
        return Walked(Step.DONE, self._pairs, fit=fit)
