"""The bench borrows a database: it takes none that is used, and leaves it as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from dashboard.commands.bench_floor import floor
from dashboard.commands.bench_http import empty_postgresql
from dashboard.storage import open_record
from screening.errors import ScreeningError
from screening.settings import Settings


def tables(url: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        counted = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        (number,) = counted.fetchone() or (0,)
        return int(number)


def test_the_database_is_empty_again(
    new_postgresql_database: Callable[..., str], tmp_path: Path
) -> None:
    url = new_postgresql_database(is_empty=True)
    settings = Settings.model_validate({"data": tmp_path, "database_url": url})
    with empty_postgresql(url), open_record(settings):
        assert tables(url) > 5
    assert tables(url) == 0


def test_a_database_in_use_is_left_alone(new_postgresql_database: Callable[..., str]) -> None:
    url = new_postgresql_database()
    before = tables(url)
    with pytest.raises(ScreeningError, match="empty database"), empty_postgresql(url):
        pass
    assert tables(url) == before > 5


def test_the_floor_writes_to_the_same_database(
    new_postgresql_database: Callable[..., str], tmp_path: Path
) -> None:
    url = new_postgresql_database(is_empty=True)
    with empty_postgresql(url):
        client = TestClient(floor(tmp_path, url))
        for nonce in ("a", "b"):
            assert client.post("/scans", json={"code": "c", "nonce": nonce}).status_code == 200
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            found = connection.execute("SELECT nonce FROM bare_scans ORDER BY nonce").fetchall()
    assert found == [("a",), ("b",)]
    assert not list(tmp_path.iterdir())
