"""Text as the record keeps it."""

from __future__ import annotations

import re

# A national identity number (NIK) has sixteen digits; people group them by space, dot or hyphen.
_NATIONAL_ID = re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)")
MASK = "[…]"


def clean(text: str | None) -> str | None:
    """Text every database takes: no NUL, no half of a surrogate pair."""
    if text is None:
        return None
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def clean_remark(text: str | None) -> str | None:
    """A remark without national identity numbers, which are never kept in clear."""
    cleaned = clean(text)
    return _NATIONAL_ID.sub(MASK, cleaned) if cleaned is not None else None
