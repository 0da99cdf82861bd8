"""What the administrators' page of backups shows."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.admin.contexts import Around
from dashboard.web.shell import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLine:
    """A backup of the folder. ``name`` is its file's."""

    name: str
    made: str
    size: str
    is_newest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """What somebody asked for: ``state`` is working, done or failed.

    ``found`` are what was found inside, each with its value; ``file`` is the address of what was
    made for whoever looks, empty for others and once it is gone.
    """

    state: str
    headline: str
    words: str
    found: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    file: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupPage:
    """``admin/backup.html``. ``standing`` tells of the daily backups, ``state`` is good, warn or
    bad. ``folder`` is empty where none is set; ``facts`` tell of it. ``server`` is what a record in
    PostgreSQL needs besides, a command; empty with an embedded one."""

    shell: Shell
    around: Around
    state: str
    standing: str
    folder: str
    facts: tuple[tuple[str, str], ...]
    stored: tuple[StoredLine, ...]
    server: str
    dumps: str
    can_make: bool
    shortest: int
    longest: int
    job: JobCard | None
    restore: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupWork:
    """``admin/backup_work.html``, the part that changes."""

    shell: Shell
    job: JobCard | None
