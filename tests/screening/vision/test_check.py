"""The shipped models on real pictures: a public-domain portrait, with and without drawn masks."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from drivers.simulated.portrait import draw_visitor
from screening.readings import MaskAdvice, MaskLabel
from screening.studies.mask.evaluation import evaluate
from screening.vision.annotations import read_annotations, read_picture
from screening.vision.check import MaskCheck
from screening.vision.window import MaskWindow

BUDGET_BYTES = 3 * 1024 * 1024
SEEDS = range(6)


@pytest.mark.parametrize("wearing", ["mask", "no_mask", "incorrect"])
def test_the_visitor_in_front_is_judged_right(
    check: MaskCheck, wearing: Literal["mask", "no_mask", "incorrect"]
) -> None:
    labels: Counter[str] = Counter()
    for seed in SEEDS:
        faces = check.check(draw_visitor(wearing, rng=np.random.default_rng(seed)))
        labels.update([faces[0].label.value] if len(faces) == 1 else [f"{len(faces)} faces"])
    assert labels == {wearing: len(SEEDS)}


def test_an_empty_lobby_has_no_face(check: MaskCheck) -> None:
    for seed in SEEDS:
        assert check.check(draw_visitor("nobody", rng=np.random.default_rng(seed))) == []


def test_two_people_are_two_faces(check: MaskCheck) -> None:
    for seed in SEEDS:
        faces = check.check(draw_visitor("two_people", rng=np.random.default_rng(seed)))
        assert sorted(face.label for face in faces) == [MaskLabel.MASK, MaskLabel.NO_MASK]


@pytest.mark.parametrize(
    ("wearing", "label", "advice"),
    [
        ("mask", MaskLabel.MASK, None),
        ("no_mask", MaskLabel.NO_MASK, None),
        ("incorrect", MaskLabel.INCORRECT, None),
        ("two_people", None, MaskAdvice.TWO_FACES),
        ("nobody", None, MaskAdvice.NO_FACE),
    ],
)
def test_half_a_second_of_pictures_gives_a_stable_result(
    check: MaskCheck,
    wearing: Literal["mask", "no_mask", "incorrect", "two_people", "nobody"],
    label: MaskLabel | None,
    advice: MaskAdvice | None,
) -> None:
    window, rng = MaskWindow(), np.random.default_rng(3)
    for index in range(5):
        faces = check.check(draw_visitor(wearing, rng=rng))
        reading = window.add(faces, (640, 480), 1.0 + index * 0.1)
    assert (reading.label, reading.advice) == (label, advice)


def test_boxes_are_in_the_pixels_of_the_picture_whatever_its_size(check: MaskCheck) -> None:
    rng = np.random.default_rng(1)
    large = draw_visitor("no_mask", width=1280, height=960, rng=rng)
    (face,) = check.check(large)
    assert 0.4 < (face.box.x + face.box.w / 2) / 1280 < 0.6
    assert 180 < face.box.w < 420
    assert face.box.y >= 0
    assert face.box.y + face.box.h <= 960


def test_faces_come_surest_first_and_their_figures_are_shares(check: MaskCheck) -> None:
    faces = check.check(draw_visitor("two_people", rng=np.random.default_rng(4)))
    scores = [face.face_score for face in faces]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < value <= 1 for face in faces for value in (face.confidence, face.face_score))


def test_a_face_that_fills_the_picture_is_found(check: MaskCheck) -> None:
    picture = draw_visitor("no_mask", width=1280, height=960, rng=np.random.default_rng(2))
    (face,) = check.check(picture)
    top, left = int(face.box.y), int(face.box.x)
    filling = picture[top : top + int(face.box.h), left : left + int(face.box.w)]
    found = check.check(np.ascontiguousarray(filling))
    assert found
    assert found[0].box.area > 0.5 * filling.shape[0] * filling.shape[1]


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (900, 3, 3), (33, 47, 3)])
def test_odd_sizes_are_no_error(check: MaskCheck, shape: tuple[int, int, int]) -> None:
    assert isinstance(check.check(np.full(shape, 128, np.uint8)), list)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(np.zeros((480, 640), np.uint8), id="gray"),
        pytest.param(np.zeros((480, 640, 4), np.uint8), id="with transparency"),
        pytest.param(np.zeros((0, 640, 3), np.uint8), id="empty"),
        pytest.param(np.zeros((480, 640, 3), np.float32), id="not bytes"),
    ],
)
def test_what_is_not_a_colour_picture_is_refused(check: MaskCheck, picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a picture must be"):
        check.check(picture)


def test_the_same_picture_gives_the_same_answer(check: MaskCheck) -> None:
    picture = draw_visitor("mask", rng=np.random.default_rng(8))
    assert check.check(picture) == MaskCheck().check(picture)


def test_the_models_are_small_enough_to_ship() -> None:
    models = files("screening.vision").joinpath("models")
    sizes = [len(models.joinpath(name).read_bytes()) for name in ("face.onnx", "mask.onnx")]
    assert sum(sizes) <= BUDGET_BYTES
    assert models.joinpath("MODEL_CARD.md").is_file()


def test_the_check_holds_its_figures_on_unseen_pictures(
    check: MaskCheck, labelled_pictures: Path, tmp_path: Path
) -> None:
    """Every fifth validation picture, with bounds well below the figures of the model card."""
    sample = read_annotations(labelled_pictures)[::5]
    rows = ["file,x,y,w,h,label"]
    ignored = ["file,x,y,w,h"]
    for picture in sample:
        name = picture.path.name
        (tmp_path / name).symlink_to(picture.path)
        for face in picture.faces:
            box = face.box
            rows.append(f"{name},{box.x},{box.y},{box.w},{box.h},{face.label.value}")
        ignored += [f"{name},{box.x},{box.y},{box.w},{box.h}" for box in picture.ignored]
    (tmp_path / "annotations.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "ignore.csv").write_text("\n".join(ignored) + "\n")
    result = evaluate(tmp_path, check)
    assert len(result.faces) > 100
    assert result.accuracy is not None
    assert result.accuracy > 0.85
    assert result.missed < 0.1 * len(result.faces)
    assert len(result.false_faces) < 0.08 * len(result.faces)


def test_a_labelled_picture_can_be_read_and_checked(
    check: MaskCheck, labelled_pictures: Path
) -> None:
    picture = next(one for one in read_annotations(labelled_pictures) if one.faces)
    assert check.check(read_picture(picture.path))
