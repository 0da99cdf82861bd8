"""Many days played at once: as queueing theory, another simulator and single days have it."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from screening.figures.day_model import (
    CounterHabit,
    DayHabits,
    DayPlan,
    PlannedCounter,
    ServiceHabit,
    Spread,
    plan_day,
)
from screening.figures.day_run import PlainHouse, play_day
from screening.figures.many_days import call_times, inside_at, is_full, one_by_one
from screening.figures.plan_check import mean_wait, played_wait
from screening.figures.spans import Span

ONE_KIND = np.ones((1, 3), bool)


def column(*moments: float) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(moments, float)[:, None]


@pytest.mark.parametrize(("counters", "load"), [(1, 0.6), (2, 0.75), (4, 0.8), (8, 0.85)])
def test_waits_are_those_of_queueing_theory(counters: int, load: float) -> None:
    rate = counters * load
    expected = mean_wait(rate, 1.0, counters)
    played = played_wait(rate, 1.0, counters, people=4000, days=300, seed=counters)
    assert played == pytest.approx(expected, rel=0.03)


def test_the_theory_is_erlang_s() -> None:
    assert mean_wait(0.5, 1.0, 1) == pytest.approx(1.0)
    assert mean_wait(1.5, 1.0, 2) == pytest.approx(1.2857, rel=1e-4)


THEIRS = {39: 0.0, 79: 10.0256, 119: 39.5795, 159: 0.0, 199: 34.7319, 239: 539.7666, 279: 0.0}
"""Waits in seconds of some of the people below, as Ciw 3.2.7 has them, by their place.

Ciw is a simulator that somebody else wrote (https://ciw.readthedocs.io); its network had three
servers and ``Sequential`` arrivals and services of the same numbers.
"""


def test_waits_are_those_of_another_simulator() -> None:
    chance = Random(5)
    gaps = [chance.expovariate(1 / 60) for _ in range(400)]
    lasts = [chance.lognormvariate(math.log(140), 0.5) for _ in range(400)]
    comes = column(*np.cumsum(gaps).tolist())
    called = call_times(comes, column(*lasts), np.zeros(comes.shape, np.intp), ONE_KIND)
    waits = (called - comes)[:, 0]
    assert {place: waits[place] for place in THEIRS} == pytest.approx(THEIRS, abs=1e-3)
    assert (waits.sum(), waits.max()) == pytest.approx((57245.823, 724.9521), abs=0.01)
    assert np.isclose(waits, 0).sum() == 122


A, B = frozenset({"A"}), frozenset({"B"})


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("services", "has_breaks"),
    [((A, B), True), ((A | B, A | B, A | B), False)],
    ids=["each its own, with breaks", "all alike"],
)
def test_a_day_is_played_as_event_by_event(
    services: tuple[frozenset[str], ...], has_breaks: bool, seed: int
) -> None:
    """Nobody has priority. Which of several idle counters calls is left open to both."""
    habits = DayHabits(
        visits=90,
        counters=tuple(
            CounterHabit(name=str(place), services=taken) for place, taken in enumerate(services)
        ),
        services=(
            ServiceHabit(code="A", share=0.5, serving=Spread(median_s=600, sigma=0.5)),
            ServiceHabit(code="B", share=0.5, serving=Spread(median_s=400, sigma=0.5)),
        ),
        priority=0.0,
        misses_call=0.0,
        gives_up=0.0,
        missed_entry=0.0,
        officer_pace=0.0,
    )
    drawn = plan_day(habits, seed)
    opens_s = habits.opens_s
    moments = [opens_s + 3600.0 * place for place in range(1, len(services) + 1)]
    spans = [Span(at_s, at_s + 1500.0) for at_s in moments]
    counters = tuple(
        PlannedCounter(
            name=one.name,
            services=one.services,
            pace=1.0,
            open=(Span(opens_s, math.inf),),
            pauses=(own,) if has_breaks else (),
        )
        for one, own in zip(drawn.counters, spans, strict=True)
    )
    day = DayPlan(habits=habits, visitors=drawn.visitors, no_shows=0, counters=counters)
    called = {one.visitor.number: one.called_s for one in play_day(day, PlainHouse()).stays}
    people = sorted(drawn.visitors, key=lambda one: one.number)
    comes = column(*(one.comes_s for one in people))
    keeps = column(*(one.walking_s + one.serving_s + one.turning_s for one in people))
    kinds = np.array([[0 if one.service == "A" else 1] for one in people])
    takes = np.array([[code in taken for taken in services] for code in "AB"])
    breaks = np.array([[[[one.from_s, one.to_s]] for one in spans]]) if has_breaks else None
    found = call_times(comes, keeps, kinds, takes, breaks=breaks, opens_s=opens_s)
    assert [called[one.number] for one in people] == pytest.approx(found[:, 0].tolist())


def test_whoever_does_not_come_is_behind_all_others_and_keeps_nobody() -> None:
    comes = np.array([[0.0, 0.0], [10.0, math.inf]])
    keeps = np.full((2, 2), 30.0)
    called = call_times(comes, keeps, np.zeros((2, 2), np.intp), np.ones((1, 1), bool))
    assert called.tolist() == [[0.0, 0.0], [30.0, math.inf]]


def test_a_door_lets_one_in_after_the_other() -> None:
    passed = one_by_one(column(0.0, 1.0, 50.0, math.inf), column(10.0, 10.0, 5.0, 5.0))
    assert passed[:, 0].tolist() == [10.0, 20.0, 55.0, math.inf]


def test_a_room_is_full_when_as_many_are_inside_as_may_be() -> None:
    comes, leaves = column(0.0, 1.0, 2.0, 30.0), column(5.0, 10.0, 20.0, 40.0)
    told = [bool(is_full(comes, leaves, capacity)[0]) for capacity in (1, 2, 3, 4, 5)]
    assert told == [True, True, True, False, False]
    assert inside_at(comes, leaves, [2.0, 5.0, 35.0])[:, 0].tolist() == [3, 2, 1]


def test_who_leaves_as_the_next_one_comes_has_made_room() -> None:
    assert not is_full(column(0.0, 5.0), column(5.0, 9.0), 2)[0]


def test_nobody_fits_into_a_room_for_nobody() -> None:
    assert is_full(column(0.0), column(1.0), 0)[0]
