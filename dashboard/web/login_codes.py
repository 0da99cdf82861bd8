"""The second half of logging in by a code, or by codes that are set up now."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.web.account_contexts import CodePage, RecoveryPage, SetUpPage
from dashboard.web.account_words import WRONG_CODE, WRONG_RECOVERY_CODE
from dashboard.web.auth import check_form, office_of, open_session, threads_of
from dashboard.web.login import HALF_COOKIE, TurnedAway, at_the_brake, local_path, way_in
from dashboard.web.passkey_questions import half_use, login_question, set_up_way, why_none_of
from dashboard.web.qr_code import qr_path
from dashboard.web.rendering import renderer_of
from dashboard.web.second_factor import (
    address_of_secret,
    is_half,
    is_required,
    name_of_half,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    recovery_hashes,
    step_of,
)
from screening.accounts import User

router = APIRouter(prefix="/login", include_in_schema=False)

CODE_LIMIT = 64
Typed = Annotated[str, Form(max_length=400)]
Attempt = Annotated[str, Form(max_length=64)]


async def half_logged_in(request: Request) -> User | None:
    """Whose password was right in this browser a moment ago. Raises RecordError."""
    token = request.cookies.get(HALF_COOKIE, "")
    name = name_of_half(token)
    if not name:
        return None
    office = office_of(request)
    user = await threads_of(request).ask(partial(office.accounts.user, name))
    if user is None or user.locked_at is not None:
        return None
    return user if is_half(user, token, office.clock.now()) else None


HalfLoggedIn = Annotated[User | None, Depends(half_logged_in)]


def from_the_start() -> Response:
    """Nobody's password was right in this browser a moment ago."""
    return RedirectResponse("/login", 303)


@router.get("/code")
async def show_code(request: Request, user: HalfLoggedIn, following: str = "") -> Response:
    """Asks for the code."""
    if user is None or not user.has_second_factor:
        return from_the_start()
    return await threads_of(request).ask(partial(code_page, request, user, following))


@router.post("/code", dependencies=[Depends(check_form)])
async def take_code(
    request: Request, user: HalfLoggedIn, code: Typed = "", following: Typed = ""
) -> Response:
    """Log in with a code of the authenticator, or with a recovery code."""
    if user is None or not user.has_second_factor:
        return from_the_start()
    why = WRONG_RECOVERY_CODE if user.code_secret is None else WRONG_CODE
    is_right = partial(_is_right, request, user, code[:CODE_LIMIT])
    return await second_half(request, user, following, is_right, why=lambda: why)


async def second_half(
    request: Request,
    user: User,
    following: str,
    is_right: Callable[[], bool],
    *,
    why: Callable[[], str],
) -> Response:
    """Log in whose second factor is right; else the page that asks for it, with ``why`` it is not.

    Raises RecordError.
    """
    page, ask = partial(code_page, request, user, following), threads_of(request).ask
    right = await at_the_brake(request, f"code of {user.name}", is_right)
    if isinstance(right, TurnedAway):
        return await ask(partial(_turned_away, request, right, page))
    if not right:
        say = renderer_of(request).language(request).say
        return await ask(lambda: page(problem=say(why()), status=401))
    response = RedirectResponse(way_in(request, user, following), 303)
    await ask(partial(_let_in, request, response, user))
    return response


def _is_right(request: Request, user: User, code: str) -> bool:
    office = office_of(request)
    now = office.clock.now()
    step = None if user.code_secret is None else step_of(code, user.code_secret, now)
    if step is not None:
        return office.accounts.use_code(user.name, step)
    return office.accounts.use_recovery_code(user.name, recovery_hash(user.name, code), at=now)


@router.get("/second-factor")
async def show_set_up(request: Request, user: HalfLoggedIn, following: str = "") -> Response:
    """Where the office asks for a second factor, and this person has none."""
    if user is None or not has_to_set_up(request, user):
        return from_the_start()
    return _set_up_page(request, user, secrets.token_urlsafe(16), following)


@router.post("/second-factor", dependencies=[Depends(check_form)])
async def set_up(
    request: Request,
    user: HalfLoggedIn,
    code: Typed = "",
    attempt: Attempt = "",
    following: Typed = "",
) -> Response:
    """Take the second factor, and log in."""
    if user is None or not has_to_set_up(request, user):
        return from_the_start()
    page = partial(_set_up_page, request, user, attempt, following)
    codes = await taken_second_factor(request, user, attempt, code)
    if isinstance(codes, TurnedAway):
        return _turned_away(request, codes, page)
    if codes is None:
        say = renderer_of(request).language(request).say
        return page(problem=say(WRONG_CODE), status=401)
    return await threads_of(request).ask(partial(let_in_with, request, user, codes, following))


def let_in_with(request: Request, user: User, codes: tuple[str, ...], following: str) -> Response:
    """Log in who has just set a second factor up, and show the recovery codes that come with it.

    Raises RecordError.
    """
    shown = recovery_page(request, codes, way_in(request, user, following), has_form=False)
    _let_in(request, shown, user)
    return shown


def recovery_page(
    request: Request, codes: tuple[str, ...], following: str, *, has_form: bool = True
) -> Response:
    """The page that shows recovery codes, once; ``following`` is where it leads on to."""
    renderer = renderer_of(request)
    shown = RecoveryPage(shell=renderer.shell(request), codes=codes, following=following)
    return renderer.page(request, "recovery_codes.html", shown, has_form=has_form)


def renewed_recovery_codes(request: Request, user: User) -> tuple[str, ...]:
    """New ones; those of before are worthless. Raises RecordError."""
    office, codes = office_of(request), new_recovery_codes()
    hashes = recovery_hashes(user.name, codes)
    at = office.clock.now()
    office.accounts.set_recovery_codes(user.name, hashes, operator=user.name, at=at)
    return codes


async def taken_second_factor(
    request: Request, user: User, attempt: str, code: str
) -> tuple[str, ...] | TurnedAway | None:
    """Give the user the second factor of this attempt: its recovery codes, None for a wrong code.

    Raises RecordError.
    """
    office = office_of(request)
    secret, now = new_secret(user, attempt), office.clock.now()
    step = step_of(code[:CODE_LIMIT], secret, now)
    right = await at_the_brake(request, f"code of {user.name}", lambda: step is not None)
    if isinstance(right, TurnedAway):
        return right
    if step is None:
        return None
    codes = new_recovery_codes()
    hashes = recovery_hashes(user.name, codes)

    def keep() -> None:
        accounts = office.accounts
        accounts.set_code_secret(user.name, secret, hashes, operator=user.name, at=now)
        accounts.use_code(user.name, step)  # not a second time

    await threads_of(request).ask(keep)
    return codes


def set_up_page(
    request: Request,
    user: User,
    attempt: str,
    *,
    action: str,
    fields: tuple[tuple[str, str], ...] = (),
    needs_password: bool = False,
    passkey_way: str = "",
    problem: str | None = None,
    status: int = 200,
) -> Response:
    """The page with the QR code of an attempt."""
    office, renderer = office_of(request), renderer_of(request)
    secret = new_secret(user, attempt)
    size, path = qr_path(address_of_secret(secret, user.name, office.name))
    page = SetUpPage(
        shell=renderer.shell(request),
        name=user.name,
        qr_path=path,
        qr_size=size,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        action=action,
        fields=(("attempt", attempt), *fields),
        needs_password=needs_password,
        is_required=is_required(user, office.facts.current()),
        passkey_way=passkey_way,
        problem=problem,
    )
    return renderer.page(request, "second_factor.html", page, status=status)


def _set_up_page(
    request: Request,
    user: User,
    attempt: str,
    following: str,
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    return set_up_page(
        request,
        user,
        attempt,
        action="/login/second-factor",
        fields=fields_of(following),
        passkey_way=set_up_way(request, following),
        problem=problem,
        status=status,
    )


def fields_of(following: str) -> tuple[tuple[str, str], ...]:
    """What the form of a second half carries along."""
    return (("following", local_path(following)),) if following else ()


def has_to_set_up(request: Request, user: User) -> bool:
    """Whether the office asks for a second factor, and this person has none."""
    return not user.has_second_factor and is_required(user, office_of(request).facts.current())


def _let_in(request: Request, response: Response, user: User) -> None:
    """The second half was right, too."""
    open_session(request, response, user)
    response.delete_cookie(HALF_COOKIE, path="/login", httponly=True, samesite="strict")


def code_page(
    request: Request,
    user: User,
    following: str,
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    """The page that asks for the second factor. Raises RecordError."""
    renderer = renderer_of(request)
    known = office_of(request).accounts.passkeys(user.name) if user.passkeys else []
    question = login_question(request, user, known, half_use(request.cookies[HALF_COOKIE]))
    no_passkey, address = why_none_of(request, known) if question is None else ("", "")
    page = CodePage(
        shell=renderer.shell(request),
        name=user.name,
        following=local_path(following) if following else "",
        has_code=user.code_secret is not None,
        passkey=question,
        no_passkey=no_passkey,
        passkey_address=address,
        problem=problem,
    )
    return renderer.page(request, "login_code.html", page, status=status)


def _turned_away(request: Request, why: TurnedAway, page: partial[Response]) -> Response:
    """The page, with why nothing was looked at."""
    response = page(problem=why.words(renderer_of(request).language(request)), status=why.status)
    response.headers["Retry-After"] = str(why.wait_s)
    return response
