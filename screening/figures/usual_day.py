"""The usual day: what the last days of the same weekday were like, hour by hour. Pure, but for
``UsualDays``, which asks for the figures and keeps what it made of them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from screening.clock import Clock
from screening.figures.roll_ups import By, Figures

WEEKS = 8
"""So many days of the same weekday are looked at; older ones are of another season."""

FEWEST_DAYS = 4
"""Fewer days with visitors say nothing of what is usual."""

KEPT_S = 600.0
"""An earlier day hardly changes any more: only where somebody takes an admission back."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Half of the days had between ``low`` and ``high`` people, half of them up to ``middle``."""

    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True)
class UsualDay:
    """``days`` are the days with visitors that were looked at, by the hour who came in it."""

    days: tuple[Mapping[int, int], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there were enough days."""
        return len(self.days) >= FEWEST_DAYS

    def hours(self) -> dict[int, Usual]:
        """What is usual in each hour in which anybody came; empty where nothing is known."""
        if not self.is_known:
            return {}
        seen = sorted({hour for day in self.days for hour in day})
        return {hour: _usual([day.get(hour, 0) for day in self.days]) for hour in seen}

    def until(self, hour: int) -> Usual | None:
        """How many came before that hour; None where nothing is known."""
        if not self.is_known:
            return None
        return _usual([sum(n for h, n in day.items() if h < hour) for day in self.days])


class UsualDays:
    """Keeps what is usual on a weekday; safe to use from any thread."""

    def __init__(self, figures: Figures, clock: Clock) -> None:
        self._figures = figures
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[date, float, UsualDay] | None = None

    def of(self, today: date) -> UsualDay:
        """What is usual on that day's weekday, at most ``KEPT_S`` old. Raises RecordError."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            if self._kept is None or self._kept[0] != today or now_s - self._kept[1] >= KEPT_S:
                self._kept = (today, now_s, self._asked(today))
            return self._kept[2]

    def _asked(self, today: date) -> UsualDay:
        days = (today - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1))
        counted = (came_by_hour(self._figures, day) for day in days)
        return UsualDay(tuple(day for day in counted if day))


def came_by_hour(figures: Figures, day: date) -> dict[int, int]:
    """By the hour of the site's clock, who came in it; hours without anybody are left out."""
    found: dict[int, int] = {}
    for row in figures.rows(day, day, By.HOUR):
        if row.came:
            hour = datetime.fromisoformat(row.key).hour
            found[hour] = found.get(hour, 0) + row.came
    return found


def _usual(counts: Sequence[int]) -> Usual:
    low, middle, high = np.quantile(counts, (0.25, 0.5, 0.75))
    return Usual(round(low), round(middle), round(high))
