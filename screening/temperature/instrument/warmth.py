"""How warm a sensor is: switched on it nears its own temperature, without power it cools again.

What it still lacks is taken to fall as exp(-t / 600 s) while it is there and to grow back the same
way while it is away (an assumption; makers ask for half an hour, which leaves 5 %). A lost device
is taken for one without power: nobody can tell an unplugged one from a broken line. So half a
minute away costs nothing, a minute six more minutes, five minutes twenty, and half an hour nearly
the whole warm-up.
"""

from __future__ import annotations

import math

WARM_UP_S = 1800.0
"""ISO/TR 13154 and makers of screening thermographs: half an hour until a sensor is stable."""

TIME_CONSTANT_S = WARM_UP_S / 3

LEAST_LACK = 1e-9
"""Nobody tells a smaller one from none."""


class Warmth:
    """One device, cold before it comes unless known to be warm at ``warm_at_s``; times are
    monotonic seconds.
    """

    def __init__(self, *, warm_at_s: float | None = None) -> None:
        self.since_s: float | None = None
        """From when its warming up counts; None while it is away."""
        self._lack, self._lost_s = 1.0, -math.inf
        if warm_at_s is not None:
            self._lack, self._lost_s = 0.0, warm_at_s

    def came(self, now_s: float) -> None:
        """It is there (again)."""
        if self.since_s is None:
            cooled = math.exp(-max(0.0, now_s - self._lost_s) / TIME_CONSTANT_S)
            lack = max(LEAST_LACK, 1 - (1 - self._lack) * cooled)
            self.since_s = now_s + TIME_CONSTANT_S * math.log(lack)

    def lost(self, now_s: float) -> None:
        """It is away."""
        if self.since_s is not None:
            self._lack = math.exp(-max(0.0, now_s - self.since_s) / TIME_CONSTANT_S)
            self._lost_s, self.since_s = now_s, None
