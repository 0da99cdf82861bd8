"""Pictures that a site takes of its own staff for tuning: who agreed, until when, and their end.

The folder holds ``consent.csv``, ``annotations.csv`` in the training format and the pictures, all
for their owner only. A picture belongs to a row, a row to a consent in force; whatever does not,
for instance after a loss of power, is deleted when the folder is opened.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from screening.errors import EvaluationError
from screening.readings import Box, MaskLabel
from screening.whole_files import write_new, write_whole

CONSENTS, ANNOTATIONS, LOCK = "consent.csv", "annotations.csv", ".lock"
CONSENT_COLUMNS = ("person", "given", "expires", "words")
ANNOTATION_COLUMNS = ("file", "x", "y", "w", "h", "label", "source", "group")
SOURCE = "site"
# Only files with such a name are ever deleted.
PICTURE_NAME = re.compile(r"face-[0-9a-f]{16}\.png")
# No sign that a spreadsheet takes for a formula, no line break, no path.
PERSON = re.compile(r"\w(?:[\w .-]{0,38}[\w.-])?")
PERSON_WORDS = "1 to 40 letters, digits, spaces and . _ -, a letter or digit first"


@dataclass(frozen=True, slots=True)
class Consent:
    """What ``person`` (a code or a name) agreed to; both times are aware."""

    person: str
    given: datetime
    expires: datetime
    words: str


@dataclass(frozen=True, slots=True)
class SitePicture:
    """One picture of one face."""

    path: Path
    box: Box
    label: MaskLabel
    person: str


class SitePictures:
    """One process at a time. Every method may raise EvaluationError."""

    def __init__(self, folder: Path, consents: list[Consent], rows: list[SitePicture]) -> None:
        self._folder = folder
        self._consents = consents
        self._rows = rows
        self.expired: tuple[str, ...] = ()

    @classmethod
    @contextmanager
    def open(cls, folder: Path, *, now: datetime, make: bool = False) -> Iterator[Self]:
        """First deletes what must not be kept at ``now``; ``expired`` tells whose it was.

        Refuses a folder that holds something else than what was collected here.
        """
        with _owners_only(folder, make=make):
            consents = [_consent(row) for row in _read(folder / CONSENTS, CONSENT_COLUMNS)]
            rows = [_picture(folder, r) for r in _read(folder / ANNOTATIONS, ANNOTATION_COLUMNS)]
            pictures = cls(folder, consents, rows)
            pictures._tidy(now)
            yield pictures

    @property
    def consents(self) -> tuple[Consent, ...]:
        """Those in force."""
        return tuple(self._consents)

    @property
    def pictures(self) -> tuple[SitePicture, ...]:
        """Those of persons whose consent is in force."""
        return tuple(self._rows)

    def consent_of(self, person: str) -> Consent | None:
        """Their consent in force."""
        return next((one for one in self._consents if one.person == person), None)

    def agree(self, consent: Consent) -> None:
        """Keeps a consent; it takes the place of an earlier one of this person."""
        if not PERSON.fullmatch(consent.person):
            raise EvaluationError(f"a person is {PERSON_WORDS}, not {consent.person!r}")
        others = [one for one in self._consents if one.person != consent.person]
        self._consents = [*others, consent]
        self._write_consents()

    def add(
        self, pixels: NDArray[np.uint8], box: Box, label: MaskLabel, *, person: str
    ) -> SitePicture:
        """Keeps a (height, width, 3) BGR picture without loss. Refuses one without a consent."""
        if self.consent_of(person) is None:
            raise EvaluationError(f"{person} has not agreed to pictures")
        picture = SitePicture(self._folder / f"face-{secrets.token_hex(8)}.png", box, label, person)
        _, encoded = cv2.imencode(".png", pixels)
        _write(picture.path, encoded.tobytes())
        self._rows.append(picture)
        self._write_rows()
        return picture

    def forget(self, person: str) -> int:
        """Deletes this person's pictures and consent; how many pictures there were."""
        mine = [row for row in self._rows if row.person == person]
        if not mine and self.consent_of(person) is None:
            raise EvaluationError(f"{self._folder} holds nothing of {person!r}")
        self._consents = [one for one in self._consents if one.person != person]
        self._delete(mine)
        self._write_consents()
        return len(mine)

    def delete_pictures(self) -> int:
        """Deletes all pictures and their table; who agreed to what is kept until it expires."""
        count = len(self._rows)
        self._delete(self._rows)
        return count

    def _tidy(self, now: datetime) -> None:
        self.expired = tuple(one.person for one in self._consents if one.expires <= now)
        in_force = {one.person for one in self._consents if one.expires > now}
        refused = [row for row in self._rows if row.person not in in_force]
        lost = [row for row in self._rows if not row.path.is_file()]
        self._consents = [one for one in self._consents if one.person in in_force]
        if refused or lost:
            self._delete([*refused, *lost])
        if self.expired:
            self._write_consents()
        known = {row.path for row in self._rows}
        for path in self._folder.iterdir():
            if PICTURE_NAME.fullmatch(path.name) and path not in known:
                _unlink(path)

    def _delete(self, rows: Iterable[SitePicture]) -> None:
        """Pictures first: a row without a picture is found again, a picture without a row too."""
        gone = set(rows)
        for row in gone:
            _unlink(row.path)
        self._rows = [row for row in self._rows if row not in gone]
        self._write_rows()

    def _write_rows(self) -> None:
        lines = [
            (row.path.name, *_shown(row.box), row.label.value, SOURCE, row.person)
            for row in self._rows
        ]
        _write_table(self._folder / ANNOTATIONS, ANNOTATION_COLUMNS, lines)

    def _write_consents(self) -> None:
        lines = [
            (one.person, one.given.isoformat(), one.expires.isoformat(), one.words)
            for one in self._consents
        ]
        _write_table(self._folder / CONSENTS, CONSENT_COLUMNS, lines)


@contextmanager
def _owners_only(folder: Path, *, make: bool) -> Iterator[None]:
    """Makes the folder where it may, and holds it against other processes."""
    if make:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EvaluationError(f"{folder} cannot be made: {error.strerror}") from error
    if not folder.is_dir():
        raise EvaluationError(f"{folder} is not a folder")
    if not (folder / CONSENTS).is_file() and (not make or _holds_something(folder)):
        raise EvaluationError(
            f"{folder} holds no {CONSENTS}: it was not filled by gerbang mask collect"
        )
    try:
        folder.chmod(0o700)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise EvaluationError(f"{folder} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise EvaluationError(f"{folder} is in use by another command") from error
    try:
        yield
    finally:
        os.close(descriptor)


def _holds_something(folder: Path) -> bool:
    return any(not path.name.startswith(".") for path in folder.iterdir())


def _read(table: Path, columns: tuple[str, ...]) -> list[tuple[str, Mapping[str, str]]]:
    if not table.is_file():
        return []
    try:
        text = table.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{table} cannot be read: {error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[str, Mapping[str, str]]] = []
    try:
        for row in reader:
            if tuple(row) != columns or None in row.values():
                raise EvaluationError(f"{table} line {reader.line_num} is not as it was written")
            rows.append((f"{table} line {reader.line_num}", row))
    except csv.Error as error:
        raise EvaluationError(f"{table} line {reader.line_num}: {error}") from error
    return rows


def _consent(line: tuple[str, Mapping[str, str]]) -> Consent:
    where, row = line
    try:
        given = datetime.fromisoformat(row["given"])
        expires = datetime.fromisoformat(row["expires"])
    except ValueError as error:
        raise EvaluationError(f"{where}: {error}") from error
    if given.tzinfo is None or expires.tzinfo is None:
        raise EvaluationError(f"{where}: a time tells its offset")
    return Consent(row["person"], given, expires, row["words"])


def _picture(folder: Path, line: tuple[str, Mapping[str, str]]) -> SitePicture:
    where, row = line
    if not PICTURE_NAME.fullmatch(row["file"]):
        raise EvaluationError(f"{where} names {row['file']!r}, which was not collected here")
    try:
        x, y, w, h = (float(row[column]) for column in ("x", "y", "w", "h"))
        label = MaskLabel(row["label"])
    except ValueError as error:
        raise EvaluationError(f"{where}: {error}") from error
    if not (np.isfinite([x, y, w, h]).all() and w > 0 and h > 0):
        raise EvaluationError(f"{where}: the box has no area")
    return SitePicture(folder / row["file"], Box(x, y, w, h), label, row["group"])


def _shown(box: Box) -> tuple[str, ...]:
    return tuple(f"{value:.1f}" for value in (box.x, box.y, box.w, box.h))


def _write_table(table: Path, columns: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(lines)
    partial = table.with_name(f".{table.name}.partial")
    try:
        write_whole(table, text.getvalue().encode(), unfinished=partial)
    except OSError as error:
        raise EvaluationError(f"{table} cannot be written: {error.strerror}") from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.unlink(missing_ok=True)
        write_new(path, content)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}") from error


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be deleted: {error.strerror}") from error
