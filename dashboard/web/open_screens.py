"""Which screens and counters are open in a browser now, and which were.

Told from their streams, so only of this process and since it began.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from screening.clock import Clock

MOST_PATHS = 1000
"""Addresses that are remembered; of more, those go that were closed the longest time ago."""


@dataclass(frozen=True, slots=True)
class OpenScreen:
    """``since`` is when it was first opened of those that are open, or the last one was closed."""

    browsers: int
    since: datetime


class OpenScreens:
    """Counts the open streams of each address; safe to use from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._screens: dict[str, OpenScreen] = {}
        self._lock = threading.Lock()

    @contextmanager
    def showing(self, path: str) -> Iterator[None]:
        """One browser shows this address while it lasts."""
        self._count(path, 1)
        try:
            yield
        finally:
            self._count(path, -1)

    def seen(self) -> Mapping[str, OpenScreen]:
        """Every address that was open since this process began, as it is now."""
        with self._lock:
            return dict(self._screens)

    def _count(self, path: str, change: int) -> None:
        with self._lock:
            before = self._screens.pop(path, OpenScreen(0, self._clock.now()))
            browsers = before.browsers + change
            has_turned = (before.browsers == 0) != (browsers == 0)
            since = self._clock.now() if has_turned else before.since
            self._screens[path] = OpenScreen(browsers, since)
            if len(self._screens) > MOST_PATHS:
                closed = (path for path, one in self._screens.items() if not one.browsers)
                self._screens.pop(next(closed, ""), None)


def open_screens_of(request: Request) -> OpenScreens:
    """The application's."""
    screens: OpenScreens = request.app.state.open_screens
    return screens
