from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.camera.watchdog import ImageWatchdog


def picture(level: int) -> NDArray[np.uint8]:
    return np.full((48, 64, 3), level, np.uint8)


class Watched:
    """A watchdog that is shown pictures at given seconds."""

    def __init__(self) -> None:
        self.watchdog = ImageWatchdog()
        self.watchdog.opened(0.0)

    def show(self, *levels: int, start_s: float = 0.0, every_s: float = 0.1) -> float:
        """Seconds at which the last was shown."""
        for number, level in enumerate(levels):
            self.watchdog.took(picture(level), start_s + number * every_s)
        return start_s + (len(levels) - 1) * every_s


def test_changing_pictures_are_live_and_no_problem() -> None:
    watched = Watched()
    now_s = watched.show(100, 101, 102)
    assert watched.watchdog.is_live
    assert watched.watchdog.problem(now_s) is None


def test_one_picture_proves_nothing() -> None:
    watched = Watched()
    watched.show(100)
    assert not watched.watchdog.is_live
    watched.show(100, 100)
    assert not watched.watchdog.is_live


def test_a_late_picture_is_noticed_within_two_seconds() -> None:
    watched = Watched()
    watched.show(100, 101)
    assert watched.watchdog.problem(1.8) is None
    assert watched.watchdog.problem(2.0) == "no picture for 1.8 s"


def test_a_repeated_picture_is_noticed_within_two_seconds() -> None:
    watched = Watched()
    now_s = watched.show(100, *[101] * 16)
    assert watched.watchdog.problem(now_s) is None
    now_s = watched.show(*[101] * 3, start_s=now_s)
    assert watched.watchdog.problem(now_s) == "the picture does not change"


def test_a_single_changed_pixel_is_a_live_picture() -> None:
    watched = Watched()
    for number in range(40):
        pixels = picture(100)
        pixels[1, 1, 0] = number
        watched.watchdog.took(pixels, number * 0.1)
    assert watched.watchdog.problem(3.9) is None


def test_a_black_picture_is_noticed_even_with_noise_in_it() -> None:
    watched = Watched()
    watched.show(100, 101)
    now_s = watched.show(*[1, 2] * 9, start_s=0.2)
    assert watched.watchdog.problem(now_s) == "the picture is black"


def test_a_black_start_is_not_live() -> None:
    watched = Watched()
    watched.show(1, 2, 3)
    assert not watched.watchdog.is_live


def test_the_first_picture_may_take_its_time() -> None:
    watched = Watched()
    assert watched.watchdog.problem(4.9) is None
    assert watched.watchdog.problem(5.1) == "no picture for 5 s"


def test_a_new_connection_starts_from_nothing() -> None:
    watched = Watched()
    watched.show(100, 101)
    watched.watchdog.opened(60.0)
    assert not watched.watchdog.is_live
    assert watched.watchdog.problem(60.1) is None


@pytest.mark.parametrize("shape", [(0, 0, 3), (1, 1, 3)])
def test_a_picture_of_any_size_is_judged(shape: tuple[int, int, int]) -> None:
    watchdog = ImageWatchdog()
    watchdog.opened(0.0)
    assert watchdog.took(np.zeros(shape, np.uint8), 0.0)
    assert not watchdog.took(np.zeros(shape, np.uint8), 0.1)


def test_a_picture_of_another_size_is_another_picture() -> None:
    watchdog = ImageWatchdog()
    watchdog.opened(0.0)
    watchdog.took(picture(100), 0.0)
    assert watchdog.took(np.full((24, 32, 3), 100, np.uint8), 0.1)
