"""The second step: when the office is open."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM
from dashboard.admin.fact_words import FactWords
from dashboard.admin.hours import drawn_hours, week_rows
from dashboard.admin.typed import Typed, TypedForm
from dashboard.first_start.contexts import HoursStep
from dashboard.first_start.walk import elsewhere, keep, path_of, shell_of, walk_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from screening.errors import OfficeError
from screening.office.hours import CLOSED, WEEKDAYS
from screening.office.hours_changes import with_week

STEP = "hours"

router = APIRouter(prefix=path_of(STEP), include_in_schema=False)


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """The week as most offices keep it, or as it was kept."""
    return elsewhere(request, STEP) or _page(request)


@router.post("", dependencies=[CHECKED_FORM])
def change(request: Request, session: AdminSession, typed: Typed) -> Response:
    """Keep it."""
    away = elsewhere(request, STEP)
    if away is not None:
        return away
    try:
        values = {name: typed.text(name) or CLOSED for name in WEEKDAYS if name in typed}
        return keep(request, session, STEP, with_week(values))
    except OfficeError as error:
        return _page(request, typed, error)


def _page(
    request: Request, typed: TypedForm | None = None, error: OfficeError | None = None
) -> Response:
    office, renderer = office_of(request), renderer_of(request)
    language, facts = renderer.language(request), office.facts.current()
    today = office.today()
    hours, width = drawn_hours(language, facts.hours)
    page = HoursStep(
        shell=shell_of(request),
        walk=walk_of(request, STEP, error),
        week=week_rows(FactWords(language, facts), facts.hours, typed or TypedForm({}), today),
        hours=hours,
        width=width,
    )
    return renderer.page(request, "first_start/hours.html", page, status=422 if error else 200)
