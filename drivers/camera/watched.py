"""A camera over any source of pictures: the newest picture, watched, opened again after a loss.

Two threads: a reader that may block inside a library for ever, and the one that watches it. A
reader that is stuck cannot be stopped, so it is abandoned: whatever it still brings is thrown away,
and it ends by itself if it ever comes back. More than a few of those are not left behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivers.camera.watchdog import ImageWatchdog
from drivers.health import Backoff
from drivers.supervision import AvailabilityReport
from screening.errors import DeviceError, DeviceUnavailable
from screening.ports import AvailabilityListener, ReadingListener
from screening.readings import Availability, DeviceKind, Image

_LOOK_S = 0.1
_OPEN_S = 15.0  # a stream may take several seconds to answer; longer is a blocked library
_MOST_STUCK = 3
_JOIN_S = 1.0


class SourceEnded(DeviceUnavailable):
    """There will be no further picture, however often we ask: a video file is over."""


class ImageSource(Protocol):
    """Where pictures come from, already open."""

    def read(self) -> NDArray[np.uint8]:
        """The next picture, (height, width, 3) BGR; may block. Raises DeviceUnavailable."""

    def release(self) -> None: ...


OpenSource = Callable[[threading.Event], ImageSource]


class WatchedCamera:
    """``screening.ports.Camera``. ``open_source`` is given an event that ends its waits."""

    def __init__(
        self,
        *,
        name: str,
        open_source: OpenSource,
        monotonic_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._name = name
        self._open_source = open_source
        self._monotonic_s = monotonic_s
        self._closing = threading.Event()
        self._wait = self._closing.wait if wait is None else wait
        self._backoff = backoff or Backoff()
        self._report = AvailabilityReport(DeviceKind.CAMERA, name, monotonic_s)
        self._watchdog = ImageWatchdog()
        self._changed = threading.Condition()
        self._reader: _Reader | None = None
        self._is_open = False
        self._stuck: list[_Reader] = []
        self._newest: Image | None = None
        self._sequence = 0
        self._thread: threading.Thread | None = None

    @property
    def kind(self) -> DeviceKind:
        return DeviceKind.CAMERA

    @property
    def availability(self) -> Availability:
        return self._report.current

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        """A camera pushes nothing through ``on_reading``."""
        if self._thread is not None:
            raise RuntimeError(f"{self._name} was started before")
        self._report.tell(on_availability)
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        with self._changed:
            reader = self._reader
        if reader is not None:
            reader.abandon()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_JOIN_S)
        if reader is not None:
            reader.join(_JOIN_S)

    def newest(self) -> Image | None:
        with self._changed:
            return self._current()

    def wait_newer(self, sequence: int, timeout_s: float) -> Image | None:
        def newer() -> Image | None:
            image = self._current()
            return image if image is not None and image.sequence > sequence else None

        with self._changed:
            return self._changed.wait_for(newer, timeout_s)

    def _current(self) -> Image | None:
        return self._newest if self._report.current.available else None

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._stuck = [reader for reader in self._stuck if reader.is_running()]
                if len(self._stuck) < _MOST_STUCK:
                    self._use_one_reader()
                self._wait(self._backoff.next_s())
        except SourceEnded:
            self._closing.wait()
        finally:
            if not self._closing.is_set():
                self._report.update("its driver has stopped; see the log")

    def _use_one_reader(self) -> None:
        """From opening to the first trouble. Raises SourceEnded."""
        reader = _Reader(
            self._name, self._open_source, on_open=self._restart_watch, on_picture=self._take
        )
        with self._changed:
            self._reader = reader
            self._is_open = False
        reader.start()
        problem = self._watch(reader)
        reader.abandon()
        with self._changed:
            self._reader = self._newest = None
        if reader.is_running():
            self._stuck.append(reader)
        if problem is not None and not self._closing.is_set():
            self._report.update(problem)
        if isinstance(reader.error, SourceEnded):
            raise reader.error

    def _watch(self, reader: _Reader) -> str | None:
        """What is wrong with the reader as soon as something is; None when we are closing."""
        started_s = self._monotonic_s()
        while not self._closing.is_set():
            if reader.ended.wait(_LOOK_S):
                return str(reader.error or "its source has stopped; see the log")
            now_s = self._monotonic_s()
            with self._changed:
                is_live = self._watchdog.is_live
                if not self._is_open:
                    problem = "it cannot be opened" if now_s - started_s > _OPEN_S else None
                else:
                    problem = self._watchdog.problem(now_s)
            if problem is not None:
                return problem
            if is_live:
                self._backoff.reset()
                self._report.update(None)
                with self._changed:
                    self._changed.notify_all()
        return None

    def _restart_watch(self, reader: _Reader) -> None:
        with self._changed:
            if reader is self._reader:
                self._is_open = True
                self._watchdog.opened(self._monotonic_s())

    def _take(self, reader: _Reader, pixels: NDArray[np.uint8]) -> None:
        now_s = self._monotonic_s()
        with self._changed:
            # A repeated picture is not newer: it keeps the time at which it was really seen.
            if reader is self._reader and self._watchdog.took(pixels, now_s):
                self._sequence += 1
                self._newest = Image(pixels, now_s, self._sequence)
                self._changed.notify_all()


class _Reader:
    """The thread that asks one source for pictures until it fails or is abandoned."""

    def __init__(
        self,
        name: str,
        open_source: OpenSource,
        *,
        on_open: Callable[[_Reader], None],
        on_picture: Callable[[_Reader, NDArray[np.uint8]], None],
    ) -> None:
        self._open_source = open_source
        self._on_open = on_open
        self._on_picture = on_picture
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{name} reader", daemon=True)
        self.ended = threading.Event()
        self.error: DeviceError | None = None

    def start(self) -> None:
        self._thread.start()

    def abandon(self) -> None:
        self._abandoned.set()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def is_running(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            source = self._open_source(self._abandoned)
            try:
                self._on_open(self)
                while not self._abandoned.is_set():
                    self._on_picture(self, source.read())
            finally:
                source.release()
        except DeviceError as error:
            self.error = error
        finally:
            self.ended.set()
