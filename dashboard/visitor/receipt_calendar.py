"""A receipt as an entry for the calendar of a phone (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from dashboard.visitor.receipt_contexts import ReceiptCard
from dashboard.visitor.receipt_words import Comes
from screening.receipts.claims import ReceiptClaims

USUAL_MINUTES = 30
"""How long an entry lasts where only its beginning is known."""


def calendar_file(
    claims: ReceiptClaims, card: ReceiptCard, comes: Comes, *, office: str, zone: ZoneInfo
) -> bytes:
    """One entry: the booked time, else whole days. It tells nothing that opens the page."""
    event = Event()
    event.add("uid", f"{claims.number}@{claims.site.lower()}.gerbang")
    event.add("dtstamp", claims.issued_at)
    event.add("summary", f"{card.service} – {office}")
    event.add("description", "\n".join(filter(None, (card.number, card.note, *card.brings))))
    if card.address:
        event.add("location", card.address)
    if comes.start is None:
        event.add("dtstart", comes.first)
        event.add("dtend", comes.last + timedelta(days=1))
        event.add("transp", "TRANSPARENT")  # a person has other things to do on these days
    else:
        start = datetime.combine(comes.first, comes.start, tzinfo=zone)
        end = start + timedelta(minutes=USUAL_MINUTES)
        if comes.end is not None:
            end = datetime.combine(comes.last, comes.end, tzinfo=zone)
        event.add("dtstart", start.astimezone(UTC))
        event.add("dtend", end.astimezone(UTC))
    calendar = Calendar()
    calendar.add("prodid", "-//Gerbang//receipt//")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
