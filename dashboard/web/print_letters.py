"""What printed pages can write: the letters that every reader of PDF brings along."""

from __future__ import annotations

import unicodedata

LETTERS = "cp1252"


def writable(text: str) -> str:
    """The text in letters of the page: accents may go, whatever else is strange is left out."""
    found = []
    for sign in unicodedata.normalize("NFC", text):
        for one in (sign, *unicodedata.normalize("NFKD", sign)):
            try:
                one.encode(LETTERS)
            except UnicodeEncodeError:
                continue
            found.append(one)
            if one == sign:
                break
    return " ".join("".join(found).split())
