"""A poster behind the visitor is no visitor."""

from __future__ import annotations

import cv2
import numpy as np

from screening.readings import Box, FaceObservation, MaskLabel
from screening.vision.stillness import (
    FORGOTTEN_AFTER_S,
    LONGEST_GAP_S,
    STILL_AFTER_S,
    StillFaces,
)

STEP_S = 0.5
POSTER = FaceObservation(Box(60, 80, 110, 140), MaskLabel.MASK, 0.97, 0.9)
VISITOR = FaceObservation(Box(300, 120, 130, 170), MaskLabel.NO_MASK, 0.97, 0.9)


class Lane:
    """A camera that looks at a wall with a poster; somebody may stand where they like."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(5)
        self.wall = np.full((480, 640, 3), 150, np.uint8)
        self.paint(self.wall, POSTER.box, seed=1)
        self.noise = [self.rng.normal(0, 3, (480, 640, 1)).astype(np.float32) for _ in range(5)]
        self.stills = StillFaces()
        self.now_s = 50.0

    def paint(self, pixels: np.ndarray, box: Box, *, seed: int, shift_px: float = 0.0) -> None:
        coarse = np.random.default_rng(seed).integers(40, 220, (9, 7), dtype=np.uint8)
        size = (round(box.w), round(box.h))
        drawn = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
        moved = cv2.warpAffine(
            drawn,
            np.array([[1, 0, shift_px], [0, 1, 0]], np.float32),
            size,
            borderMode=cv2.BORDER_REPLICATE,
        )
        x, y = round(box.x), round(box.y)
        pixels[y : y + size[1], x : x + size[0]] = moved[:, :, None]

    def sees(
        self,
        faces: list[FaceObservation],
        *,
        for_s: float = STEP_S,
        sway_px: float = 2.5,
        gain: float = 1.0,
    ) -> list[FaceObservation]:
        """The people in the last picture; a visitor sways, the poster does not."""
        people: list[FaceObservation] = []
        for _ in range(round(for_s / STEP_S)):
            self.now_s += STEP_S
            pixels = self.wall.copy()
            for face in faces:
                if face is not POSTER:
                    sway = sway_px * np.sin(self.now_s)
                    self.paint(pixels, face.box, seed=2, shift_px=sway)
            noise = self.noise[self.rng.integers(len(self.noise))]
            noisy = np.clip(pixels * np.float32(gain) + noise, 0, 255).astype(np.uint8)
            people = self.stills.people(noisy, faces, self.now_s)
        return people


def test_a_face_that_does_not_move_is_a_picture_in_the_end() -> None:
    lane = Lane()
    assert lane.sees([POSTER], for_s=STILL_AFTER_S - 1) == [POSTER]
    assert lane.sees([POSTER], for_s=2) == []


def test_somebody_who_sways_is_a_person_however_long_they_stand() -> None:
    lane = Lane()
    for _ in range(12):
        assert lane.sees([VISITOR], for_s=2) == [VISITOR]


def test_the_visitor_in_front_of_a_poster_stands_alone() -> None:
    lane = Lane()
    lane.sees([POSTER], for_s=STILL_AFTER_S + 1)
    assert lane.sees([POSTER, VISITOR], for_s=5) == [VISITOR]


def test_a_picture_stays_known_while_somebody_stands_before_it() -> None:
    lane = Lane()
    lane.sees([POSTER], for_s=STILL_AFTER_S + 1)
    before_it = FaceObservation(Box(50, 70, 120, 160), MaskLabel.MASK, 0.97, 0.9)
    assert lane.sees([before_it], for_s=30) == [before_it]
    assert lane.sees([POSTER]) == []


def test_a_picture_that_was_taken_away_is_forgotten() -> None:
    lane = Lane()
    lane.sees([POSTER], for_s=STILL_AFTER_S + 1)
    poster = lane.wall.copy()
    lane.wall[:] = 150
    lane.sees([], for_s=1)
    lane.now_s += FORGOTTEN_AFTER_S
    lane.sees([])
    lane.wall = poster
    assert lane.sees([POSTER]) == [POSTER]


def test_a_change_of_the_exposure_is_no_movement() -> None:
    lane = Lane()
    lane.sees([POSTER], for_s=STILL_AFTER_S / 2)
    assert lane.sees([POSTER], for_s=STILL_AFTER_S / 2 + 1, gain=0.93) == []


def test_a_place_that_was_not_watched_has_to_be_watched_anew() -> None:
    lane = Lane()
    lane.sees([POSTER], for_s=STILL_AFTER_S - 1)
    lane.now_s += LONGEST_GAP_S
    assert lane.sees([POSTER], for_s=STILL_AFTER_S - 1) == [POSTER]


def test_a_face_outside_the_picture_is_left_as_it_is() -> None:
    lane = Lane()
    outside = FaceObservation(Box(700, 500, 80, 90), MaskLabel.MASK, 0.97, 0.9)
    assert lane.stills.people(lane.wall, [outside], 1.0) == [outside]
