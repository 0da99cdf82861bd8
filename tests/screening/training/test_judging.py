"""Given deeds and their moments: what was right, late, wrong, or not done."""

from __future__ import annotations

import pytest

from screening.accounts import Role
from screening.training.judging import PATIENCE, Mark, Progress, Seen, judge
from screening.training.lessons import ELDERLY, FIRST, LESSONS, Deed, Lesson, Step

BEGUN_S = 1000.0
STEP = Step(
    code="one",
    right=frozenset({Deed.CALLED}),
    within_s=20,
    wrong=frozenset({Deed.DONE}),
    about=ELDERLY,
)


def seen(deed: Deed, after_s: float, about: str = ELDERLY) -> Seen:
    return Seen(deed, BEGUN_S + after_s, about)


@pytest.mark.parametrize(
    ("deeds", "now_s", "mark", "took_s"),
    [
        pytest.param([seen(Deed.CALLED, 20)], 21, Mark.RIGHT, 20, id="in time"),
        pytest.param([seen(Deed.CALLED, 20.1)], 21, Mark.LATE, 20.1, id="late"),
        pytest.param([seen(Deed.DONE, 3)], 4, Mark.WRONG, 3, id="wrong"),
        pytest.param([seen(Deed.CALLED, 3, FIRST)], 4, Mark.WRONG, 3, id="for somebody else"),
        pytest.param(
            [seen(Deed.CALLED, 9), seen(Deed.DONE, 3)], 10, Mark.WRONG, 3, id="the first one counts"
        ),
        pytest.param(
            [seen(Deed.PARKED, 3), seen(Deed.CALLED, 5)], 6, Mark.RIGHT, 5, id="no matter"
        ),
        pytest.param([seen(Deed.CALLED, -1)], 20 * PATIENCE + 1, Mark.MISSED, None, id="before"),
        pytest.param([], 20 * PATIENCE + 1, Mark.MISSED, None, id="nothing"),
        pytest.param(
            [seen(Deed.CALLED, 20 * PATIENCE + 1)],
            20 * PATIENCE + 2,
            Mark.MISSED,
            None,
            id="far too late",
        ),
    ],
)
def test_a_step_is_judged_by_its_first_deed(
    deeds: list[Seen], now_s: float, mark: Mark, took_s: float | None
) -> None:
    judged = judge(STEP, begun_s=BEGUN_S, seen=deeds, now_s=BEGUN_S + now_s)
    assert judged is not None
    assert judged.mark is mark
    assert judged.took_s == pytest.approx(took_s)


@pytest.mark.parametrize("deeds", [[], [seen(Deed.PARKED, 3)]], ids=["nothing", "no matter"])
def test_a_step_is_open_while_somebody_may_still_do_it(deeds: list[Seen]) -> None:
    assert judge(STEP, begun_s=BEGUN_S, seen=deeds, now_s=BEGUN_S + 20 * PATIENCE) is None


def taken(lesson: Lesson, *deeds: tuple[Deed, float]) -> Progress:
    """Each step begins when the one before is over; a deed comes so long after that."""
    progress, now_s, done = Progress(lesson=lesson), BEGUN_S, list[Seen]()
    for deed, after_s in deeds:
        progress = progress.begin_step(now_s)
        now_s += after_s
        done.append(Seen(deed, now_s, ELDERLY))
        progress = progress.look(done, now_s)
    return progress


def test_a_lesson_done_well_is_over_after_its_last_step() -> None:
    lesson = LESSONS["missed"]
    deeds = ((Deed.CALLED, 5), (Deed.RECALLED, 60), (Deed.MISSED, 10), (Deed.TAKEN_BACK, 10))
    assert not taken(lesson, *deeds[:3]).is_over
    progress = taken(lesson, *deeds)
    assert [one.mark for one in progress.marks] == [Mark.RIGHT, Mark.LATE, Mark.RIGHT, Mark.RIGHT]
    assert progress.is_over
    assert progress.step is None
    assert progress.score.is_passed
    assert (progress.score.right, progress.score.late, progress.score.steps) == (3, 1, 4)


def test_a_lesson_ends_with_what_is_wrong() -> None:
    progress = taken(LESSONS["sent_on"], (Deed.CALLED, 5), (Deed.PARKED, 5))
    assert progress.is_over
    marks = [one.mark for one in progress.marks]
    assert marks == [Mark.RIGHT, Mark.WRONG, Mark.NOT_REACHED]
    assert not progress.score.is_passed


def test_nothing_is_judged_before_a_step_begins() -> None:
    progress = Progress(lesson=LESSONS["help"])
    assert progress.look([Seen(Deed.DONE, BEGUN_S)], BEGUN_S) is progress


def test_nobody_learns_that_a_gate_may_be_overruled() -> None:
    for lesson in LESSONS.values():
        if lesson.role is Role.GUARD:
            assert all(Deed.OVERRIDDEN in step.wrong for step in lesson.steps)


def test_no_deed_is_right_and_wrong_at_once() -> None:
    assert all(not step.right & step.wrong for one in LESSONS.values() for step in one.steps)
