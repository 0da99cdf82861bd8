"""The screen beside the gate: the visitor's next step, and nothing about a person but a ticket."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response

from dashboard.kiosk.contexts import KioskPage, KioskPart
from dashboard.web.auth import address_of, know_visitor, office_of
from dashboard.web.gate.contexts import GateLive
from dashboard.web.gate.control import Control, gate_drawing
from dashboard.web.gate.words import gate_words_of
from dashboard.web.rendering import renderer_of
from dashboard.web.seat_drawing import RoomDrawing, way_to
from dashboard.web.sse import DrawingReader, EventStream, follow, streams_of
from screening.gate.commands import GateControl


def speak(request: Request, language: str = "") -> None:
    """The language that somebody tapped: in the address, so that it ends with their visit."""
    if language in renderer_of(request).languages:
        request.state.language = language


def show_elsewhere(request: Request) -> None:
    """A gate that another process runs is told in the kiosk's own way."""
    request.state.elsewhere_template = "kiosk/elsewhere.html"


router = APIRouter(
    prefix="/kiosk/{gate}",
    include_in_schema=False,
    dependencies=[Depends(know_visitor), Depends(speak), Depends(show_elsewhere)],
)

TRY_AGAIN_S = 30
"""Whoever finds too many streams open may try again after this time."""


@router.get("")
async def show_kiosk(request: Request, control: Control) -> Response:
    """The screen with its present step."""
    renderer = renderer_of(request)
    live = _live(request, control)
    context = KioskPage(shell=renderer.shell(request), live=live, way=_way(request, live))
    return renderer.page(request, "kiosk/page.html", context)


@router.get("/events")
async def follow_step(request: Request, gate: str, control: Control) -> Response:
    """The present step, again after each change; 503 while too many look at once."""
    public, address = streams_of(request).public, address_of(request)
    if not public.have_room_for(address):
        return Response(status_code=503, headers={"Retry-After": str(TRY_AGAIN_S)})
    renderer = renderer_of(request)
    shell = renderer.shared_shell(request)

    def draw() -> str:
        live = _live(request, control)
        context = KioskPart(shell=shell, live=live, way=_way(request, live))
        return renderer.part("kiosk/live.html", context)

    drawing = gate_drawing(request, control, key=("kiosk", gate), draw=draw)
    return EventStream(follow([DrawingReader(drawing)]), counted=public.one_more(address))


def _live(request: Request, control: GateControl) -> GateLive:
    words, office = gate_words_of(request), office_of(request)
    line = office.line.glance(at=office.clock.now())
    return words.gate(control.view(), line=line, busy_since=control.busy_since())


def _way(request: Request, live: GateLive) -> RoomDrawing | None:
    seat = live.verdict.seat
    return None if seat is None else way_to(office_of(request).facts.current().plan, seat)
