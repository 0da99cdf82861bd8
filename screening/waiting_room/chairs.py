"""Chairs where they stand, in metres: in rows, or as a table of somebody who measured them."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from screening.errors import OfficeError

MOST_CHAIRS = 2000
FARTHEST_M = 1000.0
TOLERANCE_M = 0.001
"""Chairs exactly at the distance may both be open; so much less counts as exactly."""

_WHEELCHAIR = "wheelchair"
_PINNED = (_WHEELCHAIR, "pinned")
_KINDS = ("", "seat", *_PINNED)
LONGEST_ROOM = 30


class Near(StrEnum):
    """What a chair is near to, for those who cannot walk far."""

    DOOR = "door"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    """A chair at ``x``, ``y`` (metres, its centre). Chairs of different rooms are apart.

    ``x`` grows to the right and ``y`` from the counters to the door. ``is_pinned``: it stays open
    in any case. Chairs of one ``family`` may all be open: a household sits there.
    """

    label: str
    x: float
    y: float
    room: str = ""
    is_pinned: bool = False
    is_wheelchair: bool = False
    family: str | None = None
    near: Near | None = None


def in_rows(rows: int, columns: int, *, pitch_x: float, pitch_y: float) -> list[Chair]:
    """Chairs in rows, A1 first; pitches are metres from centre to centre along a row and between
    rows."""
    return [
        Chair(label=f"{row_letters(row)}{column + 1}", x=column * pitch_x, y=row * pitch_y)
        for row in range(rows)
        for column in range(columns)
    ]


def read_chairs(text: str) -> list[Chair]:
    """Chairs of a CSV with the columns ``label, x, y`` and, where wanted, ``room, kind, family``
    and ``near``.

    ``kind`` is seat, wheelchair or pinned; the last two stay open in any case. ``near`` is door or
    counter. A spreadsheet's ``;`` with decimal commas will do. Raises OfficeError naming every bad
    line.
    """
    lines = text.lstrip("\ufeff").splitlines()
    separator = ";" if lines and ";" in lines[0] else ","
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=separator)
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    missing = [name for name in ("label", "x", "y") if name not in names]
    if missing:
        raise OfficeError(f"the first line must name the columns; missing: {', '.join(missing)}")
    rows.fieldnames = names
    chairs, problems = [], []
    for row in rows:
        try:
            chairs.append(_chair(row))
        except OfficeError as error:
            problems.append(f"line {rows.line_num}: {error}")
    if problems:
        raise OfficeError("; ".join(problems))
    return chairs


def _chair(row: Mapping[str, str | None]) -> Chair:
    told = {key: (value or "").strip() for key, value in row.items() if isinstance(value, str)}
    label, kind = told.get("label", ""), told.get("kind", "").lower()
    if not 0 < len(label) <= 12 or not label.isprintable():
        raise OfficeError("a label has 1 to 12 printable characters")
    if kind not in _KINDS:
        raise OfficeError(f"{kind!r} is none of {', '.join(_KINDS[1:])}")
    near = told.get("near", "").lower()
    if near not in ("", *Near):
        raise OfficeError(f"{near!r} is none of {', '.join(Near)}")
    for column, longest in (("room", LONGEST_ROOM), ("family", LONGEST_ROOM)):
        if len(told.get(column, "")) > longest or not told.get(column, "").isprintable():
            raise OfficeError(f"{column}: it has at most {longest} printable characters")
    return Chair(
        label=label,
        x=_metres("x", told.get("x", "")),
        y=_metres("y", told.get("y", "")),
        room=told.get("room", ""),
        is_pinned=kind in _PINNED,
        is_wheelchair=kind == _WHEELCHAIR,
        family=told.get("family") or None,
        near=Near(near) if near else None,
    )


def _metres(column: str, text: str) -> float:
    try:
        metres = float(text.replace(",", "."))
    except ValueError:
        metres = math.nan
    if not abs(metres) <= FARTHEST_M:
        raise OfficeError(f"{column}: {text!r} is no number of metres")
    return metres


def pinned(chairs: Iterable[Chair], labels: Iterable[str]) -> list[Chair]:
    """The same chairs, those with these labels pinned. Raises OfficeError for an unknown label."""
    return marked(chairs, labels, is_pinned=True)


def marked(chairs: Iterable[Chair], labels: Iterable[str], **marks: Any) -> list[Chair]:
    """The same chairs, those with these labels with these values of a chair's fields.

    Labels of either case. Raises OfficeError for an unknown one.
    """
    known = list(chairs)
    exact = {chair.label: chair.label for chair in known}
    found = {**{label.upper(): label for label in exact}, **exact}
    wanted = {found.get(label, found.get(label.upper())): label for label in labels}
    if None in wanted:
        unknown = sorted({label for label in labels if label.upper() not in found})
        raise OfficeError(f"there is no seat {', '.join(unknown)}")
    return [replace(chair, **marks) if chair.label in wanted else chair for chair in known]


def nearest(places: Sequence[tuple[float, float]]) -> float | None:
    """How far the nearest two of these are apart, the longer of both ways along x and y; None where
    all are in one place. Squares of this size around them do not overlap."""
    points = np.array(places, float)
    apart = np.abs(points[:, None] - points[None, :]).max(axis=2)
    return float(apart[apart > 0].min()) if (apart > 0).any() else None


def too_near(
    chairs: Iterable[Chair], open_labels: Container[str], distance: float
) -> list[tuple[str, str]]:
    """Pairs of open chairs of one room that are nearer than ``distance`` metres, in order.

    A family's are not counted.
    """
    opened = [chair for chair in chairs if chair.label in open_labels]
    return [
        (one.label, other.label)
        for one, other in itertools.combinations(opened, 2)
        if one.room == other.room
        and (one.family is None or one.family != other.family)
        and math.hypot(one.x - other.x, one.y - other.y) < distance - TOLERANCE_M
    ]


def row_letters(row: int) -> str:
    """A to Z, then AA, AB and so on."""
    letters = ""
    row += 1
    while row:
        row, last = divmod(row - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters
