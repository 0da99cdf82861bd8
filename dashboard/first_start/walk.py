"""The walk through a new office: its steps, how far it is, and how a step is kept.

Every step is one change of the office's facts with who made it, so that the walk can be left and
taken up again, also after a restart.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from dashboard.admin.fact_words import FactWords
from dashboard.admin.problem_words import problem_words
from dashboard.first_start.contexts import Stone, Walk
from dashboard.web.auth import office_of
from dashboard.web.first_token import SETUP
from dashboard.web.rendering import renderer_of
from dashboard.web.shell import Shell
from dashboard.web.words import N_
from screening.accounts import WebSession
from screening.errors import OfficeError
from screening.office.changes import Edit, at_first_step, in_turn
from screening.office.facts import SET_UP, OfficeFacts

STEPS: dict[str, tuple[str, str]] = {
    "office": (N_("Office"), "building"),
    "hours": (N_("Hours"), "clock"),
    "services": (N_("Services"), "list-details"),
    "seats": (N_("Seats"), "armchair"),
    "gates": (N_("Gate"), "door-enter"),
    "receipt": (N_("First receipt"), "qrcode"),
}
"""In their order, each with its word and its icon."""
FIRST = next(iter(STEPS))
_ORDER = (*STEPS, SET_UP)


def path_of(step: str) -> str:
    """Where a step's page is."""
    return f"{SETUP}/{step}"


def elsewhere(request: Request, step: str) -> Response | None:
    """Where to go on instead of this step; None where it is its turn or was before."""
    facts = office_of(request).facts.current()
    if facts.is_being_set_up and _ORDER.index(step) <= _at(facts):
        return None
    return RedirectResponse(SETUP, 303)


def keep(request: Request, session: WebSession, step: str, edit: Edit) -> Response:
    """Make the change, and go on to the first step that was not kept yet. Raises OfficeError."""
    office = office_of(request)

    def walked(facts: OfficeFacts) -> OfficeFacts:
        following = _ORDER.index(step) + 1
        return at_first_step(_ORDER[following])(facts) if following > _at(facts) else facts

    office.facts.change(in_turn(edit, walked), operator=session.user, at=office.clock.now())
    return RedirectResponse(SETUP, 303)


def unchanged(facts: OfficeFacts) -> OfficeFacts:
    """The edit of a step that sets nothing."""
    return facts


def walk_of(request: Request, step: str, error: OfficeError | None = None) -> Walk:
    """How far the walk is, as this step's page shows it."""
    language, facts = renderer_of(request).language(request), office_of(request).facts.current()
    at = _at(facts)
    stones = tuple(
        Stone(
            path=path_of(name),
            word=language.say(word),
            icon=icon,
            state="done" if number < at else "now" if number == at else "open",
            is_shown=name == step,
        )
        for number, (name, (word, icon)) in enumerate(STEPS.items())
    )
    return Walk(
        stones=stones,
        number=_ORDER.index(step) + 1,
        built=at,
        word=language.say(STEPS[step][0]),
        action=path_of(step),
        problem=problem_words(error, FactWords(language, facts)) if error else "",
    )


def shell_of(request: Request) -> Shell:
    """What is around a step's page: its address is no secret."""
    return replace(renderer_of(request).shell(request), path=request.url.path)


def _at(facts: OfficeFacts) -> int:
    step = facts.first_start
    return _ORDER.index(step) if step in _ORDER else len(STEPS)
