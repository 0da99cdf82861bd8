"""Error pages: what happened, what was kept, and what to try."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from dashboard.web.auth import is_stranger
from dashboard.web.headers import is_private
from dashboard.web.rendering import renderer_of
from dashboard.web.shell import MessagePage
from dashboard.web.words import N_


@dataclass(frozen=True, slots=True)
class Trouble:
    """English sentences of one error page, marked for the catalogues."""

    status: int
    title: str
    happened: str
    kept: str
    attempt: str
    link: str
    link_text: str


MOST_KEPT = 64
"""Error pages, languages and colours that are kept; there are fewer of them."""

_NOTHING_CHANGED = N_("Nothing was changed.")

WRONG_ROLE = Trouble(
    403,
    N_("This page is not for your role"),
    N_("You are logged in, but this page belongs to other work."),
    _NOTHING_CHANGED,
    N_("Go back to your own pages, or log in as somebody who may see this one."),
    "/login",
    N_("To my pages"),
)
OLD_FORM = Trouble(
    403,
    N_("The form is too old"),
    N_("The form was open for too long, or came from another page."),
    N_("Nothing was changed and nothing was recorded."),
    N_("Go back, load the page again, and send the form once more."),
    "/login",
    N_("Load again"),
)
NOT_FOUND = Trouble(
    404,
    N_("There is no such page"),
    N_("The address leads nowhere: mistyped, or the gate or receipt does not exist."),
    _NOTHING_CHANGED,
    N_("Check the address or start from the first page."),
    "/",
    N_("To the first page"),
)
REPORT_DELETED = Trouble(
    410,
    N_("This report was deleted"),
    N_("Reports hold people's degrees, so they are deleted after the days that the office set."),
    N_("The constants that were found stay in the log and in force."),
    N_("Ask whoever printed it, or set the thermometer up again."),
    "/dashboard",
    N_("To the room"),
)
WRONG_METHOD = Trouble(
    405,
    N_("The page cannot do this"),
    N_("The address exists, but not for this kind of request."),
    _NOTHING_CHANGED,
    N_("Start from the first page."),
    "/",
    N_("To the first page"),
)
TOO_MANY = Trouble(
    429,
    N_("Too many numbers that do not exist"),
    N_("From this connection many receipts were asked for that do not exist."),
    _NOTHING_CHANGED,
    N_("Wait a minute, then compare the number with your receipt and try again."),
    "/",
    N_("To the first page"),
)
WRONG_INPUT = Trouble(
    422,
    N_("Something in the form cannot be used"),
    N_("A field is missing or holds a value that is not allowed."),
    N_("Nothing was changed and nothing was recorded."),
    N_("Go back and fill the form in again."),
    "/",
    N_("To the first page"),
)
NO_RECORD = Trouble(
    503,
    N_("The log cannot be reached"),
    N_("The database does not answer just now."),
    N_("Everything written before is safe. Nothing was admitted and nothing moved."),
    N_("Try again in a moment. If it stays, call the administrator."),
    "",
    N_("Try again"),
)
NO_DISK = Trouble(
    503,
    N_("The server cannot save anything"),
    N_("The disk of the server is full or cannot be written."),
    N_("Everything written before is safe. Nothing was admitted and nothing moved."),
    N_("Call the administrator to make room on the disk. Then try again."),
    "",
    N_("Try again"),
)
OUTCOME_UNKNOWN = Trouble(
    503,
    N_("The gate answers late"),
    N_("The gate did not answer in time but may still act. Look at what it shows first."),
    N_("What the gate did stands in the log."),
    N_("Wait a moment and look at the gate and the last rows before you try again."),
    "/gate",
    N_("To the gate"),
)
WRITTEN_OR_NOT = Trouble(
    503,
    N_("Nobody knows yet whether this was saved"),
    N_("The connection to the database broke while it was being saved."),
    N_("Everything written before is safe. This change is saved wholly or not at all."),
    N_("Look at the page: if the change is not there, send it again."),
    "",
    N_("To the page"),
)
LATE = Trouble(
    503,
    N_("The server answers late"),
    N_("The database has not answered in time. What was sent may still be done."),
    N_("Everything written before is safe."),
    N_("Look at the page and the last rows before you send it again."),
    "",
    N_("To the page"),
)
BROKEN = Trouble(
    500,
    N_("Something broke on our side"),
    N_("The page could not be made. The fault is in the log of the server."),
    N_("Everything that was recorded before is safe."),
    N_("Try again. If it stays, call the administrator."),
    "/",
    N_("To the first page"),
)

BY_STATUS = {
    400: WRONG_INPUT,
    **{trouble.status: trouble for trouble in (NOT_FOUND, WRONG_METHOD, WRONG_INPUT, TOO_MANY)},
}


def _where_to_try(request: Request) -> str:
    """The page itself, or the one whose form was sent: the form's own address shows nothing."""
    if is_private(request.url.path):
        return ""  # where the browser is
    if request.method in {"GET", "HEAD"}:
        return request.url.path
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # whatever a browser sends
        return "/login"
    is_ours = came_from.netloc == request.url.netloc and came_from.path.startswith("/")
    return came_from.path if is_ours and not came_from.path.startswith("//") else "/login"


def error_page(request: Request, trouble: Trouble) -> Response:
    """The page of one kind of trouble."""
    renderer = renderer_of(request)
    say = renderer.language(request).say
    context = MessagePage(
        shell=renderer.shell(request),
        status=trouble.status,
        title=say(trouble.title),
        happened=say(trouble.happened),
        kept=say(trouble.kept),
        attempt=say(trouble.attempt),
        link=trouble.link or _where_to_try(request),
        link_text=say(trouble.link_text),
    )
    answer = renderer.page(request, "message.html", context, status=trouble.status, has_form=False)
    if (looks := _looks(request, trouble)) is not None:
        drawn_troubles_of(request).keep(looks, bytes(answer.body))
    return answer


class DrawnTroubles:
    """Error pages that look the same to all strangers, as they were drawn."""

    def __init__(self) -> None:
        self._pages: dict[Hashable, bytes] = {}

    def page(self, request: Request, trouble: Trouble) -> Response | None:
        """What ``error_page`` would draw, byte for byte; None where it has to be drawn."""
        drawn = self._pages.get(_looks(request, trouble))
        return None if drawn is None else HTMLResponse(drawn, trouble.status)

    def keep(self, looks: Hashable, drawn: bytes) -> None:
        """Keep a page by all that it depends on."""
        if len(self._pages) >= MOST_KEPT:
            self._pages.clear()
        self._pages[looks] = drawn


def drawn_troubles_of(request: Request) -> DrawnTroubles:
    """The application's drawn error pages."""
    pages: DrawnTroubles = request.app.state.drawn_troubles
    return pages


def _looks(request: Request, trouble: Trouble) -> Hashable:
    """All that a page depends on which tells no address; None where it depends on more than that.

    A page of a secret address tells none, so guesses at one cost no drawing.
    """
    if not (trouble.link and is_private(request.url.path) and is_stranger(request)):
        return None
    return trouble, renderer_of(request).look(request)
