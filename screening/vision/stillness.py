"""Tells people from pictures of people: nobody stands as still as paper on a wall.

A place where a face was seen is watched, at the box it had then, as a patch of ``PATCH_PX`` square
relative to its own mean luma. A patch that has not changed for ``STILL_AFTER_S`` is a picture. It
stays known while somebody stands before it. A picture in a hand moves, and is not noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, FaceObservation

PATCH_PX = 32

UNCHANGED = 0.015
"""Mean difference of two patches, as a share of mean luma, that noise explains. Of 250 faces of the
validation pictures (130 px), 99 in 100 stay below with noise of 3 levels or as a JPEG of quality
50; 99 in 100 exceed it when they move by 1 % of their width, 1.6 mm of a head.
"""

STILL_AFTER_S = 20.0
"""A standing head sways by several millimetres in a fraction of this."""

LONGEST_GAP_S = 2.0
"""A place that was not looked at for longer has to be watched anew."""

FORGOTTEN_AFTER_S = 600.0
"""A picture that was not seen for so long has been taken away."""

MOST_PLACES = 32
SAME_PLACE_OVERLAP = 0.5

# A picture that is known may fade with the daylight: its patch follows by this share each time.
FOLLOWING = 0.02


@dataclass(slots=True)
class _Place:
    box: Box
    patch: NDArray[np.float32]
    since_s: float
    seen_at_s: float
    is_unchanged: bool = True

    @property
    def is_picture(self) -> bool:
        return self.seen_at_s - self.since_s >= STILL_AFTER_S


class StillFaces:
    """Remembers where faces are that do not move. No clock: time is what it is told."""

    def __init__(self) -> None:
        self._places: list[_Place] = []

    def people(
        self, pixels: NDArray[np.uint8], faces: Sequence[FaceObservation], captured_at_s: float
    ) -> list[FaceObservation]:
        """The faces that are not known to be pictures, in their order.

        ``pixels`` is the (height, width, 3) BGR picture in which they were found; pictures come in
        order of their time.
        """
        luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
        self._places = [
            place for place in self._places if self._is_kept(place, luma, captured_at_s)
        ]
        return [face for face in faces if not self._is_picture(face.box, luma, captured_at_s)]

    def _is_kept(self, place: _Place, luma: NDArray[np.uint8], now_s: float) -> bool:
        now = _patch(luma, place.box)
        place.is_unchanged = now is not None and bool(np.abs(now - place.patch).mean() <= UNCHANGED)
        if not place.is_picture:
            is_watched = now_s - place.seen_at_s <= LONGEST_GAP_S
            place.seen_at_s = now_s
            return place.is_unchanged and is_watched
        if place.is_unchanged and now is not None:
            place.seen_at_s = now_s
            place.patch += np.float32(FOLLOWING) * (now - place.patch)
        return now_s - place.seen_at_s <= FORGOTTEN_AFTER_S

    def _is_picture(self, box: Box, luma: NDArray[np.uint8], now_s: float) -> bool:
        here = [
            place
            for place in self._places
            if place.is_unchanged and box.overlap(place.box) >= SAME_PLACE_OVERLAP
        ]
        if any(place.is_picture for place in here):
            return True
        patch = _patch(luma, box)
        if not here and patch is not None and len(self._places) < MOST_PLACES:
            self._places.append(_Place(box, patch, now_s, now_s))
        return False


def _patch(luma: NDArray[np.uint8], box: Box) -> NDArray[np.float32] | None:
    """Relative to its mean, so that a change of the exposure is none; None outside the picture."""
    left, top = max(0, round(box.x)), max(0, round(box.y))
    inside = luma[top : max(0, round(box.y + box.h)), left : max(0, round(box.x + box.w))]
    if not inside.size:
        return None
    patch = cv2.resize(inside, (PATCH_PX, PATCH_PX), interpolation=cv2.INTER_AREA)
    relative = patch.astype(np.float32) / max(1.0, float(patch.mean()))
    return np.asarray(relative, np.float32)
