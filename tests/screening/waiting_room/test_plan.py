"""The seat plan and the choice of a seat."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import OfficeError
from screening.waiting_room.chairs import Chair, Near, in_rows
from screening.waiting_room.optimum import most_open
from screening.waiting_room.plan import (
    ChosenPlan,
    Sealed,
    SeatNeed,
    SeatPlan,
    choose_seat,
)


def position(plan: SeatPlan, label: str) -> tuple[int, int]:
    """Row and column, from 0."""
    chair = plan.seats[plan.numbers[label]].chair
    return round(chair.y), round(chair.x)


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
    assert [seat.label for seat in plan.seats if seat.chair.x == 0][24:28] == [
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
    assert choose_seat(plan, ["A1", "F10"], need=SeatNeed(party_size=3, companions=["F10"])) in {
        "E9",
        "F8",
        "D10",
    }
    assert choose_seat(
        plan, ["A1", "F10", "E9"], need=SeatNeed(party_size=3, companions=["F10"])
    ) in {"F8", "D10"}


def test_every_open_seat_is_given_once_and_then_none() -> None:
    plan = SeatPlan(3, 4, Sealed.COLUMNS)
    taken = fill(plan, 6)
    assert sorted(taken) == [seat.label for seat in plan.open_seats]
    assert choose_seat(plan, taken) is None
    assert choose_seat(plan, taken, need=SeatNeed(party_size=2, companions=["A1"])) is None


def test_seats_of_an_older_plan_do_not_disturb() -> None:
    plan = SeatPlan(1, 3, Sealed.NONE)
    assert choose_seat(plan, ["Z99"], need=SeatNeed(party_size=2, companions=["Z98"])) == "A1"


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (3, 0), (-1, 3)])
def test_a_plan_has_seats(rows: int, columns: int) -> None:
    with pytest.raises(ValueError, match=r"^a seat plan has at least one row and one column$"):
        SeatPlan(rows, columns)


def test_one_seat_is_a_plan() -> None:
    assert [seat.label for seat in SeatPlan(1, 1).open_seats] == ["A1"]


def chosen(*chairs: Chair, sealed: tuple[str, ...] = ()) -> ChosenPlan:
    labels = {chair.label for chair in chairs}
    return ChosenPlan(chairs=chairs, open_labels=frozenset(labels - {*sealed}), distance_m=1.0)


def in_a_row(*labels: str, **marks: Any) -> list[Chair]:
    """Half a metre from one to the next."""
    return [Chair(label=label, x=0.5 * n, y=0.0, **marks) for n, label in enumerate(labels)]


def test_an_outbreak_seals_what_the_plan_says_and_everyday_opens_all() -> None:
    plan = chosen(*in_rows(1, 4, pitch_x=0.6, pitch_y=1.0), sealed=("A2", "A4"))
    assert [seat.label for seat in plan.open_seats] == ["A1", "A3"]
    assert [seat.label for seat in plan.opened.open_seats] == ["A1", "A2", "A3", "A4"]
    assert [seat.label for seat in plan.seats] == [seat.label for seat in plan.opened.seats]


def test_a_plan_has_each_label_once_and_opens_only_its_own_seats() -> None:
    with pytest.raises(OfficeError, match="several chairs are called A1"):
        chosen(*in_a_row("A1", "A1"))
    with pytest.raises(OfficeError, match="there is no seat A9"):
        ChosenPlan(
            chairs=tuple(in_a_row("A1")), open_labels=frozenset({"A1", "A9"}), distance_m=1.0
        )


def test_distance_is_counted_in_metres_and_not_in_seats() -> None:
    row = [Chair(label=label, x=x, y=0) for label, x in (("A1", 0), ("A2", 1), ("A3", 5))]
    assert choose_seat(chosen(*row, Chair(label="B1", x=0, y=4)), ["A1"]) == "A3"


def test_the_empty_room_comes_before_the_one_where_people_sit() -> None:
    hall = [Chair(label=f"H{n}", x=20.0 * n, y=0, room="Hall") for n in range(3)]
    side = [Chair(label="S1", x=0, y=0, room="Side")]
    plan = chosen(*hall, *side)
    assert choose_seat(plan, ["H0"]) == "S1"
    near_h0 = SeatNeed(party_size=2, companions=["H0"])
    assert choose_seat(plan, ["H0"], near_h0) == "H1", "companions stay in one room"


def test_a_household_has_the_smallest_family_seats_that_are_enough_for_it() -> None:
    large = in_a_row("F1", "F2", "F3", "F4", family="large")
    small = [Chair(label=f"G{n}", x=0.5 * n, y=5, family="small") for n in range(3)]
    plan = chosen(*large, *small, Chair(label="A1", x=9, y=9))
    first = SeatNeed(party_size=3)
    assert choose_seat(plan, [], first) == "G0"
    second = SeatNeed(party_size=3, companions=["G0"])
    assert choose_seat(plan, ["G0", "A1"], second) == "G1"
    assert choose_seat(plan, ["G0", "G1"], SeatNeed(party_size=3, companions=["G0", "G1"])) == "G2"
    others = choose_seat(plan, ["G0"], first)
    assert others == "F4", "another household has its own"


def test_while_distance_is_kept_strangers_do_not_share_family_seats() -> None:
    plan = chosen(*in_a_row("F1", "F2", family="Sari"), Chair(label="A1", x=9, y=0))
    assert choose_seat(plan, []) == "A1", "family seats are left for families"
    assert choose_seat(plan, ["A1"]) == "F1"
    assert choose_seat(plan, ["A1", "F1"]) is None
    assert choose_seat(plan.opened, ["A1", "F1"]) == "F2"


def test_a_household_too_large_for_its_seats_keeps_most_of_it_together() -> None:
    alone = [Chair(label=f"A{n}", x=3.0 + n, y=0) for n in range(3)]
    plan = chosen(*in_a_row("F1", "F2", family="Sari"), *alone)
    seats: list[str] = []
    for _ in range(3):
        seat = choose_seat(plan, seats, SeatNeed(party_size=3, companions=list(seats)))
        assert seat is not None
        seats.append(seat)
    assert seats == ["F1", "F2", "A0"]


def test_seats_near_door_and_counter_are_kept_for_those_who_need_them() -> None:
    plan = chosen(
        Chair(label="D1", x=0, y=8, near=Near.DOOR),
        Chair(label="C1", x=0, y=0, near=Near.COUNTER),
        Chair(label="W1", x=5, y=0, is_wheelchair=True),
        Chair(label="A1", x=0, y=4),
    )
    priority = SeatNeed(is_priority=True)
    assert choose_seat(plan, []) == "A1"
    assert choose_seat(plan, [], priority) == "C1"
    assert choose_seat(plan, ["C1"], priority) == "D1"
    assert choose_seat(plan, ["C1", "D1"], priority) == "A1"
    assert choose_seat(plan, [], SeatNeed(has_disability=True)) == "W1"
    assert choose_seat(plan, ["W1"], SeatNeed(has_disability=True)) == "C1"
    assert choose_seat(plan, ["A1"]) in {"C1", "D1"}, "no seat stays empty for nobody"
    assert choose_seat(plan, ["A1", "C1", "D1"]) == "W1"


def test_where_no_seat_is_marked_priority_visitors_sit_in_front() -> None:
    plan = SeatPlan(4, 3, Sealed.NONE)
    priority = SeatNeed(is_priority=True)
    assert choose_seat(plan, [], priority) == "A1"
    assert choose_seat(plan, ["A1"], priority) == "A3"
    assert choose_seat(plan, ["A1"]) == "D3"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whoever_comes_the_distance_is_kept_and_no_seat_given_twice(data: st.DataObject) -> None:
    """Households on open seats of a proved plan, in any order of coming and going."""
    rows = in_rows(4, 5, pitch_x=0.5, pitch_y=0.8)
    rows[0:3] = [replace(chair, family="Sari") for chair in rows[0:3]]
    rows[10] = replace(rows[10], near=Near.DOOR)
    proposed = most_open(rows, 1.0)
    plan = ChosenPlan(
        chairs=tuple(rows), open_labels=frozenset(proposed.open_labels), distance_m=1.0
    )
    seated: dict[str, int] = {}
    strangers = itertools.count(100)
    for _ in range(data.draw(st.integers(1, 20))):
        party = data.draw(st.integers(0, 5))
        if data.draw(st.booleans()) or not seated:
            sizes = {0: 3, 1: 2}
            mine = [label for label, one in seated.items() if one == party]
            need = SeatNeed(
                party_size=sizes.get(party, 1),
                companions=mine if party in sizes else [],
                is_priority=party == 5,
            )
            seat = choose_seat(plan, seated, need)
            if seat is not None:
                assert seat not in seated
                assert seat in proposed.open_labels
                seated[seat] = party if party in sizes else next(strangers)
        else:
            seated.pop(data.draw(st.sampled_from(sorted(seated))))
        for (a, one), (b, other) in itertools.combinations(seated.items(), 2):
            if one != other:
                first, second = (plan.seats[plan.numbers[label]].chair for label in (a, b))
                assert math.hypot(first.x - second.x, first.y - second.y) >= 0.999
