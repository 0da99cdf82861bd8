"""What a trainee sees: the lessons, what is happening, and how it went."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonCard:
    """A lesson that can be started; ``minutes`` is how long it takes about."""

    code: str
    title: str
    about: str
    minutes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonGroup:
    """The lessons of a role, and where they are taken."""

    title: str
    place: str
    lessons: tuple[LessonCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonsPage:
    """``lessons.html``. ``notice`` is why nothing was started, empty otherwise. ``last`` is the
    title of the lesson that this trainee takes, or took last; empty before the first."""

    shell: Shell
    last: str
    groups: tuple[LessonGroup, ...]
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step as it was judged. ``took`` is empty where nothing was done; ``rule`` says what is
    right, and why. ``limit`` is the time it should take at most."""

    mark: str
    word: str
    happened: str
    rule: str
    did: str
    took: str
    limit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """``lesson.html``: a lesson under way, or how it went. ``said`` is what happens now.

    ``steps`` are those that are over, of a lesson that is over all of them.
    """

    shell: Shell
    code: str
    title: str
    stage: str
    said: str
    place: str
    place_words: str
    result: str
    is_passed: bool
    steps: tuple[StepRow, ...]
