"""Measures the light and the focus on a face: what the mask check needs from its picture.

Luma is that of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B), as fractions of white.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskAdvice

WHITE = 255
CLIPPED_LUMA = 250
"""From here on the sensor, or the JPEG it went through, tells no bright parts apart."""

REFERENCE_WIDTH_PX = 640
FOCUS_SIDE_PX = 64
"""Shorter side of the face when its sharpness is measured: about what the mask check looks at, so
that fine blur it cannot see does not count, and a near face is not called sharper than a far one.
"""

LEAST_FACE_BRIGHTNESS = 0.12
"""Darker faces have some thirty levels left, half of them noise. Of 512 faces of the validation
pictures (street and indoor photographs, faces from 57 px of 640) one is darker; 1 in 100 is below
0.22.
"""
BACKLIT_RATIO = 0.38
BACKLIT_FACE = 0.25
"""Light from behind: a face below both, its share of the surround's brightness and its own. Of the
same faces none but the darkest is under a ratio of 0.40; the second limit spares a dark face that
is well exposed in front of a white wall.
"""


@dataclass(frozen=True, slots=True)
class Condition:
    """Light and focus on one face of one picture.

    Brightness is mean luma, 0 to 1; ``surround_brightness`` is that of the picture without the
    face (the face's own where it fills the picture); ``clipped`` is the share of the face's pixels
    at the sensor's white end; ``face_side_px`` is the shorter side of its box in a picture 640
    pixels wide. ``sharpness`` is the variance of the Laplacian over the variance of luma (0 for a
    face of one tone), of the face brought to ``FOCUS_SIDE_PX``: Pech-Pacheco and others, 2000,
    "LAPV" in the comparison of focus measures by Pertuz and others, 2013, divided so that contrast
    and brightness do not count as focus. Noise does count: in the dark it says nothing.
    """

    face_brightness: float
    surround_brightness: float
    clipped: float
    sharpness: float
    face_side_px: float


def measure(pixels: NDArray[np.uint8], face: Box) -> Condition | None:
    """The condition of the face in a (height, width, 3) BGR picture.

    None where no pixel of the box is inside the picture: there is nothing to measure.
    """
    height, width = pixels.shape[:2]
    left, top = max(0, round(face.x)), max(0, round(face.y))
    right, bottom = min(width, round(face.x + face.w)), min(height, round(face.y + face.h))
    if right <= left or bottom <= top:
        return None
    luma = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), np.uint8)
    inside = luma[top:bottom, left:right]
    face_mean = float(inside.mean())
    others = luma.size - inside.size
    surround = (float(luma.mean()) * luma.size - face_mean * inside.size) / others if others else 0
    return Condition(
        face_brightness=face_mean / WHITE,
        surround_brightness=max(0.0, surround) / WHITE if others else face_mean / WHITE,
        clipped=float((inside >= CLIPPED_LUMA).mean()),
        sharpness=_sharpness(inside),
        face_side_px=min(face.w, face.h) * REFERENCE_WIDTH_PX / width,
    )


def _sharpness(face: NDArray[np.uint8]) -> float:
    scale = FOCUS_SIDE_PX / min(face.shape)
    size = (max(1, round(face.shape[1] * scale)), max(1, round(face.shape[0] * scale)))
    resized = cv2.resize(
        face, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    variance = float(resized.var())
    if variance == 0:
        return 0.0
    return float(cv2.Laplacian(resized, cv2.CV_32F).var()) / variance


def light_advice(condition: Condition | None) -> MaskAdvice | None:
    """Why the light does not let a mask be judged; None where it does or nothing was measured."""
    if condition is None:
        return None
    face, surround = condition.face_brightness, condition.surround_brightness
    if face < BACKLIT_FACE and face < BACKLIT_RATIO * surround:
        return MaskAdvice.BACKLIT
    return MaskAdvice.TOO_DARK if face < LEAST_FACE_BRIGHTNESS else None
