"""A receipt as one page of PDF, A6, its code drawn as areas that stay sharp on any printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from dashboard.visitor.receipt_contexts import ReceiptCard
from dashboard.web.print_letters import (
    DRAWN_PIXELS,
    LETTERS,
    drawn,
    is_writable,
    writable,
)
from dashboard.web.qr_code import qr_rows
from dashboard.web.words import N_

if TYPE_CHECKING:
    from fpdf import FPDF
    from PIL.Image import Image

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 105.0, 148.0, 8.0
CODE_MM = 66.0
"""The code without its white margin; a module is above one millimetre."""
SMALLEST_PT = 5.0
LINE = 1.28
"""From line to line, in sizes of the letters."""
_PT_MM = 25.4 / 72

NAME_ELSEWHERE = N_("The name stands on the receipt's page; this file has Latin letters only.")
"""No font that a package ships has Javanese, Arabic, Chinese, Cyrillic and Tamil letters, and half
of a name is no name. Browsers bring their own: where this system has none, the page prints it."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of one size, in the middle of the page or from its left."""

    text: str
    size_pt: float
    is_bold: bool = False
    is_centred: bool = False
    space_mm: float = 0.0
    picture: Image | None = None
    """Drawn in the place of the text, which is read to those who cannot see it."""


def receipt_pdf(
    card: ReceiptCard,
    token: str,
    *,
    office: str,
    say: Callable[[str], str],
    made_at: datetime,
) -> bytes:
    """The page. What its letters cannot write is left out; the code and the number never are.

    A name in other letters than Latin ones is drawn, by a font of this system; where none has all
    of them it is left out whole, and the page says so.
    """
    from fpdf import FPDF  # not above: it takes half a second, which no command needs

    above = [
        Paragraph(office, 10, is_centred=True),
        Paragraph(card.service, 14, is_bold=True, is_centred=True),
        _name(card, say),
        Paragraph(
            f"{say('People')}: {card.party_size}" if card.party_size > 1 else "",
            10,
            is_centred=True,
        ),
    ]
    below = [
        Paragraph(card.number, 16, is_bold=True, is_centred=True),
        Paragraph(card.when, 11, is_bold=True, is_centred=True),
        Paragraph(card.note, 9, is_centred=True),
        Paragraph(
            say("A mask over nose and mouth is needed to come in.") if card.needs_mask else "",
            10,
            is_bold=True,
            is_centred=True,
            space_mm=1,
        ),
        Paragraph(f"{say('Bring along')}:" if card.brings else "", 9, is_bold=True),
        *(Paragraph(f"- {line}", 9) for line in card.brings),
        Paragraph(card.address, 9),
        Paragraph(card.telephone, 9),
        Paragraph(card.foot, 9, is_bold=True),
    ]
    pdf = FPDF(unit="mm", format=(WIDTH_MM, HEIGHT_MM))
    pdf.core_fonts_encoding = LETTERS
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(MARGIN_MM)
    pdf.set_creation_date(made_at)
    pdf.set_title(writable(f"{card.number} {office}"))
    pdf.add_page()
    room = HEIGHT_MM - 2 * MARGIN_MM - CODE_MM - 4
    sheet = _Sheet(pdf)
    scale = sheet.scale_for([*above, *below], room)
    y = sheet.write(above, MARGIN_MM, scale) + 2
    sheet.draw_code(token, y)
    sheet.write(below, y + CODE_MM + 2, scale)
    return bytes(pdf.output())


def _name(card: ReceiptCard, say: Callable[[str], str]) -> Paragraph:
    if is_writable(card.holder):
        return Paragraph(card.holder, 10, is_centred=True)
    width_em = (WIDTH_MM - 2 * MARGIN_MM) / (10 * _PT_MM)
    picture = drawn(card.holder, width_em=width_em)
    if picture is None:
        return Paragraph(say(NAME_ELSEWHERE), 10, is_centred=True)
    return Paragraph(card.holder, 10, is_centred=True, picture=picture)


class _Sheet:
    """Writes on the one page there is."""

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf
        self._width = WIDTH_MM - 2 * MARGIN_MM

    def scale_for(self, paragraphs: Sequence[Paragraph], room_mm: float) -> float:
        """How much smaller all must be written to fit into the room."""
        scale = 1.0
        while scale > 0.4 and self._height(paragraphs, scale) > room_mm:
            scale -= 0.05
        return scale

    def write(self, paragraphs: Sequence[Paragraph], y: float, scale: float) -> float:
        """Write them from ``y`` down, as long as there is room; where the next would begin."""
        for one in paragraphs:
            if one.picture is not None:
                y += self._draw(one, one.picture, y, scale)
                continue
            for line in self._lines(one, scale):
                height = self._set(one, scale)
                if y + height > HEIGHT_MM - MARGIN_MM:
                    return y
                self._pdf.set_xy(MARGIN_MM, y)
                self._pdf.cell(self._width, height, line, align="C" if one.is_centred else "L")
                y += height
            y += one.space_mm if one.text else 0
        return y

    def draw_code(self, token: str, y: float) -> None:
        """The code in the middle, black on the paper's white."""
        rows = qr_rows(token)
        module = CODE_MM / len(rows)
        left = (WIDTH_MM - CODE_MM) / 2
        self._pdf.set_fill_color(0)
        for row, runs in enumerate(rows):
            for first, length in runs:
                self._pdf.rect(
                    left + first * module, y + row * module, length * module, module, style="F"
                )

    def _draw(self, one: Paragraph, picture: Image, y: float, scale: float) -> float:
        """Put a drawn text in the middle; its height in millimetres."""
        width, height = self._size_mm(one, picture, scale)
        left = (WIDTH_MM - width) / 2
        self._pdf.image(picture, x=left, y=y, w=width, h=height, alt_text=one.text)
        return height

    def _size_mm(self, one: Paragraph, picture: Image, scale: float) -> tuple[float, float]:
        """Width and height of a drawn text, smaller where it is wider than the page."""
        mm_a_pixel = max(SMALLEST_PT, one.size_pt * scale) * _PT_MM / DRAWN_PIXELS
        mm_a_pixel = min(mm_a_pixel, self._width / picture.width)
        return picture.width * mm_a_pixel, picture.height * mm_a_pixel

    def _height(self, paragraphs: Sequence[Paragraph], scale: float) -> float:
        total = 0.0
        for one in paragraphs:
            if one.picture is not None:
                total += self._size_mm(one, one.picture, scale)[1]
                continue
            lines = self._lines(one, scale)
            total += len(lines) * self._set(one, scale) + (one.space_mm if lines else 0)
        return total

    def _lines(self, one: Paragraph, scale: float) -> list[str]:
        text = writable(one.text)
        if not text:
            return []
        self._set(one, scale)
        lines = self._pdf.multi_cell(self._width, 1, text, dry_run=True, output="LINES", align="L")
        # They come in the letters of the file, a byte each, which ``cell`` would encode once more.
        return [line.encode("latin-1").decode(LETTERS) for line in cast(list[str], lines)]

    def _set(self, one: Paragraph, scale: float) -> float:
        """Take its letters; the height of a line in millimetres."""
        size = max(SMALLEST_PT, one.size_pt * scale)
        self._pdf.set_font("Helvetica", style="B" if one.is_bold else "", size=size)
        return size * _PT_MM * LINE
