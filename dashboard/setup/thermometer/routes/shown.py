"""The page itself, its reports, and keeping the gate free while somebody is measured."""

from __future__ import annotations

import base64
import hashlib
import re

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse

from dashboard.setup.thermometer.routes.desk import PREFIX, Desk, GateDesk, ManagerDesk, form_routes
from dashboard.web.error_pages import REPORT_DELETED, error_page
from dashboard.web.words import CONFLICTS
from screening.errors import LaneConflict
from screening.gate.commands import Command, KeepFree, OpenAgain
from screening.temperature.instrument.report_files import made_at

router = APIRouter(prefix=PREFIX, include_in_schema=False)
forms = form_routes()

_INLINE_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@router.get("")
def show_thermometer(desk: GateDesk) -> Response:
    """The whole page."""
    return desk.page()


@router.get("/live")
def show_live(desk: GateDesk) -> Response:
    """The changing part alone; the page's script asks for it every second."""
    return HTMLResponse(desk.part())


@router.get("/report/{name}")
def show_report(desk: ManagerDesk, name: str) -> Response:
    """A report as it was written; its own stylesheet inside is allowed by its digest."""
    html = desk.office.reports.read(desk.control.view().gate, name)
    if html is None and made_at(name) is not None:
        return error_page(desk.request, REPORT_DELETED)
    if html is None:
        raise HTTPException(404)
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in _INLINE_STYLE.findall(html)
    )
    policy = f"default-src 'none'; style-src {digests}; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


@forms.post("/keep-free")
def keep_free(desk: GateDesk) -> Response:
    """Whoever stands there from now on is no visitor; it ends by itself after ten minutes."""
    return _held(desk, KeepFree(operator=desk.session.user))


@forms.post("/open-again")
def open_again(desk: GateDesk) -> Response:
    """The check is over, also where nothing came of it."""
    return _held(desk, OpenAgain())


def _held(desk: Desk, act: Command[None]) -> Response:
    try:
        desk.control.do(act)
    except LaneConflict as conflict:
        return desk.refused(CONFLICTS.get(conflict.code, str(conflict)))
    return desk.done("#kept-free")
