"""The seat plan: which seats there are, which are sealed, and who sits where. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.errors import OfficeError
from screening.waiting_room.chairs import Chair, in_rows


class Sealed(StrEnum):
    """Which seats are sealed so that nobody sits close; CHOSEN by the plan that was taken over."""

    NONE = "none"
    CHECKERBOARD = "checkerboard"
    COLUMNS = "columns"
    CHOSEN = "chosen"


class SeatKind(StrEnum):
    """Whom a seat is for first; nobody else is sent there while others are free."""

    ANYBODY = "anybody"
    FAMILY = "family"
    NEAR = "near"
    WHEELCHAIR = "wheelchair"


_KINDS = tuple(SeatKind)
_FIRST = {
    "anybody": (SeatKind.ANYBODY, SeatKind.FAMILY, SeatKind.NEAR, SeatKind.WHEELCHAIR),
    "priority": (SeatKind.NEAR, SeatKind.ANYBODY, SeatKind.FAMILY, SeatKind.WHEELCHAIR),
    "disability": (SeatKind.WHEELCHAIR, SeatKind.NEAR, SeatKind.ANYBODY, SeatKind.FAMILY),
}
"""In which order kinds are given, by need."""

_CM = 100
_MOST_IN_32_BITS = 30_000
"""Twice its square is below 2**31."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One chair of a plan, open or sealed."""

    chair: Chair
    is_sealed: bool

    @property
    def label(self) -> str:
        """What stands on it."""
        return self.chair.label

    @property
    def kind(self) -> SeatKind:
        """Whom it is for first."""
        if self.chair.is_wheelchair:
            return SeatKind.WHEELCHAIR
        if self.chair.near is not None:
            return SeatKind.NEAR
        return SeatKind.ANYBODY if self.chair.family is None else SeatKind.FAMILY


class Seating(ABC):
    """Seats where they stand. What is worked out once is kept: each admission asks for it."""

    keeps_distance: bool = False
    """Whether family seats are for one household at a time."""

    @property
    @abstractmethod
    def seats(self) -> tuple[Seat, ...]:
        """All seats, in reading order."""

    @cached_property
    def open_seats(self) -> tuple[Seat, ...]:
        """The seats people may sit on, in reading order."""
        return tuple(seat for seat in self.seats if not seat.is_sealed)

    @cached_property
    def is_open(self) -> NDArray[np.bool_]:
        """Of each of ``seats``."""
        return np.array([not seat.is_sealed for seat in self.seats])

    @cached_property
    def numbers(self) -> dict[str, int]:
        """By label, where a seat is in ``seats``."""
        return {seat.label: number for number, seat in enumerate(self.seats)}

    @cached_property
    def places(self) -> NDArray[np.int32] | NDArray[np.int64]:
        """x, y and room of each of ``seats``, (3, seats). Whole centimetres, so that seats that are
        equally far are so exactly; squares of distances fit into the type."""
        rooms = {room: number for number, room in enumerate(self.rooms_by_name)}
        chairs = [seat.chair for seat in self.seats]
        places = np.array(
            [(round(c.x * _CM), round(c.y * _CM), rooms[c.room]) for c in chairs], np.int64
        ).T
        return places.astype(np.int32) if np.ptp(places[:2]) < _MOST_IN_32_BITS else places

    @cached_property
    def kinds(self) -> NDArray[np.intp]:
        """The kind of each of ``seats``, by its number in ``SeatKind``."""
        return np.array([_KINDS.index(seat.kind) for seat in self.seats])

    @cached_property
    def families(self) -> tuple[tuple[int, ...], ...]:
        """Of each family of each room, where its open seats are in ``seats``."""
        found: dict[tuple[str, str], list[int]] = {}
        for number, seat in enumerate(self.seats):
            chair = seat.chair
            if chair.family is not None and not seat.is_sealed:
                found.setdefault((chair.room, chair.family), []).append(number)
        return tuple(tuple(numbers) for numbers in found.values())

    @cached_property
    def rooms_by_name(self) -> dict[str, tuple[Seat, ...]]:
        """The seats of each room, in the order in which rooms come first."""
        found: dict[str, list[Seat]] = {}
        for seat in self.seats:
            found.setdefault(seat.chair.room, []).append(seat)
        return {room: tuple(seats) for room, seats in found.items()}

    def room_of(self, label: str | None) -> str:
        """The name of the room where this seat is; empty where it has none, or is not known."""
        number = self.numbers.get(label or "")
        return "" if number is None else self.seats[number].chair.room


@dataclass(frozen=True)
class SeatPlan(Seating):
    """Rows times columns of seats, each a unit apart, with a pattern of sealed ones."""

    rows: int
    columns: int
    sealed: Sealed = Sealed.CHECKERBOARD

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1:
            raise ValueError("a seat plan has at least one row and one column")

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """All seats in reading order, labelled from A1."""
        chairs = in_rows(self.rows, self.columns, pitch_x=1.0, pitch_y=1.0)
        return tuple(
            Seat(chair, self._is_sealed(*divmod(number, self.columns)))
            for number, chair in enumerate(chairs)
        )

    def _is_sealed(self, row: int, column: int) -> bool:
        if self.sealed is Sealed.CHECKERBOARD:
            return row % 2 != column % 2
        return self.sealed is Sealed.COLUMNS and column % 2 == 1


@dataclass(frozen=True, kw_only=True)
class ChosenPlan(Seating):
    """Chairs as somebody measured them, and which of them stay open at ``distance_m`` metres.

    ``opened`` is the same room with every seat open. Raises OfficeError where a label comes twice
    or an open one is no chair's.
    """

    chairs: tuple[Chair, ...]
    open_labels: frozenset[str]
    distance_m: float
    keeps_distance: bool = True

    def __post_init__(self) -> None:
        labels = Counter(chair.label for chair in self.chairs)
        twice = [label for label, count in labels.items() if count > 1]
        if twice:
            raise OfficeError(f"several chairs are called {twice[0]}")
        unknown = sorted(self.open_labels - labels.keys())
        if unknown or not self.open_labels:
            raise OfficeError(f"there is no seat {', '.join(unknown)}" if unknown else "no seat")

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """All seats, in the order of the chairs."""
        return tuple(
            Seat(chair, self.keeps_distance and chair.label not in self.open_labels)
            for chair in self.chairs
        )

    @property
    def sealed(self) -> Sealed:
        """CHOSEN, or NONE where every seat is open."""
        return Sealed.CHOSEN if self.keeps_distance else Sealed.NONE

    @cached_property
    def opened(self) -> ChosenPlan:
        """All seats open, as nobody has to keep a distance."""
        return replace(self, keeps_distance=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatNeed:
    """Who is looking for a seat: a party of so many, some of whom may sit already."""

    party_size: int = 1
    companions: Collection[str] = ()
    is_priority: bool = False
    has_disability: bool = False


ANYBODY = SeatNeed()


def choose_seat(plan: Seating, taken: Collection[str], need: SeatNeed = ANYBODY) -> str | None:
    """The label of a free open seat, or None: beside companions, else farthest from everybody.

    A party begins on family seats that are free and enough for it. Places for wheelchairs are for
    visitors with a disability first, seats near door or counter for all with priority, who sit in
    front where none is marked. While distance is kept, one
    household has a family's seats. Among equally good seats the first in reading order: a room
    fills the same way every day. Labels that are not on the plan (it was changed meanwhile) are
    ignored.
    """
    numbers = plan.numbers
    others = [numbers[label] for label in taken if label in numbers]
    companions = [numbers[label] for label in need.companions if label in numbers]
    is_free = plan.is_open.copy()
    is_free[others] = False
    families = _families_free_for(plan, is_free, companions)
    free = np.flatnonzero(is_free)
    if not len(free):
        return None
    seats = _of_best_kind(plan, free, need, families, companions)
    return plan.seats[int(seats[_best_place(plan, seats, need, companions, others)])].label


def _families_free_for(
    plan: Seating, is_free: NDArray[np.bool_], companions: Sequence[int]
) -> list[tuple[int, ...]]:
    """The families whose seats are all free, or where the companions sit. While distance is kept,
    the seats of the others are taken out of ``is_free``."""
    found = []
    for seats in plan.families:
        together = list(seats)
        if is_free[together].all() or not set(seats).isdisjoint(companions):
            found.append(seats)
        elif plan.keeps_distance:
            is_free[together] = False
    return found


def _of_best_kind(
    plan: Seating,
    free: NDArray[np.intp],
    need: SeatNeed,
    families: Sequence[tuple[int, ...]],
    companions: Sequence[int],
) -> NDArray[np.intp]:
    """Those of the free seats among which only the place decides."""
    if companions:
        of_family = [seats for seats in families if not set(seats).isdisjoint(companions)]
        beside = free[np.isin(free, [number for seats in of_family for number in seats])]
        usual = free[plan.kinds[free] != _KINDS.index(SeatKind.WHEELCHAIR)]
        return next(seats for seats in (beside, usual, free) if len(seats))
    if need.party_size > 1:
        fitting = [seats for seats in families if len(seats) >= need.party_size]
        if fitting:
            return np.array(min(fitting, key=len))
        if families and plan.keeps_distance:
            return np.array(max(families, key=len))
    first = "disability" if need.has_disability else "priority" if need.is_priority else "anybody"
    order = _FIRST[first]
    ranks = np.array([order.index(kind) for kind in _KINDS])[plan.kinds[free]]
    best: NDArray[np.intp] = free[ranks == ranks.min()]
    return best


def _best_place(
    plan: Seating,
    seats: NDArray[np.intp],
    need: SeatNeed,
    companions: Sequence[int],
    others: Sequence[int],
) -> int:
    if companions:
        return int(_squared_distances(plan, seats, companions).min(axis=1).argmin())
    if need.is_priority or need.has_disability:
        is_in_front = plan.places[1][seats] == plan.places[1][seats].min()
        in_front = np.flatnonzero(is_in_front)
        return int(in_front[_farthest(plan, seats[in_front], others)])
    return _farthest(plan, seats, others)


def _farthest(plan: Seating, seats: NDArray[np.intp], others: Sequence[int]) -> int:
    if not others:
        return 0
    return int(_squared_distances(plan, seats, others).min(axis=1).argmax())


def _squared_distances(
    plan: Seating, seats: NDArray[np.intp], others: Sequence[int]
) -> NDArray[np.integer[Any]]:
    """In square centimetres, (seats, others); another room is farther than anything."""
    x, y, room = plan.places
    apart = x[seats][:, None] - x[others][None, :]
    distances: NDArray[np.integer[Any]] = apart * apart
    apart = y[seats][:, None] - y[others][None, :]
    distances += apart * apart
    if len(plan.rooms_by_name) > 1:
        is_elsewhere = room[seats][:, None] != room[others][None, :]
        distances[is_elsewhere] = np.iinfo(distances.dtype).max
    return distances
