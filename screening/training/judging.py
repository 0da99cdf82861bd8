"""What was right, late or wrong, judged from deeds and their moments. Pure.

Seconds are of one monotonic clock. A step that nobody did anything about is missed after
``PATIENCE`` times the time it allows. After a wrong or a missed one a lesson ends: what would have
come next rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from screening.training.lessons import Deed, Lesson, Step

PATIENCE = 4.0
"""A step is given up after so many times ``within_s``."""


class Mark(StrEnum):
    """How a step ended. NOT_REACHED: the lesson was over before."""

    RIGHT = "right"
    LATE = "late"
    WRONG = "wrong"
    MISSED = "missed"
    NOT_REACHED = "not_reached"


GOOD = frozenset({Mark.RIGHT, Mark.LATE})


@dataclass(frozen=True, slots=True)
class Seen:
    """A deed, when it was done and for whom; empty where nobody can tell."""

    deed: Deed
    at_s: float
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A step's mark; ``took_s`` from its beginning to the deed, both None where none was done."""

    step: Step
    mark: Mark
    took_s: float | None = None
    deed: Deed | None = None


def judge(step: Step, *, begun_s: float, seen: Iterable[Seen], now_s: float) -> Judged | None:
    """By the first deed since ``begun_s`` that counts; None while the step is still open."""
    last_s = begun_s + PATIENCE * step.within_s
    for one in sorted(seen, key=lambda one: one.at_s):
        if not begun_s <= one.at_s <= last_s:
            continue
        took_s = one.at_s - begun_s
        if one.deed in step.right:
            is_for_them = not step.about or one.about == step.about
            mark = Mark.RIGHT if took_s <= step.within_s else Mark.LATE
            return Judged(
                step=step,
                mark=mark if is_for_them else Mark.WRONG,
                took_s=took_s,
                deed=one.deed,
            )
        if one.deed in step.wrong:
            return Judged(step=step, mark=Mark.WRONG, took_s=took_s, deed=one.deed)
    return Judged(step=step, mark=Mark.MISSED) if now_s > last_s else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many steps a lesson has, and how many of them were right, or right but late."""

    steps: int
    right: int
    late: int

    @property
    def is_passed(self) -> bool:
        """Whether everything was right, though maybe late."""
        return self.right + self.late == self.steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where somebody is in a lesson. ``begun_s`` is when the current step began, None before."""

    lesson: Lesson
    judged: tuple[Judged, ...] = ()
    begun_s: float | None = None

    @property
    def step(self) -> Step | None:
        """The current step, or the one that comes next; None once the lesson is over."""
        return None if self.is_over else self.lesson.steps[len(self.judged)]

    @property
    def is_over(self) -> bool:
        """Whether every step was done, or one of them not well."""
        return len(self.judged) == len(self.lesson.steps) or any(
            one.mark not in GOOD for one in self.judged
        )

    @property
    def marks(self) -> tuple[Judged, ...]:
        """Of every step, also those that were not reached."""
        rest = self.lesson.steps[len(self.judged) :]
        return (*self.judged, *(Judged(step=one, mark=Mark.NOT_REACHED) for one in rest))

    @property
    def score(self) -> Score:
        """As far as it is known."""
        marks = [one.mark for one in self.judged]
        return Score(
            steps=len(self.lesson.steps),
            right=marks.count(Mark.RIGHT),
            late=marks.count(Mark.LATE),
        )

    def begin_step(self, at_s: float) -> Progress:
        """What the current step is about happens now."""
        return replace(self, begun_s=at_s)

    def look(self, seen: Sequence[Seen], now_s: float) -> Progress:
        """With the current step judged, if it is over."""
        step = self.step
        if step is None or self.begun_s is None:
            return self
        judged = judge(step, begun_s=self.begun_s, seen=seen, now_s=now_s)
        if judged is None:
            return self
        return replace(self, judged=(*self.judged, judged), begun_s=None)
