"""The desk's section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.desk import book, closings, home, receipt, survey
from dashboard.web.section import Section

DESK = Section(
    "desk",
    Path(__file__).parent,
    (survey.router, home.router, book.router, closings.router, receipt.router),
)
