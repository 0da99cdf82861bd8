"""What the record must know of its site: constants, and the newest facts that people change."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from screening.clock import Clock, DayWatch, start_of_day
from screening.office.facts import OfficeFacts
from screening.registration.rules import Calendar, Holidays
from screening.waiting_room.plan import Seating


class KnownFacts:
    """The newest facts that this process has seen; ``first`` are the configuration's values."""

    def __init__(self, first: OfficeFacts) -> None:
        self.first = first
        self.is_loaded = False
        self._newest = first
        self._adopting = threading.Lock()

    @property
    def newest(self) -> OfficeFacts:
        """The configuration's values before the record was asked."""
        return self._newest

    def adopt(self, facts: OfficeFacts, *, over: OfficeFacts | None = None) -> None:
        """These hold now; where ``over`` is given, only if it is still the newest."""
        with self._adopting:
            if over is None or over is self._newest:
                self._newest = facts
                self.is_loaded = True


class Days:
    """Whether the day that a row is written for is believed; without a watch every one is."""

    watch: DayWatch | None = None

    def is_sure(self) -> bool:
        """Whether those of earlier days may be let out."""
        return self.watch is None or self.watch.is_sure()

    def was_set(self) -> bool:
        """Whether the clock jumped while people were inside."""
        return self.watch is not None and self.watch.was_set()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOffice:
    """One site. ``plan``, ``capacity`` and ``daily_quota`` follow the newest facts.

    ``holidays`` are the public ones, none where nobody said.
    """

    site: str
    zone: ZoneInfo
    clock: Clock
    facts: KnownFacts
    days: Days = field(default_factory=Days)
    holidays: Holidays = lambda year: {}

    def calendar(self, facts: OfficeFacts, at: datetime) -> Calendar:
        """What decides about bookings at that moment, while those facts hold."""
        return Calendar(facts=facts, holidays=self.holidays, now=at.astimezone(self.zone))

    @property
    def plan(self) -> Seating:
        """The seats as they are open or sealed now."""
        return self.facts.newest.plan

    @property
    def capacity(self) -> int:
        """People inside at most."""
        return self.facts.newest.capacity

    @property
    def daily_quota(self) -> int | None:
        """Visits a day, None without limit."""
        return self.facts.newest.daily_quota

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

    def hour_of_day(self, at: datetime) -> int:
        """Minutes from the start of the site's day to the start of its full hour."""
        return round((self.hour_began(at) - self.day_began(at)) / timedelta(minutes=1))

    def hour_after(self, day: date, minutes: int) -> datetime:
        """The start of that hour of the day, aware UTC."""
        began = datetime.combine(day, time(), self.zone).astimezone(UTC)
        return began + timedelta(minutes=minutes)
