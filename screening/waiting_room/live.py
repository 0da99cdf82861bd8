"""The room as it is now, computed once for everybody who shows it.

Gates touch it after each row; a thread of its own asks the record at most a few times a second and
publishes the result, so that neither a gate nor a page repeats the queries. It also looks again by
itself, because other gates and processes write to the same record.
"""

from __future__ import annotations

import logging
import threading
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.errors import RecordError
from screening.events import RoomChanged
from screening.hub import Hub
from screening.visits import RoomFigures

SHORTEST_INTERVAL_S = 0.2
"""Five updates a second are as much as an eye follows."""

LONGEST_INTERVAL_S = 2.0
"""Rows of other processes show up after this time at the latest."""

_log = logging.getLogger(__name__)


class LiveRoom:
    """Keeps the newest ``RoomChanged`` and publishes it when it differs from the one before."""

    def __init__(self, log: RoomFigures, hub: Hub, clock: Clock, zone: ZoneInfo) -> None:
        self._log = log
        self._hub = hub
        self._clock = clock
        self._zone = zone
        self._touched = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._newest: RoomChanged | None = None

    @property
    def newest(self) -> RoomChanged | None:
        """The last state read from the record; None before the first."""
        return self._newest

    def touch(self) -> None:
        """A row was written: look again soon. Never waits."""
        self._touched.set()

    def refresh(self) -> RoomChanged:
        """Ask the record now, keep the answer and publish it if it changed. Raises RecordError."""
        now = self._clock.now()
        figures = self._log.figures(since=start_of_day(now, self._zone), at=now)
        return self._show(RoomChanged(figures=figures, seats=tuple(self._log.seats())))

    def _glance(self) -> None:
        """Show what this process has committed; other processes' rows wait for ``refresh``."""
        found = self._log.glance(at=self._clock.now())
        if found is None:
            self.refresh()
        else:
            figures, seats = found
            self._show(RoomChanged(figures=figures, seats=tuple(seats)))

    def _show(self, room: RoomChanged) -> RoomChanged:
        before = self._newest
        self._newest = room
        if before is None or not _looks_same(before, room):
            self._hub.publish(room)
        return room

    def start(self) -> None:
        """Begin to watch the record."""
        self._thread = threading.Thread(target=self._watch, name="live-room", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closing.set()
        self._touched.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        is_down, asked_s = False, float("-inf")
        while not self._closing.is_set():
            is_touched = self._touched.wait(LONGEST_INTERVAL_S)
            self._touched.clear()
            try:
                if is_touched and self._clock.monotonic_s() - asked_s < LONGEST_INTERVAL_S:
                    self._glance()
                else:
                    asked_s = self._clock.monotonic_s()
                    self.refresh()
            except RecordError as error:
                if not is_down:
                    _log.warning("the room cannot be read: %s", error)
                is_down = True
            except Exception:  # noqa: BLE001 - a fault must not end the watch unnoticed
                _log.exception("a fault while reading the room")
            else:
                if is_down:
                    _log.info("the room can be read again")
                is_down = False
            self._closing.wait(SHORTEST_INTERVAL_S)


def _looks_same(one: RoomChanged, other: RoomChanged) -> bool:
    a, b = one.figures, other.figures
    return one.seats == other.seats and (
        (a.since, a.occupancy, a.capacity, a.admitted, a.refused, a.waiting_outside)
        == (b.since, b.occupancy, b.capacity, b.admitted, b.refused, b.waiting_outside)
    )
