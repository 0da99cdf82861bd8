"""Closing days that were booked: what it would do, doing it, and opening again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.around import CHANGE, CHECKED_FORM, LOOK, Seen, Step, around
from dashboard.admin.closing_contexts import (
    ClosedCard,
    ClosingLook,
    ClosingPage,
    DayShare,
    MoveLine,
)
from dashboard.admin.contexts import Field
from dashboard.web.auth import AdminSession, ClosesDays, office_of
from dashboard.web.closing_words import ClosingWords, closing_words_of
from dashboard.web.language import known_languages
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from dashboard.web.typed_numbers import SmallNumber
from dashboard.web.words import N_
from screening.errors import OfficeError, UnknownClosing
from screening.office.hours_changes import MOST_CLOSED_DAYS
from screening.receipts.number import show_number
from screening.registration.closer import Closer
from screening.registration.closing import ClosedDays, Closing, Rebooking

router = APIRouter(prefix="/admin/closing", include_in_schema=False)

REST, DAYS = "rest", "days"
REASON = "why_"
"""Begins the name of each language's field."""

NO_DAY = N_("Choose a day from today on, and a last day that is not before it.")
TOO_MANY = N_("So many days cannot be closed at once. Change the week's hours instead.")
NO_REASON = N_("Say why in at least one language: visitors read it.")
BAD_REASON = N_("A reason has no brackets and at most 60 letters.")
CANNOT_OPEN = N_("The hours of these days were changed since. Set them as they should be.")


@router.get("")
def show(request: Request, session: AdminSession, closer: ClosesDays) -> Response:
    """What was closed, and the form to close more."""
    return _page(request, closer, {})


async def _typed(request: Request) -> dict[str, str]:
    """The form as it was sent: a field of each language."""
    form = await request.form()
    return {key: value.strip() for key, value in form.items() if isinstance(value, str)}


@router.post("", dependencies=[CHECKED_FORM])
def close(
    request: Request,
    session: AdminSession,
    closer: ClosesDays,
    typed: Annotated[dict[str, str], Depends(_typed)],
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Show whom it would move and where, or do it if that still is what was shown."""
    closing = _read(request, typed)
    if isinstance(closing, str):
        return _page(request, closer, typed, problem=closing, status=422)
    try:
        found = closer.preview(closing)
        digest = _digest(closing, found)
        if step == CHANGE and seen == digest:
            done = closer.close(closing, by=session.user)
            return RedirectResponse(f"/admin/closing#closing-{done.closing_id}", 303)
    except OfficeError:
        return _page(request, closer, typed, problem=BAD_REASON, status=422)
    return _look(request, closing, found, seen=digest, is_late=step == CHANGE)


@router.post("/{closing_id}/reopen", dependencies=[CHECKED_FORM])
def reopen(
    request: Request, session: AdminSession, closer: ClosesDays, closing_id: SmallNumber
) -> Response:
    """Open again, and give places back where nothing has happened since."""
    try:
        closer.reopen(closing_id, by=session.user)
    except UnknownClosing as error:
        raise HTTPException(404) from error
    except OfficeError:
        return _page(request, closer, {}, problem=CANNOT_OPEN, status=409)
    return RedirectResponse(f"/admin/closing#closing-{closing_id}", 303)


def _read(request: Request, typed: dict[str, str]) -> Closing | str:
    """What the form asks for, or what is wrong with it."""
    office, words = office_of(request), words_of(request)
    now = office.clock.now().astimezone(words.zone)
    service = typed.get("service") or None
    if service is not None and service not in office.facts.current().services:
        return NO_DAY
    try:
        since = _time(typed.get("from", "")) or now.time().replace(second=0, microsecond=0)
        is_rest = typed.get("when") == REST
        first = now.date() if is_rest else date.fromisoformat(typed.get("first", ""))
        until = typed.get("until") or first.isoformat()
        last = first if is_rest else date.fromisoformat(until)
    except ValueError:
        return NO_DAY
    if first < now.date() or last < first:
        return NO_DAY
    if (last - first).days >= MOST_CLOSED_DAYS:
        return TOO_MANY
    languages = sorted(known_languages(), key=lambda code: code != words.site_language)
    reasons = {code: typed.get(f"{REASON}{code}", "") for code in languages}
    reasons = {code: text for code, text in reasons.items() if text}
    if not reasons:
        return NO_REASON
    days = tuple(first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return Closing(
        days=days, reasons=reasons, from_time=since if is_rest else None, service=service
    )


def _time(text: str) -> time | None:
    """Raises ValueError."""
    return time.fromisoformat(text) if text else None


def _digest(closing: Closing, found: Sequence[Rebooking]) -> str:
    moves = [(one.affected.number, one.affected.place, one.place) for one in found]
    return hashlib.sha256(repr((closing, moves)).encode()).hexdigest()


def _look(
    request: Request,
    closing: Closing,
    found: Sequence[Rebooking],
    *,
    seen: str,
    is_late: bool,
) -> Response:
    renderer, words = renderer_of(request), closing_words_of(request)
    context = ClosingLook(
        shell=renderer.shell(request),
        around=around(request),
        days=words.days(closing),
        what=words.what(closing),
        why=words.why(closing),
        bookings=len(found),
        people=sum(one.affected.people for one in found),
        without_place=sum(one.place is None for one in found),
        shares=_shares(words, found),
        moves=tuple(_line(words, one) for one in found),
        fields=_fields(closing),
        seen=seen,
        is_late=is_late,
    )
    return renderer.page(request, "admin/closing_look.html", context)


def _shares(words: ClosingWords, found: Sequence[Rebooking]) -> tuple[DayShare, ...]:
    people: Counter[date] = Counter()
    for one in found:
        if one.place is not None:
            people[one.place.day] += one.affected.people
    most = max(people.values(), default=1)
    return tuple(
        DayShare(day=words.day(day), people=number, percent=round(100 * number / most))
        for day, number in sorted(people.items())
    )


def _line(words: ClosingWords, one: Rebooking) -> MoveLine:
    affected, language = one.affected, words.words.language
    return MoveLine(
        number=show_number(affected.number),
        people=language.count("%(num)d person", "%(num)d people", affected.people),
        is_priority=affected.is_priority,
        before=words.place(affected.place),
        after=words.place(one.place),
        has_place=one.place is not None,
    )


def _fields(closing: Closing) -> tuple[tuple[str, str], ...]:
    """The form once more."""
    fields = {
        "when": DAYS if closing.from_time is None else REST,
        "first": closing.days[0].isoformat(),
        "until": closing.days[-1].isoformat(),
        "service": closing.service or "",
        **{f"{REASON}{code}": text for code, text in closing.reasons.items()},
    }
    if closing.from_time is not None:
        fields["from"] = f"{closing.from_time:%H:%M}"
    return tuple(fields.items())


def _page(
    request: Request,
    closer: Closer,
    typed: dict[str, str],
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    renderer, words = renderer_of(request), closing_words_of(request)
    language, today = words.words.language, words.today
    facts, say = office_of(request).facts.current(), language.say
    services = [("", say(N_("The whole office")))]
    services += [(code, words.words.service(code) or code) for code in facts.services]
    tomorrow = (today + timedelta(days=1)).isoformat()
    shell = renderer.shell(request)
    own = words.words.site_language
    context = ClosingPage(
        shell=shell,
        around=around(request, problem=say(problem)),
        closed=tuple(_card(words, one) for one in closer.closings()),
        is_rest=typed.get("when") == REST,
        can_rest=not facts.opening(today, language=language.code).is_closed,
        first=typed.get("first", tomorrow),
        until=typed.get("until", ""),
        least=today.isoformat(),
        service=Field(
            name="service",
            label=say(N_("What is closed")),
            value=typed.get("service", ""),
            kind="select",
            choices=tuple(services),
        ),
        reasons=tuple(
            Field(
                name=f"{REASON}{code}",
                label=name,
                value=typed.get(f"{REASON}{code}", ""),
            )
            for code, name in sorted(shell.languages, key=lambda one: one[0] != own)
        ),
    )
    return renderer.page(request, "admin/closing.html", context, status=status)


def _card(words: ClosingWords, one: ClosedDays) -> ClosedCard:
    return ClosedCard(
        closing_id=one.closing_id,
        days=words.days(one.closing),
        what=words.what(one.closing),
        why=words.why(one.closing),
        who=one.by,
        bookings=one.bookings,
        without_place=one.without_place,
        calls=one.open_calls,
        is_open_again=one.reopened_at is not None,
    )
