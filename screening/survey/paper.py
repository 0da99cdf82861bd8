"""Sheets of paper, typed into a table: nine columns of 1 to 4, a row a person.

A row may also be nine digits without anything between. Whatever is wrong is told by its line, and
the table is good only where nothing is wrong. Spreadsheets write ``;`` or tabs for commas and a
mark before the first letter.
"""

from __future__ import annotations

import csv
import io

from screening.errors import ScreeningError
from screening.survey.index import ELEMENTS, LEAST, MOST, Marks

MOST_SHEETS = 10_000
MOST_PROBLEMS = 20
"""Further ones are not told: whoever reads so many has the wrong file."""
_CELLS = len(ELEMENTS)
_GOOD = {str(mark) for mark in range(LEAST, MOST + 1)}
_SHOWN = 20


class NoSheets(ScreeningError):
    """A table cannot be taken; ``problems`` tells why, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_sheets(content: bytes) -> list[Marks]:
    """The marks of each row; a first row of words is a heading. Raises NoSheets."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoSheets(["this is no text in UTF-8"]) from None
    found: list[Marks] = []
    problems: list[str] = []
    lines = csv.reader(io.StringIO(text), delimiter=_separator(text))
    for row in lines:
        cells = [cell.strip() for cell in row]
        if len(cells) == 1 and len(cells[0]) == _CELLS and _is_number(cells[0]):
            cells = list(cells[0])  # typed without separators
        if not any(cells) or (lines.line_num == 1 and not any(map(_is_number, cells))):
            continue
        problem = _problem(cells)
        if problem:
            problems.append(f"line {lines.line_num}: {problem}")
        else:
            found.append(Marks(tuple(map(int, cells))))
        if len(problems) > MOST_PROBLEMS or len(found) > MOST_SHEETS:
            break
    if len(found) > MOST_SHEETS:
        problems.append(f"more than {MOST_SHEETS} rows; add them in parts")
    if not found and not problems:
        problems.append("there are no rows")
    if problems:
        raise NoSheets(problems[:MOST_PROBLEMS])
    return found


def _separator(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.isdigit()


def _problem(cells: list[str]) -> str:
    if len(cells) != _CELLS:
        return f"{len(cells)} columns, not {_CELLS}"
    wrong = next(((n, cell) for n, cell in enumerate(cells, 1) if cell not in _GOOD), None)
    if wrong is None:
        return ""
    column, cell = wrong
    return f"column {column} is {cell[:_SHOWN]!r}, not a mark from {LEAST} to {MOST}"
