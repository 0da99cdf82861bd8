"""A face on a phone or a poster is no visitor, however it is held."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulated.portrait import Wearing, draw_visitor
from screening.readings import Box, FaceObservation, MaskLabel
from screening.studies.mask.training.shown import show_on_phone, show_on_poster
from screening.vision.framed import LOOKED_AT_S, ShownFaces, frame_around

Pixels = NDArray[np.uint8]
FACE = Box(253, 75, 137, 165)
CORNERS = np.array([FACE.x, FACE.y, FACE.x + FACE.w, FACE.y + FACE.h], np.float32)
# Phones show a face smaller than a visitor's own.
HALF = Box(253, 150, 69, 83)
EVERY_S = 0.125


def visitor(wearing: Wearing = "mask", seed: int = 1) -> Pixels:
    return draw_visitor(wearing, rng=np.random.default_rng(seed))


def on_a_phone(seed: int, wearing: Wearing = "mask") -> tuple[Pixels, Box]:
    """A phone held before a grey wall, showing a drawn visitor; and the face's box."""
    drawn = visitor(wearing, seed)
    scale = HALF.w / FACE.w
    shift = np.array([[scale, 0, HALF.x - scale * FACE.x], [0, scale, HALF.y - scale * FACE.y]])
    small = cv2.warpAffine(drawn, shift, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    corners = np.array([HALF.x, HALF.y, HALF.x + HALF.w, HALF.y + HALF.h], np.float32)
    rng = np.random.default_rng(seed)
    wall = np.full_like(drawn, 150)
    show = show_on_phone if seed % 2 else show_on_poster
    held, box = show(np.asarray(small, np.uint8), corners, wall, rng)
    return held, Box(*(float(v) for v in (*box[:2], *(box[2:] - box[:2]))))


def seen(box: Box) -> FaceObservation:
    return FaceObservation(box, MaskLabel.MASK, 0.9, 0.9)


@pytest.mark.parametrize("wearing", ["mask", "no_mask", "incorrect"])
@pytest.mark.parametrize("seed", range(3))
def test_a_visitor_has_no_frame(wearing: Wearing, seed: int) -> None:
    assert not frame_around(visitor(wearing, seed), FACE).is_frame


def test_most_phones_and_posters_have_one() -> None:
    found = [frame_around(*on_a_phone(seed)).is_frame for seed in range(12)]
    assert sum(found) >= 9


@pytest.mark.parametrize("seed", range(4))
def test_a_visitor_before_a_door_has_no_frame(seed: int) -> None:
    """The door's sides and top are seen; its lower end is behind the visitor."""
    drawn = visitor("no_mask", seed)
    before = drawn.copy()
    cv2.rectangle(before, (190, 20), (455, 470), (30, 30, 30), 6)
    before[70:, 250:395] = drawn[70:, 250:395]
    before[330:] = drawn[330:]
    assert not frame_around(before, FACE).is_frame


@pytest.mark.parametrize(
    "box",
    [
        pytest.param(Box(900, 900, 80, 90), id="outside"),
        pytest.param(Box(10, 10, 0, 0), id="without area"),
        pytest.param(Box(0, 0, 640, 480), id="the whole picture"),
        pytest.param(Box(639, 479, 80, 90), id="one pixel"),
        pytest.param(Box(5, 5, 0.4, 90), id="thinner than a pixel"),
    ],
)
def test_odd_boxes_have_no_frame(box: Box) -> None:
    assert not frame_around(visitor(), box).is_frame


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_tone_has_no_frame(value: int) -> None:
    assert not frame_around(np.full((480, 640, 3), value, np.uint8), FACE).is_frame


class TestShownFaces:
    def test_a_phone_is_no_person_from_the_first_picture_on(self) -> None:
        shown = ShownFaces()
        held, box = on_a_phone(3)
        assert frame_around(held, box).is_frame
        for number in range(12):
            assert shown.people(held, [seen(box)], number * EVERY_S) == []

    def test_who_holds_the_phone_is_a_person(self) -> None:
        shown = ShownFaces()
        held, box = on_a_phone(3)
        holder = seen(Box(520, 200, 60, 75))
        assert shown.people(held, [seen(box), holder], 0.0) == [holder]

    def test_a_visitor_is_a_person(self) -> None:
        shown = ShownFaces()
        for number in range(12):
            faces = [seen(FACE)]
            assert shown.people(visitor(), faces, number * EVERY_S) == faces

    def test_one_odd_picture_among_several_does_not_hide_a_visitor(self) -> None:
        shown = ShownFaces()
        held, box = on_a_phone(3)
        plain = np.full_like(held, 150)
        for number in range(3):
            shown.people(plain, [seen(box)], number * EVERY_S)
        assert shown.people(held, [seen(box)], 3 * EVERY_S) == [seen(box)]

    def test_a_visitor_who_puts_the_phone_away_is_seen_within_seconds(self) -> None:
        shown = ShownFaces()
        held, box = on_a_phone(3)
        for number in range(20):
            shown.people(held, [seen(box)], number * EVERY_S)
        plain = np.full_like(held, 150)
        later_s = 20 * EVERY_S + np.arange(24) * EVERY_S
        told = [shown.people(plain, [seen(box)], float(now_s)) for now_s in later_s]
        assert told[0] == []
        assert told[-1] == [seen(box)]

    def test_another_place_is_looked_at_anew(self) -> None:
        shown = ShownFaces()
        held, box = on_a_phone(3)
        shown.people(held, [seen(box)], 0.0)
        elsewhere = seen(Box(20, 20, box.w, box.h))
        assert shown.people(np.full_like(held, 150), [elsewhere], EVERY_S) == [elsewhere]

    def test_what_was_long_ago_is_forgotten(self) -> None:
        shown = ShownFaces()
        held, box = on_a_phone(3)
        shown.people(held, [seen(box)], 0.0)
        now_s = LOOKED_AT_S + 0.1
        assert shown.people(np.full_like(held, 150), [seen(box)], now_s) == [seen(box)]
