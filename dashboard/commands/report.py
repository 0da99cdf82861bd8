"""``gerbang report``: the figures of a day or a month."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
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
from screening.figures.roll_ups import (
    COLUMNS,
    By,
    FigureRow,
    Figures,
    Minutes,
)

app = typer.Typer(help="The figures of a day or a month.", no_args_is_help=True)
DateArgument = Annotated[str, typer.Argument(metavar="DATE", help="Such as 2026-11-25.")]
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
        totals = asdict(self.total)
        del totals["key"]
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "by": self.by.value,
            "rows": [asdict(row) for row in self.rows],
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
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The figures of a day, by hour where nothing else is asked for.

    Example: gerbang report day 2026-11-25 --json
    """
    chosen = parse_day(text)
    _report(chosen, chosen, by or By.HOUR, data, config, as_json=as_json)


@app.command("month")
def month(
    text: DateArgument,
    by: ByOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The figures of the month in which that day is (2026-11 will do), by day.

    Example: gerbang report month 2026-11 --json
    """
    first = parse_day(f"{text}-01" if len(text) == len("2026-11") else text).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    _report(first, last, by or By.DAY, data, config, as_json=as_json)


def _report(first: date, last: date, by: By, data: Any, config: Any, *, as_json: bool) -> None:
    with office_record(settings_for(data, config)) as record:
        report = Report.of(record.roll_ups, first, last, by)
    answer(report.to_json(), report.to_text(), as_json=as_json)


def _cells(key: str, row: FigureRow) -> list[str]:
    numbers = [str(getattr(row, name)) for name in COLUMNS]
    return [key or "-", *numbers, _minutes(row.wait_minutes), _minutes(row.service_minutes)]


def _minutes(minutes: Minutes | None) -> str:
    return "-" if minutes is None else f"{minutes.p50:g}/{minutes.p90:g}"
