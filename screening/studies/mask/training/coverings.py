"""Dresses faces in what covers head or mouth at an entrance: hijab, face veil, clear mask, hand."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.studies.mask.training.augmentation import Pixels, fabric

Corners = NDArray[np.float32]
Plane = NDArray[np.float32]

# Most hijabs and nearly all veils are of one colour; the rest take patterns of another picture.
PLAIN_SHARE = 0.8
BLACK_SHARE = 0.45
CLEAR_SHELL_SHARE = 0.35


def drape_hijab(pixels: Pixels, box: Corners, cloth: Pixels, rng: np.random.Generator) -> Pixels:
    """The face in ``box`` in a head cloth that leaves it free, with the mask it may wear.

    ``cloth`` is any picture; a patch of it may give the pattern.
    """
    across, down = _grid(pixels, box)
    lean = rng.normal(0, 0.03)
    opening = _opening(across - lean, down, rng)
    draped = _drape(pixels, across, down, opening, _cloth(pixels.shape, cloth, rng), rng)
    return _picture(draped)


def veil_face(pixels: Pixels, box: Corners, cloth: Pixels, rng: np.random.Generator) -> Pixels:
    """The face in ``box`` behind a niqab: a slit for the eyes in a head cloth, nothing else."""
    across, down = _grid(pixels, box)
    middle, reach = rng.uniform(-0.34, -0.22), rng.uniform(0.13, 0.22)
    width, power = rng.uniform(0.78, 1.0), rng.uniform(2.2, 4.0)
    # The veil's upper edge hangs from the bridge of the nose and sags beside it.
    sag = rng.uniform(-0.02, 0.06) * across**2
    slit = np.abs(across / width) ** power + np.abs((down - middle - sag) / reach) ** power
    opening = (slit ** (1 / power) - 1) * reach
    fill = _cloth(pixels.shape, cloth, rng, black_share=BLACK_SHARE)
    draped = _drape(pixels, across, down, opening, fill, rng)
    # The veil lies over nose and chin: light on the ridge, a shadow beside it.
    ridge = np.exp(-(((across - rng.normal(0, 0.08)) / 0.28) ** 2) - ((down - 0.15) / 0.4) ** 2)
    light = 1 + rng.uniform(0.05, 0.3) * (ridge - 0.35 * (np.abs(across) < 1) * (down > 0))
    below = np.clip((down - middle - reach) / 0.04, 0, 1) * np.clip(
        (1.0 - np.abs(across)) / 0.2, 0, 1
    )
    gain = 1 + (light - 1) * below
    return _picture(draped * gain[..., None])


def wear_clear_mask(pixels: Pixels, box: Corners, rng: np.random.Generator) -> Pixels:
    """The bare face in ``box`` in a mask that shows the mouth: a window in cloth, or a shell."""
    across, down = _grid(pixels, box)
    upper = rng.uniform(-0.02, 0.08)
    shape = _mask_shape(across, down, upper, rng)
    worn = pixels.astype(np.float32)
    is_shell = rng.random() < CLEAR_SHELL_SHARE
    middle, size = rng.uniform(0.5, 0.56), (rng.uniform(0.4, 0.58), rng.uniform(0.2, 0.3))
    window = 1 - np.hypot(across / size[0], (down - middle) / size[1])
    if is_shell:
        window = shape * 4 - rng.uniform(0.15, 0.4)
    colour = _mask_colour(rng)
    shade = 0.82 + 0.18 * np.cos(np.clip(across, -1.2, 1.2) * 1.2) - 0.06 * down
    rim = _soft(shape, 0.02) * (1 - _soft(window, 0.025))
    cloth = np.clip(colour * shade[..., None], 0, 255)
    worn = _mix(worn, cloth, rim * rng.uniform(0.93, 1.0))
    # What is clear dims a little, reflects the lamps and mists from the breath.
    clear = _soft(shape, 0.02) * _soft(window, 0.02)
    worn = _mix(worn, np.full_like(worn, rng.uniform(170, 235)), clear * rng.uniform(0.05, 0.22))
    mist = np.exp(-((across / 0.3) ** 2) - ((down - 0.35) / 0.15) ** 2) * rng.uniform(0, 0.5)
    tilt, place = rng.uniform(-0.6, 0.6), rng.uniform(-0.3, 0.3)
    streak = np.exp(-(((across - place - tilt * (down - middle)) / rng.uniform(0.03, 0.09)) ** 2))
    white = np.full_like(worn, 250.0)
    worn = _mix(worn, white, clear * np.clip(mist + rng.uniform(0.2, 0.8) * streak, 0, 0.9))
    edge = np.exp(-((window / 0.06) ** 2)) * _soft(shape, 0.02)
    worn = _mix(worn, cloth * 0.7, edge * rng.uniform(0.3, 0.7))
    worn = _loops(worn, across, down, upper, rng)
    return _picture(worn)


def cover_with_hand(pixels: Pixels, box: Corners, rng: np.random.Generator) -> Pixels:
    """The bare face in ``box`` with a flat hand before its mouth: shaded fingers and their back."""
    left, top, right, bottom = (float(value) for value in box)
    height = bottom - top
    across, down = _grid(pixels, box)
    side = rng.choice((-1.0, 1.0))
    angle = rng.normal(0, 0.3)
    # Along the fingers, from their tips, and across them; in halves of the face's width.
    x, y = across * side, (down - rng.uniform(0.42, 0.62)) * height / (right - left)
    along = (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0.35, 0.75)
    beside = -x * np.sin(angle) + y * np.cos(angle)
    thick = rng.uniform(0.2, 0.26)
    skin = _skin(pixels, box) * rng.uniform(0.8, 1.1) * rng.uniform(0.97, 1.03, 3)
    hand = pixels.astype(np.float32)
    spread = rng.uniform(0.0, 0.08)
    lengths = rng.uniform(0, 0.12, 4) + np.array([0.1, 0.0, 0.03, 0.2])
    for finger in range(4):
        centre = (finger - 1.5) * thick + spread * (finger - 1.5) * (1.2 - np.clip(along, 0, 1.2))
        from_tip = along - lengths[finger]
        round_tip = np.hypot(np.minimum(from_tip - thick / 2, 0), beside - centre)
        inside = 1 - round_tip / (thick / 2)
        height_of = np.sqrt(np.clip(inside, 0, 1))
        knuckles = 1 - 0.1 * sum(np.exp(-(((from_tip - at) / 0.03) ** 2)) for at in (0.35, 0.7))
        light = (0.6 + 0.45 * height_of) * knuckles
        nail = np.exp(-(((from_tip - 0.11) / 0.08) ** 2) - ((beside - centre) / 0.06) ** 2)
        colour = skin * light[..., None] + nail[..., None] * 18
        hand = _mix(hand, np.clip(colour, 0, 255), _soft(inside, 0.12) * (along > -0.2))
    wrist = 2.15 * thick - 0.75 * thick * np.clip((along - 1.4) / 0.6, 0, 1)
    back = np.minimum((along - 0.85) * 2, 1 - np.abs(beside) / wrist) * 2
    bones = np.cos(beside / thick * 2 * np.pi) * np.clip(1.5 - along, 0, 0.6)
    light = 0.78 + 0.2 * np.sqrt(np.clip(1 - (beside / wrist) ** 2, 0, 1)) + 0.05 * bones
    hand = _mix(hand, np.clip(skin * light[..., None], 0, 255), _soft(back, 0.15))
    sleeve = np.minimum(along - rng.uniform(1.7, 2.6), 1.2 * wrist - np.abs(beside) + 0.05)
    colour = rng.uniform(15, 230, 3) * (0.7 + 0.3 * np.cos(beside / thick))[..., None]
    hand = _mix(hand, np.clip(colour, 0, 255), _soft(sleeve, 0.03))
    return _picture(hand)


def _grid(pixels: Pixels, box: Corners) -> tuple[Plane, Plane]:
    """Every pixel's place from the face's middle, in halves of its width and of its height."""
    left, top, right, bottom = (float(value) for value in box)
    rows, columns = pixels.shape[:2]
    x = (np.arange(columns, dtype=np.float32) + 0.5 - (left + right) / 2) / ((right - left) / 2)
    y = (np.arange(rows, dtype=np.float32) + 0.5 - (top + bottom) / 2) / ((bottom - top) / 2)
    across, down = np.meshgrid(x, y)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _opening(across: Plane, down: Plane, rng: np.random.Generator) -> Plane:
    """How far a place is outside the oval that a hijab leaves free; below 0 it is inside."""
    middle, reach = rng.uniform(-0.04, 0.08), rng.uniform(1.0, 1.14)
    narrow = 1 - rng.uniform(0, 0.12) * np.clip(down, 0, 1.2)
    oval = np.hypot(across / (rng.uniform(0.86, 1.06) * narrow), (down - middle) / reach)
    return np.asarray(oval - 1, np.float32)


def _drape(
    pixels: Pixels,
    across: Plane,
    down: Plane,
    opening: Plane,
    fill: Plane,
    rng: np.random.Generator,
) -> Plane:
    """Cloth around the ``opening`` over crown, neck and shoulders, with its folds and shadow."""
    crown = rng.uniform(1.3, 1.55)
    dome = np.sqrt(np.clip(1 - ((down + 0.25) / rng.uniform(1.2, 1.45)) ** 2, 0, 1))
    fall = 1 + rng.uniform(0.0, 0.15) * (down + 0.25)
    fall = fall + rng.uniform(0.1, 0.4) * np.clip(down - 0.9, 0, None) ** 1.5
    width = crown * np.where(down < -0.25, dome, fall)
    hem = rng.uniform(2.2, 3.2) - 0.25 * across**2
    covered = _soft(width - np.abs(across) - 0.03, 0.04) * _soft(opening, 0.03)
    covered *= _soft(hem - down, 0.06)
    # Folds run around the face beside it and across the neck below it.
    waves = _waves(across.shape, rng)
    turn, away = np.arctan2(across, down + 0.3), np.hypot(across, down * 1.1) - 1
    fold = np.sin(rng.uniform(5, 11) * away + rng.uniform(-2, 2) * turn + 2.5 * waves)
    fold += 0.6 * np.sin(rng.uniform(12, 22) * away + rng.uniform(1, 3) * turn + 4 * waves)
    depth = rng.uniform(0.04, 0.17) * np.clip(0.4 + away, 0.1, 1.2)
    side = rng.choice((-1.0, 1.0)) * rng.uniform(0, 0.15)
    light = 1.02 + depth * fold + side * across - rng.uniform(0.1, 0.3) * (across / 1.4) ** 2
    seam = np.exp(-(((opening - 0.035) / 0.02) ** 2)) * rng.uniform(-0.1, 0.2)
    near_edge = np.exp(-((np.clip(-opening, 0, None) / 0.08) ** 2)) * (opening < 0)
    shadow = 1 - rng.uniform(0.15, 0.45) * near_edge
    cloth = np.clip(fill * (light + seam)[..., None] + (light - 1)[..., None] * 25, 0, 255)
    return _mix(pixels * shadow[..., None], cloth, covered)


def _cloth(
    shape: tuple[int, ...], cloth: Pixels, rng: np.random.Generator, *, black_share: float = 0.2
) -> Plane:
    if rng.random() > PLAIN_SHARE:
        return fabric(shape, cloth, rng)
    if rng.random() < black_share:
        colour = rng.uniform(12, 45) * rng.uniform(0.9, 1.1, 3)
    else:
        hue = rng.uniform(0, 180), rng.beta(1.3, 2.2) * 220, rng.uniform(60, 235)
        one = cv2.cvtColor(np.array([[hue]], np.uint8), cv2.COLOR_HSV2BGR)
        colour = one[0, 0].astype(np.float64)
    weave = rng.normal(0, rng.uniform(0.5, 4.0), shape[:2])[..., None]
    return np.asarray(np.clip(colour + weave, 0, 255), np.float32)


def _mask_shape(across: Plane, down: Plane, upper: float, rng: np.random.Generator) -> Plane:
    """How far a place is inside the outline of a mask from the nose to below the chin."""
    top = upper - 0.12 * np.exp(-((across / 0.3) ** 2)) + 0.14 * np.abs(across) ** 1.5
    side = rng.uniform(0.82, 0.95) - 0.3 * np.clip(down - 0.5, 0, None) ** 1.4
    chin = rng.uniform(1.02, 1.15) - 0.22 * across**2
    return np.asarray(np.minimum(np.minimum(down - top, side - np.abs(across)), chin - down))


def _mask_colour(rng: np.random.Generator) -> NDArray[np.float64]:
    kind = rng.random()
    if kind < 0.4:
        return rng.uniform(190, 245) * rng.uniform(0.95, 1.05, 3)
    if kind < 0.6:
        return np.array([rng.uniform(180, 230), rng.uniform(150, 190), rng.uniform(90, 140)])
    return rng.uniform(20, 60) * np.ones(3) if kind < 0.8 else rng.uniform(30, 230, 3)


def _loops(
    worn: Plane, across: Plane, down: Plane, upper: float, rng: np.random.Generator
) -> Plane:
    """Two bands on each side from the mask's edge to where the ear is."""
    bright = np.full_like(worn, rng.choice((40.0, 225.0)))
    ear = rng.uniform(-0.25, -0.05)
    for start in (upper + 0.2, 0.75):
        gone = np.clip((np.abs(across) - 0.82) / 0.3, 0, None)
        line = np.exp(-(((down - start - (ear - start) * np.minimum(gone, 1)) / 0.025) ** 2))
        band = line * (gone > 0) * (gone < 0.9) * 0.8
        worn = _mix(worn, bright, np.asarray(band, np.float32))
    return worn


def _skin(pixels: Pixels, box: Corners) -> NDArray[np.float64]:
    """The median colour of the face between eyes and mouth."""
    left, top, right, bottom = (float(value) for value in box)
    width, height = right - left, bottom - top
    y0, y1 = max(0, round(top + 0.45 * height)), max(1, round(top + 0.7 * height))
    x0, x1 = max(0, round(left + 0.25 * width)), max(1, round(left + 0.75 * width))
    patch = pixels[y0:y1, x0:x1].reshape(-1, 3)
    if not len(patch):
        return np.array([120.0, 150.0, 190.0])
    return np.asarray(np.median(patch, axis=0), np.float64)


def _waves(shape: tuple[int, ...], rng: np.random.Generator) -> Plane:
    coarse = rng.normal(0, 0.5, (6, 6)).astype(np.float32)
    smooth = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth, np.float32)


def _soft(inside: Plane, width: float) -> Plane:
    """0 outside to 1 inside, over ``width`` around the border where ``inside`` is 0."""
    return np.asarray(np.clip(inside / width + 0.5, 0, 1), np.float32)


def _mix(under: Pixels | Plane, over: Plane, share: Plane) -> Plane:
    blend = share[..., None]
    return np.asarray(under * (1 - blend) + over * blend, np.float32)


def _picture(values: Plane) -> Pixels:
    return np.asarray(np.clip(values, 0, 255).astype(np.uint8), np.uint8)
