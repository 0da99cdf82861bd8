"""What a thermometer's codec hands on: a temperature, or bytes that are none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from screening.readings import FaultReason


@dataclass(frozen=True, slots=True)
class DecodedTemperature:
    """One measurement, rounded to the hundredths of a degree that the wire carries."""

    object_celsius: float
    ambient_celsius: float | None


@dataclass(frozen=True, slots=True, eq=False)
class DecodedArray:
    """One thermal picture: ``celsius`` is (rows, columns) float32 in degC, read-only.

    Row 0 is the top, column 0 the left, as somebody standing behind the device sees the scene. A
    pixel that the device does not know is NaN; at least one is known.
    """

    celsius: NDArray[np.float32] = field(repr=False)
    ambient_celsius: float | None

    def __post_init__(self) -> None:
        self.celsius.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, DecodedArray)
            and self.ambient_celsius == other.ambient_celsius
            and np.array_equal(self.celsius, other.celsius, equal_nan=True)
        )

    def __hash__(self) -> int:
        return hash((self.celsius.shape, self.ambient_celsius))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.celsius.shape
        return rows, columns

    @property
    def coldest_celsius(self) -> float:
        """Of the known pixels, rounded to hundredths."""
        return round(float(np.nanmin(self.celsius)), 2)

    @property
    def hottest_celsius(self) -> float:
        """Of the known pixels, rounded to hundredths."""
        return round(float(np.nanmax(self.celsius)), 2)


@dataclass(frozen=True, slots=True)
class MalformedFrame:
    """Bytes that are not a temperature, and why."""

    reason: FaultReason
    raw: bytes


Decoded = DecodedTemperature | DecodedArray | MalformedFrame


class TemperatureDecoder(Protocol):
    """Owns a bounded buffer, nothing else; its result does not depend on how the wire was cut."""

    def feed(self, chunk: bytes) -> list[Decoded]:
        """Everything that ``chunk`` completes, in the order of the wire."""

    def idle(self) -> list[Decoded]:
        """The line is quiet between two frames: what need not wait for more bytes."""

    def flush(self) -> list[Decoded]:
        """The line has ended: whatever is left, complete or truncated."""


@dataclass(frozen=True, slots=True)
class DeviceRange:
    """What the sensor itself can measure, by its datasheet; a value outside is a fault."""

    object_min_celsius: float
    object_max_celsius: float
    ambient_min_celsius: float
    ambient_max_celsius: float

    def contains(self, measured: DecodedTemperature) -> bool:
        """Both values lie inside; an ambient that was not told does not count."""
        ambient = measured.ambient_celsius
        return self.object_min_celsius <= measured.object_celsius <= self.object_max_celsius and (
            ambient is None or self.ambient_min_celsius <= ambient <= self.ambient_max_celsius
        )


_COLDEST_CHIP_CELSIUS = -40.0
_HOTTEST_CHIP_CELSIUS = 125.0

# Melexis MLX90614 datasheet, "Features": ambient -40...125 degC, object -70...380 degC.
MLX90614_RANGE = DeviceRange(
    object_min_celsius=-70.0,
    object_max_celsius=380.0,
    ambient_min_celsius=-40.0,
    ambient_max_celsius=125.0,
)


def is_chip_temperature(celsius: float) -> bool:
    """Whether a running chip can have it; the word of another value tells nothing."""
    return _COLDEST_CHIP_CELSIUS <= celsius <= _HOTTEST_CHIP_CELSIUS
