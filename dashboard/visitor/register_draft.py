"""What somebody who registers has chosen and typed so far, between one page and the next.

It lies in the visitor's own browser, in a cookie that no script can read and that only the pages of
the registration get: no server has to remember it, and none holds it of people who never finish.
Nothing in it is trusted; each page looks at it again.
"""

from __future__ import annotations

import json
import secrets
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from fastapi import Request, Response

from screening.receipts.token import MAX_PARTY
from screening.registration.bookings import Place, PriorityGroup
from screening.registration.registrar import MAX_ANSWER

PATH = "/register"
COOKIE = "gerbang_visit"
KEPT_S = 45 * 60
"""Longer than any place is held; on a shared computer it is then gone."""

LONGEST_TEXT = MAX_ANSWER + 20
"""Of what was typed into one field, so much is kept: enough to tell that it is too long."""
MOST_ANSWERS = 5
_COOKIE_CHARACTERS = 3800
"""A browser keeps a cookie of 4096 with its name."""
_MOST_COOKIES = 3
_MOST_BYTES = 32_000
"""Whatever a browser sends is not unpacked any further."""
_LONGEST_VISIT = 43
_YEARS = range(2000, 9000)
"""A moment close to the first or the last of Python's is in no other zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Texts are as they were typed. ``visit`` names the place that is held, and the registration.

    ``until``: the place is held for ``held_people`` so long, None where none is.
    ``is_done``: the receipt is there, and what was typed is forgotten.
    """

    visit: str = ""
    service: str = ""
    day: date | None = None
    start: time | None = None
    until: datetime | None = None
    held_people: int = 0
    is_held_with_priority: bool = False
    party: str = "1"
    group: str = ""
    name: str = ""
    contact: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    is_done: bool = False

    @property
    def people(self) -> int:
        """How many come, 0 for what is no number of them."""
        digits = self.party.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
            return 0
        return int(digits) if int(digits) <= MAX_PARTY else 0

    @property
    def place(self) -> Place | None:
        """The place that was chosen, None before and where none is booked."""
        if self.day is None:
            return None
        return Place(service=self.service, day=self.day, start=self.start)

    @property
    def priority(self) -> PriorityGroup | None:
        """The group that they say they belong to."""
        return PriorityGroup(self.group) if self.group in set(PriorityGroup) else None


def new_visit() -> str:
    """A name for a registration that begins."""
    return secrets.token_urlsafe(16)


def is_visit(text: str) -> bool:
    """Whether it can be such a name."""
    signs = text.replace("-", "").replace("_", "")
    return 16 <= len(text) <= _LONGEST_VISIT and signs.isascii() and signs.isalnum()


def cut(text: str) -> str:
    """A typed text as far as it is kept."""
    return text[:LONGEST_TEXT]


def read_draft(request: Request) -> Draft:
    """What the browser brings; an empty one where that is nothing of ours."""
    parts = (request.cookies.get(_name(number), "") for number in range(_MOST_COOKIES))
    packed = "".join(parts)
    if not packed:
        return Draft()
    try:
        unpacking = zlib.decompressobj()
        written = unpacking.decompress(urlsafe_b64decode(packed.encode()), _MOST_BYTES)
        values = json.loads(written)
        json.dumps(values, ensure_ascii=False).encode()  # half a character fits on no page
        return _draft_of(values)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        zlib.error,
        RecursionError,
        OverflowError,
    ):
        return Draft()


def keep_draft(request: Request, response: Response, draft: Draft) -> None:
    """Let the browser keep it until the next page."""
    packed = urlsafe_b64encode(zlib.compress(json.dumps(_values(draft)).encode())).decode()
    for number in range(_MOST_COOKIES):
        part = packed[number * _COOKIE_CHARACTERS : (number + 1) * _COOKIE_CHARACTERS]
        if part:
            response.set_cookie(
                _name(number),
                part,
                max_age=KEPT_S,
                path=PATH,
                httponly=True,
                samesite="lax",
                secure=request.url.scheme == "https",
            )
        elif _name(number) in request.cookies:
            _drop(response, number)


def drop_draft(request: Request, response: Response) -> None:
    """Forget all of it."""
    for number in range(_MOST_COOKIES):
        if _name(number) in request.cookies:
            _drop(response, number)


def _drop(response: Response, number: int) -> None:
    response.delete_cookie(_name(number), path=PATH, httponly=True, samesite="lax")


def _name(number: int) -> str:
    return f"{COOKIE}_{number}"


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "visit": draft.visit,
        "service": draft.service,
        "day": draft.day and draft.day.isoformat(),
        "start": draft.start and f"{draft.start:%H:%M}",
        "until": draft.until and draft.until.isoformat(),
        "held": draft.held_people,
        "priority": draft.is_held_with_priority,
        "party": cut(draft.party),
        "group": cut(draft.group),
        "name": cut(draft.name),
        "contact": cut(draft.contact),
        "answers": {code: cut(said) for code, said in draft.answers.items()},
        "done": draft.is_done,
    }


def _draft_of(values: Mapping[str, Any]) -> Draft:
    """Raises ValueError, TypeError, KeyError, AttributeError or OverflowError for anything else."""
    day, start, until = (values[key] for key in ("day", "start", "until"))
    moment = None if until is None else datetime.fromisoformat(until)
    if moment is not None and (moment.tzinfo is None or moment.year not in _YEARS):
        raise ValueError("a moment without its zone, or at the edge of time")
    visit = str(values["visit"])
    if not is_visit(visit):
        raise ValueError("no name of a registration")
    answers = list(values["answers"].items())[:MOST_ANSWERS]
    return Draft(
        visit=visit,
        service=cut(str(values["service"])),
        day=None if day is None else date.fromisoformat(day),
        start=None if start is None else time.fromisoformat(start),
        until=moment,
        held_people=int(values["held"]),
        is_held_with_priority=bool(values["priority"]),
        party=cut(str(values["party"])),
        group=cut(str(values["group"])),
        name=cut(str(values["name"])),
        contact=cut(str(values["contact"])),
        answers={cut(str(code)): cut(str(said)) for code, said in answers},
        is_done=bool(values["done"]),
    )
