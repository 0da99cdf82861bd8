"""Registering in a real browser: on a small phone, without scripts, by keyboard, back and forth."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboard.visitor.register import AWAY_S
from dashboard.web.office import ReceiptPage
from screening.office.services import Booking, Question
from screening.receipts.claims import ReceiptUse
from screening.registration.bookings import Request as Asked
from screening.registration.registrar import Registrar
from tests.browser.conftest import PATIENCE_S, Site, Visit
from tests.browser.test_accessibility import look_at
from tests.dashboard.visitor.test_receipt import TOKEN
from tests.dashboard.visitor.test_register import bookings, registrar_of, set_service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SMALL = (320, 640)
REFUSED = "40[49]|422"


@pytest.fixture
def registry(site: Site, tmp_path: Path) -> Registrar:
    """The registrar of the served office, whose receipts open by any key."""
    registry = registrar_of(site.fake, tmp_path)

    def page(number: str, _: str) -> ReceiptPage | None:
        found = registry.registration(number)
        if found is None:
            return None
        return ReceiptPage(
            claims=found.claims,
            token=TOKEN,
            use=ReceiptUse(),
            booking=found.booking,
            name=found.name,
        )

    object.__setattr__(site.fake.office, "registrar", registry)
    object.__setattr__(site.fake.office, "receipt_page", page)
    return registry


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def fits(page: Page) -> bool:
    """Whether nothing has to be moved sideways on a small phone."""
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= SMALL[0]


def choose_thursday(page: Page) -> None:
    page.get_by_label("Kamis, 26 November").check()
    press(page, "Lanjut")
    expect(page.get_by_role("heading", level=1)).to_have_text("Siapa yang datang?")


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "none"])
def test_a_visitor_registers_on_a_small_phone(
    visit: Visit, registry: Registrar, has_scripts: bool
) -> None:
    page = visit("/", size=SMALL, has_scripts=has_scripts)
    page.get_by_role("link", name="Daftar: KTP elektronik").click()
    assert fits(page)
    choose_thursday(page)
    assert fits(page)
    page.get_by_label("Nama Anda").fill("Ma'ruf")
    page.get_by_label("Berapa orang").fill("2")
    press(page, "Periksa dulu")
    expect(page.locator(".slip-draft")).to_contain_text("Ma'ruf")
    assert fits(page)
    press(page, "Daftar dan ambil bukti daftar")
    expect(page.locator(".slip-holder")).to_have_text("Ma'ruf")
    (booking,) = bookings(registry)
    assert (booking.name, booking.party_size) == ("Ma'ruf", 2)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anda sudah terdaftar")
    press(page, "Buka bukti daftar saya")
    expect(page.locator(".slip-holder")).to_have_text("Ma'ruf")
    assert len(bookings(registry)) == 1


def test_a_number_that_cannot_be_and_is_folded_away_stops_nobody(
    visit: Visit, registry: Registrar
) -> None:
    page = visit("/register?service=KTP", size=SMALL, expected=REFUSED)
    page.locator("details.more summary").click()
    page.get_by_label("Berapa orang").fill("99")
    page.locator("details.more summary").click()
    choose_thursday(page)
    expect(page.locator("#party-problem")).to_be_visible()
    expect(page.get_by_label("Berapa orang")).to_be_focused()
    assert fits(page)


def test_times_are_chosen_without_scripts(visit: Visit, registry: Registrar, site: Site) -> None:
    set_service(site.fake, booking=Booking.SLOT)
    page = visit("/register?service=KTP", size=SMALL, has_scripts=False)
    assert fits(page)
    page.locator("summary", has_text="Kamis, 26 November").click()
    page.locator("details[open]", has_text="Kamis").get_by_label("09.30").check()
    press(page, "Lanjut")
    expect(page.locator(".over")).to_contain_text("Kamis, 26 November pukul 09.30")


def test_enter_and_tab_are_enough(visit: Visit, registry: Registrar) -> None:
    page = visit("/register?service=KTP")
    page.locator("input[name=choice]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/register/details"))
    page.get_by_label("Nama Anda").focus()
    page.keyboard.type("Sukarno")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/register/check"))
    page.get_by_role("button", name="Daftar dan").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".slip-holder")).to_have_text("Sukarno")
    assert len(bookings(registry)) == 1


def test_pressing_fast_registers_once(visit: Visit, registry: Registrar) -> None:
    page = visit("/register?service=KTP", size=SMALL)
    choose_thursday(page)
    page.get_by_label("Nama Anda").fill("Siti")
    press(page, "Periksa dulu")
    page.get_by_role("button", name="Daftar dan").dblclick()
    expect(page.locator(".slip-holder")).to_have_text("Siti")
    assert len(bookings(registry)) == 1


def test_back_and_language_lose_nothing(visit: Visit, registry: Registrar) -> None:
    page = visit("/register?service=KTP", size=SMALL, expected=REFUSED)
    choose_thursday(page)
    page.get_by_label("Nama Anda").fill("Siti Aminah")
    page.get_by_role("button", name="Menu: bahasa dan warna").click()
    press(page, "English")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who comes?")
    expect(page.get_by_label("Your name")).to_have_value("Siti Aminah")
    page.get_by_label("E-mail or telephone").fill("nonsense")
    press(page, "Look it over")
    expect(page.locator("#contact-problem")).to_be_visible()
    expect(page.locator("#contact")).to_be_focused()
    page.locator("#contact").fill("")
    press(page, "Look it over")
    expect(page.locator(".slip-draft")).to_be_visible()
    page.reload()
    page.go_back()
    expect(page.get_by_label("Your name")).to_have_value("Siti Aminah")
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])") == "[{},{}]"
    assert "Siti" not in page.evaluate("document.cookie")


def held_s(site: Site) -> float | None:
    """How long the only place is held still, None where none is."""
    ends = [hold.until for hold in site.fake.record.visits.held.values()]
    return max(((end - site.fake.clock.now()).total_seconds() for end in ends), default=None)


def test_closing_the_page_gives_the_place_back_and_coming_back_takes_it(
    visit: Visit, registry: Registrar, site: Site
) -> None:
    set_service(site.fake, daily_quota=1)
    page = visit("/register?service=KTP", size=SMALL, expected=REFUSED)
    choose_thursday(page)
    page.get_by_label("Nama Anda").fill("Siti")
    press(page, "Periksa dulu")
    expect(page.locator(".slip-draft")).to_be_visible()
    other = page.context.new_page()
    other.goto(site.address)
    assert held_s(site) == 8 * 60, "going on gives nothing back"
    page.goto(f"{site.address}/now")
    comes_true(other, lambda: held_s(site) == AWAY_S)
    with page.expect_response(lambda answer: "act=back" in (answer.request.post_data or "")):
        page.go_back()
    comes_true(other, lambda: held_s(site) == 8 * 60)
    page.reload()
    comes_true(other, lambda: held_s(site) == 8 * 60)
    expect(page.locator(".kept-told")).to_be_visible()
    page.goto(f"{site.address}/now")
    comes_true(other, lambda: held_s(site) == AWAY_S)
    site.fake.clock.move_to(site.fake.clock.now() + timedelta(seconds=AWAY_S))
    registry.register(Asked(service="KTP", day=date(2026, 11, 26), name="Budi"))
    page.go_back()
    expect(page.locator(".kept-over")).to_contain_text("selagi Anda pergi")
    assert fits(page)
    press(page, "Daftar dan ambil bukti daftar")
    expect(page.locator(".instead")).to_be_visible()


def comes_true(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait until the office has heard of it."""
    for _ in range(int(PATIENCE_S * 20)):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came true")


def test_the_time_left_is_shown_and_told(visit: Visit, registry: Registrar) -> None:
    page = visit("/register?service=KTP", size=SMALL)
    page.clock.install()
    choose_thursday(page)
    expect(page.locator("#kept-left")).to_have_text(re.compile("^[78]:"))
    page.clock.run_for(7 * 60_000 + 5_000)
    expect(page.locator("#kept-soon")).to_have_text("Tempat Anda disimpan satu menit lagi.")
    page.clock.run_for(60_000)
    expect(page.locator(".kept-over")).to_be_visible()
    expect(page.locator("#kept-soon")).to_contain_text("tidak disimpan lagi")


def test_axe_finds_nothing_on_the_way(visit: Visit, registry: Registrar, site: Site) -> None:
    asked = Question(code="no", texts={"id": "Nomor pengajuan"}, is_required=True)
    set_service(site.fake, questions=(asked,), daily_quota=3)
    set_service(site.fake, "KK", booking=Booking.SLOT)
    page = visit("/register", expected=REFUSED)
    days = [f"{site.address}/register?service={code}" for code in ("KTP", "KK", "DARURAT", "REKAM")]
    look_at(page, [f"{site.address}/register", *days])
    page.goto(f"{site.address}/register?service=KTP")
    choose_thursday(page)
    look_at(page, [page.url])
    press(page, "Periksa dulu")
    expect(page.locator("#name-problem")).to_be_visible()
    look_at(page, [page.url])
    page.get_by_label("Nama Anda").fill("Siti")
    page.get_by_label("Nomor pengajuan").fill("1")
    page.get_by_label("Berapa orang").fill("9")
    press(page, "Periksa dulu")
    expect(page.locator(".notice.warn")).to_be_visible()
    look_at(page, [page.url])
    page.locator("#party").fill("2")
    press(page, "Lihat hari untuk kami")
    choose_day = page.get_by_label("Jumat, 27 November")
    choose_day.check()
    press(page, "Lanjut")
    expect(page.locator(".slip-draft")).to_be_visible()
    look_at(page, [page.url])
    press(page, "Daftar dan ambil bukti daftar")
    expect(page.locator("#slip")).to_be_visible()
    page.goto(f"{site.address}/register/done")
    look_at(page, [page.url])


def test_closing_the_tab_gives_the_place_back(
    visit: Visit, registry: Registrar, site: Site
) -> None:
    page = visit("/register?service=KTP", size=SMALL)
    other = page.context.new_page()
    choose_thursday(page)
    assert held_s(site) == 8 * 60
    page.close(run_before_unload=True)
    comes_true(other, lambda: held_s(site) == AWAY_S)
