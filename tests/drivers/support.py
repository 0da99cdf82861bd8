"""Shared by the tests of drivers: listeners that can be waited for, links that follow a script."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from screening.errors import DeviceUnavailable
from screening.readings import Availability, Reading

PATIENCE_S = 60.0  # only a broken test waits as long


class Recorder:
    """Both listeners of a device; ``wait_until`` returns as soon as what was heard satisfies."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []
        self.availabilities: list[Availability] = []
        self._changed = threading.Condition()

    def on_reading(self, reading: Reading) -> None:
        with self._changed:
            self.readings.append(reading)
            self._changed.notify_all()

    def on_availability(self, availability: Availability) -> None:
        with self._changed:
            self.availabilities.append(availability)
            self._changed.notify_all()

    def wait_until(self, satisfied: Callable[[Recorder], bool]) -> None:
        with self._changed:
            met = self._changed.wait_for(lambda: satisfied(self), PATIENCE_S)
        assert met, f"heard only {self.readings[-3:]} and {self.availabilities}"

    def wait_available(self, available: bool, times: int = 1) -> None:
        """Until the device was told ``times`` times to be (un)available."""
        self.wait_until(
            lambda heard: sum(a.available == available for a in heard.availabilities) >= times
        )


class SettableClock:
    """Monotonic seconds that move only when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class ScriptedLink:
    """Reads follow the script: bytes, a call to make, or an error; then the line stays quiet."""

    port = "/dev/ttyUSB9"

    def __init__(
        self, script: Iterable[bytes | DeviceUnavailable | Callable[[], bytes]] = ()
    ) -> None:
        self._script = list(script)
        self.written: list[bytes] = []
        self.write_error: DeviceUnavailable | None = None
        self.finished = threading.Event()
        self.is_closed = False

    def open(self) -> None:
        """Open from the beginning."""

    def read_chunk(self, timeout_s: float) -> bytes:
        if not self._script:
            self.finished.set()
            threading.Event().wait(min(timeout_s, 0.005))
            return b""
        item = self._script.pop(0)
        if isinstance(item, DeviceUnavailable):
            raise item
        return item if isinstance(item, bytes) else item()

    def write(self, wire: bytes) -> None:
        if self.write_error is not None:
            raise self.write_error
        self.written.append(wire)

    def close(self) -> None:
        self.is_closed = True

    def wait_finished(self) -> None:
        assert self.finished.wait(PATIENCE_S)


def lost() -> DeviceUnavailable:
    return DeviceUnavailable("the connection was lost", device="thermometer", port="/dev/ttyUSB9")
