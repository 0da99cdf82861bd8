"""How sure a share or an area under the curve is, from as many people as there were."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]

Z_95 = NormalDist().inv_cdf(0.975)


def wilson_interval(successes: int, trials: int) -> Interval:
    """95 % score interval of a share (Wilson 1927; Newcombe 1998, Stat Med 17:857).

    It stays within 0 to 1 and has a width also for 0 or all of ``trials`` (at least 1).
    """
    share, weight = successes / trials, Z_95**2 / trials
    centre = (share + weight / 2) / (1 + weight)
    half = math.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


def area_under_curve(
    positive: NDArray[np.float64], negative: NDArray[np.float64]
) -> tuple[float, Interval]:
    """The rank statistic (ties count half) and its 95 % interval; neither side may be empty.

    The variance is DeLong's (1988, Biometrics 44:837), the interval is made on the logit (Pepe
    2003, section 5.2) so that it stays within 0 to 1. Where the sides do not overlap there is no
    variance: the interval is then the share's, for as many as the smaller side has.
    """
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    area = float(wins.mean())
    if not 0.0 < area < 1.0:
        smaller = min(len(positive), len(negative))
        return area, wilson_interval(round(area * smaller), smaller)
    variance = sum(
        float(np.var(side, ddof=1)) / len(side) if len(side) > 1 else 0.0
        for side in (wins.mean(axis=1), wins.mean(axis=0))
    )
    half = Z_95 * math.sqrt(variance) / (area * (1 - area))
    middle = math.log(area / (1 - area))
    return area, (_logistic(middle - half), _logistic(middle + half))


def mean_interval(values: NDArray[np.float64]) -> Interval:
    """95 % interval of the mean of independent values; the values' range when there is one."""
    if len(values) < 2:
        return float(values.min()), float(values.max())
    half = Z_95 * float(values.std(ddof=1)) / math.sqrt(len(values))
    return float(values.mean()) - half, float(values.mean()) + half


def chi_squared_tail(value: float, degrees: int) -> float:
    """The chance that chi squared with so many degrees of freedom (1 or more) exceeds ``value``.

    The finite sums of Abramowitz and Stegun 26.4.4 and 26.4.5.
    """
    if value <= 0:
        return 1.0
    half = value / 2
    if degrees % 2:
        term, total = math.sqrt(2 * value / math.pi), 0.0
        for odd in range(3, degrees + 1, 2):
            total, term = total + term, term * value / odd
        return min(1.0, math.erfc(math.sqrt(half)) + math.exp(-half) * total)
    term, total = 1.0, 0.0
    for even in range(2, degrees + 1, 2):
        total, term = total + term, term * value / even
    return min(1.0, math.exp(-half) * total)


def student_quantile(chance: float, degrees: int) -> float:
    """What Student's t with so many degrees of freedom exceeds in size with this chance.

    ``chance`` is two-sided, in (0, 1). By bisection of the finite sums of Abramowitz and Stegun
    26.7.3 and 26.7.4.
    """
    low, high = 0.0, 1.0
    while _student_inside(high, degrees) < 1 - chance:
        low, high = high, high * 2
    for _ in range(80):
        middle = (low + high) / 2
        if _student_inside(middle, degrees) < 1 - chance:
            low = middle
        else:
            high = middle
    return high


def _student_inside(t: float, degrees: int) -> float:
    angle = math.atan(t / math.sqrt(degrees))
    sine, cosine_squared = math.sin(angle), math.cos(angle) ** 2
    if degrees % 2 == 0:
        term = total = 1.0
        for odd in range(1, degrees - 2, 2):
            term *= cosine_squared * odd / (odd + 1)
            total += term
        return sine * total
    term, total = math.cos(angle), 0.0
    for even in range(2, degrees, 2):
        total += term
        term *= cosine_squared * even / (even + 1)
    return 2 / math.pi * (angle + sine * total)


def binomial_tail(successes: int, trials: int, chance: float) -> float:
    """The chance of so many successes or more in so many independent trials."""
    return min(
        1.0,
        sum(
            math.comb(trials, k) * chance**k * (1 - chance) ** (trials - k)
            for k in range(max(0, successes), trials + 1)
        ),
    )


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0
