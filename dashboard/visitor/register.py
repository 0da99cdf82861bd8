"""Registering for a visit: a service, a day, a name, a last look, and the receipt.

Every page is asked for at an address that names nobody, and what was typed waits in the browser
(see ``register_draft``). Every form leads on to such an address, also where something is wrong. So
going back, reloading and another language lose nothing. A form that is sent twice keeps one place
and gives one receipt: both bear the same visit's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from dashboard.visitor.register_contexts import RegisterDone
from dashboard.visitor.register_draft import (
    MOST_ANSWERS,
    PATH,
    Draft,
    drop_draft,
    is_visit,
    keep_draft,
    new_visit,
    read_draft,
)
from dashboard.visitor.register_pages import (
    Visit,
    asked_of,
    check_page,
    days_page,
    details_page,
    problems_of,
    seal_of,
    services_page,
    told_page,
    told_wait,
)
from dashboard.visitor.register_words import value_of
from dashboard.visitor.words import REFUSALS, typed_answers
from dashboard.web.auth import address_of, check_form, current_session, know_visitor
from dashboard.web.guessing import PLACES_WINDOW_S, PlaceBrake
from dashboard.web.preferences import keep_choice
from screening.errors import ReceiptError
from screening.office.services import Booking as Books
from screening.office.services import Channel, Service
from screening.registration.bookings import BadRequest, BookingRefusal, NotBookable, Place
from screening.registration.registrar import Registrar

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[Depends(know_visitor)])

AWAY_S = 15.0
"""A place is kept so much longer for whoever has left the page: they may only have reloaded it."""

DETAILS = f"{PATH}/details"
CHECK = f"{PATH}/check"
DONE = f"{PATH}/done"


async def typed_form(request: Request) -> dict[str, str]:
    """The fields of the form that was sent, as they were typed; a file is nothing."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(typed_form)]
Wait = Annotated[int, Query(ge=0, le=int(PLACES_WINDOW_S))]


@router.get("")
def choose(
    request: Request,
    service: Annotated[str, Query(max_length=64)] = "",
    taken: str = "",
    because: str = "",
    wrong: bool = False,
    wait: Wait = 0,
) -> Response:
    """The services, or the days of one of them.

    The last choice could not be kept: ``taken`` is that place and ``because`` a BookingRefusal;
    ``wrong``: there was none; ``wait``: so many seconds are to be waited.
    """
    visit = Visit(request, read_draft(request))
    found = visit.service(service)
    if found is None or visit.registrar is None:
        return services_page(visit, is_unknown=bool(service))
    if not _is_registered_for(found):
        return told_page(visit, found)
    if wait:
        return _late(days_page(visit, visit.registrar, found, told_wait(visit, wait), 429), wait)
    if wrong:
        problem = visit.say("Choose one of the days.")
        return days_page(visit, visit.registrar, found, problem, 422)
    wanted = _place_of(found, taken)
    if wanted is None:
        return days_page(visit, visit.registrar, found)
    known = because if because in set(BookingRefusal) else BookingRefusal.NOT_BOOKABLE
    problem = f"{visit.say(REFUSALS[BookingRefusal(known)])} {visit.say('What you typed is kept.')}"
    return days_page(visit, visit.registrar, found, problem, 409, instead_of=wanted)


@router.get("/details")
def details(request: Request, wrong: bool = False) -> Response:
    """Who comes. ``wrong``: what was typed could not be used."""
    visit = Visit(request, read_draft(request))
    service = visit.service(visit.draft.service)
    if visit.draft.is_done or service is None or not _has_chosen(visit.draft, service):
        return visit.to(_first_gap(visit))
    return details_page(visit, service, tells=wrong)


@router.get("/check")
def check(request: Request, newer: bool = False, wrong: bool = False, wait: Wait = 0) -> Response:
    """All of it once more, before it is registered.

    ``newer``: another page changed it meanwhile; ``wrong``: it could not be registered; ``wait``:
    so many seconds are to be waited.
    """
    visit = Visit(request, read_draft(request))
    gap = _first_gap(visit)
    service = visit.service(visit.draft.service)
    if gap != CHECK or service is None:
        return visit.to(gap)
    if wait:
        return _late(check_page(visit, service, told_wait(visit, wait), 429), wait)
    if wrong:
        problem = visit.say("This could not be registered. Look it over, and try once more.")
        return check_page(visit, service, problem, 422)
    problem = visit.say("This registration was changed on another page. Look it over once more.")
    return check_page(visit, service, problem if newer else "")


@router.get("/done")
def done(request: Request) -> Response:
    """Somebody went back after they had registered."""
    visit = Visit(request, read_draft(request))
    if not visit.draft.is_done:
        return visit.to(_first_gap(visit))
    context = RegisterDone(shell=visit.renderer.shell(request), visit=visit.draft.visit)
    return visit.renderer.page(request, "visitor/register_done.html", context)


@router.post("", dependencies=[Depends(check_form)])
def go_on(request: Request, typed: Typed) -> Response:
    """Whatever button was pressed; ``act`` names it. What was typed is kept in any case."""
    visit = Visit(request, _with_typed(read_draft(request), typed))
    if visit.registrar is None:
        return visit.to(PATH)
    if "language" in typed or "theme" in typed:
        return _chosen_look(visit, typed)
    act = "day" if "instead" in typed else typed.get("act", "")
    return _ACTS.get(act, _nothing)(visit, visit.registrar, typed)


def _nothing(visit: Visit, _: Registrar, __: Mapping[str, str]) -> Response:
    return visit.to(_first_gap(visit))


def _chosen_look(visit: Visit, typed: Mapping[str, str]) -> Response:
    answer = visit.to(_page_of(visit, typed), visit.draft if visit.draft.visit else None)
    language, theme = typed.get("language", ""), typed.get("theme", "")
    keep_choice(visit.request, answer, language=language, theme=theme)
    return answer


def _page_of(visit: Visit, typed: Mapping[str, str]) -> str:
    """The page whose form was sent."""
    at, service = typed.get("at", ""), visit.service(typed.get("service", ""))
    if at == "day" and service is not None:
        return _days_of(service)
    return DETAILS if at == "details" else PATH


def _say_who(visit: Visit, _: Registrar, typed: Mapping[str, str]) -> Response:
    """Show the days for so many people."""
    return visit.to(_page_of(visit, typed), visit.draft)


def _take_day(visit: Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
    """Keep the place that was chosen, and go on to who comes."""
    service = visit.service(typed.get("service", ""))
    if service is None:
        return visit.to(PATH)
    if not _is_registered_for(service):
        return visit.to(_days_of(service))
    draft = replace(visit.draft, service=service.code)
    if service.booking is Books.NONE:
        _give_back(registrar, draft)
        chosen = replace(draft, day=None, start=None, until=None)
        return visit.to(_next(visit, chosen), chosen)
    chosen_place = _place_of(service, typed.get("instead") or typed.get("choice", ""))
    if chosen_place is None:
        return visit.to(f"{_days_of(service)}&wrong=1", visit.draft)
    return _held(visit, registrar, service, chosen_place)


def _held(visit: Visit, registrar: Registrar, service: Service, place: Place) -> Response:
    """Hold that place, and go on to what is missing; or the days, where it cannot be had."""
    people = visit.draft.people or 1
    wait_s = _wait_s(visit, people)
    if wait_s > 0:
        return visit.to(f"{_days_of(service)}&wait={ceil(wait_s)}", visit.draft)
    draft = visit.draft
    try:
        hold = registrar.hold(
            place,
            party_size=people,
            is_priority=draft.priority is not None,
            instead_of=draft.visit,
            hold_id=draft.visit,
        )
    except NotBookable as error:
        return _taken(visit, place, error.code)
    except BadRequest:
        return visit.to(f"{_days_of(service)}&wrong=1", draft)
    chosen = replace(
        draft,
        service=service.code,
        day=hold.place.day,
        start=hold.place.start,
        until=hold.until,
        held_people=hold.party_size,
        is_held_with_priority=hold.is_priority,
    )
    return visit.to(_next(visit, chosen), chosen)


def _take_details(visit: Visit, registrar: Registrar, _: Mapping[str, str]) -> Response:
    """Look at what was typed, and hold a place for as many as come."""
    draft, service = visit.draft, visit.service(visit.draft.service)
    if service is None or not _has_chosen(draft, service):
        return visit.to(_first_gap(visit), draft if draft.visit else None)
    if any(problems_of(draft, service)):
        return visit.to(f"{DETAILS}?wrong=1", draft)
    place = draft.place
    if place is None or _is_kept(visit):
        return visit.to(CHECK, draft)
    return _held(visit, registrar, service, place)


def _other_day(visit: Visit, _: Registrar, __: Mapping[str, str]) -> Response:
    """Back to the days; what was typed about who comes is kept."""
    service = visit.service(visit.draft.service)
    return visit.to(PATH if service is None else _days_of(service), visit.draft)


def _register(visit: Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
    """Hand out the receipt; whoever sends it twice is shown the same one."""
    draft, service = visit.draft, visit.service(visit.draft.service)
    before = _receipt_of(registrar, typed)
    if before is not None:
        return visit.to(before)
    if service is None or _first_gap(visit) != CHECK:
        return visit.to(_first_gap(visit), draft if draft.visit else None)
    if typed.get("seen") != seal_of(draft):
        return visit.to(f"{CHECK}?newer=1", draft)
    wait_s = _wait_s(visit, draft.people, has_place=True)
    if wait_s > 0:
        return visit.to(f"{CHECK}?wait={ceil(wait_s)}", draft)
    return _handed_out(visit, registrar, service)


def _handed_out(visit: Visit, registrar: Registrar, service: Service) -> Response:
    draft = visit.draft
    asked = asked_of(draft, service, visit.words.language.code)
    try:
        registered = registrar.register(asked, hold_id=draft.visit)
    except NotBookable as error:
        return _taken(visit, draft.place, error.code)
    except (BadRequest, ReceiptError):
        return visit.to(f"{CHECK}?wrong=1", draft)
    return visit.to(registered.link, Draft(visit=draft.visit, is_done=True))


def _leave(visit: Visit, registrar: Registrar, _: Mapping[str, str]) -> Response:
    """Give the place back and forget what was typed."""
    _give_back(registrar, visit.draft)
    answer = visit.to("/")
    drop_draft(visit.request, answer)
    return answer


def _go_away(visit: Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
    """The page is closed or left: others may soon have the place."""
    if _has_page(visit, typed) and _is_counted(visit) and not _has_receipt(visit, registrar):
        with suppress(NotBookable, BadRequest):
            _hold_again(visit, registrar, visit.now + timedelta(seconds=AWAY_S))
    return Response(status_code=204)


def _come_back(visit: Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
    """The page is seen again: the place is kept as long as before, or 409 where it is gone."""
    if not _has_page(visit, typed) or _has_receipt(visit, registrar):
        return Response(status_code=409)
    try:
        if _wait_s(visit, visit.draft.held_people, has_place=True) == 0:
            _hold_again(visit, registrar, visit.draft.until)
            return Response(status_code=204)
    except (NotBookable, BadRequest):
        pass
    answer = Response(status_code=409)
    keep_draft(visit.request, answer, replace(visit.draft, until=visit.now))
    return answer


def _has_page(visit: Visit, typed: Mapping[str, str]) -> bool:
    """Whether a place is held still for the registration that this page is of."""
    draft = visit.draft
    is_held = draft.until is not None and visit.now < draft.until and not draft.is_done
    return is_held and draft.visit == typed.get("visit")


def _is_counted(visit: Visit) -> bool:
    """Whether a place was asked for here; the browser's word that it has one is not believed."""
    brake: PlaceBrake = visit.request.app.state.place_brake
    people = visit.draft.held_people
    return current_session(visit.request) is not None or brake.is_counted(visit.draft.visit, people)


def _has_receipt(visit: Visit, registrar: Registrar) -> bool:
    return registrar.registered_with(visit.draft.visit) is not None


def _hold_again(visit: Visit, registrar: Registrar, until: datetime | None) -> None:
    """The same place for the same people, at most as long as was told before.

    Raises NotBookable and BadRequest.
    """
    draft = visit.draft
    if draft.place is None or draft.until is None or until is None:
        raise BadRequest({"day": "missing"})
    registrar.hold(
        draft.place,
        party_size=draft.held_people,
        is_priority=draft.is_held_with_priority,
        instead_of=draft.visit,
        hold_id=draft.visit,
        until=min(until, draft.until),
    )


def _open_again(visit: Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
    """The receipt of somebody who went back."""
    return visit.to(_receipt_of(registrar, typed) or PATH)


_ACTS: dict[str, Callable[[Visit, Registrar, Mapping[str, str]], Response]] = {
    "who": _say_who,
    "day": _take_day,
    "details": _take_details,
    "other-day": _other_day,
    "register": _register,
    "leave": _leave,
    "away": _go_away,
    "back": _come_back,
    "open": _open_again,
}


def _with_typed(draft: Draft, typed: Mapping[str, str]) -> Draft:
    """The draft with the fields that this form has; a new one after the last was registered."""
    over = ""
    if draft.is_done and typed.get("act") not in {"register", "open"}:
        over, draft = draft.visit, Draft()
    sent = typed.get("visit", "")
    own = sent if is_visit(sent) and sent != over else new_visit()
    answers = typed_answers(typed)
    return replace(
        draft,
        visit=draft.visit or own,
        party=typed.get("party", draft.party),
        group=typed.get("group", draft.group),
        name=typed.get("name", draft.name),
        contact=typed.get("contact", draft.contact),
        answers=dict(list({**answers, **{**draft.answers, **answers}}.items())[:MOST_ANSWERS]),
    )


def _is_registered_for(service: Service) -> bool:
    """Whether a receipt is wanted; who comes straight in needs none unless a time is booked."""
    if service.channel in {Channel.ONLINE_ONLY, Channel.CLOSED}:
        return False
    return service.channel is Channel.COLLECTION or service.booking is not Books.NONE


def _has_chosen(draft: Draft, service: Service) -> bool:
    """Whether the day and time that this service needs are chosen."""
    if not draft.visit or not _is_registered_for(service):
        return False
    if service.booking is Books.NONE:
        return True
    return draft.day is not None and (draft.start is not None) == (service.booking is Books.SLOT)


def _first_gap(visit: Visit) -> str:
    """The first page on which something is missing, the last look where nothing is."""
    draft, service = visit.draft, visit.service(visit.draft.service)
    if draft.is_done:
        return DONE
    if service is None:
        return PATH
    if not _has_chosen(draft, service):
        return _days_of(service)
    return _next(visit, draft)


def _next(visit: Visit, draft: Draft) -> str:
    """After the day: who comes, or the last look where that is told already."""
    service = visit.service(draft.service)
    if service is None or any(problems_of(draft, service)):
        return DETAILS
    return CHECK


def _place_of(service: Service, choice: str) -> Place | None:
    """The place that a form names, None for what no form of ours sends."""
    day, _, start = choice.partition("T")
    try:
        begins = time.fromisoformat(start) if start else None
        return Place(service=service.code, day=date.fromisoformat(day), start=begins)
    except ValueError:
        return None


def _is_kept(visit: Visit) -> bool:
    """Whether a place is held still, for those who come."""
    draft = visit.draft
    is_of_them = (draft.held_people, draft.is_held_with_priority) == (
        draft.people,
        draft.priority is not None,
    )
    return draft.until is not None and visit.now < draft.until and is_of_them


def _receipt_of(registrar: Registrar, typed: Mapping[str, str]) -> str | None:
    """The page of the receipt that this visit got, None where it got none yet."""
    visit = typed.get("visit", "")
    found = registrar.registered_with(visit) if is_visit(visit) else None
    return None if found is None else found.link


def _give_back(registrar: Registrar, draft: Draft) -> None:
    if draft.until is not None and not draft.is_done:
        registrar.release(draft.visit)


def _days_of(service: Service) -> str:
    return f"{PATH}?service={service.code}"


def _wait_s(visit: Visit, people: int, *, has_place: bool = False) -> float:
    """How long somebody has to wait who asks for many places; nobody who is logged in.

    ``has_place``: the browser says that a place is held. It is not believed.
    """
    if current_session(visit.request) is not None:
        return 0.0
    brake: PlaceBrake = visit.request.app.state.place_brake
    if has_place and brake.is_counted(visit.draft.visit, people):
        return 0.0
    return brake.begin(address_of(visit.request), visit.draft.visit, people)


def _late(answer: Response, wait_s: float) -> Response:
    answer.headers["Retry-After"] = str(ceil(wait_s))
    return answer


def _taken(visit: Visit, place: Place | None, because: BookingRefusal) -> Response:
    """Somebody else was faster, or it cannot be booked any more: what can be had instead."""
    if place is None:
        return visit.to(f"{PATH}?{urlencode({'service': visit.draft.service})}", visit.draft)
    told = {"service": place.service, "taken": value_of(place), "because": because.value}
    return visit.to(f"{PATH}?{urlencode(told)}", visit.draft)
