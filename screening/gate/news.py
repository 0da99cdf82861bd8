"""Tells the office's pages what a gate has written; never before it is committed."""

from __future__ import annotations

import logging

from screening.errors import RecordError
from screening.events import EntryWritten
from screening.hub import Hub
from screening.visits import LogEntry, VisitLog
from screening.waiting_room.live import LiveRoom

_log = logging.getLogger(__name__)


class News:
    """A gate's rows on their way to the hub; each also makes the room look at its figures."""

    def __init__(self, gate: str, *, log: VisitLog, hub: Hub, room: LiveRoom) -> None:
        self._gate = gate
        self._log = log
        self._hub = hub
        self._room = room

    def publish(self, entry: LogEntry) -> None:
        """Tell one row."""
        self._hub.publish(EntryWritten(entry))
        self._room.touch()

    def publish_latest(self, attempt_id: str | None = None) -> None:
        """Tell what was written; it is committed, so a failing look at it undoes nothing."""
        try:
            entry = self._log.attempt(attempt_id) if attempt_id else None
            if entry is None:
                entry = next(iter(self._log.latest(limit=1)), None)
        except RecordError as error:
            _log.warning("gate %s: a committed row cannot be read back: %s", self._gate, error)
            self._room.touch()
            return
        if entry is not None:
            self.publish(entry)
