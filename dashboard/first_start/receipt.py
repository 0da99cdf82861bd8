"""The last step: a receipt to try at the gate; and where everybody works from now on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.around import CHECKED_FORM
from dashboard.admin.typed import Typed
from dashboard.desk.words import is_good_today
from dashboard.first_start.contexts import DonePage, Door, ReceiptStep
from dashboard.first_start.walk import elsewhere, keep, path_of, shell_of, unchanged, walk_of
from dashboard.visitor.receipt_words import STAGES, Stage, receipt_words_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.first_token import SETUP
from dashboard.web.language import Language
from dashboard.web.office import Office, ReceiptPage
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.accounts import WebSession
from screening.errors import OfficeError
from screening.office.facts import SET_UP
from screening.office.services import Booking as Books
from screening.office.services import Service
from screening.registration.bookings import (
    ActKind,
    BadRequest,
    NotBookable,
    OfferStatus,
    Place,
)
from screening.registration.bookings import Request as Asked
from screening.registration.registrar import Registrar
from screening.registration.rules import refusal_of_service

STEP = "receipt"
ISSUE = "issue"
DAYS_LOOKED = 30
FIRST_ROOM = "utama"
HOLDER = N_("Trial")

router = APIRouter(prefix=SETUP, include_in_schema=False)


@router.get("/receipt")
def show(request: Request, session: AdminSession) -> Response:
    """The first receipt, or that it can be issued."""
    return elsewhere(request, STEP) or _page(request, session)


@router.post("/receipt", dependencies=[CHECKED_FORM])
def change(request: Request, session: AdminSession, typed: Typed) -> Response:
    """Issue it, or end the walk."""
    away = elsewhere(request, STEP)
    if away is not None:
        return away
    if typed.text("act") != ISSUE:
        return keep(request, session, STEP, unchanged)
    if _found(request, session) is None:
        try:
            _issue(request, session)
        except (BadRequest, NotBookable):
            error = OfficeError("no service of the office can be registered for")
            return _page(request, session, error)
    return RedirectResponse(path_of(STEP), 303)


@router.get(f"/{SET_UP}")
def show_end(request: Request, session: AdminSession) -> Response:
    """The pages of those who work here."""
    office, renderer = office_of(request), renderer_of(request)
    facts = office.facts.current()
    if facts.is_being_set_up:
        return RedirectResponse(SETUP, 303)
    language = renderer.language(request)
    gates = {name: facts.gate_titles.get(name, name) for name in sorted(facts.gates)}
    page = DonePage(
        shell=shell_of(request),
        doors=tuple(_doors(language, gates)),
        following=tuple(_following(language)),
    )
    return renderer.page(request, "first_start/done.html", page)


def _doors(language: Language, gates: Mapping[str, str]) -> Iterator[Door]:
    """The pages of those who work here, and of those who come."""
    say = language.say
    for name, title in gates.items():
        yield Door(
            path=f"/gate/{quote(name)}",
            icon="shield-check",
            title=say(N_("Guard: %(gate)s")) % {"gate": title},
            words=say(N_("Sees who comes, and lets in. A tablet or a PC at the door.")),
        )
        yield Door(
            path=f"/kiosk/{quote(name)}",
            icon="device-tablet",
            title=say(N_("Kiosk: %(gate)s")) % {"gate": title},
            words=say(
                N_("Tells whoever stands there what to do. A screen that faces the visitor.")
            ),
        )
    yield Door(
        path=f"/display/{FIRST_ROOM}",
        icon="device-tv",
        title=say(N_("Display")),
        words=say(N_("Numbers that are called, and free seats. A television in the waiting room.")),
    )
    yield Door(
        path="/desk",
        icon="clipboard-list",
        title=say(N_("Desk")),
        words=say(N_("Registers who comes without a telephone, and finds receipts.")),
    )
    yield Door(
        path="/",
        icon="world",
        title=say(N_("Visitors' page")),
        words=say(N_("How full it is, and registering. Tell everybody this address.")),
    )


def _following(language: Language) -> Iterator[Door]:
    """What an administrator does next."""
    say = language.say
    yield Door(
        path="/admin/people",
        icon="users",
        title=say(N_("Invite the people who work here")),
        words=say(N_("Each gets a link and chooses a password.")),
    )
    yield Door(
        path="/admin/counters",
        icon="desk",
        title=say(N_("Name the counters")),
        words=say(N_("Then numbers are called to them.")),
    )
    yield Door(
        path="/account/second-factor",
        icon="shield-lock",
        title=say(N_("Log in with a code, too")),
        words=say(N_("Then a password that somebody has seen is not enough.")),
    )


def _issue(request: Request, session: WebSession) -> None:
    """Raises BadRequest and NotBookable."""
    office, language = office_of(request), renderer_of(request).language(request)
    registrar = office.registrar
    if registrar is None:
        raise BadRequest({})
    today = office.today()
    service, place = _soonest(office, registrar, today)
    registrar.register(
        Asked(
            service=service.code,
            day=None if place is None else place.day,
            start=None if place is None else place.start,
            name=language.say(HOLDER),
            language=language.code,
        ),
        by=session.user,
        # The same button pressed twice issues one receipt.
        hold_id=f"first start {session.user} {today}",
        is_good_today=is_good_today(service),
    )


def _soonest(office: Office, registrar: Registrar, today: date) -> tuple[Service, Place | None]:
    """A service whose receipt lets in today, else the place that can be booked the soonest.

    Raises BadRequest where there is none.
    """
    offered = [
        one for one in office.facts.current().services.values() if refusal_of_service(one) is None
    ]
    at_once = sorted(
        (one for one in offered if one.booking is Books.NONE), key=is_good_today, reverse=True
    )
    if at_once:
        return at_once[0], None
    places = [
        (offer.place, service)
        for service in offered
        for offer in registrar.offers(service.code, today, DAYS_LOOKED)
        if offer.status is OfferStatus.OPEN
    ]
    if not places:
        raise BadRequest({"day": "missing"})
    place, service = min(places, key=lambda one: (one[0].day, one[0].start or time.min))
    return service, place


def _found(request: Request, session: WebSession) -> ReceiptPage | None:
    """The receipt that was issued here, or at the desk by the same person."""
    office = office_of(request)
    if office.registrar is None:
        return None
    acts = [one for one in office.registrar.acts(session.user) if one.kind is ActKind.GIVEN]
    return office.desk_receipt(acts[0].number) if acts else None


def _page(request: Request, session: WebSession, error: OfficeError | None = None) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language, facts = renderer.language(request), office.facts.current()
    found = _found(request, session)
    own = None if found is None else receipt_words_of(request, found)
    word, state = ("", "") if own is None else STAGES[own.stage]
    gate = min(facts.gates, default="")
    page = ReceiptStep(
        shell=shell_of(request),
        walk=walk_of(request, STEP, error),
        card=None if own is None else own.card(),
        number="" if found is None else found.claims.number,
        state=state,
        word=language.say(word),
        has_come=own is not None and own.stage in {Stage.INSIDE, Stage.LEFT},
        advice="" if found is None else _advice(request, found),
        gate=gate,
        title=facts.gate_titles.get(gate, gate),
    )
    return renderer.page(request, "first_start/receipt.html", page, status=409 if error else 200)


def _advice(request: Request, found: ReceiptPage) -> str:
    """When the gate lets in with it."""
    office, language = office_of(request), renderer_of(request).language(request)
    zone = office.settings.site.zone
    first, today = (
        moment.astimezone(zone).date() for moment in (found.claims.not_before, office.clock.now())
    )
    if first <= today:
        return language.say(N_("It is good today: the gate lets in with it now."))
    told = language.say(
        N_("It is good from %(day)s. Until then the gate says so and lets nobody in.")
    )
    return told % {"day": language.near_day(first, today)}
