"""The drawn visitors of the simulated camera."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from drivers.simulated.portrait import Appearance, draw_visitor


@pytest.mark.parametrize("appearance", get_args(Appearance))
def test_no_two_pictures_are_alike(appearance: Appearance) -> None:
    rng = np.random.default_rng(1)
    first, second = (draw_visitor(appearance, rng=rng) for _ in range(2))
    assert first.shape == second.shape == (480, 640, 3)
    assert first.dtype == np.uint8
    assert (first != second).mean() > 0.5


def test_the_same_seed_draws_the_same_picture() -> None:
    first, second = (draw_visitor("mask", rng=np.random.default_rng(5)) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize("size", [(320, 240), (1280, 720)])
def test_pictures_have_the_size_that_was_asked_for(size: tuple[int, int]) -> None:
    width, height = size
    picture = draw_visitor("no_mask", width=width, height=height, rng=np.random.default_rng(1))
    assert picture.shape == (height, width, 3)
