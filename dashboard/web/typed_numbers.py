"""Numbers that people type: digits with at most one comma or point.

Python's own ``float`` takes much more for a number (``3_6``, digits of other scripts, ``1e3``,
``nan``); at a gate such a thing is a slip, and a slip must not become somebody's temperature.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

RowNumber = Annotated[int, Field(ge=0, le=2**63 - 1)]
"""The number of a row of the log or of a visit, in an address or a form: what a database compares.
Of an address it is one that leads nowhere beyond, of a form one that cannot be used."""
SmallNumber = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""The same of what an office has few of: closings, follow-ups."""

_COUNT = re.compile(r"[0-9]{1,6}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}([.,][0-9]{1,15})?", re.ASCII)

HOW_TO_TYPE = "type digits with at most one comma or point, such as 36.7"


def typed_number(text: str) -> float | None:
    """The number in ``text``, comma or point, blanks around it left out; None where it is none."""
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped) is None:
        return None
    return float(stripped.replace(",", "."))


def typed_count(text: str) -> int | None:
    """The whole number in ``text``, blanks around it left out; None where it is none."""
    stripped = text.strip()
    return int(stripped) if _COUNT.fullmatch(stripped) else None
