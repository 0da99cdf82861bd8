"""A piece of a day, in seconds since the site's midnight."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment up to another, in seconds since midnight."""

    from_s: float
    to_s: float

    def holds(self, at_s: float) -> bool:
        """Whether the moment lies in it; its end does not."""
        return self.from_s <= at_s < self.to_s
