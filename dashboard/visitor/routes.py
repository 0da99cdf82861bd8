"""What everybody may see: is the office full, and what are the rules."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from dashboard.visitor.contexts import PublicPage
from dashboard.visitor.words import service_groups
from dashboard.web.auth import know_visitor, office_of
from dashboard.web.office_words import words_of
from dashboard.web.rendering import renderer_of
from screening.decision import Check
from screening.errors import RecordError
from screening.office.changes import in_order

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[Depends(know_visitor)])
async def home(request: Request) -> Response:
    """How full the office is, the rules and the services."""
    renderer = renderer_of(request)
    words = words_of(request)
    try:
        figures = words.figures(office_of(request).figures())
    except RecordError:  # the rules are worth showing without the numbers
        figures = None
    context = PublicPage(
        shell=renderer.shell(request),
        figures=figures,
        groups=service_groups(words),
        checks=tuple(in_order(_checks(request))),
    )
    return renderer.page(request, "visitor/home.html", context)


def _checks(request: Request) -> frozenset[Check]:
    return office_of(request).facts.current().visitor_checks
