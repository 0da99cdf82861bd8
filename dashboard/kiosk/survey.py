"""The survey at a kiosk by the exit: nine questions, once a visit.

A visit is told by the number of its ticket or receipt. People without one may answer only at a
browser that somebody of the office made the kiosk, and no more of them a day than came.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.kiosk.contexts import SurveyKiosk
from dashboard.kiosk.routes import speak
from dashboard.web.auth import OfficeSession, check_form, current_session, know_visitor, office_of
from dashboard.web.office import Office
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from dashboard.web.survey_form import SentMarks, sent_marks, survey_form
from dashboard.web.words import N_
from screening.accounts import Role
from screening.receipts.number import parse_number
from screening.receipts.token import PREFIX as CODE
from screening.registration.bookings import Registration
from screening.survey.book import SurveyedVisit
from screening.survey.index import Answer, Marks, Quarter, Source

router = APIRouter(
    prefix="/survey/{place}",
    include_in_schema=False,
    dependencies=[Depends(know_visitor), Depends(speak)],
)

KIOSK_COOKIE = "gerbang_survey"
KIOSK_COOKIE_S = 365 * 24 * 3600
UNNAMED_ALLOWED = 30
"""Answers without a number at one place in ``WINDOW_S``: one takes longer than that allows."""
NUMBERS_ALLOWED = 60
"""Numbers that lead nowhere, tried at one place in ``WINDOW_S``."""
WINDOW_S = 600.0
MAX_TYPED = 4000
"""Characters of a scanned code."""
MAX_SHOWN = 40

NO_VISIT = N_(
    "No visit of the last days has this number. Look at your ticket or receipt once more."
)
NEEDS_NUMBER = N_("Please type the number of your ticket or receipt.")
ANSWERED = N_("For this visit somebody has answered already. Thank you!")
TOO_MANY = N_("Too many answers came at once. Please try again in some minutes.")

_STAFF = frozenset({Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent besides the marks."""

    number: str = ""
    service: str = ""
    is_refused: bool = False


def known_place(request: Request, place: str) -> str:
    """A gate or a room of this office; 404 for any other."""
    facts = office_of(request).facts.current()
    if place not in facts.gates and place not in facts.plan.rooms_by_name:
        raise HTTPException(404)
    return place


Place = Annotated[str, Depends(known_place)]


@router.get("")
def show(request: Request, place: Place, thanks: bool = False) -> Response:
    """The questions; after an answer the thanks, which lead back to them."""
    return _page(request, place, thanks=thanks)


@router.post("", dependencies=[Depends(check_form)])
def answer(
    request: Request,
    place: Place,
    marks: Annotated[SentMarks, Depends(sent_marks)],
    number: Annotated[str, Form(max_length=MAX_TYPED)] = "",
    service: Annotated[str, Form(max_length=80)] = "",
    is_refused: Annotated[bool, Form()] = False,
) -> Response:
    """Keep an answer, of the visit whose number was typed."""
    given, office = marks.marks, office_of(request)
    typed = Typed(number[:MAX_SHOWN], service, is_refused)
    if given is None:
        return _page(request, place, sent=marks, status=422, typed=typed)
    if number.strip():
        visit = _visit_of(office, number)
        if visit is None:
            wait_s = request.app.state.survey_numbers.take(place)
            problem = TOO_MANY if wait_s else NO_VISIT
            return _page(request, place, sent=marks, problem=problem, status=409, typed=typed)
        if not office.survey.answer(given, visit, source=Source.KIOSK, at=office.clock.now()):
            return _page(request, place, sent=marks, problem=ANSWERED, status=409, typed=typed)
    else:
        problem = _keep_unnamed(request, place, given, service=service, is_refused=is_refused)
        if problem:
            return _page(request, place, sent=marks, problem=problem, status=409, typed=typed)
    query = {"thanks": "true", "language": renderer_of(request).language(request).code}
    return RedirectResponse(f"/survey/{quote(place)}?{urlencode(query)}", 303)


@router.post("/kiosk", dependencies=[Depends(check_form)])
def make_kiosk(request: Request, place: Place, session: OfficeSession) -> Response:
    """People without a number may answer at this browser from now on."""
    answer = RedirectResponse(f"/survey/{quote(place)}", 303)
    answer.set_cookie(
        KIOSK_COOKIE,
        office_of(request).survey.kiosk_key(place),
        max_age=KIOSK_COOKIE_S,
        path="/survey",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


def _keep_unnamed(
    request: Request, place: str, marks: Marks, *, service: str, is_refused: bool
) -> str:
    """Why the answer of somebody without a number was not kept, empty where it was."""
    office = office_of(request)
    if not _is_kiosk(request, place):
        return NEEDS_NUMBER
    figures, unnamed = office.figures(), request.app.state.survey_unnamed
    today = office.today()
    if unnamed.get(today, 0) >= figures.admitted + figures.refused:
        return NEEDS_NUMBER
    if request.app.state.survey_brake.take(place) > 0:
        return TOO_MANY
    request.app.state.survey_unnamed = {today: unnamed.get(today, 0) + 1}
    office.survey.answer_unnamed(
        Answer(
            marks=marks,
            quarter=Quarter.of(today),
            service=service if service in office.facts.current().services else None,
            source=Source.KIOSK,
            was_refused=is_refused,
        )
    )
    return ""


def _visit_of(office: Office, typed: str) -> SurveyedVisit | None:
    """By a ticket of today, the number of a receipt, or its scanned code."""
    survey, now, text = office.survey, office.clock.now(), typed.strip()
    visit = survey.visit_of_ticket(text, at=now)
    if visit is not None:
        return visit
    if office.registrar is not None and CODE in text.upper():
        told = office.registrar.read(text)
        if isinstance(told, Registration):
            return survey.visit_of_receipt(told.claims.issuer, told.claims.number, at=now)
        return None
    number = parse_number(text)
    if number is None:
        return None
    return survey.visit_of_receipt(office.settings.site.code, number, at=now)


def _is_kiosk(request: Request, place: str) -> bool:
    given = request.cookies.get(KIOSK_COOKIE, "")
    return hmac.compare_digest(given.encode(), office_of(request).survey.kiosk_key(place).encode())


def _page(
    request: Request,
    place: str,
    *,
    sent: SentMarks | None = None,
    typed: Typed | None = None,
    problem: str = "",
    thanks: bool = False,
    status: int = 200,
) -> Response:
    renderer, words = renderer_of(request), words_of(request)
    typed = typed or Typed()
    session, is_kiosk = current_session(request), _is_kiosk(request, place)
    facts = office_of(request).facts.current()
    context = SurveyKiosk(
        shell=renderer.shell(request),
        place=place,
        title=facts.gate_titles.get(place, place),
        form=survey_form(words.language, sent, words.language.say(problem) if problem else ""),
        number=typed.number,
        services=tuple((code, words.service(code) or code) for code in facts.services),
        service=typed.service,
        is_refused=typed.is_refused,
        is_kiosk=is_kiosk,
        can_make_kiosk=not is_kiosk and session is not None and session.role in _STAFF,
        is_thanks=thanks and sent is None,
    )
    return renderer.page(request, "kiosk/survey.html", context, status=status)
