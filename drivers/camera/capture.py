"""A camera by index, a stream by address, or a video file, through OpenCV."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.camera.watched import SourceEnded, WatchedCamera
from drivers.health import Backoff
from screening.errors import DeviceUnavailable

_STREAM_OPEN_MS = 5000
_STREAM_READ_MS = 2000
_UNTOLD_FPS = 25.0  # of a file that does not tell its own
_PASSWORD = re.compile(r"(?<=://)[^@/]*@")


class CaptureCamera(WatchedCamera):
    """``source`` is an index ("0"), a device file, an address (rtsp://...) or a video file.

    A file is played once at its own speed; after its last picture the camera stays unavailable.
    """

    def __init__(
        self,
        source: str,
        monotonic_s: Callable[[], float],
        *,
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        super().__init__(
            name=f"camera {without_password(source)}",
            open_source=lambda stop: VideoSource(source, stop),
            monotonic_s=monotonic_s,
            wait=wait,
            backoff=backoff,
        )


class VideoSource:
    """One open cv2.VideoCapture. Raises DeviceUnavailable, and SourceEnded behind a file's last."""

    def __init__(self, source: str, stop: threading.Event) -> None:
        self._shown = without_password(source)
        self._stop = stop
        self._is_file = os.path.isfile(source)
        self._capture = self._open(source)
        if not self._capture.isOpened():
            self._capture.release()
            raise self._trouble(f"cannot open the camera {self._shown}")
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._period_s = 1 / (fps if 1 <= fps <= 240 else _UNTOLD_FPS)
        if not self._is_file:
            self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # old pictures are worth nothing

    def read(self) -> NDArray[np.uint8]:
        if self._is_file:
            self._stop.wait(self._period_s)
        try:
            is_read, pixels = self._capture.read()
        except cv2.error as error:
            raise self._trouble(f"the camera {self._shown} failed ({error})") from error
        if is_read:
            return np.asarray(pixels, np.uint8)
        if self._is_file:
            raise SourceEnded(f"{self._shown}: end of file", device="camera", port=self._shown)
        raise self._trouble(f"the camera {self._shown} gives no picture any more")

    def release(self) -> None:
        self._capture.release()

    def _open(self, source: str) -> cv2.VideoCapture:
        if "://" in source:
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _STREAM_OPEN_MS]
            limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, _STREAM_READ_MS]
            return cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)
        node = f"/dev/video{source}" if source.isdigit() else source
        if not os.path.exists(node) and (sys.platform == "linux" or not source.isdigit()):
            raise self._trouble(f"{node} does not exist: is the camera plugged in?")
        return cv2.VideoCapture(int(source) if source.isdigit() else source)

    def _trouble(self, message: str) -> DeviceUnavailable:
        return DeviceUnavailable(message, device="camera", port=self._shown)


def without_password(source: str) -> str:
    """The address as it may be shown and logged."""
    return _PASSWORD.sub("", source)
