"""Draws what a thermal array saw as a PNG: every value in its own colour, nothing smoothed.

The colours run from deep-sea ink over red to turmeric and paper. Equal steps of temperature are
equal steps for the eye (in OKLab) and each is lighter than the one before, so that the picture
reads the same without colour. The scale is fixed: the same colour is always the same temperature.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from screening.gate.thermal import ThermalLook
from screening.temperature.affine_mapping import Region
from screening.temperature.pixels import Celsius, Mask

LOWEST_CELSIUS, HIGHEST_CELSIUS = 24.0, 40.0
"""From a cool room to more than any face; what is beyond has the colour of the end."""

STEPS = 240
"""A fifteenth of a degree each, about the noise of an array."""

WIDEST_PX, HIGHEST_PX = 640, 480

_WHITE, _BLACK, _GREY = STEPS, STEPS + 1, STEPS + 2
_LINE_PX, _EDGE_PX = 6, 3
_DASH_PX = 20
_ARM_PX = 26

Canvas = NDArray[np.uint8]
Colours = NDArray[np.float64]

# The path of the colours: hue in degrees and chroma at even places, lightness along a line.
_HUES = (235, 255, 290, 340, 380, 415, 438, 452)
_CHROMAS = (0.04, 0.085, 0.125, 0.145, 0.145, 0.138, 0.125, 0.06)
_LIGHTNESS = (0.20, 0.95)


def palette_oklab() -> Colours:
    """(STEPS, 3): lightness, and green to red and blue to yellow, from cold to hot."""
    along = np.linspace(0, 1, 4001)
    places = np.linspace(0, 1, len(_HUES))
    hue = _rounded(np.radians(np.interp(along, places, _HUES)))
    chroma = _rounded(np.interp(along, places, _CHROMAS))
    lightness = np.interp(along, (0, 1), _LIGHTNESS)
    path = np.column_stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)])
    walked = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    even = np.linspace(0, walked[-1], STEPS)
    return np.column_stack([np.interp(even, walked, part) for part in path.T])


def _rounded(values: Colours, width: int = 401) -> Colours:
    """Without corners, where one straight part meets the next."""
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, np.ones(width) / width, "valid")


def linear_rgb(oklab: Colours) -> Colours:
    """Linear light of sRGB's primaries, 0 to 1 (Ottosson 2020, "A perceptual color space")."""
    cone = oklab @ np.array(
        [
            [1.0, 1.0, 1.0],
            [0.3963377774, -0.1055613458, -0.0894841775],
            [0.2158037573, -0.0638541728, -1.2914855480],
        ]
    )
    linear: Colours = cone**3 @ np.array(
        [
            [4.0767416621, -1.2684380046, -0.0041960863],
            [-3.3077115913, 2.6097574011, -0.7034186147],
            [0.2309699292, -0.3413193965, 1.7076147010],
        ]
    )
    return linear


@lru_cache(maxsize=1)
def palette() -> Canvas:
    """(STEPS, 3) sRGB, from cold to hot."""
    linear = np.clip(linear_rgb(palette_oklab()), 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), np.uint8)


def scale_stops(count: int = 17) -> tuple[tuple[int, str], ...]:
    """So many points of the scale as (hundredths of its length, colour) for a drawn bar."""
    places = np.rint(np.linspace(0, STEPS - 1, count)).astype(int)
    return tuple(
        (round(100 * int(place) / (STEPS - 1)), "#" + bytes(palette()[place].tolist()).hex())
        for place in places
    )


@lru_cache(maxsize=32)
def draw(look: ThermalLook) -> bytes:
    """The look as PNG, each pixel of the array a square of a whole number of pixels.

    A line encloses where the maximum was looked for: unbroken round a face, dashed round the middle
    of the picture. A cross points at the maximum and leaves it free. Pixels that tell nothing are
    crossed out.
    """
    rows, columns = look.picture.rows, look.picture.columns
    side = max(1, min(WIDEST_PX // columns, HIGHEST_PX // rows))
    canvas = np.kron(_colours_of(look.picture.celsius), np.ones((side, side), np.uint8))
    _cross_out(canvas, look.broken, side)
    _outline(canvas, look.found.region, side, is_dashed=not look.found.is_face)
    if look.found.row is not None and look.found.column is not None:
        _point_at(canvas, look.found.row, look.found.column, side)
    return _png(canvas)


def _colours_of(celsius: Celsius) -> Canvas:
    share = (celsius - LOWEST_CELSIUS) / (HIGHEST_CELSIUS - LOWEST_CELSIUS)
    # What is no number at all is told by its broken pixel, whatever its colour.
    known = np.nan_to_num(share, nan=0.0)
    return np.asarray(np.rint(np.clip(known, 0, 1) * (STEPS - 1)), np.uint8)


def _cross_out(canvas: Canvas, broken: Mask, side: int) -> None:
    cell = np.full((side, side), _GREY, np.uint8)
    diagonal = np.abs(np.subtract.outer(np.arange(side), np.arange(side))) <= side // 12
    cell[diagonal | diagonal[:, ::-1]] = _BLACK
    for row, column in np.argwhere(broken):
        canvas[row * side : (row + 1) * side, column * side : (column + 1) * side] = cell


def _outline(canvas: Canvas, region: Region, side: int, *, is_dashed: bool) -> None:
    """As far as it is inside; a side that lies outside the picture is not drawn."""
    top, bottom = region.top * side, region.bottom * side
    left, right = region.left * side, region.right * side
    half, around = _LINE_PX // 2, _LINE_PX // 2 + _EDGE_PX
    for colour, reach in ((_BLACK, around), (_WHITE, half)):
        line = np.zeros(canvas.shape, bool)
        for at in (top, bottom):
            line[_span(at, reach), max(0, left - reach) : max(0, right + reach)] = True
        for at in (left, right):
            line[max(0, top - reach) : max(0, bottom + reach), _span(at, reach)] = True
        if is_dashed:
            down, across = np.indices(canvas.shape)
            line &= (down + across) // _DASH_PX % 2 == 0
        canvas[line] = colour


def _span(at: int, reach: int) -> slice:
    return slice(max(0, at - reach), max(0, at + reach))


def _point_at(canvas: Canvas, row: int, column: int, side: int) -> None:
    """Four arms towards the pixel, none of them on it."""
    y, x = row * side + side // 2, column * side + side // 2
    near = side // 2 + _EDGE_PX + 1
    far = near + _ARM_PX
    for colour, more in ((_BLACK, _EDGE_PX), (_WHITE, 0)):
        across = _LINE_PX // 2 + more
        for start, end in ((-far - more, -near + more), (near - more, far + more)):
            canvas[_between(y + start, y + end), _between(x - across, x + across)] = colour
            canvas[_between(y - across, y + across), _between(x + start, x + end)] = colour


def _between(start: int, end: int) -> slice:
    return slice(max(0, start), max(0, end))


def _png(canvas: Canvas) -> bytes:
    """A picture of palette colours (PNG 1.2, colour type 3)."""
    height, width = canvas.shape
    marks = bytes((255, 255, 255, 0, 0, 0, 128, 128, 128))
    rows = np.pad(canvas, ((0, 0), (1, 0)))  # each row begins with its filter: none
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette().tobytes() + marks),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 1)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check
