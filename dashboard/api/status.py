"""``GET /api/v1/status``: how full the office is, open to everyone."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from dashboard.api.problems import described
from dashboard.api.queue_monitor import open_to_other_sites
from dashboard.web.auth import office_of
from screening.figures.waits import Interval
from screening.office.facts import Mode

router = APIRouter(tags=["status"])


class Status(BaseModel):
    """The office now; counts are since the start of the site's day."""

    occupancy: int = Field(description="People inside now")
    uncertainty: int | None = Field(
        description="In nine of ten cases at most so many people more or fewer are inside;"
        " null while too few visits tell how long people stay"
    )
    capacity: int = Field(description="People inside at most")
    admitted_today: int
    refused_today: int
    waiting_outside: int = Field(description="Receipts in the line outside, and others who wait")
    queue_waiting: int = Field(description="People inside who wait to be called to a counter")
    expected_call_in_minutes: tuple[int, int] | None = Field(
        description="How long whoever comes now to a full room waits outside until they are called"
        " in, in 80 of 100 cases; null while there is room, or too few people have left lately"
    )
    expected_wait_minutes: tuple[int, int] | None = Field(
        description="How long whoever comes in now waits for a counter in 80 of 100 cases; null"
        " while the office is closed, no counter is open, or too little is known of past days"
    )
    mode: Mode = Field(description="everyday: the receipt; outbreak: health checks, too")
    updated_at: datetime = Field(description="When these numbers were true (UTC)")


@router.get("/status", responses=described(503), dependencies=[Depends(open_to_other_sites)])
async def status(request: Request) -> Status:
    """How full the office is now. No log-in is needed."""
    office = office_of(request)
    figures = office.figures()
    wait = office.newcomer_wait(office.standing(office.settings.site.language))
    outside = office.newcomer_outside()
    return Status(
        occupancy=figures.occupancy,
        uncertainty=figures.uncertainty,
        capacity=figures.capacity,
        admitted_today=figures.admitted,
        refused_today=figures.denied,
        waiting_outside=figures.waiting_outside,
        queue_waiting=figures.queue_waiting,
        expected_wait_minutes=wait.minutes if isinstance(wait, Interval) else None,
        expected_call_in_minutes=None if outside is None else outside.minutes,
        mode=office.facts.current().mode,
        updated_at=figures.updated_at,
    )
