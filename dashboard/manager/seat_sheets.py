"""The seats on paper: a plan of each room to scale, and a label for each seat to stick on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dashboard.web.language import Language
from dashboard.web.print_letters import LETTERS, writable
from dashboard.web.words import N_
from screening.office.facts import Mode, OfficeFacts
from screening.waiting_room.chairs import nearest
from screening.waiting_room.plan import Sealed, Seat, SeatKind

if TYPE_CHECKING:
    from fpdf import FPDF

SHORT_MM, LONG_MM, MARGIN_MM = 210.0, 297.0, 10.0
"""A4."""
HEAD_MM, FOOT_MM, COUNTERS_MM = 24.0, 24.0, 12.0
SCALES = (20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 200, 250, 300, 400, 500, 1000, 2000, 5000)
LARGEST_SEAT_MM = 16.0
SEAT_SHARE = 0.84
"""Of the way to the nearest seat; the rest stays white between them."""
UNMEASURED_MM = 15.0
"""From seat to seat, where nobody measured how far they are apart and there is room."""
LABEL_COLUMNS, LABEL_ROWS = 2, 5
_PT_MM = 25.4 / 72

KINDS: dict[SeatKind, str] = {
    SeatKind.FAMILY: N_("for families"),
    SeatKind.NEAR: N_("for visitors with priority"),
    SeatKind.WHEELCHAIR: N_("for wheelchairs"),
}
_LINE_MM = {
    SeatKind.ANYBODY: 0.2,
    SeatKind.FAMILY: 0.5,
    SeatKind.NEAR: 0.9,
    SeatKind.WHEELCHAIR: 0.3,
}
"""How thick a seat's border is; that of a place for a wheelchair is double. Told apart on any
printer."""


def seat_sheets(
    facts: OfficeFacts,
    languages: Sequence[Language],
    *,
    office: str,
    zone: ZoneInfo,
    made_at: datetime,
    with_labels: bool = True,
) -> bytes:
    """A PDF on A4, in all of ``languages``: the seats as an outbreak seals them. What its letters
    cannot write is left out."""
    from fpdf import FPDF  # not above: it takes half a second, which no command needs

    plan = replace(facts, mode=Mode.OUTBREAK).plan
    pdf = FPDF(unit="mm", format="A4")
    pdf.core_fonts_encoding = LETTERS
    pdf.set_auto_page_break(auto=False)
    pdf.set_creation_date(made_at)
    pdf.set_title(writable(office))
    distance = facts.chosen.distance_m if facts.chosen and facts.sealed is Sealed.CHOSEN else None
    sheets = _Sheets(pdf, languages, office=office, made=languages[0].moment(made_at, zone))
    for room, seats in plan.rooms_by_name.items():
        sheets.draw_room(room, seats, distance)
    if with_labels:
        sheets.draw_labels(plan.seats)
    return bytes(pdf.output())


class _Sheets:
    """Pages of one document."""

    def __init__(self, pdf: FPDF, languages: Sequence[Language], *, office: str, made: str) -> None:
        self._pdf = pdf
        self._languages = languages
        self._office = office
        self._made = made

    def draw_room(self, name: str, seats: Sequence[Seat], distance_m: float | None) -> None:
        """One page: the room as large as a usual scale lets it be."""
        xs = [seat.chair.x for seat in seats]
        ys = [seat.chair.y for seat in seats]
        apart = nearest(list(zip(xs, ys, strict=True))) or 1.0
        wide, deep = max(xs) - min(xs) + apart, max(ys) - min(ys) + apart
        page = (LONG_MM, SHORT_MM) if wide > deep else (SHORT_MM, LONG_MM)
        self._pdf.add_page(orientation="landscape" if wide > deep else "portrait")
        room_mm = (
            page[0] - 2 * MARGIN_MM,
            page[1] - 2 * MARGIN_MM - HEAD_MM - FOOT_MM - 2 * COUNTERS_MM,
        )
        mm, scale = _millimetres(wide, deep, room_mm, is_measured=distance_m is not None)
        self._head(name, seats, scale, distance_m)
        left = (page[0] - wide * mm) / 2
        top = MARGIN_MM + HEAD_MM + COUNTERS_MM
        self._word(self._said(N_("Counters")), top - COUNTERS_MM / 2, page[0])
        self._word(self._said(N_("Entrance")), top + deep * mm + COUNTERS_MM / 2, page[0])
        self._pdf.set_line_width(0.4)
        self._pdf.rect(left - 2, top - 2, wide * mm + 4, deep * mm + 4)
        side = min(LARGEST_SEAT_MM, apart * mm * SEAT_SHARE)
        for seat in seats:
            x = left + (seat.chair.x - min(xs) + apart / 2) * mm
            y = top + (seat.chair.y - min(ys) + apart / 2) * mm
            self._seat(seat, x - side / 2, y - side / 2, side)
        self._legend(seats, page[1] - MARGIN_MM - FOOT_MM + 8)
        if distance_m is not None:
            self._metre(mm, page)

    def draw_labels(self, seats: Sequence[Seat]) -> None:
        """Ten labels a page, all of one size, with lines to cut along."""
        width = (SHORT_MM - 2 * MARGIN_MM) / LABEL_COLUMNS
        height = (LONG_MM - 2 * MARGIN_MM) / LABEL_ROWS
        has_sealed = any(seat.is_sealed for seat in seats)
        for number, seat in enumerate(seats):
            row, column = divmod(number % (LABEL_COLUMNS * LABEL_ROWS), LABEL_COLUMNS)
            if row == column == 0:
                self._pdf.add_page(orientation="portrait")
            x, y = MARGIN_MM + column * width, MARGIN_MM + row * height
            self._pdf.set_line_width(0.1)
            self._pdf.set_draw_color(150)
            self._pdf.rect(x, y, width, height)
            self._pdf.set_draw_color(0)
            self._label(seat, x, y, width, height, has_sealed=has_sealed)

    def _label(
        self, seat: Seat, x: float, y: float, width: float, height: float, *, has_sealed: bool
    ) -> None:
        lines = [self._said(N_("Seat")), seat.chair.room]
        if seat.kind in KINDS:
            lines.append(self._said(KINDS[seat.kind]))
        self._line(" · ".join(filter(None, lines)), x, y + 4, width, 10)
        self._line(seat.label, x, y + 12, width, 64, is_bold=True)
        if seat.is_sealed:
            sentence = N_("In an outbreak, please do not sit here.")
        elif has_sealed:
            sentence = N_("You may sit here, in an outbreak too.")
        else:
            return
        for number, language in enumerate(self._languages[:3]):
            self._line(language.say(sentence), x, y + height - 17 + 5 * number, width, 10)

    def _head(
        self, name: str, seats: Sequence[Seat], scale: int | None, distance_m: float | None
    ) -> None:
        title = " - ".join(filter(None, (self._office, name)))
        self._line(title, MARGIN_MM, MARGIN_MM, None, 16, is_bold=True)
        count = sum(not seat.is_sealed for seat in seats)
        for number, language in enumerate(self._languages[:3]):
            told = language.say(N_("Seats: %(all)s; open in an outbreak: %(open)s")) % {
                "all": language.whole(len(seats)),
                "open": language.whole(count),
            }
            if distance_m is not None:
                apart = language.say(N_("%(metres)s m apart"))
                told += f" ({apart % {'metres': language.decimal(distance_m, 2)}})"
            told += f" · 1 : {scale}" if scale is not None else ""
            told += f" · {self._made}" if number == 0 else ""
            self._line(told, MARGIN_MM, MARGIN_MM + 8 + 5 * number, None, 9)

    def _seat(self, seat: Seat, x: float, y: float, side: float) -> None:
        self._square(seat.kind, x, y, side, is_sealed=seat.is_sealed)
        size = side / _PT_MM * min(0.5, 1.4 / max(1, len(seat.label)))
        self._line(seat.label, x, y + side / 2 - size * _PT_MM / 2, side, size, is_bold=True)

    def _square(self, kind: SeatKind, x: float, y: float, side: float, *, is_sealed: bool) -> None:
        pdf = self._pdf
        pdf.set_line_width(min(_LINE_MM[kind], side / 6))
        pdf.set_fill_color(215 if is_sealed else 255)
        pdf.rect(x, y, side, side, style="DF", round_corners=True, corner_radius=side / 6)
        if kind is SeatKind.WHEELCHAIR:
            gap = side / 9
            pdf.rect(x + gap, y + gap, side - 2 * gap, side - 2 * gap)
        if is_sealed:
            pdf.set_line_width(0.15)
            pdf.set_draw_color(120)
            pdf.line(x + side * 0.15, y + side * 0.15, x + side * 0.85, y + side * 0.85)
            pdf.line(x + side * 0.85, y + side * 0.15, x + side * 0.15, y + side * 0.85)
            pdf.set_draw_color(0)

    def _legend(self, seats: Sequence[Seat], y: float) -> None:
        seen = {seat.kind for seat in seats}
        shown = [(SeatKind.ANYBODY, False, N_("open"))]
        if any(seat.is_sealed for seat in seats):
            shown.append((SeatKind.ANYBODY, True, N_("sealed in an outbreak")))
        shown += [(kind, False, words) for kind, words in KINDS.items() if kind in seen]
        x = MARGIN_MM
        for kind, is_sealed, words in shown:
            text = self._said(words)
            self._pdf.set_font("Helvetica", size=9)
            width = self._pdf.get_string_width(writable(text)) + 4
            if x > MARGIN_MM and x + width > self._pdf.w - MARGIN_MM:
                x, y = MARGIN_MM, y + 7
            self._square(kind, x, y, 5, is_sealed=is_sealed)
            self._line(text, x + 6.5, y + 0.9, width, 9, is_centred=False)
            x += width + 9

    def _metre(self, mm: float, page: tuple[float, float]) -> None:
        x, y = page[0] - MARGIN_MM - mm, page[1] - MARGIN_MM
        self._pdf.set_line_width(0.5)
        self._pdf.line(x, y, x + mm, y)
        self._line("1 m", x, y - 5, mm, 9)

    def _word(self, text: str, y: float, width: float) -> None:
        self._line(text, 0, y - 2, width, 11, is_bold=True)

    def _said(self, sentence: str) -> str:
        """In all languages, each word once."""
        return " / ".join(dict.fromkeys(one.say(sentence) for one in self._languages))

    def _line(
        self,
        text: str,
        x: float,
        y: float,
        width: float | None,
        size_pt: float,
        *,
        is_bold: bool = False,
        is_centred: bool = True,
    ) -> None:
        """One line, smaller where it would not fit; from the margin on where no width is given."""
        pdf, shown = self._pdf, writable(text)
        room = pdf.w - 2 * MARGIN_MM if width is None else width
        pdf.set_font("Helvetica", style="B" if is_bold else "", size=size_pt)
        needed = pdf.get_string_width(shown)
        if needed > 0.96 * room:
            size_pt *= 0.96 * room / needed
            pdf.set_font("Helvetica", style="B" if is_bold else "", size=size_pt)
        pdf.set_xy(x, y)
        align = "C" if is_centred and width is not None else "L"
        pdf.cell(room, size_pt * _PT_MM, shown, align=align)


def _millimetres(
    wide: float, deep: float, room_mm: tuple[float, float], *, is_measured: bool
) -> tuple[float, int | None]:
    """Millimetres on paper for a unit of the plan, and the scale where the unit is a metre."""
    most = min(room_mm[0] / wide, room_mm[1] / deep)
    if not is_measured:
        return min(most, UNMEASURED_MM), None
    scale = next((scale for scale in SCALES if 1000 / scale <= most), SCALES[-1])
    return 1000 / scale, scale
