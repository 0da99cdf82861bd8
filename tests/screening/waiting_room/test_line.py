"""The line outside: who is called in, and before whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.waiting_room.line import (
    MISSED_KEPT,
    LineAct,
    LineRefusal,
    Place,
    PlaceState,
    Room,
    acted,
    called_in,
    due_calls,
    passage,
    promised,
    standing,
    view_of,
)

NOON = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)
LATE = NOON + FIVE


def place(first: int, **changes: Any) -> Place:
    values: dict[str, Any] = {"receipt": ("BGR", f"N{first}"), "first": first, "since": NOON}
    return Place(**{**values, **changes})


def room(free: int, *, capacity: int = 10, most: int = 3) -> Room:
    return Room(capacity=capacity, inside=capacity - free, most_overtakes=most, call_in=FIVE)


def called(first: int, **changes: Any) -> Place:
    return called_in(place(first, **changes), room(1), NOON)


def numbers(places: list[Place], free: int, *, at: datetime = NOON, most: int = 3) -> list[int]:
    return [one.place.first for one in due_calls(places, room(free, most=most), at)]


def goes(places: list[Place], free: int, number: str, *, at: datetime = NOON) -> bool:
    found = passage(places, room(free), at, receipt=("BGR", number), shown_at=at, is_priority=False)
    return found is not None


def test_as_many_are_called_in_as_there_are_places_in_their_order() -> None:
    line = [place(3), place(1), place(2)]
    assert numbers(line, 0) == []
    assert numbers(line, 2) == [1, 2]


def test_a_party_is_called_in_together_or_not_at_all() -> None:
    assert numbers([place(1, people=3), place(2)], 2) == [2]
    assert numbers([place(1, people=3), place(2)], 3) == [1]


def test_a_party_larger_than_the_room_is_called_once_the_room_is_empty() -> None:
    assert [c.place.first for c in due_calls([place(1, people=9)], room(2, capacity=2), NOON)] == [
        1
    ]


def test_priority_goes_first_but_overtakes_nobody_too_often() -> None:
    line = [place(1), place(2, is_priority=True)]
    assert numbers(line, 1) == [2]
    assert numbers([place(1, overtaken=3), line[1]], 1) == [1]
    assert numbers(line, 1, most=0) == [1]


def test_places_are_kept_for_a_party_that_was_overtaken_often_enough() -> None:
    assert numbers([place(1, people=3, overtaken=3), place(2)], 2) == []


def test_a_place_that_is_promised_is_given_to_nobody_else() -> None:
    line = [called(1), place(2)]
    assert promised(line, room(1), NOON) == 1
    assert numbers(line, 1) == []
    assert not goes(line, 1, "N9")
    assert goes(line, 1, "N1")
    assert not goes(line, 1, "N2")


def test_who_does_not_come_in_time_is_passed_but_keeps_the_place_for_a_while() -> None:
    line = [called(1), place(2)]
    assert numbers(line, 1, at=LATE) == [2]
    missed = line[0]
    assert missed.state(LATE) is PlaceState.MISSED
    assert goes([missed, place(2)], 1, "N1", at=LATE)
    assert standing([missed], LATE + MISSED_KEPT) == []
    assert standing([missed], LATE + MISSED_KEPT - timedelta(seconds=1)) == [missed]


def test_who_showed_the_receipt_in_time_came_in_time() -> None:
    line = [called(1), place(2)]
    found = passage(line, room(1), LATE, receipt=("BGR", "N1"), shown_at=NOON, is_priority=False)
    assert found == ()


def test_a_clock_that_is_set_back_promises_no_place_for_hours() -> None:
    line, earlier = [called(1), place(2)], NOON - timedelta(hours=1)
    assert promised(line, room(1), earlier) == 0
    assert numbers(line, 1, at=earlier) == [1]  # once more, with a bound by the right clock
    assert numbers(line, 2, at=earlier) == [1, 2]
    assert goes(line, 1, "N1", at=earlier)


def test_processes_whose_clocks_differ_a_little_agree_on_who_is_called() -> None:
    assert called(1).state(NOON - timedelta(seconds=30)) is PlaceState.CALLED


def test_who_was_called_in_while_at_the_gate_came_in_time() -> None:
    line, at = [called(1)], NOON + timedelta(minutes=1)
    shown_at = NOON - timedelta(minutes=4)
    own = ("BGR", "N1")
    assert passage(line, room(1), at, receipt=own, shown_at=shown_at, is_priority=False) == ()


def test_a_newcomer_is_the_last_in_the_line() -> None:
    assert goes([], 1, "N9")
    assert not goes([], 0, "N9")
    assert not goes([place(1)], 1, "N9")
    assert goes([place(1)], 2, "N9")
    assert goes([place(1)], 1, "N1")


def test_a_newcomer_passes_a_party_that_does_not_fit_and_it_is_counted() -> None:
    party = place(1, people=3)
    found = passage([party], room(1), NOON, receipt=None, shown_at=NOON, is_priority=False)
    assert found == (party,)
    assert not goes([replace(party, overtaken=3)], 2, "N9")


def test_one_of_a_party_in_the_line_may_come_in_alone_in_their_turn() -> None:
    assert goes([place(1, people=3)], 1, "N1")


@pytest.mark.parametrize(
    ("before", "act", "at", "state"),
    [
        (place(1), LineAct.CALL_IN, NOON, PlaceState.CALLED),
        (called(1), LineAct.CALL_IN, LATE, PlaceState.CALLED),
        (called(1), LineAct.CAME, NOON, PlaceState.CALLED),
        (called(1), LineAct.CAME, LATE, PlaceState.WAITING),
        (called(1), LineAct.TAKE_BACK, NOON, PlaceState.WAITING),
        (place(1), LineAct.GAVE_UP, NOON, PlaceState.GAVE_UP),
        (called(1), LineAct.GAVE_UP, LATE, PlaceState.GAVE_UP),
        (place(1, gave_up_at=NOON), LineAct.TAKE_BACK, NOON, PlaceState.WAITING),
    ],
)
def test_what_the_guard_may_do(
    before: Place, act: LineAct, at: datetime, state: PlaceState
) -> None:
    after = acted([before], before.receipt, act, room(1), at)
    assert isinstance(after, Place)
    assert after.state(at) is state


@pytest.mark.parametrize(
    ("places", "act", "why"),
    [
        ([], LineAct.CALL_IN, LineRefusal.NOT_IN_LINE),
        ([called(1)], LineAct.CALL_IN, None),
        ([place(1)], LineAct.CAME, LineRefusal.NOT_NOW),
        ([place(1)], LineAct.TAKE_BACK, LineRefusal.NOT_NOW),
        ([place(1, gave_up_at=NOON)], LineAct.CALL_IN, LineRefusal.NOT_NOW),
        ([place(1), called(2)], LineAct.CALL_IN, LineRefusal.NO_ROOM),
        ([place(1, people=2)], LineAct.CALL_IN, LineRefusal.NO_ROOM),
    ],
)
def test_what_the_guard_may_not_do(
    places: list[Place], act: LineAct, why: LineRefusal | None
) -> None:
    after = acted(places, ("BGR", "N1"), act, room(1), NOON)
    if why is None:
        assert isinstance(after, Place)
    else:
        assert after is why


def test_came_gives_as_long_again() -> None:
    later = NOON + timedelta(minutes=4)
    after = acted([called(1)], ("BGR", "N1"), LineAct.CAME, room(1), later)
    assert isinstance(after, Place)
    assert after.called_until == later + FIVE


def test_the_line_tells_how_many_are_before_and_who_gave_up_last() -> None:
    line = [called(1), place(2), place(3), place(4, gave_up_at=NOON)]
    view = view_of(line, room(1), NOON)
    assert [view.before(one) for one in view.places] == [0, 0, 1]
    assert (view.gave_up, view.left) == (line[3], 0)
    assert (view.can_call(line[0]), view.can_call(line[1])) == (True, False)


_PLACES = st.lists(
    st.builds(
        lambda people, priority, overtaken, state: (people, priority, overtaken, state),
        st.integers(1, 5),
        st.booleans(),
        st.integers(0, 3),
        st.sampled_from(["waiting", "waiting", "called", "missed", "gave_up"]),
    ),
    max_size=12,
)


@given(drawn=_PLACES, free=st.integers(0, 8), capacity=st.integers(1, 12), most=st.integers(0, 3))
def test_nobody_is_overtaken_without_cause_and_no_place_is_given_twice(
    drawn: list[tuple[int, bool, int, str]], free: int, capacity: int, most: int
) -> None:
    line = [
        place(
            number,
            people=people,
            is_priority=priority,
            overtaken=min(overtaken, most),
            called_at=None if state in ("waiting", "gave_up") else NOON,
            called_until={"called": LATE, "missed": NOON}.get(state),
            gave_up_at=NOON if state == "gave_up" else None,
        )
        for number, (people, priority, overtaken, state) in enumerate(drawn, start=1)
    ]
    had = Room(
        capacity=capacity, inside=capacity - min(free, capacity), most_overtakes=most, call_in=FIVE
    )
    before = promised(line, had, NOON)
    calls = due_calls(line, had, NOON)
    given_away = sum(call.place.needs(capacity) for call in calls)
    assert given_away == 0 or before + given_away <= had.free
    passed = dict.fromkeys((one.first for one in line), 0)
    left = had.free - before
    for call in calls:
        assert call.place.state(NOON) is PlaceState.WAITING
        for one in call.overtakes:
            passed[one.first] += 1
            assert call.place.is_priority or one.needs(capacity) > left
        left -= call.place.needs(capacity)
    assert all(one.overtaken + passed[one.first] <= most for one in line)
    assert len({call.place.first for call in calls}) == len(calls)
