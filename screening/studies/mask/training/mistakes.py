"""What the shipped detector takes for faces and is none: the classifier learns to turn it away."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from screening.studies.mask.training.pictures import TrainingPicture
from screening.studies.mask.training.portraits import (
    FACE_SIDE,
    ROOMY_MARGIN,
    ROOMY_SIDE_PX,
    SMALLEST_FACE_PX,
    Portrait,
)
from screening.studies.mask.training.scenes import face_free_part
from screening.vision.crop import cut_face
from screening.vision.faces import Face, FaceFinder

MISTAKE_SCORE = 0.12
PART_SHAPES = ((240, 320), (320, 320), (320, 240))


def collect_mistakes(
    pictures: Iterable[TrainingPicture], finder: FaceFinder, seed: int
) -> list[Portrait]:
    """What ``finder`` finds where nobody labelled a face, also when it is hardly sure of it.

    Each picture is looked at as a whole, and an enlarged part of it without a face, in which more
    looks like one.
    """
    rng = np.random.default_rng(seed)
    mistakes = []
    for picture in pictures:
        known = np.vstack([picture.boxes, picture.ignored])
        mistakes += _found(picture.pixels, known, finder)
        height, width = PART_SHAPES[int(rng.integers(len(PART_SHAPES)))]
        part = face_free_part(picture, height, width, rng)
        if part is not None:
            mistakes += _found(part, known[:0], finder)
    return mistakes


def _found(
    pixels: NDArray[np.uint8], known: NDArray[np.float32], finder: FaceFinder
) -> list[Portrait]:
    return [
        _portrait(pixels, face)
        for face in finder.find(pixels, MISTAKE_SCORE)
        if min(face.box.w, face.box.h) >= SMALLEST_FACE_PX and not _touches(face, known)
    ]


def _touches(face: Face, known: NDArray[np.float32]) -> bool:
    box = face.box
    low = np.maximum(known[:, :2], (box.x, box.y))
    high = np.minimum(known[:, 2:], (box.x + box.w, box.y + box.h))
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return bool((shared > 0.15 * box.area).any())


def _portrait(pixels: NDArray[np.uint8], face: Face) -> Portrait:
    box = face.box
    roomy = cut_face(pixels, box, side_px=ROOMY_SIDE_PX, margin=ROOMY_MARGIN)
    shrink = FACE_SIDE / max(box.w, box.h)
    return Portrait(roomy, box.w * shrink, box.h * shrink)
