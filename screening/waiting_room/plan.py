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
            Seat(f"{_row_letters(row)}{column + 1}", row, column, self._is_sealed(row, column))
            for row in range(self.rows)
            for column in range(self.columns)
        )

    @cached_property
    def open_seats(self) -> tuple[Seat, ...]:
        """The seats people may sit on, in reading order."""
        return tuple(seat for seat in self.seats if not seat.is_sealed)

    def _is_sealed(self, row: int, column: int) -> bool:
        if self.sealed is Sealed.CHECKERBOARD:
            return (row + column) % 2 == 1
        return self.sealed is Sealed.COLUMNS and column % 2 == 1


def choose_seat(
    plan: SeatPlan, taken: Collection[str], party_near: str | None = None
) -> str | None:
    """The label of a free open seat, or None: beside ``party_near``, else farthest from everybody.

    Among equally good seats the first in reading order: a room fills the same way every day.
    Labels that are not on the plan (it was changed meanwhile) are ignored.
    """
    seats = {seat.label: seat for seat in plan.seats}
    free = [seat for seat in plan.open_seats if seat.label not in taken]
    if not free:
        return None
    companion = seats.get(party_near) if party_near is not None else None
    if companion is not None:
        return free[int(_distances(free, [companion]).argmin())].label
    others = [seats[label] for label in taken if label in seats]
    if not others:
        return free[0].label
    return free[int(_distances(free, others).min(axis=1).argmax())].label


def _distances(seats: Sequence[Seat], others: Sequence[Seat]) -> NDArray[np.int64]:
    """Squared, in seats, (seats, others); rows and columns count the same."""
    one = np.array([(seat.row, seat.column) for seat in seats], np.int64)
    other = np.array([(seat.row, seat.column) for seat in others], np.int64)
    apart: NDArray[np.int64] = one[:, None, :] - other[None, :, :]
    return np.asarray(np.square(apart).sum(axis=2), np.int64)


def _row_letters(row: int) -> str:
    """A to Z, then AA, AB and so on."""
    letters = ""
    row += 1
    while row:
        row, last = divmod(row - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
