"""Closing a day in a real browser: the administrator, the holder's phone, the desk's calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboard.bootstrap import RunningOffice
from screening.clock import FakeClock
from screening.registration.closing import Told
from screening.settings import Settings
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import look_at
from tests.dashboard.admin.test_closing import PHONE, THURSDAY, day_of, registered
from tests.dashboard.fakes import NOON

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def running(site: Site, tmp_path: Path) -> Iterator[RunningOffice]:
    """A real record and receipts behind the served pages."""
    settings = Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=FakeClock(NOON)) as running:
        whole = running.office()
        for name in ("closer", "registrar", "receipt_page", "desk_receipt", "cancel_receipt"):
            object.__setattr__(site.fake.office, name, getattr(whole, name))
        yield running


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_day_is_closed_told_and_called_about(
    visit: Visit, site: Site, running: RunningOffice, language: str
) -> None:
    one = registered(running, contact=PHONE)
    link = registered(running, name="Budi").link
    page = visit("/admin/closing", user="admin", language=language)
    look_at(page, [page.url])
    page.locator("#why_id").fill("Banjir")
    page.locator("#why_en").fill("Flood")
    page.locator(".admin-form button.strong").click()
    page.locator(".admin-moves summary").click()
    look_at(page, [page.url])
    page.locator(".admin-look button.strong").click()
    expect(page.locator("#closing-1")).to_be_visible()
    look_at(page, [page.url])
    assert day_of(running, one) == THURSDAY

    phone = visit(link, size=(360, 740), language=language)
    expect(phone.locator(".slip-moved")).to_contain_text("Flood" if language == "en" else "Banjir")
    look_at(phone, [phone.url])
    phone.locator(".slip-moved button").click()
    expect(phone.locator(".slip-moved")).to_have_count(0)

    desk = visit("/desk/closings/1", user="rina", language=language)
    look_at(desk, [desk.url])
    desk.locator(".desk-call-list button.strong").click()
    expect(desk.locator(".desk-calls details")).to_have_count(2)
    assert [moved.told for moved in running.closer.moved(1)] == [Told.AGREED, Told.AGREED]
