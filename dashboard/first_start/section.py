"""The section of the web in which a new office is set up."""

from __future__ import annotations

from pathlib import Path

from dashboard.first_start import begin, done, gates, hours, office, receipt, seats, services
from dashboard.web.section import Section

FIRST_START = Section(
    "first_start",
    Path(__file__).parent,
    (
        office.router,
        hours.router,
        services.router,
        seats.router,
        gates.router,
        receipt.router,
        done.router,
        begin.router,  # last, since a token may be any word
    ),
)
