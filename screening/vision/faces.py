"""Finds the faces in a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box
from screening.vision.network import Network

STRIDES = (8, 16, 32)
# The longest side the network was trained for; a gate's faces are large enough at this size, and
# much larger pictures make frame-filling faces harder to find.
INPUT_SIDE_PX = 320
# Chosen on pictures kept out of training, together with the classifier that turns false faces away.
LEAST_SCORE = 0.25
# Two boxes that share this much (IoU), or of which one holds the other, are one face.
SAME_FACE_OVERLAP = 0.4
SAME_FACE_HELD = 0.75
MOST_FACES = 64


@dataclass(frozen=True, slots=True)
class Face:
    """Where a face is, clipped to the picture, and how sure the detector is (0 to 1)."""

    box: Box
    score: float


class FaceFinder:
    """Loads the shipped detector. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._network = Network("face.onnx", tuple(f"at{stride}" for stride in STRIDES))

    def find(self, pixels: NDArray[np.uint8], least_score: float = LEAST_SCORE) -> list[Face]:
        """The faces in a BGR picture, surest first."""
        height, width = pixels.shape[:2]
        canvas, (rows, columns) = canvas_of(pixels)
        scores, corners = _decode(self._network.run(canvas), least_score)
        corners *= np.array([width / columns, height / rows] * 2, np.float32)
        corners = np.clip(corners, 0, np.array([width, height] * 2, np.float32))
        kept = _distinct(scores, corners)
        return [_face(float(scores[index]), corners[index]) for index in kept]


def canvas_of(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """The picture as the network sees it, black to whole cells, and its own rows and columns."""
    height, width = pixels.shape[:2]
    scale = INPUT_SIDE_PX / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    resized = cv2.resize(
        pixels,
        (columns, rows),
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
    )
    canvas = np.zeros((_whole_cells(rows), _whole_cells(columns), 3), np.uint8)
    canvas[:rows, :columns] = resized
    return canvas, (rows, columns)


def _whole_cells(length: int) -> int:
    return -(-length // STRIDES[-1]) * STRIDES[-1]


def _decode(
    maps: list[NDArray[np.float32]], least_score: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scores and (n, 4) corners in pixels of the network's input, surest first."""
    least_logit = np.log(least_score / (1 - least_score))
    scores, corners = [], []
    for stride, output in zip(STRIDES, maps, strict=True):
        rows, columns = np.nonzero(output[0, 0] > least_logit)
        logits = output[0, 0, rows, columns]
        distances = np.exp(np.clip(output[0, 1:, rows, columns], -4, 5)) * stride
        x, y = (columns + 0.5) * stride, (rows + 0.5) * stride
        scores.append(1 / (1 + np.exp(-logits)))
        corners.append(
            np.stack(
                [
                    x - distances[:, 0],
                    y - distances[:, 1],
                    x + distances[:, 2],
                    y + distances[:, 3],
                ],
                axis=1,
            )
        )
    all_scores = np.concatenate(scores).astype(np.float32)
    all_corners = np.concatenate(corners).astype(np.float32)
    order = np.argsort(-all_scores, kind="stable")
    return all_scores[order], all_corners[order]


def _distinct(scores: NDArray[np.float32], corners: NDArray[np.float32]) -> list[int]:
    """Indices of the surest box of each face."""
    areas = (corners[:, 2:] - corners[:, :2]).prod(axis=1)
    free = areas > 0
    kept: list[int] = []
    for index in range(len(scores)):
        if not free[index]:
            continue
        kept.append(index)
        if len(kept) == MOST_FACES:
            break
        low = np.maximum(corners[:, :2], corners[index, :2])
        high = np.minimum(corners[:, 2:], corners[index, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        overlap = shared / np.maximum(areas + areas[index] - shared, 1e-6)
        held = shared / np.maximum(np.minimum(areas, areas[index]), 1e-6)
        free &= (overlap < SAME_FACE_OVERLAP) & (held < SAME_FACE_HELD)
    return kept


def _face(score: float, corners: NDArray[np.float32]) -> Face:
    left, top, right, bottom = (float(value) for value in corners)
    return Face(Box(left, top, right - left, bottom - top), score)
