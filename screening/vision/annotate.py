"""Draws what the mask check saw onto the guard's live picture."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import FaceObservation, MaskLabel, MaskReading

# Blue, vermilion and yellow of Okabe and Ito (BGR): apart for every kind of colour vision.
COLOURS = {
    MaskLabel.MASK: (178, 114, 0),
    MaskLabel.NO_MASK: (0, 94, 213),
    MaskLabel.INCORRECT: (66, 228, 240),
}
NEUTRAL = (150, 150, 150)
WORDS = {
    MaskLabel.MASK: "mask",
    MaskLabel.NO_MASK: "no mask",
    MaskLabel.INCORRECT: "worn wrong",
}
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw(
    pixels: NDArray[np.uint8], faces: Sequence[FaceObservation], window: MaskReading | None
) -> NDArray[np.uint8]:
    """A copy of the BGR picture with a box and a small label at each face.

    The largest face carries the window's result once there is one, in a thicker box; the others,
    and it before that, what this one picture says.
    """
    drawn = pixels.copy()
    unit = max(1, round(min(pixels.shape[:2]) / 240))
    front = max(faces, key=lambda face: face.box.area, default=None)
    for face in faces:
        is_front = face is front
        label, colour = face.label, COLOURS[face.label]
        text = f"{WORDS[label]} {face.confidence:.0%}"
        if is_front and window is not None:
            if window.label is not None:
                colour = COLOURS[window.label]
                text = f"{WORDS[window.label]} {window.confidence:.0%}"
            else:
                colour, text = NEUTRAL, "..."
        _box(drawn, face, colour, 2 * unit if is_front else unit)
        _tag(drawn, face, text, colour, unit)
    return drawn


def to_jpeg(pixels: NDArray[np.uint8], quality: int = 80) -> bytes:
    """The BGR picture as a JPEG file; ``quality`` is 1 to 100."""
    if not 1 <= quality <= 100:
        raise ValueError(f"a JPEG's quality is 1 to 100, not {quality}")
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(encoded)


def _box(
    drawn: NDArray[np.uint8], face: FaceObservation, colour: tuple[int, int, int], width: int
) -> None:
    first = (round(face.box.x), round(face.box.y))
    last = (round(face.box.x + face.box.w), round(face.box.y + face.box.h))
    cv2.rectangle(drawn, first, last, (0, 0, 0), width + 2, cv2.LINE_AA)
    cv2.rectangle(drawn, first, last, colour, width, cv2.LINE_AA)


def _tag(
    drawn: NDArray[np.uint8],
    face: FaceObservation,
    text: str,
    colour: tuple[int, int, int],
    unit: int,
) -> None:
    """Text on a plate above the box, or inside its upper edge where there is no room above."""
    size = 0.42 * unit
    (width, height), below = cv2.getTextSize(text, FONT, size, unit)
    pad = 3 * unit
    left = min(max(0, round(face.box.x)), max(0, drawn.shape[1] - width - 2 * pad))
    plate = height + below + 2 * pad
    top = round(face.box.y) - plate
    if top < 0:
        top = max(0, round(face.box.y))
    cv2.rectangle(drawn, (left, top), (left + width + 2 * pad, top + plate), colour, cv2.FILLED)
    # Black on light plates, white on dark ones: contrast, whichever colour the label has.
    is_light = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2] > 128
    ink = (0, 0, 0) if is_light else (255, 255, 255)
    origin = (left + pad, top + pad + height)
    cv2.putText(drawn, text, origin, FONT, size, ink, unit, cv2.LINE_AA)
