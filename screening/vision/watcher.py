"""Looks at the newest picture of a gate's camera and tells the gate what it sees."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from screening.ports import Camera
from screening.readings import CodeScanned, CodeSource, FaceObservation, Image, MaskReading
from screening.vision.annotate import draw, to_jpeg
from screening.vision.codes import read_codes
from screening.vision.window import MaskWindow

SHORTEST_INTERVAL_S = 0.12
"""Eight pictures a second give a verdict in half a second and leave the core to others."""

CODE_EVERY = 2
"""Receipts are looked for in every second picture."""

SAME_CODE_S = 3.0
"""A receipt held still before the camera is one scan."""

LONGEST_WAIT_S = 0.5


class CameraWatcher:
    """One thread: newest picture, faces, stable mask reading; and receipts held to the camera."""

    def __init__(
        self,
        camera: Camera,
        check: Callable[[Image], Sequence[FaceObservation]],
        on_reading: Callable[[MaskReading | CodeScanned], None],
        *,
        window: MaskWindow,
        reads_codes: bool,
    ) -> None:
        self._camera = camera
        self._check = check
        self._on_reading = on_reading
        self._window = window
        self._reads_codes = reads_codes
        self._closing = threading.Event()
        self._restart = threading.Event()
        self._lock = threading.Lock()
        self._shown: tuple[Image, Sequence[FaceObservation], MaskReading] | None = None
        self._jpeg: tuple[int, bytes] | None = None
        self._last_code: tuple[str, float] = ("", float("-inf"))
        self._thread = threading.Thread(target=self._watch, name="camera-watcher", daemon=True)

    def start(self) -> None:
        """Begin; readings come from the watcher's thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop; safe to call twice."""
        self._closing.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def next_visitor(self) -> None:
        """Evidence of the visitor before must not count for the next one."""
        self._restart.set()

    def picture(self) -> bytes | None:
        """The newest picture with its boxes as JPEG; None without a camera's picture."""
        if not self._camera.availability.available:
            return None
        with self._lock:
            if self._shown is None:
                return None
            image, faces, reading = self._shown
            if self._jpeg is None or self._jpeg[0] != image.sequence:
                self._jpeg = (image.sequence, to_jpeg(draw(image.pixels, faces, reading)))
            return self._jpeg[1]

    def _watch(self) -> None:
        sequence = -1
        while not self._closing.is_set():
            image = self._camera.wait_newer(sequence, LONGEST_WAIT_S)
            if image is None:
                continue
            sequence = image.sequence
            self.look(image)
            self._closing.wait(SHORTEST_INTERVAL_S)

    def look(self, image: Image) -> None:
        """Judge one picture (what the thread does with each)."""
        if self._restart.is_set():
            self._restart.clear()
            self._window.reset()
        faces = self._check(image)
        height, width = image.pixels.shape[:2]
        reading = self._window.add(faces, (width, height), image.captured_at_s)
        with self._lock:
            self._shown = (image, faces, reading)
        self._on_reading(reading)
        if self._reads_codes and image.sequence % CODE_EVERY == 0:
            self._look_for_codes(image)

    def _look_for_codes(self, image: Image) -> None:
        for text in read_codes(image.pixels):
            last_text, last_s = self._last_code
            if text != last_text or image.captured_at_s - last_s > SAME_CODE_S:
                self._on_reading(CodeScanned(text, CodeSource.CAMERA, image.captured_at_s))
            self._last_code = (text, image.captured_at_s)
