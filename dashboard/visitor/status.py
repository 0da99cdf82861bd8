"""How the office stands, for everybody: on the first page, on a sign at the door, on a badge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Request, Response

from dashboard.visitor.drawn_pages import drawn_pages_of
from dashboard.visitor.status_contexts import Badge, NowPart, PublicPage, SignPage, SignPart
from dashboard.visitor.status_words import StatusWords
from dashboard.web.auth import current_session, know_visitor, office_of
from dashboard.web.office_words import words_of
from dashboard.web.rendering import THEME_COOKIE, THEMES, renderer_of
from screening.figures.waits import Interval, WaitEstimate
from screening.office.changes import in_order
from screening.office.facts import WordsAt
from screening.office.standing import Standing
from screening.registration.bookings import Offer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

router = APIRouter(include_in_schema=False)

FRAMED_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors *",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=5, stale-while-revalidate=10",
}
"""A badge may stand in anybody's page, and is the same for all who look."""


def speak(request: Request, language: str = "") -> None:
    """The language in the address, where no one has a cookie; of the office without one."""
    languages = renderer_of(request).languages
    default = office_of(request).settings.site.language
    request.state.language = languages.choose(language, default).code


@router.get("/", dependencies=[Depends(know_visitor)])
async def home(request: Request) -> Response:
    """Whether it is worth coming now, when else, and where to."""
    renderer, writer, standing = renderer_of(request), _writer(request), _standing(request)
    offers = await drawn_pages_of(request).offers(request)
    wait = office_of(request).newcomer_wait(standing)

    def draw() -> Response:
        shell = renderer.shell(request)
        registers = office_of(request).registrar is not None
        today = standing.at.date()
        context = PublicPage(
            shell=shell,
            now=writer.now(standing, wait, registers=registers, offers=offers),
            board=writer.board(today),
            groups=writer.groups(today, offers),
            welcome=writer.words.says(writer.facts, WordsAt.WELCOME),
            checks=tuple(in_order(writer.facts.visitor_checks)),
        )
        return renderer.page(request, "visitor/home.html", context)

    if current_session(request) is not None:
        return draw()  # it names who is logged in
    return _kept(request, standing, offers, draw, wait=wait)


@router.get("/now")
async def show_now(request: Request) -> Response:
    """The part of the first page that moves, for its script."""
    renderer, writer, standing = renderer_of(request), _writer(request), _standing(request)
    offers = await drawn_pages_of(request).offers(request)
    wait = office_of(request).newcomer_wait(standing)

    def draw() -> Response:
        registers = office_of(request).registrar is not None
        shell = renderer.shared_shell(request)
        now = writer.now(standing, wait, registers=registers, offers=offers)
        return _part(request, "visitor/now.html", NowPart(shell=shell, now=now))

    return _kept(request, standing, offers, draw, wait=wait)


@router.get("/sign", dependencies=[Depends(speak)])
async def sign(request: Request) -> Response:
    """A screen at the door: come in, wait, or closed; in the language of the address."""
    return _sign(request, is_whole=True)


@router.get("/sign/now", dependencies=[Depends(speak)])
async def sign_now(request: Request) -> Response:
    """The part of it that moves, for its script."""
    return _sign(request, is_whole=False)


@router.get("/badge", dependencies=[Depends(speak)])
async def badge(request: Request, theme: str = "light") -> Response:
    """For a frame in another site's page."""

    def draw(badge: Badge) -> str:
        return renderer_of(request).part("visitor/badge.html", badge)

    return _badge(request, theme, draw, "text/html")


@router.get("/badge.svg", dependencies=[Depends(speak)])
async def badge_picture(request: Request, theme: str = "light") -> Response:
    """The same as a picture."""

    def draw(badge: Badge) -> str:
        picture = _writer(request).badge_picture(badge)
        return renderer_of(request).part("visitor/badge.svg", picture)

    return _badge(request, theme, draw, "image/svg+xml")


def _sign(request: Request, *, is_whole: bool) -> Response:
    renderer, writer, standing = renderer_of(request), _writer(request), _standing(request)
    others = [
        words_of(request, language)
        for code, language in renderer.languages.items()
        if code != writer.words.language.code
    ]

    def draw() -> Response:
        shell, live = renderer.shared_shell(request), writer.sign(standing, others)
        if not is_whole:
            return _part(request, "visitor/sign_live.html", SignPart(shell=shell, live=live))
        page = SignPage(shell=shell, live=live, query=f"?language={shell.language.code}")
        return renderer.page(request, "visitor/sign.html", page)

    return _kept(request, standing, {}, draw)


def _badge(
    request: Request, theme: str, write: Callable[[Badge], str], media_type: str
) -> Response:
    shell, standing = renderer_of(request).shared_shell(request), _standing(request)
    theme = theme if theme in {"light", "dark"} else "light"

    def draw() -> Response:
        return Response(write(_writer(request).badge(shell, standing, theme)))

    answer = _kept(request, standing, {}, draw, theme=theme)
    return Response(answer.body, media_type=media_type, headers=FRAMED_HEADERS)


def _kept(
    request: Request,
    standing: Standing,
    offers: Mapping[str, Offer],
    draw: Callable[[], Response],
    *,
    theme: str = "",
    wait: WaitEstimate | None = None,
) -> Response:
    """What was drawn for somebody else just now, if it would look the same."""
    pages, figures = drawn_pages_of(request), standing.figures
    chosen = theme or request.cookies.get(THEME_COOKIE, "")
    page = (
        request.url.path,
        renderer_of(request).language(request).code,
        chosen if chosen in THEMES else "",
    )
    shows = (
        office_of(request).facts.current().version,
        standing.door,
        standing.crowd,
        standing.left_today,
        figures and (figures.occupancy, figures.capacity, figures.waiting_outside),
        tuple(offers.values()),
        wait.minutes if isinstance(wait, Interval) else wait,
    )
    kept = pages.newest(page, shows)
    if kept is not None:
        return Response(kept, media_type="text/html")
    drawn = draw()
    pages.keep(page, shows, bytes(drawn.body))
    return drawn


def _part(request: Request, template: str, context: DataclassInstance) -> Response:
    return Response(renderer_of(request).part(template, context), media_type="text/html")


def _standing(request: Request) -> Standing:
    return office_of(request).standing(renderer_of(request).language(request).code)


def _writer(request: Request) -> StatusWords:
    office, words = office_of(request), words_of(request)
    return StatusWords(words, office.facts.current(), office.holidays(words.language.code))
