"""The imitated hard cases: what they do to a picture and what they must leave alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.simulated.portrait import draw_visitor
from screening.readings import Box, MaskLabel
from screening.studies.mask.training.augmentation import back_light, print_mouth, wrap_scarf
from screening.studies.mask.training.conditions import (
    Condition,
    Pixels,
    Show,
    all_conditions,
    prepared,
)
from screening.studies.mask.training.coverings import (
    cover_with_hand,
    drape_hijab,
    veil_face,
    wear_clear_mask,
)
from screening.studies.mask.training.heads import as_child, turn_head
from screening.studies.mask.training.shown import show_on_phone, show_on_poster
from screening.vision.annotations import AnnotatedPicture, LabelledFace

FACE = Box(253, 75, 137, 165)
NOTICEABLE_LEVELS = 8
FACE_MIDDLE = round(FACE.x + FACE.w / 2)
CORNERS = np.array([FACE.x, FACE.y, FACE.x + FACE.w, FACE.y + FACE.h], np.float32)
CLOTH = np.random.default_rng(2).integers(0, 256, (60, 80, 3)).astype(np.uint8)
LABEL_THEN = {"transparent mask": MaskLabel.MASK}
NOBODY_THERE = ("nobody", "face on a phone", "face on a poster")
FACES_THEN = {"two people": 2}
CONDITIONS = {condition.name: condition for condition in all_conditions(CLOTH)}


@cache
def drawn(label: MaskLabel) -> bytes:
    """A visitor as the file of a picture."""
    _, file = cv2.imencode(".png", draw_visitor(label.value, rng=np.random.default_rng(1)))
    return file.tobytes()


@pytest.fixture(params=[MaskLabel.MASK, MaskLabel.NO_MASK, MaskLabel.INCORRECT])
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> AnnotatedPicture:
    """One drawn visitor with its face labelled."""
    path = tmp_path / "visitor.png"
    path.write_bytes(drawn(request.param))
    return AnnotatedPicture(path, (LabelledFace(FACE, request.param),), (), "one")


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_keeps_the_label_and_a_box_within_the_picture(
    condition: Condition, picture: AnnotatedPicture
) -> None:
    if condition.name in NOBODY_THERE:
        return
    label = picture.faces[0].label
    for changed, pixels in prepared([picture], condition):
        assert len(changed.faces) == FACES_THEN.get(condition.name, 1)
        assert pixels.dtype == np.uint8
        for face in changed.faces:
            assert face.label is LABEL_THEN.get(condition.name, label)
            assert 0 <= face.box.x < face.box.x + face.box.w <= pixels.shape[1] + 1e-6
            assert 0 <= face.box.y < face.box.y + face.box.h <= pixels.shape[0] + 1e-6


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_the_same_each_time(condition: Condition, picture: AnnotatedPicture) -> None:
    first = [pixels for _, pixels in prepared([picture], condition)]
    again = [pixels for _, pixels in prepared([picture], condition)]
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))


def test_what_covers_a_bare_mouth_is_tried_on_bare_faces_only(picture: AnnotatedPicture) -> None:
    is_bare = picture.faces[0].label is MaskLabel.NO_MASK
    for name in ("hand over the mouth", "scarf", "face veil", "beard", "transparent mask"):
        assert len(list(prepared([picture], CONDITIONS[name]))) == is_bare


def test_where_nobody_is_no_part_of_the_face_is_left(picture: AnnotatedPicture) -> None:
    whole = cv2.imread(str(picture.path))
    left, top, right, bottom = (round(float(corner)) for corner in CORNERS)
    whole[top:bottom, left:right] = (0, 0, 255)
    cv2.imwrite(str(picture.path), whole)
    ((changed, pixels),) = prepared([picture], CONDITIONS["nobody"])
    assert changed.faces == ()
    assert not ((pixels[..., 2] > 200) & (pixels[..., 1] < 50)).any()


def test_two_people_are_two_faces_of_which_each_mirrors_the_other(
    picture: AnnotatedPicture,
) -> None:
    ((changed, pixels),) = prepared([picture], CONDITIONS["two people"])
    first, second = (face.box for face in changed.faces)
    assert first.x + second.x + first.w == pixels.shape[1]
    left, right = (
        pixels[int(box.y) : int(box.y + box.h), int(box.x) : int(box.x + box.w)]
        for box in (first, second)
    )
    assert np.array_equal(left, right[:, ::-1])


def test_a_face_that_fills_the_frame_is_nearly_all_of_it(picture: AnnotatedPicture) -> None:
    ((changed, pixels),) = prepared([picture], CONDITIONS["face fills the frame"])
    rows, columns = pixels.shape[:2]
    assert changed.faces[0].box.area > 0.7 * rows * columns


def test_a_scarf_covers_mouth_and_neck_and_leaves_the_eyes() -> None:
    bare = draw_visitor("no_mask", rng=np.random.default_rng(1))
    worn = wrap_scarf(bare, CORNERS, CLOTH, np.random.default_rng(3))
    changed = (worn != bare).any(axis=2)
    middle = round(FACE.x + FACE.w / 2)
    assert not changed[: round(FACE.y + 0.3 * FACE.h)].any()
    assert changed[round(FACE.y + 0.85 * FACE.h) : round(FACE.y + 1.15 * FACE.h), middle].all()


def test_a_printed_mouth_changes_the_mask_alone() -> None:
    masked = draw_visitor("mask", rng=np.random.default_rng(1))
    bare = draw_visitor("no_mask", rng=np.random.default_rng(4))
    printed = print_mouth(masked, CORNERS, bare, CORNERS)
    changed = np.argwhere((printed != masked).any(axis=2))
    assert len(changed) > 100
    assert changed[:, 0].min() >= FACE.y + 0.6 * FACE.h


def test_back_light_darkens_the_middle_and_brightens_a_corner() -> None:
    grey = np.full((200, 300, 3), 100, np.uint8)
    lit = back_light(grey, np.random.default_rng(5))
    assert lit.min() < 60
    assert lit.max() > 115


def changed_share(before: Pixels, after: Pixels, rows: tuple[float, float]) -> float:
    """How much of the face's middle changed between two heights, 0 its top and 1 its chin."""
    top, bottom = (round(FACE.y + one * FACE.h) for one in rows)
    left, right = round(FACE.x + 0.3 * FACE.w), round(FACE.x + 0.7 * FACE.w)
    seen = np.s_[top:bottom, left:right]
    difference = np.abs(before[seen].astype(int) - after[seen])
    return float((difference > NOTICEABLE_LEVELS).any(axis=2).mean())


def test_a_hijab_frames_the_face_and_leaves_it_free() -> None:
    for seed in range(8):
        bare = draw_visitor("no_mask", rng=np.random.default_rng(1))
        worn = drape_hijab(bare, CORNERS, CLOTH, np.random.default_rng(seed))
        assert changed_share(bare, worn, (0.25, 0.75)) < 0.02
        assert changed_share(bare, worn, (1.25, 1.6)) > 0.6


def test_a_veil_leaves_a_slit_for_the_eyes_alone() -> None:
    for seed in range(8):
        bare = draw_visitor("no_mask", rng=np.random.default_rng(1))
        worn = veil_face(bare, CORNERS, CLOTH, np.random.default_rng(seed))
        assert changed_share(bare, worn, (0.33, 0.39)) < 0.8
        assert changed_share(bare, worn, (0.55, 1.2)) > 0.95


def test_a_clear_mask_lets_the_mouth_be_seen_through_it() -> None:
    for seed in range(8):
        bare = draw_visitor("no_mask", rng=np.random.default_rng(1))
        worn = wear_clear_mask(bare, CORNERS, np.random.default_rng(seed))
        assert changed_share(bare, worn, (0.0, 0.35)) < 0.02
        assert changed_share(bare, worn, (0.6, 0.95)) > 0.4
        mouth = np.s_[round(FACE.y + 0.72 * FACE.h) : round(FACE.y + 0.82 * FACE.h), 300:343]
        alike = np.corrcoef(bare[mouth].ravel(), worn[mouth].ravel())[0, 1]
        assert alike > 0.3


def test_a_hand_covers_the_mouth_and_leaves_an_eye() -> None:
    for seed in range(8):
        bare = draw_visitor("no_mask", rng=np.random.default_rng(1))
        covered = cover_with_hand(bare, CORNERS, np.random.default_rng(seed))
        assert changed_share(bare, covered, (0.72, 0.82)) > 0.6
        assert changed_share(bare, covered, (0.0, 0.3)) < 0.2


@pytest.mark.parametrize("seed", range(8))
def test_a_head_turned_aside_is_narrower_and_as_high(seed: int) -> None:
    bare = draw_visitor("no_mask", rng=np.random.default_rng(1))
    turned, box = turn_head(bare, CORNERS, np.random.default_rng(seed))
    assert turned.shape == bare.shape
    assert 0.7 * FACE.w < box[2] - box[0] < 0.97 * FACE.w
    assert (box[1], box[3]) == (FACE.y, FACE.y + FACE.h)
    assert box[0] + box[2] == pytest.approx(CORNERS[0] + CORNERS[2])


@pytest.mark.parametrize("seed", range(8))
def test_a_childs_face_is_lower_and_its_eyes_sit_deeper(seed: int) -> None:
    # A line across at the height of the eyes shows where they go.
    face = np.full((480, 640, 3), 200, np.uint8)
    face[round(FACE.y + 0.36 * FACE.h)] = 0
    child, box = as_child(face, CORNERS, np.random.default_rng(seed))
    height = box[3] - box[1]
    assert 0.8 * FACE.h < height < 0.97 * FACE.h
    eyes = float(child[:, FACE_MIDDLE, 0].argmin())
    assert 0.39 < (eyes - box[1]) / height < 0.5


@pytest.mark.parametrize("show", [show_on_phone, show_on_poster])
def test_a_face_that_is_shown_has_its_things_frame_around_it(show: Show) -> None:
    bare = draw_visitor("no_mask", rng=np.random.default_rng(1))
    behind = np.full_like(bare, 7)
    for seed in range(8):
        held, box = show(bare, CORNERS, behind, np.random.default_rng(seed))
        is_thing = (held != 7).any(axis=2)
        y = round(float(box[1] + box[3]) / 2)
        assert is_thing[y, round(float(box[0])) : round(float(box[2]))].all()
        assert not is_thing[y, :60].any()
        assert not is_thing[y, -60:].any()


@pytest.mark.parametrize("name", NOBODY_THERE)
def test_where_a_face_is_only_shown_nobody_is_there(name: str, picture: AnnotatedPicture) -> None:
    ((changed, pixels),) = prepared([picture], CONDITIONS[name])
    assert changed.faces == ()
    assert changed.ignored == ()
    assert pixels.shape == (480, 640, 3)
