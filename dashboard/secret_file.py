"""A secret that lies in a file of its own, so that no configuration has to hold it."""

from __future__ import annotations

from pathlib import Path


def read_secret(file: Path, what: str) -> str:
    """The file's first line. Raises ValueError, which says why there is none of ``what``."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ValueError(f"{file}: the {what} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: the {what} is not written in UTF-8") from error
    if not lines or not lines[0].strip():
        raise ValueError(f"{file}: its first line is to be the {what}, and is empty")
    return lines[0].strip()
