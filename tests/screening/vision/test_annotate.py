"""The guard's live picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from screening.readings import Box, FaceObservation, MaskAdvice, MaskLabel, MaskReading
from screening.vision.annotate import COLOURS, NEUTRAL, draw, percentage, to_jpeg

BLACK = np.zeros((480, 640, 3), np.uint8)
FACE = FaceObservation(Box(240, 120, 150, 190), MaskLabel.NO_MASK, 0.9, 0.9)


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((picture == np.array(colour)).all(axis=2).any())


@pytest.mark.parametrize("label", list(MaskLabel))
def test_each_label_has_its_own_colour(label: MaskLabel) -> None:
    face = FaceObservation(FACE.box, label, 0.9, 0.9)
    drawn = draw(BLACK, [face], None)
    assert [other for other in MaskLabel if has_colour(drawn, COLOURS[other])] == [label]


def test_the_picture_given_stays_as_it_is() -> None:
    draw(BLACK, [FACE], None)
    assert not BLACK.any()


def test_the_front_face_shows_the_stable_result() -> None:
    stable = MaskReading(MaskLabel.MASK, None, 0.9, 4, 1.0)
    drawn = draw(BLACK, [FACE], stable)
    assert has_colour(drawn, COLOURS[MaskLabel.MASK])
    assert not has_colour(drawn, COLOURS[MaskLabel.NO_MASK])


def test_the_front_face_is_neutral_while_unsure() -> None:
    unsure = MaskReading(None, MaskAdvice.UNSURE, 0.4, 1, 1.0)
    assert has_colour(draw(BLACK, [FACE], unsure), NEUTRAL)


def test_each_result_has_its_own_sign_whatever_its_colour() -> None:
    signs = set()
    for label in (*MaskLabel, None):
        advice = None if label else MaskAdvice.UNSURE
        drawn = draw(BLACK, [FACE], MaskReading(label, advice, 0.9, 4, 1.0))
        plate = drawn[round(FACE.box.y) - 18 : round(FACE.box.y) - 4, 242:262]
        ground = plate[0, -1]
        signs.add((plate != ground).any(axis=2).tobytes())
        assert (plate != ground).any()
    assert len(signs) == len(MaskLabel) + 1


@pytest.mark.parametrize("box", [Box(-20, -20, 60, 60), Box(600, 440, 90, 90), Box(0, 0, 640, 480)])
def test_faces_at_the_border_can_be_drawn(box: Box) -> None:
    face = FaceObservation(box, MaskLabel.MASK, 0.9, 0.9)
    assert draw(BLACK, [face], None).shape == BLACK.shape


def test_no_faces_leave_the_picture_as_it_is() -> None:
    assert (draw(BLACK, [], None) == BLACK).all()


def test_the_jpeg_can_be_decoded() -> None:
    encoded = to_jpeg(draw(BLACK, [FACE], None))
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == BLACK.shape


def test_lower_quality_is_smaller() -> None:
    noise = np.random.default_rng(1).integers(0, 256, BLACK.shape, dtype=np.uint8)
    assert len(to_jpeg(noise, 20)) < len(to_jpeg(noise, 90))
    with pytest.raises(ValueError, match="1 to 100"):
        to_jpeg(noise, 0)


@pytest.mark.parametrize(
    ("confidence", "written"),
    [(0.0, "0%"), (0.804, "80%"), (0.99, "99%"), (0.996, ">99%"), (1.0, ">99%")],
)
def test_nothing_claims_to_be_certain(confidence: float, written: str) -> None:
    assert percentage(confidence) == written
