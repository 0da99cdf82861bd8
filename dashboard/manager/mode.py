"""One button: the office's mode, switched after a look at what that changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.manager.mode_words import ModeWords
from dashboard.web.auth import ManagerSession, check_form, office_of
from dashboard.web.rendering import renderer_of
from screening.office.changes import in_mode
from screening.office.facts import Mode

router = APIRouter(prefix="/dashboard/mode", include_in_schema=False)


@router.get("")
def ask(request: Request, session: ManagerSession) -> Response:
    """What the other mode would change, and the button."""
    office, renderer = office_of(request), renderer_of(request)
    context = ModeWords(renderer.language(request)).page(
        office.facts.current(),
        inside=office.figures().occupancy,
        shell=renderer.shell(request),
    )
    return renderer.page(request, "manager/mode.html", context)


@router.post("", dependencies=[Depends(check_form)])
def switch(request: Request, session: ManagerSession, mode: Annotated[Mode, Form()]) -> Response:
    """The mode is what the form says; sending it twice changes nothing more."""
    office = office_of(request)
    office.facts.change(in_mode(mode), operator=session.user, at=office.clock.now())
    return RedirectResponse("/dashboard", 303)
