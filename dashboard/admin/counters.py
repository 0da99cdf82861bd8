"""The counters that visitors are called to, and the screens that tell them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.fact_words import FactWords
from dashboard.admin.place_contexts import CounterCard, CountersPage, Screen, Tick
from dashboard.admin.problem_words import problem_words
from dashboard.admin.typed import Typed, TypedForm
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import OfficeError, RecordError
from screening.office.changes import (
    ALL,
    NONE,
    with_changed_counter,
    with_counter,
    without_counter,
)
from screening.office.counters import Counter

router = APIRouter(prefix="/admin/counters", include_in_schema=False)

ROOM = "utama"
"""A screen's address where no counter and no plan names its room."""
LINES = 3
Text = Annotated[str, Form(max_length=200)]


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """Every counter, and every address for a screen."""
    return _page(request)


@router.post("", dependencies=[CHECKED_FORM])
def add(
    request: Request,
    session: AdminSession,
    typed: Typed,
    name: Text = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over one more counter, or add it."""
    say, name = renderer_of(request).language(request).say, name.strip()
    values = _values(typed)
    if not values["place"]:
        del values["place"]
    try:
        proposal = Proposal(
            edit=with_counter(name, values),
            title=say(N_("Add this counter?")),
            action="/admin/counters",
            back="/admin/counters",
            fields={"name": name, **_sent(typed)},
            notes=(say(N_("An officer can call visitors there at once.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, error=error, typed={"": typed}, new_name=name)


@router.post("/{name}", dependencies=[CHECKED_FORM])
def change(
    request: Request,
    session: AdminSession,
    name: str,
    typed: Typed,
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over what was typed of a counter, or make it so."""
    say = renderer_of(request).language(request).say
    try:
        proposal = Proposal(
            edit=with_changed_counter(name, _values(typed)),
            title=say(N_("Change counter %(counter)s?")) % {"counter": name},
            action=f"/admin/counters/{name}",
            back="/admin/counters",
            fields=_sent(typed),
            notes=(say(N_("Whoever is there is served to the end.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, error=error, typed={name: typed})


@router.post("/{name}/remove", dependencies=[CHECKED_FORM])
def remove(
    request: Request, session: AdminSession, name: str, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Take a counter away, after a look at who is there."""
    say = renderer_of(request).language(request).say
    there = _there(request).get(name, "")
    notes = [say(N_("Its page is gone."))]
    if there:
        told = say(N_("%(ticket)s is there now and can be called to another counter."))
        notes.append(told % {"ticket": there})
    proposal = Proposal(
        edit=without_counter(name),
        title=say(N_("Take counter %(counter)s away?")) % {"counter": name},
        action=f"/admin/counters/{name}/remove",
        back="/admin/counters",
        fields={},
        notes=notes,
    )
    try:
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, error=error)


def _values(typed: TypedForm) -> dict[str, str]:
    return {
        "place": typed.text("place"),
        "room": typed.text("room").lower() or NONE,
        "open": typed.text("open") or "no",
        "services": typed.ticked("services") or ALL,
    }


def _sent(typed: TypedForm) -> dict[str, str]:
    return {
        "place": typed.text("place"),
        "room": typed.text("room"),
        "open": typed.text("open"),
        "services": typed.ticked("services"),
    }


def _there(request: Request) -> Mapping[str, str]:
    """Who is at which counter; nobody where the record does not answer."""
    office = office_of(request)
    with suppress(RecordError):
        seen = office.queue.view(at=office.clock.now()).counters
        return {one.name: ticket.label for one, ticket in seen if ticket is not None}
    return {}


def _page(
    request: Request,
    *,
    error: OfficeError | None = None,
    typed: Mapping[str, TypedForm] | None = None,
    new_name: str = "",
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    facts, words = (
        office.facts.current(),
        FactWords(renderer.language(request), office.facts.current()),
    )
    there, forms = _there(request), typed or {}
    context = CountersPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem_words(error, words) if error else ""),
        counters=tuple(
            _card(words, counter, there.get(name, ""), forms.get(name))
            for name, counter in facts.counters.items()
        ),
        new=_card(words, Counter(name=""), "", forms.get("")),
        new_name=new_name,
        screens=screens_of(request, there),
    )
    return renderer.page(request, "admin/counters.html", context, status=422 if error else 200)


def _card(words: FactWords, counter: Counter, there: str, typed: TypedForm | None) -> CounterCard:
    taken: Collection[str] = counter.services
    place, room, is_open = counter.place, counter.room, counter.is_open
    if typed is not None:
        taken = typed.ticked("services").split(",") if typed.ticked("services") else ()
        place, room = typed.text("place"), typed.text("room")
        is_open = typed.text("open") == "yes"
    return CounterCard(
        name=counter.name,
        place=place,
        room=room,
        is_open=is_open,
        takes_all=not taken,
        services=tuple(
            Tick(value=code, word=words.name(code), is_ticked=code in taken)
            for code in words.facts.services
        ),
        takes=", ".join(map(words.name, counter.services))
        or words.language.say(N_("all services")),
        ticket=there,
    )


def screens_of(request: Request, there: Mapping[str, str]) -> tuple[Screen, ...]:
    """Every address that is meant for a screen."""
    office, say = office_of(request), renderer_of(request).language(request).say
    facts, base = office.facts.current(), str(request.base_url).rstrip("/")
    called = {one.room for one in facts.counters.values() if one.room}
    rooms = sorted(called) or [ROOM]
    found = []
    for room in rooms:
        lines = [
            (there[one.name], one.place)
            for one in facts.counters.values()
            if one.calls_into(room) and one.name in there
        ]
        path = f"/display/{room}"
        found.append(
            Screen(
                kind="display",
                title=say(N_("Waiting room %(room)s")) % {"room": room},
                words=say(N_("Who is called to which counter, and a voice.")),
                path=path,
                address=base + path,
                lines=tuple(lines[:LINES]),
            )
        )
    for gate in sorted(facts.gates):
        path = f"/kiosk/{gate}"
        found.append(
            Screen(
                kind="kiosk",
                title=say(N_("Kiosk: %(gate)s")) % {"gate": facts.gate_titles.get(gate, gate)},
                words=say(N_("What the visitor at the gate has to do.")),
                path=path,
                address=base + path,
            )
        )
    found.append(
        Screen(
            kind="sign",
            title=say(N_("Sign at the door")),
            words=say(N_("Open or closed, how full it is, and the code of the page to register.")),
            path="/sign",
            address=f"{base}/sign",
        )
    )
    return tuple(found)
