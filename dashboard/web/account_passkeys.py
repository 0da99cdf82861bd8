"""Somebody's own passkeys, and recovery codes for the day when they are not at hand."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.web.account import CHECKED, Password, known_by, own_page, refused
from dashboard.web.account_words import WRONG_PASSKEY
from dashboard.web.auth import StaffSession, office_of, threads_of
from dashboard.web.login_codes import recovery_page, renewed_recovery_codes
from dashboard.web.login_passkeys import (
    Challenge,
    Credential,
    Label,
    kept_passkey,
    passkey_page,
)
from dashboard.web.passkey_questions import Answer, label_of, why_none
from dashboard.web.rendering import renderer_of
from dashboard.web.second_factor import is_required
from dashboard.web.words import N_
from screening.accounts import PASSKEYS_AT_MOST, User, WebSession
from screening.errors import AccountError

router = APIRouter(prefix="/account", include_in_schema=False)

_LAST = N_(
    "The office asks you for a second factor, and this is your last one. Add another one first."
)
_TOO_MANY = N_("Nobody has more than %(most)s passkeys. Remove one that you no longer use.")
_NONE_YET = N_("Recovery codes stand in for a second factor. Set one up first.")


async def _shown_password(
    request: Request, session: StaffSession, current: Password = ""
) -> User | Response:
    """The person, where this is their password; else the page that says why not."""
    found = await known_by(request, session, current)
    if isinstance(found, User):
        return found
    return await threads_of(request).ask(partial(refused, request, session, found))


Shown = Annotated[User | Response, Depends(_shown_password)]


@router.post("/passkeys", dependencies=[CHECKED], response_model=None)
def begin(request: Request, session: StaffSession, user: Shown, label: Label = "") -> Response:
    """Let the browser make a passkey, once the password is right."""
    if not isinstance(user, User):
        return user
    known = office_of(request).accounts.passkeys(user.name)
    say = renderer_of(request).language(request).say
    if len(known) >= PASSKEYS_AT_MOST:
        problem = say(_TOO_MANY) % {"most": PASSKEYS_AT_MOST}
        return own_page(request, session, problem=problem, status=409)
    page = _making(request, session, user, label_of(request, known, label))
    if page is None:
        told, _ = why_none(request)
        return own_page(request, session, problem=told, status=409)
    return page


@router.post("/passkeys/keep", dependencies=[CHECKED])
def keep(
    request: Request,
    session: StaffSession,
    credential: Credential = "",
    challenge: Challenge = "",
    label: Label = "",
) -> Response:
    """Keep the passkey that the browser has made."""
    user = office_of(request).accounts.user(session.user)
    assert user is not None
    # The challenge was given to whoever knew the password, in this log-in.
    answer = Answer(credential, challenge)
    codes = kept_passkey(request, user, _use(session), answer, label=label)
    if codes is None:
        problem = renderer_of(request).language(request).say(WRONG_PASSKEY)
        return own_page(request, session, problem=problem, status=401)
    if not codes:
        return RedirectResponse("/account?done=passkey", 303)
    return recovery_page(request, codes, "/account?done=passkey")


@router.post("/passkeys/remove", dependencies=[CHECKED], response_model=None)
def remove(
    request: Request,
    session: StaffSession,
    user: Shown,
    passkey: Annotated[str, Form(max_length=1400)] = "",
) -> Response:
    """Log in by this passkey no more."""
    if not isinstance(user, User):
        return user
    office = office_of(request)
    needs_factor = is_required(user, office.facts.current())
    own = {one.credential_id for one in office.accounts.passkeys(user.name)}
    if passkey not in own:  # removed a moment ago
        return RedirectResponse("/account", 303)
    try:
        office.accounts.remove_passkey(
            user.name, passkey, needs_factor=needs_factor, at=office.clock.now()
        )
    except AccountError:
        problem = renderer_of(request).language(request).say(_LAST)
        return own_page(request, session, problem=problem, status=409)
    return RedirectResponse("/account?done=no-passkey", 303)


@router.post("/recovery-codes", dependencies=[CHECKED], response_model=None)
def make_recovery_codes(request: Request, session: StaffSession, user: Shown) -> Response:
    """Ten new ones; those of before are worthless."""
    if not isinstance(user, User):
        return user
    if not user.has_second_factor:
        problem = renderer_of(request).language(request).say(_NONE_YET)
        return own_page(request, session, problem=problem, status=409)
    return recovery_page(request, renewed_recovery_codes(request, user), "/account")


def _use(session: WebSession) -> str:
    """For what a challenge is, in this log-in."""
    return f"add {session.token_hash}"


def _making(request: Request, session: WebSession, user: User, label: str) -> Response | None:
    return passkey_page(
        request,
        user,
        _use(session),
        label=label,
        action="/account/passkeys/keep",
        fields=(("label", label),),
        back="/account",
    )
