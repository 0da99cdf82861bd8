"""``gerbang report``: the figures of a day or a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    answer,
    office_record,
    parse_day,
    settings_for,
)
from dashboard.manager.history import DAY_TITLE, MONTH_TITLE
from dashboard.manager.history_words import report_of, sides_of
from dashboard.manager.report_pdf import report_pdf
from dashboard.web.language import Languages
from dashboard.web.office_words import Words
from screening.clock import SystemClock
from screening.errors import OfficeError
from screening.figures.history import Other, Range
from screening.figures.roll_ups import (
    COLUMNS,
    By,
    FigureRow,
    Figures,
    Minutes,
)
from screening.record.record import Record
from screening.settings import Settings
from screening.whole_files import write_whole

app = typer.Typer(help="The figures of a day or a month.", no_args_is_help=True)
DateArgument = Annotated[str, typer.Argument(metavar="DATE", help="Such as 2026-11-25.")]
PdfOption = Annotated[
    Path | None,
    typer.Option("--pdf", metavar="FILE", help="Write the printed report, with plots, to a file."),
]
ByOption = Annotated[By | None, typer.Option("--by", help="What a row is about.")]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of all days from ``first`` to ``last``, and their total."""

    first: date
    last: date
    by: By
    rows: list[FigureRow]
    total: FigureRow

    @classmethod
    def of(cls, figures: Figures, first: date, last: date, by: By) -> Report:
        """Raises RecordError."""
        return cls(first, last, by, figures.rows(first, last, by), figures.total(first, last))

    def to_json(self) -> dict[str, Any]:
        """The rows as ``GET /api/v1/figures`` tells them, and the totals under the same names."""
        totals = self.total.to_json()
        del totals["key"]
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "by": self.by.value,
            "rows": [row.to_json() for row in self.rows],
            "totals": totals,
        }

    def to_text(self) -> str:
        """A table for a terminal."""
        table = [["", *COLUMNS, "wait p50/p90", "service p50/p90"]]
        table += [_cells(row.key, row) for row in self.rows]
        table.append(_cells("total", self.total))
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in table
        )


@app.command("day")
def day(
    text: DateArgument,
    by: ByOption = None,
    pdf: PdfOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The figures of a day, by hour where nothing else is asked for.

    The printed report says what changed against the same weekday of the eight weeks before.

    Example: gerbang report day 2026-11-25 --json
    """
    chosen = parse_day(text)
    days = Range(chosen, chosen)
    _report(days, by or By.HOUR, DAY_TITLE, data, config, pdf=pdf, as_json=as_json)


@app.command("month")
def month(
    text: DateArgument,
    by: ByOption = None,
    pdf: PdfOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The figures of the month in which that day is (2026-11 will do), by day.

    The printed report says what changed against the month before.

    Example: gerbang report month 2026-11 --pdf november.pdf
    """
    days = Range.month_of(parse_day(f"{text}-01" if len(text) == len("2026-11") else text))
    _report(days, by or By.DAY, MONTH_TITLE, data, config, pdf=pdf, as_json=as_json)


def _report(
    days: Range,
    by: By,
    title: str,
    data: Any,
    config: Any,
    *,
    pdf: Path | None,
    as_json: bool,
) -> None:
    settings = settings_for(data, config)
    with office_record(settings) as record:
        report = Report.of(record.roll_ups, days.first, days.last, by)
        if pdf is not None:
            _print(pdf, title, days, record, settings)
    answer(report.to_json(), report.to_text(), as_json=as_json)


def _print(file: Path, title: str, days: Range, record: Record, settings: Settings) -> None:
    """Write the report in the site's language."""
    site, now = settings.site, SystemClock().now()
    words = Words(
        Languages()[site.language],
        site.language,
        site.zone,
        lambda: record.facts.current().services,
        lambda: record.facts.current().gate_titles,
    )
    report = report_of(
        record.roll_ups,
        words,
        asked=days,
        compared=days.compared(Other.PREVIOUS),
        sides=sides_of(days),
        at=now,
        title=title,
    )
    content = report_pdf(
        report, words.language, office=record.facts.current().name or site.name, made_at=now
    )
    try:
        write_whole(file, content)
    except OSError as error:
        raise OfficeError(f"{file} cannot be written: {error.strerror or error}") from error


def _cells(key: str, row: FigureRow) -> list[str]:
    numbers = [str(getattr(row, name)) for name in COLUMNS]
    return [key or "-", *numbers, _minutes(row.wait_minutes), _minutes(row.service_minutes)]


def _minutes(minutes: Minutes | None) -> str:
    return "-" if minutes is None else f"{minutes.p50:g}/{minutes.p90:g}"
