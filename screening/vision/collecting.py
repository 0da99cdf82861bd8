"""Takes pictures of one person from a camera, spaced in time, each with exactly one good face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from screening.clock import Clock
from screening.ports import Camera
from screening.readings import Box, FaceObservation
from screening.vision.condition import REFERENCE_WIDTH_PX

LONGEST_WAIT_S = 0.5
# Pixels of a picture 640 wide; the gate asks smaller faces to come closer, too.
LEAST_FACE_PX = 64
# A camera that is not there, or a video that is over, is waited for this long.
PATIENCE_S = 10.0


class Check(Protocol):
    """Whatever finds faces."""

    def check(self, pixels: NDArray[np.uint8]) -> list[FaceObservation]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """``count`` pictures at most, ``every_s`` apart, within ``timeout_s``."""

    count: int
    every_s: float
    timeout_s: float


def collect(
    camera: Camera,
    check: Check,
    keep: Callable[[NDArray[np.uint8], Box], None],
    *,
    plan: Plan,
    clock: Clock,
    tell: Callable[[str], None],
) -> int:
    """How many pictures were kept; the camera is running. ``tell`` hears why none is kept now."""
    began_s = last_seen_s = clock.monotonic_s()
    next_s = began_s
    sequence = kept = 0
    told: str | None = None
    while kept < plan.count:
        now_s = clock.monotonic_s()
        if now_s - began_s >= plan.timeout_s:
            tell(f"{plan.timeout_s:g} s are over")
            break
        image = camera.wait_newer(sequence, LONGEST_WAIT_S)
        now_s = clock.monotonic_s()
        if image is None:
            if now_s - last_seen_s >= PATIENCE_S:
                tell(camera.availability.last_error or "the camera gives no picture")
                break
            continue
        sequence, last_seen_s = image.sequence, now_s
        if now_s < next_s:
            continue
        why, box = the_one_face(check.check(image.pixels), width=image.pixels.shape[1])
        if box is None:
            if why != told:
                tell(f"skipped: {why}")
            told = why
            continue
        keep(image.pixels, box)
        kept, told, next_s = kept + 1, None, now_s + plan.every_s
        tell(f"picture {kept} of {plan.count}")
    return kept


def the_one_face(faces: Sequence[FaceObservation], *, width: int) -> tuple[str, Box | None]:
    """The box of the only face, or None and why there is none to be kept."""
    if not faces:
        return "no face", None
    if len(faces) > 1:
        return f"{len(faces)} faces: only one person may be in the picture", None
    box = faces[0].box
    if min(box.w, box.h) * REFERENCE_WIDTH_PX / width < LEAST_FACE_PX:
        return "the face is too small: come closer", None
    return "", box
