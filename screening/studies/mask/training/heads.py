"""Changes the geometry of faces: turned heads and children's proportions."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.studies.mask.training.augmentation import Pixels

Corners = NDArray[np.float32]

# A head is about this much wider than the box of its face.
HEAD_PER_FACE = 1.08
LEAST_YAW_DEG, MOST_YAW_DEG = 25.0, 60.0
# Where the features of an adult's and of a child of about six years lie between brow and chin.
ADULT_HEIGHTS = (-1.2, 0.0, 0.36, 0.60, 0.78, 1.0, 2.2)
CHILD_HEIGHTS = (-1.3, 0.0, 0.45, 0.66, 0.81, 1.0, 2.0)


def turn_head(pixels: Pixels, box: Corners, rng: np.random.Generator) -> tuple[Pixels, Corners]:
    """The face in ``box`` turned aside by 25 to 60 degrees, as far as a cylinder tells; its box.

    The box keeps its middle and becomes narrower. What a frontal picture cannot show, the side of
    the head, is what lay beside the face.
    """
    left, top, right, bottom = (float(value) for value in box)
    centre, radius = (left + right) / 2, HEAD_PER_FACE * (right - left) / 2
    yaw = np.deg2rad(rng.uniform(LEAST_YAW_DEG, MOST_YAW_DEG))
    side = rng.choice((-1.0, 1.0))
    rows, columns = pixels.shape[:2]
    y = np.arange(rows, dtype=np.float64)[:, None]
    x = side * (np.arange(columns, dtype=np.float64)[None] - centre) / radius
    # The visible face reaches from -cos(yaw) to 1: seen from its own middle.
    x = x + (1 - np.cos(yaw)) / 2
    down = (y - top) / (bottom - top)
    # Nose and mask stand out and are shifted further than the cheeks.
    out = np.exp(-(((x - np.sin(yaw)) / 0.45) ** 2) - ((down - 0.62) / 0.22) ** 2)
    seen = x - 0.16 * np.sin(yaw) * out
    angle = np.arcsin(np.clip(seen, -1, 1)) - yaw
    source = np.sin(np.maximum(angle, -np.pi / 2))
    beside = np.minimum(seen + np.cos(yaw), 0)
    source = source + np.where(seen > 1, seen - np.cos(yaw), 0) + beside
    map_x = (centre + side * source * radius).astype(np.float32)
    map_y = np.broadcast_to(y, map_x.shape).astype(np.float32)
    turned = cv2.remap(pixels, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    half = (right - left) / 2 * (1 + np.cos(yaw)) / 2
    narrower = np.array([centre - half, top, centre + half, bottom], np.float32)
    return np.asarray(turned, np.uint8), narrower


def as_child(pixels: Pixels, box: Corners, rng: np.random.Generator) -> tuple[Pixels, Corners]:
    """The face in ``box`` with a child's high forehead, large eyes and small jaw; its box.

    The box keeps its middle and becomes a little lower.
    """
    left, top, right, bottom = (float(value) for value in box)
    width, height = right - left, bottom - top
    rows, columns = pixels.shape[:2]
    strength = rng.uniform(0.6, 1.2)
    shrink = 1 - 0.12 * strength
    heights = np.array(ADULT_HEIGHTS) + strength * (
        np.array(CHILD_HEIGHTS) - np.array(ADULT_HEIGHTS)
    )
    middle = (top + bottom) / 2
    y = (np.arange(rows, dtype=np.float64) - middle) / (height * shrink) + 0.5
    source_y = np.interp(y, heights, ADULT_HEIGHTS) * height + top
    beyond_low, beyond_high = y < heights[0], y > heights[-1]
    source_y[beyond_low] = top + height * (ADULT_HEIGHTS[0] + y[beyond_low] - heights[0])
    source_y[beyond_high] = top + height * (ADULT_HEIGHTS[-1] + y[beyond_high] - heights[-1])
    x = (np.arange(columns, dtype=np.float64)[None] - (left + right) / 2) / width
    down = y[:, None]
    # The jaw narrows towards the chin, and the eyes are drawn larger about their middles.
    jaw = 1 + 0.1 * strength * np.clip((down - 0.6) / 0.4, 0, 1) * (np.abs(x) < 1)
    source_x = x * jaw
    moved_y = np.broadcast_to(source_y[:, None], source_x.shape).copy()
    eye_y = float(heights[2])
    for eye_x in (-0.21, 0.21):
        near = np.exp(-(((x - eye_x) / 0.14) ** 2) - ((down - eye_y) / 0.1) ** 2)
        pull = 0.22 * strength * near
        source_x = source_x - pull * (x - eye_x)
        moved_y -= pull * (down - eye_y) * height
    map_x = (source_x * width + (left + right) / 2).astype(np.float32)
    changed = cv2.remap(
        pixels,
        map_x,
        moved_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    half = height * shrink / 2
    lower = np.array([left, middle - half, right, middle + half], np.float32)
    return np.asarray(changed, np.uint8), lower
