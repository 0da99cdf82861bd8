"""The guard's page: who stands in front of the gate, and what the gate makes of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.auth import GuardSession, office_of, still_logged_in, threads_of
from dashboard.contexts.gate import (
    ElsewherePage,
    GateChoice,
    GateElsewhere,
    GateLive,
    GateLivePart,
    GatePage,
)
from dashboard.language import Language
from dashboard.patience import Remembered
from dashboard.rendering import renderer_of
from dashboard.sse import Drawing, DrawingReader, EventStream, Streams, follow
from dashboard.thermal_picture import draw
from dashboard.words import N_
from screening.errors import NotOwner
from screening.events import GateChanged
from screening.gate.commands import GateControl
from screening.visits import LogEntry, VisitLog

router = APIRouter(prefix="/gate", include_in_schema=False)
lane = APIRouter(prefix="/gate/{gate}", include_in_schema=False)

ENTRIES_SHOWN = 6
ROWS_PATIENCE_S = 0.7
"""A page waits so long for fresh rows, once; then it shows those known before."""
LIVE_HEADER = "x-gerbang-live"
"""Set by the page's script: answer with the changing part instead of a redirect."""


LOWEST_CELSIUS, HIGHEST_CELSIUS = 20.0, 45.0
"""No handheld thermometer for people shows a number outside."""

RANGE = N_("From %(lowest)s to %(highest)s °C.")


def temperature_range(language: Language) -> str:
    """What a guard may type as a temperature."""
    return language.say(RANGE) % {
        "lowest": language.decimal(LOWEST_CELSIUS),
        "highest": language.decimal(HIGHEST_CELSIUS),
    }


async def control_of(request: Request, gate: str) -> GateControl:
    """The gate of this address; one that runs here is told at once.

    Raises UnknownGate, and NotOwner where it runs elsewhere.
    """
    gates = office_of(request).gates
    control = gates.running(gate)
    if control is None:
        return await threads_of(request).ask(partial(gates.get, gate))
    return control


Control = Annotated[GateControl, Depends(control_of)]


def gates_in_words(request: Request) -> tuple[tuple[GateLive, ...], tuple[GateElsewhere, ...]]:
    """Every gate of the office: those that run here, and the others."""
    gates, words = office_of(request).gates, renderer_of(request).gate_words(request)
    here, elsewhere = [], []
    for name in gates.names():
        try:
            here.append(words.gate(gates.get(name).view()))
        except NotOwner as error:
            elsewhere.append(words.elsewhere(error, f"/gate/{name}"))
    return tuple(here), tuple(elsewhere)


def elsewhere_page(request: Request, error: NotOwner) -> Response:
    """Instead of a page of a gate that another process runs; it leads there."""
    renderer, path = renderer_of(request), request.url.path
    is_kiosk = path.startswith("/kiosk/")
    if request.method not in {"GET", "HEAD"}:  # a form's own address shows nothing
        path = f"/gate/{error.gate}"
    context = ElsewherePage(
        shell=renderer.shell(request),
        elsewhere=renderer.gate_words(request).elsewhere(error, path),
    )
    template = "kiosk/elsewhere.html" if is_kiosk else "gate/elsewhere.html"
    return renderer.page(request, template, context, status=421)


@router.get("")
def choose_gate(request: Request, session: GuardSession) -> Response:
    """The gates of this office; straight to it when there is only one."""
    office = office_of(request)
    names = office.gates.names()
    if len(names) == 1:
        return RedirectResponse(f"/gate/{names[0]}", 303)
    renderer = renderer_of(request)
    gates, elsewhere = gates_in_words(request)
    context = GateChoice(shell=renderer.shell(request), gates=gates, elsewhere=elsewhere)
    return renderer.page(request, "gate/choose.html", context)


@lane.get("")
def show_gate(request: Request, session: GuardSession, control: Control) -> Response:
    """The guard's page."""
    return console(request, control)


@lane.get("/live")
def show_live(request: Request, session: GuardSession, control: Control) -> Response:
    """The changing part alone."""
    return HTMLResponse(live_drawing(request, control)())


@lane.get("/events")
async def follow_live(
    request: Request, gate: str, session: GuardSession, control: Control
) -> Response:
    """The changing part, again after each change."""
    draw = live_drawing(request, control, is_shared=True)
    drawing = gate_drawing(request, control, key=("console", gate), draw=draw)
    reader = DrawingReader(drawing, form_token=session.csrf_token)
    return EventStream(follow([reader], is_welcome=still_logged_in(request)))


@lane.get("/picture.jpg")
async def picture(session: GuardSession, control: Control) -> Response:
    """The newest annotated picture; 204 while there is none."""
    jpeg = control.picture()
    if jpeg is None:
        return Response(status_code=204)
    return Response(jpeg, media_type="image/jpeg")


@lane.get("/thermal.png")
def thermal_picture(
    request: Request, gate: str, session: GuardSession, control: Control
) -> Response:
    """The newest thermal picture with its marks; 204 while there is none. It is kept nowhere."""
    office = office_of(request)
    sight = office.thermal_sight(gate)
    look = None if sight is None else sight.newest(office.clock.monotonic_s())
    if look is None:
        return Response(status_code=204)
    return Response(draw(look), media_type="image/png")


def streams_of(request: Request) -> Streams:
    """The application's streams."""
    streams: Streams = request.app.state.streams
    return streams


def gate_drawing(
    request: Request, control: GateControl, *, key: tuple[str, str], draw: Callable[[], str]
) -> Drawing:
    """The one drawing of a page and gate, in the language and for the role of who asks."""
    (_, gate), shell = key, renderer_of(request).shell(request)

    def make() -> Drawing:
        return Drawing(
            office_of(request).hub,
            "live",
            draw,
            concerns=lambda event: isinstance(event, GateChanged) and event.gate == gate,
            look=control.busy_since,
        )

    return streams_of(request).drawing((*key, shell.language.code, shell.role), make)


def last_rows(request: Request, gate: str) -> list[LogEntry] | None:
    """The last rows of that gate; those known before while the record does not answer.

    None while they were never read.
    """
    known: dict[str, Remembered[list[LogEntry]]] = request.app.state.last_rows
    if gate not in known:
        read = partial(_read_rows, office_of(request).log, gate)
        name = f"the last rows of gate {gate}"
        known[gate] = Remembered(name, read, patience_s=ROWS_PATIENCE_S)
    return known[gate].get()


def _read_rows(log: VisitLog, gate: str) -> list[LogEntry]:
    return log.latest(limit=ENTRIES_SHOWN, gate=gate)


def _live(request: Request, control: GateControl) -> GateLive:
    view, office = control.view(), office_of(request)
    words = renderer_of(request).gate_words(request)
    return words.gate(
        view,
        last_rows(request, view.gate),
        busy_since=control.busy_since(),
        backup=words.words.backup(office.backups(), office.clock.now()),
    )


def live_drawing(
    request: Request, control: GateControl, *, is_shared: bool = False
) -> Callable[[], str]:
    """Draws the changing part as it is whenever it is called; a shared one is of no person."""
    renderer = renderer_of(request)
    shell = renderer.shared_shell(request) if is_shared else renderer.shell(request)

    def draw() -> str:
        return renderer.part(
            "gate/stream.html", GateLivePart(shell=shell, live=_live(request, control))
        )

    return draw


def console(
    request: Request, control: GateControl, *, notice: str | None = None, status: int = 200
) -> Response:
    """The whole page, with a notice when something could not be done."""
    renderer = renderer_of(request)
    context = GatePage(
        shell=renderer.shell(request),
        live=_live(request, control),
        nonce=secrets.token_urlsafe(16),
        notice=notice,
        temperature_range=temperature_range(renderer.language(request)),
        example_reading=renderer.language(request).decimal(36.5),
        services_without_receipt=renderer.words(request).without_receipt(),
    )
    return renderer.page(request, "gate/console.html", context, status=status)
