"""Connections and transactions on SQLite and PostgreSQL; nothing of SQLAlchemy leaves this package.

A site's writers queue up: on SQLite by ``BEGIN IMMEDIATE`` (one writer for the file), on PostgreSQL
by locking the site's row. Inside, whatever was read stays true until the commit.

The writer's connection to PostgreSQL is a pipeline
(https://www.postgresql.org/docs/current/libpq-pipeline-mode.html): what needs no answer is sent on,
and answers are waited for together, at the next question or at the commit. So an error is told
there and not where it was made; it fails the whole transaction, as anywhere else in it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ClauseElement,
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Insert,
    NullPool,
    SelectBase,
    create_engine,
    event,
    select,
    text,
)
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.orm import Session

from screening.errors import NotRecorded, OutcomeUnknown, RecordError
from screening.record.tables import SiteRow

BUSY_TIMEOUT_S = 5
"""How long a writer of another process may hold SQLite's file before we give up."""
_SWITCHING_S = 0.01
"""Between two tries to switch a new file to write-ahead logging."""

# A dead server must be noticed in seconds, not by the kernel's default of minutes.
_POSTGRESQL_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


_DISK_TROUBLES = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
)
_HELD = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SERVER_TROUBLES = ("08", "53", "57P", "58")
"""Of the connection, the resources, the operator and the system
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
_DAMAGES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF
"""SQLite's extended codes carry the primary one in their last byte."""

DEFERRED = {"gerbang_deferred": True}
"""Execution options of a question whose answer nobody needs: in a pipeline it is not waited for."""


class Conflict(NotRecorded):
    """A constraint refused the transaction: somebody else was first."""


class Unusable(NotRecorded):
    """The database itself is the trouble (held, full, gone), whatever was asked of it."""


class Locked(Unusable):
    """Something else held the SQLite file for as long as a writer waits."""


class BeginningSQLite(SQLiteDialect_pysqlite):
    """Begins each transaction itself: the driver would begin late, and choose how.

    With a listener for it SQLAlchemy would look at each statement who else listens, which takes a
    tenth of an admission's time.
    """

    supports_statement_cache = True

    def __init__(self, begin: str = "DEFERRED", **options: Any) -> None:
        super().__init__(**options)
        self._begin = f"BEGIN {begin}"

    def do_begin(self, dbapi_connection: Any) -> None:
        """See ``Dialect.do_begin``."""
        dbapi_connection.execute(self._begin)


registry.register("sqlite.beginning", __name__, BeginningSQLite.__name__)


def make_engine(where: str | Path, *, for_writing: bool = False) -> Engine:
    """An engine for a database URL or the path of an SQLite file; opens nothing yet.

    ``for_writing``: its transactions on SQLite write from their beginning. Raises RecordError where
    the URL cannot be read or the driver is not installed.
    """
    url = _url(where)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url.set(drivername="sqlite+beginning"),
            connect_args={"timeout": BUSY_TIMEOUT_S},
            begin="IMMEDIATE" if for_writing else "DEFERRED",
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    try:
        engine = create_engine(
            url, connect_args=_POSTGRESQL_OPTIONS, pool_pre_ping=True, pool_size=10, max_overflow=10
        )
    except ModuleNotFoundError as error:
        raise RecordError(
            "the driver for PostgreSQL is not installed: pip install 'gerbang[postgresql]'"
        ) from error
    event.listen(engine, "begin", _begin_in_pipeline)
    event.listen(engine, "after_cursor_execute", _wait_for_answer)
    event.listen(engine, "rollback", _empty_pipeline)
    return engine


class Prepared:
    """A statement that is put into the database's words once, and then sent as it stands.

    Executing it as it is has SQLAlchemy look for those words at each time, which takes longer than
    an SQLite file takes to do it. Its values go by their types as ever. One with a list of values,
    or with a column that fills itself, cannot be prepared.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._words: dict[tuple[str, tuple[str, ...]], _Words] = {}

    def execute(
        self,
        connection: Connection,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    ) -> CursorResult[Any]:
        """Send it with these values, or once with each of them; names that it has not are left out.

        Rows that are found hold what the driver makes of them.
        """
        rows = [values] if isinstance(values, Mapping) else values
        words = self._for(connection.dialect, tuple(rows[0]))
        sent = [words.of(row) for row in rows]
        return connection.exec_driver_sql(
            words.sql,
            sent[0] if len(sent) == 1 else sent,
            execution_options=words.options,
        )

    def _for(self, dialect: Dialect, names: tuple[str, ...]) -> _Words:
        key = (dialect.name, names if isinstance(self._statement, Insert) else ())
        found = self._words.get(key)
        if found is None:
            found = self._words[key] = _Words(self._statement, dialect, names)
        return found


class _Words:
    def __init__(self, statement: ClauseElement, dialect: Dialect, names: tuple[str, ...]) -> None:
        made: Any = statement.compile(
            dialect=dialect,
            column_keys=names if isinstance(statement, Insert) else None,
        )
        if made.insert_prefetch or made.literal_execute_params or made.post_compile_params:
            raise ValueError(f"this statement cannot be prepared: {made}")
        self.sql = str(made)
        # A pipeline waits where rows are asked for, and only there.
        self.options = {} if isinstance(statement, SelectBase) else DEFERRED
        self._names = None if made.positional else list(made.binds)
        self._fixed = {name: one.value for name, one in made.binds.items() if not one.required}
        self._values = [
            (name, made.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in (made.positiontup if made.positional else made.binds)
        ]

    def of(self, row: Mapping[str, Any]) -> Any:
        """A row's values as the driver wants them."""
        if self._fixed:
            row = {**self._fixed, **row}
        sent = [
            row[name] if process is None else process(row[name]) for name, process in self._values
        ]
        return tuple(sent) if self._names is None else dict(zip(self._names, sent, strict=True))


def reach(where: str | Path) -> None:
    """Connect once, changing nothing. Raises RecordError where the database does not answer."""
    engine = make_engine(where)
    with translated(RecordError):
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        finally:
            engine.dispose()


class FairLock:
    """A lock that is handed over in the order in which it was asked for."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_held = False

    def __enter__(self) -> None:
        with self._mutex:
            if not self._is_held:
                self._is_held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


class Database:
    """Transactions of one site. Raises RecordError as ``make_engine`` does."""

    def __init__(self, where: str | Path, site: str, monotonic_s: Callable[[], float]) -> None:
        self._engine = engine = make_engine(where)
        self._monotonic_s = monotonic_s
        self._answered_s = float("-inf")
        self._reading = engine
        if engine.dialect.name == "postgresql":
            # SQLite's readers see one moment anyway.
            self._reading = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        self._is_sqlite = engine.dialect.name == "sqlite"
        self.for_writing = make_engine(where, for_writing=True) if self._is_sqlite else engine
        # Threads of this process queue here instead of polling the file's or the row's lock.
        self.one_writer = FairLock()
        self._has_erased = False
        self.site = site

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One moment of the database, for reading. Raises RecordError."""
        asked_s = self._monotonic_s()
        with translated(RecordError), Session(self._reading) as session, session.begin():
            yield session
        self._answered_s = max(self._answered_s, asked_s)

    @contextmanager
    def reading_rows(self) -> Iterator[Connection]:
        """The same for what is asked so often that objects of rows would cost too much."""
        asked_s = self._monotonic_s()
        with translated(RecordError), self._reading.connect() as connection, connection.begin():
            yield connection
        self._answered_s = max(self._answered_s, asked_s)

    def has_answered_since(self, monotonic_s: float) -> bool:
        """Whether it was read by somebody who began after that moment of the clock."""
        return self._answered_s >= monotonic_s

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, SiteRow]]:
        """The site's only writer; committed at the end, or not at all.

        Raises NotRecorded, its subclass Conflict where a constraint refused, OutcomeUnknown where
        the connection broke during the commit.
        """
        with (
            translated(NotRecorded),
            self.one_writer,
            commit_told_honestly() as commit_begins,
            Session(self.for_writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            head = session.scalars(
                select(SiteRow).where(SiteRow.code == self.site).with_for_update()
            ).one_or_none()
            if head is None:
                raise NotRecorded(f"the database has no site {self.site!r}")
            yield session, head
            session.flush()
            commit_begins()

    def damage(self) -> str | None:
        """What is wrong with SQLite's file, None where it is sound or a server keeps it.

        Raises RecordError where it cannot be read at all.
        """
        if not self._is_sqlite:
            return None
        try:
            with self._engine.connect() as connection:
                (found,) = connection.exec_driver_sql("PRAGMA integrity_check(1)").one()
        except DatabaseError as error:
            if _code(error) in _DAMAGES:
                return _one_line(error)
            with translated(RecordError):
                raise
        return None if found == "ok" else " ".join(str(found).split())

    def note_erased(self) -> None:
        """Something was erased: ``drop_erased`` has work to do."""
        self._has_erased = self._is_sqlite

    def drop_erased(self) -> bool:
        """Cut SQLite's write-ahead log to nothing, where what was erased can still be read.

        Nobody is waited for: False where somebody reads or writes in just this moment. Ask again
        then.
        """
        if not self._has_erased:
            return True
        self._has_erased = False
        try:
            with closing(sqlite3.connect(self._engine.url.database or "", timeout=0)) as connection:
                # Most of it is taken in while others write, so that they wait for the rest alone.
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                with self.one_writer:
                    (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            is_busy = True
        if is_busy:
            self._has_erased = True
        return not is_busy

    @contextmanager
    def counting_statements(self) -> Iterator[Callable[[], int]]:
        """Counts statements meanwhile, less those that begin and end a transaction."""
        counted = 0

        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            nonlocal counted
            counted += not statement.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))

        engines = {self._engine, self.for_writing}
        for engine in engines:
            event.listen(engine, "before_cursor_execute", count)
        try:
            yield lambda: counted
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", count)

    @contextmanager
    def connected_for_writing(self) -> Iterator[Connection]:
        """A connection whose transactions write from their beginning."""
        if self._is_sqlite:
            with self.for_writing.connect() as connection:
                yield connection
            return
        # Without a transaction of the driver's own, which would wait for the answer to BEGIN.
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver: Any = connection.connection.dbapi_connection
            try:
                with driver.pipeline() as pipeline:
                    yield connection.execution_options(gerbang_pipeline=pipeline)
            except self._engine.dialect.loaded_dbapi.Error as error:
                connection.invalidate(error)  # it was broken off

    @contextmanager
    def filling(self) -> Iterator[sqlite3.Connection]:
        """A connection to SQLite's file that commits each statement by itself, waits for no disk
        and checks no reference: for rows by the million that nobody would miss.

        Raises RecordError, also where a server keeps the database.
        """
        if not self._is_sqlite:
            raise RecordError("only a record on SQLite can be filled")
        with (
            translated(RecordError),
            self.one_writer,
            closing(sqlite3.connect(self._engine.url.database or "", isolation_level=None)) as one,
        ):
            one.execute("PRAGMA synchronous=OFF")
            yield one

    def connect_alone(self) -> Connection:
        """A connection outside the pool that commits each statement; close it in the end."""
        engine = create_engine(
            self._engine.url,
            connect_args=_POSTGRESQL_OPTIONS,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        return engine.connect()

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps it; None on a server."""
        return Path(self._engine.url.database or "") if self._is_sqlite else None

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()
        self.for_writing.dispose()


@contextmanager
def translated(error: type[RecordError]) -> Iterator[None]:
    """Turn the database's exceptions into ours, in one line that names the cause."""
    try:
        yield
    except IntegrityError as cause:
        raise Conflict(f"the record refused a contradiction: {_one_line(cause)}") from cause
    except (SQLAlchemyError, sqlite3.Error) as cause:
        problem = f"the record cannot be used now: {_one_line(cause)}"
        if _code(cause) in _DAMAGES:
            problem += "; its file is damaged: stop the service and put the backup in its place"
        if error is NotRecorded and _is_unusable(cause):
            error = Locked if _code(cause) in _HELD else Unusable
        raise error(problem, is_of_disk=_is_of_disk(cause)) from cause


@contextmanager
def commit_told_honestly() -> Iterator[Callable[[], None]]:
    """Raises OutcomeUnknown where the connection broke after what it yields was called.

    Then the commit was on its way, and only its answer may be lost.
    """
    has_begun = False

    def begins() -> None:
        nonlocal has_begun
        has_begun = True

    try:
        yield begins
    except DBAPIError as error:
        if has_begun and error.connection_invalidated:
            raise OutcomeUnknown(
                "the database was gone before it had confirmed; look at the log before trying again"
            ) from error
        raise


def _is_unusable(cause: Exception) -> bool:
    if isinstance(cause, DBAPIError) and cause.connection_invalidated:
        return True
    if not isinstance(cause, OperationalError | InterfaceError):
        return False
    state = getattr(cause.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_SERVER_TROUBLES)
    code = _code(cause)
    return code is None or code in _HELD | _DISK_TROUBLES | _DAMAGES


def _is_of_disk(cause: Exception) -> bool:
    """A server's database tells of its own disk, which is not the one of this machine."""
    return _code(cause) in _DISK_TROUBLES


def _code(cause: Exception) -> int | None:
    """SQLite's primary code, None of another database."""
    code = getattr(getattr(cause, "orig", cause), "sqlite_errorcode", None)
    return code & _PRIMARY_CODE if isinstance(code, int) else None


def _one_line(cause: Exception) -> str:
    origin = getattr(cause, "orig", None) or cause
    return " ".join(str(origin).split()) or type(origin).__name__


def _url(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise RecordError("the database URL cannot be read") from error
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("postgresql+psycopg", "sqlite"):
        raise RecordError(f"{url.drivername!r}: the record knows sqlite and postgresql+psycopg")
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by BeginningSQLite alone
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")  # a commit survives a power cut
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, however many open a new file in the same moment.

    SQLite does not wait by itself here: beside another that is about to write it says "locked" at
    once, as each of the two holds what the other needs.
    """
    until = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_SWITCHING_S)
        else:
            return


def _begin_in_pipeline(connection: Connection) -> None:
    if "gerbang_pipeline" in connection.get_execution_options():
        connection.exec_driver_sql("BEGIN", execution_options=DEFERRED)


def _empty_pipeline(connection: Connection) -> None:
    """What was sent after an error is answered too: the driver would tell that in its place."""
    pipeline = connection.get_execution_options().get("gerbang_pipeline")
    if pipeline is not None:
        with suppress(connection.dialect.loaded_dbapi.Error):
            pipeline.sync()


def _wait_for_answer(
    connection: Connection,
    _cursor: object,
    _statement: str,
    _values: object,
    context: Any,
    _is_many: bool,
) -> None:
    """In a pipeline, where rows are asked for: they must be there when the call returns."""
    pipeline = connection.get_execution_options().get("gerbang_pipeline")
    if pipeline is None or "gerbang_deferred" in context.execution_options:
        return
    is_change = context.isinsert or context.isupdate or context.isdelete
    if not is_change or context.compiled.effective_returning:
        pipeline.sync()
