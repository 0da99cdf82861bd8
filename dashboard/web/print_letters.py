"""What printed pages can write: the letters that every reader of PDF brings along, and names in
other letters as a picture, where the system has a font with all of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LETTERS = "cp1252"
_STROKED = re.compile("LATIN (CAPITAL|SMALL) LETTER ([A-Z]) WITH .*")
"""Unicode's names of Latin letters that are no letter and an accent, such as that of Łódź."""


FONTCONFIG = "fc-list"
"""The program of fontconfig that tells which fonts have some letters."""
_ASKED_S = 5.0
DRAWN_LINE = 1.5
"""From line to line of drawn letters, in their sizes: many scripts write above and below."""
DRAWN_PIXELS = 48
"""Height of the drawn letters: 350 dots an inch at 10 points."""
_SEEN = "LMNP"
"""Unicode's categories of what a name is written with; symbols may be left out."""


def writable(text: str) -> str:
    """The text in letters of the page: accents may go, whatever else is strange is left out."""
    return " ".join("".join(map(_written, unicodedata.normalize("NFC", text))).split())


def is_writable(text: str) -> bool:
    """Whether none of its letters would be left out."""
    signs = unicodedata.normalize("NFC", text)
    return all(_written(sign) for sign in signs if unicodedata.category(sign)[0] == "L")


def drawn(text: str, *, width_em: float) -> Image | None:
    """The text in black on white, in lines at most ``width_em`` sizes of the letters wide; None
    where no installed font has all its letters, or nothing can join them as their script asks.

    A line of the picture is ``DRAWN_LINE`` sizes high. One that cannot be broken makes it wider.
    """
    from PIL import Image, ImageDraw, ImageFont, features  # not above: seldom needed, and slow

    words = " ".join("".join(sign if _is_seen(sign) else " " for sign in text).split())
    file = font_with("".join(sorted(set(words) - {" "})))
    if not words or file is None or not features.check("raqm"):
        return None
    font = ImageFont.truetype(file, DRAWN_PIXELS, layout_engine=ImageFont.Layout.RAQM)
    lines = broken(words.split(), lambda line: font.getlength(line) / DRAWN_PIXELS <= width_em)
    width = max(int(font.getlength(line)) for line in lines) + DRAWN_PIXELS // 4
    height = int(DRAWN_PIXELS * DRAWN_LINE)
    picture = Image.new("L", (width, height * len(lines)), 255)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((width / 2, height * (number + 0.5)), line, fill=0, font=font, anchor="mm")
    return picture


def broken(words: Sequence[str], fits: Callable[[str], bool]) -> list[str]:
    """The words in as few lines as fit; a word that fits in none has one of its own."""
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and fits(longer):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=256)
def font_with(letters: str) -> Path | None:
    """A font of the system that has all of these; None where fontconfig knows none, or is away."""
    program = shutil.which(FONTCONFIG)
    if program is None or not letters:
        return None
    charset = " ".join(f"{ord(letter):x}" for letter in letters)
    command = [program, "--format=%{file}\\n", f":charset={charset}:outline=true"]
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=_ASKED_S, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return min(map(Path, told.splitlines()), key=_plainness, default=None)


def _plainness(file: Path) -> tuple[bool, int, str]:
    """Sans before serif, upright and regular before the rest: their names are the shorter ones."""
    return "sans" not in file.name.lower(), len(file.name), file.name


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] in _SEEN or sign in "\u200c\u200d"


@lru_cache(maxsize=4096)
def _written(sign: str) -> str:
    if _is_of_the_page(sign):
        return sign
    stroked = _STROKED.fullmatch(unicodedata.name(sign, ""))
    if stroked is not None:
        return stroked[2] if stroked[1] == "CAPITAL" else stroked[2].lower()
    return "".join(filter(_is_of_the_page, unicodedata.normalize("NFKD", sign)))


def _is_of_the_page(sign: str) -> bool:
    try:
        sign.encode(LETTERS)
    except UnicodeEncodeError:
        return False
    return True
