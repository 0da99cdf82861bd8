"""Pictures are taken spaced in time, each with the one face, and not without end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from screening.clock import FakeClock
from screening.ports import AvailabilityListener, ReadingListener
from screening.readings import Availability, Box, DeviceKind, FaceObservation, Image, MaskLabel
from screening.vision.collecting import LEAST_FACE_PX, PATIENCE_S, Plan, collect

PERIOD_S = 0.25
PLAN = Plan(count=3, every_s=1.0, timeout_s=60)


def face(side: float = 100) -> FaceObservation:
    return FaceObservation(Box(5, 6, side, side + 1), MaskLabel.MASK, 0.9, 0.9)


NOBODY: list[FaceObservation] = []
ONE, TWO, SMALL = [face()], [face(), face()], [face(LEAST_FACE_PX - 1)]


class FakeCamera:
    """A picture every 0.25 s of the clock until the script is over; the first pixel counts."""

    kind = DeviceKind.CAMERA

    def __init__(self, pictures: int, clock: FakeClock, *, error: str | None = None) -> None:
        self._pictures = pictures
        self._clock = clock
        self.availability = Availability(
            DeviceKind.CAMERA, available=error is None, since_s=0.0, last_error=error
        )

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        """Nothing to begin."""

    def close(self) -> None:
        """Nothing to end."""

    def newest(self) -> Image | None:
        raise AssertionError("whoever collects waits for a newer picture")

    def wait_newer(self, sequence: int, timeout_s: float) -> Image | None:
        step_s = PERIOD_S if sequence < self._pictures else timeout_s
        self._clock.move_to(self._clock.now() + timedelta(seconds=step_s))
        if sequence >= self._pictures:
            return None
        pixels = np.full((480, 640, 3), sequence + 1, np.uint8)
        return Image(pixels, self._clock.monotonic_s(), sequence + 1)


class ScriptedCheck:
    """What is seen in each picture it is shown; the last goes on."""

    def __init__(self, seen: Iterable[list[FaceObservation]]) -> None:
        self._seen = list(seen)

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]:
        return self._seen.pop(0) if len(self._seen) > 1 else self._seen[0]


class Keeper:
    """What was kept, when, and what was told."""

    def __init__(self) -> None:
        self.clock = FakeClock(datetime(2026, 11, 25, tzinfo=UTC))
        self.times_s: list[float] = []
        self.boxes: list[Box] = []
        self.told: list[str] = []

    def run(
        self, *seen: list[FaceObservation], plan: Plan = PLAN, pictures: int = 1000,
        error: str | None = None,
    ) -> int:  # fmt: skip
        def keep(pixels: NDArray[np.uint8], box: Box) -> None:
            self.times_s.append(self.clock.monotonic_s())
            self.boxes.append(box)

        camera = FakeCamera(pictures, self.clock, error=error)
        return collect(
            camera, ScriptedCheck(seen), keep, plan=plan, clock=self.clock, tell=self.told.append
        )


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


def test_keeps_so_many_pictures_spaced_in_time(keeper: Keeper) -> None:
    assert keeper.run(ONE) == 3
    assert keeper.times_s == [0.25, 1.25, 2.25]
    assert keeper.boxes == [ONE[0].box] * 3
    assert keeper.told[-1] == "picture 3 of 3"


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        pytest.param(NOBODY, "no face", id="nobody"),
        pytest.param(TWO, "2 faces: only one person may be in the picture", id="two"),
        pytest.param(SMALL, "the face is too small: come closer", id="far"),
    ],
)
def test_skips_a_picture_without_the_one_face_and_tells_why_once(
    keeper: Keeper, seen: list[FaceObservation], why: str
) -> None:
    assert keeper.run(seen, seen, ONE) == 3
    assert keeper.told.count(f"skipped: {why}") == 1
    assert keeper.times_s[0] == 0.75


def test_stops_when_the_time_is_over(keeper: Keeper) -> None:
    assert keeper.run(NOBODY, plan=Plan(count=3, every_s=1.0, timeout_s=5)) == 0
    assert keeper.told[-1] == "5 s are over"
    assert keeper.clock.monotonic_s() == pytest.approx(5, abs=0.5)


def test_does_not_wait_long_for_a_camera_that_is_not_there(keeper: Keeper) -> None:
    assert keeper.run(ONE, pictures=0, error="/dev/video0 does not exist") == 0
    assert keeper.told == ["/dev/video0 does not exist"]
    assert keeper.clock.monotonic_s() == pytest.approx(PATIENCE_S, abs=1)


def test_keeps_what_a_video_showed_before_its_end(keeper: Keeper) -> None:
    assert keeper.run(ONE, pictures=6) == 2
    assert keeper.told[-1] == "the camera gives no picture"
