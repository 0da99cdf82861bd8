"""The kiosk's section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.kiosk import routes, survey
from dashboard.web.section import Section

KIOSK = Section(
    "kiosk",
    Path(__file__).parent,
    (routes.router, survey.router),
)
