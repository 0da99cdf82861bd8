"""Plots as values: lengths in percent, from which a page draws SVG and a printed report areas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import ClassVar

LEVELS = 7
"""Shades of the heat map that is not empty, 1 to 7; 0 is nobody."""
LABELS = 6
"""Words below a series, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A line across a plot: ``at`` percent of its height, from below."""

    at: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Days or hours as steps from left to right; ``before`` are those compared with, None for a day
    without one, or empty.

    Heights in percent of the highest tick. ``path`` and ``before_path`` are drawn in a box of
    ``width`` × 100, ``path`` closed at the ground.
    """

    kind: ClassVar[str] = "series"
    heights: tuple[float, ...]
    before: tuple[float | None, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[str, ...]

    @property
    def width(self) -> int:
        return len(self.heights)

    @property
    def path(self) -> str:
        steps = "".join(f"V{100 - height:g}H{n}" for n, height in enumerate(self.heights, 1))
        return f"M0 100{steps}V100Z"

    @property
    def before_path(self) -> str:
        parts, goes_on = [], False
        for number, height in enumerate(self.before):
            if height is not None:
                begin = "V" if goes_on else f"M{number} "
                parts.append(f"{begin}{100 - height:g}H{number + 1}")
            goes_on = height is not None
        return "".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Lengths in percent of the longest; ``before`` is None where nothing is compared with."""

    label: str
    value: str
    length: float
    before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Lying bars, one for each key."""

    kind: ClassVar[str] = "bars"
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Standing bars of equal width; ``ticks`` are percent of all."""

    kind: ClassVar[str] = "distribution"
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """One hour of a weekday; ``level`` is None where the office was not open on that weekday."""

    words: str
    level: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """A row for each hour, a column for each weekday; it is its own table."""

    kind: ClassVar[str] = "week"
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Square, ...]], ...]


Plot = Series | Bars | Distribution | HeatMap


def round_top(most: float) -> int:
    """The smallest of 1, 2, 4, 5, 10, 20, 40, 50 and so on that is not below ``most``."""
    return next(one for one in _round_numbers() if one >= most)


def level_of(value: float, most: float) -> int:
    """The shade of a value; whatever is not nothing can be told from it."""
    return max(1, math.ceil(LEVELS * value / most)) if value else 0


def some_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """The first, the last and some between, evenly; all where they are few."""
    if len(labels) <= LABELS:
        return tuple(labels)
    last = len(labels) - 1
    return tuple(labels[round(last * n / (LABELS - 1))] for n in range(LABELS))


def percent(value: float, most: float) -> float:
    """How much of the height or length."""
    return round(100 * value / most, 1) if most else 0.0


def _round_numbers() -> Iterator[int]:
    for tens in count():
        yield from (10**tens, 2 * 10**tens, 4 * 10**tens, 5 * 10**tens)
