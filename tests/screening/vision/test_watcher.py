"""The watcher tells the gate what it sees, and says so when it cannot see any more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest
import segno

from screening.ports import AvailabilityListener, ReadingListener
from screening.readings import (
    Availability,
    Box,
    CodeScanned,
    CodeStays,
    DeviceKind,
    FaceObservation,
    Image,
    MaskAdvice,
    MaskLabel,
    MaskReading,
)
from screening.vision.watcher import LOOKED_FOR_S, STALE_AFTER_S, CameraWatcher
from screening.vision.window import MaskWindow

FACE = FaceObservation(Box(250, 120, 140, 180), MaskLabel.MASK, 0.97, 0.95)


class StillCamera:
    """Available, and never has a newer picture: tests hand pictures to the watcher themselves."""

    kind = DeviceKind.CAMERA
    availability = Availability(DeviceKind.CAMERA, True, 0.0)

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        """Nothing to start."""

    def close(self) -> None:
        """Nothing to close."""

    def newest(self) -> Image | None:
        return None

    def wait_newer(self, sequence: int, timeout_s: float) -> Image | None:
        return None


@dataclass
class Gate:
    """What the watcher said, and the clock it reads."""

    faces: Callable[[Image], Sequence[FaceObservation]] = lambda _: [FACE]
    readings: list[MaskReading | CodeScanned | CodeStays] = field(default_factory=list)
    availabilities: list[Availability] = field(default_factory=list)
    now_s: float = 0.0
    reads_codes: bool = True

    def __post_init__(self) -> None:
        self.watcher = CameraWatcher(
            StillCamera(),
            lambda image: self.faces(image),  # noqa: PLW0108 - a test may change the faces
            self.readings.append,
            on_availability=self.availabilities.append,
            monotonic_s=lambda: self.now_s,
            window=MaskWindow(),
            reads_codes=lambda: self.reads_codes,
        )

    def sees(self, pictures: int = 1, pixels: np.ndarray | None = None) -> list[bool]:
        done = []
        for _ in range(pictures):
            self.now_s += 0.2
            shown = np.full((480, 640, 3), 127, np.uint8) if pixels is None else pixels
            image = Image(shown, self.now_s, sequence=2 * round(self.now_s * 5))
            done.append(self.watcher._try(image))
        return done


def labels(gate: Gate) -> list[MaskLabel | MaskAdvice | None]:
    return [r.label or r.advice for r in gate.readings if isinstance(r, MaskReading)]


def test_one_picture_does_not_decide_several_do() -> None:
    gate = Gate()
    gate.sees(5)
    assert labels(gate)[0] is not MaskLabel.MASK
    assert labels(gate)[-1] is MaskLabel.MASK


def test_tells_where_the_face_in_front_is_in_shares_of_the_picture() -> None:
    gate = Gate()
    gate.sees(3)
    faces = [r.face for r in gate.readings if isinstance(r, MaskReading)]
    assert faces == [Box(250 / 640, 0.25, 140 / 640, 0.375)] * 3
    gate.faces = lambda _: []
    gate.sees()
    last = gate.readings[-1]
    assert isinstance(last, MaskReading)
    assert last.face is None


def test_a_face_in_the_dark_is_told_as_such() -> None:
    hesitant = replace(FACE, confidence=0.8)
    gate = Gate(faces=lambda _: [hesitant])
    gate.sees(5, np.full((480, 640, 3), 10, np.uint8))
    assert labels(gate)[-1] is MaskAdvice.TOO_DARK


def test_a_face_before_strong_light_is_told_as_such() -> None:
    pixels = np.full((480, 640, 3), 230, np.uint8)
    pixels[120:, 250:390] = 45
    hesitant = replace(FACE, confidence=0.8)
    gate = Gate(faces=lambda _: [hesitant])
    gate.sees(5, pixels)
    assert labels(gate)[-1] is MaskAdvice.BACKLIT


def test_a_poster_is_nobody(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    with caplog.at_level("INFO"):
        gate.sees(120)
    assert labels(gate)[-1] is MaskAdvice.NO_FACE
    assert caplog.text.count("taken for a picture") == 1


def test_evidence_of_the_visitor_before_does_not_count_for_the_next() -> None:
    gate = Gate()
    gate.sees(5)
    gate.watcher.next_visitor()
    gate.sees(1)
    assert labels(gate)[-1] is not MaskLabel.MASK


def code_of(text: str) -> np.ndarray:
    """A picture of its QR code."""
    rows = np.array([list(row) for row in segno.make_qr(text).matrix], np.uint8)
    code = np.kron(np.pad(1 - rows, 4, constant_values=1), np.ones((8, 8), np.uint8)) * 255
    return np.repeat(code[:, :, None], 3, axis=2)


def codes(gate: Gate) -> list[str]:
    return [r.text for r in gate.readings if isinstance(r, CodeScanned)]


def test_a_receipt_held_to_the_camera_is_one_scan() -> None:
    gate = Gate(faces=lambda _: [])
    gate.sees(4, code_of("GB1:TEST"))
    assert codes(gate) == ["GB1:TEST"]


def test_two_codes_side_by_side_are_one_scan_each() -> None:
    gate = Gate(faces=lambda _: [])
    gate.sees(30, np.hstack([code_of("GB1:TEST"), code_of("WIFI:S:K;;")]))
    assert sorted(codes(gate)) == ["GB1:TEST", "WIFI:S:K;;"]
    assert {one.text for one in gate.readings if isinstance(one, CodeStays)} == set(codes(gate))


def test_receipts_are_looked_for_while_the_office_asks_for_them() -> None:
    gate = Gate(faces=lambda _: [], reads_codes=False)
    gate.sees(2, code_of("GB1:TEST"))
    assert codes(gate) == []
    gate.reads_codes = True
    gate.sees(1, code_of("GB1:TEST"))
    assert codes(gate) == ["GB1:TEST"]


def test_a_fault_of_the_check_is_told_and_does_not_end_the_watch(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_: Image) -> Sequence[FaceObservation]:
        raise ValueError("no such layer")

    gate = Gate(faces=broken)
    assert gate.sees(2) == [False, False]
    assert not gate.availabilities[-1].available
    assert caplog.text.count("the mask check has failed; the guard looks") == 1
    gate.faces = lambda _: [FACE]
    assert gate.sees() == [True]
    assert gate.availabilities[-1].available


def test_an_old_picture_is_not_shown_as_live() -> None:
    gate = Gate()
    gate.sees()
    assert gate.watcher.picture() is not None
    gate.now_s += STALE_AFTER_S + 0.1
    assert gate.watcher.picture() is None


def test_ends_when_closed() -> None:
    gate = Gate()
    gate.watcher.start()
    gate.watcher.close()
    gate.watcher.close()
    assert gate.readings == []


def test_light_and_focus_are_measured_only_while_somebody_asks() -> None:
    gate = Gate()
    gate.sees(3)
    assert gate.watcher.looks() == ()
    gate.sees(2)
    looks = gate.watcher.looks()
    assert [look.taken_at_s for look in looks] == [pytest.approx(0.8), pytest.approx(1.0)]
    assert looks[0].face is not None
    assert looks[0].face.condition.face_brightness == pytest.approx(127 / 255)
    gate.now_s += LOOKED_FOR_S
    gate.sees(1)
    assert gate.watcher.looks() == looks


def test_a_face_on_a_phone_is_nobody_and_said_to_be_a_picture(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    held = np.full((480, 640, 3), 160, np.uint8)
    x, y, w, h = (round(v) for v in (FACE.box.x, FACE.box.y, FACE.box.w, FACE.box.h))
    cv2.rectangle(held, (x - 30, y - 60), (x + w + 30, y + h + 60), (25, 25, 25), cv2.FILLED)
    cv2.rectangle(held, (x - 20, y - 50), (x + w + 20, y + h + 50), (120, 150, 190), cv2.FILLED)
    gate = Gate()
    gate.sees(4, held)
    assert set(labels(gate)) == {MaskAdvice.NO_FACE}
    assert caplog.text.count("is in a frame: taken for a picture") == 1


def test_pictures_that_were_looked_at_are_counted() -> None:
    gate = Gate()
    gate.sees(3)
    assert gate.watcher.pictures_judged == 3
