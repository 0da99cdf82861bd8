"""What the pages of a gate share: the gate of an address, its drawing, and where else it runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Depends, Request, Response

from dashboard.web.auth import office_of, threads_of
from dashboard.web.gate.contexts import ElsewherePage, GateElsewhere, GateLive
from dashboard.web.gate.words import gate_words_of
from dashboard.web.office import Office
from dashboard.web.rendering import renderer_of
from dashboard.web.sse import Drawing, streams_of
from screening.errors import NotOwner
from screening.events import EntryWritten, Event, GateChanged
from screening.gate.commands import GateControl
from screening.visits import EntryKind

LIVE_HEADER = "x-gerbang-live"
"""Set by the page's script: answer with the changing part instead of a redirect."""


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
    gates, words = office_of(request).gates, gate_words_of(request)
    here, elsewhere = [], []
    for name in gates.names():
        try:
            here.append(words.gate(gates.get(name).view()))
        except NotOwner as error:
            elsewhere.append(words.elsewhere(error, f"/gate/{name}"))
    return tuple(here), tuple(elsewhere)


def elsewhere_page(request: Request, error: NotOwner) -> Response:
    """Instead of a page of a gate that another process runs; it leads there.

    A page that looks otherwise names its template in ``request.state.elsewhere_template``.
    """
    renderer, path = renderer_of(request), request.url.path
    if request.method not in {"GET", "HEAD"}:  # a form's own address shows nothing
        path = f"/gate/{error.gate}"
    context = ElsewherePage(
        shell=renderer.shell(request),
        elsewhere=gate_words_of(request).elsewhere(error, path),
    )
    template = getattr(request.state, "elsewhere_template", "elsewhere.html")
    return renderer.page(request, template, context, status=421)


def gate_drawing(
    request: Request, control: GateControl, *, key: tuple[str, str], draw: Callable[[], str]
) -> Drawing:
    """The one drawing of a page and gate, in the language and for the role of who asks."""
    (_, gate), shell, office = key, renderer_of(request).shell(request), office_of(request)

    def concerns(event: Event) -> bool:
        if isinstance(event, EntryWritten):
            return event.entry.kind is EntryKind.LINE
        return isinstance(event, GateChanged) and event.gate == gate

    def make() -> Drawing:
        return Drawing(
            office.hub,
            "live",
            draw,
            concerns=concerns,
            look=lambda: (
                control.busy_since(),
                office.facts.current().version,
                office.leaving.asked,
                office.leaving.left_lately,
                office.waits.version,
                _counted(office),
                office.alerts.current(),
                office.clock.now().minute,
            ),
        )

    return streams_of(request).drawing((*key, shell.language.code, shell.role), make)


def _counted(office: Office) -> object:
    """How sure the number inside is, and who counted; a memory read."""
    room = office.room.newest
    return None if room is None else (room.figures.uncertainty, room.figures.counted)
