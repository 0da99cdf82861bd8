"""What the record tells when its database cannot be used."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from screening.errors import NotRecorded
from screening.record import Record
from screening.record.engine import translated
from screening.waiting_room.plan import SeatPlan


def test_a_full_disk_is_told_apart_from_a_database_that_is_away() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE entry (text)")
        connection.execute("PRAGMA max_page_count = 2")
        with pytest.raises(NotRecorded, match="disk is full") as caught, translated(NotRecorded):
            connection.execute("INSERT INTO entry VALUES (?)", ["x" * 100_000])
    assert caught.value.is_of_disk


def test_a_wrong_statement_is_no_trouble_of_the_disk() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(NotRecorded) as caught,
        translated(NotRecorded),
    ):
        connection.execute("SELECT nothing FROM nowhere")
    assert not caught.value.is_of_disk


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_a_new_database_is_for_its_owner_only(tmp_path: Path, umask: int) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(umask)
    try:
        opened = Record.open(
            tmp_path / "gerbang.sqlite3",
            site="BGR",
            zone=ZoneInfo("Asia/Jakarta"),
            plan=SeatPlan(2, 2),
        )
        with opened as record:
            record.visits.latest(limit=1)
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert "gerbang.sqlite3" in modes
    assert set(modes.values()) == {0o600}
