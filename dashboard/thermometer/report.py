"""The report of a commissioning: one HTML file that needs no server to be read or printed."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from dashboard.rendering import make_environment
from dashboard.thermometer.page import ThermometerWords
from screening.temperature.commissioning import Commissioning
from screening.temperature.drafts import Draft
from screening.temperature.report_files import ReportFiles

STYLESHEET = Path(__file__).parents[1] / "static" / "report.css"
TEMPLATE = "gate/thermometer_report.html"


def write_report(
    words: ThermometerWords,
    found: Commissioning,
    draft: Draft,
    *,
    site: str,
    to: ReportFiles,
) -> Path:
    """Draw it and keep it; where it lies. Raises RecordError."""
    css = STYLESHEET.read_text(encoding="utf-8")
    deleted_at = to.deleted_at(found.at)
    report = words.report(found, draft, site=site, css=css, deleted_at=deleted_at)
    values = {field.name: getattr(report, field.name) for field in fields(report)}
    html = make_environment().get_template(TEMPLATE).render(values)
    return to.write(found.gate, found.at, html)
