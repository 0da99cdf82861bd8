"""Files that hold people's degrees: whole or not at all, and for their owner only."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from screening.errors import RecordError
from screening.whole_files import write_whole

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}", re.ASCII)
"""As ``write_whole`` names a file that it has not finished."""


def make_private(folder: Path) -> Path:
    """The folder, made for its owner only. Raises RecordError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"{folder}: cannot keep anything here: {error.strerror}"
        raise RecordError(problem, is_of_disk=True) from error
    return folder


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, for its owner only. Raises RecordError."""
    try:
        write_whole(path, text.encode())
    except OSError as error:
        problem = f"{path}: cannot be written: {error.strerror}"
        raise RecordError(problem, is_of_disk=True) from error


def own_folders(folder: Path) -> list[Path]:
    """The folders in it, in order; what a link leads to is not ours to delete from."""
    if not folder.is_dir():
        return []
    return sorted(one for one in folder.iterdir() if one.is_dir() and not one.is_symlink())


def delete_unfinished(folder: Path, *, before: datetime) -> None:
    """Delete what a power cut left of files being written below ``folder``. Raises OSError."""
    for own in own_folders(folder):
        for left in own.glob(".*"):
            is_ours = _UNFINISHED.fullmatch(left.name) is not None and left.is_file()
            if is_ours and left.stat().st_mtime < before.timestamp():
                left.unlink(missing_ok=True)
