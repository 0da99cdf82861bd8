"""What an installer is told, by what the camera has seen in the last seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from drivers.simulated.portrait import draw_visitor
from screening.readings import Box, FaceObservation, MaskLabel
from screening.vision.commissioning import (
    SCALES,
    STEADY_S,
    Finding,
    FrontFace,
    Item,
    Look,
    Report,
    look_at,
    report,
)
from screening.vision.condition import Condition

NOW_S = 100.0
EVERY_S = 0.25
GOOD = FrontFace(
    Condition(0.5, 0.5, clipped=0.01, sharpness=0.25, face_side_px=150), across=0.5, down=0.45
)


def looks(face: FrontFace | None, *, seconds: float = 12.0, people: int = 1) -> list[Look]:
    """Four pictures a second up to now."""
    count = int(seconds / EVERY_S)
    return [
        Look(NOW_S - back * EVERY_S, people if face else 0, face) for back in reversed(range(count))
    ]


def seen(seen_looks: Iterable[Look]) -> Report:
    return report(seen_looks, NOW_S)


def face(across: float = 0.5, down: float = 0.45, **condition: float) -> FrontFace:
    return FrontFace(replace(GOOD.condition, **condition), across, down)


def finding_of(told: Report, item: Item) -> Finding:
    return next(measure.finding for measure in told.measures if measure.item is item)


CASES = [
    pytest.param(
        face(face_brightness=0.2, surround_brightness=0.2),
        Item.EXPOSURE,
        Finding.TOO_DARK,
        id="too dark",
    ),
    pytest.param(face(face_brightness=0.9), Item.EXPOSURE, Finding.TOO_BRIGHT, id="too bright"),
    pytest.param(face(clipped=0.2), Item.EXPOSURE, Finding.TOO_BRIGHT, id="clipped"),
    pytest.param(face(surround_brightness=0.95), Item.LIGHT, Finding.BACKLIT, id="backlit"),
    pytest.param(face(sharpness=0.03), Item.FOCUS, Finding.BLURRED, id="blurred"),
    pytest.param(face(face_side_px=60), Item.DISTANCE, Finding.TOO_FAR, id="too far"),
    pytest.param(face(face_side_px=330), Item.DISTANCE, Finding.TOO_NEAR, id="too near"),
    pytest.param(face(across=0.2), Item.MIDDLE, Finding.LEFT, id="left"),
    pytest.param(face(across=0.8), Item.MIDDLE, Finding.RIGHT, id="right"),
    pytest.param(face(down=0.1), Item.MIDDLE, Finding.HIGH, id="high"),
    pytest.param(face(down=0.9), Item.MIDDLE, Finding.LOW, id="low"),
]


@pytest.mark.parametrize(("front", "item", "finding"), CASES)
def test_each_fault_is_found_and_is_the_advice(
    front: FrontFace, item: Item, finding: Finding
) -> None:
    told = seen(looks(front))
    assert finding_of(told, item) is finding
    assert told.advice is finding
    assert told.good_s == 0
    assert told.measured is None


def test_a_good_camera_is_done_after_ten_good_seconds() -> None:
    told = seen(looks(GOOD))
    assert told.advice is Finding.GOOD
    assert told.good_s == STEADY_S
    assert told.measured is not None
    assert [(measure.item, measure.is_good) for measure in told.measured] == [
        (item, True) for item in Item
    ]


def test_it_counts_the_good_seconds_until_then() -> None:
    told = seen(looks(GOOD, seconds=4))
    assert told.good_s == 4
    assert told.measured is None


def test_a_bad_second_starts_the_count_again() -> None:
    pictures = looks(GOOD)
    pictures[-20:-16] = [replace(look, face=face(sharpness=0.02)) for look in pictures[-20:-16]]
    assert seen(pictures).good_s == 4


def test_one_odd_picture_in_a_second_does_not() -> None:
    pictures = looks(GOOD)
    pictures[-18] = replace(pictures[-18], face=face(sharpness=0.02))
    pictures[-6] = replace(pictures[-6], people=0, face=None)
    assert seen(pictures).good_s == STEADY_S


def test_a_gap_in_the_pictures_starts_the_count_again() -> None:
    pictures = [look for look in looks(GOOD) if not 3 <= NOW_S - look.taken_at_s < 5]
    assert seen(pictures).good_s == 3


def test_one_picture_in_a_second_and_a_half_is_enough() -> None:
    assert seen(looks(GOOD)[::6]).good_s == STEADY_S


def test_nobody_in_front_is_told_and_nothing_is_measured() -> None:
    told = seen(looks(None))
    assert told.advice is Finding.NO_FACE
    assert {measure.value for measure in told.measures} == {None}


@pytest.mark.parametrize("pictures", [[], looks(GOOD)[:-8]], ids=["none yet", "none any more"])
def test_without_fresh_pictures_nothing_is_told_of_the_visitor(pictures: list[Look]) -> None:
    told = seen(pictures)
    assert told.advice is Finding.NO_PICTURE
    assert told.good_s == 0


def test_two_people_in_front_are_told_though_all_else_is_good() -> None:
    told = seen(looks(GOOD, people=2))
    assert told.advice is Finding.SEVERAL
    assert finding_of(told, Item.MIDDLE) is Finding.SEVERAL


def test_a_picture_from_later_than_now_does_not_count() -> None:
    pictures = [*looks(GOOD), Look(NOW_S + 1, 0, None), Look(NOW_S + 2, 0, None)]
    assert seen(pictures).good_s == STEADY_S


def test_focus_is_not_judged_in_the_dark_where_noise_looks_sharp() -> None:
    told = seen(looks(face(face_brightness=0.1, surround_brightness=0.1, sharpness=1.4)))
    assert finding_of(told, Item.FOCUS) is Finding.NOT_JUDGED
    assert told.advice is Finding.TOO_DARK


def test_of_several_faults_the_light_comes_first_and_focus_last() -> None:
    everything = face(
        across=0.1, face_brightness=0.2, surround_brightness=0.9, face_side_px=50, sharpness=0.01
    )
    assert seen(looks(everything)).advice is Finding.BACKLIT
    lit = face(across=0.1, face_side_px=50, sharpness=0.01)
    assert seen(looks(lit)).advice is Finding.TOO_FAR
    near = face(across=0.1, sharpness=0.01)
    assert seen(looks(near)).advice is Finding.LEFT


def test_the_good_range_lies_on_the_scale_that_is_drawn() -> None:
    for scale in SCALES.values():
        assert scale.scale_from <= scale.low < scale.scale_to
        assert scale.low < scale.high


def observed(*boxes: Box) -> list[FaceObservation]:
    return [FaceObservation(box, MaskLabel.MASK, 0.9, 0.9) for box in boxes]


FRONT = Box(238, 30, 156, 220)


def test_a_drawn_visitor_at_the_right_place_is_good() -> None:
    rng = np.random.default_rng(4)
    pictures = [
        look_at(draw_visitor("mask", rng=rng), observed(FRONT), look.taken_at_s)
        for look in looks(GOOD)
    ]
    assert seen(pictures).measured is not None


def test_a_look_measures_the_largest_face_and_where_it_is() -> None:
    picture = draw_visitor("mask", rng=np.random.default_rng(4))
    look = look_at(picture, observed(Box(20, 60, 50, 60), FRONT), 7.0)
    assert look.taken_at_s == 7.0
    assert look.people == 1
    assert look.face is not None
    assert look.face.condition.face_side_px == 156
    assert (look.face.across, look.face.down) == (316 / 640, 140 / 480)


def test_a_second_face_of_like_size_is_another_person_in_front() -> None:
    picture = draw_visitor("two_people", rng=np.random.default_rng(4))
    look = look_at(picture, observed(Box(120, 90, 120, 160), Box(400, 90, 118, 150)), 7.0)
    assert look.people == 2


def test_faces_far_behind_are_nobody() -> None:
    picture = draw_visitor("nobody", rng=np.random.default_rng(4))
    assert look_at(picture, observed(Box(20, 60, 20, 26)), 7.0) == Look(7.0, 0, None)


def test_a_face_without_a_pixel_in_the_picture_is_none() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    assert look_at(picture, observed(Box(700, 90, 118, 150)), 7.0) == Look(7.0, 0, None)
