"""Logging in and out."""

from __future__ import annotations

from functools import partial
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.auth import (
    LoginBrake,
    address_of,
    check_form,
    close_session,
    current_session,
    is_password_of,
    office_of,
    open_session,
    threads_of,
)
from dashboard.contexts.shell import LoginPage
from dashboard.rendering import renderer_of
from screening.accounts import Role, User

router = APIRouter(include_in_schema=False)

NAME_LIMIT = 64
PASSWORD_LIMIT = 256


def local_path(address: str) -> str:
    """A path of this site, or "/" for anything that would lead elsewhere."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local and address.isprintable() else "/"


def home_of(role: Role) -> str:
    """Where a person starts to work."""
    return "/gate" if role is Role.GUARD else "/dashboard"


def brake_of(request: Request) -> LoginBrake:
    """The application's brake on guessing."""
    brake: LoginBrake = request.app.state.login_brake
    return brake


async def named_user(request: Request, name: Annotated[str, Form()] = "") -> User | None:
    """The user of that name, None where there is none or guessing is braked. Raises RecordError."""
    wanted = name.strip()
    if not 0 < len(wanted) <= NAME_LIMIT:
        return None
    if brake_of(request).wait_s(wanted, address_of(request)) > 0:
        return None
    # Not in the thread that answers: a record that hangs is waited for only so long.
    return await threads_of(request).ask(partial(office_of(request).accounts.user, wanted))


NamedUser = Annotated[User | None, Depends(named_user)]


def find_user(
    request: Request, name: str, password: str, *, user: User | None
) -> User | int | None:
    """The user whose password this is, None when it is wrong, seconds to wait when it is braked."""
    brake = brake_of(request)
    address = address_of(request)
    wait_s = brake.wait_s(name, address)
    if wait_s > 0:
        return ceil(wait_s)
    if not is_password_of(user, password[:PASSWORD_LIMIT]):
        brake.failed(name[:NAME_LIMIT], address)
        return None
    brake.succeeded(name, address)
    return user


@router.get("/login")
def show_login(request: Request, following: str = "") -> Response:
    """The log-in page; who is logged in already goes on."""
    session = current_session(request)
    if session is not None:
        return RedirectResponse(home_of(session.role), 303)
    return _login_page(request, name="", following=following, problem=None, status=200)


@router.post("/login", dependencies=[Depends(check_form)])
def log_in(
    request: Request,
    user: NamedUser,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    following: Annotated[str, Form()] = "",
) -> Response:
    """Check the password and open a fresh session."""
    say = renderer_of(request).language(request).say
    found = find_user(request, name.strip(), password, user=user)
    if isinstance(found, int):
        response = _login_page(
            request,
            name=name,
            following=following,
            problem=say("Too many wrong passwords. Try again in %(seconds)s seconds.")
            % {"seconds": found},
            status=429,
        )
        response.headers["Retry-After"] = str(found)
        return response
    if found is None:
        return _login_page(
            request,
            name=name,
            following=following,
            problem=say("Name or password is wrong. Capital letters matter."),
            status=401,
        )
    response = RedirectResponse(local_path(following) if following else home_of(found.role), 303)
    open_session(request, response, found)
    return response


@router.post("/logout", dependencies=[Depends(check_form)])
def log_out(request: Request) -> Response:
    """Close the session."""
    response = RedirectResponse("/login", 303)
    close_session(request, response)
    return response


def _login_page(
    request: Request, *, name: str, following: str, problem: str | None, status: int
) -> Response:
    renderer = renderer_of(request)
    context = LoginPage(
        shell=renderer.shell(request),
        name=name[:NAME_LIMIT],
        following=local_path(following) if following else "",
        problem=problem,
    )
    return renderer.page(request, "login.html", context, status=status)
