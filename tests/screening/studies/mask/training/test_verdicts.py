"""Verdicts are measured on visitors who stand and sway before the camera."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulated.portrait import draw_visitor
from screening.readings import Box, FaceObservation, MaskLabel
from screening.studies.mask.training.standing import stand
from screening.studies.mask.training.verdicts import Verdicts, Visit, as_text, judge_visits
from screening.vision.annotations import AnnotatedPicture, LabelledFace

FACE = Box(253, 75, 137, 165)
PIXELS = draw_visitor("mask", rng=np.random.default_rng(1))


class Sees:
    """A check that finds the face where it is and always says the same of it."""

    def __init__(self, *shares: float) -> None:
        self._shares = shares

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]:
        mask, no_mask, incorrect = self._shares
        scale = pixels.shape[1] / PIXELS.shape[1]
        box = Box(FACE.x * scale, FACE.y * scale, FACE.w * scale, FACE.h * scale)
        label = list(MaskLabel)[int(np.argmax(self._shares))]
        shares = (mask, no_mask, incorrect)
        return [FaceObservation(box, label, max(shares), 0.9, shares)]


def labelled(*labels: MaskLabel) -> list[tuple[AnnotatedPicture, NDArray[np.uint8]]]:
    return [
        (AnnotatedPicture(Path("a.png"), (LabelledFace(FACE, label),), (), "one"), PIXELS)
        for label in labels
    ]


def test_a_standing_visitor_moves_a_little_and_forgets_where_it_was() -> None:
    rng = np.random.default_rng(2)
    pictures = list(stand(PIXELS, FACE, rng, pictures=9, every_s=0.125))
    assert [round(taken_at_s, 3) for taken_at_s, _ in pictures] == [n * 0.125 for n in range(9)]
    first = pictures[0][1].astype(int)
    apart = [float(np.abs(first - one).mean()) for _, one in pictures]
    assert apart[1] < max(apart[4:])
    assert max(apart) < 40


def test_the_same_seed_moves_a_visitor_alike() -> None:
    first, again = (
        [one for _, one in stand(PIXELS, FACE, np.random.default_rng(3), pictures=3, every_s=0.1)]
        for _ in range(2)
    )
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))


def test_both_errors_are_counted_of_those_they_concern() -> None:
    mask, bare = MaskLabel.MASK, MaskLabel.NO_MASK
    sure = judge_visits(labelled(mask, mask, bare), Sees(0.98, 0.01, 0.01))
    assert sure.wrong_masks == (1, 3)
    assert sure.wrong_refusals == (0, 2)
    strict = judge_visits(labelled(mask, mask, bare), Sees(0.01, 0.98, 0.01))
    assert strict.wrong_masks == (0, 0)
    assert strict.wrong_refusals == (2, 2)
    assert strict.count(bare, bare) == 1


def test_who_is_not_judged_is_counted_as_such() -> None:
    unsure = judge_visits(labelled(MaskLabel.MASK), Sees(0.4, 0.3, 0.3))
    assert unsure.count(MaskLabel.MASK, None) == 1
    assert unsure.wrong_refusals == (0, 1)
    assert "Nobody was judged." in as_text(unsure)


def test_small_faces_and_pictures_without_any_are_no_visits() -> None:
    small = LabelledFace(Box(10, 10, 40, 50), MaskLabel.MASK)
    pictures = [
        (AnnotatedPicture(Path("a.png"), (small,), (), "one"), PIXELS),
        (AnnotatedPicture(Path("b.png"), (), (), "two"), PIXELS),
    ]
    assert judge_visits(pictures, Sees(1, 0, 0)).visits == ()


def test_pictures_that_repeat_their_error_are_worth_few_independent_ones() -> None:
    """One visitor in four is judged wrongly in all of its pictures, however many they are."""
    right, wrong = (0.9, 0.05, 0.05), (0.05, 0.9, 0.05)
    visits = [
        Visit(MaskLabel.MASK, None, None, tuple((n / 8, shares) for n in range(12)))
        for shares in (right, right, right, wrong)
    ]
    verdicts = Verdicts(tuple(visits))
    losses = {most: verdicts.log_loss(most) for most in (0.5, 1.0, 3.0)}
    assert losses[1.0] < losses[3.0]
    assert losses[0.5] < losses[3.0]


def test_the_table_tells_counts_intervals_and_times() -> None:
    text = as_text(
        judge_visits(labelled(MaskLabel.MASK, MaskLabel.NO_MASK), Sees(0.98, 0.01, 0.01))
    )
    assert "| mask (1) | 1 | 0 | 0 | 0 |" in text
    assert "Told *mask* wrongly: 1 of 2 = 50.0% (95 %: " in text
    assert "median 0.1" in text or "median 0.2" in text
    assert pytest.approx(0) == text.count("nan")
