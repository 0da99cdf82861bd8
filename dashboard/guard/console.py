"""The guard's page: who stands in front of the gate, and what the gate makes of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.guard.contexts import (
    GateChoice,
    GateLivePart,
    GatePage,
    LeavingLine,
    LeavingPart,
)
from dashboard.web.alert_words import AlertLine
from dashboard.web.alerts import alert_lines
from dashboard.web.auth import GuardSession, office_of, still_logged_in
from dashboard.web.gate.contexts import GateLive
from dashboard.web.gate.control import Control, gate_drawing, gates_in_words
from dashboard.web.gate.thermal_picture import draw
from dashboard.web.gate.words import gate_words_of
from dashboard.web.language import Language
from dashboard.web.office_words import Words, words_of
from dashboard.web.patience import Remembered
from dashboard.web.queue_words import HelpCall, helps_of
from dashboard.web.rendering import renderer_of
from dashboard.web.sse import DrawingReader, EventStream, follow
from dashboard.web.words import GROUPS, N_
from screening.accounts import Role
from screening.gate.commands import GateControl
from screening.office.services import Channel
from screening.visits import EntryKind, LogEntry, VisitLog
from screening.waiting_room.leaving import KnownVisit
from screening.waiting_room.line import LineView

router = APIRouter(prefix="/gate", include_in_schema=False)
lane = APIRouter(prefix="/gate/{gate}", include_in_schema=False)

ENTRIES_SHOWN = 6
ROWS_PATIENCE_S = 0.7
"""A page waits so long for fresh rows, once; then it shows those known before."""

LOWEST_CELSIUS, HIGHEST_CELSIUS = 20.0, 45.0
"""No handheld thermometer for people shows a number outside."""

NO_NAME = N_("Without a name")
RANGE = N_("From %(lowest)s to %(highest)s °C.")


def temperature_range(language: Language) -> str:
    """What a guard may type as a temperature."""
    return language.say(RANGE) % {
        "lowest": language.decimal(LOWEST_CELSIUS),
        "highest": language.decimal(HIGHEST_CELSIUS),
    }


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
    return renderer.page(request, "guard/choose.html", context)


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


def line_outside(request: Request) -> LineView | None:
    """Who waits outside; as it was known before while the record does not answer."""
    office, state = office_of(request), request.app.state
    if state.line_outside is None:
        state.line_outside = Remembered(
            "who waits outside",
            lambda: office.line.view(at=office.clock.now()),
            patience_s=ROWS_PATIENCE_S,
        )
    seen: Remembered[LineView] = state.line_outside
    return seen.get()


def _read_rows(log: VisitLog, gate: str) -> list[LogEntry]:
    return log.latest(limit=ENTRIES_SHOWN, gate=gate, without={EntryKind.CROSSINGS})


def services_without_receipt(words: Words) -> tuple[tuple[str, str], ...]:
    """Code and name of the services that need no receipt."""
    return tuple(
        (service.code, words.service(service.code) or service.code)
        for service in words.offered().values()
        if service.channel in (Channel.EMERGENCY, Channel.WALK_IN)
    )


def _live(request: Request, control: GateControl) -> GateLive:
    view, office = control.view(), office_of(request)
    words = gate_words_of(request)
    return words.gate(
        view,
        last_rows(request, view.gate),
        line=line_outside(request),
        busy_since=control.busy_since(),
        backup=words.words.backup(office.backups(), office.clock.now()),
    )


def _helps(request: Request) -> tuple[HelpCall, ...]:
    return helps_of(office_of(request).facts.current(), renderer_of(request).language(request))


def _leaving(request: Request) -> LeavingPart:
    """From memory: a gate's page never waits for the record."""
    office, words = office_of(request), words_of(request)
    room = office.room.newest
    told = None if room is None else words.figures(room.figures)
    return LeavingPart(
        asked=tuple(_leaving_line(one, words) for one in office.leaving.asked),
        left=tuple(_leaving_line(one, words) for one in office.leaving.left_lately),
        give_or_take=None if told is None else told.give_or_take,
        range="" if told is None else told.range,
        counted="" if told is None else told.counted,
    )


def _leaving_line(visit: KnownVisit, words: Words) -> LeavingLine:
    return LeavingLine(
        visit_id=visit.visit_id,
        attempt_id=visit.attempt_id,
        name=visit.name or words.language.say(NO_NAME),
        ticket=visit.label,
        since=words.language.time(visit.entered_at, words.zone),
        left="" if visit.left_at is None else words.language.time(visit.left_at, words.zone),
    )


def _needs(request: Request, control: GateControl) -> tuple[AlertLine, ...]:
    return alert_lines(request, Role.GUARD, gate=control.view().gate)


def live_drawing(
    request: Request, control: GateControl, *, is_shared: bool = False
) -> Callable[[], str]:
    """Draws the changing part as it is whenever it is called; a shared one is of no person."""
    renderer = renderer_of(request)
    shell = renderer.shared_shell(request) if is_shared else renderer.shell(request)

    def draw() -> str:
        return renderer.part(
            "guard/stream.html",
            GateLivePart(
                shell=shell,
                live=_live(request, control),
                helps=_helps(request),
                leaving=_leaving(request),
                needs=_needs(request, control),
            ),
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
        helps=_helps(request),
        leaving=_leaving(request),
        needs=_needs(request, control),
        nonce=secrets.token_urlsafe(16),
        notice=notice,
        temperature_range=temperature_range(renderer.language(request)),
        example_reading=renderer.language(request).decimal(36.5),
        services_without_receipt=services_without_receipt(words_of(request)),
        priority_groups=tuple(
            (group.value, renderer.language(request).say(word)) for group, word in GROUPS.items()
        ),
    )
    return renderer.page(request, "guard/console.html", context, status=status)
