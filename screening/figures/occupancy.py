"""How sure the number of people inside is: "42 ± 3". Pure.

The number is what the rows say, entries less exits. Somebody may have left without a row, and
somebody may have slipped in. Of each visit that is still open it is told how likely its holder is
inside, from how long others stayed after their ticket was done (or, without a ticket, after they
came) and from how many forget to sign out: with the share S of stays that last longer than this
one and the share f of forgotten exits, S / (S + f (1 - S)). A visit whose ticket waits or is served
is inside. Times are seconds since the site's midnight, or seconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SURE = 0.9
"""How often the true number lies inside what is told."""

LEAST_INSIDE = 0.1
"""A visit less likely to be inside is taken to be over."""

LEAST_VISITS = 200
"""Of fewer visits with an exit nobody knows how long people stay."""

_COUNTED_ALIKE = 0.001

Times = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedVisit:
    """A visit of a past day. ``over_s`` is when its ticket was done or missed, None without one.

    ``left_s`` is when its exit was seen, None where it was forgotten.
    """

    entered_s: float
    over_s: float | None
    left_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVisit:
    """A visit without an exit row. ``is_called_for``: its ticket waits, walks or is served."""

    visit_id: int
    entered_s: float
    is_called_for: bool = False
    over_s: float | None = None


@dataclass(frozen=True, slots=True)
class Occupancy:
    """People inside by the rows, and how far off that may be; None while too little is known."""

    people: int
    give_or_take: int | None


@dataclass(frozen=True, slots=True)
class Recount:
    """What a head count says of the rows: whose visits are over, and how many nobody saw enter."""

    over: tuple[int, ...]
    unseen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntStays:
    """What past days say. Seconds in order: from coming to leaving, from the ticket's end to it.

    ``forgotten`` is the share of exits that nobody sees, ``missed`` that of entries.
    """

    stays: Times = field(default_factory=lambda: np.empty(0))
    leavings: Times = field(default_factory=lambda: np.empty(0))
    forgotten: float = 0.0
    missed: float = 0.0

    @classmethod
    def of(cls, visits: Iterable[EndedVisit], *, unmatched_exits: int) -> LearntStays:
        """Learn from ended visits, and from exits of people who had not been seen to enter."""
        ended = list(visits)
        seen = [(one, one.left_s) for one in ended if one.left_s is not None]
        exits = len(seen) + unmatched_exits
        return cls(
            stays=_in_order(left_s - one.entered_s for one, left_s in seen),
            leavings=_in_order(
                left_s - one.over_s for one, left_s in seen if one.over_s is not None
            ),
            forgotten=1 - len(seen) / len(ended) if ended else 0.0,
            missed=unmatched_exits / exits if exits else 0.0,
        )

    @property
    def is_enough(self) -> bool:
        """Whether anything can be told from it."""
        return len(self.stays) >= LEAST_VISITS

    def inside(self, visit: OpenVisit, *, at_s: float, counted_s: float = -math.inf) -> float:
        """How likely the visit's holder is inside, 0 to 1; at ``counted_s`` they surely were."""
        if visit.is_called_for:
            return 1.0
        has_ticket = visit.over_s is not None and len(self.leavings) >= LEAST_VISITS
        times = self.leavings if has_ticket else self.stays
        began_s = visit.over_s if has_ticket and visit.over_s is not None else visit.entered_s
        longer = _longer(times, at_s - began_s)
        if counted_s > began_s:
            longer /= max(_longer(times, counted_s - began_s), 1 / (len(times) + 1))
        stays = min(longer, 1.0)
        gone_unseen = self.forgotten * (1 - stays)
        return stays / (stays + gone_unseen) if stays else 0.0


def occupancy(
    learnt: LearntStays,
    visits: Sequence[OpenVisit],
    *,
    at_s: float,
    counted_s: float = -math.inf,
) -> Occupancy:
    """People inside by the open visits, and the range that holds the true number in 9 of 10 cases.

    ``counted_s`` is when heads were counted last, and the rows set right.
    """
    if not learnt.is_enough:
        return Occupancy(len(visits), None)
    chances = [learnt.inside(one, at_s=at_s, counted_s=counted_s) for one in visits]
    since = sum(
        chance for one, chance in zip(visits, chances, strict=True) if one.entered_s > counted_s
    )
    slipped_in = since * learnt.missed / (1 - learnt.missed) if learnt.missed < 1 else 0.0
    return Occupancy(len(visits), _give_or_take(len(visits), _true_number(chances, slipped_in)))


def probably_over(
    learnt: LearntStays,
    visits: Iterable[OpenVisit],
    *,
    at_s: float,
    counted_s: float = -math.inf,
) -> list[int]:
    """The visits whose holders have left without a row, as far as that can be known.

    Never one whose ticket waits, walks or is served.
    """
    if not learnt.is_enough:
        return []
    return [
        one.visit_id
        for one in visits
        if learnt.inside(one, at_s=at_s, counted_s=counted_s) < LEAST_INSIDE
    ]


def recount(
    learnt: LearntStays, visits: Sequence[OpenVisit], people: int, *, at_s: float
) -> Recount:
    """The open visits that a count of ``people`` heads leaves; those least likely inside are over.

    Whose ticket waits, walks or is served is ended last of all.
    """
    likely = sorted(
        visits,
        key=lambda one: (
            one.is_called_for,
            learnt.inside(one, at_s=at_s) if learnt.is_enough else one.entered_s,
        ),
    )
    over = max(0, len(visits) - people)
    return Recount(
        over=tuple(one.visit_id for one in likely[:over]), unseen=max(0, people - len(visits))
    )


def _in_order(times: Iterable[float]) -> Times:
    return np.array(sorted(max(0.0, time) for time in times))


def _longer(times: Times, passed_s: float) -> float:
    """The share of times that are longer."""
    return float(len(times) - np.searchsorted(times, passed_s, side="right")) / len(times)


def _true_number(chances: Sequence[float], slipped_in: float) -> Times:
    """How likely each true number of people is, from 0 on."""
    certain = sum(chance > 1 - _COUNTED_ALIKE for chance in chances)
    found = np.array([1.0])
    for chance in chances:
        if _COUNTED_ALIKE <= chance <= 1 - _COUNTED_ALIKE:
            found = np.convolve(found, (1 - chance, chance))
    most = int(slipped_in + 6 * math.sqrt(slipped_in) + 6)
    numbers = np.arange(most + 1)
    log_factorial = np.array([math.lgamma(number + 1) for number in numbers])
    unseen = np.exp(numbers * math.log(max(slipped_in, 1e-12)) - slipped_in - log_factorial)
    return np.concatenate([np.zeros(certain), np.convolve(found, unseen)])


def _give_or_take(people: int, chances: Times) -> int:
    """The least number that, up and down, holds the true one often enough."""
    reach = 0
    while reach <= len(chances) + people:
        if chances[max(0, people - reach) : people + reach + 1].sum() >= SURE:
            return reach
        reach += 1
    return reach
