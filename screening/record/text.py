"""Text as the record keeps it."""

from __future__ import annotations

import re

# A national identity number (NIK) has sixteen digits; people group them by space, dot or hyphen.
_NATIONAL_ID = re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)")
MASK = "[…]"


_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_UNSEEN = re.compile(
    "[\x01-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""What nobody sees and what turns the text around it: other words would be read than were written.
Joiners stay, some scripts need them."""


def clean(text: str | None) -> str | None:
    """Text every database takes and every reader sees alike: one line, no NUL, no half of a
    surrogate pair, no marks of direction and nothing else that is not seen."""
    if text is None:
        return None
    seen = _UNSEEN.sub("", _BREAKS.sub(" ", text.replace("\0", "\ufffd")))
    return seen.encode("utf-8", "replace").decode()


def clean_remark(text: str | None) -> str | None:
    """A remark without national identity numbers, which are never kept in clear."""
    cleaned = clean(text)
    return _NATIONAL_ID.sub(MASK, cleaned) if cleaned is not None else None
