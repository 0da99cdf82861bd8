"""What is done for a new day: forgotten exits are closed, what is due is erased."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from screening.clock import Clock, DayWatch, start_of_day
from screening.errors import RecordError
from screening.figures.roll_ups import FiguresRun
from screening.loop import Loop, Trouble
from screening.record.record import Record

LOOK_S = 30.0
"""A new day is noticed within half a minute; a failed run is tried again after the same time."""

KEEP_EVERY_S = 300.0
"""Between two notes of how long it has run: a power cut loses no more."""

_log = logging.getLogger(__name__)


class DailyUpkeep:
    """Runs once for each day of the site as soon as that day is believed (``DayWatch``), in a
    thread of its own.

    From then on the record, too, lets nobody out before.

    A machine that never runs for so long does the work of an earlier day, which has surely come:
    ``kept_in`` is the file in which it counts its hours over its runs; without one it does not.

    ``also`` is done with each run, after the record's own work, and told the time; where it raises
    RecordError this is logged, and it is done again at the next look.

    After that the days that are over are counted and compared with the log, in pieces; and between
    the nights the figures of the day are kept up with it.
    """

    def __init__(
        self,
        record: Record,
        clock: Clock,
        *,
        also: Callable[[datetime], None] = lambda _: None,
        kept_in: Path | None = None,
    ) -> None:
        self._record = record
        self._clock = clock
        self._also = also
        self._kept_in = kept_in
        self._kept_s, self._is_kept = clock.monotonic_s(), True
        ran = {} if kept_in is None else _read_days(kept_in)
        self._watch_of_days = DayWatch(clock, record.office.zone, ran=ran)
        record.office.days.watch = self._watch_of_days
        self._done_for: datetime | None = None
        self._also_done_for: datetime | None = None
        self._figured_for: datetime | None = None
        self._loop = Loop(
            "daily-upkeep",
            self._look,
            trouble=Trouble(_log, "the day's upkeep is put off", over="the day's upkeep goes on"),
            every_s=LOOK_S,
        )

    def start(self) -> None:
        """Begin."""
        self._loop.start()

    def close(self) -> None:
        """Stop."""
        self._loop.close()
        self._keep_days()

    def run_if_due(self) -> bool:
        """Do the day's work unless it is done, or the day is not believed yet.

        Raises RecordError; it is due again then.
        """
        if self._clock.monotonic_s() - self._kept_s >= KEEP_EVERY_S:
            self._keep_days()
        if self._watch_of_days.is_sure():
            now = self._clock.now()
        else:
            earlier = self._watch_of_days.surely_come()
            if earlier is None or (self._done_for is not None and earlier <= self._done_for):
                return False
            now = earlier
        today = start_of_day(now, self._record.office.zone)
        is_due = self._done_for != today
        if is_due:
            self._keep_record(now)
            self._done_for = today
        if self._also_done_for != today:
            self._do_also(now, today)
        return is_due

    def figure_if_due(self) -> FiguresRun | None:
        """Count and compare the days before, once after each day's work; else follow the log.

        It takes up to a minute, and ends early where this is closed. Raises RecordError; it is due
        again then.
        """
        figures = self._record.roll_ups
        if self._done_for is None or self._figured_for == self._done_for:
            figures.keep_up()
            return None
        run = figures.run(self._done_for, pause=self._loop.rest)
        if not self._loop.is_closing:
            self._figured_for = self._done_for
        return run

    def _keep_days(self) -> None:
        """Keep how long it ran, for the next run."""
        if self._kept_in is None:
            return
        self._kept_s = self._clock.monotonic_s()
        days = {day.isoformat(): round(s) for day, s in self._watch_of_days.ran.items()}
        made = self._kept_in.with_suffix(".new")
        try:
            made.write_text(json.dumps(days))
            made.replace(self._kept_in)
        except OSError as error:
            if self._is_kept:
                _log.warning("how long the clock ran is not kept: %s", error)
            self._is_kept = False
        else:
            self._is_kept = True

    def _keep_record(self, now: datetime) -> None:
        closed = self._record.visits.close_day(now)
        forgotten = self._record.retention.forget(now, pause=self._loop.rest)
        _log.info("a new day: %d forgotten exits closed; erased: %s", len(closed), forgotten)

    def _do_also(self, now: datetime, today: datetime) -> None:
        try:
            self._also(now)
        except RecordError as error:
            _log.warning("a part of the day's upkeep is put off: %s", error)
        else:
            self._also_done_for = today

    def _look(self) -> None:
        self.run_if_due()
        self._record.drop_erased()
        self.figure_if_due()


def _read_days(file: Path) -> dict[date, float]:
    """What ``_keep_days`` kept; nothing where that cannot be read: it is counted from now on."""
    try:
        kept = json.loads(file.read_text())
        return {date.fromisoformat(day): float(seconds) for day, seconds in kept.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("how long the clock ran before is not known: %s: %s", file, error)
        return {}
