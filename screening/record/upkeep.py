"""What is done for a new day: forgotten exits are closed, what is due is erased."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from screening.clock import Clock, DayWatch, start_of_day
from screening.errors import RecordError
from screening.record.record import Record

LOOK_S = 30.0
"""A new day is noticed within half a minute; a failed run is tried again after the same time."""

_log = logging.getLogger(__name__)


class DailyUpkeep:
    """Runs once for each day of the site as soon as that day is believed (``DayWatch``), in a
    thread of its own.

    From then on the record, too, lets nobody out before.

    ``also`` is done with each run, after the record's own work, and told the time; where it raises
    RecordError this is logged, and it is done again at the next look.
    """

    def __init__(
        self, record: Record, clock: Clock, *, also: Callable[[datetime], None] = lambda _: None
    ) -> None:
        self._record = record
        self._clock = clock
        self._also = also
        self._watch_of_days = DayWatch(clock, record.office.zone)
        record.office.days.watch = self._watch_of_days
        self._done_for: datetime | None = None
        self._also_done_for: datetime | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="daily-upkeep", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def run_if_due(self) -> bool:
        """Do the day's work unless it is done, or the day is not believed yet.

        Raises RecordError; it is due again then.
        """
        if not self._watch_of_days.is_sure():
            return False
        now = self._clock.now()
        today = start_of_day(now, self._record.office.zone)
        is_due = self._done_for != today
        if is_due:
            self._keep_record(now)
            self._done_for = today
        if self._also_done_for != today:
            self._do_also(now, today)
        return is_due

    def _keep_record(self, now: datetime) -> None:
        closed = self._record.visits.close_day(now)
        forgotten = self._record.retention.forget(now)
        _log.info("a new day: %d forgotten exits closed; erased: %s", len(closed), forgotten)

    def _do_also(self, now: datetime, today: datetime) -> None:
        try:
            self._also(now)
        except RecordError as error:
            _log.warning("a part of the day's upkeep is put off: %s", error)
        else:
            self._also_done_for = today

    def _watch(self) -> None:
        while not self._closing.is_set():
            try:
                self.run_if_due()
            except RecordError as error:
                _log.warning("the day's upkeep is put off: %s", error)
            self._closing.wait(LOOK_S)
