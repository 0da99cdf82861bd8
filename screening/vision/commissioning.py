"""Tells an installer whether a gate's camera sees a visitor as the mask check needs it.

The good ranges here are narrower than what the check refuses at run time: a camera is set up on a
good day, and visitors come on bad ones. No clock: time is what the looks carry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from statistics import median

import numpy as np
from numpy.typing import NDArray

from screening.readings import FaceObservation
from screening.vision.condition import REFERENCE_WIDTH_PX, Condition, measure
from screening.vision.window import COMPARABLE_AREA, LEAST_FACE_PX

NOW_S = 1.0
"""What is shown is the middle of this much time, so that one odd picture does not move it."""
STEADY_S = 10
"""So many whole seconds in a row must be good."""
LONGEST_GAP_S = 1
"""A slow computer may miss a picture for so many seconds; more and nothing is shown as live."""
DARKEST = 1 / 255
"""A surround of no light at all counts as this bright."""


class Item(StrEnum):
    """What is judged, in the order of the page."""

    EXPOSURE = "exposure"
    LIGHT = "light"
    FOCUS = "focus"
    DISTANCE = "distance"
    MIDDLE = "middle"


class Finding(StrEnum):
    """What is said of one item, or of the whole; the gravest is the first of ``GRAVITY``."""

    GOOD = "good"
    NO_PICTURE = "no_picture"
    NO_FACE = "no_face"
    SEVERAL = "several"
    BACKLIT = "backlit"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    TOO_FAR = "too_far"
    TOO_NEAR = "too_near"
    LEFT = "left"
    RIGHT = "right"
    HIGH = "high"
    LOW = "low"
    BLURRED = "blurred"
    NOT_JUDGED = "not_judged"


# What spoils the measurements of others is mended first: light, then distance, then focus.
GRAVITY = (*(finding for finding in Finding if finding is not Finding.GOOD), Finding.GOOD)


@dataclass(frozen=True, slots=True)
class GoodRange:
    """From ``low`` to ``high`` is good; the scale is what a page draws of it."""

    low: float
    high: float
    scale_from: float
    scale_to: float

    def holds(self, value: float) -> bool:
        """Whether the value is good."""
        return self.low <= value <= self.high


# Of 238 validation faces from 100 px of 640, taken by people who looked at their camera, 3 in 100
# are darker and none but one is brighter; 3 in 100 are darker against their surround.
FACE_BRIGHTNESS = GoodRange(0.28, 0.80, 0.0, 1.0)
FACE_TO_SURROUND = GoodRange(0.60, inf, 0.0, 2.0)
# 5 in 100 of the same faces have more white.
MOST_CLIPPED = 0.10
# 5 in 100 of the same faces are less sharp; blurred by 1.5 % of the face's side, 9 in 10 are.
SHARPNESS = GoodRange(0.08, inf, 0.01, 0.6)
# Pixels of 640. The check asks visitors closer under 64: a quarter is left for those who stand
# back. Above 280 a step forward or a tall visitor leaves the picture.
FACE_SIDE_PX = GoodRange(80.0, 280.0, 20.0, 380.0)
# The middle of the face, in shares of the picture from its left and its upper edge.
ACROSS = GoodRange(0.30, 0.70, 0.0, 1.0)
DOWN = GoodRange(0.25, 0.70, 0.0, 1.0)

SCALES = {
    Item.EXPOSURE: FACE_BRIGHTNESS,
    Item.LIGHT: FACE_TO_SURROUND,
    Item.FOCUS: SHARPNESS,
    Item.DISTANCE: FACE_SIDE_PX,
    Item.MIDDLE: ACROSS,
}


@dataclass(frozen=True, slots=True)
class FrontFace:
    """The largest face of a picture; its middle in shares of the picture's width and height."""

    condition: Condition
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture showed; ``people`` are those who stand in front, not far behind."""

    taken_at_s: float
    people: int
    face: FrontFace | None


@dataclass(frozen=True, slots=True)
class Measure:
    """One item with its value (None where nothing was measured) and what is to be said of it.

    ``beside`` is the exposure's share of white, or the face's middle from the upper edge.
    """

    item: Item
    finding: Finding
    value: float | None = None
    beside: float | None = None

    @property
    def is_good(self) -> bool:
        """Nothing has to be mended."""
        return self.finding is Finding.GOOD


Measures = tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The five measures now, the one thing to do first, and how many seconds all was good.

    ``measured`` holds the middle values of the good seconds once there are ``STEADY_S`` of them.
    """

    measures: Measures
    advice: Finding
    good_s: int
    measured: Measures | None


def look_at(pixels: NDArray[np.uint8], faces: Sequence[FaceObservation], taken_at_s: float) -> Look:
    """What a (height, width, 3) BGR picture with these faces shows."""
    height, width = pixels.shape[:2]
    least = LEAST_FACE_PX * width / REFERENCE_WIDTH_PX
    boxes = [face.box for face in faces if min(face.box.w, face.box.h) >= least]
    front = max(boxes, key=lambda box: box.area, default=None)
    if front is None:
        return Look(taken_at_s, people=0, face=None)
    people = sum(box.area >= COMPARABLE_AREA * front.area for box in boxes)
    condition = measure(pixels, front)
    if condition is None:
        return Look(taken_at_s, people=0, face=None)
    across, down = (front.x + front.w / 2) / width, (front.y + front.h / 2) / height
    return Look(taken_at_s, people, FrontFace(condition, across, down))


def report(looks: Iterable[Look], now_s: float) -> Report:
    """What the looks of the last ``STEADY_S`` seconds say; older ones may be among them."""
    seconds: dict[int, list[Look]] = defaultdict(list)
    for look in looks:
        if look.taken_at_s <= now_s:
            seconds[int((now_s - look.taken_at_s) / NOW_S)].append(look)
    now = next((seconds[back] for back in range(1 + LONGEST_GAP_S) if seconds[back]), [])
    advice, measures = _judge(now)
    good = _good_seconds(seconds)
    measured = None
    if len(good) == STEADY_S:
        _, measured = _judge([look for second in good for look in second])
    return Report(measures, advice, len(good), measured)


def _good_seconds(seconds: Mapping[int, list[Look]]) -> list[list[Look]]:
    """The looks of each good second from now back to the first bad one; short gaps are good."""
    good: list[list[Look]] = []
    gap_s = 0
    for back in range(STEADY_S):
        looks = seconds[back]
        gap_s = 0 if looks else gap_s + 1
        if gap_s > LONGEST_GAP_S:
            return good[:-LONGEST_GAP_S]
        if looks and _judge(looks)[0] is not Finding.GOOD:
            break
        good.append(looks)
    return good


def _judge(looks: Sequence[Look]) -> tuple[Finding, Measures]:
    """What to do first, and the five measures of these looks."""
    if not looks:
        return _nothing(Finding.NO_PICTURE)
    faces = [look.face for look in looks if look.face is not None]
    if 2 * len(faces) < len(looks):
        return _nothing(Finding.NO_FACE)
    is_alone = 2 * sum(look.people > 1 for look in looks) < len(looks)
    measures = _measures(faces, is_alone=is_alone)
    findings = {measure.finding for measure in measures}
    return next(finding for finding in GRAVITY if finding in findings), measures


def _nothing(finding: Finding) -> tuple[Finding, Measures]:
    return finding, tuple(Measure(item, finding) for item in Item)


def _measures(faces: Sequence[FrontFace], *, is_alone: bool) -> Measures:
    """The middle value of each item and its finding."""
    conditions = [face.condition for face in faces]
    brightness = median(one.face_brightness for one in conditions)
    clipped = median(one.clipped for one in conditions)
    ratio = median(
        one.face_brightness / max(one.surround_brightness, DARKEST) for one in conditions
    )
    sharpness = median(one.sharpness for one in conditions)
    side_px = median(one.face_side_px for one in conditions)
    across = median(face.across for face in faces)
    down = median(face.down for face in faces)
    exposure = _exposure(brightness, clipped)
    light = Finding.GOOD if FACE_TO_SURROUND.holds(ratio) else Finding.BACKLIT
    return (
        Measure(Item.EXPOSURE, exposure, brightness, clipped),
        Measure(Item.LIGHT, light, ratio),
        Measure(Item.FOCUS, _focus(sharpness, exposure), sharpness),
        Measure(Item.DISTANCE, _distance(side_px), side_px),
        Measure(Item.MIDDLE, _place(across, down) if is_alone else Finding.SEVERAL, across, down),
    )


def _exposure(brightness: float, clipped: float) -> Finding:
    if brightness < FACE_BRIGHTNESS.low:
        return Finding.TOO_DARK
    if brightness > FACE_BRIGHTNESS.high or clipped > MOST_CLIPPED:
        return Finding.TOO_BRIGHT
    return Finding.GOOD


def _focus(sharpness: float, exposure: Finding) -> Finding:
    if exposure is Finding.TOO_DARK:
        return Finding.NOT_JUDGED  # the sensor's noise would count as sharpness
    return Finding.GOOD if SHARPNESS.holds(sharpness) else Finding.BLURRED


def _distance(side_px: float) -> Finding:
    if side_px < FACE_SIDE_PX.low:
        return Finding.TOO_FAR
    return Finding.GOOD if FACE_SIDE_PX.holds(side_px) else Finding.TOO_NEAR


def _place(across: float, down: float) -> Finding:
    if not ACROSS.holds(across):
        return Finding.LEFT if across < ACROSS.low else Finding.RIGHT
    if not DOWN.holds(down):
        return Finding.HIGH if down < DOWN.low else Finding.LOW
    return Finding.GOOD
