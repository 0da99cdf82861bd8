"""What the page of the seats shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around, Field
from dashboard.web.seat_drawing import SeatDrawing
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class ChairTick:
    """A seat in the list; ``x`` and ``y`` in metres."""

    label: str
    x: float
    y: float
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChairRow:
    """Seats that stand in one row of a room."""

    room: str
    chairs: tuple[ChairTick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsPage:
    """``admin/seats.html``: the plan as it is, as it was typed, or as it is proposed.

    ``source`` is where the chairs come from: the plan that holds, rows and columns, or ``table``.
    ``told`` says how many sit, and ``crowded`` which open seats are nearer than the distance.
    """

    shell: Shell
    around: Around
    source: str
    is_proposed: bool
    drawing: SeatDrawing
    rows: tuple[ChairRow, ...]
    distance: str
    size: tuple[Field, ...]
    table: str
    marks: tuple[Field, ...]
    told: str
    crowded: str
