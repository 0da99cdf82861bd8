"""Registering whoever stands at the desk: a service, a name, a day, and the receipt."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.desk.contexts import DeskBook, DeskServices
from dashboard.desk.places import Registering, desk_words, places_of, typed_place
from dashboard.desk.words import CODE_SCANNED, is_good_today
from dashboard.visitor.words import REFUSALS, apart, asked_questions, typed_answers
from dashboard.web.auth import DeskSession, check_form, office_of
from dashboard.web.rendering import renderer_of
from screening.office.services import Booking as Books
from screening.office.services import Service
from screening.receipts.number import parse_number
from screening.receipts.token import MAX_PARTY
from screening.receipts.token import PREFIX as CODE
from screening.registration.bookings import (
    ActKind,
    BadRequest,
    BookingRefusal,
    NotBookable,
    Place,
)
from screening.registration.bookings import Request as Asked
from screening.registration.registrar import MAX_ANSWER, MAX_NAME, Registrar
from screening.registration.rules import refusal_of_service

router = APIRouter(prefix="/desk/book", include_in_schema=False)

_DIGIT = re.compile("[0-9]")


@router.get("")
def begin(
    request: Request, session: DeskSession, registrar: Registering, service: str = ""
) -> Response:
    """The services; once one is chosen, the form."""
    known = office_of(request).facts.current().services
    chosen = known.get(service)
    if chosen is not None and refusal_of_service(chosen) is None:
        return _form(request, registrar, chosen, _Typed(once=secrets.token_urlsafe(12)))
    renderer, words = renderer_of(request), desk_words(request)
    context = DeskServices(
        shell=renderer.shell(request),
        services=words.services(known.values()),
        others=words.others(known.values()),
    )
    return renderer.page(request, "desk/services.html", context)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """The form as somebody filled it in."""

    name: str = ""
    party_size: str = "1"
    place: str = ""
    is_priority: bool = False
    once: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


async def _typed(
    request: Request,
    name: Annotated[str, Form()] = "",
    party_size: Annotated[str, Form()] = "1",
    place: Annotated[str, Form()] = "",
    priority: Annotated[str, Form()] = "",
    once: Annotated[str, Form(max_length=40)] = "",
) -> _Typed:
    form = await request.form()
    return _Typed(
        name=name,
        party_size=party_size,
        place=place,
        is_priority=bool(priority),
        once=once,
        answers=typed_answers({key: text for key, text in form.items() if isinstance(text, str)}),
    )


@router.post("", dependencies=[Depends(check_form)])
def book(
    request: Request,
    session: DeskSession,
    registrar: Registering,
    typed: Annotated[_Typed, Depends(_typed)],
    service: Annotated[str, Form()] = "",
) -> Response:
    """Register whoever stands there; sent twice, it registers once."""
    known = office_of(request).facts.current().services.get(service)
    if known is None:
        return RedirectResponse("/desk/book", 303)
    if _is_code(typed.name):
        problems = {"name": CODE_SCANNED}
        return _form(
            request, registrar, known, replace(typed, name=""), problems=problems, status=422
        )
    day, start = typed_place(typed.place)
    asked = Asked(
        service=service,
        day=None if known.booking is Books.NONE else day,
        start=start,
        name=typed.name,
        party_size=_whole(typed.party_size),
        has_priority=typed.is_priority,
        answers={one.code: typed.answers.get(one.code, "") for one in known.questions},
        language=renderer_of(request).language(request).code,
    )
    try:
        done = registrar.register(
            asked,
            by=session.user,
            hold_id=_sent_once(session.user, typed.once, asked),
            is_good_today=is_good_today(known),
        )
    except BadRequest as error:
        problems = error.problems
        return _form(request, registrar, known, typed, problems=problems, status=422)
    except NotBookable as error:
        return _form(request, registrar, known, typed, refusal=error.code, status=409)
    return RedirectResponse(f"/desk/{done.receipt.number}?done={ActKind.GIVEN}", 303)


def _sent_once(user: str, once: str, asked: Asked) -> str | None:
    """The same for a form that is sent twice, another one for whoever went back and chose anew."""
    if not once:
        return None
    chosen = f"{user} {once} {asked.service} {asked.day} {asked.start} {asked.name}"
    return f"desk {sha256(chosen.encode('utf-8', 'ignore')).hexdigest()}"


def _is_code(name: str) -> bool:
    """Whether a receipt was scanned while the field of the name had the focus."""
    return CODE in name.upper() or (parse_number(name) is not None and bool(_DIGIT.search(name)))


def _refused(service: Service, text: str) -> Place | None:
    """The place that cannot be had: what is offered may be a moment old."""
    day, start = typed_place(text)
    return None if day is None else Place(service=service.code, day=day, start=start)


def _whole(text: str) -> int:
    """What was typed as a number, 0 for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _form(
    request: Request,
    registrar: Registrar,
    service: Service,
    typed: _Typed,
    *,
    problems: dict[str, str] | None = None,
    refusal: BookingRefusal | None = None,
    status: int = 200,
) -> Response:
    office, renderer, words = office_of(request), renderer_of(request), desk_words(request)
    people = max(1, _whole(typed.party_size))
    language, zone_language = words.words.language, words.words.site_language
    brings = service.to_bring(language.code, default=zone_language)
    fields, answers = apart(problems or {}, service.questions)
    context = DeskBook(
        shell=renderer.shell(request),
        code=service.code,
        service=words.words.service(service.code) or service.code,
        brings=tuple(line.strip(" -•\t") for line in brings.splitlines() if line.strip(" -•\t")),
        places=places_of(
            office,
            registrar,
            words,
            service,
            chosen=typed.place,
            without=None if refusal is None else _refused(service, typed.place),
            people=people,
        ),
        when=words.when(service) if service.booking is Books.NONE else "",
        name=typed.name[: 2 * MAX_NAME],
        party_size=typed.party_size[:4],
        most_people=MAX_PARTY,
        is_priority=typed.is_priority,
        once=typed.once,
        problem="" if refusal is None else words.say(REFUSALS[refusal]),
        questions=asked_questions(
            words.words,
            service,
            {code: said[: 2 * MAX_ANSWER] for code, said in typed.answers.items()},
            answers,
        ),
        problems=words.problems(fields),
    )
    return renderer.page(request, "desk/book.html", context, status=status)
