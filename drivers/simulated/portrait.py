"""Draws what a gate camera sees: a public-domain portrait in a lobby, with drawn masks."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.errors import ScreeningError

Pixels = NDArray[np.uint8]
Appearance = Literal["mask", "no_mask", "incorrect", "nobody", "two_people"]
Wearing = Literal["mask", "no_mask", "incorrect"]

# The visitor is drawn this many times larger than the portrait, so that edges stay smooth.
FINE = 3
# The part of the portrait that is used, in its own pixels; below it lies a helmet.
BUST_WIDTH, BUST_HEIGHT = 384, 345
FACE_ABOVE_FEET = 250
FACE_MIDDLE_X = 224
# Where the person's outline runs in the portrait, clockwise from the left sleeve.
OUTLINE = (
    *((18, 345), (27, 320), (40, 285), (62, 254), (92, 226), (112, 211), (115, 186), (130, 165)),
    *((155, 151), (184, 149), (182, 133), (173, 125), (168, 116), (158, 104), (154, 85), (155, 62)),
    *((165, 44), (185, 31), (205, 20), (230, 15), (258, 20), (280, 35), (294, 55), (301, 80)),
    *((298, 102), (290, 116), (279, 128), (272, 137), (266, 139), (263, 155), (258, 166)),
    *((256, 174), (276, 186), (295, 206), (304, 228), (306, 240), (322, 246), (345, 264)),
    *((357, 300), (363, 345)),
)
LEFT_EAR, RIGHT_EAR = (178, 119), (271, 124)
# The mask's upper edge from cheek over nose to cheek, then its lower edge back round the chin.
MASK_UPPER = ((183, 119), (194, 118), (208, 111), (222, 105), (238, 111), (255, 119), (268, 122))
MASK_LOWER = ((264, 150), (256, 167), (243, 180), (226, 186), (208, 180), (194, 168), (185, 150))
# Pulled below the nose: the nostrils show and the mask hangs under the chin.
LOW_UPPER = ((184, 136), (200, 136), (213, 135), (225, 136), (238, 136), (252, 137), (266, 138))
LOW_LOWER = ((262, 162), (254, 180), (242, 192), (226, 197), (209, 192), (196, 180), (187, 162))
ONE_PERSON = 1.46
"""How large somebody stands on the mark, alone, against the portrait."""

MASK_COLOUR_BGR = (228, 213, 184)
LOOP_COLOUR_BGR = (228, 226, 222)


def draw_visitor(
    appearance: Appearance,
    *,
    width: int = 640,
    height: int = 480,
    rng: np.random.Generator,
    nearness: float = 1.0,
) -> Pixels:
    """A new (height, width, 3) BGR picture; each differs in position, light and sensor noise.

    One person is drawn ``nearness`` times as large as on the mark.
    """
    picture = _lobby(width, height).copy()
    scale = height / 480
    if appearance == "two_people":
        _stand(picture, "mask", x=0.29 * width, size=1.12 * scale, rng=rng)
        _stand(picture, "no_mask", x=0.72 * width, size=1.08 * scale, rng=rng, mirrored=True)
    elif appearance != "nobody":
        size = ONE_PERSON * nearness * scale
        _stand(picture, appearance, x=0.5 * width, size=size, rng=rng)
    light = rng.uniform(0.96, 1.04)
    noise = rng.integers(0, 256, picture.shape, dtype=np.uint8)
    # Uniform noise of about 3 levels (standard deviation), as of a small sensor indoors.
    noisy = cv2.addWeighted(picture, light, noise, 10 / 255, -5)
    return np.asarray(noisy, np.uint8)


def _stand(
    picture: Pixels,
    wearing: Wearing,
    *,
    x: float,
    size: float,
    rng: np.random.Generator,
    mirrored: bool = False,
) -> None:
    """Puts a person whose face is at about ``x`` into the picture, feet below its lower edge."""
    height, width = picture.shape[:2]
    size *= rng.uniform(0.97, 1.03)
    angle = np.deg2rad(rng.normal(0, 1.2))
    flip = -1.0 if mirrored else 1.0
    turn = (
        size
        / FINE
        * np.array([[flip * np.cos(angle), -np.sin(angle)], [flip * np.sin(angle), np.cos(angle)]])
    )
    foot = np.array([FACE_MIDDLE_X, BUST_HEIGHT]) * FINE
    place = np.array([x + rng.normal(0, 0.012 * width), height + rng.uniform(1, 8) * size])
    # Who comes nearer grows downwards: the face stays in the picture.
    place[1] += FACE_ABOVE_FEET * max(0.0, size - ONE_PERSON * height / 480)
    warp = np.column_stack([turn, place - turn @ foot])
    person, cover = _person(wearing)
    drawn = cv2.warpAffine(person, warp, (width, height), flags=cv2.INTER_LINEAR)
    share = cv2.warpAffine(cover, warp, (width, height), flags=cv2.INTER_LINEAR)
    blend = share.astype(np.float32)[..., None] / 255
    picture[:] = (drawn * blend + picture * (1 - blend)).astype(np.uint8)


@lru_cache(maxsize=1)
def portrait() -> Pixels:
    """The photograph that visitors are drawn from (BGR).

    Raises ScreeningError where it is not installed.
    """
    try:
        from skimage import data
    except ModuleNotFoundError as error:
        raise ScreeningError(
            "the simulated camera's portrait is not installed: pip install 'gerbang[demo]'"
        ) from error
    # scikit-image ships no annotations for its pictures.
    photograph = data.astronaut()[:BUST_HEIGHT, :BUST_WIDTH, ::-1]  # type: ignore[no-untyped-call]
    return np.ascontiguousarray(photograph, np.uint8)


@lru_cache(maxsize=4)
def _person(wearing: Wearing) -> tuple[Pixels, Pixels]:
    """The visitor ``FINE`` times enlarged (BGR), and how far each pixel covers what is behind."""
    size = (BUST_WIDTH * FINE, BUST_HEIGHT * FINE)
    enlarged = cv2.resize(portrait(), size, interpolation=cv2.INTER_CUBIC)
    person: Pixels = np.array(enlarged, np.uint8)
    outline = np.zeros(person.shape[:2], np.uint8)
    cv2.fillPoly(outline, [_fine(OUTLINE)], 255)
    inner = cv2.erode(outline, np.ones((3, 3), np.uint8))
    cover = cv2.GaussianBlur(inner, (0, 0), FINE * 0.8)
    if wearing == "mask":
        person = _put_on(person, MASK_UPPER, MASK_LOWER)
    elif wearing == "incorrect":
        person = _put_on(person, LOW_UPPER, LOW_LOWER)
    # A lens is never as sharp as an enlarged drawing.
    softened = cv2.GaussianBlur(person, (0, 0), 1.2)
    return np.asarray(softened, np.uint8), np.asarray(cover, np.uint8)


def _put_on(
    person: Pixels, upper: tuple[tuple[int, int], ...], lower: tuple[tuple[int, int], ...]
) -> Pixels:
    """A surgical mask between its upper and lower edge, its loops round the ears."""
    drawn = person.copy()
    for ear, top, bottom in ((LEFT_EAR, upper[0], lower[-1]), (RIGHT_EAR, upper[-1], lower[0])):
        loop = _curve((top, ear, (ear[0], ear[1] + 9), bottom))
        cv2.polylines(drawn, [loop], False, (120, 120, 120), 5, cv2.LINE_AA)
        cv2.polylines(drawn, [loop], False, LOOP_COLOUR_BGR, 3, cv2.LINE_AA)
    top_curve, bottom_curve = _curve(upper), _curve(lower)
    region = np.zeros(person.shape[:2], np.uint8)
    cv2.fillPoly(region, [np.vstack([top_curve, bottom_curve])], 255, cv2.LINE_AA)
    shadow = cv2.GaussianBlur(region, (0, 0), 3.0 * FINE).astype(np.float32)[..., None] / 255
    drawn = (drawn * (1 - 0.3 * shadow)).astype(np.uint8)
    cloth = _cloth(person.shape, upper, lower)
    blend = cv2.GaussianBlur(region, (0, 0), 0.7).astype(np.float32)[..., None] / 255
    mixed = np.asarray((cloth * blend + drawn * (1 - blend)).astype(np.uint8), np.uint8)
    cv2.polylines(mixed, [top_curve], False, (186, 170, 138), 2, cv2.LINE_AA)
    return mixed


def _cloth(
    shape: tuple[int, ...],
    upper: tuple[tuple[int, int], ...],
    lower: tuple[tuple[int, int], ...],
) -> NDArray[np.float32]:
    """Light blue cloth: rounder than flat, lit from above left, with three pleats and a weave."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    left, right = upper[0][0] * FINE, upper[-1][0] * FINE
    top = min(y for _, y in upper) * FINE
    bottom = max(y for _, y in lower) * FINE
    across = (columns - (left + right) / 2) / ((right - left) / 2)
    down = (rows - top) / (bottom - top)
    shade = 1.03 - 0.24 * across**2 - 0.1 * across - 0.22 * np.clip(down - 0.45, 0, 1)
    shade += 0.06 * np.exp(-((across / 0.16) ** 2)) * np.clip(0.75 - down, 0, 1)
    for level in (0.4, 0.58, 0.76):
        # A pleat sags towards the middle and throws its shadow below its fold.
        distance = (down - level - 0.05 * (1 - across**2)) * (bottom - top) / FINE
        shade -= 0.16 * np.exp(-(((distance - 0.7) / 1.1) ** 2))
        shade += 0.07 * np.exp(-(((distance + 1.2) / 1.0) ** 2))
    weave = np.random.default_rng(7).normal(0, 0.012, shape[:2])
    cloth = np.array(MASK_COLOUR_BGR, np.float32) * (shade + weave)[..., None]
    return np.asarray(np.clip(cloth, 0, 255), np.float32)


@lru_cache(maxsize=4)
def _lobby(width: int, height: int) -> Pixels:
    """A wall, a floor, a doorway and a notice board, out of focus behind the visitor."""
    rows = np.linspace(0, 1, 480, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, 640, dtype=np.float32)[None]
    light = 1.02 - 0.16 * rows - 0.14 * np.abs(columns - 0.3)
    wall = np.array([200, 208, 212], np.float32) * light[..., None]
    room = np.ascontiguousarray(wall)
    cv2.rectangle(room, (470, 90), (610, 479), (150, 160, 168), cv2.FILLED)
    cv2.rectangle(room, (484, 104), (596, 479), (226, 226, 220), cv2.FILLED)
    cv2.rectangle(room, (540, 104), (544, 479), (150, 160, 168), cv2.FILLED)
    cv2.rectangle(room, (36, 96), (140, 232), (120, 140, 150), cv2.FILLED)
    for index, colour in enumerate(((205, 225, 235), (215, 215, 205), (190, 220, 200))):
        left = 46 + 30 * index
        cv2.rectangle(room, (left, 108), (left + 24, 142 + 12 * index), colour, cv2.FILLED)
    cv2.rectangle(room, (0, 400), (640, 480), (128, 136, 142), cv2.FILLED)
    cv2.rectangle(room, (0, 394), (640, 400), (100, 108, 114), cv2.FILLED)
    blurred = cv2.GaussianBlur(np.clip(room, 0, 255).astype(np.uint8), (0, 0), 5)
    return np.asarray(cv2.resize(blurred, (width, height)), np.uint8)


def _fine(points: tuple[tuple[int, int], ...]) -> NDArray[np.int32]:
    return np.array(points, np.int32) * FINE


def _curve(points: tuple[tuple[int, int], ...]) -> NDArray[np.int32]:
    """A smooth line through the points (Catmull-Rom), enlarged."""
    fine = np.array([points[0], *points, points[-1]], np.float64) * FINE
    steps = np.linspace(0, 1, 12, endpoint=False)[:, None]
    parts = []
    for before, start, end, after in zip(fine, fine[1:], fine[2:], fine[3:], strict=False):
        parts.append(
            0.5
            * (
                2 * start
                + (end - before) * steps
                + (2 * before - 5 * start + 4 * end - after) * steps**2
                + (3 * start - before - 3 * end + after) * steps**3
            )
        )
    return np.round(np.vstack([*parts, fine[-1:]])).astype(np.int32)
