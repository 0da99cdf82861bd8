"""Looks at the newest picture of a gate's camera and tells the gate what it sees."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from screening.ports import AvailabilityListener, Camera
from screening.readings import (
    Availability,
    Box,
    CodeScanned,
    CodeSource,
    CodeStays,
    DeviceKind,
    FaceObservation,
    Image,
    MaskAdvice,
    MaskReading,
)
from screening.sights import Sighting, Sights
from screening.vision.annotate import draw, to_jpeg
from screening.vision.codes import read_codes
from screening.vision.commissioning import Look, look_at
from screening.vision.condition import light_advice, measure
from screening.vision.framed import ShownFaces
from screening.vision.stillness import StillFaces
from screening.vision.window import MaskWindow

SHORTEST_INTERVAL_S = 0.12
"""Eight pictures a second give a verdict in half a second and leave the core to others."""

CODE_EVERY = 2
"""Receipts are looked for in every second picture."""

SAME_CODE_S = 3.0
"""A receipt held still before the camera is one scan."""

LONGEST_WAIT_S = 0.5

STALE_AFTER_S = 2.0
"""An older picture is not shown as if it were live."""

REST_AFTER_FAULT_S = 2.0
"""After a fault in the check the next picture is tried this much later."""

LOOKED_FOR_S = 5.0
"""Light and focus are measured for this long after somebody asked for them."""

MOST_LOOKS = 100
"""Twelve seconds of pictures at the shortest interval."""

_log = logging.getLogger(__name__)


class CameraWatcher:
    """One thread: newest picture, faces, stable mask reading; and receipts held to the camera.

    ``reads_codes`` is asked at each picture: the office may ask for receipts or not.
    """

    def __init__(
        self,
        camera: Camera,
        check: Callable[[Image], Sequence[FaceObservation]],
        on_reading: Callable[[MaskReading | CodeScanned | CodeStays], None],
        *,
        on_availability: AvailabilityListener,
        monotonic_s: Callable[[], float],
        window: MaskWindow,
        reads_codes: Callable[[], bool],
    ) -> None:
        self._camera = camera
        self._check = check
        self._on_reading = on_reading
        self._on_availability = on_availability
        self._monotonic_s = monotonic_s
        self._has_failed = False
        self._window = window
        self._still_faces = StillFaces()
        self._shown_faces = ShownFaces()
        self._pictures_seen = 0
        self._judged = 0
        self._reads_codes = reads_codes
        self._closing = threading.Event()
        self._restart = threading.Event()
        self._lock = threading.Lock()
        self._shown: tuple[Image, Sequence[FaceObservation], MaskReading] | None = None
        self._jpeg: tuple[int, bytes] | None = None
        self._sights = Sights(SAME_CODE_S)
        self._looks: deque[Look] = deque(maxlen=MOST_LOOKS)
        self._looks_asked_s = float("-inf")
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
            if self._monotonic_s() - image.captured_at_s > STALE_AFTER_S:
                return None
            if self._jpeg is None or self._jpeg[0] != image.sequence:
                self._jpeg = (image.sequence, to_jpeg(draw(image.pixels, faces, reading)))
            return self._jpeg[1]

    def looks(self) -> tuple[Look, ...]:
        """Light, focus and place of the face in the last pictures, for whoever sets the camera up.

        Measured only while somebody asks, so the first answers are short.
        """
        with self._lock:
            self._looks_asked_s = self._monotonic_s()
            return tuple(self._looks)

    @property
    def pictures_judged(self) -> int:
        """How many pictures were looked at since the start."""
        return self._judged

    def _watch(self) -> None:
        sequence = -1
        while not self._closing.is_set():
            image = self._camera.wait_newer(sequence, LONGEST_WAIT_S)
            if image is None:
                continue
            sequence = image.sequence
            self._closing.wait(SHORTEST_INTERVAL_S if self._try(image) else REST_AFTER_FAULT_S)

    def _try(self, image: Image) -> bool:
        """Look, and tell the gate when the check itself has failed or works again."""
        try:
            self.look(image)
        except Exception as error:  # noqa: BLE001 - a fault must not end the watch unnoticed
            if not self._has_failed:
                _log.exception("the mask check has failed; the guard looks")
            self._has_failed = True
            self._tell(is_available=False, last_error=f"the mask check has failed: {error}")
            return False
        if self._has_failed:
            _log.info("the mask check works again")
            self._has_failed = False
            self._tell(is_available=True, last_error=None)
        return True

    def _tell(self, *, is_available: bool, last_error: str | None) -> None:
        camera = DeviceKind.CAMERA
        self._on_availability(Availability(camera, is_available, self._monotonic_s(), last_error))

    def look(self, image: Image) -> None:
        """Judge one picture (what the thread does with each)."""
        if self._restart.is_set():
            self._restart.clear()
            self._window.reset()
        faces = self._people(image)
        height, width = image.pixels.shape[:2]

        def light_of(face: Box) -> MaskAdvice | None:
            return light_advice(measure(image.pixels, face))

        reading = self._window.add(faces, (width, height), image.captured_at_s, light_of=light_of)
        front = self._window.face_at(image.captured_at_s)
        if front is not None:
            share = Box(front.x / width, front.y / height, front.w / width, front.h / height)
            reading = replace(reading, face=share)
        with self._lock:
            self._shown = (image, faces, reading)
            is_asked = image.captured_at_s - self._looks_asked_s < LOOKED_FOR_S
        if is_asked:
            look = look_at(image.pixels, faces, image.captured_at_s)
            with self._lock:
                self._looks.append(look)
        self._on_reading(reading)
        self._judged += 1
        if image.sequence % CODE_EVERY == 0 and self._reads_codes():
            self._look_for_codes(image)

    def _people(self, image: Image) -> Sequence[FaceObservation]:
        """The faces of people; one on a wall, a poster or a phone is none of them."""
        faces = self._check(image)
        moving = self._still_faces.people(image.pixels, faces, image.captured_at_s)
        people = self._shown_faces.people(image.pixels, moving, image.captured_at_s)
        pictures = len(faces) - len(people)
        if pictures > self._pictures_seen:
            why = "does not move" if len(people) == len(moving) else "is in a frame"
            _log.info("a face before the camera %s: taken for a picture", why)
        self._pictures_seen = pictures
        return people

    def _look_for_codes(self, image: Image) -> None:
        for text in read_codes(image.pixels):
            match self._sights.see(text, image.captured_at_s):
                case Sighting.NEW:
                    self._on_reading(CodeScanned(text, CodeSource.CAMERA))
                case Sighting.STILL:
                    self._on_reading(CodeStays(text, CodeSource.CAMERA))
