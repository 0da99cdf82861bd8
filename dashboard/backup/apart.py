"""Backups are made and verified in a process of their own, so that no gate waits; one at a time."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from dashboard.backup.jobs import BackupReport
from screening.errors import BackupError

LOCK_FILE = "backup.lock"
_NICE = 10


def apart(work: Callable[[], BackupReport], *, is_given_up: Callable[[], bool]) -> BackupReport:
    """What ``work`` finds, behind everything else the machine does. It has to be picklable.

    Raises BackupError, also once it ``is_given_up``, which is asked every second.
    """
    context = multiprocessing.get_context("spawn")
    answers, answering = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(answering, work), daemon=True)
    process.start()
    answering.close()
    try:
        while not answers.poll(1):
            if is_given_up():
                process.terminate()
                raise BackupError("the service was stopped meanwhile")
        answer: BackupReport | str = answers.recv()
    except EOFError as error:
        raise BackupError("the process that makes it has ended") from error
    finally:
        process.join()
        answers.close()
    if isinstance(answer, str):
        raise BackupError(answer)
    return answer


@contextmanager
def alone(data: Path) -> Iterator[bool]:
    """Whether no other process of this data folder is at it; others are kept out meanwhile."""
    descriptor = os.open(data / LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _answer(answering: Connection, work: Callable[[], BackupReport]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent ends it
    signal.signal(signal.SIGTERM, _end)
    os.nice(_NICE)
    try:
        answer: BackupReport | str = work()
    except BackupError as error:
        answer = str(error)
    answering.send(answer)


def _end(sig: int, frame: FrameType | None) -> None:
    """Leave, but take away what lies open in the data folder."""
    raise SystemExit(0)
