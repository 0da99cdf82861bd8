"""The training pictures in memory, with their faces as arrays."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskLabel
from screening.vision.annotations import read_annotations, read_picture

# Faces beyond this size carry no more detail than either network can use.
LONGEST_SIDE_PX = 448
TEACHER_SIDE_PX = 320
# One group in this many is kept for choosing thresholds.
CHOOSING_SHARE = 12
LABELS = tuple(MaskLabel)


@dataclass(frozen=True, slots=True)
class TrainingPicture:
    """``boxes``, ``ignored``: (n, 4) left, top, right, bottom; ``labels`` index ``LABELS``.

    Those ``is_for_choosing`` are not trained on: thresholds and the like are chosen on them, so
    that a validation folder is only ever reported on.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    ignored: NDArray[np.float32]
    is_for_choosing: bool


def is_for_choosing(group: str) -> bool:
    """Whether a group of near-copies is kept out of training; always the same twelfth."""
    return zlib.crc32(group.encode()) % CHOOSING_SHARE == 0


def load_pictures(folder: Path, teacher: Path | None = None) -> list[TrainingPicture]:
    """All pictures of an annotated folder, shrunk where they are large.

    With a ``teacher`` (an ONNX file for ``cv2.FaceDetectorYN``) the faces that only it sees are
    ignored, so that the detector is not punished for finding somebody nobody labelled.
    """
    finder = None if teacher is None else _finder(teacher)
    pictures = []
    for annotated in read_annotations(folder):
        pixels = read_picture(annotated.path)
        scale = min(1.0, LONGEST_SIDE_PX / max(pixels.shape[:2]))
        boxes = _corners([face.box for face in annotated.faces])
        ignored = _corners(list(annotated.ignored))
        if finder is not None:
            extra = _unlabelled(pixels, np.vstack([boxes, ignored]), finder)
            ignored = np.vstack([ignored, extra])
        if scale < 1.0:
            size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        labels = [LABELS.index(face.label) for face in annotated.faces]
        pictures.append(
            TrainingPicture(
                pixels,
                boxes * scale,
                np.array(labels, np.int64),
                ignored * scale,
                is_for_choosing(annotated.group),
            )
        )
    return pictures


def _corners(boxes: list[Box]) -> NDArray[np.float32]:
    corners = [(box.x, box.y, box.x + box.w, box.y + box.h) for box in boxes]
    return np.array(corners, np.float32).reshape(-1, 4)


def _finder(teacher: Path) -> cv2.FaceDetectorYN:
    size = (TEACHER_SIDE_PX, TEACHER_SIDE_PX)
    return cv2.FaceDetectorYN.create(str(teacher), "", size, 0.5, 0.3, 50)


def _unlabelled(
    pixels: NDArray[np.uint8], known: NDArray[np.float32], finder: cv2.FaceDetectorYN
) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    scale = TEACHER_SIDE_PX / max(height, width)
    small = cv2.resize(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))
    finder.setInputSize((small.shape[1], small.shape[0]))
    _, rows = finder.detect(small)
    extra = []
    for row in rows if rows is not None else ():
        x, y, w, h = (float(value) / scale for value in row[:4])
        overlap_w = np.minimum(known[:, 2], x + w) - np.maximum(known[:, 0], x)
        overlap_h = np.minimum(known[:, 3], y + h) - np.maximum(known[:, 1], y)
        shared = np.clip(overlap_w, 0, None) * np.clip(overlap_h, 0, None)
        if not (shared > 0.2 * w * h).any():
            extra.append((x, y, x + w, y + h))
    return np.array(extra, np.float32).reshape(-1, 4)
