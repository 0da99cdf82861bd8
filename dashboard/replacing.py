"""Puts prepared files in the place of a folder's own, all of them or none, whatever interrupts it.

What is prepared lies in ``.restore-ready`` of the same folder; from the rename that gave it this
name the exchange counts as done, and every start finishes what is left of it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from screening.errors import BackupError
from screening.whole_files import sync

READY = ".restore-ready"
_PLAN = "plan.json"


def commit(folder: Path, prepared: Path, *, removed: tuple[str, ...], kept_in: str) -> None:
    """Exchange what ``prepared``, a folder within ``folder``, holds; and take ``removed`` away.

    What was there before is moved to ``kept_in``. Raises BackupError; before anything was moved.
    """
    plan = {
        "placed": sorted(entry.name for entry in prepared.iterdir()),
        "removed": list(removed),
        "kept_in": kept_in,
    }
    try:
        (prepared / _PLAN).write_text(json.dumps(plan), encoding="utf-8")
        _sync(prepared)
        prepared.rename(folder / READY)
        sync(folder)
    except OSError as error:
        raise BackupError(f"{error.filename or folder}: {error.strerror}") from error
    finish(folder)


def finish(folder: Path) -> None:
    """Do what is left of an exchange that was interrupted; nothing where there is none.

    Raises BackupError where a file cannot be moved; the next start tries again.
    """
    ready = folder / READY
    if not ready.is_dir():
        return
    try:
        with _alone(ready):
            if (ready / _PLAN).exists():
                _exchange(folder, ready)
            shutil.rmtree(ready)
            sync(folder)
    except FileNotFoundError:  # another process has finished it meanwhile
        if ready.exists():
            raise
    except OSError as error:
        raise BackupError(
            f"what was restored cannot be put in its place: {error.filename}: {error.strerror}"
        ) from error


def _exchange(folder: Path, ready: Path) -> None:
    plan = json.loads((ready / _PLAN).read_text(encoding="utf-8"))
    kept = folder / plan["kept_in"]
    placed = [name for name in plan["placed"] if (ready / name).exists()]
    # What belongs to a file that is exchanged goes first: it would be taken for the new one's.
    if placed:
        for name in plan["removed"]:
            _move_away(folder / name, kept)
    for name in placed:
        _move_away(folder / name, kept)
        (ready / name).rename(folder / name)
        sync(folder)


def _move_away(old: Path, kept: Path) -> None:
    if old.exists():
        kept.mkdir(mode=0o700, exist_ok=True)
        old.rename(kept / old.name)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            sync(Path(place) / name)
        sync(Path(place))
