"""The screen beside the gate: the visitor's next step, and nothing about a person but a ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse

from dashboard.kiosk.contexts import KioskPage, KioskPart
from dashboard.kiosk.words import is_aloud, spoken_verdict
from dashboard.web.auth import (
    StaffSession,
    address_of,
    check_form,
    current_session,
    know_visitor,
    office_of,
)
from dashboard.web.gate.contexts import GateLive
from dashboard.web.gate.control import Control, gate_drawing
from dashboard.web.gate.words import GateWords, gate_words_of
from dashboard.web.office_words import words_of
from dashboard.web.open_screens import open_screens_of
from dashboard.web.rendering import renderer_of
from dashboard.web.seat_drawing import RoomDrawing, way_to
from dashboard.web.speakers import keep_speaking, let_speak, may_speak, speakers_at, take_back
from dashboard.web.speech import clips_of, quiet_span, spoken, spoken_in, voices_of
from dashboard.web.sse import DrawingReader, EventStream, follow, streams_of
from dashboard.web.voice import Spoken
from screening.decision import DecisionKind
from screening.gate.commands import GateControl
from screening.office.facts import WordsAt


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
async def show_kiosk(request: Request, gate: str, control: Control) -> Response:
    """The screen with its present step."""
    renderer = renderer_of(request)
    live = _live(request, control)
    shell, path = renderer.shell(request), _path(gate)
    is_of_office = current_session(request) is not None
    context = KioskPage(
        shell=shell,
        live=live,
        way=_way(request, live),
        greeting=_greeting(request),
        query=f"?language={shell.language.code}",
        voices=tuple(language.code for language in spoken_in(request)),
        has_clips=clips_of(request).has_voice(shell.language.code),
        may_speak=may_speak(request, path),
        can_let_speak=is_of_office,
        speakers=speakers_at(request, path) if is_of_office else (),
    )
    return keep_speaking(request, path, renderer.page(request, "kiosk/page.html", context))


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
        context = KioskPart(
            shell=shell, live=live, way=_way(request, live), greeting=_greeting(request)
        )
        return renderer.part("kiosk/live.html", context)

    drawing = gate_drawing(request, control, key=("kiosk", gate), draw=draw)
    return EventStream(
        follow([DrawingReader(drawing)]),
        counted=public.one_more(address),
        shown=open_screens_of(request).showing(_path(gate)),
    )


@router.post("/let-speak", dependencies=[Depends(check_form)])
def let_this_speak(request: Request, gate: str, _: Control, session: StaffSession) -> Response:
    """This browser may be the gate's voice from now on."""
    return let_speak(request, _path(gate), query="", by=session.user)


@router.post("/take-back", dependencies=[Depends(check_form)])
def take_back_voice(
    request: Request,
    gate: str,
    _: Control,
    session: StaffSession,
    name: Annotated[str, Form()] = "",
) -> Response:
    """A browser may be the gate's voice no more."""
    return take_back(request, _path(gate), name, query="", by=session.user)


@router.post("/voice", dependencies=[Depends(check_form)])
async def ask_voice(
    request: Request,
    gate: str,
    control: Control,
    screen: Annotated[str, Form()] = "",
    has_words: Annotated[bool, Form()] = False,
    is_leaving: Annotated[bool, Form()] = False,
) -> Response:
    """What this screen says now, once at each gate; a step that lasts is said again after a while.

    ``screen`` is a name that the screen made up; ``is_leaving``: it is being closed. 403 for a
    browser that nobody of the office let speak.
    """
    voices, office = voices_of(request, screen), office_of(request)
    if not may_speak(request, _path(gate)):
        return JSONResponse({"say": []}, 403)
    place = f"gate {gate}"
    if is_leaving:
        voices.leave(place, screen)
        return JSONResponse({"say": []})
    view, now = control.view(), office.clock.now()
    calls, verdict = [], view.verdict
    if verdict is not None and is_aloud(verdict):
        is_final = verdict.kind is not DecisionKind.FIX
        key = f"{verdict.attempt_id} {verdict.reason}"
        calls.append(Spoken(key, verdict.since if is_final else now))
    facts = office.facts.current()
    here = now.astimezone(office.settings.site.zone)
    due = voices.ask(
        place,
        screen,
        calls,
        has_words=has_words,
        is_quiet=quiet_span(facts, here) is not None,
    )
    said = []
    for language in spoken_in(request) if due else ():
        words = GateWords(words_of(request, language), facts.plan)
        said.append((language, spoken_verdict(words.gate(view).verdict, language)))
    answer = JSONResponse({"say": [spoken(request, said)] if said else []})
    return keep_speaking(request, _path(gate), answer)


def _path(gate: str) -> str:
    return f"/kiosk/{gate}"


def _live(request: Request, control: GateControl) -> GateLive:
    words, office = gate_words_of(request), office_of(request)
    line = office.line.glance(at=office.clock.now())
    return words.gate(control.view(), line=line, busy_since=control.busy_since())


def _greeting(request: Request) -> str:
    return words_of(request).says(office_of(request).facts.current(), WordsAt.KIOSK)


def _way(request: Request, live: GateLive) -> RoomDrawing | None:
    seat = live.verdict.seat
    return None if seat is None else way_to(office_of(request).facts.current().plan, seat)
