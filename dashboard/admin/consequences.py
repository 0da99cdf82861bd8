"""What a change would bring to those who have booked, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fastapi import Request

from dashboard.web.auth import office_of
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.office.changes import Edit
from screening.office.services import is_booked_otherwise

DAYS_NAMED = 6
"""More than these are counted."""


def closed_to_booked(
    request: Request, edit: Edit, *, service: str | None = None
) -> tuple[str, ...]:
    """A sentence about each day that people have booked and that this edit closes to them.

    Raises OfficeError where it cannot be made.
    """
    office, language = office_of(request), renderer_of(request).language(request)
    if office.registrar is None:
        return ()
    facts = office.facts.current()
    before = office.registrar.booked_in_vain(facts, service=service)
    after = office.registrar.booked_in_vain(edit(facts), service=service)
    new = {day: people for day, people in after.items() if people > before.get(day, 0)}
    today = office.today()
    told = language.say(N_("Booked for %(day)s: %(people)s. They have to be told."))
    said = [
        told % {"day": language.near_day(day, today), "people": language.whole(people)}
        for day, people in sorted(new.items())[:DAYS_NAMED]
    ]
    if len(new) > DAYS_NAMED:
        more = language.say(N_("And further days: %(days)s."))
        said.append(more % {"days": language.whole(len(new) - DAYS_NAMED)})
    return tuple(said)


def kept_days(request: Request, edit: Edit, code: str) -> tuple[str, ...]:
    """For which days a changed way of booking does not hold, since somebody has booked them."""
    office, language = office_of(request), renderer_of(request).language(request)
    before = office.facts.current()
    old, new = before.services.get(code), edit(before).services.get(code)
    if old is None or new is None or office.registrar is None or not is_booked_otherwise(old, new):
        return ()
    days = office.registrar.booked_days(code)
    if not days:
        return (language.say(N_("It holds for every day: nobody has booked one yet.")),)
    today = office.today()
    told = language.say(N_("Places and quota stay as they are on days that are booked: %(days)s."))
    return (told % {"days": _listed(days, today, language)},)


def _listed(days: Iterable[date], today: date, language: Language) -> str:
    known = list(days)
    named = [language.near_day(day, today) for day in known[:DAYS_NAMED]]
    more = len(known) - len(named)
    if more:
        named.append(language.say(N_("%(days)s more")) % {"days": language.whole(more)})
    return "; ".join(named)
