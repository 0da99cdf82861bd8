"""Notices that a device's thread was kept from running: a machine frozen, swapping or overloaded.

What lies in the port by then was sent at some time in between. Told with the time of its arrival
here it would be of whoever stands there now.
"""

from __future__ import annotations

from collections.abc import Callable

STALLED_S = 1.0
"""Ten times the longest wait of a thread that reads a port."""


class StallWatch:
    """One thread's; times are monotonic seconds."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._looked_s = monotonic_s()

    def begin(self) -> None:
        """What was before does not count."""
        self._looked_s = self._monotonic_s()

    def stalled_s(self) -> float:
        """How long nobody looked since the last call of this or ``begin``; 0 for a usual wait."""
        before_s, self._looked_s = self._looked_s, self._monotonic_s()
        away_s = self._looked_s - before_s
        return away_s if away_s > STALLED_S else 0.0
