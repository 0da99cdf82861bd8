"""Draws training crops for the mask classifier: one face each, jittered as a detector would."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskLabel
from screening.studies.mask.training.augmentation import (
    degrade,
    dye_mask,
    fog_glasses,
    grow_beard,
    paint_hand,
    print_mouth,
    shade_lower_face,
    wrap_scarf,
)
from screening.studies.mask.training.coverings import (
    cover_with_hand,
    drape_hijab,
    veil_face,
    wear_clear_mask,
)
from screening.studies.mask.training.heads import as_child, turn_head
from screening.studies.mask.training.pictures import LABELS, TrainingPicture
from screening.studies.mask.training.shown import show_on_phone, show_on_poster
from screening.vision.crop import CROP_MARGIN, CROP_SIDE_PX, cut_face

# Faces are kept with room around them, so that a jittered crop finds picture and not a border.
ROOMY_SIDE_PX = 160
ROOMY_MARGIN = CROP_MARGIN * ROOMY_SIDE_PX / CROP_SIDE_PX
MIDDLE = ROOMY_SIDE_PX / 2
# Longer side of the face's box in a roomy square.
FACE_SIDE = ROOMY_SIDE_PX / ROOMY_MARGIN
SMALLEST_FACE_PX = 14.0
# The classifier has one class more than there are labels: what only looked like a face.
NO_FACE = len(LABELS)
NO_FACE_SHARE = 0.2
CLASS_SHARES = {MaskLabel.MASK: 0.45, MaskLabel.NO_MASK: 0.38, MaskLabel.INCORRECT: 0.17}
SYNTHETIC_SHARE = 0.35
# Of what is no face, so many are pictures of faces whose frame can be seen.
SHOWN_SHARE = 0.08
# A hand, a scarf, a veil or a beard over a bare mouth is still no mask.
HAND_SHARE = 0.07
SCARF_SHARE = 0.05
VEIL_SHARE = 0.03
BEARD_SHARE = 0.06
HIJAB_SHARE = 0.14
CLEAR_MASK_SHARE = 0.03
TURNED_SHARE = 0.1
CHILD_SHARE = 0.06
DYED_SHARE = 0.25
PATTERNED_SHARE = 0.3
PRINTED_MOUTH_SHARE = 0.04
GLASSES_SHARE = 0.08
SHADED_SHARE = 0.12
CUT_SHARE = 0.15
SMALL_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Portrait:
    """A face in the middle of a roomy square; ``width`` and ``height`` are its box there."""

    pixels: NDArray[np.uint8]
    width: float
    height: float


def collect(pictures: list[TrainingPicture]) -> dict[MaskLabel, list[Portrait]]:
    """The labelled faces of all pictures by label."""
    portraits: dict[MaskLabel, list[Portrait]] = {label: [] for label in LABELS}
    for picture in pictures:
        for corners, label in zip(picture.boxes, picture.labels, strict=True):
            left, top, right, bottom = (float(value) for value in corners)
            box = Box(left, top, right - left, bottom - top)
            if min(box.w, box.h) < SMALLEST_FACE_PX:
                continue
            roomy = cut_face(picture.pixels, box, side_px=ROOMY_SIDE_PX, margin=ROOMY_MARGIN)
            shrink = FACE_SIDE / max(box.w, box.h)
            portraits[LABELS[label]].append(Portrait(roomy, box.w * shrink, box.h * shrink))
    return portraits


def draw_crop(
    portraits: dict[MaskLabel, list[Portrait]],
    rng: np.random.Generator,
    mistakes: list[Portrait] | None = None,
) -> tuple[NDArray[np.uint8], int]:
    """One crop of (96, 96, 3) and the index of its label in ``LABELS``, or ``NO_FACE``."""
    if mistakes and rng.random() < NO_FACE_SHARE:
        mistake = _shown(portraits, rng) if rng.random() < SHOWN_SHARE else _any(mistakes, rng)
        return degrade(_jitter(mistake.pixels, mistake, rng), rng), NO_FACE
    label = LABELS[int(rng.choice(len(LABELS), p=[CLASS_SHARES[one] for one in LABELS]))]
    if label is MaskLabel.INCORRECT and rng.random() < SYNTHETIC_SHARE:
        portrait = _pulled_down(
            _any(portraits[MaskLabel.NO_MASK], rng), _any(portraits[MaskLabel.MASK], rng), rng
        )
    elif label is MaskLabel.MASK and rng.random() < CLEAR_MASK_SHARE:
        bare = _any(portraits[MaskLabel.NO_MASK], rng)
        portrait = replace(bare, pixels=wear_clear_mask(bare.pixels, _box(bare), rng))
    else:
        portrait = _any(portraits[label], rng)
    portrait = _shaped(portrait, rng)
    crop = _jitter(_disguise(portrait, label, portraits, rng), portrait, rng)
    if rng.random() < SMALL_SHARE:
        side = int(rng.integers(18, 60))
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
        crop = np.asarray(cv2.resize(small, (CROP_SIDE_PX, CROP_SIDE_PX)), np.uint8)
    return degrade(crop, rng), LABELS.index(label)


def _shaped(portrait: Portrait, rng: np.random.Generator) -> Portrait:
    """The portrait as it is, of a head that is turned, or of a child."""
    way = rng.random()
    if way >= TURNED_SHARE + CHILD_SHARE:
        return portrait
    shape = turn_head if way < TURNED_SHARE else as_child
    pixels, box = shape(portrait.pixels, _box(portrait), rng)
    return Portrait(pixels, float(box[2] - box[0]), float(box[3] - box[1]))


def _shown(portraits: dict[MaskLabel, list[Portrait]], rng: np.random.Generator) -> Portrait:
    """A face on a phone or on a poster, before what is around another face."""
    shown = _any(portraits[LABELS[int(rng.integers(len(LABELS)))]], rng)
    behind = _any(portraits[LABELS[int(rng.integers(len(LABELS)))]], rng).pixels[::-1]
    show = show_on_phone if rng.random() < 0.6 else show_on_poster
    pixels, _ = show(shown.pixels, _box(shown), behind, rng)
    return replace(shown, pixels=pixels)


def _disguise(
    portrait: Portrait,
    label: MaskLabel,
    portraits: dict[MaskLabel, list[Portrait]],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """The portrait with what people wear or do before a gate; its label stays true."""
    pixels, box = portrait.pixels, _box(portrait)
    if label is not MaskLabel.NO_MASK:
        pixels = _recoloured(pixels, box, label, portraits, rng)
    if rng.random() < HIJAB_SHARE:
        pixels = drape_hijab(pixels, box, _any(portraits[MaskLabel.NO_MASK], rng).pixels, rng)
    if label is MaskLabel.NO_MASK:
        pixels = _covered(pixels, box, portraits, rng)
    if rng.random() < GLASSES_SHARE:
        pixels = fog_glasses(pixels, box, rng)
    if rng.random() < SHADED_SHARE:
        start = MIDDLE + portrait.height * rng.uniform(-0.05, 0.3)
        pixels = shade_lower_face(pixels, start, rng)
    return _within(portrait.pixels, pixels)


def _recoloured(
    pixels: NDArray[np.uint8],
    box: NDArray[np.float32],
    label: MaskLabel,
    portraits: dict[MaskLabel, list[Portrait]],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """A masked face, now and then with its mask dyed, patterned or printed with a mouth."""
    if rng.random() < DYED_SHARE:
        upper = -0.1 if label is MaskLabel.MASK else 0.1
        from_row = float(box[1] + box[3]) / 2 + upper * float(box[3] - box[1])
        pattern = None
        if rng.random() < PATTERNED_SHARE:
            pattern = _any(portraits[MaskLabel.NO_MASK], rng).pixels
        pixels = dye_mask(pixels, box, from_row, rng, pattern)
    if label is MaskLabel.MASK and rng.random() < PRINTED_MOUTH_SHARE:
        bare = _any(portraits[MaskLabel.NO_MASK], rng)
        pixels = print_mouth(pixels, box, bare.pixels, _box(bare))
    return pixels


def _covered(
    pixels: NDArray[np.uint8],
    box: NDArray[np.float32],
    portraits: dict[MaskLabel, list[Portrait]],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """A bare face, now and then with something over mouth and chin that is no mask."""
    way = rng.random()
    if way < HAND_SHARE:
        return (paint_hand if rng.random() < 0.5 else cover_with_hand)(pixels, box, rng)
    way -= HAND_SHARE
    if way < SCARF_SHARE:
        return wrap_scarf(pixels, box, _any(portraits[MaskLabel.MASK], rng).pixels, rng)
    way -= SCARF_SHARE
    if way < VEIL_SHARE:
        return veil_face(pixels, box, _any(portraits[MaskLabel.MASK], rng).pixels, rng)
    way -= VEIL_SHARE
    return grow_beard(pixels, box, rng) if way < BEARD_SHARE else pixels


def _within(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``after``, black where ``before`` lies outside its picture: nobody is dressed out there."""
    x, y, width, height = cv2.boundingRect(before.max(axis=2))
    kept = np.zeros_like(after)
    inside = np.s_[y : y + height, x : x + width]
    kept[inside] = after[inside]
    return kept


def _any(portraits: list[Portrait], rng: np.random.Generator) -> Portrait:
    return portraits[int(rng.integers(len(portraits)))]


def _box(portrait: Portrait) -> NDArray[np.float32]:
    half = np.array([portrait.width, portrait.height]) / 2
    return np.concatenate([MIDDLE - half, MIDDLE + half]).astype(np.float32)


def _pulled_down(bare: Portrait, masked: Portrait, rng: np.random.Generator) -> Portrait:
    """The bare face with the other's mask pulled below its nose or below its mouth."""
    start = rng.uniform(0.6, 0.86)
    drop = (start - rng.uniform(0.46, 0.52)) * bare.height
    shift = np.array([[1, 0, rng.normal(0, 1.5)], [0, 1, drop]])
    size = (ROOMY_SIDE_PX, ROOMY_SIDE_PX)
    lowered = cv2.warpAffine(masked.pixels, shift, size, borderMode=cv2.BORDER_REPLICATE)
    columns = (np.arange(ROOMY_SIDE_PX) - MIDDLE) / (bare.width / 2)
    rise = rng.uniform(-0.04, 0.14) * bare.height * columns**2
    tilt = rng.normal(0, 0.03) * bare.height * columns
    seam = MIDDLE + (start - 0.5) * bare.height - rise + tilt
    rows = np.arange(ROOMY_SIDE_PX)[:, None]
    blend = np.clip((rows - seam[None]) / rng.uniform(0.8, 3.0), 0, 1)
    # Beside the face the bare picture stays: hair, ears, background.
    reach = np.clip((rng.uniform(1.02, 1.3) - np.abs(columns)) * 8, 0, 1)
    blend = (blend * reach[None])[..., None]
    mixed = bare.pixels * (1 - blend) + lowered * blend
    return Portrait(mixed.astype(np.uint8), bare.width, bare.height)


def _jitter(
    pixels: NDArray[np.uint8], portrait: Portrait, rng: np.random.Generator
) -> NDArray[np.uint8]:
    scale = np.exp(rng.normal(0, 0.08))
    centre = MIDDLE + rng.normal(0, 0.045, 2) * FACE_SIDE
    if rng.random() < CUT_SHARE:
        pixels, centre, grown = _cut(pixels, portrait, centre, rng)
        scale *= grown
    stretch = np.exp(rng.normal(0, 0.06))
    angle = np.deg2rad(rng.normal(0, 8.0))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[flip * cosine * stretch, -sine], [flip * sine * stretch, cosine]])
    shift = CROP_SIDE_PX / 2 - turn @ centre
    size = (CROP_SIDE_PX, CROP_SIDE_PX)
    return np.asarray(cv2.warpAffine(pixels, np.column_stack([turn, shift]), size), np.uint8)


def _cut(
    pixels: NDArray[np.uint8],
    portrait: Portrait,
    centre: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.float64], float]:
    """The portrait as if the picture's border ran through the face, and the rest's new centre."""
    left, top, right, bottom = (float(value) for value in _box(portrait))
    share = rng.uniform(0.0, 0.35)
    cut = pixels.copy()
    grown = 1.0
    side = int(rng.integers(4))
    if side in (0, 1):
        gone = portrait.width * share
        if side == 0:
            cut[:, : round(left + gone)] = 0
        else:
            cut[:, round(right - gone) :] = 0
        centre = centre + np.array([gone / 2 if side == 0 else -gone / 2, 0])
    else:
        # The lower edge may hide a mask's absence, so less may go there.
        gone = portrait.height * share * (0.9 if side == 2 else 0.5)
        if side == 2:
            cut[: round(top + gone)] = 0
        else:
            cut[round(bottom - gone) :] = 0
        centre = centre + np.array([0, gone / 2 if side == 2 else -gone / 2])
        grown = portrait.height / max(portrait.width, portrait.height - gone)
    return cut, centre, grown
