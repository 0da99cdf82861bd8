"""Draws what the mask check saw onto the guard's live picture, in signs instead of words.

One picture goes to readers of every language, and colour alone does not tell the labels apart to
everyone: a tick stands for a mask, a cross for none, an exclamation mark for one worn wrong, three
dots while it is not decided.
"""

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
# Strokes in a square of side 1, y downwards; a stroke of one point is a dot.
SIGNS: dict[MaskLabel | None, tuple[tuple[tuple[float, float], ...], ...]] = {
    MaskLabel.MASK: (((0.05, 0.55), (0.35, 0.9), (0.95, 0.1)),),
    MaskLabel.NO_MASK: (((0.1, 0.1), (0.9, 0.9)), ((0.9, 0.1), (0.1, 0.9))),
    MaskLabel.INCORRECT: (((0.5, 0.05), (0.5, 0.6)), ((0.5, 0.95),)),
    None: (((0.1, 0.8),), ((0.5, 0.8),), ((0.9, 0.8),)),
}
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw(
    pixels: NDArray[np.uint8], faces: Sequence[FaceObservation], window: MaskReading | None
) -> NDArray[np.uint8]:
    """A copy of the BGR picture with a box, a sign and its percentage at each face.

    The largest face carries the window's result once there is one, in a thicker box; the others,
    and it before that, what this one picture says.
    """
    drawn = pixels.copy()
    unit = max(1, round(min(pixels.shape[:2]) / 240))
    front = max(faces, key=lambda face: face.box.area, default=None)
    for face in faces:
        is_front = face is front
        label: MaskLabel | None = face.label
        confidence = face.confidence
        if is_front and window is not None:
            label, confidence = window.label, window.confidence
        colour = NEUTRAL if label is None else COLOURS[label]
        _box(drawn, face, colour, 2 * unit if is_front else unit)
        _tag(drawn, face, label, confidence, unit)
    return drawn


def percentage(confidence: float) -> str:
    """A confidence of 0 to 1 in whole per cent; never 100, which would claim to be certain."""
    return ">99%" if confidence > 0.99 else f"{confidence:.0%}"


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
    label: MaskLabel | None,
    confidence: float,
    unit: int,
) -> None:
    """A plate above the box, or inside its upper edge where there is no room above."""
    colour = NEUTRAL if label is None else COLOURS[label]
    text = "" if label is None else percentage(confidence)
    size = 0.42 * unit
    (text_width, height), below = cv2.getTextSize(text or "0", FONT, size, unit)
    pad = 3 * unit
    width = 2 * pad + height + (pad + text_width if text else 0)
    left = min(max(0, round(face.box.x)), max(0, drawn.shape[1] - width))
    plate = height + below + 2 * pad
    top = round(face.box.y) - plate
    if top < 0:
        top = max(0, round(face.box.y))
    cv2.rectangle(drawn, (left, top), (left + width, top + plate), colour, cv2.FILLED)
    # Black on light plates, white on dark ones: contrast, whichever colour the label has.
    is_light = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2] > 128
    ink = (0, 0, 0) if is_light else (255, 255, 255)
    _sign(drawn, label, (left + pad, top + pad), height, ink, unit)
    origin = (left + 2 * pad + height, top + pad + height)
    cv2.putText(drawn, text, origin, FONT, size, ink, unit, cv2.LINE_AA)


def _sign(
    drawn: NDArray[np.uint8],
    label: MaskLabel | None,
    corner: tuple[int, int],
    side: int,
    ink: tuple[int, int, int],
    unit: int,
) -> None:
    for stroke in SIGNS[label]:
        points = np.rint(np.array(stroke) * side + corner).astype(np.int32)
        if len(points) == 1:
            x, y = points[0]
            cv2.circle(drawn, (int(x), int(y)), unit, ink, cv2.FILLED, cv2.LINE_AA)
        else:
            cv2.polylines(drawn, [points], False, ink, 2 * unit, cv2.LINE_AA)
