"""Keys: by which other systems call the interface, and of issuers whose receipts are taken."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, HTTPException, Request, Response

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
from dashboard.admin.fact_words import SCOPES
from dashboard.admin.people_contexts import IssuerLine, KeyLine, KeysPage, SecretPage
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.system_keys import make_key
from dashboard.web.words import N_
from screening.accounts import Scope, SystemKey
from screening.errors import AccountError, OfficeError, ReceiptError
from screening.office.changes import Edit
from screening.office.issuers import (
    require_issuer,
    with_issuer_key,
    with_key_times,
    without_issuer,
)
from screening.receipts.keys import TrustedKey
from screening.receipts.public_keys import read_public_key

router = APIRouter(prefix="/admin/keys", include_in_schema=False)

KEYS = "/admin/keys"
Name = Annotated[str, Form(max_length=100)]
Day = Annotated[str, Form(max_length=20)]
_DONE = {"revoked": N_("The key is worthless. What was booked by it stays.")}


@router.get("")
def show(request: Request, session: AdminSession, done: str = "") -> Response:
    """All keys."""
    return _page(request, done=done)


@router.post("/make", dependencies=[CHECKED_FORM])
def make(
    request: Request,
    session: AdminSession,
    name: Name = "",
    scopes: Annotated[list[str] | None, Form(max_length=10)] = None,
) -> Response:
    """Make a key of the interface, and show it."""
    office, renderer = office_of(request), renderer_of(request)
    say = renderer.language(request).say
    chosen = {Scope(one) for one in scopes or () if one in list(Scope)}
    if not chosen:
        problem = say(N_("Choose what the other system may do."))
        return _page(request, problem=problem, typed={"name": name}, status=422)
    try:
        key, secret = make_key(name, chosen, office.clock.now())
        office.accounts.add_key(key, operator=session.user)
    except AccountError:
        problem = say(
            N_("No key was made. A name has 1 to 40 letters or digits, and no other key has it.")
        )
        return _page(request, problem=problem, typed={"name": name}, chosen=chosen, status=422)
    page = SecretPage(
        shell=renderer.shell(request),
        around=around(request),
        title=say(N_("The key %(name)s")) % {"name": key.name},
        told=say(
            N_(
                "Put it into the other system, which sends it as a bearer token. It is shown only"
                " now: whoever loses it gets another one."
            )
        ),
        secret=secret,
        is_link=False,
        back=KEYS,
    )
    return renderer.page(request, "admin/secret.html", page)


@router.post("/revoke", dependencies=[CHECKED_FORM])
def revoke(
    request: Request, session: AdminSession, name: Name = "", step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Make a key of the interface worthless."""
    office, language = office_of(request), renderer_of(request).language(request)
    say = language.say
    key = next((one for one in office.accounts.system_keys() if one.name == name), None)
    if key is None:
        raise HTTPException(404)
    act = Act(
        what=say(N_("Interface key %(name)s")) % {"name": name},
        before=", ".join(_scope_words(language, key)),
        after=say(N_("none")),
        title=say(N_("Revoke the key %(name)s?")) % {"name": name},
        action=f"{KEYS}/revoke",
        back=KEYS,
        then=f"{KEYS}?done=revoked",
        fields={"name": name},
        do=lambda: office.accounts.revoke_key(name, operator=session.user, at=office.clock.now()),
        notes=(say(N_("The other system is refused within two seconds.")),),
    )
    return look_or_act(request, act, step=step, seen=seen)


@router.post("/issuers/add", dependencies=[CHECKED_FORM])
def add_issuer(
    request: Request,
    session: AdminSession,
    issuer: Name = "",
    key: Annotated[str, Form(max_length=20_000)] = "",
    begins: Day = "",
    ends: Day = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Take the receipts of another issuer."""
    site = office_of(request).settings.site
    say = renderer_of(request).language(request).say
    typed = {"issuer": issuer, "key": key, "begins": begins, "ends": ends}
    try:
        handed = read_public_key(key.encode())
        trusted = TrustedKey(
            issuer=require_issuer(issuer.strip(), ours=site.code),
            kid=handed.kid,
            public_key=handed.public_key,
            not_before=_moment(begins, site.zone),
            not_after=_moment(ends, site.zone),
        )
        proposal = _proposal(
            request,
            edit=with_issuer_key(trusted),
            title=say(N_("Take receipts of %(name)s?")) % {"name": trusted.issuer},
            action="add",
            fields=typed,
            note=N_("What it has signed opens the gates of this office, within two seconds."),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except (ReceiptError, OfficeError) as error:
        return _page(request, problem=str(error), typed=typed, status=422)


@router.post("/issuers/until", dependencies=[CHECKED_FORM])
def end_issuer(
    request: Request,
    session: AdminSession,
    issuer: Name = "",
    kid: Annotated[str, Form(max_length=200)] = "",
    ends: Day = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Say until when a key is trusted; empty: without an end."""
    zone = office_of(request).settings.site.zone
    say = renderer_of(request).language(request).say
    try:
        proposal = _proposal(
            request,
            edit=with_key_times(issuer, _kid(kid), {"until": _moment(ends, zone)}),
            title=say(N_("Change until when %(name)s is trusted?")) % {"name": issuer},
            action="until",
            fields={"issuer": issuer, "kid": kid, "ends": ends},
            note=N_(
                "Receipts that it signs are refused from then on, also those given out before."
            ),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, problem=str(error), status=422)


@router.post("/issuers/remove", dependencies=[CHECKED_FORM])
def remove_issuer(
    request: Request,
    session: AdminSession,
    issuer: Name = "",
    kid: Annotated[str, Form(max_length=200)] = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Trust a key no more; without a key's id, none of the issuer's, nor its lists."""
    say = renderer_of(request).language(request).say
    try:
        proposal = _proposal(
            request,
            edit=without_issuer(issuer, _kid(kid) if kid else None),
            title=say(N_("Trust %(name)s no more?")) % {"name": issuer},
            action="remove",
            fields={"issuer": issuer, "kid": kid},
            note=N_("Its visitors are refused at the gate from the next scan on."),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, problem=str(error), status=422)


def _proposal(
    request: Request, *, edit: Edit, title: str, action: str, fields: dict[str, str], note: str
) -> Proposal:
    return Proposal(
        edit=edit,
        title=title,
        action=f"{KEYS}/issuers/{action}",
        back=KEYS,
        fields=fields,
        notes=(renderer_of(request).language(request).say(note),),
    )


def _kid(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise OfficeError(f"{text!r} is no key id") from error


def _moment(day: str, zone: ZoneInfo) -> datetime | None:
    """The first moment of a day that was typed."""
    if not day.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(day.strip()), time.min, tzinfo=zone)
    except ValueError as error:
        raise OfficeError(f"{day!r} is not a day; write e.g. 2027-01-31") from error


def _scope_words(language: Language, key: SystemKey) -> tuple[str, ...]:
    return tuple(language.say(SCOPES[scope]) for scope in Scope if scope in key.scopes)


def _issuer_line(language: Language, key: TrustedKey, now: datetime, zone: ZoneInfo) -> IssuerLine:
    say = language.say
    if key.is_over(now):
        state, note, moment = "over", N_("over since %(moment)s"), key.not_after
    elif not key.is_good(now):
        state, note, moment = "early", N_("trusted from %(moment)s on"), key.not_before
    elif key.not_after is not None:
        state, note, moment = "good", N_("trusted until %(moment)s"), key.not_after
    else:
        state, note, moment = "good", N_("trusted without an end"), None
    told = {} if moment is None else {"moment": language.moment(moment, zone)}
    return IssuerLine(
        issuer=key.issuer,
        kid=key.kid.hex(),
        algorithm=key.algorithm.name_in_cose,
        state=state,
        note=say(note) % told,
    )


def _page(
    request: Request,
    *,
    done: str = "",
    problem: str = "",
    typed: dict[str, str] | None = None,
    chosen: set[Scope] | None = None,
    status: int = 200,
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language = renderer.language(request)
    say, zone, now = language.say, office.settings.site.zone, office.clock.now()
    facts = office.facts.current()
    empty = dict.fromkeys(("name", "issuer", "key", "begins", "ends"), "")
    page = KeysPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        keys=tuple(
            KeyLine(
                name=key.name,
                scopes=_scope_words(language, key),
                created=language.moment(key.created_at, zone),
                used=say(N_("never used"))
                if key.used_at is None
                else language.moment(key.used_at, zone),
            )
            for key in office.accounts.system_keys()
        ),
        issuers=tuple(_issuer_line(language, key, now, zone) for key in facts.issuer_keys),
        imported=tuple((name, language.whole(count)) for name, count in facts.imported.items()),
        scopes=tuple(
            (scope.value, say(words), scope in (chosen or ())) for scope, words in SCOPES.items()
        ),
        typed=empty | (typed or {}),
        done=say(_DONE[done]) if done in _DONE else "",
    )
    return renderer.page(request, "admin/keys.html", page, status=status)
