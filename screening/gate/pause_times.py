"""When each pause is over: setting the wall clock neither ends one nor makes it longer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from screening.clock import Clock
from screening.visits import PendingPause

CLOCK_SET = timedelta(seconds=5)
"""By less the clock is only kept right, and a pause is told as it was written."""

FORGOTTEN = timedelta(days=1)
"""A pause that an earlier process wrote so far ahead of now was of a wrong clock: who rested then
is not waiting any more, and is measured anew."""


@dataclass(slots=True)
class _Times:
    ready_s: float
    told_at: datetime | None = None


class PauseTimes:
    """Follows pauses by the monotonic clock from when they are first seen.

    The record knows them by the wall clock only, of this process or of another machine: whoever
    comes from there waits as long as is left by our clock, and never longer than a whole pause.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: dict[str, _Times] = {}

    def begun(self, attempt_id: str, ready_s: float) -> None:
        """A pause of this gate; it is over at that monotonic second."""
        self._times[attempt_id] = _Times(ready_s)

    def by_our_clock(self, pauses: list[PendingPause]) -> list[PendingPause]:
        """The same with ``ready_at`` by the wall clock as it goes now."""
        now_s = self._clock.monotonic_s()
        waiting = {pause.attempt_id for pause in pauses}
        for gone in [
            known
            for known, times in self._times.items()
            if known not in waiting and times.ready_s <= now_s
        ]:
            del self._times[gone]
        now = self._clock.now()
        return [
            replace(pause, ready_at=self._ready_at(pause))
            for pause in pauses
            if pause.attempt_id in self._times or pause.at - now < FORGOTTEN
        ]

    def _ready_at(self, pause: PendingPause) -> datetime:
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        times = self._times.get(pause.attempt_id)
        if times is None:
            left = min(pause.ready_at - now, pause.ready_at - pause.at)
            times = self._times[pause.attempt_id] = _Times(now_s + left.total_seconds())
        counted = now + timedelta(seconds=times.ready_s - now_s)
        if times.told_at is None:
            times.told_at = pause.ready_at
        if abs(counted - times.told_at) > CLOCK_SET:
            times.told_at = counted
        return times.told_at
