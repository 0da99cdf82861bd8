"""Which chairs stay open so that the most people sit at the distance. Pure but for the time taken.

Chairs nearer to each other than the distance exclude one another, so the answer is a largest
independent set of that graph. It is solved as an integer programme by HiGHS
(Huangfu and Hall, Mathematical Programming Computation 10, 2018) with one inequality for each
maximal clique (Padberg, Mathematical Programming 5, 1973), which for chairs in rows is nearly as
tight as can be. A local search gives the solver its first answer (1-2-swaps, after Andrade, Resende
and Werneck, Journal of Heuristics 18, 2012), so that there is a good one when the time is over.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from screening.errors import OfficeError
from screening.waiting_room.chairs import MOST_CHAIRS, Chair

TOLERANCE_M = 0.001
"""Chairs exactly at the distance may both be open; so much less counts as exactly."""

_MOST_CLIQUES = 5000
_STEPS = 400
_DIRECTIONS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """``open_labels`` in the chairs' order. No plan has more than ``bound`` open chairs."""

    open_labels: tuple[str, ...]
    bound: int
    seconds: float

    @property
    def count(self) -> int:
        """Chairs that stay open."""
        return len(self.open_labels)

    @property
    def is_optimal(self) -> bool:
        """It is proved that no plan has more."""
        return self.count == self.bound


def most_open(chairs: Sequence[Chair], distance: float, *, limit_s: float = 2.0) -> Optimum:
    """The most open chairs at ``distance`` metres, or the best found in ``limit_s``.

    Raises OfficeError where two pinned chairs are too near to each other, a label comes twice, or
    there are more than ``MOST_CHAIRS``.
    """
    began_s = time.perf_counter()
    _require_sound(chairs)
    near = _near(chairs, distance)
    pinned = [number for number, chair in enumerate(chairs) if chair.is_pinned]
    _require_apart(chairs, pinned, near, distance)
    excluded = near[:, pinned].any(axis=1)
    left = np.flatnonzero(~excluded)
    left = left[~np.isin(left, pinned)]
    graph = near[np.ix_(left, left)]
    first = _searched(graph, _swept(chairs, left, graph))
    left_s = limit_s - (time.perf_counter() - began_s)
    chosen, bound = _solved(graph, first, left_s) if len(left) else (first, 0)
    is_open = np.zeros(len(chairs), bool)
    is_open[pinned] = True
    is_open[left[chosen]] = True
    return Optimum(
        open_labels=tuple(chair.label for chair, is_ in zip(chairs, is_open, strict=True) if is_),
        bound=len(pinned) + bound,
        seconds=round(time.perf_counter() - began_s, 3),
    )


def _require_sound(chairs: Sequence[Chair]) -> None:
    if not 0 < len(chairs) <= MOST_CHAIRS:
        raise OfficeError(f"{len(chairs)} chairs; a plan has 1 to {MOST_CHAIRS}")
    twice = [label for label, count in Counter(c.label for c in chairs).items() if count > 1]
    if twice:
        raise OfficeError(f"several chairs are called {twice[0]}")


def _near(chairs: Sequence[Chair], distance: float) -> NDArray[np.bool_]:
    """Which pairs may not both be open; (chairs, chairs), symmetric."""
    places = np.array([(chair.x, chair.y) for chair in chairs])
    apart = np.hypot(*(places[:, None, axis] - places[None, :, axis] for axis in (0, 1)))
    near: NDArray[np.bool_] = apart < distance - TOLERANCE_M
    rooms = np.unique([chair.room for chair in chairs], return_inverse=True)[1]
    near &= rooms[:, None] == rooms[None, :]
    families = np.unique([chair.family or "" for chair in chairs], return_inverse=True)[1]
    is_family = np.array([chair.family is not None for chair in chairs])
    near &= ~(is_family[:, None] & (families[:, None] == families[None, :]))
    np.fill_diagonal(near, False)
    return near


def _require_apart(
    chairs: Sequence[Chair], pinned: Sequence[int], near: NDArray[np.bool_], distance: float
) -> None:
    for place, one in enumerate(pinned):
        for other in pinned[place + 1 :]:
            if near[one, other]:
                a, b = chairs[one], chairs[other]
                metres = math.hypot(a.x - b.x, a.y - b.y)
                raise OfficeError(
                    f"{a.label} and {b.label} are pinned, but stand {metres:.2f} m apart, "
                    f"less than {distance:g} m"
                )


def _swept(
    chairs: Sequence[Chair], left: NDArray[np.intp], near: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Chairs taken as a line sweeps over the room; the best of some directions."""
    best = np.zeros(len(left), bool)
    x, y = np.array([(chairs[i].x, chairs[i].y) for i in left]).reshape(-1, 2).T
    for turn in range(_DIRECTIONS):
        angle = 2 * math.pi * turn / _DIRECTIONS
        chosen, blocked = np.zeros(len(left), bool), np.zeros(len(left), bool)
        for chair in np.argsort(
            np.round(x * math.cos(angle) + y * math.sin(angle), 9), kind="stable"
        ):
            if not blocked[chair]:
                chosen[chair] = True
                blocked |= near[chair]
        if chosen.sum() > best.sum():
            best = chosen
    return best


class _Search:
    """A set of chairs that may all be open, and how many of them each chair is near to."""

    def __init__(self, near: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> None:
        self.near = near
        self.neighbours = [np.flatnonzero(row) for row in near]
        self.take(chosen)

    def take(self, chosen: NDArray[np.bool_]) -> None:
        self.chosen = chosen.copy()
        self.tight = self.near[:, chosen].sum(axis=1)

    def add(self, chair: int) -> None:
        self.chosen[chair] = True
        self.tight[self.neighbours[chair]] += 1

    def remove(self, chair: int) -> None:
        self.chosen[chair] = False
        self.tight[self.neighbours[chair]] -= 1

    def fill(self, order: NDArray[np.intp]) -> None:
        for chair in order:
            if not self.chosen[chair] and not self.tight[chair]:
                self.add(int(chair))

    def swap_one_for_two(self) -> bool:
        for chair in np.flatnonzero(self.chosen):
            instead = [one for one in self.neighbours[chair] if self.tight[one] == 1]
            for place, one in enumerate(instead):
                for other in instead[place + 1 :]:
                    if not self.near[one, other]:
                        self.remove(int(chair))
                        self.add(int(one))
                        self.add(int(other))
                        return True
        return False

    def force(self, chair: int) -> None:
        """This one, and none that is near to it."""
        for one in self.neighbours[chair]:
            if self.chosen[one]:
                self.remove(int(one))
        self.add(chair)


def _searched(near: NDArray[np.bool_], first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """At least as many as ``first``; the same each time."""
    search, best = _Search(near, first), first
    dice = np.random.default_rng(1)
    for _ in range(_STEPS):
        search.fill(dice.permutation(len(near)))
        while search.swap_one_for_two():
            search.fill(dice.permutation(len(near)))
        if search.chosen.sum() > best.sum():
            best = search.chosen.copy()
        elif search.chosen.sum() < best.sum() - 2:
            search.take(best)
        others = np.flatnonzero(~search.chosen)
        if not len(others):
            break
        search.force(int(dice.choice(others)))
    return best


class _QuietSolver(highspy.Highs):
    """Without callbacks: setting them up writes a line of the solver's to standard output."""

    def __init__(self) -> None:
        super(highspy.Highs, self).__init__()


def _solved(
    near: NDArray[np.bool_], first: NDArray[np.bool_], limit_s: float
) -> tuple[NDArray[np.bool_], int]:
    """The best set within the time, and what none exceeds."""
    size, cliques = len(near), list(_cliques(near))
    solver = _QuietSolver()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("time_limit", max(limit_s, 0.01)),
        ("mip_abs_gap", 0.999),  # the objective is a whole number
    ):
        solver.setOptionValue(option, value)
    programme = highspy.HighsLp()
    programme.sense_ = highspy.ObjSense.kMaximize
    programme.num_col_, programme.num_row_ = size, len(cliques)
    programme.col_cost_ = np.ones(size)
    programme.col_lower_, programme.col_upper_ = np.zeros(size), np.ones(size)
    programme.integrality_ = [highspy.HighsVarType.kInteger] * size
    programme.row_lower_ = np.full(len(cliques), -highspy.kHighsInf)
    programme.row_upper_ = np.ones(len(cliques))
    matrix = programme.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0, *map(len, cliques)]).astype(np.int32)
    matrix.index_ = np.array([one for clique in cliques for one in clique], np.int32)
    matrix.value_ = np.ones(len(matrix.index_))
    solver.passModel(programme)
    start = highspy.HighsSolution()
    start.col_value = first.astype(float).tolist()
    solver.setSolution(start)
    solver.run()
    found = np.array(solver.getSolution().col_value) > 0.5
    if len(found) != size or found.sum() < first.sum():
        found = first
    bound = solver.getInfo().mip_dual_bound
    most = math.floor(bound + 1e-6) if math.isfinite(bound) else size
    return found, max(min(most, size), int(found.sum()))


def _cliques(near: NDArray[np.bool_]) -> list[list[int]]:
    """Sets in which only one may be open; together they say it of every pair that is near."""
    found = []
    for clique in _maximal_cliques([frozenset(np.flatnonzero(row).tolist()) for row in near]):
        found.append(clique)
        if len(found) > _MOST_CLIQUES:
            return _covering_cliques(near)
    return found


def _maximal_cliques(neighbours: Sequence[frozenset[int]]) -> Iterator[list[int]]:
    """After Bron and Kerbosch (Communications of the ACM 16, 1973), with a pivot."""

    def extend(clique: list[int], may: frozenset[int], done: frozenset[int]) -> Iterator[list[int]]:
        if not may and not done:
            yield clique
            return
        pivot = max(may | done, key=lambda one: len(neighbours[one] & may))
        for one in sorted(may - neighbours[pivot]):
            yield from extend([*clique, one], may & neighbours[one], done & neighbours[one])
            may -= {one}
            done |= {one}

    for one, around in enumerate(neighbours):
        later = frozenset(other for other in around if other > one)
        yield from extend([one], later, around - later)


def _covering_cliques(near: NDArray[np.bool_]) -> list[list[int]]:
    """Fewer and weaker ones: each pair is in one of them at least."""
    open_pairs, found = np.triu(near), []
    for one in range(len(near)):
        while open_pairs[one].any():
            clique = [one]
            may = near[one].copy()
            for other in _most_new(open_pairs[one], may):
                if may[other]:
                    clique.append(other)
                    may &= near[other]
            open_pairs[np.ix_(clique, clique)] = False
            found.append(clique)
        if not near[one].any():
            found.append([one])
    return found


def _most_new(new: NDArray[np.bool_], may: NDArray[np.bool_]) -> Iterable[int]:
    """Neighbours whose pair is not said yet first."""
    return [*np.flatnonzero(new).tolist(), *np.flatnonzero(may & ~new).tolist()]
