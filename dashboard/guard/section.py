"""The guard's section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.guard import acts, console, help
from dashboard.web.section import Section

GUARD = Section(
    "guard",
    Path(__file__).parent,
    (console.router, console.lane, acts.router, help.router),
)
