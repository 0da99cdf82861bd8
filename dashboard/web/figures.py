"""The numbers of the room and of the day, as pages show them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """How often a reason came up today; ``share`` of the most frequent one, 0 to 100."""

    state: str
    words: str
    count: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFigures:
    """The numbers of the room and of the day."""

    occupancy: int
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
