"""The reports of commissionings, a self-contained HTML file each, until they are deleted.

A report holds each compared person's degrees, though no name. It is there to be read, printed and
signed; what was found of the thermometer stays in the log.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from screening.clock import start_of_day
from screening.errors import RecordError
from screening.temperature.instrument.private_files import make_private, own_folders, write_private

KEPT_DAYS = 7
"""Unless the site says otherwise: a week to print and sign it."""

_NAME = re.compile(r"commissioning-(\d{8}T\d{6})Z(?:-\d+)?\.html", re.ASCII)
_TIME = "%Y%m%dT%H%M%S"

LAST_YEAR = 9999
"""No day can be counted after it."""


class ReportFiles:
    """One folder a gate. May raise RecordError.

    A report is deleted when the day on which it was made is over for ``kept_days`` days, which
    are asked for each time: people change them.
    """

    def __init__(
        self, folder: Path, *, zone: ZoneInfo, kept_days: Callable[[], int] = lambda: KEPT_DAYS
    ) -> None:
        self._folder = folder
        self._zone = zone
        self._kept_days = kept_days

    @property
    def kept_days(self) -> int:
        """Days for which a report is kept."""
        return self._kept_days()

    def write(self, gate: str, at: datetime, html: str) -> Path:
        """Keep the report of ``at``; an earlier one of the same second stays beside it."""
        folder = make_private(self._folder / gate)
        stem = f"commissioning-{at.astimezone(UTC).strftime(_TIME)}Z"
        same = sum(name.startswith(stem) for name, _ in self.names(gate))
        path = folder / (f"{stem}-{same + 1}.html" if same else f"{stem}.html")
        write_private(path, html)
        return path

    def names(self, gate: str) -> tuple[tuple[str, datetime], ...]:
        """The files of this gate with their times (aware UTC), the newest first."""
        folder = self._folder / gate
        try:
            names = os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise _cannot_be_read(folder, error) from error
        dated = [(name, at) for name in names if (at := made_at(name)) is not None]
        return tuple(sorted(dated, key=lambda one: one[0].removesuffix(".html"), reverse=True))

    def read(self, gate: str, name: str) -> str | None:
        """The HTML of that report; None when there is no such one, or not any more."""
        if name not in dict(self.names(gate)):
            return None
        path = self._folder / gate / name
        try:
            return path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _cannot_be_read(path, error) from error

    def deleted_at(self, at: datetime) -> datetime:
        """When the report of ``at`` is deleted: the start of a day of the site, aware UTC."""
        noon = start_of_day(at, self._zone) + timedelta(hours=12)
        return start_of_day(noon + timedelta(days=self.kept_days + 1), self._zone)

    def forget(self, now: datetime) -> int:
        """Delete the reports that are due, and say how many.

        Raises RecordError for those that cannot be deleted, once the others are.
        """
        deleted, troubles = 0, []
        for folder in own_folders(self._folder):
            for path in sorted(folder.glob("commissioning-*.html")):
                at = made_at(path.name)
                if at is None or self.deleted_at(at) > now:
                    continue
                try:
                    path.unlink(missing_ok=True)
                    deleted += 1
                except OSError as error:
                    troubles.append(f"{path}: cannot be deleted: {error.strerror}")
        if troubles:
            raise RecordError("; ".join(troubles))
        return deleted


def _cannot_be_read(path: Path, error: OSError) -> RecordError:
    return RecordError(f"{path}: cannot be read: {error.strerror}", is_of_disk=True)


def made_at(name: str) -> datetime | None:
    """When the report of that file name was made (aware UTC); None where it is no report's."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        at = datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year < LAST_YEAR else None
