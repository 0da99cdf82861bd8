"""A barrier behind a relay: one pulse for a decision, and none that nobody decided."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

from drivers.health import Backoff
from drivers.link import SerialAddress
from drivers.supervision import SupervisedDevice
from drivers.wire import Link
from screening.errors import DeviceError, DeviceUnavailable
from screening.readings import DeviceKind, Reading

_BAUD_RATE = 9600
_LOOK_S = 0.1  # how often the port is looked at for having vanished
_CHECK_S = 5.0  # how often a board that can answer is asked whether it is there
_REMEMBERED = 4096  # decisions; at 30 visitors a minute more than two hours
_LATE_S = 1.0  # beyond the running pulse: after that the caller is told rather than kept waiting


class RelayBoard(Protocol):
    """One relay on one kind of board. Raises DeviceError."""

    def switch_off(self, link: Link) -> None: ...

    def pulse(self, link: Link) -> float | None:
        """Close the contact; seconds until ``switch_off`` is due, None where the board does it."""

    def check(self, link: Link) -> None:
        """Look whether the board is there."""


class SerialBarrier(SupervisedDevice):
    """Switches off after every connection and on closing; switches on in ``open_once`` alone.

    ``open_once`` runs in its caller's thread, so that its outcome is known when it returns. It
    never waits for a reconnection: what could not be done for a decision is not done later.
    """

    def __init__(
        self,
        *,
        board: RelayBoard,
        pulse_s: float,
        port: str | None = None,
        usb: str | None = None,
        monotonic_s: Callable[[], float],
        wait: Callable[[float], bool] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        address = SerialAddress.parse(device="barrier", port=port, usb=usb)
        self._relay = RelayConversation(board, pulse_s=pulse_s, monotonic_s=monotonic_s)
        super().__init__(
            kind=DeviceKind.BARRIER,
            name=f"barrier {port or usb}",
            connect=lambda: address.connect(_BAUD_RATE),
            conversation=self._relay,
            silence_s=None,
            monotonic_s=monotonic_s,
            wait=wait,
            backoff=backoff,
        )

    def open_once(self, decision_id: str) -> None:
        """Pulse for this decision; the same id again does nothing, or fails as it failed before.

        Raises DeviceUnavailable when the pulse was not sent or its outcome is unknown.
        """
        self._relay.open_once(decision_id)


class RelayConversation:
    """Shares the link between the device's thread and the caller of ``open_once``."""

    def __init__(
        self, board: RelayBoard, *, pulse_s: float, monotonic_s: Callable[[], float]
    ) -> None:
        self._board = board
        self._pulse_s = pulse_s
        self._monotonic_s = monotonic_s
        self._changed = threading.Condition()
        self._link: Link | None = None
        self._failure: DeviceError | None = None
        self._off_due_s: float | None = None
        self._check_due_s = 0.0
        # Decision -> why it was not carried out, None where it was.
        self._outcomes: OrderedDict[str, str | None] = OrderedDict()

    def begin(self, link: Link) -> None:
        self._board.switch_off(link)
        with self._changed:
            self._link = link
            self._failure = self._off_due_s = None
            self._check_due_s = self._monotonic_s() + _CHECK_S

    def step(self, link: Link) -> Sequence[Reading]:
        with self._changed:
            self._changed.wait(self._until_next_s())
            try:
                if self._failure is not None:
                    raise self._failure
                self._look_after(link)
            except DeviceError:
                self._let_go()
                raise
        return []

    def end(self, link: Link) -> None:
        with self._changed:
            self._let_go()
        self._board.switch_off(link)

    def open_once(self, decision_id: str) -> None:
        with self._changed:
            if decision_id in self._outcomes:
                problem = self._outcomes[decision_id]
                if problem is not None:
                    raise DeviceUnavailable(problem, device="barrier")
                return
            self._remember(decision_id, "the pulse for this decision is still waiting")
            self._changed.wait_for(self._is_at_rest, self._pulse_s + _LATE_S)
            try:
                self._pulse()
            except DeviceError as error:
                self._remember(decision_id, str(error))
                raise DeviceUnavailable(str(error), device="barrier", port=error.port) from error
            self._remember(decision_id, None)

    def _pulse(self) -> None:
        link = self._link
        if link is None:
            raise DeviceUnavailable(
                "the barrier is not connected; nothing was sent", device="barrier"
            )
        if self._off_due_s is not None:
            raise DeviceUnavailable(
                "the pulse before has not ended; nothing was sent", device="barrier", port=link.port
            )
        try:
            hold_s = self._board.pulse(link)
        except DeviceError as error:
            # Whether the contact closed is unknown; the device's thread starts over with off.
            self._failure = error
            self._link = None
            self._changed.notify_all()
            raise
        if hold_s is not None:
            self._off_due_s = self._monotonic_s() + hold_s
            self._changed.notify_all()

    def _look_after(self, link: Link) -> None:
        now_s = self._monotonic_s()
        if self._off_due_s is not None and now_s >= self._off_due_s:
            self._board.switch_off(link)
            self._off_due_s = None
            self._changed.notify_all()
        elif self._off_due_s is None and now_s >= self._check_due_s:
            self._board.check(link)
            self._check_due_s = now_s + _CHECK_S
        else:
            link.read_chunk(0)  # a vanished port shows in reading

    def _let_go(self) -> None:
        self._link = None
        self._off_due_s = None
        self._changed.notify_all()

    def _is_at_rest(self) -> bool:
        return self._link is None or self._off_due_s is None

    def _until_next_s(self) -> float:
        if self._failure is not None:
            return 0.0
        if self._off_due_s is None:
            return _LOOK_S
        return min(_LOOK_S, max(0.0, self._off_due_s - self._monotonic_s()))

    def _remember(self, decision_id: str, problem: str | None) -> None:
        self._outcomes[decision_id] = problem
        while len(self._outcomes) > _REMEMBERED:
            self._outcomes.popitem(last=False)
