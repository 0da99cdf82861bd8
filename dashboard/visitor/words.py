"""What visitors read of the ways to a service."""

from __future__ import annotations

from dashboard.web.words import N_
from screening.office.services import Channel

CHANNELS: dict[Channel, tuple[str, str]] = {
    Channel.COLLECTION: (
        N_("Register online, collect here"),
        N_("Register first; come from the next day with the receipt."),
    ),
    Channel.WALK_IN: (
        N_("Come straight here"),
        N_("No receipt is needed. Tell the guard at the door."),
    ),
    Channel.EMERGENCY: (
        N_("Urgent matters"),
        N_("Hospital or health insurance: come at once, no receipt is needed."),
    ),
    Channel.ONLINE_ONLY: (
        N_("Online only"),
        N_("Everything is done from home; no visit is needed."),
    ),
    Channel.CLOSED: (
        N_("Closed for now"),
        N_("This service is not given at the moment."),
    ),
}
"""The name of each channel and what it means for a visitor, in the order of the public page."""
