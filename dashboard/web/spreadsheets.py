"""Tables for spreadsheets: CSV and XLSX, in which no cell is taken for a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

BYTE_ORDER_MARK = "\ufeff"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TITLE = 31
"""Letters of a sheet's title, as Excel has it."""

_FORMULA = re.compile(
    r"(^|[;,\t\r\n\v\f\x1c-\x1f\x85\u2028\u2029])"
    r"(?=[\s\"'\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212])|^(?=[\t\r])"
)
"""Where a formula could begin: the beginning of a cell, or of what another separator makes one."""

_NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]")
_WIDEST = 40


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its title. Cells are texts, numbers, dates, times without a zone, or None."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]


def harmless_cell(value: Any) -> Any:
    """A cell that a spreadsheet cannot take for a formula, nor any part of it for another cell."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


def csv_of(
    header: Sequence[str], rows: Iterable[Sequence[Any]], *, is_for_excel: bool = False
) -> str:
    """A table as CSV, for programs, or for an Excel that separates by semicolons.

    That one also gets a mark for UTF-8, and commas in numbers, as it reads them in Indonesia.
    """
    file = StringIO()
    if is_for_excel:
        file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file, delimiter=";" if is_for_excel else ",")
    writer.writerow([harmless_cell(name) for name in header])
    told = _indonesian if is_for_excel else harmless_cell
    writer.writerows([told(cell) for cell in row] for row in rows)
    return file.getvalue()


def _indonesian(cell: Any) -> Any:
    return str(cell).replace(".", ",") if isinstance(cell, float) else harmless_cell(cell)


def xlsx_of(sheets: Sequence[Sheet], *, made: datetime) -> bytes:
    """A workbook with typed cells: texts are texts, numbers numbers, days and times dates."""
    file = BytesIO()
    with Workbook(
        file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    ) as book:
        book.set_properties({"created": made.replace(tzinfo=None)})
        formats = {
            "header": book.add_format({"bold": True, "bottom": 1}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for sheet in sheets:
            title = _NOT_IN_A_TITLE.sub(" ", sheet.title).strip("' ")[:LONGEST_TITLE]
            _fill(book.add_worksheet(title or None), sheet, formats)
    return file.getvalue()


def _fill(page: Worksheet, sheet: Sheet, formats: dict[Any, Any]) -> None:
    for column, name in enumerate(sheet.header):
        page.write_string(0, column, name, formats["header"])
    for number, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(number, column, cell)
            elif isinstance(cell, date):
                page.write_datetime(number, column, cell, formats[type(cell)])
            elif cell is not None:
                page.write_number(number, column, cell)
    page.freeze_panes(1, 0)
    for column, name in enumerate(sheet.header):
        cells = (str(row[column]) for row in sheet.rows[:200] if column < len(row))
        width = max([len(name), *map(len, cells)])
        page.set_column(column, column, min(width + 2, _WIDEST))
