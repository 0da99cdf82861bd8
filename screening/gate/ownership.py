"""Which process runs a gate. A gate has one owner, and owning ends with the process.

The owner alone writes the gate's rows and opens its barrier. Whoever has lost a gate stops acting
for it before another process can begin.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from screening.errors import DeviceUnavailable, NotRecorded
from screening.ports import AvailabilityListener, Barrier, ReadingListener
from screening.readings import Availability, DeviceKind
from screening.visits import Attempt, VisitLog, WrittenAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process that runs a gate: its machine's name and its web address, where it has one."""

    machine: str
    address: str | None
    since: datetime


class Ownership(Protocol):
    """A gate that this process has taken."""

    @property
    def is_lost(self) -> bool:
        """Whether it is over; it never comes back, the gate has to be taken again."""

    def may_act(self) -> bool:
        """Whether it is sure that no other process acts for the gate now; never waits."""

    def release(self) -> None:
        """Let another process take the gate; safe to call twice. Act for it no more before."""


class GateOwners(Protocol):
    """Who runs which gate of a site, across processes. May be used by one thread at a time,
    ``owner`` by any."""

    def take(self, gate: str) -> Ownership | None:
        """Own the gate from now on, or None while somebody else does. Raises RecordError."""

    def check(self) -> None:
        """Look whether everything taken is still held; may wait for the database."""

    def owner(self, gate: str) -> Owner | None:
        """Whoever runs the gate; None when nobody does. Raises RecordError."""

    def close(self) -> None:
        """Release everything."""


_WRITES = frozenset({"write", "confirm", "leave", "annul", "hand_over"})


class OwnedLog:
    """The log as an owner's lane uses it: nothing more is written once the gate may be another's.

    Writes raise NotRecorded then; reading goes on.
    """

    def __init__(self, log: VisitLog, ownership: Ownership) -> None:
        self._log = log
        self._ownership = ownership

    @classmethod
    def of(cls, log: VisitLog, ownership: Ownership) -> VisitLog:
        """Such a log, as the lane's parts want it."""
        return cast(VisitLog, cls(log, ownership))

    def submit(self, attempt: Attempt) -> Future[WrittenAttempt]:
        """As of the log; the future fails where the gate may be another's."""
        if self._ownership.may_act():
            return self._log.submit(attempt)
        refused: Future[WrittenAttempt] = Future()
        refused.set_exception(_not_ours())
        return refused

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._log, name)
        return self._while_owned(found) if name in _WRITES else found

    def _while_owned(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **named: Any) -> Any:
            if not self._ownership.may_act():
                raise _not_ours()
            return write(*arguments, **named)

        return guarded


class OwnedBarrier:
    """A barrier that stays shut once the gate may be another process's."""

    def __init__(self, barrier: Barrier, ownership: Ownership) -> None:
        self._barrier = barrier
        self._ownership = ownership

    @property
    def kind(self) -> DeviceKind:
        return self._barrier.kind

    @property
    def availability(self) -> Availability:
        return self._barrier.availability

    def start(self, on_reading: ReadingListener, on_availability: AvailabilityListener) -> None:
        self._barrier.start(on_reading, on_availability)

    def close(self) -> None:
        self._barrier.close()

    def open_once(self, decision_id: str) -> None:
        """Pulse for this decision.

        Raises DeviceUnavailable also where the gate may be another's.
        """
        if not self._ownership.may_act():
            raise DeviceUnavailable(
                "another process may run this gate now; nothing was sent", device="barrier"
            )
        self._barrier.open_once(decision_id)


def _not_ours() -> NotRecorded:
    return NotRecorded("another process may run this gate now; nothing was done")
