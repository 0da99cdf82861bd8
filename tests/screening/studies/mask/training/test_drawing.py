"""Training scenes and crops: what they promise about boxes, labels and repeatability."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.simulated.portrait import draw_visitor
from screening.readings import MaskLabel
from screening.studies.mask.training.augmentation import cover_lower_face, degrade, paint_hand
from screening.studies.mask.training.mistakes import collect_mistakes
from screening.studies.mask.training.pictures import LABELS, LONGEST_SIDE_PX, load_pictures
from screening.studies.mask.training.portraits import NO_FACE, collect, draw_crop
from screening.studies.mask.training.scenes import SMALLEST_FACE_PX, draw_scene
from screening.vision.crop import CROP_SIDE_PX
from screening.vision.faces import FaceFinder

HEADER = "file,x,y,w,h,label"
FACE_BOX = "253,75,137,165"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One drawn visitor of each label, annotated."""
    path = tmp_path_factory.mktemp("pictures")
    rows = [HEADER]
    for wearing in ("mask", "no_mask", "incorrect"):
        picture = draw_visitor(wearing, rng=np.random.default_rng(1))
        cv2.imwrite(str(path / f"{wearing}.png"), picture)
        rows.append(f"{wearing}.png,{FACE_BOX},{wearing}")
    (path / "annotations.csv").write_text("\n".join(rows) + "\n")
    (path / "ignore.csv").write_text("file,x,y,w,h\nmask.png,10,10,40,50\n")
    return path


def test_large_pictures_are_shrunk_with_their_boxes(folder: Path) -> None:
    picture = load_pictures(folder)[0]
    assert max(picture.pixels.shape[:2]) == LONGEST_SIDE_PX
    shrunk = LONGEST_SIDE_PX / 640
    assert picture.boxes[0] == pytest.approx(np.array([253, 75, 390, 240]) * shrunk, abs=0.01)


def test_boxes_of_a_scene_lie_in_it_and_are_large_enough(folder: Path) -> None:
    pictures, rng = load_pictures(folder), np.random.default_rng(2)
    scenes = [draw_scene(pictures, 256, 320, rng) for _ in range(60)]
    assert sum(len(scene.boxes) for scene in scenes) > 30
    assert any(len(scene.boxes) == 0 for scene in scenes)
    for scene in scenes:
        assert scene.pixels.shape == (256, 320, 3)
        boxes = np.vstack([scene.boxes, scene.ignored])
        assert (boxes >= 0).all()
        assert (boxes <= np.array([320, 256, 320, 256])).all()
        sides = scene.boxes[:, 2:] - scene.boxes[:, :2]
        assert (sides >= SMALLEST_FACE_PX).all()


def test_the_same_seed_draws_the_same_scene(folder: Path) -> None:
    pictures = load_pictures(folder)
    first, second = (
        draw_scene(pictures, 320, 320, np.random.default_rng((1, 7))) for _ in range(2)
    )
    assert (first.pixels == second.pixels).all()
    assert (first.boxes == second.boxes).all()


def test_crops_of_every_label_are_drawn(folder: Path) -> None:
    portraits, rng = collect(load_pictures(folder)), np.random.default_rng(3)
    assert {label: len(faces) for label, faces in portraits.items()} == dict.fromkeys(MaskLabel, 1)
    drawn = [draw_crop(portraits, rng) for _ in range(80)]
    assert {LABELS[label] for _, label in drawn} == set(MaskLabel)
    assert all(crop.shape == (CROP_SIDE_PX, CROP_SIDE_PX, 3) for crop, _ in drawn)
    assert all(crop.dtype == np.uint8 for crop, _ in drawn)


def test_labelled_faces_are_no_mistakes_of_the_detector(folder: Path) -> None:
    pictures, finder = load_pictures(folder), FaceFinder()
    unlabelled = [replace(picture, boxes=np.zeros((0, 4), np.float32)) for picture in pictures]
    with_labels = collect_mistakes(pictures, finder, seed=1)
    assert len(collect_mistakes(unlabelled, finder, seed=1)) >= len(with_labels) + len(pictures)


def test_mistakes_are_drawn_as_no_face(folder: Path) -> None:
    unlabelled = [
        replace(picture, boxes=np.zeros((0, 4), np.float32)) for picture in load_pictures(folder)
    ]
    mistakes = collect_mistakes(unlabelled, FaceFinder(), seed=1)
    assert len(mistakes) >= len(unlabelled)
    portraits, rng = collect(load_pictures(folder)), np.random.default_rng(3)
    labels = [draw_crop(portraits, rng, mistakes)[1] for _ in range(200)]
    assert 0.1 < labels.count(NO_FACE) / len(labels) < 0.3


@pytest.mark.parametrize("shape", [(96, 96, 3), (256, 320, 3)])
def test_a_degraded_picture_keeps_its_size(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(4)
    picture = np.full(shape, 128, np.uint8)
    for _ in range(80):
        worse = degrade(picture, rng)
        assert worse.shape == shape
        assert worse.dtype == np.uint8
    assert (picture == 128).all()


def test_hands_and_cloth_change_the_face_only(folder: Path) -> None:
    picture = load_pictures(folder)[0]
    rng = np.random.default_rng(5)
    face = picture.boxes[0]
    for covered in (
        paint_hand(picture.pixels, face, rng),
        cover_lower_face(picture.pixels, face, picture.pixels[::-1], rng),
    ):
        changed = (covered != picture.pixels).any(axis=2)
        lower = round((face[1] + face[3]) / 2)
        assert changed[lower : round(face[3])].any()
        assert not changed[-20:].all()
