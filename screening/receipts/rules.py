"""When a genuine receipt is good: pure rules over what it says and what happened to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time
from zoneinfo import ZoneInfo

from screening.decision import Reason
from screening.office.services import Channel, Service
from screening.receipts.claims import ReceiptClaims, ReceiptUse

VALID_DAYS = 7
"""A receipt is good for this many of the site's days, from the day after issue."""

_SLOT = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
"""A booked time on a receipt; a slot code of another system is left alone."""

_REFUSED_CHANNELS = {
    Channel.CLOSED: Reason.SERVICE_CLOSED,
    Channel.ONLINE_ONLY: Reason.SERVICE_ONLINE_ONLY,
}


@dataclass(frozen=True, slots=True)
class SlotWindow:
    """When a booked time lets in, both ends included."""

    opens: datetime
    closes: datetime


def slot_window(
    slot: str | None, *, at: datetime, early_minutes: int, late_minutes: int, zone: ZoneInfo
) -> SlotWindow | None:
    """The window of a booked time on the site's day of ``at``; None without such a time."""
    found = None if slot is None else _SLOT.fullmatch(slot)
    if found is None:
        return None
    start = dt_time(int(found[1]), int(found[2]))
    begins = datetime.combine(at.astimezone(zone).date(), start, tzinfo=zone).astimezone(UTC)
    return SlotWindow(
        opens=begins - timedelta(minutes=early_minutes),
        closes=begins + timedelta(minutes=late_minutes),
    )


def check_slot(window: SlotWindow | None, *, shown_at: datetime, has_waited: bool) -> Reason | None:
    """Why the booked time lets nobody in now, or None.

    ``has_waited``: they came within it and were told to wait, so it is not missed any more.
    """
    if window is None:
        return None
    if shown_at < window.opens:
        return Reason.TOO_EARLY_FOR_SLOT
    return Reason.SLOT_MISSED if shown_at > window.closes and not has_waited else None


def validity(
    issued_on: date, zone: ZoneInfo, *, is_good_today: bool = False
) -> tuple[datetime, datetime]:
    """From (inclusive) and until (exclusive) when a receipt issued on that day is good.

    ``is_good_today``: from that day itself.
    """
    first_day = issued_on if is_good_today else issued_on + timedelta(days=1)
    last_day = first_day + timedelta(days=VALID_DAYS)
    return (
        datetime.combine(first_day, dt_time.min, tzinfo=zone),
        datetime.combine(last_day, dt_time.min, tzinfo=zone),
    )


def validity_of_booking(
    day: date, *, is_for_the_day_only: bool, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """From (inclusive) and until (exclusive) when a receipt with a booking is good."""
    days = 1 if is_for_the_day_only else VALID_DAYS
    return (
        datetime.combine(day, dt_time.min, tzinfo=zone),
        datetime.combine(day + timedelta(days=days), dt_time.min, tzinfo=zone),
    )


def check_validity(
    claims: ReceiptClaims, *, site: str, at: datetime, services: Mapping[str, Service]
) -> Reason | None:
    """Why the receipt is not good here at ``at``, or None: right site, right time, service open."""
    if claims.site != site:
        return Reason.WRONG_SITE
    if at < claims.not_before:
        return Reason.NOT_YET_VALID
    if at >= claims.expires:
        return Reason.EXPIRED
    return check_service(services.get(claims.service))


def check_service(service: Service | None) -> Reason | None:
    """Why nobody comes in person for this service, or None."""
    if service is None:
        return Reason.SERVICE_UNKNOWN
    return _REFUSED_CHANNELS.get(service.channel)


def check_use(use: ReceiptUse, claims: ReceiptClaims) -> Reason | None:
    """Why it lets nobody in any more, or None: a place is left, or a holder may come back today."""
    if use.revoked:
        return Reason.REVOKED
    if use.places_used < claims.party_size or use.out_today > 0:
        return None
    return Reason.ALREADY_INSIDE if use.inside > 0 else Reason.ALREADY_USED
