"""Cuts a face out of a picture the way the mask classifier was trained to see it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box

CROP_SIDE_PX = 96
# The square's side in longer sides of the face's box: chin, ears and the mask's loops are in it.
CROP_MARGIN = 1.3


def cut_face(
    pixels: NDArray[np.uint8],
    box: Box,
    *,
    side_px: int = CROP_SIDE_PX,
    margin: float = CROP_MARGIN,
) -> NDArray[np.uint8]:
    """(side_px, side_px, 3): the square around the face, black where it leaves the picture."""
    height, width = pixels.shape[:2]
    side = max(2, round(max(box.w, box.h) * margin))
    left = round(box.x + box.w / 2 - side / 2)
    top = round(box.y + box.h / 2 - side / 2)
    # A box far outside its picture must not ask for a huge border.
    left = min(max(left, -side), width)
    top = min(max(top, -side), height)
    x0, x1 = max(0, left), min(width, left + side)
    y0, y1 = max(0, top), min(height, top + side)
    square = np.zeros((side, side, 3), np.uint8)
    if x1 > x0 and y1 > y0:
        square[y0 - top : y1 - top, x0 - left : x1 - left] = pixels[y0:y1, x0:x1]
    shrink = side > side_px
    return np.asarray(
        cv2.resize(
            square,
            (side_px, side_px),
            interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR,
        ),
        np.uint8,
    )
