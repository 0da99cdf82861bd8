"""A list of receipts that another system gave out, as a spreadsheet writes it (CSV).

Reading it imports nothing. Whatever is wrong is told by line and column, with what to do, and the
list is good only where nothing is wrong. Spreadsheets write ``;`` or tabs for commas, Windows-1252
or UTF-16 for UTF-8, a mark before the first letter, and days as people write them, day first.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from screening.decision import Reason
from screening.errors import ReceiptError
from screening.office.services import Service
from screening.receipts.claims import ReceiptClaims
from screening.receipts.holder import shorten_holder
from screening.receipts.number import MAX_FOREIGN_NUMBER, foreign_number
from screening.receipts.rules import VALID_DAYS, check_service
from screening.receipts.token import MAX_PARTY, TOKEN_ID_BYTES

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_RECEIPTS: Final = 10_000
"""In one transaction, for which a scan waits: well below a second."""
MAX_NAME: Final = 120
MAX_PROBLEMS: Final = 200
"""Further ones are not told: whoever reads so many has the wrong file."""
MAX_SHOWN: Final = 40
"""Of a cell so many characters are told."""

NUMBER, SERVICE, NAME = "number", "service", "name"
VALID_FROM, VALID_UNTIL, PARTY_SIZE = "valid_from", "valid_until", "party_size"
NEEDED = (NUMBER, SERVICE, VALID_FROM)
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    NUMBER: ("number", "nomor", "no", "receipt_number", "nomor_registrasi", "nomor_resi"),
    SERVICE: ("service", "layanan", "kode_layanan"),
    NAME: ("name", "nama", "nama_lengkap"),
    VALID_FROM: ("valid_from", "date", "tanggal", "berlaku_dari", "mulai"),
    VALID_UNTIL: ("valid_until", "berlaku_sampai", "sampai"),
    PARTY_SIZE: ("party_size", "jumlah_orang", "jumlah"),
}
"""What a column may be called, in capitals or not."""

_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_ROUNDED = re.compile(r"\d+[.,]\d+E\+?\d+", re.IGNORECASE)
_NATIONAL_ID = re.compile(r"\d(?:[./_-]?\d){15}")
"""A NIK has sixteen digits, and is kept nowhere in clear."""
_FORMULA = ("=", "+", "@", "-", "\t")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCell:
    """What is wrong in a line, and what to do. Lines count from 1, the header too.

    ``column`` is None where the whole line is meant.
    """

    line: int
    column: str | None
    what: str
    to_do: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.column is None else f"line {self.line}, {self.column}"
        return f"{where}: {self.what}; {self.to_do}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptList:
    """What is in the file: receipts by line, what is wrong, and columns that are not looked at."""

    receipts: Mapping[int, ReceiptClaims]
    problems: tuple[BadCell, ...]
    ignored: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether all of it can be imported."""
        return bool(self.receipts) and not self.problems

    def without_known(self, known: Collection[str]) -> ReceiptList:
        """The same list, where the record has these numbers already."""
        problems = [
            BadCell(
                line=line,
                column=NUMBER,
                what=f"{claims.number} is known already",
                to_do="leave the line away, or revoke the known one if it is wrong",
            )
            for line, claims in self.receipts.items()
            if claims.number in known
        ]
        ordered = sorted((*self.problems, *problems), key=lambda problem: problem.line)
        return replace(self, problems=tuple(ordered[:MAX_PROBLEMS]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReader:
    """Reads lists of one issuer for one office at one moment."""

    issuer: str
    site: str
    zone: ZoneInfo
    services: Mapping[str, Service]
    now: datetime

    def read(self, content: bytes) -> ReceiptList:
        """The list in a file; never raises for what is in it."""
        try:
            return self._read(content)
        except _Bad as bad:
            return ReceiptList(receipts={}, problems=(bad.at(1, None),))

    def _read(self, content: bytes) -> ReceiptList:
        rows = _rows(content)
        header_line, header = next(rows, (1, []))
        places, ignored = _places(header)
        receipts: dict[int, ReceiptClaims] = {}
        lines: dict[str, int] = {}
        problems: list[BadCell] = []
        try:
            for line, row in rows:
                if not any(cell.strip() for cell in row):
                    continue
                claims = self._line(line, row, places, len(header), problems)
                if claims is None:
                    continue
                first = lines.setdefault(claims.number, line)
                if first != line:
                    what = f"{claims.number} is in line {first} already"
                    told = _Bad(what, "leave one of the two away")
                    problems.append(told.at(line, NUMBER))
                receipts[line] = claims
                if len(receipts) > MAX_RECEIPTS:
                    problems.append(_TOO_MANY.at(line, None))
                    break
        except _Bad as bad:
            problems.append(bad.at(max(receipts, default=header_line), None))
        if not receipts and not problems:
            problems.append(_Bad("there is no receipt in it", "export the list again").at(1, None))
        return ReceiptList(
            receipts=receipts, problems=tuple(problems[:MAX_PROBLEMS]), ignored=ignored
        )

    def _line(
        self,
        line: int,
        row: list[str],
        places: Mapping[str, int],
        width: int,
        problems: list[BadCell],
    ) -> ReceiptClaims | None:
        """The receipt of one line; None where ``problems`` got what is wrong with it."""
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            told = _Bad(
                f"it has {len(row)} cells and the header {width}",
                "put a cell that has the separator in it between double quotes",
            )
            problems.append(told.at(line, None))
            return None
        before = len(problems)

        def cell(column: str, read: Callable[[str], _Value], absent: _Value) -> _Value:
            place = places.get(column)
            text = "" if place is None or place >= len(row) else _plain_text(row[place])
            try:
                return read(text) if text else _optional(column, absent)
            except _Bad as bad:
                problems.append(bad.at(line, column))
                return absent

        number = cell(NUMBER, _number, "")
        service = cell(SERVICE, self._service, "")
        name = cell(NAME, _name, "")
        first = cell(VALID_FROM, _day, date.min)
        last = cell(VALID_UNTIL, _last_day, None)
        party_size = cell(PARTY_SIZE, _party, 1)
        if len(problems) > before:
            return None
        try:
            begins, expires = self._days(first, last)
        except _Bad as bad:
            problems.append(bad.at(line, VALID_UNTIL if VALID_UNTIL in places else VALID_FROM))
            return None
        return ReceiptClaims(
            issuer=self.issuer,
            number=number,
            token_id=secrets.token_bytes(TOKEN_ID_BYTES),
            site=self.site,
            service=service,
            party_size=party_size,
            holder=name,
            issued_at=self.now.astimezone(UTC).replace(microsecond=0),
            not_before=begins,
            expires=expires,
        )

    def _service(self, text: str) -> str:
        code = text.upper()
        if code not in self.services:
            named = [
                service.code
                for service in self.services.values()
                if text.casefold() in {name.casefold() for name in service.names.values()}
            ]
            if len(named) != 1:
                raise _Bad(
                    f"{text[:MAX_SHOWN]!r} is no service of this office",
                    f"use one of {', '.join(self.services)}",
                )
            (code,) = named
        match check_service(self.services[code]):
            case Reason.SERVICE_CLOSED:
                raise _Bad(f"{code} is closed at present", "leave the line away")
            case Reason.SERVICE_ONLINE_ONLY:
                raise _Bad(f"{code} is done online and needs no visit", "leave the line away")
        return code

    def _days(self, first: date, last: date | None) -> tuple[datetime, datetime]:
        """From (inclusive) and until (exclusive); ``last`` is the last day on which it is good."""
        if last is not None and last < first:
            raise _Bad(f"{last} is before {first}", "the last day cannot be before the first")
        try:
            after = (last or first + timedelta(days=VALID_DAYS - 1)) + timedelta(days=1)
            begins, expires = (
                datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)
                for day in (first, after)
            )
        except OverflowError as error:
            raise _Bad(f"{first} is no day of a visit", "write the right one") from error
        if expires <= self.now:
            raise _Bad(f"its last day, {after - timedelta(days=1)}, is over", "leave the line away")
        return begins, expires


class _Bad(Exception):
    """A cell, or the whole file, that cannot be taken as it is."""

    def __init__(self, what: str, to_do: str) -> None:
        super().__init__(what)
        self.what, self.to_do = what, to_do

    def at(self, line: int, column: str | None) -> BadCell:
        return BadCell(line=line, column=column, what=self.what, to_do=self.to_do)


_TOO_MANY = _Bad(f"there are more than {MAX_RECEIPTS} receipts", "split the file in parts")


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The lines' numbers and cells, the header first."""
    text = _decoded(content)
    lines = text.splitlines()
    separator = _SEPARATOR.fullmatch(lines[0].strip()) if lines else None
    header = next((line for line in lines[1 if separator else 0 :] if line.strip()), "")
    if not header:
        raise _Bad("the file is empty", "export the list again")
    delimiter = separator[1] if separator else max(";,\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    is_header_seen = False
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Bad(
                f"from line {line} on it cannot be read: {error}",
                "look for a double quote that is not closed",
            ) from error
        if not is_header_seen and ((separator and line == 1) or not any(row)):
            continue
        is_header_seen = True
        yield line, row


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _Bad(f"the file has more than {MAX_BYTES // 1024**2} MB", "split it in parts")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    elif content.startswith(b"PK"):
        raise _Bad("this is a workbook", "save the sheet as CSV and import that")
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _Bad("this is not text", "save the sheet as CSV, in UTF-8")


def _places(header: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each column stands, and those that are not known."""
    places: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(header):
        name = re.sub(r"\W+", "_", _plain_text(cell).casefold()).strip("_")
        column = next((key for key, names in COLUMNS.items() if name in names), None)
        if column is None:
            if name:
                ignored.append("".join(filter(str.isprintable, cell))[:MAX_SHOWN].strip())
        elif column in places:
            raise _Bad(f"the column {column} is there twice", "leave one of the two away")
        else:
            places[column] = place
    missing = [column for column in NEEDED if column not in places]
    if missing:
        raise _Bad(
            f"the column {' and '.join(missing)} is missing",
            f"the first line names the columns, of {', '.join(COLUMNS)}",
        )
    return places, tuple(ignored)


def _plain_text(cell: str) -> str:
    """A cell's text; ``="0012"`` is how a spreadsheet is told to keep a number as text."""
    text = cell.strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1].replace('""', '"')
    return text.strip()


def _optional(column: str, absent: _Value) -> _Value:
    if column in NEEDED:
        raise _Bad("it is empty", "fill it in")
    return absent


def _number(text: str) -> str:
    if _ROUNDED.fullmatch(text):
        raise _Bad(
            f"{text[:MAX_SHOWN]} was rounded by a spreadsheet",
            "format the column as text, export again",
        )
    _refuse_formula(text)
    if _NATIONAL_ID.fullmatch(text):
        raise _Bad(
            "it looks like a national identity number, which is not kept",
            "use the number of the registration",
        )
    number = foreign_number(text)
    if number is None:
        raise _Bad(
            f"{text[:MAX_SHOWN]!r} is no number",
            f"it has 1 to {MAX_FOREIGN_NUMBER} letters and digits, and . / _ - between them",
        )
    return number


def _name(text: str) -> str:
    _refuse_formula(text)
    if len(text) > MAX_NAME or not text.isprintable():
        raise _Bad(f"a name has at most {MAX_NAME} printable characters", "shorten it")
    if _NATIONAL_ID.search(re.sub(r"\s", "", text)):
        raise _Bad("there is a national identity number in it", "leave the number away")
    try:
        return shorten_holder(text)
    except ReceiptError as error:
        raise _Bad(str(error), "write the holder's name, or leave it empty") from error


def _day(text: str) -> date:
    found = _ISO_DAY.fullmatch(text)
    parts = found.groups() if found else ()
    if not parts:
        found = _DAY_FIRST.fullmatch(text)
        parts = found.groups()[::-1] if found else ()
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError as error:
        raise _Bad(f"{text[:MAX_SHOWN]!r} is no day", "write 2026-12-06 or 6/12/2026") from error


def _last_day(text: str) -> date | None:
    return _day(text)


def _party(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_SHOWN
    if not is_number or not 1 <= int(text) <= MAX_PARTY:
        raise _Bad(f"{text[:MAX_SHOWN]!r} is no party", f"write a number from 1 to {MAX_PARTY}")
    return int(text)


def _refuse_formula(text: str) -> None:
    if text.startswith(_FORMULA):
        what = f"{text[:MAX_SHOWN]!r} is a formula"
        raise _Bad(what, f"take the {text[0]} at its beginning away")
