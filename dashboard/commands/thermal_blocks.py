"""A thermal picture in a terminal: two pixels in each character, colours as on the guard's page."""

from __future__ import annotations

import numpy as np
from rich.color import Color
from rich.style import Style
from rich.text import Text

from dashboard.web.gate.thermal_picture import HIGHEST_CELSIUS, LOWEST_CELSIUS, STEPS, palette
from screening.temperature.pixels import Celsius

WIDEST = 64
HIGHEST = 24
"""Pixels; half as many lines, so that a display of 24 lines still holds what is written above."""

_UPPER_HALF = "\u2580"
_UNKNOWN = Color.from_rgb(128, 128, 128)


def draw_blocks(celsius: Celsius) -> Text:
    """The picture; of a larger one the hottest of so many pixels. Grey where none is known."""
    small = _shrunk(celsius)
    lines = []
    for upper, lower in zip(small[::2], small[1::2], strict=True):
        line = Text()
        for above, below in zip(upper, lower, strict=True):
            line.append(_UPPER_HALF, Style(color=_colour(above), bgcolor=_colour(below)))
        lines.append(line)
    return Text("\n").join(lines)


def _shrunk(celsius: Celsius) -> Celsius:
    """At most HIGHEST rows, an even number, and WIDEST columns."""
    rows, columns = celsius.shape
    times = max(-(-rows // HIGHEST), -(-columns // WIDEST))
    down = -(-rows // (2 * times)) * 2 * times
    across = -(-columns // times) * times
    padding = ((0, down - rows), (0, across - columns))
    whole = np.pad(celsius, padding, constant_values=np.nan)
    cells = whole.reshape(down // times, times, across // times, times)
    return np.asarray(np.fmax.reduce(np.fmax.reduce(cells, axis=3), axis=1))


def _colour(celsius: float) -> Color:
    if not np.isfinite(celsius):
        return _UNKNOWN
    share = (celsius - LOWEST_CELSIUS) / (HIGHEST_CELSIUS - LOWEST_CELSIUS)
    red, green, blue = palette()[round(min(max(share, 0.0), 1.0) * (STEPS - 1))].tolist()
    return Color.from_rgb(red, green, blue)
