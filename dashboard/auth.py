"""Who is asking: passwords, log-in sessions, roles, form tokens and the brake on guessing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from fastapi import Depends, Form, HTTPException, Request, Response

from dashboard.office import Office
from dashboard.patience import RecordThreads
from screening.accounts import Role, User, WebSession
from screening.clock import Clock
from screening.errors import RecordError

SESSION_COOKIE = "gerbang_session"
FORM_COOKIE = "gerbang_form"

FAILURES_ALLOWED = 5
"""Wrong passwords for one name from one address before a wait; OWASP suggests three to five."""
ADDRESS_FAILURES_ALLOWED = 30
"""Wrong passwords from one address, whatever the name: one office's tablets share an address."""
FAILURE_WINDOW_S = 300.0
_REMEMBERED_KEYS = 10_000

_hasher = PasswordHasher()


def _hash_of_nobody() -> str:
    """Looks like a password's hash and takes as long to verify; random bytes that nothing made."""
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


_NOBODY = _hash_of_nobody()
"""Verified in place of an unknown user's hash, so that both take the same time."""


def hash_password(password: str) -> str:
    """An argon2id string for ``User.password_hash``."""
    return _hasher.hash(password)


def hash_token(token: str) -> str:
    """SHA-256 hex of a session's or a station's token, as the record keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_password_of(user: User | None, password: str) -> bool:
    """Whether the password fits; as slow for a user who does not exist."""
    try:
        _hasher.verify(_NOBODY if user is None else user.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
    return user is not None


class LoginBrake:
    """Counts wrong passwords in memory; too many within the window make the next one wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[tuple[str, str], deque[float]] = {}

    def wait_s(self, name: str, address: str) -> float:
        """Seconds until another attempt is looked at; 0 means now."""
        with self._lock:
            return max(
                self._wait((name, address), FAILURES_ALLOWED),
                self._wait(("", address), ADDRESS_FAILURES_ALLOWED),
            )

    def failed(self, name: str, address: str) -> None:
        """Remember a wrong password."""
        now = self._clock.monotonic_s()
        with self._lock:
            for key in ((name, address), ("", address)):
                self._failures.setdefault(key, deque(maxlen=ADDRESS_FAILURES_ALLOWED)).append(now)
            while len(self._failures) > _REMEMBERED_KEYS:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, name: str, address: str) -> None:
        """Forget what this person mistyped."""
        with self._lock:
            self._failures.pop((name, address), None)

    def _wait(self, key: tuple[str, str], allowed: int) -> float:
        times = self._failures.get(key)
        if times is None:
            return 0.0
        now = self._clock.monotonic_s()
        while times and now - times[0] >= FAILURE_WINDOW_S:
            times.popleft()
        if not times:
            del self._failures[key]
            return 0.0
        return max(0.0, times[-allowed] + FAILURE_WINDOW_S - now) if len(times) >= allowed else 0.0


def office_of(request: Request) -> Office:
    """The collaborators of this application."""
    office: Office = request.app.state.office
    return office


def threads_of(request: Request) -> RecordThreads:
    """The application's threads for questions to the record."""
    threads: RecordThreads = request.app.state.record_threads
    return threads


def address_of(request: Request) -> str:
    """The address a request comes from."""
    return request.client.host if request.client else "unknown"


def current_session(request: Request) -> WebSession | None:
    """The log-in session of this request, None for the public."""
    if not hasattr(request.state, "session"):
        # Nobody, until the record says otherwise: the page that tells of a lost record needs this.
        request.state.session = None
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            request.state.session = office_of(request).known.session(hash_token(token))
    session: WebSession | None = request.state.session
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
OfficeSession = Annotated[WebSession, Depends(_require(Role.OFFICER, Role.MANAGER))]


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


def open_session(request: Request, response: Response, user: User) -> None:
    """Log in: close whatever session the browser had and give it a fresh one."""
    office = office_of(request)
    close_session(request, response)
    token = secrets.token_urlsafe(32)
    lifetime = timedelta(hours=office.settings.web.session_hours)
    now = office.clock.now()
    office.accounts.open_session(
        WebSession(
            token_hash=hash_token(token),
            user=user.name,
            role=user.role,
            csrf_token=secrets.token_urlsafe(24),
            created_at=now,
            expires_at=now + lifetime,
        )
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
