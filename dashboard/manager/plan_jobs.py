"""Plans being worked out beside the office: one at a time, in a process that gives way to all else.

A plan that nobody looks at any more is given up: pages ask for it every second, and say so when
they are left.
"""

from __future__ import annotations

import json
import logging
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import screening
from screening.clock import Clock
from screening.figures.planner import Plan, Question
from screening.figures.planner_process import PLAN, QUESTION

LEFT_S = 20.0
"""Whose page has not asked for so long has left; a phone in a pocket asks seldom."""

MOST_KEPT = 12
"""Plans that can be looked at again."""

_ENDING_S = 5.0
_log = logging.getLogger(__name__)

Lines = Callable[[Question, "Job"], Generator[dict[str, Any], None, None]]


@dataclass(slots=True)
class Job:
    """A plan for ``day`` that ``user`` asked for. ``done`` is from 0 to 1; ``plan`` comes last.

    ``is_over``: nothing more will come, whether or not there is a plan. ``typed`` is what the form
    said.
    """

    number: str
    day: date
    user: str
    question: Question
    seen_s: float
    done: float = 0.0
    plan: Plan | None = None
    is_over: bool = False
    is_left: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)


class PlanJobs:
    """Safe to use from any thread."""

    def __init__(self, clock: Clock, lines: Lines | None = None) -> None:
        self._clock = clock
        self._lines = lines or lines_of_process
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def start(self, question: Question, *, day: date, user: str) -> Job | None:
        """Begin; a plan of the same person is given up for it. None while another one's is made."""
        with self._lock:
            for other in self._jobs.values():
                if not other.is_over and other.user == user:
                    other.is_left = True
                elif not other.is_over and not self._is_left(other):
                    return None
            job = Job(
                number=secrets.token_urlsafe(9),
                day=day,
                user=user,
                question=question,
                seen_s=self._clock.monotonic_s(),
            )
            for old in list(self._jobs)[: 1 - MOST_KEPT]:
                self._jobs.pop(old).is_left = True
            self._jobs[job.number] = job
        threading.Thread(target=self._follow, args=(job,), name="plan", daemon=True).start()
        return job

    def look(self, number: str) -> Job | None:
        """The plan with this number; whoever looks wants it to go on. None where it is unknown."""
        with self._lock:
            job = self._jobs.get(number)
            if job is not None:
                job.seen_s = self._clock.monotonic_s()
            return job

    def leave(self, number: str) -> None:
        """Nobody looks at it any more."""
        with self._lock:
            job = self._jobs.get(number)
            if job is not None:
                job.is_left = True

    def close(self) -> None:
        """Give up whatever is being worked out."""
        with self._lock:
            jobs = list(self._jobs.values())
            for job in jobs:
                job.is_left = True
        for job in jobs:
            job.ended.wait(_ENDING_S)

    def _is_left(self, job: Job) -> bool:
        return job.is_left or self._clock.monotonic_s() - job.seen_s > LEFT_S

    def _follow(self, job: Job) -> None:
        lines = self._lines(job.question, job)
        try:
            for line in lines:
                with self._lock:
                    job.done = max(job.done, line.get("done", 0.0))
                    if "plan" in line:
                        job.plan, job.done = PLAN.validate_python(line["plan"]), 1.0
                    if self._is_left(job):
                        break
        finally:
            lines.close()
            job.is_over = True
            job.ended.set()
        if job.plan is None and not self._is_left(job):
            _log.warning("a day could not be planned: the planner ended without an answer")


def lines_of_process(question: Question, _: Job) -> Generator[dict[str, Any], None, None]:
    """What the planner's own process says; it is ended with the iterator."""
    process = subprocess.Popen(
        [sys.executable, "-m", "screening.figures.planner_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(screening.__file__).parent.parent,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(QUESTION.dump_json(question))
        for line in process.stdout:
            yield json.loads(line)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
