"""A gate built of its configuration does at each moment what the office asks for."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import segno

from dashboard.gates import _Watch, build_gate
from screening.decision import Check, Reason
from screening.gate.dependencies import LaneDependencies
from screening.gate.policy import Policy
from screening.ports import AvailabilityListener, ReadingListener
from screening.readings import Availability, DeviceKind, Image
from screening.settings import GateSettings, PolicySettings
from tests.screening.gate.lane_setting import ZONE, lane_setting

MASK_ONLY = frozenset({Check.MASK})


class ClosedCamera:
    """Never has a picture by itself: the test hands them to the watcher."""

    kind = DeviceKind.CAMERA
    availability = Availability(DeviceKind.CAMERA, True, 0.0)

    def __init__(self) -> None:
        self._closing = threading.Event()

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        """Nothing to start."""

    def close(self) -> None:
        self._closing.set()

    def newest(self) -> Image | None:
        return None

    def wait_newer(self, sequence: int, timeout_s: float) -> Image | None:
        self._closing.wait(timeout_s)
        return None


class OwnedHere:
    """No other process wants this gate."""

    is_lost = False

    def may_act(self) -> bool:
        return True

    def release(self) -> None:
        """Nobody waits for it."""


def picture_of(code: str, *, taken_at_s: float, sequence: int) -> Image:
    """A receipt held to the camera."""
    bits = np.array(list(segno.make(code).matrix_iter(scale=6, border=4)), dtype=np.uint8)
    grey = np.where(bits > 0, 0, 255).astype(np.uint8)
    return Image(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), taken_at_s, sequence=sequence)


def test_the_camera_reads_receipts_as_soon_as_the_office_asks_for_them(tmp_path: Path) -> None:
    with lane_setting(tmp_path, checks=MASK_ONLY) as office:
        watch = _Watch()
        runner = build_gate(
            GateSettings(name="utama"),
            policy=Policy.of(PolicySettings(offset_celsius=0.0), MASK_ONLY),
            checks=lambda: office.asked.checks,
            dependencies=LaneDependencies(
                log=office.record.visits,
                desk=office.desk,
                room=office.room,
                hub=office.hub,
                clock=office.clock,
                zone=ZONE,
                services=office.record.services.services,
            ),
            ownership=OwnedHere(),
            watch=watch,
            thermometers=office.record.thermometers,
            camera_source=lambda _: ClosedCamera(),
        )
        assert watch.watcher is not None
        before, after = office.receipt(), office.receipt()
        now_s = office.clock.monotonic_s()
        watch.watcher.look(picture_of(before, taken_at_s=now_s, sequence=2))
        office.asked.checks = frozenset({Check.RECEIPT})
        watch.watcher.look(picture_of(after, taken_at_s=now_s + 1.0, sequence=4))
        runner.start()
        runner.close()
        rows = [(row.receipt_number, row.reason) for row in office.record.visits.entries()]
        assert rows == [(office.desk.examine(after).claims.number, Reason.ADMITTED)]  # type: ignore[union-attr]
