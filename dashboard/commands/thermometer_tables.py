"""Tables of numbers that somebody wrote down beside a thermometer."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from dashboard.commands.shared import UsageError
from dashboard.web.typed_numbers import typed_number
from screening.temperature.instrument.commissioning import Comparison
from screening.temperature.instrument.distance_fit import WalkPoint
from screening.temperature.instrument.fitting import SHOWN_CELSIUS

COLUMNS = ("raw", "reference")
WALK_COLUMNS = ("cm", "raw", "face_width")
COUNTED = {2: "two", 3: "three"}

LONGEST = 1_000_000
"""Characters; nobody measures so many people."""


def comparisons(file: Path) -> list[Comparison]:
    """One row a person, or a flask. UsageError for a file that is no such table."""
    found = [Comparison(raw, reference) for raw, reference in _rows(file, COLUMNS)]
    if not found:
        raise UsageError(f"{file}: nothing was compared")
    return found


def walk_points(file: Path) -> list[WalkPoint]:
    """One row a distance, the mark first. UsageError for a file that is no such table."""
    walk = [WalkPoint(cm, raw, width) for cm, raw, width in _rows(file, WALK_COLUMNS)]
    if not walk:
        raise UsageError(f"{file}: nobody stood anywhere")
    return walk


def _rows(file: Path, columns: tuple[str, ...]) -> list[list[float]]:
    """The numbers of a table, every bad line named at once."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            text = opened.read(LONGEST + 1)
        # Where a comma is the decimal sign, spreadsheets put semicolons between the columns.
        between = ";" if ";" in text.partition("\n")[0] else ","
        table = csv.DictReader(io.StringIO(text), delimiter=between)
        rows, names = list(table), table.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file}: {error}") from error
    if len(text) > LONGEST:
        raise UsageError(f"{file}: too long for a table of people")
    if rows and any(list(names).count(column) != 1 for column in columns):
        raise UsageError(f"{file}: the columns {','.join(columns)} are needed, each once")
    found, bad = [], []
    for number, row in enumerate(rows, start=2):
        values = [value for c in columns if (value := number_of(row[c] or "")) is not None]
        if len(values) < len(columns) or None in row:  # a decimal comma makes a field too many
            bad.append(str(number))
        else:
            found.append(values)
    if bad:
        raise UsageError(f"{file}: not {COUNTED[len(columns)]} numbers in line {', '.join(bad)}")
    return found


def number_of(text: str) -> float | None:
    """A plain number that a thermometer could show, or None."""
    value = typed_number(text)
    return value if value is not None and value in SHOWN_CELSIUS else None
