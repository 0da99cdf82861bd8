"""Where in a thermal picture the gate looks, and what it tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from screening.gate.thermal import FACE_KEPT_S, STALE_AFTER_S, ThermalSight
from screening.readings import (
    Box,
    MaskAdvice,
    MaskLabel,
    MaskReading,
    TemperatureReading,
    ThermalPicture,
)
from screening.temperature.affine_mapping import AffineMapping
from screening.temperature.array import Refusal
from screening.temperature.instrument.face_mapping import Step

STRAIGHT = AffineMapping(((32, 0, -0.5), (0, 24, -0.5)), 0, 0, 0)
"""Camera and array see the same."""

LEFT_FACE = Box(0.1, 0.3, 0.25, 0.45)
IN_MIDDLE, AT_LEFT = (11, 15), (11, 5)


@dataclass
class Seen:
    """An array before which two warm spots stand: 36.0 in the middle, 35.2 in the left face."""

    sight: ThermalSight
    now_s: float = 0.0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))

    def camera_tells(
        self, face: Box | None, advice: MaskAdvice | None = None, label: MaskLabel | None = None
    ) -> None:
        self.sight.saw(MaskReading(label, advice, 0.9, 5, self.now_s, face))

    def pictures(self, count: int = 1, *, dead: bool = False) -> TemperatureReading | None:
        """So many pictures, four a second; what the last one gives."""
        reading = None
        for _ in range(count):
            self.now_s += 0.25
            celsius = self.rng.normal(26, 0.08, (24, 32)).astype(np.float32)
            celsius[9:14, 13:18] += 8
            celsius[9:14, 4:8] += 8
            celsius[IN_MIDDLE], celsius[AT_LEFT] = 36.0, 35.2 + 0.001 * self.rng.random()
            if not dead:
                celsius[IN_MIDDLE] += self.rng.normal(0, 0.08)
            reading = self.sight.take(ThermalPicture(celsius, 30.0, self.now_s))
        return reading

    @property
    def found_at(self) -> tuple[int | None, int | None]:
        look = self.sight.newest(self.now_s)
        assert look is not None
        return look.found.row, look.found.column


@pytest.fixture
def seen() -> Seen:
    seen = Seen(ThermalSight(STRAIGHT))
    seen.pictures(8)
    return seen


def test_the_middle_counts_while_no_camera_tells(seen: Seen) -> None:
    seen.pictures()
    assert seen.found_at == IN_MIDDLE


def test_the_face_that_the_camera_sees_counts_wherever_it_is(seen: Seen) -> None:
    seen.camera_tells(LEFT_FACE)
    reading = seen.pictures()
    assert reading is not None
    assert reading.object_celsius == pytest.approx(35.2, abs=0.01)
    assert seen.found_at == AT_LEFT


def test_without_a_mapping_the_box_means_nothing() -> None:
    seen = Seen(ThermalSight())
    seen.pictures(8)
    seen.camera_tells(LEFT_FACE)
    seen.pictures()
    assert seen.found_at == IN_MIDDLE


def test_a_blink_of_the_camera_does_not_move_the_region(seen: Seen) -> None:
    seen.camera_tells(LEFT_FACE)
    seen.camera_tells(None, MaskAdvice.UNSURE)
    seen.pictures()
    assert seen.found_at == AT_LEFT


def test_a_face_that_left_or_is_long_not_seen_is_forgotten(seen: Seen) -> None:
    seen.camera_tells(LEFT_FACE)
    seen.camera_tells(None, MaskAdvice.NO_FACE)
    seen.pictures()
    assert seen.found_at == IN_MIDDLE
    seen.camera_tells(LEFT_FACE)
    seen.now_s += FACE_KEPT_S
    seen.pictures()
    assert seen.found_at == IN_MIDDLE


def test_of_two_people_nobody_is_measured(seen: Seen) -> None:
    seen.camera_tells(LEFT_FACE, MaskAdvice.TWO_FACES)
    assert seen.pictures() is None
    seen.camera_tells(LEFT_FACE, label=MaskLabel.MASK)
    assert seen.pictures(4) is not None


def test_a_camera_that_fell_silent_on_two_people_does_not_stop_the_array_for_good(
    seen: Seen,
) -> None:
    seen.camera_tells(None, MaskAdvice.TWO_FACES)
    assert seen.pictures() is None
    seen.now_s += FACE_KEPT_S
    assert seen.pictures() is not None


def test_a_doubt_that_comes_and_goes_gives_no_value_in_between(seen: Seen) -> None:
    for _ in range(6):
        seen.camera_tells(None, MaskAdvice.TWO_FACES)
        assert seen.pictures() is None
        seen.camera_tells(LEFT_FACE)
        assert seen.pictures(2) is None
    assert seen.pictures(2) is not None


def test_a_doubt_that_comes_and_goes_is_told_as_one_that_stays(seen: Seen) -> None:
    for _ in range(3):
        seen.camera_tells(None, MaskAdvice.TWO_FACES)
        seen.pictures()
        seen.camera_tells(LEFT_FACE)
        seen.pictures(2)
    view = seen.sight.view(seen.now_s)
    assert view is not None
    assert view.refusals == (Refusal.SEVERAL_FACES,)


def test_why_there_is_no_value_is_told_once_it_has_lasted(seen: Seen) -> None:
    def told() -> tuple[Refusal, ...]:
        view = seen.sight.view(seen.now_s)
        assert view is not None
        return view.refusals

    seen.pictures(8)
    assert told() == ()
    seen.camera_tells(None, MaskAdvice.TWO_FACES)
    seen.pictures(3)
    assert told() == ()
    seen.camera_tells(None, MaskAdvice.TWO_FACES)
    seen.pictures(3)
    assert told() == (Refusal.SEVERAL_FACES,)
    seen.camera_tells(None, MaskAdvice.NO_FACE)
    seen.pictures(2)
    assert told() == (Refusal.SEVERAL_FACES,)
    seen.pictures(4)
    assert told() == ()


def test_a_dead_pixel_at_the_maximum_is_marked_and_told() -> None:
    seen = Seen(ThermalSight(STRAIGHT))
    assert seen.pictures(16, dead=True) is None
    look, view = seen.sight.newest(seen.now_s), seen.sight.view(seen.now_s)
    assert look is not None
    assert view is not None
    assert np.argwhere(look.broken).tolist() == [list(IN_MIDDLE)]
    assert view.refusals == (Refusal.DEAD_PIXELS_AT_MAXIMUM,)
    assert (view.rows, view.columns, view.follows_face) == (24, 32, True)


def test_an_old_picture_is_not_shown_as_live(seen: Seen) -> None:
    assert seen.sight.newest(seen.now_s + STALE_AFTER_S) is not None
    assert seen.sight.newest(seen.now_s + STALE_AFTER_S + 0.1) is None
    assert seen.sight.view(seen.now_s + STALE_AFTER_S + 0.1) is None
    assert ThermalSight().view(0.0) is None


def test_places_for_a_mapping_are_taken_while_somebody_asks() -> None:
    seen = Seen(ThermalSight())
    seen.pictures(4)
    assert seen.sight.walked(seen.now_s) is None
    for _ in range(3):
        for _ in range(4):
            seen.camera_tells(LEFT_FACE)
            seen.pictures()
        walked = seen.sight.walked(seen.now_s)
    assert walked is not None
    assert len(walked.pairs) == 1
    seen.now_s += 60
    seen.camera_tells(Box(0.6, 0.3, 0.25, 0.45))
    seen.pictures(16)
    assert seen.sight.walked(seen.now_s) == walked
    seen.sight.walk_anew()
    assert seen.sight.walked(seen.now_s) is None


def test_with_two_people_no_place_is_taken() -> None:
    seen = Seen(ThermalSight())
    seen.sight.walked(0.0)
    for _ in range(12):
        seen.camera_tells(LEFT_FACE, MaskAdvice.TWO_FACES)
        seen.pictures()
    walked = seen.sight.walked(seen.now_s)
    assert walked is not None
    assert (walked.step, walked.pairs) == (Step.COME, ())
