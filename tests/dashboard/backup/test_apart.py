"""A backup in a process of its own leaves nothing behind when it is given up."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from dashboard.backup.apart import apart
from dashboard.backup.archive import verify_backup
from screening.errors import BackupError


def test_takes_away_what_lies_open_when_it_is_given_up(tmp_path: Path) -> None:
    data, never_comes = tmp_path / "data", tmp_path / "slow.backup"
    data.mkdir()
    os.mkfifo(never_comes)
    work = partial(verify_backup, never_comes, passphrase="empat kata", beside=data)
    with pytest.raises(BackupError, match="stopped meanwhile"):
        apart(work, is_given_up=lambda: any(data.iterdir()))
    assert list(data.iterdir()) == []
