"""What the administrators' pages show."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True)
class Place:
    """One page of the administrators' in their list of pages; ``icon`` is a Tabler icon."""

    path: str
    word: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What each of the pages has: their list, and what was done last.

    ``changed`` is the row of a change that was just made, 0 without one, ``problem`` why nothing
    was. ``is_being_set_up``: the walk through a new office is not at its end.
    """

    places: tuple[Place, ...]
    is_being_set_up: bool = False
    changed: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that a change would touch, or has touched."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPage:
    """``admin/look.html``: what a form would change, before it is done.

    ``fields`` are sent again with the answer, to ``action``; ``seen`` tells what the page showed,
    so that a change which somebody else made meanwhile is noticed. ``notes`` are what else comes of
    it, and from when.
    """

    shell: Shell
    around: Around
    title: str
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    seen: str
    action: str
    back: str
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that can be typed or chosen. ``hint`` says what it does.

    ``kind`` is text, number, select or area; ``choices`` are values and words of a select.
    """

    name: str
    label: str
    value: str
    hint: str = ""
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """Fields that belong together."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficePage:
    """``admin/office.html``."""

    shell: Shell
    around: Around
    groups: tuple[FieldGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One row of the log about changed facts. ``can_undo``: nothing has touched them since.

    ``why`` is the reason that was given, or empty.
    """

    entry_id: int
    moment: str
    who: str
    differences: tuple[Difference, ...]
    can_undo: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """``admin/changes.html``. ``older`` is where the page of older ones begins, 0 at the end."""

    shell: Shell
    around: Around
    lines: tuple[ChangeLine, ...]
    older: int
