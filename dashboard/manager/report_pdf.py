"""A report of an office's past on A4: what changed, and each figure as areas with its table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.manager.history_contexts import Figure, Report
from dashboard.manager.history_plots import (
    LEVELS,
    Bars,
    Distribution,
    HeatMap,
    Plot,
    Series,
    Tick,
)
from dashboard.web.language import Language
from dashboard.web.print_letters import LETTERS, broken, writable
from dashboard.web.words import N_

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 297.0, 210.0, 12.0
"""A4 on its side: the tables are wide."""
INDENT_MM = 1.0
"""Of words within their cell."""
INK, SOFT, LINE = (23, 36, 43), (77, 91, 98), (190, 180, 165)
SEA, GOLD = (15, 68, 80), (224, 160, 46)
"""The house's two colours; told apart in grey as well."""
PLOT_MM, BAR_MM, SQUARE_MM = 46.0, 5.2, 5.6
FILLED_MM = 130.0
"""A figure that needs more may go on over the page; any other stays together."""
AXIS_MM, FIRST_COLUMN_MM = 14.0, 46.0
ROW_MM, HEADER_MM, HEADER_PT = 4.3, 14.0, 7.0
_PT_MM = 25.4 / 72
_SIGNS = {"more": "+", "less": "-", "no_change": "=", "unknown": "?", "told": "*"}


def report_pdf(
    report: Report, language: Language, *, office: str, made_at: datetime, note: str = ""
) -> bytes:
    """The report. What its letters cannot write is left out; ``note`` is told on each page."""
    from fpdf import FPDF  # not above: it takes half a second, which no command needs

    pdf = FPDF(unit="mm", format="A4", orientation="landscape")
    pdf.core_fonts_encoding = LETTERS
    pdf.set_auto_page_break(auto=False)
    pdf.set_creation_date(made_at)
    pdf.set_lang(language.code)
    pdf.set_title(writable(f"{report.title} {report.period}"))
    paper = _Paper(pdf, " - ".join(filter(None, (note, office, report.period))))
    paper.head(report, office, language)
    for figure in report.figures:
        paper.figure(figure)
    paper.notes(report, language)
    return bytes(pdf.output())


class _Paper:
    """Pages that are filled from above."""

    def __init__(self, pdf: FPDF, foot: str) -> None:
        from fpdf.fonts import CORE_FONTS_CHARWIDTHS

        self._widths_of_letters = {
            False: CORE_FONTS_CHARWIDTHS["helvetica"],
            True: CORE_FONTS_CHARWIDTHS["helveticaB"],
        }
        self._pdf = pdf
        self._foot = foot
        self._width = WIDTH_MM - 2 * MARGIN_MM
        self._page()

    def head(self, report: Report, office: str, language: Language) -> None:
        """The office, the days, what changed and the totals."""
        self._text(office, 10, SOFT)
        self._text(f"{report.title}: {report.period}", 20, INK, is_bold=True)
        if report.compared:
            told = language.say(N_("Compared with %(days)s.")) % {"days": report.compared}
            self._text(told, 10, SOFT)
        self._text(report.counted, 10, SOFT)
        self._steps()
        for one in report.sentences:
            is_change = one.verdict in ("more", "less", "told")
            self._text(f"{_SIGNS[one.verdict]} {one.words}", 11, INK, is_bold=is_change)
        self._y += 3

    def figure(self, figure: Figure) -> None:
        """Its title, plot and table; a table too long for the page goes on, with its head again."""
        self._room(min(_height_of_figure(figure), FILLED_MM))
        self._text(figure.sheet.title, 13, SEA, is_bold=True)
        if figure.note:
            self._text(figure.note, 9, SOFT)
        if figure.plot is not None:
            self._draw(figure.plot)
        if not isinstance(figure.plot, HeatMap):
            self._table(figure.sheet.header, figure.rows)
        self._y += 5

    def notes(self, report: Report, language: Language) -> None:
        """What each word counts."""
        self._room(20)
        self._text(language.say(N_("How this was counted")), 13, SEA, is_bold=True)
        for term, meaning in report.notes:
            self._text(f"{term}: {meaning}", 9, INK)

    def _page(self) -> None:
        self._pdf.add_page()
        self._y = MARGIN_MM
        told = writable(f"{self._foot} - {self._pdf.page_no()}")
        self._cell(told, MARGIN_MM, HEIGHT_MM - MARGIN_MM + 3, self._width, 8, SOFT, "R")

    def _room(self, height: float) -> None:
        if self._y + height > HEIGHT_MM - MARGIN_MM:
            self._page()

    def _text(
        self, text: str, size: float, colour: tuple[int, int, int], *, is_bold: bool = False
    ) -> None:
        line = size * _PT_MM * 1.3
        lines = self._lines(writable(text), self._width, size, is_bold=is_bold)
        self._room(line * len(lines))
        self._pdf.set_text_color(*colour)
        for words in lines:
            self._line(words, MARGIN_MM, self._y, self._width, line, size, is_bold=is_bold)
            self._y += line

    def _cell(
        self,
        text: str,
        x: float,
        y: float,
        width: float,
        size: float,
        colour: tuple[int, int, int] = INK,
        align: str = "L",
        *,
        is_bold: bool = False,
    ) -> None:
        """One line, smaller where it would not fit."""
        self._pdf.set_text_color(*colour)
        self._line(writable(text), x, y, width, size * _PT_MM * 1.2, size, align, is_bold=is_bold)

    def _line(
        self,
        words: str,
        x: float,
        y: float,
        width: float,
        height: float,
        size: float,
        align: str = "L",
        *,
        is_bold: bool = False,
    ) -> None:
        """Written at its place: the library's own cells take ten times as long."""
        needed = self._length(words, size, is_bold=is_bold)
        room = width - 2 * INDENT_MM
        if needed > room:
            size, needed = size * room / needed, room
        self._pdf.set_font("Helvetica", style="B" if is_bold else "", size=size)
        left = {"L": INDENT_MM, "C": (width - needed) / 2, "R": width - INDENT_MM - needed}
        self._pdf.text(x + left[align], y + 0.5 * height + 0.3 * size * _PT_MM, words)

    def _lines(self, words: str, width: float, size: float, *, is_bold: bool = False) -> list[str]:
        """Broken between words, so that each line fits."""

        def fits(line: str) -> bool:
            return self._length(line, size, is_bold=is_bold) <= width - 2 * INDENT_MM

        return broken(words.split(), fits)

    def _length(self, words: str, size: float, *, is_bold: bool = False) -> float:
        """In mm. The widths of letters are in thousandths of their size."""
        widths = self._widths_of_letters[is_bold]
        in_page = words.encode(LETTERS).decode("latin-1")
        return sum(widths[letter] for letter in in_page) * size * _PT_MM / 1000

    def _steps(self) -> None:
        """The house's stepped line."""
        self._pdf.set_fill_color(*SEA)
        for number in range(int(self._width // 6)):
            x = MARGIN_MM + 6 * number
            self._pdf.rect(x, self._y + 2, 6, 0.8, style="F")
            self._pdf.rect(x + 1.5, self._y + 1.2, 3, 0.8, style="F")
        self._y += 5

    def _draw(self, plot: Plot) -> None:
        top = self._y + 1.5
        if isinstance(plot, Series):
            self._series(plot, top)
        elif isinstance(plot, Bars):
            self._bars(plot)
        elif isinstance(plot, Distribution):
            self._distribution(plot, top)
        else:
            self._week(plot, top)
        if not isinstance(plot, Bars):
            self._y = top + _height_of(plot)

    def _ticks(self, ticks: Sequence[Tick], top: float, height: float) -> None:
        self._pdf.set_draw_color(*LINE)
        self._pdf.set_line_width(0.15)
        for tick in (Tick(at=0, words="0"), *ticks):
            y = top + height * (1 - tick.at / 100)
            self._pdf.line(MARGIN_MM + AXIS_MM, y, MARGIN_MM + self._width, y)
            self._cell(tick.words, MARGIN_MM, y - 1.6, AXIS_MM - 1, 8, SOFT, "R")

    def _series(self, plot: Series, top: float) -> None:
        height = PLOT_MM - 8
        self._ticks(plot.ticks, top, height)
        left, across = MARGIN_MM + AXIS_MM, (self._width - AXIS_MM) / plot.width
        self._pdf.set_fill_color(*SEA)
        for number, share in enumerate(plot.heights):
            tall = height * share / 100
            x = left + number * across
            self._pdf.rect(x, top + height - tall, across * 0.86, tall, style="F")
        self._pdf.set_draw_color(*GOLD)
        self._pdf.set_line_width(0.7)
        last_y: float | None = None
        for number, then in enumerate(plot.before):
            if then is None:
                last_y = None
                continue
            x = left + number * across
            y = top + height * (1 - then / 100)
            if last_y is not None:
                self._pdf.line(x, last_y, x, y)
            self._pdf.line(x, y, x + across, y)
            last_y = y
        room = (self._width - AXIS_MM) / max(1, len(plot.labels))
        last = max(1, len(plot.labels) - 1)
        for number, label in enumerate(plot.labels):
            x = left + (self._width - AXIS_MM - room) * number / last
            align = "L" if number == 0 else "R" if number == last else "C"
            self._cell(label, x, top + height + 1, room, 8, SOFT, align)

    def _bars(self, plot: Bars) -> None:
        across = self._width - FIRST_COLUMN_MM - 18
        for bar in plot.bars:
            self._room(BAR_MM)
            y = self._y
            self._cell(bar.label, MARGIN_MM, y + 0.6, FIRST_COLUMN_MM - 2, 9)
            x = MARGIN_MM + FIRST_COLUMN_MM
            self._pdf.set_fill_color(*SEA)
            self._pdf.rect(x, y + 0.6, across * bar.length / 100, BAR_MM - 2.2, style="F")
            if bar.before is not None:
                self._pdf.set_fill_color(*GOLD)
                self._pdf.rect(x, y + BAR_MM - 1.4, across * bar.before / 100, 0.8, style="F")
            self._cell(bar.value, x + across * bar.length / 100 + 1, y + 0.4, 16, 9)
            self._y += BAR_MM
        self._y += 2

    def _distribution(self, plot: Distribution, top: float) -> None:
        height = PLOT_MM - 8
        self._ticks(plot.ticks, top, height)
        left, across = MARGIN_MM + AXIS_MM, (self._width - AXIS_MM) / len(plot.bars)
        for number, bar in enumerate(plot.bars):
            x, tall = left + number * across, height * bar.length / 100
            self._pdf.set_fill_color(*SEA)
            self._pdf.rect(x + 0.6, top + height - tall, across - 1.2, tall, style="F")
            if bar.before is not None:
                y = top + height * (1 - bar.before / 100)
                self._pdf.set_fill_color(*GOLD)
                self._pdf.rect(x, y - 0.4, across, 0.8, style="F")
            self._cell(bar.label, x, top + height + 1, across, 8, SOFT, "C")

    def _week(self, plot: HeatMap, top: float) -> None:
        across = (self._width - 20) / len(plot.columns)
        for number, name in enumerate(plot.columns):
            x = MARGIN_MM + 20 + number * across
            self._cell(name, x, top, across, 9, SOFT, "C")
        for row, (hour, squares) in enumerate(plot.rows):
            y = top + 5 + row * SQUARE_MM
            self._cell(hour, MARGIN_MM, y + 1, 18, 9, SOFT, "R")
            for number, square in enumerate(squares):
                x = MARGIN_MM + 20 + number * across
                shade = (square.level or 0) / LEVELS
                fill = tuple(round(255 + (part - 255) * shade) for part in SEA)
                self._pdf.set_fill_color(*fill)
                self._pdf.rect(x + 0.3, y + 0.3, across - 0.6, SQUARE_MM - 0.6, style="F")
                colour = (255, 255, 255) if shade > 0.5 else INK
                self._cell(square.words, x, y + 1, across, 8.5, colour, "C")

    def _table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        widths = self._widths(header, rows)
        self._room(HEADER_MM + ROW_MM * min(len(rows), 2))
        self._header(header, widths)
        for row in rows:
            if self._y + ROW_MM > HEIGHT_MM - MARGIN_MM:
                self._page()
                self._header(header, widths)
            x = MARGIN_MM
            for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
                self._cell(cell, x, self._y + 0.6, width, 8, INK, "R" if number else "L")
                x += width
            self._y += ROW_MM
            self._rule(LINE, 0.1, sum(widths))

    def _header(self, header: Sequence[str], widths: Sequence[float]) -> None:
        """Words of a column may take four lines, and end at the line below them."""
        x, line = MARGIN_MM, HEADER_PT * _PT_MM * 1.25
        self._pdf.set_text_color(*SOFT)
        for number, (name, width) in enumerate(zip(header, widths, strict=True)):
            lines = self._lines(writable(name), width, HEADER_PT, is_bold=True)
            y = self._y + HEADER_MM - line * len(lines) - 0.6
            for words in lines:
                align = "R" if number else "L"
                self._line(words, x, y, width, line, HEADER_PT, align, is_bold=True)
                y += line
            x += width
        self._y += HEADER_MM
        self._rule(SEA, 0.4, sum(widths))

    def _rule(self, colour: tuple[int, int, int], thick: float, width: float) -> None:
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(thick)
        self._pdf.line(MARGIN_MM, self._y, MARGIN_MM + width, self._y)

    def _widths(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
        """As wide as cells and the words of the header need, and more where there is room."""
        needed = []
        for number, name in enumerate(header):
            heads = [self._length(one, HEADER_PT, is_bold=True) for one in writable(name).split()]
            cells = [self._length(writable(row[number]), 8) for row in rows]
            needed.append(max([*heads, *cells]) + 4)
        room = self._width / sum(needed)
        return [width * min(room, 1.6) for width in needed]


def _height_of(plot: Plot | None) -> float:
    """Of what is drawn."""
    if plot is None:
        return 0.0
    if isinstance(plot, HeatMap):
        return 5 + SQUARE_MM * len(plot.rows) + 2
    return BAR_MM * len(plot.bars) + 2 if isinstance(plot, Bars) else PLOT_MM


def _height_of_figure(figure: Figure) -> float:
    """With title and table."""
    table = 0.0 if isinstance(figure.plot, HeatMap) else HEADER_MM + ROW_MM * len(figure.rows)
    return 13 + _height_of(figure.plot) + table
