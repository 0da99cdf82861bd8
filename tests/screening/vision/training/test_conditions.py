"""The imitated hard cases: what they do to a picture and what they must leave alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.simulated.portrait import draw_visitor
from screening.readings import Box, MaskLabel
from screening.vision.annotations import AnnotatedPicture, LabelledFace
from screening.vision.training.augmentation import back_light, print_mouth, wrap_scarf
from screening.vision.training.conditions import Condition, all_conditions, prepared

FACE = Box(253, 75, 137, 165)
CORNERS = np.array([FACE.x, FACE.y, FACE.x + FACE.w, FACE.y + FACE.h], np.float32)
CLOTH = np.random.default_rng(2).integers(0, 256, (60, 80, 3)).astype(np.uint8)
CONDITIONS = {condition.name: condition for condition in all_conditions(CLOTH)}


@pytest.fixture(params=[MaskLabel.MASK, MaskLabel.NO_MASK, MaskLabel.INCORRECT])
def picture(request: pytest.FixtureRequest, tmp_path: Path) -> AnnotatedPicture:
    """One drawn visitor with its face labelled."""
    path = tmp_path / "visitor.png"
    cv2.imwrite(str(path), draw_visitor(request.param.value, rng=np.random.default_rng(1)))
    return AnnotatedPicture(path, (LabelledFace(FACE, request.param),), (), "one")


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_keeps_the_label_and_a_box_within_the_picture(
    condition: Condition, picture: AnnotatedPicture
) -> None:
    for changed, pixels in prepared([picture], condition):
        (face,) = changed.faces
        assert face.label is picture.faces[0].label
        assert pixels.dtype == np.uint8
        assert 0 <= face.box.x < face.box.x + face.box.w <= pixels.shape[1] + 1e-6
        assert 0 <= face.box.y < face.box.y + face.box.h <= pixels.shape[0] + 1e-6


@pytest.mark.parametrize("condition", CONDITIONS.values(), ids=CONDITIONS)
def test_a_condition_is_the_same_each_time(condition: Condition, picture: AnnotatedPicture) -> None:
    first = [pixels for _, pixels in prepared([picture], condition)]
    again = [pixels for _, pixels in prepared([picture], condition)]
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))


def test_what_covers_a_bare_mouth_is_tried_on_bare_faces_only(picture: AnnotatedPicture) -> None:
    is_bare = picture.faces[0].label is MaskLabel.NO_MASK
    for name in ("hand over the mouth", "scarf", "beard"):
        assert len(list(prepared([picture], CONDITIONS[name]))) == is_bare


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
