"""An officer at a counter, with the keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from screening.queue.tickets import Act
from tests.browser.conftest import Site, Visit, before_its_script
from tests.dashboard.tickets import act, come_in, keep_a_line_waiting, open_counters

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SIZES = ((1366, 768), (1280, 800), (1920, 1080))
BELOW = """() => [...document.querySelectorAll(
    ".person, .acts button, .tools summary, .tools button")]
  .filter((part) => part.checkVisibility() && !part.closest("details > form"))
  .filter((part) => part.getBoundingClientRect().bottom > innerHeight)
  .map((part) => part.textContent.trim())"""


def desk(visit: Visit, site: Site, *labels: str, language: str = "id") -> Page:
    """Counter 9, which these visitors wait for."""
    site.fake.record.facts.put(counters={})
    open_counters(site.fake, "9", "8", services=("LEGALISIR",))
    come_in(site.fake, *labels, service="LEGALISIR", receipt=("BGR", "K7M2-9QXD"))
    return visit("/counter/9", user="rina", size=(1366, 768), language=language)


def press(page: Page, key: str) -> None:
    """A key, when the page is ready for another act."""
    page.locator("#main:not([aria-busy])").wait_for()
    page.keyboard.press(key)


def test_a_visitor_from_the_call_to_the_end_by_keyboard(visit: Visit, site: Site) -> None:
    page = desk(visit, site, "Z-001", "Z-002", "Z-003")
    number, state = page.locator(".person-number"), page.locator(".person-state b")
    press(page, "n")
    expect(number).not_to_have_text("")
    called = number.inner_text()
    press(page, "r")
    expect(page.locator(".person-state")).to_contain_text("dipanggil 2 kali")
    press(page, "a")
    expect(state).to_have_text("sedang dilayani")
    press(page, "e")
    page.keyboard.type("nahdp Berkas kurang")  # no key does anything while one types
    expect(page.locator("#outcome")).to_have_value("nahdp Berkas kurang")
    page.keyboard.press("Enter")
    expect(page.locator(".person-nobody")).to_be_visible()
    press(page, "u")
    expect(number).to_have_text(called)
    press(page, "p")
    expect(page.locator("#parked")).to_contain_text(called)


def test_a_key_counts_before_the_page_s_script_is_there(visit: Visit, site: Site) -> None:
    page = desk(visit, site, "Z-001")
    with before_its_script(page, "counter.js"):
        page.reload(wait_until="commit")
        expect(page.locator(".person-nobody")).to_be_visible()
        page.keyboard.press("n")
    expect(page.locator(".person-number")).to_be_visible()


def test_sending_on_help_and_closing_by_keyboard(visit: Visit, site: Site) -> None:
    page = desk(visit, site, "Z-001")
    other = visit("/counter/8", user="rina", size=(1366, 768))
    press(page, "n")
    expect(page.locator(".person-number")).to_be_visible()
    called = page.locator(".person-number").inner_text()
    press(page, "f")
    expect(page.locator("#send-on-form")).to_be_visible()
    press(page, "2")
    expect(page.locator(".person-nobody")).to_be_visible()
    sent = site.fake.record.queue.view(at=site.fake.clock.now()).waiting
    second = list(site.fake.record.facts.current().services)[1]
    assert next(one for one in sent if one.label == called).service == second
    press(page, "h")
    expect(other.locator("#helps")).to_contain_text("Loket 9 minta bantuan.")
    other.locator("#helps button").click()
    expect(page.locator("#helps")).not_to_contain_text("minta bantuan")
    press(page, "x")
    expect(page.locator(".person-nobody")).to_have_text("Loket ini tutup")
    press(page, "o")
    expect(page.locator(".person-nobody")).to_have_text("Tidak ada orang di loket ini")


def test_keys_can_be_switched_off(visit: Visit, site: Site) -> None:
    page = desk(visit, site, "Z-001")
    page.locator("#keys").click()
    expect(page.locator("#keys")).to_have_text("Tombol huruf mati")
    page.locator("h1").click()
    press(page, "n")
    press(page, "n")
    expect(page.locator(".person-nobody")).to_be_visible()


def test_what_others_do_is_seen_and_a_late_act_is_refused(visit: Visit, site: Site) -> None:
    page = desk(visit, site, "Z-001", "Z-002")
    act(site.fake, Act.CALL, "9", ticket="Z-001")
    expect(page.locator(".person-number")).to_have_text("Z-001")
    page.route("**/events", lambda route: route.abort())
    act(site.fake, Act.DONE, "9")
    press(page, "n")
    expect(page.locator(".person-number, .person-nobody")).not_to_have_text("Z-001")


def test_everything_that_is_pressed_is_in_one_glance(visit: Visit, site: Site) -> None:
    keep_a_line_waiting(site.fake)
    for language in ("id", "en"):
        page = desk(visit, site, "Z-001", language=language)
        act(site.fake, Act.CALL, "9", ticket="Z-001")
        expect(page.locator(".person-number")).to_have_text("Z-001")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(BELOW) == [], (language, width)
        act(site.fake, Act.DONE, "9")


def test_without_scripts_the_forms_work(visit: Visit, site: Site) -> None:
    desk(visit, site, "Z-001")
    page = visit("/counter/9", user="rina", has_scripts=False)
    page.locator("#act-call_next").click()
    expect(page.locator(".person-number")).to_be_visible()
