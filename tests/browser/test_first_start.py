"""A new office is walked through by keyboard alone, on a phone as on a desk."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from dashboard.app import create_app
from dashboard.bootstrap import RunningOffice
from dashboard.web.language import LANGUAGE_COOKIE
from dashboard.web.speech import Clips
from screening.clock import FakeClock
from screening.settings import Settings
from tests.browser.conftest import PATIENCE_S, ListeningServer
from tests.browser.test_accessibility import CUT_OFF, look_at
from tests.dashboard.conftest import be_patient
from tests.dashboard.fakes import NOON

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PASSWORD = "sepeda biru di atap"
NARROW = ((360, 740), (180, 370))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningOffice]:
    settings = Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=FakeClock(NOON)) as running:
        yield running


@pytest.fixture
def address(running: RunningOffice, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    be_patient(monkeypatch)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = create_app(running.office())
    app.state.clips = Clips(None)  # whatever is installed here
    server = ListeningServer(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    assert server.is_up.wait(PATIENCE_S)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    running.hub.close()
    server.should_exit = True
    thread.join(PATIENCE_S)
    listener.close()


def looked_at(page: Page) -> None:
    """All of what is on show reads on a phone, also with its letters at twice the size."""
    for width, height in NARROW:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CUT_OFF) == [], (page.url, width)
    page.set_viewport_size({"width": 1366, "height": 768})


def pressed(page: Page, name: str) -> None:
    """Reach a button by the tabulator, and press it: it is not far, and not covered."""
    button = page.get_by_role("button", name=name)
    for _ in range(30):
        if button.evaluate("(one) => one === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached")


@pytest.mark.parametrize(
    ("language", "has_scripts"), [("id", True), ("en", False)], ids=["id", "en without scripts"]
)
def test_a_new_office_is_set_up_by_keyboard(
    chromium: Browser, running: RunningOffice, address: str, language: str, has_scripts: bool
) -> None:
    keep = {"id": "Simpan dan lanjut", "en": "Keep it and go on"}[language]
    context = chromium.new_context(java_script_enabled=has_scripts)
    context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": address}])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{address}{running.first_token.renew()}")
    looked_at(page)
    for text in ("rina", PASSWORD, PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/setup/office")
    looked_at(page)
    page.locator("#address").focus()
    page.keyboard.type("Jl. Pajajaran 1, Bogor")
    pressed(page, keep)
    for step in ("hours", "services", "seats", "gates"):
        expect(page).to_have_url(f"{address}/setup/{step}")
        looked_at(page)
        pressed(page, keep)
    expect(page).to_have_url(f"{address}/setup/receipt")
    looked_at(page)
    pressed(page, {"id": "Terbitkan bukti pertama", "en": "Issue the first receipt"}[language])
    expect(page.locator(".walk-receipt .qr-dark")).to_have_count(1)
    looked_at(page)
    pressed(page, {"id": "Kantor sudah siap", "en": "The office is set up"}[language])
    expect(page).to_have_url(f"{address}/setup/done")
    looked_at(page)
    context.close()
    facts = running.record.facts.current()
    assert (facts.address, facts.is_being_set_up) == ("Jl. Pajajaran 1, Bogor", False)


def test_axe_finds_nothing_in_both_themes_at_four_sizes(
    chromium: Browser, running: RunningOffice, address: str
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    path = running.first_token.renew()
    look_at(page, [f"{address}{path}", f"{address}/setup/lost"])
    page.goto(f"{address}{path}")
    for field, text in (("name", "rina"), ("password", PASSWORD), ("again", PASSWORD)):
        page.locator(f"#{field}").fill(text)
    page.keyboard.press("Enter")
    walked = []
    for step in ("office", "hours", "services", "seats", "gates"):
        expect(page).to_have_url(f"{address}/setup/{step}")
        page.locator(".walk-acts .strong").click()
        walked.append(page.url)
    expect(page).to_have_url(f"{address}/setup/receipt")
    page.locator(".walk-acts .strong").click()
    expect(page.locator(".walk-receipt")).to_be_visible()
    look_at(page, [*(f"{address}/setup/{one}" for one in ("office", "services", "seats", "gates"))])
    look_at(page, [f"{address}/setup/hours", f"{address}/setup/receipt"])
    context.close()
