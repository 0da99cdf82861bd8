"""The managers' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.manager import history, log, mode, plan, room, survey, temperature
from dashboard.web.section import Section

MANAGER = Section(
    "manager",
    Path(__file__).parent,
    (
        room.router,
        log.router,
        mode.router,
        temperature.router,
        history.router,
        plan.router,
        survey.router,
    ),
)
