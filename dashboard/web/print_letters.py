"""What printed pages can write: the letters that every reader of PDF brings along."""

from __future__ import annotations

import re
import unicodedata

LETTERS = "cp1252"
_STROKED = re.compile("LATIN (CAPITAL|SMALL) LETTER ([A-Z]) WITH .*")
"""Unicode's names of Latin letters that are no letter and an accent, such as that of Łódź."""


def writable(text: str) -> str:
    """The text in letters of the page: accents may go, whatever else is strange is left out."""
    return " ".join("".join(map(_written, unicodedata.normalize("NFC", text))).split())


def is_writable(text: str) -> bool:
    """Whether none of its letters would be left out."""
    signs = unicodedata.normalize("NFC", text)
    return all(_written(sign) for sign in signs if unicodedata.category(sign)[0] == "L")


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
