"""gerbang backup: what is made, what is told of it, and what comes back."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dashboard.backup.workspace import PREFIX
from dashboard.replacing import READY
from tests.e2e.command import Gerbang
from tests.e2e.served import Forked, clean_environment

PASSPHRASE = "empat kata yang panjang"
ISSUE = ("receipt", "issue", "--service", "KTP", "--name", "Siti", "--issued", "2026-11-24")
AT = ("--at", "2026-11-26")


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[str, str]:
    file = tmp_path / "passphrase.txt"
    file.write_text(f"{PASSPHRASE}\n")
    return "--passphrase-file", str(file)


@pytest.fixture
def number(gerbang: Gerbang) -> str:
    """Of a receipt in an office with a configuration, a gate and a row of the log."""
    Path("gerbang.toml").write_text('[site]\nname = "Kantor"\n')
    gerbang("gate", "add", "utama")
    return str(gerbang(*ISSUE, "--json").json["number"])


@pytest.fixture
def backup(gerbang: Gerbang, number: str, sealed: tuple[str, str]) -> Path:
    made = gerbang("backup", "create", "one.backup", *sealed, "--json")
    assert (made.status, made.err) == (0, "")
    assert made.json["inside"] == ["record", "keys", "configuration"]
    assert made.json["intact"] is True
    return Path("one.backup")


def test_whole_office_comes_back_on_another_machine(
    gerbang: Gerbang, number: str, backup: Path, sealed: tuple[str, str]
) -> None:
    other = ("--data", "other")
    back = gerbang("backup", "restore", str(backup), *sealed, *other, "--operator", "rina")
    assert back.status == 0
    assert gerbang("receipt", "verify", number, *AT, *other).status == 0
    assert gerbang("log", "verify", *other).status == 0
    assert gerbang("gate", "list", "--json", *other).json["gate"] == "utama"
    assert Path("other/from-backup/gerbang.toml").read_text() == Path("gerbang.toml").read_text()
    assert Path("other/keys/issuer.pem").stat().st_mode & 0o077 == 0
    row = gerbang("log", "export", "--json", *other).lines[-1]
    assert row["operator"] == "rina"
    assert "backup of" in row["remark"]
    assert not [entry.name for entry in Path("other").glob(".*")]


def test_tells_the_same_head_as_the_log(
    gerbang: Gerbang, backup: Path, sealed: tuple[str, str]
) -> None:
    noted = gerbang("log", "verify", "--json").json["noted"]
    assert gerbang("backup", "verify", str(backup), *sealed, "--json").json["noted"] == noted


def test_nothing_can_be_read_without_the_passphrase(
    gerbang: Gerbang, backup: Path, tmp_path: Path
) -> None:
    content = backup.read_bytes()
    assert backup.stat().st_mode & 0o077 == 0
    for secret in (b"PRIVATE KEY", b"SQLite", b"Siti", b"Kantor"):
        assert secret not in content
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("another passphrase")
    told = gerbang("backup", "verify", str(backup), "--passphrase-file", str(wrong))
    assert (told.status, told.out) == (1, "")
    assert "the passphrase does not fit" in told.err


def test_the_passphrase_comes_from_the_environment_or_is_missed(
    gerbang: Gerbang, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = gerbang("backup", "verify", str(backup), stdin="")
    assert (missed.status, "--passphrase-file" in missed.err) == (2, True)
    monkeypatch.setenv("GERBANG_BACKUP__PASSPHRASE", PASSPHRASE)
    assert gerbang("backup", "verify", str(backup)).status == 0


@pytest.mark.parametrize("damage", ["cut short", "changed", "foreign"])
def test_a_file_that_is_not_whole_is_told_and_not_restored(
    gerbang: Gerbang, backup: Path, sealed: tuple[str, str], damage: str
) -> None:
    content = backup.read_bytes()
    changed = content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]
    files = {"cut short": content[:-1], "changed": changed, "foreign": b"PK"}
    backup.write_bytes(files[damage])
    for command in ("verify", "restore"):
        told = gerbang("backup", command, str(backup), *sealed, "--data", "other")
        assert (told.status, told.out, told.err.count("\n")) == (1, "", 1)
        assert str(backup) in told.err
    assert not Path("other/gerbang.sqlite3").exists()


def test_an_office_that_is_there_is_replaced_only_when_told_and_kept(
    gerbang: Gerbang, number: str, backup: Path, sealed: tuple[str, str]
) -> None:
    later = gerbang(*ISSUE, "--json").json["number"]
    refused = gerbang("backup", "restore", str(backup), *sealed, stdin="")
    assert (refused.status, "--yes" in refused.err) == (2, True)
    assert gerbang("receipt", "verify", later, *AT).status == 0
    back = gerbang("backup", "restore", str(backup), *sealed, "--yes", "--json")
    assert back.status == 0
    assert gerbang("receipt", "verify", later, *AT).status == 1
    assert gerbang("receipt", "verify", number, *AT).status == 0
    kept = Path(back.json["kept"])
    assert (kept / "gerbang.sqlite3").exists()
    assert (kept / "keys/issuer.pem").exists()


def test_a_running_office_is_not_replaced(
    gerbang: Gerbang, backup: Path, sealed: tuple[str, str]
) -> None:
    with closing(sqlite3.connect("data/gerbang.sqlite3")) as service:
        service.execute("SELECT count(*) FROM entries").fetchall()
        told = gerbang("backup", "restore", str(backup), *sealed, "--yes")
        assert told.status == 1
        assert told.err.endswith("gerbang.sqlite3 is in use: stop the service first\n")
        assert str(backup) not in told.err


def test_an_existing_file_is_replaced_only_when_told(
    gerbang: Gerbang, backup: Path, sealed: tuple[str, str]
) -> None:
    before = backup.read_bytes()
    assert gerbang("backup", "create", str(backup), *sealed, stdin="").status == 2
    assert backup.read_bytes() == before
    assert gerbang("backup", "create", str(backup), *sealed, "--yes").status == 0
    assert backup.read_bytes() != before


def test_a_lost_office_is_not_backed_up(
    gerbang: Gerbang, number: str, sealed: tuple[str, str]
) -> None:
    Path("data/gerbang.sqlite3").write_bytes(b"")
    for left in Path("data").glob("gerbang.sqlite3-*"):
        left.unlink()
    told = gerbang("backup", "create", "one.backup", *sealed)
    assert (told.status, "is empty" in told.err) == (1, True)
    assert not Path("one.backup").exists()


def test_a_broken_chain_and_a_lost_key_are_told_of_a_backup(
    gerbang: Gerbang, number: str, sealed: tuple[str, str]
) -> None:
    with closing(sqlite3.connect("data/gerbang.sqlite3")) as database, database:
        database.execute("UPDATE entries SET operator = 'nobody' WHERE entry_id = 1")
    Path("data/keys/issuer.pem").unlink()
    made = gerbang("backup", "create", "one.backup", *sealed, "--json")
    assert made.status == 1
    record, key = made.json["problems"]
    assert "entry 1 was changed" in record
    assert "issuer.pem is missing" in key
    assert gerbang("backup", "verify", "one.backup", *sealed).status == 1
    asked = gerbang("backup", "restore", "one.backup", *sealed, "--data", "other", stdin="")
    assert (asked.status, "damaged" in asked.err) == (2, True)


def test_an_office_whose_files_are_all_damaged_is_restored(
    gerbang: Gerbang, number: str, backup: Path, sealed: tuple[str, str]
) -> None:
    for left in Path("data").glob("gerbang.sqlite3*"):
        left.write_bytes(b"")
    Path("data/keys/issuer.pem").write_text("half")
    Path("data/keys/trusted-issuers.toml").write_text("= no TOML")
    assert gerbang("backup", "restore", str(backup), *sealed, "--yes").status == 0
    assert gerbang("receipt", "verify", number, *AT).status == 0
    assert gerbang("config", "check").status == 0


def test_of_another_office_nothing_is_restored(
    gerbang: Gerbang, backup: Path, sealed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GERBANG_SITE__CODE", "JKT")
    told = gerbang("backup", "restore", str(backup), *sealed, "--data", "other")
    assert (told.status, "site.code" in told.err) == (1, True)


def test_a_kill_leaves_no_file_that_looks_whole(
    gerbang: Gerbang, number: str, sealed: tuple[str, str], tmp_path: Path
) -> None:
    assert run_until("verify_backup", "create", "one.backup", *sealed, folder=tmp_path) < 0
    assert not Path("one.backup").exists()
    assert not list(Path().glob("*.backup"))
    assert gerbang("backup", "create", "one.backup", *sealed).status == 0


def test_what_a_killed_backup_leaves_open_goes_with_the_next_one(
    gerbang: Gerbang, backup: Path, sealed: tuple[str, str], tmp_path: Path
) -> None:
    open_copy = f"{PREFIX}*/*/gerbang.sqlite3"
    assert run_until("_pack", "create", "two.backup", *sealed, folder=tmp_path) < 0
    assert list(Path("data").glob(open_copy))
    assert gerbang("backup", "verify", str(backup), *sealed).status == 0
    assert not list(Path("data").glob(f"{PREFIX}*"))


def test_a_restoring_that_is_killed_half_way_is_finished_by_the_next_command(
    gerbang: Gerbang, backup: Path, sealed: tuple[str, str], tmp_path: Path
) -> None:
    later = gerbang(*ISSUE, "--json").json["number"]
    restore = ("restore", str(backup), *sealed, "--yes")
    assert run_until("Path.rename", *restore, folder=tmp_path, calls=5) < 0
    assert (Path("data") / READY).exists()
    assert gerbang("receipt", "verify", later, *AT).status == 1
    assert gerbang("log", "verify").status == 0
    assert gerbang("config", "check").status == 0
    assert not (Path("data") / READY).exists()


def run_until(moment: str, *arguments: str, folder: Path, calls: int = 1) -> int:
    """Run the command in a process that kills itself just before that call; its status."""
    program = f"""
import os, signal, sys
from pathlib import Path
from dashboard.backup import archive
from dashboard.__main__ import run
*owner, name = {moment!r}.split(".")
os.chdir({str(folder)!r})
owner = Path if owner else archive
original, left = getattr(owner, name), [{calls}]
def call(*arguments, **keywords):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **keywords)
setattr(owner, name, call)
sys.exit(run(["backup", *{json.dumps(arguments)}]))
"""
    environment = {**clean_environment(), "GERBANG_DATA": os.environ["GERBANG_DATA"]}
    with Forked(program, [], environment) as process:
        process.stdout.read()
        return process.wait(100)
