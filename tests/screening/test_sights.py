from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screening.sights import MOST_IN_SIGHT, Sighting, Sights

NEW, AGAIN, STILL = Sighting.NEW, Sighting.AGAIN, Sighting.STILL


def test_a_code_read_again_within_the_gap_is_in_the_same_sight() -> None:
    sights = Sights(2.0)
    assert [sights.see("A", 10.0), sights.see("A", 10.4), sights.see("A", 12.3)] == [
        NEW,
        AGAIN,
        STILL,
    ]


def test_a_code_held_there_stays_one_sight_and_is_told_to_be_there_once_a_second() -> None:
    sights = Sights(2.0)
    seen = [sights.see("A", tenth * 0.4) for tenth in range(25)]
    assert seen.count(NEW) == 1
    assert 6 <= seen.count(STILL) <= 9
    assert sights.began_s("A") == 0.0


def test_shown_again_later_is_a_new_sight() -> None:
    sights = Sights(2.0)
    assert [sights.see("A", 10.0), sights.see("A", 12.5)] == [NEW, NEW]


def test_codes_side_by_side_do_not_end_each_others_sight() -> None:
    sights = Sights(2.0)
    seen = [sights.see(code, step * 0.4) for step in range(20) for code in "ABC"]
    assert seen.count(NEW) == 3


@given(st.lists(st.tuples(st.text(max_size=3), st.floats(0, 5)), max_size=300))
def test_hoards_nothing(codes: list[tuple[str, float]]) -> None:
    sights, now_s = Sights(2.0), 0.0
    for code, later_s in codes:
        now_s += later_s
        sights.see(code, now_s)
    assert len(sights._sights) <= MOST_IN_SIGHT
