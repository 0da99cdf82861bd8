"""What the tests of thermal arrays look at: a face before a wall, and pixels that stay."""

from __future__ import annotations

import numpy as np

from screening.temperature.affine_mapping import Region
from screening.temperature.pixels import Celsius, PixelWatch

ROWS, COLUMNS = 24, 32
CENTRE = Region.central(ROWS, COLUMNS)
NONE_BROKEN = np.zeros((ROWS, COLUMNS), bool)


def scene(seed: int = 0, *, hottest: tuple[int, int] = (11, 14)) -> Celsius:
    """A face of 34 degC before a wall of 24, its hottest pixel 36.4 degC (exactly for seed 0)."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (ROWS, COLUMNS))
    celsius = 24 + noise
    celsius[7:17, 12:20] += 10
    celsius[hottest] = 36.4 + (noise[hottest] if seed else 0)
    return np.rint(celsius * 100).astype(np.float32) / np.float32(100)


def wall(seed: int) -> Celsius:
    """Nobody there."""
    noise = np.random.default_rng(seed).normal(24, 0.1, (ROWS, COLUMNS))
    return noise.astype(np.float32)


def watched(*pictures: Celsius) -> PixelWatch:
    watch = PixelWatch()
    for celsius in pictures:
        watch.add(celsius)
    return watch


def stuck_at(value: float, *, row: int | slice, column: int, count: int = 8) -> list[Celsius]:
    pictures = [scene(seed) for seed in range(count)]
    for celsius in pictures:
        celsius[row, column] = value
    return pictures
