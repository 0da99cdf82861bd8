"""The hard cases of an entrance, made from ordinary pictures, always the same for the same seed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskLabel
from screening.vision.annotations import AnnotatedPicture, read_picture
from screening.vision.training import augmentation

Pixels = NDArray[np.uint8]
Alter = Callable[[Pixels, NDArray[np.float32], np.random.Generator], Pixels]
Prepared = tuple[AnnotatedPicture, Pixels]
SMALL_CAMERA_PX = 240
FAR_FACE_PX = 40
FRAME_WIDTH_PX = 640


@dataclass(frozen=True, slots=True)
class Condition:
    """What happens to the pictures, and which faces it may happen to without changing the label."""

    name: str
    prepare: Callable[[AnnotatedPicture, Pixels, np.random.Generator], Prepared | None]


def prepared(
    pictures: Sequence[AnnotatedPicture], condition: Condition, *, seed: int = 7
) -> Iterator[Prepared]:
    """The pictures under ``condition``; those it does not suit are left out."""
    for picture in pictures:
        rng = np.random.default_rng((seed, zlib.crc32(picture.path.name.encode())))
        one = condition.prepare(picture, read_picture(picture.path), rng)
        if one is not None:
            yield one


def all_conditions(cloth: Pixels) -> list[Condition]:
    """Every condition; ``cloth`` is any picture, whose patches become scarves and patterns."""
    no_mask, mask = MaskLabel.NO_MASK, MaskLabel.MASK
    return [
        Condition("as taken", lambda picture, pixels, _rng: (picture, pixels)),
        Condition("dark, noisy", _whole(_dark)),
        Condition("back-lit", _whole(_backlit)),
        Condition("glare", _whole(_glare)),
        Condition("moved", _whole(_moved)),
        Condition("hard JPEG", _whole(_compressed)),
        Condition("240-pixel camera", _small_camera),
        Condition("face fills the frame", _filling),
        Condition("far (40 px of 640)", _far),
        Condition("fogged glasses", _worn(augmentation.fog_glasses, set(MaskLabel))),
        Condition("patterned mask", _worn(_patterned(cloth), {mask})),
        Condition("hand over the mouth", _worn(augmentation.paint_hand, {no_mask})),
        Condition("scarf", _worn(_scarf(cloth), {no_mask})),
        Condition("beard", _worn(augmentation.grow_beard, {no_mask})),
    ]


def _whole(
    alter: Callable[[Pixels, np.random.Generator], Pixels],
) -> Callable[[AnnotatedPicture, Pixels, np.random.Generator], Prepared | None]:
    return lambda picture, pixels, rng: (picture, alter(pixels, rng))


def _worn(
    alter: Alter, labels: set[MaskLabel]
) -> Callable[[AnnotatedPicture, Pixels, np.random.Generator], Prepared | None]:
    def prepare(
        picture: AnnotatedPicture, pixels: Pixels, rng: np.random.Generator
    ) -> Prepared | None:
        if not picture.faces or any(face.label not in labels for face in picture.faces):
            return None
        for face in picture.faces:
            pixels = alter(pixels, _corners(face.box), rng)
        return picture, pixels

    return prepare


def _corners(box: Box) -> NDArray[np.float32]:
    return np.array([box.x, box.y, box.x + box.w, box.y + box.h], np.float32)


def _dark(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    dark = 255 * rng.uniform(0.2, 0.4) * (pixels / 255.0) ** rng.uniform(1.2, 1.8)
    return np.asarray(np.clip(dark + rng.normal(0, 6, pixels.shape), 0, 255), np.uint8)


def _backlit(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return augmentation.back_light(pixels, rng)


def _glare(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    rows, columns = pixels.shape[:2]
    centre = rng.uniform(0.2, 0.8, 2) * (columns, rows)
    reach = rng.uniform(0.25, 0.5) * max(rows, columns)
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    bloom = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * reach**2))
    veiled = pixels * (1 - 0.3 * bloom[..., None]) + 200 * bloom[..., None]
    return np.asarray(np.clip(veiled, 0, 255), np.uint8)


def _moved(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    length = max(3, round(pixels.shape[1] * rng.uniform(0.01, 0.025)))
    return np.asarray(cv2.blur(pixels, (length, 1)), np.uint8)


def _compressed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(8, 18))]
    _, encoded = cv2.imencode(".jpg", pixels, quality)
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _scarf(cloth: Pixels) -> Alter:
    return lambda pixels, box, rng: augmentation.wrap_scarf(pixels, box, cloth, rng)


def _patterned(cloth: Pixels) -> Alter:
    def alter(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
        upper = float(box[1] + 0.4 * (box[3] - box[1]))
        return augmentation.dye_mask(pixels, box, upper, rng, cloth)

    return alter


def _small_camera(
    picture: AnnotatedPicture, pixels: Pixels, rng: np.random.Generator
) -> Prepared | None:
    scale = SMALL_CAMERA_PX / max(pixels.shape[:2])
    small, shrunk = _scaled(picture, pixels, min(1.0, scale))
    return small, _compressed(augmentation.back_light(shrunk, rng), rng)


def _filling(
    picture: AnnotatedPicture, pixels: Pixels, rng: np.random.Generator
) -> Prepared | None:
    if not picture.faces:
        return None
    face = max(picture.faces, key=lambda one: one.box.area)
    box, (rows, columns) = face.box, pixels.shape[:2]
    shift = rng.uniform(-0.1, 0.1, 2) * (box.w, box.h)
    left, top = max(0, round(box.x + shift[0])), max(0, round(box.y + shift[1]))
    right = min(columns, round(box.x + shift[0] + box.w))
    bottom = min(rows, round(box.y + shift[1] + box.h))
    seen = pixels[top:bottom, left:right]
    if min(seen.shape[:2]) < FAR_FACE_PX:
        return None
    x0, y0 = max(0.0, box.x - left), max(0.0, box.y - top)
    x1, y1 = min(right - left, box.x + box.w - left), min(bottom - top, box.y + box.h - top)
    kept = replace(face, box=Box(x0, y0, x1 - x0, y1 - y0))
    return replace(picture, faces=(kept,), ignored=()), seen.copy()


def _far(picture: AnnotatedPicture, pixels: Pixels, _rng: np.random.Generator) -> Prepared | None:
    """The picture so small in a grey 640-wide frame that its largest face is 40 pixels."""
    if not picture.faces:
        return None
    side = max(min(face.box.w, face.box.h) for face in picture.faces)
    small, shrunk = _scaled(picture, pixels, FAR_FACE_PX / side)
    rows, columns = shrunk.shape[:2]
    frame = np.full((FRAME_WIDTH_PX * 3 // 4, FRAME_WIDTH_PX, 3), 96, np.uint8)
    if rows > frame.shape[0] or columns > FRAME_WIDTH_PX:
        return None
    frame[:rows, :columns] = shrunk
    return small, frame


def _scaled(picture: AnnotatedPicture, pixels: Pixels, scale: float) -> Prepared:
    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))

    def moved(box: Box) -> Box:
        return Box(box.x * scale, box.y * scale, box.w * scale, box.h * scale)

    faces = tuple(replace(face, box=moved(face.box)) for face in picture.faces)
    ignored = tuple(moved(box) for box in picture.ignored)
    shrunk = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return replace(picture, faces=faces, ignored=ignored), shrunk
