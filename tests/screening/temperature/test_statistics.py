"""Chances and quantiles against values that printed tables give."""

from __future__ import annotations

import math

import pytest

from screening.temperature.statistics import (
    binomial_tail,
    chi_squared_tail,
    student_quantile,
)


@pytest.mark.parametrize(
    ("value", "degrees", "chance"),
    [
        pytest.param(3.841, 1, 0.05, id="one degree"),
        pytest.param(5.991, 2, 0.05, id="two degrees"),
        pytest.param(18.467, 4, 0.001, id="four degrees"),
        pytest.param(27.877, 9, 0.001, id="nine degrees"),
        pytest.param(61.137, 99, 0.999, id="far below its mean"),
        pytest.param(148.230, 99, 0.001, id="far above its mean"),
    ],
)
def test_chi_squared_exceeds_tabled_values_with_the_tabled_chance(
    value: float, degrees: int, chance: float
) -> None:
    assert chi_squared_tail(value, degrees) == pytest.approx(chance, rel=2e-3)


def test_chi_squared_is_above_zero_for_sure() -> None:
    assert chi_squared_tail(0.0, 9) == 1.0
    assert chi_squared_tail(-1.0, 4) == 1.0


@pytest.mark.parametrize(
    ("chance", "degrees", "quantile"),
    [
        pytest.param(0.05, 1, 12.706, id="one degree"),
        pytest.param(0.05, 2, 4.303, id="two degrees"),
        pytest.param(0.01, 3, 5.841, id="three degrees"),
        pytest.param(0.01, 4, 4.604, id="four degrees"),
        pytest.param(0.05, 30, 2.042, id="thirty degrees"),
    ],
)
def test_student_quantiles_are_the_tabled_ones(
    chance: float, degrees: int, quantile: float
) -> None:
    assert student_quantile(chance, degrees) == pytest.approx(quantile, abs=6e-4)


def test_binomial_tails_are_counted_from_the_given_number_up() -> None:
    assert binomial_tail(0, 10, 0.3) == pytest.approx(1.0)
    assert binomial_tail(10, 10, 0.5) == pytest.approx(math.pow(0.5, 10))
    assert binomial_tail(9, 10, 0.5) == pytest.approx(11 / 1024)
