"""Makes clean web pictures look like a gate camera's: dark, back-lit, noisy, blurred."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_NOISE = np.random.default_rng(20).normal(0.0, 1.0, (704, 704, 3)).astype(np.float32)
_RAMP = np.arange(256, dtype=np.float32) / 255.0


def degrade(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A new picture of the same size with a random mixture of a gate camera's faults."""
    if rng.random() < 0.15:
        pixels = _low_resolution(pixels, rng)
    if rng.random() < 0.3:
        pixels = _illuminate(pixels, rng)
    if rng.random() < 0.1:
        pixels = back_light(pixels, rng)
    if rng.random() < 0.7:
        pixels = _tone(pixels, rng)
    if rng.random() < 0.08:
        gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
        pixels = np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
    if rng.random() < 0.12:
        pixels = _veil(pixels, rng)
    if rng.random() < 0.2:
        pixels = _blur(pixels, rng)
    if rng.random() < 0.35:
        pixels = _noise(pixels, rng)
    if rng.random() < 0.3:
        pixels = _compress(pixels, rng)
    return pixels


def paint_hand(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """The face in ``box`` with fingers of its own skin's colour over mouth and perhaps nose."""
    left, top, right, bottom = (float(value) for value in box)
    width, height = right - left, bottom - top
    skin = _patch_mean(pixels, left + 0.4 * width, top + 0.15 * height, 0.2 * width)
    painted = pixels.copy()
    thickness = max(2, round(width * rng.uniform(0.14, 0.24)))
    start_y = top + height * rng.uniform(0.6, 0.85)
    slope = rng.uniform(-0.3, 0.3)
    side = rng.choice((-1.0, 1.0))
    for finger in range(int(rng.integers(2, 5))):
        shade = skin * rng.uniform(0.75, 1.1)
        y = start_y + finger * thickness * rng.uniform(0.8, 1.0)
        centre = (left + right) / 2
        first = (round(centre - side * width * rng.uniform(0.1, 0.45)), round(y))
        last = (round(centre + side * width), round(y + slope * height))
        colour = tuple(float(value) for value in shade)
        edge = tuple(float(value) * 0.7 for value in shade)
        cv2.line(painted, first, last, edge, thickness + 2, cv2.LINE_AA)
        cv2.line(painted, first, last, colour, thickness, cv2.LINE_AA)
    softened = cv2.GaussianBlur(painted, (0, 0), max(0.4, width / 90))
    return np.asarray(softened if rng.random() < 0.5 else painted, np.uint8)


def cover_lower_face(
    pixels: Pixels, box: NDArray[np.float32], cloth: Pixels, rng: np.random.Generator
) -> Pixels:
    """The face in ``box`` with ``cloth`` (any picture) over its lower half, for a detector only."""
    left, top, right, bottom = (float(value) for value in box)
    width, height = right - left, bottom - top
    upper = top + height * rng.uniform(0.4, 0.75)
    grow = width * rng.uniform(0.0, 0.2)
    corners = np.array(
        [
            (left - grow, upper + height * rng.uniform(-0.05, 0.1)),
            ((left + right) / 2, upper - height * rng.uniform(0.0, 0.1)),
            (right + grow, upper + height * rng.uniform(-0.05, 0.1)),
            (right, bottom),
            ((left + right) / 2, bottom + height * rng.uniform(0.0, 0.15)),
            (left, bottom),
        ]
    )
    region = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(region, [np.round(corners).astype(np.int32)], 255)
    fill = cv2.resize(cloth, (pixels.shape[1], pixels.shape[0]))
    if rng.random() < 0.6:
        fill = np.full_like(pixels, rng.integers(0, 256, 3)) // 2 + fill // 4
    return np.where(region[..., None] > 0, fill, pixels).astype(np.uint8)


def wrap_scarf(
    pixels: Pixels, box: NDArray[np.float32], cloth: Pixels, rng: np.random.Generator
) -> Pixels:
    """A folded scarf from the nose or mouth down over the neck, wider than any mask.

    ``cloth`` is any picture; a patch of it gives the colours.
    """
    left, top, right, bottom = (float(value) for value in box)
    width, height = right - left, bottom - top
    rows, columns = pixels.shape[:2]
    upper = top + height * rng.uniform(0.42, 0.66)
    across = (np.arange(columns, dtype=np.float32) - (left + right) / 2) / (width / 2)
    edge = upper + height * (rng.uniform(-0.06, 0.1) * across**2 + rng.normal(0, 0.03) * across)
    reach = np.clip((rng.uniform(1.4, 2.0) - np.abs(across)) * 6, 0, 1)
    down = np.arange(rows, dtype=np.float32)[:, None]
    covered = np.clip((down - edge[None]) / 1.5, 0, 1) * reach[None]
    covered *= np.clip((bottom + height * rng.uniform(0.35, 0.9) - down) / 3, 0, 1)
    folds = 1 + rng.uniform(0.05, 0.25) * np.sin(
        (down - edge[None]) / height * rng.uniform(15, 45) + across[None] * rng.uniform(-2, 2)
    )
    folded = np.clip(fabric(pixels.shape, cloth, rng) * folds[..., None], 0, 255)
    blend = covered[..., None]
    return np.asarray((folded * blend + pixels * (1 - blend)).astype(np.uint8), np.uint8)


def print_mouth(
    pixels: Pixels, box: NDArray[np.float32], bare: Pixels, bare_box: NDArray[np.float32]
) -> Pixels:
    """The masked face in ``box`` with the mouth of the ``bare`` face printed on its mask."""
    x0, y0, x1, y1 = (float(value) for value in bare_box)
    mouth = bare[
        round(y0 + 0.66 * (y1 - y0)) : round(y0 + 0.92 * (y1 - y0)),
        round(x0 + 0.25 * (x1 - x0)) : round(x0 + 0.75 * (x1 - x0)),
    ]
    left, top, right, bottom = (float(value) for value in box)
    width, height = max(2, round(0.5 * (right - left))), max(2, round(0.26 * (bottom - top)))
    x, y = round((left + right - width) / 2), round(top + 0.66 * (bottom - top))
    region = pixels[y : y + height, x : x + width]
    if not mouth.size or region.shape[:2] != (height, width):
        return pixels
    blend = np.zeros((height, width), np.float32)
    axes = (max(1, round(width * 0.42)), max(1, round(height * 0.4)))
    cv2.ellipse(blend, (width // 2, height // 2), axes, 0.0, 0.0, 360.0, 1.0, cv2.FILLED)
    soft = cv2.GaussianBlur(blend, (0, 0), 1.5)[..., None]
    printed = pixels.copy()
    mixed = cv2.resize(mouth, (width, height)) * soft + region * (1 - soft)
    printed[y : y + height, x : x + width] = mixed.astype(np.uint8)
    return printed


def fog_glasses(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """The face in ``box`` behind glasses, which are fogged or reflect the light."""
    left, top, right, bottom = (float(value) for value in box)
    width, height = right - left, bottom - top
    y = top + height * rng.uniform(0.3, 0.4)
    axes = (round(width * rng.uniform(0.15, 0.21)), round(height * rng.uniform(0.09, 0.15)))
    fog = np.zeros(pixels.shape[:2], np.float32)
    worn = pixels.copy()
    rim = tuple(float(value) for value in rng.integers(0, 90, 3))
    for side in (-1, 1):
        centre = (round((left + right) / 2 + side * 0.22 * width), round(y))
        cv2.ellipse(fog, centre, axes, 0.0, 0.0, 360.0, 1.0, cv2.FILLED, cv2.LINE_AA)
        cv2.ellipse(worn, centre, axes, 0.0, 0.0, 360.0, rim, 1, cv2.LINE_AA)
    strength = rng.uniform(0.2, 0.9) * np.clip(_field(pixels.shape, rng) + 0.3, 0, 1)
    blend = (fog * strength)[..., None]
    white = float(rng.uniform(150, 250))
    return np.asarray((white * blend + worn * (1 - blend)).astype(np.uint8), np.uint8)


def grow_beard(pixels: Pixels, box: NDArray[np.float32], rng: np.random.Generator) -> Pixels:
    """The bare face in ``box`` with a beard around its mouth, which stays free."""
    left, top, right, bottom = (float(value) for value in box)
    width, height = right - left, bottom - top
    hair = np.zeros(pixels.shape[:2], np.float32)
    centre = (round((left + right) / 2), round(top + 0.8 * height))
    size = (round(width * rng.uniform(0.36, 0.5)), round(height * rng.uniform(0.24, 0.36)))
    cv2.ellipse(hair, centre, size, 0.0, 0.0, 360.0, 1.0, cv2.FILLED, cv2.LINE_AA)
    mouth = (round(width * rng.uniform(0.12, 0.18)), round(height * rng.uniform(0.03, 0.06)))
    cv2.ellipse(hair, centre, mouth, 0.0, 0.0, 360.0, 0.0, cv2.FILLED, cv2.LINE_AA)
    hair[: round(top + height * rng.uniform(0.6, 0.68))] = 0
    edge = cv2.GaussianBlur(hair, (0, 0), max(0.6, width / 40))
    rows, columns = pixels.shape[:2]
    strands = cv2.GaussianBlur(_NOISE[:rows, :columns], (0, 0), 0.7)[..., :1] * 30
    colour = np.full(3, rng.uniform(10, 110)) * rng.uniform(0.85, 1.1, 3)
    blend = (edge * rng.uniform(0.55, 0.95))[..., None]
    grown = np.clip(colour + strands, 0, 255) * blend + pixels * (1 - blend)
    return np.asarray(grown.astype(np.uint8), np.uint8)


def shade_lower_face(pixels: Pixels, from_row: float, rng: np.random.Generator) -> Pixels:
    """Everything below ``from_row`` darkened, as a black mask, a beard or a shadow would."""
    rows = np.arange(pixels.shape[0], dtype=np.float32)
    blend = np.clip((rows - from_row) / 4.0, 0.0, 1.0) * rng.uniform(0.3, 0.75)
    return np.asarray((pixels * (1.0 - blend[:, None, None])).astype(np.uint8), np.uint8)


def dye_mask(
    pixels: Pixels,
    box: NDArray[np.float32],
    from_row: float,
    rng: np.random.Generator,
    pattern: Pixels | None = None,
) -> Pixels:
    """White and blue cloth in ``box`` below ``from_row`` in another colour; skin stays as it is.

    With a ``pattern`` (any picture) the cloth is printed with a patch of it.
    """
    left, _, right, bottom = (float(value) for value in box)
    cloth = np.zeros(pixels.shape[:2], np.float32)
    middle = ((left + right) / 2, (from_row + bottom) / 2)
    axes = (0.62 * (right - left), 0.75 * (bottom - from_row))
    cv2.ellipse(cloth, (middle, (2 * axes[0], 2 * axes[1]), 0.0), 1.0, cv2.FILLED, cv2.LINE_AA)
    blue, _, red = cv2.split(pixels.astype(np.float32))
    cloth *= np.clip((cv2.GaussianBlur(blue - red, (0, 0), 1.0) + 18) / 24, 0, 1)
    cloth[: max(0, round(from_row))] = 0
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    colour = rng.uniform(0.15, 1.1, 3) * rng.choice([1.0, 1.0, 0.35])
    dyed = np.clip(gray[..., None] * colour, 0, 255)
    if pattern is not None:
        shade = gray[..., None] / max(1.0, float(gray.max()))
        dyed = fabric(pixels.shape, pattern, rng) * (0.35 + 0.65 * shade)
    blend = cloth[..., None]
    return np.asarray((dyed * blend + pixels * (1 - blend)).astype(np.uint8), np.uint8)


def _patch_mean(pixels: Pixels, x: float, y: float, side: float) -> NDArray[np.float64]:
    height, width = pixels.shape[:2]
    left, top = int(np.clip(x, 0, width - 2)), int(np.clip(y, 0, height - 2))
    patch = pixels[top : top + max(2, round(side)), left : left + max(2, round(side))]
    return np.asarray(patch.reshape(-1, 3).mean(axis=0), np.float64)


def fabric(shape: tuple[int, ...], cloth: Pixels, rng: np.random.Generator) -> NDArray[np.float32]:
    """A patch of ``cloth`` repeated over ``shape``, in its own or in other colours."""
    side = int(rng.integers(6, max(8, min(cloth.shape[:2]) // 2)))
    top = int(rng.integers(0, cloth.shape[0] - side))
    left = int(rng.integers(0, cloth.shape[1] - side))
    tile = int(rng.integers(8, 48))
    patch = cv2.resize(cloth[top : top + side, left : left + side], (tile, tile))
    times = (-(-shape[0] // tile), -(-shape[1] // tile), 1)
    woven = np.tile(patch, times)[: shape[0], : shape[1]].astype(np.float32)
    if rng.random() < 0.5:
        flat = rng.uniform(0, 255, 3).astype(np.float32)
        woven = flat + (woven - woven.mean(axis=(0, 1))) * np.float32(rng.uniform(0.0, 0.6))
    return np.asarray(np.clip(woven, 0, 255), np.float32)


def _field(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    coarse = rng.random((int(rng.integers(2, 5)), int(rng.integers(2, 5)))).astype(np.float32)
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), np.float32)


def _illuminate(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    low, high = rng.uniform(0.15, 0.7), rng.uniform(1.0, 2.0)
    gain = low + (high - low) * _field(pixels.shape, rng)
    return np.asarray(cv2.multiply(pixels, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8)


def back_light(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A dark middle before a bright window; the camera's exposure follows the window."""
    height, width = pixels.shape[:2]
    centre = rng.uniform(0.3, 0.7, 2)
    rows = (np.arange(height, dtype=np.float32)[:, None] / height - centre[0]) ** 2
    columns = (np.arange(width, dtype=np.float32)[None] / width - centre[1]) ** 2
    dark, bright = rng.uniform(0.1, 0.45), rng.uniform(1.2, 3.0)
    far = np.clip((rows + columns) / rng.uniform(0.08, 0.35), 0, 1)
    gain = (dark + (bright - dark) * far).astype(np.float32)
    return np.asarray(cv2.multiply(pixels, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8)


def _tone(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    dark = rng.random() < 0.25
    gamma = np.exp(rng.uniform(0.4, 1.1) if dark else rng.uniform(-0.5, 0.5))
    gain = rng.uniform(0.3, 0.9) if dark else rng.uniform(0.75, 1.35)
    balance = rng.uniform(0.85, 1.15, 3)
    tables = [np.clip(255 * gain * one * _RAMP**gamma, 0, 255) for one in balance]
    table = np.stack(tables, axis=-1).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(pixels, table), np.uint8)


def _veil(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    strength = rng.uniform(0.15, 0.65)
    if rng.random() < 0.5:
        light = np.full_like(pixels, int(rng.integers(150, 256)))
        return np.asarray(cv2.addWeighted(pixels, 1 - strength, light, strength, 0), np.uint8)
    veil = 255.0 * strength * np.clip(_field(pixels.shape, rng), 0, 1)
    return np.asarray(cv2.add(pixels, cv2.merge([veil] * 3), dtype=cv2.CV_8U), np.uint8)


def _blur(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    limit = 3.0 if pixels.shape[0] > 128 else 1.6
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.5, limit)), np.uint8)
    length = 2 * int(rng.integers(1, round(limit) + 2)) + 1
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = length / 2
    offset = np.array([np.cos(angle), np.sin(angle)]) * reach
    middle = np.array([length // 2, length // 2])
    first, last = np.round(middle - offset).astype(int), np.round(middle + offset).astype(int)
    cv2.line(kernel, (int(first[0]), int(first[1])), (int(last[0]), int(last[1])), 1.0)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.uint8)


def _low_resolution(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    scale = rng.uniform(0.3, 0.8)
    height, width = pixels.shape[:2]
    small = cv2.resize(
        pixels, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA
    )
    back = cv2.INTER_LINEAR if rng.random() < 0.7 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(small, (width, height), interpolation=back), np.uint8)


def _noise(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    top, left = rng.integers(0, 704 - height), rng.integers(0, 704 - width)
    noise = _NOISE[top : top + height, left : left + width]
    if rng.random() < 0.4:
        noise = np.repeat(noise[..., :1], 3, axis=2)
    scaled = cv2.multiply(noise, np.full(4, rng.uniform(1.5, 18.0)))
    return np.asarray(cv2.add(pixels, scaled, dtype=cv2.CV_8U), np.uint8)


def _compress(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    quality = int(rng.integers(12, 75))
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
