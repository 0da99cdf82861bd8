"""The screen beside the gate: the visitor's next step, and nothing about a person but a ticket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from dashboard.auth import office_of
from dashboard.contexts.gate import GateLive
from dashboard.contexts.kiosk import KioskPage, KioskPart
from dashboard.pages.gate import control_of
from dashboard.rendering import renderer_of
from dashboard.sse import follow_gate
from screening.gate.commands import GateControl

router = APIRouter(prefix="/kiosk/{gate}", include_in_schema=False)

Control = Annotated[GateControl, Depends(control_of)]


@router.get("")
def show_kiosk(request: Request, control: Control) -> Response:
    """The screen with its present step."""
    renderer = renderer_of(request)
    context = KioskPage(shell=renderer.shell(request), live=_live(request, control))
    return renderer.page(request, "kiosk/page.html", context)


@router.get("/events", response_class=EventSourceResponse)
async def follow(request: Request, gate: str, control: Control) -> AsyncIterator[ServerSentEvent]:
    """The present step, again after each change."""
    stream = follow_gate(
        office_of(request).hub, gate, draw=_drawing(request, control), is_welcome=lambda: True
    )
    async with aclosing(stream) as events:
        async for event in events:
            yield event


def _live(request: Request, control: GateControl) -> GateLive:
    return renderer_of(request).gate_words(request).gate(control.view())


def _drawing(request: Request, control: GateControl) -> Callable[[], str]:
    renderer = renderer_of(request)

    def draw() -> str:
        context = KioskPart(shell=renderer.shell(request), live=_live(request, control))
        return renderer.part("kiosk/live.html", context)

    return draw
