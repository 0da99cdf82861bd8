"""Calls in from the line outside whoever fits, as soon as there is room.

A thread of its own looks at what this process knows after each committed row, and at the record
every few seconds: other processes write to it, and the time of a call runs out by itself. The
transaction decides, so that two processes never call for the same place.
"""

from __future__ import annotations

import logging

from screening.clock import Clock
from screening.loop import Loop, Trouble
from screening.waiting_room.line import LineBook, is_due

LOOK_S = 1.0
"""A call whose time is up is over so long after it at the latest."""
ASK_EVERY = 5
"""Every so many looks the record is asked for what other processes wrote."""
SHORTEST_S = 0.05
"""Rows that are committed together are looked at together."""
CLOSING_S = 2.0
"""A look that hangs in the record is not waited for any longer."""

_log = logging.getLogger(__name__)


class LineCaller:
    """Calls in while it runs; ``touch`` may be called from any thread and never waits."""

    def __init__(self, line: LineBook, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._looks = 0
        self._loop = Loop(
            "line-caller",
            self.look,
            trouble=Trouble(
                _log, "nobody can be called in", over="whoever fits is called in again"
            ),
            every_s=LOOK_S,
            rest_s=SHORTEST_S,
            at_once=False,
        )

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def close(self) -> None:
        """Stop; safe to call twice."""
        self._loop.close(CLOSING_S)

    def touch(self) -> None:
        """A row was written, or the office's facts have changed."""
        self._loop.wake()

    def look(self) -> int:
        """Call in whoever is due; how many were. Raises RecordError."""
        now = self._clock.now()
        seen = self._line.glance(at=now)
        self._looks += 1
        if seen is None or self._looks % ASK_EVERY == 0:
            seen = self._line.view(at=now)
        return len(self._line.call_due(at=now)) if is_due(seen) else 0
