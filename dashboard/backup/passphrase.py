"""Where the passphrase of backups comes from."""

from __future__ import annotations

from pathlib import Path

from dashboard.secret_file import read_secret
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
        return read_secret(file, "passphrase")
    except ValueError as error:
        raise BackupError(str(error)) from error
