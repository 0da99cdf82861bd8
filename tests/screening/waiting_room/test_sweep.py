"""The sweep over a room: it finds what trying everything finds, and proves what there is not."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from screening.waiting_room.sweep import Swept, swept, width

SOME_S = 60.0


def neighbours(size: int, pairs: list[tuple[int, int]]) -> NDArray[np.bool_]:
    near = np.zeros((size, size), bool)
    for one, other in pairs:
        if one != other:
            near[one, other] = near[other, one] = True
    return near


def most_by_trying(near: NDArray[np.bool_]) -> int:
    size = len(near)
    return max(
        len(chosen)
        for count in range(size + 1)
        for chosen in itertools.combinations(range(size), count)
        if not near[np.ix_(chosen, chosen)].any()
    )


def sweep_with_pairs(near: NDArray[np.bool_], *, known: int, until_s: float = SOME_S) -> Swept:
    """With weights that are worth little: each pair by itself, and each chair without any."""
    cliques = [list(pair) for pair in zip(*np.nonzero(np.triu(near)), strict=True)]
    cliques += [[chair] for chair in range(len(near)) if not near[chair].any()]
    return swept(
        near,
        list(range(len(near))),
        cliques,
        np.ones(len(cliques)),
        known=known,
        until_s=time.perf_counter() + until_s,
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data(), size=st.integers(1, 9))
def test_it_finds_the_most_or_proves_that_none_has_more(data: st.DataObject, size: int) -> None:
    chair = st.integers(0, size - 1)
    near = neighbours(size, data.draw(st.lists(st.tuples(chair, chair), max_size=20)))
    most = most_by_trying(near)
    found = sweep_with_pairs(near, known=data.draw(st.integers(0, most - 1)))
    assert found.better is not None
    assert found.better.sum() == most
    assert not near[np.ix_(found.better, found.better)].any()
    assert sweep_with_pairs(near, known=most) == Swept(is_proved=True)


def test_it_gives_up_in_a_room_too_wide_for_it_and_when_the_time_is_over() -> None:
    ring = neighbours(140, [(chair, (chair + 70) % 140) for chair in range(140)])
    assert width(ring, list(range(140))) > 63
    assert sweep_with_pairs(ring, known=0) == Swept(is_proved=False)
    row = neighbours(30, [(chair, chair + 1) for chair in range(29)])
    assert sweep_with_pairs(row, known=0, until_s=-1.0) == Swept(is_proved=False)


@pytest.mark.parametrize("reach", [1, 5, 63])
def test_the_width_is_how_far_neighbours_reach(reach: int) -> None:
    size = 80
    pairs = [(one, other) for one in range(size) for other in range(one) if one - other <= reach]
    near = neighbours(size, pairs)
    assert width(near, list(range(size))) == reach
    best = sweep_with_pairs(near, known=0).better
    assert best is not None
    assert best.sum() == -(-size // (reach + 1))
