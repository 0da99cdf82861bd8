"""A drawn day is the same day again, and looks like an office's."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.figures.day_model import DayHabits, DayPlan, PlannedCounter, Visitor, plan_day
from screening.figures.day_run import MOST_OVERTAKES, PlainHouse, PlayedDay, play_day
from screening.figures.spans import Span


def played(visits: int = 120, seed: int = 1) -> PlayedDay:
    return play_day(plan_day(DayHabits.of(visits), seed), PlainHouse())


def test_the_same_seed_is_the_same_day_and_another_one_is_not() -> None:
    habits = DayHabits.of(60)

    assert plan_day(habits, 7) == plan_day(habits, 7)
    assert plan_day(habits, 7) != plan_day(habits, 8)


@pytest.mark.parametrize("visits", [1, 350, 1000])
def test_as_many_come_as_were_asked_for_and_some_more_do_not(visits: int) -> None:
    plan = plan_day(DayHabits.of(visits), 3)

    assert [one.number for one in plan.visitors] == list(range(1, visits + 1))
    assert visits < 100 or 0.05 * visits < plan.no_shows < 0.2 * visits


def test_a_party_comes_together_for_one_service() -> None:
    parties: dict[int, list[Visitor]] = defaultdict(list)
    for visitor in plan_day(DayHabits.of(350), 3).visitors:
        parties[visitor.party].append(visitor)

    assert any(len(party) > 1 for party in parties.values())
    for party in parties.values():
        assert len(party) == party[0].party_size
        assert len({(one.service, one.comes_s, one.is_priority) for one in party}) == 1


def test_every_service_has_a_counter_also_while_an_officer_is_away() -> None:
    for seed in range(20):
        plan = plan_day(DayHabits.of(350), seed)
        for hour in (8.5, 10, 11, 14):
            opened = [one for one in plan.counters if one.is_open(hour * 3600)]
            taken = frozenset[str]().union(*(counter.services for counter in opened))
            assert taken == {service.code for service in plan.habits.services}


def test_everybody_seen_is_called_once_or_gave_up_and_everybody_leaves() -> None:
    day = played()

    for stay in day.stays:
        assert stay.left_s is not None
        assert stay.entered_s is not None
        if stay.called_s is None:
            assert not stay.visitor.entry_is_seen or stay.visitor.gives_up_s < math.inf
        else:
            assert stay.entered_s <= stay.called_s
            assert (stay.done_s is None) == stay.visitor.misses_call
    assert day.truly_inside(20 * 3600) == 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 150))
def test_a_counter_has_one_visitor_at_a_time_whom_it_takes_while_it_is_open(
    seed: int, visits: int
) -> None:
    day = played(visits, seed)
    counters = {counter.name: counter for counter in day.plan.counters}
    at_counter: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for stay in day.stays:
        if stay.counter is None or stay.called_s is None:
            continue
        ended_s = stay.missed_s if stay.done_s is None else stay.done_s
        assert ended_s is not None
        at_counter[stay.counter].append((stay.called_s, ended_s))
        assert stay.visitor.service in counters[stay.counter].services
        assert counters[stay.counter].is_open(stay.called_s)
    for visits_there in at_counter.values():
        for (_, ended_s), (called_s, _) in pairwise(sorted(visits_there)):
            assert ended_s <= called_s


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_nobody_is_overtaken_by_priority_more_often_than_is_lawful(seed: int) -> None:
    habits = DayHabits(visits=100, counters=DayHabits.of(60).counters, priority=0.5)
    house = PlainHouse()

    play_day(plan_day(habits, seed), house)

    assert max(house.overtaken.values(), default=0) <= MOST_OVERTAKES


class BlindHouse(PlainHouse):
    """Does not see who leaves."""

    def leave(self, visitor: Visitor, at_s: float) -> None: ...


def test_an_officer_waits_in_vain_for_somebody_who_left_without_a_word() -> None:
    habits = replace(DayHabits.of(40), gives_up=1.0)

    day = play_day(plan_day(habits, 3), BlindHouse())

    gone = [stay for stay in day.stays if stay.called_s and stay.left_s and stay.missed_s]
    in_vain = [one for one in gone if (one.left_s or 0) < (one.called_s or 0)]
    assert in_vain
    assert all(one.done_s is None and one.arrived_s is None for one in in_vain)


class FullHouse(PlainHouse):
    """Has room for two people."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: set[int] = set()
        self.turned_away = 0

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        if len(self.inside) == 2:
            self.turned_away += 1
            return False
        self.inside.add(visitor.number)
        return super().enter(visitor, at_s)

    def leave(self, visitor: Visitor, at_s: float) -> None:
        self.inside.remove(visitor.number)
        super().leave(visitor, at_s)


def test_whoever_finds_the_room_full_comes_in_when_somebody_left() -> None:
    house = FullHouse()

    day = play_day(plan_day(DayHabits.of(40), 2), house)

    assert house.turned_away > 0
    assert all(stay.left_s is not None for stay in day.stays)
    assert max(day.truly_inside(minute * 60.0) for minute in range(24 * 60)) == 2


def test_a_paused_counter_goes_on_at_the_end_of_its_pause() -> None:
    counter = PlannedCounter(
        name="1",
        services=frozenset({"KTP"}),
        pace=1.0,
        open=(Span(0, 100),),
        pauses=(Span(10, 20),),
    )

    assert counter.pause_end_s(15) == 20
    assert counter.pause_end_s(20) == 20
    assert not counter.is_open(100)


def visitor(number: int, comes_s: float, serving_s: float) -> Visitor:
    return Visitor(
        number=number,
        party=number,
        party_size=1,
        service="KTP",
        comes_s=comes_s,
        is_priority=False,
        walking_s=1.0,
        serving_s=serving_s,
        turning_s=1.0,
        leaving_s=1.0,
        misses_call=False,
        gives_up_s=math.inf,
        entry_is_seen=True,
        exit_is_seen=True,
    )


def test_a_counter_that_opens_again_finishes_with_its_visitor_first() -> None:
    counter = PlannedCounter(
        name="1",
        services=frozenset({"KTP"}),
        pace=1.0,
        open=(Span(0, 10), Span(20, math.inf)),
        pauses=(),
    )
    plan = DayPlan(
        habits=DayHabits.of(2),
        visitors=(visitor(1, comes_s=5, serving_s=100), visitor(2, comes_s=6, serving_s=10)),
        no_shows=0,
        counters=(counter,),
    )

    first, second = play_day(plan, PlainHouse()).stays

    assert first.done_s == 106
    assert second.called_s == 107
