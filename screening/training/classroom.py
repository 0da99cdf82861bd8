"""Where lessons are taken: one trainee at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from screening.training.judging import Progress


class Stage(StrEnum):
    """How far a lesson is."""

    PREPARED = "prepared"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A lesson that ``trainee``, a log-in, takes or took; ``person`` is the name of who comes."""

    trainee: str
    progress: Progress
    stage: Stage
    person: str = ""


class Classroom(Protocol):
    """Plays lessons. Safe to use from any thread, and never waits."""

    gate: str
    """Where guards practise."""

    counter: str
    """Where officers practise."""

    pause_s: float
    """How long the legal pause between two readings is here."""

    def begin(self, code: str, trainee: str) -> bool:
        """Begin this lesson, which exists; False while somebody else takes one."""

    def leave(self, trainee: str) -> None:
        """This trainee stops; nothing where they take no lesson."""

    def under_way(self) -> Attendance | None:
        """The lesson that is being taken."""

    def last_of(self, trainee: str) -> Attendance | None:
        """The lesson that this trainee takes, or took last."""
