"""The page on which an installer finds the camera's faces in a gate's thermal array."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.setup.thermal_contexts import ThermalPage, ThermalPart, ThermalSetup
from dashboard.setup.thermal_words import ThermalWords
from dashboard.web.auth import GuardSession, check_form, office_of
from dashboard.web.gate.control import LIVE_HEADER, Control
from dashboard.web.gate.words import gate_words_of
from dashboard.web.rendering import renderer_of
from screening.gate.commands import GateControl

# Whoever may see both pictures on the guard's page may see where the one is in the other.
router = APIRouter(prefix="/gate/{gate}/thermal", include_in_schema=False)


@router.get("")
def show_thermal(request: Request, session: GuardSession, control: Control) -> Response:
    """The page as far as the walk has come; while it is open, places are taken."""
    renderer = renderer_of(request)
    context = ThermalPage(shell=renderer.shell(request), live=_live(request, control))
    return renderer.page(request, "setup/thermal.html", context)


@router.get("/live")
def show_live(request: Request, session: GuardSession, control: Control) -> Response:
    """The changing part alone; the page's script asks for it four times a second."""
    return HTMLResponse(_part(request, control))


@router.post("/anew", dependencies=[Depends(check_form)])
def begin_anew(request: Request, gate: str, session: GuardSession, control: Control) -> Response:
    """Forget the places that were taken."""
    sight = office_of(request).thermal_sight(gate)
    if sight is not None:
        sight.walk_anew()
    if LIVE_HEADER in request.headers:
        return HTMLResponse(_part(request, control))
    return RedirectResponse(f"/gate/{gate}/thermal", 303)


def _part(request: Request, control: GateControl) -> str:
    renderer = renderer_of(request)
    context = ThermalPart(shell=renderer.shell(request), live=_live(request, control))
    return renderer.part("setup/thermal_live.html", context)


def _live(request: Request, control: GateControl) -> ThermalSetup:
    office, renderer = office_of(request), renderer_of(request)
    view = control.view()
    sight = office.thermal_sight(view.gate)
    live = gate_words_of(request).gate(view)
    return ThermalWords(renderer.language(request)).setup(
        view.gate,
        None if sight is None else sight.walked(office.clock.monotonic_s()),
        camera=live.camera,
        thermal=live.thermal,
        follows_face=view.thermal is not None and view.thermal.follows_face,
    )
