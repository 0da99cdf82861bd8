"""What lies open while a backup is made goes when its process ends, and not before."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from dashboard.backup.workspace import FORMER_PREFIX, PREFIX, Workspace, clear_left

HOLDS_ONE = """
import sys
from pathlib import Path
from dashboard.backup.workspace import Workspace

held = Workspace(Path(sys.argv[1]))
(held.folder / "gerbang.sqlite3").write_bytes(b"open")
print("held", flush=True)
sys.stdin.read()
"""


def left_in(data: Path) -> list[str]:
    return [file.read_text() for file in data.glob(f"{PREFIX}*/*/*")]


def test_of_a_process_that_is_killed_nothing_stays_open_after_the_next_start(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        clear_left(tmp_path)
        assert left_in(tmp_path) == ["open"]  # it works

        holder.kill()
        holder.wait()
        assert left_in(tmp_path) == ["open"]
        clear_left(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_an_earlier_version_left_open_goes_once_it_is_old(tmp_path: Path) -> None:
    a_day_ago = time.time() - 25 * 3600
    for name in ("killed", "at work"):
        copy = tmp_path / f"{FORMER_PREFIX}{name}" / "copy"
        copy.mkdir(parents=True)
        (copy / "gerbang.sqlite3").touch()
    os.utime(tmp_path / f"{FORMER_PREFIX}killed", (a_day_ago, a_day_ago))
    clear_left(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [f"{FORMER_PREFIX}at work"]


def test_two_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    with Workspace(tmp_path) as one, Workspace(tmp_path) as other:
        assert one.folder != other.folder
        assert one.folder.stat().st_mode & 0o077 == 0
        one.folder.rename(tmp_path / "taken")
        assert other.folder.is_dir()
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


def test_what_leads_to_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    theirs, shared = tmp_path / "theirs", tmp_path / "shared"
    theirs.mkdir()
    shared.mkdir()
    (theirs / "lock").touch()
    (shared / f"{PREFIX}x").symlink_to(theirs)
    clear_left(shared)
    assert (theirs / "lock").exists()
