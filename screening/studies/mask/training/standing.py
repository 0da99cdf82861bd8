"""Makes a standing visitor out of one picture: what a camera sees of a person who waits.

Motion is a first-order random walk back to the middle that forgets itself in ``RENEWAL_S``, as the
sequential test takes it to be. What people do is wilder; what the check gets wrong about a face
in the picture stays wrong here as it does before a gate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box
from screening.vision.sequential import RENEWAL_S

Pixels = NDArray[np.uint8]

# Standard deviations: place in widths of the face, size, tilt in degrees, exposure.
SWAY, NEAR, TILT_DEG, EXPOSURE = 0.04, 0.04, 3.0, 0.05
NOISE_LEVELS = 4.0
JPEG_QUALITY = 85


def stand(
    pixels: Pixels, face: Box, rng: np.random.Generator, *, pictures: int, every_s: float
) -> Iterator[tuple[float, Pixels]]:
    """``pictures`` of the person in ``face``, with the seconds since the first."""
    height, width = pixels.shape[:2]
    centre = np.array([face.x + face.w / 2, face.y + face.h / 2])
    kept = math.exp(-every_s / RENEWAL_S)
    state = rng.normal(size=5)
    for number in range(pictures):
        if number:
            state = kept * state + math.sqrt(1 - kept**2) * rng.normal(size=5)
        scale = math.exp(NEAR * state[2])
        angle = math.radians(TILT_DEG * state[3])
        cosine, sine = math.cos(angle) * scale, math.sin(angle) * scale
        turn = np.array([[cosine, -sine], [sine, cosine]])
        shift = centre + SWAY * face.w * state[:2] - turn @ centre
        moved = cv2.warpAffine(
            pixels,
            np.column_stack([turn, shift]),
            (width, height),
            borderMode=cv2.BORDER_REPLICATE,
        )
        lit = moved * (1 + EXPOSURE * state[4]) + rng.normal(0, NOISE_LEVELS, moved.shape)
        seen = np.clip(lit, 0, 255).astype(np.uint8)
        _, encoded = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        yield number * every_s, np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
