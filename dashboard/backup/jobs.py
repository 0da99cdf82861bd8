"""What a person may ask of backups, and what was found by opening one. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from screening.visits import ChainReport

PG_DUMP = "pg_dump --format=custom --file=FILE URL"
"""What copies a record that is in PostgreSQL."""
KEPT_FOR = timedelta(minutes=30)
"""What was made can be downloaded for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """What a backup holds, found by opening it.

    ``chain`` None means that there is no record inside. ``configuration`` tells where the files of
    the configuration lay.
    """

    at: datetime
    site: str
    inside: tuple[str, ...]
    configuration: tuple[str, ...]
    chain: ChainReport | None
    key_problems: tuple[str, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with what is inside, a line each."""
        chain = self.chain
        broken = [] if chain is None or chain.is_intact else [f"the record: {chain.problem}"]
        return (*broken, *self.key_problems)


class Task(StrEnum):
    """What was asked for."""

    MAKE = "make"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupJob:
    """One of them. ``name`` is the file's; ``report`` or ``problem`` is there once it is over.

    ``size`` is of what was made, in bytes; 0 once it is not kept any more.
    """

    number: str
    task: Task
    user: str
    name: str
    begun: datetime
    ended: datetime | None = None
    report: BackupReport | None = None
    problem: str = ""
    size: int = 0


class BackupJobs(Protocol):
    """Makes and verifies backups for people, one at a time."""

    def make(self, passphrase: str, user: str) -> bool:
        """Begin to make one; False while another one is at work."""

    def verify(self, name: str, passphrase: str, user: str) -> bool:
        """Begin to verify a file of the folder; False while another one is at work.

        Without a passphrase the configured one is taken. Raises BackupError where there is no such
        file, or no passphrase.
        """

    def newest(self) -> BackupJob | None:
        """The one at work, or the last one; None before the first."""

    def file(self, number: str, user: str) -> Path | None:
        """What was made for this person, None where it is not there any more."""
