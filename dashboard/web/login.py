"""Logging in and out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from dashboard.web.auth import (
    DEVICE_COOKIE,
    address_of,
    check_form,
    close_session,
    current_session,
    office_of,
    open_session,
    threads_of,
)
from dashboard.web.first_token import SETUP
from dashboard.web.guessing import LineFull, LoginBrake, PasswordLine, device_of
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.second_factor import HALF_FOR, half_token, is_required
from dashboard.web.shell import LoginPage
from screening.accounts import Role, User
from screening.errors import RecordError
from screening.office.facts import OfficeFacts

router = APIRouter(tags=["sessions"])

HALF_COOKIE = "gerbang_half"
NAME_LIMIT = 64
PASSWORD_LIMIT = 256
LINE_FULL_S = 2
"""Whoever finds too many others logging in may try again after this time."""


_MEANINGS = {
    401: "Name or password is wrong.",
    403: "The form is not of this session, or the log-in is locked.",
    408: "The body was not there within ten seconds.",
    413: "The body has more than 64 KB.",
    422: "The form cannot be used as it is.",
    429: "Too many wrong passwords; `Retry-After` says when again.",
    503: "The record does not answer, or too many log in; `Retry-After` says when again.",
}


def _described(*statuses: int, then: str) -> dict[int | str, dict[str, Any]]:
    """What these forms answer, for the description of the interface: pages, as for people."""
    answers: dict[int | str, dict[str, Any]] = {
        303: {"description": f"{then}. `Location` says where to go on."}
    }
    page = {"text/html": {"schema": {"type": "string"}}}
    for status in statuses:
        answers[status] = {"description": _MEANINGS[status], "content": page}
    return answers


def local_path(address: str) -> str:
    """A path of this site, or "/" for anything that would lead elsewhere."""
    is_local = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_local and address.isprintable() else "/"


def home_of(role: Role, facts: OfficeFacts) -> str:
    """Where a person starts to work."""
    match role:
        case Role.GUARD:
            return "/gate"
        case Role.OFFICER:
            return "/counter" if facts.counters else "/desk"
        case Role.ADMINISTRATOR if facts.is_being_set_up:
            return SETUP
        case Role.MANAGER | Role.ADMINISTRATOR:
            return "/dashboard"


def _home(request: Request, role: Role) -> str:
    return home_of(role, office_of(request).facts.current())


async def at_the_brake(
    request: Request, what: str, is_right: Callable[[], bool]
) -> TurnedAway | bool:
    """Whether what was typed for ``what`` is right, unless too many were wrong. Raises RecordError.

    Counted before it is looked at, as passwords are.
    """
    brake: LoginBrake = request.app.state.login_brake
    place = address_of(request)
    wait_s = brake.begin(what, place)
    if wait_s > 0:
        return TurnedAway(ceil(wait_s), is_code=True)
    try:
        if not await threads_of(request).ask(is_right):
            return False
    except RecordError:
        brake.withdraw(what, place)
        raise
    brake.succeeded(what, place)
    return True


@dataclass(frozen=True)
class TurnedAway:
    """A password that was not looked at; another one is after ``wait_s`` seconds.

    ``is_crowd``: not for this person's mistakes, but because so many others log in. ``is_code``: a
    code, not a password. ``needs_code``: the password was right, and is not enough.
    """

    wait_s: int
    is_crowd: bool = False
    is_code: bool = False
    needs_code: bool = False

    @property
    def status(self) -> int:
        """Of the answer."""
        if self.needs_code:
            return 403
        return 503 if self.is_crowd else 429

    def words(self, language: Language) -> str:
        """What the person is told."""
        if self.is_crowd:
            words = language.say("Too many log in at once. Try again in %(seconds)s seconds.")
        elif self.needs_code:
            words = language.say("This person has a second factor: log out, and let them log in.")
        elif self.is_code:
            words = language.say("Too many wrong codes. Try again in %(seconds)s seconds.")
        else:
            words = language.say("Too many wrong passwords. Try again in %(seconds)s seconds.")
        return words % {"seconds": self.wait_s}


async def find_user(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> User | TurnedAway | None:
    """The user whose password this is, None when it is wrong. Raises RecordError."""
    name = name.strip()
    brake: LoginBrake = request.app.state.login_brake
    line: PasswordLine = request.app.state.password_line
    is_name = 0 < len(name) <= NAME_LIMIT and name.isprintable()
    place, device = address_of(request), None
    token = request.cookies.get(DEVICE_COOKIE)
    user = await _read_user(request, name) if token and is_name else None
    if token and (device := device_of(user, token)) is not None:
        place = device
    wait_s = brake.begin(name, place, is_device=device is not None)
    if wait_s > 0:
        return TurnedAway(ceil(wait_s))
    is_right = False
    is_known = device is not None or current_session(request) is not None
    if line.is_full_for(address_of(request), is_known=is_known):
        brake.withdraw(name, place, is_device=device is not None)
        return TurnedAway(LINE_FULL_S, is_crowd=True)
    try:
        if user is None and is_name:
            user = await _read_user(request, name)
        is_right = await line.is_password_of(
            user,
            password[:PASSWORD_LIMIT],
            address=address_of(request),
            is_known=is_known,
        )
    except (LineFull, RecordError) as error:
        brake.withdraw(name, place, is_device=device is not None)
        if isinstance(error, RecordError):
            raise
        return TurnedAway(LINE_FULL_S, is_crowd=True)
    if not is_right:
        return None
    brake.succeeded(name, place, is_device=device is not None)
    return user


FoundUser = Annotated[User | TurnedAway | None, Depends(find_user)]


def find_successor(request: Request, found: FoundUser) -> User | TurnedAway | None:
    """Whoever may go on at this screen by password alone, None where it is wrong or locked."""
    if not isinstance(found, User):
        return found
    if found.locked_at is not None:
        return None
    if found.has_second_factor or is_required(found, office_of(request).facts.current()):
        return TurnedAway(0, needs_code=True)
    return found


Successor = Annotated[User | TurnedAway | None, Depends(find_successor)]


async def _read_user(request: Request, name: str) -> User | None:
    return await threads_of(request).ask(partial(office_of(request).accounts.user, name))


@router.get("/login", include_in_schema=False)
def show_login(request: Request, following: str = "") -> Response:
    """The log-in page; who is logged in already goes on."""
    session = current_session(request)
    if session is not None:
        return RedirectResponse(_home(request, session.role), 303)
    is_new = office_of(request).first_token.is_good()
    return _login_page(
        request, name="", following=following, problem=None, status=200, is_new=is_new
    )


@router.post(
    "/login",
    dependencies=[Depends(check_form)],
    response_class=RedirectResponse,
    status_code=303,
    responses=_described(
        401, 403, 408, 413, 422, 429, 503, then="Logged in: the session's cookie; or on to the code"
    ),
)
async def log_in(
    request: Request,
    found: FoundUser,
    name: Annotated[str, Form()] = "",
    following: Annotated[str, Form()] = "",
) -> Response:
    """Check the password and open a fresh session: a cookie, which every page asks for.

    ``csrf_token`` is the form's own, and the browser's cookie has the same.
    """
    if isinstance(found, TurnedAway):
        return _turned_away(request, found, name=name, following=following)
    if found is None:
        say = renderer_of(request).language(request).say
        return _login_page(
            request,
            name=name,
            following=following,
            problem=say("Name or password is wrong. Capital letters matter."),
            status=401,
        )
    office = office_of(request)
    say = renderer_of(request).language(request).say
    if found.locked_at is not None:
        problem = say("This log-in is locked. An administrator can open it again.")
        return _login_page(request, name=name, following=following, problem=problem, status=403)
    way_on = urlencode({"following": local_path(following)} if following else {})
    if found.has_second_factor:
        return _half_way(request, found, f"/login/code?{way_on}")
    if is_required(found, office.facts.current()):
        return _half_way(request, found, f"/login/second-factor?{way_on}")
    response = RedirectResponse(way_in(request, found, following), 303)
    await threads_of(request).ask(partial(open_session, request, response, found))
    return response


def way_in(request: Request, user: User, following: str) -> str:
    """Where a person goes who has just logged in."""
    return local_path(following) if following else _home(request, user.role)


def _half_way(request: Request, user: User, path: str) -> Response:
    response = RedirectResponse(path.rstrip("?"), 303)
    response.set_cookie(
        HALF_COOKIE,
        half_token(user, office_of(request).clock.now()),
        max_age=int(HALF_FOR.total_seconds()),
        path="/login",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


@router.post(
    "/logout",
    dependencies=[Depends(check_form)],
    response_class=RedirectResponse,
    status_code=303,
    responses=_described(403, 408, 413, 422, 503, then="Logged out"),
)
def log_out(request: Request) -> Response:
    """Close the session."""
    response = RedirectResponse("/login", 303)
    close_session(request, response)
    return response


def _turned_away(request: Request, why: TurnedAway, *, name: str, following: str) -> Response:
    problem, status = why.words(renderer_of(request).language(request)), why.status
    response: Response
    if request.app.state.refusal_pages.take("") > 0:
        # A flood: a page is drawn for people.
        response = PlainTextResponse(problem, status)
    else:
        response = _login_page(
            request, name=name, following=following, problem=problem, status=status
        )
    response.headers["Retry-After"] = str(why.wait_s)
    return response


def _login_page(
    request: Request,
    *,
    name: str,
    following: str,
    problem: str | None,
    status: int,
    is_new: bool = False,
) -> Response:
    renderer = renderer_of(request)
    context = LoginPage(
        shell=renderer.shell(request),
        name=name[:NAME_LIMIT],
        following=local_path(following) if following else "",
        problem=problem,
        is_new=is_new,
    )
    return renderer.page(request, "login.html", context, status=status)
