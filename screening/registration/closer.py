"""The closer: closes days, moves whoever booked them, takes that back, and keeps the call list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from screening.clock import Clock
from screening.errors import UnknownClosing
from screening.receipts.claims import ReceiptClaims
from screening.receipts.desk import ReceiptDesk
from screening.registration.bookings import Place
from screening.registration.closing import (
    ClosedDays,
    Closing,
    Moved,
    Notice,
    Rebooking,
    Told,
    require_possible,
)
from screening.registration.rules import Calendar

Rebook = Callable[[ReceiptClaims, Place], ReceiptClaims]
"""A receipt's claims for another place."""

SHOWN_FOR = timedelta(days=31)
"""After its last day a closing is of no use at the desk."""


class ClosingBook(Protocol):
    """Closings on record. Methods that write decide under the site's lock; any may raise
    RecordError."""

    def preview(self, closing: Closing, *, issuer: str, at: datetime) -> list[Rebooking]:
        """What ``close`` would do now, whoever booked first first; nothing is written."""

    def close(
        self, closing: Closing, rebook: Rebook, *, issuer: str, by: str, at: datetime
    ) -> ClosedDays:
        """Close and move in one transaction. Raises OfficeError for what cannot be closed."""

    def reopen(self, closing_id: int, rebook: Rebook, *, by: str, at: datetime) -> ClosedDays:
        """Open again, and give those their old places back with whom nothing has happened since.

        Raises UnknownClosing, and OfficeError where the hours were changed since.
        """

    def tell(self, closing_id: int, number: str, told: Told, *, by: str, at: datetime) -> Moved:
        """Note how somebody was told. Raises UnknownClosing."""

    def closings(self, *, since: datetime) -> list[ClosedDays]:
        """Those made since then, the newest first."""

    def closing(self, closing_id: int) -> ClosedDays | None:
        """One of them."""

    def moved(self, closing_id: int) -> list[Moved]:
        """Whom a closing touched, whoever booked first first."""

    def notice(self, issuer: str, number: str) -> Notice | None:
        """What the holder of a receipt is told of the newest closing that touched it."""


@dataclass(frozen=True, slots=True)
class Closer:
    """Safe to use from any thread. Any method may raise RecordError.

    ``calendar`` is asked each time.
    """

    book: ClosingBook
    desk: ReceiptDesk
    calendar: Callable[[datetime], Calendar]
    clock: Clock

    def preview(self, closing: Closing) -> list[Rebooking]:
        """What ``close`` would do now. Raises OfficeError for what cannot be closed."""
        now = self.clock.now()
        calendar = self.calendar(now)
        require_possible(closing, calendar.facts, now=calendar.now)
        return self.book.preview(closing, issuer=self.desk.issuer, at=now)

    def close(self, closing: Closing, *, by: str) -> ClosedDays:
        """Close, and give everybody who booked the next place. Raises OfficeError."""
        return self.book.close(
            closing, self._rebook, issuer=self.desk.issuer, by=by, at=self.clock.now()
        )

    def reopen(self, closing_id: int, *, by: str) -> ClosedDays:
        """Take a closing back where nothing has happened since. Raises UnknownClosing and
        OfficeError."""
        return self.book.reopen(closing_id, self._rebook, by=by, at=self.clock.now())

    def tell(self, closing_id: int, number: str, told: Told, *, by: str) -> Moved:
        """Note how somebody was told; ``by`` is empty for the visitor. Raises UnknownClosing."""
        return self.book.tell(closing_id, number, told, by=by, at=self.clock.now())

    def closings(self) -> list[ClosedDays]:
        """Those that are still of use, the newest first."""
        now = self.clock.now()
        first = self.calendar(now).today - SHOWN_FOR
        found = self.book.closings(since=now - timedelta(days=366))
        return [one for one in found if one.closing.days[-1] >= first]

    def closing(self, closing_id: int) -> ClosedDays:
        """One of them. Raises UnknownClosing."""
        found = self.book.closing(closing_id)
        if found is None:
            raise UnknownClosing(f"there is no closing {closing_id}")
        return found

    def moved(self, closing_id: int) -> Sequence[Moved]:
        """Whom it touched, whoever booked first first."""
        return self.book.moved(closing_id)

    def notice(self, claims: ReceiptClaims) -> Notice | None:
        """What the holder of this receipt has to be told; None where there is nothing, or where
        they have agreed or chosen since."""
        found = self.book.notice(claims.issuer, claims.number)
        if found is None or found.moved.is_settled or found.moved.told is Told.AGREED:
            return None
        return found

    def _rebook(self, claims: ReceiptClaims, place: Place) -> ReceiptClaims:
        slot = None if place.start is None else f"{place.start:%H:%M}"
        return self.desk.rebooked(claims, place.day, slot).claims
