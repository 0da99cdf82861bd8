"""The administrators' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.admin import changes, closing, office
from dashboard.web.section import Section

ADMIN = Section("admin", Path(__file__).parent, (office.router, closing.router, changes.router))
