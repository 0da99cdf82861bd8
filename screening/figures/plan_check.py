"""Measures the planner on offices whose truth is known. Pure.

An office is made up, its past days are played, and the planner learns from these alone. What it
says of the quota it chose is then compared with many more days of the same office.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

import numpy as np

from screening.figures.assumptions import (
    Assumptions,
    Comes,
    Estimate,
    KnownDay,
    OpenCounter,
    PlannedService,
    Source,
    Time,
    Variation,
    given,
    learn,
    slots_from,
    usual_quarters,
)
from screening.figures.day_model import HOUR_S
from screening.figures.many_days import call_times, is_full
from screening.figures.occupancy import EndedVisit
from screening.figures.planner import Days, Plan, Question, plan
from screening.figures.waits import PastDay, StepTimes

LEARNT_DAYS = 24
_FIRST_DAY = date(2026, 10, 5)
_TRUE_DAYS = 4000
_WARM = 0.2
"""The share of people at the beginning that say nothing of how long one waits in the long run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCheck:
    """``true_risk`` is that of the quota which the plan chose, in the office as it is."""

    seed: int
    plan: Plan
    true_risk: float

    @property
    def holds(self) -> bool:
        """Whether it lies in the interval that was told."""
        told = self.plan.full_risk
        return told.low <= self.true_risk <= told.high


def mean_wait(rate: float, service_rate: float, counters: int) -> float:
    """How long people wait in the long run, in the unit of the rates (M/M/c; Erlang, 1917)."""
    load = rate / service_rate
    free = sum(load**number / math.factorial(number) for number in range(counters))
    all_busy = load**counters / math.factorial(counters) * counters / (counters - load)
    return all_busy / (free + all_busy) / (counters * service_rate - rate)


def played_wait(
    rate: float, service_rate: float, counters: int, *, people: int, days: int, seed: int
) -> float:
    """The same by playing such an office, in which people come one after the other by chance."""
    chance = np.random.default_rng(seed)
    comes = np.cumsum(chance.exponential(1 / rate, (people, days)), axis=0)
    keeps = chance.exponential(1 / service_rate, (people, days))
    called = call_times(
        comes, keeps, np.zeros((people, days), np.intp), np.ones((1, counters), bool)
    )
    return float((called - comes)[int(_WARM * people) :].mean())


def made_up_office(*, comes: Comes = Comes.HABIT) -> Assumptions:
    """A small office of which everything is known."""
    opens_s, closes_s = 8 * HOUR_S, 13 * HOUR_S
    return Assumptions(
        opens_s=opens_s,
        closes_s=closes_s,
        slots=slots_from(opens_s, closes_s, 30),
        slot_minutes=30,
        services=(
            PlannedService(code="KTP", share=0.6, serving=_known(8.0, 0.5)),
            PlannedService(code="KK", share=0.4, serving=_known(12.0, 0.6)),
        ),
        counters=(
            OpenCounter(name="1", services=frozenset({"KTP"})),
            OpenCounter(name="2"),
            OpenCounter(name="3"),
        ),
        comes=comes,
        no_show=given(0.2),
        no_show_sigma=Variation.known(0.03),
        walk_ins=given(10.0),
        walk_in_sigma=Variation.known(0.2),
        quarters=usual_quarters(opens_s, closes_s),
        early_minutes=given(5.0),
        quarter_sigma=Variation.known(0.2),
        day_sigma=Variation.known(0.1),
        turning_s=given(24.0),
        leaving=_known(2.5, 0.6),
        break_minutes=given(0.0),
    )


def past_of(
    office: Assumptions, *, booked: int, days: int, seed: int
) -> tuple[list[KnownDay], list[PastDay]]:
    """What the record would know of so many working days of that office."""
    drawn = Days(office, seed=seed, each=days, draws=1)
    played, walk_ins = drawn.play(booked), drawn.walk_ins()
    assert played.called is not None
    assert played.ended is not None
    assert played.kinds is not None
    known, served, day = [], [], _FIRST_DAY
    for number in range(days):
        came = int(np.isfinite(played.comes[:, number]).sum())
        visits: dict[str, list[EndedVisit]] = {one.code: [] for one in office.services}
        steps = []
        columns = (played.comes, played.called, played.ended, played.leaves)
        moments = np.stack([one[:came, number] for one in columns], axis=1).tolist()
        kinds = played.kinds[:came, number].tolist()
        for person, ((comes_s, called_s, ended_s, left_s), kind) in enumerate(
            zip(moments, kinds, strict=True)
        ):
            code = office.services[kind].code
            visits[code].append(EndedVisit(entered_s=comes_s, over_s=ended_s, left_s=left_s))
            steps.append(
                StepTimes(
                    service=code,
                    counter=str(person),
                    since_s=comes_s,
                    called_s=called_s,
                    ended_s=ended_s,
                )
            )
        no_show = booked - (came - int(walk_ins[number]))
        known.append(KnownDay(day=day, visits=visits, booked=booked, no_show=no_show, came=came))
        served.append(PastDay(day=day, steps=tuple(steps), open={}))
        day += timedelta(days=3 if day.weekday() == 4 else 1)
    return known, served


def check_risk(office: Assumptions, *, capacity: int, booked: int, seed: int) -> RiskCheck:
    """Learn from days on which so many were booked, plan, and see what comes of it."""
    known, served = past_of(office, booked=booked, days=LEARNT_DAYS, seed=1000 + seed)
    usual = Assumptions(
        opens_s=office.opens_s,
        closes_s=office.closes_s,
        slots=office.slots,
        slot_minutes=office.slot_minutes,
        services=tuple(
            PlannedService(code=one.code, share=one.share, serving=Time.of_minutes(7.5))
            for one in office.services
        ),
        counters=office.counters,
        comes=office.comes,
        walk_ins=Estimate(0.0),
        early_minutes=office.early_minutes,
        turning_s=office.turning_s,
        break_minutes=office.break_minutes,
    )
    learnt = learn(usual, known, served, day=known[-1].day + timedelta(days=1))
    found = plan(Question(assumptions=learnt, capacity=capacity, seed=seed))
    days = Days(office, seed=500_000 + seed, each=_TRUE_DAYS, draws=1)
    played = days.play(found.booked)
    true = float(is_full(played.comes, played.leaves_in_order, capacity).mean())
    return RiskCheck(seed=seed, plan=found, true_risk=true)


def share_that_holds(checks: list[RiskCheck]) -> float:
    """How often the told interval held the true risk."""
    return fmean(one.holds for one in checks)


def _known(minutes: float, sigma: float) -> Time:
    usual = Time.of_minutes(minutes, sigma=sigma)
    return Time(log_mean=Estimate(usual.log_mean.value, 0.0, Source.GIVEN), sigma=sigma)
