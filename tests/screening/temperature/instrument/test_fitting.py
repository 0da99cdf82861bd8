"""Fitting a thermometer on staff, and checking it every day."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime
from statistics import stdev
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from screening.temperature.instrument.commissioning import CheckOutcome, Commissioning, Comparison
from screening.temperature.instrument.fitting import (
    CommissioningError,
    CommissioningProblem,
    Reference,
    check_thermometer,
    fit_commissioning,
    largest_difference,
    midmean,
    offset_uncertainty,
)
from screening.temperature.sites import SITES, MeasuringSite

AT = datetime(2026, 11, 24, 1, tzinfo=UTC)
SKIN = (35.4, 35.6, 35.3, 35.9, 35.2)
ORAL = (36.6, 36.9, 36.5, 37.0, 36.7)


def people(skin: tuple[float, ...] = SKIN, oral: tuple[float, ...] = ORAL) -> list[Comparison]:
    return [Comparison(raw, reference) for raw, reference in zip(skin, oral, strict=True)]


def fitted(comparisons: list[Comparison] | None = None, **changes: Any) -> Commissioning:
    about: dict[str, Any] = {
        "gate": "utama",
        "at": AT,
        "by": "rina",
        "model": "gy-mcu90640",
        "site": "face-max",
        "room_celsius": 24.0,
    }
    return fit_commissioning(people() if comparisons is None else comparisons, **(about | changes))


def refused(comparisons: list[Comparison] | None = None, **changes: Any) -> set[str]:
    with pytest.raises(CommissioningError) as caught:
        fitted(comparisons, **changes)
    return set(caught.value.problems)


def checked(raw: float, known: float, **changes: Any) -> tuple[float, CheckOutcome]:
    about: dict[str, Any] = {"room_celsius": 24.0, "at": AT, "by": "budi"}
    found = check_thermometer(
        changes.pop("commissioning", fitted()),
        raw_celsius=raw,
        reference_celsius=known,
        **(about | changes),
    )
    return found.difference_celsius, found.outcome


def test_the_offset_is_the_median_of_what_people_differ() -> None:
    found = fitted()

    assert found.offset_celsius == 1.2
    assert found.median_celsius == 36.74
    assert found.person_spread_celsius == 0.15
    assert (found.gate, found.at, found.by, found.staff) == ("utama", AT, "rina", 5)
    assert (found.model, found.site, found.room_celsius) == ("gy-mcu90640", "face-max", 24.0)


def test_one_wrong_entry_does_not_move_the_offset() -> None:
    one_odd = people((*SKIN[:4], 34.9))

    assert fitted(one_odd).offset_celsius == 1.2


def test_the_offset_is_a_constant_and_no_regression_on_the_reading() -> None:
    """Raw values that follow the reference by half only still get one constant: high stays high."""
    half = people((36.0, 36.1, 36.2, 36.25, 36.3), (36.6, 36.8, 37.0, 37.1, 37.2))

    assert fitted(half).offset_celsius == 0.8


@given(
    st.lists(st.tuples(st.integers(3510, 3570), st.integers(3660, 3700)), min_size=5, max_size=20),
    st.integers(-100, 100),
    st.randoms(),
)
def test_a_thermometer_that_is_off_by_a_constant_gets_just_that_constant_more(
    values: list[tuple[int, int]], off: int, order: Any
) -> None:
    assume(stdev(raw for raw, _ in values) > 14)
    before = fitted([Comparison(raw / 100, oral / 100) for raw, oral in values])
    order.shuffle(values)
    after = fitted([Comparison((raw + off) / 100, oral / 100) for raw, oral in values])

    assert after.offset_celsius == pytest.approx(before.offset_celsius - off / 100, abs=0.011)
    assert after.median_celsius == before.median_celsius
    assert after.offset_uncertainty_celsius == pytest.approx(before.offset_uncertainty_celsius)


@given(st.floats(0, 1), st.integers(5, 100))
def test_more_people_make_the_offset_surer_but_never_surer_than_the_clinical_thermometer(
    spread: float, staff: int
) -> None:
    few, more = (offset_uncertainty(spread, people) for people in (staff, staff + 1))

    assert 0.1 / math.sqrt(3) <= more <= few


def test_few_people_make_an_offset_as_unsure_as_it_is() -> None:
    assert offset_uncertainty(0.31, 5) == pytest.approx(0.25, abs=0.01)
    assert offset_uncertainty(0.31, 10) == pytest.approx(0.15, abs=0.01)


@pytest.mark.parametrize("room", [17.9, 28.1, math.nan])
def test_refuses_a_room_that_is_too_cold_or_too_warm(room: float) -> None:
    assert refused(room_celsius=room) == {CommissioningProblem.ROOM}


@pytest.mark.parametrize("room", [18.0, 28.0])
def test_the_ends_of_the_room_s_range_belong_to_it(room: float) -> None:
    assert fitted(room_celsius=room).room_celsius == room


def test_refuses_fewer_than_five_people() -> None:
    assert refused(people()[:4]) == {CommissioningProblem.TOO_FEW_PEOPLE}
    assert refused(people()[:1]) == {CommissioningProblem.TOO_FEW_PEOPLE}
    assert refused([]) == {CommissioningProblem.TOO_FEW_PEOPLE}


def test_refuses_people_who_are_not_well_and_entries_that_nobody_has() -> None:
    assert refused(people(oral=(36.6, 36.9, 36.5, 37.5, 36.7))) == {CommissioningProblem.NOT_WELL}
    assert CommissioningProblem.NOT_A_BODY in refused(people(oral=(36.6, 36.9, 36.5, 34.0, 36.7)))


def test_refuses_what_is_no_number_without_stumbling() -> None:
    assert refused(people((math.nan, *SKIN[1:]))) == {CommissioningProblem.NOT_A_NUMBER}
    assert CommissioningProblem.NOT_A_NUMBER in refused(people(oral=(math.inf, *ORAL[1:])))


def test_refuses_an_offset_that_no_working_thermometer_needs() -> None:
    assert refused(people(tuple(skin - 3.1 for skin in SKIN))) == {
        CommissioningProblem.OFFSET_TOO_LARGE
    }


def test_an_offset_is_measured_against_what_its_measuring_site_has() -> None:
    forehead = people(tuple(skin - 3.1 for skin in SKIN))

    assert fitted(forehead, site="forehead-spot").offset_celsius == 4.3


def test_refuses_people_who_differ_more_than_people_do() -> None:
    assert refused(people((33.9, 35.6, 35.3, 37.2, 35.2))) == {CommissioningProblem.SPREAD_TOO_WIDE}


def test_refuses_a_thermometer_that_shows_everybody_the_same_value() -> None:
    assert refused(people((35.5,) * 5)) == {CommissioningProblem.ONE_VALUE}


@pytest.mark.parametrize("site", ["face-max", "forehead-spot"])
def test_refuses_values_too_much_alike_to_be_of_different_people(site: str) -> None:
    made_up = people((35.5, 35.52, 35.48, 35.55, 35.5))
    assert refused(made_up, site=site) == {CommissioningProblem.SPREAD_TOO_SMALL}
    assert refused(made_up * 3, site=site) == {CommissioningProblem.SPREAD_TOO_SMALL}

    alike = people((35.5, 35.6, 35.45, 35.65, 35.5))
    assert fitted(alike, site=site).staff == 5


@pytest.mark.parametrize("staff", [5, 10, 20])
@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
def test_honest_people_are_hardly_ever_refused_for_being_alike(
    site: MeasuringSite, staff: int
) -> None:
    chance = random.Random(staff)
    alike = 0
    for _ in range(2000):
        raw = [chance.gauss(35.5, site.least_spread_celsius) for _ in range(staff)]
        try:
            fitted([Comparison(value, 36.6) for value in raw], site=site.name)
        except CommissioningError as error:
            alike += CommissioningProblem.SPREAD_TOO_SMALL in error.problems

    assert alike <= 8


def test_the_middle_of_the_staff_is_nobody_s_own_value_and_one_odd_reading_does_not_move_it() -> (
    None
):
    assert midmean([36.4, 36.5, 36.6, 36.9, 37.0]) == pytest.approx(36.667, abs=0.001)
    assert midmean([34.6, 36.5, 36.6, 36.9, 37.0]) == pytest.approx(36.667, abs=0.001)
    assert midmean([1, 2, 3, 4, 5, 6, 7, 8, 9, 100]) == 5.5


def test_lists_every_problem_at_once_with_a_sentence_each() -> None:
    with pytest.raises(CommissioningError) as caught:
        fitted(people(oral=(36.6, 38.2, 36.5, 30.0, 36.7))[1:], room_celsius=31.0)

    assert set(caught.value.problems) >= {
        CommissioningProblem.ROOM,
        CommissioningProblem.TOO_FEW_PEOPLE,
        CommissioningProblem.NOT_WELL,
        CommissioningProblem.NOT_A_BODY,
    }
    assert len(caught.value.sentences) == len(caught.value.problems)
    assert all(sentence in str(caught.value) for sentence in caught.value.sentences)


def test_an_unknown_measuring_site_is_a_caller_s_mistake() -> None:
    with pytest.raises(KeyError):
        fitted(site="wrist")


def test_a_thermometer_that_reads_as_commissioned_passes_its_check() -> None:
    assert checked(35.5, 36.8) == (-0.1, CheckOutcome.PASSED)


@pytest.mark.parametrize("off", [-1.2, 1.2])
def test_a_thermometer_that_is_far_off_fails_its_check(off: float) -> None:
    assert checked(35.5 + off, 36.7) == (pytest.approx(off), CheckOutcome.OFF)


def test_a_check_passes_up_to_the_largest_difference_and_no_further() -> None:
    largest = largest_difference(fitted(), Reference.PERSON)

    assert 0.5 < largest < 1.0
    assert checked(35.5 + largest, 36.7)[1] is CheckOutcome.PASSED
    assert checked(35.51 + largest, 36.7)[1] is CheckOutcome.OFF


def test_a_check_counts_in_that_the_room_is_warmer_than_at_the_commissioning() -> None:
    difference, _ = checked(35.5, 36.7, room_celsius=27.0)

    assert difference == pytest.approx(-0.08 * 3)


@pytest.mark.parametrize("room", [17.0, 29.0])
def test_a_check_in_an_unsuitable_room_says_so(room: float) -> None:
    assert checked(35.5, 36.7, room_celsius=room)[1] is CheckOutcome.ROOM


def test_a_flask_is_compared_without_what_skin_lacks() -> None:
    """The commissioned offset is the published one here: the thermometer itself is right."""
    right = replace(fitted(), offset_celsius=1.21)

    assert checked(37.0, 37.0, commissioning=right, reference=Reference.FLASK) == (
        0.0,
        CheckOutcome.PASSED,
    )
    assert checked(35.8, 37.0, commissioning=right, reference=Reference.FLASK) == (
        -1.2,
        CheckOutcome.OFF,
    )


@pytest.mark.parametrize(
    ("raw", "reference", "room", "kind", "problem"),
    [
        pytest.param(36.2, 37.6, 24, "person", "not_well", id="somebody ill"),
        pytest.param(36.2, 33.0, 24, "person", "not_a_body", id="a wrong entry"),
        pytest.param(36.2, 60.0, 24, "flask", "not_a_flask", id="hot tea"),
        pytest.param(math.nan, 36.5, 24, "person", "not_a_number", id="no value"),
        pytest.param(36.2, 36.5, math.nan, "person", "not_a_number", id="no room"),
    ],
)
def test_a_check_refuses_a_reference_that_tells_nothing(
    raw: float, reference: float, room: float, kind: str, problem: str
) -> None:
    with pytest.raises(CommissioningError) as caught:
        checked(raw, reference, room_celsius=room, reference=Reference(kind))

    assert caught.value.problems == (problem,)


@pytest.mark.parametrize("raw", [1e308, -1e308, 1e27, -1e27, math.inf, math.nan])
def test_what_no_thermometer_shows_is_refused_before_it_is_counted(raw: float) -> None:
    assert CommissioningProblem.NOT_A_NUMBER in refused(people((*SKIN[:4], raw)))
    with pytest.raises(CommissioningError, match="not a number"):
        checked(raw, 36.6)
    with pytest.raises(CommissioningError, match="not a number"):
        checked(35.4, 36.6, room_celsius=raw)
