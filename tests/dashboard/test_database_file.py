"""A lost database is told before anything opens it; a new office's is made without a question."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.database_file import database_problem, set_aside

NOBODY = 65534
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def problem(file: Path, *, was_used: bool) -> str | None:
    """What is told of a lost one."""
    found = database_problem(file, is_office_in_use=lambda: was_used)
    assert found is None or found.is_lost
    return None if found is None else found.text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gerbang.sqlite3"


def fill(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE entries (hash TEXT)")


def open_and_leave(file: Path) -> None:
    """What opening an empty file makes of it: one page without a table."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=WAL")


EMPTY = {
    "missing": lambda file: None,
    "0 bytes": lambda file: file.touch(),
    "zeros": lambda file: file.write_bytes(bytes(8192)),
    "opened while empty": open_and_leave,
}


@pytest.mark.parametrize("make", EMPTY.values(), ids=EMPTY.keys())
def test_nothing_is_told_at_a_new_office_and_a_loss_at_one_in_use(
    file: Path, make: Callable[[Path], object]
) -> None:
    make(file)
    assert problem(file, was_used=False) is None
    told = problem(file, was_used=True)
    assert told is not None
    assert told.startswith(str(file))
    assert "gerbang log new" in told


def test_newer_rows_beside_an_emptied_file_show_that_it_was_in_use(file: Path) -> None:
    file.touch()
    newer = file.with_name(f"{file.name}-wal")
    newer.write_bytes(b"")
    assert problem(file, was_used=False) is None
    newer.write_bytes(b"rows")
    assert "is empty" in str(problem(file, was_used=False))
    assert newer.read_bytes() == b"rows"
    file.unlink()
    assert "is missing" in str(problem(file, was_used=False))


def test_a_record_is_no_problem(file: Path) -> None:
    fill(file)
    assert problem(file, was_used=True) is None


@pytest.mark.parametrize("content", [b"PK\x03\x04 a backup that was packed", b"SQL"])
def test_another_kind_of_file_is_told(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "is no SQLite database" in str(problem(file, was_used=False))


def test_a_folder_in_its_place_is_told(file: Path) -> None:
    file.mkdir()
    assert "is a folder" in str(problem(file, was_used=False))


def test_what_is_left_is_kept_under_another_name(file: Path) -> None:
    file.write_bytes(b"half")
    file.with_name(f"{file.name}-wal").write_bytes(b"rows")
    moved = set_aside(file, NOON)
    assert [kept.name for kept in moved] == [
        "gerbang.sqlite3.lost-20260310T120000Z",
        "gerbang.sqlite3.lost-20260310T120000Z-wal",
    ]
    assert [kept.read_bytes() for kept in moved] == [b"half", b"rows"]
    assert not file.exists()


@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["unreadable", "unwritable"])
def test_a_record_of_another_user_is_not_lost(file: Path, mode: int) -> None:
    fill(file)
    file.chmod(mode)
    with as_somebody():
        found = database_problem(file, is_office_in_use=lambda: True)
    assert found is not None
    assert not found.is_lost
    assert found.text.startswith(str(file))
    assert "must belong to the user" in found.text
    assert "gerbang log new" not in found.text


@contextmanager
def as_somebody() -> Iterator[None]:
    """Without the rights that root has over every file."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
