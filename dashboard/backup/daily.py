"""Makes a backup every day, in a process of its own, so that no gate waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboard.backup.apart import alone, apart
from dashboard.backup.archive import BackupSource, create_backup
from dashboard.backup.folder import BackupFolder, BackupState, trouble_of
from dashboard.backup.jobs import BackupReport
from dashboard.backup.passphrase import known_passphrase
from dashboard.backup.workspace import clear_left
from screening.clock import Clock, start_of_day
from screening.errors import BackupError
from screening.loop import Loop, Trouble
from screening.settings import Settings

LOOK_S = 60.0
AGAIN_AFTER = timedelta(minutes=15)
"""A try that failed, for a disk that is not there for instance, is repeated after this time."""

Make = Callable[[BackupSource, Path, str, datetime], BackupReport]
_log = logging.getLogger(__name__)


class DailyBackup:
    """Makes the first backup of each day of the site; ``state`` is a memory read."""

    def __init__(self, settings: Settings, clock: Clock, *, make: Make | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._zone: ZoneInfo = settings.site.zone
        self._make = make or self._make_apart
        self._state = BackupState()
        self._tried: datetime | None = None
        self._loop = Loop(
            "daily-backup",
            self.run_if_due,
            trouble=Trouble(
                _log, "the folder of backups is not looked at", over="it is looked at again"
            ),
            every_s=LOOK_S,
        )
        backup = settings.backup
        self._folder = (
            None
            if backup.folder is None
            else BackupFolder(backup.folder, settings.site.code, backup.kept)
        )

    def start(self) -> None:
        """Begin, where a folder is set. What a killed process has left open goes in any case."""
        clear_left(self._settings.data)
        if self._folder is not None:
            self._loop.start()

    def close(self) -> None:
        """Stop; a backup that is being made is given up."""
        self._loop.close()

    def state(self) -> BackupState | None:
        """As it was a minute ago at most; None where no folder is set."""
        return None if self._folder is None else self._state

    def run_if_due(self) -> bool:
        """Look, and make today's backup unless there is one; whether one was made."""
        if self._folder is None:
            return False
        now = self._clock.now()
        newest, problem, is_made = self._state.newest, self._state.problem, False
        try:
            newest = self._folder.newest(now)
            is_due = newest is None or newest < start_of_day(now, self._zone)
            if not is_due:
                problem = None
            elif self._tried is None or not timedelta() <= now - self._tried < AGAIN_AFTER:
                self._tried = now
                problem, is_made = self._make_one(self._folder, now)
                newest = self._folder.newest(now)
        except (BackupError, OSError) as error:
            problem = _text(error)
        if problem is not None and problem != self._state.problem:
            _log.warning("today's backup is not made: %s", problem)
        self._state = BackupState(newest, problem)
        return is_made

    def _make_one(self, folder: BackupFolder, now: datetime) -> tuple[str | None, bool]:
        """What is wrong with it, None where all is well; and whether it was made here."""
        passphrase = known_passphrase(self._settings.backup)
        if passphrase is None:
            raise BackupError("backup.passphrase_file is not set")
        with alone(self._settings.data) as is_alone:
            if not is_alone:  # another process of this office makes it just now
                return self._state.problem, False
            file = folder.file(now)
            report = self._make(BackupSource.of(self._settings), file, passphrase, now)
            if report.problems:
                kept = folder.set_aside(file)
                return f"{'; '.join(report.problems)} (kept as {kept})", False
            folder.drop_oldest()
            _log.info("today's backup is made: %s", file)
            return None, True

    def _make_apart(
        self, source: BackupSource, file: Path, passphrase: str, at: datetime
    ) -> BackupReport:
        return apart(
            partial(create_backup, source, file, passphrase=passphrase, at=at),
            is_given_up=lambda: self._loop.is_closing,
        )


def _text(error: Exception) -> str:
    if isinstance(error, OSError):
        return trouble_of(error)
    return str(error)
