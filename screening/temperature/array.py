"""From pictures of a thermal array to the hottest spot of a face.

The maximum of a face tells a fever better than the middle of a forehead does (published data: area
under the curve 0.96 against 0.82), but a maximum takes whatever a broken pixel says. So pixels are
watched over the recent pictures, a broken one takes the median of its neighbours, and where it is
about as warm as the maximum beside a broken pixel there is no value: the true one may be under it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from screening.readings import Box, TemperatureReading, ThermalPicture
from screening.temperature.affine_mapping import AffineMapping, Region
from screening.temperature.pixels import Celsius, Mask, PixelWatch, neighbours, repair

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
    warmest = neighbours(np.where(broken, np.float32(-np.inf), celsius), -np.inf).max(axis=0)
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

    @property
    def is_repeated(self) -> bool:
        """Whether the newest picture was no new measurement."""
        return self._watch.is_repeated

    def reading(
        self, picture: ThermalPicture, face: Box | None = None
    ) -> TemperatureReading | None:
        """The maximum as a reading, or None where it was refused or is not new."""
        found = self.take(picture, face).reading(picture)
        return None if self.is_repeated else found

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
