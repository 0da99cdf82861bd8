"""Draws training scenes for the face detector from annotated pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.studies.mask.training.augmentation import (
    cover_lower_face,
    degrade,
    fog_glasses,
    paint_hand,
    wrap_scarf,
)
from screening.studies.mask.training.pictures import TrainingPicture

FACE_FREE_SHARE = 0.18
MOSAIC_SHARE = 0.28
BACKGROUND_SHARE = 0.6
COVERED_SHARE = 0.16
# A face cut by the border is still a face to find while nearly half of it shows.
LEAST_VISIBLE = 0.45
SMALLEST_FACE_PX = 10.0
LARGEST_ENLARGEMENT = 5.0


@dataclass(frozen=True, slots=True)
class Scene:
    """``boxes`` are to be found, ``ignored`` neither; (n, 4) left, top, right, bottom in pixels."""

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    ignored: NDArray[np.float32]


def draw_scene(
    pictures: list[TrainingPicture], height: int, width: int, rng: np.random.Generator
) -> Scene:
    """One picture of ``height`` by ``width`` as a bad camera might have taken it."""
    chance = rng.random()
    if chance < FACE_FREE_SHARE:
        scene = _face_free(_any(pictures, rng), height, width, rng)
    elif chance < FACE_FREE_SHARE + MOSAIC_SHARE:
        scene = _mosaic(pictures, height, width, rng)
    else:
        behind = None
        if rng.random() < BACKGROUND_SHARE:
            behind = _face_free(_any(pictures, rng), height, width, rng).pixels
        scene = _place(_any(pictures, rng), height, width, rng, behind=behind)
    pixels = scene.pixels
    if len(scene.boxes) and rng.random() < COVERED_SHARE:
        face = scene.boxes[rng.integers(len(scene.boxes))]
        way = rng.random()
        if way < 0.3:
            pixels = paint_hand(pixels, face, rng)
        elif way < 0.5:
            pixels = wrap_scarf(pixels, face, _any(pictures, rng).pixels, rng)
        elif way < 0.6:
            pixels = fog_glasses(pixels, face, rng)
        else:
            pixels = cover_lower_face(pixels, face, _any(pictures, rng).pixels, rng)
    return Scene(degrade(pixels, rng), scene.boxes, scene.ignored)


def _any(pictures: list[TrainingPicture], rng: np.random.Generator) -> TrainingPicture:
    return pictures[int(rng.integers(len(pictures)))]


def _place(
    picture: TrainingPicture,
    height: int,
    width: int,
    rng: np.random.Generator,
    *,
    behind: NDArray[np.uint8] | None = None,
) -> Scene:
    """The picture scaled, shifted, turned and stretched a little over what is ``behind`` it."""
    rows, columns = picture.pixels.shape[:2]
    fit = min(height / rows, width / columns)
    if len(picture.boxes) == 0 or rng.random() < 0.4:
        scale = fit * rng.uniform(0.7, 1.25)
        anchor = np.array([columns / 2, rows / 2])
        target = np.array([width, height]) * rng.uniform(0.4, 0.6, 2)
    else:
        box = picture.boxes[rng.integers(len(picture.boxes))]
        side = float(np.sqrt((box[2] - box[0]) * (box[3] - box[1])))
        wanted = np.exp(rng.uniform(np.log(13.0), np.log(0.95 * max(height, width))))
        scale = min(wanted / side, LARGEST_ENLARGEMENT)
        anchor = np.array([box[0] + box[2], box[1] + box[3]]) / 2
        margin = min(0.42, 0.5 * scale * side / max(height, width))
        target = np.array([width, height]) * rng.uniform(margin, 1 - margin, 2)
    pixels, shrunk = picture.pixels, 1.0
    if scale < 0.6:
        shrunk = scale
        size = (max(1, round(columns * shrunk)), max(1, round(rows * shrunk)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    stretch = np.exp(rng.uniform(-0.1, 0.1))
    angle = np.deg2rad(rng.normal(0.0, 7.0)) if rng.random() < 0.4 else 0.0
    flip = -1.0 if rng.random() < 0.5 else 1.0
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[flip * cosine * stretch, -sine], [flip * sine * stretch, cosine]])
    shift = target - turn @ anchor
    warp = np.column_stack([turn / shrunk, shift])
    if behind is None:
        colour = rng.integers(0, 256, 3) if rng.random() < 0.5 else np.zeros(3)
        behind = np.broadcast_to(colour.astype(np.uint8), (height, width, 3)).copy()
    canvas = cv2.warpAffine(
        pixels,
        warp,
        (width, height),
        dst=behind,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    boxes, cut = _move(picture.boxes, turn, shift, height, width)
    ignored, cut_ignored = _move(picture.ignored, turn, shift, height, width, least_visible=0.0)
    ignored = np.vstack([ignored, cut, cut_ignored])
    return Scene(np.asarray(canvas, np.uint8), boxes, ignored)


def _move(
    boxes: NDArray[np.float32],
    turn: NDArray[np.float64],
    shift: NDArray[np.float64],
    height: int,
    width: int,
    *,
    least_visible: float = LEAST_VISIBLE,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The boxes on the canvas: those to find, and those too small or too far cut to judge."""
    if len(boxes) == 0:
        return boxes, boxes
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 @ turn.T + shift
    lengths = np.abs(np.linalg.norm(turn, axis=0))
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2 * lengths
    corners = np.hstack([centres - halves, centres + halves]).astype(np.float32)
    clipped = np.clip(corners, 0, np.array([width, height, width, height], np.float32))
    sides = clipped[:, 2:] - clipped[:, :2]
    visible = sides.prod(axis=1) / np.maximum((corners[:, 2:] - corners[:, :2]).prod(axis=1), 1e-6)
    good = (visible >= least_visible) & (sides.min(axis=1) >= SMALLEST_FACE_PX)
    doubtful = ~good & (visible > 0.05)
    return clipped[good], clipped[doubtful]


def _mosaic(
    pictures: list[TrainingPicture], height: int, width: int, rng: np.random.Generator
) -> Scene:
    """Two or four pictures side by side: small faces keep company with large ones."""
    split_x = round(width * rng.uniform(0.3, 0.7))
    split_y = round(height * rng.uniform(0.3, 0.7)) if rng.random() < 0.7 else height
    canvas = np.zeros((height, width, 3), np.uint8)
    boxes, ignored = [], []
    for top, bottom in ((0, split_y), (split_y, height)):
        for left, right in ((0, split_x), (split_x, width)):
            if bottom - top < 8 or right - left < 8:
                continue
            part = _place(_any(pictures, rng), bottom - top, right - left, rng)
            canvas[top:bottom, left:right] = part.pixels
            offset = np.array([left, top, left, top], np.float32)
            boxes.append(part.boxes + offset)
            ignored.append(part.ignored + offset)
    return Scene(canvas, np.vstack(boxes), np.vstack(ignored))


def face_free_part(
    picture: TrainingPicture, height: int, width: int, rng: np.random.Generator
) -> NDArray[np.uint8] | None:
    """(height, width, 3): a part of the picture without any face, enlarged; None where none is."""
    rows, columns = picture.pixels.shape[:2]
    faces = np.vstack([picture.boxes, picture.ignored])
    for _ in range(25):
        side_y = max(8, round(rows * rng.uniform(0.12, 0.6)))
        side_x = max(8, min(columns, round(side_y * width / height * rng.uniform(0.7, 1.4))))
        side_y = min(side_y, rows)
        top = int(rng.integers(0, rows - side_y + 1))
        left = int(rng.integers(0, columns - side_x + 1))
        apart = (
            (faces[:, 0] >= left + side_x)
            | (faces[:, 2] <= left)
            | (faces[:, 1] >= top + side_y)
            | (faces[:, 3] <= top)
        )
        if apart.all():
            part = picture.pixels[top : top + side_y, left : left + side_x]
            return np.asarray(cv2.resize(part, (width, height)), np.uint8)
    return None


def _face_free(
    picture: TrainingPicture, height: int, width: int, rng: np.random.Generator
) -> Scene:
    """A part of the picture without any face, or the picture with its faces painted over."""
    nothing = np.zeros((0, 4), np.float32)
    part = face_free_part(picture, height, width, rng)
    if part is not None:
        return Scene(part, nothing, nothing)
    painted = picture.pixels.copy()
    for left, top, right, bottom in np.vstack([picture.boxes, picture.ignored]):
        grow_x, grow_y = 0.15 * (right - left), 0.2 * (bottom - top)
        y0, y1 = max(0, int(top - grow_y)), int(bottom + grow_y)
        x0, x1 = max(0, int(left - grow_x)), int(right + grow_x)
        region = painted[y0:y1, x0:x1]
        if region.size:
            coarse = rng.integers(0, 256, (2, 2, 3)).astype(np.uint8)
            region[:] = cv2.resize(coarse, (region.shape[1], region.shape[0]))
    return Scene(np.asarray(cv2.resize(painted, (width, height)), np.uint8), nothing, nothing)
