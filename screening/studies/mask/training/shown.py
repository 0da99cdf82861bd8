"""Shows faces on things a visitor may hold or a wall may carry: a phone, a poster."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.studies.mask.training.augmentation import Pixels

Corners = NDArray[np.float32]


def show_on_phone(
    pixels: Pixels, box: Corners, behind: Pixels, rng: np.random.Generator
) -> tuple[Pixels, Corners]:
    """The face in ``box`` on a phone's screen held before ``behind``, and its box there.

    Everything but the screen is ``behind``, which has the same size; the face keeps its middle.
    """
    shown = _screen(pixels, rng)
    side = float(max(box[2] - box[0], box[3] - box[1]))
    width = side * rng.uniform(0.8, 1.08)
    height = width * rng.uniform(1.7, 2.1)
    bezel = width * rng.uniform(0.03, 0.08)
    frame = float(rng.choice((12.0, 25.0, 200.0)))
    return _hold_up(
        shown,
        box,
        behind,
        rng,
        size=(width, height),
        border=bezel,
        border_colour=np.full(3, frame) * rng.uniform(0.9, 1.1, 3),
        radius=width * rng.uniform(0.05, 0.13),
    )


def show_on_poster(
    pixels: Pixels, box: Corners, behind: Pixels, rng: np.random.Generator
) -> tuple[Pixels, Corners]:
    """The face in ``box`` printed on a sheet of paper before ``behind``, and its box there."""
    shown = _print(pixels, rng)
    side = float(max(box[2] - box[0], box[3] - box[1]))
    width = side * rng.uniform(0.84, 1.08)
    paper = rng.uniform(190, 250) * rng.uniform(0.95, 1.03, 3)
    return _hold_up(
        shown,
        box,
        behind,
        rng,
        size=(width, width * rng.uniform(1.1, 1.5)),
        border=width * rng.uniform(0.03, 0.15),
        border_colour=paper,
        radius=0.0,
    )


def _screen(pixels: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    """A picture as a camera sees it on a screen: bluish, with moire and the lamps' reflection."""
    rows, columns = pixels.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    contrast = 1 + rng.uniform(-0.1, 0.5)
    lit = (pixels.astype(np.float32) - 110) * contrast + rng.uniform(95, 160)
    lit *= np.array([rng.uniform(1.0, 1.2), 1.0, rng.uniform(0.85, 1.0)], np.float32)
    strength = rng.uniform(0.01, 0.11)
    for _ in range(2):
        angle, period = rng.uniform(0, np.pi), rng.uniform(2.2, 9)
        bend = rng.uniform(0, 0.004) * ((x - columns / 2) ** 2 + (y - rows / 2) ** 2) / 10
        phase = (x * np.cos(angle) + y * np.sin(angle) + bend) * 2 * np.pi / period
        shifts = phase[..., None] + np.array(rng.uniform(0, 1.5, 3), np.float32)
        lit *= 1 + strength * np.sin(shifts)
    tilt = rng.uniform(-1, 1)
    at = rng.uniform(0.2, 0.8) * columns
    band = np.abs(x - at - tilt * (y - rows / 2)) / (columns * rng.uniform(0.04, 0.15))
    glare = np.clip(1.2 - band, 0, 1) * rng.uniform(0, 0.5)
    lit = lit * (1 - glare[..., None]) + 240 * glare[..., None]
    return np.asarray(np.clip(lit, 0, 255), np.float32)


def _print(pixels: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    """A picture as printed: paler, of fewer colours, with the dots of the press."""
    rows, columns = pixels.shape[:2]
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    printed = pixels.astype(np.float32) * rng.uniform(0.7, 1.05) + rng.uniform(5, 50)
    grey = printed.mean(axis=2, keepdims=True)
    printed = grey + (printed - grey) * rng.uniform(0.3, 1.2)
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.0, 5.0)
    turned = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    dots = np.sin(turned[0] * 2 * np.pi / period) * np.sin(turned[1] * 2 * np.pi / period)
    printed += rng.uniform(0, 14) * dots[..., None]
    curl = 1 + rng.uniform(-0.2, 0.2) * np.sin(x / columns * rng.uniform(2, 6) + rng.uniform(0, 6))
    return np.asarray(np.clip(printed * curl[..., None], 0, 255), np.float32)


def _hold_up(
    shown: NDArray[np.float32],
    box: Corners,
    behind: Pixels,
    rng: np.random.Generator,
    *,
    size: tuple[float, float],
    border: float,
    border_colour: NDArray[np.float64],
    radius: float,
) -> tuple[Pixels, Corners]:
    rows, columns = shown.shape[:2]
    centre = np.array([box[0] + box[2], box[1] + box[3]]) / 2
    middle = centre + rng.uniform(-0.06, 0.06, 2) * size
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    inside = _rounded(x - middle[0], y - middle[1], size, radius)
    outer = (size[0] + 2 * border, size[1] + 2 * border)
    body = _rounded(x - middle[0], y - middle[1], outer, 1.5 * radius)
    thing = np.broadcast_to(border_colour.astype(np.float32), shown.shape)
    thing = thing * (1 - inside[..., None]) + shown * inside[..., None]
    # Held a little askew: its corners move by some of its width.
    half = np.array(outer) / 2
    corners = middle + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    angle = np.deg2rad(rng.normal(0, 6))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = middle + (corners - middle) @ turn.T + rng.normal(0, 0.03, (4, 2)) * size[0]
    warp = cv2.getPerspectiveTransform(corners.astype(np.float32), moved.astype(np.float32))
    place = (columns, rows)
    thing = np.asarray(
        cv2.warpPerspective(thing, warp, place, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
    body = np.asarray(cv2.warpPerspective(body, warp, place), np.float32)
    shade = cv2.GaussianBlur(np.roll(body, round(border), axis=(0, 1)), (0, 0), max(1.0, border))
    before = behind * (1 - 0.35 * shade[..., None])
    held = before * (1 - body[..., None]) + thing * body[..., None]
    edges = np.array([[(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]])
    (seen,) = cv2.perspectiveTransform(edges.astype(np.float32), warp)
    there = np.array([*seen.min(axis=0), *seen.max(axis=0)], np.float32)
    return np.asarray(np.clip(held, 0, 255).astype(np.uint8), np.uint8), there


def _rounded(
    x: NDArray[np.float32], y: NDArray[np.float32], size: tuple[float, float], radius: float
) -> NDArray[np.float32]:
    """1 in a rectangle of ``size`` about (0, 0) with round corners, 0 outside, soft between."""
    beyond_x = np.abs(x) - size[0] / 2 + radius
    beyond_y = np.abs(y) - size[1] / 2 + radius
    far = np.hypot(np.maximum(beyond_x, 0), np.maximum(beyond_y, 0))
    inner = np.minimum(np.maximum(beyond_x, beyond_y), 0)
    return np.asarray(np.clip(radius - far - inner + 0.5, 0, 1), np.float32)
