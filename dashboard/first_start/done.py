"""The end of the walk: where everybody works from now on, and what an administrator does next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.first_start.contexts import DonePage, Door
from dashboard.first_start.walk import shell_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.first_token import SETUP
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.office.facts import SET_UP, OfficeFacts

FIRST_ROOM = "utama"

_AT_A_GATE = (
    Door(
        path="/gate/",
        icon="shield-check",
        title=N_("Guard: %(gate)s"),
        words=N_("Sees who comes, and lets in. A tablet or a PC at the door."),
    ),
    Door(
        path="/kiosk/",
        icon="device-tablet",
        title=N_("Kiosk: %(gate)s"),
        words=N_("Tells whoever stands there what to do. A screen that faces the visitor."),
    ),
)
"""Each of them once a gate; the gate's name ends the path."""
_IN_THE_OFFICE = (
    Door(
        path=f"/display/{FIRST_ROOM}",
        icon="device-tv",
        title=N_("Display"),
        words=N_("Numbers that are called, and free seats. A television in the waiting room."),
    ),
    Door(
        path="/desk",
        icon="clipboard-list",
        title=N_("Desk"),
        words=N_("Registers who comes without a telephone, and finds receipts."),
    ),
    Door(
        path="/",
        icon="world",
        title=N_("Visitors' page"),
        words=N_("How full it is, and registering. Tell everybody this address."),
    ),
)
_NEXT = (
    Door(
        path="/admin/people",
        icon="users",
        title=N_("Invite the people who work here"),
        words=N_("Each gets a link and chooses a password."),
    ),
    Door(
        path="/admin/counters",
        icon="desk",
        title=N_("Name the counters"),
        words=N_("Then numbers are called to them."),
    ),
    Door(
        path="/account/second-factor",
        icon="shield-lock",
        title=N_("Log in with a code, too"),
        words=N_("Then a password that somebody has seen is not enough."),
    ),
)

router = APIRouter(prefix=SETUP, include_in_schema=False)


@router.get(f"/{SET_UP}")
def show(request: Request, session: AdminSession) -> Response:
    """The pages of those who work here."""
    renderer, facts = renderer_of(request), office_of(request).facts.current()
    if facts.is_being_set_up:
        return RedirectResponse(SETUP, 303)
    language = renderer.language(request)
    page = DonePage(
        shell=shell_of(request),
        doors=(*_doors(language, facts), *(_said(language, door) for door in _IN_THE_OFFICE)),
        following=tuple(_said(language, door) for door in _NEXT),
    )
    return renderer.page(request, "first_start/done.html", page)


def _doors(language: Language, facts: OfficeFacts) -> Iterator[Door]:
    for name in sorted(facts.gates):
        gate = {"gate": facts.gate_titles.get(name, name)}
        for door in _AT_A_GATE:
            said = _said(language, door)
            yield replace(said, path=f"{door.path}{quote(name)}", title=said.title % gate)


def _said(language: Language, door: Door) -> Door:
    return replace(door, title=language.say(door.title), words=language.say(door.words))
