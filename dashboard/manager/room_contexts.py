"""The managers' dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dashboard.manager.mode_contexts import ModeLine
from dashboard.web.figures import RoomFigures
from dashboard.web.gate.contexts import BackupLine, EntryLine, GateElsewhere, GateLive
from dashboard.web.shell import Shell
from screening.visits import SeatState
from screening.waiting_room.chairs import nearest
from screening.waiting_room.plan import SeatKind

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


@dataclass(frozen=True, slots=True, kw_only=True)
class HourBar:
    """One hour: counts, and bar heights from 0 to 100."""

    label: str
    admitted: int
    refused: int
    referred: int
    admitted_height: int
    refused_height: int
    referred_height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """Somebody an officer still has to measure."""

    attempt_id: str
    time: str
    gate: str
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotPerson:
    """Somebody inside, by seat (empty where there was none) and ticket; nobody's name."""

    attempt_id: str
    seat: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotCheck:
    """People whom an officer may measure though they were let in; the lot fell on the first."""

    people: tuple[SpotPerson, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedReading:
    """A clinical reading that cannot be taken: whose, what was typed, and why."""

    attempt_id: str
    typed: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPart:
    """``manager/room.html``: the room alone, drawn again at each change."""

    shell: Shell
    figures: RoomFigures
    plan: SeatDrawing


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPart:
    """``manager/entry.html``: one row of the list of last visits."""

    shell: Shell
    entry: EntryLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPart:
    """``manager/day.html``: what is read again every minute and after each entry."""

    shell: Shell
    mode: ModeLine
    hours: tuple[HourBar, ...]
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
    waiting_aside: int
    referrals: tuple[Referral, ...]
    spot: SpotCheck | None
    backup: BackupLine | None
    refused: RefusedReading | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage:
    """``manager/page.html``. ``last_entry_id`` is where the stream goes on."""

    shell: Shell
    mode: ModeLine
    figures: RoomFigures
    plan: SeatDrawing
    hours: tuple[HourBar, ...]
    gates: tuple[GateLive, ...]
    elsewhere: tuple[GateElsewhere, ...]
    waiting_aside: int
    referrals: tuple[Referral, ...]
    spot: SpotCheck | None
    backup: BackupLine | None
    entries: tuple[EntryLine, ...]
    last_entry_id: int
    refused: RefusedReading | None


def plan_of(seats: Sequence[SeatState]) -> SeatDrawing:
    """The seats as a drawing, to scale: the nearest neighbours are one unit apart."""
    rooms: dict[str, list[SeatState]] = {}
    for seat in seats:
        rooms.setdefault(seat.room, []).append(seat)
    unit = _unit(tuple(tuple((seat.x, seat.y) for seat in room) for room in rooms.values()))
    drawn: list[RoomDrawing] = []
    for name, room in rooms.items():
        x = drawn[-1].x + drawn[-1].width + BETWEEN_ROOMS if drawn else 0.0
        drawn.append(_room(name, room, x, unit))
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


def _room(name: str, seats: Sequence[SeatState], x: float, unit: float) -> RoomDrawing:
    left, top = min(seat.x for seat in seats), min(seat.y for seat in seats)
    drawn = tuple(
        Seat(
            label=seat.label,
            x=round((seat.x - left) / unit, 3),
            y=round((seat.y - top) / unit, 3),
            state=_state(seat),
            kind=seat.kind,
        )
        for seat in seats
    )
    width = max(SMALLEST_ROOM, 1 + max(seat.x for seat in drawn))
    height = 1 + max(seat.y for seat in drawn)
    return RoomDrawing(name=name, seats=drawn, x=x, width=width, height=height)


def _state(seat: SeatState) -> str:
    return "taken" if seat.visit_id else "sealed" if seat.is_sealed else "free"


@lru_cache(maxsize=8)
def _unit(rooms: Sequence[Sequence[tuple[float, float]]]) -> float:
    """So far are the nearest neighbours apart: drawn so, no two seats overlap."""
    return min(filter(None, map(nearest, rooms)), default=1.0)
