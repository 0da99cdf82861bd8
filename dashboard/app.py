"""The web application: routes, errors in one shape, headers. Making it opens nothing."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as RoutingError

from dashboard.admin.section import ADMIN
from dashboard.api import alerts as alerts_api
from dashboard.api import (
    counters,
    figures,
    health,
    queue_monitor,
    receipts,
    registrations,
    services,
    status,
)
from dashboard.api import gates as gates_api
from dashboard.api.problems import Problem, problem
from dashboard.api.repeats import written
from dashboard.counter.section import COUNTER
from dashboard.desk.section import DESK
from dashboard.display.section import DISPLAY
from dashboard.first_start.section import FIRST_START
from dashboard.guard.section import GUARD
from dashboard.kiosk import survey
from dashboard.kiosk.section import KIOSK
from dashboard.manager.day_around import DayAround
from dashboard.manager.plan_jobs import PlanJobs
from dashboard.manager.plan_lessons import PlanLessons
from dashboard.manager.section import MANAGER
from dashboard.setup.section import SETUP
from dashboard.training.section import TRAINING
from dashboard.visitor.drawn_pages import DrawnPages
from dashboard.visitor.section import VISITOR
from dashboard.web import (
    account,
    account_passkeys,
    alerts,
    login,
    login_codes,
    login_passkeys,
    preferences,
    speech,
)
from dashboard.web.auth import SESSION_COOKIE, FormRefused, LoginNeeded, RoleRefused
from dashboard.web.error_pages import (
    BROKEN,
    BY_STATUS,
    LATE,
    NO_DISK,
    NO_RECORD,
    NOT_FOUND,
    OLD_FORM,
    OUTCOME_UNKNOWN,
    TOO_MANY,
    WRITTEN_OR_NOT,
    WRONG_INPUT,
    WRONG_ROLE,
    DrawnTroubles,
    Trouble,
    drawn_troubles_of,
    error_page,
)
from dashboard.web.gate.control import LIVE_HEADER, elsewhere_page
from dashboard.web.gate.words import gate_words_of
from dashboard.web.guessing import (
    FAILURE_WINDOW_S,
    FAILURES_ALLOWED,
    LinkBrake,
    LoginBrake,
    PasswordLine,
    PlaceBrake,
    Tally,
)
from dashboard.web.headers import (
    HeadOfPages,
    SecurityHeaders,
    WholeBody,
    add_security_headers,
    is_private,
)
from dashboard.web.language import Languages
from dashboard.web.office import Office
from dashboard.web.open_screens import OpenScreens
from dashboard.web.patience import Deadline, RecordThreads, Refusals
from dashboard.web.rendering import Renderer, renderer_of
from dashboard.web.section import Addresses, Section
from dashboard.web.speech import Clips, installed_synthesiser
from dashboard.web.sse import Streams
from dashboard.web.voice import Voices
from screening.errors import LaneConflict, NotOwner, OutcomeUnknown, RecordError, UnknownGate
from screening.repeats import AnsweredBefore, KeyReused

logger = logging.getLogger(__name__)

WEB = Section(
    "web",
    Path(login.__file__).parent,
    (
        login.router,
        login_codes.router,
        login_passkeys.router,
        account.router,
        account_passkeys.router,
        preferences.router,
        alerts.router,
        speech.router,
    ),
)
"""What all sections share; its templates are asked for by their file's name alone."""
SECTIONS = (
    VISITOR,
    GUARD,
    SETUP,
    KIOSK,
    MANAGER,
    ADMIN,
    DESK,
    COUNTER,
    DISPLAY,
    FIRST_START,
    TRAINING,
)
API = "/api/v1"
_FOR_MACHINES = ("/api/", "/healthz", "/readyz", "/metrics")
_FOR_SCRIPTS = ("/events", "/picture.jpg", "/thermal.png")
VERSION = "1"
REFUSAL_PAGES = 60
"""Refused log-ins and links a minute that get a whole page each; further ones get a line."""
SILENT: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""What visitors send is reported to nobody, whatever the environment asks FastAPI to do."""
TRY_AGAIN_S = 5
"""Whoever finds the record away may try again after this time."""


class _Described(FastAPI):
    """Describes its interface with what is checked by hand: errors' shape, tokens, sessions."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        parts = schema.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        parts["securitySchemes"] = parts.get("securitySchemes", {}) | {
            "station": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token that `gerbang gate add` printed, of this gate alone",
            },
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": SESSION_COOKIE,
                "description": "A person's log-in, from `/login` to `/logout`",
            },
        }
        for path, methods in schema["paths"].items():
            scheme = "station" if path.startswith(f"{API}/gates/") else None
            scheme = "session" if path == "/logout" else scheme
            for described in methods.values():  # addresses for keys say so themselves
                described.setdefault("security", [] if scheme is None else [{scheme: []}])
        return schema


class _Files(StaticFiles):
    """The files of all sections at one address."""

    def __init__(self) -> None:
        super().__init__(directory=WEB.static)
        self.all_directories = [section.static for section in (WEB, *SECTIONS)]


def create_app(office: Office, languages: Languages | None = None) -> FastAPI:
    """The application around ready-made collaborators, in the product's languages when None.

    Closing ``office.hub`` ends every stream; the server does so before it waits for connections,
    and the application does so again when it shuts down.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        office.hub.close()
        plan_jobs.close()

    plan_jobs = PlanJobs(office.clock)
    app = _Described(
        title="Gerbang",
        version=VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        telemetry=SILENT,
    )
    app.state.office = office
    app.state.renderer = Renderer(languages or Languages(), SECTIONS)
    app.state.login_brake = LoginBrake(office.clock)
    app.state.password_line = PasswordLine()
    app.state.refusal_pages = Tally(office.clock, allowed=REFUSAL_PAGES, window_s=60)
    app.state.drawn_troubles = DrawnTroubles()
    app.state.link_brake = LinkBrake(office.clock)
    app.state.first_token_brake = Tally(
        office.clock, allowed=FAILURES_ALLOWED, window_s=FAILURE_WINDOW_S
    )
    app.state.place_brake = PlaceBrake(office.clock)
    app.state.survey_brake = Tally(
        office.clock, allowed=survey.UNNAMED_ALLOWED, window_s=survey.WINDOW_S
    )
    app.state.survey_numbers = Tally(
        office.clock, allowed=survey.NUMBERS_ALLOWED, window_s=survey.WINDOW_S
    )
    app.state.survey_unnamed = {}
    app.state.record_threads = RecordThreads()
    refusals = app.state.refusals = Refusals(
        has_answered_since=office.room.was_read_since,
        head=lambda: office.feed.head,
        monotonic_s=office.clock.monotonic_s,
    )
    app.state.streams = Streams()
    app.state.open_screens = OpenScreens(office.clock)
    app.state.drawn_pages = DrawnPages(office.clock)
    app.state.voices = Voices(office.clock)
    app.state.clips = Clips(installed_synthesiser())
    app.state.plan_jobs = plan_jobs
    app.state.plan_lessons = PlanLessons(office)
    app.state.last_rows = {}
    app.state.day_around = DayAround(office)
    app.state.line_outside = None
    app.mount("/static", _Files(), name="static")
    app.include_router(gates_api.router, prefix=API)  # first, since scans are most of all requests
    for described in (
        status,
        services,
        queue_monitor,
        receipts,
        registrations,
        counters,
        alerts_api,
        figures,
    ):
        app.include_router(Addresses(described.router, API), prefix=API)
    app.include_router(health.router)
    for section in (WEB, *SECTIONS):
        for router in section.routers:
            app.include_router(Addresses(router))
    _add_error_answers(app)
    app.add_middleware(HeadOfPages)
    app.add_middleware(
        Deadline,
        late=_late,
        has_answered_since=office.room.was_read_since,
        look=refusals.look,
        monotonic_s=office.clock.monotonic_s,
    )
    app.add_middleware(WholeBody)
    app.add_middleware(SecurityHeaders)
    return app


def _is_machine(request: Request) -> bool:
    return request.url.path.startswith(_FOR_MACHINES)


def _answer(
    request: Request, trouble: Trouble, detail: str, *, kind: str = "about:blank"
) -> Response:
    """One error for whoever asked: a program, the script of a page, or a person."""
    if _is_machine(request):
        return problem(trouble.status, detail, kind=kind)
    if LIVE_HEADER in request.headers:
        text = renderer_of(request).language(request).say(trouble.happened)
        return Response(text, status_code=trouble.status, media_type="text/plain")
    return error_page(request, trouble)


async def _routing_error(request: Request, error: RoutingError) -> Response:
    """From memory where that can be: a guess takes no thread from those who scan."""
    if _is_machine(request):
        return problem(error.status_code, error.detail, headers=error.headers)
    trouble = BY_STATUS.get(error.status_code, NOT_FOUND)
    answer: Response | None
    if trouble is TOO_MANY and request.app.state.refusal_pages.take(trouble) > 0:
        # A flood: a page is drawn for people.
        line = renderer_of(request).language(request).say(trouble.happened)
        answer = PlainTextResponse(line, error.status_code)
    else:
        is_page = LIVE_HEADER not in request.headers
        answer = drawn_troubles_of(request).page(request, trouble) if is_page else None
        if answer is None:
            answer = await run_in_threadpool(_answer, request, trouble, error.detail)
    answer.headers.update(error.headers or {})
    return answer


def _invalid(request: Request, error: RequestValidationError) -> Response:
    if not _is_machine(request):
        is_of_path = all(entry["loc"][0] == "path" for entry in error.errors())
        return _answer(request, NOT_FOUND if is_of_path else WRONG_INPUT, "")
    problems = [
        {"where": ".".join(str(part) for part in entry["loc"]), "what": entry["msg"]}
        for entry in error.errors()
    ]
    return problem(422, "The request cannot be used as it is.", errors=problems)


def _no_record(request: Request, error: RecordError) -> Response:
    request.app.state.refusals.count(error)
    trouble = NO_DISK if error.is_of_disk else NO_RECORD
    answer = _answer(request, trouble, f"{error} Nothing moved.", kind="record-unavailable")
    answer.headers["Retry-After"] = str(TRY_AGAIN_S)
    return answer


async def _late(request: Request) -> Response:
    """Instead of the application, which has not begun to answer in time."""
    if not hasattr(request.state, "session"):
        request.state.session = None  # known or not, nobody looks it up now
    is_page = request.method in {"GET", "HEAD"}
    detail = "The database does not answer."
    if is_page:
        request.app.state.refusals.count(RecordError(detail))
    answer = _answer(
        request,
        NO_RECORD if is_page else LATE,
        detail if is_page else f"{detail} What was sent may still be done: look first.",
        kind="record-unavailable" if is_page else "outcome-unknown",
    )
    answer.headers["Retry-After"] = str(TRY_AGAIN_S)
    return answer


def _outcome_unknown(request: Request, error: OutcomeUnknown) -> Response:
    logger.error("told that the outcome is unknown: %s", error)
    is_of_gate = request.url.path.startswith("/gate/")
    trouble = OUTCOME_UNKNOWN if is_of_gate else WRITTEN_OR_NOT
    return _answer(request, trouble, str(error), kind="outcome-unknown")


def _not_owner(request: Request, error: NotOwner) -> Response:
    if _is_machine(request):
        return problem(421, str(error), kind="not-owner", owner=error.address)
    if LIVE_HEADER in request.headers:
        words = gate_words_of(request).elsewhere(error, "").words
        return Response(words, status_code=421, media_type="text/plain")
    return elsewhere_page(request, error)


def _login_needed(request: Request, _: LoginNeeded) -> Response:
    if LIVE_HEADER in request.headers or request.url.path.endswith(_FOR_SCRIPTS):
        return Response(status_code=401)
    return RedirectResponse(f"/login?following={quote(request.url.path)}", 303)


def _unexpected(request: Request, _: Exception) -> Response:
    response = _answer(request, BROKEN, "The answer could not be made; see the server's log.")
    # This answer is made outside the middleware that adds the headers to all others.
    response.headers["Cache-Control"] = "no-store"
    add_security_headers(
        response.headers,
        is_https=request.url.scheme == "https",
        is_private=is_private(request.url.path),
    )
    return response


def _add_error_answers(app: FastAPI) -> None:
    answers: dict[
        type[Exception] | int, Callable[[Request, Any], Response | Awaitable[Response]]
    ] = {
        RoutingError: _routing_error,
        RequestValidationError: _invalid,
        UnknownGate: lambda request, error: _answer(
            request, NOT_FOUND, str(error), kind="unknown-gate"
        ),
        NotOwner: _not_owner,
        LaneConflict: lambda _, error: problem(
            409, str(error), kind="lane-conflict", code=error.code
        ),
        AnsweredBefore: lambda _, before: written(before.answer),
        KeyReused: lambda _, error: problem(422, f"{error}.", kind="idempotency-key-reused"),
        OutcomeUnknown: _outcome_unknown,
        RecordError: _no_record,
        LoginNeeded: _login_needed,
        RoleRefused: lambda request, _: _answer(request, WRONG_ROLE, ""),
        FormRefused: lambda request, _: _answer(request, OLD_FORM, ""),
        500: _unexpected,
    }
    for error, answer in answers.items():
        app.add_exception_handler(error, answer)
