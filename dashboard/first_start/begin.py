"""Where the walk begins: by the address that the process told, or again by log-in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.around import CHECKED_FORM
from dashboard.first_start.contexts import BeginPage
from dashboard.first_start.walk import FIRST, path_of
from dashboard.web.account import why_not
from dashboard.web.auth import (
    LoginNeeded,
    RoleRefused,
    address_of,
    current_session,
    office_of,
    open_session,
)
from dashboard.web.first_token import SETUP
from dashboard.web.guessing import Tally
from dashboard.web.invitations import LONGEST_NAME, require_name
from dashboard.web.passwords import hash_password
from dashboard.web.preferences import keep_choice
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.accounts import Role, User
from screening.errors import AccountError
from screening.office.changes import at_first_step
from screening.office.facts import SET_UP

router = APIRouter(prefix=SETUP, include_in_schema=False)

Typed = Annotated[str, Form(max_length=1000)]
_NO_NAME = N_("A name has 1 to 40 letters or digits, and nobody else has it.")


@router.get("")
def go_on(request: Request) -> Response:
    """The step at which the walk goes on; its end where it is over."""
    office, session = office_of(request), current_session(request)
    if session is None:
        if office.first_token.is_good():
            return _page(request, is_open=False, status=404)
        raise LoginNeeded
    if session.role is not Role.ADMINISTRATOR:
        raise RoleRefused(session.role)
    facts = office.facts.current()
    step = facts.first_start if facts.is_being_set_up else None
    return RedirectResponse(path_of(step or SET_UP), 303)


@router.get("/{token}")
def show(request: Request, token: str, language: str = "", theme: str = "") -> Response:
    """Whoever has the address becomes administrator here."""
    if language or theme:
        response = RedirectResponse(request.url.path, 303)
        keep_choice(request, response, language=language, theme=theme)
        return response
    if not _opens(request, token):
        return _page(request, is_open=False, status=404)
    return _page(request, is_open=True)


@router.post("/{token}", dependencies=[CHECKED_FORM])
def become_administrator(
    request: Request, token: str, name: Typed = "", password: Typed = "", again: Typed = ""
) -> Response:
    """Keep name and password, log in, and begin; only the first of several is taken."""
    if not _opens(request, token):
        return _page(request, is_open=False, status=404)
    office, language = office_of(request), renderer_of(request).language(request)
    try:
        name = require_name(name)
    except AccountError:
        return _page(request, is_open=True, problem=language.say(_NO_NAME), name=name, status=422)
    problem = why_not(language, password, again, name)
    if problem is not None:
        return _page(request, is_open=True, problem=problem, name=name, status=422)
    user = User(name, Role.ADMINISTRATOR, hash_password(password), office.clock.now())
    try:
        is_first = office.accounts.add_first_administrator(user, also=at_first_step(FIRST))
    except AccountError:
        return _page(request, is_open=True, problem=language.say(_NO_NAME), name=name, status=422)
    office.first_token.end()
    if not is_first:
        return _page(request, is_open=False, status=404)
    response = RedirectResponse(path_of(FIRST), 303)
    open_session(request, response, user)
    return response


def _opens(request: Request, token: str) -> bool:
    """Whether the token is the right one; a wrong one is counted. Raises HTTPException."""
    if office_of(request).first_token.opens(token):
        return True
    brake: Tally = request.app.state.first_token_brake
    wait_s = brake.take(address_of(request))
    if wait_s > 0:
        raise HTTPException(429, headers={"Retry-After": str(int(wait_s) + 1)})
    return False


def _page(
    request: Request, *, is_open: bool, problem: str = "", name: str = "", status: int = 200
) -> Response:
    renderer = renderer_of(request)
    page = BeginPage(
        shell=renderer.private_shell(request),
        is_open=is_open,
        name=name[:LONGEST_NAME],
        problem=problem,
    )
    return renderer.page(request, "first_start/begin.html", page, status=status)
