"""The daily backups in their folder: when the newest was made, and which are too many.

A file's name tells when it was made: ``gerbang-BGR-20261130T010000Z.backup``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.backup.passphrase import known_passphrase
from screening.errors import BackupError
from screening.settings import BackupSettings, Settings

OLD_AFTER = timedelta(hours=36)
"""A day, and half of one for a machine that is off at night."""
AHEAD = timedelta(minutes=5)
"""A file dated later than this was named by a clock that was wrong."""
SUFFIX = ".backup"
PART_SUFFIX = ".part"
"""Of a sealed file that is being written."""
LONGEST_MAKING = timedelta(hours=12)
"""What was begun so long before the newest was made belongs to a process that was killed."""
DAMAGED_SUFFIX = ".damaged-backup"
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class BackupState:
    """How the daily backups stand. ``problem`` tells why the last try did not succeed."""

    newest: datetime | None = None
    problem: str | None = None

    def is_old(self, now: datetime) -> bool:
        """Whether a person should look after it."""
        return self.newest is None or now - self.newest > OLD_AFTER


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A file of the folder; ``size`` in bytes."""

    at: datetime
    file: Path
    size: int


class BackupFolder:
    """One office's part of a folder. What is asked of the disk raises OSError."""

    def __init__(self, folder: Path, site: str, kept: int) -> None:
        self.folder = folder
        self._prefix = f"gerbang-{site}-"
        self._kept = kept

    def file(self, at: datetime) -> Path:
        """Where a backup of then belongs."""
        return self.folder / f"{self._prefix}{at.astimezone(UTC).strftime(_STAMP)}{SUFFIX}"

    def newest(self, now: datetime) -> datetime | None:
        """When the newest was made; those dated ahead of ``now`` do not count."""
        made = [at for at, _ in self._all() if at <= now + AHEAD]
        return max(made, default=None)

    def stored(self) -> list[StoredBackup]:
        """All of them, the newest first."""
        found = [StoredBackup(at, file, file.stat().st_size) for at, file in self._all()]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def drop_oldest(self) -> None:
        """Delete what is more than the folder is to keep, and what was begun and never whole."""
        made = sorted(self._all())
        for _, file in made[: -self._kept]:
            file.unlink(missing_ok=True)
        for part in self.folder.glob(f".{self._prefix}*{PART_SUFFIX}"):
            begun = _made_at(part.name.removeprefix(f".{self._prefix}").partition(".")[0])
            if made and begun is not None and made[-1][0] - begun > LONGEST_MAKING:
                part.unlink(missing_ok=True)

    def set_aside(self, file: Path) -> Path:
        """Keep a damaged one under another name, which displaces no good one."""
        for older in self.folder.glob(f"{self._prefix}*{DAMAGED_SUFFIX}"):
            older.unlink(missing_ok=True)
        return file.rename(file.with_suffix(DAMAGED_SUFFIX))

    def _all(self) -> list[tuple[datetime, Path]]:
        found = []
        for file in self.folder.iterdir():
            if file.name.startswith(self._prefix) and file.suffix == SUFFIX:
                at = _made_at(file.stem.removeprefix(self._prefix))
                if at is not None:
                    found.append((at, file))
        return found


def backup_problems(backup: BackupSettings) -> list[str]:
    """Why no daily backup could be made, as far as a look tells."""
    problems = []
    if backup.folder is not None and not backup.folder.is_dir():
        problems.append(f"backup.folder {backup.folder}: there is no such folder")
    elif backup.folder is not None and not os.access(backup.folder, os.W_OK | os.X_OK):
        problems.append(f"backup.folder {backup.folder} cannot be written; {_WHOSE}")
    if backup.dumps is not None and not os.access(backup.dumps, os.R_OK | os.X_OK):
        problems.append(f"backup.dumps {backup.dumps}: there is no such folder, or it is closed")
    try:
        known_passphrase(backup)
    except BackupError as error:
        problems.append(f"backup.passphrase_file {error}")
    return problems


def backup_advice(settings: Settings, now: datetime) -> list[str]:
    """What to do where backups are wanted and the newest is old. Raises OSError."""
    if backup_problems(settings.backup):
        return []
    return [*_old_backup(settings, now), *old_dump(settings.backup, now)]


def _old_backup(settings: Settings, now: datetime) -> list[str]:
    backup = settings.backup
    if backup.folder is None:
        return []
    folder = BackupFolder(backup.folder, settings.site.code, backup.kept)
    newest = folder.newest(now)
    if not BackupState(newest).is_old(now):
        return []
    made = "there is none" if newest is None else f"the newest is of {newest.isoformat()}"
    return [f"backup.folder {backup.folder}: {made}; the service makes one a day while it runs"]


def old_dump(backup: BackupSettings, now: datetime) -> list[str]:
    """What to do where ``pg_dump`` has not written for long. Raises OSError."""
    if backup.dumps is None:
        return []
    changed = [
        datetime.fromtimestamp(found.st_mtime, UTC)
        for file in backup.dumps.iterdir()
        if file.is_file() and (found := file.stat()).st_size > 0
    ]
    newest = max((at for at in changed if at <= now + AHEAD), default=None)
    if not BackupState(newest).is_old(now):
        return []
    made = "it is empty" if newest is None else f"the newest file is of {newest:%Y-%m-%d %H:%M} UTC"
    return [f"backup.dumps {backup.dumps}: {made}; look at what calls pg_dump every day"]


_WHOSE = "it must belong to the user that runs this program"


def _made_at(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def trouble_of(error: OSError) -> str:
    """Which file or folder, and what the system says of it."""
    return f"{error.filename}: {error.strerror}"
