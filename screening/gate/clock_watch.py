"""Notices that the gate's wall clock is wrong: a wrong clock admits and refuses the wrong days."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from screening.clock import LARGEST_DRIFT_S

JUMP_SHOWN_S = 600.0
"""A jump is shown this long: a clock set right at start-up (no battery) must not warn for ever."""

LARGEST_LEAD = timedelta(minutes=5)
"""A genuine receipt or row dated this far in the future means that our clock is behind."""


class ClockWarning(StrEnum):
    """What is wrong with the clock."""

    JUMPED = "jumped"
    BEHIND = "behind"


class ClockWatch:
    """Compares the wall clock with the monotonic one and with dates that others have signed."""

    def __init__(self, now: datetime, monotonic_s: float) -> None:
        self._now = now
        self._monotonic_s = monotonic_s
        self._jumped_at_s: float | None = None
        self.jump_s = 0.0
        """How far the clock moved at its last jump, below zero where it was set back."""
        self._latest_known: datetime | None = None

    def witnessed(self, at: datetime) -> None:
        """A trusted date: a genuine receipt's issue time, or the newest row of the log."""
        if self._latest_known is None or at > self._latest_known:
            self._latest_known = at

    def warning(self, now: datetime, monotonic_s: float) -> ClockWarning | None:
        """What is wrong at this moment, or None."""
        drift_s = (now - self._now).total_seconds() - (monotonic_s - self._monotonic_s)
        if abs(drift_s) > LARGEST_DRIFT_S:
            self._now, self._monotonic_s = now, monotonic_s
            self._jumped_at_s = monotonic_s
            self.jump_s = drift_s
        if self._latest_known is not None and now < self._latest_known - LARGEST_LEAD:
            return ClockWarning.BEHIND
        if self._jumped_at_s is not None and monotonic_s - self._jumped_at_s < JUMP_SHOWN_S:
            return ClockWarning.JUMPED
        return None
