"""How sure the number of people inside is: "42 ± 3". Pure.

The number is what the rows say, entries less exits. Somebody may have left without a row, and
somebody may have slipped in. Of each visit that is still open it is told how likely its holder is
inside, from how long others stayed after their ticket was done (or, without a ticket, after they
came) and from how many forget to sign out: with the share S of stays that last longer than this
one and the share f of forgotten exits, S / (S + f (1 - S)). A visit whose ticket waits or is served
is inside. Whole stays are long when the line is: without tickets they are scaled by what the newest
visits say, as far as hours differ. Times are seconds since the site's midnight, or seconds.
"""

from __future__ import annotations

import math
from collections import defaultdict
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

HOUR_WORTH = 6.0
"""People of one hour wait for the same counters: all of them tell as much as six alone."""

_COUNTED_ALIKE = 0.001
_NEWEST_S = 3600.0
_LEAST_OF_AN_HOUR = 5
_SCALES = np.linspace(-2.0, 2.0, 9)

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

    ``forgotten`` is the share of exits that nobody sees, ``missed`` that of entries, which is known
    the better the larger ``missed_shape`` is (of a gamma distribution). ``stays`` are those of a
    usual hour; ``hour_sigma`` is the deviation of hours' stays, in logarithms.
    """

    stays: Times = field(default_factory=lambda: np.empty(0))
    leavings: Times = field(default_factory=lambda: np.empty(0))
    forgotten: float = 0.0
    missed: float = 0.0
    missed_shape: float = math.inf
    hour_sigma: float = 0.0

    @classmethod
    def of(cls, days: Sequence[Sequence[EndedVisit]], *, unmatched_exits: int) -> LearntStays:
        """Learn from days' ended visits, and exits of people who had not been seen to enter."""
        ended = [one for day in days for one in day]
        seen = [(one, one.left_s) for one in ended if one.left_s is not None]
        exits = len(seen) + unmatched_exits
        stays, hour_sigma = _usual_stays(days)
        return cls(
            stays=stays,
            leavings=_in_order(
                left_s - one.over_s for one, left_s in seen if one.over_s is not None
            ),
            forgotten=1 - len(seen) / len(ended) if ended else 0.0,
            # One more than were seen: none among few is no proof that nobody slips in.
            missed=(unmatched_exits + 1) / (exits + 1) if exits else 0.0,
            missed_shape=unmatched_exits + 1.0,
            hour_sigma=hour_sigma,
        )

    @property
    def is_enough(self) -> bool:
        """Whether anything can be told from it."""
        return len(self.stays) >= LEAST_VISITS

    def inside(
        self,
        visit: OpenVisit,
        *,
        at_s: float,
        counted_s: float = -math.inf,
        scale: float = 1.0,
    ) -> float:
        """How likely the visit's holder is inside, 0 to 1; at ``counted_s`` they surely were.

        ``scale``: how much longer whole stays are than usual.
        """
        if visit.is_called_for:
            return 1.0
        times, began_s = self.stays, visit.entered_s
        if self._is_told_by_ticket(visit):
            times, began_s, scale = self.leavings, visit.over_s or 0.0, 1.0
        stays = _longer(times, (at_s - began_s) / scale)
        if counted_s > began_s:
            at_count = _longer(times, (counted_s - began_s) / scale)
            stays = min(1.0, stays / max(at_count, 1 / (len(times) + 1)))
        return stays / (stays + self.forgotten * (1 - stays)) if stays else 0.0

    def scales(
        self, visits: Sequence[OpenVisit], ended: Sequence[EndedVisit], *, at_s: float
    ) -> list[tuple[float, float]]:
        """How much longer than usual people stay now, and how likely that is.

        From whoever came in the last hour, and has left or not. One scale where tickets tell.
        """
        open_visits = [
            one for one in visits if not one.is_called_for and not self._is_told_by_ticket(one)
        ]
        if not open_visits or not self.hour_sigma:
            return [(1.0, 1.0)]
        logs = np.log(np.maximum(self.stays, 1.0))
        mean, sigma = float(logs.mean()), max(float(logs.std()), 0.05)
        newest = [
            math.log(max(one.left_s - one.entered_s, 1.0))
            for one in ended
            if one.left_s is not None and one.left_s <= at_s and one.entered_s > at_s - _NEWEST_S
        ]
        still = [one for one in open_visits if one.entered_s > at_s - _NEWEST_S]
        worth = min(1.0, HOUR_WORTH / max(1, len(newest) + len(still)))
        likelihoods = []
        for deviation in _SCALES.tolist():
            shift = deviation * self.hour_sigma
            likelihood = -sum(((one - mean - shift) / sigma) ** 2 / 2 for one in newest)
            for one in still:
                stays = _longer(self.stays, (at_s - one.entered_s) / math.exp(shift))
                likelihood += math.log(stays + (self.forgotten or 0.01) * (1 - stays))
            likelihoods.append(worth * likelihood - deviation**2 / 2)
        weights = np.exp(np.array(likelihoods) - max(likelihoods))
        weights /= weights.sum()
        factors = np.exp(_SCALES * self.hour_sigma)
        return list(zip(factors.tolist(), weights.tolist(), strict=True))

    def _is_told_by_ticket(self, visit: OpenVisit) -> bool:
        return visit.over_s is not None and len(self.leavings) >= LEAST_VISITS


def occupancy(
    learnt: LearntStays,
    visits: Sequence[OpenVisit],
    *,
    at_s: float,
    counted_s: float = -math.inf,
    ended: Sequence[EndedVisit] = (),
    concluded: Sequence[OpenVisit] = (),
) -> Occupancy:
    """People inside by the open visits, and the range that holds the true number in 9 of 10 cases.

    ``counted_s`` is when heads were counted last, and the rows set right. ``ended`` are today's
    visits with an exit; only where tickets do not tell who is done they are of use. ``concluded``
    have an exit that nobody saw: they are not counted, and may be inside all the same.
    """
    if not learnt.is_enough:
        return Occupancy(len(visits), None)
    numbers = []
    for scale, weight in learnt.scales(visits, ended, at_s=at_s):
        chances = [
            learnt.inside(one, at_s=at_s, counted_s=counted_s, scale=scale) for one in visits
        ]
        everybody = [*visits, *concluded]
        chances += [
            learnt.inside(one, at_s=at_s, counted_s=counted_s, scale=scale) for one in concluded
        ]
        since = sum(
            chance
            for one, chance in zip(everybody, chances, strict=True)
            if one.entered_s > counted_s
        )
        slipped_in = since * learnt.missed / (1 - learnt.missed) if learnt.missed < 1 else 0.0
        unseen = _unseen(slipped_in, learnt.missed_shape)
        numbers.append(weight * _true_number(chances, unseen))
    return Occupancy(len(visits), _give_or_take(len(visits), _sum(numbers)))


def probably_over(
    learnt: LearntStays,
    visits: Sequence[OpenVisit],
    *,
    at_s: float,
    counted_s: float = -math.inf,
    ended: Sequence[EndedVisit] = (),
) -> list[int]:
    """The visits whose holders have left without a row, as far as that can be known.

    Never one whose ticket waits, walks or is served.
    """
    if not learnt.is_enough:
        return []
    scales = learnt.scales(visits, ended, at_s=at_s)
    return [
        one.visit_id
        for one in visits
        if sum(
            weight * learnt.inside(one, at_s=at_s, counted_s=counted_s, scale=scale)
            for scale, weight in scales
        )
        < LEAST_INSIDE
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


def _usual_stays(days: Sequence[Sequence[EndedVisit]]) -> tuple[Times, float]:
    """Stays as they would be in a usual hour, in order, and how different hours are."""
    hours: dict[tuple[int, int], list[float]] = defaultdict(list)
    for number, day in enumerate(days):
        for one in day:
            if one.left_s is not None:
                stay_s = max(one.left_s - one.entered_s, 1.0)
                hours[number, int(one.entered_s // 3600)].append(math.log(stay_s))
    told = {hour: logs for hour, logs in hours.items() if len(logs) >= _LEAST_OF_AN_HOUR}
    if len(told) < 2:
        return _in_order(math.exp(log) for logs in hours.values() for log in logs), 0.0
    means = np.array([np.mean(logs) for logs in told.values()])
    by_chance = np.array([np.var(logs) / len(logs) for logs in told.values()])
    between = max(0.0, float(means.var() - by_chance.mean()))
    middle = float(means.mean())
    usual: list[float] = []
    for logs, mean, noise in zip(told.values(), means, by_chance, strict=True):
        shift = (mean - middle) * between / (between + noise) if between else 0.0
        usual += [math.exp(log - shift) for log in logs]
    return _in_order(usual), math.sqrt(between)


def _sum(numbers: Sequence[Times]) -> Times:
    total = np.zeros(max(len(one) for one in numbers))
    for one in numbers:
        total[: len(one)] += one
    return total


def _longer(times: Times, passed_s: float) -> float:
    """The share of times that are longer."""
    return float(len(times) - np.searchsorted(times, passed_s, side="right")) / len(times)


def _true_number(chances: Sequence[float], unseen: Times) -> Times:
    """How likely each true number of people is, from 0 on."""
    certain = sum(chance > 1 - _COUNTED_ALIKE for chance in chances)
    found = np.array([1.0])
    for chance in chances:
        if _COUNTED_ALIKE <= chance <= 1 - _COUNTED_ALIKE:
            found = np.convolve(found, (1 - chance, chance))
    return np.concatenate([np.zeros(certain), np.convolve(found, unseen)])


def _unseen(mean: float, shape: float) -> Times:
    """How likely each number of people is who slipped in: Poisson, or with a gamma-distributed
    mean of this shape."""
    spread = math.sqrt(mean + (0.0 if math.isinf(shape) else mean**2 / shape))
    numbers = np.arange(int(mean + 6 * spread + 6) + 1)
    log_factorial = np.array([math.lgamma(number + 1) for number in numbers])
    if math.isinf(shape):
        poisson: Times = np.exp(numbers * math.log(max(mean, 1e-12)) - mean - log_factorial)
        return poisson
    grown = np.array([math.lgamma(number + shape) for number in numbers]) - math.lgamma(shape)
    stays, comes = math.log(shape / (shape + mean)), math.log(max(mean, 1e-12) / (shape + mean))
    found: Times = np.exp(grown - log_factorial + shape * stays + numbers * comes)
    return found


def _give_or_take(people: int, chances: Times) -> int:
    """The least number that, up and down, holds the true one often enough."""
    reach = 0
    while reach <= len(chances) + people:
        if chances[max(0, people - reach) : people + reach + 1].sum() >= SURE:
            return reach
        reach += 1
    return reach
