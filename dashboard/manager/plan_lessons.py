"""What the past days tell of a day that is to be planned: read once a day, beside the pages.

An office with many visitors has seconds of them to read. Whoever looks meanwhile is told how far it
is, and nobody waits.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.web.office import Office
from screening.figures.assumptions import KnownDay
from screening.figures.live_waits import days_before
from screening.figures.planned_day import READ_DAYS, asked, known_days
from screening.figures.planner import Question
from screening.figures.waits import PastDay
from screening.office.facts import OfficeFacts

MOST_AT_ONCE = 1000
"""An office with so many tickets in the days that are read back is not read while a page waits."""

_KNOWN = 0.5
"""Of the time that it takes, the share of what is known of the days."""


@dataclass(frozen=True, slots=True)
class BeingRead:
    """The past days are being read; ``done`` is from 0 to 1."""

    done: float


@dataclass(frozen=True, slots=True)
class _Past:
    """What the days before ``today`` told."""

    today: date
    known: list[KnownDay]
    served: list[PastDay]


class PlanLessons:
    """Asks the record, one reading after the other, and keeps the past days until the day turns and
    what is asked until the office's facts change; safe to use from any thread."""

    def __init__(self, office: Office, *, most_at_once: int = MOST_AT_ONCE) -> None:
        self._office = office
        self._most_at_once = most_at_once
        self._lock = threading.Lock()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="plan-lessons")
        self._of: tuple[OfficeFacts, date] | None = None
        self._questions: dict[date, Future[Question]] = {}
        self._past: _Past | None = None
        self._done = 0.0

    def question(self, day: date, *, waits: bool = False) -> Question | BeingRead:
        """What is asked of that day with nothing typed.

        With ``waits`` it is read to its end. Raises OfficeError where the day is closed, and
        RecordError; whoever asks again then has it read again.
        """
        of = self._office.facts.current(), self._office.today()
        with self._lock:
            if self._of != of:
                self._of, self._questions = of, {}
            questions = self._questions
            found = questions.get(day)
        if found is None:
            waits = waits or not self._is_much()
            with self._lock:
                if day not in questions:
                    questions[day] = self._reader.submit(self._learn, day, *of)
                found = questions[day]
        if not waits and not found.done():
            return BeingRead(self._done)
        if found.exception() is not None:
            with self._lock:
                if questions.get(day) is found:
                    del questions[day]
        return found.result()

    def _learn(self, day: date, facts: OfficeFacts, today: date) -> Question:
        past = self._read(today, facts)
        return asked(day, facts=facts, known=past.known, served=past.served)

    def _is_much(self) -> bool:
        since = self._office.queue.ended_since(self._most_at_once)
        return since is not None and self._office.clock.now() - since < timedelta(days=READ_DAYS)

    def _read(self, today: date, facts: OfficeFacts) -> _Past:
        if self._past is not None and self._past.today == today:
            return self._past
        office, zone = self._office, self._office.settings.site.zone
        self._past, self._done = None, 0.0

        def told(done: float) -> None:
            self._done = _KNOWN * done

        known = known_days(office.leaving.ended, office.roll_ups, day=today, zone=zone, told=told)
        served = days_before(today, office.queue, facts, zone)
        self._past, self._done = _Past(today, known, served), 1.0
        return self._past
