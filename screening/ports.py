"""What the gate asks of devices. Drivers implement these; the gate sees nothing else of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from screening.readings import Availability, DeviceKind, Image, Reading

ReadingListener = Callable[[Reading], None]
AvailabilityListener = Callable[[Availability], None]


class Device(Protocol):
    """A supervised device: it runs its own thread, reconnects by itself and reports both ways."""

    @property
    def kind(self) -> DeviceKind: ...

    @property
    def availability(self) -> Availability: ...

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        """Begin; listeners are called from the device's thread and must not block."""

    def close(self) -> None:
        """Stop and release the port; safe to call twice."""


class Camera(Device, Protocol):
    """A camera never pushes pictures through the listener: whoever needs one takes the newest."""

    def newest(self) -> Image | None:
        """The newest picture, or None while the camera is unavailable."""

    def wait_newer(self, sequence: int, timeout_s: float) -> Image | None:
        """The first picture whose sequence is above ``sequence``, or None after ``timeout_s``."""


class Barrier(Device, Protocol):
    """Opens once for a decision, and never again for the same one."""

    def open_once(self, decision_id: str) -> None:
        """Pulse for this decision; a repeated id does nothing.

        Raises DeviceUnavailable when the pulse was not sent; it is not sent later either.
        """
