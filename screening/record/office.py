"""What the record must know of its site: constants for as long as it is open."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from screening.clock import Clock, start_of_day
from screening.waiting_room.plan import SeatPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Days for which details stay with their row of the log.

    ``readings_days`` 0 means measure, decide, forget: degrees are only kept while a visitor waits
    for the second reading.
    """

    readings_days: int = 0
    names_days: int = 30
    remarks_days: int = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """``capacity`` is people inside at most; ``daily_quota`` visits a day, None without limit."""

    site: str
    zone: ZoneInfo
    plan: SeatPlan
    capacity: int
    clock: Clock
    daily_quota: int | None = None
    retention: Retention = field(default_factory=Retention)

    def day_began(self, at: datetime) -> datetime:
        """The start of the site's day, aware UTC."""
        return start_of_day(at, self.zone)

    def local_day(self, at: datetime) -> date:
        """The site's calendar day."""
        return at.astimezone(self.zone).date()

    def hour_began(self, at: datetime) -> datetime:
        """The start of the site's full hour (zones may be half an hour off), aware UTC."""
        local = at.astimezone(self.zone)
        return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
