"""Which chairs stay open so that the most people sit at the distance. Pure but for the time taken.

Chairs nearer to each other than the distance exclude one another, so the answer is a largest
independent set of that graph. The linear programme with one inequality for each maximal clique
(Padberg, Mathematical Programming 5, 1973), solved by HiGHS (Huangfu and Hall, Mathematical
Programming Computation 10, 2018), bounds it; for chairs in rows it is nearly as tight as can be. A
local search finds a good answer (1-2-swaps, after Andrade, Resende and Werneck, Journal of
Heuristics 18, 2012). Where that is below the bound a sweep over the room proves it or finds a
better one (see ``sweep``), and where the room is too wide for that, HiGHS solves the integer
programme.
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
from screening.waiting_room.chairs import MOST_CHAIRS, TOLERANCE_M, Chair
from screening.waiting_room.sweep import swept, width

_MOST_CLIQUES = 5000
_FIRST_STEPS, _STEPS = 60, 400
_USED = 0.95
"""Share of the time after which the solver is told to end: it takes a moment until it does."""
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
    chosen, bound = np.zeros(0, bool), 0
    if len(left):
        chosen, bound = _largest(chairs, left, graph, began_s + _USED * limit_s)
    is_open = np.zeros(len(chairs), bool)
    is_open[pinned] = True
    is_open[left[chosen]] = True
    return Optimum(
        open_labels=tuple(chair.label for chair, is_ in zip(chairs, is_open, strict=True) if is_),
        bound=len(pinned) + bound,
        seconds=round(time.perf_counter() - began_s, 3),
    )


def _largest(
    chairs: Sequence[Chair], left: NDArray[np.intp], near: NDArray[np.bool_], until_s: float
) -> tuple[NDArray[np.bool_], int]:
    """The best set found until then, and what none exceeds. The cheapest proof is tried first."""
    cliques = _covering_cliques(near)
    weights, bound = _weights(near, cliques, until_s)
    first = _line_by_line(chairs, left, near)
    best = _searched(near, first, bound, _FIRST_STEPS, until_s)
    if best.sum() == bound:
        return best, bound
    larger = _cliques(near, (time.perf_counter() + until_s) / 2)
    sharper, lower = _weights(near, larger, until_s) if larger else (None, bound)
    if sharper is not None:
        cliques, weights, bound = larger, sharper, min(bound, lower)
    if weights is not None and best.sum() < bound:
        order = _order(chairs, left, near)
        found = swept(near, order, cliques, weights, known=int(best.sum()), until_s=until_s)
        if found.is_proved:
            best = best if found.better is None else found.better
            return best, int(best.sum())
    best = max(best, _searched(near, first, bound, _STEPS, until_s), key=np.count_nonzero)
    return (best, bound) if best.sum() == bound else _solved(cliques, best, bound, until_s)


def _order(
    chairs: Sequence[Chair], left: NDArray[np.intp], near: NDArray[np.bool_]
) -> Sequence[int]:
    """Along the rooms or across them, where fewer chairs lie in between; room by room."""
    places = np.array([(chairs[i].x, chairs[i].y) for i in left]).T
    rooms = np.unique([chairs[i].room for i in left], return_inverse=True)[1]
    orders = [np.lexsort((*axes, rooms)).tolist() for axes in (places, places[::-1])]
    return min(orders, key=lambda one: width(near, one))


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


def _line_by_line(
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


def _searched(
    near: NDArray[np.bool_], first: NDArray[np.bool_], bound: int, steps: int, until_s: float
) -> NDArray[np.bool_]:
    """At least as many as ``first``; the same each time, unless the time is over before."""
    search, best = _Search(near, first), first
    dice = np.random.default_rng(1)
    for _ in range(steps):
        if best.sum() == bound or time.perf_counter() > until_s:
            break
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


def _programme(size: int, cliques: Sequence[Sequence[int]]) -> highspy.HighsLp:
    """As many chairs as can be, one of each clique at most."""
    programme = highspy.HighsLp()
    programme.sense_ = highspy.ObjSense.kMaximize
    programme.num_col_, programme.num_row_ = size, len(cliques)
    programme.col_cost_ = np.ones(size)
    programme.col_lower_, programme.col_upper_ = np.zeros(size), np.ones(size)
    programme.row_lower_ = np.full(len(cliques), -highspy.kHighsInf)
    programme.row_upper_ = np.ones(len(cliques))
    matrix = programme.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0, *map(len, cliques)]).astype(np.int32)
    matrix.index_ = np.array([one for clique in cliques for one in clique], np.int32)
    matrix.value_ = np.ones(len(matrix.index_))
    return programme


def _solver(until_s: float) -> highspy.Highs:
    solver = _QuietSolver()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("time_limit", max(until_s - time.perf_counter(), 0.01)),
        ("mip_abs_gap", 0.999),  # the objective is a whole number
    ):
        solver.setOptionValue(option, value)
    return solver


def _weights(
    near: NDArray[np.bool_], cliques: Sequence[Sequence[int]], until_s: float
) -> tuple[NDArray[np.float64] | None, int]:
    """Weights of the cliques that add up to one or more for each chair, and as little as can be
    together, which bounds the open chairs. Without weights where that takes too long."""
    size = len(near)
    solver, programme = _solver(until_s), _programme(size, cliques)
    programme.col_upper_ = np.full(size, highspy.kHighsInf)  # a clique's inequality says it already
    solver.passModel(programme)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None, _number_of_heaps(near)
    weights = np.maximum(np.array(solver.getSolution().row_dual), 0.0)
    of_chair = np.zeros(size)
    for clique, weight in zip(cliques, weights, strict=True):
        of_chair[clique] += weight
    weights /= min(1.0, of_chair.min())  # what the solver rounded
    return weights, math.floor(weights.sum() + 1e-6)


def _solved(
    cliques: Sequence[Sequence[int]], first: NDArray[np.bool_], bound: int, until_s: float
) -> tuple[NDArray[np.bool_], int]:
    """The best set within the time, and what none exceeds."""
    solver, programme = _solver(until_s), _programme(len(first), cliques)
    programme.integrality_ = [highspy.HighsVarType.kInteger] * len(first)
    solver.passModel(programme)
    start = highspy.HighsSolution()
    start.col_value = first.astype(float).tolist()
    solver.setSolution(start)
    solver.run()
    found = np.array(solver.getSolution().col_value) > 0.5
    if len(found) != len(first) or found.sum() < first.sum():
        found = first
    proved = solver.getInfo().mip_dual_bound
    if math.isfinite(proved):
        bound = min(bound, math.floor(proved + 1e-6))
    return found, max(bound, int(found.sum()))


def _number_of_heaps(near: NDArray[np.bool_]) -> int:
    """Into so many sets of mutual neighbours the chairs can be divided: no more can be open."""
    left, heaps = np.ones(len(near), bool), 0
    while left.any():
        may, heaps = left.copy(), heaps + 1
        while may.any():
            chair = int(may.argmax())
            left[chair] = False
            may &= near[chair]
    return heaps


def _cliques(near: NDArray[np.bool_], until_s: float) -> list[list[int]]:
    """Sets in which only one may be open, none of which is part of another; none at all where
    there are too many to find them in time."""
    found = []
    for clique in _maximal_cliques([frozenset(np.flatnonzero(row).tolist()) for row in near]):
        found.append(clique)
        if len(found) > _MOST_CLIQUES or time.perf_counter() > until_s:
            return []
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
    """Fewer sets in which only one may be open; each pair that is near is in one of them at
    least."""
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
