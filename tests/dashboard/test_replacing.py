"""Files are exchanged together: whatever interrupts it, the next start finds all old or all new."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.replacing import READY, commit, finish
from screening.errors import BackupError

OLD = {"data.db": "old", "data.db-wal": "old rows", "keys/a.pem": "old key", "other": "stays"}
NEW = {"data.db": "new", "keys/a.pem": "new key", "keys/b.pem": "one more"}


class PowerCut(BaseException):
    """Nothing that is done after it is done."""


def fill(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def content_of(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): file.read_text() for file in files}


def exchange(folder: Path) -> None:
    prepared = folder / ".prepared"
    fill(prepared, NEW)
    commit(folder, prepared, removed=("data.db-wal",), kept_in="kept")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path, OLD)
    return tmp_path


EXCHANGED = {
    **NEW,
    "other": "stays",
    "kept/data.db": "old",
    "kept/data.db-wal": "old rows",
    "kept/keys/a.pem": "old key",
}


def test_new_files_take_the_place_of_old_ones_which_are_kept(folder: Path) -> None:
    exchange(folder)
    assert content_of(folder) == EXCHANGED


def test_in_an_empty_folder_nothing_is_kept(tmp_path: Path) -> None:
    exchange(tmp_path)
    assert content_of(tmp_path) == NEW
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("after", range(6))
def test_what_a_power_cut_interrupts_is_finished_by_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    with monkeypatch.context() as interrupted:
        cut_power(interrupted, after=after)
        with pytest.raises(PowerCut):
            exchange(folder)
    was_committed = (folder / READY).exists()
    assert was_committed == (after > 0)
    finish(folder)
    finish(folder)
    found = {name: text for name, text in content_of(folder).items() if name[0] != "."}
    assert found == (EXCHANGED if was_committed else OLD)


def test_what_cannot_be_moved_is_told_and_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as refused:
        rename = Path.rename

        def refuse(self: Path, target: Path) -> Path:
            if self.name == "data.db-wal":
                raise PermissionError(13, "Permission denied", str(self))
            return rename(self, target)

        refused.setattr(Path, "rename", refuse)
        with pytest.raises(BackupError, match=r"data\.db-wal: Permission denied"):
            exchange(folder)
    finish(folder)
    assert content_of(folder) == EXCHANGED


def cut_power(monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """Before the next rename, after so many of them."""
    rename, left = Path.rename, [after]

    def rename_until(self: Path, target: Path) -> Path:
        if left[0] == 0:
            raise PowerCut
        left[0] -= 1
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_until)
