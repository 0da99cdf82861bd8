"""How long: an interval that holds, and says so when too little is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screening.figures.evaluation import evaluate_waits
from screening.figures.spans import Span
from screening.figures.waits import (
    Correction,
    CounterNow,
    Interval,
    LearntWaits,
    NoCounter,
    Pace,
    PastDay,
    StepTimes,
    ToldWait,
    TooLittle,
    WaitEstimate,
    hit_rate,
)

NINE, TEN, NOON, ONE = 9 * 3600.0, 10 * 3600.0, 12 * 3600.0, 13 * 3600.0
USUAL = Pace(1.0, 0.05)
TIMES_S = (240, 300, 300, 360)
"""What a step takes, in turn: five minutes on average."""


def past_day(number: int = 0, *, slower: float = 1.0) -> PastDay:
    """Counter 1 serves KTP without a pause but for lunch at noon; counter 2 has no lunch."""
    steps = []
    for counter in ("1", "2"):
        at_s, place = NINE, 0
        while at_s < 15 * 3600:
            if counter == "1" and NOON <= at_s < ONE:
                at_s = ONE
            took_s = TIMES_S[place % len(TIMES_S)] * slower
            steps.append(
                StepTimes(
                    service="KTP",
                    counter=counter,
                    since_s=NINE,
                    called_s=at_s,
                    ended_s=at_s + took_s,
                )
            )
            at_s, place = at_s + took_s, place + 1
    return PastDay(
        day=date(2026, 1, 5) + timedelta(number),
        steps=tuple(steps),
        open={"1": (Span(NINE, NOON), Span(ONE, 15.5 * 3600)), "2": (Span(NINE, 15.5 * 3600),)},
    )


LEARNT = LearntWaits.of([past_day(number) for number in range(6)])
FREE = CounterNow(name="2", services=frozenset({"KTP"}), is_open=True, since_s=NINE)
LUNCHES = replace(FREE, name="1")


def ask(
    line: int,
    *counters: CounterNow,
    at_s: float = TEN,
    pace: Pace = USUAL,
    learnt: LearntWaits = LEARNT,
    correction: Correction | None = None,
) -> WaitEstimate:
    """Of the last one of the line."""
    services = ["KTP"] * line
    told = learnt.forecast(services, counters, at_s=at_s, pace=pace, correction=correction)
    return told.line[-1]


def interval(line: int, *counters: CounterNow, at_s: float = TEN, pace: Pace = USUAL) -> Interval:
    found = ask(line, *counters, at_s=at_s, pace=pace)
    assert isinstance(found, Interval)
    return found


@pytest.mark.parametrize(
    "days", [[], [past_day(number) for number in range(4)]], ids=["none", "four days"]
)
def test_says_so_while_too_little_is_known(days: list[PastDay]) -> None:
    found = ask(3, FREE, learnt=LearntWaits.of(days))

    assert isinstance(found, TooLittle)
    assert found.days == len(days)
    assert found.needed_days > len(days)


def test_whoever_is_first_at_a_free_counter_waits_for_nobody() -> None:
    assert interval(1, FREE).mid_s == 0


def test_ten_people_at_one_counter_wait_about_ten_services_long() -> None:
    found = interval(11, FREE)

    assert found.low_s < 50 * 60 < found.high_s
    assert found.mid_s == pytest.approx(50 * 60, rel=0.1)


def test_two_counters_halve_the_wait() -> None:
    assert interval(11, FREE, LUNCHES).mid_s == pytest.approx(25 * 60, rel=0.15)


def test_a_counter_that_others_keep_busy_does_not_help() -> None:
    other = replace(LUNCHES, services=frozenset({"KK"}))

    assert interval(11, FREE, other).mid_s == pytest.approx(50 * 60, rel=0.1)


def test_those_ahead_for_another_service_of_the_same_counter_count() -> None:
    both = replace(FREE, services=frozenset({"KTP", "KK"}))

    found = LEARNT.forecast(["KK", "KK", "KTP"], [both], at_s=TEN, pace=USUAL).line[-1]

    assert isinstance(found, Interval)
    assert found.mid_s == pytest.approx(10 * 60, rel=0.2)


def test_lunch_is_expected_before_it_begins() -> None:
    before = interval(11, FREE, LUNCHES, at_s=NOON - 300)

    assert before.mid_s > interval(11, FREE, LUNCHES).mid_s + 10 * 60


def test_a_late_lunch_is_expected_still_and_one_that_is_over_is_not() -> None:
    late = interval(6, LUNCHES, at_s=NOON + 600)
    over = interval(6, replace(LUNCHES, since_s=NOON + 300), at_s=NOON + 600)

    assert late.mid_s > 3600
    assert over.mid_s < 1800


def test_a_counter_at_lunch_is_waited_for() -> None:
    closed = replace(LUNCHES, is_open=False, since_s=NOON)

    assert interval(1, closed, at_s=NOON + 900).mid_s == pytest.approx(45 * 60)


def test_where_nobody_will_call_no_time_is_told() -> None:
    closed = replace(FREE, is_open=False, since_s=NINE)

    assert isinstance(ask(1, closed), NoCounter)
    assert isinstance(ask(1), NoCounter)
    assert isinstance(ask(1, replace(FREE, services=frozenset({"KK"}))), NoCounter)


def test_priority_visitors_who_will_come_make_it_longer() -> None:
    days = [past_day(number) for number in range(6)]
    with_priority = [
        replace(
            day,
            steps=tuple(
                replace(step, is_priority=place % 4 == 0, since_s=step.called_s)
                for place, step in enumerate(day.steps)
            ),
        )
        for day in days
    ]

    many = ask(11, FREE, learnt=LearntWaits.of(with_priority))

    assert isinstance(many, Interval)
    assert many.mid_s > interval(11, FREE).mid_s + 300


def test_an_officer_who_pauses_while_people_wait_is_waited_for() -> None:
    days = [
        replace(
            day,
            steps=tuple(replace(step, ended_s=step.ended_s - 200) for step in day.steps),
        )
        for day in (past_day(number) for number in range(6))
    ]
    learnt = LearntWaits.of(days)

    found = ask(1, replace(FREE, ended_s=TEN - 50), learnt=learnt)

    assert isinstance(found, Interval)
    assert found.mid_s == pytest.approx(150, abs=1)


def test_somebody_long_at_the_counter_will_soon_be_done() -> None:
    just = replace(FREE, busy_with="KTP", called_s=TEN - 10)
    long = replace(FREE, busy_with="KTP", called_s=TEN - 280)

    assert interval(1, long).mid_s < interval(1, just).mid_s


def test_somebody_longer_at_the_counter_than_anybody_before_is_not_a_fault() -> None:
    endless = replace(FREE, busy_with="KTP", called_s=TEN - 3000)

    assert 0 < interval(1, endless).mid_s < 600


def test_a_slow_morning_makes_the_rest_of_the_day_longer() -> None:
    slow = [step for step in past_day(slower=1.5).steps if step.ended_s <= NOON]
    learnt = LearntWaits.of([past_day(number, slower=1 + number / 20) for number in range(6)])

    pace = learnt.pace(slow)

    assert pace.mean > learnt.pace([]).mean == 1.0
    assert pace.deviation < learnt.pace([]).deviation


def test_the_first_day_of_an_office_has_no_pace_of_its_own() -> None:
    assert LearntWaits.of([]).pace(past_day().steps).mean == 1.0


def test_the_same_question_gets_the_same_answer() -> None:
    assert ask(20, FREE, LUNCHES) == ask(20, FREE, LUNCHES)


@pytest.mark.parametrize(
    ("interval", "told"),
    [
        (Interval(0, 10, 20), (0, 1)),
        (Interval(100, 200, 290), (2, 5)),
        (Interval(600, 600, 600), (10, 11)),
    ],
    ids=["at once", "rounded", "never one moment"],
)
def test_is_told_in_whole_minutes(interval: Interval, told: tuple[int, int]) -> None:
    assert interval.minutes == told


def test_the_hit_rate_counts_calls_within_the_minutes_told() -> None:
    ten_to_twenty = Interval(600, 900, 1200)
    told = [ToldWait(ten_to_twenty, ten_to_twenty, waited) for waited in (599, 600, 1200, 1201)]

    assert hit_rate(told) == 0.5
    assert hit_rate([]) is None


def test_intervals_that_ended_too_early_reach_further_from_then_on() -> None:
    plain = Interval(600, 900, 1200)
    told = [ToldWait(plain, plain, 600 + 10 * number) for number in range(120)]

    corrected = Correction.of(told).applied(plain)

    hits = sum(corrected.low_s <= one.waited_s <= corrected.high_s for one in told)
    assert hits / len(told) == pytest.approx(0.8, abs=0.03)
    assert corrected.high_s > plain.high_s


def test_intervals_that_always_held_become_narrower() -> None:
    plain = Interval(600, 900, 1200)

    corrected = Correction.of([ToldWait(plain, plain, 900)] * 100).applied(plain)

    assert corrected.high_s - corrected.low_s < 600


def test_few_intervals_correct_nothing() -> None:
    plain = Interval(600, 900, 1200)

    assert Correction.of([ToldWait(plain, plain, 5000)] * 99) == Correction()


def test_intervals_hold_on_days_not_seen_and_beat_the_typed_average() -> None:
    found = evaluate_waits(350, days=30, learnt_days=12, seed=500, every=12)

    assert 0.75 <= found.hit_rate <= 0.85
    assert found.baseline_hit_rate >= 0.75
    assert found.width_minutes < found.baseline_width_minutes
    assert found.score_minutes < 0.7 * found.baseline_score_minutes
