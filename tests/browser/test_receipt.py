"""A receipt in a real browser: without a connection, without scripts, on paper, and over."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import cv2
import numpy as np
import pytest
import segno
import zxingcpp
from playwright.sync_api import Page, expect

from screening.vision.codes import read_codes
from tests.browser.conftest import Site, Visit
from tests.dashboard.fakes import NOON
from tests.dashboard.visitor.test_receipt import (
    CANCELLED,
    CLAIMS,
    HOSTILE,
    INSIDE,
    KEY,
    LINK,
    RECEIPT,
    TOKEN,
    Shelf,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LONG_GOOD = replace(RECEIPT, claims=replace(CLAIMS, expires=NOON + timedelta(days=20_000)))
"""A browser's worker knows no time but its own."""
NETWORK = "ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to fetch|404|503"
KEPT = "async () => (await caches.keys()).length"
REGISTERED = "async () => (await navigator.serviceWorker.getRegistrations()).length"


@pytest.fixture
def shelf(site: Site) -> Shelf:
    shelf = Shelf()
    shelf.receipt = LONG_GOOD
    object.__setattr__(site.fake.office, "receipt_page", shelf.page)
    object.__setattr__(site.fake.office, "cancel_receipt", shelf.cancel)
    return shelf


def opened_and_kept(visit: Visit) -> Page:
    """The page of a phone whose worker has begun."""
    page = visit(LINK, size=(360, 740), expected=NETWORK)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page


def look_again(page: Page) -> None:
    """As somebody who takes the phone out of the pocket."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_the_receipt_opens_without_a_connection(visit: Visit, shelf: Shelf) -> None:
    page = opened_and_kept(visit)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".slip-number")).to_have_text("97KRZ-GVPRV")
    expect(page.locator(".qr")).to_be_visible()
    assert page.locator(".slip-paper").evaluate("(e) => getComputedStyle(e).display") == "flex"
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#now")).to_be_hidden()
    expect(page.locator(".slip-advice")).to_be_hidden()
    page.context.set_offline(False)
    look_again(page)
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator(".slip-advice")).to_be_visible()


def test_what_was_kept_is_erased_when_the_receipt_is_cancelled(visit: Visit, shelf: Shelf) -> None:
    page = opened_and_kept(visit)
    assert page.evaluate(KEPT) == 1
    page.locator("#cannot-come summary").click()
    page.get_by_role("button", name="Batalkan").click()
    expect(page.locator("#state")).to_have_attribute("data-stage", "cancelled")
    page.wait_for_function(f"async () => !(await ({KEPT})()) && !(await ({REGISTERED})())")
    assert shelf.cancelled == [CLAIMS.number]


def test_what_was_kept_is_erased_when_the_office_cancels_it(visit: Visit, shelf: Shelf) -> None:
    page = opened_and_kept(visit)
    shelf.receipt = CANCELLED
    look_again(page)
    expect(page.locator("#state")).to_have_attribute("data-stage", "cancelled")
    page.wait_for_function(f"async () => !(await ({KEPT})()) && !(await ({REGISTERED})())")


def test_what_was_kept_is_erased_when_the_receipt_runs_out(visit: Visit, shelf: Shelf) -> None:
    page = opened_and_kept(visit)
    (worker,) = page.context.service_workers
    worker.evaluate("self.RUNS_OUT_MS = 0")
    page.context.set_offline(True)
    look_again(page)
    expect(page.locator("#lost")).to_be_visible()
    page.wait_for_function(f"async () => !(await ({KEPT})())")


def test_a_worker_sees_its_receipt_only_and_nothing_else_holds_the_key(
    visit: Visit, shelf: Shelf, site: Site
) -> None:
    page = opened_and_kept(visit)
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"
    assert KEY not in page.content()
    assert KEY not in str(page.context.cookies())
    for path in ("/", "/kiosk/kosong", "/login"):
        page.goto(site.address + path)
        assert page.evaluate("navigator.serviceWorker.controller") is None
        assert page.evaluate("document.referrer") == ""


def test_an_officer_s_browser_keeps_nothing(visit: Visit, shelf: Shelf) -> None:
    page = visit(LINK, user="rina")
    expect(page.locator("#print")).to_be_visible()
    assert page.evaluate(REGISTERED) == page.evaluate(KEPT) == 0


def test_the_open_page_tells_seat_and_number_and_that_the_server_is_gone(
    visit: Visit, shelf: Shelf, site: Site
) -> None:
    page = visit(LINK, size=(360, 740), expected=NETWORK)
    shelf.receipt = INSIDE
    look_again(page)
    expect(page.locator(".slip-places")).to_contain_text("K-014")
    expect(page.locator(".slip-places")).to_contain_text("B7")
    site.fake.clock.move_to(NOON + timedelta(minutes=10))
    look_again(page)
    expect(page.locator("#lost")).to_contain_text("12.10")
    page.route(re.compile("as=state"), lambda route: route.abort())
    look_again(page)
    expect(page.locator("#lost")).to_be_visible()


def test_the_page_works_without_scripts(visit: Visit, shelf: Shelf) -> None:
    page = visit(LINK, size=(320, 640), has_scripts=False)
    expect(page.locator(".qr")).to_be_visible()
    expect(page.locator("#print")).to_be_hidden()
    page.locator("#cannot-come summary").click()
    page.get_by_role("button", name="Batalkan").click()
    expect(page.locator("#state")).to_contain_text("Dibatalkan")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_it_fits_a_small_phone_and_one_sheet_whatever_the_name(
    visit: Visit, shelf: Shelf, name: str
) -> None:
    shelf.receipt = replace(LONG_GOOD, name=name)
    page = visit(LINK, size=(320, 640))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    code = page.locator(".qr").bounding_box()
    assert code is not None
    assert code["width"] >= 280
    for sheet in ("A4", "A6"):
        printed = page.pdf(format=sheet)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_scanner_reads_the_code_off_a_cheap_screen(
    visit: Visit, shelf: Shelf, scheme: Literal["light", "dark"]
) -> None:
    page = visit(LINK, size=(320, 640))
    page.emulate_media(color_scheme=scheme)
    page.locator(".slip-code").scroll_into_view_if_needed()
    shown = np.frombuffer(page.screenshot(), dtype=np.uint8)
    found = zxingcpp.read_barcode(cv2.imdecode(shown, cv2.IMREAD_GRAYSCALE))
    assert found is not None
    assert found.text == TOKEN


def test_the_code_is_in_the_first_look_of_a_small_phone(visit: Visit, shelf: Shelf) -> None:
    page = visit(LINK, size=(360, 740))
    number = page.locator(".slip-number").bounding_box()
    assert number is not None
    assert number["y"] + number["height"] <= 740


@pytest.mark.parametrize("width", [320, 360, 430])
def test_the_code_is_so_large_that_the_gate_s_camera_reads_it(
    visit: Visit, shelf: Shelf, width: int
) -> None:
    page = visit(LINK, size=(width, 740))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        box = page.locator(".qr").bounding_box()
        assert box is not None
        # What the table of reach in docs/camera.md counts on.
        assert box["width"] == pytest.approx(min(width - 19, 400), abs=1)
        shown = cv2.imdecode(np.frombuffer(page.screenshot(full_page=True), np.uint8), 1)
        assert shown is not None
        smaller = 3 * (len(segno.make_qr(TOKEN, error="m").matrix) + 8) / box["width"]
        seen = cv2.resize(shown, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
        pixels = np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.8), np.uint8)
        assert read_codes(pixels) == [TOKEN]
        assert read_codes(255 - pixels) == [TOKEN]
