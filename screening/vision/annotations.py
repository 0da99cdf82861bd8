"""Pictures with labelled faces: ``annotations.csv``, and ``ignore.csv`` where there is one."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.errors import EvaluationError
from screening.readings import Box, MaskLabel

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
BOX_COLUMNS = ("file", "x", "y", "w", "h")


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """What a person said of one face."""

    box: Box
    label: MaskLabel


@dataclass(frozen=True, slots=True)
class AnnotatedPicture:
    """One picture of a folder; ``ignored`` are faces that count neither as found nor as false.

    Pictures of one ``group`` (near-copies, one person) must not be split between training and
    judging; a picture whose table names none is a group of its own.
    """

    path: Path
    faces: tuple[LabelledFace, ...]
    ignored: tuple[Box, ...]
    group: str


def read_annotations(folder: Path) -> list[AnnotatedPicture]:
    """Every picture of ``folder`` in order of name, also those that no table names.

    Without ``annotations.csv`` no picture has a face. Raises ``EvaluationError`` for a folder or
    table that cannot be read and for a table that names a picture that is not there.
    """
    if not folder.is_dir():
        raise EvaluationError(f"{folder} is not a folder")
    names = {path.name for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES}
    faces: dict[str, list[LabelledFace]] = {}
    groups: dict[str, str] = {}
    ignored: dict[str, list[Box]] = {}
    for where, row in _rows(folder / "annotations.csv", (*BOX_COLUMNS, "label")):
        name, box = _place(where, row, folder)
        try:
            label = MaskLabel(row["label"])
        except ValueError as error:
            known = ", ".join(MaskLabel)
            raise EvaluationError(f"{where}: label {row['label']!r} is none of {known}") from error
        faces.setdefault(name, []).append(LabelledFace(box, label))
        groups[name] = row.get("group") or name
    for where, row in _rows(folder / "ignore.csv", BOX_COLUMNS):
        name, box = _place(where, row, folder)
        ignored.setdefault(name, []).append(box)
    return [
        AnnotatedPicture(
            folder / name,
            tuple(faces.get(name, ())),
            tuple(ignored.get(name, ())),
            groups.get(name, name),
        )
        for name in sorted(names | faces.keys() | ignored.keys())
    ]


def read_picture(path: Path) -> NDArray[np.uint8]:
    """The picture's pixels, (height, width, 3) BGR; ``EvaluationError`` where it cannot be read."""
    try:
        encoded = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}") from error
    try:
        pixels = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    except cv2.error:  # for instance a size beyond every camera, in a header of a few bytes
        pixels = None
    if pixels is None:
        raise EvaluationError(f"{path} is not a picture that can be decoded")
    return np.asarray(pixels, np.uint8)


def _rows(table: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    if not table.is_file():
        return
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{table} cannot be read: {error}") from error
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise EvaluationError(f"{table} has no column {', '.join(missing)}")
    for row in reader:
        where = f"{table} line {reader.line_num}"
        if any(row[column] is None for column in columns):
            raise EvaluationError(f"{where} is shorter than its header")
        yield where, row


def _place(where: str, row: dict[str, str], folder: Path) -> tuple[str, Box]:
    name = row["file"]
    if not (folder / name).is_file():
        raise EvaluationError(f"{where} names {name!r}, which is not in the folder")
    try:
        x, y, w, h = (float(row[column]) for column in ("x", "y", "w", "h"))
    except ValueError as error:
        raise EvaluationError(f"{where}: the box is not made of numbers") from error
    if not all(math.isfinite(value) for value in (x, y, w, h)) or w <= 0 or h <= 0:
        raise EvaluationError(f"{where}: the box has no area")
    return name, Box(x, y, w, h)
