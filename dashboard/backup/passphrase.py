"""Where the passphrase of backups comes from."""

from __future__ import annotations

from pathlib import Path

from screening.errors import BackupError
from screening.settings import BackupSettings

GOOD_LENGTH = 12
"""Characters; a shorter one can be guessed by whoever has the file."""


def known_passphrase(backup: BackupSettings) -> str | None:
    """As the settings tell it. Raises BackupError where its file cannot be read."""
    if backup.passphrase is not None and backup.passphrase.get_secret_value():
        return backup.passphrase.get_secret_value()
    return None if backup.passphrase_file is None else read_passphrase(backup.passphrase_file)


def read_passphrase(file: Path) -> str:
    """The file's first line. Raises BackupError where there is none."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise BackupError(f"{file}: the passphrase cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BackupError(f"{file}: the passphrase is not written in UTF-8") from error
    if not lines or not lines[0].strip():
        raise BackupError(f"{file}: its first line is to be the passphrase, and is empty")
    return lines[0].strip()
