from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.camera.watched import SourceEnded, WatchedCamera
from drivers.health import Backoff
from screening.errors import DeviceUnavailable
from screening.readings import DeviceKind
from tests.drivers.support import PATIENCE_S, Recorder, SettableClock

Step = Callable[[], NDArray[np.uint8]]


def live() -> Iterator[NDArray[np.uint8]]:
    """Every picture differs from the one before."""
    for number in itertools.count():
        yield np.full((16, 16, 3), 50 + number % 200, np.uint8)


class ScriptedSource:
    """Shows pictures until it is told to do something else."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._pictures = live()
        self.behave: Callable[[], NDArray[np.uint8]] = self.show
        self.is_released = threading.Event()

    def read(self) -> NDArray[np.uint8]:
        self._stop.wait(0.005)
        return self.behave()

    def release(self) -> None:
        self.is_released.set()

    def show(self) -> NDArray[np.uint8]:
        return next(self._pictures)


class Bench:
    """A camera whose sources can be told how to misbehave; its clock stands still."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.heard = Recorder()
        self.sources: list[ScriptedSource] = []
        self.open_error: DeviceUnavailable | None = None
        self.free = threading.Event()
        self.blocked = threading.Event()
        self.camera = WatchedCamera(
            name="camera 0",
            open_source=self._open,
            monotonic_s=self.clock,
            backoff=Backoff(first_s=0.01, ceiling_s=0.02),
        )
        self.camera.start(self.heard.on_reading, self.heard.on_availability)

    def close(self) -> None:
        self.free.set()
        self.camera.close()

    def block_reader(self) -> None:
        """The newest source stops answering, and two seconds pass."""
        self.blocked.clear()
        self.sources[-1].behave = self._block
        assert self.blocked.wait(PATIENCE_S)
        self.clock.now_s += 2

    def _block(self) -> NDArray[np.uint8]:
        """What a library does whose camera has died."""
        self.blocked.set()
        self.free.wait(PATIENCE_S)
        return np.full((16, 16, 3), 99, np.uint8)

    def _open(self, stop: threading.Event) -> ScriptedSource:
        if self.open_error is not None:
            raise self.open_error
        self.sources.append(ScriptedSource(stop))
        return self.sources[-1]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def fail() -> NDArray[np.uint8]:
    raise DeviceUnavailable("the camera gives no picture any more", device="camera")


def test_hands_over_ever_newer_pictures_with_their_time(bench: Bench) -> None:
    bench.heard.wait_available(True)
    first = bench.camera.newest()
    assert first is not None
    second = bench.camera.wait_newer(first.sequence, PATIENCE_S)
    assert second is not None
    assert second.sequence > first.sequence
    assert second.captured_at_s == bench.clock.now_s
    assert second.pixels.shape == (16, 16, 3)
    assert bench.camera.kind is DeviceKind.CAMERA


def test_waiting_for_a_picture_that_does_not_come_ends(bench: Bench) -> None:
    bench.heard.wait_available(True)
    assert bench.camera.wait_newer(10**9, 0.01) is None


def test_a_lost_camera_gives_no_picture_is_told_once_and_comes_back(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench.heard.wait_available(True)
    bench.open_error = DeviceUnavailable("no camera 0", device="camera")
    bench.sources[0].behave = fail
    bench.heard.wait_available(False)
    assert bench.camera.newest() is None
    assert bench.sources[0].is_released.wait(PATIENCE_S)
    bench.open_error = None
    bench.heard.wait_available(True, times=2)
    assert bench.camera.wait_newer(0, PATIENCE_S) is not None
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.message for record in warnings] == [
        "camera 0 is unavailable: the camera gives no picture any more"
    ]
    assert [told.available for told in bench.heard.availabilities] == [True, False, True]


def test_a_blocked_read_is_noticed_and_its_reader_replaced(bench: Bench) -> None:
    bench.heard.wait_available(True)
    bench.block_reader()
    bench.heard.wait_available(False)
    assert bench.heard.availabilities[-1].last_error == "no picture for 1.8 s"
    bench.heard.wait_available(True, times=2)
    assert len(bench.sources) == 2


def test_what_an_abandoned_reader_still_brings_is_thrown_away(bench: Bench) -> None:
    bench.heard.wait_available(True)
    bench.block_reader()
    bench.heard.wait_available(True, times=2)
    bench.free.set()
    assert bench.sources[0].is_released.wait(PATIENCE_S)
    newest = bench.camera.newest()
    assert newest is not None
    assert bench.camera.availability.available


def test_blocked_readers_do_not_pile_up(bench: Bench) -> None:
    bench.heard.wait_available(True)
    for number in range(1, 4):
        bench.block_reader()
        bench.heard.wait_available(False, times=number)
        if number < 3:
            bench.heard.wait_available(True, times=number + 1)
    assert len(bench.sources) == 3
    bench.free.set()
    bench.heard.wait_available(True, times=4)
    assert len(bench.sources) == 4


def test_a_repeated_picture_is_noticed_and_never_looks_new(bench: Bench) -> None:
    bench.heard.wait_available(True)
    frozen = np.full((16, 16, 3), 77, np.uint8)
    shown = threading.Event()

    def repeat() -> NDArray[np.uint8]:
        shown.set()
        return frozen

    bench.sources[0].behave = repeat
    assert shown.wait(PATIENCE_S)
    bench.clock.now_s += 1.6
    bench.heard.wait_available(False)
    assert bench.heard.availabilities[-1].last_error == "the picture does not change"


def test_a_camera_that_repeats_its_picture_after_opening_never_becomes_available() -> None:
    opened_thrice = threading.Event()

    class Frozen(Bench):
        def _open(self, stop: threading.Event) -> ScriptedSource:
            source = super()._open(stop)
            source.behave = self._repeat
            if len(self.sources) == 3:
                opened_thrice.set()
            return source

        def _repeat(self) -> NDArray[np.uint8]:
            self.clock.now_s += 0.2
            return np.full((16, 16, 3), 77, np.uint8)

    bench = Frozen()
    assert opened_thrice.wait(PATIENCE_S)
    bench.close()
    assert [told.available for told in bench.heard.availabilities] == [False]


def test_a_covered_camera_is_noticed(bench: Bench) -> None:
    bench.heard.wait_available(True)
    levels = itertools.cycle([1, 2])
    bench.sources[0].behave = lambda: np.full((16, 16, 3), next(levels), np.uint8)
    shown = bench.camera.newest()
    assert shown is not None
    assert bench.camera.wait_newer(shown.sequence + 2, PATIENCE_S) is not None
    bench.clock.now_s += 1.6
    bench.camera.wait_newer(shown.sequence + 4, 0.05)
    bench.heard.wait_available(False)
    assert bench.heard.availabilities[-1].last_error == "the picture is black"


def test_a_source_that_has_ended_is_not_opened_again(bench: Bench) -> None:
    bench.heard.wait_available(True)

    def end() -> NDArray[np.uint8]:
        raise SourceEnded("end of file", device="camera")

    bench.sources[0].behave = end
    bench.heard.wait_available(False)
    bench.camera.close()
    assert bench.heard.availabilities[-1].last_error == "end of file"
    assert len(bench.sources) == 1


def test_a_bug_in_the_source_is_a_loss_and_not_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    bench.heard.wait_available(True)

    def bug() -> NDArray[np.uint8]:
        raise ZeroDivisionError

    bench.sources[0].behave = bug
    bench.heard.wait_available(True, times=2)
    assert [hook.exc_type for hook in seen] == [ZeroDivisionError]


def test_closing_twice_is_fine_and_releases_the_source(bench: Bench) -> None:
    bench.heard.wait_available(True)
    bench.camera.close()
    bench.camera.close()
    assert bench.sources[0].is_released.is_set()


def test_cannot_be_started_twice(bench: Bench) -> None:
    with pytest.raises(RuntimeError, match="started before"):
        bench.camera.start(bench.heard.on_reading, bench.heard.on_availability)
