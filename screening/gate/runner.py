"""The one thread that owns a gate: devices, web and clock hand it work through a queue."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol, TypeVar

from screening.decision import DecisionKind
from screening.errors import LaneConflict, NotRecorded, OutcomeUnknown, ScreeningError
from screening.gate.lane import Lane
from screening.gate.view import GateView, ScanAnswer
from screening.ports import Device
from screening.readings import Availability, CodeScanned, CodeSource, MaskLabel, Reading

T = TypeVar("T")

TICK_S = 0.2
"""Five looks a second: a pause or a verdict ends within a blink."""

ASIDE_EVERY_TICKS = 10
"""Who waits aside is looked up every two seconds; other gates send people aside too."""

CALL_TIMEOUT_S = 10.0
"""A web request gives up after this time; the gate itself goes on."""

READING_BACKLOG = 500
"""Readings that may wait for a busy gate; above this further ones are dropped, codes are not."""

_log = logging.getLogger(__name__)


class Watch(Protocol):
    """Whoever looks at the camera for this gate."""

    def start(self) -> None: ...

    def close(self) -> None: ...


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
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"gate-{lane.gate}", daemon=True)
        self._closing = threading.Lock()
        self._closed = False

    def start(self) -> None:
        """Begin; the devices begin too and report to this gate's thread."""
        self._thread.start()
        for device in self._devices:
            device.start(self.post_reading, self.post_availability)
        if self._watch is not None:
            self._watch.start()

    def close(self) -> None:
        """Finish what was asked for with all devices still there, then stop; safe to call twice."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._work.put(None)
        self._thread.join()
        if self._watch is not None:
            self._watch.close()
        for device in self._devices:
            device.close()

    def post_reading(self, reading: Reading) -> None:
        """From any device's thread; never waits."""
        if isinstance(reading, CodeScanned) or self._work.qsize() < READING_BACKLOG:
            self._work.put(lambda: self._lane.device_reading(reading))

    def post_availability(self, availability: Availability) -> None:
        """From any device's thread; never waits and is never dropped."""
        self._work.put(lambda: self._lane.availability_changed(availability))

    def _run(self) -> None:
        next_tick_s, ticks = time.monotonic() + TICK_S, 0
        while True:
            try:
                work = self._work.get(timeout=max(0.0, next_tick_s - time.monotonic()))
            except queue.Empty:
                work = self._lane.tick
            if work is None:
                return
            self._do(work)
            if time.monotonic() >= next_tick_s:
                if work != self._lane.tick:
                    self._do(self._lane.tick)
                next_tick_s, ticks = time.monotonic() + TICK_S, ticks + 1
                if ticks % ASIDE_EVERY_TICKS == 0:
                    self._do(self._lane.refresh_aside)
            self._do(self._lane.tell_changes)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except ScreeningError as error:
            _log.warning("gate %s: %s", self._lane.gate, error)
        except Exception:  # noqa: BLE001 - the supervisor: a bug must not stop the office
            _log.exception("gate %s: a fault in the program; the guard decides", self._lane.gate)
            self._lane.drop_visitor()

    def _call(self, function: Callable[[], T]) -> T:
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return  # whoever asked has given up: nothing happens later behind their back
            try:
                result = function()
            except BaseException as error:
                future.set_exception(error)
                if not isinstance(error, ScreeningError):
                    raise
            else:
                future.set_result(result)

        with self._closing:
            if self._closed:
                raise LaneConflict("the gate is shutting down", code="closing")
            self._work.put(work)
        try:
            return future.result(CALL_TIMEOUT_S)
        except TimeoutError as error:
            if future.cancel():
                raise NotRecorded("the gate is busy; nothing was done, try again") from error
            raise OutcomeUnknown(
                "the gate had begun but did not finish in time; look at the log before trying again"
            ) from error

    def _call_and_view(self, function: Callable[[], object]) -> GateView:
        def both() -> GateView:
            function()
            self._lane.refresh_aside()
            return self._lane.view()

        return self._call(both)

    # GateControl

    def view(self) -> GateView:
        return self._call(self._lane.view)

    def picture(self) -> bytes | None:
        return self._picture()

    def scan(
        self,
        code: str,
        *,
        source: CodeSource,
        nonce: str | None = None,
        operator: str | None = None,
    ) -> ScanAnswer:
        return self._call(
            lambda: self._lane.entrance.scan(code, source=source, nonce=nonce, operator=operator)
        )

    def exit_scan(self, code: str, *, operator: str | None) -> bool:
        return self._call(lambda: self._lane.exits.scan(code, operator=operator))

    def exit_button(self, *, operator: str) -> bool:
        return self._call(lambda: self._lane.exits.button(operator=operator))

    def admit_emergency(self, *, service: str, operator: str, remark: str) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.admit_emergency(
                service=service, operator=operator, remark=remark
            )
        )

    def hands_cleaned(self, *, operator: str, attempt_id: str | None = None) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.hands_cleaned(operator=operator, attempt_id=attempt_id)
        )

    def enter_temperature(
        self, celsius: float, *, operator: str, attempt_id: str | None = None
    ) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.enter_temperature(
                celsius, operator=operator, attempt_id=attempt_id
            )
        )

    def enter_mask(
        self, label: MaskLabel, *, operator: str, attempt_id: str | None = None
    ) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.enter_mask(label, operator=operator, attempt_id=attempt_id)
        )

    def exempt_mask(self, *, operator: str, remark: str, attempt_id: str | None = None) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.exempt_mask(
                operator=operator, remark=remark, attempt_id=attempt_id
            )
        )

    def override(
        self, kind: DecisionKind, *, operator: str, remark: str, attempt_id: str | None = None
    ) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.override(
                kind, operator=operator, remark=remark, attempt_id=attempt_id
            )
        )

    def confirm(
        self, *, operator: str, remark: str | None = None, attempt_id: str | None = None
    ) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.confirm(
                operator=operator, remark=remark, attempt_id=attempt_id
            )
        )

    def clear(self, *, operator: str | None, attempt_id: str | None = None) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.clear(operator=operator, attempt_id=attempt_id)
        )

    def undo(self, attempt_id: str, *, operator: str, remark: str) -> GateView:
        return self._call_and_view(
            lambda: self._lane.guard.undo(attempt_id, operator=operator, remark=remark)
        )

    def resume(self, attempt_id: str, *, operator: str) -> GateView:
        return self._call_and_view(lambda: self._lane.guard.resume(attempt_id, operator=operator))

    def hand_over(self, *, from_user: str, to_user: str) -> None:
        self._call(lambda: self._lane.guard.hand_over(from_user=from_user, to_user=to_user))

    def keep_free(self, *, operator: str) -> GateView:
        return self._call_and_view(lambda: self._lane.hold.begin(operator=operator))

    def open_again(self) -> GateView:
        return self._call_and_view(self._lane.hold.open_again)

    def refresh_thermometer(self) -> GateView:
        return self._call_and_view(self._lane.refresh_thermometer)
