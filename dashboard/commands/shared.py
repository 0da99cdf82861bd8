"""What the sub-commands share: where data lies, how answers are printed, how a time is read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dashboard.storage import open_record
from screening.errors import ScreeningError
from screening.record import Record
from screening.settings import Settings, load_settings

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of database and keys [env: GERBANG_DATA, default: ./gerbang-data]."
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file [default: ./gerbang.toml where it exists]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON, for a machine.")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", help="Use this time instead of the clock, e.g. 2026-11-25T09:00."),
]

DEFAULT_CONFIG = Path("gerbang.toml")


class UsageError(ScreeningError):
    """The command was used wrongly (exit status 2)."""


def settings_for(data: Path | None, config: Path | None) -> Settings:
    """Configuration file, environment and ``--data``. Raises SettingsError with every problem."""
    file = config if config is not None else (DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None)
    overrides: dict[str, Any] = {} if data is None else {"data": data}
    return load_settings(file, **overrides)


@contextmanager
def office_record(settings: Settings) -> Iterator[Record]:
    """The record, made on first use; a new data folder is told, since it may be a mistyped name."""
    is_new = not settings.data.exists()
    with open_record(settings) as record:
        if is_new and settings.data.exists():
            fail(f"new data folder made at {settings.data.absolute()}")
        yield record


def answer(values: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """One answer on standard output: a JSON object on one line, or text for a person."""
    print(json.dumps(values, ensure_ascii=False) if as_json else text, flush=True)


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 time, or a date (its first moment); without an offset it is the site's time."""
    try:
        if len(text) == len("2026-11-25"):
            moment = datetime.combine(date.fromisoformat(text), time.min, tzinfo=zone)
        else:
            moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        for other in (UTC, zone):  # no clock shows a time that only one of them can write
            moment.astimezone(other)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{text!r} is not a time; write e.g. 2026-11-25T09:00") from error
    return moment


def iso(moment: datetime, zone: ZoneInfo) -> str:
    """The moment in the site's time with its offset."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def fail(message: str) -> None:
    """One line on standard error."""
    print(f"gerbang: {' '.join(message.split())}", file=sys.stderr, flush=True)
