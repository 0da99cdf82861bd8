"""What was changed of the office, each with before, after and who."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from dashboard.admin.around import around
from dashboard.admin.contexts import ChangeLine, ChangesPage
from dashboard.admin.fact_words import FactWords
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of

router = APIRouter(prefix="/admin/changes", include_in_schema=False)

LINES = 50
"""Changes on one page."""


@router.get("")
def show(
    request: Request, session: AdminSession, before: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """The newest changes, or those before a row of the log."""
    office, renderer = office_of(request), renderer_of(request)
    language = renderer.language(request)
    zone = office.settings.site.zone
    words = FactWords(language, office.facts.current())
    found = office.facts.changed(before=before, limit=LINES + 1)
    lines = tuple(
        ChangeLine(
            entry_id=one.entry_id,
            moment=language.moment(one.at, zone),
            who=one.operator,
            differences=words.differences(one.changes),
            can_undo=False,
        )
        for one in found[:LINES]
    )
    context = ChangesPage(
        shell=renderer.shell(request),
        around=around(request),
        lines=lines,
        older=lines[-1].entry_id if len(found) > LINES else 0,
    )
    return renderer.page(request, "admin/changes.html", context)
