"""A backup that a person asks for: made for them to take along, or one of the folder verified.

One at a time in the whole office. What was made lies in the data folder until it was kept long
enough; only whoever asked for it may have it.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from dashboard.backup.apart import alone, apart
from dashboard.backup.archive import BackupSource, create_backup, verify_backup
from dashboard.backup.folder import BackupFolder, trouble_of
from dashboard.backup.jobs import KEPT_FOR, BackupJob, BackupJobs, BackupReport, Task
from dashboard.backup.passphrase import known_passphrase
from dashboard.backup.workspace import Workspace
from screening.clock import Clock
from screening.errors import BackupError, RecordError
from screening.settings import Settings

LARGEST_BYTES = 64 * 2**30
"""A stored file above this size is verified from the command line."""

Work = Callable[[], BackupReport]
Run = Callable[[Work], BackupReport]
_log = logging.getLogger(__name__)


class OnDemandBackups(BackupJobs):
    """Safe to use from any thread. ``note`` writes that somebody made one into the log."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        note: Callable[[str, datetime], object],
        run: Run | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._note = note
        self._closing = threading.Event()
        self._run = run or partial(apart, is_given_up=self._closing.is_set)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._job: BackupJob | None = None
        self._kept: Workspace | None = None

    def make(self, passphrase: str, user: str) -> bool:
        """Begin to make one; False while another one is at work."""
        now = self._clock.now()
        name = BackupFolder(Path(), self._settings.site.code, 1).file(now).name
        return self._begin(Task.MAKE, name, user, partial(self._made, name, passphrase, user, now))

    def verify(self, name: str, passphrase: str, user: str) -> bool:
        """Begin to verify a file of the folder; False while another one is at work.

        Without a passphrase the configured one is taken. Raises BackupError where there is no such
        file, or no passphrase.
        """
        file = self._stored(name)
        known = passphrase or known_passphrase(self._settings.backup)
        if known is None:
            raise BackupError("backup.passphrase_file is not set")
        work = partial(verify_backup, file, passphrase=known, beside=self._settings.data)
        return self._begin(Task.VERIFY, name, user, lambda: (self._run(work), 0))

    def newest(self) -> BackupJob | None:
        """The one at work, or the last one; None before the first."""
        with self._lock:
            self._drop_old()
            return self._job

    def file(self, number: str, user: str) -> Path | None:
        """What was made for this person, None where it is not there any more."""
        with self._lock:
            self._drop_old()
            job, kept = self._job, self._kept
            is_theirs = job is not None and (job.number, job.user) == (number, user)
            if kept is None or job is None or not is_theirs or not job.size:
                return None
            return kept.folder / job.name

    def wait(self) -> None:
        """Until nothing is at work."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def close(self) -> None:
        """Give up what is at work, and keep nothing."""
        self._closing.set()
        self.wait()
        with self._lock:
            self._drop()

    def _begin(
        self, task: Task, name: str, user: str, do: Callable[[], tuple[BackupReport, int]]
    ) -> bool:
        job = BackupJob(
            number=secrets.token_urlsafe(9),
            task=task,
            user=user,
            name=name,
            begun=self._clock.now(),
        )
        with self._lock:
            if self._job is not None and self._job.ended is None:
                return False
            self._drop()
            self._job = job
            self._thread = threading.Thread(
                target=self._follow, args=(job, do), name="backup-on-demand", daemon=True
            )
            self._thread.start()
        return True

    def _follow(self, job: BackupJob, do: Callable[[], tuple[BackupReport, int]]) -> None:
        report, size, problem = None, 0, ""
        try:
            with alone(self._settings.data) as is_alone:
                if is_alone:
                    report, size = do()
                else:
                    problem = "another backup is being made: try again in some minutes"
        except (BackupError, RecordError) as error:
            problem = str(error)
        except OSError as error:
            problem = trouble_of(error)
        finally:
            if report is None and not problem:
                problem = "a fault in the program; see the service's log"
            if problem:
                _log.warning("a backup that %s asked for: %s", job.user, problem)
            with self._lock:
                if problem:
                    self._drop()
                self._job = replace(
                    job, ended=self._clock.now(), report=report, problem=problem, size=size
                )

    def _made(
        self, name: str, passphrase: str, user: str, at: datetime
    ) -> tuple[BackupReport, int]:
        kept = Workspace(self._settings.data)
        with self._lock:
            self._kept = kept
        source, file = BackupSource.of(self._settings), kept.folder / name
        work = partial(create_backup, source, file, passphrase=passphrase, at=at)
        report = self._run(work)
        self._note(user, self._clock.now())
        return report, file.stat().st_size

    def _stored(self, name: str) -> Path:
        """Raises BackupError."""
        folder, found = self._settings.backup.folder, None
        try:
            if folder is not None:
                stored = BackupFolder(folder, self._settings.site.code, 1).stored()
                found = next((one for one in stored if one.file.name == name), None)
        except OSError as error:
            raise BackupError(trouble_of(error)) from error
        if found is None:
            raise BackupError(f"there is no backup {name!r} in the folder")
        if found.size > LARGEST_BYTES:
            raise BackupError(f"{name} is large: gerbang backup verify looks at it")
        return found.file

    def _drop_old(self) -> None:
        job = self._job
        if job is None or job.ended is None:
            return
        if self._clock.now() - job.ended > KEPT_FOR:
            self._drop()
            self._job = replace(job, size=0)

    def _drop(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()
