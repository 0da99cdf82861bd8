"""``gerbang survey``: the index of satisfaction, and answers from paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    answer,
    office_record,
    operator_or_user,
    settings_for,
)
from screening.clock import SystemClock
from screening.errors import ScreeningError
from screening.survey.index import ELEMENTS, Answer, Quarter, Source, SurveyResult, pooled
from screening.survey.paper import NoSheets, read_sheets

MOST_BYTES = 1024 * 1024

app = typer.Typer(help="What visitors say of the service.", no_args_is_help=True)


@app.command("report")
def report(
    first: Annotated[str | None, typer.Option("--from", help="First day [1 January].")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day [today].")] = None,
    service: Annotated[str | None, typer.Option("--service", help="Only of this service.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """The index of satisfaction (SKM) of the quarters in which these days are.

    No answer keeps its day, so that nobody is found by it: whole quarters are counted. A service
    for which fewer than five answered in a quarter is not told apart there. The interval holds the
    true index in 95 of 100 cases.

    Example: gerbang survey report --from 2026-01-01 --to 2026-12-31 --json
    """
    settings = settings_for(data, config)
    today = SystemClock().now().astimezone(settings.site.zone).date()
    ends = _day(last) if last else today
    begins = _day(first) if first else ends.replace(month=1, day=1)
    if ends < begins:
        raise UsageError("--to is before --from")
    with office_record(settings) as record:
        tallies = pooled(record.survey.tallies(Quarter.of(begins), Quarter.of(ends)))
    result = SurveyResult.of(
        one for one in tallies if service is None or one.service == service.upper()
    )
    told = f"{Quarter.of(begins)} to {Quarter.of(ends)}"
    answer(result.to_json(), _text(result, told), as_json=as_json)


@app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="Nine columns of 1 to 4, a row a sheet; - reads.")],
    service: Annotated[
        str | None, typer.Option("--service", help="The service the sheets are about.")
    ] = None,
    quarter: Annotated[
        str | None, typer.Option("--quarter", help="When they were filled in, e.g. 2026-Q4 [now].")
    ] = None,
    is_refused: Annotated[
        bool, typer.Option("--refused", help="Of people who were not let in.")
    ] = False,
    operator: OperatorOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add sheets that were filled in on paper, all or none.

    Columns in the decree's order: requirements, procedure, time, cost, product, competence,
    conduct, complaints, facilities.

    Example: gerbang survey add sheets.csv --service KTP --quarter 2026-Q4
    """
    settings = settings_for(data, config)
    now = SystemClock().now()
    of = Quarter.of(now.astimezone(settings.site.zone).date())
    if quarter is not None:
        try:
            wanted = Quarter.parse(quarter.upper())
        except ValueError as error:
            raise UsageError(str(error)) from error
        if wanted > of:
            raise UsageError(f"{wanted} is yet to come")
        of = wanted
    try:
        sheets = read_sheets(_content(file))
    except NoSheets as error:
        raise ScreeningError(f"nothing was added: {error}") from error
    with office_record(settings) as record:
        code = None if service is None else service.upper()
        if code is not None and code not in record.facts.current().services:
            raise UsageError(f"there is no service {code}")
        answers = [
            Answer(
                marks=marks, quarter=of, service=code, source=Source.PAPER, was_refused=is_refused
            )
            for marks in sheets
        ]
        record.survey.add_paper(answers, by=operator_or_user(operator), at=now)
    told = {"added": len(answers), "quarter": str(of)}
    answer(told, f"{len(answers)} sheets added to {of}", as_json=as_json)


def _content(file: Path) -> bytes:
    try:
        if str(file) == "-":
            return typer.get_binary_stream("stdin").read(MOST_BYTES)
        if file.stat().st_size > MOST_BYTES:
            raise ScreeningError(f"{file}: too long for a table of marks")
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a day; write e.g. 2026-11-25") from error


def _text(result: SurveyResult, when: str) -> str:
    if result.index is None:
        return f"{when}: nobody has answered"
    sure = ""
    if result.interval is not None:
        sure = f", 95 % from {result.interval[0]:.2f} to {result.interval[1]:.2f}"
    lines = [f"{when}: index {result.index:.2f} ({result.grade}), {result.n} answers{sure}"]
    lines += [
        f"  {number} {element.value}: {mean:.2f}"
        for number, (element, mean) in enumerate(zip(ELEMENTS, result.elements, strict=True), 1)
    ]
    return "\n".join(lines)
