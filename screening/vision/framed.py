"""Tells a face on a phone or a poster by the four straight sides around it.

A door or a window behind somebody has such sides, too, but their neck and shoulders stand before
its lower one. So each side has to be seen nearly unbroken, the lower one right under the chin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, FaceObservation

FACE_PX = 44
"""Width of the face in the picture that is searched: sides are coarse, and this is quick."""

# How far from the face its sides are looked for, in widths and heights of its box.
BESIDE, ABOVE, BELOW = 0.9, 1.0, 1.0
# A side may touch the box, and the box of a face is not exact.
WITHIN = 0.1
TILTS_DEG = tuple(range(-15, 16, 3))
LEAST_STEP = 14.0
"""Levels by which luma changes across a side, over three pixels of the small picture."""

BESIDE_FACE = 0.75
"""Share of the face's height (width) along which a side must be seen to be tried at all."""

LEAST_SIDE, LEAST_MEAN, LEAST_BELOW = 0.5, 0.75, 0.75
"""Shares of the weakest side, of all four and of the lower one that must be seen. Fingers may hide
some of a phone's sides. Of the largest faces of 459 validation pictures two have such a frame, one
of them a framed portrait; of 56 imitated phones 51.
"""

MOST_LINES = 6

LOOKED_AT_S = 2.0
"""Looks at a place count for so long; the majority of them decides."""
LOOKS_AT_ONCE = 3
EVERY_S = 0.4
"""A face is looked at in its first pictures, before any verdict, and every so often after them."""
SAME_PLACE_OVERLAP = 0.3
MOST_FACES = 2
"""The largest ones; whoever stands behind is not judged."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The best four sides around a face: what is seen of the weakest, of all, and of the lower one.

    Shares, 0 to 1.
    """

    weakest: float
    mean: float
    below: float

    @property
    def is_frame(self) -> bool:
        """Whether so much is seen that the face is on something held or hung there."""
        return self.weakest >= LEAST_SIDE and self.mean >= LEAST_MEAN and self.below >= LEAST_BELOW


NOTHING = Frame(0.0, 0.0, 0.0)


@dataclass(slots=True)
class _Place:
    """Where a face was seen, when it was looked at, and whether it had a frame each time."""

    box: Box
    looks: list[tuple[float, bool]]

    @property
    def is_shown(self) -> bool:
        return 2 * sum(is_frame for _, is_frame in self.looks) > len(self.looks)

    def is_due(self, now_s: float) -> bool:
        return len(self.looks) < LOOKS_AT_ONCE or now_s - self.looks[-1][0] >= EVERY_S


class ShownFaces:
    """Remembers which faces are in a frame that moves with them. Time is what it is told."""

    def __init__(self) -> None:
        self._places: list[_Place] = []

    def people(
        self, pixels: NDArray[np.uint8], faces: Sequence[FaceObservation], captured_at_s: float
    ) -> list[FaceObservation]:
        """The faces that are not on something shown, in their order.

        ``pixels`` is the (height, width, 3) BGR picture in which they were found; pictures come in
        order of their time.
        """
        largest = sorted(faces, key=lambda face: face.box.area, reverse=True)[:MOST_FACES]
        self._places = [self._look(pixels, face.box, captured_at_s) for face in largest]
        shown = {
            id(face) for face, place in zip(largest, self._places, strict=True) if place.is_shown
        }
        return [face for face in faces if id(face) not in shown]

    def _look(self, pixels: NDArray[np.uint8], box: Box, now_s: float) -> _Place:
        before = max(self._places, key=lambda place: place.box.overlap(box), default=None)
        looks: list[tuple[float, bool]] = []
        if before is not None and before.box.overlap(box) >= SAME_PLACE_OVERLAP:
            looks = [look for look in before.looks if now_s - look[0] <= LOOKED_AT_S]
        place = _Place(box, looks)
        if place.is_due(now_s):
            place.looks.append((now_s, frame_around(pixels, box).is_frame))
        return place


def frame_around(pixels: NDArray[np.uint8], face: Box) -> Frame:
    """The most frame-like four sides around ``face`` in a (height, width, 3) BGR picture."""
    if face.w < 1 or face.h < 1:
        return NOTHING
    luma, box = _searched(pixels, face)
    centre = (box.x + box.w / 2, box.y + box.h / 2)
    best = NOTHING
    for tilt in TILTS_DEG:
        turn = cv2.getRotationMatrix2D(centre, tilt, 1.0)
        turned = cv2.warpAffine(
            luma, turn, luma.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        found = _best_sides(np.asarray(turned, np.float32), box)
        if (found.weakest, found.mean) > (best.weakest, best.mean):
            best = found
    return best


def _searched(pixels: NDArray[np.uint8], face: Box) -> tuple[NDArray[np.uint8], Box]:
    """The surround of the face in luma, the face ``FACE_PX`` wide, and its box there."""
    scale = FACE_PX / face.w
    left, top = face.x - (BESIDE + 0.1) * face.w, face.y - (ABOVE + 0.1) * face.h
    width = round((1 + 2 * (BESIDE + 0.1)) * face.w * scale)
    height = round((1 + ABOVE + BELOW + 0.2) * face.h * scale)
    x0, y0 = max(0, round(left)), max(0, round(top))
    x1 = min(pixels.shape[1], round(left + width / scale))
    y1 = min(pixels.shape[0], round(top + height / scale))
    if x1 - x0 < 2 or y1 - y0 < 2:
        return np.zeros((4, 4), np.uint8), Box(1, 1, 1, 1)
    part = cv2.cvtColor(pixels[y0:y1, x0:x1], cv2.COLOR_BGR2GRAY)
    size = (max(2, round((x1 - x0) * scale)), max(2, round((y1 - y0) * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(part, size, interpolation=how), np.uint8)
    box = Box((face.x - x0) * scale, (face.y - y0) * scale, face.w * scale, face.h * scale)
    return small, box


def _best_sides(luma: NDArray[np.float32], box: Box) -> Frame:
    left, right = _span(box.x, box.w, luma.shape[1])
    top, bottom = _span(box.y, box.h, luma.shape[0])
    if right - left < 8 or bottom - top < 8:
        return NOTHING
    upright, level = _steps(luma), _steps(luma.T).transpose(0, 2, 1)
    # Sums from the upper (left) border, so that the share of any part of a line is a difference.
    down = np.pad(upright.cumsum(axis=1), ((0, 0), (1, 0), (0, 0)))
    along = np.pad(level.cumsum(axis=2), ((0, 0), (0, 0), (1, 0)))
    beside = (down[:, bottom] - down[:, top]).max(axis=0) / (bottom - top)
    across = (along[:, :, right] - along[:, :, left]).max(axis=0) / (right - left)
    within_x, within_y = WITHIN * box.w, WITHIN * box.h
    lefts = _lines(beside, box.x - BESIDE * box.w, box.x + within_x)
    rights = _lines(beside, box.x + box.w - within_x, box.x + (1 + BESIDE) * box.w)
    tops = _lines(across, box.y - ABOVE * box.h, box.y + within_y)
    bottoms = _lines(across, box.y + box.h - within_y, box.y + (1 + BELOW) * box.h)
    if not (lefts and rights and tops and bottoms):
        return NOTHING
    return _best_of(
        _seen(down, lefts + rights, tops, bottoms),
        _seen(along.transpose(0, 2, 1), tops + bottoms, lefts, rights),
        len(lefts),
        len(tops),
    )


def _seen(
    sums: NDArray[np.float64], places: list[int], starts: list[int], ends: list[int]
) -> NDArray[np.float64]:
    """(places, starts, ends): the share that is seen of each line between each two ends."""
    first, last = sums[:, starts][:, :, places], sums[:, ends][:, :, places]
    parts = (last[:, None] - first[:, :, None]).max(axis=0)
    lengths = np.array(ends)[None] - np.array(starts)[:, None]
    return np.asarray((parts / lengths[..., None]).transpose(2, 0, 1), np.float64)


def _best_of(
    upright: NDArray[np.float64], level: NDArray[np.float64], lefts: int, tops: int
) -> Frame:
    """``upright`` (left and right lines, tops, bottoms), ``level`` (tops and bottoms, ...)."""
    # Every choice of a left, a right, an upper and a lower line.
    left, right = upright[:lefts][:, None], upright[lefts:][None]
    above = level[:tops].transpose(1, 2, 0)[..., None]
    below = level[tops:].transpose(1, 2, 0)[:, :, None]
    shape = np.broadcast_shapes(left.shape, right.shape, above.shape, below.shape)
    sides = np.stack([np.broadcast_to(one, shape) for one in (left, right, above, below)])
    best = int((sides.min(axis=0) + sides.mean(axis=0) / 1000).argmax())
    chosen = sides.reshape(4, -1)[:, best]
    return Frame(float(chosen.min()), float(chosen.mean()), float(chosen[3]))


def _steps(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """(2, height, width): 1 where luma rises, where it falls from left to right, else 0.

    A side of a thing is one or the other all along; a ragged background is both in turn.
    """
    across = cv2.filter2D(luma, cv2.CV_32F, np.array([[-1, -1, 0, 1, 1]], np.float32)) / 2
    size = np.abs(across)
    is_ridge = (size >= LEAST_STEP) & (size >= cv2.dilate(size, np.ones((1, 3), np.uint8)))
    signed = [(is_ridge & (across * sign > 0)).astype(np.float32) for sign in (1, -1)]
    near = np.ones((1, 3), np.uint8)
    return np.stack([np.asarray(cv2.dilate(one, near), np.float32) for one in signed])


def _span(start: float, length: float, limit: int) -> tuple[int, int]:
    return max(0, round(start)), min(limit, round(start + length))


def _lines(shares: NDArray[np.float64], low: float, high: float) -> list[int]:
    """Places of the lines seen best beside the face, no two of them neighbours."""
    places = np.arange(max(0, round(low)), min(len(shares), round(high) + 1))
    tried = places[shares[places] >= BESIDE_FACE]
    lines: list[int] = []
    for place in tried[np.argsort(-shares[tried], kind="stable")]:
        if all(abs(place - other) > 1 for other in lines):
            lines.append(int(place))
        if len(lines) == MOST_LINES:
            break
    return lines
