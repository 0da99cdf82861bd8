"""What devices and the mask check hand to the gate: frozen values, never live objects.

Every value carries the monotonic second at which it was taken (``Clock.monotonic_s``), so that the
gate can tell a fresh value from a stale one without asking the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class DeviceKind(StrEnum):
    """The kinds of device that stand at a gate."""

    THERMOMETER = "thermometer"
    CAMERA = "camera"
    SCANNER = "scanner"
    BARRIER = "barrier"
    PEOPLE_COUNTER = "people_counter"


class DeviceTrouble(StrEnum):
    """What a person at the gate can mend. Published: add, never rename."""

    ECHO = "echo"
    FLOOD = "flood"
    POSTER = "poster"


class FaultReason(StrEnum):
    """Why something a thermometer sent is not a temperature. Published: add, never rename."""

    BAD_CHECKSUM = "bad_checksum"
    BAD_HEADER = "bad_header"
    BAD_LENGTH = "bad_length"
    UNPARSABLE = "unparsable"
    OVERFLOW = "overflow"
    TRUNCATED = "truncated"
    NOT_A_NUMBER = "not_a_number"
    SENSOR_ERROR = "sensor_error"
    OUT_OF_DEVICE_RANGE = "out_of_device_range"


@dataclass(frozen=True, slots=True)
class TemperatureReading:
    """One value inside the device's own range; whether a face can have it is policy.

    ``object_celsius`` is what the sensor looked at, ``ambient_celsius`` its own housing (degC) or
    None where the device does not tell.
    """

    object_celsius: float
    ambient_celsius: float | None
    taken_at_s: float


@dataclass(frozen=True, slots=True)
class TemperatureFault:
    """Something arrived that is not a temperature; ``raw`` is what was on the wire."""

    reason: FaultReason
    raw: bytes
    taken_at_s: float


@dataclass(frozen=True, slots=True, eq=False)
class ThermalPicture:
    """What a thermal array saw: ``celsius`` is (rows, columns) float32 in degC, read-only.

    Row 0 is the top. A pixel that the device does not know is NaN; at least one is known.
    ``ambient_celsius`` is the sensor's own temperature, warmer than the room, or None where the
    device does not tell.
    """

    celsius: NDArray[np.float32] = field(repr=False)
    ambient_celsius: float | None
    taken_at_s: float

    @property
    def rows(self) -> int:
        """Height in pixels."""
        return int(self.celsius.shape[0])

    @property
    def columns(self) -> int:
        """Width in pixels."""
        return int(self.celsius.shape[1])

    @property
    def coldest_celsius(self) -> float:
        """Of the known pixels, rounded to hundredths."""
        return round(float(np.nanmin(self.celsius)), 2)

    @property
    def hottest_celsius(self) -> float:
        """Of the known pixels, rounded to hundredths."""
        return round(float(np.nanmax(self.celsius)), 2)


class CodeSource(StrEnum):
    """How a receipt's code reached the gate."""

    SERIAL_SCANNER = "serial_scanner"
    KEYBOARD_SCANNER = "keyboard_scanner"
    CAMERA = "camera"
    TYPED = "typed"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class CodeScanned:
    """A code as text (``GB1:`` token or typed receipt number) and where it came from."""

    text: str
    source: CodeSource


@dataclass(frozen=True, slots=True)
class CodeStays:
    """A code that was scanned is still in sight; told about once a second."""

    text: str
    source: CodeSource


@dataclass(frozen=True, slots=True)
class PeopleCrossed:
    """So many people were seen to go in and out at a door since the last such reading."""

    entered: int
    left: int
    taken_at_s: float


@dataclass(frozen=True, slots=True)
class DeviceFlood:
    """More arrived than the device can mean: ``dropped`` were thrown away, the newest kept."""

    device: DeviceKind
    dropped: int
    taken_at_s: float


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: ``pixels`` is (height, width, 3) uint8 in BGR order, read-only by convention."""

    pixels: NDArray[np.uint8] = field(repr=False)
    captured_at_s: float
    sequence: int


class MaskLabel(StrEnum):
    """What the mask check tells of one face."""

    MASK = "mask"
    NO_MASK = "no_mask"
    INCORRECT = "incorrect"


@dataclass(frozen=True, slots=True)
class Box:
    """Bounding box in pixels of the picture: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.w * self.h

    def overlap(self, other: Box) -> float:
        """Shared area over joint area (IoU), 0 to 1."""
        shared_w = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        shared_h = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        if shared_w <= 0 or shared_h <= 0:
            return 0.0
        shared = shared_w * shared_h
        joint = self.area + other.area - shared
        # Sides far smaller than their place are rounded: the share would come out above 1.
        return min(1.0, shared / joint) if joint > 0 else 0.0


@dataclass(frozen=True, slots=True)
class FaceObservation:
    """One face in one picture; ``confidence`` of the label, ``face_score`` of the box: 0 to 1.

    ``probabilities`` are calibrated, sum to 1 and stand in the order of ``MaskLabel``; None where
    only the label's own is known.
    """

    box: Box
    label: MaskLabel
    confidence: float
    face_score: float
    probabilities: tuple[float, float, float] | None = None


class MaskAdvice(StrEnum):
    """Why a window of pictures gives no mask result yet, or what it says of the face in front."""

    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    TOO_FAR = "too_far"
    UNSURE = "unsure"
    TOO_DARK = "too_dark"
    BACKLIT = "backlit"


@dataclass(frozen=True, slots=True)
class MaskReading:
    """The stable result over several pictures of one face, or the advice why there is none.

    Exactly one of ``label`` and ``advice`` is set. ``face`` is the box of the face in front in the
    newest picture, in shares of the picture's width and height; None where it was not seen there.
    """

    label: MaskLabel | None
    advice: MaskAdvice | None
    confidence: float
    images: int
    taken_at_s: float
    face: Box | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a device can be used now, since when (monotonic seconds) and what went wrong last.

    ``trouble`` names what is wrong now where a person can mend it.
    """

    device: DeviceKind
    available: bool
    since_s: float
    last_error: str | None = None
    trouble: DeviceTrouble | None = None


Reading = (
    TemperatureReading
    | TemperatureFault
    | ThermalPicture
    | CodeScanned
    | CodeStays
    | DeviceFlood
    | MaskReading
    | PeopleCrossed
)


def sender_of(reading: Reading) -> DeviceKind | None:
    """The device that this reading came from; None for what is no reading, such as noise."""
    match reading:
        case TemperatureReading() | ThermalPicture():
            return DeviceKind.THERMOMETER
        case MaskReading():
            return DeviceKind.CAMERA
        case PeopleCrossed():
            return DeviceKind.PEOPLE_COUNTER
        case CodeScanned(source=source) | CodeStays(source=source):
            return _SCANNERS.get(source)
        case _:
            return None


_SCANNERS = {
    CodeSource.SERIAL_SCANNER: DeviceKind.SCANNER,
    CodeSource.CAMERA: DeviceKind.CAMERA,
}
