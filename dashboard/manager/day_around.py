"""What today is held against, and what is booked; kept for a while for all who look."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.web.office import Office
from screening.figures.roll_ups import By
from screening.figures.usual_day import UsualDay, UsualDays
from screening.registration.bookings import OfferStatus

KEPT_S = 20.0
"""Bookings are read from the record at most once in this time."""


@dataclass(frozen=True, slots=True)
class BookedService:
    """``places`` is None without a limit; ``is_full``: nobody can book it any more."""

    service: str
    booked: int
    places: int | None
    is_full: bool


@dataclass(frozen=True, slots=True)
class Booked:
    """People who booked: of today, and of tomorrow by service."""

    today: int = 0
    tomorrow: tuple[BookedService, ...] = ()


class DayAround:
    """Asks the record for an office's pages; safe to use from any thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._usual = UsualDays(office.roll_ups, office.clock)
        self._lock = threading.Lock()
        self._kept: tuple[date, float, Booked] | None = None

    @property
    def today(self) -> date:
        """The site's day."""
        return self._office.today()

    def usual(self) -> UsualDay:
        """What is usual on a weekday such as today. Raises RecordError."""
        return self._usual.of(self.today)

    def booked(self) -> Booked:
        """At most ``KEPT_S`` old. Raises RecordError."""
        with self._lock:
            now_s, today = self._office.clock.monotonic_s(), self.today
            if self._kept is None or self._kept[0] != today or now_s - self._kept[1] >= KEPT_S:
                self._kept = (today, now_s, self._asked(today))
            return self._kept[2]

    def _asked(self, today: date) -> Booked:
        figures, tomorrow = self._office.roll_ups, today + timedelta(days=1)
        by_service = {
            row.key: row.booked
            for row in figures.rows(tomorrow, tomorrow, By.SERVICE)
            if row.booked
        }
        services = self._office.facts.current().services
        found = (self._service(code, by_service.get(code, 0), tomorrow) for code in services)
        return Booked(
            today=figures.total(today, today).booked,
            tomorrow=tuple(one for one in found if one.booked or one.places or one.is_full),
        )

    def _service(self, code: str, booked: int, day: date) -> BookedService:
        offers = () if self._office.offers is None else self._office.offers(code, day, 1)
        can_be_had = [one for one in offers if one.status in _BOOKABLE]
        places: int | None = None
        if can_be_had and all(one.left is not None for one in can_be_had):
            places = booked + sum(one.left or 0 for one in can_be_had)
        is_full = bool(can_be_had) and all(one.status is OfferStatus.FULL for one in can_be_had)
        return BookedService(code, booked, places, is_full)


_BOOKABLE = {OfferStatus.OPEN, OfferStatus.FULL}
