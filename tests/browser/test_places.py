"""Devices, backups, words and what is kept, set in a real browser by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.backup.archive import verify_backup
from dashboard.bootstrap import RunningOffice
from screening.clock import FakeClock
from screening.office.facts import WordsAt
from screening.settings import Settings
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import look_at
from tests.dashboard.fakes import NOON

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WORDS = "empat kata yang panjang"
MOST_TABS = 60


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} gets no focus")


@pytest.fixture
def running(site: Site, tmp_path: Path) -> Iterator[RunningOffice]:
    """A real record behind the page of backups."""
    settings = Settings(_env_file=None, data=tmp_path / "data")
    with RunningOffice.open(settings, clock=FakeClock(NOON)) as running:
        for name in ("settings", "backups", "backup_jobs"):
            object.__setattr__(site.fake.office, name, getattr(running.office(), name))
        yield running


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_backup_is_made_and_taken_along(
    visit: Visit, running: RunningOffice, tmp_path: Path, language: str
) -> None:
    page = visit("/admin/backup", user="admin", language=language)
    look_at(page, [page.url])
    tab_to(page, "#passphrase")
    page.keyboard.type(WORDS)
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    link = page.locator("#backup-work a[download]")
    expect(link).to_be_visible(timeout=120_000)  # made by a process of its own
    look_at(page, [page.url])
    with page.expect_download() as download:
        tab_to(page, "#backup-work a[download]")
        page.keyboard.press("Enter")
    report = verify_backup(Path(download.value.path()), passphrase=WORDS, beside=tmp_path)
    assert report.problems == ()
    newest = running.record.facts.changed(limit=1)[0]
    assert (newest.operator, newest.changes) == ("admin", {"backup": (None, "made")})


@pytest.mark.parametrize("language", ["id", "en"])
def test_words_are_typed_looked_over_and_seen(visit: Visit, site: Site, language: str) -> None:
    page = visit("/admin/words", user="admin", language=language)
    tab_to(page, "#welcome_id")
    page.keyboard.type("Lift rusak")
    tab_to(page, "#kiosk_id")
    page.keyboard.type("Siapkan bukti daftar")
    tab_to(page, ".admin-form button.strong")
    page.keyboard.press("Enter")
    expect(page.locator(".admin-look")).to_be_visible()
    look_at(page, [page.url])
    tab_to(page, ".admin-look button.strong")
    page.keyboard.press("Enter")
    expect(page.locator(".admin-look")).to_have_count(0)
    expect(page.locator('[data-kind="welcome"] [lang="id"]')).to_have_text("Lift rusak")
    look_at(page, [page.url])
    assert set(site.fake.record.facts.current().words) == {WordsAt.WELCOME, WordsAt.KIOSK}
    for size in ((360, 740), (820, 1180), (1366, 768), (1080, 1920)):
        kiosk = visit("/kiosk/kosong", size=size)
        expect(kiosk.locator(".kiosk-say")).to_have_text("Siapkan bukti daftar")
        home = visit("/", size=size)
        expect(home.locator(".own-words")).to_have_text("Lift rusak")
        look_at(home, [home.url])


def test_days_are_changed_on_the_page_that_shows_the_nights(visit: Visit, site: Site) -> None:
    page = visit("/admin/retention", user="admin")
    assert page.url.endswith("/admin/privacy#kept")
    tab_to(page, "#names_days")
    page.keyboard.press("Control+A")
    page.keyboard.type("14")
    page.keyboard.press("Enter")
    expect(page.locator(".admin-look")).to_be_visible()
    look_at(page, [page.url])
    tab_to(page, ".admin-look button.strong")
    page.keyboard.press("Enter")
    expect(page.locator(".admin-look")).to_have_count(0)
    expect(page.locator("#names_days")).to_have_value("14")
    assert site.fake.record.facts.current().names_days == 14


@pytest.mark.parametrize("size", [(360, 740), (820, 1180), (1366, 768), (1080, 1920)])
@pytest.mark.parametrize("path", ["devices", "backup", "words", "privacy"])
def test_nothing_is_wider_than_the_screen(visit: Visit, path: str, size: tuple[int, int]) -> None:
    page = visit(f"/admin/{path}", user="admin", size=size)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if size == (360, 740):
        look_at(page, [page.url])
