"""The other end of a serial cable: a pseudo-terminal whose path outlives being unplugged."""

from __future__ import annotations

import os
import tempfile
import threading
import tty
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

_JOIN_S = 2.0
_MOMENTS = 60
_MOMENT_S = 0.003


class SimulatedDevice(ABC):
    """A device on a pseudo-terminal; subclasses say in ``_tick`` what it does every ``period_s``.

    ``path`` is a link that points to the current terminal, as the names in /dev/serial/by-path do.
    """

    def __init__(self, name: str, period_s: float) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="gerbang-simulated-")
        self.path = str(Path(self._folder.name) / name)
        self._period_s = period_s
        self._lock = threading.RLock()
        self._master: int | None = None
        self._slave: int | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"simulated {name}", daemon=True)
        self.plug_in()
        self._thread.start()

    def plug_in(self) -> None:
        """Appear as a new terminal under the same path; does nothing when plugged in already."""
        with self._lock:
            if self._master is not None:
                return
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)  # no echo, no translation, also before a driver has opened it
            os.set_blocking(self._master, False)
            os.symlink(os.ttyname(self._slave), self.path)
            self._plugged_in()

    def unplug(self) -> None:
        """Vanish as a USB adapter does: the path is gone and every read of the driver fails."""
        with self._lock:
            if self._master is None or self._slave is None:
                return
            os.unlink(self.path)
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = None

    def inject(self, wire: bytes) -> None:
        """Send these bytes now, whatever they are; lost when unplugged or when nobody reads.

        A thermal picture is more than a terminal holds: the rest waits a moment for a reader.
        """
        with self._lock:
            left = wire
            for _ in range(_MOMENTS):
                if self._master is None:
                    return
                try:
                    left = left[os.write(self._master, left) :]
                except BlockingIOError:
                    if left == wire:
                        return  # a wire does not wait for a reader either
                if not left:
                    return
                self._closing.wait(_MOMENT_S)

    def close(self) -> None:
        """Safe to call twice."""
        self._closing.set()
        if self._thread is not threading.current_thread():
            self._thread.join(_JOIN_S)
        self.unplug()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _received(self) -> bytes:
        """What the driver has written since the last call."""
        with self._lock:
            if self._master is None:
                return b""
            try:
                return os.read(self._master, 4096)
            except BlockingIOError:
                return b""

    def _plugged_in(self) -> None:  # noqa: B027 - most devices do nothing at power-up
        """What the device does once at power-up."""

    @abstractmethod
    def _tick(self) -> None:
        """What the device does every period."""

    def _run(self) -> None:
        while not self._closing.wait(self._period_s):
            self._tick()
