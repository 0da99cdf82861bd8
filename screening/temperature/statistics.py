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


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0
