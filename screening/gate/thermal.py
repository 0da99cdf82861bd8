"""What a gate's thermal array sees, and where in it the visitor's face is.

The gate's thread brings pictures and what the camera says of the face; pages read the newest look
from any thread.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from screening.readings import Box, MaskAdvice, MaskReading, TemperatureReading, ThermalPicture
from screening.temperature.affine_mapping import AffineMapping
from screening.temperature.array import FaceFromArray, FaceMaximum, Refusal
from screening.temperature.instrument.face_mapping import MappingWalk, Walked, hot_spot
from screening.temperature.pixels import Mask

FACE_KEPT_S = 1.0
"""Where a face was stands in for where it is for so long; then the middle of the picture counts,
as where no camera tells."""

CLEAR_FOR_S = 0.75
"""A value counts once nothing was refused for so long: of a doubt that comes and goes from picture
to picture, such as glasses just warm enough, the pictures between are no better."""

TOLD_AFTER_S = 1.0
"""Why there is no value is told when it has lasted, also where it comes and goes; a face that turns
is not worth words."""

STALE_AFTER_S = 2.5
"""An older picture is not shown as if it were live: the slowest array is lost by then."""

WALKED_FOR_S = 5.0
"""Places for a mapping are taken for this long after somebody asked how far it is."""


@dataclass(frozen=True, slots=True, eq=False)
class ThermalLook:
    """One picture, what was found in it, and which of its pixels tell nothing (rows, columns)."""

    picture: ThermalPicture
    found: FaceMaximum
    broken: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalView:
    """The array as pages tell it. ``refusals`` is why it has given no value for a while."""

    rows: int
    columns: int
    refusals: tuple[Refusal, ...]
    follows_face: bool


class ThermalSight:
    """Finds the face's hottest spot in each picture and remembers the newest one."""

    def __init__(self, mapping: AffineMapping | None = None) -> None:
        self._follows_face = mapping is not None
        self._face_from_array = FaceFromArray(mapping)
        self._face: Box | None = None
        self._face_at_s = 0.0
        self._shows_several = False
        self._newest: ThermalLook | None = None
        self._doubt: tuple[Refusal, ...] = ()
        self._doubted_at_s = float("-inf")
        self._refusals: tuple[Refusal, ...] = ()
        self._refused_since_s = 0.0
        self._told: tuple[Refusal, ...] = ()
        self._walking = threading.Lock()
        self._walk: MappingWalk | None = None
        self._walk_asked_s = float("-inf")

    def saw(self, reading: MaskReading) -> None:
        """What the camera's newest picture showed; a face is not forgotten for one blink."""
        self._shows_several = reading.advice is MaskAdvice.TWO_FACES
        if reading.face is not None or reading.advice is MaskAdvice.NO_FACE:
            self._face = reading.face
        if reading.face is not None or self._shows_several:
            self._face_at_s = reading.taken_at_s

    def take(self, picture: ThermalPicture) -> TemperatureReading | None:
        """The temperature of the face in ``picture``, or None where there is none to rely on.

        A picture that comes again is no new measurement: it may be of the visitor before.
        """
        is_fresh = picture.taken_at_s - self._face_at_s <= FACE_KEPT_S
        face = self._face if is_fresh else None
        found = self._face_from_array.take(picture, face)
        if self._shows_several and is_fresh:
            why = (Refusal.SEVERAL_FACES, *found.refusals)
            found = replace(found, celsius=None, row=None, column=None, refusals=why)
        broken = self._face_from_array.broken
        assert broken is not None
        self._newest = ThermalLook(picture, found, broken)
        if picture.taken_at_s - self._walk_asked_s <= WALKED_FOR_S:
            self._go_on(picture, None if self._shows_several else face, broken)
        if found.refusals and Refusal.TOO_FEW_PICTURES not in found.refusals:
            self._doubt, self._doubted_at_s = found.refusals, picture.taken_at_s
        is_clear = picture.taken_at_s - self._doubted_at_s > CLEAR_FOR_S
        self._tell(found.refusals or (() if is_clear else self._doubt), picture.taken_at_s)
        is_new = not self._face_from_array.is_repeated
        return found.reading(picture) if is_clear and is_new else None

    def newest(self, now_s: float) -> ThermalLook | None:
        """The newest look, unless it is too old to be shown as live."""
        look = self._newest
        if look is None or now_s - look.picture.taken_at_s > STALE_AFTER_S:
            return None
        return look

    def view(self, now_s: float) -> ThermalView | None:
        """For the pages; None without a live picture."""
        look = self.newest(now_s)
        if look is None:
            return None
        return ThermalView(
            rows=look.picture.rows,
            columns=look.picture.columns,
            refusals=self._told,
            follows_face=self._follows_face,
        )

    def walked(self, now_s: float) -> Walked | None:
        """How far the walk for a mapping has come; places are taken only while somebody asks.

        None before the first place was looked at.
        """
        with self._walking:
            self._walk_asked_s = now_s
            return None if self._walk is None else self._walk.walked

    def walk_anew(self) -> None:
        """Forget the places that were taken."""
        with self._walking:
            self._walk = None

    def _go_on(self, picture: ThermalPicture, face: Box | None, broken: Mask) -> None:
        with self._walking:
            if self._walk is None:
                self._walk = MappingWalk(picture.columns)
            self._walk.add(picture.taken_at_s, face, hot_spot(picture.celsius, broken))

    def _tell(self, refusals: tuple[Refusal, ...], now_s: float) -> None:
        if refusals != self._refusals:
            self._refusals, self._refused_since_s = refusals, now_s
        if not refusals or now_s - self._refused_since_s >= TOLD_AFTER_S:
            self._told = refusals
