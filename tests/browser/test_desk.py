"""The desk in a real browser: by keyboard alone, on paper, without scripts, at every size."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from screening.office.services import Booking
from screening.registration.registrar import Registrar
from tests.browser.conftest import Site, Visit, before_its_script
from tests.browser.test_accessibility import look_at
from tests.dashboard.desk.test_desk import HOSTILE, open_desk, registered

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LONG = (
    "Dr. Ir. H. Raden Mas Notonegoro Suryaningrat Kusumaningrum Hadiningrat, S.H., M.Kn.,"
    " gelar Sutan Sati, binti Abdullah"
)
FIVE = 5
"""Keys for whoever comes without a smartphone, besides the name: new, service, register, print."""
RECEIPT = re.compile(r"/desk/[0-9A-Z]{10}$")
PRINTED = "window.printed = 0; window.print = () => { window.printed += 1; };"
SIZES = ((820, 1180), (1366, 768), (1920, 1080), (360, 740))


@pytest.fixture
def registrar(site: Site, tmp_path: Path) -> Registrar:
    return open_desk(site.fake, tmp_path)


class Keys:
    """A keyboard that counts; what is typed into a field is not counted."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.pressed += len(key.split("+"))

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)


def at_the_desk(visit: Visit, **options: Any) -> tuple[Page, Keys]:
    page = visit("/desk", user="rina", **options)
    page.add_init_script(PRINTED)
    expect(page.locator("#find")).to_be_focused()
    return page, Keys(page)


@pytest.mark.parametrize("language", ["id", "en"])
def test_somebody_is_registered_and_has_paper_with_five_keys(
    visit: Visit, registrar: Registrar, language: str
) -> None:
    page, keys = at_the_desk(visit, language=language)
    keys.press("Alt+n")
    expect(page.locator("[data-digit='1']")).to_be_focused()
    keys.press("1")
    expect(page.locator("#name")).to_be_focused()
    keys.type("Siti Aminah")
    keys.press("Enter")
    expect(page.locator("#print")).to_be_focused()
    keys.press("Enter")
    page.wait_for_function("window.printed === 1")
    assert keys.pressed == FIVE
    assert [booking.name for booking in registrar.search("")] == ["Siti Aminah"]
    keys.press("F2")
    expect(page.locator("#find")).to_be_focused()


@pytest.mark.parametrize("keys", [("2",), ("ArrowDown", "Enter")], ids=["digit", "arrows"])
def test_keys_count_before_the_page_s_script_is_there(
    visit: Visit, registrar: Registrar, keys: tuple[str, ...]
) -> None:
    page, desk = at_the_desk(visit)
    with before_its_script(page, "desk.js"):
        desk.press("Alt+n")
        wanted = page.locator("[data-digit='2']").get_attribute("href")
        desk.press(*keys)
    page.wait_for_url(f"**{wanted}")


def test_another_time_is_chosen_by_keyboard(visit: Visit, registrar: Registrar, site: Site) -> None:
    services = dict(site.fake.record.facts.current().services)
    services["KTP"] = replace(services["KTP"], booking=Booking.SLOT)
    site.fake.record.facts.put(services=services)
    page, keys = at_the_desk(visit)
    keys.press("Alt+n")
    expect(page.locator("[data-digit='1']")).to_be_focused()
    keys.press("ArrowDown", "ArrowUp", "Enter")
    expect(page.locator("#name")).to_be_focused()
    keys.type("Budi")
    keys.press("Tab", "ArrowDown", "Tab", "Tab", "Space", "Enter")
    expect(page.locator("#print")).to_be_focused()
    expect(page.locator(".desk-facts")).to_contain_text("08.30–09.00")
    expect(page.locator(".desk-who")).to_contain_text("prioritas")
    assert keys.pressed < 20


def test_a_booking_is_found_moved_and_moved_back_by_keyboard(
    visit: Visit, registrar: Registrar
) -> None:
    registered(registrar)
    registered(registrar, name="Siti Zubaidah")
    page, keys = at_the_desk(visit)
    keys.type("siti")
    keys.press("Enter")
    expect(page.locator(".desk-found li")).to_have_count(2)
    expect(page.locator("#find")).to_be_focused()
    keys.press("ArrowDown", "Enter")
    page.wait_for_url(RECEIPT)
    keys.press("Alt+m")
    expect(page.locator("#place")).to_be_focused()
    keys.press("ArrowDown", "Tab", "Enter")
    expect(page.locator(".desk-facts")).to_contain_text("Jumat, 27 November")
    keys.press("Alt+u")
    expect(page.locator(".notice.good")).to_contain_text("Sudah diurungkan")
    expect(page.locator(".desk-facts")).to_contain_text("Rabu, 25 November")
    assert keys.pressed <= 15


@pytest.mark.parametrize(
    ("key", "told"), [("Alt+x", "Sudah dibatalkan"), ("Alt+r", "bukti daftar yang baru")]
)
def test_a_scanned_receipt_is_cancelled_or_replaced_by_keyboard(
    visit: Visit, registrar: Registrar, key: str, told: str
) -> None:
    token = registered(registrar).receipt.token
    page, keys = at_the_desk(visit)
    keys.type(token)
    keys.press("Enter")
    page.wait_for_url(RECEIPT)
    keys.press(key)
    assert "done" not in page.url, "a key alone changes nothing"
    keys.press("Enter")
    expect(page.locator(".notice.good")).to_contain_text(told)
    keys.press("Alt+u")
    expect(page.locator(".notice.good")).to_contain_text("Sudah diurungkan")
    assert keys.pressed <= 6
    assert token not in page.url


def test_what_is_scanned_lands_where_it_is_looked_for(
    visit: Visit, registrar: Registrar, site: Site
) -> None:
    first = registered(registrar).receipt
    other = registered(registrar, name="Budi").receipt
    page, keys = at_the_desk(visit)
    for path in (f"/desk/{other.number}?done=given", f"/desk/{other.number}", "/desk"):
        page.goto(site.address + path)
        keys.press("Tab")
        keys.type(first.token)
        keys.press("Enter")
        page.wait_for_url(re.compile(f"/desk/{first.number}$"))
        assert page.evaluate("window.printed") == 0
    page.goto(f"{site.address}/desk/{other.number}")
    keys.press("Alt+m")
    keys.type(first.token)
    keys.press("Enter")
    page.wait_for_url(re.compile(f"/desk/{first.number}$"))
    page.goto(f"{site.address}/desk/book")
    keys.type(first.token)
    assert page.url.endswith("/desk/book")


def test_nothing_of_a_receipt_is_kept_in_the_desk_s_browser(
    visit: Visit, registrar: Registrar
) -> None:
    done = registered(registrar)
    page, keys = at_the_desk(visit)
    keys.type(done.receipt.token)
    keys.press("Enter")
    page.wait_for_url(RECEIPT)
    key = done.link.rpartition("/")[2]
    assert key not in page.content()
    kept = page.evaluate(
        """async () => [
          (await navigator.serviceWorker?.getRegistrations() ?? []).length,
          (await caches.keys()).length, localStorage.length, sessionStorage.length]"""
    )
    assert kept == [0, 0, 0, 0]


@pytest.mark.parametrize("name", ["Ani", LONG, HOSTILE], ids=["short", "long", "hostile"])
def test_it_prints_on_one_page_of_a6_which_a_scanner_reads(
    visit: Visit, registrar: Registrar, site: Site, name: str
) -> None:
    brings = {"id": "\n".join(["Kartu keluarga asli dan salinannya"] * 8)}
    services = dict(site.fake.record.facts.current().services)
    services["KTP"] = replace(services["KTP"], brings=brings)
    site.fake.record.facts.put(services=services, address="Jl. Pajajaran 1, Bogor " * 6)
    receipt = registered(registrar, name=name, party_size=3).receipt
    page = visit(f"/desk/{receipt.number}", user="rina")
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    box = re.search(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", printed)
    assert box is not None
    assert [round(float(side) / 72 * 25.4) for side in box.groups()] == [105, 148]
    page.set_viewport_size({"width": 344, "height": 506})
    page.emulate_media(media="print")
    shown = cv2.imdecode(np.frombuffer(page.screenshot(), dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    found = zxingcpp.read_barcode(shown)
    assert found is not None
    assert found.text == receipt.token
    expect(page.locator(".desk-work")).to_be_hidden()
    expect(page.locator("header.bar")).to_be_hidden()


def test_the_desk_works_without_scripts(visit: Visit, registrar: Registrar) -> None:
    page = visit("/desk", user="rina", has_scripts=False)
    page.get_by_role("link", name="Daftarkan seseorang").click()
    page.get_by_role("link", name="KTP elektronik").click()
    page.locator("#name").fill("Siti Aminah")
    page.get_by_role("button", name="Daftar").click()
    expect(page.locator(".notice.good")).to_contain_text("Sudah terdaftar")
    expect(page.locator("#print")).to_be_hidden()
    expect(page.locator(".paper-code")).to_be_visible()
    page.get_by_role("button", name="Pindahkan").click()
    expect(page.locator(".desk-facts")).to_contain_text("Kamis, 26 November")
    page.get_by_role("button", name="Batalkan pendaftaran").click()
    expect(page.locator(".desk-state")).to_contain_text("Dibatalkan")
    page.get_by_role("link", name="Orang berikutnya").click()
    page.get_by_role("button", name="Urungkan: Dibatalkan").click()
    expect(page.locator(".desk-state")).to_contain_text("Terdaftar")


def test_axe_finds_nothing_at_the_desk(visit: Visit, site: Site, registrar: Registrar) -> None:
    first = registered(registrar, by="rina", has_priority=True, party_size=3).receipt.number
    over = registered(registrar, by="rina", name=LONG).receipt.number
    registrar.change(first, date(2026, 11, 27), None, by="rina")
    registrar.cancel(over, by="rina")
    page = visit("/desk", user="rina", expected="422")
    paths = ("/desk", "/desk/book", "/desk/book?service=KTP", "/desk/book?service=DARURAT")
    receipts = (f"/desk/{first}?done=moved", f"/desk/{over}")
    look_at(page, [site.address + path for path in (*paths, *receipts)])
    page.goto(f"{site.address}/desk")
    page.locator("#find").fill("i")
    page.locator("#find").press("Enter")
    expect(page.locator(".desk-found li")).to_have_count(2)
    look_at(page, [page.url])
    page.goto(f"{site.address}/desk/book?service=KTP")
    page.evaluate("document.querySelector('.desk-form').noValidate = true")
    page.locator("#name").press("Enter")
    expect(page.locator(".field-wrong")).to_be_visible()
    look_at(page, [page.url])


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_desk_fits_its_screen(
    visit: Visit, site: Site, registrar: Registrar, size: tuple[int, int]
) -> None:
    number = registered(registrar, by="admin", name=LONG).receipt.number
    page = visit("/desk", user="admin", size=size)
    for path in ("/desk", "/desk/book", "/desk/book?service=KTP", f"/desk/{number}?done=given"):
        page.goto(site.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        small = page.evaluate(
            """() => [...document.querySelectorAll("main :is(a, button, select, .field input)")]
              .filter((e) => e.checkVisibility())
              .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
              .filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5))
              .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
        )
        assert small == [], path
