"""The first step: what people call the office, and where it is."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from dashboard.admin.around import CHECKED_FORM
from dashboard.admin.typed import Typed
from dashboard.first_start.contexts import OfficeStep
from dashboard.first_start.walk import elsewhere, keep, path_of, shell_of, walk_of
from dashboard.web.auth import AdminSession, office_of
from dashboard.web.rendering import renderer_of
from screening.errors import OfficeError
from screening.office.changes import NONE, with_settings

STEP = "office"
_KEYS = ("name", "address", "telephone")

router = APIRouter(prefix=path_of(STEP), include_in_schema=False)


@router.get("")
def show(request: Request, session: AdminSession) -> Response:
    """As it is, or as the configuration calls it."""
    office = office_of(request)
    facts = office.facts.current()
    now = {
        "name": office.name,
        "address": facts.address or "",
        "telephone": facts.telephone or "",
    }
    return elsewhere(request, STEP) or _page(request, now)


@router.post("", dependencies=[CHECKED_FORM])
def change(request: Request, session: AdminSession, typed: Typed) -> Response:
    """Keep it."""
    values = {key: typed.text(key) for key in _KEYS}
    away = elsewhere(request, STEP)
    if away is not None:
        return away
    try:
        edit = with_settings({key: text or NONE for key, text in values.items()})
        return keep(request, session, STEP, edit)
    except OfficeError as error:
        return _page(request, values, error)


def _page(
    request: Request, values: Mapping[str, str], error: OfficeError | None = None
) -> Response:
    page = OfficeStep(shell=shell_of(request), walk=walk_of(request, STEP, error), **values)
    return renderer_of(request).page(
        request, "first_start/office.html", page, status=422 if error else 200
    )
