"""The administrators' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.admin import (
    changes,
    counters,
    gates,
    hours,
    mode,
    office,
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
        hours.router,
        seats.router,
        gates.router,
        counters.router,
        mode.router,
        retention.router,
        changes.router,
    ),
)
