"""The fifth step: what people call the gates, and what is asked for there."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM
from dashboard.admin.mode import MODE_WORDS
from dashboard.admin.typed import Typed
from dashboard.first_start.contexts import GateName, GatesStep, ModeChoice
from dashboard.first_start.walk import elsewhere, keep, path_of, shell_of, walk_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from dashboard.web.words import CHECKS, N_
from screening.decision import Check
from screening.errors import OfficeError
from screening.office.changes import (
    in_mode,
    in_turn,
    read_gate_title,
    with_gate_title,
    with_settings,
)
from screening.office.facts import Mode

STEP = "gates"
TITLE = "title_"
"""Before a gate's name: what people call it."""
FIRST_GATE = "utama"
MAIN_ENTRANCE = N_("Main entrance")

router = APIRouter(prefix=path_of(STEP), include_in_schema=False)


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """As they are."""
    facts = office_of(request).facts.current()
    say = renderer_of(request).language(request).say
    proposed = {FIRST_GATE: say(MAIN_ENTRANCE), **facts.gate_titles}
    titles = {name: proposed.get(name, "") for name in sorted(facts.gates)}
    return elsewhere(request, STEP) or _page(request, titles, facts.mode)


@router.post("", dependencies=[CHECKED_FORM])
def change(request: Request, session: AdminSession, typed: Typed) -> Response:
    """Keep names and mode."""
    away = elsewhere(request, STEP)
    if away is not None:
        return away
    facts, mode = office_of(request).facts.current(), typed.text("mode")
    titles = {name: typed.text(f"{TITLE}{name}") for name in sorted(facts.gates)}
    try:
        edit = in_turn(
            with_settings({"mode": mode}) if mode else in_mode(facts.mode),
            *(with_gate_title(name, read_gate_title(title)) for name, title in titles.items()),
        )
        return keep(request, session, STEP, edit)
    except OfficeError as error:
        chosen = Mode(mode) if mode in list(Mode) else facts.mode
        return _page(request, titles, chosen, error)


def _page(
    request: Request, titles: Mapping[str, str], chosen: Mode, error: OfficeError | None = None
) -> Response:
    renderer = renderer_of(request)
    language, facts = renderer.language(request), office_of(request).facts.current()
    asked = {Mode.EVERYDAY: facts.everyday_checks, Mode.OUTBREAK: facts.outbreak_checks}
    page = GatesStep(
        shell=shell_of(request),
        walk=walk_of(request, STEP, error),
        gates=tuple(GateName(name=name, title=title) for name, title in titles.items()),
        modes=tuple(
            ModeChoice(
                value=mode.value,
                title=language.say(word),
                words=language.say(meaning),
                checks=tuple(language.say(CHECKS[one]) for one in Check if one in asked[mode]),
                is_chosen=mode is chosen,
            )
            for mode, (word, meaning) in MODE_WORDS.items()
        ),
    )
    return renderer.page(request, "first_start/gates.html", page, status=422 if error else 200)
