"""Where a backup lies open while it is made, verified or put back, and never for longer.

A workspace is locked by the process that has it, and the system gives the lock back however that
process ends. So the next one knows at once what nobody is at any more, and takes it away.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PREFIX = ".gerbang-backup-"
FORMER_PREFIX = ".backup-"
"""Of earlier versions, which locked nothing."""
_FORMER_STALE_S = 24 * 3600
"""No backup takes so long."""
_LOCK, _INSIDE = "lock", "open"


class Workspace:
    """An empty ``folder`` for its owner only, within ``beside`` where there is such a folder.

    It may be renamed away. What is in it when this is closed is removed. Raises OSError.
    """

    def __init__(self, beside: Path) -> None:
        clear_left(beside)
        self._outer, self._lock = _locked(_place(beside))
        self.folder = self._outer / _INSIDE
        self.folder.mkdir(mode=0o700)

    def close(self) -> None:
        """Remove it."""
        shutil.rmtree(self._outer, ignore_errors=True)
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()


def clear_left(beside: Path) -> None:
    """Take away what processes have left open here that were killed; nothing of one that works."""
    _clear_former(beside)
    for left in _place(beside).glob(f"{PREFIX}*"):
        if left.is_symlink():  # in a shared folder, to what is somebody else's
            continue
        try:
            lock = _lock_file(left)
        except OSError:  # gone meanwhile, or somebody else's
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except OSError:  # its process works
            continue
        finally:
            os.close(lock)


def _clear_former(beside: Path) -> None:
    for left in beside.glob(f"{FORMER_PREFIX}*"):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            if time.time() - left.lstat().st_mtime > _FORMER_STALE_S:
                shutil.rmtree(left)


def _place(beside: Path) -> Path:
    return beside if beside.is_dir() else Path(tempfile.gettempdir())


def _locked(place: Path) -> tuple[Path, int]:
    """A new folder, and what holds its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        try:
            lock = _lock_file(folder)
        except FileNotFoundError:  # another process took it for one that was left
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _LOCK).exists():
            return folder, lock
        os.close(lock)


def _lock_file(folder: Path) -> int:
    return os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
