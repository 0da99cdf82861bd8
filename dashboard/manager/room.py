"""The dashboard: the room itself first, then the day's figures, the last visits and the gates."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Header, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from dashboard.manager.day_around import DayAround
from dashboard.manager.mode_words import ModeWords
from dashboard.manager.room_contexts import (
    AlertsPart,
    DashboardPage,
    DayPart,
    EntryPart,
    RefusedReading,
    RoomPart,
)
from dashboard.manager.room_words import RoomWords
from dashboard.manager.seat_sheets import seat_sheets
from dashboard.manager.spot_checks import spot_check
from dashboard.web.alerts import alert_lines
from dashboard.web.auth import OfficeSession, check_form, office_of, still_logged_in
from dashboard.web.gate.control import gates_in_words
from dashboard.web.language import Language
from dashboard.web.office_words import words_of
from dashboard.web.rendering import file_answer, renderer_of
from dashboard.web.seat_drawing import plan_of
from dashboard.web.sse import (
    Drawing,
    DrawingReader,
    EventStream,
    Reader,
    RowReader,
    Rows,
    follow,
    streams_of,
)
from dashboard.web.typed_numbers import typed_count, typed_number
from dashboard.web.words import N_, NO_COUNT, NOTHING_COUNTED
from screening.accounts import Role
from screening.clock import start_of_day
from screening.events import AlertsChanged, EntryWritten, Event, GateChanged, LogGrown, RoomChanged
from screening.visits import LEFT_UNMEASURED, EntryKind, LogEntry

router = APIRouter(prefix="/dashboard", include_in_schema=False)

ENTRIES_SHOWN = 20
HOUSEKEEPING = 10
"""Rows read besides, since some of them are not shown; there is about one such row a day."""
OFTEN = frozenset({EntryKind.QUEUE, EntryKind.LINE, EntryKind.ALERT, EntryKind.CROSSINGS})
NOT_SHOWN = OFTEN | {EntryKind.ERASURE, EntryKind.SURVEY}
"""Rows that are not among the last visits: names were erased, a counter called, an alert, paper of
the survey."""
_SEES_NAMES = {Role.OFFICER, Role.MANAGER}
"""Who calls people by their names; an administrator looks after the system."""
TYPED_SHOWN = 8
CLINICAL_RANGE_CELSIUS = (34.0, 43.0)
"""What a clinical thermometer shows (ISO 80601-2-56 asks for 35.5 to 42.0 at least)."""
NO_CLINICAL_NUMBER = N_("Type the reading as a number, for example %(example)s.")
NO_CLINICAL_READING = N_(
    "%(typed)s °C is not a person's temperature: type it from %(low)s to %(high)s °C, for example"
    " %(example)s."
)
EXAMPLE_CELSIUS = 36.9
SENT_EVERY_S = 0.5
"""The room is large: what changes within this time is drawn and sent together."""
DAY_EVERY_S = 1.0
"""The day's part is read from the record at most once in this time, for all who look."""


@router.get("")
def show_dashboard(request: Request, session: OfficeSession) -> Response:
    """The whole page as it is now."""
    return _page(request)


@router.get("/day")
def show_day(request: Request, session: OfficeSession) -> Response:
    """The part that is read again every minute and after each entry."""
    return HTMLResponse(renderer_of(request).part("manager/day.html", _day(request)))


@router.get("/seats.pdf")
def print_seats(request: Request, session: OfficeSession) -> Response:
    """The seats on paper, as an outbreak seals them: the plan to scale, and a label for each."""
    office, renderer = office_of(request), renderer_of(request)
    first = renderer.language(request)
    content = seat_sheets(
        office.facts.current(),
        [first, *(one for one in renderer.languages.values() if one is not first)],
        office=office.name,
        zone=office.settings.site.zone,
        made_at=office.clock.now(),
    )
    return file_answer(content, "application/pdf", "seats.pdf")


@router.get("/events")
async def follow_office(
    request: Request,
    session: OfficeSession,
    last_event_id: Annotated[int | None, Header(ge=0)] = None,
    after: int | None = None,
) -> Response:
    """Rows of the log as they are committed, and the room and the day's part as they change.

    Goes on after ``Last-Event-ID`` (a browser that reconnects) or ``after`` (a page just read).
    """
    rows, room, day, needs = _sources(request)
    readers: list[Reader] = [
        RowReader(rows, after=last_event_id if last_event_id is not None else after or 0),
        DrawingReader(room),
        DrawingReader(day, form_token=session.csrf_token),
        DrawingReader(needs, form_token=session.csrf_token),
    ]
    return EventStream(follow(readers, is_welcome=still_logged_in(request), every_s=SENT_EVERY_S))


@router.post("/clinical", dependencies=[Depends(check_form)])
def record_clinical(
    request: Request,
    session: OfficeSession,
    attempt_id: Annotated[str, Form()],
    celsius: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form(pattern="^(normal|elevated|left)$")] = "normal",
) -> Response:
    """An officer's clinical reading closes a referral, or checks on one who was let in.

    So does that the visitor has left, without a reading.
    """
    if outcome == LEFT_UNMEASURED:
        return _close_referral(request, attempt_id, operator=session.user)
    low, high = CLINICAL_RANGE_CELSIUS
    value = typed_number(celsius)
    if value is None or not low <= value <= high:
        refused = RefusedReading(
            attempt_id=attempt_id,
            typed=celsius[:TYPED_SHOWN],
            words=_refused_words(renderer_of(request).language(request), celsius, value),
        )
        return _page(request, refused=refused, status=409)
    office = office_of(request)
    if office.log.attempt(attempt_id) is None:
        raise HTTPException(404)
    office.log.record_clinical(
        attempt_id, celsius=value, outcome=outcome, operator=session.user, at=office.clock.now()
    )
    return RedirectResponse("/dashboard", 303)


@router.post("/count", dependencies=[Depends(check_form)])
def count_heads(
    request: Request, session: OfficeSession, people: Annotated[str, Form()] = ""
) -> Response:
    """How many people are truly inside, counted by whoever works here."""
    number = typed_count(people)
    if number is None:
        return _page(request, wrong_count=NO_COUNT, status=409)
    office_of(request).leaving.count_heads(number, operator=session.user)
    return RedirectResponse("/dashboard", 303)


@router.post("/undo-count", dependencies=[Depends(check_form)])
def undo_count(request: Request, session: OfficeSession) -> Response:
    """The last head count of the day was wrong."""
    if not office_of(request).leaving.undo_count(operator=session.user):
        return _page(request, wrong_count=NOTHING_COUNTED, status=409)
    return RedirectResponse("/dashboard", 303)


def _close_referral(request: Request, attempt_id: str, *, operator: str) -> Response:
    """Note that somebody who was referred today has left; twice is once."""
    office = office_of(request)
    at = office.clock.now()
    since = start_of_day(at, office.settings.site.zone)
    if any(one.attempt_id == attempt_id for one in office.log.open_referrals(since=since)):
        office.log.record_clinical(
            attempt_id, celsius=None, outcome=LEFT_UNMEASURED, operator=operator, at=at
        )
    elif office.log.attempt(attempt_id) is None:
        raise HTTPException(404)
    return RedirectResponse("/dashboard", 303)


def _sources(request: Request) -> tuple[Rows, Drawing, Drawing, Drawing]:
    """What is followed in the language and for the role of who asks."""
    office, renderer, streams = office_of(request), renderer_of(request), streams_of(request)
    shell = renderer.shared_shell(request)

    def draw_entry(entry: LogEntry) -> str:
        if not _is_of_visitors(entry):
            return ""
        line = words_of(request).entry(entry)
        return renderer.part("manager/entry.html", EntryPart(shell=shell, entry=line))

    def draw_room() -> str:
        room = office.room.current()
        figures = words_of(request).figures(room.figures)
        context = RoomPart(shell=shell, figures=figures, plan=plan_of(room.seats))
        return renderer.part("manager/room.html", context)

    def draw_day() -> str:
        return renderer.part("manager/day.html", replace(_day(request), shell=shell))

    def draw_needs() -> str:
        context = AlertsPart(shell=shell, needs=alert_lines(request, shell.role))
        return renderer.part("manager/alerts.html", context)

    def concerns_needs(event: Event) -> bool:
        return isinstance(event, AlertsChanged)

    def concerns_room(event: Event) -> bool:
        return isinstance(event, RoomChanged)

    def concerns_day(event: Event) -> bool:
        return isinstance(event, EntryWritten | LogGrown | GateChanged)

    language, hub = shell.language.code, office.hub
    return (
        streams.rows(("rows", language), lambda: Rows(hub, office.feed, draw_entry)),
        streams.drawing(
            ("room", language),
            lambda: Drawing(hub, "room", draw_room, concerns=concerns_room, every_s=SENT_EVERY_S),
        ),
        streams.drawing(
            ("day", language, shell.role),
            lambda: Drawing(hub, "day", draw_day, concerns=concerns_day, every_s=DAY_EVERY_S),
        ),
        streams.drawing(
            ("needs", language, shell.role),
            lambda: Drawing(hub, "needs", draw_needs, concerns=concerns_needs),
        ),
    )


def _refused_words(language: Language, typed: str, value: float | None) -> str:
    """Why a clinical reading was not taken."""
    example = language.decimal(EXAMPLE_CELSIUS)
    if value is None:
        return language.say(NO_CLINICAL_NUMBER) % {"example": example}
    low, high = (language.decimal(limit, 0) for limit in CLINICAL_RANGE_CELSIUS)
    told = {"typed": typed.strip()[:TYPED_SHOWN], "low": low, "high": high, "example": example}
    return language.say(NO_CLINICAL_READING) % told


def _page(
    request: Request,
    *,
    refused: RefusedReading | None = None,
    wrong_count: str = "",
    status: int = 200,
) -> Response:
    office = office_of(request)
    renderer = renderer_of(request)
    words = words_of(request)
    latest = office.log.latest(limit=ENTRIES_SHOWN + HOUSEKEEPING, without=OFTEN)
    shown = [entry for entry in latest if _is_of_visitors(entry)][:ENTRIES_SHOWN]
    room = office.room.current()
    day = _day(request, refused)
    context = DashboardPage(
        **{field.name: getattr(day, field.name) for field in fields(day)},
        figures=words.figures(room.figures),
        plan=plan_of(room.seats),
        needs=alert_lines(request, day.shell.role),
        entries=tuple(words.entry(entry) for entry in shown),
        last_entry_id=latest[0].entry_id if latest else 0,
        wrong_count=renderer.language(request).say(wrong_count) if wrong_count else "",
    )
    return renderer.page(request, "manager/page.html", context, status=status)


def _day(request: Request, refused: RefusedReading | None = None) -> DayPart:
    office = office_of(request)
    renderer = renderer_of(request)
    words = words_of(request)
    gates, elsewhere = gates_in_words(request)
    now, zone = office.clock.now(), office.settings.site.zone
    since = start_of_day(now, zone)
    around: DayAround = request.app.state.day_around
    hours, usual, waits = office.log.hourly(since=since), around.usual(), office.waits.current()
    facts, told, shell = office.facts.current(), RoomWords(words), renderer.shell(request)
    return DayPart(
        shell=shell,
        mode=ModeWords(words.language).line(facts),
        hours=told.hours(hours, usual, around.today),
        usual=told.usual(hours, usual, now),
        queue=told.queue(office.queue.glance(at=now) or office.queue.view(at=now), waits, now),
        bookings=told.bookings(
            around.booked(), office.figures(), facts.daily_quota, _next_day(since, zone)
        ),
        waits=tuple(told.waits(waits, office.waits.held)),
        gates=gates,
        elsewhere=elsewhere,
        waiting_aside=len(office.log.pauses(since=since)),
        referrals=tuple(
            told.referral(one, has_name=shell.role in _SEES_NAMES)
            for one in office.log.open_referrals(since=since)
        ),
        spot=spot_check(office.log.unmeasured()),
        backup=words.backup(office.backups(), office.clock.now()),
        refused=refused,
    )


def _next_day(since: datetime, zone: ZoneInfo) -> datetime:
    """When the day ends that began then; days of 23 and 25 hours have the same end on the clock."""
    return start_of_day(since + timedelta(hours=36), zone)


def _is_of_visitors(entry: LogEntry) -> bool:
    """Whether it belongs among the last visits."""
    return entry.kind not in NOT_SHOWN
