"""Which pixels of a thermal array tell nothing, by recent pictures, and what takes their place.

A pixel that is no number in a picture, since the device does not know it, is broken there at once.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from screening.temperature.frozen import repeated_pictures

Celsius = NDArray[np.float32]
Mask = NDArray[np.bool_]

REMEMBERED_PICTURES = 16
"""Four seconds at four pictures a second."""

STUCK_AFTER_PICTURES = 8
"""A pixel that gave one value in so many pictures, while those around moved, gives nothing else."""

MOVED_CELSIUS = 0.2
"""What a living pixel's own noise makes of eight pictures at least (an assumption, not measured).
Where the neighbours stay below, a still scene and a dead pixel look the same: nothing is said,
unless not one pixel of the whole array moves."""

ISOLATED_CELSIUS = 3.0
"""No pixel of skin is so much hotter or colder than each of its eight neighbours."""

ISOLATED_AFTER_PICTURES = 3

ODD_CELSIUS = 1.0
"""A pixel that stands out so far from eight that agree, picture after picture and whoever comes, is
off by itself. Twice what the corner of an eye may (``array.PEAK_CELSIUS``), and faces do not stay
so long."""

ODD_PICTURES = 240
"""About so many pictures back it is told: a minute at four a second."""

ODD_SHARE = 0.8
"""Of them; from nothing it takes a minute and a half, and a quarter of one to be forgiven."""


class PixelWatch:
    """Tells broken pixels by the recent pictures of one array."""

    def __init__(self) -> None:
        self._pictures: deque[Celsius] = deque(maxlen=REMEMBERED_PICTURES)
        self._odd_share = np.zeros((0, 0), np.float32)
        self._repeats = repeated_pictures()

    def add(self, celsius: Celsius) -> None:
        """One more picture; one of another size begins anew."""
        if self._odd_share.shape != celsius.shape:
            self._pictures.clear()
            self._odd_share = np.zeros(celsius.shape, np.float32)
        self._repeats.add(celsius)
        self._pictures.append(celsius)
        can_be_told, is_odd = _odd(celsius)
        newer = (is_odd - self._odd_share) / np.float32(ODD_PICTURES)
        self._odd_share += np.where(can_be_told, newer, np.float32(0))

    @property
    def is_repeated(self) -> bool:
        """Whether the newest picture is the one before again."""
        return self._repeats.times > 1

    @property
    def can_tell(self) -> bool:
        """Whether there were enough pictures to know a stuck pixel."""
        return len(self._pictures) >= STUCK_AFTER_PICTURES

    def broken(self) -> Mask:
        """(rows, columns). Raises ValueError before the first picture."""
        if not self._pictures:
            raise ValueError("no picture was taken yet")
        broken = ~np.isfinite(self._pictures[-1]) | (self._odd_share > ODD_SHARE)
        if len(self._pictures) >= ISOLATED_AFTER_PICTURES:
            newest = list(self._pictures)[-ISOLATED_AFTER_PICTURES:]
            broken |= np.stack([_isolated(celsius) for celsius in newest]).all(axis=0)
        if self.can_tell:
            broken |= _stuck(np.stack(self._pictures))
        return broken


def _isolated(celsius: Celsius) -> Mask:
    at_least, at_most = _known_or(celsius, -np.inf), _known_or(celsius, np.inf)
    hotter = celsius > neighbours(at_least, -np.inf).max(axis=0) + ISOLATED_CELSIUS
    colder = celsius < neighbours(at_most, np.inf).min(axis=0) - ISOLATED_CELSIUS
    return np.asarray(hotter | colder)


def _odd(celsius: Celsius) -> tuple[Mask, Mask]:
    """Where all eight neighbours are known and agree, and which pixels stand out there.

    On the edge of a face nobody can tell what a pixel should be.
    """
    around = neighbours(_known_or(celsius, np.nan), np.nan)
    lowest, highest = around.min(axis=0), around.max(axis=0)
    agree = highest - lowest <= ODD_CELSIUS  # False beside an unknown pixel and at the edges
    odd = (celsius > highest + ODD_CELSIUS) | (celsius < lowest - ODD_CELSIUS)
    return np.asarray(agree & np.isfinite(celsius)), np.asarray(odd)


def _known_or(celsius: Celsius, otherwise: float) -> Celsius:
    """``otherwise`` where the device does not know the pixel."""
    return np.where(np.isfinite(celsius), celsius, np.float32(otherwise))


def _stuck(pictures: Celsius) -> Mask:
    """Pixels that stay while most around them move, those that touch such a one and stay as well,
    rows and columns that stay as a whole, and everything where nothing moves at all: a living array
    never sends one picture twice, so it has frozen."""
    moved = _known_or(pictures, -np.inf).max(axis=0) - _known_or(pictures, np.inf).min(axis=0)
    stays = moved <= 0  # -inf: it was never known
    if stays.all():
        return np.asarray(stays)
    around = neighbours(moved, -np.inf)  # beyond the edge nothing moves
    pixels = stays & (np.partition(around, 4, axis=0)[4] >= MOVED_CELSIUS)
    lines = np.zeros_like(stays)
    lines[:, stays.all(axis=0)] = True
    lines[stays.all(axis=1), :] = True
    if float(np.median(moved[~lines])) >= MOVED_CELSIUS:
        pixels |= lines
    return _grown(pixels, stays)


def _grown(seeds: Mask, within: Mask) -> Mask:
    """``seeds`` with every pixel of ``within`` that a chain of such pixels joins to one."""
    while True:
        near = neighbours(seeds.astype(np.float32), 0).max(axis=0) > 0
        grown = seeds | (within & near)
        if (grown == seeds).all():
            return np.asarray(grown)
        seeds = grown


def neighbours(values: Celsius, beyond: float) -> Celsius:
    """(8, rows, columns): each pixel's neighbours, ``beyond`` outside the array."""
    rows, columns = values.shape
    padded = np.pad(values, 1, constant_values=beyond)
    return np.stack(
        [
            padded[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            if down or right
        ]
    )


def repair(celsius: Celsius, broken: Mask) -> Celsius:
    """A copy in which each broken pixel is the median of its good neighbours.

    One without a good neighbour is as cold as the coldest good pixel: it never makes a maximum.
    """
    repaired = celsius.copy()
    if broken.all():
        return repaired
    coldest = celsius[~broken].min()
    for row, column in np.argwhere(broken):
        around = (slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2))
        good = celsius[around][~broken[around]]
        repaired[row, column] = np.median(good) if good.size else coldest
    return repaired
