"""``gerbang log``: the chained record of every attempt."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dashboard.commands.asking import confirm
from dashboard.commands.shared import (
    ConfigOption,
    DataOption,
    JsonOption,
    OperatorOption,
    UsageError,
    YesOption,
    answer,
    iso,
    office_record,
    operator_or_user,
    settings_for,
)
from dashboard.storage import begin_anew, require_lost
from dashboard.web.spreadsheets import BYTE_ORDER_MARK, harmless_cell
from screening.errors import NotRecorded, RecordError
from screening.record import Record
from screening.visits import ChainReport, LogEntry

COLUMNS = (
    "entry",
    "at",
    "kind",
    "gate",
    "decision",
    "reason",
    "receipt",
    "service",
    "operator",
    "remark",
    "checks",
    "hash",
)

HEAD_REMOVED = "the head of the log was removed"
MAX_ENTRY_DIGITS = 18
app = typer.Typer(help="The log of every attempt.", no_args_is_help=True)


@app.command("verify")
def verify(
    expect: Annotated[
        str | None,
        typer.Option(
            "--expect", help="A head noted earlier, ENTRY:HASH as printed, that must be contained."
        ),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the hash chain; exit 1 and name the first entry that was changed, removed or moved.

    Somebody who can write to the database can take off the newest entries and set the head back,
    or write the log anew. Only a head noted elsewhere shows that: note the one printed here
    (ENTRY:HASH, with --json "noted") and give it back with --expect.

    Example: gerbang log verify --json
    """
    noted = _noted(expect)
    try:
        with office_record(settings_for(data, config)) as record:
            report = record.visits.verify(expect=noted)
    except NotRecorded:
        # Opening makes the office where it is missing; here only its row is missing, not the rest.
        report = ChainReport(is_intact=False, entries=0, head="", problem=HEAD_REMOVED)
    values = {
        "intact": report.is_intact,
        "entries": report.entries,
        "head": report.head,
        "noted": f"{report.entries}:{report.head}" if report.is_intact else None,
        "first_bad_entry": report.first_bad_entry,
        "problem": report.problem,
    }
    if report.is_intact:
        text = f"intact: {report.entries} entries; head to note {values['noted']}"
    elif report.first_bad_entry:
        text = f"BROKEN at entry {report.first_bad_entry}: {report.problem}"
    else:
        text = f"BROKEN: {report.problem}"
    answer(values, text, as_json=as_json)
    if not report.is_intact:
        raise typer.Exit(1)


def _noted(expect: str | None) -> tuple[int, str] | None:
    if expect is None:
        return None
    number, _, digest = expect.partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) <= MAX_ENTRY_DIGITS
    if not is_number or not digest:
        raise UsageError("--expect takes ENTRY:HASH as printed by an earlier verify")
    return int(number), digest


@app.command("new")
def new(
    operator: OperatorOption = None,
    yes: YesOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin an empty record where the old one is lost and no backup is left.

    What is left of an SQLite file is kept beside it under another name. Only where gerbang says
    that the record is lost: one that can be opened is never replaced.

    Example: gerbang log new --operator rina
    """
    settings = settings_for(data, config)
    require_lost(settings)
    confirm(
        "The visits, log-ins, gates and receipts of the lost record stay lost, and a receipt that"
        " was used lets in once more. Go on?",
        is_agreed=yes,
    )
    kept = begin_anew(settings, operator=operator_or_user(operator))
    names = [str(file) for file in kept]
    text = f"an empty record has begun{'; kept: ' if names else ''}{', '.join(names)}"
    answer({"begun": True, "kept": names}, text, as_json=as_json)


@app.command("export")
def export(
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of CSV.")] = False,
    is_for_excel: Annotated[
        bool,
        typer.Option(
            "--excel",
            help="CSV that an Indonesian Excel opens in columns: semicolons, and a mark for UTF-8.",
        ),
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Every entry in order, as CSV or JSON lines, on standard output.

    No cell of the CSV is taken for a formula, by whichever separator a spreadsheet reads it.

    Example: gerbang log export > log.csv
    """
    if as_json and is_for_excel:
        raise UsageError("--json and --excel are two kinds of file: choose one")
    settings = settings_for(data, config)
    with office_record(settings) as record:
        rows = _rows(record, settings.site.zone)
        if as_json:
            for row in rows:
                print(json.dumps(row, ensure_ascii=False))
            return
        if is_for_excel:
            print(BYTE_ORDER_MARK, end="")
        writer = csv.DictWriter(sys.stdout, COLUMNS, delimiter=";" if is_for_excel else ",")
        writer.writeheader()
        for row in rows:
            writer.writerow({key: harmless_cell(value) for key, value in row.items()})


def _rows(record: Record, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """Raises RecordError at the first entry that cannot be read."""
    try:
        for entry in record.visits.export():
            yield _row(entry, zone)
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise RecordError(
            "an entry was changed and cannot be read; gerbang log verify names it"
        ) from error


def _row(entry: LogEntry, zone: ZoneInfo) -> dict[str, Any]:
    checks = " ".join(f"{r.check}={r.outcome}({r.source})" for r in entry.results)
    values = (
        entry.entry_id,
        iso(entry.at, zone),
        entry.kind,
        entry.gate,
        entry.decision,
        entry.reason,
        entry.receipt_number,
        entry.service,
        entry.operator,
        entry.remark,
        checks,
        entry.hash,
    )
    return dict(zip(COLUMNS, values, strict=True))
