"""How much two boxes share."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screening.readings import Box

sides = st.floats(0, 1000)
boxes = st.builds(Box, st.floats(-500, 500), st.floats(-500, 500), sides, sides)


@pytest.mark.parametrize(
    ("other", "share"),
    [
        pytest.param(Box(0, 0, 4, 2), 1.0, id="the same"),
        pytest.param(Box(2, 0, 4, 2), 1 / 3, id="half of each"),
        pytest.param(Box(1, 0, 2, 2), 0.5, id="one within the other"),
        pytest.param(Box(4, 0, 4, 2), 0.0, id="side by side"),
        pytest.param(Box(0, 9, 4, 2), 0.0, id="apart"),
    ],
)
def test_overlap_is_the_shared_area_over_the_joint_one(other: Box, share: float) -> None:
    assert Box(0, 0, 4, 2).overlap(other) == pytest.approx(share)


def test_boxes_without_area_share_nothing() -> None:
    assert Box(3, 3, 0, 0).overlap(Box(3, 3, 0, 0)) == 0.0


@example(Box(1.0, 0.0, 1.4e-08, 1.4e-08), Box(1.0, 0.0, 1.4e-08, 1.4e-08))
@given(boxes, boxes)
def test_overlap_is_mutual_and_a_share(first: Box, second: Box) -> None:
    assert 0 <= first.overlap(second) <= 1
    assert first.overlap(second) == pytest.approx(second.overlap(first))
