"""The desk: whoever stands there is found, and what was done last is taken back.

What is looked for is sent in a form, so that no name and no code stands in an address. The link of
a receipt is nowhere on these pages.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.desk.contexts import ActLine, ClosedLine, DeskHome
from dashboard.desk.places import Registering, desk_words, typed_day
from dashboard.desk.words import CANNOT_UNDO, CANNOT_UNDO_FULL, TAKEN_BACK, DeskWords
from dashboard.web.auth import DeskSession, check_form, office_of
from dashboard.web.closing_words import ClosingWords
from dashboard.web.queue_words import told_wait, why_untold
from dashboard.web.rendering import renderer_of
from dashboard.web.typed_numbers import RowNumber
from dashboard.web.words import N_, REASONS
from screening.accounts import Role, WebSession
from screening.errors import UnknownReceipt
from screening.receipts.token import PREFIX as CODE
from screening.registration.bookings import BookingRefusal, NotBookable, Registration
from screening.registration.registrar import Registrar

router = APIRouter(prefix="/desk", include_in_schema=False)

FOUND_SHOWN = 20
DAY_SHOWN = 100
"""A whole day is looked through; of a name that fits more, a longer one is asked for."""
MAX_SHOWN = 120
"""Characters of what was looked for that come back on the page."""
NOBODY_FOUND = N_("Nobody was found. Try a part of the name, or the number on the receipt.")
NO_DAY = N_("Type the day as on the calendar, or leave it empty.")
ELSEWHERE = N_("This receipt is another system's. Change it where it was made.")


@router.get("")
def home(request: Request, session: DeskSession, registrar: Registering) -> Response:
    """The field to find somebody, and what this person did last."""
    return _home(request, session, registrar)


@router.post("", dependencies=[Depends(check_form)])
def find(
    request: Request,
    session: DeskSession,
    registrar: Registering,
    text: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """By a scanned code, a number, a part of a name, or a day; straight to it where it is one."""
    wanted = typed_day(day)
    if day and wanted is None:
        return _home(request, session, registrar, typed=text, day=day, problem=NO_DAY)
    if not text.strip() and wanted is None:
        return RedirectResponse("/desk", 303)
    told = registrar.read(text) if wanted is None else None
    if isinstance(told, Registration):
        if told.claims.issuer != registrar.issuer:
            return _home(request, session, registrar, typed=text, problem=ELSEWHERE)
        return RedirectResponse(f"/desk/{told.claims.number}", 303)
    if told is not None and CODE in text.upper():
        return _home(request, session, registrar, problem=REASONS[told].headline)
    return _search(request, session, registrar, text, wanted)


@router.post("/undo", dependencies=[Depends(check_form)])
def undo(
    request: Request,
    session: DeskSession,
    registrar: Registering,
    entry: Annotated[RowNumber, Form()],
) -> Response:
    """Take back what this person did last with a receipt, where nothing has happened since."""
    try:
        found = registrar.undo(entry, by=session.user)
    except NotBookable as error:
        full = (BookingRefusal.SLOT_FULL, BookingRefusal.QUOTA_REACHED)
        problem = CANNOT_UNDO_FULL if error.code in full else CANNOT_UNDO
        return _home(request, session, registrar, problem=problem, status=409)
    except UnknownReceipt:
        return _home(request, session, registrar, problem=CANNOT_UNDO, status=409)
    return RedirectResponse(f"/desk/{found.claims.number}?done={TAKEN_BACK}", 303)


def _search(
    request: Request, session: WebSession, registrar: Registrar, text: str, day: date | None
) -> Response:
    """Those whose name or number fits; one alone is opened."""
    most = FOUND_SHOWN if day is None else DAY_SHOWN
    found = registrar.find(text, day=day, limit=most + 1)
    ours = [one for one in found if one.claims.issuer == registrar.issuer]
    if len(ours) == 1 and text.strip():
        return RedirectResponse(f"/desk/{ours[0].claims.number}", 303)
    return _home(
        request,
        session,
        registrar,
        typed=text,
        day="" if day is None else day.isoformat(),
        problem="" if ours else NOBODY_FOUND,
        found=ours[:most],
        has_more=len(found) > most,
    )


def _home(
    request: Request,
    session: WebSession,
    registrar: Registrar,
    *,
    typed: str = "",
    day: str = "",
    problem: str = "",
    found: list[Registration] | None = None,
    has_more: bool = False,
    status: int = 200,
) -> Response:
    renderer, words = renderer_of(request), desk_words(request)
    context = DeskHome(
        shell=renderer.shell(request),
        typed=typed[:MAX_SHOWN],
        day=day if typed_day(day) else "",
        problem=words.say(problem),
        found=None if found is None else tuple(words.found(one) for one in found),
        has_more=has_more,
        acts=_acts(session, registrar, words),
        wait=_wait(request),
        closed=() if session.role is Role.GUARD else _closed(request, words),
    )
    return renderer.page(request, "desk/home.html", context, status=status)


def _wait(request: Request) -> str:
    office, language = office_of(request), renderer_of(request).language(request)
    wait = office.newcomer_wait(office.standing(language.code))
    return told_wait(wait, language) or why_untold(wait, language)


def _closed(request: Request, words: DeskWords) -> tuple[ClosedLine, ...]:
    closer = office_of(request).closer
    if closer is None:
        return ()
    told = ClosingWords(words.words, words.today)
    return tuple(
        ClosedLine(
            closing_id=one.closing_id,
            days=told.days(one.closing),
            what=told.what(one.closing),
            why=told.why(one.closing),
            calls=one.open_calls,
        )
        for one in closer.closings()
        if one.reopened_at is None and (one.open_calls or one.closing.days[-1] >= words.today)
    )


def _acts(session: WebSession, registrar: Registrar, words: DeskWords) -> tuple[ActLine, ...]:
    return tuple(
        words.act(one, registrar.registration(one.number)) for one in registrar.acts(session.user)
    )
