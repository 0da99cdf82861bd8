"""What needs somebody, on the pages of whoever can do something about it; and who takes it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.web.alert_words import AlertLine, AlertWords, told_to
from dashboard.web.auth import StaffSession, check_form, office_of
from dashboard.web.login import home_of, local_path
from dashboard.web.office_words import words_of
from dashboard.web.typed_numbers import RowNumber
from screening.accounts import Role

router = APIRouter(prefix="/alerts", include_in_schema=False)


def alert_lines(request: Request, role: Role | None, *, gate: str = "") -> tuple[AlertLine, ...]:
    """The open alerts that are for this role, or for the guards of a gate; from memory."""
    alerts, words = office_of(request).alerts.current(), AlertWords(words_of(request))
    return tuple(words.line(one) for one in told_to(role, alerts, gate=gate))


@router.post("/{alert_id}/taken", dependencies=[Depends(check_form)])
def take(
    request: Request,
    alert_id: RowNumber,
    session: StaffSession,
    back: Annotated[str, Form()] = "",
) -> Response:
    """Somebody who works here takes care of it; one that is over needs nobody any more."""
    office = office_of(request)
    office.alerts.acknowledge(alert_id, by=session.user)
    home = home_of(session.role, office.facts.current())
    return RedirectResponse(local_path(back) if back else home, 303)
