"""Make the pictures of help and README anew: ``python -m tests.browser.pictures``."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from dashboard.app import create_app
from dashboard.guard.section import GUARD
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.language import LANGUAGE_COOKIE, Languages
from tests.browser.conftest import launched
from tests.browser.states import make_example
from tests.dashboard.fakes import FakeOffice, open_session

SHOWN = {"ready": "kosong", "hands": "tangan", "admit": "masuk", "wait": "tunggu", "deny": "tolak"}
"""The picture's name, and the gate of the example office that is in that state."""

SIZE = (1280, 800)
SCALE = 0.75
QUALITY = 72
"""A picture stays far below 150 kB."""

ROOT = Path(__file__).parents[2]
HELP = GUARD.static / "help"
README = ROOT / "docs" / "pictures"
README_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of the README; without a ``user`` it is what anybody sees."""

    name: str
    address: str
    user: str | None = None
    size: tuple[int, int] = SIZE


SHOTS = (
    Shot("guard", "/gate/masuk", "budi"),
    Shot("room", "/dashboard", "admin", (1280, 960)),
    Shot("kiosk", "/kiosk/masuk", None, (720, 1280)),
)


def main() -> None:
    """Write them: the help's beside the other static files, in every language."""
    fake = make_example()
    with _served(fake) as address, sync_playwright() as playwright:
        browser = launched(playwright)
        for language in Languages():
            for name, gate in SHOWN.items():
                shot = Shot(f"{language}-{name}", f"/gate/{gate}", "budi")
                _take(browser, fake, address, shot, language, HELP)
        for shot in SHOTS:
            _take(browser, fake, address, shot, README_LANGUAGE, README)
        browser.close()


@contextmanager
def _served(fake: FakeOffice) -> Iterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(fake.office), log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        fake.hub.close()
        server.should_exit = True
        thread.join()


def _take(
    browser: Browser, fake: FakeOffice, address: str, shot: Shot, language: str, folder: Path
) -> None:
    context = browser.new_context(
        viewport={"width": shot.size[0], "height": shot.size[1]},
        device_scale_factor=SCALE,
        color_scheme="light",
        reduced_motion="reduce",
    )
    cookies = {LANGUAGE_COOKIE: language}
    if shot.user is not None:
        cookies[SESSION_COOKIE] = open_session(fake, shot.user)
    context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies.items()])
    page = context.new_page()
    page.goto(address + shot.address)
    if shot.address.startswith("/gate/"):
        page.locator("#picture").wait_for()
    folder.mkdir(exist_ok=True)
    path = folder / f"{shot.name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=QUALITY)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")
    context.close()


if __name__ == "__main__":
    main()
