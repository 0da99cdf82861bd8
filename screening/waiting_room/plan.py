"""The seat plan: which seats there are, which are sealed, and who sits where. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


class Sealed(StrEnum):
    """Which seats are sealed so that nobody sits close."""

    NONE = "none"
    CHECKERBOARD = "checkerboard"
    COLUMNS = "columns"


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat; ``row`` and ``column`` count from 0, the label from A1."""

    label: str
    row: int
    column: int
    is_sealed: bool


@dataclass(frozen=True)
class SeatPlan:
    """Rows times columns of seats with a pattern of sealed ones."""

    rows: int
    columns: int
    sealed: Sealed = Sealed.CHECKERBOARD

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1:
            raise ValueError("a seat plan has at least one row and one column")

    @cached_property
    def seats(self) -> tuple[Seat, ...]:
        """All seats in reading order."""
        return tuple(
            Seat(f"{row_letters(row)}{column + 1}", row, column, self._is_sealed(row, column))
            for row in range(self.rows)
            for column in range(self.columns)
        )

    @cached_property
    def open_seats(self) -> tuple[Seat, ...]:
        """The seats people may sit on, in reading order."""
        return tuple(seat for seat in self.seats if not seat.is_sealed)

    @cached_property
    def open_numbers(self) -> tuple[int, ...]:
        """Where the open seats are in ``seats``."""
        return tuple(number for number, seat in enumerate(self.seats) if not seat.is_sealed)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """By label, where a seat is in ``seats``."""
        return {seat.label: number for number, seat in enumerate(self.seats)}

    @cached_property
    def places(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Row and column of each of ``seats``."""
        rows = np.array([seat.row for seat in self.seats], np.int32)
        return rows, np.array([seat.column for seat in self.seats], np.int32)

    def _is_sealed(self, row: int, column: int) -> bool:
        if self.sealed is Sealed.CHECKERBOARD:
            return row % 2 != column % 2
        return self.sealed is Sealed.COLUMNS and column % 2 == 1


def choose_seat(
    plan: SeatPlan, taken: Collection[str], party_near: str | None = None
) -> str | None:
    """The label of a free open seat, or None: beside ``party_near``, else farthest from everybody.

    Among equally good seats the first in reading order: a room fills the same way every day.
    Labels that are not on the plan (it was changed meanwhile) are ignored.
    """
    free = [number for number in plan.open_numbers if plan.seats[number].label not in taken]
    if not free:
        return None
    numbers = plan.numbers
    if party_near is not None and party_near in numbers:
        best = _squared_distances(plan, free, [numbers[party_near]])[:, 0].argmin()
        return plan.seats[free[int(best)]].label
    others = [numbers[label] for label in taken if label in numbers]
    if not others:
        return plan.seats[free[0]].label
    best = _squared_distances(plan, free, others).min(axis=1).argmax()
    return plan.seats[free[int(best)]].label


def _squared_distances(
    plan: SeatPlan, seats: Sequence[int], others: Sequence[int]
) -> NDArray[np.int32]:
    """In seats, (seats, others); rows and columns count the same."""
    rows, columns = plan.places
    apart = rows[seats][:, None] - rows[others][None, :]
    distances = apart * apart
    apart = columns[seats][:, None] - columns[others][None, :]
    distances += apart * apart
    return distances


def row_letters(row: int) -> str:
    """A to Z, then AA, AB and so on."""
    letters = ""
    row += 1
    while row:
        row, last = divmod(row - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
