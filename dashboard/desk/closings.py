"""Whom the desk calls after days were closed, and how each call went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.desk.contexts import CallLine, CallList
from dashboard.desk.words import contact_link
from dashboard.visitor.receipt_words import shown_name
from dashboard.web.auth import ClosesDays, OfficeSession, check_form
from dashboard.web.closing_words import ClosingWords, closing_words_of
from dashboard.web.rendering import renderer_of
from dashboard.web.typed_numbers import SmallNumber
from dashboard.web.words import N_
from screening.errors import UnknownClosing
from screening.receipts.number import show_number
from screening.registration.closing import Moved, Told

router = APIRouter(prefix="/desk/closings", include_in_schema=False)

TOLD: dict[Told, str] = {
    Told.AGREED: N_("Agreed"),
    Told.CALLED: N_("Called, thinks about it"),
    Told.NOT_REACHED: N_("Not reached"),
}


@router.get("/{closing_id}")
def show(
    request: Request, session: OfficeSession, closer: ClosesDays, closing_id: SmallNumber
) -> Response:
    """Those who left a contact, whoever has no place yet first; how many others there are."""
    try:
        closed = closer.closing(closing_id)
    except UnknownClosing as error:
        raise HTTPException(404) from error
    renderer, words = renderer_of(request), closing_words_of(request)
    moved = closer.moved(closing_id)
    to_call = [one for one in moved if one.contact]
    context = CallList(
        shell=renderer.shell(request),
        closing_id=closing_id,
        days=words.days(closed.closing),
        what=words.what(closed.closing),
        why=words.why(closed.closing),
        open_calls=tuple(_line(words, one) for one in _in_order(to_call) if not _is_done(one)),
        done=tuple(_line(words, one) for one in to_call if _is_done(one)),
        others=tuple(_line(words, one) for one in moved if not one.contact),
        answers=tuple((told.value, words.words.language.say(word)) for told, word in TOLD.items()),
    )
    return renderer.page(request, "desk/closing.html", context)


@router.post("/{closing_id}", dependencies=[Depends(check_form)])
def tell(
    request: Request,
    session: OfficeSession,
    closer: ClosesDays,
    closing_id: SmallNumber,
    number: Annotated[str, Form(max_length=40)],
    told: Annotated[Told, Form()],
) -> Response:
    """Note how a call went; the last one counts."""
    try:
        closer.tell(closing_id, number, told, by=session.user)
    except UnknownClosing as error:
        raise HTTPException(404) from error
    return RedirectResponse(f"/desk/closings/{closing_id}#calls", 303)


def _is_done(one: Moved) -> bool:
    return one.told is Told.AGREED or one.is_settled


def _in_order(moved: list[Moved]) -> list[Moved]:
    """Those without a place first, then those whom nobody has called yet."""
    return sorted(moved, key=lambda one: (one.after is not None, one.told is not None))


def _line(words: ClosingWords, one: Moved) -> CallLine:
    say = words.words.language.say
    state = "" if one.told is None else say(TOLD[one.told])
    if one.is_settled and one.told is not Told.AGREED:
        state = say(N_("Chose something else, or came"))
    return CallLine(
        number=one.number,
        shown=show_number(one.number),
        name=shown_name(one.name),
        contact=one.contact,
        link=contact_link(one.contact),
        language=one.language.upper(),
        before=words.place(one.before),
        after=words.place(one.after),
        has_place=one.after is not None,
        is_priority=one.is_priority,
        state=state,
        by=one.told_by,
        told="" if one.told is None else one.told.value,
    )
