"""The screen of a waiting room, its stream, and what it says aloud. Nobody logs in there."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from dashboard.display.contexts import Display, DisplayPage, DisplayPart
from dashboard.display.words import DisplayWords, calls_in
from dashboard.web.auth import (
    OfficeSession,
    address_of,
    check_form,
    current_session,
    know_visitor,
    office_of,
    threads_of,
)
from dashboard.web.office_words import words_of
from dashboard.web.open_screens import open_screens_of
from dashboard.web.queue_words import spoken_call
from dashboard.web.rendering import renderer_of
from dashboard.web.speakers import keep_speaking, let_speak, may_speak, speakers_at, take_back
from dashboard.web.speech import clips_of, quiet_span, spoken, spoken_in, voices_of
from dashboard.web.sse import Drawing, DrawingReader, EventStream, follow, streams_of
from dashboard.web.voice import Spoken
from screening.accounts import Role
from screening.errors import RecordError
from screening.events import EntryWritten, Event, LogGrown, RoomChanged
from screening.queue.queue import QueueView
from screening.visits import EntryKind

OTHERS_EVERY_S = 1.0
"""Free seats and times may be so old; calls are shown at once."""
TRY_AGAIN_S = 30
"""Whoever finds too many streams open may try again after this time."""
_LETS_SPEAK = frozenset({Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR})
_ROOM = re.compile(r"[a-z0-9-]{1,24}")


def speak(request: Request, language: str = "") -> None:
    """The language in the address, of the office without one: nobody sets cookies on a screen."""
    default = office_of(request).settings.site.language
    request.state.language = renderer_of(request).languages.choose(language, default).code


def room_of(request: Request, room: str) -> str:
    """The room of this address; 404 where no counter calls into it."""
    counters = office_of(request).facts.current().counters.values()
    is_called = not counters or any(one.calls_into(room) for one in counters)
    if _ROOM.fullmatch(room) is None or not is_called:
        raise HTTPException(404, f"No counter calls into a room {room!r}.")
    return room


Room = Annotated[str, Depends(room_of)]
router = APIRouter(
    prefix="/display/{room}",
    include_in_schema=False,
    dependencies=[Depends(know_visitor), Depends(speak)],
)


@router.get("")
def show_display(request: Request, room: Room) -> Response:
    """The whole screen."""
    renderer = renderer_of(request)
    shell = renderer.shell(request)
    session, path = current_session(request), _path(room)
    can_let_speak = session is not None and session.role in _LETS_SPEAK
    page = DisplayPage(
        shell=shell,
        live=_live(request, room),
        query=_query(request),
        voices=tuple(language.code for language in spoken_in(request)),
        has_clips=clips_of(request).has_voice(shell.language.code),
        may_speak=may_speak(request, path),
        can_let_speak=can_let_speak,
        speakers=speakers_at(request, path) if can_let_speak else (),
    )
    return keep_speaking(request, path, renderer.page(request, "display/page.html", page))


@router.get("/events")
async def follow_display(request: Request, room: Room) -> Response:
    """What moves on it, again after each change; 503 while too many look at once."""
    public, address = streams_of(request).public, address_of(request)
    if not public.have_room_for(address):
        return Response(status_code=503, headers={"Retry-After": str(TRY_AGAIN_S)})
    renderer, office = renderer_of(request), office_of(request)
    shell = renderer.shared_shell(request)

    def draw() -> str:
        return renderer.part(
            "display/live.html", DisplayPart(shell=shell, live=_live(request, room))
        )

    def make() -> Drawing:
        return Drawing(
            office.hub,
            "live",
            draw,
            concerns=lambda event: isinstance(event, EntryWritten | RoomChanged),
            hurries=_is_of_queue,
            look=lambda: (
                office.facts.current().version,
                office.waits.version,
                office.clock.now().minute,
            ),
            every_s=OTHERS_EVERY_S,
        )

    drawing = streams_of(request).drawing(("display", room, shell.language.code), make)
    return EventStream(
        follow([DrawingReader(drawing)]),
        counted=public.one_more(address),
        shown=open_screens_of(request).showing(_path(room)),
    )


@router.post("/let-speak", dependencies=[Depends(check_form)])
def let_this_speak(request: Request, room: Room, session: OfficeSession) -> Response:
    """This browser may be the room's voice from now on."""
    return let_speak(request, _path(room), query=_query(request), by=session.user)


@router.post("/take-back", dependencies=[Depends(check_form)])
def take_back_voice(
    request: Request, room: Room, session: OfficeSession, name: Annotated[str, Form()] = ""
) -> Response:
    """A browser may be the room's voice no more."""
    return take_back(request, _path(room), name, query=_query(request), by=session.user)


@router.post("/voice", dependencies=[Depends(check_form)])
async def ask_voice(
    request: Request,
    room: Room,
    screen: Annotated[str, Form()] = "",
    has_words: Annotated[bool, Form()] = False,
    is_leaving: Annotated[bool, Form()] = False,
) -> Response:
    """What this screen says now: each call as it is spoken in every language. Each is told once.

    ``screen`` is a name that the screen made up; ``is_leaving``: it is being closed. 403 for a
    browser that nobody of the office let speak: it could keep the room's own screen silent.
    """
    voices = voices_of(request, screen)
    if not may_speak(request, _path(room)):
        return JSONResponse({"say": []}, 403)
    if is_leaving:
        voices.leave(room, screen)
        return JSONResponse({"say": []})
    office = office_of(request)
    view = await threads_of(request).ask(lambda: _view(request))
    calls = {call.key: call for call in calls_in(view, room)}
    here = office.clock.now().astimezone(office.settings.site.zone)
    due = voices.ask(
        room,
        screen,
        [Spoken(call.key, call.at) for call in calls.values()],
        has_words=has_words,
        is_quiet=quiet_span(office.facts.current(), here) is not None,
    )
    said = [
        spoken(
            request,
            [
                (language, spoken_call(calls[key].ticket.label, calls[key].counter, language))
                for language in spoken_in(request)
            ],
        )
        for key in due
    ]
    return keep_speaking(request, _path(room), JSONResponse({"say": said}))


def _is_of_queue(event: Event) -> bool:
    """Whether somebody may be called; what another process wrote may be a call."""
    if isinstance(event, EntryWritten):
        return event.entry.kind is EntryKind.QUEUE
    return isinstance(event, LogGrown)


def _path(room: str) -> str:
    return f"/display/{room}"


def _query(request: Request) -> str:
    return f"?language={renderer_of(request).language(request).code}"


def _live(request: Request, room: str) -> Display:
    office, words = office_of(request), words_of(request)
    standing = office.standing(words.language.code)
    seats = None
    with suppress(RecordError):
        if office.room.down_since() is None:
            seats = office.room.current().seats
    writer = DisplayWords(words, office.facts.current())
    return writer.display(room, _view(request), standing, seats, office.waits.current())


def _view(request: Request) -> QueueView:
    """The queue of now. Raises RecordError, so that nothing old is shown as new."""
    office = office_of(request)
    return office.queue.view(at=office.clock.now())
