"""The managers' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.manager import mode, plan, room, temperature
from dashboard.web.section import Section

MANAGER = Section(
    "manager",
    Path(__file__).parent,
    (room.router, mode.router, temperature.router, plan.router),
)
