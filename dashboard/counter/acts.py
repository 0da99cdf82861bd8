"""What an officer does at a counter, by name and in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.counter.pages import AtCounter, counter_page, live_part, writer
from dashboard.web.auth import OfficeSession, check_form, office_of, open_session
from dashboard.web.gate.control import LIVE_HEADER
from dashboard.web.login import Successor, TurnedAway
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.accounts import Role
from screening.errors import OfficeError
from screening.office.changes import ALL, with_changed_counter
from screening.office.counters import Counter
from screening.queue.queue import Order
from screening.queue.tickets import Act, QueueRefusal

router = APIRouter(
    prefix="/counter/{desk}", include_in_schema=False, dependencies=[Depends(check_form)]
)

OUTCOME_LIMIT = 60
NOT_AN_OFFICER = N_("Name or password is wrong, or this person may not work at a counter.")
NOT_SO = N_("The counter was not changed: %(why)s")


@router.post("/settings")
def settle(
    request: Request,
    session: OfficeSession,
    counter: AtCounter,
    place: Annotated[str, Form()] = "",
    room: Annotated[str, Form()] = "",
    services: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Another place, or other services; without any it takes all."""
    values = {"place": place, "room": room, "services": ",".join(services or ()) or ALL}
    return _change(request, counter, values, by=session.user)


@router.post("/open")
def reopen(request: Request, session: OfficeSession, counter: AtCounter) -> Response:
    """Visitors are called here again."""
    return _change(request, counter, {"open": "yes"}, by=session.user)


@router.post("/close")
def close(request: Request, session: OfficeSession, counter: AtCounter) -> Response:
    """Nobody else is called here; who is there is served."""
    return _change(request, counter, {"open": "no"}, by=session.user)


@router.post("/help")
def ask_for_help(
    request: Request,
    session: OfficeSession,
    counter: AtCounter,
    of: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form()] = "yes",
) -> Response:
    """Ask the others and the guard to come, or say that it is over; ``of`` names another
    counter."""
    values = {"help": "yes" if wanted == "yes" else "no"}
    return _change(request, counter, values, by=session.user, name=of or counter.name)


@router.post("/hand-over")
def hand_over(
    request: Request, session: OfficeSession, counter: AtCounter, found: Successor
) -> Response:
    """The next officer works on here: their session replaces this one."""
    if isinstance(found, TurnedAway):
        words = found.words(renderer_of(request).language(request))
        return _notice(request, counter, words, status=found.status)
    if found is None or found.role is Role.GUARD:
        say = renderer_of(request).language(request).say
        return _notice(request, counter, say(NOT_AN_OFFICER), status=403)
    office = office_of(request)
    office.log.hand_over(
        gate=counter.name, from_user=session.user, to_user=found.name, at=office.clock.now()
    )
    response = RedirectResponse(f"/counter/{counter.name}", 303)
    open_session(request, response, found)
    return response


@router.post("/{act}")
def do(
    request: Request,
    session: OfficeSession,
    counter: AtCounter,
    act: Act,
    ticket: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    of: Annotated[str, Form()] = "",
) -> Response:
    """An act on the number that the page showed: nobody else is meant by it.

    ``of`` is the number whose last act is undone; without it what was done last at the counter.
    """
    office = office_of(request)
    if act is Act.UNDO:
        ticket = of
    order = Order(
        act=act,
        counter=counter.name,
        by=session.user,
        ticket=None if act is Act.CALL_NEXT else ticket or None,
        service=service,
        outcome=outcome.strip()[:OUTCOME_LIMIT],
    )
    answer = office.queue.act(order, at=office.clock.now())
    if answer is None or isinstance(answer, QueueRefusal):
        return _refused(request, counter, answer)
    return _done(request, counter)


def _change(
    request: Request, counter: Counter, values: Mapping[str, str], *, by: str, name: str = ""
) -> Response:
    office = office_of(request)
    try:
        edit = with_changed_counter(name or counter.name, values)
        office.facts.change(edit, operator=by, at=office.clock.now())
    except OfficeError as error:
        told = renderer_of(request).language(request).say(NOT_SO) % {"why": error}
        return _notice(request, counter, told, status=409)
    return _done(request, counter)


def _done(request: Request, counter: Counter) -> Response:
    if LIVE_HEADER in request.headers:
        return HTMLResponse(live_part(request, counter))
    return RedirectResponse(f"/counter/{counter.name}", 303)


def _refused(request: Request, counter: Counter, why: QueueRefusal | None) -> Response:
    return _notice(request, counter, writer(request).refusal(why), status=409)


def _notice(request: Request, counter: Counter, notice: str, *, status: int) -> Response:
    if LIVE_HEADER in request.headers:
        return Response(notice, status_code=status, media_type="text/plain")
    return counter_page(request, counter, notice=notice, status=status)
