"""The dashboard: the room itself first, then the day's figures, the last visits and the gates."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Header, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from dashboard.api.status import figures_now
from dashboard.auth import OfficeSession, check_form, office_of, still_logged_in
from dashboard.contexts.room import DashboardPage, DayPart, EntryPart, Referral, RoomPart, plan_of
from dashboard.office_mode import ModeWords
from dashboard.pages.gate import gates_in_words
from dashboard.rendering import renderer_of
from dashboard.spot_checks import spot_check
from dashboard.sse import follow_room
from dashboard.typed_numbers import typed_number
from dashboard.words import N_
from screening.clock import start_of_day
from screening.decision import DecisionKind
from screening.events import RoomChanged
from screening.visits import EntryKind, LogEntry, VisitLog

router = APIRouter(prefix="/dashboard", include_in_schema=False)

ENTRIES_SHOWN = 20
ENTRIES_READ = 400
"""Rows looked at first for the day; a busier day is read in wider looks."""
CLINICAL_RANGE_CELSIUS = (34.0, 43.0)
"""What a clinical thermometer shows (ISO 80601-2-56 asks for 35.5 to 42.0 at least)."""
NO_CLINICAL_NUMBER = N_("Type the clinical reading as a number, for example 36.9.")


@router.get("")
def show_dashboard(request: Request, session: OfficeSession) -> Response:
    """The whole page as it is now."""
    return _page(request)


@router.get("/day")
def show_day(request: Request, session: OfficeSession) -> Response:
    """The part that is read again every minute and after each entry."""
    return HTMLResponse(renderer_of(request).part("dashboard/day.html", _day(request)))


@router.get("/events", response_class=EventSourceResponse)
async def follow(
    request: Request,
    session: OfficeSession,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
    after: int | None = None,
) -> AsyncIterator[ServerSentEvent]:
    """Rows of the log as they are committed, and the room as it changes.

    Goes on after ``Last-Event-ID`` (a browser that reconnects) or ``after`` (a page just read).
    """
    office = office_of(request)
    renderer = renderer_of(request)
    shell = renderer.shell(request)
    words = renderer.words(request)

    def draw_entry(entry: LogEntry) -> str:
        return renderer.part(
            "dashboard/entry.html", EntryPart(shell=shell, entry=words.entry(entry))
        )

    def draw_room(room: RoomChanged) -> str:
        return renderer.part(
            "dashboard/room.html",
            RoomPart(shell=shell, figures=words.figures(room.figures), plan=plan_of(room.seats)),
        )

    stream = follow_room(
        office.hub,
        office.log,
        after=last_event_id if last_event_id is not None else after or 0,
        draw_entry=draw_entry,
        draw_room=draw_room,
        is_welcome=still_logged_in(request),
        monotonic_s=office.clock.monotonic_s,
    )
    async with aclosing(stream) as events:
        async for event in events:
            yield event


@router.post("/clinical", dependencies=[Depends(check_form)])
def record_clinical(
    request: Request,
    session: OfficeSession,
    attempt_id: Annotated[str, Form()],
    celsius: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form(pattern="^(normal|elevated)$")] = "normal",
) -> Response:
    """An officer's clinical reading closes a referral, or checks on one who was let in."""
    low, high = CLINICAL_RANGE_CELSIUS
    value = typed_number(celsius)
    if value is None or not low <= value <= high:
        return _page(request, notice=NO_CLINICAL_NUMBER, status=409)
    office = office_of(request)
    if office.log.attempt(attempt_id) is None:
        raise HTTPException(404)
    office.log.record_clinical(
        attempt_id, celsius=value, outcome=outcome, operator=session.user, at=office.clock.now()
    )
    return RedirectResponse("/dashboard", 303)


def _page(request: Request, *, notice: str | None = None, status: int = 200) -> Response:
    office = office_of(request)
    renderer = renderer_of(request)
    words = renderer.words(request)
    latest = office.log.latest(limit=ENTRIES_SHOWN)
    day = _day(request)
    context = DashboardPage(
        shell=day.shell,
        mode=day.mode,
        figures=words.figures(figures_now(office)),
        plan=plan_of(office.log.seats()),
        hours=day.hours,
        gates=day.gates,
        elsewhere=day.elsewhere,
        waiting_aside=day.waiting_aside,
        referrals=day.referrals,
        spot=day.spot,
        entries=tuple(words.entry(entry) for entry in latest),
        last_entry_id=latest[0].entry_id if latest else 0,
        notice=words.language.say(notice) if notice else None,
    )
    return renderer.page(request, "dashboard/page.html", context, status=status)


def _day(request: Request) -> DayPart:
    office = office_of(request)
    renderer = renderer_of(request)
    words = renderer.words(request)
    gates, elsewhere = gates_in_words(request)
    since = start_of_day(office.clock.now(), office.settings.site.zone)
    entries = _latest_since(office.log, since)
    return DayPart(
        shell=renderer.shell(request),
        mode=ModeWords(words.language).line(office.facts.current()),
        hours=words.hours(office.log.hourly(since=since)),
        gates=gates,
        elsewhere=elsewhere,
        waiting_aside=len(office.log.pauses(since=since)),
        referrals=_open_referrals(entries, words.referral),
        spot=spot_check(entries, office.log.visits_inside()),
    )


def _latest_since(log: VisitLog, since: datetime) -> list[LogEntry]:
    """Every row from ``since`` on, newest first, however many there are."""
    limit = ENTRIES_READ
    while True:
        latest = log.latest(limit=limit)
        if len(latest) < limit or latest[-1].at < since:
            return [entry for entry in latest if entry.at >= since]
        limit *= 4


def _open_referrals(
    latest: list[LogEntry], word: Callable[[LogEntry], Referral]
) -> tuple[Referral, ...]:
    closed = {entry.attempt_id for entry in latest if entry.kind is EntryKind.CLINICAL}
    return tuple(
        word(entry)
        for entry in latest
        if entry.kind is EntryKind.ATTEMPT
        and entry.decision is DecisionKind.REFER
        and entry.attempt_id not in closed
    )
