"""What the page of the hours shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Open from ``x`` on, ``width`` wide; minutes since the drawing begins."""

    x: int
    width: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayRow:
    """A weekday: what stands in its field, and its hours drawn."""

    name: str
    word: str
    typed: str
    bars: tuple[Bar, ...]
    told: str
    is_today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferentDay:
    """A coming day that is different. ``booked`` have booked it though it is closed to them."""

    day: str
    words: str
    hours: str
    note: str
    service: str
    service_name: str
    booked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A public holiday, or a day of collective leave that may be taken."""

    day: str
    words: str
    name: str
    is_over: bool
    is_taken: bool
    booked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPage:
    """``admin/hours.html``. ``hours`` are the drawing's full hours with where they stand."""

    shell: Shell
    around: Around
    week: tuple[WeekdayRow, ...]
    hours: tuple[tuple[int, str], ...]
    width: int
    first: str
    until: str
    typed: str
    note: str
    service: str
    services: tuple[tuple[str, str], ...]
    days: tuple[DifferentDay, ...]
    year: int
    years: tuple[int, ...]
    holidays: tuple[Holiday, ...]
    leave: tuple[Holiday, ...]
