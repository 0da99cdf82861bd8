"""The office's two modes side by side: what gates ask for, and which seats are open."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM, LOOK, Proposal, Seen, Step, around, look_or_change
from dashboard.admin.fact_words import FactWords
from dashboard.admin.gates import ticks
from dashboard.admin.place_contexts import ModeSide, ModesPage
from dashboard.admin.problem_words import problem_words
from dashboard.admin.typed import Typed
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import N_
from screening.errors import OfficeError
from screening.office.changes import NONE, with_settings
from screening.office.facts import Mode

router = APIRouter(prefix="/admin/mode", include_in_schema=False)

MODE_WORDS: dict[Mode, tuple[str, str]] = {
    Mode.EVERYDAY: (
        N_("Everyday"),
        N_("The gate asks for the receipt and counts. Every seat is open."),
    ),
    Mode.OUTBREAK: (
        N_("Outbreak"),
        N_("Health checks at the gate, and seats sealed so that people keep apart."),
    ),
}
"""What each mode is called, and what it means."""


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """Both modes."""
    return _page(request)


@router.post("", dependencies=[CHECKED_FORM])
def change(
    request: Request, session: AdminSession, typed: Typed, step: Step = LOOK, seen: Seen = ""
) -> Response:
    """Look over what each mode asks for, or make it so."""
    say = renderer_of(request).language(request).say
    fields = {f"{mode}_checks": typed.ticked(f"{mode}_checks") for mode in Mode}
    try:
        proposal = Proposal(
            edit=with_settings({key: text or NONE for key, text in fields.items()}),
            title=say(N_("Change what gates ask for?")),
            action="/admin/mode",
            back="/admin/mode",
            fields=fields,
            notes=(say(N_("Gates with checks of their own keep them.")),),
        )
        return look_or_change(request, session, proposal, step=step, seen=seen)
    except OfficeError as error:
        return _page(request, error=error)


def _page(request: Request, *, error: OfficeError | None = None) -> Response:
    renderer = renderer_of(request)
    language, facts = renderer.language(request), office_of(request).facts.current()
    asked = {Mode.EVERYDAY: facts.everyday_checks, Mode.OUTBREAK: facts.outbreak_checks}
    sides = []
    for mode, (word, meaning) in MODE_WORDS.items():
        plan = replace(facts, mode=mode).plan
        sides.append(
            ModeSide(
                mode=mode.value,
                word=language.say(word),
                meaning=language.say(meaning),
                is_now=facts.mode is mode,
                checks=ticks(language, asked[mode]),
                seats=len(plan.seats),
                open_seats=len(plan.open_seats),
            )
        )
    words = FactWords(language, facts)
    context = ModesPage(
        shell=renderer.shell(request),
        around=around(request, problem=problem_words(error, words) if error else ""),
        sides=tuple(sides),
        own=tuple(words.name(name) for name, own in facts.gates.items() if own is not None),
    )
    return renderer.page(request, "admin/mode.html", context, status=422 if error else 200)
