"""Where a box of the camera's picture lies in the picture of a thermal array beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from screening.readings import Box


@dataclass(frozen=True, slots=True)
class Region:
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right``, both ends half open."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def central(cls, rows: int, columns: int) -> Self:
        """The middle half of the height and of the width: where a face is when no box tells."""
        return cls(rows // 4, columns // 4, rows - rows // 4, columns - columns // 4)

    @property
    def pixels(self) -> int:
        """How many pixels it has; 0 where it is empty."""
        return max(0, self.bottom - self.top) * max(0, self.right - self.left)

    def is_inside(self, rows: int, columns: int) -> bool:
        """Wholly: what is outside could be the hottest."""
        return 0 <= self.top < self.bottom <= rows and 0 <= self.left < self.right <= columns


@dataclass(frozen=True, slots=True)
class PointPair:
    """One spot in both pictures: camera (x, y), and array (column, row) in its pixels.

    The camera's unit is whatever boxes are told in; a gate takes shares of the picture. The array's
    whole numbers are pixels' centres.
    """

    camera: tuple[float, float]
    array: tuple[float, float]


@dataclass(frozen=True, slots=True)
class AffineMapping:
    """From the camera's picture to the array's, fixed at one distance from the gate.

    ``matrix`` is 2 x 3: (column, row) = matrix . (x, y, 1). Errors are those of the fit, in pixels
    of the array; with three pairs they are 0 and tell nothing. Camera and array stand beside each
    other, so at other distances the mapping is shifted.
    """

    matrix: tuple[tuple[float, float, float], tuple[float, float, float]]
    pairs: int
    rms_error_pixels: float
    largest_error_pixels: float

    @classmethod
    def of(cls, numbers: tuple[float, float, float, float, float, float]) -> Self:
        """From the six numbers of ``matrix``, row by row, without a fit's errors."""
        a, b, c, d, e, f = numbers
        return cls(((a, b, c), (d, e, f)), pairs=0, rms_error_pixels=0, largest_error_pixels=0)

    @classmethod
    def fit(cls, pairs: Sequence[PointPair]) -> Self:
        """By least squares. Raises ValueError for fewer than three pairs or pairs on one line."""
        if len(pairs) < 3:
            raise ValueError(f"three pairs of points are needed at least, not {len(pairs)}")
        camera = np.array([pair.camera for pair in pairs], float)
        array = np.array([pair.array for pair in pairs], float)
        if not (np.isfinite(camera).all() and np.isfinite(array).all()):
            raise ValueError("a point of a pair is no number")
        middle = camera.mean(axis=0)
        spread = float(np.abs(camera - middle).max()) or 1.0
        scaled = np.column_stack([(camera - middle) / spread, np.ones(len(pairs))])
        if np.linalg.matrix_rank(scaled, tol=0.02) < 3:
            raise ValueError("the camera's points lie on one line; take one beside it")
        solved, *_ = np.linalg.lstsq(scaled, array, rcond=None)
        error = np.hypot(*(scaled @ solved - array).T)
        turn = solved[:2].T / spread
        shift = solved[2] - turn @ middle
        first, second = np.column_stack([turn, shift]).tolist()
        return cls(
            matrix=(tuple(first), tuple(second)),
            pairs=len(pairs),
            rms_error_pixels=float(np.sqrt(np.mean(error**2))),
            largest_error_pixels=float(error.max()),
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """(column, row) of the array for a point of the camera's picture."""
        (a, b, c), (d, e, f) = self.matrix
        return a * x + b * y + c, d * x + e * y + f

    def region(self, box: Box) -> Region:
        """All pixels that the box of a face touches; may reach outside the array."""
        corners = [self.at(x, y) for x in (box.x, box.x + box.w) for y in (box.y, box.y + box.h)]
        columns, rows = zip(*corners, strict=True)
        return Region(
            top=math.floor(min(rows) + 0.5),
            left=math.floor(min(columns) + 0.5),
            bottom=math.floor(max(rows) + 0.5) + 1,
            right=math.floor(max(columns) + 0.5) + 1,
        )
