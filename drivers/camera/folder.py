"""A folder of pictures shown one after the other, for demonstrations and for trying things out.

Judged like any camera: a folder in which all pictures are the same, or a single one, is a frozen
camera, for a photograph must not pass for a visitor.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.camera.watchdog import FROZEN_S
from drivers.camera.watched import WatchedCamera
from drivers.health import Backoff
from screening.errors import DeviceUnavailable, SettingsError

_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})


class FolderCamera(WatchedCamera):
    """The pictures in ``folder`` in the order of their names, ``fps`` a second, again and again."""

    def __init__(
        self,
        folder: Path,
        monotonic_s: Callable[[], float],
        *,
        fps: float = 5.0,
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        if not fps > 1 / FROZEN_S:
            raise SettingsError([f"camera {folder}: {fps:g} pictures a second look frozen"])
        super().__init__(
            name=f"camera {folder}",
            open_source=lambda stop: FolderSource(folder, 1 / fps, stop),
            monotonic_s=monotonic_s,
            wait=wait,
            backoff=backoff,
        )


class FolderSource:
    """Raises DeviceUnavailable where there is no folder, or no picture that can be read in it."""

    def __init__(self, folder: Path, period_s: float, stop: threading.Event) -> None:
        self._folder = folder
        self._period_s = period_s
        self._stop = stop
        try:
            files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _SUFFIXES)
        except OSError as error:
            raise self._trouble(f"cannot read the folder {folder} ({error.strerror})") from error
        if not files:
            raise self._trouble(f"the folder {folder} holds no pictures")
        self._count = len(files)
        self._files: Iterator[Path] = itertools.cycle(files)

    def read(self) -> NDArray[np.uint8]:
        self._stop.wait(self._period_s)
        for file in itertools.islice(self._files, self._count):
            pixels = self._load(file)
            if pixels is not None:
                return pixels
        raise self._trouble(f"no picture in {self._folder} can be read")

    def release(self) -> None:
        """Nothing is held open."""

    def _load(self, file: Path) -> NDArray[np.uint8] | None:
        """None for a file that is gone or damaged: the others are shown all the same."""
        try:
            encoded = np.frombuffer(file.read_bytes(), np.uint8)
            pixels = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        except (OSError, cv2.error):
            return None
        return None if pixels is None else np.asarray(pixels, np.uint8)

    def _trouble(self, message: str) -> DeviceUnavailable:
        return DeviceUnavailable(message, device="camera", port=str(self._folder))
