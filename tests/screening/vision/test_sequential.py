"""How much pictures of one face have to show before a label is told."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screening.readings import MaskLabel
from screening.vision.sequential import (
    LABELS,
    MOST_PICTURES,
    WRONG_MASK,
    WRONG_REFUSAL,
    SequentialTest,
)

STEP_S = 0.125

SURE = {
    MaskLabel.MASK: (1.0, 0.0, 0.0),
    MaskLabel.NO_MASK: (0.0, 1.0, 0.0),
    MaskLabel.INCORRECT: (0.0, 0.0, 1.0),
}


@st.composite
def probabilities(draw: st.DrawFn, *, most_mask: float = 1.0) -> tuple[float, float, float]:
    mask = draw(st.floats(0, most_mask))
    no_mask = draw(st.floats(0, 1)) * (1 - mask)
    return mask, no_mask, 1 - mask - no_mask


def steps(least_s: float = 0.001, most_s: float = 0.5) -> st.SearchStrategy[float]:
    return st.floats(least_s, most_s)


def test_without_pictures_nothing_is_known() -> None:
    test = SequentialTest()
    assert (test.verdict, test.confidence, test.pictures) == (None, 0.0, 0)


@settings(deadline=None)
@given(probabilities())
def test_one_picture_never_decides(shares: tuple[float, float, float]) -> None:
    test = SequentialTest()
    test.add(shares, 10.0)
    assert test.verdict is None
    assert test.confidence < 0.97


@settings(deadline=None)
@given(st.lists(st.tuples(probabilities(), steps()), max_size=40))
def test_a_new_verdict_leaves_no_more_than_its_allowed_error(
    pictures: list[tuple[tuple[float, float, float], float]],
) -> None:
    test, now_s = SequentialTest(), 10.0
    for shares, step_s in pictures:
        before, now_s = test.verdict, now_s + step_s
        test.add(shares, now_s)
        if test.verdict is not None and test.verdict is not before:
            is_mask = test.verdict is MaskLabel.MASK
            assert test.confidence >= 1 - (WRONG_MASK if is_mask else WRONG_REFUSAL)


@settings(deadline=None)
@given(st.lists(st.tuples(probabilities(most_mask=0.6), steps()), max_size=40))
def test_no_number_of_pictures_that_hardly_show_a_mask_tells_one(
    pictures: list[tuple[tuple[float, float, float], float]],
) -> None:
    test, now_s = SequentialTest(), 10.0
    for shares, step_s in pictures:
        now_s += step_s
        test.add(shares, now_s)
        assert test.verdict is not MaskLabel.MASK


@settings(deadline=None)
@given(st.lists(st.floats(0, 0.0999), min_size=1, max_size=60, unique=True))
def test_no_number_of_pictures_within_a_tenth_of_a_second_decides(times_s: list[float]) -> None:
    for label in LABELS:
        test = SequentialTest()
        for time_s in sorted(times_s):
            test.add(SURE[label], time_s)
            assert test.verdict is None


@settings(deadline=None)
@given(st.lists(st.tuples(probabilities(), steps()), min_size=1, max_size=20))
@example([((0.0, 0.5, 0.5), 0.1), ((0.0, 0.9, 0.1), 0.1), ((0.0, 0.9, 0.1), 0.1)])
def test_both_refusals_are_reached_alike(
    pictures: list[tuple[tuple[float, float, float], float]],
) -> None:
    test, other, now_s = SequentialTest(), SequentialTest(), 10.0
    for (mask, no_mask, incorrect), step_s in pictures:
        now_s += step_s
        test.add((mask, no_mask, incorrect), now_s)
        other.add((mask, incorrect, no_mask), now_s)
        assert other.confidence == pytest.approx(test.confidence)
        assert (other.verdict is MaskLabel.MASK) == (test.verdict is MaskLabel.MASK)


def test_a_mask_that_is_surely_not_worn_well_is_told_as_what_is_likelier() -> None:
    for no_mask, label in ((0.4, MaskLabel.INCORRECT), (0.6, MaskLabel.NO_MASK)):
        test = SequentialTest()
        for index in range(6):
            test.add((0.01, no_mask, 0.99 - no_mask), index * STEP_S)
        assert test.verdict is label
        assert test.confidence >= 0.97


def test_a_refusal_does_not_waver_between_its_two_names() -> None:
    test, told = SequentialTest(), set()
    for index in range(20):
        test.add((0.01, 0.5 + (-1) ** index * 0.2, 0.49 - (-1) ** index * 0.2), index * STEP_S)
        told.add(test.verdict)
    assert len(told - {None}) == 1


@settings(deadline=None)
@given(st.floats(0, 1e6))
def test_the_result_does_not_depend_on_when_the_clock_began(start_s: float) -> None:
    test = SequentialTest()
    for index in range(4):
        test.add((0.95, 0.025, 0.025), start_s + index * STEP_S)
    assert test.verdict is MaskLabel.MASK


def test_pictures_of_one_face_count_as_few_independent_ones_however_many() -> None:
    odds = []
    for pictures in (12, 120):
        test = SequentialTest()
        for index in range(pictures):
            test.add((0.8, 0.1, 0.1), index * STEP_S)
        odds.append(test.confidence / (1 - test.confidence))
    assert odds[0] == pytest.approx(odds[1])
    believed = 0.9 * 0.8 + 0.1 / 3
    assert odds[1] == pytest.approx((believed / ((1 - believed) / 2)) ** MOST_PICTURES / 2)


def test_doubted_pictures_count_for_less() -> None:
    certain, doubted = SequentialTest(), SequentialTest()
    for index in range(4):
        certain.add((0.95, 0.025, 0.025), index * STEP_S)
        doubted.add((0.95, 0.025, 0.025), index * STEP_S, doubt=0.3)
    assert certain.verdict is MaskLabel.MASK
    assert doubted.verdict is None


def test_numbers_that_are_none_decide_nothing() -> None:
    test = SequentialTest()
    for index in range(8):
        test.add((float("nan"),) * 3, index * STEP_S)
        assert test.verdict is None


@pytest.mark.parametrize("error", [0.0, 0.04, 0.5])
def test_an_error_that_one_picture_could_meet_is_refused(error: float) -> None:
    with pytest.raises(ValueError, match="one picture never decides"):
        SequentialTest(wrong_mask=error)
    with pytest.raises(ValueError, match="one picture never decides"):
        SequentialTest(wrong_refusal=error)
