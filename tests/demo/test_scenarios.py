"""The demonstration's visitors are as different as people are."""

from __future__ import annotations

import random

import pytest

from dashboard.demo.scenarios import Paper, next_scenario
from screening.temperature.instrument.normaliser import VISITORS, RunningCheck
from screening.temperature.sites import FOREHEAD_SPOT

REFUSED_BEFORE = frozenset(Paper) - {Paper.GOOD, Paper.NONE}


@pytest.mark.parametrize("seed", range(8))
def test_no_thermometer_is_suspected_of_making_them_up(seed: int) -> None:
    chance, check, number = random.Random(seed), RunningCheck(FOREHEAD_SPOT), 0
    measured = 0
    while measured < 3 * VISITORS:
        scenario = next_scenario(number, chance)
        number += 1
        if scenario.paper in REFUSED_BEFORE:
            continue
        measured += 1
        body = scenario.body_celsius[0] + scenario.differs_celsius(chance)
        check.add(round(body - 1.5 + chance.uniform(-0.05, 0.05), 2))
        assert check.findings() == ()


def test_only_a_scenario_about_it_is_warm() -> None:
    chance = random.Random(1)
    for number in range(500):
        scenario = next_scenario(number, chance)
        if not scenario.is_warm:
            assert scenario.body_celsius[0] + scenario.differs_celsius(chance) <= 36.9
