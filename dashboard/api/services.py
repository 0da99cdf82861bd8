"""``GET /api/v1/services``: what the office offers, open to everyone."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from dashboard.web.auth import office_of
from screening.office.facts import OfficeFacts
from screening.office.services import Booking, Channel, Service
from screening.receipts.rules import check_service

router = APIRouter(tags=["services"])


class OpenHours(BaseModel):
    """Open from ``start`` until ``end`` (HH:MM, the site's time)."""

    start: str
    end: str


class OfferedService(BaseModel):
    """One service. Texts are by language, such as ``id`` and ``en``."""

    code: str
    channel: Channel = Field(description="How the service is reached")
    names: dict[str, str]
    brings: dict[str, str] = Field(description="What to bring; empty where nobody said")
    booking: Booking = Field(description="What a visitor books: nothing, a day, or a time")
    link: str | None = Field(description="Where to go instead of coming")
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


def _offered(service: Service, facts: OfficeFacts, today: date, language: str) -> OfferedService:
    opening = facts.opening(today, language=language, service=service.code)
    spans = opening.spans if check_service(service) is None else ()
    return OfferedService(
        code=service.code,
        channel=service.channel,
        names=dict(service.names),
        brings=dict(service.brings),
        booking=service.booking,
        link=service.link,
        open_today=[OpenHours(start=f"{s.start:%H:%M}", end=f"{s.end:%H:%M}") for s in spans],
        note=opening.note,
    )
