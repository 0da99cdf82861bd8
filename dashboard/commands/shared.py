"""What the sub-commands share: where data lies, how answers are printed, how a time is read."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from dashboard.storage import open_record, system_user
from dashboard.web.language import known_languages
from screening.accounts import KEY_ACTOR
from screening.clock import SystemClock
from screening.errors import OfficeError, ScreeningError
from screening.figures.roll_ups import FIRST_DAY, LAST_DAY
from screening.office.changes import Edit
from screening.record import Record
from screening.registration.rules import unserved_days
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

OperatorOption = Annotated[
    str | None,
    typer.Option("--operator", help="Who does it, for the log [default: the system's user]."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Answer yes where something would be lost.")]
LimitOption = Annotated[
    int, typer.Option("--limit", min=1, max=1_000_000, help="How many at most.")
]
ValuesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="KEY=VALUE...", help="What to set.")
]

DEFAULT_CONFIG = Path("gerbang.toml")


class UsageError(ScreeningError):
    """The command was used wrongly (exit status 2)."""


def settings_for(data: Path | None, config: Path | None) -> Settings:
    """Configuration file, environment and ``--data``. Raises SettingsError with every problem."""
    file = config if config is not None else (DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None)
    overrides: dict[str, Any] = {} if data is None else {"data": data}
    return load_settings(file, languages=known_languages(), **overrides)


def parse_values(typed: Sequence[str] | None) -> dict[str, str]:
    """``KEY=VALUE`` words by key. Raises UsageError for any other word, and for a key twice."""
    values: dict[str, str] = {}
    for word in typed or ():
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"{word!r} is not KEY=VALUE")
        if key in values:
            raise UsageError(f"{key} is given twice")
        values[key] = value
    return values


@contextmanager
def wrong_usage() -> Iterator[None]:
    """What was typed cannot be meant: an OfficeError becomes a UsageError."""
    try:
        yield
    except OfficeError as error:
        raise UsageError(str(error)) from error


def change_office(record: Record, edit: Edit, operator: str | None) -> dict[str, Any]:
    """Change the office's facts; what an answer says of it."""
    entry = record.facts.change(edit, operator=operator_or_user(operator), at=SystemClock().now())
    return {"changed": entry is not None, "entry": None if entry is None else entry.entry_id}


def booked_in_vain(
    record: Record, days: Collection[date] | None = None, *, service: str | None = None
) -> list[date]:
    """Days from today on (of these, or any) that somebody booked and that are closed to them."""
    now = SystemClock().now()
    calendar = record.office.calendar(record.facts.current(), now)
    taken = record.bookings.taken(calendar.today, date.max, at=now)
    found = unserved_days(calendar, taken, service=service)
    return found if days is None else [day for day in found if day in days]


def to_be_told(booked: Iterable[date]) -> str:
    """A line about such days, empty without any."""
    days = ", ".join(iso_days(booked))
    return f"\nSomebody has booked and has to be told: {days}" if days else ""


def iso_days(days: Iterable[date]) -> list[str]:
    """As JSON has them."""
    return [day.isoformat() for day in days]


def operator_or_user(operator: str | None) -> str:
    """Who does it, as the log names them: ``--operator``, else the system's user."""
    given = (operator or "").strip()
    if given.startswith(KEY_ACTOR):
        raise UsageError(f"--operator: {KEY_ACTOR} begins the names of other systems' keys")
    return given or system_user()


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


def parse_day(text: str) -> date:
    """A day as ISO 8601 has it. Raises UsageError."""
    found = None
    if len(text) == len("2026-11-25"):
        with suppress(ValueError):
            found = date.fromisoformat(text)
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        raise UsageError(f"{text!r} is not a day; write e.g. 2026-11-25")
    return found


def iso(moment: datetime, zone: ZoneInfo) -> str:
    """The moment in the site's time with its offset."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def fail(message: str) -> None:
    """One line on standard error."""
    print(f"gerbang: {' '.join(message.split())}", file=sys.stderr, flush=True)
