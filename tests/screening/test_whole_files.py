from __future__ import annotations

import stat
from pathlib import Path

import pytest

from screening.whole_files import write_new, write_whole


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_file_is_exchanged_whole_with_the_mode_it_is_given(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(b"before, and longer")
    write_whole(file, b"after", mode=mode)
    assert file.read_bytes() == b"after"
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", [None, ".table.csv.partial"])
def test_what_cannot_be_exchanged_stays_and_leaves_nothing_beside_it(
    tmp_path: Path, name: str | None
) -> None:
    file = tmp_path / "table.csv"
    (file / "a folder in its place").mkdir(parents=True)
    with pytest.raises(OSError, match=r"table\.csv"):
        write_whole(file, b"x", unfinished=tmp_path / name if name else None)
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_power_cut_left_unfinished_is_written_over(tmp_path: Path) -> None:
    left = tmp_path / ".table.csv.partial"
    left.write_bytes(b"half")
    write_whole(tmp_path / "table.csv", b"whole", unfinished=left)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"whole"]


def test_a_new_file_takes_nobodys_place(tmp_path: Path) -> None:
    file = tmp_path / "one"
    write_new(file, b"first")
    with pytest.raises(FileExistsError):
        write_new(file, b"second")
    assert file.read_bytes() == b"first"
