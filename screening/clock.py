"""The two time bases: aware UTC for records, monotonic seconds for the control loop."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from datetime import time as dt_time
from typing import Protocol
from zoneinfo import ZoneInfo


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
