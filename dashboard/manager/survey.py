"""The survey's results for managers, and the register of what is done about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.manager.survey_contexts import SurveyPage
from dashboard.manager.survey_words import SurveyWords
from dashboard.web.auth import ManagerSession, check_form, office_of
from dashboard.web.office_words import words_of
from dashboard.web.rendering import export_answer, note_sheets, renderer_of
from dashboard.web.spreadsheets import XLSX, xlsx_of
from dashboard.web.typed_numbers import SmallNumber
from dashboard.web.words import N_
from screening.errors import RecordError
from screening.survey.book import FollowUp
from screening.survey.index import (
    ELEMENTS,
    Element,
    Quarter,
    SurveyResult,
    Tally,
    by_quarter,
    by_service,
    pooled,
    quarters,
    sample_wanted,
)

router = APIRouter(prefix="/dashboard/survey", include_in_schema=False)

YEARS_OFFERED = 5
MOST_YEARS = 20
MAX_TEXT = 400
MAX_NAME = 80
NOTHING_SAID = N_("Say what was found, what is done, by whom and until when.")
WRONG_DAY = N_("Choose the day until which it is done.")
GONE = N_("This is done already.")


@dataclass(frozen=True, slots=True)
class Asked:
    """The quarters that were asked for, and the answers of them added up, as they may be shown."""

    first: Quarter
    last: Quarter
    today: date
    tallies: Sequence[Tally]

    @property
    def query(self) -> str:
        """For links to the same."""
        return urlencode({"from": str(self.first), "to": str(self.last)})


def asked(request: Request) -> Asked:
    """By ``from`` and ``to`` in the address; this year where they are no quarters."""
    office = office_of(request)
    today = office.today()
    now, oldest = Quarter.of(today), Quarter(today.year - MOST_YEARS, 1)
    last = max(oldest, min(now, _quarter(request.query_params.get("to"), now)))
    first = min(last, _quarter(request.query_params.get("from"), Quarter(last.year, 1)))
    first = max(oldest, first)
    return Asked(first, last, today, pooled(office.survey.tallies(first, last)))


AskedFor = Annotated[Asked, Depends(asked)]


@router.get("")
def show(request: Request, session: ManagerSession, wanted: AskedFor) -> Response:
    """Index, elements, services, quarters, and the register."""
    return _page(request, wanted)


@router.get("/results.xlsx")
def workbook(request: Request, session: ManagerSession, wanted: AskedFor) -> Response:
    """The same as a workbook for the yearly evaluation: a sheet a table."""
    office = office_of(request)
    zone = office.settings.site.zone
    tables = _words(request).sheets(
        SurveyResult.of(wanted.tallies),
        by_service(wanted.tallies),
        by_quarter(wanted.tallies),
        pooled(office.survey.counted(wanted.first, wanted.last)),
        office.survey.follow_ups(),
    )
    name = f"skm-{wanted.first}-{wanted.last}.xlsx"
    sheets = [*note_sheets(request), *tables]
    made = office.clock.now().astimezone(zone)
    return export_answer(request, xlsx_of(sheets, made=made), XLSX, name)


@router.post("/follow-ups", dependencies=[Depends(check_form)])
def note(
    request: Request,
    session: ManagerSession,
    wanted: AskedFor,
    element: Annotated[Element, Form()],
    service: Annotated[str, Form(max_length=MAX_NAME)] = "",
    found: Annotated[str, Form(max_length=MAX_TEXT)] = "",
    action: Annotated[str, Form(max_length=MAX_TEXT)] = "",
    who: Annotated[str, Form(max_length=MAX_NAME)] = "",
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Note what is done about something."""
    office = office_of(request)
    texts = {"found": found, "action": action, "who": who}
    cleaned = {key: " ".join(text.split()) for key, text in texts.items()}
    typed = {**texts, "element": element.value, "service": service, "until": until}
    if not all(cleaned.values()):
        return _page(request, wanted, problem=NOTHING_SAID, typed=typed, status=422)
    try:
        day = date.fromisoformat(until)
    except ValueError:
        return _page(request, wanted, problem=WRONG_DAY, typed=typed, status=422)
    office.survey.note_follow_up(
        FollowUp(
            quarter=wanted.last,
            element=element,
            service=service if service in office.facts.current().services else None,
            until=day,
            found=cleaned["found"],
            action=cleaned["action"],
            who=cleaned["who"],
        ),
        by=session.user,
        at=office.clock.now(),
    )
    return RedirectResponse(f"/dashboard/survey?{wanted.query}#follow-ups", 303)


@router.post("/follow-ups/{follow_up_id}/done", dependencies=[Depends(check_form)])
def close(
    request: Request,
    session: ManagerSession,
    wanted: AskedFor,
    follow_up_id: SmallNumber,
    result: Annotated[str, Form(max_length=MAX_TEXT)] = "",
) -> Response:
    """It is done, with what came of it."""
    office = office_of(request)
    done = office.survey.close_follow_up(
        follow_up_id, result=" ".join(result.split()), by=session.user, at=office.clock.now()
    )
    if not done:
        return _page(request, wanted, problem=GONE, status=409)
    return RedirectResponse(f"/dashboard/survey?{wanted.query}#follow-ups", 303)


def _quarter(text: str | None, otherwise: Quarter) -> Quarter:
    try:
        return Quarter.parse(text or "")
    except ValueError:
        return otherwise


def _words(request: Request) -> SurveyWords:
    return SurveyWords(words_of(request), office_of(request).facts.current())


def _visits(request: Request, wanted: Asked) -> int | None:
    """How many came or were refused in these quarters; None where the figures do not tell."""
    first = date(wanted.first.year, wanted.first.number * 3 - 2, 1)
    end = Quarter(wanted.last.year + wanted.last.number // 4, wanted.last.number % 4 + 1)
    last = min(date(end.year, end.number * 3 - 2, 1) - timedelta(days=1), wanted.today)
    if first > last:
        return None
    try:
        total = office_of(request).roll_ups.total(first, last)
    except RecordError:
        return None
    return total.admitted + total.refused + total.referred


def _page(
    request: Request,
    wanted: Asked,
    *,
    problem: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    renderer, office, words = renderer_of(request), office_of(request), _words(request)
    total = SurveyResult.of(wanted.tallies)
    visits = _visits(request, wanted)
    facts = office.facts.current()
    oldest = Quarter(wanted.today.year - YEARS_OFFERED + 1, 1)
    context = SurveyPage(
        shell=renderer.shell(request),
        first=str(wanted.first),
        last=str(wanted.last),
        quarters=tuple(
            str(one) for one in quarters(min(oldest, wanted.first), Quarter.of(wanted.today))
        ),
        total=words.result(words.say(N_("All services")), total),
        grade_word=words.grade(total.grade),
        elements=words.elements(total),
        services=tuple(
            words.result(words.service(code), one)
            for code, one in by_service(wanted.tallies).items()
        ),
        by_quarter=tuple(
            words.result(str(of), one) for of, one in by_quarter(wanted.tallies).items()
        ),
        how=words.how(wanted.tallies),
        wanted=words.wanted(total.n, visits, sample_wanted(visits) if visits else 0),
        short_names=tuple(f"U{number}" for number in range(1, len(ELEMENTS) + 1)),
        follow_ups=tuple(words.follow_up(one, wanted.today) for one in office.survey.follow_ups()),
        choices=words.choices(total),
        service_choices=tuple((code, words.service(code)) for code in facts.services),
        kiosks=tuple((gate, facts.gate_titles.get(gate, gate)) for gate in facts.gates),
        typed=typed or {},
        problem=words.say(problem) if problem else "",
        query=wanted.query,
    )
    return renderer.page(request, "manager/survey.html", context, status=status)
