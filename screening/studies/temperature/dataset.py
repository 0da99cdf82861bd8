"""The published table of facial and oral temperatures, as its authors lay it out.

"Facial and oral temperature data from a large set of human subject volunteers", version 1.0.0,
PhysioNet, doi 10.13026/3bhc-9065, CC0 1.0: lines of headings, of which the last begins with
``SubjectID``, then a line for each subject with four rounds of readings. All are degC, and the
camera's own offset (``T_offset``) is already in them. Round 4 is not read: there the face maximum
jumps by 0.6 degC while the canthi stay, so mouths were open.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.errors import EvaluationError
from screening.temperature.sites import MeasuringSite
from screening.temperature.window import CelsiusRange

ROUNDS = (1, 2, 3)
SUBJECT = "SubjectID"
ORAL = "aveOralM"
"""The oral thermometer in monitor mode: the reference of the authors' papers."""

ROOM = "T_atm"
MAX_HEADING_LINES = 10
ORAL_CELSIUS = CelsiusRange(30.0, 45.0)
ROOM_CELSIUS = CelsiusRange(5.0, 45.0)
"""A room outside of it is a slip of the pen, as the table has in other columns: not known then."""


@dataclass(frozen=True, slots=True)
class Subject:
    """``readings_celsius`` are the rounds that have one, in order; never fewer than two."""

    oral_celsius: float
    readings_celsius: tuple[float, ...]
    room_celsius: float | None


def read_subjects(path: Path, site: MeasuringSite) -> list[Subject]:
    """The subjects with a reference and two readings, in file order.

    Raises EvaluationError, in one line with the place, for a file that is not such a table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except OSError as error:
        raise EvaluationError(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{path}: not a table of comma-separated text ({error})") from error
    start, columns = _columns(path, lines, site)
    subjects = []
    for number, cells in enumerate(lines[start:], start=start + 1):
        if any(cell.strip() for cell in cells):
            subject = _subject(columns, cells, where=f"{path}: line {number}")
            if subject is not None:
                subjects.append(subject)
    if not subjects:
        raise EvaluationError(f"{path}: no subject has {ORAL} and two of rounds 1 to 3")
    return subjects


@dataclass(frozen=True, slots=True)
class _Columns:
    place: Mapping[str, int]
    rounds: tuple[str, ...]


def _columns(
    path: Path, lines: Sequence[Sequence[str]], site: MeasuringSite
) -> tuple[int, _Columns]:
    for number, cells in enumerate(lines[:MAX_HEADING_LINES]):
        if cells and cells[0].strip() == SUBJECT:
            place = {name.strip(): index for index, name in reversed(list(enumerate(cells)))}
            rounds = tuple(f"{site.column}{which}" for which in ROUNDS)
            missing = [name for name in (*rounds, ORAL) if name not in place]
            if missing:
                raise EvaluationError(f"{path}: the heading lacks {', '.join(missing)}")
            return number + 1, _Columns(place, rounds)
    raise EvaluationError(
        f"{path}: none of the first {MAX_HEADING_LINES} lines is a heading that begins {SUBJECT}"
    )


def _subject(columns: _Columns, cells: Sequence[str], *, where: str) -> Subject | None:
    """None for somebody without a reference or without two readings."""

    def number(name: str) -> float | None:
        index = columns.place.get(name, len(cells))
        text = cells[index].strip() if index < len(cells) else ""
        if not text:
            return None
        try:
            value = float(text)
        except ValueError as error:
            raise EvaluationError(f"{where}: {name} is {text[:20]!r}, not a number") from error
        return value if math.isfinite(value) else None

    oral_celsius, room_celsius = number(ORAL), number(ROOM)
    readings = tuple(value for name in columns.rounds if (value := number(name)) is not None)
    if oral_celsius is None or len(readings) < 2:
        return None
    if oral_celsius not in ORAL_CELSIUS:
        raise EvaluationError(f"{where}: {ORAL} is {oral_celsius:g}: is the table in degC?")
    if room_celsius is not None and room_celsius not in ROOM_CELSIUS:
        room_celsius = None
    return Subject(oral_celsius, readings, room_celsius)
