"""``gerbang bench --plan``: whether planned days are right, and how long a plan takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from screening.figures.assumptions import (
    Assumptions,
    Comes,
    OpenCounter,
    PlannedService,
    Time,
    given,
    slots_from,
)
from screening.figures.day_model import SERVICES, enough_counters
from screening.figures.plan_check import (
    check_risk,
    made_up_office,
    mean_wait,
    played_wait,
    share_that_holds,
)
from screening.figures.planner import Question, plan
from screening.waiting_room.chairs import in_rows

SEEDS = 50
LEAST_HELD = 0.9
MOST_OFF = 0.03
MOST_S = 10.0
_CAPACITY, _BOOKED = 16, 60
_QUEUES = ((1, 0.7), (3, 0.8), (6, 0.85), (12, 0.9))
_VISITS = (350, 1000)


def measure_plan(*, told: Callable[[str], None]) -> dict[str, Any]:
    """Shares that hold, by when people come; how far waits are from theory; seconds of a plan.

    ``seconds_`` are those that it computes, which it takes on an idle machine; ``clock_`` are those
    that went by beside whatever else the machine does.
    """
    values: dict[str, Any] = {}
    for comes in Comes:
        told(f"{SEEDS} offices whose people come by {comes}")
        office = made_up_office(comes=comes)
        checks = [
            check_risk(office, capacity=_CAPACITY, booked=_BOOKED, seed=seed)
            for seed in range(SEEDS)
        ]
        values[f"held_{comes}"] = round(share_that_holds(checks), 3)
        values[f"true_risk_{comes}"] = round(sum(one.true_risk for one in checks) / SEEDS, 4)
    told("queues whose waits are known")
    for counters, load in _QUEUES:
        expected = mean_wait(counters * load, 1.0, counters)
        played = played_wait(counters * load, 1.0, counters, people=8000, days=400, seed=counters)
        values[f"wait_off_{counters}_counters"] = round(played / expected - 1, 4)
    for visits in _VISITS:
        told(f"a plan of {visits} visits")
        began_s, computed_s = time.perf_counter(), time.process_time()
        plan(_question(visits))
        values[f"clock_{visits}_visits"] = round(time.perf_counter() - began_s, 2)
        values[f"seconds_{visits}_visits"] = round(time.process_time() - computed_s, 2)
    return values


def wrong(values: dict[str, Any]) -> list[str]:
    """The names of what does not hold."""
    return [
        name
        for name, value in values.items()
        if (name.startswith("held_") and value < LEAST_HELD)
        or (name.startswith("wait_off_") and abs(value) > MOST_OFF)
        or (name.startswith("seconds_") and value > MOST_S)
    ]


def _question(visits: int) -> Question:
    opens_s, closes_s = 8 * 3600.0, 15 * 3600.0
    rows = max(1, visits // 50)
    return Question(
        assumptions=Assumptions(
            opens_s=opens_s,
            closes_s=closes_s,
            slots=slots_from(opens_s, closes_s, 30),
            slot_minutes=30,
            services=tuple(
                PlannedService(
                    code=one.code,
                    share=one.share,
                    serving=Time.of_minutes(one.serving.mean_s / 60, sigma=one.serving.sigma),
                )
                for one in SERVICES
            ),
            counters=tuple(
                OpenCounter(name=one.name, services=one.services) for one in enough_counters(visits)
            ),
            comes=Comes.BOOKED_TIME,
            walk_ins=given(visits / 10),
        ),
        capacity=visits // 10,
        chairs=tuple(in_rows(rows, 10, pitch_x=0.55, pitch_y=0.9)),
        compared=(1.0, 1.5),
    )
