"""What the record tells when its database cannot be used."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from screening.errors import NotRecorded
from screening.record.engine import translated


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
