"""The seat plan and the choice of a seat."""

from __future__ import annotations

import pytest

from screening.waiting_room.plan import Sealed, SeatPlan, choose_seat


def position(plan: SeatPlan, label: str) -> tuple[int, int]:
    return next((seat.row, seat.column) for seat in plan.seats if seat.label == label)


def fill(plan: SeatPlan, number: int) -> list[str]:
    taken: list[str] = []
    for _ in range(number):
        seat = choose_seat(plan, taken)
        assert seat is not None
        taken.append(seat)
    return taken


def test_labels_count_rows_by_letter_and_columns_by_number() -> None:
    plan = SeatPlan(rows=40, columns=3, sealed=Sealed.NONE)
    assert [seat.label for seat in plan.seats[:4]] == ["A1", "A2", "A3", "B1"]
    assert [seat.label for seat in plan.seats if seat.column == 0][24:28] == [
        "Y1",
        "Z1",
        "AA1",
        "AB1",
    ]
    assert len({seat.label for seat in plan.seats}) == 120


@pytest.mark.parametrize(
    ("sealed", "open_seats"),
    [
        (Sealed.NONE, ["A1", "A2", "A3", "B1", "B2", "B3"]),
        (Sealed.CHECKERBOARD, ["A1", "A3", "B2"]),
        (Sealed.COLUMNS, ["A1", "A3", "B1", "B3"]),
    ],
    ids=str,
)
def test_patterns_leave_these_seats_open(sealed: Sealed, open_seats: list[str]) -> None:
    assert [seat.label for seat in SeatPlan(2, 3, sealed).open_seats] == open_seats


def test_in_a_checkerboard_nobody_sits_side_by_side_or_behind() -> None:
    plan = SeatPlan(6, 10)
    taken = [position(plan, label) for label in fill(plan, len(plan.open_seats))]
    for row, column in taken:
        assert (row, column + 1) not in taken
        assert (row + 1, column) not in taken


def test_the_first_visitors_sit_far_apart() -> None:
    plan = SeatPlan(6, 10)
    first, second, third = (position(plan, label) for label in fill(plan, 3))
    assert first == (0, 0)
    assert second == (5, 9)
    for other in (first, second):
        assert abs(third[0] - other[0]) + abs(third[1] - other[1]) >= 4


def test_a_party_sits_on_the_nearest_open_seat() -> None:
    plan = SeatPlan(6, 10)
    assert choose_seat(plan, ["A1", "F10"], party_near="F10") in {"E9", "F8", "D10"}
    assert choose_seat(plan, ["A1", "F10", "E9"], party_near="F10") in {"F8", "D10"}


def test_every_open_seat_is_given_once_and_then_none() -> None:
    plan = SeatPlan(3, 4, Sealed.COLUMNS)
    taken = fill(plan, 6)
    assert sorted(taken) == [seat.label for seat in plan.open_seats]
    assert choose_seat(plan, taken) is None
    assert choose_seat(plan, taken, party_near="A1") is None


def test_seats_of_an_older_plan_do_not_disturb() -> None:
    plan = SeatPlan(1, 3, Sealed.NONE)
    assert choose_seat(plan, ["Z99"], party_near="Z98") == "A1"


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (3, 0), (-1, 3)])
def test_a_plan_has_seats(rows: int, columns: int) -> None:
    with pytest.raises(ValueError, match=r"^a seat plan has at least one row and one column$"):
        SeatPlan(rows, columns)


def test_one_seat_is_a_plan() -> None:
    assert [seat.label for seat in SeatPlan(1, 1).open_seats] == ["A1"]
