"""The feed: a cursor over the log, by which everything follows what happens.

Theory of operation. The newest rows are kept in memory once for everybody (``RING`` of them), and
only who is further behind reads the log itself. ``wake`` may be called from any thread and never
waits: rows that this process has committed join the others at once, if they follow the newest one.
A thread of the feed's own looks at the log's head once a second, because other processes write to
the same log, and fetches what is missing; then it calls whoever listens.

    rows told to ``wake``       memory        the feed's thread
    follow the newest row       takes them    calls the listeners
    come after a gap, or none   as before     looks at once, then calls them
    are all there already       as before     does nothing

Rows are taken for what they were when they were written, so a row that says what was erased empties
the memory: from then on they are read from the log. A log that has become shorter (a restored
backup) empties it as well; readers go on from its new head.
"""

from __future__ import annotations

import itertools
import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Sequence

from screening.clock import Clock
from screening.loop import Loop, Trouble
from screening.visits import EntryKind, LogEntry, LogReader

RING = 1024
"""Rows kept in memory: half an hour of thirty visitors a minute."""
BATCH = 200
"""Rows handed out at once."""
LAST_ENTRY = 2**63 - 1
"""No log reaches it."""
LOOK_S = 1.0
"""Rows of other processes are seen after this time and that of one look."""

_log = logging.getLogger(__name__)


class Feed:
    """Follows a site's log; any method may be called from any thread."""

    def __init__(self, log: LogReader, clock: Clock) -> None:
        self._rows = log
        self._clock = clock
        self._lock = threading.Condition()
        self._reading = threading.Lock()
        self._ring: deque[LogEntry] = deque(maxlen=RING)
        self._head: int | None = None
        self._listeners: set[Callable[[], None]] = set()
        self._heard = 0
        self._looked_s = -math.inf
        self._loop = Loop(
            "feed",
            self._turn,
            trouble=Trouble(
                _log, "the log cannot be followed", over="the log can be followed again"
            ),
            every_s=LOOK_S,
        )
        self._is_behind = False
        self._is_closed = False

    @property
    def head(self) -> int:
        """The newest row that is known here, 0 before the first."""
        return self._head or 0

    @property
    def is_closed(self) -> bool:
        """Whether no row will be told any more."""
        return self._is_closed

    def start(self) -> None:
        """Begin to look for the rows of other processes."""
        self._heard = self.head
        self._loop.start()

    def close(self) -> None:
        """Stop; whoever waits is woken. Safe to call twice."""
        with self._lock:
            self._is_closed = True
        self._loop.wake()
        self._call_listeners()
        self._loop.close()

    def wake(self, rows: Sequence[LogEntry] = ()) -> None:
        """The log has grown, by these committed rows where they are known. Never waits."""
        with self._lock:
            new = [row for row in rows if row.entry_id > self.head]
            if self._head is None or not rows or (new and new[0].entry_id != self._head + 1):
                self._is_behind = True
            else:
                self._add(new)
        self._loop.wake()

    def clamped(self, entry_id: int) -> int:
        """Where a reader goes on who has seen the rows up to ``entry_id``.

        The head for a number above it, as after a restored backup. May raise RecordError.
        """
        if entry_id > self.head or self._is_behind:
            self.look()
        return max(0, min(entry_id, self.head))

    def after(self, entry_id: int, *, limit: int = BATCH) -> list[LogEntry]:
        """Rows above ``clamped(entry_id)`` in order. May raise RecordError."""
        after = self.clamped(entry_id)
        found = self.at_hand(after, limit=limit)
        return self._rows.entries(after=after, limit=limit) if found is None else found

    def at_hand(self, entry_id: int, *, limit: int = BATCH) -> list[LogEntry] | None:
        """The same from memory alone; None where the log itself must be read."""
        with self._lock:
            if self._head is None or entry_id > self._head:
                return None
            missing = self._head - entry_id
            if missing > len(self._ring):
                return None
            first = len(self._ring) - missing
            return list(itertools.islice(self._ring, first, first + limit))

    def wait(self, after: int, timeout_s: float) -> bool:
        """Wait until there is a row above ``after``; False when none came in time."""
        with self._lock:
            self._lock.wait_for(lambda: self._is_closed or self.head > after, timeout_s)
            return self.head > after

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call ``told`` whenever rows have come, and in the end; returns what to call to stop that.

        It is called from the feed's thread and must not wait.
        """
        with self._lock:
            self._listeners.add(told)

        def stop() -> None:
            with self._lock:
                self._listeners.discard(told)

        return stop

    def look(self) -> None:
        """Look at the log's head now and fetch what is missing. May raise RecordError."""
        with self._reading:
            self._is_behind = False
            before = self.head  # own rows may come while the log is asked
            head = self._rows.head()
            with self._lock:
                if self._head is None or head < before:
                    self._ring.clear()
                    self._head = head
                at = max(self._head, head - RING)
            while at < head and (rows := self._rows.entries(after=at, limit=BATCH)):
                at = rows[-1].entry_id
                with self._lock:
                    new = [row for row in rows if row.entry_id > self.head]
                    if new and new[0].entry_id > self.head + 1:
                        self._ring.clear()
                    self._add(new)

    def _add(self, rows: Sequence[LogEntry]) -> None:
        """To the memory, under the lock."""
        for row in rows:
            self._ring.append(row)
            if row.kind is EntryKind.ERASURE:
                self._ring.clear()
            self._head = row.entry_id
        self._lock.notify_all()

    def _turn(self) -> None:
        try:
            now_s = self._clock.monotonic_s()
            if self._is_behind or now_s - self._looked_s >= LOOK_S:
                self._looked_s = now_s
                self.look()
        finally:
            if self.head != self._heard:
                self._heard = self.head
                self._call_listeners()

    def _call_listeners(self) -> None:
        with self._lock:
            self._lock.notify_all()
            listeners = list(self._listeners)
        for told in listeners:
            told()
