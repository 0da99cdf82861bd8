"""Many days of an office at once: who is called when, and how full the room gets. Pure.

Arrays hold a person a row and a day a column, people in the order of coming; whoever does not come
has ``math.inf``, behind all others. Times are seconds since the site's midnight, or seconds.
Counters call whoever came first of those whom they take, so that one pass over the people plays all
days.
``screening.figures.day_run`` plays one day event by event, and comes to the same moments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
Kinds = NDArray[np.intp]
Claims = NDArray[np.bool_]
Counts = NDArray[np.int64]


def call_times(
    comes: Seconds,
    keeps: Seconds,
    kinds: Kinds,
    takes: Claims,
    *,
    breaks: Seconds | None = None,
    opens_s: float = -math.inf,
) -> Seconds:
    """When each person is called, by coming first among those whom a counter takes.

    ``keeps`` is how long a person keeps a counter from the call on, until it calls the next one.
    ``kinds`` numbers what they come for, ``takes`` has a row for each kind and a column for each
    counter. ``breaks`` (days, counters, breaks, begin and end), in order, are when a counter calls
    nobody; who is there is served to the end. Of several that are idle the first one calls.
    """
    people, days = comes.shape
    counters = takes.shape[1]
    free = np.full((days, counters), float(opens_s))
    penalty = np.where(takes, 0.0, math.inf)
    called = np.empty((people, days))
    every_day = np.arange(days)
    is_plain = bool(takes.all())
    edges = (
        ()
        if breaks is None
        else tuple((breaks[:, :, n, 0], breaks[:, :, n, 1]) for n in range(breaks.shape[2]))
    )
    for person in range(people):
        ready = np.maximum(free, comes[person][:, None])
        for begin, end in edges:
            is_away = (ready >= begin) & (ready < end)
            ready = np.where(is_away, end, ready)
        if not is_plain:
            ready += penalty[kinds[person]]
        chosen = ready.argmin(axis=1)
        at = ready[every_day, chosen]
        called[person] = at
        free[every_day, chosen] = at + keeps[person]
    return called


def one_by_one(comes: Seconds, keeps: Seconds) -> Seconds:
    """When each person has passed a single door that keeps each of them so long, in order."""
    total = np.cumsum(np.where(np.isfinite(comes), keeps, 0.0), axis=0)
    before = np.vstack([np.zeros((1, comes.shape[1])), total[:-1]])
    passed: Seconds = np.maximum.accumulate(comes - before, axis=0) + total
    return passed


def is_full(comes: Seconds, leaves_in_order: Seconds, capacity: int) -> Claims:
    """Of each day, whether so many people were inside at once; each column of leaves is sorted."""
    people = comes.shape[0]
    if capacity <= 0:
        return np.ones(comes.shape[1], bool)
    if people < capacity:
        return np.zeros(comes.shape[1], bool)
    stays = leaves_in_order[: people - capacity + 1] > comes[capacity - 1 :]
    found: Claims = np.any(stays, axis=0)
    return found


def inside_at(comes: Seconds, leaves: Seconds, moments: Sequence[float]) -> Counts:
    """People inside at each moment (rows) of each day."""
    return np.array([(comes <= at).sum(axis=0) - (leaves <= at).sum(axis=0) for at in moments])
