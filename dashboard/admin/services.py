"""The services: how each is reached, what is booked of it, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.consequences import closed_to_booked, kept_days
from dashboard.admin.fact_words import FactWords
from dashboard.admin.problem_words import problem_words
from dashboard.admin.service_contexts import ServicePage, ServicesPage
from dashboard.admin.service_words import (
    DAYS_SHOWN,
    NUMBERS,
    ServiceWords,
    as_typed,
    asked_codes,
)
from dashboard.admin.typed import Typed, TypedForm
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import OfficeError, RecordError
from screening.office.changes import (
    AS_THE_OFFICE,
    BRINGS,
    HOURS,
    NAME,
    NONE,
    QUESTION,
    REQUIRED,
    WHY,
    Edit,
    with_changed_service,
    with_service,
    without_service,
)
from screening.office.hours import WEEKDAYS
from screening.office.services import Booking, Channel, Service
from screening.registration.rules import Calendar, DayTaken

router = APIRouter(prefix="/admin/services", include_in_schema=False)

NEW = "new"
"""In the place of a code; no service is called so, since codes are capital letters."""


@router.get("")
def show_all(request: Request, session: AdminSession) -> Response:
    """Every service, by how it is reached."""
    renderer = renderer_of(request)
    facts = office_of(request).facts.current()
    context = ServicesPage(
        shell=renderer.shell(request),
        around=around(request),
        groups=_words(request).groups(facts.services, _calendar(request), _taken(request)),
    )
    return renderer.page(request, "admin/services.html", context)


@router.get("/new")
def show_new(request: Request, session: AdminSession) -> Response:
    """The form of one more service."""
    return _page(request, _NOTHING, None)


@router.post("/new", dependencies=[CHECKED_FORM])
def add(
    request: Request,
    session: AdminSession,
    typed: Typed,
    code: Annotated[str, Form(max_length=40)] = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over one more service, or offer it."""
    say, code = renderer_of(request).language(request).say, code.strip().upper()
    values = {key: text for key, text in _values(typed, None).items() if text not in _UNSAID}
    try:
        edit = with_service(code, values)
        proposal = Proposal(
            edit=edit,
            title=say(N_("Offer this service?")),
            action=f"/admin/services/{NEW}",
            back="/admin/services",
            fields={"code": code, **_sent(typed)},
            notes=(say(N_("The pages offer it at once.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, typed, None, code=code, error=error)


@router.get("/{code}")
def show(request: Request, session: AdminSession, code: str) -> Response:
    """One service, as it is."""
    service = _known(request, code)
    return _page(request, as_typed(service), service)


@router.post("/{code}", dependencies=[CHECKED_FORM])
def change(
    request: Request,
    session: AdminSession,
    typed: Typed,
    code: str,
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over what was typed of a service, or make it so."""
    service, say = _known(request, code), renderer_of(request).language(request).say
    try:
        edit = with_changed_service(service.code, _values(typed, service))
        proposal = Proposal(
            edit=edit,
            title=say(N_("Change %(service)s?")) % {"service": _name(request, service)},
            action=f"/admin/services/{service.code}",
            back=f"/admin/services/{service.code}",
            fields=_sent(typed),
            notes=_notes(request, edit, service),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, typed, service, error=error)


@router.post("/{code}/remove", dependencies=[CHECKED_FORM])
def remove(
    request: Request, session: AdminSession, code: str, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Offer it no more, after a look at what is lost."""
    service, say = _known(request, code), renderer_of(request).language(request).say
    notes = [say(N_("Its rows stay in the log. Receipts for it are refused from now on."))]
    people = sum(one.used_of(service.code) for one in _taken(request, days=366).values())
    if people:
        told = say(N_("%(people)s have booked it and have to be told."))
        notes.append(told % {"people": people})
    proposal = Proposal(
        edit=without_service(service.code),
        title=say(N_("Offer %(service)s no more?")) % {"service": _name(request, service)},
        action=f"/admin/services/{service.code}/remove",
        back="/admin/services",
        fields={},
        notes=notes,
    )
    return look_or_change(request, session, proposal, step=step, seen=seen)


def _notes(request: Request, edit: Edit, service: Service) -> tuple[str, ...]:
    say = renderer_of(request).language(request).say
    return (
        say(N_("It holds for the next visitor.")),
        *kept_days(request, edit, service.code),
        *closed_to_booked(request, edit, service=service.code),
    )


_NOTHING = as_typed(Service(code="", channel=Channel.COLLECTION, names={}, booking=Booking.DAY))
_UNSAID = ("", NONE, AS_THE_OFFICE)


def _values(typed: TypedForm, service: Service | None) -> dict[str, str]:
    """What was typed, as the edits read it; ``service`` is what it was before."""
    values = {
        "channel": typed.text("channel"),
        "booking": typed.text("booking"),
        "link": typed.text("link") or NONE,
        "daily_quota": typed.text("daily_quota") or NONE,
        "steps": typed.text("steps").upper() or NONE,
        "gate_checks_hours": typed.text("gate_checks_hours") or "no",
        "closed_since": typed.text("closed_since") or NONE,
        **{key: typed.text(key) for key in NUMBERS},
    }
    if typed.text("letter"):
        values["letter"] = typed.text("letter")
    texts = (NAME, WHY)
    values |= {name: typed.text(name) or NONE for name in typed.fields if name.startswith(BRINGS)}
    values |= {
        name: " ".join(typed.text(name).split()) or NONE
        for name in typed.fields
        if name.startswith(texts)
    }
    values |= {
        f"{HOURS}{day}": typed.text(f"{HOURS}{day}") or AS_THE_OFFICE
        for day in WEEKDAYS
        if f"{HOURS}{day}" in typed
    }
    if values["channel"] != Channel.CLOSED:
        del values["closed_since"]
        values = {key: text for key, text in values.items() if not key.startswith(WHY)}
    return values | _questions(typed, service)


def _questions(typed: TypedForm, service: Service | None) -> dict[str, str]:
    before = {question.code for question in (service.questions if service else ())}
    asked = set(asked_codes(typed))
    values = {}
    for name in typed.fields:
        code, _, what = name.removeprefix(QUESTION).partition("_")
        if not name.startswith(QUESTION) or code not in asked | before or what == REQUIRED:
            continue
        values[name] = typed.text(name) or NONE
        if code in asked:
            required = f"{QUESTION}{code}_{REQUIRED}"
            values[required] = typed.text(required) or "no"
    return values


_AROUND = frozenset({"csrf_token", "step", "seen", "code"})


def _sent(typed: TypedForm) -> Mapping[str, str]:
    return {name: typed.text(name) for name in typed.fields if name not in _AROUND}


def _known(request: Request, code: str) -> Service:
    service = office_of(request).facts.current().services.get(code)
    if service is None:
        raise HTTPException(404)
    return service


def _name(request: Request, service: Service) -> str:
    language = renderer_of(request).language(request)
    return service.name(language.code, default=office_of(request).settings.site.language)


def _words(request: Request) -> ServiceWords:
    renderer = renderer_of(request)
    return ServiceWords(
        renderer.language(request),
        {code: known.name for code, known in renderer.languages.items()},
        office_of(request).settings.site.language,
    )


def _calendar(request: Request) -> Calendar:
    office = office_of(request)
    language = renderer_of(request).language(request).code
    now = office.clock.now().astimezone(office.settings.site.zone)
    return Calendar(
        facts=office.facts.current(), holidays=lambda _: office.holidays(language), now=now
    )


def _taken(request: Request, *, days: int = DAYS_SHOWN) -> Mapping[date, DayTaken]:
    """What is taken of the coming days; nothing where the record does not answer."""
    office = office_of(request)
    if office.registrar is not None:
        with suppress(RecordError):
            return office.registrar.taken(_calendar(request).today, days)
    return {}


def _page(
    request: Request,
    typed: TypedForm,
    service: Service | None,
    *,
    code: str = "",
    error: OfficeError | None = None,
) -> Response:
    renderer, words = renderer_of(request), _words(request)
    facts, language = office_of(request).facts.current(), words.language
    problem = problem_words(error, FactWords(language, facts)) if error else ""
    known = service or Service(code=code, channel=Channel.CLOSED, names={})
    calendar = _calendar(request)
    taken = _taken(request) if service else {}
    context = ServicePage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        is_new=service is None,
        code=known.code,
        name=_name(request, known) if service else language.say(N_("One more service")),
        action=f"/admin/services/{known.code if service else NEW}",
        today=_told_today(request, service, taken) if service else "",
        days=words.days(known, calendar, taken) if service else (),
        channels=words.channels(typed.text("channel")),
        bookings=words.bookings(typed.text("booking")),
        names=words.texts(NAME, typed),
        brings=words.texts(BRINGS, typed, is_long=True),
        reached=words.fields(typed, "letter", "link", kind="text"),
        closed=(*words.fields(typed, "closed_since", kind="text"), *words.texts(WHY, typed)),
        times=words.fields(typed, "slot_minutes", "slot_places", "latest_minutes"),
        places=words.fields(typed, "daily_quota", "priority_quota"),
        ahead=words.fields(typed, "lead_days", "days_ahead"),
        hours=words.hours(typed),
        gate_checks_hours=typed.text("gate_checks_hours") == "yes",
        steps=words.fields(typed, "steps", kind="text")[0],
        questions=words.questions(typed),
    )
    return renderer.page(request, "admin/service.html", context, status=422 if error else 200)


def _told_today(request: Request, service: Service, taken: Mapping[date, DayTaken]) -> str:
    language = renderer_of(request).language(request)
    used = _words(request).used(service, _calendar(request).today, taken)
    if service.daily_quota is None:
        return language.say(N_("Today: %(used)s")) % {"used": language.whole(used)}
    return language.say(N_("Today: %(used)s of %(quota)s")) % {
        "used": language.whole(used),
        "quota": language.whole(service.daily_quota),
    }
