"""The gates: what people call them, what they ask for, how their devices are, and their tokens."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.fact_words import FactWords
from dashboard.admin.place_contexts import GateCard, GatesPage, Tick, TokenPage
from dashboard.admin.problem_words import problem_words
from dashboard.admin.typed import Typed, TypedForm
from dashboard.web.auth import AdminSession, hash_token, office_of
from dashboard.web.gate.control import gates_in_words
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.words import CHECKS, N_
from screening.decision import Check
from screening.errors import OfficeError
from screening.office.changes import (
    NONE,
    in_turn,
    read_checks,
    read_gate_title,
    with_changed_gate,
    with_gate,
    with_gate_title,
    without_gate,
)

router = APIRouter(prefix="/admin/gates", include_in_schema=False)

TOKEN_BYTES = 32
OWN = "own"
Text = Annotated[str, Form(max_length=200)]


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """Every gate."""
    return _page(request)


@router.post("", dependencies=[CHECKED_FORM])
def add(
    request: Request,
    session: AdminSession,
    name: Text = "",
    title: Text = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over one more gate, or add it."""
    language, name = renderer_of(request).language(request), name.strip()
    try:
        proposal = Proposal(
            edit=in_turn(
                with_gate(name, None), with_gate_title(name, read_gate_title(title.strip()))
            ),
            title=language.say(N_("Add this gate?")),
            action="/admin/gates",
            back="/admin/gates",
            fields={"name": name, "title": title},
            notes=(language.say(N_("Its page is there at once, for a guard by hand.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, error=error, new_name=name, new_title=title)


@router.post("/{gate}", dependencies=[CHECKED_FORM])
def change(
    request: Request,
    session: AdminSession,
    gate: str,
    typed: Typed,
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over a gate's name and checks, or make them so."""
    language = renderer_of(request).language(request)
    title, checks = typed.text("title"), typed.ticked("checks")
    is_own = typed.text("asks") == OWN
    try:
        proposal = Proposal(
            edit=in_turn(
                with_changed_gate(gate, read_checks(checks or NONE) if is_own else None),
                with_gate_title(gate, read_gate_title(title)),
            ),
            title=language.say(N_("Change gate %(gate)s?")) % {"gate": _called(request, gate)},
            action=f"/admin/gates/{gate}",
            back="/admin/gates",
            fields={"title": title, "asks": typed.text("asks"), "checks": checks},
            notes=(language.say(N_("It holds for the next visitor at this gate.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, error=error, typed={gate: typed})


@router.post("/{gate}/remove", dependencies=[CHECKED_FORM])
def remove(
    request: Request, session: AdminSession, gate: str, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Take a gate away, after a look at what is lost."""
    say = renderer_of(request).language(request).say
    notes = [say(N_("Its pages are gone and its station's token is worthless within two seconds."))]
    if any(one.name == gate for one in office_of(request).settings.gates):
        notes.append(say(N_("The configuration describes it: the next start adds it again.")))
    proposal = Proposal(
        edit=without_gate(gate),
        title=say(N_("Take gate %(gate)s away?")) % {"gate": _called(request, gate)},
        action=f"/admin/gates/{gate}/remove",
        back="/admin/gates",
        fields={},
        notes=notes,
    )
    try:
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, error=error)


@router.post("/{gate}/token", dependencies=[CHECKED_FORM])
def renew_token(request: Request, session: AdminSession, gate: str) -> Response:
    """Give the gate's station a new token, and tell it this once."""
    office, renderer = office_of(request), renderer_of(request)
    if gate not in office.facts.current().gates:
        raise HTTPException(404)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    office.accounts.renew_gate_token(gate, hash_token(token))
    office.facts.note(
        f"gates.{gate}.token",
        before=None,
        after="renewed",
        operator=session.user,
        at=office.clock.now(),
    )
    context = TokenPage(
        shell=renderer.shell(request),
        around=around(request),
        gate=gate,
        title=_called(request, gate),
        token=token,
    )
    return renderer.page(request, "admin/token.html", context)


def ticks(language: Language, ticked: Collection[Check]) -> tuple[Tick, ...]:
    """Every check, with those that are asked for ticked."""
    return tuple(
        Tick(value=check.value, word=language.say(CHECKS[check]), is_ticked=check in ticked)
        for check in Check
    )


def asked(language: Language, checks: Collection[Check]) -> str:
    """The checks in words."""
    words = [language.say(CHECKS[check]) for check in Check if check in checks]
    return ", ".join(words) or language.say(N_("nothing"))


def _called(request: Request, gate: str) -> str:
    return office_of(request).facts.current().gate_titles.get(gate, gate)


def _page(
    request: Request,
    *,
    error: OfficeError | None = None,
    typed: dict[str, TypedForm] | None = None,
    new_name: str = "",
    new_title: str = "",
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language, facts = renderer.language(request), office.facts.current()
    here, elsewhere = gates_in_words(request)
    live = {gate.gate: gate for gate in here}
    away = {gate.gate: gate.words for gate in elsewhere}
    tokens = {gate.name for gate in office.accounts.gates() if gate.token_hash is not None}
    cards = []
    for name, own in sorted(facts.gates.items()):
        form = (typed or {}).get(name)
        has_own = own is not None if form is None else form.text("asks") == OWN
        chosen = facts.checks_of(name)
        if form is not None:
            chosen = frozenset(
                check for check in Check if check in form.ticked("checks").split(",")
            )
        cards.append(
            GateCard(
                name=name,
                title=facts.gate_titles.get(name, name),
                typed_title=facts.gate_titles.get(name, "") if form is None else form.text("title"),
                asks=asked(language, facts.checks_of(name)),
                has_own=has_own,
                own=ticks(language, chosen),
                has_token=name in tokens,
                runs=away.get(name, "" if name in live else language.say(N_("starts in a moment"))),
                devices=live[name].devices if name in live else (),
            )
        )
    context = GatesPage(
        shell=renderer.shell(request),
        around=around(
            request,
            problem=problem_words(error, FactWords(language, facts)) if error else "",
        ),
        gates=tuple(cards),
        mode_asks=asked(language, facts.mode_checks),
        new_name=new_name,
        new_title=new_title,
    )
    return renderer.page(request, "admin/gates.html", context, status=422 if error else 200)
