"""When a genuine receipt is good: pure rules over what it says and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from datetime import time as dt_time
from zoneinfo import ZoneInfo

from screening.decision import Reason
from screening.office.services import Channel, Service
from screening.receipts.claims import ReceiptClaims, ReceiptUse

VALID_DAYS = 7
"""A receipt is good for this many of the site's days, from the day after issue."""

_REFUSED_CHANNELS = {
    Channel.CLOSED: Reason.SERVICE_CLOSED,
    Channel.ONLINE_ONLY: Reason.SERVICE_ONLINE_ONLY,
}


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
