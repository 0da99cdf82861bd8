"""The most open chairs at a distance: equal to trying everything, true where it is not proved."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import OfficeError
from screening.waiting_room.chairs import Chair, in_rows, read_chairs, too_near
from screening.waiting_room.optimum import Optimum, most_open


def are_apart(chairs: list[Chair], distance: float) -> bool:
    return all(
        a.room != b.room
        or (a.family is not None and a.family == b.family)
        or math.hypot(a.x - b.x, a.y - b.y) >= distance - 0.001
        for a, b in itertools.combinations(chairs, 2)
    )


def tried(chairs: list[Chair], distance: float) -> int:
    """By trying every set, the largest first."""
    pinned = [chair for chair in chairs if chair.is_pinned]
    others = [chair for chair in chairs if not chair.is_pinned]
    for size in range(len(others), -1, -1):
        for chosen in itertools.combinations(others, size):
            if are_apart([*pinned, *chosen], distance):
                return len(pinned) + size
    return 0


def open_chairs(chairs: list[Chair], found: Optimum) -> list[Chair]:
    return [chair for chair in chairs if chair.label in found.open_labels]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(1, 3),
    columns=st.integers(1, 4),
    pitch_x=st.sampled_from([0.5, 0.6, 1.0]),
    pitch_y=st.sampled_from([0.8, 1.0, 1.2]),
    distance=st.sampled_from([0.5, 1.0, 1.5, 2.0]),
)
def test_rows_of_chairs_are_as_full_as_they_can_be(
    rows: int, columns: int, pitch_x: float, pitch_y: float, distance: float
) -> None:
    chairs = in_rows(rows, columns, pitch_x=pitch_x, pitch_y=pitch_y)
    found = most_open(chairs, distance)
    assert (found.count, found.is_optimal) == (tried(chairs, distance), True)
    assert are_apart(open_chairs(chairs, found), distance)


places = st.integers(0, 12).map(lambda decimetres: decimetres / 4)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            Chair,
            label=st.just(""),
            x=places,
            y=places,
            room=st.sampled_from(["", "B"]),
            family=st.sampled_from([None, None, "Sari"]),
        ),
        min_size=1,
        max_size=9,
    )
)
def test_chairs_anywhere_are_as_full_as_they_can_be(found_at: list[Chair]) -> None:
    chairs = [
        Chair(label=f"C{n}", x=one.x, y=one.y, room=one.room, family=one.family)
        for n, one in enumerate(found_at)
    ]
    found = most_open(chairs, 1.0)
    assert (found.count, found.is_optimal) == (tried(chairs, 1.0), True)
    assert are_apart(open_chairs(chairs, found), 1.0)


def test_a_chair_exactly_at_the_distance_may_be_open() -> None:
    assert most_open(in_rows(1, 3, pitch_x=1.0, pitch_y=1.0), 1.0).count == 3
    assert most_open(in_rows(1, 3, pitch_x=0.9995, pitch_y=1.0), 1.0).count == 3
    assert most_open(in_rows(1, 3, pitch_x=0.99, pitch_y=1.0), 1.0).count == 2


def test_pinned_chairs_stay_open_though_fewer_fit() -> None:
    row = in_rows(1, 3, pitch_x=0.6, pitch_y=1.0)
    assert most_open(row, 1.0).open_labels == ("A1", "A3")
    row[1] = Chair(label="A2", x=0.6, y=0.0, is_pinned=True)
    assert most_open(row, 1.0).open_labels == ("A2",)


def test_two_pinned_chairs_too_near_are_refused_by_name() -> None:
    near = [Chair(label=label, x=x, y=0, is_pinned=True) for label, x in (("A1", 0), ("A2", 0.6))]
    with pytest.raises(OfficeError, match=r"A1 and A2 .* 0\.60 m apart, less than 1 m"):
        most_open(near, 1.0)


def test_a_label_that_comes_twice_is_refused() -> None:
    with pytest.raises(OfficeError, match="several chairs are called A1"):
        most_open([Chair(label="A1", x=0, y=0), Chair(label="A1", x=2, y=0)], 1.0)


@pytest.mark.parametrize(
    ("rows", "columns", "pitch_x", "distance", "most"),
    [
        (20, 20, 0.5, 1.0, 100),
        (10, 40, 0.5, 1.5, 70),
        (20, 20, 0.5, 2.0, 39),
        (20, 20, 0.45, 2.0, 36),
        (20, 20, 0.45, 6.0, 7),
    ],
)
def test_a_hall_of_four_hundred_chairs_is_proved(
    rows: int, columns: int, pitch_x: float, distance: float, most: int
) -> None:
    chairs = in_rows(rows, columns, pitch_x=pitch_x, pitch_y=0.8)
    found = most_open(chairs, distance, limit_s=60)
    assert (found.count, found.bound) == (most, most)
    assert are_apart(open_chairs(chairs, found), distance)


def test_what_is_not_proved_in_the_time_is_true_all_the_same() -> None:
    chairs = in_rows(20, 20, pitch_x=0.45, pitch_y=0.8)
    found = most_open(chairs, 2.0, limit_s=0.02)
    assert are_apart(open_chairs(chairs, found), 2.0)
    assert 30 < found.count <= found.bound
    assert found.is_optimal == (found.count == found.bound)


@pytest.mark.parametrize("limit_s", [0.0, 0.1, 0.2, 0.3])
def test_the_bound_of_a_room_too_large_for_the_time_is_true(limit_s: float) -> None:
    chairs = in_rows(20, 25, pitch_x=0.5, pitch_y=0.8)
    found = most_open(chairs, 3.0, limit_s=limit_s)
    assert are_apart(open_chairs(chairs, found), 3.0)
    assert 20 <= found.count <= found.bound < len(chairs) / 4


def test_it_proposes_the_same_each_time() -> None:
    chairs = in_rows(6, 10, pitch_x=0.5, pitch_y=0.9)
    assert most_open(chairs, 1.5).open_labels == most_open(chairs, 1.5).open_labels


def test_the_solver_writes_nothing_into_a_command_s_answer(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert most_open(in_rows(3, 3, pitch_x=0.5, pitch_y=0.9), 1.0).is_optimal
    assert capfd.readouterr() == ("", "")


def test_chairs_are_read_from_a_table_of_a_spreadsheet() -> None:
    table = (
        "\ufeffLabel;X;Y;Room;Kind;Family\nA1;0;0;;;\nA2;0,6;0;;wheelchair;\nB1;0;1,2;Hall;;Sari\n"
    )
    assert read_chairs(table) == [
        Chair(label="A1", x=0, y=0),
        Chair(label="A2", x=0.6, y=0, is_pinned=True, is_wheelchair=True),
        Chair(label="B1", x=0, y=1.2, room="Hall", family="Sari"),
    ]


def test_every_bad_line_of_a_table_is_named() -> None:
    with pytest.raises(OfficeError) as told:
        read_chairs("label,x,y,kind\nA1,zero,0,\n,1,1,\nA3,1,nan,\nA4,1,1,sofa\n")
    assert [problem.split(":")[0] for problem in str(told.value).split("; ")] == [
        "line 2",
        "line 3",
        "line 4",
        "line 5",
    ]


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(OfficeError, match="missing: x, y"):
        read_chairs("label\nA1\n")


def test_open_chairs_that_are_too_near_are_told_in_pairs() -> None:
    chairs = [
        Chair(label="A1", x=0, y=0),
        Chair(label="A2", x=0.6, y=0),
        Chair(label="A3", x=1.6, y=0),
        Chair(label="B1", x=0, y=0, room="atas"),
        Chair(label="C1", x=5, y=0, family="1"),
        Chair(label="C2", x=5.5, y=0, family="1"),
    ]
    every = {chair.label for chair in chairs}
    assert too_near(chairs, every, 1.0) == [("A1", "A2")]
    assert too_near(chairs, every, 1.2) == [("A1", "A2"), ("A2", "A3")]
    assert too_near(chairs, every - {"A2"}, 1.2) == []
