"""Sheets of the survey that were filled in on paper, typed in at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.desk.contexts import DeskSurvey
from dashboard.web.auth import DeskSession, check_form, office_of
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from dashboard.web.survey_form import NAMES
from dashboard.web.words import N_
from screening.survey.index import ELEMENTS, Answer, Quarter, Source
from screening.survey.paper import NoSheets, read_sheets

router = APIRouter(prefix="/desk/survey", include_in_schema=False)

QUARTERS_OFFERED = 4
MAX_TYPED = 20_000
NOTHING_TYPED = N_("Type the marks of each sheet, nine digits from 1 to 4 in a line.")
WRONG_LINES = N_("Nothing was added. Each line has nine marks from 1 to 4:")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent, to be shown again."""

    sheets: str = ""
    service: str = ""
    of: Quarter | None = None
    is_refused: bool = False


@router.get("")
def show(request: Request, session: DeskSession, added: int = 0) -> Response:
    """The field for the sheets."""
    return _page(request, added=added)


@router.post("", dependencies=[Depends(check_form)])
def add(
    request: Request,
    session: DeskSession,
    sheets: Annotated[str, Form(max_length=MAX_TYPED)] = "",
    service: Annotated[str, Form(max_length=80)] = "",
    quarter: Annotated[str, Form(max_length=7)] = "",
    is_refused: Annotated[bool, Form()] = False,
) -> Response:
    """Add what was typed, all or nothing."""
    office = office_of(request)
    offered = _quarters(request)
    of = next((one for one in offered if str(one) == quarter), offered[0])
    typed = Typed(sheets, service, of, is_refused)
    if not sheets.strip():
        return _page(request, problem=NOTHING_TYPED, status=422, typed=typed)
    try:
        found = read_sheets(sheets.encode("utf-8", "replace"))
    except NoSheets as error:
        lines = tuple(error.problems)
        return _page(request, problem=WRONG_LINES, lines=lines, status=422, typed=typed)
    answers = [
        Answer(
            marks=marks,
            quarter=of,
            service=service if service in office.facts.current().services else None,
            source=Source.PAPER,
            was_refused=is_refused,
        )
        for marks in found
    ]
    office.survey.add_paper(answers, by=session.user, at=office.clock.now())
    return RedirectResponse(f"/desk/survey?added={len(answers)}", 303)


def _quarters(request: Request) -> list[Quarter]:
    """The one of today and those before, in which a sheet may have been filled in."""
    office = office_of(request)
    at = Quarter.of(office.today())
    found = []
    for _ in range(QUARTERS_OFFERED):
        found.append(at)
        at = Quarter(at.year, at.number - 1) if at.number > 1 else Quarter(at.year - 1, 4)
    return found


def _page(
    request: Request,
    *,
    added: int = 0,
    typed: Typed | None = None,
    problem: str = "",
    lines: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    renderer, words = renderer_of(request), words_of(request)
    say, offered = words.language.say, _quarters(request)
    typed = typed or Typed()
    context = DeskSurvey(
        shell=renderer.shell(request),
        added=added,
        elements=tuple(say(NAMES[element]) for element in ELEMENTS),
        sheets=typed.sheets,
        services=tuple(
            (code, words.service(code) or code)
            for code in office_of(request).facts.current().services
        ),
        service=typed.service,
        quarters=tuple(str(one) for one in offered),
        quarter=str(typed.of or offered[0]),
        is_refused=typed.is_refused,
        problem=say(problem) if problem else "",
        lines=lines,
    )
    return renderer.page(request, "desk/survey.html", context, status=status)
