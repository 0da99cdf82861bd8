"""A device's own thread: connect, talk, notice the loss, back off, try again, tell it once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from drivers.health import NOT_TRIED, Backoff, Counts, Health
from drivers.stall import StallWatch
from drivers.wire import Link
from screening.errors import AdapterEchoes, DeviceError, DeviceTimeout
from screening.ports import AvailabilityListener, ReadingListener
from screening.readings import (
    Availability,
    DeviceFlood,
    DeviceKind,
    DeviceTrouble,
    Reading,
    TemperatureFault,
)

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
_JOIN_S = 3.0  # every wait of a device thread is shorter


class AvailabilityReport:
    """One device's availability: logs each change once and tells the listener."""

    def __init__(self, kind: DeviceKind, name: str, monotonic_s: Callable[[], float]) -> None:
        self._name = name
        self._monotonic_s = monotonic_s
        self._listener: AvailabilityListener | None = None
        self._is_told = False
        self.current = Availability(kind, False, monotonic_s(), NOT_TRIED)

    def tell(self, listener: AvailabilityListener) -> None:
        self._listener = listener

    def update(self, problem: str | None, trouble: DeviceTrouble | None = None) -> None:
        """None: it can be used. A second problem in a row only replaces the text.

        The listener hears of it where it is another ``trouble``.
        """
        if problem is NOT_TRIED:
            return
        available = problem is None
        if self._is_told and available == self.current.available:
            if problem != self.current.last_error and problem is not None:
                _LOG.debug("%s is still unavailable: %s", self._name, problem)
                before = self.current
                self.current = replace(before, last_error=problem, trouble=trouble)
                if trouble is not before.trouble and self._listener is not None:
                    call_listener(self._listener, self.current)
            return
        self._is_told = True
        last_error = problem
        if available and self.current.last_error is not NOT_TRIED:
            last_error = self.current.last_error
        self.current = Availability(
            self.current.device, available, self._monotonic_s(), last_error, trouble
        )
        if available:
            _LOG.info("%s is available", self._name)
        else:
            _LOG.warning("%s is unavailable: %s", self._name, problem)
        if self._listener is not None:
            call_listener(self._listener, self.current)


class Conversation(Protocol):
    """What is said over one kind of link. Raises DeviceError when the device is gone or strange."""

    def begin(self, link: Link) -> None:
        """The link has just been opened."""

    def step(self, link: Link) -> Sequence[Reading]:
        """Waits a few tenths of a second at most for what the device has to say."""

    def end(self, link: Link) -> None:
        """We are closing down and the link still works."""


class SupervisedDevice:
    """A serial device behind ``screening.ports.Device``; its thread owns the link."""

    def __init__(
        self,
        *,
        kind: DeviceKind,
        name: str,
        connect: Callable[[], Link],
        conversation: Conversation,
        silence_s: float | None,
        monotonic_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._kind = kind
        self._name = name
        self._connect = connect
        self._conversation = conversation
        self._monotonic_s = monotonic_s
        self._closing = threading.Event()
        self._wait = self._closing.wait if wait is None else wait
        self._health = Health(silence_s=silence_s, backoff=backoff or Backoff())
        self._stall = StallWatch(monotonic_s)
        self._report = AvailabilityReport(kind, name, monotonic_s)
        self._thread: threading.Thread | None = None

    @property
    def kind(self) -> DeviceKind:
        return self._kind

    @property
    def availability(self) -> Availability:
        return self._report.current

    @property
    def counts(self) -> Counts:
        """What it sent since start."""
        return self._health.counts

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        if self._thread is not None:
            raise RuntimeError(f"{self._name} was started before")
        self._report.tell(on_availability)
        self._thread = threading.Thread(
            target=self._run, args=(on_reading,), name=self._name, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_JOIN_S)

    def _run(self, on_reading: ReadingListener) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._serve(on_reading)
                except DeviceError as error:
                    self._health.failed(str(error))
                    echo = DeviceTrouble.ECHO if isinstance(error, AdapterEchoes) else None
                    self._report.update(self._health.problem, echo)
                    self._wait(self._health.retry_after_s())
        finally:
            # Also after a bug in a conversation: a dead thread must not look like a good device.
            if not self._closing.is_set():
                self._report.update("its driver has stopped; see the log")

    def _serve(self, on_reading: ReadingListener) -> None:
        link = self._connect()
        try:
            self._conversation.begin(link)
            self._health.opened(self._monotonic_s())
            self._stall.begin()
            self._report.update(self._health.problem)
            while not self._closing.is_set():
                self._judge(self._conversation.step(link), link, on_reading)
            self._conversation.end(link)
        finally:
            link.close()

    def _judge(self, readings: Sequence[Reading], link: Link, on_reading: ReadingListener) -> None:
        self._health.could_not_listen(self._stall.stalled_s())
        for reading in readings:
            if isinstance(reading, TemperatureFault):
                self._health.took_fault(reading.reason)
            elif not isinstance(reading, DeviceFlood):
                self._health.took_reading(self._monotonic_s())
            self._report.update(self._health.problem)
            call_listener(on_reading, reading)
        silence = self._health.passed_quietly(self._monotonic_s())
        if silence is not None:
            raise DeviceTimeout(silence, device=self._name, port=link.port)


def call_listener(listener: Callable[[T], None], value: T) -> None:
    """A listener's bug is logged with its traceback; the device goes on."""
    try:
        listener(value)
    except Exception:  # noqa: BLE001 - whatever the listener is, the device must go on
        _LOG.exception("a listener failed on %s", type(value).__name__)
