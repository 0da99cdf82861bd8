"""The visitors' section of the web."""

from __future__ import annotations

from pathlib import Path

from dashboard.visitor import receipt, register, status
from dashboard.web.section import Section

VISITOR = Section(
    "visitor",
    Path(__file__).parent,
    (status.router, receipt.router, register.router),
)
