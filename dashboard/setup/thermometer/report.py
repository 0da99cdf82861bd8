"""The report of a commissioning: one HTML file that needs no server to be read or printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup

from dashboard.setup.thermometer.contexts import Sheet, ThermometerReport, UncertaintyPart
from dashboard.setup.thermometer.figures import FigureWords
from dashboard.setup.thermometer.plots import (
    difference,
    differences_plot,
    distance_plot,
    linearity_plot,
)
from dashboard.setup.thermometer.standing import Standing
from dashboard.setup.thermometer.walk import WalkWords
from dashboard.setup.thermometer.words import UNCERTAINTIES
from dashboard.web.language import Language
from dashboard.web.rendering import make_environment
from screening.errors import RecordError
from screening.temperature.instrument.commissioning import Commissioning, ThermometerLog
from screening.temperature.instrument.drafts import Draft
from screening.temperature.instrument.report_files import ReportFiles
from screening.temperature.instrument.today import budget_of
from screening.temperature.uncertainty import DISTANCE

_SETUP = Path(__file__).parents[1]
STYLESHEET = _SETUP / "static" / "report.css"
TEMPLATE = "setup/thermometer_report.html"


@dataclass(frozen=True, slots=True)
class ReportWords:
    """Writes a commissioning's report in one language, in the site's zone."""

    language: Language
    zone: ZoneInfo

    def report(
        self,
        commissioning: Commissioning,
        draft: Draft,
        *,
        site: str,
        css: str,
        deleted_at: datetime,
    ) -> ThermometerReport:
        """What is printed and kept of a commissioning: people by size, not as they came."""
        staff = sorted(draft.staff, key=lambda point: difference(point.comparison))
        budget = budget_of(commissioning, room_celsius=commissioning.room_celsius, visitors=0)
        table = commissioning.distance
        if table is not None:
            unsure = table.uncertainty_celsius(table.reference_cm)
            budget = budget.with_component(DISTANCE, unsure)
        steps = [point.comparison for point in draft.steps]
        figures = FigureWords(self.language, self.zone)
        return ThermometerReport(
            shell=Sheet(site=site, language=self.language),
            css=Markup(css),
            gate=commissioning.gate,
            at=self.language.moment(commissioning.at, self.zone),
            kept_through=self._last_day(deleted_at),
            by=commissioning.by,
            model=commissioning.model,
            measured_at=figures.measuring_site(commissioning.site),
            found=figures.constants(commissioning),
            staff_rows=figures.rows(staff),
            staff_plot=differences_plot(
                self.language,
                [point.comparison for point in staff],
                offset_celsius=commissioning.offset_celsius,
                uncertainty_celsius=commissioning.offset_uncertainty_celsius,
            ),
            steps_rows=figures.rows(draft.steps),
            steps_plot=linearity_plot(self.language, steps) if len(steps) > 1 else None,
            steps_words=figures.honesty(steps) if steps else "",
            walk_rows=() if table is None else WalkWords(self.language).rows(draft.walk),
            walk_plot=None if table is None else distance_plot(self.language, table),
            uncertainties=self._uncertainties(budget.named()),
            combined=self.language.decimal(2 * budget.combined_celsius()),
        )

    def note(self, standing: Standing) -> str:
        """How long reports are kept, or that the one of these constants is not there any more."""
        say, deleted_at = self.language.say, standing.report_deleted_at
        if deleted_at is not None and deleted_at <= standing.now:
            return say(
                "The report was deleted after %(day)s, since it held people's degrees."
                " The constants stay in the log."
            ) % {"day": self._last_day(deleted_at)}
        return self.language.count(
            "A report is deleted %(num)d day after it was made, since it holds people's degrees."
            " Print it before. The constants stay in the log.",
            "A report is deleted %(num)d days after it was made, since it holds people's degrees."
            " Print it before. The constants stay in the log.",
            standing.reports_kept_days,
        )

    def _uncertainties(
        self, components: Sequence[tuple[str, float]]
    ) -> tuple[UncertaintyPart, ...]:
        """Largest first; what nobody has measured yet is left out."""
        largest = components[0][1]
        return tuple(
            UncertaintyPart(
                name=self.language.say(UNCERTAINTIES.get(name, name)),
                size=self.language.decimal(size, 2),
                share=round(100 * size / largest),
            )
            for name, size in components
            if size > 0
        )

    def _last_day(self, deleted_at: datetime) -> str:
        """The day before the one at whose start something is deleted."""
        return self.language.day(deleted_at - timedelta(hours=12), self.zone)


def write_down(
    words: ReportWords,
    found: Commissioning,
    draft: Draft,
    *,
    site: str,
    to: ReportFiles,
    log: ThermometerLog,
) -> Path:
    """The report and the row of the log, or neither; where the report lies. Raises RecordError."""
    path = _write_report(words, found, draft, site=site, to=to)
    try:
        log.write_commissioning(found)
    except RecordError:
        path.unlink(missing_ok=True)  # nothing was set up, so nothing is reported
        raise
    return path


def _write_report(
    words: ReportWords,
    found: Commissioning,
    draft: Draft,
    *,
    site: str,
    to: ReportFiles,
) -> Path:
    css = STYLESHEET.read_text(encoding="utf-8")
    deleted_at = to.deleted_at(found.at)
    report = words.report(found, draft, site=site, css=css, deleted_at=deleted_at)
    values = {field.name: getattr(report, field.name) for field in fields(report)}
    html = make_environment(setup=_SETUP / "templates").get_template(TEMPLATE).render(values)
    return to.write(found.gate, found.at, html)
