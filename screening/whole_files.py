"""Files that are there whole or not at all, also after a power cut. All functions raise OSError."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600


def write_whole(
    file: Path, content: bytes, *, mode: int = OWNER_ONLY, unfinished: Path | None = None
) -> None:
    """Put ``content`` in the place of ``file``; where that fails the file is as it was.

    Until it is finished it stands beside it under ``unfinished``, which is written over, or under a
    hidden name that nobody else has: a dot, the file's name, a dot and eight hexadecimal digits.
    """
    made = unfinished or file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    if unfinished is not None:
        unfinished.unlink(missing_ok=True)
    try:
        write_new(made, content, mode=mode)
        made.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            made.unlink()
        raise
    sync(file.parent)


def write_new(file: Path, content: bytes, *, mode: int = OWNER_ONLY) -> None:
    """Write a file that is not there yet, and wait until the disk has it."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def sync(path: Path) -> None:
    """Wait until the disk has this file, or what this folder says of its files."""
    if os.name == "nt" and path.is_dir():  # a folder cannot be opened there
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
