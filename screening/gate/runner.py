"""The one thread that owns a gate: devices, web and clock hand it work through a queue."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Protocol

from screening.errors import (
    LaneConflict,
    NotOwner,
    NotRecorded,
    OutcomeUnknown,
    RecordError,
    ScreeningError,
)
from screening.gate.commands import Answer, Command, Scan
from screening.gate.lane import Lane
from screening.gate.verdict import ClockReading
from screening.gate.view import GateView, ScanAnswer
from screening.ports import Device
from screening.readings import (
    Availability,
    CodeScanned,
    CodeSource,
    DeviceFlood,
    DeviceKind,
    Reading,
)

TICK_S = 0.2
"""Five looks a second: a pause or a verdict ends within a blink."""

ASIDE_EVERY_TICKS = 10
"""Who waits aside is looked up every two seconds; other gates send people aside too."""

CALL_TIMEOUT_S = 8.0
"""Whoever asked gives up after this time, so that they hear of it within ten seconds; the gate
itself goes on."""

BUSY_AFTER_S = 1.0
"""A piece of work that takes longer is told: nothing at a gate takes so long but a hanging disk or
database."""

MOST_TOGETHER = 64
"""Scans whose rows are committed together."""

READING_BACKLOG = 500
"""Pieces of work that may wait for a busy gate; above this further readings are dropped."""

CODE_BACKLOG = 16
"""Codes that may wait for a busy gate; above this the oldest is dropped, and that is told."""

_log = logging.getLogger(__name__)


class Watch(Protocol):
    """Whoever looks at the camera for this gate."""

    def start(self) -> None: ...

    def close(self) -> None: ...


class _Asked:
    """A command and who waits for its answer."""

    def __init__(self, command: Command[Any]) -> None:
        self.command = command
        self.future: Future[Any] = Future()
        self._telling = threading.Lock()

    def begin(self) -> bool:
        """Whether somebody still waits for it, so that it is done."""
        with self._telling:
            return not self.future.done() and self.future.set_running_or_notify_cancel()

    def settle(self, answer: Any, failure: BaseException | None) -> None:
        """Tell the answer, or why there is none; nobody listens any more after ``abandon``."""
        with self._telling:
            if self.future.done():
                return
            if failure is not None:
                self.future.set_exception(failure)
            else:
                self.future.set_result(answer)

    def abandon(self, gate: str) -> None:
        """Tell at once that the gate has gone to another process."""
        with self._telling:
            if not self.future.done():
                self.future.set_exception(
                    OutcomeUnknown(
                        "the gate had begun when this process lost it;"
                        " look at the log before trying again"
                    )
                    if self.future.running()
                    else NotOwner(gate)
                )


_Work = Callable[[], object] | _Asked


class GateRunner:
    """Implements ``GateControl``: every call is done by the gate's thread, one after the other."""

    def __init__(
        self,
        lane: Lane,
        *,
        devices: Sequence[Device] = (),
        picture: Callable[[], bytes | None] = lambda: None,
        watch: Watch | None = None,
    ) -> None:
        self._lane = lane
        self._devices = devices
        self._picture = picture
        self._watch = watch
        self._work: queue.SimpleQueue[_Work] = queue.SimpleQueue()
        self._codes: deque[CodeScanned] = deque()
        self._codes_lock = threading.Lock()
        self._codes_dropped = 0
        self._thread = threading.Thread(target=self._run, name=f"gate-{lane.gate}", daemon=True)
        self._closing = threading.Lock()
        self._closed = False
        self._has_ended = False
        self._is_abandoned = False
        self._waited_for: set[_Asked] = set()
        self._clock = lane.clock
        self._begun: ClockReading | None = None
        lane.publish()

    def start(self) -> None:
        """Begin; the devices begin too and report to this gate's thread."""
        self._thread.start()
        for device in self._devices:
            device.start(self.post_reading, self.post_availability)
        if self._watch is not None:
            self._watch.start()

    def stop(self) -> None:
        """Take nothing any more, finish what was asked for, and then end; ``close`` waits."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._work.put(_CLOSE)

    def close(self, patience_s: float | None = None) -> None:
        """Finish what was asked for with all devices still there, then stop; safe to call twice.

        A thread that hangs is given up after ``patience_s``; then the devices close without it.
        """
        self.stop()
        with self._closing:
            if self._has_ended or self._is_abandoned:
                return
            self._has_ended = True
        self._thread.join(patience_s)
        if self._thread.is_alive():
            begun = self._begun
            _log.warning(
                "gate %s: given up while it is busy since %s; the log will tell what became of it",
                self._lane.gate,
                "now" if begun is None else begun.now.isoformat(timespec="seconds"),
            )
        if self._watch is not None:
            self._watch.close()
        for device in self._devices:
            device.close()

    def abandon(self) -> None:
        """Stop at once, since another process may run this gate; nothing that waits is done.

        Whoever waits is told, and the devices are closed, also while the gate's thread hangs.
        """
        with self._closing:
            if self._closed:
                return
            self._closed = self._is_abandoned = True
            self._work.put(_CLOSE)
            waited_for = list(self._waited_for)
        for asked in waited_for:
            asked.abandon(self._lane.gate)
        if self._watch is not None:
            self._watch.close()
        for device in self._devices:
            device.close()

    def post_reading(self, reading: Reading) -> None:
        """From any device's thread; never waits."""
        if isinstance(reading, CodeScanned):
            self._post_code(reading)
        elif self._work.qsize() < READING_BACKLOG:
            self._work.put(lambda: self._lane.device_reading(reading))

    def _post_code(self, code: CodeScanned) -> None:
        with self._codes_lock:
            self._codes.append(code)
            if len(self._codes) <= CODE_BACKLOG:
                self._work.put(self._take_code)
                return
            self._codes.popleft()  # its piece of work takes the next one
            self._codes_dropped += 1

    def _take_code(self) -> None:
        with self._codes_lock:
            code = self._codes.popleft()
            dropped, self._codes_dropped = self._codes_dropped, 0
        if dropped:
            kind = DeviceKind.CAMERA if code.source is CodeSource.CAMERA else DeviceKind.SCANNER
            self._lane.device_reading(DeviceFlood(kind, dropped, self._clock.monotonic_s()))
        self._lane.device_reading(code)

    def post_availability(self, availability: Availability) -> None:
        """From any device's thread; never waits and is never dropped."""
        self._work.put(lambda: self._lane.availability_changed(availability))

    # GateControl

    def view(self) -> GateView:
        """The newest published view. Raises NotOwner after ``abandon``: it would be an old one."""
        if self._is_abandoned:
            raise NotOwner(self._lane.gate)
        return self._lane.newest

    def busy_since(self) -> datetime | None:
        """Since when the gate's thread is in one piece of work that takes long."""
        begun = self._begun
        if begun is None or self._clock.monotonic_s() - begun.monotonic_s < BUSY_AFTER_S:
            return None
        return begun.now

    def picture(self) -> bytes | None:
        """The newest annotated JPEG, or None without a camera."""
        return self._picture()

    def post(self, command: Command[Answer]) -> Future[Answer]:
        """Hand it to the gate's thread. Raises LaneConflict when the gate is shutting down."""
        asked = _Asked(command)
        with self._closing:
            if self._is_abandoned:
                raise NotOwner(self._lane.gate)
            if self._closed:
                raise LaneConflict("the gate is shutting down", code="closing")
            self._waited_for.add(asked)
            self._work.put(asked)
        asked.future.add_done_callback(lambda _: self._waited_for.discard(asked))
        return asked.future

    def do(self, command: Command[Answer]) -> Answer:
        """Have it done; see ``GateControl``."""
        future = self.post(command)
        try:
            return future.result(CALL_TIMEOUT_S)
        except TimeoutError as error:
            raise given_up(future) from error

    # The gate's thread

    def _run(self) -> None:
        next_tick_s, ticks = time.monotonic() + TICK_S, 0
        following: _Work | None = None
        while True:
            work = following
            following = None
            if work is None:
                try:
                    work = self._work.get(timeout=max(0.0, next_tick_s - time.monotonic()))
                except queue.Empty:
                    work = self._lane.tick
            if work is _CLOSE or self._is_abandoned:
                return
            is_on_show = isinstance(work, _Asked)
            if isinstance(work, _Asked):
                following = self._answer(work)
            else:
                self._do(work)
            if time.monotonic() >= next_tick_s:
                is_on_show = False
                if work != self._lane.tick:
                    self._do(self._lane.tick)
                next_tick_s, ticks = time.monotonic() + TICK_S, ticks + 1
                if ticks % ASIDE_EVERY_TICKS == 0:
                    self._do(self._lane.refresh_aside)
            if not is_on_show:
                self._do(self._lane.publish)

    def _answer(self, asked: _Asked) -> _Work | None:
        """Do what was asked and publish; what else was taken from the queue comes back."""
        if self._is_taken_together(asked):
            return self._answer_scans(asked)
        # Whoever gave up wants nothing done later behind their back.
        if asked.begin():
            answer, failure = self._outcome(lambda: self._lane.do(asked.command))
            self._do(self._lane.publish)  # what was changed is on show when the caller looks
            asked.settle(answer, failure)
        return None

    def _is_taken_together(self, asked: _Asked) -> bool:
        command = asked.command
        return isinstance(command, Scan) and self._lane.entrance.takes_together(command)

    def _answer_scans(self, first: _Asked) -> _Work | None:
        """Begin it and those that wait behind it, also those that came meanwhile; then end them."""
        begun: list[_Asked] = []
        following: _Work | None = None

        def waiting() -> Iterator[Scan]:
            nonlocal following
            asked = first
            while True:
                command = asked.command
                if isinstance(command, Scan) and asked.begin():
                    begun.append(asked)
                    yield command
                if len(begun) == MOST_TOGETHER or self._work.empty():
                    return
                following = self._work.get()
                if not (isinstance(following, _Asked) and self._is_taken_together(following)):
                    return
                asked, following = following, None

        ends: list[Callable[[], ScanAnswer]] = []
        self._do(lambda: ends.extend(self._lane.entrance.begin_together(waiting())))
        outcomes = [self._outcome(end) for end in ends]
        # A fault in the program, which was logged, leaves those without an end that had begun.
        fault = OutcomeUnknown("the gate had a fault; look at the log before trying again")
        outcomes += [(None, fault)] * (len(begun) - len(ends))
        self._do(self._lane.publish)
        for asked, (answer, failure) in zip(begun, outcomes, strict=True):
            asked.settle(answer, failure)
        return following

    def _outcome(self, act: Callable[[], object]) -> tuple[object, BaseException | None]:
        """What the act brings, or why it brings nothing."""
        answer: object = None
        failure: BaseException | None = None

        def work() -> None:
            nonlocal answer, failure
            try:
                answer = act()
            except BaseException as error:
                failure = error
                raise

        self._do(work)
        return answer, failure

    def _do(self, work: Callable[[], object]) -> None:
        self._begun = ClockReading(self._clock.now(), self._clock.monotonic_s())
        try:
            work()
        except ScreeningError as error:
            _log.warning("gate %s: %s", self._lane.gate, error)
        except Exception:  # noqa: BLE001 - the supervisor: a bug must not stop the office
            _log.exception("gate %s: a fault in the program; the guard decides", self._lane.gate)
            self._lane.drop_visitor()
        finally:
            self._begun = None


def given_up(future: Future[Any]) -> RecordError:
    """What to tell whoever does not wait any longer for a command's future."""
    if future.cancel():
        return NotRecorded("the gate is busy; nothing was done, try again")
    return OutcomeUnknown(
        "the gate had begun but did not finish in time; look at the log before trying again"
    )


def _close() -> None:
    """The last piece of work; it is never called."""


_CLOSE = _close
