"""Days and times as the desk's forms show and send them, and who books them."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from dashboard.desk.contexts import PlaceDay
from dashboard.desk.words import DeskWords
from dashboard.web.auth import office_of
from dashboard.web.office import Office
from dashboard.web.office_words import words_of
from screening.office.services import Booking as Books
from screening.office.services import Service
from screening.registration.bookings import Place
from screening.registration.registrar import Registrar

DAYS_OFFERED = 62


def registrar_of(request: Request) -> Registrar:
    """The office's registrar; 404 where nothing can be registered."""
    registrar = office_of(request).registrar
    if registrar is None:
        raise HTTPException(404)
    return registrar


Registering = Annotated[Registrar, Depends(registrar_of)]


def desk_words(request: Request) -> DeskWords:
    """The desk's words in this request's language."""
    words, now = words_of(request), office_of(request).clock.now()
    return DeskWords(words, now.astimezone(words.zone).date())


def typed_day(text: str) -> date | None:
    """The day that a form sends, None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def typed_place(text: str) -> tuple[date | None, time | None]:
    """The day and the time that a form sends; None for what no form of ours does."""
    day, _, start = text.partition("T")
    try:
        return typed_day(day), time.fromisoformat(start) if start else None
    except ValueError:
        return None, None


def places_of(
    office: Office,
    registrar: Registrar,
    words: DeskWords,
    service: Service,
    *,
    chosen: str = "",
    without: Place | None = None,
    people: int = 1,
) -> tuple[PlaceDay, ...]:
    """What can be booked of a service now, for so many people."""
    if service.booking is Books.NONE:
        return ()
    return words.places(
        registrar.offers(service.code, words.today, DAYS_OFFERED),
        registrar.offers(service.code, words.today, DAYS_OFFERED, is_priority=True),
        chosen=chosen,
        without=without,
        people=people,
    )
