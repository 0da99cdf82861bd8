"""The call on a visitor's own phone, in a real browser."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from screening.queue.tickets import Act
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import violations
from tests.dashboard.tickets import act, come_in, open_counters, wait
from tests.dashboard.visitor.test_receipt import INSIDE, LINK, Shelf
from tests.dashboard.visitor.test_turn import KEY

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MUTE = "AudioContext|ERR_FAILED"
SHAKEN = (
    "navigator.vibrate = (pattern) => { window.shaken = (window.shaken ?? 0) + 1; return true; };"
)
RANG = "document.body.dataset.rang ?? ''"
NETWORK = "ERR_INTERNET_DISCONNECTED|Failed to fetch"
AT_ONCE_S = 8.0
"""Before the stream says something by itself."""


@pytest.fixture
def shelf(site: Site) -> Shelf:
    shelf = Shelf()
    shelf.receipt = INSIDE
    object.__setattr__(site.fake.office, "receipt_page", shelf.page)
    site.fake.record.facts.put(counters={})
    open_counters(site.fake, "9", services=("TES",))
    come_in(site.fake, "A-901", service="TES")
    come_in(site.fake, "K-014", service="TES", receipt=KEY)
    return shelf


@pytest.mark.usefixtures("shelf")
def test_the_phone_gets_its_call_at_once_and_rings_once(visit: Visit, site: Site) -> None:
    page = visit("/login", size=(320, 640), expected=MUTE)
    page.add_init_script(SHAKEN)
    page.goto(site.address + LINK)
    expect(page.locator(".turn-headline")).to_have_text("1 orang di depan Anda")
    ringer = page.locator("#ring")
    expect(ringer).to_have_text("Bunyikan bila saya dipanggil")
    ringer.focus()
    page.keyboard.press("Enter")
    expect(ringer).to_have_attribute("aria-pressed", "true")
    act(site.fake, Act.CALL_NEXT, "9")
    expect(page.locator(".turn-headline")).to_have_text("Anda berikutnya")
    act(site.fake, Act.DONE, "9")
    assert page.evaluate(RANG) == ""

    page.evaluate(
        """() => new MutationObserver(() => {
          if (document.body.dataset.rang) window.rangAt ??= Date.now();
        }).observe(document.body, { attributes: true })"""
    )
    called_at_s = time.time()
    act(site.fake, Act.CALL_NEXT, "9")
    page.wait_for_function("() => window.rangAt !== undefined")
    assert page.evaluate("window.rangAt") / 1000 - called_at_s < AT_ONCE_S
    expect(page.locator(".turn-headline")).to_have_text("Silakan ke loket 9 sekarang")
    assert page.evaluate("window.shaken") == 1
    rang = page.evaluate(RANG)
    assert rang.startswith("K-014")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320
    assert violations(page) == []

    act(site.fake, Act.MISSED, "9")
    expect(page.locator(".turn[data-kind=missed]")).to_be_visible()
    assert (page.evaluate("window.shaken"), page.evaluate(RANG)) == (1, rang)


@pytest.mark.usefixtures("shelf")
def test_an_old_call_is_shown_and_does_not_ring(visit: Visit, site: Site) -> None:
    act(site.fake, Act.CALL, "9", ticket="K-014")
    wait(site.fake, 180)
    page = visit("/login", size=(360, 740), language="en", expected=MUTE)
    page.add_init_script(SHAKEN)
    page.goto(site.address + LINK)
    expect(page.locator(".turn-headline")).to_have_text("Come to counter 9 now")
    assert page.evaluate(RANG) == ""
    assert violations(page) == []


@pytest.mark.usefixtures("shelf")
def test_the_page_says_that_it_is_old_and_joins_again_by_itself(visit: Visit, site: Site) -> None:
    page = visit(
        LINK, size=(360, 740), expected=f"{MUTE}|ERR_INTERNET_DISCONNECTED|Failed to fetch"
    )
    expect(page.locator(".turn-headline")).to_have_text("1 orang di depan Anda")
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#turn")).to_be_hidden()
    act(site.fake, Act.CALL, "9", ticket="K-014")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator(".turn-headline")).to_have_text("Silakan ke loket 9 sekarang")


@pytest.mark.usefixtures("shelf")
def test_without_scripts_the_page_loads_itself_again(visit: Visit) -> None:
    page = visit(LINK, size=(360, 740), has_scripts=False)
    expect(page.locator(".turn-headline")).to_have_text("1 orang di depan Anda")
    assert page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count() == 1
