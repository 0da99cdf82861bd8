"""The log, searched and read with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_search_and_its_rows_need_the_keyboard_alone(visit: Visit, site: Site) -> None:
    page = visit("/dashboard/log", user="dewi", size=(1366, 768))
    page.get_by_label("Bukti daftar atau nomor antrean").focus()
    page.keyboard.type("K-001")
    page.keyboard.press("Enter")
    page.wait_for_url("**number=K-001**")
    expect(page.locator(".ledger-rows tbody a").first).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.row-word a')"):
            break
    row = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{row}")
    expect(page.locator("h1")).to_be_visible()


def test_what_narrows_a_search_opens_with_the_keyboard(visit: Visit, site: Site) -> None:
    page = visit("/dashboard/log", user="dewi", size=(360, 740))
    page.locator(".ledger-more summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Alasan")).to_be_visible()
    page.get_by_label("Gerbang", exact=True).select_option("masuk")
    page.get_by_label("Yang bertugas").press("Enter")
    page.wait_for_url("**gate=masuk**")
    expect(page.get_by_label("Gerbang", exact=True)).to_be_visible()
