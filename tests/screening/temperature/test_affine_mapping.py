"""From the camera's picture to the array's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.readings import Box
from screening.temperature.affine_mapping import AffineMapping, PointPair, Region

PAIRS = (
    PointPair((100, 80), (5, 4)),
    PointPair((500, 90), (27, 5)),
    PointPair((120, 400), (6, 21)),
    PointPair((520, 410), (28, 22)),
)


def test_three_exact_pairs_are_met_exactly() -> None:
    mapping = AffineMapping.fit(PAIRS[:3])
    for pair in PAIRS[:3]:
        assert mapping.at(*pair.camera) == pytest.approx(pair.array)
    assert mapping.largest_error_pixels == pytest.approx(0, abs=1e-9)


def test_a_pair_that_does_not_fit_is_told_as_an_error() -> None:
    wrong = (*PAIRS[:3], PointPair((520, 410), (28, 26)))
    fitted, spoilt = AffineMapping.fit(PAIRS), AffineMapping.fit(wrong)
    assert fitted.largest_error_pixels < 0.2
    assert spoilt.largest_error_pixels > 0.8
    assert spoilt.rms_error_pixels <= spoilt.largest_error_pixels
    assert spoilt.pairs == 4


@given(st.lists(st.floats(-0.05, 0.05), min_size=6, max_size=6), st.floats(0.05, 0.2))
def test_finds_any_affine_mapping_back(turn: list[float], scale: float) -> None:
    a, b, c, d, e, f = turn
    pairs = [
        PointPair((x, y), ((scale + a / 9) * x + b * y + c, d * x + (scale + e / 9) * y + f))
        for x, y in [(0, 0), (640, 0), (0, 480), (640, 480), (320, 100)]
    ]
    mapping = AffineMapping.fit(pairs)
    assert mapping.largest_error_pixels == pytest.approx(0, abs=1e-6)
    assert mapping.at(*pairs[4].camera) == pytest.approx(pairs[4].array, abs=1e-6)


def test_refuses_what_fixes_no_plane() -> None:
    with pytest.raises(ValueError, match="three pairs"):
        AffineMapping.fit(PAIRS[:2])
    line = [PointPair((x, 2 * x + 1), (x, x)) for x in (0.0, 100.0, 300.0)]
    with pytest.raises(ValueError, match="one line"):
        AffineMapping.fit(line)
    with pytest.raises(ValueError, match="no number"):
        AffineMapping.fit([*PAIRS, PointPair((float("nan"), 0), (0, 0))])


def test_the_region_of_a_box_holds_every_pixel_that_it_touches() -> None:
    twentieth = AffineMapping(((0.05, 0, 0), (0, 0.05, 0)), 3, 0, 0)
    assert twentieth.region(Box(200, 100, 100, 160)) == Region(5, 10, 14, 16)
    assert twentieth.region(Box(-60, 0, 100, 160)).left < 0


def test_a_mirrored_array_is_mapped_all_the_same() -> None:
    mirrored = AffineMapping(((-0.05, 0, 31), (0, 0.05, 0)), 3, 0, 0)
    assert mirrored.region(Box(200, 100, 100, 160)) == Region(5, 16, 14, 22)
