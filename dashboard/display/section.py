"""The displays' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.display import routes
from dashboard.web.section import Section

DISPLAY = Section(
    "display",
    Path(__file__).parent,
    (routes.router,),
)
