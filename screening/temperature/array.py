"""From pictures of a thermal array to the hottest spot of a face.

The maximum of a face tells a fever better than the middle of a forehead does (published data: area
under the curve 0.96 against 0.82), but a maximum takes whatever a broken pixel says. So pixels are
watched over the recent pictures, a broken one takes the median of its neighbours, and where it is
about as warm as the maximum beside a broken pixel there is no value: the true one may be under it.
A pixel that is no number in a picture, since the device does not know it, is broken there at once.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, TemperatureReading, ThermalPicture

Celsius = NDArray[np.float32]
Mask = NDArray[np.bool_]

REMEMBERED_PICTURES = 16
"""Four seconds at four pictures a second."""

STUCK_AFTER_PICTURES = 8
"""A pixel that gave one value in so many pictures, while those around moved, gives nothing else."""

MOVED_CELSIUS = 0.2
"""What a living pixel's own noise makes of eight pictures at least (an assumption, not measured).
Where the neighbours stay below, a still scene and a dead pixel look the same: nothing is said,
unless not one pixel of the whole array moves."""

ISOLATED_CELSIUS = 3.0
"""No pixel of skin is so much hotter or colder than each of its eight neighbours."""

ISOLATED_AFTER_PICTURES = 3

ODD_CELSIUS = 1.0
"""A pixel that stands out so far from eight that agree, picture after picture and whoever comes, is
off by itself. Twice what the corner of an eye may (PEAK_CELSIUS), and faces do not stay so long."""

ODD_PICTURES = 240
"""About so many pictures back it is told: a minute at four a second."""

ODD_SHARE = 0.8
"""Of them; from nothing it takes a minute and a half, and a quarter of one to be forgiven."""

MIN_REGION_PIXELS = 9
"""Fewer, and the hottest pixel of a face is mixed with what is behind it."""

MAX_BROKEN_SHARE = 0.25
"""Of the region; with more, its maximum is a guess. Also of pixels at exactly 0.00 degC: the first
pictures of an MLX90640 after power-up have an empty half."""

PEAK_CELSIUS = 0.5
"""So much the hottest spot, the inner corner of an eye, may stand out of the pixels beside it (an
assumption, not measured). A broken pixel beside one this near to the maximum may hide it."""

HOTTEST_SKIN_CELSIUS = 45.0
"""No skin is so hot, also where the array reads some degrees too high: a lamp, the sun, a cup."""

COLD_EYES_CELSIUS = 1.5
"""Glasses are opaque to an array. Bare eyes are about as warm as forehead and cheeks or warmer;
lenses have come half way to the room's temperature (an assumption, not measured)."""

LEAST_FACE_ROWS = 8
"""Below this a face has no rows of its own for forehead and eyes."""

FOREHEAD_ROWS, EYES_ROWS, CHEEK_ROWS = (0.08, 0.28), (0.32, 0.52), (0.58, 0.75)
MIDDLE_COLUMNS = (0.15, 0.85)
"""Shares of the face's box in which a face looks straight."""

_log = logging.getLogger(__name__)


class Refusal(StrEnum):
    """Why a picture gives no face maximum."""

    TOO_FEW_PICTURES = "too_few_pictures"
    OUTSIDE_ARRAY = "outside_array"
    TOO_FEW_PIXELS = "too_few_pixels"
    BROKEN_PICTURE = "broken_picture"
    DEAD_PIXELS_AT_MAXIMUM = "dead_pixels_at_maximum"
    STUCK_COLUMN_AT_MAXIMUM = "stuck_column_at_maximum"
    HOT_OBJECT = "hot_object"
    GLASSES = "glasses"
    SEVERAL_FACES = "several_faces"


FAULTS = frozenset(
    {Refusal.BROKEN_PICTURE, Refusal.DEAD_PIXELS_AT_MAXIMUM, Refusal.STUCK_COLUMN_AT_MAXIMUM}
)
"""The array's own; the others are about where the visitor stands, or what else is hot."""

_NOT_YET = (Refusal.TOO_FEW_PICTURES,)


@dataclass(frozen=True, slots=True)
class Region:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right``, both ends half open."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def central(cls, rows: int, columns: int) -> Self:
        """The middle half of the height and of the width: where a face is when no box tells."""
        return cls(rows // 4, columns // 4, rows - rows // 4, columns - columns // 4)

    @property
    def pixels(self) -> int:
        """How many pixels it has; 0 where it is empty."""
        return max(0, self.bottom - self.top) * max(0, self.right - self.left)

    def is_inside(self, rows: int, columns: int) -> bool:
        """Wholly: what is outside could be the hottest."""
        return 0 <= self.top < self.bottom <= rows and 0 <= self.left < self.right <= columns


@dataclass(frozen=True, slots=True)
class PointPair:
    """One spot in both pictures: camera (x, y), and array (column, row) in its pixels.

    The camera's unit is whatever boxes are told in; a gate takes shares of the picture. The array's
    whole numbers are pixels' centres.
    """

    camera: tuple[float, float]
    array: tuple[float, float]


@dataclass(frozen=True, slots=True)
class AffineMapping:
    """From the camera's picture to the array's, fixed at one distance from the gate.

    ``matrix`` is 2 x 3: (column, row) = matrix . (x, y, 1). Errors are those of the fit, in pixels
    of the array; with three pairs they are 0 and tell nothing. Camera and array stand beside each
    other, so at other distances the mapping is shifted.
    """

    matrix: tuple[tuple[float, float, float], tuple[float, float, float]]
    pairs: int
    rms_error_pixels: float
    largest_error_pixels: float

    @classmethod
    def of(cls, numbers: tuple[float, float, float, float, float, float]) -> Self:
        """From the six numbers of ``matrix``, row by row, without a fit's errors."""
        a, b, c, d, e, f = numbers
        return cls(((a, b, c), (d, e, f)), pairs=0, rms_error_pixels=0, largest_error_pixels=0)

    @classmethod
    def fit(cls, pairs: Sequence[PointPair]) -> Self:
        """By least squares. Raises ValueError for fewer than three pairs or pairs on one line."""
        if len(pairs) < 3:
            raise ValueError(f"three pairs of points are needed at least, not {len(pairs)}")
        camera = np.array([pair.camera for pair in pairs], float)
        array = np.array([pair.array for pair in pairs], float)
        if not (np.isfinite(camera).all() and np.isfinite(array).all()):
            raise ValueError("a point of a pair is no number")
        middle = camera.mean(axis=0)
        spread = float(np.abs(camera - middle).max()) or 1.0
        scaled = np.column_stack([(camera - middle) / spread, np.ones(len(pairs))])
        if np.linalg.matrix_rank(scaled, tol=0.02) < 3:
            raise ValueError("the camera's points lie on one line; take one beside it")
        solved, *_ = np.linalg.lstsq(scaled, array, rcond=None)
        error = np.hypot(*(scaled @ solved - array).T)
        turn = solved[:2].T / spread
        shift = solved[2] - turn @ middle
        first, second = np.column_stack([turn, shift]).tolist()
        return cls(
            matrix=(tuple(first), tuple(second)),
            pairs=len(pairs),
            rms_error_pixels=float(np.sqrt(np.mean(error**2))),
            largest_error_pixels=float(error.max()),
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """(column, row) of the array for a point of the camera's picture."""
        (a, b, c), (d, e, f) = self.matrix
        return a * x + b * y + c, d * x + e * y + f

    def region(self, box: Box) -> Region:
        """All pixels that the box of a face touches; may reach outside the array."""
        corners = [self.at(x, y) for x in (box.x, box.x + box.w) for y in (box.y, box.y + box.h)]
        columns, rows = zip(*corners, strict=True)
        return Region(
            top=math.floor(min(rows) + 0.5),
            left=math.floor(min(columns) + 0.5),
            bottom=math.floor(max(rows) + 0.5) + 1,
            right=math.floor(max(columns) + 0.5) + 1,
        )


@dataclass(frozen=True, slots=True)
class FaceMaximum:
    """The hottest spot of a region in degC and where, or why there is none.

    ``refusals`` is empty exactly when ``celsius``, ``row`` and ``column`` are set. ``pixels`` is
    the size of the region inside the array, ``replaced`` how many of them are broken. The region
    is a face's box or, ``is_face`` False, the middle of the picture.
    """

    region: Region
    celsius: float | None
    row: int | None
    column: int | None
    pixels: int
    replaced: int
    refusals: tuple[Refusal, ...] = ()
    is_face: bool = False

    def reading(self, picture: ThermalPicture) -> TemperatureReading | None:
        """The maximum of ``picture`` as a reading, or None where it was refused."""
        if self.celsius is None:
            return None
        return TemperatureReading(self.celsius, picture.ambient_celsius, picture.taken_at_s)


def face_maximum(
    celsius: Celsius, broken: Mask, region: Region, *, is_face: bool = False
) -> FaceMaximum:
    """In ``region`` of ``celsius`` (rows, columns), ``broken`` pixels replaced by ``repair``.

    Glasses are looked for where the region is a face's box.
    """
    rows, columns = celsius.shape
    inside = (
        slice(max(0, region.top), max(0, min(rows, region.bottom))),
        slice(max(0, region.left), max(0, min(columns, region.right))),
    )
    replaced = int(broken[inside].sum())
    pixels = int(celsius[inside].size)

    def refused(*why: Refusal) -> FaceMaximum:
        return FaceMaximum(region, None, None, None, pixels, replaced, why, is_face)

    refusals = []
    if not region.is_inside(rows, columns):
        refusals.append(Refusal.OUTSIDE_ARRAY)
    if pixels < MIN_REGION_PIXELS:
        refusals.append(Refusal.TOO_FEW_PIXELS)
    missing = max(replaced, int((celsius[inside] == 0).sum()))
    if pixels and missing > MAX_BROKEN_SHARE * pixels:
        refusals.append(Refusal.BROKEN_PICTURE)
    if refusals:
        return refused(*refusals)
    repaired = repair(celsius, broken)[inside]
    at = int(np.argmax(repaired))
    row, column = (
        inside[0].start + at // repaired.shape[1],
        inside[1].start + at % repaired.shape[1],
    )
    hiding = _may_hide(celsius, broken, float(repaired.max()))
    if hiding[inside].any():
        is_column = bool((broken.all(axis=0) & hiding.any(axis=0)).any())
        return refused(
            Refusal.STUCK_COLUMN_AT_MAXIMUM if is_column else Refusal.DEAD_PIXELS_AT_MAXIMUM
        )
    hottest = round(float(celsius[row, column]), 2)
    if hottest > HOTTEST_SKIN_CELSIUS:
        return refused(Refusal.HOT_OBJECT)
    if is_face and has_cold_eyes(repaired):
        return refused(Refusal.GLASSES)
    return FaceMaximum(region, hottest, row, column, pixels, replaced, is_face=is_face)


def _may_hide(celsius: Celsius, broken: Mask, maximum: float) -> Mask:
    """The broken pixels round which it is so warm that the true maximum may be under them, and
    those of which nothing good tells how warm it is there."""
    warmest = _around(np.where(broken, np.float32(-np.inf), celsius), -np.inf).max(axis=0)
    return np.asarray(broken & ((warmest >= maximum - PEAK_CELSIUS) | np.isneginf(warmest)))


def has_cold_eyes(face: Celsius) -> bool:
    """Whether the eyes of a face that fills ``face`` are colder than the rest, as by glasses.

    Forehead or cheeks have to be bare: under a hat and behind a mask nothing is told, and neither
    where there are too few pixels.
    """
    if face.shape[0] < LEAST_FACE_ROWS:
        return False
    forehead, eyes, cheeks = (
        float(np.median(face[_share(rows, face.shape[0]), _share(MIDDLE_COLUMNS, face.shape[1])]))
        for rows in (FOREHEAD_ROWS, EYES_ROWS, CHEEK_ROWS)
    )
    return max(forehead, cheeks) - eyes >= COLD_EYES_CELSIUS


def _share(part: tuple[float, float], size: int) -> slice:
    """The pixels whose centres lie in that part of ``size`` pixels."""
    return slice(round(part[0] * size), max(round(part[0] * size) + 1, round(part[1] * size)))


def repair(celsius: Celsius, broken: Mask) -> Celsius:
    """A copy in which each broken pixel is the median of its good neighbours.

    One without a good neighbour is as cold as the coldest good pixel: it never makes a maximum.
    """
    repaired = celsius.copy()
    if broken.all():
        return repaired
    coldest = celsius[~broken].min()
    for row, column in np.argwhere(broken):
        around = (slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2))
        good = celsius[around][~broken[around]]
        repaired[row, column] = np.median(good) if good.size else coldest
    return repaired


class PixelWatch:
    """Tells broken pixels by the recent pictures of one array."""

    def __init__(self) -> None:
        self._pictures: deque[Celsius] = deque(maxlen=REMEMBERED_PICTURES)
        self._odd_share = np.zeros((0, 0), np.float32)

    def add(self, celsius: Celsius) -> None:
        """One more picture; one of another size begins anew."""
        if self._odd_share.shape != celsius.shape:
            self._pictures.clear()
            self._odd_share = np.zeros(celsius.shape, np.float32)
        self._pictures.append(celsius)
        can_be_told, is_odd = _odd(celsius)
        newer = (is_odd - self._odd_share) / np.float32(ODD_PICTURES)
        self._odd_share += np.where(can_be_told, newer, np.float32(0))

    @property
    def can_tell(self) -> bool:
        """Whether there were enough pictures to know a stuck pixel."""
        return len(self._pictures) >= STUCK_AFTER_PICTURES

    def broken(self) -> Mask:
        """(rows, columns). Raises ValueError before the first picture."""
        if not self._pictures:
            raise ValueError("no picture was taken yet")
        broken = ~np.isfinite(self._pictures[-1]) | (self._odd_share > ODD_SHARE)
        if len(self._pictures) >= ISOLATED_AFTER_PICTURES:
            newest = list(self._pictures)[-ISOLATED_AFTER_PICTURES:]
            broken |= np.stack([_isolated(celsius) for celsius in newest]).all(axis=0)
        if self.can_tell:
            broken |= _stuck(np.stack(self._pictures))
        return broken


def _isolated(celsius: Celsius) -> Mask:
    at_least, at_most = _known_or(celsius, -np.inf), _known_or(celsius, np.inf)
    hotter = celsius > _around(at_least, -np.inf).max(axis=0) + ISOLATED_CELSIUS
    colder = celsius < _around(at_most, np.inf).min(axis=0) - ISOLATED_CELSIUS
    return np.asarray(hotter | colder)


def _odd(celsius: Celsius) -> tuple[Mask, Mask]:
    """Where all eight neighbours are known and agree, and which pixels stand out there.

    On the edge of a face nobody can tell what a pixel should be.
    """
    around = _around(_known_or(celsius, np.nan), np.nan)
    lowest, highest = around.min(axis=0), around.max(axis=0)
    agree = highest - lowest <= ODD_CELSIUS  # False beside an unknown pixel and at the edges
    odd = (celsius > highest + ODD_CELSIUS) | (celsius < lowest - ODD_CELSIUS)
    return np.asarray(agree & np.isfinite(celsius)), np.asarray(odd)


def _known_or(celsius: Celsius, otherwise: float) -> Celsius:
    """``otherwise`` where the device does not know the pixel."""
    return np.where(np.isfinite(celsius), celsius, np.float32(otherwise))


def _stuck(pictures: Celsius) -> Mask:
    """Pixels that stay while most around them move, those that touch such a one and stay as well,
    rows and columns that stay as a whole, and everything where nothing moves at all: a living array
    never sends one picture twice, so it has frozen."""
    moved = _known_or(pictures, -np.inf).max(axis=0) - _known_or(pictures, np.inf).min(axis=0)
    stays = moved <= 0  # -inf: it was never known
    if stays.all():
        return np.asarray(stays)
    around = np.partition(_around(moved, -np.inf), 4, axis=0)  # -inf: beyond the edge nothing moves
    pixels = stays & (around[4] >= MOVED_CELSIUS)
    lines = np.zeros_like(stays)
    lines[:, stays.all(axis=0)] = True
    lines[stays.all(axis=1), :] = True
    if float(np.median(moved[~lines])) >= MOVED_CELSIUS:
        pixels |= lines
    return _grown(pixels, stays)


def _grown(seeds: Mask, within: Mask) -> Mask:
    """``seeds`` with every pixel of ``within`` that a chain of such pixels joins to one."""
    while True:
        near = _around(seeds.astype(np.float32), 0).max(axis=0) > 0
        grown = seeds | (within & near)
        if (grown == seeds).all():
            return np.asarray(grown)
        seeds = grown


def _around(values: Celsius, beyond: float) -> Celsius:
    """(8, rows, columns): each pixel's neighbours, ``beyond`` outside the array."""
    rows, columns = values.shape
    padded = np.pad(values, 1, constant_values=beyond)
    return np.stack(
        [
            padded[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            if down or right
        ]
    )


class FaceFromArray:
    """Makes one temperature of each picture; remembers the pictures to know the broken pixels.

    The first seven of an array give none. A change of its own faults is logged. ``broken`` (rows,
    columns) are the newest picture's pixels that tell nothing, None before the first picture.
    """

    def __init__(self, mapping: AffineMapping | None = None) -> None:
        self._mapping = mapping
        self._watch = PixelWatch()
        self._told: tuple[Refusal, ...] = _NOT_YET
        self.broken: Mask | None = None

    def take(self, picture: ThermalPicture, face: Box | None = None) -> FaceMaximum:
        """In the face's box where there is one and a mapping, else in the central region."""
        self._watch.add(picture.celsius)
        self.broken = self._watch.broken()
        mapping = None if face is None else self._mapping
        region = Region.central(picture.rows, picture.columns)
        if mapping is not None and face is not None:
            region = mapping.region(face)
        is_face = mapping is not None
        if self._watch.can_tell:
            found = face_maximum(picture.celsius, self.broken, region, is_face=is_face)
        else:
            found = FaceMaximum(region, None, None, None, 0, 0, _NOT_YET, is_face)
        self._tell(found)
        return found

    def reading(
        self, picture: ThermalPicture, face: Box | None = None
    ) -> TemperatureReading | None:
        """The maximum as a reading, or None where it was refused."""
        return self.take(picture, face).reading(picture)

    def _tell(self, found: FaceMaximum) -> None:
        """Log once that the array itself is at fault, and once that it is not any more."""
        faults = tuple(why for why in found.refusals if why in FAULTS)
        if faults and faults != self._told:
            _log.warning("the thermal picture gives no value: %s", ", ".join(faults))
        elif self._told and found.celsius is not None:
            _log.info("the thermal picture gives a value")
        else:
            return
        self._told = faults
