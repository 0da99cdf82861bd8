"""Who is asking: log-in sessions, stations' tokens, other systems' keys, roles, form tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Form, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import cookie_parser

from dashboard.web.guessing import device_token
from dashboard.web.office import Office
from dashboard.web.patience import RecordThreads
from screening.accounts import KnownAccounts, Role, Scope, SystemKey, User, WebSession
from screening.errors import AccountError, RecordError
from screening.office.facts import OfficeFacts
from screening.registration.closer import Closer

SESSION_COOKIE = "gerbang_session"
FORM_COOKIE = "gerbang_form"
DEVICE_COOKIE = "gerbang_device"
DEVICE_COOKIE_S = 180 * 24 * 3600
"""A browser is known as one that somebody logged in by for half a year."""


def hash_token(token: str) -> str:
    """SHA-256 hex of a session's or a station's token, as the record keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


def office_of(request: Request) -> Office:
    """The collaborators of this application."""
    office: Office = request.app.state.office
    return office


def closer_of(request: Request) -> Closer:
    """What closes days of this office; 404 where nothing can be booked."""
    closer = office_of(request).closer
    if closer is None:
        raise HTTPException(404)
    return closer


ClosesDays = Annotated[Closer, Depends(closer_of)]


def threads_of(request: Request) -> RecordThreads:
    """The application's threads for questions to the record."""
    threads: RecordThreads = request.app.state.record_threads
    return threads


def address_of(request: Request) -> str:
    """The address a request comes from."""
    return request.client.host if request.client else "unknown"


def is_of_somebody_known(headers: Iterable[tuple[bytes, bytes]], known: KnownAccounts) -> bool:
    """Whether a request's headers bear a token, key or log-in, as far as memory tells."""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            digest = hash_token(token.strip())
            if scheme.lower() == "bearer" and (
                known.known_station(digest) or known.known_key(digest)
            ):
                return True
        elif name == b"cookie":
            token = cookie_parser(value.decode("latin-1")).get(SESSION_COOKIE, "")
            if token and known.known_session(hash_token(token)):
                return True
    return False


def current_session(request: Request) -> WebSession | None:
    """The log-in session of this request, None for the public."""
    if not hasattr(request.state, "session"):
        # Nobody, until the record says otherwise: the page that tells of a lost record needs this.
        request.state.session = None
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            request.state.session = office_of(request).known.session(hash_token(token))
    session: WebSession | None = request.state.session
    if session is not None:
        office_of(request).known.note_seen(session)
    return session


async def session_of(request: Request) -> WebSession | None:
    """The same out of the event loop: from memory, or looked up beside it. Raises RecordError."""
    token = request.cookies.get(SESSION_COOKIE)
    if token and not hasattr(request.state, "session"):
        known, digest = office_of(request).known, hash_token(token)
        session = known.known_session(digest)
        request.state.session = session
        if session is None:
            look_up = partial(known.session, digest)
            request.state.session = await threads_of(request).ask(look_up)
    return current_session(request)


def is_stranger(request: Request) -> bool:
    """Whether nobody is logged in here, as far as is known without asking the record."""
    if hasattr(request.state, "session"):
        return request.state.session is None
    return SESSION_COOKIE not in request.cookies


async def know_visitor(request: Request) -> None:
    """Know who looks at an open page; nobody in particular while the record cannot tell."""
    with suppress(RecordError):
        await session_of(request)


def still_logged_in(request: Request) -> Callable[[], Awaitable[bool]]:
    """Asks again whether this request's session goes on, for answers that take long."""
    known, threads = office_of(request).known, threads_of(request)
    digest = hash_token(request.cookies.get(SESSION_COOKIE, ""))

    async def is_welcome() -> bool:
        if known.known_session(digest) is not None:
            return True
        return await threads.ask(partial(known.session, digest)) is not None

    return is_welcome


class LoginNeeded(Exception):
    """A private page was asked for without a log-in session."""


class RoleRefused(Exception):
    """Somebody is logged in, but this page is not for their role."""

    def __init__(self, role: Role) -> None:
        super().__init__(role)
        self.role = role


class FormRefused(Exception):
    """A form came without its token: too old, or sent from another site."""


def _require(*roles: Role) -> Callable[[Request], Awaitable[WebSession]]:
    allowed = frozenset(roles) | {Role.ADMINISTRATOR}

    async def session_with_role(request: Request) -> WebSession:
        session = await session_of(request)
        if session is None:
            raise LoginNeeded
        if session.role not in allowed:
            raise RoleRefused(session.role)
        return session

    return session_with_role


GuardSession = Annotated[WebSession, Depends(_require(Role.GUARD))]
GateSession = Annotated[WebSession, Depends(_require(Role.GUARD, Role.MANAGER))]
ManagerSession = Annotated[WebSession, Depends(_require(Role.MANAGER))]
AdminSession = Annotated[WebSession, Depends(_require())]
OfficeSession = Annotated[WebSession, Depends(_require(Role.OFFICER, Role.MANAGER))]
TraineeSession = Annotated[WebSession, Depends(_require(Role.GUARD, Role.OFFICER))]
StaffSession = Annotated[WebSession, Depends(_require(*Role))]


def works_at_desk(role: Role | None, facts: OfficeFacts) -> bool:
    """Officers do, and guards where the office lets them."""
    if role is Role.GUARD:
        return facts.desk_for_guards
    return role is not None


async def _require_desk(request: Request) -> WebSession:
    session = await session_of(request)
    if session is None:
        raise LoginNeeded
    if not works_at_desk(session.role, office_of(request).facts.current()):
        raise RoleRefused(session.role)
    return session


DeskSession = Annotated[WebSession, Depends(_require_desk)]


def form_token(request: Request) -> str:
    """The token that this request's forms must carry."""
    session = current_session(request)
    if session is not None:
        return session.csrf_token
    if not hasattr(request.state, "form_token"):
        request.state.form_token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    token: str = request.state.form_token
    return token


async def check_form(request: Request, csrf_token: Annotated[str, Form()] = "") -> None:
    """Refuse a form without the token of its session (or, before log-in, of its cookie)."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise FormRefused
    session = await session_of(request)
    expected = session.csrf_token if session else request.cookies.get(FORM_COOKIE, "")
    if not expected or not hmac.compare_digest(csrf_token.encode(), expected.encode()):
        raise FormRefused


def keep_form_token(request: Request, response: Response) -> None:
    """Give an open page's form its cookie."""
    if current_session(request) is None and FORM_COOKIE not in request.cookies:
        response.set_cookie(
            FORM_COOKIE,
            form_token(request),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )


_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "Chrome/": "Chrome",
    "CriOS/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "Linux": "Linux",
}
"""In this order: what stands further down also stands in what its imitators send."""


def browser_of(user_agent: str) -> str:
    """A browser and its system in a word each, as far as anybody can tell."""
    told = (
        next((word for mark, word in words.items() if mark in user_agent), "")
        for words in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(word for word in told if word)


def open_session(request: Request, response: Response, user: User) -> None:
    """Log in: close whatever session the browser had and give it a fresh one.

    Raises LoginNeeded where this is not true of the user any more: looking at a password takes
    time, in which somebody may have locked them.
    """
    office = office_of(request)
    close_session(request, response)
    token = secrets.token_urlsafe(32)
    lifetime = timedelta(hours=office.settings.web.session_hours)
    now = office.clock.now()
    session = WebSession(
        token_hash=hash_token(token),
        user=user.name,
        role=user.role,
        csrf_token=secrets.token_urlsafe(24),
        created_at=now,
        expires_at=now + lifetime,
        browser=browser_of(request.headers.get("user-agent", "")),
    )
    try:
        office.accounts.open_session(session, of=user)
    except AccountError as error:
        raise LoginNeeded from error
    response.set_cookie(
        DEVICE_COOKIE,
        device_token(user),
        max_age=DEVICE_COOKIE_S,
        path="/login",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def close_session(request: Request, response: Response) -> None:
    """Log out, if anybody was logged in."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        office_of(request).accounts.close_session(hash_token(token))
        office_of(request).known.forget_session(hash_token(token))
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


async def gate_of_station(request: Request, gate: str) -> None:
    """The station's bearer token belongs to this gate; 401, 403 or 404 otherwise."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise HTTPException(
            401, "Send this gate's station token as a bearer token.", {"WWW-Authenticate": "Bearer"}
        )
    # Found by the digest, so that the time it takes tells nothing of the token.
    digest = hash_token(token.strip())
    known = office_of(request).known
    threads = threads_of(request)
    owner = known.known_station(digest) or await threads.ask(partial(known.station, digest))
    if owner is None:
        raise HTTPException(401, "The station token is not known.", {"WWW-Authenticate": "Bearer"})
    if owner != gate:
        gates = await threads.ask(known.gates)
        if gate not in {one.name for one in gates}:
            raise HTTPException(404, f"No gate is called {gate!r}.")
        raise HTTPException(403, "The station token belongs to another gate.")


_KEY_SCHEME = HTTPBearer(
    scheme_name="key",
    description="The key that `gerbang key add` printed, with the scope that the address needs",
    auto_error=False,
)


def _require_scope(scope: Scope) -> Callable[..., Awaitable[SystemKey]]:
    async def key_with_scope(
        request: Request,
        sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_KEY_SCHEME)],
    ) -> SystemKey:
        if sent is None or not sent.credentials.strip():
            asked = {"WWW-Authenticate": "Bearer"}
            raise HTTPException(401, "Send a key of this office as a bearer token.", asked)
        # Found by the digest, so that the time it takes tells nothing of the key.
        digest = hash_token(sent.credentials.strip())
        known = office_of(request).known
        key = known.known_key(digest) or await threads_of(request).ask(partial(known.key, digest))
        if key is None:
            asked = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise HTTPException(401, "The key is not known, or was revoked.", asked)
        if scope not in key.scopes:
            asked = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
            raise HTTPException(403, f"This key has not the scope {scope}.", asked)
        known.note_use(key)
        return key

    return key_with_scope


_registrations_key = _require_scope(Scope.REGISTRATIONS)


async def _key_or_officer(
    request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_KEY_SCHEME)]
) -> SystemKey | WebSession:
    if sent is not None:
        return await _registrations_key(request, sent)
    session = await session_of(request)
    if session is None:
        asked = {"WWW-Authenticate": "Bearer"}
        raise HTTPException(401, "Send a key of this office as a bearer token, or log in.", asked)
    return _officer(request, session)


CSRF_HEADER = "x-csrf-token"
_OFFICERS = frozenset({Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR})


def _officer(request: Request, session: WebSession) -> WebSession:
    """The log-in with which the interface is asked to change something; 403 for any but officers.

    A browser sends a log-in's cookie along whoever asks it to, so that the request has to come from
    a page of this site. Browsers say so by Sec-Fetch-Site or Origin, which no page can forge. An
    old browser says neither: the form token does instead. Whoever sends that must send the right
    one. A program that has no page uses a key.
    """
    if session.role not in _OFFICERS:
        raise HTTPException(403, "This is for officers.")
    token = request.headers.get(CSRF_HEADER)
    if token is not None:
        if not hmac.compare_digest(token.encode(), session.csrf_token.encode()):
            raise HTTPException(403, f"This {CSRF_HEADER} is not the log-in's form token.")
        return session
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is not None:
        site = "same-origin" if urlsplit(origin).netloc == request.url.netloc else "cross-site"
    if site not in {"same-origin", "none"}:
        told = "Nothing says" if site is None else "It is not so"
        raise HTTPException(
            403, f"{told} that a page of this site sent this. Send {CSRF_HEADER}, or use a key."
        )
    return session


RegistrationsKey = Annotated[SystemKey, Depends(_registrations_key)]
KeyOrOfficer = Annotated[SystemKey | WebSession, Depends(_key_or_officer)]
"""A key with the scope registrations, or the log-in of an officer."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks with a key or a log-in; ``name`` is what the log says."""

    name: str


_key_for_the_queue = _require_scope(Scope.QUEUE)


async def _queue_caller(
    request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_KEY_SCHEME)]
) -> Caller:
    """A key of scope queue, or an officer's log-in."""
    session = None if sent is not None else await session_of(request)
    if session is None:
        key: SystemKey = await _key_for_the_queue(request, sent)
        return Caller(key.actor)
    return Caller(_officer(request, session).user)


QueueCaller = Annotated[Caller, Depends(_queue_caller)]
StatusKey = Annotated[SystemKey, Depends(_require_scope(Scope.STATUS))]

_key_for_figures = _require_scope(Scope.FIGURES)


async def _figures_caller(
    request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_KEY_SCHEME)]
) -> Caller:
    session = None if sent is not None else await session_of(request)
    if session is None:
        key: SystemKey = await _key_for_figures(request, sent)
        return Caller(key.name)
    if session.role not in {Role.MANAGER, Role.ADMINISTRATOR}:
        raise HTTPException(403, "This is for managers.")
    return Caller(session.user)


FiguresCaller = Annotated[Caller, Depends(_figures_caller)]
"""A key with the scope figures, or the log-in of a manager."""
