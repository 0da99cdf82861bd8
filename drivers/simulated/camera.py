"""A camera that draws what it sees."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from drivers.camera.watched import WatchedCamera
from drivers.health import Backoff
from screening.errors import DeviceUnavailable


class SimulatedCamera(WatchedCamera):
    """Shows what ``draw`` returns, (height, width, 3) BGR, ``fps`` times a second.

    It is watched like a real one: ``draw`` must put fresh noise into every picture.
    """

    def __init__(
        self,
        draw: Callable[[], NDArray[np.uint8]],
        monotonic_s: Callable[[], float],
        *,
        fps: float = 10.0,
        backoff: Backoff | None = None,
    ) -> None:
        self._draw = draw
        self._period_s = 1 / fps
        self._unplugged = threading.Event()
        super().__init__(
            name="simulated camera",
            open_source=lambda stop: _DrawnSource(self, stop),
            monotonic_s=monotonic_s,
            backoff=backoff,
        )

    def unplug(self) -> None:
        self._unplugged.set()

    def plug_in(self) -> None:
        self._unplugged.clear()

    def see(self, stop: threading.Event) -> NDArray[np.uint8]:
        """The next picture in its own time. Raises DeviceUnavailable while unplugged."""
        stop.wait(self._period_s)
        if self._unplugged.is_set():
            raise DeviceUnavailable("the camera is unplugged", device="camera")
        return self._draw()


class _DrawnSource:
    def __init__(self, camera: SimulatedCamera, stop: threading.Event) -> None:
        self._camera = camera
        self._stop = stop

    def read(self) -> NDArray[np.uint8]:
        return self._camera.see(self._stop)

    def release(self) -> None:
        """Nothing is held open."""
