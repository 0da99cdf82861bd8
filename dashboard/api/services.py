"""``GET /api/v1/services``: what the office offers, and when it can be booked; open to everyone."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, BeforeValidator, Field

from dashboard.api.problems import described
from dashboard.api.queue_monitor import open_to_other_sites
from dashboard.web.auth import office_of
from screening.office.facts import OfficeFacts
from screening.office.services import Booking, Channel, Service
from screening.receipts.rules import check_service
from screening.registration.bookings import Offer, OfferStatus
from screening.registration.registrar import MOST_DAYS

router = APIRouter(tags=["services"])

DAYS_TOLD = 14
FURTHEST = timedelta(days=366)
"""From today; nothing is booked so far ahead."""


def _iso_date(value: object) -> date:
    """A day as it is written, and not whatever else could be taken for one."""
    if not isinstance(value, str) or len(value) != len("2026-12-01"):
        raise ValueError("write a day as YYYY-MM-DD")
    return date.fromisoformat(value)


IsoDate = Annotated[date, BeforeValidator(_iso_date)]


class OpenHours(BaseModel):
    """Open from ``start`` until ``end`` (HH:MM, the site's time)."""

    start: str
    end: str


class AskedQuestion(BaseModel):
    """A question; a registration answers it by its ``code``."""

    code: str
    texts: dict[str, str]
    is_required: bool


class OfferedService(BaseModel):
    """One service. Texts are by language, such as ``id`` and ``en``."""

    code: str
    channel: Channel = Field(description="How the service is reached")
    names: dict[str, str]
    brings: dict[str, str] = Field(description="What to bring; empty where nobody said")
    booking: Booking = Field(description="What a visitor books: nothing, a day, or a time")
    questions: list[AskedQuestion] = Field(
        description="What the office asks whoever registers; those required must be answered"
    )
    link: str | None = Field(description="Where to go instead of coming")
    closed_since: date | None = Field(description="Of a closed service, where somebody said")
    closed_why: dict[str, str] = Field(description="Why; empty where nobody said")
    open_today: list[OpenHours] = Field(
        description="In order, with a break between; empty where nobody comes today"
    )
    note: str = Field(description="Why today is different, in the office's language, or empty")


class Services(BaseModel):
    """Everything the office offers, in its own order, on its day ``today``."""

    today: date
    services: list[OfferedService]


@router.get("/services")
async def services(request: Request) -> Services:
    """What the office offers, and when it is open today. No log-in is needed."""
    office = office_of(request)
    site, facts = office.settings.site, office.facts.current()
    today = office.clock.now().astimezone(site.zone).date()
    offered = facts.services.values()
    return Services(
        today=today,
        services=[_offered(service, facts, today, site.language) for service in offered],
    )


class Slot(BaseModel):
    """A day, or a time of it, as it can be booked. Counts are people; null without a limit."""

    date: date
    start: str | None = Field(description="HH:MM, the site's time; null where a day is booked")
    end: str | None = Field(description="HH:MM")
    capacity: int | None = Field(description="Of the time, or of the day")
    left: int | None = Field(description="Less than the time's own where a day's limit is near")
    status: OfferStatus = Field(description="not_yet: too far ahead; past: too late to book it")


class Slots(BaseModel):
    """In order; a day on which the service is closed is one of them, without a time."""

    slots: list[Slot]


def told_slot(offer: Offer) -> dict[str, str | int | None]:
    """One of ``Slots``."""
    start, end = offer.place.start, offer.place.end
    return {
        "date": offer.place.day.isoformat(),
        "start": None if start is None else f"{start:%H:%M}",
        "end": None if end is None else f"{end:%H:%M}",
        "capacity": offer.capacity,
        "left": offer.left,
        "status": offer.status.value,
    }


@router.get(
    "/services/{code}/slots",
    response_model=Slots,
    responses=described(404, 422, 503),
)
def slots(
    code: str,
    request: Request,
    first: Annotated[
        IsoDate | None, Query(alias="from", description="The first day; today where none is given")
    ] = None,
    days: Annotated[
        int, Query(ge=1, description=f"How many days; more than {MOST_DAYS} count as {MOST_DAYS}")
    ] = DAYS_TOLD,
) -> Response:
    """When a service can be booked, at most two seconds old. No log-in is needed.

    Nothing where the service is not booked at all.
    """
    office = office_of(request)
    if code not in office.facts.current().services:
        raise HTTPException(404, "No service has this code.")
    today = office.today()
    first = first or today
    if abs(first - today) > FURTHEST:
        where = ("query", "from")
        raise RequestValidationError([{"loc": where, "msg": "The day is more than a year away"}])
    offers = [] if office.offers is None else office.offers(code, first, min(days, MOST_DAYS))
    told = {"slots": [told_slot(offer) for offer in offers]}
    # Written as it is: checking each of some hundred once more takes longer than all else.
    body = json.dumps(told, separators=(",", ":"))
    answer = Response(body, media_type="application/json")
    open_to_other_sites(answer)
    answer.headers["Cache-Control"] = "public, max-age=1"  # it was read at most a second before
    return answer


def _offered(service: Service, facts: OfficeFacts, today: date, language: str) -> OfferedService:
    opening = facts.opening(today, language=language, service=service.code)
    spans = opening.spans if check_service(service) is None else ()
    return OfferedService(
        code=service.code,
        channel=service.channel,
        names=dict(service.names),
        brings=dict(service.brings),
        booking=service.booking,
        questions=[
            AskedQuestion(code=one.code, texts=dict(one.texts), is_required=one.is_required)
            for one in service.questions
        ],
        link=service.link,
        closed_since=service.closed_since,
        closed_why=dict(service.closed_why),
        open_today=[OpenHours(start=f"{s.start:%H:%M}", end=f"{s.end:%H:%M}") for s in spans],
        note=opening.note,
    )
