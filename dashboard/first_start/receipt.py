"""The last step: a receipt to try at the gate."""

from __future__ import annotations

from datetime import date, time

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.around import CHECKED_FORM
from dashboard.admin.typed import Typed
from dashboard.desk.words import is_good_today
from dashboard.first_start.contexts import ReceiptStep
from dashboard.first_start.walk import elsewhere, keep, path_of, shell_of, unchanged, walk_of
from dashboard.visitor.receipt_words import STAGES, Stage, receipt_words_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.first_token import SETUP
from dashboard.web.office import Office, ReceiptPage
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.accounts import WebSession
from screening.errors import OfficeError
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
