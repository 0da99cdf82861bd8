"""Locks that say which process runs a gate; the system takes them away when the process ends.

Beside SQLite it is a lock on a file for each gate, in a folder beside the database. Whether it is
still held is looked up at each act: a file that was deleted or replaced is lost.

On PostgreSQL it is a session's advisory lock, on one connection that does nothing else. The server
lets go of it when the connection breaks, and of a vanished machine's after about 20 seconds.
Between two looks at the connection the process relies on it for ``LEASE_S``. Whoever takes a gate
from an owner that did not give it back waits longer than that before it begins, so that the two
never act together. An owner also locks such a file in its data folder: who finds there that the
owner before has died on this machine need not wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, text

from screening.errors import RecordError
from screening.gate.ownership import GateOwners, Owner, Ownership
from screening.record.engine import Database, translated
from screening.record.tables import GateOwnerRow

FOLDER = "gate-owners"

LEASE_S = 2.0
"""An owner that has not heard of the server for so long does nothing."""

GRACE_S = 2.3
"""A new owner waits so long after one who did not give the gate back: a lease and some more."""

# Keepalives after 10 seconds of silence, three of them, three seconds apart.
_NOTICE_VANISHED = text(
    "SELECT set_config('tcp_keepalives_idle', '10', false),"
    " set_config('tcp_keepalives_interval', '3', false),"
    " set_config('tcp_keepalives_count', '3', false),"
    " set_config('tcp_user_timeout', '10000', false)"
)
_TRY_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_UNLOCK = text("SELECT pg_advisory_unlock(:key)")
_IS_ALIVE = text("SELECT 1")
_IS_LOCKED = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid::bigint = :high AND objid::bigint = :low AND objsubid = 1)"
)


def owners_of(
    database: Database, me: Owner, monotonic_s: Callable[[], float], data: Path | None
) -> GateOwners:
    """The owners of this site's gates, for the process that ``me`` describes.

    ``data`` is a folder of this machine that outlives the process.
    """
    file = database.file
    if file is not None:
        return FileOwners(file.parent / FOLDER, site=database.site, me=me)
    traces = None if data is None else FileOwners(data / FOLDER, site=database.site, me=me)
    return PostgresqlOwners(database, me=me, monotonic_s=monotonic_s, traces=traces)


class FileOwners:
    """GateOwners by locks on files. The owner is written into the file that it has locked."""

    def __init__(self, folder: Path, *, site: str, me: Owner) -> None:
        self._folder = folder
        self._site = site
        self._me = me
        self._taken: list[_LockedFile] = []

    def take(self, gate: str) -> Ownership | None:
        """Own the gate, or None while another process does. Raises RecordError."""
        path = self._path(gate)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise RecordError(f"{path} cannot be locked: {error.strerror}") from error
        taken = _LockedFile(path, descriptor)
        if not taken.lock():
            taken.release()
            return None
        taken.write(self._me)
        self._taken.append(taken)
        return taken

    def check(self) -> None:
        """Nothing to wait for: each act looks itself."""

    def owner(self, gate: str) -> Owner | None:
        """Whoever holds the file's lock, as far as they wrote it. Raises RecordError."""
        path = self._path(gate)
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return _read_owner(path)
        except OSError as error:
            raise RecordError(f"{path} cannot be read: {error.strerror}") from error
        return None  # nobody holds it, or it could not have been had

    def ended(self, gate: str) -> Owner | None:
        """Whoever had it last and has ended; None while somebody has it, or where none did."""
        path = self._path(gate)
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return _read_owner(path)
        except OSError:
            return None

    def close(self) -> None:
        """Release everything."""
        for taken in self._taken:
            taken.release()
        self._taken.clear()

    def _path(self, gate: str) -> Path:
        return self._folder / f"{self._site}-{gate}.lock"


class _LockedFile:
    """An open file and its lock, which belongs to the open file and ends with it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor
        self._is_lost = False

    def lock(self) -> bool:
        """Whether nobody else has it; False also when the file was replaced meanwhile."""
        assert self._descriptor is not None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return not self.is_lost

    def write(self, owner: Owner) -> None:
        """Say who holds it; a full disk only leaves the others without the address."""
        assert self._descriptor is not None
        told = {"machine": owner.machine, "address": owner.address, "since": str(owner.since)}
        written = json.dumps(told).encode()
        with contextlib.suppress(OSError):
            os.pwrite(self._descriptor, written, 0)
            os.ftruncate(self._descriptor, len(written))

    @property
    def is_lost(self) -> bool:
        """Whether another file lies in its place, which somebody else may have locked."""
        descriptor = self._descriptor
        if descriptor is None or self._is_lost:
            return True
        try:
            self._is_lost = not os.path.samestat(os.fstat(descriptor), self._path.stat())
        except OSError:
            self._is_lost = True
        return self._is_lost

    def may_act(self) -> bool:
        """Whether the lock is held at this moment."""
        return not self.is_lost

    def release(self) -> None:
        """Close the file, and so let go of the lock; safe to call twice."""
        descriptor, self._descriptor = self._descriptor, None
        self._is_lost = True
        if descriptor is not None:
            os.close(descriptor)


def _read_owner(path: Path) -> Owner | None:
    try:
        told = json.loads(path.read_bytes())
        return Owner(
            machine=told["machine"],
            address=told["address"],
            since=datetime.fromisoformat(told["since"]),
        )
    except (OSError, ValueError, KeyError, TypeError):  # it is just being written
        return None


class PostgresqlOwners:
    """GateOwners by advisory locks. Who holds one is a row of its own."""

    def __init__(
        self,
        database: Database,
        *,
        me: Owner,
        monotonic_s: Callable[[], float],
        traces: FileOwners | None = None,
    ) -> None:
        self._traces = traces
        self._database = database
        self._me = me
        self._monotonic_s = monotonic_s
        self._connection: Connection | None = None
        self._session = _Session(monotonic_s)
        self._locked_since: dict[str, float] = {}
        self._taken: dict[str, _Leased] = {}

    def take(self, gate: str) -> Ownership | None:
        """Own the gate, or None while another process does or might still. Raises RecordError."""
        with self._told_as_record_error():
            if gate not in self._locked_since:
                if not self._ask(_TRY_LOCK, {"key": _key(self._database.site, gate)}).scalar():
                    return None
                self._locked_since[gate] = self._monotonic_s()
            before = self._row(gate)
            if before not in (None, self._me) and not self._has_died(gate, before):
                waited_s = self._monotonic_s() - self._locked_since[gate]
                if waited_s < GRACE_S:
                    return None
            self._write_row(gate)
        if self._traces is not None:
            with contextlib.suppress(RecordError):  # then whoever comes next waits
                self._traces.take(gate)
        taken = self._taken[gate] = _Leased(self, gate, self._session)
        return taken

    def check(self) -> None:
        """Ask the server for a sign of life; without a connection everything is lost."""
        if self._connection is not None:
            with contextlib.suppress(RecordError), self._told_as_record_error():
                self._ask(_IS_ALIVE)

    def owner(self, gate: str) -> Owner | None:
        """Whoever holds the gate's lock. Raises RecordError."""
        high, low = divmod(_key(self._database.site, gate) % 2**64, 2**32)
        with self._database.reading() as session:
            if not session.scalar(_IS_LOCKED, {"high": high, "low": low}):
                return None
            row = session.get(GateOwnerRow, (self._database.site, gate))
            return None if row is None else _owner_of(row)

    def close(self) -> None:
        """Release everything, and give the connection back."""
        for taken in list(self._taken.values()):
            taken.release()
        self._drop()
        if self._traces is not None:
            self._traces.close()

    def give_back(self, gate: str) -> None:
        """Unlock the gate and say that nobody acts for it any more."""
        self._taken.pop(gate, None)
        if self._connection is None or self._locked_since.pop(gate, None) is None:
            return
        with contextlib.suppress(RecordError), self._told_as_record_error():
            self._ask(delete(GateOwnerRow).where(*self._is_row_of(gate)))
            self._ask(_UNLOCK, {"key": _key(self._database.site, gate)})

    def _has_died(self, gate: str, before: Owner | None) -> bool:
        """Whether this machine's system has taken away what that owner held here."""
        return (
            self._traces is not None
            and before is not None
            and before.machine == self._me.machine
            and self._traces.ended(gate) == before
        )

    def _row(self, gate: str) -> Owner | None:
        row = self._ask(select(GateOwnerRow.__table__).where(*self._is_row_of(gate))).first()
        return None if row is None else _owner_of(row)

    def _write_row(self, gate: str) -> None:
        """On the connection that holds the lock: a row tells of somebody who had it."""
        self._ask(delete(GateOwnerRow).where(*self._is_row_of(gate)))
        self._ask(
            insert(GateOwnerRow).values(
                site=self._database.site,
                gate=gate,
                machine=self._me.machine,
                address=self._me.address,
                since=self._me.since,
            )
        )

    def _is_row_of(self, gate: str) -> tuple[Any, ...]:
        return GateOwnerRow.site == self._database.site, GateOwnerRow.gate == gate

    def _ask(self, statement: Any, values: dict[str, Any] | None = None) -> Any:
        """Execute it; an answer shows that the locks were held when it was asked for."""
        asked_s = self._monotonic_s()
        if self._connection is None:
            self._connection = self._database.connect_alone()
            self._session = _Session(self._monotonic_s)
            self._connection.execute(_NOTICE_VANISHED)
        answer = self._connection.execute(statement, values or {})
        self._session.heard_s = asked_s
        return answer

    @contextlib.contextmanager
    def _told_as_record_error(self) -> Any:
        try:
            with translated(RecordError):
                yield
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        """The connection is of no use any more, and with it every lock has gone."""
        self._session.is_over = True
        self._locked_since.clear()
        self._taken.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(RecordError), translated(RecordError):
                connection.close()


@dataclass
class _Session:
    """A connection's life as the owner's threads may look at it."""

    monotonic_s: Callable[[], float]
    heard_s: float = float("-inf")
    is_over: bool = False


class _Leased:
    """A gate's lock on a session of the server."""

    def __init__(self, owners: PostgresqlOwners, gate: str, session: _Session) -> None:
        self._owners = owners
        self._gate = gate
        self._session = session
        self._is_released = False

    @property
    def is_lost(self) -> bool:
        """Whether the session that held it has ended."""
        return self._is_released or self._session.is_over

    def may_act(self) -> bool:
        """Whether the server was heard of lately enough that nobody else can have begun."""
        session = self._session
        return not self.is_lost and session.monotonic_s() - session.heard_s < LEASE_S

    def release(self) -> None:
        """Unlock it; safe to call twice."""
        if not self.is_lost:
            self._owners.give_back(self._gate)
        self._is_released = True


def _owner_of(row: Any) -> Owner:
    return Owner(machine=row.machine, address=row.address, since=row.since)


def _key(site: str, gate: str) -> int:
    """The same number in every process: a lock has no name but 64 bits."""
    digest = hashlib.sha256(f"gerbang gate\0{site}\0{gate}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
