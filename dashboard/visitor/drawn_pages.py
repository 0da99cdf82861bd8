"""Pages that look the same to everybody, drawn once for all who ask within two seconds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial

from fastapi import Request

from dashboard.web.auth import office_of, threads_of
from dashboard.web.office import Office
from screening.clock import Clock
from screening.errors import RecordError
from screening.office.services import Booking
from screening.registration.bookings import Offer, OfferStatus

FRESH_S = 2.0
"""Nobody reads anything that is older than this time."""
MOST_KEPT = 64
"""Pages, languages and colours that are kept; there are fewer of them."""


class DrawnPages:
    """Keeps what was drawn last of each page, and the next free day of each service."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pages: dict[Hashable, tuple[float, Hashable, bytes]] = {}
        self._offers: Mapping[str, Offer] = {}
        self._offers_asked_s = float("-inf")

    def newest(self, page: Hashable, shows: Hashable) -> bytes | None:
        """The page as it was drawn, if that is not long ago and it ``shows`` still the same."""
        kept = self._pages.get(page)
        if kept is None or kept[1] != shows or self._clock.monotonic_s() - kept[0] >= FRESH_S:
            return None
        return kept[2]

    def keep(self, page: Hashable, shows: Hashable, drawn: bytes) -> None:
        """Keep a page that was drawn just now."""
        if len(self._pages) >= MOST_KEPT:
            self._pages.clear()
        self._pages[page] = (self._clock.monotonic_s(), shows, drawn)

    async def offers(self, request: Request) -> Mapping[str, Offer]:
        """The next free day or time of each service that can be booked, by its code.

        What was known last while the record does not answer; one reader at a time waits for it.
        """
        office, now_s = office_of(request), self._clock.monotonic_s()
        if office.offers is None or now_s - self._offers_asked_s < FRESH_S:
            return self._offers
        self._offers_asked_s = now_s
        with suppress(RecordError):
            self._offers = await threads_of(request).ask(partial(_next_free, office, office.offers))
        return self._offers


def drawn_pages_of(request: Request) -> DrawnPages:
    """The application's drawn pages."""
    pages: DrawnPages = request.app.state.drawn_pages
    return pages


def _next_free(
    office: Office, offers: Callable[[str, date, int], Sequence[Offer]]
) -> dict[str, Offer]:
    today = office.today()
    found = {}
    for service in office.facts.current().services.values():
        if service.booking is Booking.NONE:
            continue
        days = offers(service.code, today, service.days_ahead + 1)
        first = next((offer for offer in days if offer.status is OfferStatus.OPEN), None)
        if first is not None:
            found[service.code] = first
    return found
