"""The seats as a drawing: rooms side by side, to scale, each seat with its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from screening.visits import SeatState
from screening.waiting_room.chairs import nearest
from screening.waiting_room.plan import Seating, SeatKind

BETWEEN_ROOMS = 2.0
"""Plan units for two walls and the way between them."""
SMALLEST_ROOM = 3.0
"""Plan units of width that the words for counters and entrance need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One seat on the plan; ``state`` is free, taken or sealed, ``kind`` whom it is for first.
    ``x`` and ``y`` in plan units, within its room.

    Who sat down before the seat was sealed still sits there: it is taken.
    """

    label: str
    x: float
    y: float
    state: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomDrawing:
    """One room; ``x`` is where it begins beside those before it. All in plan units."""

    name: str
    seats: tuple[Seat, ...]
    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatDrawing:
    """Rooms side by side, with their size in plan units; a unit has room for a seat.

    ``kinds`` are those besides seats for anybody that there are.
    """

    rooms: tuple[RoomDrawing, ...]
    width: float
    height: float
    free: int
    taken: int
    sealed: int
    kinds: tuple[str, ...]


def plan_of(seats: Sequence[SeatState]) -> SeatDrawing:
    """The seats as a drawing, to scale: the nearest neighbours are one unit apart."""
    rooms: dict[str, list[SeatState]] = {}
    for seat in seats:
        rooms.setdefault(seat.room, []).append(seat)
    unit = _unit(tuple(tuple((seat.x, seat.y) for seat in room) for room in rooms.values()))
    drawn: list[RoomDrawing] = []
    for name, room in rooms.items():
        x = drawn[-1].x + drawn[-1].width + BETWEEN_ROOMS if drawn else 0.0
        drawn.append(_room(name, map(_drawn, room), x, unit))
    states = Counter(_state(seat) for seat in seats)
    kinds = {seat.kind for seat in seats}
    return SeatDrawing(
        rooms=tuple(drawn),
        width=drawn[-1].x + drawn[-1].width if drawn else 0.0,
        height=max((room.height for room in drawn), default=0.0),
        free=states["free"],
        taken=states["taken"],
        sealed=states["sealed"],
        kinds=tuple(kind for kind in SeatKind if kind in kinds and kind is not SeatKind.ANYBODY),
    )


def way_to(plan: Seating, label: str) -> RoomDrawing | None:
    """The room of this seat, whose state is ``wanted``; None where it is not on the plan."""
    if label not in plan.numbers:
        return None
    room = plan.seats[plan.numbers[label]].chair.room
    seats = plan.rooms_by_name[room]
    unit = _unit((tuple((seat.chair.x, seat.chair.y) for seat in seats),))
    drawn = (
        Seat(
            label=seat.label,
            x=seat.chair.x,
            y=seat.chair.y,
            state="wanted" if seat.label == label else "sealed" if seat.is_sealed else "free",
            kind=seat.kind,
        )
        for seat in seats
    )
    return _room(room, drawn, 0.0, unit)


def _room(name: str, seats: Iterable[Seat], x: float, unit: float) -> RoomDrawing:
    measured = tuple(seats)
    left, top = min(seat.x for seat in measured), min(seat.y for seat in measured)
    drawn = tuple(
        replace(seat, x=round((seat.x - left) / unit, 3), y=round((seat.y - top) / unit, 3))
        for seat in measured
    )
    width = max(SMALLEST_ROOM, 1 + max(seat.x for seat in drawn))
    height = 1 + max(seat.y for seat in drawn)
    return RoomDrawing(name=name, seats=drawn, x=x, width=width, height=height)


def _drawn(seat: SeatState) -> Seat:
    return Seat(label=seat.label, x=seat.x, y=seat.y, state=_state(seat), kind=seat.kind)


def _state(seat: SeatState) -> str:
    return "taken" if seat.visit_id else "sealed" if seat.is_sealed else "free"


@lru_cache(maxsize=8)
def _unit(rooms: Sequence[Sequence[tuple[float, float]]]) -> float:
    """So far are the nearest neighbours apart: drawn so, no two seats overlap."""
    return min(filter(None, map(nearest, rooms)), default=1.0)
