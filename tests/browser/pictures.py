"""Make the help's pictures of the guard's page anew: ``python -m tests.browser.pictures``."""

from __future__ import annotations

import shutil
import socket
import threading

import uvicorn
from playwright.sync_api import sync_playwright

from dashboard.app import create_app
from dashboard.guard.section import GUARD
from dashboard.web.auth import SESSION_COOKIE
from dashboard.web.language import LANGUAGE_COOKIE, Languages
from tests.browser.conftest import CHROMIUMS, FLAGS
from tests.browser.states import make_example
from tests.dashboard.fakes import open_session

SHOWN = {"ready": "kosong", "hands": "tangan", "admit": "masuk", "wait": "tunggu", "deny": "tolak"}
"""The picture's name, and the gate of the example office that is in that state."""

SIZE = (1280, 800)
SCALE = 0.75
QUALITY = 72
"""A picture stays far below 150 kB."""


def main() -> None:
    """Write them beside the other static files, in every language."""
    house = make_example()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(create_app(house.office), log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    chromium = next(found for name in CHROMIUMS if (found := shutil.which(name)))
    folder = GUARD.static / "help"
    folder.mkdir(exist_ok=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
            for language in Languages():
                context = browser.new_context(
                    viewport={"width": SIZE[0], "height": SIZE[1]},
                    device_scale_factor=SCALE,
                    color_scheme="light",
                )
                cookies = {
                    LANGUAGE_COOKIE: language,
                    SESSION_COOKIE: open_session(house, "budi"),
                }
                context.add_cookies(
                    [{"name": n, "value": v, "url": address} for n, v in cookies.items()]
                )
                page = context.new_page()
                for name, gate in SHOWN.items():
                    page.goto(f"{address}/gate/{gate}")
                    page.locator("#picture").wait_for()
                    path = folder / f"{language}-{name}.jpg"
                    page.screenshot(path=path, type="jpeg", quality=QUALITY)
                    print(f"{path.relative_to(GUARD.static)}: {path.stat().st_size // 1000} kB")
                context.close()
            browser.close()
    finally:
        house.hub.close()
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
