"""The section of the web in which devices are set up."""

from __future__ import annotations

from pathlib import Path

from dashboard.setup import camera, thermal
from dashboard.setup.thermometer import routes as thermometer
from dashboard.web.section import Section

SETUP = Section(
    "setup",
    Path(__file__).parent,
    (camera.router, thermal.router, *thermometer.routers),
)
