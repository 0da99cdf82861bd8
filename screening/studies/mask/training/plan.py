"""How long and how fast to train."""

from __future__ import annotations

import math
from dataclasses import dataclass

WARM_UP_STEPS = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """The course of one training; ``steps`` may be changed when it is resumed."""

    steps: int
    learning_rate: float
    # The rate stays flat for this share of the steps and then falls to zero along a cosine.
    flat_share: float = 0.4
    validate_every: int = 500
    report_every: int = 50
    threads: int = 2

    def rate(self, step: int) -> float:
        """Learning rate at ``step``."""
        warm = min(1.0, (step + 1) / WARM_UP_STEPS)
        done = step / max(1, self.steps)
        if done <= self.flat_share:
            return self.learning_rate * warm
        falling = (done - self.flat_share) / (1.0 - self.flat_share)
        return self.learning_rate * warm * 0.5 * (1.0 + math.cos(math.pi * min(1.0, falling)))
