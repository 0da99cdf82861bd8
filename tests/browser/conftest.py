"""A real Chromium before the example office; without one these tests say so and are skipped."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from dashboard.app import create_app
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.language import LANGUAGE_COOKIE
from dashboard.web.speech import Clips
from tests.browser.states import make_example
from tests.dashboard.conftest import be_patient
from tests.dashboard.fakes import FakeOffice, open_session

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()


# For each module anew: while it is open, its event loop runs in the thread of all other tests.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no Chromium on PATH (looked for {', '.join(CHROMIUMS)})")
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        except Error as error:
            pytest.skip(f"{path} does not start here: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    be_patient(monkeypatch)
    fake = make_example()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(fake.office)
    app.state.clips = Clips(None)  # whatever is installed here
    server = _Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
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


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    """Opens a page; at the end nothing unexpected may stand in the console of any of them."""
    contexts = []
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
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=has_scripts
        )
        contexts.append(context)
        cookies = {LANGUAGE_COOKIE: language}
        if user is not None:
            cookies[SESSION_COOKIE] = open_session(site.fake, user)
        context.add_cookies(
            [{"name": name, "value": value, "url": site.address} for name, value in cookies.items()]
        )
        page = context.new_page()
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
    for context in contexts:
        context.close()
    assert complaints == []
