"""How the gate did, from what officers found: never more is said than was measured."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from screening.temperature.cases import ClinicalCase, ClinicalOutcome
from screening.temperature.outcomes import Tally, Unknown, judge, tallies
from screening.temperature.statistics import wilson_interval

ELEVATED, NORMAL = ClinicalOutcome.ELEVATED, ClinicalOutcome.NORMAL


def tally(**counts: int) -> Tally:
    """Nobody, but for the counts given."""
    nobody = dict.fromkeys(
        ("referred", "referred_elevated", "referred_normal", "passed"), 0
    ) | dict.fromkeys(("passed_elevated", "passed_normal"), 0)
    return Tally(**{**nobody, **counts})


DRUM = tally(
    referred=429,
    referred_elevated=231,
    referred_normal=32,
    passed=221,
    passed_elevated=27,
    passed_normal=54,
)
"""Drum and Christacopoulos (1969), the example by which corrections for verification are known."""

MONTH = tally(
    referred=60,
    referred_elevated=38,
    referred_normal=20,
    passed=7000,
    passed_elevated=2,
    passed_normal=348,
)


def case(
    *, is_referred: bool, outcome: ClinicalOutcome | None, gate: str = "utama"
) -> ClinicalCase:
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    return ClinicalCase(gate=gate, at=at, is_referred=is_referred, outcome=outcome)


def test_cases_are_counted_by_gate_and_together() -> None:
    counted = tallies(
        [
            case(is_referred=True, outcome=ELEVATED),
            case(is_referred=True, outcome=NORMAL),
            case(is_referred=True, outcome=None, gate="belakang"),
            case(is_referred=False, outcome=ELEVATED),
            case(is_referred=False, outcome=NORMAL),
            case(is_referred=False, outcome=None),
        ]
    )
    assert counted.by_gate == {
        "belakang": tally(referred=1),
        "utama": tally(
            referred=2,
            referred_elevated=1,
            referred_normal=1,
            passed=3,
            passed_elevated=1,
            passed_normal=1,
        ),
    }
    assert counted.all == tally(
        referred=3,
        referred_elevated=1,
        referred_normal=1,
        passed=3,
        passed_elevated=1,
        passed_normal=1,
    )


def test_predictive_value_is_the_share_of_measured_referrals_with_wilsons_interval() -> None:
    found = judge(tally(referred=12, referred_elevated=7, referred_normal=3, passed=300)).ppv
    assert (found.value, found.interval) == (0.7, wilson_interval(7, 10))
    assert (found.count, found.total) == (7, 10)


def test_without_measured_visitors_among_the_passed_the_rest_is_not_known() -> None:
    figures = judge(tally(referred=12, referred_elevated=7, referred_normal=3, passed=300))
    for figure in (figures.npv, figures.sensitivity, figures.specificity):
        assert figure.value is None
        assert figure.interval is None
        assert figure.unknown is Unknown.PASSED_NOT_MEASURED


def test_the_correction_for_verification_gives_the_published_figures() -> None:
    figures = judge(DRUM)
    assert figures.sensitivity.value == pytest.approx(0.836, abs=0.001)
    assert figures.specificity.value == pytest.approx(0.738, abs=0.001)
    assert figures.npv.value == pytest.approx(54 / 81)


def test_with_everybody_measured_nothing_is_corrected() -> None:
    figures = judge(
        tally(
            referred=30,
            referred_elevated=20,
            referred_normal=10,
            passed=100,
            passed_elevated=5,
            passed_normal=95,
        )
    )
    assert figures.sensitivity.value == pytest.approx(20 / 25)
    assert figures.specificity.value == pytest.approx(95 / 105)


def test_the_interval_agrees_with_the_variance_begg_and_greenes_gave() -> None:
    figures = judge(DRUM)
    share, missed, referred = 231 / 263, 27 / 81, 429 / 650
    spread = math.sqrt(
        (1 - share) / (263 * share)
        + (1 - missed) / (81 * missed)
        + 1 / (650 * referred * (1 - referred))
    )
    middle = math.log(share * referred / (missed * (1 - referred)))
    expected = [1 / (1 + math.exp(-(middle + z * spread))) for z in (-1.96, 1.96)]
    assert figures.sensitivity.interval == pytest.approx(expected, abs=0.006)


def test_few_spot_checks_say_little_and_the_interval_shows_it() -> None:
    few = judge(MONTH).sensitivity.interval
    many = judge(
        tally(
            referred=60,
            referred_elevated=38,
            referred_normal=20,
            passed=7000,
            passed_elevated=40,
            passed_normal=6960,
        )
    ).sensitivity.interval
    assert few is not None
    assert many is not None
    assert few[1] - few[0] > 0.3
    assert many[1] - many[0] < 0.25


def test_when_no_missed_visitor_was_met_only_a_lower_bound_is_told() -> None:
    figures = judge(
        tally(referred=10, referred_elevated=6, referred_normal=4, passed=900, passed_normal=40)
    )
    assert figures.sensitivity.is_bound
    assert figures.sensitivity.value == 1.0
    assert figures.sensitivity.interval is not None
    assert figures.sensitivity.interval[1] == 1.0
    assert figures.sensitivity.interval[0] < 0.5
    assert not figures.ppv.is_bound


def test_the_same_counts_give_the_same_interval() -> None:
    assert judge(MONTH) == judge(MONTH)


@pytest.mark.parametrize(
    ("counts", "name", "reason"),
    [
        ({"passed": 300}, "ppv", Unknown.NOBODY_REFERRED),
        ({"passed": 300, "referred": 2}, "ppv", Unknown.REFERRED_NOT_MEASURED),
        (
            {"passed": 9, "referred": 2, "passed_normal": 3},
            "sensitivity",
            Unknown.REFERRED_NOT_MEASURED,
        ),
        (
            {"passed": 9, "referred": 2, "referred_normal": 2, "passed_normal": 3},
            "sensitivity",
            Unknown.NOBODY_ELEVATED,
        ),
        ({"passed": 9, "passed_normal": 9}, "sensitivity", Unknown.NOBODY_ELEVATED),
        (
            {"passed": 9, "referred": 2, "referred_elevated": 2, "passed_elevated": 1},
            "specificity",
            Unknown.NOBODY_NORMAL,
        ),
        ({"referred": 2, "referred_elevated": 2}, "sensitivity", Unknown.NOBODY_PASSED),
        ({}, "ppv", Unknown.NOBODY_CAME),
        ({}, "sensitivity", Unknown.NOBODY_CAME),
    ],
)
def test_what_cannot_be_known_says_why(counts: dict[str, int], name: str, reason: Unknown) -> None:
    figure = getattr(judge(tally(**counts)), name)
    assert (figure.value, figure.interval, figure.unknown) == (None, None, reason)


def test_a_gate_that_refers_nobody_though_some_were_elevated_finds_nobody() -> None:
    figures = judge(tally(passed=100, passed_elevated=2, passed_normal=48))
    assert figures.sensitivity.value == 0.0
    assert figures.sensitivity.interval is not None
    assert figures.sensitivity.interval[0] == 0.0
    assert figures.specificity.value == 1.0


def test_the_share_referred_has_its_interval_too() -> None:
    referral = judge(MONTH).referral
    assert (referral.count, referral.total) == (60, 7060)
    assert referral.interval == wilson_interval(60, 7060)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    # 350 visitors a day, one in a hundred elevated, one in twenty of those let pass is measured.
    random = np.random.default_rng(7)
    held = {"sensitivity": 0, "specificity": 0}
    months = 100
    for _ in range(months):
        elevated = random.binomial(7700, 0.01)
        found = random.binomial(elevated, 0.9)
        wrongly = random.binomial(7700 - elevated, 0.025)
        missed, well = elevated - found, 7700 - elevated - wrongly
        figures = judge(
            tally(
                referred=found + wrongly,
                referred_elevated=found,
                referred_normal=wrongly,
                passed=missed + well,
                passed_elevated=random.binomial(missed, 0.05),
                passed_normal=random.binomial(well, 0.05),
            )
        )
        for name, truth in (("sensitivity", 0.9), ("specificity", 0.975)):
            low, high = getattr(figures, name).interval
            held[name] += low <= truth <= high
    assert min(held.values()) >= 0.9 * months
