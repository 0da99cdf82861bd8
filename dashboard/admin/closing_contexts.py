"""What the page shows on which days are closed."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around, Field
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCard:
    """A closing that was done. ``bookings`` were moved or have no place yet (``without_place``);
    ``calls`` left a contact and have not agreed."""

    closing_id: int
    days: str
    what: str
    why: str
    who: str
    bookings: int
    without_place: int
    calls: int
    is_open_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingPage:
    """``admin/closing.html``. ``until`` is empty for one day; ``reasons``: a field a language."""

    shell: Shell
    around: Around
    closed: tuple[ClosedCard, ...]
    is_rest: bool
    can_rest: bool
    first: str
    until: str
    least: str
    service: Field
    reasons: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShare:
    """How many people go to one day; ``percent`` of the day that gets most."""

    day: str
    people: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """Where one booking goes. ``has_place`` is False where it goes nowhere yet."""

    number: str
    people: str
    is_priority: bool
    before: str
    after: str
    has_place: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingLook:
    """``admin/closing_look.html``: what closing would do. ``fields`` are sent again; ``seen`` tells
    what was shown, and ``is_late`` that it is not so any more."""

    shell: Shell
    around: Around
    days: str
    what: str
    why: str
    bookings: int
    people: int
    without_place: int
    shares: tuple[DayShare, ...]
    moves: tuple[MoveLine, ...]
    fields: tuple[tuple[str, str], ...]
    seen: str
    is_late: bool
