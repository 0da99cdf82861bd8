"""The counters' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.counter import acts, pages
from dashboard.web.section import Section

COUNTER = Section(
    "counter",
    Path(__file__).parent,
    (pages.router, pages.at_one, acts.router),
)
