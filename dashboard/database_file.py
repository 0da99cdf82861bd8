"""The embedded database's file, looked at before anything opens it: SQLite makes what is missing.

It also deletes the newest rows (``-wal``) beside a file that a power cut has emptied.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from screening.errors import RecordError

WHAT_TO_DO = (
    "stop the service and put the backup in its place, set GERBANG_DATABASE_URL where the record is"
    " in PostgreSQL, or begin an empty record: gerbang log new"
)

WHAT_TO_DO_ON_A_SERVER = (
    "shows that this office was in use: stop the service and restore the database's backup, correct"
    " GERBANG_DATABASE_URL where the record is in another database, or begin an empty record:"
    " gerbang log new"
)

_WHOSE = "it must belong to the user that runs this program"

_HEADER = b"SQLite format 3\0"
"""The first bytes of every SQLite database (https://sqlite.org/fileformat.html, 1.3)."""

_PAGE_BYTES = 4096
"""SQLite's usual page; a record has many."""


@dataclass(frozen=True, slots=True)
class DatabaseProblem:
    """What is wrong, in one line. ``is_lost`` where only a backup helps; else its owner does."""

    text: str
    is_lost: bool


def database_problem(file: Path, *, is_office_in_use: Callable[[], bool]) -> DatabaseProblem | None:
    """Look at the file, which is left as it is.

    A missing or empty one is fine at a new office. ``is_office_in_use`` is asked whether anything
    else shows that there was a record.
    """
    try:
        what = _state(file)
        if what in (_MISSING, _EMPTY) and not (_has_newer_rows(file) or is_office_in_use()):
            return None
    except OSError as error:
        problem = f"{error.filename or file} cannot be read: {error.strerror}; {_WHOSE}"
        return DatabaseProblem(problem, is_lost=False)
    if what is not None:
        return DatabaseProblem(f"{file} {what}: {WHAT_TO_DO}", is_lost=True)
    if not os.access(file, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return DatabaseProblem(f"{file} cannot be written; {_WHOSE}", is_lost=False)
    return None


def set_aside(file: Path, at: datetime) -> list[Path]:
    """Rename what is left of a lost database. Raises RecordError where that cannot be."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    moved = []
    try:
        for suffix in ("", "-wal", "-shm"):
            left = file.with_name(file.name + suffix)
            if left.exists():
                moved.append(left.rename(file.with_name(f"{file.name}.lost-{stamp}{suffix}")))
    except OSError as error:
        raise RecordError(f"{file} cannot be set aside: {error.strerror}") from error
    return moved


def copy_database(file: Path, to: Path) -> None:
    """One moment of the database, copied while others write to it. Raises sqlite3.Error."""
    address = f"{file.absolute().as_uri()}?mode=rw"
    with (
        closing(sqlite3.connect(address, uri=True)) as database,
        closing(sqlite3.connect(to)) as copy,
    ):
        # In one step: between steps the copy would begin anew with each row that is written.
        database.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file


_MISSING = "is missing, though this office was in use"
_EMPTY = "is empty, though this office was in use"


def _state(file: Path) -> str | None:
    """What is wrong with it, as far as the file itself tells."""
    if not file.exists():
        return _MISSING
    if file.is_dir():
        return "is a folder and no database"
    with file.open("rb") as opened:
        header = opened.read(len(_HEADER))
    if not header.strip(b"\0"):
        return _EMPTY
    if header != _HEADER:
        return "is no SQLite database"
    return _EMPTY if _holds_nothing(file) else None


def _holds_nothing(file: Path) -> bool:
    """Whether there is one page without tables, as opening an empty file leaves it."""
    if file.stat().st_size > _PAGE_BYTES or _has_newer_rows(file):
        return False
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        try:
            tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error:  # damaged in another way, which opening it tells
            return False
    return bool(tables == (0,))


def _has_newer_rows(file: Path) -> bool:
    newer = file.with_name(f"{file.name}-wal")
    return newer.exists() and newer.stat().st_size > 0
