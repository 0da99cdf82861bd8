"""``GET /api/v1/queue-monitor``: the office's queue as other cities' systems read it.

The attributes are those of *QueueMonitor*, version 0.0.1 (smartdatamodels.org, QueueManagement), in
the key-values form of NGSI. Nothing in it is about a person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from dashboard.api.problems import described
from dashboard.web.auth import office_of
from dashboard.web.office import Office
from dashboard.web.rendering import renderer_of
from screening.office.services import Channel, Service
from screening.office.standing import Crowd, Door, Standing

router = APIRouter(tags=["status"])

ENTRANCE = "entrance"
NOTES = {
    Channel.COLLECTION: "Register online first and come with the receipt.",
    Channel.WALK_IN: "Come without a booking.",
    Channel.EMERGENCY: "Come at once, without a booking.",
    Channel.ONLINE_ONLY: "Online only; no visit is needed.",
    Channel.CLOSED: "Not given at the moment.",
}


class Address(BaseModel):
    """Where the office is (schema.org PostalAddress)."""

    streetAddress: str = Field(description="As the office writes it")


class QueueMonitor(BaseModel):
    """One line of the office: its entrance, or a service. Absent attributes are not known."""

    id: str = Field(description="urn:ngsi-ld:QueueMonitor:, the office's code, the line")
    type: Literal["QueueMonitor"] = "QueueMonitor"
    name: str
    dataProvider: Literal["Gerbang"] = "Gerbang"
    source: str | None = Field(None, description="The public address of this installation")
    dateModified: datetime | None = Field(None, description="When the figures were true")
    address: Address | None = None
    localId: str = Field(description="The line's code in this office")
    officeName: str
    serviceName: str | None = None
    serviceId: str | None = None
    serviceStatus: Literal["Closed", "Open", "Suspended"] = Field(
        description="Suspended: a break, or the entrance lets nobody in until somebody leaves"
    )
    serviceStatusNote: str | None = Field(
        None, description="What a visitor does, or why it is closed"
    )
    scheduleTime: datetime | None = Field(
        None, description="When it opens next, of what is not open"
    )
    queueLine: str = Field(description="entrance, or the service's code")
    ticketsToServe: int | None = Field(None, description="People waiting outside; of the entrance")


def open_to_other_sites(response: Response) -> None:
    """Scripts of other sites may read the answer: it is public, and needs no log-in."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=2"


@router.get(
    "/queue-monitor",
    responses=described(503),
    response_model_exclude_none=True,
    dependencies=[Depends(open_to_other_sites)],
)
async def queue_monitor(request: Request) -> list[QueueMonitor]:
    """The entrance first, then each service (FIWARE QueueMonitor, key-values)."""
    office = office_of(request)
    language = renderer_of(request).languages.choose(None, office.settings.site.language).code
    services = office.facts.current().services.values()
    return [
        _entrance(office, office.standing(language)),
        *(_line(office, one, office.standing(language, one), language) for one in services),
    ]


def _entrance(office: Office, standing: Standing) -> QueueMonitor:
    site, figures = office.settings.site, standing.figures
    is_known = figures is not None and standing.crowd is not Crowd.UNKNOWN
    status = _status(standing)
    if status == "Open" and standing.crowd in {Crowd.FULL, Crowd.WAITING}:
        status = "Suspended"
    return QueueMonitor(
        id=f"urn:ngsi-ld:QueueMonitor:{site.code}:{ENTRANCE}",
        name=office.name,
        source=office.settings.web.public_url,
        dateModified=None if figures is None else figures.updated_at,
        address=_address(office),
        localId=ENTRANCE,
        officeName=office.name,
        serviceStatus=status,
        serviceStatusNote=_note(standing),
        scheduleTime=_opens(standing),
        queueLine=ENTRANCE,
        ticketsToServe=figures.waiting_outside if figures is not None and is_known else None,
    )


def _line(office: Office, service: Service, standing: Standing, language: str) -> QueueMonitor:
    site, figures = office.settings.site, standing.figures
    is_given = service.channel is not Channel.CLOSED
    name = service.name(language, default=site.language)
    return QueueMonitor(
        id=f"urn:ngsi-ld:QueueMonitor:{site.code}:{service.code}",
        name=f"{office.name}: {name}",
        source=office.settings.web.public_url,
        dateModified=None if figures is None else figures.updated_at,
        address=_address(office),
        localId=service.code,
        officeName=office.name,
        serviceName=name,
        serviceId=service.code,
        serviceStatus=_status(standing) if is_given else "Closed",
        serviceStatusNote=NOTES[service.channel],
        scheduleTime=_opens(standing) if is_given else None,
        queueLine=service.code,
    )


def _status(standing: Standing) -> Literal["Closed", "Open", "Suspended"]:
    if standing.door is Door.OPEN:
        return "Open"
    return "Suspended" if standing.door is Door.BREAK else "Closed"


def _opens(standing: Standing) -> datetime | None:
    return None if standing.door is Door.OPEN else standing.opens


def _note(standing: Standing) -> str | None:
    if standing.door is Door.OPEN and standing.crowd is Crowd.UNKNOWN:
        return "The people inside are not counted just now."
    return standing.today.note or None


def _address(office: Office) -> Address | None:
    address = office.facts.current().address
    return None if address is None else Address(streetAddress=address)
