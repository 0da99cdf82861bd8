"""The page on which a gate's thermometer is set up once and checked every day: its routes."""

from __future__ import annotations

from dashboard.setup.thermometer.routes import check, commissioning, shown, values, walk

routers = (
    shown.router,
    shown.forms,
    values.forms,
    walk.forms,
    commissioning.forms,
    check.forms,
)
