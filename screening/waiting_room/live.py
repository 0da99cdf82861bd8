"""The room as it is now, computed once for everybody who shows it; ``how_sure`` its number is.

Gates touch it after each row; a thread of its own asks the record at most a few times a second and
publishes the result, so that neither a gate nor a page repeats the queries. It also looks again by
itself, because other gates and processes write to the same record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.errors import RecordError
from screening.events import RoomChanged
from screening.hub import Hub
from screening.loop import Loop, Trouble
from screening.visits import DayFigures, RoomFigures, SeatState

SHORTEST_INTERVAL_S = 0.2
"""Five updates a second are as much as an eye follows."""

LONGEST_INTERVAL_S = 1.0
"""Rows of other processes show up after this time at the latest."""

DOWN_AFTER_S = 5.0
"""A record that was not read for so long is down, whether it fails or does not answer at all."""

CLOSING_S = 2.0
"""A look that hangs in the record is not waited for any longer."""

_log = logging.getLogger(__name__)


class LiveRoom:
    """Keeps the newest ``RoomChanged`` and publishes it when it differs from the one before."""

    def __init__(
        self,
        log: RoomFigures,
        hub: Hub,
        clock: Clock,
        zone: ZoneInfo,
        *,
        how_sure: Callable[[], int | None] = lambda: None,
        has_answered_since: Callable[[float], bool] = lambda _: False,
    ) -> None:
        self._log = log
        self._hub = hub
        self._clock = clock
        self._zone = zone
        self._how_sure = how_sure
        self._has_answered_since = has_answered_since
        self._asked_s = float("-inf")
        self._loop = Loop(
            "live-room",
            self._look,
            trouble=Trouble(_log, "the room cannot be read", over="the room can be read again"),
            every_s=LONGEST_INTERVAL_S,
            rest_s=SHORTEST_INTERVAL_S,
            at_once=False,
        )
        self._newest: RoomChanged | None = None
        self._touches = 0
        self._touches_shown = 0
        self._read: tuple[float, datetime] | None = None

    @property
    def newest(self) -> RoomChanged | None:
        """The last state read from the record; None before the first."""
        return self._newest

    def current(self) -> RoomChanged:
        """The room with every row of this process, as far as the record could be read.

        Once started it is told from memory and never waits; until then the record is asked.
        Raises RecordError when there is nothing to tell.
        """
        if not self._loop.is_started:
            return self.refresh()
        newest = self._newest
        if newest is None:
            raise RecordError("The room was not read yet.")
        if self._touches_shown == self._touches:
            return newest
        return self._glanced() or newest

    def down_since(self) -> datetime | None:
        """When the record was read last, if that is some seconds ago; None while it is read."""
        if self._read is None or not self._loop.is_started:
            return None
        read_s, at = self._read
        return at if self._clock.monotonic_s() - read_s > DOWN_AFTER_S else None

    def was_read_since(self, monotonic_s: float) -> bool:
        """Whether the record answered a question, of this room or of anybody else's, that was
        asked after that moment of the clock."""
        is_own = self._read is not None and self._read[0] >= monotonic_s
        return is_own or self._has_answered_since(monotonic_s)

    def touch(self) -> None:
        """A row was written: look again soon. Never waits."""
        self._touches += 1
        self._loop.wake()

    def refresh(self) -> RoomChanged:
        """Ask the record now, keep the answer and publish it if it changed. Raises RecordError."""
        now, asked_s, touches = self._clock.now(), self._clock.monotonic_s(), self._touches
        figures = self._log.figures(since=start_of_day(now, self._zone), at=now)
        room = self._show(self._room(figures, self._log.seats()))
        self._read, self._touches_shown = (asked_s, now), touches
        return room

    def _glance(self) -> None:
        """Show what this process has committed; other processes' rows wait for ``refresh``."""
        touches = self._touches
        room = self._glanced()
        if room is None:
            self.refresh()
        else:
            self._show(room)
            self._touches_shown = touches

    def _glanced(self) -> RoomChanged | None:
        found = self._log.glance(at=self._clock.now())
        return None if found is None else self._room(*found)

    def _room(self, figures: DayFigures, seats: Sequence[SeatState]) -> RoomChanged:
        sure = replace(figures, uncertainty=self._how_sure())
        return RoomChanged(figures=sure, seats=tuple(seats))

    def _show(self, room: RoomChanged) -> RoomChanged:
        before = self._newest
        self._newest = room
        if before is None or not _looks_same(before, room):
            self._hub.publish(room)
        return room

    def start(self) -> None:
        """Begin to watch the record."""
        self._loop.start()

    def close(self) -> None:
        """Stop watching."""
        self._loop.close(CLOSING_S)

    def _look(self) -> None:
        now_s = self._clock.monotonic_s()
        if self._loop.was_woken and now_s - self._asked_s < LONGEST_INTERVAL_S:
            self._glance()
        else:
            self._asked_s = now_s
            self.refresh()


def _looks_same(one: RoomChanged, other: RoomChanged) -> bool:
    return one.seats == other.seats and _shown(one.figures) == _shown(other.figures)


def _shown(figures: DayFigures) -> tuple[object, ...]:
    return (
        figures.since,
        figures.occupancy,
        figures.capacity,
        figures.admitted,
        figures.refused,
        figures.waiting_outside,
        figures.queue_waiting,
        figures.uncertainty,
        figures.counted,
    )
