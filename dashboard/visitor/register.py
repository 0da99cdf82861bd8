"""Registering for a visit: a service, a day, a name, a last look, and the receipt.

Every page is asked for at an address that names nobody, and what was typed waits in the browser
(see ``register_draft``). Every form leads on to such an address, also where something is wrong. So
going back, reloading and another language lose nothing. A form that is sent twice keeps one place
and gives one receipt: both bear the same visit's name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.visitor.register_contexts import (
    RegisterCheck,
    RegisterDay,
    RegisterDetails,
    RegisterDone,
    RegisterServices,
    RegisterTold,
)
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
from dashboard.visitor.register_words import RegisterWords, value_of
from dashboard.visitor.status_words import StatusWords
from dashboard.visitor.words import CHANNELS
from dashboard.web.auth import address_of, check_form, current_session, know_visitor, office_of
from dashboard.web.guessing import PLACES_WINDOW_S, PlaceBrake
from dashboard.web.office_words import words_of
from dashboard.web.preferences import keep_choice
from dashboard.web.rendering import renderer_of
from screening.decision import Check
from screening.errors import ReceiptError
from screening.office.services import Booking as Books
from screening.office.services import Channel, Service
from screening.registration.bookings import BadRequest, BookingRefusal, NotBookable, Offer, Place
from screening.registration.bookings import Request as Asked
from screening.registration.registrar import MAX_ANSWER, Registrar, clean_request, seen_text
from screening.registration.rules import Wanted, alternatives_to

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[Depends(know_visitor)])

DETAILS = f"{PATH}/details"
CHECK = f"{PATH}/check"
DONE = f"{PATH}/done"
DAYS_SHOWN = 62


async def typed_form(request: Request) -> dict[str, str]:
    """The fields of the form that was sent, as they were typed; a file is nothing."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(typed_form)]
Wait = Annotated[int, Query(ge=0, le=int(PLACES_WINDOW_S))]
_FULL = frozenset({BookingRefusal.SLOT_FULL, BookingRefusal.QUOTA_REACHED})


class _Visit:
    """One request of somebody who registers, with what they chose before."""

    def __init__(self, request: Request, draft: Draft) -> None:
        self.request = request
        self.draft = draft
        self.renderer = renderer_of(request)
        self.office = office_of(request)
        self.words = words_of(request)
        self.facts = self.office.facts.current()
        self.now = self.office.clock.now().astimezone(self.words.zone)

    @property
    def registrar(self) -> Registrar | None:
        """None where nothing can be booked."""
        return self.office.registrar

    def say(self, message: str) -> str:
        return self.words.language.say(message)

    def service(self, code: str) -> Service | None:
        return self.facts.services.get(code)

    def writer(self, service: Service) -> RegisterWords:
        return RegisterWords(self.words, self.facts, service, self.now)

    @property
    def status(self) -> StatusWords:
        holidays = self.office.holidays(self.words.language.code)
        return StatusWords(self.words, self.facts, holidays)

    def to(self, path: str, draft: Draft | None = None) -> Response:
        """Go on to a page, with what was typed by now."""
        answer = RedirectResponse(path, 303)
        if draft is not None:
            keep_draft(self.request, answer, draft)
        return answer


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
    visit = _Visit(request, read_draft(request))
    found = visit.service(service)
    if found is None or visit.registrar is None:
        return _services(visit, is_unknown=bool(service))
    if not _is_registered_for(found):
        return _told(visit, found)
    if wait:
        return _late(_days(visit, visit.registrar, found, _told_wait(visit, wait), 429), wait)
    if wrong:
        problem = visit.say("Choose one of the days.")
        return _days(visit, visit.registrar, found, problem, 422)
    wanted = _place_of(found, taken)
    if wanted is None:
        return _days(visit, visit.registrar, found)
    problem = visit.say(
        "This day cannot be booked any more. What you typed is kept: choose another one."
    )
    if because in _FULL:
        problem = visit.say(
            "This place was taken a moment ago. What you typed is kept: choose another one."
        )
    return _days(visit, visit.registrar, found, problem, 409, instead_of=wanted)


@router.get("/details")
def details(request: Request, wrong: bool = False) -> Response:
    """Who comes. ``wrong``: what was typed could not be used."""
    visit = _Visit(request, read_draft(request))
    service = visit.service(visit.draft.service)
    if visit.draft.is_done or service is None or not _has_chosen(visit.draft, service):
        return visit.to(_first_gap(visit))
    return _details(visit, service, tells=wrong)


@router.get("/check")
def check(request: Request, newer: bool = False, wrong: bool = False, wait: Wait = 0) -> Response:
    """All of it once more, before it is registered.

    ``newer``: another page changed it meanwhile; ``wrong``: it could not be registered; ``wait``:
    so many seconds are to be waited.
    """
    visit = _Visit(request, read_draft(request))
    gap = _first_gap(visit)
    service = visit.service(visit.draft.service)
    if gap != CHECK or service is None:
        return visit.to(gap)
    if wait:
        return _late(_check(visit, service, _told_wait(visit, wait), 429), wait)
    if wrong:
        problem = visit.say("This could not be registered. Look it over, and try once more.")
        return _check(visit, service, problem, 422)
    problem = visit.say("This registration was changed on another page. Look it over once more.")
    return _check(visit, service, problem if newer else "")


@router.get("/done")
def done(request: Request) -> Response:
    """Somebody went back after they had registered."""
    visit = _Visit(request, read_draft(request))
    if not visit.draft.is_done:
        return visit.to(_first_gap(visit))
    context = RegisterDone(shell=visit.renderer.shell(request), visit=visit.draft.visit)
    return visit.renderer.page(request, "visitor/register_done.html", context)


@router.post("", dependencies=[Depends(check_form)])
def go_on(request: Request, typed: Typed) -> Response:
    """Whatever button was pressed; ``act`` names it. What was typed is kept in any case."""
    visit = _Visit(request, _with_typed(read_draft(request), typed))
    if visit.registrar is None:
        return visit.to(PATH)
    if "language" in typed or "theme" in typed:
        return _chosen_look(visit, typed)
    act = "day" if "instead" in typed else typed.get("act", "")
    return _ACTS.get(act, _nothing)(visit, visit.registrar, typed)


def _nothing(visit: _Visit, _: Registrar, __: Mapping[str, str]) -> Response:
    return visit.to(_first_gap(visit))


def _chosen_look(visit: _Visit, typed: Mapping[str, str]) -> Response:
    answer = visit.to(_page_of(visit, typed), visit.draft if visit.draft.visit else None)
    language, theme = typed.get("language", ""), typed.get("theme", "")
    keep_choice(visit.request, answer, language=language, theme=theme)
    return answer


def _page_of(visit: _Visit, typed: Mapping[str, str]) -> str:
    """The page whose form was sent."""
    at, service = typed.get("at", ""), visit.service(typed.get("service", ""))
    if at == "day" and service is not None:
        return _days_of(service)
    return DETAILS if at == "details" else PATH


def _say_who(visit: _Visit, _: Registrar, typed: Mapping[str, str]) -> Response:
    """Show the days for so many people."""
    return visit.to(_page_of(visit, typed), visit.draft)


def _take_day(visit: _Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
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


def _held(visit: _Visit, registrar: Registrar, service: Service, place: Place) -> Response:
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


def _take_details(visit: _Visit, registrar: Registrar, _: Mapping[str, str]) -> Response:
    """Look at what was typed, and hold a place for as many as come."""
    draft, service = visit.draft, visit.service(visit.draft.service)
    if service is None or not _has_chosen(draft, service):
        return visit.to(_first_gap(visit), draft if draft.visit else None)
    if any(_problems(draft, service)):
        return visit.to(f"{DETAILS}?wrong=1", draft)
    place = _place(draft)
    if place is None or _is_kept(visit):
        return visit.to(CHECK, draft)
    return _held(visit, registrar, service, place)


def _other_day(visit: _Visit, _: Registrar, __: Mapping[str, str]) -> Response:
    """Back to the days; what was typed about who comes is kept."""
    service = visit.service(visit.draft.service)
    return visit.to(PATH if service is None else _days_of(service), visit.draft)


def _register(visit: _Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
    """Hand out the receipt; whoever sends it twice is shown the same one."""
    draft, service = visit.draft, visit.service(visit.draft.service)
    before = _receipt_of(registrar, typed)
    if before is not None:
        return visit.to(before)
    if service is None or _first_gap(visit) != CHECK:
        return visit.to(_first_gap(visit), draft if draft.visit else None)
    if typed.get("seen") != _seen(draft):
        return visit.to(f"{CHECK}?newer=1", draft)
    wait_s = _wait_s(visit, draft.people, is_last=True)
    if wait_s > 0:
        return visit.to(f"{CHECK}?wait={ceil(wait_s)}", draft)
    return _handed_out(visit, registrar, service)


def _handed_out(visit: _Visit, registrar: Registrar, service: Service) -> Response:
    draft = visit.draft
    asked = _asked_of(draft, service, visit.words.language.code)
    try:
        registered = registrar.register(asked, hold_id=draft.visit)
    except NotBookable as error:
        return _taken(visit, _place(draft), error.code)
    except (BadRequest, ReceiptError):
        return visit.to(f"{CHECK}?wrong=1", draft)
    return visit.to(registered.link, Draft(visit=draft.visit, is_done=True))


def _leave(visit: _Visit, registrar: Registrar, _: Mapping[str, str]) -> Response:
    """Give the place back and forget what was typed."""
    _give_back(registrar, visit.draft)
    answer = visit.to("/")
    drop_draft(visit.request, answer)
    return answer


def _open_again(visit: _Visit, registrar: Registrar, typed: Mapping[str, str]) -> Response:
    """The receipt of somebody who went back."""
    return visit.to(_receipt_of(registrar, typed) or PATH)


_ACTS: dict[str, Callable[[_Visit, Registrar, Mapping[str, str]], Response]] = {
    "who": _say_who,
    "day": _take_day,
    "details": _take_details,
    "other-day": _other_day,
    "register": _register,
    "leave": _leave,
    "open": _open_again,
}


def _with_typed(draft: Draft, typed: Mapping[str, str]) -> Draft:
    """The draft with the fields that this form has; a new one after the last was registered."""
    over = ""
    if draft.is_done and typed.get("act") not in {"register", "open"}:
        over, draft = draft.visit, Draft()
    sent = typed.get("visit", "")
    own = sent if is_visit(sent) and sent != over else new_visit()
    answers = {
        name.removeprefix("answer_"): value
        for name, value in typed.items()
        if name.startswith("answer_")
    }
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


def _first_gap(visit: _Visit) -> str:
    """The first page on which something is missing, the last look where nothing is."""
    draft, service = visit.draft, visit.service(visit.draft.service)
    if draft.is_done:
        return DONE
    if service is None:
        return PATH
    if not _has_chosen(draft, service):
        return _days_of(service)
    return _next(visit, draft)


def _next(visit: _Visit, draft: Draft) -> str:
    """After the day: who comes, or the last look where that is told already."""
    service = visit.service(draft.service)
    if service is None or any(_problems(draft, service)):
        return DETAILS
    return CHECK


def _problems(draft: Draft, service: Service) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with which field, and with the answer to which question."""
    problems: dict[str, str] = {}
    try:
        clean_request(_asked_of(draft, service, "id"))
    except BadRequest as error:
        problems = {name: what for name, what in error.problems.items() if name != "answers"}
    answers = {}
    for question in service.questions:
        said = seen_text(draft.answers.get(question.code, ""))
        if not said and question.is_required:
            answers[question.code] = "missing"
        elif len(said) > MAX_ANSWER:
            answers[question.code] = "too_long"
    return problems, answers


def _asked_of(draft: Draft, service: Service, language: str) -> Asked:
    return Asked(
        service=service.code,
        day=draft.day,
        start=draft.start,
        name=draft.name,
        party_size=draft.people,
        group=draft.priority,
        contact=draft.contact.strip() or None,
        answers={
            question.code: draft.answers[question.code]
            for question in service.questions
            if draft.answers.get(question.code, "").strip()
        },
        language=language,
    )


def _place(draft: Draft) -> Place | None:
    if draft.day is None:
        return None
    return Place(service=draft.service, day=draft.day, start=draft.start)


def _place_of(service: Service, choice: str) -> Place | None:
    """The place that a form names, None for what no form of ours sends."""
    day, _, start = choice.partition("T")
    try:
        begins = time.fromisoformat(start) if start else None
        return Place(service=service.code, day=date.fromisoformat(day), start=begins)
    except ValueError:
        return None


def _is_kept(visit: _Visit) -> bool:
    """Whether a place is held still, for those who come."""
    draft = visit.draft
    is_of_them = (draft.held_people, draft.is_held_with_priority) == (
        draft.people,
        draft.priority is not None,
    )
    return draft.until is not None and visit.now < draft.until and is_of_them


def _seen(draft: Draft) -> str:
    """What somebody confirms with the last button: another page may have changed it."""
    shown = (
        *(draft.visit, draft.service, draft.day, draft.start, draft.people, draft.group),
        *(draft.name, draft.contact, *sorted(draft.answers.items())),
    )
    return hashlib.sha256(repr(shown).encode("utf-8", "replace")).hexdigest()[:16]


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


def _wait_s(visit: _Visit, people: int, *, is_last: bool = False) -> float:
    """How long somebody has to wait who asks for many places; nobody who is logged in.

    ``is_last``: they register. The browser says that a place is held, but is not believed.
    """
    if current_session(visit.request) is not None:
        return 0.0
    brake: PlaceBrake = visit.request.app.state.place_brake
    if is_last and brake.is_counted(visit.draft.visit, people):
        return 0.0
    return brake.begin(address_of(visit.request), visit.draft.visit, people)


def _told_wait(visit: _Visit, wait_s: float) -> str:
    told = visit.say(
        "Many people register through your connection just now. What you typed is kept: try again"
        " in %(time)s."
    )
    return told % {"time": visit.words.language.duration(wait_s)}


def _late(answer: Response, wait_s: float) -> Response:
    answer.headers["Retry-After"] = str(ceil(wait_s))
    return answer


def _taken(visit: _Visit, place: Place | None, because: BookingRefusal) -> Response:
    """Somebody else was faster, or it cannot be booked any more: what can be had instead."""
    if place is None:
        return visit.to(f"{PATH}?{urlencode({'service': visit.draft.service})}", visit.draft)
    told = {"service": place.service, "taken": value_of(place), "because": because.value}
    return visit.to(f"{PATH}?{urlencode(told)}", visit.draft)


def _services(visit: _Visit, *, is_unknown: bool) -> Response:
    problem = visit.say("There is no such service here. Choose one of these.")
    context = RegisterServices(
        shell=visit.renderer.shell(visit.request),
        groups=visit.status.groups(visit.now.date(), {}),
        problem=problem if is_unknown else "",
    )
    status = 404 if is_unknown else 200
    return visit.renderer.page(
        visit.request, "visitor/register_services.html", context, status=status
    )


def _told(visit: _Visit, service: Service) -> Response:
    title, explanation = CHANNELS[service.channel]
    writer = visit.writer(service)
    board = visit.status.board(visit.now.date())
    line = next(
        one
        for group in visit.status.groups(visit.now.date(), {})
        for one in group.services
        if one.code == service.code
    )
    context = RegisterTold(
        shell=visit.renderer.shell(visit.request),
        service=writer.name,
        channel=service.channel.value,
        title=visit.say(title),
        explanation=visit.say(explanation),
        hours=writer.hours_today(),
        brings=writer.brings(),
        link=line.link,
        board=board,
    )
    return visit.renderer.page(visit.request, "visitor/register_told.html", context)


def _days(
    visit: _Visit,
    registrar: Registrar,
    service: Service,
    problem: str = "",
    status: int = 200,
    *,
    instead_of: Place | None = None,
) -> Response:
    """``instead_of``: with the nearest places to that one."""
    draft, writer = visit.draft, visit.writer(service)
    if draft.is_done:
        draft = Draft()
    has_days = service.booking is not Books.NONE
    offers = registrar.offers(
        service.code,
        visit.now.date(),
        min(service.days_ahead + 1, DAYS_SHOWN),
        is_priority=draft.priority is not None,
    )
    days = writer.days(offers, draft)
    alternatives: tuple[Offer, ...] = ()
    if instead_of is not None:
        wanted = Wanted(
            service=service.code,
            day=instead_of.day,
            start=instead_of.start,
            people=draft.people or 1,
            is_priority=draft.priority is not None,
        )
        alternatives = alternatives_to(wanted, offers)
    board = visit.status.board(visit.now.date())
    context = RegisterDay(
        shell=visit.renderer.shell(visit.request),
        visit=draft.visit or new_visit(),
        service=writer.name,
        service_code=service.code,
        days=days,
        alternatives=writer.alternatives(alternatives),
        problem=problem,
        opens=writer.opens(draft.people)
        if has_days and not any(day.is_free for day in days)
        else "",
        without_day="" if has_days else writer.without_day(),
        party=draft.party,
        groups=writer.groups(draft.group),
        told_who=writer.told_who(draft),
        telephone=board.telephone,
        dials=board.dials,
        has_place=draft.until is not None,
    )
    return visit.renderer.page(visit.request, "visitor/register_day.html", context, status=status)


def _details(visit: _Visit, service: Service, *, tells: bool) -> Response:
    """``tells``: with what is missing."""
    draft, writer = visit.draft, visit.writer(service)
    problems, answers = _problems(draft, service) if tells else ({}, {})
    told = {name: writer.problem(name, what) for name, what in problems.items()}
    summary = visit.say("Something is missing or cannot be used. It is marked below.")
    context = RegisterDetails(
        shell=visit.renderer.shell(visit.request),
        visit=draft.visit,
        service=writer.name,
        when=_when(writer, draft),
        kept=writer.kept(draft),
        name=draft.name,
        party=draft.party,
        contact=draft.contact,
        groups=writer.groups(draft.group),
        questions=writer.questions(draft, answers),
        problems=told,
        problem=summary if told or answers else "",
    )
    status = 422 if told or answers else 200
    return visit.renderer.page(
        visit.request, "visitor/register_details.html", context, status=status
    )


def _check(visit: _Visit, service: Service, problem: str, status: int = 200) -> Response:
    draft, writer = visit.draft, visit.writer(service)
    group = next(one for one in writer.groups(draft.group) if one.is_chosen)
    context = RegisterCheck(
        shell=visit.renderer.shell(visit.request),
        visit=draft.visit,
        seen=_seen(draft),
        service=writer.name,
        service_code=service.code,
        when=_when(writer, draft),
        kept=writer.kept(draft),
        name=seen_text(draft.name),
        people=visit.words.language.count("%(num)d person", "%(num)d people", draft.people),
        group=group.words if group.value else "",
        contact=seen_text(draft.contact),
        answers=writer.answers(draft),
        brings=writer.brings(),
        needs_mask=Check.MASK in visit.facts.visitor_checks,
        problem=problem,
    )
    return visit.renderer.page(visit.request, "visitor/register_check.html", context, status=status)


def _when(writer: RegisterWords, draft: Draft) -> str:
    place = _place(draft)
    return writer.without_day() if place is None else writer.when(place)
