"""The office itself: how many may come in, where it is, and how its queue is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.contexts import Field, FieldGroup, OfficePage
from dashboard.admin.fact_words import KEYS, FactWords
from dashboard.admin.problem_words import problem_words
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.language import Language
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import OfficeError
from screening.office.changes import NONE as NO_LIMIT
from screening.office.changes import OF_THE_SEATS, with_settings
from screening.office.facts import OfficeFacts

router = APIRouter(prefix="/admin", include_in_schema=False)

Typed = Annotated[str, Form(max_length=400)]


@router.get("")
def first(session: AdminSession) -> Response:
    """The administrators' first page."""
    return RedirectResponse("/admin/office", 303)


@router.get("/office")
def show(request: Request, session: AdminSession) -> Response:
    """What can be set of the office, as it is."""
    return _page(request, _typed(office_of(request).facts.current()))


@router.post("/office", dependencies=[CHECKED_FORM])
def change(
    request: Request,
    session: AdminSession,
    capacity: Typed = "",
    daily_quota: Typed = "",
    name: Typed = "",
    address: Typed = "",
    telephone: Typed = "",
    map_link: Typed = "",
    message: Typed = "",
    hold_minutes: Typed = "",
    slot_early_minutes: Typed = "",
    slot_late_minutes: Typed = "",
    queue_overtakes: Typed = "",
    step: Step = LOOK,
    seen: Seen = "",
) -> Response:
    """Look over what was typed, or make it so."""
    typed = {
        "capacity": capacity,
        "daily_quota": daily_quota,
        "name": name,
        "address": address,
        "telephone": telephone,
        "map_link": map_link,
        "message": message,
        "hold_minutes": hold_minutes,
        "slot_early_minutes": slot_early_minutes,
        "slot_late_minutes": slot_late_minutes,
        "queue_overtakes": queue_overtakes,
    }
    say = renderer_of(request).language(request).say
    try:
        proposal = Proposal(
            edit=with_settings({key: value.strip() or _EMPTY[key] for key, value in typed.items()}),
            title=say(N_("Change the office?")),
            action="/admin/office",
            back="/admin/office",
            fields=typed,
            notes=(say(N_("It holds for the next visitor. Nobody inside has to leave.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        words = FactWords(
            renderer_of(request).language(request), office_of(request).facts.current()
        )
        return _page(request, typed, problem=problem_words(error, words), status=422)


_EMPTY = {
    "capacity": OF_THE_SEATS,
    "daily_quota": NO_LIMIT,
    "name": NO_LIMIT,
    "address": NO_LIMIT,
    "telephone": NO_LIMIT,
    "map_link": NO_LIMIT,
    "message": NO_LIMIT,
    "hold_minutes": "8",
    "slot_early_minutes": "15",
    "slot_late_minutes": "30",
    "queue_overtakes": "3",
}
"""What an empty field means."""


def _typed(facts: OfficeFacts) -> dict[str, str]:
    return {
        "capacity": _number(facts.set_capacity),
        "daily_quota": _number(facts.daily_quota),
        "name": facts.name or "",
        "address": facts.address or "",
        "telephone": facts.telephone or "",
        "map_link": facts.map_link or "",
        "message": facts.message or "",
        "hold_minutes": str(facts.hold_minutes),
        "slot_early_minutes": str(facts.slot_early_minutes),
        "slot_late_minutes": str(facts.slot_late_minutes),
        "queue_overtakes": str(facts.queue_overtakes),
    }


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _page(
    request: Request, typed: dict[str, str], *, problem: str = "", status: int = 200
) -> Response:
    renderer = renderer_of(request)
    context = OfficePage(
        shell=renderer.shell(request),
        around=around(request, problem=problem),
        groups=_groups(renderer.language(request), typed),
    )
    return renderer.page(request, "admin/office.html", context, status=status)


_HINTS = {
    "capacity": N_("Empty: as many as seats are open."),
    "daily_quota": N_("Booked and others together. Empty: without a limit."),
    "name": N_("On every page and receipt. Empty: as the configuration says."),
    "address": N_("On receipts and on the public page."),
    "telephone": N_("On receipts and on the public page."),
    "map_link": N_("Where the receipt's map leads, such as a link of OpenStreetMap."),
    "message": N_("One sentence for the screens of the waiting rooms."),
    "hold_minutes": N_("Then the place of whoever registers is given back."),
    "slot_early_minutes": N_("So early the gate lets in who booked a time."),
    "slot_late_minutes": N_("Until so late after it begins."),
    "queue_overtakes": N_("So often priority may pass somebody who came before."),
}
_TEXTS = frozenset({"name", "address", "telephone", "map_link", "message"})
_GROUPS = (
    (N_("How many"), ("capacity", "daily_quota")),
    (N_("Where"), ("name", "address", "telephone", "map_link", "message")),
    (N_("Times"), ("hold_minutes", "slot_early_minutes", "slot_late_minutes", "queue_overtakes")),
)


def _groups(language: Language, typed: dict[str, str]) -> tuple[FieldGroup, ...]:
    say = language.say
    return tuple(
        FieldGroup(
            title=say(title),
            fields=tuple(
                Field(
                    name=name,
                    label=say(KEYS[name]),
                    value=typed[name],
                    hint=say(_HINTS[name]),
                    kind="text" if name in _TEXTS else "number",
                )
                for name in names
            ),
        )
        for title, names in _GROUPS
    )
