"""Somebody's own log-in: password, codes, open log-ins; and the way in by invitation."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.web.account_contexts import AccountPage, JoinPage, SessionLine
from dashboard.web.account_words import PASSWORD_ADVICE, TWO_DIFFER, WRONG_CODE, WRONG_PASSWORD
from dashboard.web.auth import (
    StaffSession,
    address_of,
    check_form,
    current_session,
    hash_token,
    office_of,
    open_session,
    threads_of,
)
from dashboard.web.guessing import LinkBrake
from dashboard.web.language import Language
from dashboard.web.login import TurnedAway, find_user
from dashboard.web.login_codes import (
    Attempt,
    recovery_page,
    set_up_page,
    taken_second_factor,
)
from dashboard.web.passkey_questions import label_of, passkey_lines, why_none
from dashboard.web.passwords import hash_password, weakness
from dashboard.web.preferences import keep_choice
from dashboard.web.rendering import renderer_of
from dashboard.web.second_factor import is_required
from dashboard.web.words import N_, ROLES
from screening.accounts import User, WebSession
from screening.errors import AccountError

router = APIRouter(include_in_schema=False)

CHECKED = Depends(check_form)
Password = Annotated[str, Form(max_length=1000)]
_DONE = {
    "password": N_("You have another password. Wherever else you were logged in, you are not now."),
    "ended": N_("The log-in is ended."),
    "factor": N_("You log in with a code from now on."),
    "off": N_("You log in without a code from now on."),
    "passkey": N_("You log in with this passkey from now on."),
    "no-passkey": N_("The passkey is removed. Its device may keep it, where it opens nothing."),
}


def why_not(language: Language, password: str, again: str, name: str) -> str | None:
    """What is wrong with a password that somebody has chosen, None where it will do."""
    why = weakness(password, name)
    if why is not None:
        return language.say(PASSWORD_ADVICE[why])
    return None if password == again else language.say(TWO_DIFFER)


@router.get("/account")
def show(request: Request, session: StaffSession, done: str = "") -> Response:
    """Somebody's own log-in."""
    say = renderer_of(request).language(request).say
    return own_page(request, session, done=say(_DONE[done]) if done in _DONE else "")


@router.post("/account/password", dependencies=[CHECKED])
async def change_password(
    request: Request,
    session: StaffSession,
    current: Password = "",
    password: Password = "",
    again: Password = "",
) -> Response:
    """Take another password; all other log-ins of this person end."""
    office, threads = office_of(request), threads_of(request)
    user = await known_by(request, session, current)
    if not isinstance(user, User):
        return await threads.ask(partial(refused, request, session, user))
    problem = why_not(renderer_of(request).language(request), password, again, user.name)
    if problem is not None:
        return await threads.ask(partial(own_page, request, session, problem=problem, status=422))
    response = RedirectResponse("/account?done=password", 303)

    def change() -> None:
        office.accounts.change_password(
            user.name, hash_password(password), operator=user.name, at=office.clock.now()
        )
        changed = office.accounts.user(user.name)
        if changed is not None:
            open_session(request, response, changed)

    await threads.ask(change)
    return response


@router.get("/account/second-factor")
def show_second_factor(request: Request, session: StaffSession) -> Response:
    """Begin to set a second factor up, also in place of the one before."""
    return _set_up(request, _person(request, session), secrets.token_urlsafe(16))


@router.post("/account/second-factor", dependencies=[CHECKED])
async def set_second_factor(
    request: Request,
    session: StaffSession,
    current: Password = "",
    code: Annotated[str, Form(max_length=400)] = "",
    attempt: Attempt = "",
) -> Response:
    """Take it, where password and code are right."""
    threads, language = threads_of(request), renderer_of(request).language(request)
    person = await threads.ask(partial(_person, request, session))
    user = await known_by(request, session, current)
    if isinstance(user, TurnedAway):
        return _set_up(request, person, attempt, user.words(language), user.status)
    if user is None:
        return _set_up(request, person, attempt, language.say(WRONG_PASSWORD), 401)
    codes = await taken_second_factor(request, user, attempt, code)
    if isinstance(codes, TurnedAway):
        return _set_up(request, person, attempt, codes.words(language), codes.status)
    if codes is None:
        return _set_up(request, person, attempt, language.say(WRONG_CODE), 401)
    return recovery_page(request, codes, "/account?done=factor")


@router.post("/account/second-factor/off", dependencies=[CHECKED])
async def take_second_factor_away(
    request: Request, session: StaffSession, current: Password = ""
) -> Response:
    """Log in without codes again; where the office asks for a second factor, with a passkey."""
    office, threads = office_of(request), threads_of(request)
    user = await known_by(request, session, current)
    if not isinstance(user, User):
        return await threads.ask(partial(refused, request, session, user))
    take_away = partial(office.accounts.set_code_secret, user.name, None, (), operator=user.name)
    needs_factor = is_required(user, office.facts.current())
    try:
        await threads.ask(partial(take_away, at=office.clock.now(), needs_factor=needs_factor))
    except AccountError:
        say = renderer_of(request).language(request).say
        problem = say(N_("The office asks you for a second factor. You may set up another one."))
        return await threads.ask(partial(own_page, request, session, problem=problem, status=409))
    return RedirectResponse("/account?done=off", 303)


@router.post("/account/sessions/{number}/end", dependencies=[CHECKED])
def end_session(request: Request, session: StaffSession, number: str) -> Response:
    """End one of the person's own log-ins, also this one."""
    ended = end_sessions(request, session.user, number=number, operator=session.user)
    if not ended:
        raise HTTPException(404)
    is_this = session.token_hash in ended
    return RedirectResponse("/login" if is_this else "/account?done=ended", 303)


def end_sessions(request: Request, user: str, *, number: str | None, operator: str) -> list[str]:
    """End log-ins of a person, and know it at once."""
    office = office_of(request)
    at = office.clock.now()
    ended = office.accounts.end_sessions(user, number=number, operator=operator, at=at)
    for token_hash in ended:
        office.known.forget_session(token_hash)
    return ended


def session_lines(request: Request, user: str) -> tuple[SessionLine, ...]:
    """The open log-ins of a person, the newest first. Raises RecordError."""
    office, language = office_of(request), renderer_of(request).language(request)
    zone, this = office.settings.site.zone, current_session(request)
    open_ones = [one for one in office.accounts.sessions(at=office.clock.now()) if one.user == user]
    return tuple(
        SessionLine(
            number=one.number,
            browser=one.browser or language.say(N_("Unknown browser")),
            since=language.moment(one.created_at, zone),
            seen=language.moment(office.known.seen_at(one) or one.created_at, zone),
            is_this=this is not None and this.token_hash == one.token_hash,
        )
        for one in sorted(open_ones, key=lambda one: one.created_at, reverse=True)
    )


@router.get("/join/{token}")
def show_invitation(request: Request, token: str, language: str = "", theme: str = "") -> Response:
    """Whoever was invited chooses a password here."""
    if language or theme:
        response = RedirectResponse(request.url.path, 303)
        keep_choice(request, response, language=language, theme=theme)
        return response
    return _join_page(request, token)


@router.post("/join/{token}", dependencies=[CHECKED])
def accept_invitation(
    request: Request, token: str, password: Password = "", again: Password = ""
) -> Response:
    """Keep the password, once."""
    office = office_of(request)
    _brake(request, token)
    invitation = office.accounts.invitation(hash_token(token), at=office.clock.now())
    if invitation is None:
        return _join_page(request, token)
    language = renderer_of(request).language(request)
    problem = why_not(language, password, again, invitation.user)
    if problem is not None:
        return _join_page(request, token, problem=problem, status=422)
    try:
        office.accounts.accept(hash_token(token), hash_password(password), at=office.clock.now())
    except AccountError:  # somebody was quicker
        return _join_page(request, token)
    return RedirectResponse("/login", 303)


def _join_page(
    request: Request, token: str, *, problem: str | None = None, status: int = 200
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language = renderer.language(request)
    _brake(request, token)
    invitation = office.accounts.invitation(hash_token(token), at=office.clock.now())
    user = None if invitation is None else office.accounts.user(invitation.user)
    brake: LinkBrake = request.app.state.link_brake
    if invitation is None or user is None:
        wait_s = brake.missed(address_of(request))
        if wait_s > 0:
            raise HTTPException(429, headers={"Retry-After": str(int(wait_s) + 1)})
        page = JoinPage(
            shell=renderer.private_shell(request), name="", role_word="", until="", problem=problem
        )
        return renderer.page(request, "join.html", page, status=404)
    brake.opened(("join", hash_token(token)))
    page = JoinPage(
        shell=renderer.private_shell(request),
        name=user.name,
        role_word=language.say(ROLES[user.role]),
        until=language.moment(invitation.expires_at, office.settings.site.zone),
        problem=problem,
    )
    return renderer.page(request, "join.html", page, status=status)


def _brake(request: Request, token: str) -> None:
    brake: LinkBrake = request.app.state.link_brake
    wait_s = brake.begin(address_of(request), ("join", hash_token(token)))
    if wait_s > 0:
        raise HTTPException(429, headers={"Retry-After": str(int(wait_s) + 1)})


async def known_by(
    request: Request, session: WebSession, password: str
) -> User | TurnedAway | None:
    """The person of this log-in, where this is their password."""
    return await find_user(request, session.user, password)


def _person(request: Request, session: WebSession) -> User:
    user = office_of(request).accounts.user(session.user)
    if user is None:
        raise HTTPException(404)
    return user


def refused(request: Request, session: WebSession, why: TurnedAway | None) -> Response:
    """The page, where the password was wrong or not looked at."""
    language = renderer_of(request).language(request)
    if why is None:
        return own_page(request, session, problem=language.say(WRONG_PASSWORD), status=401)
    return own_page(request, session, problem=why.words(language), status=why.status)


def _set_up(
    request: Request, user: User, attempt: str, problem: str | None = None, status: int = 200
) -> Response:
    return set_up_page(
        request,
        user,
        attempt,
        action="/account/second-factor",
        needs_password=True,
        problem=problem,
        status=status,
    )


def own_page(
    request: Request, session: WebSession, *, done: str = "", problem: str = "", status: int = 200
) -> Response:
    """The page of somebody's own log-in. Raises RecordError."""
    office, renderer = office_of(request), renderer_of(request)
    user = _person(request, session)
    passkeys = office.accounts.passkeys(user.name)
    no_passkeys, address = why_none(request)
    page = AccountPage(
        shell=renderer.shell(request),
        sessions=session_lines(request, user.name),
        has_second_factor=user.has_second_factor,
        has_code=user.code_secret is not None,
        passkeys=passkey_lines(request, passkeys),
        label=label_of(request, passkeys),
        no_passkeys=no_passkeys,
        passkey_address=f"{address}/account" if address else "",
        recovery_left=office.accounts.recovery_codes_left(user.name),
        is_required=is_required(user, office.facts.current()),
        done=done,
        problem=problem,
    )
    return renderer.page(request, "account.html", page, status=status)
