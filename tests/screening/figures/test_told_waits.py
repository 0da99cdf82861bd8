"""Told waits are worked out again from what is known of past days, and compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from screening.figures.day_model import DayHabits, PlannedCounter, Visitor, plan_day
from screening.figures.day_run import PlainHouse, play_day
from screening.figures.told_waits import ToldTicket, held_waits, last_weeks, tell_again
from screening.figures.waits import LEAST_DAYS, Interval, PastDay, StepTimes, ToldWait, hit_rate
from tests.screening.figures.test_waits import NINE, past_day


class _NotingHouse(PlainHouse):
    """Notes what counters finish."""

    def __init__(self) -> None:
        super().__init__()
        self.came_s: dict[int, float] = {}
        self.finished: list[StepTimes] = []

    def enter(self, visitor: Visitor, at_s: float) -> bool:
        self.came_s[visitor.number] = at_s
        return super().enter(visitor, at_s)

    def done(self, counter: PlannedCounter, visitor: Visitor, at_s: float) -> None:
        _, called_s = self.busy[counter.name]
        self.finished.append(
            StepTimes(
                service=visitor.service,
                counter=counter.name,
                since_s=self.came_s[visitor.number],
                called_s=called_s,
                ended_s=at_s,
                is_priority=visitor.is_priority,
            )
        )
        super().done(counter, visitor, at_s)


def test_what_was_told_on_days_nobody_had_seen_held_in_80_of_100_cases() -> None:
    days, services = [], {}
    for number in range(12):
        plan, house = plan_day(DayHabits.of(350), 900 + number), _NotingHouse()
        day = play_day(plan, house)
        services = {one.name: frozenset(one.services) for one in plan.counters}
        steps = tuple(house.finished)
        days.append(PastDay(day=date(2026, 1, 5) + timedelta(number), steps=steps, open=day.open))

    told = [one for day in tell_again(days, services) for one in day]

    assert len(told) > 100
    assert 0.7 <= (hit_rate([one.told for one in told]) or 0) <= 0.9


def test_the_first_days_tell_nothing() -> None:
    days = [past_day(number) for number in range(LEAST_DAYS + 1)]

    told = list(tell_again(days, {}))

    assert [bool(day) for day in told] == [False] * LEAST_DAYS + [True]


def test_nobody_was_told_anything_whom_a_free_counter_served_at_once() -> None:
    days = [past_day(number) for number in range(LEAST_DAYS)]
    alone = StepTimes(
        service="KTP", counter="1", since_s=NINE + 60, called_s=NINE + 60, ended_s=NINE + 400
    )
    quiet = replace(past_day(LEAST_DAYS), steps=(alone,))

    assert list(tell_again([*days, quiet], {}))[-1] == []


def test_a_service_that_nobody_learnt_was_told_nothing() -> None:
    days = [past_day(number) for number in range(LEAST_DAYS)]
    other = past_day(LEAST_DAYS)
    other = replace(other, steps=tuple(replace(one, service="KK") for one in other.steps))

    assert list(tell_again([*days, other], {}))[-1] == []


def test_weeks_are_counted_by_service_and_put_together() -> None:
    ten = Interval(540, 600, 660)

    def ticket(day: int, service: str, waited_s: float) -> ToldTicket:
        return ToldTicket(
            day=date(2026, 1, day), service=service, told=ToldWait(ten, ten, waited_s)
        )

    held = held_waits(
        [
            *(ticket(6, "KTP", waited_s) for waited_s in (600, 600, 700)),
            ticket(18, "KTP", 600),
            ticket(19, "KK", 100),
            ticket(21, "KTP", 600),
        ]
    )

    assert [(one.week.day, one.service, one.told, one.held) for one in held] == [
        (19, "", 2, 1), (19, "KK", 1, 0), (19, "KTP", 1, 1),
        (12, "", 1, 1), (12, "KTP", 1, 1), (5, "", 3, 2), (5, "KTP", 3, 2),
    ]  # fmt: skip
    every = last_weeks(held, weeks=2)
    assert {name: (one.told, one.held) for name, one in every.items()} == {
        "": (3, 2), "KK": (1, 0), "KTP": (2, 2),
    }  # fmt: skip
    assert every[""].rate == 2 / 3
