"""Codes in sight of a camera or a scanner: each counts once for as long as it is shown."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum, auto

TOLD_EVERY_S = 1.0
"""How often it is told that a code is still there."""

MOST_IN_SIGHT = 64
"""Different codes at a time; a wall of posters has fewer, a scanner gone mad any number."""


class Sighting(Enum):
    """What it means that a code was seen once more; STILL is AGAIN, once a second."""

    NEW = auto()
    AGAIN = auto()
    STILL = auto()


@dataclass(slots=True)
class _Sight:
    since_s: float
    last_s: float
    told_s: float


class Sights:
    """A sight ends when its code was not seen for longer than ``gap_s``; others do not end it."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._sights: OrderedDict[str, _Sight] = OrderedDict()

    def see(self, code: str, now_s: float) -> Sighting:
        """NEW begins a sight; seconds are monotonic."""
        self._forget(now_s)
        sight = self._sights.get(code)
        if sight is None:
            self._sights[code] = _Sight(now_s, now_s, now_s)
            return Sighting.NEW
        sight.last_s = now_s
        self._sights.move_to_end(code)
        if now_s - sight.told_s < TOLD_EVERY_S:
            return Sighting.AGAIN
        sight.told_s = now_s
        return Sighting.STILL

    def began_s(self, code: str) -> float | None:
        """When the sight of this code began; None where it is not in sight."""
        sight = self._sights.get(code)
        return None if sight is None else sight.since_s

    def _forget(self, now_s: float) -> None:
        while self._sights:
            oldest = next(iter(self._sights.values()))
            if len(self._sights) < MOST_IN_SIGHT and now_s - oldest.last_s <= self._gap_s:
                return
            self._sights.popitem(last=False)
