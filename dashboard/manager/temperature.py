"""How the gates' temperature decision did in a month: the managers' page, also on paper."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from dashboard.manager.temperature_contexts import OutcomesPage
from dashboard.manager.temperature_words import OutcomeWords
from dashboard.web.auth import ManagerSession, office_of
from dashboard.web.rendering import renderer_of
from screening.month import Month
from screening.temperature.outcomes import tallies

router = APIRouter(prefix="/dashboard/temperature", include_in_schema=False)


@router.get("")
def show_outcomes(request: Request, session: ManagerSession, month: str | None = None) -> Response:
    """The month asked for, the one that runs otherwise."""
    office, renderer = office_of(request), renderer_of(request)
    zone, now = office.settings.site.zone, office.clock.now()
    try:
        chosen = Month.of(now, zone) if month is None else Month.parse(month)
    except ValueError as error:
        raise HTTPException(404) from error
    counted = tallies(office.thermometers.cases(since=chosen.began(zone), until=chosen.ended(zone)))
    shown = OutcomeWords(renderer.language(request)).month(chosen, counted, at=now, zone=zone)
    context = OutcomesPage(shell=renderer.shell(request), outcomes=shown)
    return renderer.page(request, "manager/temperature.html", context)
