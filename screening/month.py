"""A calendar month of the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from zoneinfo import ZoneInfo

# The year before 2 and the one after 9998 could not be written as a time any more.
_WRITTEN = re.compile(r"(?!0000|0001|9999)([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """Written ``2026-11``; years 2 to 9998."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for what is no month."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a month; write e.g. 2026-11")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Self:
        """The month that the site's calendar shows at this aware time."""
        local = at.astimezone(zone)
        return cls(local.year, local.month)

    def began(self, zone: ZoneInfo) -> datetime:
        """Its first moment, aware UTC."""
        try:
            return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)
        except OverflowError:  # before the year 1 in UTC
            return datetime.min.replace(tzinfo=UTC)

    def ended(self, zone: ZoneInfo) -> datetime:
        """The first moment that is no longer part of it, aware UTC."""
        return self.after().began(zone)

    def before(self) -> Month:
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    def after(self) -> Month:
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
