"""The trainees' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.training import pages
from dashboard.web.section import Section

TRAINING = Section("training", Path(__file__).parent, (pages.router,))
