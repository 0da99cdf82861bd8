"""A real Chromium before the example office."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Keyboard,
    Locator,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.language import LANGUAGE_COOKIE
from dashboard.web.speech import Clips
from tests.browser.states import make_example
from tests.conftest import is_missing
from tests.dashboard.conftest import be_patient, known_routes
from tests.dashboard.fakes import FakeOffice, open_session

CHROMIUMS = (
    "chromium-headless-shell",
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
)
"""The shell draws the same pages with two thirds of the computing, as it has no windows."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE_S = 60.0
"""Only what never happens takes so long, also beside much other work."""

UNTAPPED = "AudioContext was not allowed to start"
"""Chromium says so of every screen that speaks, until somebody taps it."""

OVERLAPS = """() => {
  const parts = [...document.querySelectorAll(".verdict > *, .sight, .person, .side > *")]
    .filter((part) => part.getBoundingClientRect().height > 0)
    .filter((part) => !part.matches(".verdict-art, .verdict-actions"));
  const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return parts.flatMap((one, at) => parts.slice(at + 1)
    .filter((other) => covers(one.getBoundingClientRect(), other.getBoundingClientRect()))
    .map((other) => `${one.className} / ${other.className}`));
}"""
"""Parts of the guard's page that lie on each other."""


@dataclass(frozen=True)
class Site:
    """A served office."""

    address: str
    fake: FakeOffice
    app: FastAPI


class ListeningServer(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


def launched(playwright: Playwright) -> Browser:
    """A Chromium of the path, else the one that ``playwright install chromium`` brought."""
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    path = found or playwright.chromium.executable_path
    if not Path(path).exists():
        is_missing(
            f"no Chromium (looked for {', '.join(CHROMIUMS)};"
            " .venv/bin/playwright install chromium brings one)"
        )
    try:
        return playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    except Error as error:
        is_missing(f"{path} does not start here: {error.message.splitlines()[0]}")


# For each module anew: while it is open, its event loop runs in the thread of all other tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _known_routes() -> Iterator[None]:
    with known_routes():
        yield


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    be_patient(monkeypatch)
    fake = make_example()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(fake.office)
    app.state.clips = Clips(None)  # whatever is installed here
    server = ListeningServer(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    assert server.is_up.wait(PATIENCE_S)
    yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", fake, app)
    fake.hub.close()
    server.should_exit = True
    thread.join(PATIENCE_S)
    listener.close()
    assert not thread.is_alive(), "a stream kept the server from stopping"


Visit = Callable[..., Page]

DONE_AT_ONCE: dict[type, tuple[str, ...]] = {
    Page: (
        *("click", "fill", "press", "select_option", "emulate_media", "evaluate", "pdf"),
        *("screenshot", "goto", "go_back", "reload", "close"),
    ),
    Locator: (
        *("check", "click", "dblclick", "fill", "focus", "press", "select_option"),
        *("bounding_box", "count", "evaluate", "evaluate_all", "is_hidden", "is_visible"),
    ),
}
"""What is done to a page, or asked of it once; the keyboard besides."""
_before_their_scripts: set[Page] = set()


def is_there(page: Page) -> None:
    """Wait for a page's scripts: what it says stands there before somebody hears a key."""
    if page not in _before_their_scripts:
        page.wait_for_load_state()


@pytest.fixture(scope="session", autouse=True)
def _pages_are_there() -> Iterator[None]:
    """Every act, and every look that is not repeated, waits until its page is there.

    So no test depends on how fast a page comes after a link, a form or a key has led to it.
    """

    def waiting(act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def wait(self: Page | Locator, *args: Any, **options: Any) -> Any:
            is_there(self if isinstance(self, Page) else self.page)
            return act(self, *args, **options)

        return wait

    def keyboard(page: Page) -> Keyboard:
        is_there(page)
        return at_hand(page)

    at_hand = Page.keyboard.fget
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "keyboard", property(keyboard))
        for kind, names in DONE_AT_ONCE.items():
            for name in names:
                patch.setattr(kind, name, waiting(getattr(kind, name)))
        yield


@contextmanager
def before_its_script(page: Page, name: str) -> Iterator[None]:
    """Meanwhile this script is asked for and not yet there, as from a slow server."""
    asked: list[Route] = []
    pattern = f"**/static/{name}"

    def hold(route: Route) -> None:
        asked.append(route)

    page.route(pattern, hold)
    _before_their_scripts.add(page)
    yield
    _before_their_scripts.remove(page)
    for route in asked:
        route.continue_()
    page.unroute(pattern)


class Contexts:
    """Browser contexts, each with one test at a time: a new one takes as long as its pages.

    An office has an address of its own, so that the next test finds nothing kept.
    """

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._free: defaultdict[bool, list[BrowserContext]] = defaultdict(list)

    def take(self, *, has_scripts: bool) -> BrowserContext:
        free = self._free[has_scripts]
        return free.pop() if free else self._chromium.new_context(java_script_enabled=has_scripts)

    def give_back(self, context: BrowserContext, *, has_scripts: bool) -> None:
        """Close its pages; itself where a test left a worker or a clock of its own in it."""
        is_changed = bool(context.service_workers) or any(map(has_own_clock, context.pages))
        if is_changed:
            context.close()
            return
        for page in context.pages:
            page.close()
        context.set_offline(False)
        context.clear_cookies()
        self._free[has_scripts].append(context)


def has_own_clock(page: Page) -> bool:
    """Whether Playwright's clock stands in for the page's; it would in every page to come.

    A page that goes elsewhere at this moment cannot be asked: as if it had one.
    """
    try:
        found: bool = page.evaluate("'__pwClock' in globalThis")
    except Error:
        return True
    return found


@pytest.fixture(scope="module")
def contexts(chromium: Browser) -> Contexts:
    return Contexts(chromium)


@pytest.fixture
def visit(contexts: Contexts, site: Site) -> Iterator[Visit]:
    """Opens a page; at the end nothing unexpected may stand in the console of any of them."""
    taken: list[tuple[BrowserContext, bool]] = []
    complaints: list[str] = []

    def open_page(
        path: str,
        *,
        user: str | None = None,
        size: tuple[int, int] = (1180, 820),
        language: str = "id",
        has_scripts: bool = True,
        expected: str = "$^",
    ) -> Page:
        context = contexts.take(has_scripts=has_scripts)
        taken.append((context, has_scripts))
        cookies = {LANGUAGE_COOKIE: language}
        if user is not None:
            cookies[SESSION_COOKIE] = open_session(site.fake, user)
        context.add_cookies(
            [{"name": name, "value": value, "url": site.address} for name, value in cookies.items()]
        )
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.set_default_timeout(PATIENCE_S * 1000)

        def listen(message: ConsoleMessage) -> None:
            is_told = message.type in {"error", "warning"} and UNTAPPED not in message.text
            if is_told and not re.search(expected, message.text):
                complaints.append(message.text)

        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site.address + path)
        return page

    yield open_page
    for context, has_scripts in taken:
        contexts.give_back(context, has_scripts=has_scripts)
    assert complaints == []
