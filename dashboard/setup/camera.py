"""The page on which an installer sets a gate's camera up: what it measures, what to mend first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from dashboard.setup.camera_contexts import CameraLive, CameraPage, CameraPart
from dashboard.setup.camera_words import CameraWords
from dashboard.web.auth import GuardSession, office_of
from dashboard.web.gate.control import Control
from dashboard.web.gate.words import gate_words_of
from dashboard.web.rendering import renderer_of
from screening.gate.commands import GateControl
from screening.vision.commissioning import report

# Whoever may see the live picture on the guard's page may see what is measured in it.
router = APIRouter(prefix="/gate/{gate}/camera", include_in_schema=False)


@router.get("")
def show_camera(request: Request, session: GuardSession, control: Control) -> Response:
    """The page with what the camera sees now."""
    renderer = renderer_of(request)
    context = CameraPage(shell=renderer.shell(request), live=_live(request, control))
    return renderer.page(request, "setup/camera.html", context)


@router.get("/live")
def show_live(request: Request, session: GuardSession, control: Control) -> Response:
    """The changing part alone; the page's script asks for it four times a second."""
    renderer = renderer_of(request)
    context = CameraPart(shell=renderer.shell(request), live=_live(request, control))
    return HTMLResponse(renderer.part("setup/camera_live.html", context))


def _live(request: Request, control: GateControl) -> CameraLive:
    office, renderer = office_of(request), renderer_of(request)
    view = control.view()
    language = renderer.language(request)
    return CameraWords(language).live(
        view.gate,
        report(office.camera_looks(view.gate), office.clock.monotonic_s()),
        camera=gate_words_of(request).gate(view).camera,
        at=language.moment(office.clock.now(), office.settings.site.zone),
    )
