"""A planned day: which quota the room bears, and what counters, distance and gates bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from screening.errors import OfficeError
from screening.figures.assumptions import (
    Assumptions,
    Comes,
    Estimate,
    OpenCounter,
    Source,
    Time,
    Variation,
    given,
    learn,
)
from screening.figures.plan_changes import changed, choices, quota_edit
from screening.figures.plan_check import check_risk, made_up_office, past_of
from screening.figures.plan_values import plan_values
from screening.figures.planned_day import asked, with_counters
from screening.figures.planner import Days, Question, plan, quota_of
from screening.office.counters import Counter
from screening.office.facts import OfficeFacts
from screening.office.hours import Hours, Span
from screening.office.services import SEED_SERVICES, Booking
from screening.waiting_room.chairs import in_rows

TUESDAY, SUNDAY = date(2026, 12, 1), date(2026, 12, 6)
OFFICE = made_up_office()
SEEDS = 3


def day_of(**changes: object) -> Assumptions:
    return replace(OFFICE, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("comes", Comes)
def test_the_told_risk_holds_the_true_one_in_most_offices(comes: Comes) -> None:
    """Of 50 seeds, nine in ten have to; ``gerbang bench --plan`` plays them all."""
    office = made_up_office(comes=comes)
    checks = [check_risk(office, capacity=14, booked=60, seed=seed) for seed in range(SEEDS)]
    assert sum(one.holds for one in checks) >= SEEDS - 1
    assert all(one.plan.full_risk.value < 0.05 for one in checks)
    assert all(one.plan.full_risk.low < one.plan.full_risk.high for one in checks)
    assert all(one.true_risk < 0.2 for one in checks)


def test_the_same_question_has_the_same_answer() -> None:
    question = Question(assumptions=OFFICE, capacity=12)
    assert plan(question) == plan(question)


def test_the_quota_is_the_largest_that_the_room_bears() -> None:
    question = Question(assumptions=OFFICE, capacity=12)
    found = plan(question)
    days = Days(OFFICE, seed=99, each=100)

    def risk(booked: int) -> float:
        played = days.play(booked)
        inside = [(played.leaves > at) & (played.comes <= at) for at in range(28800, 50000, 300)]
        return float((max_of(inside) >= 12).mean())

    assert risk(found.booked) < 0.08
    assert risk(found.booked + 8) > 0.05


def max_of(inside: list) -> object:  # type: ignore[type-arg]
    import numpy as np

    return np.array([one.sum(axis=0) for one in inside]).max(axis=0)


def test_progress_goes_from_nothing_to_all() -> None:
    told: list[float] = []
    plan(Question(assumptions=OFFICE, capacity=10), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_progress_ends_it_by_raising() -> None:
    def stop(_: float) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        plan(Question(assumptions=OFFICE, capacity=10), stop)


def test_one_more_counter_shortens_waits_for_the_same_people() -> None:
    found = plan(Question(assumptions=day_of(counters=OFFICE.counters[1:]), capacity=20))
    assert found.waits is not None
    assert found.more_waits is not None
    assert found.saved is not None
    assert found.more_waits.p90.value < found.waits.p90.value
    assert found.saved.p90.low > 0


def test_more_people_do_not_come_more_are_booked() -> None:
    few, many = (
        plan(Question(assumptions=day_of(no_show=given(share)), capacity=12))
        for share in (0.0, 0.4)
    )
    assert many.booked > 1.4 * few.booked
    assert few.overbooked == 0
    assert many.overbooked == pytest.approx(many.booked - few.booked, abs=6)


def test_more_distance_costs_seats_and_people() -> None:
    chairs = tuple(in_rows(6, 6, pitch_x=0.55, pitch_y=0.9))
    found = plan(Question(assumptions=OFFICE, capacity=36, chairs=chairs, compared=(1.0, 1.5)))
    near, far = found.rooms
    assert (near.seats, far.seats) == (18, 6)
    assert near.booked > far.booked


def test_a_distance_says_how_many_may_be_inside_though_not_more_than_the_office_lets_in() -> None:
    chairs = tuple(in_rows(6, 6, pitch_x=0.55, pitch_y=0.9))
    question = Question(assumptions=OFFICE, capacity=36, chairs=chairs, distance_m=1.5)
    assert plan(question).capacity == 6
    assert plan(replace(question, most_inside=5)).capacity == 5


def test_a_slow_gate_asks_for_a_second_one_while_many_come() -> None:
    quick = plan(Question(assumptions=day_of(gate_s=given(5.0)), capacity=25))
    slow = plan(Question(assumptions=day_of(gate_s=given(240.0)), capacity=25))
    assert quick.second_gate is None
    assert slow.second_gate is not None
    begins, ends = slow.second_gate
    assert OFFICE.opens_s <= begins < ends


def test_booked_times_have_as_many_each_and_habits_follow_the_day() -> None:
    by_time = quota_of(day_of(comes=Comes.BOOKED_TIME), 60)
    assert set(by_time.values()) == {6}
    by_habit = list(quota_of(OFFICE, 61).values())
    assert sum(by_habit) == 61
    assert by_habit[0] > by_habit[-1]


def test_a_room_for_nobody_takes_no_booking() -> None:
    assert plan(Question(assumptions=day_of(walk_ins=given(0.0)), capacity=0)).booked == 0


def test_without_counters_people_stay_as_long_as_they_do() -> None:
    short, long = (
        plan(
            Question(
                assumptions=day_of(counters=(), stay=Time.of_minutes(minutes, error=0.0)),
                capacity=12,
            )
        )
        for minutes in (15, 60)
    )
    assert short.waits is None
    assert short.booked > 2 * long.booked


def test_the_more_days_the_surer_and_each_number_says_where_it_comes_from() -> None:
    learnt = {}
    for number in (8, 24):
        known, served = past_of(OFFICE, booked=60, days=number, seed=3)
        learnt[number] = learn(OFFICE, known, served, day=TUESDAY)
    few, many = learnt[8], learnt[24]
    assert few.no_show.error > many.no_show.error > 0
    assert (many.no_show.source, many.no_show.days) == (Source.LEARNT, 24)
    low, high = many.no_show.interval
    assert low < 0.2 < high
    assert many.turning_s.source is Source.GIVEN
    for one, true in zip(sorted(many.services, key=lambda one: one.code), (12.0, 8.0), strict=True):
        low, high = one.serving.interval
        assert 0.95 * low < true < 1.05 * high
        assert one.serving.log_mean.source is Source.LEARNT


def test_of_four_days_nothing_is_learnt() -> None:
    known, served = past_of(OFFICE, booked=60, days=4, seed=3)
    usual = asked(TUESDAY, facts=OfficeFacts()).assumptions
    assert learn(usual, known, served, day=TUESDAY) == usual


def test_a_weekday_that_differs_is_learnt_as_it_is() -> None:
    known, served = past_of(day_of(walk_ins=given(10.0)), booked=60, days=24, seed=3)
    busy = past_of(day_of(walk_ins=given(60.0)), booked=60, days=24, seed=4)[0]
    mixed = [b if a.day.weekday() == 1 else a for a, b in zip(known, busy, strict=True)]
    tuesday = learn(OFFICE, mixed, served, day=TUESDAY).walk_ins
    monday = learn(OFFICE, mixed, served, day=date(2026, 11, 30)).walk_ins
    assert 45 < tuesday.value < 75
    assert 5 < monday.value < 20


def test_what_is_sure_never_varies() -> None:
    import numpy as np

    deviations = np.array([-2.0, 0.0, 2.0])
    assert set(given(0.2).at(deviations).tolist()) == {0.2}
    assert set(Variation.known(0.3).at(deviations)) == {0.3}
    few = Estimate(1.0, 0.1, Source.LEARNT, 5).at(deviations)
    assert few[2] > 1.25
    assert Estimate(1.0, 0.1).at(deviations)[2] == pytest.approx(1.2)


FACTS = OfficeFacts(
    services={one.code: one for one in SEED_SERVICES},
    counters={
        "1": Counter(name="1", services=("KTP",)),
        "2": Counter(name="2", services=("KK", "AKTA")),
        "3": Counter(name="3"),
    },
)


def test_a_day_is_asked_of_the_office_as_it_stands() -> None:
    question = asked(TUESDAY, facts=FACTS)
    found = question.assumptions
    assert (found.opens_s, found.closes_s, len(found.slots)) == (28800.0, 54000.0, 14)
    assert found.comes is Comes.HABIT
    assert [one.name for one in found.counters] == ["1", "2", "3"]
    assert found.gate_s.value == 45.0
    assert question.capacity == FACTS.capacity
    assert len(question.chairs) == 60


def test_slots_and_breaks_are_the_day_s_own() -> None:
    hours = Hours(week={1: (Span(time(8), time(12)), Span(time(13), time(15)))})
    slotted = replace(FACTS.services["KTP"], booking=Booking.SLOT, slot_minutes=60)
    facts = replace(FACTS, hours=hours, services={**FACTS.services, "KTP": slotted})
    found = asked(TUESDAY, facts=facts).assumptions
    assert [at / 3600 for at in found.slots] == [8, 9, 10, 11, 13, 14]
    assert found.comes is Comes.BOOKED_TIME
    assert found.closed == ((43200.0, 46800.0),)


def test_a_closed_day_cannot_be_planned() -> None:
    with pytest.raises(OfficeError, match="closed on 2026-12-06"):
        asked(SUNDAY, facts=FACTS)


def test_fewer_counters_still_take_every_service() -> None:
    found = asked(TUESDAY, facts=FACTS, counters=1).assumptions
    assert [one.name for one in found.counters] == ["3"]
    more = asked(TUESDAY, facts=FACTS, counters=5).assumptions
    assert [one.name for one in more.counters] == ["1", "2", "3", "+1", "+2"]
    assert more.counters[4] == OpenCounter(name="+2")
    for number in (0, 61):
        with pytest.raises(OfficeError):
            with_counters(found, number)


def test_an_office_without_bookings_counts_everybody() -> None:
    services = {code: replace(one, booking=Booking.NONE) for code, one in FACTS.services.items()}
    known, served = past_of(OFFICE, booked=60, days=12, seed=3)
    facts = replace(FACTS, services=services)
    found = asked(TUESDAY, facts=facts, known=known, served=served).assumptions
    assert (found.walk_ins.value, found.no_show.value) == (0.0, 0.0)


def test_each_number_can_be_changed_in_the_unit_in_which_it_is_told() -> None:
    question = asked(TUESDAY, facts=FACTS)
    told = {one.name: one.value for one in choices(question)}
    assert (told["no_show"], told["counters"], told["risk"]) == (12.0, 3, 5.0)
    values = dict.fromkeys(told, 2.0)
    found = changed(question, values, Comes.BOOKED_TIME)
    after = {one.name: one.value for one in choices(found)}
    assert after == pytest.approx({**values, "early_minutes": 5.0})
    assert {one.source for one in choices(found) if one.name != "early_minutes"} == {Source.GIVEN}
    assert changed(question, {}, Comes.HABIT) == question


def test_the_quota_becomes_places_of_slots_and_visits_a_day() -> None:
    slotted = {
        code: replace(FACTS.services[code], booking=Booking.SLOT, slot_minutes=minutes)
        for code, minutes in (("KTP", 30), ("KK", 60))
    }
    facts = replace(FACTS, services={**FACTS.services, **slotted})
    question = asked(TUESDAY, facts=facts)
    question = changed(question, {"walk_ins": 9.5}, Comes.BOOKED_TIME)
    found = plan(question)
    after = quota_edit(facts, question, found)(facts)
    each = min(found.quota.values())
    assert after.daily_quota == found.booked + 10
    assert after.services["KTP"].slot_places == each // 2
    assert after.services["KK"].slot_places == each


def test_values_are_told_under_the_names_others_rely_on() -> None:
    question = asked(TUESDAY, facts=FACTS)
    told = plan_values(question, plan(question))
    assert set(told) >= {
        "quota",
        "full_risk",
        "full_risk_interval",
        "waits",
        "assumptions",
        "runs",
    }
    assert sum(told["quota"].values()) == told["booked"]
    assert list(told["quota"])[:2] == ["08:00", "08:30"]
    assert told["full_risk_interval"][0] <= told["full_risk"] <= told["full_risk_interval"][1]
    assert set(told["waits"]) >= {"p50", "p90"}
    assert told["assumptions"]["no_show"]["source"] == "default"
