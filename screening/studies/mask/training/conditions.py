"""The hard cases of an entrance, made from ordinary pictures, always the same for the same seed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.readings import Box, MaskLabel
from screening.studies.mask.training import augmentation, coverings, heads, shown
from screening.studies.mask.training.pictures import TrainingPicture
from screening.studies.mask.training.scenes import face_free_part
from screening.vision.annotations import AnnotatedPicture, read_picture

Pixels = NDArray[np.uint8]
Alter = Callable[[Pixels, NDArray[np.float32], np.random.Generator], Pixels]
Reshape = Callable[
    [Pixels, NDArray[np.float32], np.random.Generator], tuple[Pixels, NDArray[np.float32]]
]
Show = Callable[
    [Pixels, NDArray[np.float32], Pixels, np.random.Generator], tuple[Pixels, NDArray[np.float32]]
]
Prepared = tuple[AnnotatedPicture, Pixels]
Prepare = Callable[[AnnotatedPicture, Pixels, np.random.Generator], Prepared | None]
SMALL_CAMERA_PX = 240
FAR_FACE_PX = 40
FRAME_WIDTH_PX = 640
# The longer side of a face that is shown on something, in widths of the frame.
SHOWN_FACE_SHARES = (0.15, 0.32)


@dataclass(frozen=True, slots=True)
class Condition:
    """What happens to the pictures it suits; labels are what the gate should say then."""

    name: str
    prepare: Prepare


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
        Condition("black or dyed mask", _worn(_black_mask, {mask})),
        Condition("mouth printed on a mask", _worn(_printed_mouth, {mask})),
        Condition("transparent mask", _worn(coverings.wear_clear_mask, {no_mask}, becomes=mask)),
        Condition("hand over the mouth", _worn(_hand, {no_mask})),
        Condition("scarf", _worn(_of(augmentation.wrap_scarf, cloth), {no_mask})),
        Condition("face veil", _worn(_of(coverings.veil_face, cloth), {no_mask})),
        Condition("hijab", _worn(_of(coverings.drape_hijab, cloth), set(MaskLabel))),
        Condition("beard", _worn(augmentation.grow_beard, {no_mask})),
        Condition("head turned aside", _reshaped(heads.turn_head)),
        Condition("a child's face", _reshaped(heads.as_child)),
        Condition("two people", _two_people),
        Condition("nobody", _nobody),
        Condition("face on a phone", _shown(shown.show_on_phone)),
        Condition("face on a poster", _shown(shown.show_on_poster)),
    ]


def _whole(
    alter: Callable[[Pixels, np.random.Generator], Pixels],
) -> Prepare:
    return lambda picture, pixels, rng: (picture, alter(pixels, rng))


def _worn(alter: Alter, labels: set[MaskLabel], *, becomes: MaskLabel | None = None) -> Prepare:
    """Every face altered, in pictures that show faces with ``labels`` alone."""

    def prepare(
        picture: AnnotatedPicture, pixels: Pixels, rng: np.random.Generator
    ) -> Prepared | None:
        if not picture.faces or any(face.label not in labels for face in picture.faces):
            return None
        for face in picture.faces:
            pixels = alter(pixels, _corners(face.box), rng)
        if becomes is not None:
            faces = tuple(replace(face, label=becomes) for face in picture.faces)
            picture = replace(picture, faces=faces)
        return picture, pixels

    return prepare


def _reshaped(reshape: Reshape) -> Prepare:
    """The face of another shape, in pictures of one face; what is beside it moves along."""

    def prepare(
        picture: AnnotatedPicture, pixels: Pixels, rng: np.random.Generator
    ) -> Prepared | None:
        if len(picture.faces) != 1 or picture.ignored:
            return None
        (face,) = picture.faces
        changed, corners = reshape(pixels, _corners(face.box), rng)
        return replace(picture, faces=(replace(face, box=_box(corners, pixels)),)), changed

    return prepare


def _shown(show: Show) -> Prepare:
    """The largest face on something held before a wall: nobody is there, so any face is false."""

    def prepare(
        picture: AnnotatedPicture, pixels: Pixels, rng: np.random.Generator
    ) -> Prepared | None:
        if not picture.faces:
            return None
        face = max(picture.faces, key=lambda one: one.box.area)
        side = max(face.box.w, face.box.h)
        wanted = FRAME_WIDTH_PX * rng.uniform(*SHOWN_FACE_SHARES)
        height = FRAME_WIDTH_PX * 3 // 4
        centre = face.box.x + face.box.w / 2, face.box.y + face.box.h / 2
        scale = wanted / side
        warp = np.array(
            [
                [scale, 0, FRAME_WIDTH_PX / 2 - scale * centre[0]],
                [0, scale, height / 2 - scale * centre[1]],
            ]
        )
        frame = cv2.warpAffine(
            pixels, warp, (FRAME_WIDTH_PX, height), borderMode=cv2.BORDER_REPLICATE
        )
        half = np.array([face.box.w, face.box.h]) * scale / 2
        middle = np.array([FRAME_WIDTH_PX, height]) / 2
        corners = np.concatenate([middle - half, middle + half]).astype(np.float32)
        held, _ = show(np.asarray(frame, np.uint8), corners, _wall(height, rng), rng)
        return replace(picture, faces=(), ignored=()), held

    return prepare


def _wall(height: int, rng: np.random.Generator) -> Pixels:
    """A plain room behind: two tones of a wall, unevenly lit, with a little noise."""
    coarse = rng.uniform(90, 210, (2, 3, 1)) * rng.uniform(0.85, 1.1, 3)
    size = (FRAME_WIDTH_PX, height)
    smooth = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float64)
    smooth[:, : int(rng.integers(1, FRAME_WIDTH_PX))] *= rng.uniform(0.6, 1.0)
    noisy = smooth + rng.normal(0, 3, smooth.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _box(corners: NDArray[np.float32], pixels: Pixels) -> Box:
    """The box of the corners within the picture."""
    limits = np.array([*pixels.shape[1::-1], *pixels.shape[1::-1]])
    left, top, right, bottom = (float(value) for value in np.clip(corners, 0, limits))
    return Box(left, top, right - left, bottom - top)


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


def _hand(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    way = augmentation.paint_hand if rng.random() < 0.5 else coverings.cover_with_hand
    return way(pixels, box, rng)


def _of(
    dress: Callable[[Pixels, NDArray[np.float32], Pixels, np.random.Generator], Pixels],
    cloth: Pixels,
) -> Alter:
    return lambda pixels, box, rng: dress(pixels, box, cloth, rng)


def _patterned(cloth: Pixels) -> Alter:
    def alter(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
        upper = float(box[1] + 0.4 * (box[3] - box[1]))
        return augmentation.dye_mask(pixels, box, upper, rng, cloth)

    return alter


def _black_mask(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """White and blue masks dyed, mostly black; what is neither stays as it is."""
    upper = float(box[1] + 0.4 * (box[3] - box[1]))
    black = np.full((8, 8, 3), rng.integers(14, 50), np.uint8)
    return augmentation.dye_mask(pixels, box, upper, rng, black)


def _printed_mouth(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """Two drawn lips where the mouth is beneath."""
    left, top, right, bottom = (float(value) for value in box)
    width, height = (right - left) * rng.uniform(0.3, 0.45), (bottom - top) * 0.05
    x, y = (left + right) / 2, top + 0.78 * (bottom - top)
    red = np.array([70, 60, 170]) * rng.uniform(0.7, 1.2)
    printed = pixels.copy()
    for side, tone in ((-0.7, 0.85), (0.7, 1.0)):
        lip = ((x, y + side * height), (width, 2 * height), 0.0)
        cv2.ellipse(printed, lip, tuple(float(value) for value in red * tone), cv2.FILLED)
    mouth = ((x, y), (0.8 * width, max(1.0, 0.5 * height)), 0.0)
    cv2.ellipse(printed, mouth, (30.0, 20.0, 50.0), cv2.FILLED)
    return printed


def _two_people(
    picture: AnnotatedPicture, pixels: Pixels, _rng: np.random.Generator
) -> Prepared | None:
    """The picture and its mirror image side by side: everybody has to be found twice."""
    if not picture.faces:
        return None
    columns = pixels.shape[1]

    def mirrored(box: Box) -> Box:
        return replace(box, x=2 * columns - box.x - box.w)

    faces = (*picture.faces, *(replace(one, box=mirrored(one.box)) for one in picture.faces))
    ignored = (*picture.ignored, *(mirrored(box) for box in picture.ignored))
    both = np.ascontiguousarray(np.hstack([pixels, pixels[:, ::-1]]))
    return replace(picture, faces=faces, ignored=ignored), both


def _nobody(picture: AnnotatedPicture, pixels: Pixels, rng: np.random.Generator) -> Prepared | None:
    """A part of the picture without any face, 640 wide: any face is false."""
    known = [face.box for face in picture.faces] + list(picture.ignored)
    corners = np.array([_corners(box) for box in known], np.float32).reshape(-1, 4)
    nothing = np.zeros((0, 4), np.float32)
    seen = TrainingPicture(pixels, corners, np.zeros(len(corners), np.int64), nothing, False)
    part = face_free_part(seen, FRAME_WIDTH_PX * 3 // 4, FRAME_WIDTH_PX, rng)
    return None if part is None else (replace(picture, faces=(), ignored=()), part)


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
