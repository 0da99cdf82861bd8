"""``gerbang retention``: erase what is kept too long, and show that it was done."""

from __future__ import annotations

import typer

from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    LimitOption,
    answer,
    iso,
    office_record,
    settings_for,
)
from screening.clock import SystemClock

app = typer.Typer(help="Erase what is kept too long.", no_args_is_help=True)


@app.command("run")
def run(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Erase what is due by now, as the office does every night; prints the rows erased by kind.

    It goes by this machine's clock: look at it first.

    Example: gerbang retention run --json
    """
    with office_record(settings_for(data, config)) as record:
        forgotten = record.retention.forget(SystemClock().now())
    answer(forgotten.to_json(), f"erased: {forgotten}", as_json=as_json)


@app.command("runs")
def runs(
    limit: LimitOption = 30,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell when it was done, and how many rows of each kind were erased, the newest first.

    Example: gerbang retention runs --limit 7
    """
    settings = settings_for(data, config)
    with office_record(settings) as record:
        found = record.retention.runs(limit=limit)
    for one in found:
        at = iso(one.at, settings.site.zone)
        told = ", ".join(f"{kind} {many}" for kind, many in one.erased.items() if many)
        answer({"at": at, "erased": dict(one.erased)}, f"{at}\t{told or '-'}", as_json=as_json)
