"""The second half of logging in by a passkey, or by one that is made now."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from dashboard.web.account_contexts import PasskeyPage
from dashboard.web.account_words import COPIED_PASSKEY, WRONG_PASSKEY
from dashboard.web.auth import check_form, office_of, threads_of
from dashboard.web.login import HALF_COOKIE
from dashboard.web.login_codes import (
    HalfLoggedIn,
    Typed,
    fields_of,
    from_the_start,
    has_to_set_up,
    let_in_with,
    renewed_recovery_codes,
    second_half,
)
from dashboard.web.passkey_questions import (
    Answer,
    half_use,
    is_shown,
    label_of,
    made,
    new_question,
)
from dashboard.web.passkeys import LONGEST_ANSWER, LONGEST_LABEL
from dashboard.web.rendering import renderer_of
from dashboard.web.second_factor import is_required
from screening.accounts import User
from screening.errors import AccountError

router = APIRouter(prefix="/login/passkey", include_in_schema=False)

Credential = Annotated[str, Form(max_length=LONGEST_ANSWER)]
Challenge = Annotated[str, Form(max_length=200)]
Label = Annotated[str, Form(max_length=LONGEST_LABEL)]


@router.post("", dependencies=[Depends(check_form)])
async def take_passkey(
    request: Request,
    user: HalfLoggedIn,
    credential: Credential = "",
    challenge: Challenge = "",
    following: Typed = "",
) -> Response:
    """Log in with a passkey."""
    if user is None or not user.has_second_factor:
        return from_the_start()
    use = half_use(request.cookies[HALF_COOKIE])
    is_right = partial(is_shown, request, user, use, Answer(credential, challenge))
    why = partial(_why_not, request, user)
    return await second_half(request, user, following, is_right, why=why)


def _why_not(request: Request, user: User) -> str:
    known = office_of(request).accounts.passkeys(user.name)
    is_copied = any(one.copied_at is not None for one in known)
    return COPIED_PASSKEY if is_copied else WRONG_PASSKEY


@router.get("/new")
async def show_new(request: Request, user: HalfLoggedIn, following: str = "") -> Response:
    """Where the office asks for a second factor, and this person takes a passkey for it."""
    if user is None or not has_to_set_up(request, user):
        return from_the_start()
    return await threads_of(request).ask(partial(_new_page, request, user, following))


@router.post("/new", dependencies=[Depends(check_form)])
async def take_new(
    request: Request,
    user: HalfLoggedIn,
    credential: Credential = "",
    challenge: Challenge = "",
    label: Label = "",
    following: Typed = "",
) -> Response:
    """Keep the passkey, and log in."""
    if user is None or not has_to_set_up(request, user):
        return from_the_start()
    use = half_use(request.cookies[HALF_COOKIE])
    keep = partial(kept_passkey, request, user, use, Answer(credential, challenge), label=label)
    ask = threads_of(request).ask
    codes = await ask(keep)
    if codes is None:
        problem = renderer_of(request).language(request).say(WRONG_PASSKEY)
        page = partial(_new_page, request, user, following)
        return await ask(partial(page, problem=problem, status=401))
    return await ask(partial(let_in_with, request, user, codes, following))


def kept_passkey(
    request: Request, user: User, use: str, answer: Answer, *, label: str
) -> tuple[str, ...] | None:
    """Keep the passkey that the browser has made: new recovery codes where the person has none, so
    that they get in without it; None where it is not right. Raises RecordError.
    """
    office = office_of(request)
    accounts, at = office.accounts, office.clock.now()
    called = label_of(request, accounts.passkeys(user.name), label)
    passkey = made(request, user, called, use, answer)
    if passkey is None:
        return None
    try:
        accounts.add_passkey(passkey, at=at)
    except AccountError:
        return None
    if accounts.recovery_codes_left(user.name):
        return ()
    return renewed_recovery_codes(request, user)


def passkey_page(
    request: Request,
    user: User,
    use: str,
    *,
    label: str,
    action: str,
    fields: tuple[tuple[str, str], ...] = (),
    back: str,
    problem: str | None = None,
    status: int = 200,
) -> Response | None:
    """The page on which a browser makes a passkey; None where it cannot. Raises RecordError."""
    office, renderer = office_of(request), renderer_of(request)
    question = new_question(request, user, office.accounts.passkeys(user.name), use)
    if question is None:
        return None
    page = PasskeyPage(
        shell=renderer.shell(request),
        name=user.name,
        label=label,
        question=question,
        action=action,
        fields=fields,
        back=back,
        is_required=is_required(user, office.facts.current()),
        problem=problem,
    )
    return renderer.page(request, "passkey.html", page, status=status)


def _new_page(
    request: Request,
    user: User,
    following: str,
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    page = passkey_page(
        request,
        user,
        half_use(request.cookies[HALF_COOKIE]),
        label=label_of(request, ()),
        action="/login/passkey/new",
        fields=fields_of(following),
        back="/login/second-factor",
        problem=problem,
        status=status,
    )
    return page or from_the_start()
