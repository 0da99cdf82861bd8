"""The two time bases: aware UTC for records, monotonic seconds for the control loop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time
from typing import Protocol
from zoneinfo import ZoneInfo

LARGEST_DRIFT_S = 60.0
"""A wall clock that moves this much against the monotonic one was set, not drifting."""

SURE_AFTER_S = 2 * 3600.0
"""A day is believed when the wall clock has gone evenly for so long, all of it in that day."""

SETTLES_WITHIN_S = 900.0
"""A clock that is set so soon after the start had no battery, and is right only now."""

_log = logging.getLogger(__name__)


class Clock(Protocol):
    """Injected everywhere; nothing else in the project asks for the time."""

    def now(self) -> datetime:
        """Aware UTC."""

    def monotonic_s(self) -> float:
        """Seconds that never run backwards; only differences mean something."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class FakeClock:
    """A clock that stands still until moved; both bases move together, unless one is set."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)
        self._start = self._now

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return (self._now - self._start).total_seconds()

    def move_to(self, now: datetime) -> None:
        """Forward only."""
        if now < self._now:
            raise ValueError("time does not run backwards")
        self._now = now.astimezone(UTC)

    def set_wall(self, now: datetime) -> None:
        """Somebody sets the wall clock, back or forward; no second passes."""
        self._start += now - self._now
        self._now = now.astimezone(UTC)


def start_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """When the site's current day began, as aware UTC."""
    local = now.astimezone(zone)
    return datetime.combine(local.date(), dt_time.min, tzinfo=zone).astimezone(UTC)


class DayWatch:
    """Tells whether today is surely today: what erases or closes by the date waits for it.

    A clock that jumps, or that was wrong when the program started, is put right by somebody
    sooner or later; what was erased meanwhile is lost. So a day counts only when the wall clock
    has gone evenly for ``SURE_AFTER_S`` of monotonic time within it. Safe to use from any thread;
    somebody should ask every minute.

    ``ran`` are the seconds that the clock went evenly in each of the last days, before a restart:
    a machine that never runs for long is sure of an earlier day at least.
    """

    def __init__(
        self, clock: Clock, zone: ZoneInfo, *, ran: Mapping[date, float] | None = None
    ) -> None:
        self._clock = clock
        self._zone = zone
        self._lock = threading.Lock()
        self._seen, self._seen_s = clock.now(), clock.monotonic_s()
        self._started_s = self._seen_s
        self._even_since_s = self._seen_s
        self._day = start_of_day(self._seen, zone)
        self._was_set = False
        self._ran = dict(ran or {})
        self._forget_needless()

    def is_sure(self) -> bool:
        """Whether the wall clock's day is believed."""
        with self._lock:
            return self._look() - self._even_since_s >= SURE_AFTER_S

    def was_set(self) -> bool:
        """Whether the clock jumped while the office was running, and its day is not yet believed.

        Those who are inside may have come in the very same day.
        """
        with self._lock:
            return self._look() - self._even_since_s < SURE_AFTER_S and self._was_set

    def surely_come(self) -> datetime | None:
        """The start of the newest day that has surely come, maybe over several runs.

        The clock showed that day or later ones for ``SURE_AFTER_S`` in all. None: not known yet.
        """
        with self._lock:
            self._look()
            seconds = 0.0
            for day, ran_s in sorted(self._ran.items(), reverse=True):
                seconds += ran_s
                if seconds >= SURE_AFTER_S:
                    began = datetime.combine(day, dt_time.min, tzinfo=self._zone)
                    return began.astimezone(UTC)
            return None

    @property
    def ran(self) -> dict[date, float]:
        """Seconds of even running in each of the last days, for the next run."""
        with self._lock:
            self._look()
            return dict(self._ran)

    def _look(self) -> float:
        """Note what has changed since the last look; the monotonic time of this one."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        jump_s = (now - self._seen).total_seconds() - (now_s - self._seen_s)
        before_s, self._seen, self._seen_s = self._seen_s, now, now_s
        day = start_of_day(now, self._zone)
        if abs(jump_s) > LARGEST_DRIFT_S:
            self._was_set = now_s - self._started_s >= SETTLES_WITHIN_S
            self._even_since_s, self._day = now_s, day
            _log.warning(
                "the clock jumped by %s to %s; nothing is erased or closed before it has gone"
                " evenly for %s",
                told_jump(jump_s),
                now.astimezone(self._zone).isoformat(timespec="seconds"),
                timedelta(seconds=SURE_AFTER_S),
            )
        elif day != self._day:
            self._day = day
            self._was_set = False
            begun_s = now_s - (now - day).total_seconds()
            self._even_since_s = max(self._even_since_s, begun_s)
        if abs(jump_s) <= LARGEST_DRIFT_S:
            today = now.astimezone(self._zone).date()
            passed_s = min(now_s - before_s, (now - day).total_seconds())
            self._ran[today] = self._ran.get(today, 0.0) + passed_s
        self._forget_needless()
        return now_s

    def _forget_needless(self) -> None:
        """Days that the clock is not at yet were shown by a wrong one; old ones tell no more."""
        today, seconds = self._seen.astimezone(self._zone).date(), 0.0
        for day, ran_s in sorted(self._ran.items(), reverse=True):
            if day > today or seconds >= SURE_AFTER_S:
                del self._ran[day]
            else:
                seconds += ran_s


def told_jump(seconds: float) -> str:
    """A jump in days or hours:minutes:seconds, with its sign."""
    return f"{'-' if seconds < 0 else '+'}{timedelta(seconds=round(abs(seconds)))}"
