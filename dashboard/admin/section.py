"""The administrators' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.admin import (
    backup,
    changes,
    closing,
    counters,
    devices,
    gates,
    hours,
    keys,
    mode,
    office,
    own_words,
    people,
    privacy,
    retention,
    seats,
    services,
)
from dashboard.web.section import Section

ADMIN = Section(
    "admin",
    Path(__file__).parent,
    (
        office.router,
        services.router,
        own_words.router,
        hours.router,
        closing.router,
        seats.router,
        gates.router,
        devices.router,
        counters.router,
        mode.router,
        people.router,
        keys.router,
        backup.router,
        privacy.router,
        retention.router,
        changes.router,
    ),
)
