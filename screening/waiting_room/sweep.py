"""Whether a larger set of chairs can be open, by a sweep over the room: a proof or a better set.

Theory of operation. A line goes over the chairs in a given order, and each is opened or not. What
was chosen before the line matters only by the open chairs that still have neighbours beyond it: a
``mask`` of bits. Of all choices with one mask the one with most open chairs is kept (dynamic
programming over a vertex separation). Each clique has a weight, such that the weights of the
cliques of any chair add up to one or more; so what can still be opened is at most the weight of all
cliques that have a chair beyond the line and none that is open. Choices that cannot come above what
is known already are dropped. With weights of an optimal dual solution of the linear programme few
are left: thousands for 400 chairs instead of millions.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDEST = 63
"""A mask has one bit more, for the chair at the line."""
_MOST_CHOICES = 300_000
_MOST_KEPT = 20_000_000
"""Choices of all steps together, five bytes each: what leads back to the chairs."""
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Swept:
    """``better`` is a largest set, None where none has more chairs than were known.

    ``is_proved`` False: it took too long or too much room, and nothing is known.
    """

    is_proved: bool
    better: NDArray[np.bool_] | None = None


_GAVE_UP = Swept(is_proved=False)


@dataclass(slots=True)
class _Choices:
    """Choices with different masks: how many chairs are open, and how many more at most."""

    masks: NDArray[np.uint64]
    counts: NDArray[np.int32]
    rests: NDArray[np.float64]


def width(near: NDArray[np.bool_], order: Sequence[int]) -> int:
    """Chairs before the line that have neighbours beyond it, at most."""
    until = _until(near, order)
    open_at = np.arange(len(order))
    return int(((until > open_at[:, None]) & (open_at[None, :] <= open_at[:, None])).sum(1).max())


def swept(
    near: NDArray[np.bool_],
    order: Sequence[int],
    cliques: Sequence[Sequence[int]],
    weights: NDArray[np.float64],
    *,
    known: int,
    until_s: float,
) -> Swept:
    """Look for more than ``known`` open chairs, until that moment of ``time.perf_counter``.

    ``near`` is (chairs, chairs); ``order`` names each chair once. ``cliques`` are sets of mutual
    neighbours, whose ``weights`` add up to at least one for each chair.
    """
    if width(near, order) > WIDEST:
        return _GAVE_UP
    line = _Line(near, order, cliques, weights)
    choices = _Choices(
        np.zeros(1, np.uint64), np.zeros(1, np.int32), np.full(1, float(weights.sum()))
    )
    steps: list[tuple[NDArray[np.int32], NDArray[np.bool_]]] = []
    kept = 0
    for chair in order:
        choices, came_from, is_open = line.step(choices, chair, known)
        steps.append((came_from, is_open))
        kept += len(came_from)
        if not len(came_from):
            return Swept(is_proved=True)
        is_too_large = len(came_from) > _MOST_CHOICES or kept > _MOST_KEPT
        if is_too_large or time.perf_counter() > until_s:
            return _GAVE_UP
    better = np.zeros(len(near), bool)
    at = int(choices.counts.argmax())
    for chair, (came_from, is_open) in zip(reversed(order), reversed(steps), strict=True):
        better[chair] = is_open[at]
        at = int(came_from[at])
    return Swept(is_proved=True, better=better)


class _Line:
    """Where the sweep is: which open chairs have a bit, and which cliques are behind it."""

    def __init__(
        self,
        near: NDArray[np.bool_],
        order: Sequence[int],
        cliques: Sequence[Sequence[int]],
        weights: NDArray[np.float64],
    ) -> None:
        place = {chair: number for number, chair in enumerate(order)}
        self._neighbours = [np.flatnonzero(row).tolist() for row in near]
        self._until = dict(zip(order, _until(near, order).tolist(), strict=True))
        self._weight = np.zeros(len(near))
        self._ending: list[list[tuple[Sequence[int], float]]] = [[] for _ in order]
        for clique, weight in zip(cliques, weights.tolist(), strict=True):
            if weight > 0:
                self._weight[list(clique)] += weight
                self._ending[max(place[chair] for chair in clique)].append((clique, weight))
        self._bits: dict[int, np.uint64] = {}
        self._unused = [np.uint64(1 << bit) for bit in range(WIDEST + 1)]
        self._at = 0

    def step(
        self, choices: _Choices, chair: int, known: int
    ) -> tuple[_Choices, NDArray[np.int32], NDArray[np.bool_]]:
        """The choices after this chair, which choice each came from, and whether it opened it."""
        may = np.flatnonzero((choices.masks & self._mask(self._neighbours[chair])) == 0)
        rests = choices.rests.copy()
        for clique, weight in self._ending[self._at]:
            rests[(choices.masks & self._mask(clique)) == 0] -= weight
        bit = np.uint64(0)
        if self._until[chair] > self._at:
            self._bits[chair] = bit = self._unused.pop()
        found = _Choices(
            np.concatenate([choices.masks, choices.masks[may] | bit]),
            np.concatenate([choices.counts, choices.counts[may] + np.int32(1)]),
            np.concatenate([rests, choices.rests[may] - self._weight[chair]]),
        )
        came_from = np.concatenate([np.arange(len(rests), dtype=np.int32), may.astype(np.int32)])
        is_open = np.arange(len(came_from)) >= len(rests)
        found.masks &= ~self._behind()
        self._at += 1
        hopeful = np.flatnonzero(found.counts + found.rests >= known + 1 - _ROUNDING)
        best = hopeful[np.lexsort((-found.counts[hopeful], found.masks[hopeful]))]
        masks = found.masks[best]
        is_first = np.ones(len(best), bool)
        is_first[1:] = masks[1:] != masks[:-1]
        best = best[is_first]
        return (
            _Choices(found.masks[best], found.counts[best], found.rests[best]),
            came_from[best],
            is_open[best],
        )

    def _mask(self, chairs: Sequence[int]) -> np.uint64:
        mask = np.uint64(0)
        for chair in chairs:
            mask |= self._bits.get(chair, np.uint64(0))
        return mask

    def _behind(self) -> np.uint64:
        """The bits of chairs without neighbours beyond the line; they are free again."""
        mask = np.uint64(0)
        for chair in [one for one in self._bits if self._until[one] <= self._at]:
            mask |= self._bits[chair]
            self._unused.append(self._bits.pop(chair))
        return mask


def _until(near: NDArray[np.bool_], order: Sequence[int]) -> NDArray[np.intp]:
    """In order, the place of each chair's last neighbour, or its own."""
    sorted_near = near[np.ix_(order, order)] | np.eye(len(order), dtype=bool)
    last: NDArray[np.intp] = len(order) - 1 - sorted_near[:, ::-1].argmax(axis=1)
    return last
