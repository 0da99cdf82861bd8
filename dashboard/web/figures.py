"""The numbers of the room and of the day, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """How often a reason came up today; ``share`` of the most frequent one, 0 to 100."""

    state: str
    reason: str
    words: str
    count: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFigures:
    """The numbers of the room and of the day.

    ``give_or_take`` is how far off ``occupancy`` may be, None where nobody knows; ``range`` says it
    in words. ``counted`` says who counted heads when. Both are empty where there is nothing to say.
    """

    occupancy: int
    give_or_take: int | None
    range: str
    counted: str
    capacity: int
    free: int
    percent: int
    level: str
    admitted: int
    refused: int
    referred: int
    waiting_outside: int
    refusals: tuple[Refusal, ...]
    since: str
    updated: str
