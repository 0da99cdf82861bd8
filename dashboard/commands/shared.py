"""What the sub-commands share: where data lies, how answers are printed, how a time is read."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from screening.errors import ScreeningError
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


def answer(values: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """One answer on standard output: a JSON object on one line, or text for a person."""
    print(json.dumps(values, ensure_ascii=False) if as_json else text, flush=True)


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 time, or a date (its first moment); without an offset it is the site's time."""
    try:
        if len(text) == len("2026-11-25"):
            return datetime.combine(date.fromisoformat(text), time.min, tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time; write e.g. 2026-11-25T09:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def iso(moment: datetime, zone: ZoneInfo) -> str:
    """The moment in the site's time with its offset."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def fail(message: str) -> None:
    """One line on standard error."""
    print(f"gerbang: {' '.join(message.split())}", file=sys.stderr, flush=True)
