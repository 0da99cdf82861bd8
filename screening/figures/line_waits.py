"""How long whoever stands outside a full room waits to be called in: an 80 % interval. Pure.

Somebody is called in once as many places are free as they and those before them need. How fast
places become free is told by who left in the last half hour: with ``n`` of them in ``T`` seconds
and ``k`` places still to come, the wait is T × Gamma(k) / Gamma(n), which is wide while few have
left. Counters let people go more or less evenly, or unevenly: each tells as much as 1 / UNEVEN.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from screening.figures.waits import HELD, Interval

WINDOW_S = 1800.0
"""Who left longer ago tells little of now."""

LEAST_WINDOW_S = 300.0
LEAST_LEFT = 5
"""Of fewer people nobody can tell how fast places become free."""

UNEVEN = 0.85
"""1 would be people who leave by chance alone. Chosen on simulated days, so that intervals hold."""

_DRAWS = 4000


def until_called_in(places: int, left_s: Sequence[float], *, at_s: float) -> Interval | None:
    """How long until so many more places are free; None while too few people have left.

    ``left_s`` is when people left, of at least twice ``WINDOW_S`` where it is that long ago that
    the first one did; in seconds of any clock that ``at_s`` is of.
    """
    began_s = max(at_s - WINDOW_S, min(left_s, default=at_s))
    left = sum(began_s < one <= at_s for one in left_s)
    if left < LEAST_LEFT:
        return None
    window_s = max(at_s - began_s, LEAST_WINDOW_S)
    low, mid, high = _times(max(1, places), left)
    return Interval(low_s=low * window_s, mid_s=mid * window_s, high_s=high * window_s)


@lru_cache(maxsize=4096)
def _times(places: int, left: int) -> tuple[float, float, float]:
    """Of one window: when the last of so many places is free, after ``left`` were in it."""
    chance = np.random.default_rng(0)
    pace = chance.gamma(left / UNEVEN, size=_DRAWS)
    times = chance.gamma(places / UNEVEN, size=_DRAWS) / pace
    low, mid, high = np.quantile(times, ((1 - HELD) / 2, 0.5, (1 + HELD) / 2)).tolist()
    return low, mid, high
