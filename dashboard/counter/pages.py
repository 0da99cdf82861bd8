"""The officers' pages: the choice between counters, one counter, and its stream."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from dashboard.counter.contexts import CounterChoice, CounterLive, CounterPage, CounterPart
from dashboard.counter.words import UNKNOWN, CounterWords, Holder, at_counter
from dashboard.web.auth import OfficeSession, office_of, still_logged_in
from dashboard.web.office_words import words_of
from dashboard.web.open_screens import open_screens_of
from dashboard.web.rendering import renderer_of
from dashboard.web.sse import Drawing, DrawingReader, EventStream, follow, streams_of
from screening.errors import RecordError
from screening.events import EntryWritten, LogGrown
from screening.office.counters import Counter
from screening.queue.queue import QueueView
from screening.queue.tickets import Ticket

router = APIRouter(prefix="/counter", include_in_schema=False)
at_one = APIRouter(prefix="/counter/{desk}", include_in_schema=False)


def counter_of(request: Request, desk: str) -> Counter:
    """The counter of this address, in letters of either case; 404 where there is none."""
    found = office_of(request).facts.current().counter_named(desk)
    if found is None:
        raise HTTPException(404, f"No counter is called {desk!r}.")
    return found


AtCounter = Annotated[Counter, Depends(counter_of)]


@router.get("")
def choose_counter(request: Request, session: OfficeSession) -> Response:
    """The counters of this office; straight to it when there is only one."""
    view = view_now(request)
    if len(view.counters) == 1:
        return RedirectResponse(f"/counter/{view.counters[0][0].name}", 303)
    renderer = renderer_of(request)
    context = CounterChoice(shell=renderer.shell(request), counters=writer(request).choice(view))
    return renderer.page(request, "counter/choose.html", context)


@at_one.get("")
def show_counter(request: Request, session: OfficeSession, counter: AtCounter) -> Response:
    """The counter's page."""
    return counter_page(request, counter)


@at_one.get("/events")
async def follow_counter(request: Request, session: OfficeSession, counter: AtCounter) -> Response:
    """The changing part, again after each change."""
    office = office_of(request)
    renderer = renderer_of(request)
    shell = renderer.shared_shell(request)
    kept: dict[tuple[str, str], Holder] = {}

    def of(ticket: Ticket) -> Holder:
        if ticket.receipt is None:
            return UNKNOWN
        if ticket.receipt not in kept:
            kept.clear()
            kept[ticket.receipt] = holder_of(request, ticket)
        return kept[ticket.receipt]

    def draw() -> str:
        live = live_of(request, counter, holder=of)
        return renderer.part("counter/live.html", CounterPart(shell=shell, live=live))

    def make() -> Drawing:
        return Drawing(
            office.hub,
            "live",
            draw,
            concerns=lambda event: isinstance(event, EntryWritten | LogGrown),
            look=lambda: (office.facts.current().version, office.waits.version),
        )

    key = ("counter", counter.name, shell.language.code, session.role)
    drawing = streams_of(request).drawing(key, make)
    reader = DrawingReader(drawing, form_token=session.csrf_token)
    return EventStream(
        follow([reader], is_welcome=still_logged_in(request)),
        shown=open_screens_of(request).showing(f"/counter/{counter.name}"),
    )


def counter_page(
    request: Request, counter: Counter, *, notice: str | None = None, status: int = 200
) -> Response:
    """The whole page, with a notice where something could not be done."""
    office, renderer = office_of(request), renderer_of(request)
    counter = newest(request, counter)
    context = CounterPage(
        shell=renderer.shell(request),
        live=live_of(request, counter),
        now=int(office.clock.now().timestamp()),
        notice=notice,
        services=writer(request).services(counter),
        takes_all=not counter.services,
        place=counter.place,
        room=counter.room,
    )
    return renderer.page(request, "counter/page.html", context, status=status)


def live_part(request: Request, counter: Counter) -> str:
    """The changing part for whoever asks."""
    streams_of(request).shown_elsewhere("counter", counter.name)
    renderer = renderer_of(request)
    context = CounterPart(shell=renderer.shell(request), live=live_of(request, counter))
    return renderer.part("counter/live.html", context)


def live_of(
    request: Request, counter: Counter, *, holder: Callable[[Ticket], Holder] | None = None
) -> CounterLive:
    """The counter as it is now; one that was removed meanwhile is closed. Raises RecordError."""
    counter, view = newest(request, counter), view_now(request)
    ticket = at_counter(view, counter)
    there = UNKNOWN
    if ticket is not None:
        there = holder_of(request, ticket) if holder is None else holder(ticket)
    waits = office_of(request).waits.current()
    return writer(request).live(counter, view, waits, holder=there)


def newest(request: Request, counter: Counter) -> Counter:
    """The counter as somebody changed it last."""
    there = office_of(request).facts.current().counters
    return there.get(counter.name, replace(counter, is_open=False))


def view_now(request: Request) -> QueueView:
    """The queue of now. Raises RecordError."""
    office = office_of(request)
    return office.queue.view(at=office.clock.now())


def writer(request: Request) -> CounterWords:
    """Writes for this request's language."""
    return CounterWords(words_of(request), office_of(request).facts.current())


def holder_of(request: Request, ticket: Ticket) -> Holder:
    """Who came with a receipt of this office; ``UNKNOWN`` where nobody knows."""
    office = office_of(request)
    if ticket.receipt is None or office.registrar is None:
        return UNKNOWN
    issuer, number = ticket.receipt
    if issuer != office.settings.site.code:
        return UNKNOWN
    with suppress(RecordError):
        registration = office.registrar.registration(number)
        if registration is not None:
            return Holder(
                name=registration.name or registration.claims.holder,
                service=registration.claims.service,
                answers=registration.answers,
            )
    return UNKNOWN
