"""A receipt at the desk: what it says, on paper, too, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.desk.contexts import ContactPart, DeskReceipt, PlaceDay, SlipPart
from dashboard.desk.places import Registering, desk_words, places_of, typed_place
from dashboard.desk.words import CANNOT_CHANGE, DONE, TAKEN_BACK, UNDONE, contact_link
from dashboard.visitor.receipt_words import MISSED, STAGES, ReceiptWords, receipt_words_of
from dashboard.visitor.words import REFUSALS
from dashboard.web.auth import DeskSession, RoleRefused, check_form, office_of
from dashboard.web.office import Office, ReceiptPage
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from screening.accounts import Role, WebSession
from screening.errors import UnknownReceipt
from screening.registration.bookings import ActKind, BadRequest, BookingRefusal, NotBookable
from screening.registration.registrar import Registrar

router = APIRouter(prefix="/desk/{number}", include_in_schema=False)

CANCELLED = "cancelled"
"""What the log says of a receipt that was cancelled here."""
_DONE = {"move": ActKind.MOVED, "cancel": ActKind.CANCELLED, "replace": ActKind.REPLACED}
"""What each button of the page does."""


def found_receipt(request: Request, number: str) -> ReceiptPage:
    """The receipt with this number; 404 for an unknown one."""
    found = office_of(request).desk_receipt(number)
    if found is None:
        raise HTTPException(404)
    return found


FoundReceipt = Annotated[ReceiptPage, Depends(found_receipt)]


@router.get("")
def receipt(
    request: Request,
    session: DeskSession,
    registrar: Registering,
    found: FoundReceipt,
    done: str = "",
) -> Response:
    """A receipt: what it says, and what can be done with it."""
    return _receipt(request, session, registrar, found, done=done)


@router.post("", dependencies=[Depends(check_form)])
def change(
    request: Request,
    session: DeskSession,
    registrar: Registering,
    found: FoundReceipt,
    act: Annotated[str, Form()] = "",
    place: Annotated[str, Form()] = "",
) -> Response:
    """Move, cancel or replace it; or show how to reach its holder, and note who asked."""
    if act == "contact":
        if not _sees_all(session):
            raise RoleRefused(session.role)
        contact = registrar.contact(found.claims.number, by=session.user)
        return _receipt(request, session, registrar, found, contact=contact or "")
    number, words = found.claims.number, receipt_words_of(request, found)
    if not words.can_cancel:
        return _receipt(request, session, registrar, found, problem=CANNOT_CHANGE, status=409)
    if act == "move" and words.is_missed:
        return _receipt(request, session, registrar, found, problem=MISSED, status=409)
    office = office_of(request)
    try:
        if act == "move":
            _move(registrar, number, place, by=session.user)
        elif act == "cancel":
            _cancel(office, registrar, found, by=session.user)
        elif act == "replace":
            number = registrar.reissue(number, by=session.user).receipt.number
    except NotBookable as error:
        problem = CANNOT_CHANGE if act == "replace" else REFUSALS[error.code]
        return _receipt(request, session, registrar, found, problem=problem, status=409)
    except (BadRequest, UnknownReceipt):
        problem = REFUSALS[BookingRefusal.NOT_BOOKABLE]
        return _receipt(request, session, registrar, found, problem=problem, status=422)
    done = _DONE.get(act)
    return RedirectResponse(f"/desk/{number}" + (f"?done={done}" if done else ""), 303)


def _sees_all(session: WebSession) -> bool:
    """Answers and contact are for whoever serves and calls, not for guards at the desk."""
    return session.role is not Role.GUARD


def _move(registrar: Registrar, number: str, place: str, *, by: str) -> None:
    day, start = typed_place(place)
    if day is None:
        raise BadRequest({"day": "missing"})
    registrar.change(number, day, start, by=by)


def _cancel(office: Office, registrar: Registrar, found: ReceiptPage, *, by: str) -> None:
    number = found.claims.number
    if found.booking is not None:
        registrar.cancel(number, by=by)
    else:
        office.revoke_receipt(number, CANCELLED, by)


def _receipt(
    request: Request,
    session: WebSession,
    registrar: Registrar,
    found: ReceiptPage,
    *,
    done: str = "",
    contact: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    office, renderer, words = office_of(request), renderer_of(request), desk_words(request)
    shell, facts = renderer.shell(request), office.facts.current()
    own = receipt_words_of(request, found)
    word, state = STAGES[own.stage]
    number, booking = found.claims.number, found.booking
    service = facts.services.get(found.claims.service)
    places: tuple[PlaceDay, ...] = ()
    if own.can_move and booking is not None and service is not None:
        without, people = booking.place, booking.party_size
        places = places_of(office, registrar, words, service, without=without, people=people)
    newest = next((one for one in registrar.acts(session.user) if one.number == number), None)
    told = words.say(UNDONE) if done == TAKEN_BACK else ""
    if newest is not None and newest.is_newest and done == newest.kind:
        told = words.say(DONE[newest.kind])
    context = DeskReceipt(
        shell=shell,
        card=own.card(),
        slip=_slip(request, found) if own.has_code else None,
        state=state,
        word=words.say(word),
        places_taken=own.live(None).places,
        is_priority=found.is_priority,
        answers=words.words.answers(found.claims.service, found.answers)
        if _sees_all(session)
        else (),
        contact=ContactPart(told=contact, link=contact_link(contact))
        if found.has_contact and _sees_all(session)
        else None,
        given=words.given(found),
        places=places,
        can_move=own.can_move,
        can_cancel=own.can_cancel,
        can_replace=own.can_cancel,
        done=told,
        undo=newest.entry_id if newest is not None and newest.is_newest else None,
        problem=words.say(problem),
    )
    return renderer.page(request, "desk/receipt.html", context, status=status)


def _slip(request: Request, found: ReceiptPage) -> SlipPart:
    """The receipt on paper, in the language in which it was registered."""
    office, renderer = office_of(request), renderer_of(request)
    booked_in = None if found.booking is None else found.booking.language
    language = renderer.languages.choose(booked_in, renderer.language(request).code)
    words = ReceiptWords(
        words_of(request, language), office.facts.current(), found, now=office.clock.now()
    )
    shell = replace(renderer.shell(request), language=language)
    return SlipPart(shell=shell, card=words.card())
