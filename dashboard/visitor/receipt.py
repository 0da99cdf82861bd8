"""A receipt on its holder's own phone: found by number and key, kept, printed, handed back.

The key stands in the path and nowhere else. So whatever belongs to the page lies at the page's own
address, told apart by ``?as=…``, and no link in it names the path.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial
from hashlib import sha256
from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from dashboard.visitor import receipt_data, receipt_survey
from dashboard.visitor.receipt_calendar import calendar_file
from dashboard.visitor.receipt_contexts import ReceiptLivePart, ReceiptMove, ReceiptShown
from dashboard.visitor.receipt_pdf import receipt_pdf
from dashboard.visitor.receipt_words import ReceiptWords, receipt_words_of
from dashboard.visitor.register_draft import Draft
from dashboard.visitor.register_words import RegisterWords
from dashboard.visitor.turn import (
    NOWHERE,
    Moment,
    Own,
    Turn,
    TurnPart,
    TurnReader,
    Turns,
    TurnWords,
    WholeState,
    moment_of,
)
from dashboard.visitor.words import REFUSALS
from dashboard.web.auth import address_of, check_form, current_session, know_visitor, office_of
from dashboard.web.figures import RoomFigures
from dashboard.web.guessing import LinkBrake
from dashboard.web.office import Office, ReceiptPage
from dashboard.web.office_words import words_of
from dashboard.web.preferences import keep_choice
from dashboard.web.rendering import file_answer, renderer_of
from dashboard.web.sse import EventStream, follow, streams_of
from dashboard.web.survey_form import SentMarks, sent_marks
from screening.errors import RecordError
from screening.receipts.links import is_link
from screening.registration.bookings import BadRequest, BookingRefusal, NotBookable
from screening.registration.closing import Told
from screening.registration.registrar import Registrar

router = APIRouter(
    prefix="/r/{number}/{key}", include_in_schema=False, dependencies=[Depends(know_visitor)]
)

DAYS_OFFERED = 31
"""A longer list is read by nobody on a phone."""
TRY_AGAIN_S = 30
"""Whoever finds too many streams open may try again after this time."""
LOOK_S = 5
"""That the time of a call is up is seen so soon."""
KEEP_HEADER = "Gerbang-Keep"
"""``no`` where a browser must not keep the page any longer."""


async def found_receipt(request: Request, number: str, key: str) -> ReceiptPage:
    """The receipt of this link. A wrong number and a wrong key get one answer: 404, or 429 where
    there were too many from this address.

    Only what may be a link takes a thread, and of those only as many as are looked up.
    """
    brake: LinkBrake = request.app.state.link_brake
    address, is_public = address_of(request), current_session(request) is None
    link = sha256(f"{number}/{key}".encode()).digest()
    found = None
    if is_link(number, key):
        if is_public:
            _wait(brake.begin(address, link))
        found = await run_in_threadpool(office_of(request).receipt_page, number, key)
    if found is None:
        if is_public:
            _wait(brake.missed(address))
        raise HTTPException(404)
    brake.opened(link)
    return found


FoundReceipt = Annotated[ReceiptPage, Depends(found_receipt)]


@router.get("")
def receipt(
    request: Request,
    found: FoundReceipt,
    wanted: Annotated[str, Query(alias="as")] = "",
    language: str = "",
    theme: str = "",
) -> Response:
    """The receipt; ``as`` asks for what belongs to it, a language or a theme is kept."""
    words = receipt_words_of(request, found)
    if language or theme:
        back = RedirectResponse(request.url.path, 303)
        keep_choice(request, back, language=language, theme=theme)
        return back
    show = _WANTED.get(wanted, _page)
    if wanted in _NEEDS_CODE and not words.has_code:
        show = _page
    answer = show(request, found, words)
    if words.stage.is_over:
        answer.headers[KEEP_HEADER] = "no"
    return answer


@router.post("", dependencies=[Depends(check_form)])
def hand_back(
    request: Request,
    found: FoundReceipt,
    marks: Annotated[SentMarks, Depends(sent_marks)],
    act: Annotated[str, Form()] = "",
    choice: Annotated[str, Form()] = "",
) -> Response:
    """Cancel it, move it or agree to where the office moved it, where nobody came in with it yet,
    say how it was, or have what is kept erased; the page then says how it stands."""
    office, words = office_of(request), receipt_words_of(request, found)
    if act == "survey":
        visit = receipt_survey.asked(request, found, words.stage)
        if visit is not None and not receipt_survey.keep(request, visit, marks):
            return receipt_survey.survey_page(request, found, visit, marks)
    if act == "erase":
        receipt_data.erase(request, found)
        return RedirectResponse(f"{request.url.path}?as=mine", 303)
    if act == "cancel" and office.cancel_receipt is not None and words.can_cancel:
        office.cancel_receipt(found.claims)
    notice = found.notice
    if act == "agree" and office.closer is not None and notice is not None and words.can_cancel:
        office.closer.tell(notice.moved.closing_id, found.claims.number, Told.AGREED, by="")
    if act == "move" and office.registrar is not None and words.can_move:
        try:
            _move(office.registrar, found, choice)
        except NotBookable as error:
            return _choose(request, found, words, refusal=error.code)
        except (BadRequest, ValueError):
            return _choose(request, found, words, refusal=BookingRefusal.NOT_BOOKABLE)
    return RedirectResponse(request.url.path, 303)


def _move(registrar: Registrar, found: ReceiptPage, choice: str) -> None:
    """Raises NotBookable, BadRequest and, for what no form of ours sends, ValueError."""
    day, _, start = choice.partition("T")
    moved_to = time.fromisoformat(start) if start else None
    registrar.change(found.claims.number, date.fromisoformat(day), moved_to, by="")


@router.get("/")
def tidy(request: Request, _: FoundReceipt) -> Response:
    """A link that got a stroke at its end on its way."""
    return RedirectResponse(request.url.path.rstrip("/"), 303)


def _wait(wait_s: float) -> None:
    if wait_s > 0:
        raise HTTPException(429, headers={"Retry-After": str(ceil(wait_s))})


def _figures(request: Request) -> RoomFigures | None:
    try:
        return words_of(request).figures(office_of(request).figures())
    except RecordError:  # the receipt is worth showing without them
        return None


def _page(request: Request, found: ReceiptPage, words: ReceiptWords) -> Response:
    renderer, office = renderer_of(request), office_of(request)
    context = ReceiptShown(
        shell=renderer.private_shell(request),
        card=words.card(),
        live=words.live(_figures(request), _turns(request, found)[1]),
        is_kept=words.has_code and current_session(request) is None,
        can_move=words.can_move and office.registrar is not None,
        can_cancel=words.can_cancel and office.cancel_receipt is not None,
        has_data=office.person_data is not None,
        survey=receipt_survey.told_of(request, found, words.stage),
        again=f"/register?{urlencode({'service': found.claims.service})}"
        if (words.stage.is_over or words.is_missed) and office.registrar is not None
        else "",
    )
    return renderer.page(request, "visitor/receipt.html", context)


def _choose(
    request: Request,
    found: ReceiptPage,
    words: ReceiptWords,
    *,
    refusal: BookingRefusal | None = None,
) -> Response:
    """The days and times that can be had instead."""
    renderer, office = renderer_of(request), office_of(request)
    booking, registrar = found.booking, office.registrar
    service = office.facts.current().services.get(found.claims.service)
    if booking is None or registrar is None or service is None or not words.can_move:
        return RedirectResponse(request.url.path, 303)
    problem = "" if refusal is None else renderer.language(request).say(REFUSALS[refusal])
    writer = RegisterWords(
        words_of(request),
        office.facts.current(),
        service,
        office.clock.now().astimezone(office.settings.site.zone),
    )
    offers = registrar.offers(
        service.code, writer.now.date(), DAYS_OFFERED, is_priority=booking.is_priority
    )
    taken = (booking.place.day, booking.place.start)
    others = (one for one in offers if (one.place.day, one.place.start) != taken)
    days = writer.days(others, Draft(party=str(booking.party_size)))
    context = ReceiptMove(
        shell=renderer.private_shell(request),
        card=words.card(),
        days=days,
        has_room=any(day.is_free for day in days),
        problem=problem,
    )
    status = 200 if refusal is None else 409
    return renderer.page(request, "visitor/receipt_move.html", context, status=status)


def _survey(request: Request, found: ReceiptPage, words: ReceiptWords) -> Response:
    """The questions, while they are asked; the receipt otherwise."""
    visit = receipt_survey.asked(request, found, words.stage)
    if visit is None or visit.has_answered:
        return RedirectResponse(request.url.path, 303)
    return receipt_survey.survey_page(request, found, visit)


def _state(request: Request, found: ReceiptPage, words: ReceiptWords) -> Response:
    return HTMLResponse(_whole(request, found, words).drawn)


def _whole(request: Request, found: ReceiptPage, words: ReceiptWords) -> WholeState:
    """All that changes of the page, as it is now."""
    renderer = renderer_of(request)
    own, turns = _turns(request, found)
    live = words.live(_figures(request), turns)
    context = ReceiptLivePart(shell=renderer.private_shell(request), live=live)
    return WholeState(renderer.part("visitor/receipt_live.html", context), own)


def _events(request: Request, found: ReceiptPage, _: ReceiptWords) -> Response:
    """Its turns, again after each change; 503 while too many look at once."""
    streams, address, office = streams_of(request), address_of(request), office_of(request)
    if not streams.public.have_room_for(address):
        return Response(status_code=503, headers={"Retry-After": str(TRY_AGAIN_S)})
    renderer = renderer_of(request)
    shell, writer = renderer.shared_shell(request), _turn_words(request)
    number, key = request.path_params["number"], request.path_params["key"]

    def make() -> Turns:
        return Turns(
            office.hub,
            partial(_moment, office),
            look=lambda: (
                office.facts.current().version,
                office.waits.version,
                int(office.clock.monotonic_s()) // LOOK_S,
            ),
        )

    def tell(own: Own, at: datetime) -> tuple[Turn, ...]:
        return writer.turns(own, at)

    def draw(turns: tuple[Turn, ...]) -> str:
        return renderer.part("visitor/receipt_turn.html", TurnPart(shell=shell, turns=turns))

    def whole() -> WholeState | None:
        now = office.receipt_page(number, key)
        return None if now is None else _whole(request, now, receipt_words_of(request, now))

    reader = TurnReader(
        streams.source(("turns",), Turns, make), _key(found), tell=tell, draw=draw, whole=whole
    )
    return EventStream(follow([reader]), counted=streams.public.one_more(address))


def _turns(request: Request, found: ReceiptPage) -> tuple[Own, tuple[Turn, ...]]:
    """How it stands now, and in words; nowhere while the record does not answer."""
    inside = {visit.ticket for visit in found.visits if visit.left_at is None}
    try:
        moment = _moment(office_of(request))
    except RecordError:
        return NOWHERE, ()
    own = moment.of(_key(found))
    called = {one.label for one in own.inside}
    done = sorted(inside - called) if moment.has_counters else ()
    return own, _turn_words(request).turns(own, moment.at, done)


def _moment(office: Office) -> Moment:
    """Raises RecordError."""
    now = office.clock.now()
    queue, line = office.queue.view(at=now), office.line.view(at=now)
    return moment_of(queue, line, office.waits.current(), now)


def _turn_words(request: Request) -> TurnWords:
    words = words_of(request)
    return TurnWords(words.language, words.zone)


def _key(found: ReceiptPage) -> tuple[str, str]:
    return found.claims.issuer, found.claims.number


def _pdf(request: Request, found: ReceiptPage, words: ReceiptWords) -> Response:
    office = office_of(request)
    content = receipt_pdf(
        words.card(),
        found.token,
        office=office.name,
        say=words_of(request).language.say,
        made_at=office.clock.now(),
    )
    return file_answer(content, "application/pdf", f"{found.claims.number}.pdf")


def _calendar(request: Request, found: ReceiptPage, words: ReceiptWords) -> Response:
    office = office_of(request)
    zone = office.settings.site.zone
    content = calendar_file(found.claims, words.card(), words.comes, office=office.name, zone=zone)
    return file_answer(content, "text/calendar; charset=utf-8", f"{found.claims.number}.ics")


def _worker(_: Request, found: ReceiptPage, words: ReceiptWords) -> Response:
    """What keeps the page in the browser, until the receipt runs out."""
    runs_out_ms = int(found.claims.expires.timestamp() * 1000) if words.has_code else 0
    script = f"self.RUNS_OUT_MS = {runs_out_ms};\nimportScripts('/static/receipt-worker.js');\n"
    return Response(script, media_type="text/javascript")


_WANTED: dict[str, Callable[[Request, ReceiptPage, ReceiptWords], Response]] = {
    "state": _state,
    "events": _events,
    "pdf": _pdf,
    "calendar": _calendar,
    "worker": _worker,
    "move": _choose,
    "survey": _survey,
    "mine": receipt_data.data_page,
    "data": receipt_data.data_file,
}
_NEEDS_CODE = frozenset({"pdf", "calendar"})
