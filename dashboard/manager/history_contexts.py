"""The page of an office's history, and the report that page, files and paper are made from."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.manager.history_plots import Plot
from dashboard.web.shell import Shell
from dashboard.web.spreadsheets import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What a comparison says; ``verdict`` as in screening.figures.comparison."""

    verdict: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot with its table; ``note`` says what it counts. ``rows`` are the sheet's in words."""

    code: str
    note: str
    plot: Plot | None
    sheet: Sheet
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A number of the whole range, and the same of the days compared with; ``before`` may be
    empty."""

    words: str
    value: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything about a range in words. ``compared`` is empty where nothing is compared with."""

    title: str
    period: str
    compared: str
    counted: str
    sentences: tuple[Sentence, ...]
    totals: tuple[Total, ...]
    figures: tuple[Figure, ...]
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something to choose; ``query`` asks for it, or is the value of a list."""

    words: str
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """``manager/history.html``. ``problem`` says what could not be asked for; ``query`` asks for
    the same again, ``paper`` is the address of the printed report."""

    shell: Shell
    report: Report
    first: str
    last: str
    begins: str
    side: str
    ranges: tuple[Option, ...]
    others: tuple[Option, ...]
    sides: tuple[Option, ...]
    query: str
    problem: str
