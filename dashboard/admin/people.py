"""Who works here: invited, given a role, locked, sent a new link, removed."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.around import (
    CHECKED_FORM,
    LOOK,
    Act,
    Proposal,
    Seen,
    Step,
    around,
    look_or_act,
    look_or_change,
)
from dashboard.admin.people_contexts import PeoplePage, PersonLine, PersonPage, SecretPage
from dashboard.web.account import end_sessions, session_lines
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.invitations import invite, renew
from dashboard.web.passkey_questions import passkey_lines
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_, ROLES
from screening.accounts import NO_PASSWORD, Role, User
from screening.errors import AccountError, OfficeError
from screening.office.changes import with_settings
from screening.office.facts import SecondFactor

router = APIRouter(prefix="/admin/people", include_in_schema=False)

PEOPLE, PERSON = "/admin/people", "/admin/people/person"
Name = Annotated[str, Form(max_length=100)]
RoleTyped = Annotated[str, Form(max_length=20)]
_MAY: dict[Role, str] = {
    Role.GUARD: N_("Works at the gate: sees who comes, lets in, asks again."),
    Role.OFFICER: N_("Works at desk and counter: registers, calls, serves."),
    Role.MANAGER: N_("Sees room, figures and log, and switches the mode."),
    Role.ADMINISTRATOR: N_("May do everything, and sets everything here."),
}
_DONE = {
    "role": N_("The role is changed. They have to log in again."),
    "locked": N_("Locked. Nobody is logged in by this name any more."),
    "unlocked": N_("They can log in again."),
    "removed": N_("Removed. What they did stays in the log."),
    "ended": N_("The log-in is ended."),
    "no-code": N_("They log in by their password alone now."),
}
_NOT_YOURSELF = N_(
    "This is your own log-in. Another administrator can do it, or look under your name."
)


@router.get("")
def show(request: Request, session: AdminSession, done: str = "") -> Response:
    """Everybody who may log in."""
    return _people(request, session.user, done=done)


@router.post("/invite", dependencies=[CHECKED_FORM])
def invite_person(
    request: Request, session: AdminSession, name: Name = "", role: RoleTyped = ""
) -> Response:
    """Add a person, and show the link by which they choose a password."""
    office, say = office_of(request), renderer_of(request).language(request).say
    if role not in list(Role):
        problem = say(N_("Choose what this person does here."))
        return _people(request, session.user, problem=problem, typed=(name, ""), status=422)
    try:
        path = invite(
            office.accounts, name, Role(role), operator=session.user, at=office.clock.now()
        )
    except AccountError:
        problem = say(
            N_("Nobody was invited. A name has 1 to 40 letters or digits, and nobody else has it.")
        )
        return _people(request, session.user, problem=problem, typed=(name, role), status=422)
    return _link_page(request, name.strip(), path)


@router.post("/second-factor", dependencies=[CHECKED_FORM])
def ask_for_second_factor(
    request: Request,
    session: AdminSession,
    wanted: Annotated[str, Form(max_length=20)] = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Whether managers and administrators need a second factor."""
    say = renderer_of(request).language(request).say
    is_required = wanted == SecondFactor.REQUIRED
    required = N_("Managers and administrators without one set it up when they log in next.")
    optional = N_("Whoever has set one up goes on using it.")
    try:
        proposal = Proposal(
            edit=with_settings({"second_factor": wanted}),
            title=say(N_("Change who needs a second factor?")),
            action=f"{PEOPLE}/second-factor",
            back=PEOPLE,
            fields={"wanted": wanted},
            notes=(say(required if is_required else optional),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _people(request, session.user, problem=str(error), status=422)


@router.get("/person")
def show_person(
    request: Request, session: AdminSession, name: Annotated[str, Query()] = "", done: str = ""
) -> Response:
    """One person: role, lock, link, open log-ins."""
    return _person(request, session.user, name, done=done)


@router.post("/role", dependencies=[CHECKED_FORM])
def change_role(
    request: Request,
    session: AdminSession,
    name: Name = "",
    role: RoleTyped = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Give a person another role."""
    if role not in list(Role):
        raise HTTPException(422)
    office, say = office_of(request), renderer_of(request).language(request).say
    user, then = _user(request, name), Role(role)

    def change() -> None:
        at = office.clock.now()
        office.accounts.change_role(user.name, then, operator=session.user, at=at)

    act = Act(
        what=say(N_("Role")),
        before=say(ROLES[user.role]),
        after=say(ROLES[then]),
        title=say(N_("Change the role of %(name)s?")) % {"name": user.name},
        notes=(say(_MAY[then]), say(N_("They have to log in again."))),
        action=f"{PEOPLE}/role",
        fields={"name": user.name, "role": role},
        do=change,
        back=_address(user.name),
        then=_address(user.name, "role"),
    )
    return _look_or_act(request, session, user, act, step=step, seen=seen)


@router.post("/lock", dependencies=[CHECKED_FORM])
def lock(
    request: Request,
    session: AdminSession,
    name: Name = "",
    locked: Annotated[bool, Form()] = True,
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Let a person log in no more, or again."""
    office, say = office_of(request), renderer_of(request).language(request).say
    user = _user(request, name)

    def change() -> None:
        at, by = office.clock.now(), session.user
        office.accounts.set_locked(user.name, is_locked=locked, operator=by, at=at)

    words = {False: say(N_("open")), True: say(N_("locked"))}
    note = N_("Whoever is logged in by this name is not any more, within two seconds.")
    again = N_("They log in by the password they had.")
    act = Act(
        what=say(N_("Log-in")),
        before=words[user.locked_at is not None],
        after=words[locked],
        title=say(N_("Lock %(name)s?") if locked else N_("Let %(name)s log in again?"))
        % {"name": user.name},
        notes=(say(note if locked else again),),
        action=f"{PEOPLE}/lock",
        fields={"name": user.name, "locked": str(locked).lower()},
        do=change,
        back=_address(user.name),
        then=_address(user.name, "locked" if locked else "unlocked"),
    )
    return _look_or_act(request, session, user, act, step=step, seen=seen)


@router.post("/remove", dependencies=[CHECKED_FORM])
def remove(
    request: Request, session: AdminSession, name: Name = "", step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Take a person's log-in away for good."""
    office, say = office_of(request), renderer_of(request).language(request).say
    user = _user(request, name)

    def change() -> None:
        office.accounts.remove_user(user.name, operator=session.user, at=office.clock.now())

    act = Act(
        what=say(N_("Log-in")),
        before=say(ROLES[user.role]),
        after=say(N_("none")),
        title=say(N_("Remove %(name)s?")) % {"name": user.name},
        notes=(
            say(N_("The log keeps the name beside what this person did.")),
            say(N_("Whoever comes back later is locked rather than removed.")),
        ),
        action=f"{PEOPLE}/remove",
        fields={"name": user.name},
        do=change,
        back=_address(user.name),
        then=_address("", "removed"),
    )
    return _look_or_act(request, session, user, act, step=step, seen=seen)


@router.post("/no-code", dependencies=[CHECKED_FORM])
def take_second_factor_away(
    request: Request, session: AdminSession, name: Name = "", step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Whoever has lost the phone, and the recovery codes with it."""
    office, say = office_of(request), renderer_of(request).language(request).say
    user = _user(request, name)

    def change() -> None:
        at, by = office.clock.now(), session.user
        office.accounts.drop_second_factor(user.name, operator=by, at=at)

    act = Act(
        what=say(N_("Second factor")),
        before=say(N_("yes")) if user.has_second_factor else say(N_("no")),
        after=say(N_("no")),
        title=say(N_("Take the second factor of %(name)s away?")) % {"name": user.name},
        notes=(
            say(N_("Codes, passkeys and recovery codes are worthless from now on.")),
            say(N_("Make sure that it is really they who ask: call them, or see them.")),
        ),
        action=f"{PEOPLE}/no-code",
        fields={"name": user.name},
        do=change,
        back=_address(user.name),
        then=_address(user.name, "no-code"),
    )
    return _look_or_act(request, session, user, act, step=step, seen=seen)


@router.post("/reset", dependencies=[CHECKED_FORM])
def reset(
    request: Request, session: AdminSession, name: Name = "", step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Give a person a new link, and show it."""
    office, say = office_of(request), renderer_of(request).language(request).say
    user = _user(request, name)
    links: list[str] = []

    def change() -> None:
        at = office.clock.now()
        links.append(renew(office.accounts, user.name, operator=session.user, at=at))

    act = Act(
        what=say(N_("Password")),
        before=say(N_("not chosen") if user.password_hash == NO_PASSWORD else N_("chosen")),
        after=say(N_("a new link")),
        title=say(N_("A new link for %(name)s?")) % {"name": user.name},
        notes=(
            say(N_("The password of before, the second factor and open log-ins are worthless.")),
            say(N_("The link is shown once, and is good for three days.")),
        ),
        action=f"{PEOPLE}/reset",
        fields={"name": user.name},
        do=change,
        back=_address(user.name),
        then=_address(user.name),
    )
    answer = _look_or_act(request, session, user, act, step=step, seen=seen)
    return _link_page(request, user.name, links[0]) if links else answer


@router.post("/sessions/{number}/end", dependencies=[CHECKED_FORM])
def end_session(request: Request, session: AdminSession, number: str, name: Name = "") -> Response:
    """End an open log-in of a person."""
    user = _user(request, name)
    if not end_sessions(request, user.name, number=number, operator=session.user):
        raise HTTPException(404)
    return RedirectResponse(_address(user.name, "ended"), 303)


def _look_or_act(
    request: Request, session: AdminSession, user: User, act: Act, *, step: str, seen: str
) -> Response:
    say = renderer_of(request).language(request).say
    if user.name == session.user:
        return _person(request, session.user, user.name, problem=say(_NOT_YOURSELF), status=409)
    try:
        answer = look_or_act(request, act, step=step, seen=seen)
    except AccountError:
        problem = say(N_("They are the only administrator who can log in. Add another one first."))
        return _person(request, session.user, user.name, problem=problem, status=409)
    office_of(request).known.forget_sessions_of(user.name)  # they are looked up again
    return answer


def _address(name: str, done: str = "") -> str:
    told = {key: value for key, value in (("name", name), ("done", done)) if value}
    return f"{PERSON if name else PEOPLE}?{urlencode(told)}".rstrip("?")


def _user(request: Request, name: str) -> User:
    user = office_of(request).accounts.user(name)
    if user is None:
        raise HTTPException(404)
    return user


def _link_page(request: Request, name: str, path: str) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    say = renderer.language(request).say
    base = office.settings.web.public_url or f"{request.url.scheme}://{request.url.netloc}"
    page = SecretPage(
        shell=renderer.shell(request),
        around=around(request),
        title=say(N_("The link for %(name)s")) % {"name": name},
        told=say(
            N_(
                "Give it to this person alone. By it they choose their own password, once, within"
                " three days. It is shown only now."
            )
        ),
        secret=f"{base}{path}",
        is_link=True,
        back=_address(name),
    )
    return renderer.page(request, "admin/secret.html", page)


def _roles(request: Request) -> tuple[tuple[str, str, str], ...]:
    say = renderer_of(request).language(request).say
    return tuple((role.value, say(ROLES[role]), say(_MAY[role])) for role in Role)


def _line(request: Request, user: User, invited: dict[str, str], yourself: str) -> PersonLine:
    office, language = office_of(request), renderer_of(request).language(request)
    say, zone = language.say, office.settings.site.zone
    last = user.last_login_at
    if user.locked_at is not None:
        state, note = "locked", say(N_("Locked since %(moment)s"))
        note %= {"moment": language.moment(user.locked_at, zone)}
    elif user.name in invited:
        state = "invited"
        note = say(N_("Invited; the link is good until %(moment)s"))
        note %= {"moment": invited[user.name]}
    elif user.password_hash == NO_PASSWORD:
        state, note = "lapsed", say(N_("No password yet, and the link is over: make a new one"))
    else:
        state, note = "open", ""
    return PersonLine(
        name=user.name,
        address=f"{PERSON}?name={quote(user.name)}",
        role_word=say(ROLES[user.role]),
        last_login=say(N_("never")) if last is None else language.moment(last, zone),
        state=state,
        note=note,
        has_second_factor=user.has_second_factor,
        is_yourself=user.name == yourself,
    )


def _invited(request: Request) -> dict[str, str]:
    office, language = office_of(request), renderer_of(request).language(request)
    zone = office.settings.site.zone
    open_ones = office.accounts.invitations(at=office.clock.now())
    return {one.user: language.moment(one.expires_at, zone) for one in open_ones}


def _people(
    request: Request,
    yourself: str,
    *,
    done: str = "",
    problem: str = "",
    typed: tuple[str, str] = ("", ""),
    status: int = 200,
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    say = renderer.language(request).say
    invited = _invited(request)
    page = PeoplePage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        people=tuple(_line(request, user, invited, yourself) for user in office.accounts.users()),
        roles=_roles(request),
        typed=typed,
        is_factor_required=office.facts.current().second_factor is SecondFactor.REQUIRED,
        done=say(_DONE[done]) if done in _DONE else "",
    )
    return renderer.page(request, "admin/people.html", page, status=status)


def _person(
    request: Request,
    yourself: str,
    name: str,
    *,
    done: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    say = renderer.language(request).say
    user = _user(request, name)
    page = PersonPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        person=_line(request, user, _invited(request), yourself),
        role=user.role.value,
        roles=_roles(request),
        sessions=session_lines(request, user.name),
        has_code=user.code_secret is not None,
        passkeys=passkey_lines(request, office.accounts.passkeys(user.name)),
        recovery_left=office.accounts.recovery_codes_left(user.name),
        done=say(_DONE[done]) if done in _DONE else "",
    )
    return renderer.page(request, "admin/person.html", page, status=status)
