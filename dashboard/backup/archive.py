"""A whole office in one sealed file: its record, keys and configuration.

The record is copied by SQLite's online backup while gates work. A backup counts as made once it
was opened again, its chain walked and its key read. A record in PostgreSQL is not inside: its own
tools copy it.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from dashboard.backup.folder import PART_SUFFIX
from dashboard.backup.jobs import BackupReport
from dashboard.backup.sealed_file import SealedReader, SealedWriter
from dashboard.backup.workspace import Workspace
from dashboard.database_file import copy_database
from dashboard.replacing import commit
from dashboard.storage import DATABASE_FILE, KEYS_FOLDER
from screening.clock import SystemClock
from screening.errors import BackupError, RecordError
from screening.receipts.keys import PRIVATE_KEY_FILE, key_problems
from screening.record import Record
from screening.settings import Settings
from screening.visits import ChainReport
from screening.waiting_room.plan import SeatPlan
from screening.whole_files import sync

MANIFEST = "manifest.json"
CONFIGURATION_FOLDER = "configuration"
RESTORED_CONFIGURATION = "from-backup"
NOT_INSIDE = (
    "the site's certificate and its key",
    "the service's environment file and unit",
    "pictures of staff and reports of commissionings, which are kept for days only",
)
_FORMAT = 1
_FOLDERS = (KEYS_FOLDER, CONFIGURATION_FOLDER)
_ANY_PLAN = SeatPlan(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSource:
    """What belongs into an office's backup, and where it lies.

    ``configuration`` holds the file that was read and those that it names.
    """

    data: Path
    site: str
    timezone: str
    is_embedded: bool
    configuration: tuple[Path, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> BackupSource:
        """As the settings say."""
        named = [settings.file]
        for gate in settings.gates:
            named.append(gate.camera.mask_tuning if gate.camera else None)
            register_map = gate.thermometer.register_map if gate.thermometer else None
            named.append(Path(register_map) if register_map else None)
        return cls(
            data=settings.data,
            site=settings.site.code,
            timezone=settings.site.zone.key,
            is_embedded=settings.database_url is None,
            configuration=tuple(dict.fromkeys(file for file in named if file and file.is_file())),
        )


def create_backup(
    source: BackupSource, file: Path, *, passphrase: str, at: datetime
) -> BackupReport:
    """Write ``file`` whole or not at all, and say what was found by reading it again.

    Raises BackupError. A record whose chain is broken is backed up all the same, and reported.
    """
    with _told(file), Workspace(source.data) as work:
        members = _gather(source, work.folder, at)
        made = file.with_name(f".{file.name}.{os.getpid()}{PART_SUFFIX}")
        try:
            with open(made, "wb", opener=_for_its_owner) as opened:
                with SealedWriter(opened, passphrase) as sealed:
                    _pack(sealed, members)
                opened.flush()
                os.fsync(opened.fileno())
            shutil.rmtree(work.folder, ignore_errors=True)
            report = verify_backup(made, passphrase=passphrase, beside=source.data)
            made.replace(file)
        finally:
            made.unlink(missing_ok=True)
        sync(file.parent)
    return report


def verify_backup(file: Path, *, passphrase: str, beside: Path) -> BackupReport:
    """Open it, walk its chain and read its key; nothing of it stays. Raises BackupError.

    It is unpacked within ``beside``, where there is such a folder.
    """
    with _told(file), Workspace(beside) as work:
        manifest = _unpack(file, passphrase, work.folder)
        return _examine(work.folder, manifest)


@contextmanager
def unpacked_backup(
    file: Path, *, passphrase: str, settings: Settings
) -> Iterator[tuple[Path, BackupReport]]:
    """The unpacked backup in the data folder, and what was found in it. Raises BackupError."""
    with Workspace(settings.data) as work:
        with _told(file):
            manifest = _unpack(file, passphrase, work.folder)
            report = _examine(work.folder, manifest)
            _require_fitting(report, settings)
        yield work.folder, report


def put_back(
    folder: Path, report: BackupReport, settings: Settings, *, operator: str, at: datetime
) -> Path | None:
    """Put an unpacked backup in the place of what there is; where that is kept, None for nothing.

    Log-ins that were open end, and the log says that it was restored. Raises BackupError before
    anything was changed. A run that is interrupted is finished by the next start.
    """
    data = settings.data
    with _told(data):
        (folder / KEYS_FOLDER).mkdir(mode=0o700, exist_ok=True)
        database = folder / DATABASE_FILE
        if database.exists():
            if is_in_use(data / DATABASE_FILE):
                raise BackupError(f"{data / DATABASE_FILE} is in use: stop the service first")
            with _record(database, report.site, settings.site.zone) as record:
                for session in record.accounts.sessions(at=report.at):
                    record.accounts.close_session(session.token_hash)
                made = f"backup of {report.at.isoformat()}"
                record.facts.note("record", before=None, after=made, operator=operator, at=at)
            _as_one_file(database)
        configuration = folder / CONFIGURATION_FOLDER
        if configuration.exists():
            configuration.rename(folder / RESTORED_CONFIGURATION)
        (folder / MANIFEST).unlink()
        _give_to_owner_of(data, folder)
        stamp = at.strftime("%Y%m%dT%H%M%SZ")
        kept = data / f"before-restore-{stamp}"
        beside = tuple(f"{DATABASE_FILE}-{kind}" for kind in ("wal", "shm"))
        commit(data, folder, removed=beside if database.exists() else (), kept_in=kept.name)
        return kept if kept.exists() else None


def holds_an_office(settings: Settings) -> bool:
    """Whether something would be replaced."""
    data = settings.data
    return (data / DATABASE_FILE).exists() or _holds_files(data / KEYS_FOLDER)


def is_in_use(database: Path) -> bool:
    """Whether a program has this SQLite record open; on the way its newer rows are taken in."""
    if not database.is_file():
        return False
    with closing(sqlite3.connect(database, timeout=0)) as connection:
        try:  # needs the file for itself, also beside a connection that does nothing now
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
        except sqlite3.DatabaseError:  # no database any more
            return False
    return False


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _require_fitting(report: BackupReport, settings: Settings) -> None:
    if report.site != settings.site.code:
        raise BackupError(
            f"it is of the office {report.site}, and the configuration says"
            f" {settings.site.code}: set site.code"
        )
    if report.chain is None and settings.database_url is None:
        raise BackupError("it holds no record, which was in PostgreSQL: set GERBANG_DATABASE_URL")
    if report.chain is not None and settings.database_url is not None:
        raise BackupError("it holds an SQLite record, and the configuration says PostgreSQL")


def _gather(source: BackupSource, folder: Path, at: datetime) -> list[tuple[str, Path]]:
    """What goes inside, by its name there; copies lie in ``folder``."""
    named = _configuration_names(source.configuration)
    members = [(f"{CONFIGURATION_FOLDER}/{name}", file) for name, file in named.items()]
    keys = source.data / KEYS_FOLDER
    if keys.is_dir():
        members += [
            (f"{KEYS_FOLDER}/{file.name}", file)
            for file in sorted(keys.iterdir())
            if file.is_file() and not file.name.startswith(".")
        ]
    database = source.data / DATABASE_FILE
    if source.is_embedded:
        if not database.is_file():
            raise BackupError(f"{database} is missing: there is nothing to back up")
        copy_database(database, folder / DATABASE_FILE)
        members.append((DATABASE_FILE, folder / DATABASE_FILE))
    manifest = folder / MANIFEST
    content = {
        "format": _FORMAT,
        "at": at.isoformat(),
        "site": source.site,
        "timezone": source.timezone,
        "configuration": {name: str(file.absolute()) for name, file in named.items()},
        "not_inside": NOT_INSIDE if source.is_embedded else ("the record", *NOT_INSIDE),
    }
    manifest.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return [(MANIFEST, manifest), *members]


def _configuration_names(files: tuple[Path, ...]) -> dict[str, Path]:
    """Names that differ, also for files of one name in different folders."""
    named: dict[str, Path] = {}
    for number, file in enumerate(files):
        named[file.name if file.name not in named else f"{number}-{file.name}"] = file
    return named


def _pack(sealed: SealedWriter, members: list[tuple[str, Path]]) -> None:
    with tarfile.open(fileobj=cast("IO[bytes]", sealed), mode="w|") as archive:
        for name, file in members:
            archive.add(file, arcname=name, recursive=False)


def _unpack(file: Path, passphrase: str, folder: Path) -> dict[str, Any]:
    """Write everything into the folder, for its owner only; the manifest."""
    with file.open("rb") as opened:
        sealed = SealedReader(opened, passphrase)
        with tarfile.open(fileobj=cast("IO[bytes]", sealed), mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None or not _is_expected(member.name):
                    raise BackupError(f"it holds {member.name}, which belongs into no backup")
                target = folder / member.name
                target.parent.mkdir(mode=0o700, exist_ok=True)
                with open(target, "wb", opener=_for_its_owner) as written:
                    shutil.copyfileobj(content, written)
        sealed.finish()
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != _FORMAT:
        raise BackupError("it was made by a newer version: update this program")
    return manifest


def _is_expected(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    if not folder:
        return file in (MANIFEST, DATABASE_FILE)
    return folder in _FOLDERS and file not in ("", ".", "..")


def _examine(folder: Path, manifest: dict[str, Any]) -> BackupReport:
    site, zone = manifest["site"], ZoneInfo(manifest["timezone"])
    keys, database = folder / KEYS_FOLDER, folder / DATABASE_FILE
    chain, has_issued = None, (keys / PRIVATE_KEY_FILE).exists()
    if database.exists():
        try:
            with _record(database, site, zone) as record:
                chain = record.visits.verify()
                has_issued = has_issued or record.receipts.has_issued(site)
        except RecordError as error:
            chain = ChainReport(is_intact=False, entries=0, head="", problem=str(error))
        _as_one_file(database)
    problems = key_problems(keys, site, is_new=lambda: not has_issued)
    inside = ["keys"] if _holds_files(keys) else []
    if chain is not None:
        inside.insert(0, "record")
    if manifest["configuration"]:
        inside.append("configuration")
    return BackupReport(
        at=datetime.fromisoformat(manifest["at"]),
        site=site,
        inside=tuple(inside),
        configuration=tuple(manifest["configuration"].values()),
        chain=chain,
        key_problems=tuple(problem.replace(f"{folder}{os.sep}", "") for problem in problems),
    )


def _record(database: Path, site: str, zone: ZoneInfo) -> Record:
    return Record.open(database, site=site, zone=zone, plan=_ANY_PLAN, clock=SystemClock())


def _as_one_file(database: Path) -> None:
    """Take in what lies beside it; a damaged one stays as it is."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    for kind in ("-wal", "-shm"):
        database.with_name(database.name + kind).unlink(missing_ok=True)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Whatever the system refuses, and what cannot be read, becomes a BackupError in one line."""
    try:
        yield
    except BackupError as error:
        text = str(error)
        raise BackupError(text if str(file) in text else f"{file}: {text}") from error
    except OSError as error:
        raise BackupError(f"{error.filename or file}: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise BackupError(f"the record cannot be copied: {error}") from error
    except tarfile.TarError as error:
        raise BackupError(f"{file}: what is inside cannot be read") from error


def _for_its_owner(path: str, flags: int) -> int:
    """What ``open`` calls, so that nobody else can read the file at any time."""
    return os.open(path, flags, 0o600)


def _give_to_owner_of(data: Path, folder: Path) -> None:
    """As root too, the service's user must be able to open what was restored."""
    if os.geteuid() != 0:
        return
    owner = data.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
